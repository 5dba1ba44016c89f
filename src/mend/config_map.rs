//! A ConfigMap becomes a SealedSecret or ExternalSecret of the same name, with the same keys; what uses it uses the Secret.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::comments;
use super::keep::{Keep, in_vault};
use super::refusal::No;
use super::secret::is_filled_in;
use super::uses;
use super::work::Work;
use crate::plain::Plain;
use crate::seal::{Allow, Form, Scope, SealedSecret, Secret};
use crate::yaml::{self, LAST_APPLIED};

/// Fields of metadata that go along, or that the server fills in.
const METADATA: [&str; 9] = [
    "name",
    "namespace",
    "labels",
    "annotations",
    "creationTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "uid",
];

/// Labels and annotations by which no program looks for ConfigMaps; of those that end with `/` all that begin so.
const PLAIN: [&str; 14] = [
    "app",
    "app.kubernetes.io/",
    "chart",
    "component",
    "description",
    "env",
    "helm.sh/",
    "heritage",
    "k8s-app",
    "meta.helm.sh/",
    "owner",
    "release",
    "team",
    "tier",
];

/// Makes a Secret of a ConfigMap that is a document of its own.
pub(super) fn mend(work: &mut Work, document: usize) -> Result<(), No> {
    let mut secret = read(work, document)?;
    secret.namespace = work.namespace(&secret.namespace, Scope::Strict)?;
    secret.check(work.means.keep.scope(), Allow::default(), "")?;
    let (namespace, name) = (&secret.namespace, &secret.name);
    uses::rewrite(work, &uses::Map { namespace, name, document, path: Vec::new() })?;
    let text = work.draft.document(document)?;
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(text.trim()).is_ok();
    let made = match work.means.keep {
        Keep::Sealed { recipient, scope } => {
            let sealed = SealedSecret::seal(&secret, scope, recipient, &mut work.means.rng)?;
            sealed.write(if is_json { Form::Json } else { Form::Yaml })
        }
        Keep::Nowhere => return Err(No::nowhere()),
        Keep::Vault(layout) => {
            let place = work.path.display().to_string();
            let object = in_vault(work, secret, &place, layout)?;
            if is_json { format!("{object:#}\n") } else { yaml::to_string(&object) }
        }
    };
    work.draft.replace(document, &comments::carried(&text, &made))
}

/// The Secret that is to take its place.
fn read(work: &Work, document: usize) -> Result<Secret, No> {
    let map = work.draft.value(document, &[]).and_then(Value::as_object).ok_or_else(No::unsafe_place)?;
    let by_hand = "make it a Secret by hand, and seal that";
    let is_known = |key: &&String| ["apiVersion", "kind", "metadata", "data"].contains(&key.as_str());
    if let Some(key) = map.keys().find(|key| !is_known(key)) {
        return Err(No::new(format!("the ConfigMap says `{key}`, which cannot be sealed along"), by_hand));
    }
    let metadata = map.get("metadata").and_then(Value::as_object).cloned().unwrap_or_default();
    if let Some(key) = metadata.keys().find(|key| !METADATA.contains(&key.as_str())) {
        return Err(No::new(
            format!("the ConfigMap says `metadata.{key}`, which cannot be sealed along"),
            by_hand,
        ));
    }
    let text = |key: &str| metadata.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut secret = Secret::default();
    (secret.name, secret.namespace) = (text("name"), text("namespace"));
    if secret.name.is_empty() {
        return Err(No::new("the object has no name of its own", "write `metadata.name`"));
    }
    secret.labels = texts(&metadata, "labels")?;
    secret.annotations = texts(&metadata, "annotations")?;
    secret.annotations.retain(|key, _| !LAST_APPLIED.contains(&key.as_str()));
    is_found_by_name(secret.labels.keys().chain(secret.annotations.keys()))?;
    for (key, value) in map.get("data").and_then(Value::as_object).into_iter().flatten() {
        let text =
            value.as_str().ok_or_else(|| No::new(format!("`{key}` is no text"), "put it in quotes"))?;
        let value = Plain::from(text.to_owned());
        if is_filled_in(key, &value) {
            let No { reason, hint, .. } = No::expression();
            return Err(No::new(format!("`{key}`: {reason}"), hint));
        }
        secret.items.insert(key.clone(), value);
    }
    Ok(secret)
}

fn texts(metadata: &Map<String, Value>, key: &str) -> Result<BTreeMap<String, String>, No> {
    let pairs = metadata.get(key).and_then(Value::as_object).into_iter().flatten();
    let text = |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
    pairs.map(|pair| text(pair).ok_or_else(No::unsafe_place)).collect()
}

/// Refuses a ConfigMap that a program may find by something else than its name, and would not find as a Secret: a
/// dashboard, a mirror of it in another namespace, whoever applies it.
pub(super) fn is_found_by_name<'k>(mut keys: impl Iterator<Item = &'k String>) -> Result<(), No> {
    let is_plain = |key: &&String| {
        PLAIN.iter().any(|plain| *key == plain || plain.ends_with('/') && key.starts_with(plain))
    };
    match keys.find(|key| !is_plain(key)) {
        None => Ok(()),
        Some(key) => Err(No::new(
            format!(
                "a program may look for ConfigMaps with `{key}`, and would not find this one as a Secret"
            ),
            "move the secret to a sealed Secret by hand, and have the program read that",
        )),
    }
}
