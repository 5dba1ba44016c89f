//! Sealed files as people have them: one item is set, added, removed, renamed, and only its lines differ.
//!
//! The files are those of `tests/fixtures/sealed`, and those of the folder that `SEALSTRAP_CORPUS` names, if any.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::super::Edit;
use crate::yaml::{Segment, decode};

const NEW: &str = "AgBnZXdvcmZlbmVyIFRleHQsIGRlciBuaWNodHMgYmVkZXV0ZXQ=";

#[test]
fn one_item_of_a_sealed_file_changes_alone() {
    let mut files = in_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sealed"));
    assert!(files.len() > 10);
    #[expect(clippy::disallowed_methods, reason = "a larger sample lies outside of the repository")]
    if let Some(corpus) = std::env::var_os("SEALSTRAP_CORPUS") {
        files.extend(in_folder(Path::new(&corpus)));
    }
    let mut items = 0;
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        let marked = bytes.starts_with("\u{feff}".as_bytes());
        let text = decode(&file, bytes).unwrap();
        let text = if marked { format!("\u{feff}{text}") } else { text };
        items += live(&file, &text);
    }
    assert!(items > 20);
}

fn in_folder(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Edits every sealed mapping of a file; returns the number of items.
fn live(file: &Path, text: &str) -> usize {
    let mut count = 0;
    for (index, document) in Edit::open(file, text).unwrap().values().unwrap().iter().enumerate() {
        for path in sealed(document) {
            let map = path.iter().fold(document, |value, segment| match segment {
                Segment::Key(key) => &value[key.as_str()],
                Segment::Index(index) => &value[*index],
            });
            let keys: Vec<_> = map.as_object().unwrap().keys().cloned().collect();
            added(file, text, index, &path, keys.is_empty());
            for key in &keys {
                let item: Vec<_> = path.iter().cloned().chain([Segment::Key(key.clone())]).collect();
                changed_alone(file, text, index, &item, keys.len() == 1);
            }
            count += keys.len();
        }
    }
    count
}

/// Where a document holds sealed items.
fn sealed(document: &Value) -> Vec<Vec<Segment>> {
    let own = document.pointer("/spec/encryptedData").is_some_and(Value::is_object);
    let mut all: Vec<Vec<Segment>> =
        own.then(|| vec!["spec".into(), "encryptedData".into()]).into_iter().collect();
    for (index, item) in document["items"].as_array().into_iter().flatten().enumerate() {
        all.extend(
            sealed(item)
                .into_iter()
                .map(|path| ["items".into(), index.into()].into_iter().chain(path).collect()),
        );
    }
    all
}

fn added(file: &Path, text: &str, index: usize, map: &[Segment], was_empty: bool) {
    for key in ["0", "mmm", "zzz"] {
        let item: Vec<_> = map.iter().cloned().chain([Segment::Key(key.into())]).collect();
        let mut edit = Edit::open(file, text).unwrap();
        edit.document(index).unwrap().set(&item, NEW).unwrap();
        let after = edit.text();
        assert!(after.contains(NEW));
        edit.document(index).unwrap().remove(&item).unwrap();
        assert_eq!(edit.text(), text, "{} {was_empty}", file.display());
    }
}

fn changed_alone(file: &Path, text: &str, index: usize, item: &[Segment], is_only: bool) {
    let after = |change: &dyn Fn(&mut super::super::Document) -> Result<(), crate::yaml::Error>| {
        let mut edit = Edit::open(file, text).unwrap();
        change(&mut edit.document(index).unwrap()).unwrap_or_else(|error| panic!("{error}"));
        edit.text()
    };
    let set = after(&|document| document.set(item, NEW));
    // The head of a block of text changes with it where the last line break goes.
    let lines = different(text, &set);
    assert!(lines.len() == 1 || (lines.len() == 2 && lines[0].0.contains(": |")), "{}", file.display());
    let renamed = after(&|document| document.rename(item, "renamed"));
    assert_eq!(different(text, &renamed).len(), 1, "{}", file.display());
    assert_eq!(renamed.matches("renamed").count(), 1 + text.matches("renamed").count());
    let removed = after(&|document| document.remove(item));
    let lines: Vec<_> = text.lines().collect();
    let strange = removed.lines().filter(|line| !lines.contains(line)).count();
    // An emptied mapping becomes `{}`, on one line two mappings change together, and a comma may go.
    assert!(strange <= 1, "{}\n{removed}", file.display());
    let Some(Segment::Key(key)) = item.last() else { panic!("a key") };
    let mut without = Edit::open(file, text).unwrap().values().unwrap();
    let map = item[..item.len() - 1].iter().fold(&mut without[index], |value, segment| match segment {
        Segment::Key(key) => &mut value[key.as_str()],
        Segment::Index(index) => &mut value[*index],
    });
    map.as_object_mut().unwrap().shift_remove(key);
    assert_eq!(map.as_object().unwrap().is_empty(), is_only);
    assert_eq!(Edit::open(file, &removed).unwrap().values().unwrap(), without);
}

/// The lines that differ between texts of as many lines.
fn different<'t>(before: &'t str, after: &'t str) -> Vec<(&'t str, &'t str)> {
    assert_eq!(before.split('\n').count(), after.split('\n').count());
    before.split('\n').zip(after.split('\n')).filter(|(a, b)| a != b).collect()
}
