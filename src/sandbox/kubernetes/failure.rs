//! Refusals in the words of a real API server: `Status` objects.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::kinds::Kind;
use crate::sandbox::server::{Body, Reply};

/// A refusal.
#[derive(Debug)]
pub(super) struct Refusal {
    code: u16,
    reason: &'static str,
    message: String,
    details: Value,
}

impl Refusal {
    fn new(code: u16, reason: &'static str, message: String, details: Value) -> Self {
        Self { code, reason, message, details }
    }

    pub(super) fn into_reply(self) -> Reply {
        if self.reason == NOWHERE {
            return Reply { body: Body::Text("404 page not found\n".into()), ..Reply::empty(404) };
        }
        let mut body = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": self.message, "code": self.code,
        });
        if !self.reason.is_empty() {
            body["reason"] = self.reason.into();
        }
        if !self.details.is_null() {
            body["details"] = self.details;
        }
        Reply::json(self.code, body)
    }
}

pub(super) fn unauthorized() -> Refusal {
    Refusal::new(401, "Unauthorized", "Unauthorized".into(), Value::Null)
}

/// Marks the one refusal that is no `Status`.
const NOWHERE: &str = "nowhere";

/// A group that is not served, or a path that is none: the server's own words, no `Status`.
pub(super) fn nowhere() -> Refusal {
    Refusal::new(404, NOWHERE, String::new(), Value::Null)
}

/// What a real API server has no status for, such as an apply that does not fit the kind's schema.
pub(super) fn internal(message: String) -> Refusal {
    Refusal::new(500, "", message, Value::Null)
}

/// An apply without its manager.
pub(super) fn no_manager() -> Refusal {
    let why = "Required value: is required for apply patch";
    let message = format!("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: {why}");
    let causes = json!([{"reason": "FieldValueRequired", "message": why, "field": "fieldManager"}]);
    let details = json!({"group": "meta.k8s.io", "kind": "PatchOptions", "causes": causes});
    Refusal::new(422, "Invalid", message, details)
}

/// A version or kind that is not served.
pub(super) fn unknown() -> Refusal {
    let message = "the server could not find the requested resource";
    Refusal::new(404, "NotFound", message.into(), json!({}))
}

pub(super) fn not_found(kind: &Kind, name: &str) -> Refusal {
    let message = format!("{} {name:?} not found", kind.qualified());
    Refusal::new(404, "NotFound", message, details(name, &kind.group, &kind.plural))
}

/// A service with nobody behind it, or without such a port.
pub(super) fn unavailable(message: String) -> Refusal {
    Refusal::new(503, "ServiceUnavailable", message, Value::Null)
}

pub(super) fn no_method() -> Refusal {
    let message = "the server does not allow this method on the requested resource";
    Refusal::new(405, "MethodNotAllowed", message.into(), json!({}))
}

pub(super) fn no_media(media: &str) -> Refusal {
    // A real one says which types it takes only where it can write that down in the type that was asked for.
    let message = format!("{media}: Unsupported Media Type");
    Refusal::new(415, "UnsupportedMediaType", message, json!({}))
}

pub(super) fn bad_request(message: &str) -> Refusal {
    Refusal::new(400, "BadRequest", message.into(), Value::Null)
}

pub(super) fn forbidden(kind: &Kind, verb: &str, namespace: Option<&str>, name: &str) -> Refusal {
    let (resource, group) = (&kind.plural, &kind.group);
    let place = match namespace {
        Some(namespace) => format!("in the namespace {namespace:?}"),
        None => "at the cluster scope".into(),
    };
    let about = if name.is_empty() { kind.qualified() } else { format!("{} {name:?}", kind.qualified()) };
    let message = format!(
        "{about} is forbidden: User \"sandbox\" cannot {verb} resource {resource:?} in API group {group:?} {place}"
    );
    Refusal::new(403, "Forbidden", message, details(name, group, resource))
}

pub(super) fn exists(kind: &Kind, name: &str) -> Refusal {
    let message = format!("{} {name:?} already exists", kind.qualified());
    Refusal::new(409, "AlreadyExists", message, details(name, &kind.group, &kind.plural))
}

pub(super) fn outdated(kind: &Kind, name: &str) -> Refusal {
    let message = format!(
        "Operation cannot be fulfilled on {} {name:?}: the object has been modified; please apply your changes to the latest version and try again",
        kind.qualified()
    );
    Refusal::new(409, "Conflict", message, details(name, &kind.group, &kind.plural))
}

/// Server-side apply over fields of others: manager with API version, and field, each.
pub(super) fn owned(conflicts: &[(String, String)]) -> Refusal {
    let causes = conflicts.iter().map(|(manager, field)| {
        let message = format!("conflict with {manager}");
        json!({"reason": "FieldManagerConflict", "message": message, "field": field})
    });
    let causes: Vec<Value> = causes.collect();
    let message = match conflicts {
        [(manager, field)] => format!("Apply failed with 1 conflict: conflict with {manager}: {field}"),
        many => format!("Apply failed with {} conflicts: {}", many.len(), by_manager(many)),
    };
    Refusal::new(409, "Conflict", message, json!({ "causes": causes }))
}

/// The managers in order, each with the fields that it owns.
fn by_manager(conflicts: &[(String, String)]) -> String {
    let mut managers: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (manager, field) in conflicts {
        managers.entry(manager).or_default().push(format!("\n- {field}"));
    }
    let told =
        managers.iter().map(|(manager, fields)| format!("conflicts with {manager}:{}", fields.concat()));
    told.collect::<Vec<_>>().join("\n")
}

/// What is wrong with a field: where it is, a reason of `field.ErrorType`, and the words.
pub(super) struct Fault {
    pub(super) field: String,
    pub(super) reason: &'static str,
    pub(super) why: String,
}

impl Fault {
    pub(super) fn invalid(field: impl Into<String>, why: impl Into<String>) -> Self {
        Self { field: field.into(), reason: "FieldValueInvalid", why: why.into() }
    }

    pub(super) fn required(field: impl Into<String>) -> Self {
        Self { field: field.into(), reason: "FieldValueRequired", why: "Required value".into() }
    }
}

/// One field that is wrong, for a reason of `field.ErrorType`.
pub(super) fn invalid(kind: &Kind, name: &str, field: &str, reason: &'static str, why: &str) -> Refusal {
    faulty(kind, name, &[Fault { field: field.into(), reason, why: why.into() }])
}

/// Fields that are wrong.
pub(super) fn faulty(kind: &Kind, name: &str, faults: &[Fault]) -> Refusal {
    let told: Vec<String> = faults.iter().map(|fault| format!("{}: {}", fault.field, fault.why)).collect();
    let told = if told.len() == 1 { told.concat() } else { format!("[{}]", told.join(", ")) };
    let message = format!("{} {name:?} is invalid: {told}", kind.qualified_kind());
    let cause = |fault: &Fault| json!({"reason": fault.reason, "message": fault.why, "field": fault.field});
    let mut details = details(name, &kind.group, &kind.kind);
    details["causes"] = faults.iter().map(cause).collect();
    Refusal::new(422, "Invalid", message, details)
}

fn details(name: &str, group: &str, kind: &str) -> Value {
    let mut details = json!({"name": name, "group": group, "kind": kind});
    if let Some(fields) = details.as_object_mut() {
        fields.retain(|_, value| value != "");
    }
    details
}
