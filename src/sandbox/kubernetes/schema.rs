//! Schemas: those of definitions, and of the kinds of Kubernetes itself that a bootstrap writes. An apply that
//! does not fit is refused before anything else, by the words of the typed merge; an object that a definition
//! does not admit is refused with its fields, and what the definition does not know is pruned.

use std::sync::Arc;

use serde_json::{Value, json};

use super::failure::{self, Fault, Refusal};
use super::kinds::Kind;

/// The schema of a version of a definition; nothing where it takes anything.
pub(super) fn of_definition(version: &Value) -> Option<Arc<Value>> {
    let schema = &version["schema"]["openAPIV3Schema"];
    (schema["properties"].is_object() && !is_open(schema)).then(|| Arc::new(schema.clone()))
}

/// The schemas of the built-in kinds that have one here; the others take anything.
pub(super) fn built_in(kind: &str) -> Arc<Value> {
    let texts = json!({"type": "object", "additionalProperties": {"type": "string"}});
    let (text, number, flag) =
        (json!({"type": "string"}), json!({"type": "integer"}), json!({"type": "boolean"}));
    let properties = match kind {
        "ConfigMap" => json!({"data": texts, "binaryData": texts, "immutable": flag}),
        "Secret" => json!({"data": texts, "stringData": texts, "type": text, "immutable": flag}),
        "Namespace" => json!({
            "spec": {"type": "object", "properties": {"finalizers": {"type": "array", "items": text}}}, "status": {}}),
        "Lease" => json!({"spec": {"type": "object", "properties": {
            "holderIdentity": text, "leaseDurationSeconds": number, "acquireTime": text, "renewTime": text,
            "leaseTransitions": number, "strategy": text, "preferredHolder": text}}}),
        // Known, and not looked into.
        _ => return Arc::new(Value::Null),
    };
    Arc::new(json!({"type": "object", "properties": properties}))
}

fn is_open(schema: &Value) -> bool {
    schema["x-kubernetes-preserve-unknown-fields"] == true
}

/// Refuses an apply that does not fit: an undeclared field, a value of another type.
pub(super) fn typed(kind: &Kind, namespace: Option<&str>, applied: &Value) -> Result<(), Refusal> {
    let Some(schema) = &kind.schema else { return Ok(()) };
    let name = applied["metadata"]["name"].as_str().unwrap_or_default();
    let place = namespace.unwrap_or_default();
    let whole = if kind.group.is_empty() { format!("/{}", kind.version) } else { kind.api_version() };
    let mut wrong = Vec::new();
    for (field, value) in applied.as_object().into_iter().flatten() {
        let known = ["apiVersion", "kind", "metadata"].contains(&field.as_str());
        if schema["properties"].is_object() && !known {
            misfits(
                &json!({"type": "object", "properties": schema["properties"]}),
                &json!({ field: value }),
                "",
                &mut wrong,
            );
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let about = format!("({place}/{name}; {whole}, Kind={})", kind.kind);
    Err(failure::internal(format!("failed to create typed patch object {about}: {}", told(&wrong))))
}

/// One error stands by itself, more of them are a list.
fn told(wrong: &[String]) -> String {
    match wrong {
        [one] => one.clone(),
        many => format!("errors:\n  {}", many.join("\n  ")),
    }
}

fn misfits(schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    if value.is_null() {
        return;
    }
    let expected = |what: &str| format!("{at}: expected {what}, got {}", shown(value));
    match schema["type"].as_str() {
        Some("object") => match value.as_object() {
            Some(fields) => fields.iter().for_each(|(name, value)| match child(schema, name) {
                Some(schema) => misfits(schema, value, &format!("{at}.{name}"), wrong),
                None if is_open(schema) => {}
                None => wrong.push(format!("{at}.{name}: field not declared in schema")),
            }),
            None => wrong.push(expected("map")),
        },
        Some("array") => match value.as_array() {
            Some(items) => items.iter().enumerate().for_each(|(number, item)| {
                misfits(&schema["items"], item, &format!("{at}[{number}]"), wrong);
            }),
            None => wrong.push(expected("list")),
        },
        Some("string") if !value.is_string() => wrong.push(expected("string")),
        Some("integer" | "number") if !value.is_number() => wrong.push(expected("numeric (int or float)")),
        Some("boolean") if !value.is_boolean() => wrong.push(expected("boolean")),
        _ => {}
    }
}

/// A value as the typed merge shows it: texts by their type alone.
fn shown(value: &Value) -> String {
    match value {
        Value::String(_) => "string".into(),
        other => format!("&value.valueUnstructured{{Value:{other}}}"),
    }
}

fn child<'a>(schema: &'a Value, name: &str) -> Option<&'a Value> {
    schema["properties"]
        .get(name)
        .or_else(|| schema.get("additionalProperties").filter(|open| open.is_object()))
}

/// Prunes what the definition does not know, and tells what it does not admit.
pub(super) fn admit(kind: &Kind, object: &mut Value) -> Result<(), Refusal> {
    let Some(schema) = kind.schema.as_ref().filter(|_| kind.custom) else { return Ok(()) };
    let mut faults = Vec::new();
    for (field, schema) in schema["properties"].as_object().into_iter().flatten() {
        let Some(value) =
            object.get_mut(field).filter(|_| !["apiVersion", "kind", "metadata"].contains(&field.as_str()))
        else {
            continue;
        };
        prune(schema, value);
        check(schema, value, field, &mut faults);
    }
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    if faults.is_empty() { Ok(()) } else { Err(failure::faulty(kind, name, &faults)) }
}

fn prune(schema: &Value, value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| is_open(schema) || child(schema, name).is_some());
            for (name, value) in fields {
                if let Some(schema) = child(schema, name) {
                    prune(schema, value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| prune(&schema["items"], item)),
        _ => {}
    }
}

fn check(schema: &Value, value: &Value, at: &str, faults: &mut Vec<Fault>) {
    if let Some(wanted) = schema["type"].as_str().filter(|wanted| type_of(value) != *wanted) {
        let (found, wanted) = (type_of(value), wanted.to_owned());
        // A number without a fraction is an integer too.
        if !(wanted == "number" && found == "integer") {
            let why = format!("Invalid value: {found:?}: {at} in body must be of type {wanted}: {found:?}");
            faults.push(Fault { field: at.into(), reason: "FieldValueTypeInvalid", why });
            return;
        }
    }
    limits(schema, value, at, faults);
    for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(required).is_none() {
            faults.push(Fault::required(format!("{at}.{required}")));
        }
    }
    for (name, value) in value.as_object().into_iter().flatten() {
        if let Some(schema) = child(schema, name) {
            check(schema, value, &format!("{at}.{name}"), faults);
        }
    }
    for (number, item) in value.as_array().into_iter().flatten().enumerate() {
        check(&schema["items"], item, &format!("{at}[{number}]"), faults);
    }
}

fn limits(schema: &Value, value: &Value, at: &str, faults: &mut Vec<Fault>) {
    if let Some(allowed) = schema["enum"].as_array().filter(|allowed| !allowed.contains(value)) {
        let allowed: Vec<String> = allowed.iter().map(Value::to_string).collect();
        let why = format!("Unsupported value: {value}: supported values: {}", allowed.join(", "));
        faults.push(Fault { field: at.into(), reason: "FieldValueNotSupported", why });
    }
    if let (Some(least), Some(number)) = (schema["minimum"].as_f64(), value.as_f64())
        && number < least
    {
        let why = format!("Invalid value: {value}: {at} in body should be greater than or equal to {least}");
        faults.push(Fault::invalid(at, why));
    }
    if let (Some(most), Some(text)) = (schema["maxLength"].as_u64(), value.as_str())
        && text.chars().count() as u64 > most
    {
        let why = format!("Too long: may not be more than {most} bytes");
        faults.push(Fault { field: at.into(), reason: "FieldValueTooLong", why });
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
