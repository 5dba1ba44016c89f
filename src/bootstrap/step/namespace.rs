//! A namespace exists, with labels, annotations and a Pod Security level.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Needs;
use crate::bootstrap::apply::{How, Origin, Set};
use crate::bootstrap::{Error, Look, World, rights};
use crate::settings::PodSecurity;

/// The label by which the API server enforces a Pod Security Standard.
const ENFORCE: &str = "pod-security.kubernetes.io/enforce";

/// Not the manager of manifests: a manifest of the same namespace would else undo the labels set here, and these
/// undo the manifest's. It begins with `kubectl` for the same reason as that one.
const MANAGER: &str = "kubectl-sealstrap-namespace";

/// A namespace exists, with labels, annotations and a Pod Security level.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Namespace {
    /// Its name.
    pub name: String,
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

impl Namespace {
    pub(super) async fn look(&self, world: &World) -> Result<Look, Error> {
        self.set(world)?.look(world).await
    }

    pub(super) async fn change(&self, world: &World) -> Result<(), Error> {
        self.set(world)?.change(world).await
    }

    #[expect(clippy::unused_self, reason = "all kinds of steps have the same signature")]
    pub(super) fn needs(&self, _: &World) -> Needs {
        let cluster = rights::rights(&["get", "create", "patch"], "", "namespaces", None);
        Needs { cluster, ..Needs::default() }
    }

    fn set(&self, world: &World) -> Result<Set<'static>, Error> {
        let how = How {
            manager: MANAGER,
            namespace: None,
            values: BTreeMap::new(),
            wait: false,
            deadline: world.settings.timeouts.wait.get(),
        };
        Set::new(vec![Origin { file: "this task".into(), object: self.object() }], &how)
    }

    /// The object with only what is named here: what else it carries is no difference.
    fn object(&self) -> Value {
        let mut labels = self.labels.clone();
        if let Some(level) = self.pod_security {
            labels.insert(ENFORCE.into(), word(level).into());
        }
        let mut metadata = json!({"name": self.name});
        if !labels.is_empty() {
            metadata["labels"] = json!(labels);
        }
        if !self.annotations.is_empty() {
            metadata["annotations"] = json!(self.annotations);
        }
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    }
}

/// The level as the label names it.
const fn word(level: PodSecurity) -> &'static str {
    match level {
        PodSecurity::Privileged => "privileged",
        PodSecurity::Baseline => "baseline",
        PodSecurity::Restricted => "restricted",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Namespace;

    fn namespace(fields: serde_json::Value) -> Namespace {
        serde_json::from_value(fields).unwrap()
    }

    #[test]
    fn a_bare_namespace_says_nothing_but_its_name() {
        assert_eq!(
            namespace(json!({"name": "x"})).object(),
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}})
        );
    }

    #[test]
    fn the_pod_security_level_is_a_label_beside_the_others() {
        let object =
            namespace(json!({"name": "x", "labels": {"a": "b"}, "podSecurity": "privileged"})).object();
        assert_eq!(
            object["metadata"]["labels"],
            json!({"a": "b", "pod-security.kubernetes.io/enforce": "privileged"})
        );
    }
}
