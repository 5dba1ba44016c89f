//! The Kubernetes API: server-side apply, Secrets, access reviews, the lock.
//!
//! Objects travel as untyped JSON. Replies are read here and not by the client library, because that one
//! writes a reply it cannot read into the log, values of Secrets included.

mod connect;
mod discovery;
mod lease;
mod object;
mod overrides;
mod reach;
mod refusal;
mod rights;
mod secret;
mod secret_list;
mod service;
mod service_account;
#[cfg(test)]
mod tests;
mod wire;

pub use connect::{Access, NamedBy, Namespace, is_configured, namespace};
pub use lease::Lease;
pub use object::{Apply, ObjectRef};
pub use overrides::Overrides;
pub use rights::Right;
pub use secret::{Secret, SecretWrite};
pub use service::{Service, ServiceAnswer};

use std::time::Duration;

use http::Method;
use serde_json::Value;

use super::Error;
use discovery::Discovery;
use wire::{Ask, Deed};

/// A cluster that has been connected to.
pub struct Cluster {
    client: kube::Client,
    address: String,
    default_namespace: String,
    authority: Option<String>,
    timeout: Duration,
    discovery: Discovery,
}

impl Cluster {
    /// The server's address, for messages.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The certificates that vouch for the API server, as PEM text, where the kubeconfig names them.
    #[must_use]
    pub fn authority(&self) -> Option<String> {
        self.authority.clone()
    }

    /// The server's version, for example `v1.34.4`.
    ///
    /// # Errors
    /// An API server that is unreachable, untrusted, or refuses.
    pub async fn version(&self) -> Result<String, Error> {
        let deed = Deed::new("ask for the version of the API server", "get", "version", None);
        let found: Value = self.json(Ask::new(Method::GET, "/version"), &deed).await?;
        let version = found["gitVersion"].as_str();
        version.map(str::to_owned).ok_or_else(|| deed.malformed("its version is missing"))
    }
}
