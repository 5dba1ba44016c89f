//! What the API server refused, from the `Status` object that it answers with
//! (<https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/>).
//!
//! Messages are never passed on whole: the server quotes what it was sent. Taken from them are only the names
//! of permissions, users, field managers, webhooks and fields.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::wire::{Answer, Deed};
use crate::remote::{Cause, Error};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Status {
    message: String,
    reason: String,
    details: Details,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Details {
    name: String,
    kind: String,
    causes: Vec<StatusCause>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct StatusCause {
    reason: String,
    message: String,
    field: String,
}

/// The error of a reply that is no success.
pub(super) fn error(answer: &Answer, deed: &Deed) -> Error {
    let code = answer.status.as_u16();
    let status: Status = serde_json::from_slice(&answer.body).unwrap_or_default();
    if let Some(error) = webhook(&status, deed).or_else(|| misfit(&status, deed)) {
        return error;
    }
    match code {
        401 => unauthenticated(deed),
        403 => forbidden(&status, deed),
        404 => deed.error(Cause::NotFound(not_found(&status, deed))),
        409 => conflict(&status, deed),
        429 => deed.error(Cause::RateLimited("the API server asks for fewer requests".into())),
        400 | 413 | 415 | 422 => invalid(&status, code, deed),
        500.. => deed.error(Cause::Unavailable(format!("the API server answers with status {code}"))),
        _ => deed.malformed(&format!("its status is {code}")),
    }
}

fn unauthenticated(deed: &Deed) -> Error {
    deed.error(Cause::Unauthenticated(
        "the API server does not accept the credentials of the kubeconfig".into(),
    ))
    .hint("log in again, or name another context in `cluster.context`")
}

fn forbidden(status: &Status, deed: &Deed) -> Error {
    if status.message.contains("because it is being terminated") {
        let namespace = deed.namespace.as_deref().unwrap_or("the namespace");
        return deed.error(Cause::Unavailable(format!("the namespace `{namespace}` is being deleted")));
    }
    let Some((_, rest)) = status.message.split_once(" cannot ") else {
        return deed.error(Cause::Forbidden(not_admitted(&status.message).into()));
    };
    let verb = rest.split_whitespace().next().unwrap_or(deed.verb);
    let resource = quoted_after(rest, "resource ").unwrap_or(&deed.resource);
    let user =
        quoted_after(&status.message, "User ").map_or_else(String::new, |user| format!("user `{user}` "));
    let place = match &deed.namespace {
        Some(namespace) => format!("in namespace `{namespace}`"),
        None => "in the whole cluster".to_owned(),
    };
    deed.error(Cause::Forbidden(format!("{user}may not {verb} `{resource}` {place}"))).hint(format!(
        "grant the verb `{verb}` on `{resource}` {place}, or name another context in `cluster.context`"
    ))
}

/// What forbids it, where it is no missing permission.
fn not_admitted(message: &str) -> &'static str {
    let known = [
        ("violates PodSecurity", "the Pod Security level of its namespace does not allow it"),
        ("exceeded quota", "a ResourceQuota of its namespace is used up"),
        ("ValidatingAdmissionPolicy", "a ValidatingAdmissionPolicy of the cluster does not allow it"),
        ("is forbidden: ", "the admission control of the API server does not allow it"),
    ];
    let found = known.iter().find(|(mark, _)| message.contains(mark));
    found.map_or("the API server refuses it and names no reason (403)", |(_, why)| why)
}

fn not_found(status: &Status, deed: &Deed) -> String {
    match (&*status.details.kind, &*status.details.name) {
        ("namespaces", name) if !name.is_empty() && deed.namespace.is_some() => {
            format!("the namespace `{name}` does not exist")
        }
        (kind, name) if !kind.is_empty() && !name.is_empty() => format!("{kind} `{name}` does not exist"),
        _ => format!("the API server does not know `{}`", deed.resource),
    }
}

fn conflict(status: &Status, deed: &Deed) -> Error {
    let mut owners: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for cause in status.details.causes.iter().filter(|cause| cause.reason == "FieldManagerConflict") {
        let manager = quoted_after(&cause.message, "conflict with ").unwrap_or("another manager");
        owners.entry(manager).or_default().push(&cause.field);
    }
    if !owners.is_empty() {
        let owners = owners.iter().map(|(manager, fields)| format!("`{manager}` owns {}", fields.join(", ")));
        return deed.error(Cause::Conflict(owners.collect::<Vec<_>>().join("; ")));
    }
    let why = match &*status.reason {
        "AlreadyExists" => "it exists already",
        _ => "it was changed by somebody else meanwhile",
    };
    deed.error(Cause::Conflict(why.into()))
}

fn invalid(status: &Status, code: u16, deed: &Deed) -> Error {
    let causes = status.details.causes.iter().filter(|cause| !cause.field.is_empty());
    let fields: Vec<String> =
        causes.map(|cause| format!("`{}` {}", cause.field, fault(&cause.reason))).collect();
    let why = match (fields.is_empty(), code) {
        (false, _) => fields.join(", "),
        (true, 413) => "it is too large for the API server".into(),
        (true, _) => "the API server does not take an object of this form".into(),
    };
    deed.error(Cause::Invalid(why)).hint("compare the named fields with `kubectl explain`")
}

/// A cause's reason in words (`k8s.io/apimachinery` `field.ErrorType`).
fn fault(reason: &str) -> &str {
    match reason {
        "FieldValueRequired" => "is missing",
        "FieldValueDuplicate" => "stands twice",
        "FieldValueNotFound" => "names what does not exist",
        "FieldValueNotSupported" => "has a value that is not one of the allowed",
        "FieldValueForbidden" => "is not allowed here",
        "FieldValueTooLong" => "is too long",
        "FieldValueTooMany" => "has too many entries",
        "FieldValueTypeInvalid" => "has a value of the wrong type",
        _ => "has a value that is not valid",
    }
}

/// A webhook that could not be asked, which passes while its controller starts; or one that said no.
fn webhook(status: &Status, deed: &Deed) -> Option<Error> {
    let message = &status.message;
    if let Some(name) = quoted_after(message, "failed calling webhook ") {
        let why = [
            ("no endpoints", "it has no endpoints yet"),
            ("connection refused", "the connection is refused"),
            ("x509", "its certificate is not trusted yet"),
            ("deadline exceeded", "it does not answer in time"),
            ("not found", "its Service does not exist"),
        ];
        let why =
            why.iter().find(|(mark, _)| message.contains(mark)).map_or("it cannot be asked", |(_, why)| why);
        let cause = Cause::Unavailable(format!("the admission webhook `{name}` is not ready: {why}"));
        return Some(deed.error(cause).hint("wait until the controller behind the webhook is ready"));
    }
    let name = quoted_after(message, "admission webhook ")?;
    Some(deed.error(Cause::Forbidden(format!("the admission webhook `{name}` denied it"))))
}

/// Server-side apply of what does not fit the schema, which a real server answers with 500: an unknown field or
/// a value of the wrong type, whose path stands before these words; or what cannot be read as the kind at all.
fn misfit(status: &Status, deed: &Deed) -> Option<Error> {
    let field_before = |mark: &str| {
        let (before, _) = status.message.split_once(mark)?;
        before.rsplit(char::is_whitespace).next()
    };
    let why = if let Some(field) = field_before(": field not declared in schema") {
        format!("the schema has no field `{field}`")
    } else if !status.message.starts_with("failed to create typed patch object")
        && !status.message.starts_with("failed to convert new object")
    {
        return None;
    } else if let Some(field) = field_before(": expected ") {
        format!("`{field}` has a value of the wrong type")
    } else {
        "the API server does not take an object of this form".into()
    };
    Some(deed.error(Cause::Invalid(why)).hint("compare the named field with `kubectl explain`"))
}

/// The text between the double quotes that follow `mark`.
fn quoted_after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(mark)?;
    rest.strip_prefix('"')?.split('"').next()
}
