//! With keys at hand: whether items open, and where they do not, for which place or key they were sealed.
//!
//! The label that a value is bound to stands in its encrypted key as a hash. Whoever holds the private key sees that
//! hash after one operation, and can compare it with those of as many places as come into question.

mod words;

pub use words::explain;

use std::collections::{BTreeMap, BTreeSet};

use rand_core::CryptoRngCore;

use super::envelope::{self, Bound};
use super::scope::Label;
use super::secret::from_base64;
use super::verify::{Finding, Pinned, Rule, Severity};
use super::{PrivateKeys, Scope, SealedSecret};
use words::target;

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
/// let verdict = diagnose::items(&renamed, &keys, &[&places], &mut rand_core::OsRng).remove("k").expect("an item");
/// let (why, _) = diagnose::explain(&renamed, &verdict, &keys);
/// assert_eq!(why, "sealed for `shop/db-old` (strict) and not for `shop/db`: it was renamed");
/// # Ok(()) }
/// ```
pub fn items(
    sealed: &SealedSecret,
    keys: &PrivateKeys,
    places: &[&Places],
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
fn find(sealed: &SealedSecret, places: &[&Places], hash: &[u8; 32]) -> Option<Place> {
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
    let others = || places.iter().copied();
    let names = others().flat_map(|places| &places.names);
    let names = near(sealed.name(), [sealed.template_text("name"), sealed.namespace()], names);
    let own = [sealed.template_text("namespace"), "default", "", sealed.name()];
    let namespaces = others().flat_map(|places| &places.namespaces);
    let namespaces = near(sealed.namespace(), own, namespaces);
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
    others: impl Iterator<Item = &'p String>,
) -> Vec<&'p str> {
    let mut seen = BTreeSet::new();
    let all = std::iter::once(own).chain(likely).chain(others.map(String::as_str));
    all.filter(|text| seen.insert(*text)).collect()
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
        let (rule, severity, why, hint) = judge(sealed, &verdict, keys, pinned)?;
        let names: Vec<String> = items.iter().map(|item| format!("`{item}`")).collect();
        Some(Finding {
            rule,
            severity,
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

/// What is to be said of a verdict, if anything.
fn judge(
    sealed: &SealedSecret,
    verdict: &Verdict,
    keys: &PrivateKeys,
    pinned: &[Pinned],
) -> Option<(Rule, Severity, String, String)> {
    let of = |rule: Rule, (why, hint): (String, String)| Some((rule, rule.severity(), why, hint));
    match verdict {
        Verdict::Opens(with) => {
            let is_old = !pinned.is_empty() && !pinned.iter().any(|pinned| pinned.fingerprint == *with);
            let why = "sealed with another key than that of the pinned certificate".into();
            let hint = "`sealstrap reseal` seals it for the pinned one".into();
            is_old.then(|| of(Rule::OldKey, (why, hint)))?
        }
        Verdict::Elsewhere(place) if is_given_later(sealed, place) => {
            let why = format!("opens in namespace `{}`, which the file does not name", place.namespace);
            Some((Rule::NoNamespace, Severity::Note, why, "name it in `metadata.namespace`".into()))
        }
        Verdict::Damaged => of(Rule::Damaged, explain(sealed, verdict, keys)),
        _ => of(Rule::CannotUnseal, explain(sealed, verdict, keys)),
    }
}

/// Whether an item opens once somebody, such as an overlay, gives the namespace that a file leaves open.
fn is_given_later(sealed: &SealedSecret, place: &Place) -> bool {
    sealed.namespace().is_empty()
        && !place.namespace.is_empty()
        && place.scope == sealed.scope()
        && (place.scope != Scope::Strict || place.name == sealed.name())
}

#[cfg(test)]
mod tests;
