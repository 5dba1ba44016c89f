//! `sealstrap.yaml` with the environment and the flags laid over it: every question answered, nothing left
//! to guess. The types here are also the JSON Schema of the file.

mod apps;
mod check;
pub mod environment;
mod external;
mod load;
mod period;
mod places;
mod remote_url;
mod scan;
mod sealing;
mod vault;

pub use apps::AppSettings;
pub use external::ExternalSettings;
pub use load::{Error, FILE_NAME, Overrides};
pub use period::Period;
pub use places::{
    ExternalSecrets, Flux, FluxInstance, HelmChart, HttpManifest, Install, InstallFrom, KubernetesRole,
    KvEngine, Login, SecretName, SecretPlace, Store, StoreKind,
};
pub use remote_url::RemoteUrl;
pub use scan::{Scanning, ScanningArea, ScanningDummies, ScanningLevel, ScanningSettings};
pub use sealing::{
    Sealing, SealingCluster, SealingController, SealingRecipient, SealingScope, SealingSettings,
};
pub use vault::{AppRole, KubernetesLogin, VaultLogin, VaultSettings};

pub(crate) use check::{label, nearest_label, secret_key, subdomain};

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::source::Source;

/// The settings of one cluster in one GitOps repository.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "sealstrap.yaml")]
pub struct Settings {
    /// The runbook that `sealstrap bootstrap` performs. `SEALSTRAP_RUNBOOK` stands over it.
    #[serde(default = "defaults::runbook")]
    pub runbook: String,
    /// The cluster.
    pub cluster: ClusterSettings,
    /// The Git host and the repository that the cluster syncs from.
    pub git: GitSettings,
    /// Vault or OpenBao; without an address for runbooks that use none.
    #[serde(default)]
    pub vault: VaultSettings,
    /// Values of yours that the cluster needs, by a name of your choice; `cloudflare` is the one that the
    /// task `store-cf-api-token` stores.
    #[serde(default)]
    pub secrets: BTreeMap<String, StoredSecret>,
    /// The push webhook from the Git host to Flux; without it none is registered.
    #[serde(default)]
    pub webhook: Option<WebhookSettings>,
    /// External Secrets: the store and what is applied with it.
    #[serde(default)]
    pub external_secrets: ExternalSecrets,
    /// Flux: what is installed, and the FluxInstance.
    #[serde(default)]
    pub flux: Flux,
    /// Sealing: whom for, and under which scope.
    #[serde(default)]
    pub sealing: Sealing,
    /// Scanning: which files, and what is made of what is found in them.
    #[serde(default)]
    pub scan: Scanning,
    /// Values for `${NAME}` in manifests that are applied, as Flux's `postBuild.substitute`.
    #[serde(default)]
    pub substitute: BTreeMap<String, String>,
    /// Deadlines.
    #[serde(default)]
    pub timeouts: Timeouts,
    /// The folder of the file; paths in it are relative to it. Not part of the file.
    #[serde(skip)]
    pub root: PathBuf,
    /// The folder that files of the repository are kept in during a rehearsal, instead of the repository. Not part
    /// of the file.
    #[serde(skip)]
    pub scratch: Option<PathBuf>,
}

/// The cluster and what must exist in it first.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClusterSettings {
    /// A name for this cluster; titles of deploy keys and marks of ownership carry it.
    pub name: String,
    /// The kubeconfig context; the current one when absent. `SEALSTRAP_CONTEXT` stands over it.
    #[serde(default)]
    pub context: Option<String>,
    /// The kubeconfig file; `KUBECONFIG`, then `~/.kube/config`, then the in-cluster account when absent.
    #[serde(default)]
    pub kubeconfig: Option<PathBuf>,
    /// Namespaces that must exist, by name.
    #[serde(default = "defaults::namespaces")]
    #[schemars(with = "NamespaceListOrMap")]
    #[serde(deserialize_with = "places::namespaces")]
    pub namespaces: BTreeMap<String, NamespaceSettings>,
}

/// Either a list of names, or names with labels and the like.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum NamespaceListOrMap {
    Names(Vec<String>),
    Described(BTreeMap<String, NamespaceSettings>),
}

/// What a namespace carries.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NamespaceSettings {
    /// Labels that it must have.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Annotations that it must have.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// The Pod Security Standard that is enforced.
    #[serde(default)]
    pub pod_security: Option<PodSecurity>,
}

/// A level of the Pod Security Standards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PodSecurity {
    /// No restriction.
    Privileged,
    /// Known privilege escalations prevented.
    Baseline,
    /// Current hardening practice.
    Restricted,
}

/// The Git host and the repository.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GitSettings {
    /// Which API the host speaks.
    #[serde(default)]
    pub host: GitHostKind,
    /// The API's base address: needed for GitHub Enterprise (`https://HOST/api/v3`) and Gitea (`https://HOST`).
    #[serde(default)]
    pub api: Option<String>,
    /// A PEM file with the authorities that vouch for the API, where the system's do not.
    #[serde(default)]
    pub ca: Option<PathBuf>,
    /// `owner/name`.
    pub repository: String,
    /// The branch that is synced.
    #[serde(default = "defaults::branch")]
    pub branch: String,
    /// The folder that is synced.
    #[serde(default = "defaults::path")]
    pub path: String,
    /// The host and port that SSH connects to, `host` or `host:port`; the web host's name when absent.
    #[serde(default)]
    pub ssh: Option<String>,
    /// A `known_hosts` file with the host's keys, for hosts whose API does not publish them.
    #[serde(default)]
    pub known_hosts: Option<PathBuf>,
    /// How sealstrap logs in to the API.
    #[serde(default)]
    pub login: GitLogin,
    /// The deploy key.
    #[serde(default)]
    pub deploy_key: DeployKeySettings,
}

/// Which API a Git host speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum GitHostKind {
    /// GitHub or GitHub Enterprise Server.
    #[default]
    Github,
    /// Gitea or Forgejo.
    Gitea,
}

/// How to log in to the Git host's API.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum GitLogin {
    /// A token: personal, fine-grained or of an installation.
    Token(Source),
    /// A GitHub App.
    App(GitHubApp),
}

/// A GitHub App's identity.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GitHubApp {
    /// The App's id.
    pub id: u64,
    /// The installation's id; found by the repository when absent.
    #[serde(default)]
    pub installation: Option<u64>,
    /// The App's private key, PEM.
    pub private_key: Source,
}

/// The deploy key: its kind, its title at the host, and where it is kept.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct DeployKeySettings {
    /// The kind of key.
    pub algorithm: KeyAlgorithm,
    /// Its title at the Git host; `sealstrap CLUSTER` when absent.
    pub title: Option<String>,
    /// Whether the cluster may push (image automation only).
    pub write: bool,
    /// The path below the mount and prefix in Vault.
    pub vault: String,
    /// The Secret in the cluster that Flux reads; Flux fixes its keys. External Secrets makes it of what is in Vault;
    /// without Vault the key is kept in it.
    pub secret: SecretName,
}

/// A kind of SSH key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeyAlgorithm {
    /// Ed25519.
    #[default]
    Ed25519,
    /// ECDSA on NIST P-256.
    EcdsaP256,
    /// ECDSA on NIST P-384.
    EcdsaP384,
    /// ECDSA on NIST P-521.
    EcdsaP521,
    /// RSA, 2048 bits.
    Rsa2048,
    /// RSA, 3072 bits.
    Rsa3072,
    /// RSA, 4096 bits.
    Rsa4096,
}

/// A value of yours that is kept in Vault, or in a Secret of the cluster, or for either runbook.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StoredSecret {
    /// The path below the mount and prefix, for runbooks that keep it in Vault.
    #[serde(default)]
    pub vault: Option<String>,
    /// The Secret, for runbooks that keep it in the cluster.
    #[serde(default)]
    pub secret: Option<SecretName>,
    /// The key in it.
    pub key: String,
    /// Where the value comes from.
    pub from: Source,
}

/// The webhook: where pushes are sent, and which Receiver takes them.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WebhookSettings {
    /// The address under which notification-controller's receiver is reached from the Git host.
    pub url: String,
    /// The Receiver's name, which is part of the path's hash.
    #[serde(default = "defaults::receiver")]
    pub receiver: String,
    /// The Receiver's namespace, likewise.
    #[serde(default = "defaults::flux_namespace")]
    pub namespace: String,
    /// The events to send.
    #[serde(default = "defaults::events")]
    pub events: Vec<String>,
    /// The path below the mount and prefix in Vault where its token is kept.
    #[serde(default = "defaults::webhook_path")]
    pub vault: String,
    /// The key in it.
    #[serde(default = "defaults::webhook_key")]
    pub key: String,
    /// The Secret that the Receiver reads.
    #[serde(default = "defaults::webhook_secret")]
    pub secret: SecretPlace,
    /// Where the token comes from; generated when absent.
    #[serde(default)]
    pub token: Option<Source>,
    /// Whether a ping must be answered by the Receiver before the task is done.
    #[serde(default)]
    pub ping: bool,
}

/// Deadlines.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Timeouts {
    /// For a whole run.
    pub run: Period,
    /// For one wait.
    pub wait: Period,
    /// For one request.
    pub request: Period,
}

/// What holds where the file is silent: the names of the reference flow.
pub(crate) mod defaults;

impl Settings {
    /// A file of the repository, in full. In a rehearsal it lies in a folder of its own, wherever the path leads.
    #[must_use]
    pub fn file(&self, path: &Path) -> PathBuf {
        let Some(scratch) = &self.scratch else { return self.root.join(path) };
        let inside = path.components().filter(|part| matches!(part, Component::Normal(_)));
        scratch.join(inside.collect::<PathBuf>())
    }
}

impl GitSettings {
    /// The host and port that SSH connects to: as set, or that of the API, or GitHub's.
    #[must_use]
    pub fn ssh_host(&self) -> String {
        let of_api =
            || self.api.as_deref().and_then(|api| Some(url::Url::parse(api).ok()?.host_str()?.to_owned()));
        let host = self.ssh.clone().or_else(of_api).unwrap_or_else(|| "github.com".into());
        if host == "api.github.com" { "github.com".into() } else { host }
    }

    /// The address that the cluster clones from; Flux takes no scp form.
    #[must_use]
    pub fn url(&self) -> String {
        format!("ssh://git@{}/{}.git", self.ssh_host(), self.repository)
    }

    /// The deploy key's title at the Git host.
    #[must_use]
    pub fn title(&self, cluster: &str) -> String {
        self.deploy_key.title.clone().unwrap_or_else(|| format!("sealstrap {cluster}"))
    }
}
