//! What is asked for: a name, a namespace, a chart, and the keys of a secret.

use super::Error;
use crate::settings::{Store, label, nearest_label, secret_key, subdomain};

/// A new application.
#[derive(Debug, Clone)]
pub struct App {
    /// Its name: that of its folder, of the HelmRelease and of the Kustomization.
    pub name: String,
    /// The namespace that it runs in, and the folder that its own lies in.
    pub namespace: String,
    /// What is installed.
    pub chart: Chart,
    /// The secret that it needs.
    pub secret: Option<Secret>,
}

/// A chart, and where it comes from.
#[derive(Debug, Clone)]
pub enum Chart {
    /// Of a HelmRepository, which is elsewhere.
    Repository {
        /// Its name.
        chart: String,
        /// Its version, or a range of versions.
        version: String,
        /// The HelmRepository.
        repository: Place,
    },
    /// An OCI artifact, with an OCIRepository of its own.
    Artifact {
        /// `oci://registry/repository`.
        url: String,
        /// Its tag.
        version: String,
    },
}

/// The name of an object and its namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
}

/// A secret that External Secrets makes.
#[derive(Debug, Clone)]
pub struct Secret {
    /// The store that it comes from.
    pub store: Store,
    /// The path below the store's mount.
    pub path: String,
    /// Its keys, both in the Secret and at the path.
    pub keys: Vec<String>,
    /// How often they are read again, in the operator's spelling.
    pub refresh_interval: String,
    /// What the API server writes into a reference that does not say it.
    pub defaults: Vec<(&'static str, &'static str)>,
}

impl App {
    /// Refuses what Kubernetes, Helm or Flux would.
    ///
    /// # Errors
    /// [`Error::Word`].
    pub(super) fn check(&self) -> Result<(), Error> {
        /// The longest name of a release of Helm; Flux makes another one of a longer name.
        const LONGEST: usize = 53;
        of_label("the name of the application", &self.name)?;
        if self.name.len() > LONGEST {
            let hint = "choose a shorter one";
            return Err(Error::word("the name of the application", too_long(&self.name, LONGEST), hint));
        }
        of_label("the namespace", &self.namespace)?;
        self.chart.check()?;
        let Some(secret) = &self.secret else { return Ok(()) };
        subdomain(&secret.store.name)
            .map_err(|why| Error::word("the name of the store", why, "write for example `vault-backend`"))?;
        secret.keys.iter().try_for_each(|key| {
            secret_key(key).map_err(|why| Error::word("`--secret`", why, "write for example `password`"))
        })
    }
}

impl Chart {
    fn check(&self) -> Result<(), Error> {
        let version = match self {
            Self::Repository { chart, version, repository } => {
                let hint = "write it as the repository's index does, for example `podinfo`";
                let why =
                    || format!("`{chart}` is none: letters, digits, `-`, `_`, `.` and `/` can stand in it");
                sound(chart, "-_./").then_some(()).ok_or_else(|| Error::word("the chart", why(), hint))?;
                subdomain(&repository.name).map_err(|why| {
                    Error::word("the HelmRepository", why, "write `--repo NAME`, or `--repo NAME/NAMESPACE`")
                })?;
                of_label("the namespace of the HelmRepository", &repository.namespace)?;
                version
            }
            Self::Artifact { url, version } => {
                let path = url.strip_prefix("oci://").unwrap_or_default();
                let is_one = path.contains('/') && !path.contains("//") && sound(path, "-_./:");
                let why = || format!("`{url}` is not an address, `oci://registry/repository`");
                let hint = "write it without a tag, and that as `--version`";
                let has_tag = path.rsplit('/').next().is_some_and(|last| last.contains(':'));
                (is_one && !has_tag).then_some(()).ok_or_else(|| Error::word("`--oci`", why(), hint))?;
                version
            }
        };
        let why = || format!("`{version}` is none");
        let is_one = !version.is_empty() && version.chars().all(|c| c.is_ascii_graphic() || c == ' ');
        is_one.then_some(()).ok_or_else(|| Error::word("the version", why(), "write for example `1.2.3`"))
    }
}

fn of_label(what: &'static str, name: &str) -> Result<(), Error> {
    label(name).map_err(|why| Error::word(what, why, format!("for example `{}`", nearest_label(name))))
}

fn too_long(name: &str, longest: usize) -> String {
    format!("`{name}` has {} characters, and a release of Helm at most {longest}", name.len())
}

/// Letters, digits, and some more, of which none stands at the beginning.
fn sound(text: &str, more: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
        && !text.split('/').any(|part| matches!(part, "" | "." | ".."))
}
