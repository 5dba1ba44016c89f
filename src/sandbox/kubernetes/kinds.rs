//! The kinds that are served: those of Kubernetes itself, and those that definitions add.

use std::sync::Arc;

use serde_json::Value;

use super::schema;

/// A kind as discovery names it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "the API calls the name of a kind `kind`")]
pub(super) struct Kind {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) plural: String,
    pub(super) short: Vec<String>,
    pub(super) namespaced: bool,
    /// Whether status has an endpoint of its own and is left alone by the main one.
    pub(super) status: bool,
    /// Whether a definition added it.
    pub(super) custom: bool,
    /// What its objects must look like, as far as that is checked here.
    pub(super) schema: Option<Arc<Value>>,
}

impl Kind {
    /// `apps/v1`, or `v1` for the core group.
    pub(super) fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    /// `deployments.apps`.
    pub(super) fn qualified(&self) -> String {
        if self.group.is_empty() { self.plural.clone() } else { format!("{}.{}", self.plural, self.group) }
    }

    /// `Deployment.apps`.
    pub(super) fn qualified_kind(&self) -> String {
        if self.group.is_empty() { self.kind.clone() } else { format!("{}.{}", self.kind, self.group) }
    }

    /// The kinds that a `CustomResourceDefinition` adds, one for each version that it serves.
    pub(super) fn defined_by(definition: &Value) -> Vec<Self> {
        let spec = &definition["spec"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let short =
            spec["names"]["shortNames"].as_array().into_iter().flatten().map(text).collect::<Vec<_>>();
        let versions = spec["versions"].as_array().into_iter().flatten();
        let served = versions.filter(|version| version["served"] == true);
        let kind = |version: &Value| Self {
            group: text(&spec["group"]),
            version: text(&version["name"]),
            kind: text(&spec["names"]["kind"]),
            plural: text(&spec["names"]["plural"]),
            short: short.clone(),
            namespaced: spec["scope"] == "Namespaced",
            status: !version["subresources"]["status"].is_null(),
            custom: true,
            schema: schema::of_definition(version),
        };
        served.map(kind).collect()
    }
}

/// Group, version, then kinds: name, plural, short name, whether namespaced, whether with status.
type Group = (&'static str, &'static str, &'static [(&'static str, &'static str, &'static str, bool, bool)]);

const BUILT_IN: &[Group] = &[
    (
        "",
        "v1",
        &[
            ("Namespace", "namespaces", "ns", false, true),
            ("Secret", "secrets", "", true, false),
            ("ConfigMap", "configmaps", "cm", true, false),
            ("ServiceAccount", "serviceaccounts", "sa", true, false),
            ("Service", "services", "svc", true, true),
            ("Endpoints", "endpoints", "ep", true, false),
            ("Event", "events", "ev", true, false),
            ("Pod", "pods", "po", true, true),
            ("Node", "nodes", "no", false, true),
            ("ResourceQuota", "resourcequotas", "quota", true, true),
            ("LimitRange", "limitranges", "limits", true, false),
            ("PersistentVolumeClaim", "persistentvolumeclaims", "pvc", true, true),
        ],
    ),
    (
        "apps",
        "v1",
        &[
            ("Deployment", "deployments", "deploy", true, true),
            ("ReplicaSet", "replicasets", "rs", true, true),
            ("DaemonSet", "daemonsets", "ds", true, true),
            ("StatefulSet", "statefulsets", "sts", true, true),
        ],
    ),
    ("batch", "v1", &[("Job", "jobs", "", true, true), ("CronJob", "cronjobs", "cj", true, true)]),
    (
        "rbac.authorization.k8s.io",
        "v1",
        &[
            ("Role", "roles", "", true, false),
            ("RoleBinding", "rolebindings", "", true, false),
            ("ClusterRole", "clusterroles", "", false, false),
            ("ClusterRoleBinding", "clusterrolebindings", "", false, false),
        ],
    ),
    (
        "networking.k8s.io",
        "v1",
        &[
            ("NetworkPolicy", "networkpolicies", "netpol", true, false),
            ("Ingress", "ingresses", "ing", true, true),
            ("IngressClass", "ingressclasses", "", false, false),
        ],
    ),
    ("policy", "v1", &[("PodDisruptionBudget", "poddisruptionbudgets", "pdb", true, true)]),
    ("storage.k8s.io", "v1", &[("StorageClass", "storageclasses", "sc", false, false)]),
    ("scheduling.k8s.io", "v1", &[("PriorityClass", "priorityclasses", "pc", false, false)]),
    ("coordination.k8s.io", "v1", &[("Lease", "leases", "", true, false)]),
    (
        "apiextensions.k8s.io",
        "v1",
        &[("CustomResourceDefinition", "customresourcedefinitions", "crd", false, true)],
    ),
    ("apiregistration.k8s.io", "v1", &[("APIService", "apiservices", "", false, true)]),
    (
        "admissionregistration.k8s.io",
        "v1",
        &[
            ("ValidatingWebhookConfiguration", "validatingwebhookconfigurations", "", false, false),
            ("MutatingWebhookConfiguration", "mutatingwebhookconfigurations", "", false, false),
        ],
    ),
    (
        "authorization.k8s.io",
        "v1",
        &[
            ("SelfSubjectAccessReview", "selfsubjectaccessreviews", "", false, false),
            ("SubjectAccessReview", "subjectaccessreviews", "", false, false),
        ],
    ),
];

/// The kinds of Kubernetes itself.
pub(super) fn built_in() -> Vec<Kind> {
    let kinds = BUILT_IN.iter().flat_map(|(group, version, kinds)| {
        kinds.iter().map(|(kind, plural, short, namespaced, status)| Kind {
            group: (*group).to_owned(),
            version: (*version).to_owned(),
            kind: (*kind).to_owned(),
            plural: (*plural).to_owned(),
            short: Some((*short).to_owned()).filter(|short| !short.is_empty()).into_iter().collect(),
            namespaced: *namespaced,
            status: *status,
            custom: false,
            schema: Some(schema::built_in(kind)),
        })
    });
    kinds.collect()
}
