//! The Secret that an ExternalSecret stands for, so that it can be sealed instead.

use std::collections::BTreeMap;

use serde_json::Value;

use super::external_secret::{BRACES, OPAQUE};
use super::needs::{Needs, needs};
use super::{Error, is_external_secret};
use crate::plain::Plain;
use crate::seal::Secret;
use crate::yaml::{Document, Segment};

/// Makes the Secret that the operator would make of an ExternalSecret, given the values by their keys in the Secret,
/// decoded. [`super::needs`] says which.
///
/// # Errors
/// With its place, what has no exact Secret: a policy that merges into one of somebody else or makes none, another kind
/// as target, templates of values or keys that are evaluated, a source that names no certain value; a value that is
/// missing or not asked for.
pub fn to_secret(document: &Document, values: BTreeMap<String, Plain>) -> Result<Secret, Error> {
    let reader = Reader(document);
    if !is_external_secret(document) {
        return Err(reader.refuse(&["kind"], "this document is no ExternalSecret", ""));
    }
    let needs = certain(document)?;
    if let Some(key) = needs.items.keys().find(|key| !values.contains_key(*key)) {
        return Err(reader.refuse(
            &["spec", "data"],
            &format!("the value of `{key}` is not there"),
            "it has to lie in Vault",
        ));
    }
    if needs.wholes.is_empty()
        && let Some(key) = values.keys().find(|key| !needs.items.contains_key(*key))
    {
        return Err(reader.refuse(&["spec", "data"], &format!("no entry asks for `{key}`"), ""));
    }
    let mut secret = reader.shell()?;
    secret.items = values;
    Ok(secret)
}

/// What the Secret of an ExternalSecret will hold, where it will hold just what is read.
///
/// # Errors
/// With its place, what has no exact Secret; see [`to_secret`].
pub fn certain(document: &Document) -> Result<Needs, Error> {
    let needs = needs(document)?;
    Reader(document).target()?;
    Ok(needs)
}

struct Reader<'d>(&'d Document);

const TEMPLATE: [&str; 3] = ["spec", "target", "template"];

impl Reader<'_> {
    fn refuse(&self, path: &[&str], what: &str, hint: &str) -> Error {
        let path: Vec<Segment> = path.iter().map(|key| Segment::from(*key)).collect();
        Error::refused(&self.0.place(&path), what, hint)
    }

    fn at(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(&self.0.value, |value, key| value.get(key)).filter(|value| !value.is_null())
    }

    fn text(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.as_str().filter(|text| !text.is_empty())
    }

    /// Refuses a target that is no Secret of its own.
    fn target(&self) -> Result<(), Error> {
        let policy = ["spec", "target", "creationPolicy"];
        if let Some(other) = self.text(&policy).filter(|policy| !matches!(*policy, "Owner" | "Orphan")) {
            let what = format!("with `creationPolicy: {other}` the Secret is not its own");
            return Err(self.refuse(&policy, &what, "seal the values into the Secret they belong to"));
        }
        let manifest = ["spec", "target", "manifest"];
        let is_secret = self.text(&["spec", "target", "manifest", "kind"]) == Some("Secret");
        if self.at(&manifest).is_some() && !is_secret {
            return Err(self.refuse(&manifest, "its target is no Secret", ""));
        }
        for field in ["templateFrom", "data"] {
            let path = [TEMPLATE[0], TEMPLATE[1], TEMPLATE[2], field];
            let is_there = self.at(&path).is_some_and(|value| match value {
                Value::Array(items) => !items.is_empty(),
                Value::Object(map) => !map.is_empty(),
                _ => true,
            });
            if is_there {
                let what = format!("its values come from templates (`template.{field}`)");
                return Err(self.refuse(
                    &path,
                    &what,
                    "write them to `spec.template.data` of the SealedSecret",
                ));
            }
        }
        Ok(())
    }

    /// All of the Secret but its values.
    fn shell(&self) -> Result<Secret, Error> {
        let name = self.text(&["spec", "target", "name"]).or_else(|| self.text(&["metadata", "name"]));
        let mut secret = Secret::default();
        name.unwrap_or_default().clone_into(&mut secret.name);
        self.text(&["metadata", "namespace"]).unwrap_or_default().clone_into(&mut secret.namespace);
        secret.kind = self
            .text(&["spec", "target", "template", "type"])
            .filter(|kind| *kind != OPAQUE)
            .map(str::to_owned);
        let immutable = self.at(&["spec", "target", "immutable"]).and_then(Value::as_bool);
        secret.immutable = immutable.filter(|flag| *flag);
        let metadata: &[&str] = if self.at(&TEMPLATE).is_some() {
            &["spec", "target", "template", "metadata"]
        } else {
            &["metadata"]
        };
        secret.labels = self.texts(metadata, "labels")?;
        secret.annotations = self.texts(metadata, "annotations")?;
        let finalizers =
            self.at(&["spec", "target", "template", "metadata", "finalizers"]).and_then(Value::as_array);
        secret.set_finalizers(
            finalizers.into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned)).collect(),
        );
        Ok(secret)
    }

    /// Labels or annotations; those of a template as they are evaluated.
    fn texts(&self, metadata: &[&str], field: &str) -> Result<BTreeMap<String, String>, Error> {
        let path: Vec<&str> = metadata.iter().copied().chain([field]).collect();
        let evaluated = metadata.len() > 1;
        let mut all = BTreeMap::new();
        for (key, value) in self.at(&path).and_then(Value::as_object).into_iter().flatten() {
            if super::external_secret::is_foreign(key) {
                continue;
            }
            let at: Vec<&str> = path.iter().copied().chain([key.as_str()]).collect();
            let text = value
                .as_str()
                .ok_or_else(|| self.refuse(&at, &format!("`{key}` is not a text"), "put it in quotes"))?;
            let meant = if evaluated { literal(text) } else { Some(text.to_owned()) };
            let what = format!("`{key}` is evaluated by the operator");
            let meant = meant.ok_or_else(|| self.refuse(&at, &what, "write what it comes to"))?;
            all.insert(key.clone(), meant);
        }
        all.retain(|key, _| key != "kubectl.kubernetes.io/last-applied-configuration");
        Ok(all)
    }
}

/// What a text comes to that is evaluated as a template; nothing where that takes more than escapes.
fn literal(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split(BRACES).collect();
    let last = parts.len() - 1;
    let is_plain =
        |(index, part): (usize, &&str)| !part.contains("{{") && (index == last || !part.ends_with('{'));
    parts.iter().enumerate().all(is_plain).then(|| parts.join("{{"))
}
