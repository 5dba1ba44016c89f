//! Refusals in the words of a real API server: `Status` objects.

use serde_json::{Value, json};

use super::kinds::Kind;
use crate::sandbox::server::Reply;

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
        let mut body = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": self.message, "reason": self.reason, "code": self.code,
        });
        if !self.details.is_null() {
            body["details"] = self.details;
        }
        Reply::json(self.code, body)
    }
}

pub(super) fn unauthorized() -> Refusal {
    Refusal::new(401, "Unauthorized", "Unauthorized".into(), Value::Null)
}

/// A path or kind that is not served.
pub(super) fn unknown() -> Refusal {
    let message = "the server could not find the requested resource";
    Refusal::new(404, "NotFound", message.into(), json!({}))
}

pub(super) fn not_found(kind: &Kind, name: &str) -> Refusal {
    let message = format!("{} {name:?} not found", kind.qualified());
    Refusal::new(404, "NotFound", message, details(name, &kind.group, &kind.plural))
}

pub(super) fn no_method() -> Refusal {
    let message = "the server does not allow this method on the requested resource";
    Refusal::new(405, "MethodNotAllowed", message.into(), json!({}))
}

pub(super) fn no_media(media: &str) -> Refusal {
    let message = format!(
        "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml, not {media}"
    );
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
    let all = conflicts.iter().map(|(manager, field)| format!("conflict with {manager}: {field}"));
    let message = match conflicts {
        [(manager, field)] => format!("Apply failed with 1 conflict: conflict with {manager}: {field}"),
        many => {
            format!("Apply failed with {} conflicts: {}", many.len(), all.collect::<Vec<_>>().join("\n- "))
        }
    };
    Refusal::new(409, "Conflict", message, json!({ "causes": causes }))
}

/// One field that is wrong, for a reason of `field.ErrorType`.
pub(super) fn invalid(kind: &Kind, name: &str, field: &str, reason: &str, why: &str) -> Refusal {
    let message = format!("{} {name:?} is invalid: {field}: {why}", kind.qualified_kind());
    let causes = json!([{"reason": reason, "message": why, "field": field}]);
    let mut details = details(name, &kind.group, &kind.kind);
    details["causes"] = causes;
    Refusal::new(422, "Invalid", message, details)
}

fn details(name: &str, group: &str, kind: &str) -> Value {
    let mut details = json!({"name": name, "group": group, "kind": kind});
    if let Some(fields) = details.as_object_mut() {
        fields.retain(|_, value| value != "");
    }
    details
}
