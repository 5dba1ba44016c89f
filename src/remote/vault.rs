//! Vault and OpenBao: health, KV v1 and v2, policies, tokens, Kubernetes auth.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use super::Error;
use crate::plain::Plain;

/// How to reach a Vault.
#[derive(Debug)]
pub struct Access {
    /// Its address.
    pub address: String,
    /// The namespace.
    pub namespace: Option<String>,
    /// The PEM file of the authority.
    pub ca: Option<PathBuf>,
    /// The deadline of one request.
    pub timeout: Duration,
    /// How to log in.
    pub login: Login,
}

/// How to log in.
#[derive(Debug)]
pub enum Login {
    /// A token that exists.
    Token(Plain),
    /// An AppRole: mount, role id, secret id.
    AppRole { mount: String, role_id: Plain, secret_id: Plain },
    /// A service account token: mount, role, token.
    Kubernetes { mount: String, role: String, token: Plain },
}

/// The version of a mount's KV engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KvVersion {
    /// No versions, no check-and-set.
    V1,
    /// Versions, check-and-set, soft deletion.
    V2,
}

/// A KV secret as it was read.
#[derive(Debug)]
pub struct KvSecret {
    /// Its values; JSON values that are no strings appear as their JSON text.
    pub data: BTreeMap<String, Plain>,
    /// The version to check against when writing: 0 where nothing was ever there.
    pub version: u64,
    /// Whether the newest version is deleted (soft), so that `data` is empty.
    pub deleted: bool,
    /// Custom metadata (v2).
    pub metadata: BTreeMap<String, String>,
}

/// What is known of a token.
#[derive(Debug, Clone)]
pub struct TokenInfo {
    /// Its accessor, which is no secret.
    pub accessor: String,
    /// Its display name.
    pub display_name: String,
    /// Its policies.
    pub policies: BTreeSet<String>,
    /// What is left of its life; nothing where it never ends.
    pub ttl: Option<Duration>,
    /// The period, where it is periodic.
    pub period: Option<Duration>,
    /// Whether it is an orphan.
    pub orphan: bool,
    /// Whether it can be renewed.
    pub renewable: bool,
    /// Its metadata.
    pub meta: BTreeMap<String, String>,
}

/// A token to be made.
#[derive(Debug, Clone)]
pub struct TokenWish {
    /// Its display name.
    pub display_name: String,
    /// Its policies.
    pub policies: Vec<String>,
    /// Its period.
    pub period: Duration,
    /// Marks of ownership.
    pub meta: BTreeMap<String, String>,
}

/// A Vault that has been logged in to.
pub struct Vault {
    // the vaultrs client, the address, the KV versions by mount
}

#[expect(unused_variables, clippy::todo, clippy::unused_async, reason = "skeleton")]
impl Vault {
    /// Checks health (sealed, standby and uninitialised are said plainly) and logs in.
    pub async fn connect(access: Access) -> Result<Self, Error> {
        todo!()
    }
    /// Its address, for messages.
    #[must_use]
    pub fn address(&self) -> &str {
        todo!()
    }
    /// Its version.
    pub async fn version(&self) -> Result<String, Error> {
        todo!()
    }
    /// The engine's version at a mount, asked once per mount.
    pub async fn kv_version(&self, mount: &str) -> Result<KvVersion, Error> {
        todo!()
    }
    /// The secret at a path; a path where nothing was ever written gives version 0 and no data.
    pub async fn read(&self, mount: &str, path: &str) -> Result<KvSecret, Error> {
        todo!()
    }
    /// Writes the keys of `set` and keeps the others, checked against what was `read` (v2). `Cause::Conflict` where it changed meanwhile.
    pub async fn write(
        &self,
        mount: &str,
        path: &str,
        set: BTreeMap<String, Plain>,
        read: &KvSecret,
    ) -> Result<(), Error> {
        todo!()
    }
    /// Adds custom metadata, keeping what is there (v2; nothing happens on v1).
    pub async fn mark(&self, mount: &str, path: &str, marks: &BTreeMap<String, String>) -> Result<(), Error> {
        todo!()
    }
    /// The text of an ACL policy.
    pub async fn policy(&self, name: &str) -> Result<Option<String>, Error> {
        todo!()
    }
    /// Writes an ACL policy.
    pub async fn write_policy(&self, name: &str, text: &str) -> Result<(), Error> {
        todo!()
    }
    /// Missing capabilities, by path, of the wanted ones; paths as the API names them (`secret/data/k8s/x`).
    pub async fn missing_capabilities(
        &self,
        wanted: &BTreeMap<String, BTreeSet<String>>,
    ) -> Result<BTreeMap<String, BTreeSet<String>>, Error> {
        todo!()
    }
    /// The path by which the API (and policies) name a KV path: with `data/` on v2.
    pub async fn api_path(&self, mount: &str, path: &str) -> Result<String, Error> {
        todo!()
    }
    /// About the token that this client uses.
    pub async fn whoami(&self) -> Result<TokenInfo, Error> {
        todo!()
    }
    /// About another token; nothing where it is not valid (any more).
    pub async fn look_up(&self, token: Plain) -> Result<Option<TokenInfo>, Error> {
        todo!()
    }
    /// Makes a periodic orphan token.
    pub async fn create_token(&self, wish: &TokenWish) -> Result<Plain, Error> {
        todo!()
    }
    /// Renews a token by itself, to its full period.
    pub async fn renew(&self, token: Plain) -> Result<(), Error> {
        todo!()
    }
    /// Revokes the tokens whose `meta` holds all of `marks`, except those accessors; says how many. Needs rights on accessors; a 403 is an error of cause `Forbidden`.
    pub async fn revoke_marked(
        &self,
        marks: &BTreeMap<String, String>,
        keep: &BTreeSet<String>,
    ) -> Result<usize, Error> {
        todo!()
    }
    /// Whether an auth method is mounted at the path, and its type.
    pub async fn auth_method(&self, path: &str) -> Result<Option<String>, Error> {
        todo!()
    }
    /// Mounts an auth method.
    pub async fn enable_auth(&self, path: &str, kind: &str) -> Result<(), Error> {
        todo!()
    }
    /// Reads any API path as JSON (configuration and roles of auth methods); nothing on 404.
    pub async fn read_raw(&self, path: &str) -> Result<Option<serde_json::Value>, Error> {
        todo!()
    }
    /// Writes any API path (configuration and roles of auth methods).
    pub async fn write_raw(&self, path: &str, body: &serde_json::Value) -> Result<(), Error> {
        todo!()
    }
}

/// Whether the certificate of `address` is vouched for by `authority` (PEM) alone; the reason where not.
/// A plain-http address gives `None`.
#[expect(unused_variables, clippy::todo, clippy::unused_async, reason = "skeleton")]
pub async fn validates(address: &str, authority: &[u8], timeout: Duration) -> Option<Result<(), String>> {
    todo!()
}
