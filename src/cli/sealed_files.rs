//! Sealed files, as the verbs read them.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use super::files::side_by_side;
use super::input;
use crate::seal::diagnose::Places;
use crate::seal::verify;
use crate::yaml::{self, Document};

/// The word without which a file holds no SealedSecret.
pub(super) const WORD: &str = "SealedSecret";

/// The SealedSecrets of a text, those of Lists among them.
pub(super) fn documents(file: &Path, text: &str) -> Result<Vec<Document>, yaml::Error> {
    let all = yaml::each(file, text)?.into_iter().flat_map(Document::taken_apart);
    Ok(all.filter(verify::is_sealed_secret).collect())
}

/// The lines of its items.
pub(super) fn item_lines(document: &Document) -> BTreeMap<String, usize> {
    let items = document.value.pointer("/spec/encryptedData").and_then(Value::as_object);
    let line = |key: &str| document.line_of(&["spec".into(), "encryptedData".into(), key.into()]);
    items.into_iter().flatten().map(|(key, _)| (key.clone(), line(key))).collect()
}

/// The places that a SealedSecret and its file name: its own, the name of the file, its folders as namespaces.
pub(super) fn near(document: &Document) -> Places {
    let mut places = Places::default();
    let (namespace, name) = place(document);
    places.namespaces.insert(namespace);
    places.names.insert(name);
    places.names.extend(document.file.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    let folders = document.file.parent().into_iter().flat_map(Path::components);
    places.namespaces.extend(folders.filter_map(|part| match part {
        Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
        _ => None,
    }));
    places
}

/// The places of all SealedSecrets in files. Standard input is not looked at: it can be read once only.
pub(super) fn places(files: &[PathBuf]) -> Places {
    let mut places = Places::default();
    let in_file = |file: &PathBuf| {
        let bytes = if input::is_stdin(file) { Vec::new() } else { std::fs::read(file).unwrap_or_default() };
        let text = yaml::decode(file, bytes).ok().filter(|text| text.contains(WORD));
        let documents = text.and_then(|text| documents(file, &text).ok()).unwrap_or_default();
        documents.iter().map(place).collect::<Vec<_>>()
    };
    side_by_side(files, in_file, |_, found| {
        for (namespace, name) in found {
            places.namespaces.insert(namespace);
            places.names.insert(name);
        }
        ControlFlow::Continue(())
    });
    places
}

fn place(document: &Document) -> (String, String) {
    let metadata = document.value.get("metadata");
    let text =
        |key: &str| metadata.and_then(|metadata| metadata.get(key)?.as_str()).unwrap_or_default().to_owned();
    (text("namespace"), text("name"))
}
