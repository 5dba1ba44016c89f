//! Sets of fields in the form of `FieldsV1`: who owns what of an object
//! (<https://kubernetes.io/docs/reference/using-api/server-side-apply/>).
//!
//! A path is a list of its segments: `f:NAME` for a field, `k:{…}` for a list entry by its keys, `v:…` for an
//! entry of a set. That a list entry or a map itself is owned stands as `.` in the JSON form.

use std::collections::BTreeSet;
use std::ops::Bound::{Excluded, Unbounded};

use serde_json::{Map, Value, json};

/// The way to a field.
pub(super) type Path = Vec<String>;
/// Fields.
pub(super) type Set = BTreeSet<Path>;

/// How a list is merged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ListRule {
    /// As a whole.
    Atomic,
    /// Entry by entry, told apart by these keys.
    Keyed(&'static [&'static str]),
    /// Value by value.
    Set,
}

/// The rule of a list field. Lists of custom kinds are atomic, for their definitions here say no more.
pub(super) fn list_rule(field: &str, items: &[Value], built_in: bool) -> ListRule {
    match field {
        "ownerReferences" => ListRule::Keyed(&["uid"]),
        "finalizers" => ListRule::Set,
        _ if !built_in => ListRule::Atomic,
        "containers" | "initContainers" | "volumes" | "env" | "webhooks" | "imagePullSecrets" => {
            ListRule::Keyed(&["name"])
        }
        "volumeMounts" => ListRule::Keyed(&["mountPath"]),
        "conditions" => ListRule::Keyed(&["type"]),
        "ports" if items.iter().any(|item| !item["containerPort"].is_null()) => {
            ListRule::Keyed(&["containerPort", "protocol"])
        }
        "ports" if items.iter().any(|item| !item["port"].is_null()) => ListRule::Keyed(&["port", "protocol"]),
        _ => ListRule::Atomic,
    }
}

/// Whether a map belongs to one owner as a whole.
pub(super) fn is_atomic_map(field: &str, built_in: bool) -> bool {
    built_in
        && ["selector", "nodeSelector", "roleRef", "secretKeyRef", "configMapKeyRef", "fieldRef"]
            .contains(&field)
}

/// The segment of an entry of a keyed list.
pub(super) fn entry_segment(item: &Value, keys: &[&str]) -> String {
    let mut named = Map::new();
    for key in keys {
        let default = if *key == "protocol" { json!("TCP") } else { Value::Null };
        let value = item.get(*key).cloned().unwrap_or(default);
        if !value.is_null() {
            named.insert((*key).to_owned(), value);
        }
    }
    format!("k:{}", Value::Object(named))
}

/// Whether maps themselves are owned, beside what they hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Maps {
    /// By an apply with a schema they are not.
    None,
    /// By an apply without a schema they are, except metadata, which always has one.
    Untyped,
    /// By an update they are.
    All,
}

/// The fields of an object that can be owned.
pub(super) fn set_of(object: &Value, built_in: bool, maps: Maps) -> Set {
    let mut walk = Walk { built_in, maps, found: Set::new() };
    walk.value(object, "", &mut Vec::new());
    walk.found.retain(|path| !is_system(path));
    walk.found
}

struct Walk {
    built_in: bool,
    maps: Maps,
    found: Set,
}

impl Walk {
    fn value(&mut self, value: &Value, field: &str, path: &mut Path) {
        match value {
            Value::Object(map) if !map.is_empty() && !is_atomic_map(field, self.built_in) => {
                if self.owns_map(path) {
                    self.found.insert(path.clone());
                }
                for (name, value) in map {
                    self.child(format!("f:{name}"), value, name, path);
                }
            }
            Value::Array(items) => self.list(items, field, path),
            _ => drop(self.found.insert(path.clone())),
        }
    }

    fn owns_map(&self, path: &Path) -> bool {
        let section = path.len() == 1
            && (path[0] == "f:metadata"
                || self.built_in && ["f:spec", "f:status"].contains(&path[0].as_str()));
        let in_metadata = path.first().is_some_and(|first| first == "f:metadata");
        match self.maps {
            Maps::None => false,
            Maps::Untyped => !path.is_empty() && !in_metadata,
            Maps::All => !section,
        }
    }

    fn list(&mut self, items: &[Value], field: &str, path: &mut Path) {
        // Those of a namespace's spec are no set.
        let in_spec = field == "finalizers" && path.first().is_some_and(|first| first != "f:metadata");
        let field = if in_spec { "" } else { field };
        match list_rule(field, items, self.built_in) {
            ListRule::Keyed(keys) if !items.is_empty() => {
                for item in items {
                    path.push(entry_segment(item, keys));
                    self.found.insert(path.clone());
                    self.value(item, "", path);
                    path.pop();
                }
            }
            ListRule::Set if !items.is_empty() => {
                let paths = items.iter().map(|item| [path.as_slice(), &[format!("v:{item}")]].concat());
                self.found.extend(paths);
            }
            _ => drop(self.found.insert(path.clone())),
        }
    }

    fn child(&mut self, segment: String, value: &Value, field: &str, path: &mut Path) {
        path.push(segment);
        self.value(value, field, path);
        path.pop();
    }
}

/// What nobody owns: the identity of an object, and what the server fills in.
fn is_system(path: &Path) -> bool {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    match names.as_slice() {
        [] | ["f:apiVersion" | "f:kind" | "f:metadata"] => true,
        ["f:metadata", name, ..] => {
            !["f:labels", "f:annotations", "f:finalizers", "f:ownerReferences"].contains(name)
        }
        _ => false,
    }
}

/// The value at a path.
pub(super) fn at<'a>(object: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(object, |value, segment| match segment.split_once(':')? {
        ("f", name) => value.get(name),
        ("k", keys) => {
            let is_entry = entry(keys);
            value.as_array()?.iter().find(|item| is_entry(item))
        }
        (_, text) => {
            let is_value = element(text);
            value.as_array()?.iter().find(|item| is_value(item))
        }
    })
}

/// Removes the value at a path, and the containers that it leaves empty.
pub(super) fn remove(object: &mut Value, path: &[String]) {
    let Some((segment, rest)) = path.split_first() else { return };
    let Some((form, name)) = segment.split_once(':') else { return };
    match object {
        Value::Object(map) if form == "f" => {
            if let (false, Some(child)) = (rest.is_empty(), map.get_mut(name)) {
                remove(child, rest);
            }
            let empty = |value: &Value| *value == json!({}) || *value == json!([]);
            if rest.is_empty() || map.get(name).is_some_and(empty) {
                map.shift_remove(name);
            }
        }
        Value::Array(items) if rest.is_empty() => {
            let (is_entry, is_value) = (entry(name), element(name));
            items.retain(|item| if form == "k" { !is_entry(item) } else { !is_value(item) });
        }
        Value::Array(items) => {
            let is_entry = entry(name);
            items.iter_mut().filter(|item| is_entry(item)).for_each(|item| remove(item, rest));
        }
        _ => {}
    }
}

/// Whether an element of a set is the one that a segment names.
fn element(text: &str) -> impl Fn(&Value) -> bool {
    let wanted = serde_json::from_str::<Value>(text).ok();
    move |item| wanted.as_ref() == Some(item)
}

/// Whether an entry of a keyed list is the one that a segment names.
fn entry(keys: &str) -> impl Fn(&Value) -> bool {
    let keys = serde_json::from_str::<Map<String, Value>>(keys).ok();
    let has = |item: &Value, (key, value): (&String, &Value)| match item.get(key) {
        None => key == "protocol" && value == "TCP",
        Some(found) => found == value,
    };
    move |item| keys.as_ref().is_some_and(|keys| keys.iter().all(|pair| has(item, pair)))
}

/// The JSON form of a set.
pub(super) fn to_json(set: &Set) -> Value {
    let mut root = json!({});
    for path in set {
        let mut node = &mut root;
        for segment in path {
            node = &mut node[segment.as_str()];
            if node.is_null() {
                *node = json!({});
            }
        }
    }
    // A container that is owned itself, beside what lies in it.
    let next = |path: &Path| set.range::<Path, _>((Excluded(path), Unbounded)).next();
    for path in set.iter().filter(|path| next(path).is_some_and(|next| next.starts_with(path))) {
        let node = path.iter().fold(&mut root, |node, segment| &mut node[segment.as_str()]);
        node["."] = json!({});
    }
    root
}

/// The set of a JSON form.
pub(super) fn from_json(value: &Value) -> Set {
    fn walk(value: &Value, path: &mut Path, set: &mut Set) {
        let Some(map) = value.as_object() else { return };
        if map.is_empty() && !path.is_empty() {
            set.insert(path.clone());
        }
        for (segment, value) in map {
            if segment == "." {
                set.insert(path.clone());
                continue;
            }
            path.push(segment.clone());
            walk(value, path, set);
            path.pop();
        }
    }
    let mut set = Set::new();
    walk(value, &mut Vec::new(), &mut set);
    set
}

/// A path as conflicts name it: `.spec.template.spec.containers[name="app"].image`.
pub(super) fn display(path: &[String]) -> String {
    let segment = |segment: &String| match segment.split_once(':') {
        Some(("f", name)) => format!(".{name}"),
        Some(("k", keys)) => {
            let keys: Map<String, Value> = serde_json::from_str(keys).unwrap_or_default();
            let keys: Vec<String> = keys.iter().map(|(key, value)| format!("{key}={value}")).collect();
            format!("[{}]", keys.join(","))
        }
        Some((_, value)) => format!("[={value}]"),
        None => String::new(),
    };
    path.iter().map(segment).collect()
}
