//! An SSH key pair: made, checked, and named by the parts under which it is kept.

mod kept;
mod pair;
mod pem;

pub use kept::Kept;
pub use pair::{KeyPair, Unreadable};

use schemars::JsonSchema;
use serde::Deserialize;

/// Where a key pair is kept.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Keep {
    /// At a path below the KV mount of the settings.
    Vault(String),
    /// In a Secret of the cluster.
    Secret(SecretName),
}

/// A Secret of the cluster.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecretName {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Whether a `sealedSecret` step takes it into the repository. Then what is written here is sealed there too, and its
    /// SealedSecret may own it.
    #[serde(default)]
    pub sealed: bool,
}

/// The keys under which the parts of a key pair are kept.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct KeyNames {
    /// The private key, OpenSSH format.
    pub private: String,
    /// The public key, one line.
    pub public: String,
    /// The Git host's keys as `known_hosts` lines.
    pub hosts: String,
}

impl Default for KeyNames {
    /// The names that Flux expects.
    fn default() -> Self {
        Self { private: "identity".into(), public: "identity.pub".into(), hosts: "known_hosts".into() }
    }
}
