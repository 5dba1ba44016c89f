//! Which kinds the API server knows. Asked by group and version, only for those that are needed, and asked
//! again where the answer lacks a kind: it may have come with a definition since.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::Method;
use serde::Deserialize;

use super::wire::{Ask, Deed};
use super::{Cluster, Error};

/// How the API names a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resource {
    /// `/api/v1`, `/apis/apps/v1`.
    pub(super) base: String,
    /// In plural, as paths and permissions name it.
    pub(super) plural: String,
    /// Whether its objects lie in namespaces.
    pub(super) namespaced: bool,
}

impl Resource {
    /// The path of an object, or of all where the name is empty.
    pub(super) fn path(&self, namespace: Option<&str>, name: &str) -> String {
        let mut path = self.base.clone();
        if let (true, Some(namespace)) = (self.namespaced, namespace) {
            path.extend(["/namespaces/", namespace]);
        }
        path.extend(["/", &self.plural]);
        if !name.is_empty() {
            path.extend(["/", name]);
        }
        path
    }
}

type Kinds = HashMap<String, Resource>;

/// What was found so far, by group and version. A slot of its own for each lets two be asked side by side,
/// and none twice.
#[derive(Default)]
pub(super) struct Discovery {
    slots: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Kinds>>>>,
}

impl Discovery {
    fn slot(&self, api_version: &str) -> Arc<tokio::sync::Mutex<Kinds>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(api_version.to_owned()).or_default())
    }
}

/// Kinds that every API server from 1.21 on has: asking for them would be a request for nothing.
const BUILT_IN: &[(&str, &str, &str, bool)] = &[
    ("v1", "Namespace", "namespaces", false),
    ("v1", "Secret", "secrets", true),
    ("v1", "ConfigMap", "configmaps", true),
    ("v1", "ServiceAccount", "serviceaccounts", true),
    ("v1", "Service", "services", true),
    ("v1", "Pod", "pods", true),
    ("apps/v1", "Deployment", "deployments", true),
    ("apps/v1", "StatefulSet", "statefulsets", true),
    ("apps/v1", "DaemonSet", "daemonsets", true),
    ("batch/v1", "Job", "jobs", true),
    ("rbac.authorization.k8s.io/v1", "Role", "roles", true),
    ("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", true),
    ("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", false),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", false),
    ("coordination.k8s.io/v1", "Lease", "leases", true),
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions", false),
];

fn base_of(api_version: &str) -> String {
    if api_version.contains('/') { format!("/apis/{api_version}") } else { format!("/api/{api_version}") }
}

fn built_in(api_version: &str, kind: &str) -> Option<Resource> {
    let known = BUILT_IN.iter().find(|known| known.0 == api_version && known.1 == kind)?;
    Some(Resource { base: base_of(api_version), plural: known.2.into(), namespaced: known.3 })
}

#[derive(Deserialize)]
struct ResourceList {
    #[serde(default)]
    resources: Vec<ResourceEntry>,
}

#[derive(Deserialize)]
struct ResourceEntry {
    name: String,
    kind: String,
    #[serde(default)]
    namespaced: bool,
}

impl Cluster {
    /// How the API names the kind; nothing where it does not know it now.
    pub(super) async fn resource(&self, api_version: &str, kind: &str) -> Result<Option<Resource>, Error> {
        if let Some(resource) = built_in(api_version, kind) {
            return Ok(Some(resource));
        }
        let slot = self.discovery.slot(api_version);
        let mut kinds = slot.lock().await;
        if !kinds.contains_key(kind) {
            *kinds = self.discover(api_version).await?;
        }
        Ok(kinds.get(kind).cloned())
    }

    async fn discover(&self, api_version: &str) -> Result<Kinds, Error> {
        let base = base_of(api_version);
        let deed = Deed::new(format!("ask which kinds `{api_version}` has"), "get", &base, None);
        let list: Option<ResourceList> = self.json_if_found(Ask::new(Method::GET, &base), &deed).await?;
        let entries = list.map(|list| list.resources).unwrap_or_default().into_iter();
        // `deployments/status` is a part of a resource, not one.
        let entries = entries.filter(|entry| !entry.name.contains('/'));
        let resource = |entry: ResourceEntry| {
            let base = base.clone();
            (entry.kind, Resource { base, plural: entry.name, namespaced: entry.namespaced })
        };
        Ok(entries.map(resource).collect())
    }

    /// Whether the API server knows the kind now; discovery is asked anew where the cache does not.
    ///
    /// # Errors
    /// An API server that is unreachable, untrusted, or refuses.
    pub async fn knows(&self, api_version: &str, kind: &str) -> Result<bool, Error> {
        Ok(self.resource(api_version, kind).await?.is_some())
    }

    /// Whether objects of the kind lie in namespaces; nothing where the kind is unknown.
    ///
    /// # Errors
    /// An API server that is unreachable, untrusted, or refuses.
    pub async fn is_namespaced(&self, api_version: &str, kind: &str) -> Result<Option<bool>, Error> {
        Ok(self.resource(api_version, kind).await?.map(|resource| resource.namespaced))
    }
}
