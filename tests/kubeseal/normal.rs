//! Output with each sealed value replaced by what it holds and the label under which it opens.

use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand_core::OsRng;
use sealstrap::plain::Plain;
use sealstrap::seal::{Label, PrivateKeys, Scope, envelope};

/// The places that rows seal for.
const PLACES: [(&str, &str); 9] = [
    ("ns", "a"),
    ("ctxns", "a"),
    ("ctxns", "renamed"),
    ("ns", "renamed"),
    ("typed", "a"),
    ("env", "a"),
    ("default", "a"),
    ("ns", "zz"),
    ("ctxns", "b"),
];

/// The text with sealed values opened; all else stays, byte for byte.
pub(crate) fn text(text: &str) -> String {
    static KEYS: OnceLock<PrivateKeys> = OnceLock::new();
    let keys = KEYS.get_or_init(keys);
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(is_base64) {
        let (before, from) = rest.split_at(at);
        out += before;
        let end = from.find(|c| !is_base64(c)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        out += &opened(word, keys).unwrap_or_else(|| word.to_owned());
        rest = after;
    }
    out + rest
}

fn is_base64(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "+/=".contains(letter)
}

pub(crate) fn keys() -> PrivateKeys {
    let mut keys = PrivateKeys::new();
    keys.add("key".as_ref(), &Plain::from(include_str!("../seal/certificate.key").to_owned())).unwrap();
    keys
}

fn opened(word: &str, keys: &PrivateKeys) -> Option<String> {
    let bytes = STANDARD.decode(word).ok().filter(|bytes| bytes.len() >= 274)?;
    let strict = PLACES.iter().map(|(namespace, name)| Label::new(Scope::Strict, namespace, name));
    let wide = PLACES.iter().map(|(namespace, name)| Label::new(Scope::NamespaceWide, namespace, name));
    let anywhere = Label::new(Scope::ClusterWide, "", "");
    let mut labels = strict.chain(wide).chain([anywhere]);
    let found = labels.find_map(|label| {
        let value = envelope::unseal(keys, &label, &bytes, &mut OsRng).ok()?;
        Some(format!("<{:?} for {:?}>", String::from_utf8_lossy(value.expose()), label.text()))
    });
    Some(found.unwrap_or_else(|| "<opens nowhere>".into()))
}
