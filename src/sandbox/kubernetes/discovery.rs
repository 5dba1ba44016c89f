//! Which groups, versions and kinds there are. The aggregated form is not offered; clients ask for this one
//! when they do not get it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::failure::{self, Refusal};
use super::kinds::Kind;
use super::store::State;

/// `/version`.
pub(super) fn version() -> Value {
    json!({
        "major": "1", "minor": "34", "gitVersion": "v1.34.0-sealstrap-sandbox", "gitCommit": "", "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z", "goVersion": "", "compiler": "", "platform": "",
    })
}

/// `/api`.
pub(super) fn core_versions() -> Value {
    json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []})
}

/// `/apis`.
pub(super) fn groups(state: &State) -> Value {
    let named = |kind: &&Kind| !kind.group.is_empty();
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for kind in state.kinds.iter().filter(named) {
        let versions = groups.entry(&kind.group).or_default();
        if !versions.contains(&kind.version.as_str()) {
            versions.push(&kind.version);
        }
    }
    let groups: Vec<Value> = groups.iter().map(|(group, versions)| shown_group(group, versions)).collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

/// What is said of a version or kind that is not served: of an unknown group not even a `Status`.
pub(super) fn missing(state: &State, group: &str) -> Refusal {
    if state.kinds.iter().any(|kind| kind.group == group) { failure::unknown() } else { failure::nowhere() }
}

/// `/apis/GROUP`.
pub(super) fn group(state: &State, group: &str) -> Result<Value, Refusal> {
    let mut versions: Vec<&str> = Vec::new();
    for kind in state.kinds.iter().filter(|kind| kind.group == group && !group.is_empty()) {
        if !versions.contains(&kind.version.as_str()) {
            versions.push(&kind.version);
        }
    }
    if versions.is_empty() {
        return Err(failure::nowhere());
    }
    let mut shown = shown_group(group, &versions);
    shown["kind"] = "APIGroup".into();
    shown["apiVersion"] = "v1".into();
    Ok(shown)
}

fn shown_group(group: &str, versions: &[&str]) -> Value {
    let version = |version: &&str| json!({"groupVersion": format!("{group}/{version}"), "version": version});
    let versions: Vec<Value> = versions.iter().map(version).collect();
    json!({"name": group, "versions": versions, "preferredVersion": versions[0]})
}

/// `/api/v1`, `/apis/GROUP/VERSION`.
pub(super) fn resources(state: &State, group: &str, version: &str) -> Result<Value, Refusal> {
    let kinds: Vec<&Kind> =
        state.kinds.iter().filter(|kind| kind.group == group && kind.version == version).collect();
    let Some(first) = kinds.first() else { return Err(missing(state, group)) };
    let listed: Vec<Value> = kinds.iter().flat_map(|kind| shown(kind)).collect();
    Ok(json!({
        "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": first.api_version(), "resources": listed,
    }))
}

fn shown(kind: &Kind) -> Vec<Value> {
    let verbs: &[&str] = match &*kind.kind {
        "SelfSubjectAccessReview" => &["create"],
        _ => &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
    };
    let mut whole = json!({
        "name": kind.plural, "singularName": kind.kind.to_lowercase(), "namespaced": kind.namespaced,
        "kind": kind.kind, "verbs": verbs,
    });
    if !kind.short.is_empty() {
        whole["shortNames"] = json!(kind.short);
    }
    let status = json!({
        "name": format!("{}/status", kind.plural), "singularName": "", "namespaced": kind.namespaced,
        "kind": kind.kind, "verbs": ["get", "patch", "update"],
    });
    if kind.status { vec![whole, status] } else { vec![whole] }
}
