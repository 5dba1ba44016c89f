//! Manifests: as many objects as a file holds, read as `kubectl` reads them. No line of them is ever shown.

use std::path::Path;

use serde_json::Value;

use super::error::{Error, Fault, Spot};
use super::read;
use super::scalar::Dialect;

/// The documents of a file, empty ones dropped, whatever they are. Scalars mean what they mean to `kubectl`.
///
/// # Errors
/// Text that is neither YAML nor JSON, a key that stands twice; with the line, never with its text.
pub fn documents(file: &Path, text: &str) -> Result<Vec<Value>, Error> {
    let all = placed(text).map_err(|fault| fault.unshown(file))?;
    Ok(all.into_iter().map(|document| document.value).collect())
}

/// The documents of a manifest file: multi-document, `kind: List` taken apart, empty ones dropped.
/// Scalars mean what they mean to `kubectl` (YAML 1.1 booleans and octals).
///
/// # Errors
/// As [`documents`]; further what is no object, or lacks `apiVersion`, `kind` or `metadata.name`.
pub fn manifests(file: &Path, text: &str) -> Result<Vec<Value>, Error> {
    let mut objects = Vec::new();
    for document in placed(text).map_err(|fault| fault.unshown(file))? {
        let what = format!("document {}", document.number);
        take_apart(document.value, &what, document.spot, &mut objects)
            .map_err(|fault| fault.unshown(file))?;
    }
    Ok(objects)
}

/// A document, its number from 1 (empty ones counted) and where it begins.
struct Document {
    number: usize,
    spot: Spot,
    value: Value,
}

fn placed(text: &str) -> Result<Vec<Document>, Fault> {
    let text = super::without_mark(text);
    // JSON allows tabs where YAML does not, so what kubectl takes for JSON is tried as JSON first.
    if let Some(all) = text.trim_start().starts_with('{').then(|| json(text)).flatten() {
        return Ok(all);
    }
    Ok(read::documents(text, Dialect::Kubectl)?
        .into_iter()
        .enumerate()
        .filter(|(_, node)| !node.is_null())
        .map(|(index, node)| Document { number: index + 1, spot: node.spot, value: node.value() })
        .collect())
}

fn json(text: &str) -> Option<Vec<Document>> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let mut all = Vec::new();
    loop {
        let begin = stream.byte_offset() + text[stream.byte_offset()..].find('{').unwrap_or(0);
        let line = 1 + text[..begin].matches('\n').count();
        let Some(value) = stream.next() else { return Some(all) };
        all.push(Document { number: all.len() + 1, spot: Spot { line, ..Spot::START }, value: value.ok()? });
    }
}

/// Adds an object, or the objects of a list, to `objects`.
fn take_apart(value: Value, what: &str, spot: Spot, objects: &mut Vec<Value>) -> Result<(), Fault> {
    let kind = text_at(&value, "/kind").unwrap_or_default().to_owned();
    let is_list = kind.ends_with("List") && value.get("items").is_some_and(Value::is_array);
    if !is_list {
        check(&value, what, spot)?;
        objects.push(value);
        return Ok(());
    }
    let api_version = text_at(&value, "/apiVersion").unwrap_or_default().to_owned();
    let items = value.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
    for (index, mut item) in items.into_iter().enumerate() {
        // The items of a `ConfigMapList` need not say that they are ConfigMaps.
        let of = kind.trim_end_matches("List");
        if let (Some(item), false) = (item.as_object_mut(), of.is_empty()) {
            item.entry("apiVersion").or_insert_with(|| api_version.clone().into());
            item.entry("kind").or_insert_with(|| of.into());
        }
        take_apart(item, &format!("{what}, item {}", index + 1), spot, objects)?;
    }
    Ok(())
}

fn check(value: &Value, what: &str, spot: Spot) -> Result<(), Fault> {
    if !value.is_object() {
        return Err(Fault::new(spot, format!("{what} is not a mapping")));
    }
    for pointer in ["/apiVersion", "/kind", "/metadata/name"] {
        if text_at(value, pointer).is_none_or(str::is_empty) {
            let field = pointer[1..].replace('/', ".");
            let state = if value.pointer(pointer).is_some() { "has no text as" } else { "lacks" };
            let fault = Fault::new(spot, format!("{what} {state} `{field}`"));
            let generated = value.pointer("/metadata/generateName").is_some();
            return Err(if generated {
                fault
                    .with_hint("an object with `generateName` cannot be applied: each run would make another")
            } else {
                fault
            });
        }
    }
    Ok(())
}

fn text_at<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str)
}
