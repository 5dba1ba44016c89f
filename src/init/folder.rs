//! The YAML files of a repository, read once.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::yaml;

/// Folders in which no settings of a cluster are kept, and which may be huge.
const SKIPPED: [&str; 9] =
    [".git", "node_modules", "vendor", "target", ".terraform", ".venv", ".cache", "charts", ".secret"];
/// Folders in folders.
const DEEPEST: usize = 12;
/// Larger files are bundles of CRDs or data.
const LARGEST: u64 = 256 * 1024;
/// Files looked at, so that a mistaken root does not take forever.
const MOST: usize = 20_000;

/// The documents of a repository, in the order of their paths, those near the root first.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    pub(crate) documents: Vec<Document>,
}

/// One document of a file.
#[derive(Debug)]
pub(crate) struct Document {
    /// The file, relative to the root.
    pub(crate) file: PathBuf,
    pub(crate) value: Value,
}

impl Document {
    /// The text at a JSON pointer.
    pub(crate) fn text(&self, pointer: &str) -> Option<&str> {
        self.value.pointer(pointer).and_then(Value::as_str)
    }

    /// The items of the list at a JSON pointer.
    pub(crate) fn list(&self, pointer: &str) -> &[Value] {
        self.value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Whether it is an object of this kind in an API group (in any version).
    pub(crate) fn is(&self, group: &str, kind: &str) -> bool {
        self.text("/kind") == Some(kind)
            && self
                .text("/apiVersion")
                .and_then(|version| version.split_once('/'))
                .is_some_and(|(own, _)| own == group)
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.text("/metadata/name")
    }
}

impl Folder {
    pub(crate) fn read(root: &Path) -> Self {
        let mut files = Vec::new();
        walk(root, DEEPEST, &mut files);
        files.sort_by_cached_key(|file| (file.components().count(), file.clone()));
        let documents = files.iter().flat_map(|file| documents(root, file)).collect();
        Self { documents }
    }

    /// All objects of a kind.
    pub(crate) fn all<'f>(&'f self, group: &'f str, kind: &'f str) -> impl Iterator<Item = &'f Document> {
        self.documents.iter().filter(move |document| document.is(group, kind))
    }

    /// The documents of the files with one of these names.
    pub(crate) fn named<'f>(&'f self, names: &'f [&str]) -> impl Iterator<Item = &'f Document> {
        self.documents.iter().filter(|document| {
            document.file.file_name().is_some_and(|name| names.iter().any(|other| name == *other))
        })
    }

    /// The namespace an object ends up in: its own, or the one that a Flux Kustomization or a kustomization
    /// in a folder above gives it.
    pub(crate) fn namespace_of(&self, document: &Document) -> Option<String> {
        if let Some(namespace) = document.text("/metadata/namespace") {
            return Some(namespace.to_owned());
        }
        document.file.ancestors().skip(1).find_map(|folder| self.namespace_given_in(folder))
    }

    fn namespace_given_in(&self, folder: &Path) -> Option<String> {
        let by_flux = self.all("kustomize.toolkit.fluxcd.io", "Kustomization").find_map(|flux| {
            let path = Path::new(flux.text("/spec/path")?.trim_start_matches("./"));
            (path == folder).then(|| flux.text("/spec/targetNamespace")).flatten()
        });
        let by_kustomize = || {
            let names = ["kustomization.yaml", "kustomization.yml"].map(|name| folder.join(name));
            self.documents
                .iter()
                .find(|other| names.contains(&other.file))
                .and_then(|other| other.text("/namespace"))
        };
        by_flux.or_else(by_kustomize).map(str::to_owned)
    }
}

fn walk(folder: &Path, levels: usize, files: &mut Vec<PathBuf>) {
    let Some(levels) = levels.checked_sub(1) else { return };
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        // The type of the entry itself: links are not followed, so there is no way out and no circle.
        let Ok(kind) = entry.file_type() else { continue };
        let name = entry.file_name();
        if kind.is_dir() && !SKIPPED.iter().any(|skipped| name == *skipped) {
            walk(&entry.path(), levels, files);
        } else if kind.is_file() && files.len() < MOST && is_yaml(&entry.path()) {
            files.push(entry.path());
        }
    }
}

fn is_yaml(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
        && file.metadata().is_ok_and(|metadata| metadata.len() <= LARGEST)
}

/// What is no YAML (a template, a file half encrypted) is passed over: it is not ours to judge.
fn documents(root: &Path, file: &Path) -> Vec<Document> {
    let text = std::fs::read(file).ok().and_then(|bytes| yaml::decode(file, bytes).ok());
    let values = text.and_then(|text| yaml::documents(file, &text).ok()).unwrap_or_default();
    let file = file.strip_prefix(root).unwrap_or(file);
    values.into_iter().map(|value| Document { file: file.to_owned(), value }).collect()
}
