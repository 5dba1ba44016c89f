//! Field managers: server-side apply, and what other writes mean for who owns what
//! (<https://kubernetes.io/docs/reference/using-api/server-side-apply/>).

use std::mem::take;

use serde_json::{Value, json};

use super::fields::{Maps, Path, Set, at, display, from_json, remove, set_of, to_json};
use super::kinds::Kind;
use super::merge::lay_over;
use super::store::now;

/// Who writes.
#[derive(Clone, Copy)]
pub(super) struct Writer<'a> {
    pub(super) manager: &'a str,
    /// `status` where only that is written.
    pub(super) subresource: &'a str,
}

/// What a manager owns by a way of writing: an entry of `metadata.managedFields`.
struct Entry {
    manager: String,
    operation: String,
    api_version: String,
    subresource: String,
    time: Value,
    fields: Set,
}

impl Entry {
    fn is(&self, writer: Writer<'_>, operation: &str) -> bool {
        self.manager == writer.manager
            && self.operation == operation
            && self.subresource == writer.subresource
    }

    /// As conflicts name it.
    fn title(&self) -> String {
        let with = if self.subresource.is_empty() {
            String::new()
        } else {
            format!(" with subresource {:?}", self.subresource)
        };
        let using =
            if self.operation == "Apply" { String::new() } else { format!(" using {}", self.api_version) };
        format!("{:?}{with}{using}", self.manager)
    }

    fn new(writer: Writer<'_>, operation: &str, kind: &Kind, fields: Set) -> Self {
        Self {
            manager: writer.manager.to_owned(),
            operation: operation.to_owned(),
            api_version: kind.api_version(),
            subresource: writer.subresource.to_owned(),
            time: now().into(),
            fields,
        }
    }
}

fn entries(object: &Value) -> Vec<Entry> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let listed = object["metadata"]["managedFields"].as_array().into_iter().flatten();
    let entry = |entry: &Value| Entry {
        manager: text(&entry["manager"]),
        operation: text(&entry["operation"]),
        api_version: text(&entry["apiVersion"]),
        subresource: text(&entry["subresource"]),
        time: entry["time"].clone(),
        fields: from_json(&entry["fieldsV1"]),
    };
    listed.map(entry).collect()
}

fn store(object: &mut Value, entries: &[Entry]) {
    let mut entries: Vec<&Entry> = entries.iter().filter(|entry| !entry.fields.is_empty()).collect();
    // Applies first, then the older, then by name; an entry without a time counts as the oldest.
    entries.sort_by_key(|entry| {
        (entry.operation.clone(), entry.time.as_str().unwrap_or_default().to_owned(), entry.manager.clone())
    });
    let shown = entries.into_iter().map(|entry| {
        let mut shown = json!({
            "manager": entry.manager, "operation": entry.operation, "apiVersion": entry.api_version,
            "fieldsType": "FieldsV1", "fieldsV1": to_json(&entry.fields),
        });
        if !entry.time.is_null() {
            shown["time"] = entry.time.clone();
        }
        if !entry.subresource.is_empty() {
            shown["subresource"] = entry.subresource.as_str().into();
        }
        shown
    });
    let shown: Vec<Value> = shown.collect();
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.shift_remove("managedFields");
        if !shown.is_empty() {
            metadata.insert("managedFields".into(), shown.into());
        }
    }
}

/// Server-side apply over what is there. The conflicts, where others own fields with other values and the
/// writer does not force: manager and field, each.
pub(super) fn apply(
    live: &Value,
    applied: &Value,
    writer: Writer<'_>,
    force: bool,
    kind: &Kind,
) -> Result<Value, Vec<(String, String)>> {
    let wanted =
        set_of(applied, !kind.custom, if kind.schema.is_some() { Maps::None } else { Maps::Untyped });
    let mut entries = entries(live);
    entries.extend(before_first_apply(live, &entries, kind));
    let mut conflicts = Vec::new();
    for entry in entries.iter_mut().filter(|entry| !entry.is(writer, "Apply")) {
        let title = entry.title();
        let differs = |path: &&Path| wanted.contains(*path) && differ(live, applied, path);
        let taken: Vec<Path> = entry.fields.iter().filter(differs).cloned().collect();
        conflicts.extend(taken.iter().map(|path| (title.clone(), display(path))));
        entry.fields.retain(|path| !taken.contains(path));
    }
    if !force && !conflicts.is_empty() {
        return Err(conflicts);
    }
    let mut merged = lay_over(live, applied, "", !kind.custom);
    let ours = entries.iter_mut().find(|entry| entry.is(writer, "Apply"));
    let before = ours.map(|entry| take(&mut entry.fields)).unwrap_or_default();
    for path in before.difference(&wanted) {
        if !entries.iter().any(|entry| holds(&entry.fields, path)) && !holds(&wanted, path) {
            remove(&mut merged, path);
        }
    }
    // An apply that changes no value leaves no time.
    let changed = differs_in_value(live, &merged);
    match entries.iter_mut().find(|entry| entry.is(writer, "Apply")) {
        Some(entry) if changed => (entry.fields, entry.time) = (wanted, now().into()),
        Some(entry) => entry.fields = wanted,
        None => {
            let entry = Entry::new(writer, "Apply", kind, wanted);
            entries.push(Entry { time: if changed { entry.time } else { Value::Null }, ..entry });
        }
    }
    store(&mut merged, &entries);
    Ok(merged)
}

/// The API server itself writes the status of a definition, and is its manager.
pub(super) fn own_status(object: &mut Value, kind: &Kind) {
    let writer = Writer { manager: "kube-apiserver", subresource: "status" };
    let mut all = entries(object);
    if all.iter().any(|entry| entry.subresource == "status") {
        return;
    }
    let status = json!({"conditions": object["status"]["conditions"], "acceptedNames": object["status"]["acceptedNames"]});
    let mut fields = set_of(&json!({ "status": status }), true, Maps::All);
    fields.retain(|path| path.len() > 2);
    all.push(Entry::new(writer, "Update", kind, fields));
    store(object, &all);
}

/// Whether anything but the notes of managers differs.
fn differs_in_value(live: &Value, merged: &Value) -> bool {
    let bare = |object: &Value| {
        let mut object = object.clone();
        object["metadata"].as_object_mut().map(|metadata| metadata.shift_remove("managedFields"));
        object
    };
    live["metadata"]["uid"].is_null() || bare(live) != bare(merged)
}

/// What a real API server writes down when it applies to an object that nobody owns a field of, such as a
/// namespace that was applied with its name alone.
fn before_first_apply(live: &Value, entries: &[Entry], kind: &Kind) -> Option<Entry> {
    if !entries.is_empty() || live["metadata"]["uid"].is_null() {
        return None;
    }
    let mut fields = set_of(live, !kind.custom, Maps::All);
    fields.retain(|path| !(kind.status && path[0] == "f:status"));
    let writer = Writer { manager: "before-first-apply", subresource: "" };
    Some(Entry::new(writer, "Update", kind, fields))
}

/// Whether both have the field and mean different things by it. What holds other fields is no value itself.
fn differ(live: &Value, applied: &Value, path: &Path) -> bool {
    if path.last().is_some_and(|last| last.starts_with("k:")) {
        return false;
    }
    at(live, path) != at(applied, path)
}

/// Whether a path or something under it is in the set.
fn holds(set: &Set, path: &Path) -> bool {
    set.range(path.clone()..).next().is_some_and(|first| first.starts_with(path))
}

/// Writes down who owns what after a create, update or patch: what changed belongs to the writer.
pub(super) fn track(old: &Value, new: &mut Value, writer: Writer<'_>, kind: &Kind) {
    let fields = set_of(new, !kind.custom, Maps::All);
    let scalar = |path: &Path| !matches!(at(new, path), Some(Value::Object(map)) if !map.is_empty());
    let is_new = |path: &&Path| match at(old, path) {
        None => true,
        Some(before) => scalar(path) && Some(before) != at(new, path) && !is_entry(path),
    };
    let changed: Set = fields.iter().filter(is_new).cloned().collect();
    let mut entries = entries(old);
    for entry in &mut entries {
        entry.fields.retain(|path| at(new, path).is_some() && !changed.contains(path));
    }
    match entries.iter_mut().find(|entry| entry.is(writer, "Update")) {
        Some(entry) if !changed.is_empty() => {
            entry.fields.extend(changed);
            entry.time = now().into();
        }
        None if !changed.is_empty() => entries.push(Entry::new(writer, "Update", kind, changed)),
        _ => {}
    }
    store(new, &entries);
}

fn is_entry(path: &Path) -> bool {
    path.last().is_some_and(|last| last.starts_with("k:"))
}
