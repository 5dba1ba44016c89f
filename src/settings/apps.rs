//! The part of the settings that a new application needs. It can be read alone: files are made with neither Vault nor
//! a Git host.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::check;
use super::environment::Environment;
use super::load::{self, Error, Overrides};
use super::places::{self, ExternalSecrets, Store};
use super::{NamespaceSettings, defaults};
use crate::yaml::{Segment, Tree};

/// What a new application needs of the settings.
#[derive(Debug, Clone)]
pub struct AppSettings {
    /// The folder that is synced.
    pub path: String,
    /// The mount of the KV engine.
    pub mount: String,
    /// The folder below the mount under which all paths of this cluster lie; empty for the mount itself.
    pub prefix: String,
    /// The store of External Secrets, where the file names one.
    pub store: Option<Store>,
    /// Where the values of a Secret are kept below the mount, as `externalSecrets.path` says it.
    pub pattern: String,
    /// The version of External Secrets, where the file says one.
    pub version: Option<String>,
    /// How often values are read again.
    pub refresh_interval: String,
    /// Namespaces that a bootstrap makes, by name.
    pub namespaces: BTreeMap<String, NamespaceSettings>,
    /// The folder of the file.
    pub root: PathBuf,
}

/// The fields of the file that are read for it; all others are left to the verbs that need them.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Part {
    git: GitPart,
    vault: VaultPart,
    external_secrets: ExternalSecretsPart,
    cluster: ClusterPart,
}

#[derive(Deserialize)]
#[serde(default)]
struct GitPart {
    path: String,
}

#[derive(Deserialize)]
#[serde(default)]
struct VaultPart {
    mount: String,
    prefix: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ExternalSecretsPart {
    store: Option<Store>,
    path: String,
    version: Option<String>,
    refresh_interval: String,
}

#[derive(Deserialize)]
#[serde(default)]
struct ClusterPart {
    #[serde(deserialize_with = "places::namespaces")]
    namespaces: BTreeMap<String, NamespaceSettings>,
}

impl Default for GitPart {
    fn default() -> Self {
        Self { path: defaults::path() }
    }
}

impl Default for VaultPart {
    fn default() -> Self {
        Self { mount: defaults::mount(), prefix: defaults::prefix() }
    }
}

impl Default for ExternalSecretsPart {
    fn default() -> Self {
        let ExternalSecrets { path, version, refresh_interval, .. } = ExternalSecrets::default();
        Self { store: None, path, version, refresh_interval }
    }
}

impl Default for ClusterPart {
    fn default() -> Self {
        Self { namespaces: defaults::namespaces() }
    }
}

impl AppSettings {
    /// Finds the file as [`super::Settings::load`] does and reads this part of it; nothing where there is no file.
    ///
    /// # Errors
    /// An unreadable file, a wrong field with its place.
    pub fn load(folder: &Path, flags: &Overrides) -> Result<Option<Self>, Error> {
        match load::open(folder, flags, &Environment::read()) {
            Ok((file, text)) => Self::of_text(&file, &text).map(Some),
            Err(Error::Missing(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// This part of a text that is the settings of a file, which need not exist.
    ///
    /// # Errors
    /// A wrong field with its place.
    pub fn of_text(file: &Path, text: &str) -> Result<Self, Error> {
        let tree = Tree::parse(file, text)?;
        let Part { git, vault, external_secrets, cluster } = tree.typed(&tree.value, &[])?;
        let wrong = |section: &str, key: &str, why: String| {
            Error::from(tree.error(&[Segment::from(section), Segment::from(key)], why))
        };
        check::folder(&git.path).map_err(|why| wrong("git", "path", why))?;
        if !vault.prefix.is_empty() {
            check::vault_path(&vault.prefix).map_err(|why| wrong("vault", "prefix", why))?;
        }
        Ok(Self {
            path: git.path,
            mount: vault.mount,
            prefix: vault.prefix,
            store: external_secrets.store,
            pattern: external_secrets.path,
            version: external_secrets.version,
            refresh_interval: external_secrets.refresh_interval,
            namespaces: cluster.namespaces,
            root: file.parent().map(Path::to_owned).unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<AppSettings, Error> {
        AppSettings::of_text(Path::new("/r/sealstrap.yaml"), text)
    }

    #[test]
    fn what_the_file_does_not_say_is_that_of_the_reference_flow() {
        let settings = read("").unwrap();
        assert_eq!(
            (&*settings.path, &*settings.prefix, &*settings.mount),
            ("k8s/flux/cluster", "k8s", "secret")
        );
        assert_eq!(settings.root, Path::new("/r"));
        assert!(settings.store.is_none() && settings.namespaces.contains_key("flux-system"));
    }

    #[test]
    fn it_is_read_beside_all_else() {
        let settings = read(
            "git: {path: kubernetes/flux, repository: a/b}\nvault: {prefix: '', mount: kv}\n\
             externalSecrets: {store: {name: lab}, version: '2.5', path: '{name}', refreshInterval: 15m}\ncluster: {name: x, namespaces: [a]}\nflux: {}\n",
        );
        let settings = settings.unwrap();
        assert_eq!((&*settings.path, &*settings.prefix, &*settings.mount), ("kubernetes/flux", "", "kv"));
        assert_eq!((&*settings.pattern, settings.version.as_deref()), ("{name}", Some("2.5")));
        assert_eq!(settings.refresh_interval, "15m");
        assert_eq!(settings.store.unwrap().name, "lab");
        assert_eq!(settings.namespaces.keys().collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn what_is_no_folder_or_no_path_is_refused_at_its_place() {
        let said = |text: &str| read(text).unwrap_err().to_string();
        assert!(
            said("git: {path: ../a}").starts_with("/r/sealstrap.yaml:1:13: "),
            "{}",
            said("git: {path: ../a}")
        );
        assert!(said("vault: {prefix: /a}").contains("a slash too many"));
    }
}
