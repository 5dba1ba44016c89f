//! The part of the settings about sealing. It can be read alone: sealing a file needs neither Vault nor a Git host.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Period;
use super::check;
use super::environment::Environment;
use super::load::{self, Error, Overrides};
use super::places::InstallFrom;
use crate::yaml;

/// Sealing: whom for, and under which scope.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Sealing {
    /// The certificate to seal with for the cluster of these settings: a PEM file or an address; the file
    /// `keys/sealing.pem` when absent, and where that is not there, what the controller serves.
    pub certificate: Option<String>,
    /// The SHA-256 of that certificate in hexadecimal digits. With another one nothing is sealed.
    pub fingerprint: Option<String>,
    /// The controller of that cluster.
    pub controller: SealingController,
    /// How the task `install-sealed-secrets` installs the controller; nothing is installed when absent.
    pub install: Option<InstallFrom>,
    /// The folder that sealed files of a bootstrap are kept in, best within the one that is synced; `sealed` in that
    /// one when absent.
    pub files: Option<PathBuf>,
    /// How far a sealed value may travel, where neither the Secret nor a flag says so.
    pub scope: SealingScope,
    /// The age of a certificate from which sealing warns that the controller may have a newer one.
    pub warn_after: Period,
    /// Further clusters, by name, for `seal --cluster NAME`.
    pub clusters: BTreeMap<String, SealingCluster>,
    /// A recipient whose private key is kept offline: `seal` makes one more file for it.
    pub recovery: Option<SealingRecipient>,
}

/// Another cluster to seal for.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SealingCluster {
    /// Its certificate: a PEM file or an address; the file `keys/sealing-NAME.pem` when absent.
    pub certificate: Option<String>,
    /// The SHA-256 of that certificate in hexadecimal digits.
    pub fingerprint: Option<String>,
    /// Its kubeconfig context.
    pub context: Option<String>,
    /// Its controller.
    pub controller: SealingController,
}

/// A recipient without a cluster.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SealingRecipient {
    /// Its certificate or public key: a PEM file or an address.
    pub certificate: String,
    /// The SHA-256 of it in hexadecimal digits.
    #[serde(default)]
    pub fingerprint: Option<String>,
}

/// The Service of a sealed-secrets controller.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SealingController {
    /// Its namespace; also that of its keys.
    pub namespace: String,
    /// Its name; the Helm chart calls it `sealed-secrets` unless told otherwise.
    pub name: String,
}

/// How far a sealed value may travel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SealingScope {
    /// Bound to namespace and name.
    #[default]
    Strict,
    /// Bound to the namespace.
    NamespaceWide,
    /// Bound to nothing but the cluster's key.
    ClusterWide,
}

impl Default for Sealing {
    fn default() -> Self {
        Self {
            certificate: None,
            fingerprint: None,
            controller: SealingController::default(),
            install: None,
            files: None,
            scope: SealingScope::default(),
            // The controller makes a new key each 30 days.
            warn_after: Period::hours(60 * 24),
            clusters: BTreeMap::new(),
            recovery: None,
        }
    }
}

impl Default for SealingController {
    fn default() -> Self {
        Self { namespace: "kube-system".into(), name: "sealed-secrets-controller".into() }
    }
}

/// What sealing a file needs of the settings.
#[derive(Debug, Clone, Default)]
pub struct SealingSettings {
    /// The part about sealing.
    pub sealing: Sealing,
    /// The cluster's name; empty where there is no file.
    pub cluster: String,
    /// The kubeconfig context; the current one when absent.
    pub context: Option<String>,
    /// The kubeconfig file, in full.
    pub kubeconfig: Option<PathBuf>,
    /// The folder of the file, or the one that was asked from where there is none: paths are relative to it.
    pub root: PathBuf,
}

/// The fields of the file that are read for it; all others are left to the verbs that need them.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Part {
    sealing: Sealing,
    cluster: ClusterPart,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ClusterPart {
    name: String,
    context: Option<String>,
    kubeconfig: Option<PathBuf>,
}

impl SealingSettings {
    /// Finds the file as [`super::Settings::load`] does and reads this part of it; where there is no file, everything
    /// has its default.
    ///
    /// # Errors
    /// An unreadable file, a wrong field with its place.
    pub fn load(folder: &Path, flags: &Overrides) -> Result<Self, Error> {
        let environment = Environment::read();
        let mut settings = match load::open(folder, flags, &environment) {
            Ok((file, text)) => Self::of_text(&file, &text)?,
            Err(Error::Missing(_)) => Self { root: folder.to_owned(), ..Self::default() },
            Err(error) => return Err(error),
        };
        settings.context = flags.context.clone().or(environment.context).or(settings.context);
        settings.kubeconfig = flags.kubeconfig.clone().or(settings.kubeconfig);
        Ok(settings)
    }

    fn of_text(file: &Path, text: &str) -> Result<Self, Error> {
        let tree = yaml::Tree::parse(file, text)?;
        let Part { sealing, cluster } = tree.typed(&tree.value, &[])?;
        check::sealing(&tree, &sealing)?;
        let root = file.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Self {
            sealing,
            cluster: cluster.name,
            context: cluster.context,
            kubeconfig: cluster.kubeconfig.map(|file| root.join(file)),
            root,
        })
    }
}
