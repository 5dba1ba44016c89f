//! The ExternalSecret of an application.
//!
//! Every default is written down that the API server of External Secrets fills in, in the spelling of the operator: whoever
//! compares the file with the cluster finds no difference. Which those of a reference are depends on the version.

use serde_json::{Map, Value, json};

use super::Secret;
use crate::settings::StoreKind;

/// The manifest; the Secret that it makes has its name.
pub(super) fn manifest(app: &str, secret: &Secret) -> Value {
    let name = name(app);
    let kind = match secret.store.kind {
        StoreKind::ClusterSecretStore => "ClusterSecretStore",
        StoreKind::SecretStore => "SecretStore",
    };
    let data: Vec<Value> = secret.keys.iter().map(|key| entry(secret, key)).collect();
    json!({
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {"name": name},
        "spec": {
            "refreshInterval": secret.refresh_interval,
            "secretStoreRef": {"kind": kind, "name": secret.store.name},
            "target": {"name": name, "creationPolicy": "Owner", "deletionPolicy": "Retain"},
            "data": data,
        },
    })
}

/// The name of the Secret.
pub(super) fn name(app: &str) -> String {
    format!("{app}-secret")
}

fn entry(secret: &Secret, key: &str) -> Value {
    let said = [("key", &*secret.path), ("property", key)].into_iter().chain(secret.defaults.iter().copied());
    let reference: Map<String, Value> = said.map(|(field, text)| (field.to_owned(), text.into())).collect();
    json!({"secretKey": key, "remoteRef": reference})
}
