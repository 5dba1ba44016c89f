//! Policies of Vault: what the operator needs to read, and whether a policy gives it.

mod hcl;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;

use super::check::{Around, KnownStore};
use super::{Error, StoreRef, is_substituted};
use crate::yaml::Document;

/// What may be done at which paths. Paths are those of requests, without `v1/`, as policies write them: a `*` at the end
/// stands for whatever follows, a `+` for one part.
///
/// ```
/// use sealstrap::external::Policy;
///
/// let policy = Policy::read("path \"secret/data/k8s/*\" { capabilities = [\"read\"] }\n")?;
/// assert!(policy.covers("secret/data/k8s/shop/db", "read"));
/// assert!(!policy.covers("secret/data/k8s/shop/db", "update") && !policy.covers("secret/data/home", "read"));
/// # Ok::<(), sealstrap::external::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    paths: BTreeMap<String, BTreeSet<String>>,
    /// Paths that are needed and not known, since Flux substitutes a part of them.
    unknown: BTreeSet<String>,
    /// Whether it says more than that, such as conditions on parameters.
    more: bool,
}

/// A path, and what has to be allowed there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wanted {
    pub(super) path: String,
    pub(super) capability: &'static str,
}

impl Policy {
    /// Reads the text of a policy. Conditions on parameters are passed over; [`Policy::says_more`] tells that there are some.
    ///
    /// # Errors
    /// What is no policy, with its line.
    pub fn read(text: &str) -> Result<Self, Error> {
        let (paths, more) = hcl::read(text)?;
        Ok(Self { paths, more, ..Self::default() })
    }

    /// The least policy with which the operator reads what these ExternalSecrets name. Stores among the documents say
    /// mount and version; for others `around` does.
    #[must_use]
    pub fn least<'d>(documents: impl IntoIterator<Item = &'d Document>, around: &Around) -> Self {
        let documents: Vec<&Document> = documents.into_iter().collect();
        let mut stores: Vec<KnownStore> =
            documents.iter().filter_map(|one| KnownStore::of(&one.value)).collect();
        stores.extend(around.stores.iter().flat_map(|stores| stores.iter().cloned()));
        let mut policy = Self::default();
        for document in documents {
            let spec = match super::kind_of(document) {
                Some("ExternalSecret") => document.value.get("spec"),
                Some("ClusterExternalSecret") => document.value.pointer("/spec/externalSecretSpec"),
                _ => continue,
            };
            let text = |way| document.value.pointer(way).and_then(Value::as_str).unwrap_or_default();
            let (namespace, mount) = (text("/metadata/namespace"), around.mount.as_deref());
            for wanted in spec.map(|spec| wanted_by(spec, namespace, &stores, mount)).unwrap_or_default() {
                if is_substituted(&wanted.path) {
                    policy.unknown.insert(wanted.path);
                } else {
                    policy.grant(wanted.path, wanted.capability);
                }
            }
        }
        policy
    }

    /// Lets something be done at a path.
    pub fn grant(&mut self, path: impl Into<String>, capability: &str) {
        self.paths.entry(path.into()).or_default().insert(capability.to_owned());
    }

    /// Whether the text that it was read from says more than paths and capabilities.
    #[must_use]
    pub fn says_more(&self) -> bool {
        self.more
    }

    /// Its paths with what may be done there, sorted.
    pub fn paths(&self) -> impl Iterator<Item = (&str, &BTreeSet<String>)> {
        self.paths.iter().map(|(path, capabilities)| (path.as_str(), capabilities))
    }

    /// Paths that are needed, and not known: Flux substitutes a part of them. No line of the policy is for them.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        self.unknown.iter().map(String::as_str)
    }

    /// Whether something may be done at a path.
    #[must_use]
    pub fn covers(&self, path: &str, capability: &str) -> bool {
        self.deciding(path).is_some_and(|all| !all.contains("deny") && all.contains(capability))
    }

    /// What may be done at a path.
    #[must_use]
    pub fn capabilities(&self, path: &str) -> BTreeSet<String> {
        self.deciding(path).filter(|all| !all.contains("deny")).cloned().unwrap_or_default()
    }

    /// The capabilities of the line that decides about a path: as in Vault the most specific one that fits it, alone.
    fn deciding(&self, path: &str) -> Option<&BTreeSet<String>> {
        let fits = self.paths.iter().filter(|(pattern, _)| fits(pattern, path));
        fits.max_by_key(|(pattern, _)| rank(pattern)).map(|(_, capabilities)| capabilities)
    }

    /// The paths of which what may be done differs from another policy.
    #[must_use]
    pub fn differing<'p>(&'p self, other: &'p Self) -> BTreeSet<&'p str> {
        let all = self.paths.keys().chain(other.paths.keys()).map(String::as_str);
        all.filter(|path| self.paths.get(*path) != other.paths.get(*path)).collect()
    }

    /// The policy as text: a line a path, sorted, so that two of them can be compared line by line. Of paths that are not
    /// known a comment tells.
    #[must_use]
    pub fn to_hcl(&self) -> String {
        let mut text = String::new();
        for (path, capabilities) in &self.paths {
            let all: Vec<String> = capabilities.iter().map(|one| format!("\"{one}\"")).collect();
            let quoted = path.replace('\\', "\\\\").replace('"', "\\\"");
            let _ = writeln!(text, "path \"{quoted}\" {{ capabilities = [{}] }}", all.join(", "));
        }
        for path in &self.unknown {
            let _ = writeln!(text, "# not known before Flux substitutes it: {}", path.escape_debug());
        }
        text
    }
}

/// Whether a path is one of those that a pattern stands for. One that ends in `*` is all that begin so.
fn fits(pattern: &str, path: &str) -> bool {
    let (body, open) = pattern.strip_suffix('*').map_or((pattern, false), |body| (body, true));
    if path.ends_with('*') && !open {
        return false;
    }
    let (parts, given): (Vec<&str>, Vec<&str>) = (body.split('/').collect(), path.split('/').collect());
    let last = parts.len() - 1;
    let part = |(index, part): (usize, &&str)| match given.get(index) {
        None => false,
        Some(given) if *part == "+" => !given.is_empty() && *given != "*",
        Some(given) if open && index == last => given.starts_with(part),
        Some(given) => given == part,
    };
    (open || parts.len() == given.len()) && parts.iter().enumerate().all(part)
}

/// Of several patterns for one path the one of the highest rank counts (Vault, "Policy syntax", priority matching).
fn rank(pattern: &str) -> (usize, bool, Reverse<usize>, usize, &str) {
    let wild = pattern.split('/').filter(|part| *part == "+").count();
    let plus = pattern.split('/').take_while(|part| *part != "+").map(|part| part.len() + 1).sum::<usize>();
    let open = pattern.ends_with('*');
    let first = if wild > 0 {
        plus
    } else if open {
        pattern.len() - 1
    } else {
        usize::MAX
    };
    (first, !open, Reverse(wild), pattern.len(), pattern)
}

/// What the spec of an ExternalSecret needs.
fn wanted_by(spec: &Value, namespace: &str, stores: &[KnownStore], mount: Option<&str>) -> Vec<Wanted> {
    let find = |named: Option<&Value>| {
        let named = StoreRef::read(named?)?;
        stores.iter().find(|store| store.is_named(&named, namespace))
    };
    let own = find(spec.get("secretStoreRef"));
    let mut all = Vec::new();
    for entry in ["data", "dataFrom"].iter().filter_map(|field| spec.get(*field)?.as_array()).flatten() {
        let source = entry.get("sourceRef");
        if source.is_some_and(|source| source.get("generatorRef").is_some()) {
            continue;
        }
        let store = source.and_then(|source| source.get("storeRef")).map_or(own, |named| find(Some(named)));
        if store.is_some_and(|store| !store.is_kv) {
            continue;
        }
        let mount = store.map_or(mount, |store| store.mount.as_deref());
        for field in ["remoteRef", "extract", "find"] {
            if let Some(reference) = entry.get(field).filter(|reference| !reference.is_null()) {
                all.extend(wanted(field, reference, mount, store.is_some_and(|store| store.v1)));
            }
        }
    }
    all
}

/// What one reference needs, as the operator's requests make it.
pub(super) fn wanted(field: &str, reference: &Value, mount: Option<&str>, v1: bool) -> Vec<Wanted> {
    let text = |key: &str| reference.get(key).and_then(Value::as_str);
    let of = |path: String, capability| Wanted { path, capability };
    if field == "find" {
        let folder = text("path").map(|path| format!("{path}/")).unwrap_or_default();
        let mut all = vec![of(metadata_path(&format!("{folder}*"), mount, v1), "list")];
        all.push(of(request_path(&format!("{folder}*"), mount, v1), "read"));
        if reference.get("tags").is_some_and(|tags| !tags.is_null()) {
            all.push(of(metadata_path(&format!("{folder}*"), mount, v1), "read"));
        }
        return all;
    }
    let Some(key) = text("key") else { return Vec::new() };
    if text("metadataPolicy") == Some("Fetch") {
        return vec![of(metadata_path(key, mount, v1), "read")];
    }
    vec![of(request_path(key, mount, v1), "read")]
}

/// The path that the operator asks Vault for, of a key and the `path` of the store.
#[must_use]
pub(super) fn request_path(key: &str, mount: Option<&str>, v1: bool) -> String {
    let path = match mount {
        Some(mount) => {
            let key = without_mount(key, mount, v1).unwrap_or(key);
            if v1 { format!("{mount}/{key}") } else { format!("{mount}/data/{key}") }
        }
        None if v1 || key.contains("/data/") => key.to_owned(),
        None => match key.split_once('/') {
            Some((mount, rest)) => format!("{mount}/data/{rest}"),
            None => format!("{key}/data"),
        },
    };
    cleaned(&path)
}

/// What the operator leaves of a key that begins with the mount; nothing where it does not.
pub(super) fn without_mount<'k>(key: &'k str, mount: &str, v1: bool) -> Option<&'k str> {
    let own = key.strip_prefix(mount)?.strip_prefix('/')?;
    Some(own.strip_prefix("data/").filter(|_| !v1).unwrap_or(own))
}

/// A path as Vault's client asks for it, which joins paths as Go does: without empty parts, `.` and `..`.
fn cleaned(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn metadata_path(key: &str, mount: Option<&str>, v1: bool) -> String {
    match mount {
        Some(mount) if v1 => cleaned(&format!("{mount}/{key}")),
        Some(mount) => cleaned(&format!("{mount}/metadata/{key}")),
        None => request_path(key, None, v1).replacen("/data/", "/metadata/", 1),
    }
}

#[cfg(test)]
mod tests;
