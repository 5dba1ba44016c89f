//! The ways to change an object by a patch: merge (RFC 7386), JSON patch (RFC 6902: add, replace, remove,
//! test), strategic merge, and the merge under server-side apply.

use serde_json::Value;

use super::fields::{ListRule, entry_segment, is_atomic_map, list_rule};

/// RFC 7386.
pub(super) fn merge_patch(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    for (name, value) in patch {
        if value.is_null() {
            target.as_object_mut().map(|map| map.shift_remove(name));
        } else {
            merge_patch(&mut target[name.as_str()], value);
        }
    }
}

/// RFC 6902, without `move` and `copy`. Says nothing where an operation does not fit.
pub(super) fn json_patch(target: &mut Value, patch: &Value) -> Option<()> {
    for operation in patch.as_array()? {
        let pointer = operation["path"].as_str()?;
        let (parent, name) = pointer.rsplit_once('/')?;
        let name = name.replace("~1", "/").replace("~0", "~");
        match operation["op"].as_str()? {
            "test" => (target.pointer(pointer) == Some(&operation["value"])).then_some(())?,
            "remove" => take(target.pointer_mut(parent)?, &name)?,
            "add" => put(target.pointer_mut(parent)?, name, operation["value"].clone())?,
            "replace" => *target.pointer_mut(pointer)? = operation["value"].clone(),
            _ => return None,
        }
    }
    Some(())
}

fn take(parent: &mut Value, name: &str) -> Option<()> {
    match parent {
        Value::Object(map) => map.shift_remove(name).map(drop),
        Value::Array(items) => {
            let index: usize = name.parse().ok()?;
            (index < items.len()).then(|| drop(items.remove(index)))
        }
        _ => None,
    }
}

fn put(parent: &mut Value, name: String, value: Value) -> Option<()> {
    match parent {
        Value::Object(map) => {
            map.insert(name, value);
            Some(())
        }
        Value::Array(items) => {
            let index = if name == "-" { items.len() } else { name.parse().ok()? };
            (index <= items.len()).then(|| items.insert(index, value))
        }
        _ => None,
    }
}

/// Strategic merge, which client-side apply sends: a merge patch that goes into lists with keys, and whose
/// `$` directives about order are not needed here.
pub(super) fn strategic(target: &mut Value, patch: &Value, field: &str) {
    match (&mut *target, patch) {
        (Value::Object(_), Value::Object(patch)) => {
            for (name, value) in patch.iter().filter(|(name, _)| !name.starts_with('$')) {
                if value.is_null() {
                    target.as_object_mut().map(|map| map.shift_remove(name));
                } else {
                    strategic(&mut target[name.as_str()], value, name);
                }
            }
        }
        (Value::Array(items), Value::Array(patch)) => match list_rule(field, patch, true) {
            ListRule::Keyed(keys) => strategic_list(items, patch, keys),
            _ => items.clone_from(patch),
        },
        (target, patch) => *target = patch.clone(),
    }
}

fn strategic_list(items: &mut Vec<Value>, patch: &[Value], keys: &[&str]) {
    for wanted in patch {
        let name = entry_segment(wanted, keys);
        if wanted["$patch"] == "delete" {
            items.retain(|item| entry_segment(item, keys) != name);
            continue;
        }
        match items.iter_mut().find(|item| entry_segment(item, keys) == name) {
            Some(item) => strategic(item, wanted, ""),
            None => items.push(wanted.clone()),
        }
    }
}

/// Lays an applied object over the one that is there.
pub(super) fn lay_over(live: &Value, applied: &Value, field: &str, built_in: bool) -> Value {
    match (live, applied) {
        (Value::Object(live), Value::Object(applied)) if !is_atomic_map(field, built_in) => {
            let mut merged = live.clone();
            for (name, value) in applied {
                let value =
                    live.get(name).map_or_else(|| value.clone(), |old| lay_over(old, value, name, built_in));
                merged.insert(name.clone(), value);
            }
            Value::Object(merged)
        }
        (Value::Array(live), Value::Array(applied)) => {
            Value::Array(lay_over_list(live, applied, list_rule(field, applied, built_in), built_in))
        }
        _ => applied.clone(),
    }
}

fn lay_over_list(live: &[Value], applied: &[Value], rule: ListRule, built_in: bool) -> Vec<Value> {
    let mut merged = live.to_vec();
    match rule {
        ListRule::Atomic => return applied.to_vec(),
        ListRule::Set => merged.extend(applied.iter().filter(|item| !live.contains(item)).cloned()),
        ListRule::Keyed(keys) => {
            for wanted in applied {
                let name = entry_segment(wanted, keys);
                match merged.iter_mut().find(|item| entry_segment(item, keys) == name) {
                    Some(item) => *item = lay_over(item, wanted, "", built_in),
                    None => merged.push(wanted.clone()),
                }
            }
        }
    }
    merged
}
