//! The controller of sealed-secrets: a key pair where it runs, and `SealedSecret`s that become Secrets. Whoever owns the
//! sandbox holds its keys; what is opened here answers nobody on a network.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand_core::OsRng;
use serde_json::{Value, json};

use super::status::{Verdict, condition, find_condition, named, reference, secret_key, text};
use crate::plain::Plain;
use crate::sandbox::kubernetes::{Kubernetes, controllers, sealing_keys};
use crate::sandbox::sealing_key::SealingKey;
use crate::seal::{self, ACTIVE, Form, KEY_LABEL, PrivateKeys, SealedSecret};
use crate::yaml;

const MANAGER: &str = "controller";
const MANAGED: &str = "sealedsecrets.bitnami.com/managed";

/// Gives each controller a key pair, and unseals what is not in sync.
pub(super) fn react(cluster: &Kubernetes) {
    let mut keys = PrivateKeys::new();
    for controller in controllers(cluster) {
        let namespace = text(&controller["metadata"]["namespace"]);
        if sealing_keys(cluster, &namespace).is_empty() {
            make_key(cluster, &namespace);
        }
        for key in sealing_keys(cluster, &namespace) {
            let name = text(&key["metadata"]["name"]);
            if let Some(pem) = secret_key(cluster, &namespace, &name, "tls.key") {
                // The real one passes over what it cannot use as well.
                drop(keys.add(Path::new(&name), &Plain::from(pem)));
            }
        }
    }
    if keys.is_empty() {
        return;
    }
    for object in cluster.objects("SealedSecret").iter().filter(|object| !is_in_sync(cluster, object)) {
        let verdict = match unseal(object, &keys).and_then(|secret| write(cluster, object, secret)) {
            Ok(()) => Verdict::ready("", ""),
            Err(message) => Verdict::failed("", message),
        };
        let status = json!({
            "observedGeneration": object["metadata"]["generation"],
            "conditions": [condition(object, "Synced", &verdict)],
        });
        cluster.set_status(MANAGER, &reference(object), &status);
    }
}

fn make_key(cluster: &Kubernetes, namespace: &str) {
    let Some(made) = SealingKey::generate() else { return };
    cluster.upsert_as(
        MANAGER,
        json!({
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
            "metadata": {"name": "sealed-secrets-keysandbox", "namespace": namespace, "labels": {KEY_LABEL: ACTIVE}},
            "data": {"tls.crt": STANDARD.encode(&made.certificate), "tls.key": STANDARD.encode(&*made.private)},
        }),
    );
}

/// Whether it was unsealed as it is now, and its Secret is still there.
fn is_in_sync(cluster: &Kubernetes, object: &Value) -> bool {
    let seen = object["status"]["observedGeneration"] == object["metadata"]["generation"];
    let synced = find_condition(object, "Synced").is_some_and(|found| found["status"] == "True");
    seen && synced && target(cluster, object).is_some_and(|secret| owns(object, &secret))
}

fn target(cluster: &Kubernetes, object: &Value) -> Option<Value> {
    let meta = &object["metadata"];
    cluster.object(&named("v1", "Secret", &text(&meta["namespace"]), &text(&meta["name"])))
}

fn owns(object: &Value, secret: &Value) -> bool {
    let owners = secret["metadata"]["ownerReferences"].as_array();
    owners.into_iter().flatten().any(|owner| owner["uid"] == object["metadata"]["uid"])
}

fn unseal(object: &Value, keys: &PrivateKeys) -> Result<Value, String> {
    let words = |error: seal::Error| match error {
        seal::Error::NoKeyFor(items) => format!("no key could decrypt secret ({})", items.join(", ")),
        other => other.to_string(),
    };
    let mut documents =
        yaml::each(Path::new("SealedSecret"), &object.to_string()).map_err(|error| error.to_string())?;
    let sealed = SealedSecret::read(documents.remove(0)).map_err(words)?;
    let secret = sealed.unseal(keys, &mut OsRng).map_err(words)?;
    serde_json::from_str(&secret.write(Form::Json)).map_err(|error| error.to_string())
}

/// Writes the Secret. One that is there already and is not its own must say that it may be taken over.
fn write(cluster: &Kubernetes, object: &Value, made: Value) -> Result<(), String> {
    let secret = match target(cluster, object) {
        None => made,
        Some(there) if !owns(object, &there) && there["metadata"]["annotations"][MANAGED] != "true" => {
            let name = text(&object["metadata"]["name"]);
            return Err(format!(
                "failed update: Resource {name:?} already exists and is not managed by SealedSecret"
            ));
        }
        Some(mut there) => {
            for part in ["labels", "annotations", "ownerReferences"] {
                there["metadata"][part] = made["metadata"][part].clone();
            }
            if let Some(meta) = there["metadata"].as_object_mut() {
                meta.retain(|_, value| !value.is_null());
            }
            there["data"] = made["data"].clone();
            there
        }
    };
    let written = cluster.upsert_as(MANAGER, secret);
    written.then_some(()).ok_or_else(|| "failed update: the Secret was refused".to_owned())
}
