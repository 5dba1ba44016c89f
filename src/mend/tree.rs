//! The texts of all files, as they were and as they are so far.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_json::Value;
use zeroize::Zeroizing;

use super::{Changed, Means, Wound, proof};

/// Texts by their paths.
#[derive(Clone, Default)]
pub(super) struct Tree {
    texts: BTreeMap<PathBuf, Text>,
    /// The files in which Secrets were put, sealed or by reference, by their namespaces and names.
    homes: BTreeMap<(String, String), PathBuf>,
    /// The ExternalSecrets that were made, by their files.
    made: BTreeMap<PathBuf, Value>,
}

#[derive(Clone)]
struct Text {
    before: Option<String>,
    now: String,
}

impl Tree {
    /// Of the files that are to be mended.
    pub(super) fn of(wounds: &[Wound]) -> Self {
        let text = |wound: &Wound| {
            let text = Text { before: Some(wound.text.to_owned()), now: wound.text.to_owned() };
            (wound.path.to_owned(), text)
        };
        Self { texts: wounds.iter().map(text).collect(), ..Self::default() }
    }

    /// The text of a file as it is so far.
    pub(super) fn text(&self, path: &Path, read: &dyn Fn(&Path) -> Option<String>) -> Option<String> {
        self.texts.get(path).map_or_else(|| read(path), |text| Some(text.now.clone()))
    }

    /// Puts a text in its place.
    pub(super) fn put(&mut self, path: &Path, now: String, read: &dyn Fn(&Path) -> Option<String>) {
        match self.texts.get_mut(path) {
            Some(text) => text.now = now,
            None => drop(self.texts.insert(path.to_owned(), Text { before: read(path), now })),
        }
    }

    /// The ExternalSecret that was made in a file.
    pub(super) fn made(&self, file: &Path) -> Option<&Value> {
        self.made.get(file)
    }

    /// Notes that an ExternalSecret was made in a file.
    pub(super) fn make(&mut self, file: &Path, object: Value) {
        self.made.insert(file.to_owned(), object);
    }

    /// The file in which the Secret of a name is, or from now on is to be.
    pub(super) fn home(&mut self, namespace: &str, name: &str, otherwise: &Path) -> PathBuf {
        let key = (namespace.to_owned(), name.to_owned());
        self.homes.entry(key).or_insert_with(|| otherwise.to_owned()).clone()
    }

    /// All files so far.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.texts.iter().map(|(path, text)| (path.as_path(), text.now.as_str()))
    }

    /// The files that have changed.
    pub(super) fn changed(self, means: &Means) -> Vec<Changed> {
        let texts = self.texts.into_iter().filter(|(_, text)| text.before.as_ref() != Some(&text.now));
        let mut secrets = Vec::new();
        let mut hidden = |path: &Path, text: &str| {
            let (ranges, values) = proof::secrets(means, path, text);
            secrets.extend(values);
            ranges
        };
        let changed = |(path, text): (PathBuf, Text)| Changed {
            hidden: text.before.as_ref().map(|before| hidden(&path, before)).unwrap_or_default(),
            left: hidden(&path, &text.now),
            path,
            before: text.before,
            after: text.now,
        };
        let mut all: Vec<Changed> = texts.map(changed).collect();
        for changed in &mut all {
            hide(changed.before.as_deref().unwrap_or_default(), &mut changed.hidden, &secrets);
            hide(&changed.after, &mut changed.left, &secrets);
        }
        all
    }
}

/// Hides what is secret in one place wherever else it stands: in a comment, in another file.
fn hide(text: &str, ranges: &mut Vec<Range<usize>>, secrets: &[Zeroizing<String>]) {
    /// Shorter ones stand everywhere by chance.
    const SHORTEST: usize = 6;
    for secret in secrets.iter().map(|secret| secret.trim()).filter(|secret| secret.len() >= SHORTEST) {
        ranges.extend(text.match_indices(secret).map(|(at, _)| at..at + secret.len()));
    }
    ranges.sort_by_key(|range| (range.start, range.end));
    ranges.dedup();
}
