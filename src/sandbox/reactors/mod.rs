//! Stand-ins for the controllers: they watch the sandbox cluster and do to its objects what External Secrets,
//! Flux and the Deployment controller would, as far as a bootstrap waits for it.

mod deployments;
mod external_secrets;
mod flux;
mod sealed_secrets;
mod status;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::task::JoinHandle;

use super::kubernetes::Kubernetes;

/// Reads a KV secret of the sandbox Vault: mount and path to its keys.
pub type KvReader = Arc<dyn Fn(&str, &str) -> Option<BTreeMap<String, String>> + Send + Sync>;

/// Whether the sandbox Vault takes a token.
pub type TokenCheck = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// Definitions of the kinds of External Secrets and Flux, as YAML documents.
pub const CRDS: &str =
    concat!(include_str!("../crds/external-secrets.yaml"), include_str!("../crds/flux.yaml"));

/// How soon a failed look at Vault is repeated: nothing in the cluster tells of a change there.
const AGAIN: Duration = Duration::from_millis(500);

/// The controllers of a sandbox cluster.
pub struct Reactors {
    cluster: Arc<Kubernetes>,
    kv: KvReader,
    takes_token: TokenCheck,
}

impl Reactors {
    /// Controllers that read Vault through `kv` and take any token that is not empty for a good one.
    #[must_use]
    pub fn new(cluster: Arc<Kubernetes>, kv: KvReader) -> Self {
        Self { cluster, kv, takes_token: Arc::new(|token| !token.is_empty()) }
    }

    /// The same, with tokens checked.
    #[must_use]
    pub fn with_token_check(mut self, takes_token: TokenCheck) -> Self {
        self.takes_token = takes_token;
        self
    }

    /// Starts them; they run until the handle is aborted or the runtime ends.
    #[must_use]
    pub fn start(self) -> JoinHandle<()> {
        let mut changes = self.cluster.changes();
        tokio::spawn(async move {
            loop {
                // Several changes are worth one pass.
                while !matches!(changes.try_recv(), Err(TryRecvError::Empty | TryRecvError::Closed)) {}
                self.pass();
                tokio::select! {
                    change = changes.recv() => if let Err(RecvError::Closed) = change { return },
                    () = tokio::time::sleep(AGAIN) => {}
                }
            }
        })
    }

    /// Looks at all objects once. What is as it should be is left alone, so passes come to rest.
    fn pass(&self) {
        deployments::react(&self.cluster);
        external_secrets::react_to_stores(self);
        external_secrets::react(self);
        sealed_secrets::react(&self.cluster);
        flux::react(&self.cluster);
    }
}
