//! The order in which objects are applied: what others need first, webhook configurations last.

use serde_json::Value;

/// Kinds after definitions, namespaces, cluster roles and classes, in the order of application.
const ORDER: [&str; 17] = [
    "ClusterRoleBinding",
    "ResourceQuota",
    "LimitRange",
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "ConfigMap",
    "Secret",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "NetworkPolicy",
    "Service",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "CronJob",
    "Job",
];

/// A place in the order; objects of the same place are applied side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Definitions of kinds, namespaces and cluster roles; definitions are waited for.
    First,
    /// Kinds named `…Class`.
    Class,
    /// Kinds of Kubernetes, by their place in the order.
    Rest(usize),
    /// Kinds that are not in the order: mostly custom resources, whose controllers stand before them.
    Custom,
    /// Configurations of admission webhooks, which would refuse everything after them until they answer.
    Webhook,
}

/// The place of an object.
pub(super) fn stage(object: &Value) -> Stage {
    let kind = object["kind"].as_str().unwrap_or_default();
    match kind {
        "CustomResourceDefinition" | "Namespace" | "ClusterRole" => Stage::First,
        "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration" => Stage::Webhook,
        _ if kind.ends_with("Class") => Stage::Class,
        _ => ORDER.iter().position(|known| *known == kind).map_or(Stage::Custom, Stage::Rest),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::stage;

    #[test]
    fn what_others_need_comes_first_and_webhooks_last() {
        let mut kinds = [
            "ValidatingWebhookConfiguration",
            "ClusterSecretStore",
            "Deployment",
            "Service",
            "ConfigMap",
            "Role",
            "ServiceAccount",
            "IngressClass",
            "ClusterRole",
        ];
        kinds.sort_by_key(|kind| stage(&json!({"kind": kind})));
        assert_eq!(
            kinds,
            [
                "ClusterRole",
                "IngressClass",
                "ServiceAccount",
                "Role",
                "ConfigMap",
                "Service",
                "Deployment",
                "ClusterSecretStore",
                "ValidatingWebhookConfiguration",
            ]
        );
    }

    #[test]
    fn definitions_namespaces_and_cluster_roles_share_a_place() {
        let place = |kind| stage(&json!({"kind": kind}));
        assert_eq!(place("CustomResourceDefinition"), place("Namespace"));
        assert_eq!(place("CustomResourceDefinition"), place("ClusterRole"));
        assert!(place("Namespace") < place("StorageClass"));
    }
}
