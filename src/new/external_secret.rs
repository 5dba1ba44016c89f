//! The ExternalSecret of an application.
//!
//! Every default is written down that the API server of External Secrets 0.19 fills in, the three strategies of a
//! reference included, in the spelling of the operator: whoever compares the file with the cluster finds no difference.
//! From 2.3 to 2.8 one more is filled in, `nullBytePolicy`; older versions would refuse a file that says it.

use serde_json::{Value, json};

use super::Secret;
use crate::settings::StoreKind;

/// The manifest; the Secret that it makes has its name.
pub(super) fn manifest(app: &str, secret: &Secret) -> Value {
    let name = name(app);
    let kind = match secret.store.kind {
        StoreKind::ClusterSecretStore => "ClusterSecretStore",
        StoreKind::SecretStore => "SecretStore",
    };
    let data: Vec<Value> = secret.keys.iter().map(|key| entry(&secret.path, key)).collect();
    json!({
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {"name": name},
        "spec": {
            "refreshInterval": "1h0m0s",
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

fn entry(path: &str, key: &str) -> Value {
    json!({
        "secretKey": key,
        "remoteRef": {
            "key": path,
            "property": key,
            "conversionStrategy": "Default",
            "decodingStrategy": "None",
            "metadataPolicy": "None",
        },
    })
}
