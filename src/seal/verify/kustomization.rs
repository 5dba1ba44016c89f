//! Kustomizations: what they do to a SealedSecret on its way to the cluster.

use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use crate::yaml::Document;

/// Lists of files and folders.
const LISTS: [&str; 7] =
    ["resources", "bases", "components", "generators", "transformers", "crds", "patchesStrategicMerge"];

/// The names under which kustomize looks for one in a folder.
pub const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

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

impl AsRef<Kustomization> for Kustomization {
    fn as_ref(&self) -> &Self {
        self
    }
}

/// Those that a file goes through, the innermost first: of the folders above it, from its own one up, those whose
/// kustomization lists it, or lists the folder of the last one that does. A kustomization goes through itself.
pub fn chain<'p, K: AsRef<Kustomization>>(
    file: &Path,
    folders: impl Iterator<Item = (&'p Path, K)>,
) -> Vec<K> {
    let (mut chain, mut child) = (Vec::new(), file.to_owned());
    for (folder, made) in folders {
        let kustomization = made.as_ref();
        let is_own = folder.join(Path::new(&kustomization.file).file_name().unwrap_or_default()) == file;
        if is_own || child.strip_prefix(folder).is_ok_and(|child| kustomization.lists(child)) {
            chain.push(made);
            folder.clone_into(&mut child);
        }
    }
    chain
}

/// The way from a folder to a file, as the kustomization of that folder names it. Both from the same place on, without
/// `.` and `..`.
#[must_use]
pub fn way(folder: &Path, file: &Path) -> PathBuf {
    let shared = folder.components().zip(file.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(file.components().skip(shared)).collect()
}

/// A path without `.` in it.
fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| !matches!(part, Component::CurDir)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_a_file_beside_below_and_above() {
        for (folder, file, expected) in [
            ("", "a/b", "a/b"),
            ("/a", "/a/b.yaml", "b.yaml"),
            ("a/", "a/c/b.yaml", "c/b.yaml"),
            ("/a/d", "/a/b.yaml", "../b.yaml"),
            ("c/d", "a", "../../a"),
        ] {
            assert_eq!(way(Path::new(folder), Path::new(file)), Path::new(expected));
        }
    }
}
