//! Secrets: every value of `data` and `stringData`, decoded.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::look::{Look, Scope};
use super::{Place, config};
use crate::scan::verdict::{Expect, Verdict, is_placeholder, judge};
use crate::yaml::outline::{Id, Outline, Shape};

/// As the API server decodes it; padding that people forgot is forgiven, since the value can be read without it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Judges the values of a Secret, and walks through the rest of it.
pub(super) fn check(look: &mut Look, outline: &Outline, id: Id, scope: &Scope) {
    for child in outline.children(id) {
        match outline.key(child).as_deref() {
            Some("data") => values(look, outline, child, &scope.at(Place::SecretData), true),
            Some("stringData") => values(look, outline, child, &scope.at(Place::SecretStringData), false),
            _ => look.pair(outline, child, scope),
        }
    }
}

fn values(look: &mut Look, outline: &Outline, map: Id, scope: &Scope, is_encoded: bool) {
    for child in outline.children(map) {
        if outline.key(child).as_deref() == Some("<<") {
            values(look, outline, child, scope, is_encoded);
        } else if matches!(outline.shape(outline.resolved(child)), Shape::Scalar(_)) {
            value(look, outline, child, scope, is_encoded);
        } else {
            look.node(outline, child, scope);
        }
    }
}

fn value(look: &mut Look, outline: &Outline, id: Id, scope: &Scope, is_encoded: bool) {
    let (key, text) = (outline.key(id).unwrap_or_default(), outline.scalar(id).unwrap_or_default());
    // Nothing, and what was never meant to be base64: by chance it may be some.
    let is_word = matches!(text.as_ref(), "null" | "~") || is_placeholder(&text);
    let decoded = if is_encoded { decode(&text) } else { None };
    let decoded = decoded.filter(|bytes| !is_word || std::str::from_utf8(bytes).is_ok());
    let Some(bytes) = decoded else {
        // No base64: an expression, ciphertext, or plaintext that was put where base64 belongs.
        let verdict = of_text(&key, &text);
        look.tell(outline, id, scope, verdict, text.as_bytes());
        if has_expressions(verdict) {
            look.inner(outline, id, &text, scope);
        }
        return;
    };
    let verdict = of_bytes(&key, &bytes);
    look.tell(outline, id, scope, verdict, &bytes);
    if let (true, Ok(text)) = (has_expressions(verdict), std::str::from_utf8(&bytes)) {
        // No byte of it is written anywhere: all of it stands where the value does.
        let whole = outline.range(outline.resolved(id));
        let origin = |_| (scope.origin)(whole.clone());
        let inside = Scope {
            place: scope.place,
            object: scope.object.clone(),
            origin: &origin,
            depth: scope.depth + 1,
        };
        config::text(look, text, &inside);
    }
}

/// Whether expressions stand in it: then what is between them is looked at line by line.
fn has_expressions(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Template | Verdict::Substitution)
}

/// The bytes that a value of `data` stands for.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let bare: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    BASE64.decode(bare).ok().filter(|bytes| !bytes.is_empty())
}

fn of_bytes(key: &str, bytes: &[u8]) -> Verdict {
    std::str::from_utf8(bytes).map_or(Verdict::Plaintext, |text| of_text(key, text))
}

fn of_text(key: &str, text: &str) -> Verdict {
    docker(key, text).unwrap_or_else(|| judge(Expect::Secrets, key, text))
}

/// The verdict on a docker configuration: that on its logins.
fn docker(key: &str, text: &str) -> Option<Verdict> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    // Before there was `auths`, a file of its own held nothing but registries.
    let old = Some(&value).filter(|_| key == ".dockercfg");
    let registries = value.get("auths").or(old)?.as_object()?;
    let logins = registries.values().filter_map(|login| login.as_object());
    let texts = |login: &serde_json::Map<String, serde_json::Value>| {
        ["auth", "password", "identitytoken", "registrytoken"]
            .into_iter()
            .filter_map(|name| Some((name, login.get(name)?.as_str()?.to_owned())))
            .collect::<Vec<_>>()
    };
    let verdicts = logins.flat_map(texts).map(|(name, text)| match (name, decode(&text)) {
        ("auth", Some(login)) => of_login(&login),
        _ => judge(Expect::Secrets, "password", &text),
    });
    Some(verdicts.fold(Verdict::Empty, worse))
}

/// `user:password`.
fn of_login(login: &[u8]) -> Verdict {
    let text = String::from_utf8_lossy(login);
    let password = text.split_once(':').map_or(text.as_ref(), |(_, password)| password);
    judge(Expect::Secrets, "password", password)
}

fn worse(a: Verdict, b: Verdict) -> Verdict {
    match (a, b) {
        (Verdict::Plaintext, _) | (_, Verdict::Plaintext) => Verdict::Plaintext,
        (_, other) if other.is_leak() => other,
        (Verdict::Empty, other) => other,
        _ => a,
    }
}
