//! Secrets: every value of `data` and `stringData`, decoded.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::Place;
use super::look::{Look, Scope};
use crate::scan::verdict::{Expect, Verdict, judge};
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
        if !matches!(outline.shape(outline.resolved(child)), Shape::Scalar(_)) {
            look.node(outline, child, scope);
            continue;
        }
        let (key, text) = (outline.key(child).unwrap_or_default(), outline.scalar(child).unwrap_or_default());
        let decoded = is_encoded.then(|| decode(&text)).flatten();
        if let Some(bytes) = decoded {
            let verdict = of_bytes(&key, &bytes);
            look.tell(outline, child, scope, verdict, &bytes);
            continue;
        }
        // No base64: an expression, ciphertext, or plaintext that was put where base64 belongs.
        let verdict = of_text(&key, &text);
        look.tell(outline, child, scope, verdict, text.as_bytes());
        if matches!(verdict, Verdict::Template | Verdict::Substitution) {
            look.inner(outline, child, &text, scope);
        }
    }
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
    docker(text).unwrap_or_else(|| judge(Expect::Secrets, key, text))
}

/// The verdict on a docker configuration: that on its logins.
fn docker(text: &str) -> Option<Verdict> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let registries = value.get("auths").unwrap_or(&value).as_object()?;
    let logins = registries.values().filter_map(|login| login.as_object());
    let texts = |login: &serde_json::Map<String, serde_json::Value>| {
        ["auth", "password", "identitytoken", "registrytoken"]
            .into_iter()
            .filter_map(|name| Some((name, login.get(name)?.as_str()?.to_owned())))
            .collect::<Vec<_>>()
    };
    let all: Vec<_> = logins.flat_map(texts).collect();
    let is_docker = value.get("auths").is_some() || !all.is_empty();
    let verdicts = all.iter().map(|(name, text)| match *name {
        "auth" => {
            decode(text).map_or_else(|| judge(Expect::Secrets, "password", text), |login| of_login(&login))
        }
        _ => judge(Expect::Secrets, "password", text),
    });
    is_docker.then(|| verdicts.fold(Verdict::Empty, worse))
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
