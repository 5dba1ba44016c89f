//! External Secrets: stores that are checked, and `ExternalSecret`s that become Secrets
//! (<https://external-secrets.io/latest/api/externalsecret/>).

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Reactors;
use super::status::{Verdict, is_ready, named, now, secret_key, tell, text};
use crate::remote::cluster::ObjectRef;

const MANAGER: &str = "external-secrets";
const HASH: &str = "reconcile.external-secrets.io/data-hash";

/// Values under their keys.
type Values = BTreeMap<String, Vec<u8>>;

/// Stores are valid when their token is one that Vault takes.
pub(super) fn react_to_stores(reactors: &Reactors) {
    let cluster = &reactors.cluster;
    for store in cluster.objects("SecretStore").iter().chain(&cluster.objects("ClusterSecretStore")) {
        let verdict = match check(reactors, store) {
            Ok(()) => Verdict::ready("Valid", "store validated"),
            Err((reason, message)) => Verdict::failed(reason, message),
        };
        tell(cluster, MANAGER, store, &verdict, &json!({"capabilities": "ReadWrite"}));
    }
}

fn check(reactors: &Reactors, store: &Value) -> Result<(), (&'static str, String)> {
    let vault = &store["spec"]["provider"]["vault"];
    if vault.is_null() {
        return Err(("InvalidProviderConfig", "no provider but vault is known here".into()));
    }
    let reference = &vault["auth"]["tokenSecretRef"];
    if reference.is_null() {
        // Other ways to log in are Vault's own affair.
        let known = !vault["auth"].is_null();
        return known.then_some(()).ok_or(("InvalidProviderConfig", "no auth method is given".into()));
    }
    let own = text(&store["metadata"]["namespace"]);
    let namespace = reference["namespace"].as_str().unwrap_or(&own);
    let (name, key) = (text(&reference["name"]), reference["key"].as_str().unwrap_or("token"));
    let Some(token) = secret_key(&reactors.cluster, namespace, &name, key) else {
        let message = format!(
            "unable to validate store: cannot get Kubernetes secret \"{name}\" from namespace \"{namespace}\""
        );
        return Err(("InvalidProviderConfig", message));
    };
    let accepted = (reactors.takes_token)(&token);
    accepted.then_some(()).ok_or(("ValidationFailed", "unable to validate store: permission denied".into()))
}

/// Each `ExternalSecret` becomes the Secret that it describes.
pub(super) fn react(reactors: &Reactors) {
    let cluster = &reactors.cluster;
    for object in cluster.objects("ExternalSecret") {
        let target = target(&object);
        if is_fresh(reactors, &object, &target) {
            continue;
        }
        let made = find_store(reactors, &object)
            .and_then(|store| read(reactors, &object, &store))
            .and_then(|values| write(reactors, &object, &target, &values));
        let before = &object["status"];
        let (verdict, more) = match made {
            Ok(()) => (
                Verdict::ready("SecretSynced", "secret synced"),
                json!({"refreshTime": now(), "syncedResourceVersion": version(&object), "binding": {"name": target.name}}),
            ),
            Err(message) => (Verdict::failed("SecretSyncedError", message), kept(before)),
        };
        tell(cluster, MANAGER, &object, &verdict, &more);
    }
}

/// What a failure leaves of the last success.
fn kept(status: &Value) -> Value {
    let fields = ["refreshTime", "syncedResourceVersion", "binding"].into_iter();
    fields
        .filter(|field| !status[*field].is_null())
        .map(|field| (field.to_owned(), status[field].clone()))
        .collect()
}

fn target(object: &Value) -> ObjectRef {
    let own = text(&object["metadata"]["name"]);
    let name = object["spec"]["target"]["name"].as_str().unwrap_or(&own);
    named("v1", "Secret", &text(&object["metadata"]["namespace"]), name)
}

/// A mark of what is wanted: it changes with the spec, and with labels and annotations, so that an annotation
/// can ask for a refresh.
fn version(object: &Value) -> String {
    let meta = &object["metadata"];
    let words = format!("{}{}", meta["labels"], meta["annotations"]);
    let hash = base16ct::lower::encode_string(&Sha256::digest(words));
    format!("{}-{}", meta["generation"], &hash[..16])
}

fn is_fresh(reactors: &Reactors, object: &Value, target: &ObjectRef) -> bool {
    let status = &object["status"];
    let whole = reactors.cluster.object(target).is_some_and(|secret| {
        secret["metadata"]["annotations"][HASH].as_str() == Some(&hash(&secret["data"]))
    });
    let synced: Option<Timestamp> = status["refreshTime"].as_str().and_then(|time| time.parse().ok());
    let interval = interval(object);
    let young = synced.is_some_and(|synced| {
        interval.is_none_or(|interval| Timestamp::now().duration_since(synced) < interval)
    });
    is_ready(object) && whole && young && status["syncedResourceVersion"] == version(object)
}

/// After how long the values are read again; nothing for never.
fn interval(object: &Value) -> Option<SignedDuration> {
    if object["spec"]["refreshPolicy"].as_str().is_some_and(|policy| policy != "Periodic") {
        return None;
    }
    let hour = SignedDuration::from_hours(1);
    let interval = object["spec"]["refreshInterval"].as_str().map_or(Ok(hour), str::parse).unwrap_or(hour);
    (!interval.is_zero()).then_some(interval)
}

fn find_store(reactors: &Reactors, object: &Value) -> Result<Value, String> {
    let wanted = &object["spec"]["secretStoreRef"];
    let kind = wanted["kind"].as_str().unwrap_or("SecretStore");
    let namespace = &object["metadata"]["namespace"];
    let fits = |store: &Value| {
        store["metadata"]["name"] == wanted["name"]
            && (kind == "ClusterSecretStore" || store["metadata"]["namespace"] == *namespace)
    };
    let store = reactors.cluster.objects(kind).into_iter().find(fits);
    let store = store.ok_or_else(|| {
        format!("could not get secret data from provider: {kind} {} not found", wanted["name"])
    })?;
    if is_ready(&store) { Ok(store) } else { Err(format!("{kind} {} is not ready", wanted["name"])) }
}

fn read(reactors: &Reactors, object: &Value, store: &Value) -> Result<Values, String> {
    let mount = store["spec"]["provider"]["vault"]["path"].as_str().unwrap_or("secret");
    let secret = |reference: &Value| {
        let key = text(&reference["key"]);
        let path = key.strip_prefix(&format!("{mount}/")).unwrap_or(&key);
        let path = path.strip_prefix("data/").unwrap_or(path);
        (reactors.kv)(mount, path).ok_or_else(|| format!("error processing key {key}: Secret does not exist"))
    };
    let mut values = Values::new();
    for entry in object["spec"]["dataFrom"].as_array().into_iter().flatten() {
        let all = secret(&entry["extract"])?;
        values.extend(all.into_iter().map(|(key, value)| (key, value.into_bytes())));
    }
    for entry in object["spec"]["data"].as_array().into_iter().flatten() {
        let reference = &entry["remoteRef"];
        let mut found = secret(reference)?;
        let value = match reference["property"].as_str() {
            Some(property) => found
                .remove(property)
                .ok_or_else(|| format!("cannot find secret data for key: \"{property}\""))?,
            None => json!(found).to_string(),
        };
        values.insert(text(&entry["secretKey"]), decoded(&reference["decodingStrategy"], value)?);
    }
    Ok(values)
}

/// What is meant by a value that lies in Vault.
fn decoded(strategy: &Value, value: String) -> Result<Vec<u8>, String> {
    if strategy == "Base64" {
        return STANDARD.decode(value).map_err(|_| "could not decode secret: illegal base64 data".to_owned());
    }
    Ok(value.into_bytes())
}

fn write(reactors: &Reactors, object: &Value, target: &ObjectRef, values: &Values) -> Result<(), String> {
    let template = &object["spec"]["target"]["template"];
    let data: Value = shaped(template, values)?
        .into_iter()
        .map(|(key, value)| (key, Value::from(STANDARD.encode(value))))
        .collect();
    let mut secret = reactors.cluster.object(target).unwrap_or_else(|| {
        let kind = template["type"].as_str().unwrap_or("Opaque");
        json!({"apiVersion": "v1", "kind": "Secret", "type": kind,
               "metadata": {"name": target.name, "namespace": target.namespace}})
    });
    let meta = &mut secret["metadata"];
    for part in ["labels", "annotations"] {
        for (key, value) in template["metadata"][part].as_object().into_iter().flatten() {
            meta[part][key.as_str()] = value.clone();
        }
    }
    meta["labels"]["reconcile.external-secrets.io/managed"] = "true".into();
    meta["annotations"][HASH] = hash(&data).into();
    if object["spec"]["target"]["creationPolicy"].as_str().unwrap_or("Owner") == "Owner" {
        meta["ownerReferences"] = json!([{
            "apiVersion": object["apiVersion"], "kind": object["kind"], "name": object["metadata"]["name"],
            "uid": object["metadata"]["uid"], "controller": true, "blockOwnerDeletion": true,
        }]);
    }
    secret["data"] = data;
    let written = reactors.cluster.upsert_as(MANAGER, secret);
    written.then_some(()).ok_or_else(|| "could not update secret".to_owned())
}

/// The values under the keys of the template, where there is one.
fn shaped(template: &Value, values: &Values) -> Result<Values, String> {
    let Some(wanted) = template["data"].as_object() else { return Ok(values.clone()) };
    wanted
        .iter()
        .map(|(key, text)| Ok((key.clone(), expand(text.as_str().unwrap_or_default(), values)?.into_bytes())))
        .collect()
}

/// A text with each `{{ .key }}` replaced; more of the template language is not known here.
fn expand(text: &str, values: &Values) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (expression, after) =
            after.split_once("}}").ok_or("could not execute template: it has no end")?;
        let key = expression.trim().trim_matches('-').trim().trim_start_matches('.');
        let value =
            values.get(key).ok_or_else(|| format!("could not execute template: no entry for key {key:?}"))?;
        out.push_str(before);
        out.push_str(&String::from_utf8_lossy(value));
        rest = after;
    }
    Ok(out + rest)
}

fn hash(data: &Value) -> String {
    let data: BTreeMap<String, Value> = serde_json::from_value(data.clone()).unwrap_or_default();
    base16ct::lower::encode_string(&Sha256::digest(json!(data).to_string()))
}
