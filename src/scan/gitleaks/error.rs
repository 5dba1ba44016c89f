//! What is wrong in a gitleaks configuration, and where.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is wrong in a file, where, and what is allowed there. The file's text is not shown: allowlists may hold the
/// very secrets they allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{}:{}: {message}", file.display(), place.0, place.1)]
pub struct Error {
    /// The file.
    pub file: PathBuf,
    /// Line and column, from 1; the column counts characters.
    pub place: (usize, usize),
    /// What was wrong.
    pub message: String,
    /// What is allowed, or what to do.
    pub hint: Option<String>,
}

impl Error {
    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// A file that was read. Its text is never shown.
pub(super) struct Source {
    pub(super) file: PathBuf,
    pub(super) text: String,
}

/// A place in a file. Its line is counted only when somebody has to be told.
#[derive(Debug, Clone)]
pub(super) struct Site {
    source: Arc<Source>,
    at: usize,
}

impl Source {
    pub(super) fn new(file: &Path, text: &str) -> Arc<Self> {
        Arc::new(Self { file: file.to_owned(), text: text.to_owned() })
    }

    pub(super) fn site(self: &Arc<Self>, at: usize) -> Site {
        Site { source: Arc::clone(self), at }
    }

    pub(super) fn error(&self, at: usize, message: impl Into<String>) -> Error {
        let before = self.text.get(..at).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before[line_start..].chars().count() + 1;
        Error { file: self.file.clone(), place: (line, column), message: message.into(), hint: None }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Site {
    pub(super) fn error(&self, message: impl Into<String>) -> Error {
        self.source.error(self.at, message)
    }
}
