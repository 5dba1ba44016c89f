//! What is known of the rules, for formats that tell it.

use crate::report::format::Known;
use crate::scan::place::Place;
use crate::scan::rules;

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
