//! A text with its SealedSecrets unsealed, and all else as it was.

use std::fmt::Write as _;
use std::path::Path;

use rand_core::OsRng;
use zeroize::Zeroizing;

use crate::cli::sealed_files::{WORD, item_lines, near};
use crate::error::Error;
use crate::plain::Plain;
use crate::seal::diagnose::{self, Places};
use crate::seal::verify::{self, Finding, Rule};
use crate::seal::{self, Form, PrivateKeys, SealedSecret, Secret};
use crate::yaml::splice::Edit;
use crate::yaml::{self, Document};

/// What came of a text.
pub(in crate::cli) enum Outcome {
    /// There is no SealedSecret in it.
    Nothing,
    /// The text with Secrets in their place.
    Unsealed(Zeroizing<String>),
    /// Items that do not open, and why.
    Closed(Vec<Finding>),
}

/// What came of a SealedSecret.
pub(in crate::cli) enum Opened {
    /// The Secret in it.
    Secret(Box<Secret>),
    /// Items that do not open, and why.
    Closed(Vec<Finding>),
}

/// What opens SealedSecrets.
pub(in crate::cli) type Open<'o> = dyn FnMut(Document) -> Result<Opened, Error> + 'o;

/// A document that goes: its place in the text, and what comes there.
struct Exchange {
    index: usize,
    text: Zeroizing<String>,
}

/// Opens SealedSecrets with private keys, in the namespace that a kustomization gives them where one does.
pub(in crate::cli) fn with_keys<'k>(
    keys: &'k PrivateKeys,
    places: &'k Places,
    namespace: Option<&'k str>,
) -> impl FnMut(Document) -> Result<Opened, Error> + 'k {
    move |document| {
        let (lines, near, line) = (item_lines(&document), near(&document), document.line);
        let mut sealed = SealedSecret::read(document)?;
        if let Some(namespace) = namespace {
            let name = sealed.name().to_owned();
            sealed.set_place(namespace, &name);
        }
        match sealed.unseal(keys, &mut OsRng) {
            Ok(secret) => Ok(Opened::Secret(Box::new(secret))),
            Err(seal::Error::NoKeyFor(_) | seal::Error::Base64 { .. } | seal::Error::Several(_)) => {
                let verdicts = diagnose::items(&sealed, keys, &[&near, places], &mut OsRng);
                let line_of = |item: &str| lines.get(item).copied().unwrap_or(line);
                let found = diagnose::findings(&sealed, verdicts, keys, &[], line_of);
                let found = found.into_iter().filter(|finding| finding.rule != Rule::OldKey);
                Ok(Opened::Closed(found.collect()))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Unseals all SealedSecrets of a text.
#[expect(
    clippy::disallowed_methods,
    reason = "sink: the reader of manifests, whose errors show no line of them"
)]
pub(in crate::cli) fn unsealed(file: &Path, bytes: &Plain, open: &mut Open) -> Result<Outcome, Error> {
    let text = yaml::decode(file, bytes.expose().to_vec())?;
    if !text.contains(WORD) {
        return Ok(Outcome::Nothing);
    }
    let form = if text.trim_start().starts_with('{') { Form::Json } else { Form::Yaml };
    let (mut exchanges, mut closed) = (Vec::new(), Vec::new());
    for document in yaml::each(file, &text)? {
        let index = document.number - 1;
        match secrets(document, form, open)? {
            Found::Nothing => {}
            Found::Text(text) => exchanges.push(Exchange { index, text }),
            Found::Closed(mut findings) => closed.append(&mut findings),
        }
    }
    if !closed.is_empty() {
        return Ok(Outcome::Closed(closed));
    }
    if exchanges.is_empty() {
        return Ok(Outcome::Nothing);
    }
    exchanged(file, &text, &exchanges).map(Outcome::Unsealed)
}

enum Found {
    Nothing,
    Text(Zeroizing<String>),
    Closed(Vec<Finding>),
}

/// What comes in the place of a document: a Secret, or a List with Secrets in it.
fn secrets(document: Document, form: Form, open: &mut Open) -> Result<Found, Error> {
    if verify::is_sealed_secret(&document) {
        return secret(document, form, open);
    }
    let parts = document.taken_apart();
    if !parts.iter().any(verify::is_sealed_secret) {
        return Ok(Found::Nothing);
    }
    // JSON is YAML too, and can be put together from texts.
    let (mut items, mut closed) = (Vec::new(), Vec::new());
    for part in parts {
        if !verify::is_sealed_secret(&part) {
            items.push(Zeroizing::new(format!("{:#}", part.value)));
            continue;
        }
        match secret(part, Form::Json, open)? {
            Found::Text(text) => items.push(text),
            Found::Closed(mut findings) => closed.append(&mut findings),
            Found::Nothing => {}
        }
    }
    if !closed.is_empty() {
        return Ok(Found::Closed(closed));
    }
    let room = items.iter().map(|item| item.len() + 8).sum::<usize>();
    let mut list = Zeroizing::new(String::with_capacity(room + 64));
    list.push_str("{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [");
    for (number, item) in items.iter().enumerate() {
        list.push_str(if number == 0 { "\n" } else { ",\n" });
        list.push_str(item.trim_end());
    }
    list.push_str("\n]}\n");
    Ok(Found::Text(list))
}

fn secret(document: Document, form: Form, open: &mut Open) -> Result<Found, Error> {
    Ok(match open(document)? {
        Opened::Secret(secret) => Found::Text(secret.write(form)),
        Opened::Closed(findings) => Found::Closed(findings),
    })
}

/// The text with other documents in it. The editor sees marks in their place and never the Secrets: its buffers are not
/// wiped.
fn exchanged(file: &Path, text: &str, exchanges: &[Exchange]) -> Result<Zeroizing<String>, Error> {
    let mut edit = Edit::open(file, text)?;
    for exchange in exchanges {
        edit.replace_document(exchange.index, &mark(exchange.index))?;
    }
    let marked = edit.text();
    let line_end = if marked.contains("\r\n") { "\r\n" } else { "\n" };
    let room = exchanges.iter().map(|exchange| 2 * exchange.text.len()).sum::<usize>();
    let mut out = Zeroizing::new(String::with_capacity(marked.len() + room));
    let mut rest = marked.as_str();
    for exchange in exchanges {
        let Some((before, after)) = rest.split_once(&mark(exchange.index)) else { continue };
        out.push_str(before);
        let body = exchange.text.strip_prefix("---\n").unwrap_or(&exchange.text);
        for (number, line) in body.trim_end_matches('\n').split('\n').enumerate() {
            out.push_str(if number == 0 { "" } else { line_end });
            out.push_str(line);
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// What stands for a document until the Secret does. No SealedSecret looks like it.
fn mark(index: usize) -> String {
    let mut mark = String::new();
    // Writing to a text does not fail.
    let _ = write!(mark, "{{\"sealstrap.unsealed\": \"{index}\"}}");
    mark
}

/// Texts one after the other, as documents of one stream.
pub(super) fn joined(texts: &[&str]) -> Zeroizing<String> {
    let mut all = Zeroizing::new(String::with_capacity(texts.iter().map(|text| text.len() + 8).sum()));
    for text in texts {
        if !all.is_empty() {
            let end = if all.ends_with('\n') { "" } else { "\n" };
            all.push_str(end);
            all.push_str(if text.starts_with("---") { "" } else { "---\n" });
        }
        all.push_str(text);
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::seal::{Certificate, Scope};

    const KEY: &str = include_str!("../../../tests/seal/certificate.key");

    fn keys() -> PrivateKeys {
        let mut keys = PrivateKeys::new();
        keys.add(Path::new("key"), &Plain::from(KEY.to_owned())).unwrap();
        keys
    }

    fn sealed(name: &str) -> SealedSecret {
        let text = format!(
            "kind: Secret\nmetadata: {{name: {name}, namespace: shop}}\nstringData: {{k: value of {name}}}\n"
        );
        let secret = Secret::read(yaml::each(Path::new("a"), &text).unwrap().remove(0)).unwrap();
        let pem = include_bytes!("../../../tests/seal/certificate.pem");
        let recipient = Certificate::from_pem(pem).unwrap().recipient;
        SealedSecret::seal(&secret, Scope::Strict, &recipient, &mut OsRng).unwrap()
    }

    fn with(text: &str) -> Outcome {
        let (keys, places) = (keys(), Places::default());
        let text = Plain::from(text.to_owned());
        unsealed(Path::new("db.yaml"), &text, &mut with_keys(&keys, &places, None)).unwrap()
    }

    fn opened(text: &str) -> String {
        match with(text) {
            Outcome::Unsealed(text) => text.to_string(),
            Outcome::Nothing => "nothing".into(),
            Outcome::Closed(findings) => panic!("{findings:?}"),
        }
    }

    const DB: &str = "kind: Secret\nmetadata:\n  name: db\n  namespace: shop\n";

    #[test]
    fn other_documents_and_comments_stay() {
        let one = sealed("db").to_yaml();
        let text =
            format!("# of the shop\nkind: ConfigMap\ndata: {{a: 'b'}} # kept\n{one}# between\n---\na: 1");
        let out = opened(&text);
        assert!(out.starts_with("# of the shop\nkind: ConfigMap\ndata: {a: 'b'} # kept\n---\n"), "{out}");
        assert!(out.contains(DB) && out.contains("data:\n  k: dmFsdWUgb2YgZGI="), "{out}");
        assert!(out.ends_with("# between\n---\na: 1") && !out.contains("encryptedData"), "{out}");
        assert_eq!(yaml::each(Path::new("a"), &out).unwrap().len(), 3);
        assert_eq!(opened("kind: ConfigMap\n# of a SealedSecret\n"), "nothing");
    }

    #[test]
    fn windows_line_ends_stay() {
        let out = opened(&format!("a: 1\n{}", sealed("db").to_yaml()).replace('\n', "\r\n"));
        assert!(!out.replace("\r\n", "").contains('\n'), "{out:?}");
        assert!(out.contains("  name: db\r\n"), "{out}");
    }

    #[test]
    fn json_stays_json_and_a_list_a_list() {
        let json: Value = serde_json::from_str(&opened(&sealed("db").to_json())).unwrap();
        assert_eq!(json["data"]["k"], "dmFsdWUgb2YgZGI=");
        let list = format!(
            "{{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[{},{{\"kind\":\"ConfigMap\"}}]}}",
            sealed("db").to_json()
        );
        let json: Value = serde_json::from_str(&opened(&list)).unwrap();
        assert_eq!(json["items"][0]["kind"], "Secret");
        assert_eq!(json["items"][1]["kind"], "ConfigMap");
    }

    #[test]
    fn what_does_not_open_says_why() {
        let text = sealed("db").to_yaml().replace("name: db", "name: cache");
        let Outcome::Closed(findings) = with(&text) else { panic!("it must not open") };
        assert!(findings[0].message.contains("sealed for `shop/db`"), "{findings:?}");
    }

    #[test]
    fn texts_are_joined_as_documents() {
        assert_eq!(joined(&["a: 1", "---\nb: 2\n", "c: 3\n"]).as_str(), "a: 1\n---\nb: 2\n---\nc: 3\n");
    }
}
