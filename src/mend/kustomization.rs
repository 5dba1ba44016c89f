//! The kustomizations that a file goes through on its way to the cluster.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Means;
use super::cure::List;
use super::mention::{has_word, mentioning};
use super::refusal::No;
use super::tree::Tree;
use crate::scan::plain;
use crate::seal::Scope;
use crate::seal::verify::Kustomization;
use crate::seal::verify::kustomization::{self, way};
use crate::yaml;

pub(super) use crate::seal::verify::kustomization::NAMES;

/// Those that a file goes through, the innermost first.
#[derive(Debug, Clone, Default)]
pub(super) struct Chain(Vec<Link>);

/// One of them.
#[derive(Debug, Clone)]
pub(super) struct Link {
    /// Its file.
    pub(super) file: PathBuf,
    /// Its document in there, from 0.
    pub(super) document: usize,
    made: Kustomization,
    /// The files that it lays over objects.
    patches: Vec<String>,
}

impl AsRef<Kustomization> for Link {
    fn as_ref(&self) -> &Kustomization {
        &self.made
    }
}

impl Link {
    /// The way from its folder to a file.
    pub(super) fn way(&self, file: &Path) -> PathBuf {
        way(self.file.parent().unwrap_or(Path::new("")), file)
    }
}

impl Chain {
    /// Those that list a file, from its folder up to the root; a kustomization goes through itself.
    pub(super) fn of(file: &Path, read: &dyn Fn(&Path) -> Option<String>) -> Self {
        let own = file.parent().unwrap_or(Path::new(""));
        let link = |folder: &Path| NAMES.iter().find_map(|name| link(&folder.join(name), read));
        let folders = own.ancestors().filter_map(|folder| Some((folder, link(folder)?)));
        Self(kustomization::chain(file, folders))
    }

    /// Whether a file is laid over an object that is written elsewhere: it then says only a part of it.
    pub(super) fn has_patch(&self, file: &Path) -> bool {
        let is = |link: &Link| {
            let path = link.way(file);
            link.patches.iter().any(|patch| Path::new(patch.strip_prefix("./").unwrap_or(patch)) == path)
        };
        self.first().is_some_and(is)
    }

    /// The outermost one.
    pub(super) fn last(&self) -> Option<&Link> {
        self.0.last()
    }

    /// The innermost one.
    pub(super) fn first(&self) -> Option<&Link> {
        self.0.first()
    }

    /// The namespace in which an object lands that says `own`.
    ///
    /// # Errors
    /// None is known where the scope needs one; two are named; names are changed on the way.
    pub(super) fn namespace(&self, own: &str, scope: Scope, otherwise: Option<&str>) -> Result<String, No> {
        if let Some(link) =
            self.0.iter().find(|link| !(link.made.prefix.is_empty() && link.made.suffix.is_empty()))
        {
            let reason = format!(
                "{} gives all objects other names, and a sealed value opens under its own name only",
                link.file.display()
            );
            return Err(No::new(reason, "seal it by hand, under the name that it has in the cluster"));
        }
        let given = self.0.iter().rev().find(|link| !link.made.namespace.is_empty());
        match (own, given) {
            ("", Some(link)) => Ok(link.made.namespace.clone()),
            ("", None) => match otherwise {
                Some(namespace) => Ok(namespace.to_owned()),
                None if scope == Scope::ClusterWide => Ok(String::new()),
                None => Err(No::new(
                    format!(
                        "neither it nor a kustomization names its namespace, to which {scope} sealing binds it"
                    ),
                    "write `metadata.namespace`, or name it with `--namespace`",
                )
                .but_for_a_flag()),
            },
            (own, Some(link)) if link.made.namespace != own => Err(No::new(
                format!(
                    "it says namespace `{own}`, and {} puts it into `{}`",
                    link.file.display(),
                    link.made.namespace
                ),
                "have both say the same",
            )),
            (own, _) => Ok(own.to_owned()),
        }
    }
}

/// A kustomization that takes in what is not below it, and its file.
pub(super) struct Placing {
    file: PathBuf,
    made: Kustomization,
}

/// All of those.
pub(super) fn placing(tree: &Tree, means: &Means) -> Vec<Placing> {
    let mut all = Vec::new();
    for file in (means.files)().into_iter().filter(|file| NAMES.iter().any(|name| file.ends_with(name))) {
        let text = tree.text(&file, means.read).filter(|text| text.contains("../"));
        let documents = text.and_then(|text| yaml::each(&file, &text).ok()).unwrap_or_default();
        let made = documents.first().and_then(Kustomization::read);
        all.extend(made.map(|made| Placing { file, made }));
    }
    all
}

/// A kustomization outside of the chain of a file that takes the file in too, and puts it into another namespace, or
/// gives it another name.
pub(super) fn elsewhere<'t>(
    chain: &Chain,
    file: &Path,
    namespace: &str,
    tree: &'t Tree,
    means: &Means,
) -> Option<&'t Path> {
    let folder = |file: &Path| file.parent().unwrap_or(Path::new("")).to_owned();
    let mut taken: Vec<PathBuf> = chain.0.iter().map(|link| folder(&link.file)).collect();
    taken.push(file.to_owned());
    let is_other = |placing: &&Placing| chain.0.iter().all(|link| link.file != placing.file);
    let mut others: Vec<&Placing> = tree.placing(means).iter().filter(is_other).collect();
    loop {
        let lists_one = |placing: &&Placing| {
            taken.iter().any(|taken| placing.made.lists(&way(&folder(&placing.file), taken)))
        };
        let Placing { file, made } = others.swap_remove(others.iter().position(lists_one)?);
        let is_same = made.namespace.is_empty() || made.namespace == namespace;
        if !(is_same && made.prefix.is_empty() && made.suffix.is_empty()) {
            return Some(file);
        }
        taken.push(folder(file));
    }
}

fn link(file: &Path, read: &dyn Fn(&Path) -> Option<String>) -> Option<Link> {
    let documents = yaml::each(file, &read(file)?).ok()?;
    let document = documents.first()?;
    let list = |key: &str| document.value.get(key).and_then(Value::as_array).into_iter().flatten();
    let paths = list("patches").filter_map(|patch| patch.get("path")).chain(list("patchesStrategicMerge"));
    Some(Link {
        file: file.to_owned(),
        document: document.number - 1,
        made: Kustomization::read(document)?,
        patches: paths.filter_map(Value::as_str).map(str::to_owned).collect(),
    })
}

/// A ConfigMap that a kustomization makes of a file.
pub(super) struct Made {
    /// Its name, before a digest is put behind it.
    pub(super) map: String,
    /// The key under which it has the file.
    pub(super) key: String,
    /// The files that go to the cluster beside it.
    pub(super) resources: Vec<PathBuf>,
}

/// The ConfigMaps that are made of a file by the kustomizations of its folder and of those above.
pub(super) fn generating(file: &Path, read: &dyn Fn(&Path) -> Option<String>) -> Vec<Made> {
    let mut all = Vec::new();
    for folder in file.ancestors().skip(1) {
        let found = NAMES.iter().map(|name| folder.join(name)).find_map(|file| Some((read(&file)?, file)));
        let Some((text, kustomization)) = found else { continue };
        let documents = yaml::each(&kustomization, &text).unwrap_or_default();
        let list =
            |value: &Value, key: &str| value.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        for document in documents {
            let resources = list(&document.value, "resources");
            let resources = resources.iter().filter_map(|path| Some(plain(&folder.join(path.as_str()?))));
            let resources: Vec<PathBuf> = resources.collect();
            for entry in list(&document.value, "configMapGenerator") {
                let files = list(&entry, "files");
                let keys = files.iter().filter_map(|named| key_of(folder, named.as_str()?, file));
                all.extend(keys.map(|key| Made {
                    map: entry.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
                    key,
                    resources: resources.clone(),
                }));
            }
        }
    }
    all
}

/// The key under which an entry of `files` has a file: `KEY=PATH`, or the name of the file.
fn key_of(folder: &Path, named: &str, file: &Path) -> Option<String> {
    let (key, path) = named.split_once('=').map_or((None, named), |(key, path)| (Some(key), path));
    let is_it = plain(&folder.join(path)) == file;
    let name = || file.file_name().map(|name| name.to_string_lossy().into_owned());
    if is_it { key.map(str::to_owned).or_else(name) } else { None }
}

/// An entry of a generator that names a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// The kustomization, and its document in there, from 0.
    pub(super) file: PathBuf,
    pub(super) document: usize,
    pub(super) list: List,
    /// The name of the entry; empty where it has none.
    pub(super) name: String,
}

/// The entries that name a file, of all kustomizations.
pub(super) fn naming(path: &Path, tree: &Tree, means: &Means) -> Vec<Named> {
    entries(tree, means, |file, entry| sources(file, entry).any(|source| source == path))
}

/// The entries that change what an entry of the same name makes elsewhere.
pub(super) fn changing(name: &str, tree: &Tree, means: &Means) -> Vec<Named> {
    entries(tree, means, |_, entry| {
        let is_own = matches!(entry.get("behavior").and_then(Value::as_str), None | Some("create"));
        entry["name"] == *name && !is_own
    })
}

/// All kustomizations of the repository, with their files; those of Flux too that speak of a name.
fn each(name: &str, tree: &Tree, means: &Means) -> Vec<(PathBuf, Value)> {
    let is_own = |file: &Path| NAMES.iter().any(|name| file.ends_with(name));
    let of_flux = mentioning(tree, means, name).into_iter().filter(|file| !is_own(file));
    let of_flux = of_flux.filter(|file| tree.holds(file, "kustomize.toolkit.fluxcd.io/", means.read));
    let mut all = Vec::new();
    for file in (means.files)().into_iter().filter(|file| is_own(file)).chain(of_flux) {
        let text = tree.text(&file, means.read).unwrap_or_default();
        let documents = yaml::documents(&file, &text).unwrap_or_default();
        all.extend(documents.into_iter().map(|document| (file.clone(), document)));
    }
    all
}

/// The kustomization that patches a Secret of a name, or takes something out of it: it would not find another kind.
pub(super) fn selecting(name: &str, chain: &Chain, tree: &Tree, means: &Means) -> Option<PathBuf> {
    let speaks = |file: &PathBuf| {
        tree.text(file, means.read).is_some_and(|text| has_word(&text, "Secret") && has_word(&text, name))
    };
    let is_one = |(file, document): &(PathBuf, Value)| {
        let is_near = chain.0.iter().any(|link| link.file == *file);
        let parts = document.as_object().into_iter().flatten();
        let mut parts = parts.filter(|(key, _)| List::ALL.iter().all(|list| list.key() != *key));
        parts.any(|(_, part)| selects(part, name, is_near))
            || patch_files(file, document).any(|file| speaks(&file))
    };
    each(name, tree, means).into_iter().find(is_one).map(|(file, _)| file)
}

/// Whether a part of a kustomization speaks of a Secret of a name; where it goes over all of what is made, of any Secret.
fn selects(part: &Value, name: &str, is_near: bool) -> bool {
    match part {
        Value::Object(map) => {
            let text = |key: &str| map.get(key).and_then(Value::as_str);
            let own = text("name").or_else(|| map.get("metadata")?.get("name")?.as_str());
            let is_pattern = |own: &str| own.contains(['*', '+', '?', '|', '[', '(', '^', '$', '\\']);
            let is_it = own.map_or(is_near, |own| own == name || is_near && is_pattern(own));
            let is_secret = text("kind").is_some_and(|kind| has_word(kind, "Secret"));
            is_secret && is_it || map.values().any(|part| selects(part, name, is_near))
        }
        Value::Array(items) => items.iter().any(|part| selects(part, name, is_near)),
        Value::String(text) => has_word(text, "Secret") && has_word(text, name),
        _ => false,
    }
}

/// The files that a kustomization lays over objects, or that say what is put where.
fn patch_files<'d>(file: &'d Path, kustomization: &'d Value) -> impl Iterator<Item = PathBuf> + 'd {
    let folder = file.parent().unwrap_or(Path::new(""));
    let list = |key: &str| kustomization.get(key).and_then(Value::as_array).into_iter().flatten();
    let of_maps = ["patches", "patchesJson6902", "replacements"].into_iter().flat_map(list);
    let paths = of_maps.filter_map(|patch| patch.get("path")).chain(list("patchesStrategicMerge"));
    paths.filter_map(Value::as_str).map(move |path| plain(&folder.join(path)))
}

/// A kustomization with a file of patches that speaks of something.
pub(super) fn patching(word: &str, tree: &Tree, means: &Means) -> Option<PathBuf> {
    let speaks = |(file, document): &(PathBuf, Value)| {
        patch_files(file, document).any(|file| tree.holds(&file, word, means.read))
    };
    each(word, tree, means).into_iter().find(speaks).map(|(file, _)| file)
}

/// The entries of generators that are wanted, of all kustomizations.
fn entries(tree: &Tree, means: &Means, is_wanted: impl Fn(&Path, &Value) -> bool) -> Vec<Named> {
    let mut all = Vec::new();
    for file in (means.files)().into_iter().filter(|file| NAMES.iter().any(|name| file.ends_with(name))) {
        let Some(text) = tree.text(&file, means.read).filter(|text| text.contains("Generator")) else {
            continue;
        };
        for document in yaml::each(&file, &text).unwrap_or_default() {
            for list in List::ALL {
                let entries = document.value.get(list.key()).and_then(Value::as_array).into_iter().flatten();
                all.extend(entries.filter(|entry| is_wanted(&file, entry)).map(|entry| Named {
                    file: file.clone(),
                    document: document.number - 1,
                    list,
                    name: entry.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
                }));
            }
        }
    }
    all
}

/// The files that an entry of a kustomization names.
fn sources<'e>(kustomization: &'e Path, entry: &'e Value) -> impl Iterator<Item = PathBuf> + 'e {
    let folder = kustomization.parent().unwrap_or(Path::new(""));
    let list = |key: &str| entry.get(key).and_then(Value::as_array).into_iter().flatten();
    let all = list("files").chain(list("envs")).chain(entry.get("env")).filter_map(Value::as_str);
    all.map(move |named| plain(&folder.join(named.split_once('=').map_or(named, |(_, path)| path))))
}
