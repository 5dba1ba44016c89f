//! Vault and OpenBao: health, KV v1 and v2, policies, tokens, Kubernetes auth.

mod auth_method;
mod denial;
mod document;
mod failure;
mod glob;
mod kv;
mod login;
mod mount;
mod policy;
mod property;
mod token;
mod trust;
mod wire;

#[cfg(test)]
mod tests;

pub use glob::fits;
pub use kv::KvSecret;
pub use property::Property;
pub use token::{TokenInfo, TokenWish};
pub use trust::{Trust, validates};

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::OnceCell;

use super::Error;
use crate::plain::Plain;
use wire::Wire;

/// How to reach a Vault.
#[derive(Debug)]
pub struct Access {
    /// Its address.
    pub address: String,
    /// The namespace.
    pub namespace: Option<String>,
    /// Who vouches for its certificate.
    pub trust: Trust,
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
    /// An AppRole.
    AppRole {
        /// The path of the auth method.
        mount: String,
        /// The role id.
        role_id: Plain,
        /// The secret id.
        secret_id: Plain,
    },
    /// A service account token.
    Kubernetes {
        /// The path of the auth method.
        mount: String,
        /// The role.
        role: String,
        /// The token.
        token: Plain,
    },
    /// A user and a password.
    UserPass {
        /// The path of the auth method.
        mount: String,
        /// The user.
        username: String,
        /// The password.
        password: Plain,
    },
}

/// The version of a mount's KV engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KvVersion {
    /// No versions, no check-and-set.
    V1,
    /// Versions, check-and-set, soft deletion.
    V2,
}

/// A Vault that has been logged in to.
pub struct Vault {
    wire: Wire,
    version: String,
    /// Whether its token was made by logging in, and not brought along.
    made: bool,
    mounts: Mutex<BTreeMap<String, Arc<OnceCell<KvVersion>>>>,
    /// A mount, and the version that it is taken to be of where Vault tells of no mount.
    usual: std::sync::OnceLock<(String, KvVersion)>,
    /// Whether it was.
    assumed: std::sync::atomic::AtomicBool,
}

impl Vault {
    /// Its address, for messages.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.wire.address
    }

    /// Its version, as it said when it was opened.
    ///
    /// # Errors
    /// None any more: opening has asked.
    #[expect(clippy::unused_async, reason = "asked like the versions of the other remotes")]
    pub async fn version(&self) -> Result<String, Error> {
        Ok(self.version.clone())
    }
}
