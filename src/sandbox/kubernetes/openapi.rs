//! As much of `OpenAPI` v3 as `kubectl` needs to leave the checking of fields to the server: that each kind
//! can be patched, and that patches take `fieldValidation`.

use serde_json::{Map, Value, json};

use super::kinds::Kind;
use super::store::State;

/// `/openapi/v3`.
pub(super) fn index(state: &State) -> Value {
    let mut paths = Map::new();
    for kind in &state.kinds {
        let path = path(kind);
        let at = format!("/openapi/v3/{path}?hash={}", state.revision);
        paths.insert(path, json!({"serverRelativeURL": at}));
    }
    json!({ "paths": paths })
}

/// `/openapi/v3/api/v1`, `/openapi/v3/apis/GROUP/VERSION`.
pub(super) fn document(state: &State, wanted: &str) -> Value {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    for kind in state.kinds.iter().filter(|kind| path(kind) == wanted) {
        let at = if kind.namespaced { "namespaces/{namespace}/" } else { "" };
        let identity = json!({"group": kind.group, "version": kind.version, "kind": kind.kind});
        let parameters: Vec<Value> = ["dryRun", "fieldManager", "fieldValidation", "force"]
            .map(|name| json!({"name": name, "in": "query", "schema": {"type": "string"}}))
            .into();
        let patch = json!({
            "x-kubernetes-action": "patch", "x-kubernetes-group-version-kind": identity, "parameters": parameters,
            "responses": {"200": {"description": "OK"}},
        });
        paths.insert(format!("/{wanted}/{at}{}/{{name}}", kind.plural), json!({ "patch": patch }));
        let schema = json!({
            "type": "object", "x-kubernetes-preserve-unknown-fields": true,
            "x-kubernetes-group-version-kind": [identity],
        });
        schemas.insert(format!("{}.{}.{}", kind.group, kind.version, kind.kind), schema);
    }
    json!({
        "openapi": "3.0.0", "info": {"title": "sealstrap sandbox", "version": "v1"},
        "paths": paths, "components": {"schemas": schemas},
    })
}

fn path(kind: &Kind) -> String {
    if kind.group.is_empty() {
        format!("api/{}", kind.version)
    } else {
        format!("apis/{}/{}", kind.group, kind.version)
    }
}
