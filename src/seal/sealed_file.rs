//! A file in which SealedSecrets stand, to change in it: comments, order and all other documents stay.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{Error, Form, SealedSecret};
use crate::yaml::splice::Edit;
use crate::yaml::{self, Segment};

/// A file with SealedSecrets.
///
/// ```
/// use std::path::Path;
/// use sealstrap::seal::SealedFile;
///
/// let text = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: wifi, namespace: home}\n\
///             spec:\n  encryptedData:\n    # of the guests\n    guests: AgA=\n    old: AgB=\n";
/// let mut file = SealedFile::read(Path::new("wifi.yaml"), text)?;
/// file.rename_item(0, "guests", "visitors")?;
/// file.remove_item(0, "old")?;
/// assert!(file.text().ends_with("    # of the guests\n    visitors: AgA=\n"));
/// # Ok::<(), sealstrap::seal::Error>(())
/// ```
#[derive(Debug)]
pub struct SealedFile {
    edit: Edit,
    entries: Vec<Entry>,
    file: PathBuf,
}

/// A SealedSecret of a file.
#[derive(Debug)]
pub struct Entry {
    /// What it says.
    pub sealed: SealedSecret,
    /// Where it stands: `FILE:LINE`, with the number of its document where that is not the first.
    pub place: String,
    /// The document, from 0.
    index: usize,
    /// The way to it in there, for those in a List.
    path: Vec<Segment>,
}

impl SealedFile {
    /// Reads a file; what is no SealedSecret in it is passed over and stays.
    ///
    /// # Errors
    /// Text that is not YAML, SealedSecrets that are not formed like one.
    pub fn read(file: &Path, text: &str) -> Result<Self, Error> {
        let edit = Edit::open(file, text)?;
        let (mut entries, mut errors) = (Vec::new(), Vec::new());
        for document in yaml::each(file, text)? {
            let (index, alone) = (document.number - 1, !is_list(&document.value));
            for (at, item) in document.taken_apart().into_iter().enumerate() {
                if item.value.get("kind").and_then(Value::as_str) != Some("SealedSecret") {
                    continue;
                }
                let path = if alone { Vec::new() } else { vec!["items".into(), at.into()] };
                let place = item.place(&["kind".into()]);
                match SealedSecret::read(item) {
                    Ok(sealed) => entries.push(Entry { sealed, place, index, path }),
                    Err(error) => errors.push(error),
                }
            }
        }
        Error::all(errors).map(|()| Self { edit, entries, file: file.to_owned() })
    }

    /// Its SealedSecrets, in their order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The index of the SealedSecret of a name.
    #[must_use]
    pub fn find(&self, namespace: &str, name: &str) -> Option<usize> {
        let is = |entry: &Entry| entry.sealed.name() == name && entry.sealed.namespace() == namespace;
        self.entries.iter().position(is)
    }

    /// The text as it is now.
    #[must_use]
    pub fn text(&self) -> String {
        self.edit.text()
    }

    /// How a SealedSecret is written now, if it is a document of its own.
    #[must_use]
    pub fn text_of(&self, entry: usize) -> Option<&str> {
        let entry = self.entries.get(entry).filter(|entry| entry.path.is_empty())?;
        self.edit.document_text(entry.index)
    }

    /// Puts sealed values, in base64, over those of items that are there: `(entry, key, value)`.
    ///
    /// # Errors
    /// An item that is not there; a place that cannot be edited safely. Then nothing has changed.
    pub fn set_items(&mut self, values: &[(usize, String, String)]) -> Result<(), Error> {
        let text = |(entry, key, value): &(usize, String, String)| {
            let at = self.entries.get(*entry)?;
            Some((at.index, at.item(key), value.clone()))
        };
        let texts: Vec<_> = values.iter().filter_map(text).collect();
        self.edit.set_all(&texts)?;
        for (entry, key, value) in values {
            if let Some(entry) = self.entries.get_mut(*entry) {
                entry.sealed.items_mut().insert(key.clone(), value.clone());
            }
        }
        Ok(())
    }

    /// Puts one sealed value in, whether the item is there or not.
    ///
    /// # Errors
    /// A place that cannot be edited safely.
    pub fn set_item(&mut self, entry: usize, key: &str, value: &str) -> Result<(), Error> {
        let Some(at) = self.entries.get_mut(entry) else { return Ok(()) };
        self.edit.document(at.index)?.set(&at.item(key), value)?;
        at.sealed.items_mut().insert(key.to_owned(), value.to_owned());
        Ok(())
    }

    /// Takes an item out, with the comments that belong to it.
    ///
    /// # Errors
    /// As [`SealedFile::set_item`].
    pub fn remove_item(&mut self, entry: usize, key: &str) -> Result<(), Error> {
        let Some(at) = self.entries.get_mut(entry) else { return Ok(()) };
        self.edit.document(at.index)?.remove(&at.item(key))?;
        at.sealed.remove(key);
        Ok(())
    }

    /// Gives an item another name. Its value stays: it is bound to namespace and name of the Secret only.
    ///
    /// # Errors
    /// There is no such item; the new name is taken; otherwise as [`SealedFile::set_item`].
    pub fn rename_item(&mut self, entry: usize, old: &str, new: &str) -> Result<(), Error> {
        let Some(at) = self.entries.get_mut(entry) else { return Ok(()) };
        self.edit.document(at.index)?.rename(&at.item(old), new)?;
        if let Some(value) = at.sealed.remove(old) {
            at.sealed.items_mut().insert(new.to_owned(), value);
        }
        Ok(())
    }

    /// Makes a SealedSecret of the file say what another one does: its items, and type, labels and annotations of its
    /// template. What only the file knows stays: its own labels, templates of values, comments.
    ///
    /// # Errors
    /// A place that cannot be edited safely.
    pub fn make(&mut self, entry: usize, wanted: &SealedSecret) -> Result<(), Error> {
        let Some(at) = self.entries.get(entry) else { return Ok(()) };
        if at.sealed.scope() != wanted.scope() || at.sealed.fixed() != wanted.fixed() {
            return self.write_anew(entry, wanted);
        }
        let old: Vec<String> = at.sealed.keys().map(str::to_owned).collect();
        let differs = |key: &&str| at.sealed.item(key).is_some_and(|held| wanted.item(key) != Some(held));
        let text = |key: &str| Some((entry, key.to_owned(), wanted.item(key)?.to_owned()));
        let changed: Vec<_> = wanted.keys().filter(differs).filter_map(text).collect();
        self.set_items(&changed)?;
        for (key, value) in wanted.keys().filter_map(|key| Some((key, wanted.item(key)?))) {
            if !old.iter().any(|old| old == key) {
                self.set_item(entry, key, value)?;
            }
        }
        for key in old.iter().filter(|key| wanted.item(key).is_none()) {
            self.remove_item(entry, key)?;
        }
        self.make_template(entry, wanted)
    }

    fn make_template(&mut self, entry: usize, wanted: &SealedSecret) -> Result<(), Error> {
        let Some(at) = self.entries.get(entry) else { return Ok(()) };
        let mut texts = Vec::new();
        let (have, want) = (at.sealed.template(), wanted.template());
        let kind =
            |template: &Map<String, Value>| template.get("type").and_then(Value::as_str).map(str::to_owned);
        texts.push((vec!["type"], kind(&have), kind(&want)));
        let maps = ["labels", "annotations"].map(|map| (map, texts_at(&have, map), texts_at(&want, map)));
        for (map, have, want) in &maps {
            let keys = have.keys().chain(want.keys().filter(|key| !have.contains_key(*key)));
            let text = |of: &Map<String, Value>, key: &String| {
                of.get(key).and_then(Value::as_str).map(str::to_owned)
            };
            texts.extend(keys.map(|key| (vec!["metadata", map, key], text(have, key), text(want, key))));
        }
        for (keys, have, want) in texts.into_iter().filter(|(_, have, want)| have != want) {
            let path: Vec<Segment> = at
                .path
                .iter()
                .cloned()
                .chain(["spec", "template"].iter().chain(&keys).map(|key| (*key).into()))
                .collect();
            let mut document = self.edit.document(at.index)?;
            match (want, have) {
                (Some(want), _) => document.set(&path, &want)?,
                (None, _) => document.remove(&path)?,
            }
        }
        Ok(())
    }

    fn write_anew(&mut self, entry: usize, wanted: &SealedSecret) -> Result<(), Error> {
        let Some(at) = self.entries.get_mut(entry) else { return Ok(()) };
        if !at.path.is_empty() {
            let hint = "seal it into a file of its own";
            return Err(Error::document(&at.place, "this item of a List cannot be written anew", Some(hint)));
        }
        self.edit.replace_document(at.index, &wanted.write(Form::Yaml))?;
        at.sealed = wanted.clone();
        Ok(())
    }

    /// Adds a SealedSecret as the last document.
    ///
    /// # Errors
    /// A file that holds nothing, or JSON.
    pub fn add(&mut self, sealed: &SealedSecret) -> Result<(), Error> {
        self.add_text(&sealed.write(Form::Yaml))
    }

    /// Adds a document that is no SealedSecret, or puts it over the one of the same kind and name.
    ///
    /// # Errors
    /// As [`SealedFile::add`].
    pub fn put(&mut self, value: &Value, text: &str) -> Result<(), Error> {
        let values = self.edit.values()?;
        match values.iter().position(|there| identity(there) == identity(value)) {
            Some(at) if values[at] == *value => Ok(()),
            Some(at) => Ok(self.edit.replace_document(at, text)?),
            None => self.add_text(text),
        }
    }

    fn add_text(&mut self, text: &str) -> Result<(), Error> {
        if self.edit.text().trim_start().starts_with('{') {
            let hint = "write it to another file, or convert this one to YAML";
            let file = self.file.display().to_string();
            return Err(Error::document(&file, "a document cannot be added to a JSON file", Some(hint)));
        }
        Ok(self.edit.insert_document(self.edit.count().saturating_sub(1), text)?)
    }
}

impl Entry {
    /// The way to an item.
    fn item(&self, key: &str) -> Vec<Segment> {
        let rest = ["spec", "encryptedData", key].map(Segment::from);
        self.path.iter().cloned().chain(rest).collect()
    }
}

impl SealedSecret {
    /// What of the template is no text, or means a new object: where it differs, the document is written anew.
    fn fixed(&self) -> [Option<Value>; 3] {
        let template = self.template();
        let metadata = template.get("metadata");
        let of_metadata = |key: &str| metadata.and_then(|metadata| metadata.get(key)).cloned();
        [template.get("immutable").cloned(), of_metadata("finalizers"), of_metadata("generateName")]
    }
}

fn is_list(value: &Value) -> bool {
    value.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List"))
}

fn texts_at(template: &Map<String, Value>, map: &str) -> Map<String, Value> {
    let found = template.get("metadata").and_then(|metadata| metadata.get(map)?.as_object());
    found.cloned().unwrap_or_default()
}

/// What tells objects apart.
fn identity(value: &Value) -> [Option<&str>; 4] {
    ["/apiVersion", "/kind", "/metadata/namespace", "/metadata/name"]
        .map(|pointer| value.pointer(pointer).and_then(Value::as_str))
}
