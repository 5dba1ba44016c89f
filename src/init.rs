//! A first `sealstrap.yaml`, made from what the repository and its remotes show.

use std::path::{Path, PathBuf};

/// What was found.
#[derive(Debug)]
pub struct Found {}

/// Why no file was written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is one already.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
}

#[expect(unused_variables, clippy::todo, reason = "skeleton")]
impl Found {
    /// Looks around in a folder.
    #[must_use]
    pub fn look(root: &Path) -> Self {
        todo!()
    }
}

/// The text of the file.
#[expect(unused_variables, clippy::todo, reason = "skeleton")]
#[must_use]
pub fn render(found: &Found) -> String {
    todo!()
}

/// Writes it, where there is none.
///
/// # Errors
/// There is one, or it cannot be written.
#[expect(unused_variables, clippy::todo, reason = "skeleton")]
pub fn write(root: &Path, text: &str) -> Result<PathBuf, Error> {
    todo!()
}
