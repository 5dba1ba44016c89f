//! Verdicts in words: why it does not open, and what to do.

use std::collections::BTreeSet;

use super::{Place, Verdict};
use crate::seal::{PrivateKeys, Scope, SealedSecret};

/// Why items with this verdict do not open, and what to do; both as sentences.
#[must_use]
pub fn explain(sealed: &SealedSecret, verdict: &Verdict, keys: &PrivateKeys) -> (String, String) {
    let (own, scope) = (target(sealed), sealed.scope());
    match verdict {
        Verdict::Opens(fingerprint) => (format!("opens with the key {fingerprint}"), String::new()),
        Verdict::Elsewhere(place) if place.scope == Scope::Strict => strict(sealed, place),
        Verdict::Elsewhere(place) => wide(sealed, place),
        Verdict::Unknown(fingerprint) => (
            format!("the key {fingerprint} fits, but it is sealed for another place than `{own}` ({scope})"),
            "`sealstrap verify --try NAMESPACE/NAME` tries a former place of it; or seal the value again"
                .into(),
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
pub(super) fn target(sealed: &SealedSecret) -> String {
    match sealed.namespace() {
        "" => sealed.name().to_owned(),
        namespace => format!("{namespace}/{}", sealed.name()),
    }
}

/// Sealed under a wider scope than strict.
fn wide(sealed: &SealedSecret, place: &Place) -> (String, String) {
    let (own, scope) = (sealed.namespace(), sealed.scope());
    if place.scope != scope && (place.namespace.is_empty() || place.namespace == own) {
        let annotation = place.scope.annotation().unwrap_or_default();
        return (
            format!("sealed {}, and its own annotations say {scope}", place.scope),
            format!("write `{annotation}: \"true\"` into `metadata.annotations`, or seal it again {scope}"),
        );
    }
    (
        format!("sealed for namespace `{}` and not for `{own}`: it was moved", place.namespace),
        format!("seal it again for `{own}`, or set the namespace back"),
    )
}

/// Sealed for one name in one namespace.
fn strict(sealed: &SealedSecret, place: &Place) -> (String, String) {
    let (own, scope) = (target(sealed), sealed.scope());
    let there = format!("{}/{}", place.namespace, place.name);
    let (why, back) = match (place.namespace == sealed.namespace(), place.name == sealed.name()) {
        (true, true) => {
            return (
                format!("sealed strict, and its annotations say {scope}"),
                format!("remove the annotation of the scope, or seal it again {scope}"),
            );
        }
        (true, false) => ("it was renamed", "the name"),
        (false, true) => (moved(&place.namespace), "the namespace"),
        (false, false) if place.name == sealed.namespace() && place.namespace == sealed.name() => {
            return (
                format!("sealed for `{there}`: namespace and name were swapped"),
                format!("seal it again for `{own}`"),
            );
        }
        (false, false) => ("it was moved and renamed, or its value was copied", "both"),
    };
    let not = if scope == Scope::Strict { format!("`{own}`") } else { format!("`{own}` ({scope})") };
    (
        format!("sealed for `{there}` (strict) and not for {not}: {why}"),
        format!("seal it again for `{own}`, or set {back} back"),
    )
}

/// How it may have come to be sealed for that namespace.
fn moved(from: &str) -> &'static str {
    match from {
        "" => "no namespace was named when it was sealed",
        "default" => "it was moved, or no namespace was named when it was sealed",
        _ => "it was moved",
    }
}

fn no_key(size: usize, keys: &PrivateKeys) -> (String, String) {
    let why = if keys.of_size(size).next().is_none() {
        let sizes: BTreeSet<usize> = keys.iter().map(|key| 8 * key.recipient().size()).collect();
        let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
        format!("sealed for a key of {} bits; those at hand have {}", 8 * size, sizes.join(" and "))
    } else {
        match keys.iter().count() {
            1 => "the key at hand does not fit".into(),
            all => format!("none of the {all} keys at hand fits"),
        }
    };
    let hint = "it was sealed for another cluster, or with a key that is not in this backup: name that one with \
                `--private-key` too";
    (why, hint.into())
}
