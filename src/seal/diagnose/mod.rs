//! With keys at hand: whether items open, and where they do not, for which place or key they were sealed.
//!
//! The label that a value is bound to stands in its encrypted key as a hash. Whoever holds the private key sees that
//! hash after one operation, and can compare it with those of as many places as come into question.

use std::collections::{BTreeMap, BTreeSet};

use rand_core::CryptoRngCore;

use super::envelope::{self, Bound};
use super::scope::Label;
use super::secret::from_base64;
use super::verify::{Finding, Pinned, Rule};
use super::{PrivateKeys, Scope, SealedSecret};

/// Places that are compared at most: a second or so of hashing.
const MOST: usize = 2_000_000;

/// Names and namespaces that come into question beside a SealedSecret's own.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// Names: of other SealedSecrets, of the file.
    pub names: BTreeSet<String>,
    /// Namespaces: of other SealedSecrets, of the folders.
    pub namespaces: BTreeSet<String>,
}

/// What an item is sealed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its scope.
    pub scope: Scope,
    /// Its namespace, where the scope binds to one.
    pub namespace: String,
    /// Its name, where the scope binds to one.
    pub name: String,
}

/// What came of opening an item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It opens, with the key of this fingerprint.
    Opens(String),
    /// A key fits, and the item is sealed for another place.
    Elsewhere(Place),
    /// A key of this fingerprint fits, and the item is sealed for a place that nobody thought of.
    Unknown(String),
    /// Key and place fit, and the bytes are not those that were sealed.
    Damaged,
    /// No key fits. The size of the key that it is sealed for, in bytes.
    NoKey(usize),
    /// It is no sealed value at all.
    Malformed,
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.scope, &self.namespace, &self.name).cmp(&(other.scope, &other.namespace, &other.name))
    }
}

/// Tries to open every item; by item. Values are dropped as soon as they are known to open.
///
/// ```
/// # use sealstrap::seal::{Certificate, PrivateKeys, Scope, SealedSecret, Secret, diagnose};
/// # use sealstrap::{plain::Plain, yaml};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let recipient = Certificate::from_pem(include_bytes!("../../../tests/seal/certificate.pem"))?.recipient;
/// # let mut keys = PrivateKeys::new();
/// # keys.add("key".as_ref(), &Plain::from(include_str!("../../../tests/seal/certificate.key").to_owned()))?;
/// # let read = |text: &str| yaml::each("a.yaml".as_ref(), text).map(|mut all| all.remove(0));
/// let secret = Secret::read(read("kind: Secret\nmetadata: {name: db-old, namespace: shop}\nstringData: {k: v}")?)?;
/// let sealed = SealedSecret::seal(&secret, Scope::Strict, &recipient, &mut rand_core::OsRng)?;
/// let renamed = SealedSecret::read(read(&sealed.to_yaml().replace("db-old", "db"))?)?;
///
/// let mut places = diagnose::Places::default();
/// places.names.insert("db-old".into());
/// let verdict = diagnose::items(&renamed, &keys, &places, &mut rand_core::OsRng).remove("k").expect("an item");
/// let (why, _) = diagnose::explain(&renamed, &verdict, &keys);
/// assert_eq!(why, "sealed for `shop/db-old` (strict) and not for `shop/db`: it was renamed");
/// # Ok(()) }
/// ```
pub fn items(
    sealed: &SealedSecret,
    keys: &PrivateKeys,
    places: &Places,
    rng: &mut impl CryptoRngCore,
) -> BTreeMap<String, Verdict> {
    let label = sealed.label();
    let verdict = |key: &str| {
        let Ok(bytes) = from_base64(sealed.item(key).unwrap_or_default()) else { return Verdict::Malformed };
        let Ok((encrypted, body)) = envelope::parts(&bytes) else { return Verdict::Malformed };
        let opened = keys.of_size(encrypted.len()).find_map(|key| Some((key, key.unbind(encrypted, rng)?)));
        let Some((key, Bound { label: hash, key: own })) = opened else {
            return Verdict::NoKey(encrypted.len());
        };
        let fingerprint = || key.recipient().fingerprint().to_owned();
        if hash != *label.hash() {
            return find(sealed, places, &hash)
                .map_or_else(|| Verdict::Unknown(fingerprint()), Verdict::Elsewhere);
        }
        match envelope::open(&own, body) {
            Some(_) => Verdict::Opens(fingerprint()),
            None => Verdict::Damaged,
        }
    };
    let mut verdict = verdict;
    sealed.keys().map(|key| (key.to_owned(), verdict(key))).collect()
}

/// The place of a label's hash: the likeliest are asked first.
fn find(sealed: &SealedSecret, places: &Places, hash: &[u8; 32]) -> Option<Place> {
    let fits = |scope, namespace: &str, name: &str| Label::new(scope, namespace, name).hash() == hash;
    let place = |scope, namespace: &str, name: &str| {
        let (namespace, name) = match scope {
            Scope::Strict => (namespace, name),
            Scope::NamespaceWide => (namespace, ""),
            Scope::ClusterWide => ("", ""),
        };
        Place { scope, namespace: namespace.to_owned(), name: name.to_owned() }
    };
    if fits(Scope::ClusterWide, "", "") {
        return Some(place(Scope::ClusterWide, "", ""));
    }
    let names = near(sealed.name(), [sealed.template_text("name"), sealed.namespace()], &places.names);
    let own = [sealed.template_text("namespace"), "default", "", sealed.name()];
    let namespaces = near(sealed.namespace(), own, &places.namespaces);
    if let Some(namespace) = namespaces.iter().find(|namespace| fits(Scope::NamespaceWide, namespace, "")) {
        return Some(place(Scope::NamespaceWide, namespace, ""));
    }
    let all = namespaces.iter().flat_map(|namespace| names.iter().map(move |name| (namespace, name)));
    let (namespace, name) = all.take(MOST).find(|(namespace, name)| fits(Scope::Strict, namespace, name))?;
    Some(place(Scope::Strict, namespace, name))
}

/// What comes into question, the nearest first.
fn near<'p, const N: usize>(
    own: &'p str,
    likely: [&'p str; N],
    others: &'p BTreeSet<String>,
) -> Vec<&'p str> {
    let mut seen = BTreeSet::new();
    let all = std::iter::once(own).chain(likely).chain(others.iter().map(String::as_str));
    all.filter(|text| seen.insert(*text)).collect()
}

/// Why items with this verdict do not open, and what to do; both as sentences.
#[must_use]
pub fn explain(sealed: &SealedSecret, verdict: &Verdict, keys: &PrivateKeys) -> (String, String) {
    match verdict {
        Verdict::Opens(fingerprint) => (format!("opens with the key {fingerprint}"), String::new()),
        Verdict::Elsewhere(place) => elsewhere(sealed, place),
        Verdict::Unknown(fingerprint) => (
            format!(
                "the key {fingerprint} fits, but it is sealed for another place than `{}` ({})",
                target(sealed),
                sealed.scope()
            ),
            "name the file's former place with `--try NAMESPACE/NAME`, or seal the value again".into(),
        ),
        Verdict::Damaged => (
            "the key and the place are right, but the bytes are not those that were sealed".into(),
            "it was cut or typed over: take it from the history of the repository, or seal the value again"
                .into(),
        ),
        Verdict::NoKey(size) => no_key(*size, keys),
        Verdict::Malformed => ("it is no sealed value".into(), "seal the value again".into()),
    }
}

/// `namespace/name`, as far as it is known.
fn target(sealed: &SealedSecret) -> String {
    match sealed.namespace() {
        "" => sealed.name().to_owned(),
        namespace => format!("{namespace}/{}", sealed.name()),
    }
}

fn elsewhere(sealed: &SealedSecret, place: &Place) -> (String, String) {
    let (own, scope, again) = (target(sealed), sealed.scope(), "seal it again");
    if place.scope != Scope::Strict
        && place.scope != scope
        && (place.namespace.is_empty() || place.namespace == sealed.namespace())
    {
        let annotation = place.scope.annotation().unwrap_or_default();
        return (
            format!("sealed {}, and its own annotations say {scope}", place.scope),
            format!("write `{annotation}: \"true\"` into `metadata.annotations`, or {again} {scope}"),
        );
    }
    if place.scope == Scope::NamespaceWide {
        return (
            format!(
                "sealed for namespace `{}` and not for `{}`: it was moved",
                place.namespace,
                sealed.namespace()
            ),
            format!("{again} for `{}`, or set the namespace back", sealed.namespace()),
        );
    }
    let there = format!("{}/{}", place.namespace, place.name);
    let (same_name, same_namespace) = (place.name == sealed.name(), place.namespace == sealed.namespace());
    let (why, back) = match (same_namespace, same_name) {
        (true, true) => {
            return (
                format!("sealed strict, and its annotations say {scope}"),
                format!("remove the annotation of the scope, or {again} {scope}"),
            );
        }
        (true, false) => ("it was renamed", "the name"),
        (false, true) if place.namespace.is_empty() => {
            ("no namespace was named when it was sealed", "the namespace")
        }
        (false, true) if place.namespace == "default" => {
            ("it was moved, or no namespace was named when it was sealed", "the namespace")
        }
        (false, true) => ("it was moved", "the namespace"),
        (false, false) if place.name == sealed.namespace() && place.namespace == sealed.name() => {
            return (
                format!("sealed for `{there}`: namespace and name were swapped"),
                format!("{again} for `{own}`"),
            );
        }
        (false, false) => ("it was moved and renamed, or its value was copied", "both"),
    };
    let not = if scope == Scope::Strict { format!("`{own}`") } else { format!("`{own}` ({scope})") };
    (
        format!("sealed for `{there}` (strict) and not for {not}: {why}"),
        format!("{again} for `{own}`, or set {back} back"),
    )
}

fn no_key(size: usize, keys: &PrivateKeys) -> (String, String) {
    let (bits, all) = (8 * size, keys.iter().count());
    let same = keys.of_size(size).count();
    let why = if same == 0 {
        let sizes: BTreeSet<usize> = keys.iter().map(|key| 8 * key.recipient().size()).collect();
        let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
        format!("sealed for a key of {bits} bits; those at hand have {}", sizes.join(" and "))
    } else {
        if all == 1 {
            "the key at hand does not fit".into()
        } else {
            format!("none of the {all} keys at hand fits")
        }
    };
    let hint = "it was sealed for another cluster, or with a key that is not in this backup: name that one with \
                `--private-key` too";
    (why, hint.into())
}

/// The findings of what came of opening the items of a SealedSecret; `line_of` gives the line of an item. Items that open
/// are told of only where they open with another key than the pinned one.
pub fn findings(
    sealed: &SealedSecret,
    verdicts: BTreeMap<String, Verdict>,
    keys: &PrivateKeys,
    pinned: &[Pinned],
    line_of: impl Fn(&str) -> usize,
) -> Vec<Finding> {
    let mut groups: BTreeMap<Verdict, Vec<String>> = BTreeMap::new();
    for (key, verdict) in verdicts {
        groups.entry(verdict).or_default().push(key);
    }
    let found = groups.into_iter().filter_map(|(verdict, items)| {
        let rule = match &verdict {
            Verdict::Opens(with) => {
                let known = pinned.iter().any(|pinned| pinned.fingerprint == *with);
                (!known && !pinned.is_empty()).then_some(Rule::OldKey)?
            }
            Verdict::Damaged => Rule::Damaged,
            _ => Rule::CannotUnseal,
        };
        let (why, hint) = match rule {
            Rule::OldKey => (
                "sealed with another key than that of the pinned certificate".to_owned(),
                "`sealstrap reseal` seals it for the pinned one".to_owned(),
            ),
            _ => explain(sealed, &verdict, keys),
        };
        let names: Vec<String> = items.iter().map(|item| format!("`{item}`")).collect();
        Some(Finding {
            rule,
            severity: rule.severity(),
            line: items.iter().map(|item| line_of(item)).min().unwrap_or(1),
            object: target(sealed),
            message: format!("{}: {why}", names.join(", ")),
            hint: Some(hint).filter(|hint| !hint.is_empty()),
        })
    });
    let mut found: Vec<_> = found.collect();
    found.sort_by_key(|finding| finding.line);
    found
}

#[cfg(test)]
mod tests;
