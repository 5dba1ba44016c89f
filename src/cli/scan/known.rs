//! What is known of the rules: their names, and for formats what they are.

use crate::report::format::Known;
use crate::scan::place::Place;
use crate::scan::rules;

/// Whether there is a rule of this name.
pub(super) fn is_known(id: &str) -> bool {
    ids().any(|known| known == id)
}

/// The name of a rule that is most like this one, where one is.
pub(super) fn nearest(id: &str) -> Option<&'static str> {
    /// How alike two names are, of 1.
    const ALIKE: f64 = 0.7;
    let likeness = |known: &&'static str| (strsim::jaro_winkler(known, id), *known);
    let best = ids().map(|known| likeness(&known)).max_by(|(one, _), (other, _)| one.total_cmp(other));
    best.filter(|(alike, _)| *alike >= ALIKE).map(|(_, known)| known)
}

fn ids() -> impl Iterator<Item = &'static str> {
    Place::ALL.into_iter().map(Place::rule).chain(rules::all().map(|rule| rule.id))
}

/// All rules.
pub(super) fn all() -> Vec<Known> {
    let places = Place::ALL.into_iter().map(|place| Known {
        id: place.rule().to_owned(),
        summary: format!("A secret in clear: {}", place.summary()),
        help: "Seal the value or keep it in Vault, and change the secret if it was ever pushed.".to_owned(),
    });
    let forms = rules::all().map(|rule| Known {
        id: rule.id.to_owned(),
        summary: format!("{}{} ({})", rule.what[..1].to_uppercase(), &rule.what[1..], rule.issuer),
        help: format!(
            "Revoke it where it was issued, and keep the new one in a sealed Secret or in Vault. \
             Its format is described at <{}>.",
            rule.source
        ),
    });
    places.chain(forms).collect()
}
