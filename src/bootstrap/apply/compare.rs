//! Comparing what is wanted with what lies in the cluster: by values, and by who manages which field
//! (`metadata.managedFields`, format `FieldsV1`).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Fields of metadata that the API server keeps for itself.
const SERVER: [&str; 7] = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// The object without what the API server and controllers add: their metadata and the status.
pub(super) fn settled(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(top) = object.as_object_mut() {
        top.remove("status");
    }
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.retain(|name, _| !SERVER.contains(&name.as_str()));
    }
    object
}

/// Paths of the fields that differ; never their values.
pub(super) fn differences(one: &Value, other: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(one, other, "", &mut found);
    found
}

fn collect(one: &Value, other: &Value, path: &str, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            let new = b.keys().filter(|key| !a.contains_key(*key));
            for key in a.keys().chain(new) {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                collect(&one[key], &other[key], &path, found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (at, (a, b)) in a.iter().zip(b).enumerate() {
                collect(a, b, &format!("{path}[{at}]"), found);
            }
        }
        _ if one == other => {}
        _ => found.push(path.to_owned()),
    }
}

/// Whether `manager` already applied exactly the fields of `desired`, and `live` has all of them with equal
/// values: then applying again would change nothing, and need not be tried. `false` where that is not sure.
pub(super) fn is_applied(live: &Value, desired: &Value, manager: &str) -> bool {
    let desired = intent(desired);
    let mut entries =
        managers(live).filter(|entry| entry["manager"] == manager && entry["operation"] == "Apply");
    match (entries.next(), entries.next()) {
        (Some(entry), None) => {
            entry["fieldsV1"].as_object().is_some_and(|fields| covers(fields, &desired, live))
        }
        (None, _) => desired.as_object().is_some_and(Map::is_empty),
        _ => false,
    }
}

/// The part of an object that server-side apply tracks: all but its name and kind.
fn intent(desired: &Value) -> Value {
    let mut desired = desired.clone();
    if let Some(top) = desired.as_object_mut() {
        top.remove("apiVersion");
        top.remove("kind");
        let bare = top.get_mut("metadata").and_then(Value::as_object_mut).is_some_and(|metadata| {
            metadata.remove("name");
            metadata.remove("namespace");
            metadata.is_empty()
        });
        if bare {
            top.remove("metadata");
        }
    }
    desired
}

fn managers(live: &Value) -> impl Iterator<Item = &Value> {
    let entries = live["metadata"]["managedFields"].as_array().map_or(&[][..], Vec::as_slice);
    entries.iter().filter(|entry| entry["subresource"].as_str().unwrap_or_default().is_empty())
}

/// Whether the managed `fields` are those of `desired`, no more and no less, and `live` agrees in each.
fn covers(fields: &Map<String, Value>, desired: &Value, live: &Value) -> bool {
    let named = fields.keys().filter(|name| *name != ".").count();
    let wanted = match desired {
        Value::Object(map) => map.len(),
        Value::Array(list) => list.len(),
        _ => return false,
    };
    named == wanted
        && fields.iter().filter(|(name, _)| *name != ".").all(|(name, below)| {
            let (Some(desired), Some(live)) = (child(desired, name), child(live, name)) else {
                return false;
            };
            match below.as_object() {
                Some(below) if !below.is_empty() && below.keys().any(|name| name != ".") => {
                    covers(below, desired, live)
                }
                _ => desired == live,
            }
        })
}

/// The child that a segment of a managed path names: `f:name`, `k:{"key":…}` or `v:value`.
fn child<'a>(value: &'a Value, segment: &str) -> Option<&'a Value> {
    match segment.split_at_checked(2)? {
        ("f:", name) => value.get(name),
        ("k:", keys) => {
            let keys: Map<String, Value> = serde_json::from_str(keys).ok()?;
            value.as_array()?.iter().find(|item| has_keys(item, &keys))
        }
        ("v:", element) => {
            let element: Value = serde_json::from_str(element).ok()?;
            value.as_array()?.iter().find(|item| **item == element)
        }
        _ => None,
    }
}

/// Keys that the item leaves out have been defaulted by the API server (the protocol of a port).
fn has_keys(item: &Value, keys: &Map<String, Value>) -> bool {
    keys.iter().any(|(name, value)| item.get(name) == Some(value))
        && keys.iter().all(|(name, value)| item.get(name).is_none_or(|found| found == value))
}

/// Other managers of fields that `desired` wants to be otherwise, with these fields.
pub(super) fn disputes(live: &Value, desired: &Value, manager: &str) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in managers(live).filter(|entry| entry["manager"] != manager) {
        let mut fields = Vec::new();
        if let Some(managed) = entry["fieldsV1"].as_object() {
            disputed(managed, desired, live, "", &mut fields);
        }
        if !fields.is_empty() {
            let name = entry["manager"].as_str().unwrap_or_default().to_owned();
            found.entry(name).or_default().append(&mut fields);
        }
    }
    found
}

fn disputed(
    managed: &Map<String, Value>,
    desired: &Value,
    live: &Value,
    path: &str,
    found: &mut Vec<String>,
) {
    for (segment, below) in managed.iter().filter(|(name, _)| *name != ".") {
        let (Some(desired), Some(live)) = (child(desired, segment), child(live, segment)) else {
            continue;
        };
        let path = match segment.split_at_checked(2) {
            Some(("f:", name)) if path.is_empty() => name.to_owned(),
            Some(("f:", name)) => format!("{path}.{name}"),
            Some((_, key)) => format!("{path}[{key}]"),
            None => continue,
        };
        match below.as_object() {
            Some(below) if !below.is_empty() => disputed(below, desired, live, &path, found),
            _ if desired != live => found.push(path),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::{differences, disputes, is_applied, settled};

    fn desired() -> Value {
        json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": {"name": "x", "namespace": "n", "labels": {"app": "x"}},
            "spec": {"type": "ClusterIP", "ports": [{"port": 80, "name": "http"}], "selector": {"app": "x"}}})
    }

    fn live(manager: &str) -> Value {
        json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": {
                "name": "x", "namespace": "n", "uid": "1", "resourceVersion": "7", "labels": {"app": "x", "other": "y"},
                "managedFields": [{"manager": manager, "operation": "Apply", "fieldsV1": {
                    "f:metadata": {"f:labels": {"f:app": {}}},
                    "f:spec": {
                        "f:type": {},
                        "f:selector": {},
                        "f:ports": {"k:{\"port\":80,\"protocol\":\"TCP\"}": {".": {}, "f:port": {}, "f:name": {}}}}}}]},
            "spec": {
                "type": "ClusterIP", "clusterIP": "10.0.0.1", "selector": {"app": "x"},
                "ports": [{"port": 80, "name": "http", "protocol": "TCP", "targetPort": 80}]},
            "status": {"loadBalancer": {}}})
    }

    #[test]
    fn an_object_we_applied_needs_no_dry_run() {
        assert!(is_applied(&live("us"), &desired(), "us"));
    }

    #[test]
    fn an_object_somebody_else_applied_needs_one() {
        assert!(!is_applied(&live("them"), &desired(), "us"));
    }

    #[test]
    fn another_value_a_new_field_and_a_dropped_field_each_need_one() {
        let mut other = desired();
        other["spec"]["ports"][0]["name"] = json!("web");
        assert!(!is_applied(&live("us"), &other, "us"));
        let mut more = desired();
        more["spec"]["sessionAffinity"] = json!("None");
        assert!(!is_applied(&live("us"), &more, "us"));
        let mut less = desired();
        less["metadata"].as_object_mut().unwrap().remove("labels");
        assert!(!is_applied(&live("us"), &less, "us"));
        let mut port = desired();
        port["spec"]["ports"].as_array_mut().unwrap().push(json!({"port": 81}));
        assert!(!is_applied(&live("us"), &port, "us"));
    }

    #[test]
    fn an_object_of_which_nothing_is_wanted_but_its_being_is_applied() {
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}});
        assert!(is_applied(&namespace, &namespace, "us"));
    }

    #[test]
    fn members_of_sets_are_compared() {
        let fields = json!({"f:metadata": {"f:finalizers": {".": {}, "v:\"a\"": {}}}});
        let live = json!({"metadata": {"finalizers": ["b", "a"],
            "managedFields": [{"manager": "us", "operation": "Apply", "fieldsV1": fields}]}});
        assert!(is_applied(&live, &json!({"metadata": {"finalizers": ["a"]}}), "us"));
        assert!(!is_applied(&live, &json!({"metadata": {"finalizers": ["c"]}}), "us"));
    }

    #[test]
    fn disputes_name_the_manager_and_the_fields() {
        let mut wanted = desired();
        wanted["spec"]["type"] = json!("NodePort");
        wanted["spec"]["ports"][0]["name"] = json!("web");
        let key = "spec.ports[{\"port\":80,\"protocol\":\"TCP\"}].name";
        let found = disputes(&live("them"), &wanted, "us");
        assert_eq!(
            found,
            BTreeMap::from([("them".to_owned(), vec!["spec.type".to_owned(), key.to_owned()])])
        );
        assert!(disputes(&live("us"), &wanted, "us").is_empty());
        assert!(disputes(&live("them"), &desired(), "us").is_empty());
    }

    #[test]
    fn what_the_server_keeps_is_no_difference() {
        let mut later = live("us");
        later["metadata"]["resourceVersion"] = json!("8");
        later["metadata"]["managedFields"] = json!([]);
        later["status"] = json!({"loadBalancer": {"ingress": []}});
        assert!(differences(&settled(&live("us")), &settled(&later)).is_empty());
    }

    #[test]
    fn differences_are_paths_without_values() {
        let one = json!({"data": {"a": "canary", "b": 1}, "list": [1, 2], "same": [{"x": 1}]});
        let other = json!({"data": {"a": "other", "c": 1}, "list": [1], "same": [{"x": 2}]});
        assert_eq!(differences(&one, &other), ["data.a", "data.b", "data.c", "list", "same[0].x"]);
    }
}
