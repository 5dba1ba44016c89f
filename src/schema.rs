//! The JSON Schemas of our files and of the events.

use std::path::Path;

/// All schemas: name and text.
#[expect(clippy::todo, reason = "skeleton")]
#[must_use]
pub fn all() -> Vec<(&'static str, String)> {
    todo!()
}

/// Writes them all into a folder.
///
/// # Errors
/// A file cannot be written.
#[expect(unused_variables, clippy::todo, reason = "skeleton")]
pub fn write_all(folder: &Path) -> std::io::Result<()> {
    todo!()
}
