//! Files written together: all of them, or none.

use std::path::{Path, PathBuf};

use super::{Draft, Error};
use crate::file::{self, Audience, Expected, Staged};

/// Writes what differs, and the folders that it needs. Where a file cannot be written, or somebody else changed one
/// meanwhile, no folder is left that was not there.
///
/// # Errors
/// The system's word.
pub fn write(root: &Path, drafts: &[Draft]) -> Result<(), Error> {
    let mut folders = Vec::new();
    let written = all(root, drafts, &mut folders);
    if written.is_err() {
        for folder in folders.iter().rev() {
            // One that is no longer empty is somebody's.
            drop(std::fs::remove_dir(folder));
        }
    }
    written
}

fn all(root: &Path, drafts: &[Draft], folders: &mut Vec<PathBuf>) -> Result<(), Error> {
    let mut staged = Vec::new();
    for draft in drafts.iter().filter(|draft| !draft.is_held()) {
        let folder = root.join(&draft.path).parent().map(Path::to_owned).unwrap_or_default();
        make(&folder, folders).map_err(Error::file("make", &folder))?;
        staged.push(stage(root, draft)?);
    }
    file::commit(staged).map_err(|(file, source)| {
        let path = file.strip_prefix(root).unwrap_or(&file);
        Error::file("write", path)(source)
    })
}

fn stage(root: &Path, draft: &Draft) -> Result<Staged, Error> {
    let expected = draft.before.as_ref().map_or(Expected::Nothing, |text| Expected::read(text.as_bytes()));
    file::stage(&root.join(&draft.path), draft.after.as_bytes(), Audience::Anybody, expected)
        .map_err(Error::file("write", &draft.path))
}

/// Makes a folder and those above it, and notes which were not there.
fn make(folder: &Path, made: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let missing: Vec<&Path> = folder.ancestors().take_while(|folder| !folder.exists()).collect();
    for folder in missing.into_iter().rev() {
        std::fs::create_dir(folder)?;
        made.push(folder.to_owned());
    }
    Ok(())
}
