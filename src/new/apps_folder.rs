//! The folder that all applications lie in.

use std::path::{Component, Path, PathBuf};

use super::Error;

/// Where repositories keep them, when neither a flag nor the settings lead there.
const USUAL: [&str; 3] = ["k8s/apps", "kubernetes/apps", "apps"];

/// The folder, and why it is that one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppsFolder {
    /// Relative to the root of the repository.
    pub path: PathBuf,
    /// In words, to be read behind it.
    pub why: &'static str,
}

impl AppsFolder {
    /// Finds it: what was named, else the nearest `apps` beside the folder that is synced or above it, else one of the
    /// usual places.
    ///
    /// # Errors
    /// None is there; what was named, in full, leads out of the repository.
    pub fn find(root: &Path, named: Option<&Path>, synced: &str) -> Result<Self, Error> {
        if let Some(named) = named {
            return Ok(Self { path: inside(root, named)?, why: "as named" });
        }
        let synced = Path::new(synced.trim_end_matches('/'));
        let own = synced.ends_with("apps").then(|| synced.to_owned());
        let near = own.into_iter().chain(synced.ancestors().map(|folder| folder.join("apps")));
        let near = near.map(|path| Self { path, why: "the nearest to `git.path`" });
        let usual = USUAL.map(|path| Self { path: path.into(), why: "where it usually is" });
        let mut all: Vec<Self> = near.chain(usual).collect();
        if let Some(index) = all.iter().position(|found| root.join(&found.path).is_dir()) {
            return Ok(all.swap_remove(index));
        }
        let mut looked: Vec<PathBuf> = Vec::new();
        for Self { path, .. } in all {
            if !looked.contains(&path) {
                looked.push(path);
            }
        }
        Err(Error::NoApps(looked))
    }
}

/// A path from the root of the repository on.
fn inside(root: &Path, named: &Path) -> Result<PathBuf, Error> {
    let mut full = PathBuf::new();
    for part in named.components() {
        match part {
            Component::ParentDir => drop(full.pop()),
            Component::CurDir => {}
            part => full.push(part),
        }
    }
    full.strip_prefix(root).map(Path::to_owned).map_err(|_| {
        let why = format!("`{}` is outside of the repository at {}", full.display(), root.display());
        Error::word("`--apps`", why, "write for example `--apps k8s/apps`")
    })
}
