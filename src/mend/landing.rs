//! Where an object lands in the cluster: the namespace that it, its kustomizations and Flux give it.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Means;
use super::kustomization::{Chain, NAMES, elsewhere};
use super::refusal::No;
use super::tree::Tree;
use crate::scan::plain;
use crate::seal::Scope;
use crate::yaml;

/// The group of Flux' Kustomizations.
const GROUP: &str = "kustomize.toolkit.fluxcd.io/";

/// A Kustomization of Flux that changes namespaces or names of what it applies.
pub(super) struct Sync {
    file: PathBuf,
    /// The folder that it applies.
    folder: PathBuf,
    /// The namespace that it gives to all; empty where it gives none.
    namespace: String,
    renames: bool,
    /// Whether its source is the repository itself, by the name that `flux bootstrap` gives that.
    is_of_itself: bool,
}

/// All of those.
pub(super) fn syncs(tree: &Tree, means: &Means) -> Vec<Sync> {
    let mut all = Vec::new();
    let is_yaml = |path: &PathBuf| path.extension().is_some_and(|end| end == "yaml" || end == "yml");
    for file in (means.files)().into_iter().filter(is_yaml).filter(|path| tree.holds(path, GROUP, means.read))
    {
        let text = tree.text(&file, means.read).unwrap_or_default();
        let documents = yaml::each(&file, &text).unwrap_or_default();
        all.extend(documents.iter().filter_map(|document| sync(&file, &document.value)));
    }
    all
}

fn sync(file: &Path, object: &Value) -> Option<Sync> {
    let text = |way: &str| object.pointer(way).and_then(Value::as_str).unwrap_or_default();
    let renames = !(text("/spec/namePrefix").is_empty() && text("/spec/nameSuffix").is_empty());
    let namespace = text("/spec/targetNamespace").to_owned();
    let is_one = text("/kind") == "Kustomization" && text("/apiVersion").starts_with(GROUP);
    (is_one && (renames || !namespace.is_empty())).then(|| Sync {
        file: file.to_owned(),
        folder: plain(Path::new(text("/spec/path").trim_start_matches('/'))),
        namespace,
        renames,
        is_of_itself: text("/spec/sourceRef/kind") == "GitRepository"
            && text("/spec/sourceRef/name") == "flux-system",
    })
}

impl Sync {
    /// Whether it applies a file: its folder is that of the outermost kustomization which the file goes through, or one
    /// above the file without any.
    fn applies(&self, file: &Path, chain: &Chain, tree: &Tree, means: &Means) -> bool {
        let has_one = || NAMES.iter().any(|name| tree.text(&self.folder.join(name), means.read).is_some());
        let top = chain.last().map_or_else(|| file.to_owned(), |link| link.file.clone());
        let top = top.parent().unwrap_or(Path::new(""));
        top == self.folder || top.starts_with(&self.folder) && !has_one()
    }
}

/// The namespace in which an object of a file lands that says `own`.
///
/// # Errors
/// None is known where the scope needs one; several are named; names are changed on the way.
pub(super) fn namespace(
    file: &Path,
    chain: &Chain,
    own: &str,
    scope: Scope,
    tree: &Tree,
    means: &Means,
) -> Result<String, No> {
    let syncs = tree.syncs(means).iter().filter(|sync| sync.applies(file, chain, tree, means));
    let syncs: Vec<&Sync> = syncs.collect();
    let given = syncs.iter().find(|sync| sync.is_of_itself && !sync.namespace.is_empty());
    let given = given.map(|sync| sync.namespace.as_str());
    let namespace = chain.namespace(own, scope, given.or(means.namespace))?;
    if scope == Scope::ClusterWide {
        return Ok(namespace);
    }
    let is_same = |given: &str| given.is_empty() || given == namespace;
    let sync = syncs.iter().find(|sync| sync.renames || !is_same(&sync.namespace)).map(|sync| &*sync.file);
    match sync.or_else(|| elsewhere(chain, file, &namespace, tree, means)) {
        None => Ok(namespace),
        Some(other) => Err(No::new(
            format!("{} takes it in too, under another namespace or name", other.display()),
            "seal it for each of them, by hand: a sealed value opens in one namespace, under one name",
        )),
    }
}
