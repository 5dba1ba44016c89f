//! Kustomizations of Flux that put what they apply into a namespace (`targetNamespace`).

use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use crate::cli::files;
use crate::external::is_substituted;
use crate::seal::verify::kustomization::NAMES;
use crate::yaml;

/// The group of those Kustomizations.
const GROUP: &str = "kustomize.toolkit.fluxcd.io/";
/// The name of the repository's own source, as Flux' bootstrap gives it.
const ITSELF: &str = "flux-system";

/// One of them.
pub(super) struct Sync {
    /// The folder that it applies.
    folder: PathBuf,
    namespace: String,
}

/// Those of a repository, by its top.
pub(super) fn syncs(top: &Path) -> Vec<Sync> {
    let files = files::found(&[top.to_owned()]).unwrap_or_default();
    let read = |file: &PathBuf| std::fs::read_to_string(file).ok().filter(|text| text.contains(GROUP));
    let texts = files.iter().filter_map(|(file, ..)| Some((file, read(file)?)));
    let documents = texts.flat_map(|(file, text)| yaml::each(file, &text).unwrap_or_default());
    documents.filter_map(|document| sync(top, &document.value)).collect()
}

fn sync(top: &Path, object: &Value) -> Option<Sync> {
    let text = |way: &str| object.pointer(way).and_then(Value::as_str).unwrap_or_default();
    let (namespace, path) = (text("/spec/targetNamespace"), text("/spec/path"));
    let is_one = text("/kind") == "Kustomization" && text("/apiVersion").starts_with(GROUP);
    if !is_one || namespace.is_empty() || is_substituted(namespace) || is_substituted(path) {
        return None;
    }
    let plain: PathBuf =
        Path::new(path).components().filter(|part| matches!(part, Component::Normal(_))).collect();
    // Folders of other repositories may be called the same.
    let is_ours = text("/spec/sourceRef/kind") == "GitRepository" && text("/spec/sourceRef/name") == ITSELF;
    is_ours.then(|| Sync { folder: top.join(plain), namespace: namespace.to_owned() })
}

/// The namespace that they give to what stands in a folder, which is that of the outermost kustomization of a file, or of a
/// file without any. The nearest one counts; nothing where several are, and disagree.
pub(super) fn namespace(syncs: &[Sync], folder: &Path) -> Option<String> {
    let applying = || syncs.iter().filter(|sync| sync.applies(folder));
    let nearest = applying().map(|sync| sync.folder.components().count()).max()?;
    let mut nearest = applying().filter(|sync| sync.folder.components().count() == nearest);
    let first = &nearest.next()?.namespace;
    nearest.all(|sync| sync.namespace == *first).then(|| first.clone())
}

impl Sync {
    /// Whether what stands in a folder is applied: of a folder without a kustomization Flux applies all that lies below,
    /// down to the next kustomizations.
    fn applies(&self, folder: &Path) -> bool {
        let has_one = |folder: &Path| NAMES.iter().any(|name| folder.join(name).is_file());
        let mut above = folder.ancestors().skip(1).take_while(|above| above.starts_with(&self.folder));
        folder == self.folder || folder.starts_with(&self.folder) && !above.any(has_one)
    }
}
