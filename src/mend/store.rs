//! The file beside, in which values are sealed that had no Secret of their own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::refusal::No;
use super::work::Work;
use crate::plain::Plain;
use crate::seal::{Allow, Form, Scope, SealedFile, SealedSecret, Secret};
use crate::yaml::splice::Edit;
use crate::yaml::{self, Document};

/// A SealedSecret that takes values in.
#[derive(Debug)]
pub(super) struct Store {
    file: PathBuf,
    namespace: String,
    name: String,
    /// The values that it has taken.
    items: BTreeMap<String, Plain>,
    /// The keys that it had before.
    held: Vec<String>,
}

impl Store {
    /// The SealedSecret of a name, in the file in which it is already, or else in this one.
    ///
    /// # Errors
    /// A file that is there and cannot take it.
    pub(super) fn of(work: &mut Work, namespace: &str, name: &str, file: &str) -> Result<Self, No> {
        let folder = work.path.parent().unwrap_or(Path::new(""));
        let listed = listed(work, namespace, name)?.unwrap_or_else(|| folder.join(file));
        let file = work.tree.home(namespace, name, &listed);
        let mut held = Vec::new();
        if let Some(text) = work.tree.text(&file, work.means.read) {
            let opened = SealedFile::read(&file, &text)?;
            let found = opened.find(namespace, name).and_then(|at| opened.entries().get(at));
            held.extend(found.into_iter().flat_map(|entry| entry.sealed.keys().map(str::to_owned)));
        }
        let (namespace, name) = (namespace.to_owned(), name.to_owned());
        Ok(Self { file, namespace, name, items: BTreeMap::new(), held })
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether it was there before.
    pub(super) fn is_old(&self) -> bool {
        !self.held.is_empty()
    }

    /// The first of some keys under which it can take a value; one under which it has the same value already will do.
    pub(super) fn key(&self, value: &Plain, wanted: &[String]) -> Option<String> {
        let is_free = |key: &&String| {
            !self.held.contains(key) && self.items.get(*key).is_none_or(|held| held.same_as(value))
        };
        wanted.iter().find(is_free).cloned()
    }

    /// Takes a value.
    pub(super) fn take(&mut self, key: String, value: Plain) {
        self.items.insert(key, value);
    }

    /// Seals what it has taken, puts it into its file, and that among the resources of the kustomization.
    pub(super) fn seal(self, work: &mut Work, dress: impl FnOnce(&mut Secret)) -> Result<(), No> {
        if self.items.is_empty() {
            return Ok(());
        }
        let mut secret = Secret::default();
        (secret.name, secret.namespace, secret.items) = (self.name, self.namespace, self.items);
        dress(&mut secret);
        let old = work.tree.text(&self.file, work.means.read);
        let text = match &old {
            None => {
                let sealed = seal(work, &secret, work.means.scope)?;
                sealed.write(Form::Yaml)
            }
            Some(text) => added(work, &self.file, text, &secret)?,
        };
        work.tree.put(&self.file, text, work.means.read);
        list(work, &self.file)
    }
}

/// The name of a file beside one: its own without its ending, and this one.
pub(super) fn beside(path: &Path, ending: &str) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    format!("{stem}{ending}.sealed.yaml")
}

fn seal(work: &mut Work, secret: &Secret, scope: Scope) -> Result<SealedSecret, No> {
    secret.check(scope, Allow::default(), "")?;
    Ok(SealedSecret::seal(secret, scope, work.means.recipient, &mut work.means.rng)?)
}

/// A file of SealedSecrets with these items in it.
fn added(work: &mut Work, path: &Path, text: &str, secret: &Secret) -> Result<String, No> {
    let mut file = SealedFile::read(path, text)?;
    match file.find(&secret.namespace, &secret.name) {
        None => file.add(&seal(work, secret, work.means.scope)?)?,
        Some(at) => {
            let scope = file.entries()[at].sealed.scope();
            secret.check(scope, Allow::default(), "")?;
            for (key, value) in &secret.items {
                let mut sealed = file.entries()[at].sealed.clone();
                sealed.insert(key, value, work.means.recipient, &mut work.means.rng)?;
                file.set_item(at, key, sealed.item(key).unwrap_or_default())?;
            }
        }
    }
    Ok(file.text())
}

/// The file in which a SealedSecret is already, among the resources beside.
fn listed(work: &Work, namespace: &str, name: &str) -> Result<Option<PathBuf>, No> {
    for file in [vec![work.path.to_owned()], resources(work)?].concat() {
        let Some(text) = text_of(work, &file).filter(|text| text.contains(name)) else { continue };
        let documents = yaml::each(&file, &text).unwrap_or_default();
        for object in documents.into_iter().flat_map(Document::taken_apart) {
            let field = |way: &str| object.value.pointer(way).and_then(Value::as_str).unwrap_or_default();
            let kind = field("/kind");
            let is_of_it =
                field("/metadata/name") == name && ["", namespace].contains(&field("/metadata/namespace"));
            if !is_of_it || !matches!(kind, "Secret" | "SealedSecret") {
                continue;
            }
            if kind == "SealedSecret" && field("/metadata/namespace") == namespace && file != work.path {
                return Ok(Some(file));
            }
            let reason = format!("{} has a {kind} `{name}` already", file.display());
            return Err(No::new(reason, "put the value in there, and refer to it"));
        }
    }
    Ok(None)
}

/// The files among the resources of the kustomization that lists the one under work.
fn resources(work: &Work) -> Result<Vec<PathBuf>, No> {
    let Some(link) = work.chain.first() else { return Ok(Vec::new()) };
    let Some(text) = text_of(work, &link.file) else { return Ok(Vec::new()) };
    let folder = link.file.parent().unwrap_or(Path::new(""));
    let values = Edit::open(&link.file, &text)?.values()?;
    let listed = values.get(link.document).and_then(|value| value.get("resources")?.as_array());
    let paths = listed.into_iter().flatten().filter_map(Value::as_str);
    let is_file = |path: &&str| [".yaml", ".yml", ".json"].iter().any(|end| path.ends_with(end));
    Ok(paths.filter(is_file).map(|path| folder.join(path)).filter(|file| file != work.path).collect())
}

/// Puts a file among the resources of the kustomization that lists the one under work.
fn list(work: &mut Work, file: &Path) -> Result<(), No> {
    let Some(link) = work.chain.first().cloned() else { return Ok(()) };
    let resources = ["resources".into()];
    let text = text_of(work, &link.file).ok_or_else(No::unsafe_place)?;
    let mut edit = Edit::open(&link.file, &text)?;
    let values = edit.values()?;
    let listed = values.get(link.document).and_then(|value| value.get("resources")?.as_array());
    let mut paths = listed.into_iter().flatten().filter_map(Value::as_str).peekable();
    // As the others are written.
    let head = if paths.peek().is_some() && paths.all(|path| path.starts_with("./")) { "./" } else { "" };
    let path = format!("{head}{}", link.way(file).display());
    if link.file == work.path {
        return work.draft.append(link.document, &resources, &path);
    }
    edit.document(link.document)?.append(&resources, &path)?;
    work.tree.put(&link.file, edit.text(), work.means.read);
    Ok(())
}

/// The text of a file as it is now, that of the one under work too.
fn text_of(work: &Work, path: &Path) -> Option<String> {
    if path == work.path { Some(work.draft.text().to_owned()) } else { work.tree.text(path, work.means.read) }
}
