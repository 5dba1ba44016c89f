//! The kustomizations that an application stands in: its own, that of its namespace, and that of all.

use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use super::draft::written;
use super::repository::COMMON;
use super::{App, Draft, Error, Repository, manifest};
use crate::yaml;
use crate::yaml::splice::Edit;

/// The file that makes the namespace.
const NAMESPACE: &str = "namespace.yaml";

/// That of the application's own folder.
pub(super) fn of_app(repository: &Repository, folder: &Path, names: &[&str]) -> Result<Draft, Error> {
    if let Some(file) = repository.kustomization(folder) {
        return added(repository, file, names);
    }
    let own: Vec<PathBuf> = names.iter().map(|name| folder.join(name)).collect();
    if repository.has_manifests(folder, &own) {
        return Err(Error::Unlisted(folder.to_owned()));
    }
    let resources: Vec<String> = names.iter().map(|name| format!("./{name}")).collect();
    Ok(new(folder, &manifest::kustomization(None, &[], &resources)))
}

/// That of the namespace, and where it is new and nothing else makes the namespace, that one.
pub(super) fn of_namespace(repository: &Repository, app: &App, folder: &Path) -> Result<Vec<Draft>, Error> {
    let entry = format!("{}/ks.yaml", app.name);
    let file = folder.join(NAMESPACE);
    if let Some(kustomization) = repository.kustomization(folder) {
        let draft = added(repository, kustomization, &[&entry])?;
        same_namespace(&draft, &app.namespace)?;
        // A run that was killed may have left a list of more than there is.
        let is_missing =
            listed(&draft.path, &draft.after)?.iter().any(|entry| plain(entry) == Path::new(NAMESPACE))
                && repository.read(&file)?.is_none();
        return Ok(is_missing.then(|| made(file, &app.namespace)).into_iter().chain([draft]).collect());
    }
    if repository.has_manifests(folder, &[folder.join(&app.name), file.clone()]) {
        return Err(Error::Unlisted(folder.to_owned()));
    }
    let (mut drafts, mut resources) = (Vec::new(), Vec::new());
    let common = repository.common();
    let is_made = common.as_ref().is_some_and(|common| repository.component_makes_namespace(common))
        || repository.makes_namespace(&app.namespace, &file);
    if !is_made {
        resources.push(format!("./{NAMESPACE}"));
        drafts.push(match repository.read(&file)? {
            Some(text) => Draft::kept(file, text),
            None => made(file, &app.namespace),
        });
    }
    resources.push(format!("./{entry}"));
    let components: Vec<String> = common.iter().map(|_| format!("../../{COMMON}")).collect();
    let made = manifest::kustomization(Some(&app.namespace), &components, &resources);
    drafts.push(new(folder, &made));
    Ok(drafts)
}

/// That of all applications, where there is one: without it Flux takes each folder that has one.
pub(super) fn of_all(repository: &Repository, namespace: &str) -> Result<Option<Draft>, Error> {
    let file = repository.kustomization(repository.apps());
    file.map(|file| added(repository, file, &[namespace])).transpose()
}

fn made(file: PathBuf, namespace: &str) -> Draft {
    Draft { path: file, before: None, after: written(&manifest::namespace(namespace)) }
}

fn new(folder: &Path, kustomization: &Value) -> Draft {
    Draft { path: folder.join("kustomization.yaml"), before: None, after: written(kustomization) }
}

/// A kustomization with further entries among its resources, written as those are that stand there.
fn added(repository: &Repository, file: PathBuf, entries: &[&str]) -> Result<Draft, Error> {
    let Some(before) = repository.read(&file)? else {
        // A link that leads nowhere.
        return Err(Error::file("read", &file)(std::io::ErrorKind::NotFound.into()));
    };
    let mut edit = Edit::open(&file, &before)?;
    let listed = listed(&file, &before)?;
    let is_bare = !listed.is_empty() && !listed.iter().any(|entry| entry.starts_with("./"));
    let folder = file.parent().unwrap_or(Path::new(""));
    for entry in entries {
        if listed.iter().any(|listed| leads_to(repository, folder, listed, entry)) {
            continue;
        }
        let entry = if is_bare { (*entry).to_owned() } else { format!("./{entry}") };
        edit.document(0)?.append(&["resources".into()], &entry)?;
    }
    Ok(Draft { path: file, before: Some(before), after: edit.text() })
}

/// What a kustomization lists.
fn listed(file: &Path, text: &str) -> Result<Vec<String>, Error> {
    let documents = yaml::documents(file, text)?;
    let items = documents.first().and_then(|document| document["resources"].as_array());
    Ok(items.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// Whether an entry is a file, or the kustomization in its folder, which lists it.
fn leads_to(repository: &Repository, folder: &Path, listed: &str, entry: &str) -> bool {
    let (listed, entry) = (plain(listed), plain(entry));
    let is_folder = || entry.parent() == Some(&listed) && !listed.as_os_str().is_empty();
    listed == entry || is_folder() && repository.kustomization(&folder.join(&listed)).is_some()
}

/// A path without `.` in it.
fn plain(path: &str) -> PathBuf {
    Path::new(path).components().filter(|part| *part != Component::CurDir).collect()
}

/// Refuses a kustomization that puts the application into another namespace.
fn same_namespace(draft: &Draft, wanted: &str) -> Result<(), Error> {
    let documents = yaml::documents(&draft.path, &draft.after)?;
    match documents.first().and_then(|document| document["namespace"].as_str()) {
        Some(found) if found != wanted => Err(Error::OtherNamespace {
            file: draft.path.clone(),
            found: found.to_owned(),
            wanted: wanted.to_owned(),
        }),
        _ => Ok(()),
    }
}
