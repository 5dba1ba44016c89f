//! `ExternalSecret` and `PushSecret`: names of things in a store, and a template that may hold values.

use super::Place;
use super::look::{Look, Scope};
use crate::yaml::outline::{Id, Outline};

/// Ways to templates, from the object.
const TEMPLATES: [&[&str]; 3] = [
    &["spec", "target", "template"],
    &["spec", "template"],
    &["spec", "externalSecretSpec", "target", "template"],
];

/// Walks through the templates and the metadata; all else are names.
pub(super) fn check(look: &mut Look, outline: &Outline, id: Id, scope: &Scope) {
    for way in TEMPLATES {
        if let Some(template) = outline.at(id, way) {
            look.node(outline, template, &scope.at(Place::ExternalSecretTemplate));
        }
    }
    if let Some(metadata) = outline.get(id, "metadata") {
        look.node(outline, metadata, scope);
    }
}
