//! SealedSecrets: ciphertext whose form is checked and not trusted, and the template beside it.

use super::Place;
use super::look::{Look, Scope};
use crate::scan::verdict::{Expect, Verdict, is_sealed, judge};
use crate::yaml::outline::{Id, Outline, Shape};

/// Judges the items of a SealedSecret and the values of its template.
pub(super) fn check(look: &mut Look, outline: &Outline, id: Id, scope: &Scope) {
    for child in outline.children(id) {
        match outline.key(child).as_deref() {
            Some("spec") => spec(look, outline, child, scope),
            // Nobody reads them there, and they are in clear.
            Some("data" | "stringData") => look.map(outline, child, &scope.at(Place::SealedSecretTemplate)),
            _ => look.pair(outline, child, scope),
        }
    }
}

fn spec(look: &mut Look, outline: &Outline, id: Id, scope: &Scope) {
    for child in outline.children(id) {
        match outline.key(child).as_deref() {
            Some("encryptedData") => items(look, outline, child, &scope.at(Place::NotSealed)),
            _ => look.pair(outline, child, &scope.at(Place::SealedSecretTemplate)),
        }
    }
}

fn items(look: &mut Look, outline: &Outline, map: Id, scope: &Scope) {
    for child in outline.children(map) {
        if !matches!(outline.shape(child), Shape::Scalar(_)) {
            look.node(outline, child, scope);
            continue;
        }
        let (key, text) = (outline.key(child).unwrap_or_default(), outline.scalar(child).unwrap_or_default());
        let bare: String = text.split_whitespace().collect();
        let verdict = if is_sealed(&bare) { Verdict::Sealed } else { not_sealed(&key, &bare) };
        look.tell(outline, child, scope, verdict, text.as_bytes());
    }
}

/// The verdict on what cannot be sealed: an expression or nothing may stand there, and all else is in clear.
fn not_sealed(key: &str, text: &str) -> Verdict {
    match judge(Expect::Secrets, key, text) {
        verdict if verdict.is_told() || verdict == Verdict::Harmless => Verdict::NotSealed,
        verdict => verdict,
    }
}
