//! Values for `${NAME}`: what Flux would put into the manifests that are applied before Flux is there.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::folder::{Document, Folder};
use super::{Found, Seen};
use crate::yaml;

/// The values that Flux substitutes, by name.
pub(super) fn known(folder: &Folder) -> BTreeMap<String, Seen<String>> {
    let mut known = BTreeMap::new();
    for document in folder.all("kustomize.toolkit.fluxcd.io", "Kustomization") {
        // A patch reaches all Kustomizations, so it counts before what a single one sets.
        for patch in document.list("/spec/patches").iter().filter_map(|patch| patch["patch"].as_str()) {
            let values = yaml::documents(&document.file, patch).unwrap_or_default();
            for value in &values {
                take(value, document, &mut known);
            }
        }
    }
    for document in folder.all("kustomize.toolkit.fluxcd.io", "Kustomization") {
        take(&document.value, document, &mut known);
        from_config_maps(folder, document, &mut known);
    }
    known
}

fn take(value: &Value, document: &Document, known: &mut BTreeMap<String, Seen<String>>) {
    let pairs = value.pointer("/spec/postBuild/substitute").and_then(Value::as_object).into_iter().flatten();
    for (name, value) in pairs.filter_map(|(name, value)| Some((name, scalar(value)?))) {
        known.entry(name.clone()).or_insert_with(|| Seen::in_file(value, &document.file));
    }
}

fn from_config_maps(folder: &Folder, document: &Document, known: &mut BTreeMap<String, Seen<String>>) {
    for source in
        document.list("/spec/postBuild/substituteFrom").iter().filter(|source| source["kind"] == "ConfigMap")
    {
        let map = folder.documents.iter().find(|other| {
            other.text("/kind") == Some("ConfigMap") && other.name() == source["name"].as_str()
        });
        let Some(map) = map else { continue };
        for (name, value) in map.value["data"].as_object().into_iter().flatten() {
            let Some(value) = scalar(value) else { continue };
            known.entry(name.clone()).or_insert_with(|| Seen::in_file(value, &map.file));
        }
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

/// A text with its variables put in; `None` where one is not known.
pub(super) fn fill(text: &str, known: &BTreeMap<String, Seen<String>>) -> Option<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (inner, after) = after.split_once('}')?;
        let (name, fallback) = variable(inner);
        let value = known.get(name).map(|seen| seen.value.as_str()).or(fallback)?;
        filled.extend([before, value]);
        rest = after;
    }
    Some(filled + rest)
}

/// The name in `NAME`, `NAME:=fallback` or `NAME:-fallback`, and the fallback.
fn variable(inner: &str) -> (&str, Option<&str>) {
    let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
    let fallback = inner[end..].strip_prefix(":=").or_else(|| inner[end..].strip_prefix(":-"));
    (&inner[..end], fallback)
}

/// Notes the variables in the manifests that sealstrap will apply, with their values where Flux has them.
pub(super) fn look(folder: &Folder, found: &mut Found) {
    let known = known(folder);
    let applied: Vec<&PathBuf> = found.manifests.iter().collect();
    let mut names = BTreeMap::new();
    for document in folder.documents.iter().filter(|document| applied.contains(&&document.file)) {
        texts(&document.value, &mut |text| {
            for inner in text.split("${").skip(1).filter_map(|part| part.split_once('}')) {
                let (name, fallback) = variable(inner.0);
                if !name.is_empty() && (fallback.is_none() || known.contains_key(name)) {
                    names.insert(name.to_owned(), known.get(name).cloned());
                }
            }
        });
    }
    if !names.is_empty() {
        hooks(folder, found);
    }
    found.substitute = names;
}

/// A hook of a helmfile hands such a manifest to kubectl as it stands, variables and all.
fn hooks(folder: &Folder, found: &mut Found) {
    for helmfile in folder.documents.iter().filter(|document| document.value.get("releases").is_some()) {
        let releases = helmfile.list("/releases").iter();
        let arguments: Vec<_> = releases
            .flat_map(|release| release["hooks"].as_array().into_iter().flatten())
            .flat_map(|hook| hook["args"].as_array().into_iter().flatten())
            .filter_map(Value::as_str)
            .filter(|argument| argument.contains('/'))
            .collect();
        let Some(applied) =
            found.manifests.iter().find(|file| arguments.iter().any(|argument| file.ends_with(argument)))
        else {
            continue;
        };
        found.notes.push(format!(
            "a hook of `{}` applies `{}` with its variables unresolved; sealstrap applies it again with their values.",
            helmfile.file.display(),
            applied.display()
        ));
    }
}

fn texts(value: &Value, each: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => each(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, each)),
        Value::Object(map) => map.values().for_each(|value| texts(value, each)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{BTreeMap, Seen, fill};

    #[test]
    fn known_variables_and_fallbacks_are_put_in_and_others_are_not_guessed() {
        let known = BTreeMap::from([("DOMAIN".to_owned(), Seen::new("example.com".to_owned(), "here"))]);
        assert_eq!(
            fill("https://vault.${DOMAIN}:8200", &known).as_deref(),
            Some("https://vault.example.com:8200")
        );
        assert_eq!(fill("${A:=b}.${DOMAIN:-x}", &known).as_deref(), Some("b.example.com"));
        assert_eq!(fill("${OTHER}", &known), None);
        assert_eq!(fill("plain", &known).as_deref(), Some("plain"));
    }
}
