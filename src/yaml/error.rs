//! What is wrong in a file, and where.

use std::path::{Path, PathBuf};

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

/// A stretch of one line: line and column from 1, width in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) width: usize,
}

impl Spot {
    /// Where a file begins.
    pub(super) const START: Self = Self { line: 1, column: 1, width: 1 };
}

/// A complaint about a stretch of text, before it is known whether that text may be shown.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) spot: Spot,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl Fault {
    pub(super) fn new(spot: Spot, message: impl Into<String>) -> Self {
        Self { spot, message: message.into(), hint: None }
    }

    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// For a file of ours: the line is shown.
    pub(super) fn shown(self, file: &Path, text: &str) -> Error {
        let snippet = snippet(text, self.spot);
        Error { snippet, ..self.unshown(file) }
    }

    /// For a manifest: the place only, since any line of it may hold a secret.
    pub(super) fn unshown(self, file: &Path) -> Error {
        Error {
            file: file.to_owned(),
            place: Some((self.spot.line, self.spot.column)),
            message: self.message,
            snippet: None,
            hint: self.hint,
        }
    }
}

/// Characters of a line that are shown at most.
const WIDEST: usize = 120;

/// The line of a place, with carets under it.
fn snippet(text: &str, spot: Spot) -> Option<String> {
    let line = text.lines().nth(spot.line.checked_sub(1)?)?;
    let from = (spot.column + spot.width).saturating_sub(WIDEST);
    let shown: String = line.chars().skip(from).take(WIDEST).collect();
    // A tab before the place stays a tab, so that the caret stands under it at any tab width.
    let before: String = line
        .chars()
        .chain(std::iter::repeat(' '))
        .skip(from)
        .take(spot.column.saturating_sub(1).saturating_sub(from))
        .map(|c| if c == '\t' { '\t' } else { ' ' })
        .collect();
    let carets = "^".repeat(spot.width.clamp(1, WIDEST));
    let number = spot.line.to_string();
    let margin = " ".repeat(number.len());
    Some(format!("{margin} |\n{number} | {shown}\n{margin} | {before}{carets}"))
}

#[cfg(test)]
mod tests {
    use super::{Spot, snippet};

    #[test]
    fn the_carets_stand_under_the_place() {
        let shown = snippet("a: 1\n\tb: x\n", Spot { line: 2, column: 5, width: 1 }).unwrap();
        assert_eq!(shown, "  |\n2 | \tb: x\n  | \t   ^");
    }

    #[test]
    fn a_long_line_is_cut_so_that_the_place_is_seen() {
        let text = format!("{}wrong: 1", "x".repeat(400));
        let shown = snippet(&text, Spot { line: 1, column: 401, width: 5 }).unwrap();
        assert!(shown.lines().all(|line| line.chars().count() < 130), "{shown}");
        let (line, carets) = (shown.lines().nth(1).unwrap(), shown.lines().nth(2).unwrap());
        assert_eq!(line.find("wrong"), carets.find('^'), "{shown}");
    }
}
