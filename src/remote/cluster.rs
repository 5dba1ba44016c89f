//! The Kubernetes API: server-side apply, Secrets, access reviews, the lock.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use super::Error;
use crate::plain::Plain;

/// How to reach a cluster.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// The kubeconfig file; `KUBECONFIG`, `~/.kube/config`, then the in-cluster account when absent.
    pub kubeconfig: Option<PathBuf>,
    /// The context; the current one when absent.
    pub context: Option<String>,
    /// The deadline of one request.
    pub timeout: Duration,
}

/// Names one object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectRef {
    /// For example `v1` or `apps/v1`.
    pub api_version: String,
    /// For example `Namespace`.
    pub kind: String,
    /// Absent for objects of the whole cluster.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

/// How to apply.
#[derive(Debug, Clone, Copy)]
pub struct Apply<'a> {
    /// The field manager.
    pub manager: &'a str,
    /// Whether fields of other managers are taken over.
    pub force: bool,
    /// Whether the API server only says what would be.
    pub dry_run: bool,
}

/// A Secret as it lies in the cluster.
#[derive(Debug)]
pub struct Secret {
    /// Its values.
    pub data: BTreeMap<String, Plain>,
    /// Its type.
    pub kind: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its annotations, without the one that client-side apply fills with values.
    pub annotations: BTreeMap<String, String>,
    /// Whether client-side apply left its values in the last-applied annotation.
    pub has_last_applied: bool,
    /// Who owns it: kind and name of the controller, for example `ExternalSecret/github-deploy-key`.
    pub owner: Option<String>,
    /// Field managers of its data keys, by key.
    pub managers: BTreeMap<String, String>,
}

/// A Secret to be applied.
#[derive(Debug)]
pub struct SecretWrite {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its type; `Opaque` in most cases.
    pub kind: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
    /// Its values.
    pub data: BTreeMap<String, Plain>,
}

/// A right that a run needs, as a SelfSubjectAccessReview asks for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    /// `get`, `patch`, …
    pub verb: String,
    /// The API group; empty for the core group.
    pub group: String,
    /// The resource in plural.
    pub resource: String,
    /// The namespace; absent for all.
    pub namespace: Option<String>,
}

/// A cluster that has been connected to.
pub struct Cluster {
    // the kube client, the discovery cache
}

#[expect(unused_variables, clippy::todo, clippy::unused_async, reason = "skeleton")]
impl Cluster {
    /// Reads the kubeconfig; no request is made.
    pub async fn connect(access: &Access) -> Result<Self, Error> {
        todo!()
    }
    /// The server's address, for messages.
    #[must_use]
    pub fn address(&self) -> &str {
        todo!()
    }
    /// The server's version, for example `v1.34.4`.
    pub async fn version(&self) -> Result<String, Error> {
        todo!()
    }
    /// The object, or nothing where it or its kind does not exist.
    pub async fn get(&self, object: &ObjectRef) -> Result<Option<Value>, Error> {
        todo!()
    }
    /// The objects of a kind in a namespace, or in all; nothing where the kind does not exist.
    pub async fn list(
        &self,
        api_version: &str,
        kind: &str,
        namespace: Option<&str>,
    ) -> Result<Vec<Value>, Error> {
        todo!()
    }
    /// Server-side apply of one object; the namespace is dropped or defaulted by the kind's scope.
    pub async fn apply(&self, object: &Value, how: Apply<'_>) -> Result<Value, Error> {
        todo!()
    }
    /// Whether the API server knows the kind now; discovery is asked anew where the cache does not.
    pub async fn knows(&self, api_version: &str, kind: &str) -> Result<bool, Error> {
        todo!()
    }
    /// Whether objects of the kind lie in namespaces; nothing where the kind is unknown.
    pub async fn is_namespaced(&self, api_version: &str, kind: &str) -> Result<Option<bool>, Error> {
        todo!()
    }
    /// Deletes an object; absent is fine.
    pub async fn delete(&self, object: &ObjectRef) -> Result<(), Error> {
        todo!()
    }
    /// The Secret's values, or nothing.
    pub async fn secret(&self, namespace: &str, name: &str) -> Result<Option<Secret>, Error> {
        todo!()
    }
    /// Applies a Secret by server-side apply with `data` only, and removes a last-applied annotation.
    pub async fn apply_secret(&self, secret: SecretWrite, how: Apply<'_>) -> Result<(), Error> {
        todo!()
    }
    /// Which of the rights are missing, asked side by side.
    pub async fn missing_rights(&self, rights: &[Right]) -> Result<Vec<Right>, Error> {
        todo!()
    }
    /// The certificate authority and address of the API server as the kubeconfig names them.
    #[must_use]
    pub fn authority(&self) -> Option<String> {
        todo!()
    }
    /// Tries to take the Lease `namespace/name` for `holder`; says who holds it where somebody else does.
    pub async fn take_lease(
        &self,
        namespace: &str,
        name: &str,
        holder: &str,
        length: Duration,
    ) -> Result<Lease, Error> {
        todo!()
    }
    /// Renews a Lease that is held.
    pub async fn renew_lease(&self, namespace: &str, name: &str, holder: &str) -> Result<(), Error> {
        todo!()
    }
    /// Gives a Lease back, if `holder` still has it.
    pub async fn release_lease(&self, namespace: &str, name: &str, holder: &str) -> Result<(), Error> {
        todo!()
    }
}

/// The answer to taking a Lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lease {
    /// It is ours.
    Taken,
    /// Somebody else has it, for so long at most.
    HeldBy {
        /// Their identity.
        holder: String,
        /// When it ends if they do not renew it.
        left: Duration,
    },
}
