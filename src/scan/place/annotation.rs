//! Annotations that hold a whole object.

use super::Place;
use super::look::{Look, Scope, within};
use crate::yaml::outline::{Id, Outline};

/// The annotation that `kubectl apply` keeps an object in, and those that others do.
pub const KEEPERS: [&str; 4] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    "kubecfg.ksonnet.io/last-applied-configuration",
    "objectset.rio.cattle.io/applied",
    "kopf.zalando.org/last-handled-configuration",
];

/// Whether an annotation holds an object.
pub(super) fn is_last_applied(key: &str) -> bool {
    KEEPERS.contains(&key)
}

/// Whether an annotation tells the agent of Vault, or the webhook of Bank-Vaults, where to find something.
pub(super) fn is_reference(key: &str) -> bool {
    ["vault.hashicorp.com/", "vault.security.banzaicloud.io/"].iter().any(|head| key.starts_with(head))
}

/// Walks through the object that is kept.
pub(super) fn last_applied(look: &mut Look, outline: &Outline, id: Id, scope: &Scope) {
    let Some(text) = outline.scalar(id) else { return look.node(outline, id, scope) };
    let origin = within(outline, id, scope);
    let inside = Scope {
        place: Place::LastApplied,
        object: scope.object.clone(),
        origin: &origin,
        depth: scope.depth + 1,
    };
    look.documents(&text, &inside);
}
