//! Rights that steps need, named so that they can be asked for before the first write.

use std::collections::BTreeSet;

use serde_json::Value;

use super::World;
use super::ready::group;
use super::step::{Needs, VaultPath};
use crate::remote::cluster::Right;
use crate::source::Source;

/// Kinds whose plural is known without asking: kind, plural, and whether they lie in namespaces.
const KINDS: [(&str, &str, bool); 27] = [
    ("ClusterRole", "clusterroles", false),
    ("ClusterRoleBinding", "clusterrolebindings", false),
    ("ClusterSecretStore", "clustersecretstores", false),
    ("ConfigMap", "configmaps", true),
    ("CronJob", "cronjobs", true),
    ("CustomResourceDefinition", "customresourcedefinitions", false),
    ("DaemonSet", "daemonsets", true),
    ("Deployment", "deployments", true),
    ("ExternalSecret", "externalsecrets", true),
    ("FluxInstance", "fluxinstances", true),
    ("GitRepository", "gitrepositories", true),
    ("Ingress", "ingresses", true),
    ("Job", "jobs", true),
    ("Kustomization", "kustomizations", true),
    ("MutatingWebhookConfiguration", "mutatingwebhookconfigurations", false),
    ("Namespace", "namespaces", false),
    ("NetworkPolicy", "networkpolicies", true),
    ("Pod", "pods", true),
    ("Receiver", "receivers", true),
    ("Role", "roles", true),
    ("RoleBinding", "rolebindings", true),
    ("SealedSecret", "sealedsecrets", true),
    ("Secret", "secrets", true),
    ("Service", "services", true),
    ("ServiceAccount", "serviceaccounts", true),
    ("StatefulSet", "statefulsets", true),
    ("ValidatingWebhookConfiguration", "validatingwebhookconfigurations", false),
];

/// To read, make and change an object by server-side apply, which asks for `create` where it is new.
const APPLY: [&str; 3] = ["get", "create", "patch"];

/// The rights to do `verbs` to a resource.
pub(crate) fn rights(verbs: &[&str], group: &str, resource: &str, namespace: Option<&str>) -> Vec<Right> {
    let right = |verb: &&str| Right {
        verb: (*verb).to_owned(),
        group: group.to_owned(),
        resource: resource.to_owned(),
        namespace: namespace.map(ToOwned::to_owned),
    };
    verbs.iter().map(right).collect()
}

/// The rights to apply a Secret in a namespace.
pub(crate) fn secret(namespace: &str) -> Vec<Right> {
    rights(&APPLY, "", "secrets", Some(namespace))
}

/// The rights to read an object; none where its kind is not a known one.
pub(crate) fn read(api_version: &str, kind: &str, namespace: Option<&str>) -> Vec<Right> {
    let object =
        serde_json::json!({"apiVersion": api_version, "kind": kind, "metadata": {"namespace": namespace}});
    of_object(&["get"], &object, namespace)
}

/// The rights to apply these objects, as far as their kinds are known ones, each once.
pub(crate) fn apply<'a>(objects: impl Iterator<Item = &'a Value>, namespace: Option<&str>) -> Vec<Right> {
    let all: BTreeSet<_> = objects.flat_map(|object| of_object(&APPLY, object, namespace)).collect();
    all.into_iter().collect()
}

fn of_object(verbs: &[&str], object: &Value, namespace: Option<&str>) -> Vec<Right> {
    let Some((_, plural, namespaced)) = KINDS.iter().find(|(kind, ..)| object["kind"] == *kind) else {
        return Vec::new();
    };
    let own = object["metadata"]["namespace"].as_str();
    let place = namespaced.then(|| own.or(namespace).unwrap_or("default"));
    rights(verbs, group(object), plural, place)
}

/// Adds what reading a source takes.
pub(crate) fn of_source(needs: &mut Needs, source: &Source, world: &World) {
    match source {
        Source::Vault(at) => {
            let mount = at.mount.clone().unwrap_or_else(|| world.settings.vault.mount.clone());
            let path = VaultPath::Kv { mount, path: at.path.clone() };
            needs.vault.entry(path).or_default().insert("read");
        }
        Source::Secret(at) => needs.cluster.extend(rights(&["get"], "", "secrets", Some(&at.namespace))),
        Source::Env(_)
        | Source::File(_)
        | Source::Stdin {}
        | Source::Prompt(_)
        | Source::Generate(_)
        | Source::Command(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{apply, of_source, read};
    use crate::bootstrap::step::Needs;
    use crate::bootstrap::testing::world;
    use crate::source::{SecretKey, Source, VaultKey};

    #[test]
    fn known_kinds_are_asked_for_once_in_their_namespace() {
        let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole"});
        let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "n"}});
        let unknown = json!({"apiVersion": "a/v1", "kind": "Thing"});
        let found = apply([&role, &map, &map, &unknown].into_iter(), None);
        assert_eq!(found.len(), 6);
        assert!(found.iter().any(|right| right.resource == "configmaps"
            && right.verb == "patch"
            && right.namespace.as_deref() == Some("n")));
        assert!(found.iter().any(|right| right.resource == "clusterroles" && right.namespace.is_none()));
    }

    #[test]
    fn waiting_takes_only_the_right_to_read() {
        let found = read("apps/v1", "Deployment", Some("n"));
        assert_eq!((found.len(), found[0].verb.as_str(), found[0].group.as_str()), (1, "get", "apps"));
    }

    #[test]
    fn sources_need_what_they_read() {
        let mut needs = Needs::default();
        let vault = VaultKey { mount: None, path: "k8s/x".into(), key: "k".into() };
        let secret = SecretKey { namespace: "n".into(), name: "s".into(), key: "k".into() };
        of_source(&mut needs, &Source::Vault(vault), &world());
        of_source(&mut needs, &Source::Secret(secret), &world());
        of_source(&mut needs, &Source::Env("X".into()), &world());
        assert_eq!((needs.vault.len(), needs.cluster.len()), (1, 1));
    }
}
