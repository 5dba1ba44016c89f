//! `sealstrap init`: a first `sealstrap.yaml`, from what a repository and the machine it lies on show.
//!
//! Only names are read: no value of a Secret, no remote. What cannot be found is left as a comment that says
//! what to set; [`Found::missing`] lists it.

mod external;
mod folder;
mod git;
mod go_task;
mod machine;
mod render;
mod substitute;
mod sync;
mod webhook;

pub(crate) use folder::Folder;
pub use render::render;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::settings::environment::Environment;
use crate::settings::{FILE_NAME, KubernetesRole, SecretPlace, StoreKind};

/// A value and where it was found, in words for a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen<T> {
    value: T,
    place: String,
}

impl<T> Seen<T> {
    fn new(value: T, place: impl Into<String>) -> Self {
        Self { value, place: place.into() }
    }

    fn in_file(value: T, file: &Path) -> Self {
        Self::new(value, format!("`{}`", file.display()))
    }
}

/// What a repository and its machine show.
#[derive(Debug, Default)]
pub struct Found {
    cluster: Option<Seen<String>>,
    context: Option<Seen<String>>,
    namespaces: Option<Seen<Vec<String>>>,
    git: git::Remote,
    path: Option<Seen<String>>,
    vault: Vault,
    store: Option<Seen<Store>>,
    deploy_key: Option<Seen<Kept>>,
    deploy_key_title: Option<Seen<String>>,
    cloudflare: Option<Seen<(String, String)>>,
    webhook: Option<webhook::Webhook>,
    install: Vec<Seen<sync::Install>>,
    instance_brought: Option<String>,
    manifests: Vec<PathBuf>,
    substitute: BTreeMap<String, Option<Seen<String>>>,
    tasks: Vec<(String, &'static str)>,
    notes: Vec<String>,
}

/// Where Vault is and what is kept there.
#[derive(Debug, Default)]
struct Vault {
    address: Option<Seen<String>>,
    /// An address that only Flux can complete, as it stands in the store.
    unresolved: Option<Seen<String>>,
    ca: Option<Seen<PathBuf>>,
    mount: Option<Seen<String>>,
    kv: Option<Seen<String>>,
    prefix: Option<Seen<String>>,
    readable: Option<Seen<Vec<String>>>,
    policy: Option<Seen<String>>,
    token_secret: Option<Seen<SecretPlace>>,
    ca_secret: Option<Seen<SecretPlace>>,
}

/// The store of External Secrets.
#[derive(Debug, Clone)]
struct Store {
    kind: StoreKind,
    name: String,
    login: Option<KubernetesRole>,
}

/// A secret that is kept in Vault and made into a Secret of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Kept {
    /// The path below mount and prefix.
    vault: String,
    /// The key at that path.
    key: String,
    /// The Secret that External Secrets makes.
    secret: SecretPlace,
}

impl Found {
    /// Reads the repository at `root`, the kubeconfig and the environment.
    #[must_use]
    pub fn look(root: &Path) -> Self {
        Self::look_in(root, &Environment::read())
    }

    /// The same in a given environment.
    #[must_use]
    pub fn look_in(root: &Path, environment: &Environment) -> Self {
        let folder = Folder::read(root);
        let mut found = Self { git: git::look(root), ..Self::default() };
        sync::look(&folder, &mut found);
        external::look(&folder, &mut found);
        webhook::look(&folder, &mut found);
        substitute::look(&folder, &mut found);
        go_task::look(&folder, &mut found);
        machine::look(root, &folder, environment, &mut found);
        found
    }

    /// The settings that nothing showed and that have no default: to be set by hand.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let git = &self.git;
        [
            ("git.repository", git.repository.is_none()),
            ("git.host", git.host.is_none() && git.repository.is_some()),
            ("vault.address", self.vault.address.is_none()),
            ("webhook.url", self.webhook.as_ref().is_some_and(|webhook| webhook.url.is_none())),
            ("substitute", self.substitute.values().any(Option::is_none)),
        ]
        .into_iter()
        .filter_map(|(setting, missing)| missing.then_some(setting))
        .collect()
    }
}

/// Why no file was written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is one already.
    #[error("`{}` exists; nothing was written", .0.display())]
    Exists(PathBuf),
    /// It cannot be written.
    #[error("cannot write {}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
}

impl Error {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Exists(_) => Some("edit it, or move it away and run `sealstrap init` again".into()),
            Self::File { .. } => None,
        }
    }
}

/// Writes the settings file into `root`: whole or not at all, and never over one that is there.
///
/// # Errors
/// A file of that name exists, or the folder cannot be written to.
pub fn write(root: &Path, text: &str) -> Result<PathBuf, Error> {
    let file = root.join(FILE_NAME);
    if file.symlink_metadata().is_ok() {
        return Err(Error::Exists(file));
    }
    let failed = |source| Error::File { file: file.clone(), source };
    let mut part = tempfile::Builder::new().prefix(".sealstrap").tempfile_in(root).map_err(failed)?;
    part.write_all(text.as_bytes()).and_then(|()| part.as_file().sync_all()).map_err(failed)?;
    readable(part.as_file()).map_err(failed)?;
    match part.persist_noclobber(&file) {
        Ok(_) => Ok(file),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Err(Error::Exists(file)),
        Err(error) => Err(failed(error.error)),
    }
}

/// A temporary file is for its owner only; the settings hold no secret and are committed.
fn readable(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(test)]
mod tests;
