//! An ExternalSecret of a Secret: written so that the operator makes that Secret again, with every default spelled out.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::carried::{self, Carried};
use super::{Error, Layout, Operator, Push, path};
use crate::seal::{Secret, names};
use crate::yaml::LAST_APPLIED;

/// The group and version that is written.
pub(super) const GROUP_VERSION: &str = "external-secrets.io/v1";
/// The type of a Secret that says none.
pub(super) const OPAQUE: &str = "Opaque";
/// How `{{` is written where the operator evaluates texts.
pub(super) const BRACES: &str = r#"{{ "{{" }}"#;

/// The operator's own labels and annotations.
const MARKS: &str = "reconcile.external-secrets.io/";
/// Types that the operator refuses or that a controller fills in itself.
const REFUSED: [(&str, &str); 2] = [
    ("kubernetes.io/service-account-token", "its token is made by the cluster"),
    ("bootstrap.kubernetes.io/token", "the operator makes none of that type"),
];

/// The version of the operator whose templates have finalizers.
const FINALIZERS: (u32, u32) = (0, 20);

/// Makes an ExternalSecret of a Secret, and says what has to lie in Vault for it. `place` says where the Secret stands.
///
/// # Errors
/// All that is wrong with it at once: names and keys that Kubernetes refuses, types that the operator refuses, no values,
/// no path or one that means something else, more than a path may hold.
pub fn of_secret(mut secret: Secret, place: &str, layout: &Layout) -> Result<(Value, Push), Error> {
    let path = checked(&secret, place, layout)?;
    let carried = carried::carry(std::mem::take(&mut secret.items));
    if carried.size > layout.limit {
        let complaint = format!(
            "the values of `{}` are {} bytes as JSON; one path holds {}",
            object_of(&secret),
            carried.size,
            layout.limit
        );
        return Err(Error::refused(
            place,
            complaint,
            "split the Secret: one version has to fit into one entry of Vault's storage",
        ));
    }
    let object = written(&secret, &path, &carried, layout);
    let Carried { values, encoded, .. } = carried;
    Ok((object, Push { path, values, encoded, object: object_of(&secret), place: place.to_owned() }))
}

/// Refuses what cannot be one, and gives its path.
fn checked(secret: &Secret, place: &str, layout: &Layout) -> Result<String, Error> {
    let mut errors = Vec::new();
    let mut refuse = |complaint: String, hint: &str| errors.push(Error::refused(place, complaint, hint));
    let name = object_of(secret);
    if secret.name.is_empty() {
        refuse("this Secret has no name".into(), "write `metadata.name`");
    } else if let Err(why) = names::object(&secret.name) {
        refuse(format!("the name `{}` {why}", secret.name), "");
    }
    if let Some(Err(why)) = (!secret.namespace.is_empty()).then(|| names::namespace(&secret.namespace)) {
        refuse(format!("the namespace `{}` {why}", secret.namespace), "");
    }
    if let Some((kind, why)) = REFUSED.iter().find(|(kind, _)| secret.kind.as_deref() == Some(kind)) {
        refuse(format!("`{name}` is of type `{kind}`: {why}"), "leave it out");
    }
    if secret.items.is_empty() {
        refuse(format!("`{name}` has no values"), "leave it out");
    }
    if let Some(what) = finalizers(secret, layout.operator) {
        refuse(format!("`{name}` {what}"), "remove them, or renew the operator");
    }
    for key in secret.items.keys() {
        if let Err(why) = names::key(key) {
            refuse(format!("the key `{key}` {why}"), "");
        }
    }
    for key in secret.encrypted_by_sops() {
        refuse(format!("the value of `{key}` is encrypted by SOPS"), "decrypt it first: `sops decrypt`");
    }
    let path = path_of(secret, &secret.namespace, layout).unwrap_or_else(|why| {
        let is_lacking = secret.namespace.is_empty() && path_of(secret, "namespace", layout).is_ok();
        let hint = if is_lacking { "write `metadata.namespace`" } else { "" };
        errors.push(Error::refused(place, format!("no path for `{name}`: {why}"), hint));
        String::new()
    });
    Error::all(errors).map(|()| path)
}

/// The path of a Secret in a namespace, or why it has none.
fn path_of(secret: &Secret, namespace: &str, layout: &Layout) -> Result<String, String> {
    let path = (layout.path)(namespace, &secret.name)?;
    path::check(&path, &layout.mount).map_err(|why| format!("`{path}` {why}"))?;
    Ok(path)
}

/// Why its finalizers cannot be kept.
fn finalizers(secret: &Secret, operator: Operator) -> Option<String> {
    secret.finalizers().next().filter(|_| !operator.knows(FINALIZERS))?;
    let (major, minor) = FINALIZERS;
    Some(format!("has finalizers, which came with {major}.{minor}; the operator is {operator}"))
}

fn object_of(secret: &Secret) -> String {
    match secret.namespace.as_str() {
        "" => secret.name.clone(),
        namespace => format!("{namespace}/{}", secret.name),
    }
}

fn written(secret: &Secret, path: &str, carried: &Carried, layout: &Layout) -> Value {
    let mut metadata = Map::from_iter([("name".into(), secret.name.as_str().into())]);
    if !secret.namespace.is_empty() {
        metadata.insert("namespace".into(), secret.namespace.as_str().into());
    }
    let mut spec = Map::new();
    spec.insert("refreshInterval".into(), layout.refresh_interval.to_string().into());
    spec.insert(
        "secretStoreRef".into(),
        json!({"kind": layout.store.kind.word(), "name": layout.store.name}),
    );
    spec.insert("target".into(), target(secret));
    if layout.extract && carried.encoded.is_empty() {
        let mut whole = Map::from_iter([("key".into(), path.into())]);
        whole.extend(strategies(layout.operator, false));
        spec.insert("dataFrom".into(), json!([{"extract": whole}]));
    } else {
        let entry = |key: &String| entry(key, path, carried.encoded.contains(key), layout.operator);
        spec.insert("data".into(), carried.values.keys().map(entry).collect());
    }
    json!({"apiVersion": GROUP_VERSION, "kind": "ExternalSecret", "metadata": metadata, "spec": spec})
}

/// One entry of `data`. A property is looked up as a key first, whatever it would mean as a path in JSON.
fn entry(key: &str, path: &str, encoded: bool, operator: Operator) -> Value {
    let mut reference = Map::from_iter([("key".into(), path.into()), ("property".into(), key.into())]);
    reference.extend(strategies(operator, encoded));
    json!({"secretKey": key, "remoteRef": reference})
}

/// The strategies that have to be said, or that the API server would say.
fn strategies(operator: Operator, encoded: bool) -> Vec<(String, Value)> {
    let decoding = if encoded { "Base64" } else { "None" };
    let fields = [
        ("conversionStrategy", "Default", operator.fills_strategies()),
        ("decodingStrategy", decoding, encoded || operator.fills_strategies()),
        ("metadataPolicy", "None", operator.fills_strategies()),
        ("nullBytePolicy", "Ignore", operator.fills_null_bytes()),
    ];
    fields
        .into_iter()
        .filter(|(.., said)| *said)
        .map(|(key, text, _)| (key.to_owned(), text.into()))
        .collect()
}

/// The target. It always has a template: without one the operator copies labels and annotations of the ExternalSecret,
/// which tools add to, onto the Secret.
fn target(secret: &Secret) -> Value {
    let mut template = Map::new();
    if let Some(kind) = secret.kind.as_deref().filter(|kind| *kind != OPAQUE) {
        template.insert("type".into(), kind.into());
    }
    template.insert("engineVersion".into(), "v2".into());
    template.insert("mergePolicy".into(), "Replace".into());
    let mut metadata = Map::new();
    for (field, map) in [("labels", &secret.labels), ("annotations", &secret.annotations)] {
        let map = literal(map);
        if !map.is_empty() {
            metadata.insert(field.into(), Value::Object(map));
        }
    }
    let finalizers: Vec<&str> = secret.finalizers().collect();
    if !finalizers.is_empty() {
        metadata.insert("finalizers".into(), finalizers.into());
    }
    if !metadata.is_empty() {
        template.insert("metadata".into(), Value::Object(metadata));
    }
    let mut target = Map::from_iter([("name".into(), secret.name.as_str().into())]);
    target.insert("creationPolicy".into(), "Owner".into());
    target.insert("deletionPolicy".into(), "Retain".into());
    if secret.immutable == Some(true) {
        target.insert("immutable".into(), true.into());
    }
    target.insert("template".into(), Value::Object(template));
    Value::Object(target)
}

/// Texts that the operator takes for templates, written so that they come out as they are.
fn literal(map: &BTreeMap<String, String>) -> Map<String, Value> {
    map.iter()
        .filter(|(key, _)| !is_foreign(key))
        .map(|(key, text)| (key.clone(), text.replace("{{", BRACES).into()))
        .collect()
}

/// Whether a label or annotation says nothing of the Secret itself.
pub(super) fn is_foreign(key: &str) -> bool {
    key.starts_with(MARKS) || LAST_APPLIED.contains(&key)
}
