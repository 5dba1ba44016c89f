//! Of which files the kustomizations of a working tree make Secrets. Such a file does not look like one.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::place::{Source, look};
use super::staged::plain;

/// The names of kustomizations.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Generators, by the folders of their kustomizations: each is read when a file below it is asked for first.
pub(crate) struct Generators {
    top: PathBuf,
    folders: HashMap<PathBuf, Vec<Source>>,
}

impl Generators {
    /// Those of the working tree of a folder.
    pub(crate) fn new(top: PathBuf) -> Self {
        Self { top, folders: HashMap::new() }
    }

    /// How a generator takes a file, by its path from the top on: one in its own folder or above it.
    pub(crate) fn source(&mut self, path: &Path) -> Option<Source> {
        let top = &self.top;
        path.parent()?.ancestors().find_map(|folder| {
            let sources = self.folders.entry(folder.to_owned()).or_insert_with(|| sources(&top.join(folder)));
            sources.iter().find(|source| plain(&folder.join(&source.path)) == path).cloned()
        })
    }
}

fn sources(folder: &Path) -> Vec<Source> {
    let Some(text) = NAMES.iter().find_map(|name| std::fs::read_to_string(folder.join(name)).ok()) else {
        return Vec::new();
    };
    if !text.contains("secretGenerator") {
        return Vec::new();
    }
    look("kustomization.yaml", &text).sources
}
