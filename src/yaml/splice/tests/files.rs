//! Sealed files as people have them: one item is set, added, removed, renamed, and only its lines differ.
//!
//! The files are those of `tests/fixtures/sealed`, and those of the folder that `SEALSTRAP_CORPUS` names; where it is
//! unset, a sample that is not in the repository is passed over. An edit that is refused is listed with its reason.
//!
//! Every edit reads the whole file several times, so hundreds of files take half a minute with optimisation and half an
//! hour without: `CARGO_PROFILE_TEST_OPT_LEVEL=2 cargo test --target-dir /tmp/optimised --lib splice::tests::files`.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::Value;

use super::super::Edit;
use crate::yaml::{Error, Segment, decode};

const NEW: &str = "AgBnZXdvcmZlbmVyIFRleHQsIGRlciBuaWNodHMgYmVkZXV0ZXQ=";

/// What was done.
#[derive(Debug, Default)]
struct Tally {
    files: usize,
    documents: usize,
    items: usize,
    edits: usize,
    refused: Vec<String>,
}

impl Tally {
    fn and(mut self, other: Self) -> Self {
        self.files += other.files;
        self.documents += other.documents;
        self.items += other.items;
        self.edits += other.edits;
        self.refused.extend(other.refused);
        self
    }

    /// Makes an edit of a fresh copy; the text after it, unless it was refused.
    fn edited(
        &mut self,
        file: &Path,
        text: &str,
        change: impl FnOnce(&mut Edit) -> Result<(), Error>,
    ) -> Option<String> {
        self.edits += 1;
        let done = Edit::open(file, text).and_then(|mut edit| change(&mut edit).map(|()| edit.text()));
        done.map_err(|error| self.refused.push(error.to_string())).ok()
    }
}

#[test]
fn one_item_of_a_sealed_file_changes_alone() {
    let mut files = in_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sealed"));
    assert!(files.len() > 10);
    #[expect(clippy::disallowed_methods, reason = "a larger sample lies outside of the repository")]
    if let Some(corpus) = std::env::var_os("SEALSTRAP_CORPUS") {
        files.extend(in_folder(Path::new(&corpus)));
    }
    let tally = all(&files);
    tell(&tally);
    assert!(tally.items > 20);
    assert!(tally.refused.is_empty(), "{}", tally.refused.join("\n"));
}

/// Edits all files, on all cores.
fn all(files: &[PathBuf]) -> Tally {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut tally = Tally::default();
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let bytes = std::fs::read(file).unwrap();
            let marked = bytes.starts_with("\u{feff}".as_bytes());
            let text = decode(file, bytes).unwrap();
            let text = if marked { format!("\u{feff}{text}") } else { text };
            tally.files += 1;
            live(&mut tally, file, &text);
        }
        tally
    };
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).fold(Tally::default(), Tally::and)
    })
}

fn tell(tally: &Tally) {
    let Tally { files, documents, items, edits, refused } = tally;
    eprintln!(
        "{files} files, {documents} documents, {items} items, {edits} edits, {} refused",
        refused.len()
    );
}

fn in_folder(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Edits every sealed mapping of a file.
fn live(tally: &mut Tally, file: &Path, text: &str) {
    let documents = match Edit::open(file, text).and_then(|edit| edit.values()) {
        Ok(documents) => documents,
        Err(error) => return tally.refused.push(error.to_string()),
    };
    tally.documents += documents.len();
    for (index, document) in documents.iter().enumerate() {
        for path in sealed(document) {
            let map = path.iter().fold(document, |value, segment| match segment {
                Segment::Key(key) => &value[key.as_str()],
                Segment::Index(index) => &value[*index],
            });
            let keys: Vec<_> = map.as_object().unwrap().keys().cloned().collect();
            added(tally, file, text, index, &path);
            for key in &keys {
                let item: Vec<_> = path.iter().cloned().chain([Segment::Key(key.clone())]).collect();
                changed_alone(tally, file, text, index, &item, keys.len() == 1);
            }
            tally.items += keys.len();
        }
    }
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

fn added(tally: &mut Tally, file: &Path, text: &str, index: usize, map: &[Segment]) {
    for key in ["0", "mmm", "zzz"] {
        let item: Vec<_> = map.iter().cloned().chain([Segment::Key(key.into())]).collect();
        let set = |edit: &mut Edit| edit.document(index)?.set(&item, NEW);
        let Some(after) = tally.edited(file, text, set) else { continue };
        assert!(after.contains(NEW));
        let back = tally.edited(file, text, |edit| {
            set(edit)?;
            edit.document(index)?.remove(&item)
        });
        assert!(back.is_none_or(|back| back == text), "{}", file.display());
    }
}

fn changed_alone(tally: &mut Tally, file: &Path, text: &str, index: usize, item: &[Segment], is_only: bool) {
    if let Some(set) = tally.edited(file, text, |edit| edit.document(index)?.set(item, NEW)) {
        let lines = different(text, &set);
        // The head of a block of text changes with it where the last line break goes.
        assert!(lines.len() == 1 || (lines.len() == 2 && lines[0].0.contains(": |")), "{}", file.display());
    }
    if let Some(renamed) = tally.edited(file, text, |edit| edit.document(index)?.rename(item, "renamed")) {
        assert_eq!(different(text, &renamed).len(), 1, "{}", file.display());
        assert_eq!(renamed.matches("renamed").count(), 1 + text.matches("renamed").count());
    }
    if let Some(removed) = tally.edited(file, text, |edit| edit.document(index)?.remove(item)) {
        gone_alone(file, text, &removed, index, item, is_only);
    }
}

fn gone_alone(file: &Path, text: &str, removed: &str, index: usize, item: &[Segment], is_only: bool) {
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
    assert_eq!(Edit::open(file, removed).unwrap().values().unwrap(), without);
}

/// The lines that differ between texts of as many lines.
fn different<'t>(before: &'t str, after: &'t str) -> Vec<(&'t str, &'t str)> {
    assert_eq!(before.split('\n').count(), after.split('\n').count());
    before.split('\n').zip(after.split('\n')).filter(|(a, b)| a != b).collect()
}
