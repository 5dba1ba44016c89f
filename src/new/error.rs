//! Why an application was not made, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use crate::yaml;

/// Why an application was not made. Nothing has been written then.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A word that cannot be what it is to be.
    #[error("{what}: {why}")]
    Word {
        /// What it is to be.
        what: &'static str,
        /// What is wrong with it.
        why: String,
        /// What would be right.
        hint: String,
    },
    /// There is no folder of applications.
    #[error("there is no folder of applications: {}", listed(.0))]
    NoApps(Vec<PathBuf>),
    /// Files that are there say something else.
    #[error("{}; nothing was written", clashing(.0))]
    Clashes(Vec<Clash>),
    /// A folder of manifests without a kustomization, which Flux applies as a whole.
    #[error("{} holds manifests and no kustomization.yaml; with one, Flux would apply only what it lists", .0.display())]
    Unlisted(PathBuf),
    /// The kustomization puts everything into another namespace.
    #[error("{} puts everything into the namespace `{found}`, not `{wanted}`", file.display())]
    OtherNamespace {
        /// The kustomization.
        file: PathBuf,
        /// What it says.
        found: String,
        /// What was asked for.
        wanted: String,
    },
    /// A folder stands where a file belongs.
    #[error("{} is a folder, and a file belongs there", .0.display())]
    Folder(PathBuf),
    /// A file is no YAML, or cannot be edited.
    #[error(transparent)]
    Yaml(#[from] yaml::Error),
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

/// A file that is there and says something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// The file.
    pub file: PathBuf,
    /// The fields in which it does; none where it holds no object of that kind and name.
    pub fields: Vec<String>,
}

impl std::fmt::Display for Clash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let file = self.file.display();
        if self.fields.is_empty() {
            return write!(f, "{file} holds something else");
        }
        let fields: Vec<String> = self.fields.iter().map(|field| format!("`{field}`")).collect();
        write!(f, "{file} says something else in {}", fields.join(", "))
    }
}

fn clashing(clashes: &[Clash]) -> String {
    match clashes {
        [one] => one.to_string(),
        all => format!("{} files are there and say something else", all.len()),
    }
}

fn listed(folders: &[PathBuf]) -> String {
    let folders: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
    format!("neither {}", folders.join(" nor "))
}

impl Error {
    pub(super) fn word(what: &'static str, why: String, hint: impl Into<String>) -> Self {
        Self::Word { what, why, hint: hint.into() }
    }

    pub(super) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File { action, path: path.to_owned(), source }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Word { hint, .. } => hint.clone(),
            Self::NoApps(_) => "name it with `--apps`; it is made where it is not there".into(),
            Self::Clashes(_) => "change by hand what is there, move it away, or take another name".into(),
            Self::Unlisted(folder) => {
                format!(
                    "write one that lists them: `cd {} && kustomize create --autodetect --recursive`",
                    folder.display()
                )
            }
            Self::OtherNamespace { .. } => "use another folder, or have both say the same".into(),
            Self::Folder(folder) => format!("take it away if it is empty: `rmdir {}`", folder.display()),
            Self::Yaml(error) => return error.hint.clone(),
            Self::File { .. } => return None,
        })
    }
}
