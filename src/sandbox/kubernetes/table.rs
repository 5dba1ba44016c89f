//! The tables that `kubectl get` prints (`meta.k8s.io/v1` Table).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::kinds::Kind;

/// A column: its title, and what stands in it.
type Column = (&'static str, fn(&Value) -> Value);

/// Objects as a table.
pub(super) fn of(kind: &Kind, objects: &[Value], revision: &Value) -> Value {
    let columns = columns(kind);
    let head = |(title, _): &Column| {
        let format = if *title == "Name" { "name" } else { "" };
        json!({"name": title, "type": "string", "format": format, "description": "", "priority": 0})
    };
    let row = |object: &Value| {
        let cells: Vec<Value> = columns.iter().map(|(_, cell)| cell(object)).collect();
        let meta = json!({
            "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"],
        });
        json!({"cells": cells, "object": meta})
    };
    json!({
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": revision},
        "columnDefinitions": columns.iter().map(head).collect::<Vec<_>>(),
        "rows": objects.iter().map(row).collect::<Vec<_>>(),
    })
}

fn columns(kind: &Kind) -> Vec<Column> {
    let name: Column = ("Name", |object| object["metadata"]["name"].clone());
    let age: Column = ("Age", age);
    let count = |object: &Value| object["data"].as_object().map_or(0, serde_json::Map::len).into();
    let own: &[Column] = match &*kind.kind {
        "Namespace" => &[("Status", |object| object["status"]["phase"].clone())],
        "Secret" => &[("Type", |object| object["type"].clone()), ("Data", count)],
        "ConfigMap" => &[("Data", count)],
        "Deployment" => &[
            ("Ready", |object| {
                format!(
                    "{}/{}",
                    number(&object["status"]["readyReplicas"]),
                    number(&object["spec"]["replicas"])
                )
                .into()
            }),
            ("Up-to-date", |object| number(&object["status"]["updatedReplicas"]).into()),
            ("Available", |object| number(&object["status"]["availableReplicas"]).into()),
        ],
        "Lease" => &[("Holder", |object| object["spec"]["holderIdentity"].clone())],
        "CustomResourceDefinition" => {
            return vec![name, ("Created At", |object| object["metadata"]["creationTimestamp"].clone())];
        }
        _ if kind.custom => {
            &[("Ready", |object| ready(object, "status")), ("Status", |object| ready(object, "message"))]
        }
        _ => &[],
    };
    [&[name], own, &[age]].concat()
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}

/// A field of the condition `Ready`.
fn ready(object: &Value, field: &str) -> Value {
    let conditions = object["status"]["conditions"].as_array();
    let ready = conditions.into_iter().flatten().find(|condition| condition["type"] == "Ready");
    ready.map_or(Value::Null, |condition| condition[field].clone())
}

fn age(object: &Value) -> Value {
    let born =
        object["metadata"]["creationTimestamp"].as_str().and_then(|time| time.parse::<Timestamp>().ok());
    let Some(born) = born else { return "<unknown>".into() };
    let seconds = Timestamp::now().duration_since(born).as_secs();
    match seconds {
        ..120 => format!("{seconds}s").into(),
        120..7200 => format!("{}m", seconds / 60).into(),
        7200..172_800 => format!("{}h", seconds / 3600).into(),
        _ => format!("{}d", seconds / 86_400).into(),
    }
}
