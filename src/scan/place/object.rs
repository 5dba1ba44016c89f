//! Objects of a cluster within documents: alone, in lists, and nested in whatever carries manifests.

use crate::yaml::outline::{Id, Outline, Shape};

/// The name of an object, as far as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Object {
    /// Its kind.
    pub kind: String,
    /// Its namespace; empty where none is written.
    pub namespace: String,
    /// Its name; empty where none is written.
    pub name: String,
}

impl std::fmt::Display for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kind, namespace, name } = self;
        match (namespace.is_empty(), name.is_empty()) {
            (_, true) => write!(f, "{kind}"),
            (true, false) => write!(f, "{kind} {name}"),
            (false, false) => write!(f, "{kind} {namespace}/{name}"),
        }
    }
}

/// The object that a map is, if it is one: it has a kind, and an API version or the fields of a Secret.
pub(super) fn of(outline: &Outline, id: Id) -> Option<Object> {
    if outline.shape(id) != Shape::Map {
        return None;
    }
    let kind = outline.text_at(id, &["kind"])?;
    let has = |key: &str| outline.get(id, key).is_some();
    let is_secret = kind.eq_ignore_ascii_case("secret") && (has("data") || has("stringData"));
    if kind.is_empty() || !has("apiVersion") && !is_secret {
        return None;
    }
    let text = |way: &[&str]| outline.text_at(id, way).unwrap_or_default().into_owned();
    // A scanner sees what people write, and `kind: secret` they write too.
    let kind = if is_secret { "Secret".to_owned() } else { kind.into_owned() };
    Some(Object { kind, namespace: text(&["metadata", "namespace"]), name: text(&["metadata", "name"]) })
}
