//! Plaintext that was left in a SealedSecret: whole Secrets in annotations, `data` in clear, values that can only be
//! secrets. Better none than a false one: whatever may be a template, a reference or an example is passed over.

use std::collections::HashSet;

use serde_json::Value;

use super::sheet::{ANNOTATIONS, Sheet, TEMPLATE_ANNOTATIONS, TEMPLATES};
use super::{Rule, Severity};
use crate::yaml::LAST_APPLIED;

/// Where values in clear have no place.
const PLAIN: [&[&str]; 5] = [
    &["data"],
    &["stringData"],
    &["spec", "data"],
    &["spec", "stringData"],
    &["spec", "template", "stringData"],
];
const AGAIN: &str =
    "remove it, change the secret, and seal the new one: this one is in the history of the repository";

/// Finds plaintext.
pub(super) fn check(sheet: &mut Sheet) {
    for path in PLAIN {
        if sheet.at(path).and_then(Value::as_object).is_some_and(|map| !map.is_empty()) {
            let what = format!("`{}` holds values in clear", path.join("."));
            sheet.find(Rule::PlainData, path, what, AGAIN);
        }
    }
    for path in [&["metadata", "managedFields"][..], &["spec", "template", "metadata", "managedFields"]] {
        if sheet.at(path).is_some_and(|fields| !fields.is_null()) {
            let what = "`managedFields` were copied from a cluster; they name the fields of the live object";
            sheet.find(Rule::ManagedFields, path, what, "remove them");
        }
    }
    for path in [&ANNOTATIONS[..], &TEMPLATE_ANNOTATIONS] {
        for (key, value) in sheet.entries(path) {
            annotation(sheet, path, key, value.as_str().unwrap_or_default());
        }
    }
    for (key, value) in sheet.entries(&TEMPLATES) {
        let text = value.as_str().unwrap_or_default();
        let at: Vec<&str> = TEMPLATES.into_iter().chain([key]).collect();
        if let Some(what) = known_secret(text) {
            plain_value(sheet, Rule::PlainValue.severity(), &at, key, what);
        } else if is_named_secret(key, text) {
            plain_value(sheet, Severity::Warning, &at, key, "what looks like a secret");
        }
    }
}

fn annotation(sheet: &mut Sheet, path: &[&str], key: &str, text: &str) {
    let at: Vec<&str> = path.iter().copied().chain([key]).collect();
    if LAST_APPLIED.contains(&key) {
        if holds_secret(text) {
            let what = format!("the annotation `{key}` holds the Secret in clear");
            sheet.find(Rule::LastApplied, &at, what, AGAIN);
        }
    } else if let Some(what) = known_secret(text) {
        plain_value(sheet, Rule::PlainValue.severity(), &at, key, what);
    }
}

fn plain_value(sheet: &mut Sheet, severity: Severity, at: &[&str], key: &str, what: &str) {
    let message = format!("`{key}` holds {what} in clear");
    sheet.find_as(severity, Rule::PlainValue, at, message, AGAIN);
}

/// Whether an object as `kubectl apply` keeps it is a Secret with values. A SealedSecret may be kept so.
fn holds_secret(text: &str) -> bool {
    let Ok(mut object) = serde_json::from_str::<Value>(text) else { return text.contains("\"stringData\"") };
    let filled = |key: &str| object.get(key).and_then(Value::as_object).is_some_and(|map| !map.is_empty());
    let found = object.get("kind").and_then(Value::as_str) == Some("Secret")
        && (filled("data") || filled("stringData"));
    crate::yaml::wipe(&mut object);
    found
}

/// Beginnings of tokens that can be told by them, and how many further letters they have at least.
const TOKENS: [(&str, usize, &str); 18] = [
    ("ghp_", 36, "a token of GitHub"),
    ("gho_", 36, "a token of GitHub"),
    ("ghs_", 36, "a token of GitHub"),
    ("github_pat_", 60, "a token of GitHub"),
    ("glpat-", 20, "a token of GitLab"),
    ("AKIA", 16, "an access key of AWS"),
    ("xoxb-", 24, "a token of Slack"),
    ("xoxp-", 24, "a token of Slack"),
    ("sk_live_", 20, "a key of Stripe"),
    ("rk_live_", 20, "a key of Stripe"),
    ("AIza", 35, "a key of Google"),
    ("hvs.", 24, "a token of Vault"),
    ("hvb.", 24, "a token of Vault"),
    ("AGE-SECRET-KEY-1", 50, "a private key of age"),
    ("npm_", 36, "a token of npm"),
    ("dckr_pat_", 20, "a token of Docker Hub"),
    ("dop_v1_", 60, "a token of DigitalOcean"),
    ("SG.", 60, "a key of SendGrid"),
];

/// What a text holds, if it holds something that is known to be secret by its form.
fn known_secret(text: &str) -> Option<&'static str> {
    if holds_private_key(text) {
        return Some("a private key");
    }
    let in_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let words = text.split(|c| !in_word(c)).filter(|word| word.len() >= 20);
    words.filter(|word| is_random(word)).find_map(token).or_else(|| url_with_password(text))
}

fn token(word: &str) -> Option<&'static str> {
    let known = TOKENS
        .iter()
        .find(|(begin, least, _)| word.strip_prefix(begin).is_some_and(|rest| rest.len() >= *least));
    let parts = || word.split('.').collect::<Vec<_>>();
    let jwt = || matches!(parts()[..], [head, body, sign] if head.starts_with("eyJ") && body.starts_with("eyJ") && sign.len() > 20);
    known.map(|(_, _, what)| *what).or_else(|| jwt().then_some("a signed token (JWT)"))
}

/// Whether a word is neither an example nor filled up with one letter.
fn is_random(word: &str) -> bool {
    word.bytes().collect::<HashSet<_>>().len() > 8 && !word.to_ascii_lowercase().contains("example")
}

/// Whether a private key stands there, and not a template in its place.
fn holds_private_key(text: &str) -> bool {
    text.match_indices("-----BEGIN ").any(|(at, begin)| {
        let rest = &text[at + begin.len()..];
        rest.split_once("-----").is_some_and(|(label, body)| {
            let body = body.trim_start_matches(['\r', '\n', ' ', '\\']).trim_start_matches('n');
            label.ends_with("PRIVATE KEY")
                && label.len() < 40
                && body
                    .bytes()
                    .take_while(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(byte))
                    .count()
                    >= 32
        })
    })
}

/// A URL with a password in it that is no placeholder.
fn url_with_password(text: &str) -> Option<&'static str> {
    text.split("://").skip(1).find_map(|rest| {
        let end = rest.find(|c: char| c.is_whitespace() || "/\"'`<>".contains(c)).unwrap_or(rest.len());
        let (login, _) = rest[..end].rsplit_once('@')?;
        let (_, password) = login.split_once(':')?;
        is_no_placeholder(password).then_some("an address with its password")
    })
}

/// Ends of names under which only secrets stand.
const NAMES: [&str; 9] =
    ["password", "passwd", "passphrase", "secret", "token", "apikey", "api-key", "api_key", "private-key"];

/// Whether a whole value stands under the name of a secret and is neither a template nor a reference.
fn is_named_secret(key: &str, text: &str) -> bool {
    let (key, text) = (key.to_ascii_lowercase(), text.trim());
    let is_word = !text.contains(|c: char| c.is_whitespace() || matches!(c, '/' | ':' | ','));
    let mixed =
        text.bytes().any(|byte| byte.is_ascii_digit()) && text.bytes().any(|byte| byte.is_ascii_alphabetic());
    NAMES.iter().any(|name| key.ends_with(name)) && is_word && mixed && is_no_placeholder(text)
}

fn is_no_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    text.len() >= 8
        && !text.contains(['{', '$', '<', '*', '%'])
        && text.bytes().collect::<HashSet<_>>().len() > 4
        && !["example", "changeme", "change-me", "placeholder", "password", "secret", "dummy"]
            .iter()
            .any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_only_be_a_secret_is_found() {
        let token = format!("ghp_{}", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6");
        let key = format!("-----BEGIN {} KEY-----\n{}\n", "RSA PRIVATE", "MIIEow".repeat(8));
        for found in [
            format!("x={token}"),
            key.clone(),
            key.replace('\n', "\\n"),
            "postgres://app:k2Jd8sQx1@db:5432/app".into(),
        ] {
            assert!(known_secret(&found).is_some(), "{found}");
        }
        assert!(is_named_secret("DB_PASSWORD", "tr0ub4dor3"));
    }

    #[test]
    fn templates_references_and_examples_are_none() {
        for none in [
            "-----BEGIN RSA PRIVATE KEY-----\n{{ .key }}\n-----END RSA PRIVATE KEY-----",
            "postgres://app:{{ .password }}@db:5432/app",
            "https://user:$(PASSWORD)@host/",
            "https://user:password@host/",
            "AKIAIOSFODNN7EXAMPLE",
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "https://hooks.example.com/a@b:c",
            "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ] {
            assert_eq!(known_secret(none), None, "{none}");
        }
        for (key, none) in [
            ("password", "{{ .password }}"),
            ("token", "vault:secret/data/x#y"),
            ("secret", "my-secret-name"),
            ("password", "changeme123"),
            ("username", "tr0ub4dor3"),
            ("token", "kubernetes"),
        ] {
            assert!(!is_named_secret(key, none), "{key}: {none}");
        }
    }
}
