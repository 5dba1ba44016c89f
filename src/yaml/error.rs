//! What is wrong in a file, and where.

use std::path::PathBuf;

/// What is wrong in a file, where, and what is allowed there.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}{}: {message}", file.display(), place.map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default())]
pub struct Error {
    /// The file.
    pub file: PathBuf,
    /// Line and column, from 1.
    pub place: Option<(usize, usize)>,
    /// What was wrong.
    pub message: String,
    /// The line with a caret under the place; never for manifests.
    pub snippet: Option<String>,
    /// What is allowed, the nearest name, what to do.
    pub hint: Option<String>,
}
