//! Annotations that hold a whole object.

use super::Place;
use super::look::{Look, Scope, within};
use crate::yaml::outline::{Id, Outline};

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
