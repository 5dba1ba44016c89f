//! What the API server checks and fills in before an object is stored, kind by kind.

mod secret;

use serde_json::{Value, json};

use super::failure::{self, Fault, Refusal};
use super::kinds::Kind;
use super::schema;
use super::store::now;

pub(super) use secret::broken_at;

const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

/// Checks an object and fills in what clients may leave out. `old` is what it replaces.
pub(super) fn admit(kind: &Kind, object: &mut Value, old: Option<&Value>) -> Result<(), Refusal> {
    name(kind, object)?;
    empty_maps(kind, object);
    schema::admit(kind, object)?;
    match (&*kind.group, &*kind.kind) {
        ("", "Namespace") => namespace(object),
        ("", "ConfigMap") => settings(kind, object)?,
        ("", "Secret") => secret::admit(kind, object, old)?,
        ("coordination.k8s.io", "Lease") => lease(kind, object)?,
        ("", "Service") => service(object),
        ("apps", "Deployment") => deployment(kind, object)?,
        ("apiextensions.k8s.io", _) => definition(kind, object)?,
        _ => {}
    }
    Ok(())
}

fn name(kind: &Kind, object: &Value) -> Result<(), Refusal> {
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    if kind.group == "rbac.authorization.k8s.io" {
        return Ok(());
    }
    let (rule, longest, fits) = match &*kind.kind {
        "Namespace" | "Service" => (LABEL, 63, is_label(name)),
        _ => (SUBDOMAIN, 253, name.split('.').all(is_label)),
    };
    if fits && name.len() <= longest {
        return Ok(());
    }
    let rule = if rule == LABEL && name.contains('.') { "must not contain dots" } else { rule };
    let why = format!("Invalid value: {name:?}: {rule}");
    Err(failure::invalid(kind, name, "metadata.name", "FieldValueInvalid", &why))
}

fn is_label(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty() && text.chars().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// Sets a value where there is none.
fn fill(object: &mut Value, name: &str, value: Value) {
    if object[name].is_null() {
        object[name] = value;
    }
}

fn namespace(object: &mut Value) {
    let name = object["metadata"]["name"].clone();
    object["metadata"]["labels"]["kubernetes.io/metadata.name"] = name;
    fill(&mut object["spec"], "finalizers", json!(["kubernetes"]));
    fill(&mut object["status"], "phase", "Active".into());
}

/// What is empty is not kept: these kinds leave such maps out.
pub(super) fn empty_maps(kind: &Kind, object: &mut Value) {
    if !matches!(&*kind.kind, "ConfigMap" | "Secret") {
        return;
    }
    for field in ["data", "binaryData", "stringData"] {
        if object[field].as_object().is_some_and(serde_json::Map::is_empty) {
            object.as_object_mut().map(|map| map.shift_remove(field));
        }
    }
}

/// Keys that no file could have as its name.
fn bad_keys(object: &Value) -> Vec<Fault> {
    let keys = object["data"].as_object().into_iter().flatten().map(|(key, _)| key);
    let bad = keys.filter(|key| {
        key.is_empty() || key.contains(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c))
    });
    let fault = |key: &String| {
        let why = format!(
            "Invalid value: {key:?}: a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
        );
        Fault::invalid(format!("data[{key}]"), why)
    };
    bad.map(fault).collect()
}

fn settings(kind: &Kind, object: &Value) -> Result<(), Refusal> {
    let faults = bad_keys(object);
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    if faults.is_empty() { Ok(()) } else { Err(failure::faulty(kind, name, &faults)) }
}

fn lease(kind: &Kind, object: &mut Value) -> Result<(), Refusal> {
    fill(object, "spec", json!({}));
    let spec = &object["spec"];
    for field in ["acquireTime", "renewTime"] {
        if let Some(text) = spec[field].as_str().filter(|text| text.parse::<jiff::Timestamp>().is_err()) {
            let why = format!(
                "Lease in version \"v1\" cannot be handled as a Lease: parsing time {text:?} as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse {text:?} as \"2006\""
            );
            return Err(failure::bad_request(&why));
        }
    }
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    match spec["leaseDurationSeconds"].as_i64() {
        Some(length) if length <= 0 => {
            let why = format!("Invalid value: {length}: must be greater than 0");
            Err(failure::invalid(kind, name, "spec.leaseDurationSeconds", "FieldValueInvalid", &why))
        }
        _ => Ok(()),
    }
}

fn service(object: &mut Value) {
    let spec = &mut object["spec"];
    fill(spec, "type", "ClusterIP".into());
    fill(spec, "sessionAffinity", "None".into());
    for port in spec["ports"].as_array_mut().into_iter().flatten() {
        fill(port, "protocol", "TCP".into());
        let number = port["port"].clone();
        fill(port, "targetPort", number);
    }
}

fn deployment(kind: &Kind, object: &mut Value) -> Result<(), Refusal> {
    let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    let spec = &mut object["spec"];
    if spec["selector"].is_null() {
        return Err(failure::invalid(kind, &name, "spec.selector", "FieldValueRequired", "Required value"));
    }
    fill(spec, "replicas", 1.into());
    fill(spec, "revisionHistoryLimit", 10.into());
    fill(spec, "progressDeadlineSeconds", 600.into());
    let rolling =
        json!({"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}});
    fill(spec, "strategy", rolling);
    let pod = &mut spec["template"]["spec"];
    fill(pod, "restartPolicy", "Always".into());
    fill(pod, "terminationGracePeriodSeconds", 30.into());
    fill(pod, "dnsPolicy", "ClusterFirst".into());
    fill(pod, "schedulerName", "default-scheduler".into());
    fill(pod, "securityContext", json!({}));
    Ok(())
}

/// A definition is accepted and its kind served at once.
fn definition(kind: &Kind, object: &mut Value) -> Result<(), Refusal> {
    let spec = &mut object["spec"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (plural, named) = (text(&spec["names"]["plural"]), text(&spec["names"]["kind"]));
    let wanted = format!("{plural}.{}", text(&spec["group"]));
    fill(&mut spec["names"], "listKind", format!("{named}List").into());
    fill(&mut spec["names"], "singular", named.to_lowercase().into());
    fill(spec, "conversion", json!({"strategy": "None"}));
    let name = text(&object["metadata"]["name"]);
    if name != wanted {
        let why = format!("Invalid value: {name:?}: must be spec.names.plural+\".\"+spec.group");
        return Err(failure::invalid(kind, &name, "metadata.name", "FieldValueInvalid", &why));
    }
    if object["status"]["conditions"].is_null() {
        let condition = |name: &str, reason: &str, message: &str| json!({"type": name, "status": "True", "reason": reason, "message": message, "lastTransitionTime": now()});
        object["status"]["conditions"] = json!([
            condition("NamesAccepted", "NoConflicts", "no conflicts found"),
            condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
        ]);
    }
    let versions = object["spec"]["versions"].as_array().into_iter().flatten();
    let stored: Vec<Value> = versions
        .filter(|version| version["storage"] == true)
        .map(|version| version["name"].clone())
        .collect();
    object["status"]["acceptedNames"] = object["spec"]["names"].clone();
    object["status"]["storedVersions"] = stored.into();
    Ok(())
}
