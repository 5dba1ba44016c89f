//! Why a hook was not put in its place, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use super::{Kind, Manager};
use crate::scan::GitError;

/// Why a hook was not put in its place, or not taken away.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no repository, or Git refuses.
    #[error(transparent)]
    Git(#[from] GitError),
    /// Another program writes the hooks.
    #[error("{} writes {}, and would not keep another hook there", manager.name(), hook.display())]
    Managed {
        /// Who.
        manager: Manager,
        /// Which of them.
        kind: Kind,
        /// The hook.
        hook: PathBuf,
    },
    /// The folder of the hooks is not the repository's.
    #[error("Git looks for hooks in {}, which is outside of this repository{}", folder.display(), said_in(set_in.as_deref()))]
    Elsewhere {
        /// The folder.
        folder: PathBuf,
        /// The file that says so.
        set_in: Option<String>,
        /// The folder of hooks that the repository would have by itself.
        own: PathBuf,
    },
    /// The name under which the hook that is there would be kept is taken.
    #[error("{} cannot be kept as {}: that is there already", hook.display(), aside.display())]
    Aside {
        /// The name.
        aside: PathBuf,
        /// The hook.
        hook: PathBuf,
    },
    /// The system refuses.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was tried, to be read after "cannot".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's word.
        source: io::Error,
    },
}

fn said_in(file: Option<&str>) -> String {
    file.map(|file| format!(": `core.hooksPath` in {file}")).unwrap_or_default()
}

impl Error {
    pub(super) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { action, path, source }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Git(error) => error.hint().map(str::to_owned),
            Self::Managed { manager, kind, .. } => Some(manager.hint(*kind)),
            // Written out: a relative path means something else in another working tree.
            Self::Elsewhere { own, .. } => Some(format!(
                "a hook there may run in other repositories too: where that is meant, `--force`; else give this one its \
                 own hooks: `git config core.hooksPath '{}'`",
                own.display()
            )),
            Self::Aside { .. } => Some("see which of both is needed, and move the other one away".into()),
            Self::File { .. } => None,
        }
    }
}
