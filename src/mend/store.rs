//! The file beside, in which values are kept that had no Secret of their own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::home::Home;
use super::keep::{Keep, in_vault};
use super::kustomization::Chain;
use super::refusal::No;
use super::work::Work;
use crate::external::Layout;
use crate::plain::Plain;
use crate::seal::{Allow, Form, Recipient, Scope, SealedFile, SealedSecret, Secret};
use crate::yaml::splice::Edit;
use crate::yaml::{self, Document, Segment};

/// A SealedSecret or ExternalSecret that takes values in.
#[derive(Debug)]
pub(super) struct Store {
    home: Home,
    /// The values that it has taken.
    items: BTreeMap<String, Plain>,
    /// The keys that it had before.
    held: Vec<String>,
}

impl Store {
    /// The one of a name for an object of a kind, in the file in which it is already, or else in this one.
    ///
    /// # Errors
    /// A file that is there and cannot take it, or another Secret of the name.
    pub(super) fn of(work: &mut Work, secret: (&str, &str), kind: &str, file: &Path) -> Result<Self, No> {
        let (namespace, name) = secret;
        let listed = listed(work, namespace, name)?.unwrap_or_else(|| file.to_owned());
        let home = Home::new(secret, kind, work.path, &work.chain, &listed);
        let home = work.tree.homes().settle(home)?;
        Self::at(work, home)
    }

    /// One that nothing applies, in a file for several of those.
    ///
    /// # Errors
    /// That file is the one under work, or cannot be read.
    pub(super) fn apart(work: &mut Work, secret: (&str, &str), file: &Path) -> Result<Self, No> {
        let home = Home::new(secret, "", file, &Chain::default(), file);
        Self::at(work, home)
    }

    fn at(work: &mut Work, home: Home) -> Result<Self, No> {
        if home.file == work.path {
            let reason =
                format!("what is taken from its files would be kept in {} itself", home.file.display());
            return Err(No::new(reason, "move it to a file of its own"));
        }
        let (namespace, name) = &home.secret;
        let mut held = Vec::new();
        if let Some(text) = work.tree.text(&home.file, work.means.read) {
            let opened = SealedFile::read(&home.file, &text)?;
            let found = opened.find(namespace, name).and_then(|at| opened.entries().get(at));
            held.extend(found.into_iter().flat_map(|entry| entry.sealed.keys().map(str::to_owned)));
        }
        let made = work.tree.made(&home.file).and_then(|made| made.get(&home.secret));
        let made = made.map(entries).unwrap_or_default();
        held.extend(made.iter().filter_map(|entry| Some(entry.get("secretKey")?.as_str()?.to_owned())));
        Ok(Self { home, items: BTreeMap::new(), held })
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.home.secret.1
    }

    /// Its file.
    pub(super) fn file(&self) -> &Path {
        &self.home.file
    }

    /// Whether it was there before.
    pub(super) fn is_old(&self) -> bool {
        !self.held.is_empty()
    }

    /// The first of some keys under which it can take a value; one under which it has the same value already will do.
    pub(super) fn key(&self, value: &Plain, wanted: impl IntoIterator<Item = String>) -> Option<String> {
        let is_free = |key: &String| {
            !self.held.contains(key) && self.items.get(key).is_none_or(|held| held.same_as(value))
        };
        wanted.into_iter().find(is_free)
    }

    /// Moves a value in from an entry of a map, under the key of that; a map that is left empty goes too.
    ///
    /// # Errors
    /// It has another value under that key, or the entry cannot be taken out.
    pub(super) fn move_in(
        &mut self,
        work: &mut Work,
        document: usize,
        path: &[Segment],
        value: Plain,
    ) -> Result<(), No> {
        let Some((Segment::Key(name), map)) = path.split_last() else { return Err(No::unsafe_place()) };
        let key = self.key(&value, [name.clone()]).ok_or_else(|| {
            let reason = format!("`{}` has another value under the key `{name}` already", self.name());
            No::new(reason, "remove one of the two")
        })?;
        let is_last =
            work.draft.value(document, map).and_then(Value::as_object).is_some_and(|all| all.len() == 1);
        work.draft.remove(document, if is_last { map } else { path })?;
        self.take(key, value);
        Ok(())
    }

    /// Takes a value.
    pub(super) fn take(&mut self, key: String, value: Plain) {
        self.items.insert(key, value);
    }

    /// Keeps what it has taken, puts it into its file, and that among the resources of the kustomization.
    pub(super) fn keep(self, work: &mut Work, dress: impl FnOnce(&mut Secret)) -> Result<(), No> {
        if self.items.is_empty() {
            return Ok(());
        }
        let mut secret = Secret::default();
        (secret.namespace, secret.name) = self.home.secret.clone();
        secret.items = self.items;
        dress(&mut secret);
        let file = &self.home.file;
        let text = match work.means.keep {
            Keep::Sealed { recipient, scope } => sealed(work, file, &secret, recipient, scope)?,
            Keep::Vault(layout) => external(work, file, secret, layout)?,
            Keep::Nowhere => return Err(No::nowhere()),
        };
        work.tree.put(file, text, work.means.read);
        list(work, &self.home)?;
        work.tree.settle(self.home);
        Ok(())
    }
}

/// A file beside the one under work, with its name without its ending, and this one.
pub(super) fn beside(work: &Work, ending: &str) -> PathBuf {
    let stem = work.path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    work.path.with_file_name(format!("{stem}{ending}.{}.yaml", work.means.keep.ending()))
}

/// A file with the ExternalSecret of a Secret in it, behind what is there and beside those that were made there before. It
/// may be a further part of one of those.
fn external(work: &mut Work, path: &Path, secret: Secret, layout: &Layout) -> Result<String, No> {
    let key = (secret.namespace.clone(), secret.name.clone());
    let old = work.tree.without_made(path, work.means.read);
    let is_of_it = |document: &Document| {
        let text = |way: &str| document.value.pointer(way).and_then(Value::as_str).unwrap_or_default();
        text("/metadata/name") == key.1 && ["", &key.0].contains(&text("/metadata/namespace"))
    };
    if yaml::each(path, &old)?.iter().any(is_of_it) {
        let reason = format!("{} has `{}` already", path.display(), key.1);
        return Err(No::new(reason, "put the value in there, and refer to it"));
    }
    let mut object = in_vault(work, secret, &path.display().to_string(), layout)?;
    if let Some(made) = work.tree.made(path).and_then(|made| made.get(&key)) {
        let all = [entries(made), entries(&object)].concat();
        object["spec"]["data"] = all.into();
    }
    work.tree.make(path, key, object, work.means.read);
    let made = work.tree.made(path).into_iter().flat_map(BTreeMap::values).map(yaml::to_string);
    let old = Some(old).filter(|old| !old.trim().is_empty()).map(|old| format!("{}\n", old.trim_end()));
    Ok(old.into_iter().chain(made).collect::<Vec<_>>().join("---\n"))
}

/// What an ExternalSecret reads.
fn entries(object: &Value) -> Vec<Value> {
    object.pointer("/spec/data").and_then(Value::as_array).cloned().unwrap_or_default()
}

fn whole(work: &mut Work, secret: &Secret, recipient: &Recipient, scope: Scope) -> Result<SealedSecret, No> {
    secret.check(scope, Allow::default(), "")?;
    Ok(SealedSecret::seal(secret, scope, recipient, &mut work.means.rng)?)
}

/// A file of SealedSecrets with these items in it.
fn sealed(
    work: &mut Work,
    path: &Path,
    secret: &Secret,
    recipient: &Recipient,
    scope: Scope,
) -> Result<String, No> {
    let Some(text) = work.tree.text(path, work.means.read) else {
        return Ok(whole(work, secret, recipient, scope)?.write(Form::Yaml));
    };
    let mut file = SealedFile::read(path, &text)?;
    match file.find(&secret.namespace, &secret.name) {
        None => file.add(&whole(work, secret, recipient, scope)?)?,
        Some(at) => {
            let scope = file.entries()[at].sealed.scope();
            secret.check(scope, Allow::default(), "")?;
            for (key, value) in &secret.items {
                let mut sealed = file.entries()[at].sealed.clone();
                sealed.insert(key, value, recipient, &mut work.means.rng)?;
                file.set_item(at, key, sealed.item(key).unwrap_or_default())?;
            }
        }
    }
    Ok(file.text())
}

/// The file in which a Secret of a name is already in the form that is made, among the resources beside.
fn listed(work: &Work, namespace: &str, name: &str) -> Result<Option<PathBuf>, No> {
    for file in [vec![work.path.to_owned()], resources(work)?].concat() {
        let Some(text) = text_of(work, &file).filter(|text| text.contains(name)) else { continue };
        let documents = yaml::each(&file, &text).unwrap_or_default();
        for object in documents.into_iter().flat_map(Document::taken_apart) {
            let field = |way: &str| object.value.pointer(way).and_then(Value::as_str).unwrap_or_default();
            let kind = field("/kind");
            let is_of_it =
                field("/metadata/name") == name && ["", namespace].contains(&field("/metadata/namespace"));
            if !is_of_it || !matches!(kind, "Secret" | "SealedSecret" | "ExternalSecret") {
                continue;
            }
            let is_open = match work.means.keep {
                Keep::Nowhere => false,
                Keep::Sealed { .. } => kind == "SealedSecret",
                Keep::Vault(_) => {
                    let key = (namespace.to_owned(), name.to_owned());
                    work.tree.made(&file).is_some_and(|made| made.contains_key(&key))
                }
            };
            if is_open && field("/metadata/namespace") == namespace && file != work.path {
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

/// Puts the file of a Secret among the resources of the kustomization that lists the one under work. Another one that is
/// applied with it may list the Secret already.
fn list(work: &mut Work, home: &Home) -> Result<(), No> {
    let Some(link) = work.chain.first().cloned() else { return Ok(()) };
    if home.lists.as_ref() != Some(&link.file) {
        return Ok(());
    }
    let resources = ["resources".into()];
    let text = text_of(work, &link.file).ok_or_else(No::unsafe_place)?;
    let mut edit = Edit::open(&link.file, &text)?;
    let values = edit.values()?;
    let listed = values.get(link.document).and_then(|value| value.get("resources")?.as_array());
    let mut paths = listed.into_iter().flatten().filter_map(Value::as_str).peekable();
    // As the others are written.
    let head = if paths.peek().is_some() && paths.all(|path| path.starts_with("./")) { "./" } else { "" };
    let path = format!("{head}{}", link.way(&home.file).display());
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
