//! Where Git looks for the hooks of a repository, and whose place that is.

use std::path::{Path, PathBuf};

use super::{Error, Kind};
use crate::scan::git::{self, ask_path};
use crate::scan::{self, GitError};

/// The folder of the hooks.
pub(super) struct Place {
    pub(super) folder: PathBuf,
    /// The one that the repository has by itself.
    pub(super) own: PathBuf,
    pub(super) home: Home,
    /// Whether commits are made here: not in a bare repository.
    pub(super) has_tree: bool,
}

/// Whose folder it is.
#[derive(Debug, PartialEq, Eq)]
pub enum Home {
    /// The repository's own. All its working trees share it.
    Own,
    /// A folder of the working tree, which can be committed: the hook is then everybody's who uses the folder.
    Tree,
    /// Outside of the repository: others may use it too.
    Elsewhere {
        /// The file that says so; nothing where it is a link that leads there.
        set_in: Option<String>,
    },
}

impl Place {
    /// The hooks of the repository that a folder is in.
    ///
    /// # Errors
    /// It is in none, or Git refuses.
    pub(super) fn of(from: &Path) -> Result<Self, Error> {
        let has_tree = match scan::prefix(from) {
            Ok(_) => true,
            Err(GitError::NoTree) => false,
            Err(error) => return Err(error.into()),
        };
        let top = if has_tree { "--show-toplevel" } else { "--absolute-git-dir" };
        let top = ask_path(from, &["rev-parse", top])?;
        let common = ask_path(&top, &["rev-parse", "--git-common-dir"])?;
        let folder = ask_path(&top, &["rev-parse", "--git-path", "hooks"])?;
        let is_in = |parent: &Path| real(&folder).starts_with(real(parent));
        let home = if is_in(&common) {
            Home::Own
        } else if is_in(&top) {
            Home::Tree
        } else {
            Home::Elsewhere { set_in: setting(&top) }
        };
        Ok(Self { folder, own: common.join("hooks"), home, has_tree })
    }

    /// A hook, and the name of the one that was there before.
    pub(super) fn names(&self, kind: Kind) -> (PathBuf, PathBuf) {
        let name = kind.name();
        (self.folder.join(name), self.folder.join(format!("{name}.before-sealstrap")))
    }
}

/// The path without links, as far as it is there.
fn real(path: &Path) -> PathBuf {
    let known = path.ancestors().find_map(|known| Some((known, known.canonicalize().ok()?)));
    let Some((known, real)) = known else { return path.to_owned() };
    path.strip_prefix(known).map_or_else(|_| path.to_owned(), |rest| real.join(rest))
}

/// The file that sets `core.hooksPath`.
fn setting(top: &Path) -> Option<String> {
    let said = git::ask(top, &["config", "--show-origin", "--get", "core.hooksPath"]).ok()?;
    let said = String::from_utf8_lossy(&said);
    let (origin, _) = said.split_once('\t')?;
    Some(origin.strip_prefix("file:").unwrap_or(origin).to_owned())
}
