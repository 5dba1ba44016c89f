//! YAML: the only code that knows its syntax and its crate.
//!
//! Two kinds of files are read. Our own (settings, runbooks, tasks) become a [`Tree`] that remembers where
//! each value stands, so that a wrong field is shown with its line and a caret. Manifests become plain
//! values, read as `kubectl` reads them, and errors about them show no neighbouring lines: those may hold secrets.
//!
//! Values are built from the parser's own events, not through its serde side: only so each key's place is
//! known, and the two readings of a scalar stay ours to state.

mod error;
mod json;
mod manifest;
mod notes;
pub mod outline;
mod read;
mod scalar;
pub mod splice;
mod strict;
mod typed;

pub use error::Error;
pub use manifest::{Document, LAST_APPLIED, documents, each, manifests};

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::Value;
use zeroize::Zeroize;

use error::{Fault, Spot};
use read::{Data, Node};
use scalar::Dialect;

/// A file of ours: its values and where each stands.
#[derive(Debug, Clone)]
pub struct Tree {
    /// The file's name, for messages.
    pub file: PathBuf,
    /// Its text, for carets.
    pub text: String,
    /// Its values.
    pub value: Value,
    places: HashMap<Vec<Segment>, Place>,
}

/// Where a value and the key before it stand.
#[derive(Debug, Clone, Copy)]
struct Place {
    key: Option<Spot>,
    value: Spot,
}

/// The way to a value: keys and indices.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Segment {
    /// A key of a mapping.
    Key(String),
    /// An index of a list.
    Index(usize),
}

impl From<&str> for Segment {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Segment {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

impl Tree {
    /// Reads one document. An empty file is an empty mapping.
    ///
    /// # Errors
    /// Text that is not YAML, a key that stands twice, a second document, with its place.
    pub fn parse(file: &Path, text: &str) -> Result<Self, Error> {
        let text = without_mark(text);
        let root = Self::root(text).map_err(|fault| fault.shown(file, text))?;
        let mut places = HashMap::new();
        let mut value = Value::Object(serde_json::Map::new());
        if let Some(root) = root.filter(|node| !node.is_null()) {
            value = root.value();
            note(&root, None, &mut Vec::new(), &mut places);
        }
        Ok(Self { file: file.to_owned(), text: text.to_owned(), value, places })
    }

    fn root(text: &str) -> Result<Option<Node>, Fault> {
        let mut documents = read::documents(text, Dialect::Ours)?.into_iter();
        let first = documents.next();
        match documents.next() {
            None => Ok(first),
            Some(second) => {
                Err(Fault::new(second.spot, "a second document begins here").with_hint("one file holds one"))
            }
        }
    }

    /// Makes a `T` of a value that stands at `at` (or was rendered or laid over from what stands there);
    /// an error carries line, column, caret, the allowed names and the nearest one.
    ///
    /// # Errors
    /// A value that does not fit `T`.
    pub fn typed<T: DeserializeOwned>(&self, value: &Value, at: &[Segment]) -> Result<T, Error> {
        typed::read(value).map_err(|misfit| {
            let path: Vec<_> = at.iter().chain(&misfit.path).cloned().collect();
            let place = self.place(&path);
            let spot = if misfit.at_key { place.key.unwrap_or(place.value) } else { place.value };
            Fault { spot, message: misfit.message, hint: misfit.hint }.shown(&self.file, &self.text)
        })
    }

    /// An error about the value at `at`, in our own words.
    #[must_use]
    pub fn error(&self, at: &[Segment], message: impl Into<String>) -> Error {
        Fault::new(self.place(at).value, message).shown(&self.file, &self.text)
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn error_with_hint(
        &self,
        at: &[Segment],
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Error {
        Error { hint: Some(hint.into()), ..self.error(at, message) }
    }

    /// An error about the key at the end of `at`.
    #[must_use]
    pub fn error_at_key(&self, at: &[Segment], message: impl Into<String>) -> Error {
        let place = self.place(at);
        Fault::new(place.key.unwrap_or(place.value), message).shown(&self.file, &self.text)
    }

    /// The place of a value, or of the nearest one around it where the file does not hold it.
    fn place(&self, at: &[Segment]) -> Place {
        (0..=at.len())
            .rev()
            .find_map(|length| self.places.get(&at[..length]))
            .copied()
            .unwrap_or(Place { key: None, value: Spot::START })
    }
}

/// Notes the places of a node and of all below it.
fn note(node: &Node, key: Option<Spot>, path: &mut Vec<Segment>, places: &mut HashMap<Vec<Segment>, Place>) {
    places.insert(path.clone(), Place { key, value: node.spot });
    let mut child = |segment: Segment, key: Option<Spot>, node: &Node| {
        path.push(segment);
        note(node, key, path, places);
        path.pop();
    };
    match &node.data {
        Data::Scalar(_) => {}
        Data::List(items) => {
            for (index, item) in items.iter().enumerate() {
                child(index.into(), None, item);
            }
        }
        Data::Map(pairs) => {
            for (key, item) in pairs {
                child(Segment::Key(key.name.clone()), Some(key.spot), item);
            }
        }
    }
}

/// The text of a file's bytes, without a byte order mark.
///
/// # Errors
/// UTF-16, or bytes that are not UTF-8, with the line.
pub fn decode(file: &Path, bytes: Vec<u8>) -> Result<String, Error> {
    let refuse = |line: usize, message: &str| {
        let spot = Spot { line, ..Spot::START };
        Err(Fault::new(spot, message).with_hint("save the file as UTF-8").unshown(file))
    };
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return refuse(1, "the file is UTF-16");
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(without_mark(&text).to_owned()),
        Err(error) => {
            let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            refuse(before.split(|byte| *byte == b'\n').count(), "the file is not UTF-8")
        }
    }
}

fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// The name nearest to a misspelt one, if any is near.
#[must_use]
pub fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    /// Below it, names have little more than a letter in common.
    const NEAR: f64 = 0.75;
    known
        .map(|other| (strsim::jaro_winkler(&name.to_lowercase(), &other.to_lowercase()), other))
        .filter(|(likeness, _)| *likeness > NEAR)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, other)| other)
}

/// Overwrites all texts of a value that may be secret.
pub fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(map) => map.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A value as YAML text. What YAML 1.1 would take for something else is quoted.
#[must_use]
pub fn to_string(value: &Value) -> String {
    written(value, true)
}

/// The same with the items of lists further right than their keys, as most people write them.
#[must_use]
pub fn to_indented_string(value: &Value) -> String {
    written(value, false)
}

fn written(value: &Value, is_compact: bool) -> String {
    let mut options = serde_saphyr::SerializerOptions::default();
    // Folding long lines would change nothing but how they look, and how they look is worse.
    options.folded_wrap_chars = usize::MAX;
    options.compact_list_indent = is_compact;
    serde_saphyr::to_string_with_options(value, options)
        .unwrap_or_else(|_| unreachable!("a JSON value can be written as YAML"))
}

#[cfg(test)]
mod tests;
