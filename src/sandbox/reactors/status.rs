//! Statuses and references that the reactors have in common.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::remote::cluster::ObjectRef;
use crate::sandbox::kubernetes::Kubernetes;

/// A verdict on an object, as the condition `Ready` tells it.
pub(super) struct Verdict {
    /// `True`, `False`, `Unknown`.
    pub(super) status: &'static str,
    pub(super) reason: &'static str,
    pub(super) message: String,
}

impl Verdict {
    pub(super) fn ready(reason: &'static str, message: impl Into<String>) -> Self {
        Self { status: "True", reason, message: message.into() }
    }

    pub(super) fn failed(reason: &'static str, message: impl Into<String>) -> Self {
        Self { status: "False", reason, message: message.into() }
    }
}

/// Writes the verdict, and more fields, into the status of an object.
pub(super) fn tell(cluster: &Kubernetes, manager: &str, object: &Value, verdict: &Verdict, more: &Value) {
    let mut status = json!({"conditions": [condition(object, "Ready", verdict)]});
    for (name, value) in more.as_object().into_iter().flatten() {
        status[name.as_str()] = value.clone();
    }
    cluster.set_status(manager, &reference(object), &status);
}

/// A condition; the time of its last turn is kept where it did not turn.
pub(super) fn condition(object: &Value, name: &str, verdict: &Verdict) -> Value {
    let Verdict { status, reason, message } = verdict;
    let before = find_condition(object, name).filter(|before| before["status"] == *status);
    let since = before.map_or_else(|| now().into(), |before| before["lastTransitionTime"].clone());
    json!({"type": name, "status": status, "reason": reason, "message": message, "lastTransitionTime": since})
}

pub(super) fn find_condition<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    let conditions = object["status"]["conditions"].as_array();
    conditions.into_iter().flatten().find(|condition| condition["type"] == name)
}

pub(super) fn is_ready(object: &Value) -> bool {
    find_condition(object, "Ready").is_some_and(|ready| ready["status"] == "True")
}

pub(super) fn now() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

pub(super) fn reference(object: &Value) -> ObjectRef {
    ObjectRef {
        api_version: text(&object["apiVersion"]),
        kind: text(&object["kind"]),
        namespace: object["metadata"]["namespace"].as_str().map(str::to_owned),
        name: text(&object["metadata"]["name"]),
    }
}

/// Names an object of a namespace.
pub(super) fn named(api_version: &str, kind: &str, namespace: &str, name: &str) -> ObjectRef {
    let (api_version, kind) = (api_version.to_owned(), kind.to_owned());
    ObjectRef { api_version, kind, namespace: Some(namespace.to_owned()), name: name.to_owned() }
}

/// A key of a Secret, decoded.
pub(super) fn secret_key(cluster: &Kubernetes, namespace: &str, name: &str, key: &str) -> Option<String> {
    use base64::Engine;
    let secret = cluster.object(&named("v1", "Secret", namespace, name))?;
    let bytes = base64::engine::general_purpose::STANDARD.decode(secret["data"][key].as_str()?).ok()?;
    String::from_utf8(bytes).ok()
}
