//! A file of the repository that holds a SealedSecret, perhaps among other documents.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand_core::OsRng;
use serde_json::Value;

use crate::bootstrap::{Error, World};
use crate::file::{self, Audience};
use crate::plain::Plain;
use crate::remote::cluster::Secret;
use crate::seal::{self, Form, PrivateKeys, Recipient, Scope, SealedSecret, envelope};
use crate::yaml::splice::{Document, Edit};
use crate::yaml::{self, Segment};

/// The field manager of values that sealstrap writes.
const MANAGER: &str = "sealstrap";

/// A file of the repository, and the SealedSecret of one name in it.
pub(crate) struct SealedFile {
    /// The path as it is shown.
    shown: PathBuf,
    /// The path in full.
    path: PathBuf,
    namespace: String,
    name: String,
    /// What the file holds; nothing where there is none.
    text: Option<String>,
    found: Option<Found>,
}

/// The SealedSecret in the file.
struct Found {
    /// Its place among the documents, from 0.
    index: usize,
    /// The whole object.
    object: Value,
    sealed: SealedSecret,
}

/// In what a file does not hold what the cluster's Secret does.
#[derive(Debug, Default)]
pub(crate) struct Differences {
    /// The items that are to be sealed anew, and why.
    pub(crate) items: BTreeMap<String, &'static str>,
    /// Items that hold another value, where the file leads.
    pub(crate) ahead: Vec<String>,
    kind: bool,
    labels: bool,
}

impl Differences {
    /// Whether something is to be written.
    pub(crate) fn any(&self) -> bool {
        self.kind || self.labels || !self.items.is_empty()
    }

    /// What is to be written, without values.
    pub(crate) fn details(&self) -> Vec<String> {
        let item = |(key, why): (&String, &&str)| match *why {
            "" => key.clone(),
            why => format!("{key}: {why}"),
        };
        let mut details: Vec<String> = self.items.iter().map(item).collect();
        details.extend(self.kind.then(|| "type".into()));
        details.extend(self.labels.then(|| "labels".into()));
        details
    }
}

impl SealedFile {
    /// Reads a file, which need not be there.
    ///
    /// # Errors
    /// A file that cannot be read, or is no YAML; a SealedSecret of that name that is not formed like one.
    pub(crate) fn read(world: &World, file: &Path, namespace: &str, name: &str) -> Result<Self, Error> {
        let path = world.settings.file(file);
        let text = match std::fs::read(&path) {
            Ok(bytes) => Some(yaml::decode(file, bytes)?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(source) => return Err(Error::File { file: file.to_owned(), source }),
        };
        let found = find(file, text.as_deref().unwrap_or_default(), namespace, name)?;
        let (namespace, name) = (namespace.to_owned(), name.to_owned());
        Ok(Self { shown: file.to_owned(), path, namespace, name, text, found })
    }

    /// Its path in words.
    pub(crate) fn label(&self) -> String {
        format!("file `{}`", self.shown.display())
    }

    /// Its path as it is shown.
    pub(crate) fn shown(&self) -> String {
        self.shown.display().to_string()
    }

    /// The SealedSecret as it stands there.
    pub(crate) fn object(&self) -> Option<&Value> {
        self.found.as_ref().map(|found| &found.object)
    }

    /// Whether an item opens to the Secret's value; nothing where it does not open at all.
    pub(crate) fn holds(&self, key: &str, live: &Secret, keys: &PrivateKeys) -> Option<bool> {
        let opened = open(&self.found.as_ref()?.sealed, key, keys)?;
        Some(live.data.get(key).is_some_and(|value| value.same_as(&opened)))
    }

    /// What of the Secret it does not hold. Once the Secret was handed over, as what `applied` holds, the file leads:
    /// then only what no key opens, and what sealstrap itself wrote since, is taken from the Secret.
    pub(crate) fn differences(
        &self,
        live: &Secret,
        wanted: &[String],
        keys: &PrivateKeys,
        applied: Option<&SealedSecret>,
    ) -> Differences {
        let mut differences = Differences::default();
        for key in wanted {
            let ahead = || applied.is_some_and(|applied| !self.is_behind(key, live, keys, applied));
            match self.holds(key, live, keys) {
                Some(true) => {}
                Some(false) if ahead() => differences.ahead.push(key.clone()),
                Some(false) => drop(differences.items.insert(key.clone(), "the Secret has another value")),
                None => drop(differences.items.insert(key.clone(), self.why_closed(key))),
            }
        }
        if let Some(found) = self.found.as_ref().filter(|_| applied.is_none()) {
            let template = &found.object["spec"]["template"];
            differences.kind = template["type"].as_str().unwrap_or("Opaque") != live.kind;
            differences.labels = labels(template) != live.labels;
        }
        differences
    }

    /// Whether sealstrap gave the Secret another value since the hand-over, and nobody the file.
    fn is_behind(&self, key: &str, live: &Secret, keys: &PrivateKeys, applied: &SealedSecret) -> bool {
        let ours =
            live.managers.get(key).is_some_and(|managers| managers.split(", ").any(|one| one == MANAGER));
        let item = |sealed| open(sealed, key, keys);
        let (file, applied) = (self.found.as_ref().and_then(|found| item(&found.sealed)), item(applied));
        ours && file.zip(applied).is_some_and(|(file, applied)| file.same_as(&applied))
    }

    fn why_closed(&self, key: &str) -> &'static str {
        match &self.found {
            Some(found) if found.sealed.item(key).is_some() => "no key of the controller opens it",
            _ => "",
        }
    }

    /// Seals what differs, and writes the file: whole or not at all, every other byte as it was.
    ///
    /// # Errors
    /// A file that cannot be written or was changed by somebody else meanwhile; an edit that would change more.
    pub(crate) fn write(
        &mut self,
        live: &Secret,
        differences: &Differences,
        recipient: &Recipient,
        scope: Scope,
    ) -> Result<(), Error> {
        let text = match &self.found {
            Some(found) => self.edited(found, live, differences, recipient)?,
            None => self.with_new(live, differences, recipient, scope)?,
        };
        self.store(&text)?;
        self.found = find(&self.shown, &text, &self.namespace, &self.name)?;
        self.text = Some(text);
        Ok(())
    }

    fn store(&self, text: &str) -> Result<(), Error> {
        let written = match &self.text {
            Some(old) => file::replace(&self.path, old.as_bytes(), text.as_bytes()),
            None => std::fs::create_dir_all(self.path.parent().unwrap_or(Path::new("")))
                .and_then(|()| file::write(&self.path, text.as_bytes(), Audience::Anybody)),
        };
        written.map_err(|source| Error::NotWritten { file: self.shown.clone(), source })
    }

    /// The text with the differing items sealed anew.
    fn edited(
        &self,
        found: &Found,
        live: &Secret,
        differences: &Differences,
        recipient: &Recipient,
    ) -> Result<String, Error> {
        let mut edit = Edit::open(&self.shown, self.text.as_deref().unwrap_or_default())?;
        let mut document = edit.document(found.index)?;
        let mut sealed = found.sealed.clone();
        for key in differences.items.keys() {
            let Some(value) = live.data.get(key) else { continue };
            sealed.insert(key, value, recipient, &mut OsRng)?;
            document.set(&path(&["spec", "encryptedData", key]), sealed.item(key).unwrap_or_default())?;
        }
        if differences.kind {
            document.set(&path(&["spec", "template", "type"]), &live.kind)?;
        }
        if differences.labels {
            set_labels(&mut document, &labels(&found.object["spec"]["template"]), &live.labels)?;
        }
        Ok(edit.text())
    }

    /// The text with a new SealedSecret in it.
    fn with_new(
        &self,
        live: &Secret,
        differences: &Differences,
        recipient: &Recipient,
        scope: Scope,
    ) -> Result<String, Error> {
        let mut secret = seal::Secret::default();
        (secret.namespace, secret.name) = (self.namespace.clone(), self.name.clone());
        (secret.kind, secret.labels) = (Some(live.kind.clone()), live.labels.clone());
        let wanted = live.data.iter().filter(|(key, _)| differences.items.contains_key(*key));
        secret.items = wanted.map(|(key, value)| (key.clone(), value.duplicate())).collect();
        let sealed = SealedSecret::seal(&secret, scope, recipient, &mut OsRng)?;
        let is_json = self.path.extension().is_some_and(|end| end == "json");
        let new = sealed.write(if is_json { Form::Json } else { Form::Yaml });
        match self.text.as_deref().filter(|text| !text.trim().is_empty()) {
            None => Ok(new),
            Some(text) => {
                let mut edit = Edit::open(&self.shown, text)?;
                edit.insert_document(edit.count().saturating_sub(1), &new)?;
                Ok(edit.text())
            }
        }
    }
}

/// The value of an item; nothing where no key opens it.
fn open(sealed: &SealedSecret, key: &str, keys: &PrivateKeys) -> Option<Plain> {
    let joined: String = sealed.item(key)?.split_whitespace().collect();
    let bytes = STANDARD.decode(joined).ok()?;
    envelope::unseal(keys, &sealed.label(), &bytes, &mut OsRng).ok()
}

/// The SealedSecret of that name among the documents of a text.
fn find(file: &Path, text: &str, namespace: &str, name: &str) -> Result<Option<Found>, Error> {
    for document in yaml::each(file, text)? {
        let (metadata, index) = (&document.value["metadata"], document.number - 1);
        if document.value["kind"] == "SealedSecret"
            && metadata["name"] == name
            && metadata["namespace"].as_str().unwrap_or(namespace) == namespace
        {
            let mut object = document.value.clone();
            object["metadata"]["namespace"] = namespace.into();
            return Ok(Some(Found { index, object, sealed: SealedSecret::read(document)? }));
        }
    }
    Ok(None)
}

fn path(keys: &[&str]) -> Vec<Segment> {
    keys.iter().map(|key| Segment::from(*key)).collect()
}

fn labels(template: &Value) -> BTreeMap<String, String> {
    let labels = template["metadata"]["labels"].as_object().into_iter().flatten();
    labels.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned())).collect()
}

fn set_labels(
    document: &mut Document<'_>,
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
) -> Result<(), Error> {
    let at = |key: &str| path(&["spec", "template", "metadata", "labels", key]);
    for key in old.keys().filter(|key| !new.contains_key(*key)) {
        document.remove(&at(key))?;
    }
    for (key, value) in new {
        document.set(&at(key), value)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
