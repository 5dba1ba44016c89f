//! The paths that ExternalSecrets read, each once, and what is said of what was found there.

use std::collections::{BTreeMap, BTreeSet};

use super::stores::Stores;
use super::{found, namespace_of};
use crate::external::check::{Finding, Rule};
use crate::external::{self, KvVersion, reads};
use crate::remote::vault::{self, KvSecret, Property};
use crate::remote::{self, Cause};
use crate::yaml::Document;

/// A path of Vault's API, in one version, by one login.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Path {
    pub(super) login: usize,
    pub(super) at: String,
    pub(super) version: Option<String>,
    pub(super) engine: vault::KvVersion,
}

/// An entry that asks for a path.
pub(super) struct Asked {
    pub(super) document: usize,
    pub(super) path: usize,
    pub(super) read: external::Read,
}

/// What came of a path; nothing where nobody was logged in.
pub(super) type Read = Option<Result<Option<KvSecret>, remote::Error>>;

/// All that is to be asked.
#[derive(Default)]
pub(super) struct Plan {
    /// The number of a store, and the namespace whose Secrets it logs in with where that is the asking one.
    pub(super) logins: Vec<(usize, String)>,
    pub(super) paths: Vec<Path>,
    pub(super) asked: Vec<Asked>,
    /// The documents with ExternalSecrets.
    pub(super) secrets: Vec<usize>,
    /// Those among them that read from a store that is nowhere.
    pub(super) lost: BTreeSet<usize>,
    /// What is asked for otherwise than by a path.
    pub(super) unknown: Vec<(usize, Finding)>,
}

impl Plan {
    pub(super) fn of(documents: &[Document], stores: &Stores) -> Self {
        let mut plan = Self::default();
        let (mut logins, mut paths) = (BTreeMap::new(), BTreeMap::new());
        for (index, document) in documents.iter().enumerate() {
            let Some(namespace) = namespace_of(document) else { continue };
            plan.secrets.push(index);
            let all = reads(document);
            let unknown =
                |(line, why): (usize, String)| (index, found(document, Rule::NotTried, line, why, None));
            plan.unknown.extend(all.unknown.into_iter().map(unknown));
            for read in all.all {
                // One that is nowhere is told by the rules that need no Vault.
                let Some(store) = stores.named(&read.store, namespace) else {
                    plan.lost.insert(index);
                    continue;
                };
                let said = stores.read(store).ok();
                let is_referent = said.is_some_and(external::Store::is_referent);
                let login = (store, if is_referent { namespace.to_owned() } else { String::new() });
                let login = number(&mut logins, &mut plan.logins, login);
                let v1 = said.is_some_and(|store| store.version == KvVersion::V1);
                let path = Path {
                    login,
                    at: said.map_or_else(String::new, |store| store.request_path(&read.item.path)),
                    version: read.item.version.clone(),
                    engine: if v1 { vault::KvVersion::V1 } else { vault::KvVersion::V2 },
                };
                let path = number(&mut paths, &mut plan.paths, path);
                plan.asked.push(Asked { document: index, path, read });
            }
        }
        plan
    }

    /// How many questions it takes.
    pub(super) fn size(&self) -> usize {
        self.logins.len() + self.paths.len() + self.secrets.len()
    }
}

/// The number of a thing among those that are known; a new one where it is not.
fn number<T: Ord + Clone>(known: &mut BTreeMap<T, usize>, all: &mut Vec<T>, thing: T) -> usize {
    *known.entry(thing.clone()).or_insert_with(|| {
        all.push(thing);
        all.len() - 1
    })
}

/// What is wrong with what an entry asks for.
pub(super) fn finding(
    document: &Document,
    asked: &Asked,
    plan: &Plan,
    read: &[Read],
) -> Result<Option<Finding>, remote::Error> {
    let path = &plan.paths[asked.path];
    let told = |(rule, message, hint)| found(document, rule, asked.read.line, message, hint);
    match &read[asked.path] {
        None => Ok(None),
        Some(Ok(None)) => Ok(Some(told(absent(path)))),
        Some(Ok(Some(secret))) if secret.deleted => Ok(Some(told(deleted(path, secret)))),
        Some(Ok(Some(secret))) => Ok(property(&asked.read, path, secret).map(told)),
        Some(Err(error)) => match told_of(path, error) {
            Some(said) => Ok(Some(told(said))),
            None => Err(again(error)),
        },
    }
}

type Said = (Rule, String, Option<String>);

fn absent(Path { at, version, .. }: &Path) -> Said {
    let hint = "write it with `sealstrap external push`, or correct `key`";
    match version {
        None => (Rule::MissingPath, format!("nothing lies at `{at}` in Vault"), Some(hint.into())),
        Some(version) => (
            Rule::MissingVersion,
            format!("there is no version {version} of `{at}` in Vault"),
            Some("correct `version`, or leave it out for the newest".into()),
        ),
    }
}

fn deleted(Path { at, .. }: &Path, secret: &KvSecret) -> Said {
    let version = secret.version;
    let message = format!("version {version} of `{at}` was deleted or destroyed in Vault");
    let hint = "take that back with `vault kv undelete`, or write a new one with `sealstrap external push`";
    (Rule::DeletedVersion, message, Some(hint.into()))
}

/// What is wrong with the property of what was read.
fn property(read: &external::Read, Path { at, .. }: &Path, secret: &KvSecret) -> Option<Said> {
    let item = &read.item;
    let name = item.property.as_deref()?;
    let found = secret.property(name);
    let value = match &found {
        Property::Missing => {
            let keys: Vec<String> = secret.data.keys().take(8).map(|key| format!("`{key}`")).collect();
            let hint = if keys.is_empty() { None } else { Some(format!("it has {}", keys.join(", "))) };
            return Some((Rule::MissingProperty, format!("`{at}` has no `{name}` in Vault"), hint));
        }
        Property::Unknown => {
            let message = format!("what `{name}` finds in `{at}` is known to the operator only");
            return Some((Rule::NotTried, message, None));
        }
        Property::Key(value) => value,
        Property::Within(value) => value,
    };
    // Of a document that is taken apart the values within are decoded.
    let is_whole = read.key.is_some();
    (is_whole && item.decoding.gives(value, value).is_none()).then(|| {
        let message = format!("`{name}` of `{at}` is not base64, which the entry decodes");
        (Rule::NotBase64, message, Some("correct `decodingStrategy`, or write the value anew".into()))
    })
}

/// What a refusal says of an entry; nothing where it is one of Vault as a whole.
fn told_of(path: &Path, error: &remote::Error) -> Option<Said> {
    let hint = error.hint.clone();
    match &error.cause {
        Cause::Forbidden(_) => {
            Some((Rule::Denied, format!("the store's login may not read `{}` in Vault", path.at), hint))
        }
        Cause::NotFound(why) | Cause::Invalid(why) | Cause::Local(why) => {
            Some((Rule::MissingPath, format!("`{}` cannot be read in Vault: {why}", path.at), hint))
        }
        _ => None,
    }
}

fn again(error: &remote::Error) -> remote::Error {
    remote::Error { action: error.action.clone(), cause: error.cause.clone(), hint: error.hint.clone() }
}
