//! A file of manifests in which Secrets stand, and the file that it becomes once they are sealed: all else in it,
//! comments between documents, marks and line ends stay.

mod list;
mod stand;

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{Error, Form, SealedSecret, Secret, sops};
use crate::plain::Plain;
use crate::yaml::{self, Document};
use stand::Stand;

/// A file with Secrets.
///
/// ```
/// use std::path::Path;
/// use sealstrap::plain::Plain;
/// use sealstrap::seal::{Certificate, Manifest, Scope, Sealed, SealedSecret};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let pem = include_bytes!("../../tests/seal/certificate.pem");
/// let text = "# the shop\nkind: Namespace\napiVersion: v1\nmetadata: {name: shop}\n--- # its database\n\
///             apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {password: s3cret}\n";
/// let manifest = Manifest::read(Path::new("shop.yaml"), &Plain::from(text.to_owned()))?;
/// let recipient = Certificate::from_pem(pem)?.recipient;
/// let secret = &manifest.secrets[0].secret;
/// let sealed = SealedSecret::seal(secret, Scope::Strict, &recipient, &mut rand_core::OsRng)?;
/// let sealed = manifest.with(&[Sealed { object: sealed, text: None }])?;
/// assert!(sealed.starts_with("# the shop\nkind: Namespace\napiVersion: v1\nmetadata: {name: shop}\n--- # its database\n"));
/// assert!(sealed.contains("kind: SealedSecret") && !sealed.contains("s3cret"));
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Manifest {
    file: PathBuf,
    text: Zeroizing<String>,
    places: Vec<Place>,
    /// Its Secrets that have items, in their order; those in a List among them.
    pub secrets: Vec<Found>,
    /// What else it holds: documents that are no Secret, as they are.
    pub others: Vec<Other>,
}

/// A Secret of a file.
#[derive(Debug)]
pub struct Found {
    /// The Secret.
    pub secret: Secret,
    /// Where it stands: `FILE:LINE`, with the number of its document where that is not the first.
    pub place: String,
}

/// A document that is no Secret.
#[derive(Debug)]
pub struct Other {
    /// Its value.
    pub value: Value,
    range: Range<usize>,
    number: usize,
}

/// What comes in the place of a Secret.
#[derive(Debug)]
pub struct Sealed {
    /// The SealedSecret.
    pub object: SealedSecret,
    /// How it is written, where it stood in a file before; else as kubeseal writes it.
    pub text: Option<String>,
}

/// A document that changes.
#[derive(Debug)]
struct Place {
    range: Range<usize>,
    number: usize,
    is_json: bool,
    what: What,
}

#[derive(Debug)]
enum What {
    /// A Secret, by its index.
    One(usize),
    /// A List, without its items, and these.
    List(Map<String, Value>, Vec<Item>),
}

#[derive(Debug)]
enum Item {
    Secret(usize),
    Other(Value),
}

impl Manifest {
    /// Reads a file. What is malformed in it is told at once, with file, line and document.
    ///
    /// # Errors
    /// Bytes that are no UTF-8, text that is neither YAML nor JSON, keys that stand twice, Secrets that are not formed
    /// like one or are encrypted by other means; never with any value.
    #[expect(
        clippy::disallowed_methods,
        reason = "sink: the reader of manifests, whose errors show no line of them"
    )]
    pub fn read(file: &Path, bytes: &Plain) -> Result<Self, Error> {
        let place = file.display().to_string();
        let text = bytes.expose_text().ok_or_else(|| not_text(&place, bytes.expose()))?;
        let documents = yaml::each(file, &text)?;
        let (places, secrets, others) = (Vec::new(), Vec::new(), Vec::new());
        let mut all = Self { file: file.to_owned(), text, places, secrets, others };
        let errors = documents.into_iter().flat_map(|document| all.take(document)).collect();
        Error::all(errors).map(|()| all)
    }

    /// Whether a text that cannot be read speaks of Secrets, so that passing over it would leave one in clear.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "sink: a search for one word")]
    pub fn may_hold_secrets(bytes: &Plain) -> bool {
        let Some(text) = bytes.expose_text() else { return true };
        let kind = |line: &str| {
            let bare: String = line.chars().filter(|c| !matches!(c, '"' | '\'' | ' ' | '\t' | '-')).collect();
            bare.split(['{', ',', '}']).any(|part| part.trim_end() == "kind:Secret")
        };
        text.contains("Secret") && text.lines().filter(|line| line.contains("Secret")).any(kind)
    }

    /// Whether these bytes cannot hold a Secret, seen without reading them.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "sink: a search for one word")]
    pub fn is_clear_of_secrets(bytes: &Plain) -> bool {
        std::str::from_utf8(bytes.expose()).is_ok_and(|text| !text.contains("Secret"))
    }

    fn take(&mut self, mut document: Document) -> Vec<Error> {
        if is_secret(&document.value) {
            let (range, number) = (document.range.clone(), document.number);
            let is_json = is_json(&self.text[range.clone()]);
            return match self.add(document) {
                Ok(Some(index)) => {
                    self.places.push(Place { range, number, is_json, what: What::One(index) });
                    Vec::new()
                }
                Ok(None) => Vec::new(),
                Err(error) => vec![error],
            };
        }
        let items = document.value.get("items").and_then(Value::as_array);
        if is_list(&document.value) && items.is_some_and(|items| items.iter().any(is_secret)) {
            return self.take_list(document);
        }
        let (value, range, number) = (document.value.take(), document.range.clone(), document.number);
        self.others.push(Other { value, range, number });
        Vec::new()
    }

    /// Adds a Secret, unless it has no items: then there is nothing to seal.
    fn add(&mut self, document: Document) -> Result<Option<usize>, Error> {
        let empty = |key: &str| {
            document
                .value
                .get(key)
                .is_none_or(|map| map.is_null() || map.as_object().is_some_and(Map::is_empty))
        };
        let place = document.place(&["kind".into()]);
        sops::refuse(&document, "Secret")?;
        let misspelt = document.value.as_object().is_some_and(|top| {
            top.keys().any(|key| {
                ["data", "stringData"].iter().any(|known| key != known && key.eq_ignore_ascii_case(known))
            })
        });
        if empty("data") && empty("stringData") && !misspelt {
            return Ok(None);
        }
        self.secrets.push(Found { secret: Secret::read(document)?, place });
        Ok(Some(self.secrets.len() - 1))
    }

    fn take_list(&mut self, mut document: Document) -> Vec<Error> {
        if let Err(error) = sops::refuse(&document, "List") {
            return vec![error];
        }
        let (range, number) = (document.range.clone(), document.number);
        let is_json = is_json(&self.text[range.clone()]);
        let items = document.value.get_mut("items").map(Value::take).unwrap_or_default();
        let shell = document.value.as_object().cloned().unwrap_or_default();
        document.value["items"] = items;
        let (mut parts, mut errors) = (Vec::new(), Vec::new());
        for mut item in document.taken_apart() {
            if !is_secret(&item.value) {
                parts.push(Item::Other(item.value.take()));
                continue;
            }
            let value = if has_items(&item.value) { Value::Null } else { item.value.clone() };
            match self.add(item) {
                Ok(Some(index)) => parts.push(Item::Secret(index)),
                Ok(None) => parts.push(Item::Other(value)),
                Err(error) => errors.push(error),
            }
        }
        self.places.push(Place { range, number, is_json, what: What::List(shell, parts) });
        errors
    }

    /// The text of a document that is no Secret.
    #[must_use]
    pub fn text_of(&self, other: &Other) -> &str {
        &self.text[other.range.clone()]
    }

    /// The file with a SealedSecret in the place of each Secret, in their order.
    ///
    /// # Errors
    /// A file in which that would change something else; nothing of it is shown.
    pub fn with(&self, sealed: &[Sealed]) -> Result<String, Error> {
        self.replaced(sealed)
    }

    /// The file with another object in the place of each Secret, in their order.
    ///
    /// # Errors
    /// As [`Manifest::with`].
    pub fn with_objects(&self, objects: &[Value]) -> Result<String, Error> {
        self.replaced(objects)
    }

    /// Of a List only the items that change are written, where that can be; else all of it, unless it has comments.
    fn replaced<N: Stand>(&self, new: &[N]) -> Result<String, Error> {
        let made = |by_item| {
            let made = self.written(new, by_item).ok_or_else(|| self.odd())?;
            self.check(&made, new).map(|()| made)
        };
        made(true).or_else(|_: Error| made(false))
    }

    /// The new file; nothing where comments of a List would be lost.
    fn written<N: Stand>(&self, new: &[N], by_item: bool) -> Option<String> {
        let line_end = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        let (mut out, mut at) = (String::with_capacity(self.text.len() * 2), 0);
        for place in &self.places {
            let begins_line =
                self.text[..place.range.start].ends_with(['\n', '\u{feff}']) || place.range.start == 0;
            out.push_str(&self.text[at..place.range.start]);
            if !begins_line && !place.is_json {
                out.truncate(out.trim_end_matches([' ', '\t']).len());
                if !out.ends_with('\n') && !out.is_empty() {
                    out.push_str(line_end);
                }
            }
            let edited = by_item.then(|| place.edited(&self.text, new, line_end)).flatten();
            let is_lost = place.has_comments(&self.text);
            let anew = || (!is_lost).then(|| place.written(new).replace('\n', line_end));
            out.push_str(&edited.or_else(anew)?);
            at = place.range.end;
        }
        out.push_str(&self.text[at..]);
        Some(out)
    }

    fn odd(&self) -> Error {
        let (file, hint) = (self.file.display().to_string(), "put the Secret into a file of its own");
        Error::document(&file, "its Secrets cannot be replaced within this file", Some(hint))
    }

    /// Reads the new file back: each new object and each other document must be what was meant.
    fn check<N: Stand>(&self, text: &str, new: &[N]) -> Result<(), Error> {
        let odd = || self.odd();
        let documents = yaml::each(&self.file, text).map_err(|_| odd())?;
        let others = self.others.iter().map(|other| (other.number, &other.value));
        let mut read = std::collections::BTreeMap::new();
        for document in documents {
            read.insert(document.number, document);
        }
        for (number, value) in others {
            let same = read.remove(&number).is_some_and(|document| document.value == *value);
            same.then_some(()).ok_or_else(odd)?;
        }
        for place in &self.places {
            let document = read.remove(&place.number).ok_or_else(odd)?;
            place.is_as_meant(document, new).then_some(()).ok_or_else(odd)?;
        }
        // Secrets without items may be left.
        if read.values().all(|document| is_secret(&document.value)) { Ok(()) } else { Err(odd()) }
    }
}

impl Place {
    fn form(&self) -> Form {
        if self.is_json { Form::Json } else { Form::Yaml }
    }

    fn written<N: Stand>(&self, new: &[N]) -> String {
        let text = match &self.what {
            What::One(index) => new[*index].written(self.form()),
            What::List(shell, items) => {
                let items: Value = items.iter().map(|item| item.value(new)).collect();
                let mut list = shell.clone();
                list.insert("items".into(), items);
                if self.is_json {
                    serde_json::to_string_pretty(&list).unwrap_or_default()
                } else {
                    yaml::to_string(&Value::Object(list))
                }
            }
        };
        let bare = text.strip_prefix("---\n").unwrap_or(&text);
        bare.trim_end_matches(['\n', '\r']).replace("\r\n", "\n")
    }

    fn is_as_meant<N: Stand>(&self, document: Document, new: &[N]) -> bool {
        let same = |document: Document, index: usize| new[index].is(document);
        match &self.what {
            What::One(index) => same(document, *index),
            What::List(_, items) => {
                let read = document.taken_apart();
                read.len() == items.len()
                    && read.into_iter().zip(items).all(|(read, item)| match item {
                        Item::Secret(index) => same(read, *index),
                        Item::Other(value) => read.value == *value,
                    })
            }
        }
    }
}

impl Item {
    fn value<N: Stand>(&self, new: &[N]) -> Value {
        match self {
            Self::Secret(index) => new[*index].value(),
            Self::Other(value) => value.clone(),
        }
    }
}

fn is_secret(value: &Value) -> bool {
    let field = |key: &str| value.get(key).and_then(Value::as_str);
    field("kind") == Some("Secret") && matches!(field("apiVersion"), Some("v1") | None)
}

fn has_items(value: &Value) -> bool {
    ["data", "stringData"].iter().any(|key| value.get(key).is_some_and(|map| !map.is_null()))
}

fn is_list(value: &Value) -> bool {
    value.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List"))
}

fn is_json(text: &str) -> bool {
    text.starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

fn not_text(place: &str, bytes: &[u8]) -> Error {
    let utf_16 = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    let line = bytes.utf8_chunks().next().map_or(0, |chunk| chunk.valid().matches('\n').count()) + 1;
    let complaint = if utf_16 { "the file is UTF-16" } else { "the file is not UTF-8" };
    let place = if utf_16 { place.to_owned() } else { format!("{place}:{line}") };
    Error::document(&place, complaint, Some("save the file as UTF-8"))
}
