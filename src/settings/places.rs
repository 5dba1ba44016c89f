//! What is installed and where things are kept: the parts of the settings about External Secrets and Flux.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::NamespaceSettings;

/// A key of a Secret in the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecretPlace {
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// The key in `data`.
    pub key: String,
}

/// A Secret in the cluster whose keys are fixed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecretName {
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
}

impl SecretName {
    /// The two names.
    #[must_use]
    pub fn new(namespace: &str, name: &str) -> Self {
        Self { namespace: namespace.into(), name: name.into() }
    }

    /// One key of it.
    #[must_use]
    pub fn key(&self, key: &str) -> SecretPlace {
        SecretPlace::new(&self.namespace, &self.name, key)
    }
}

impl SecretPlace {
    /// The three names.
    #[must_use]
    pub fn new(namespace: &str, name: &str, key: &str) -> Self {
        Self { namespace: namespace.into(), name: name.into(), key: key.into() }
    }
}

/// A version of Vault's KV engine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum KvEngine {
    /// Without versions and check-and-set.
    V1,
    /// With both.
    #[default]
    V2,
}

/// External Secrets: the store, what is applied with it, and how Secrets become ExternalSecrets.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ExternalSecrets {
    /// The store that reads from Vault.
    pub store: Store,
    /// The repository's own manifests of the store and of the first ExternalSecrets; made from these
    /// settings when empty.
    pub manifests: Vec<PathBuf>,
    /// How External Secrets logs in to Vault.
    pub login: Login,
    /// Where `sealstrap external` keeps the values of a Secret, below the mount: `{prefix}` stands for `vault.prefix`,
    /// `{namespace}` and `{name}` for those of the Secret.
    pub path: String,
    /// The version of External Secrets in the cluster, such as `0.19`, which says which defaults have to be written so
    /// that nothing drifts; the newest one that is known when absent.
    pub version: Option<String>,
    /// How often values are read again, as Go writes durations.
    pub refresh_interval: String,
}

impl Default for ExternalSecrets {
    fn default() -> Self {
        Self {
            store: Store::default(),
            manifests: Vec::new(),
            login: Login::default(),
            path: "{prefix}/{name}".into(),
            version: None,
            refresh_interval: "1h0m0s".into(),
        }
    }
}

/// The store.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Store {
    /// Its kind.
    pub kind: StoreKind,
    /// Its name.
    pub name: String,
}

impl Default for Store {
    fn default() -> Self {
        Self { kind: StoreKind::ClusterSecretStore, name: "vault-backend".into() }
    }
}

/// A kind of store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum StoreKind {
    /// For one namespace: that of Flux.
    SecretStore,
    /// For all namespaces.
    ClusterSecretStore,
}

/// How External Secrets logs in to Vault.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Login {
    /// By the token that `create-vault-token-secret` keeps in the cluster.
    #[default]
    Token,
    /// By its service account.
    Kubernetes(KubernetesRole),
}

/// A role of Vault's Kubernetes auth method.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KubernetesRole {
    /// The path of the auth method.
    pub mount: String,
    /// The role.
    pub role: String,
    /// The service account's name.
    pub service_account: String,
    /// The service account's namespace.
    pub namespace: String,
}

/// Flux: what is installed before it, and the FluxInstance.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Flux {
    /// What the task `helmfile` installs, in order: the operators, by whichever way suits the repository.
    pub install: Vec<Install>,
    /// The FluxInstance, and whether sealstrap applies it.
    pub instance: FluxInstance,
}

/// One thing to install.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Install {
    /// A name for messages.
    pub name: String,
    /// How it is installed.
    pub from: InstallFrom,
}

/// A way of installing.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum InstallFrom {
    /// Files and folders of manifests.
    Manifests(Vec<PathBuf>),
    /// An OCI artifact, `registry/repository@sha256:…`.
    Oci(String),
    /// A manifest behind http(s), with its digest.
    Http(HttpManifest),
    /// A kustomization's folder.
    Kustomize(PathBuf),
    /// A Helm chart.
    Helm(HelmChart),
    /// A helmfile.
    Helmfile(PathBuf),
}

/// A manifest behind http(s).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HttpManifest {
    /// Its address.
    pub url: String,
    /// The SHA-256 of its bytes, hex.
    pub sha256: String,
}

/// A Helm chart.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HelmChart {
    /// The release's name.
    pub release: String,
    /// The release's namespace.
    pub namespace: String,
    /// The chart: a folder, `oci://…` or a name in `repo`.
    pub chart: String,
    /// The repository's address, for a plain chart name.
    #[serde(default)]
    pub repo: Option<String>,
    /// The chart's version.
    #[serde(default)]
    pub version: Option<String>,
    /// Files of values.
    #[serde(default)]
    pub values: Vec<PathBuf>,
}

/// The FluxInstance.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct FluxInstance {
    /// Whether sealstrap applies one made of these settings; `false` where the helmfile or the manifests bring it.
    pub apply: bool,
    /// Whether the run waits until it is Ready, and with it the first sync.
    pub wait: bool,
    /// The version range of the distribution.
    pub version: String,
    /// The registry of its images.
    pub registry: String,
    /// Further fields of its `spec`, laid over the ones made here.
    pub spec: BTreeMap<String, Value>,
}

impl Default for FluxInstance {
    fn default() -> Self {
        Self {
            apply: true,
            wait: true,
            version: "2.x".into(),
            registry: "ghcr.io/fluxcd".into(),
            spec: BTreeMap::new(),
        }
    }
}

/// Reads namespaces as a list of names or as a mapping.
pub(super) fn namespaces<'de, D: Deserializer<'de>>(
    input: D,
) -> Result<BTreeMap<String, NamespaceSettings>, D::Error> {
    struct Either;
    impl<'de> serde::de::Visitor<'de> for Either {
        type Value = BTreeMap<String, NamespaceSettings>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a list of namespace names, or a mapping from names to their labels")
        }
        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut all = BTreeMap::new();
            while let Some(name) = seq.next_element()? {
                all.insert(name, NamespaceSettings::default());
            }
            Ok(all)
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut all = BTreeMap::new();
            while let Some((name, value)) = map.next_entry::<String, Option<NamespaceSettings>>()? {
                all.insert(name, value.unwrap_or_default());
            }
            Ok(all)
        }
    }
    input.deserialize_any(Either)
}
