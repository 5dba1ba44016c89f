//! The part of the settings about Vault.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{KvEngine, Period, SecretPlace, defaults};
use crate::source::Source;

/// Vault or OpenBao: where it is, how to log in, and where values are kept.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VaultSettings {
    /// Its address; `VAULT_ADDR` stands over it. It may be absent where no task uses Vault.
    #[serde(default)]
    pub address: String,
    /// The address by which the cluster reaches it, where that is another one: always the one of the file
    /// when `VAULT_ADDR` names another.
    #[serde(default)]
    pub cluster_address: Option<String>,
    /// The namespace (Vault Enterprise, OpenBao); `VAULT_NAMESPACE` stands over it.
    #[serde(default)]
    pub namespace: Option<String>,
    /// The PEM file with the authority of its certificate; also what the CA Secret holds. `VAULT_CACERT` stands over it.
    #[serde(default)]
    pub ca: Option<PathBuf>,
    /// The mount of the KV engine.
    #[serde(default = "defaults::mount")]
    pub mount: String,
    /// The version of that engine, which the store of External Secrets must know.
    #[serde(default)]
    pub kv: KvEngine,
    /// The folder below the mount under which all paths of this cluster lie; empty for the mount itself.
    #[serde(default = "defaults::prefix")]
    pub prefix: String,
    /// The folders below the mount that the cluster may read; the prefix alone when empty.
    #[serde(default)]
    pub readable: Vec<String>,
    /// How sealstrap logs in.
    #[serde(default)]
    pub login: VaultLogin,
    /// The policy made for the cluster.
    #[serde(default = "defaults::policy")]
    pub policy: String,
    /// The Secret that holds the cluster's token.
    #[serde(default = "defaults::token_secret")]
    pub token_secret: SecretPlace,
    /// Where the cluster's token comes from; made as a periodic orphan when absent.
    #[serde(default)]
    pub token: Option<Source>,
    /// The period of that token.
    #[serde(default = "defaults::token_period")]
    pub token_period: Period,
    /// The Secret that holds the CA.
    #[serde(default = "defaults::ca_secret")]
    pub ca_secret: SecretPlace,
}

/// How to log in to Vault.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum VaultLogin {
    /// `VAULT_TOKEN`, then the file `~/.vault-token`.
    #[default]
    Environment,
    /// A token.
    Token(Source),
    /// An AppRole.
    AppRole(AppRole),
    /// A Kubernetes service account.
    Kubernetes(KubernetesLogin),
}

/// The two halves of an AppRole.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppRole {
    /// The path of the auth method.
    #[serde(default = "defaults::approle_mount")]
    pub mount: String,
    /// The role id.
    pub role_id: Source,
    /// The secret id.
    pub secret_id: Source,
}

/// A login by service account token.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KubernetesLogin {
    /// The path of the auth method.
    #[serde(default = "defaults::kubernetes_mount")]
    pub mount: String,
    /// The role.
    pub role: String,
    /// The token; the one of the pod when absent.
    #[serde(default)]
    pub token: Option<Source>,
}

impl Default for VaultSettings {
    fn default() -> Self {
        Self {
            address: String::new(),
            cluster_address: None,
            namespace: None,
            ca: None,
            mount: defaults::mount(),
            kv: KvEngine::default(),
            prefix: defaults::prefix(),
            readable: Vec::new(),
            login: VaultLogin::default(),
            policy: defaults::policy(),
            token_secret: defaults::token_secret(),
            token: None,
            token_period: defaults::token_period(),
            ca_secret: defaults::ca_secret(),
        }
    }
}
