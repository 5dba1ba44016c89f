//! Secrets: text becomes data, each type has its keys, and what is immutable stays.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::failure::{self, Fault, Refusal};
use super::super::kinds::Kind;
use super::{bad_keys, empty_maps, fill};

/// Checks a Secret and fills in what clients may leave out. `old` is what it replaces.
pub(super) fn admit(kind: &Kind, object: &mut Value, old: Option<&Value>) -> Result<(), Refusal> {
    fill(object, "type", "Opaque".into());
    if let Some(Value::Object(texts)) = object.as_object_mut().and_then(|map| map.shift_remove("stringData"))
    {
        for (key, text) in &texts {
            object["data"][key.as_str()] = STANDARD.encode(text.as_str().unwrap_or_default()).into();
        }
    }
    empty_maps(kind, object);
    for value in object["data"].as_object().into_iter().flatten().map(|(_, value)| value) {
        if let Some(at) = broken_at(value) {
            let why = format!(
                "Secret in version \"v1\" cannot be handled as a Secret: illegal base64 data at input byte {at}"
            );
            return Err(failure::bad_request(&why));
        }
    }
    let mut faults = bad_keys(object);
    faults.extend(missing_keys(object));
    if let Some(old) = old {
        faults.extend(fixed(object, old));
    }
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    if faults.is_empty() { Ok(()) } else { Err(failure::faulty(kind, name, &faults)) }
}

/// Where a value stops being base64.
pub(in super::super) fn broken_at(value: &Value) -> Option<usize> {
    let text = value.as_str().unwrap_or_default();
    match STANDARD.decode(text) {
        Ok(_) => None,
        Err(base64::DecodeError::InvalidByte(at, _) | base64::DecodeError::InvalidLastSymbol(at, _)) => {
            Some(at)
        }
        Err(_) => Some(text.len()),
    }
}

/// What the type of a Secret demands of its keys.
fn missing_keys(object: &Value) -> Vec<Fault> {
    let lacks = |key: &str| object["data"].get(key).is_none();
    let required = |keys: &[&str]| {
        keys.iter().filter(|key| lacks(key)).map(|key| Fault::required(format!("data[{key}]"))).collect()
    };
    match object["type"].as_str() {
        Some("kubernetes.io/tls") => required(&["tls.crt", "tls.key"]),
        Some("kubernetes.io/ssh-auth") => required(&["ssh-privatekey"]),
        Some("kubernetes.io/dockerconfigjson") => required(&[".dockerconfigjson"]),
        Some("kubernetes.io/basic-auth") if lacks("username") && lacks("password") => {
            required(&["username", "password"])
        }
        _ => Vec::new(),
    }
}

/// What cannot be changed any more.
fn fixed(object: &Value, old: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    if old["type"] != object["type"] {
        faults.push(Fault::invalid("type", format!("Invalid value: {}: field is immutable", object["type"])));
    }
    if old["immutable"] == true {
        let forbidden = |field: &str, why: &str| Fault {
            field: field.into(),
            reason: "FieldValueForbidden",
            why: format!("Forbidden: {why}"),
        };
        if object["immutable"] != json!(true) {
            faults.push(forbidden("immutable", "field is immutable when `immutable` is set"));
        }
        if object["data"] != old["data"] {
            faults.push(forbidden("data", "field is immutable when `immutable` is set"));
        }
    }
    faults
}
