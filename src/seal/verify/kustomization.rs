//! Kustomizations: what they do to a SealedSecret on its way to the cluster.

use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use crate::yaml::Document;

/// Lists of files and folders.
const LISTS: [&str; 7] =
    ["resources", "bases", "components", "generators", "transformers", "crds", "patchesStrategicMerge"];

/// A kustomization: the fields that matter here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kustomization {
    /// The file, for messages.
    pub file: String,
    /// The namespace that it gives to all; empty where it gives none.
    pub namespace: String,
    /// What it puts before all names.
    pub prefix: String,
    /// What it puts after all names.
    pub suffix: String,
    listed: Vec<PathBuf>,
}

impl Kustomization {
    /// Reads a kustomization; nothing where the document is something else, such as a Kustomization of Flux.
    #[must_use]
    pub fn read(document: &Document) -> Option<Self> {
        let top = document.value.as_object()?;
        let text = |key: &str| top.get(key).and_then(Value::as_str).unwrap_or_default();
        let version = text("apiVersion");
        // Neither field needs to be there.
        if !(version.is_empty() || version.starts_with("kustomize.config.k8s.io/"))
            || !matches!(text("kind"), "" | "Kustomization" | "Component")
        {
            return None;
        }
        let lists = LISTS.iter().filter_map(|key| top.get(*key)?.as_array()).flatten();
        let patches = top.get("patches").and_then(Value::as_array).into_iter().flatten();
        let listed = lists.chain(patches.filter_map(|patch| patch.get("path")));
        Some(Self {
            file: document.file.display().to_string(),
            namespace: text("namespace").to_owned(),
            prefix: text("namePrefix").to_owned(),
            suffix: text("nameSuffix").to_owned(),
            listed: listed.filter_map(Value::as_str).map(|path| plain(Path::new(path))).collect(),
        })
    }

    /// Whether it lists a file or folder, by its path from the folder of the kustomization.
    #[must_use]
    pub fn lists(&self, path: &Path) -> bool {
        let path = plain(path);
        self.listed.contains(&path)
    }
}

/// A path without `.` in it.
fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| !matches!(part, Component::CurDir)).collect()
}
