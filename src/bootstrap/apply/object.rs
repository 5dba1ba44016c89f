//! One object of a set: made ready to be applied, or refused before anything is asked of the cluster.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::stage::{Stage, stage};
use super::substitute::substitute;
use super::{Origin, compare};
use crate::bootstrap::Error;
use crate::bootstrap::ready::group;
use crate::remote::cluster::ObjectRef;

/// What client-side apply leaves: the whole object as it was, values included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// What stands in manifests where a certificate authority is put in later: base64 of a line feed.
const NO_AUTHORITY: &str = "Cg==";

/// An object that is to be applied.
#[derive(Debug)]
pub(super) struct Item {
    /// Its fields, without those that only the API server writes.
    pub(super) object: Value,
    /// ``Deployment `flux-system/flux-operator` ``.
    pub(super) label: String,
    /// Its place in the order.
    pub(super) stage: Stage,
}

impl Item {
    pub(super) fn is_secret(&self) -> bool {
        self.object["kind"] == "Secret" && self.object["apiVersion"] == "v1"
    }

    pub(super) fn text(&self, field: &str) -> &str {
        self.object[field].as_str().unwrap_or_default()
    }

    /// Its name, with the namespace where it has one.
    pub(super) fn reference(&self) -> ObjectRef {
        let metadata = |field: &str| self.object["metadata"][field].as_str().map(ToOwned::to_owned);
        ObjectRef {
            api_version: self.text("apiVersion").to_owned(),
            kind: self.text("kind").to_owned(),
            namespace: metadata("namespace"),
            name: metadata("name").unwrap_or_default(),
        }
    }
}

/// Makes items of parsed manifests, in the order of application.
pub(super) fn prepare(
    objects: Vec<Origin>,
    namespace: Option<&str>,
    values: &BTreeMap<String, String>,
) -> Result<Vec<Item>, Error> {
    let (mut items, mut unresolved, mut seen) = (Vec::new(), Vec::new(), BTreeMap::new());
    for Origin { file, object } in objects {
        let mut object = tidy(named(&file, &object)?);
        let missing = substitute(&mut object, values);
        let label = label(&object);
        if !missing.is_empty() {
            unresolved.push(format!("{file}: {label}: {}", listed(&missing)));
        }
        refuse_plaintext(&file, &label, &object)?;
        if let Some(namespace) = namespace {
            let metadata = object["metadata"].as_object_mut();
            metadata.map(|metadata| metadata.entry("namespace").or_insert_with(|| namespace.into()));
        }
        refuse_twice(&mut seen, &file, &object)?;
        items.push(Item { stage: stage(&object), label, object });
    }
    if unresolved.is_empty() { Ok(sorted(items)) } else { Err(unresolved_error(&unresolved)) }
}

fn sorted(mut items: Vec<Item>) -> Vec<Item> {
    items.sort_by_key(|item| item.stage);
    items
}

/// ``Kind `namespace/name` ``.
pub(super) fn label(object: &Value) -> String {
    let kind = object["kind"].as_str().unwrap_or_default();
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    match object["metadata"]["namespace"].as_str() {
        Some(namespace) => format!("{kind} `{namespace}/{name}`"),
        None => format!("{kind} `{name}`"),
    }
}

/// Refuses what is no Kubernetes object with a name.
fn named<'a>(file: &str, object: &'a Value) -> Result<&'a Value, Error> {
    let metadata = &object["metadata"];
    let missing = [
        ("apiVersion", &object["apiVersion"]),
        ("kind", &object["kind"]),
        ("metadata.name", &metadata["name"]),
    ];
    let missing = missing.into_iter().find(|(_, value)| value.as_str().is_none_or(str::is_empty));
    match missing.map(|(field, _)| field) {
        None => Ok(object),
        Some(field) => Err(Error::Unfit {
            what: format!("`{file}`"),
            reason: format!("a document in it has no `{field}`"),
            hint: Some(
                "only Kubernetes objects with a name can be applied; keep other files elsewhere".into(),
            ),
        }),
    }
}

/// Drops what only the API server writes, what client-side apply left, and placeholders of authorities.
fn tidy(object: &Value) -> Value {
    let mut object = without_nulls(compare::settled(object));
    if let Some(annotations) = object["metadata"]["annotations"].as_object_mut() {
        annotations.remove(LAST_APPLIED);
    }
    let conversion = object.pointer_mut("/spec/conversion/webhook/clientConfig");
    drop_placeholder(conversion);
    if let Some(webhooks) = object.get_mut("webhooks").and_then(Value::as_array_mut) {
        for webhook in webhooks {
            drop_placeholder(webhook.get_mut("clientConfig"));
        }
    }
    object
}

fn drop_placeholder(client: Option<&mut Value>) {
    let Some(client) = client.and_then(Value::as_object_mut) else { return };
    if client.get("caBundle").is_some_and(|bundle| bundle == NO_AUTHORITY || bundle == "") {
        client.remove("caBundle");
    }
}

/// A null in a manifest says nothing, but would count as a difference.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(key, value)| (key, without_nulls(value))).collect::<Map<_, _>>())
        }
        Value::Array(list) => Value::Array(list.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

/// Refuses Secrets with values: they would be plaintext in the repository.
fn refuse_plaintext(file: &str, label: &str, object: &Value) -> Result<(), Error> {
    if object["kind"] != "Secret" || object["apiVersion"] != "v1" {
        return Ok(());
    }
    let filled = |field: &str| {
        let values = object[field].as_object().into_iter().flatten();
        values.filter(|(_, value)| value.as_str() != Some("")).map(|(key, _)| key.clone()).collect::<Vec<_>>()
    };
    let keys: BTreeSet<_> = filled("data").into_iter().chain(filled("stringData")).collect();
    if keys.is_empty() {
        return Ok(());
    }
    Err(Error::Unfit {
        what: format!("{label} in `{file}`"),
        reason: format!("it holds values in plaintext, under {}", listed(&keys)),
        hint: Some(
            "keep the values in Vault with a `vaultSecret` step, or put them into the cluster with a \
             `clusterSecret` step, and take the Secret out of the manifests"
                .into(),
        ),
    })
}

type Seen = BTreeMap<(String, String, String, String), String>;

/// Refuses a second definition of the same object: each would undo the other.
fn refuse_twice(seen: &mut Seen, file: &str, object: &Value) -> Result<(), Error> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let metadata = &object["metadata"];
    let key = (
        group(object).to_owned(),
        text(&object["kind"]),
        text(&metadata["namespace"]),
        text(&metadata["name"]),
    );
    match seen.insert(key, file.to_owned()) {
        None => Ok(()),
        Some(first) => Err(Error::Unfit {
            what: label(object),
            reason: format!("it is defined twice: in `{first}` and in `{file}`"),
            hint: Some("keep one of the two".into()),
        }),
    }
}

fn listed(names: &BTreeSet<String>) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn unresolved_error(lines: &[String]) -> Error {
    Error::Unfit {
        what: "manifests with unresolved variables".into(),
        reason: lines.join("; "),
        hint: Some(
            "give the variables under `substitute` in `sealstrap.yaml`; write `$${NAME}` for text that is to stay, \
             or annotate the object with `kustomize.toolkit.fluxcd.io/substitute: disabled`"
                .into(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::{Item, Origin, prepare};
    use crate::bootstrap::Error;

    fn prepared<const N: usize>(objects: [Value; N]) -> Result<Vec<Item>, Error> {
        let origins =
            objects.into_iter().enumerate().map(|(at, object)| Origin { file: format!("{at}.yaml"), object });
        prepare(origins.collect(), Some("net"), &BTreeMap::new())
    }

    fn secret(data: &Value) -> Value {
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": data})
    }

    #[test]
    fn a_plaintext_secret_is_refused_by_its_keys_and_without_its_values() {
        let Err(Error::Unfit { what, reason, hint }) = prepared([secret(&json!({"token": "Y2FuYXJ5"}))])
        else {
            panic!("not refused")
        };
        assert_eq!(what, "Secret `s` in `0.yaml`");
        assert!(reason.contains("`token`") && !reason.contains("Y2FuYXJ5"));
        assert!(hint.is_some_and(|hint| hint.contains("vaultSecret") && hint.contains("clusterSecret")));
    }

    #[test]
    fn a_secret_that_something_else_fills_is_taken() {
        assert!(prepared([secret(&json!({"tls.crt": ""})),]).is_ok());
        assert!(prepared([secret(&Value::Null)]).is_ok());
    }

    #[test]
    fn all_unresolved_variables_are_listed_at_once() {
        let object = |name: &str, text: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"x": text}});
        let Err(Error::Unfit { reason, .. }) =
            prepared([object("a", "${ONE} ${TWO}"), object("b", "${THREE}")])
        else {
            panic!("not refused")
        };
        assert_eq!(reason, "0.yaml: ConfigMap `a`: `ONE`, `TWO`; 1.yaml: ConfigMap `b`: `THREE`");
    }

    #[test]
    fn the_same_object_twice_is_refused() {
        let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}});
        let mut same = object.clone();
        same["metadata"]["namespace"] = json!("net");
        let Err(Error::Unfit { reason, .. }) = prepared([object, same]) else { panic!("not refused") };
        assert_eq!(reason, "it is defined twice: in `0.yaml` and in `1.yaml`");
    }

    #[test]
    fn a_document_that_is_no_object_is_refused_by_its_file() {
        let Err(Error::Unfit { what, reason, .. }) = prepared([json!({"replicaCount": 1})]) else {
            panic!("not refused")
        };
        assert_eq!((what.as_str(), reason.as_str()), ("`0.yaml`", "a document in it has no `apiVersion`"));
    }

    #[test]
    fn what_only_the_server_writes_is_dropped() {
        let object = json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": "x", "creationTimestamp": null, "annotations": {super::LAST_APPLIED: "{}"}},
            "spec": {"conversion": {"webhook": {"clientConfig": {"caBundle": "Cg==", "url": "u"}}}},
            "status": {"conditions": []}});
        let items = prepared([object]).unwrap();
        assert_eq!(
            items[0].object,
            json!({
                "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                "metadata": {"name": "x", "annotations": {}, "namespace": "net"},
                "spec": {"conversion": {"webhook": {"clientConfig": {"url": "u"}}}}})
        );
    }

    #[test]
    fn objects_without_a_namespace_get_that_of_the_step() {
        let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}});
        let items = prepared([object]).unwrap();
        assert_eq!(items[0].reference().namespace.as_deref(), Some("net"));
    }
}
