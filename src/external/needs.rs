//! What an ExternalSecret reads from Vault.

use std::collections::BTreeMap;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;
use zeroize::Zeroizing;

use super::Error;
use crate::plain::Plain;
use crate::yaml::{Document, Segment};

/// What an ExternalSecret reads: values one by one, and whole paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Of `data`, by the key of the Secret.
    pub items: BTreeMap<String, Item>,
    /// Of `dataFrom.extract`, in their order. Later ones win over earlier ones, and single values over all of them.
    pub wholes: Vec<Item>,
}

/// A value, or all values of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The path below the mount, without `data/`.
    pub path: String,
    /// The key in Vault; none for the whole path.
    pub property: Option<String>,
    /// The version in Vault, where one is named.
    pub version: Option<String>,
    /// How what lies there is decoded.
    pub decoding: Decoding,
}

/// How a value is decoded that was read from Vault.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Decoding {
    /// Not at all.
    #[default]
    None,
    /// Base64 (RFC 4648 §4).
    Base64,
    /// Base64 for addresses (RFC 4648 §5).
    Base64Url,
    /// As the first of both that it happens to be, else not at all.
    Auto,
}

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::RequireCanonical);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

impl Decoding {
    /// The value that is meant by what lies in Vault; nothing where it is not encoded so.
    #[must_use]
    pub fn decode(self, value: Plain) -> Option<Plain> {
        match self {
            Self::None => Some(value),
            Self::Base64 => decoded(&value, &STANDARD),
            Self::Base64Url => decoded(&value, &URL_SAFE),
            Self::Auto => guessed(&value).or(Some(value)),
        }
    }

    /// Whether what lies in Vault is meant for a value; nothing where it is not encoded so.
    #[must_use]
    pub fn gives(self, lying: &Plain, value: &Plain) -> Option<bool> {
        match self {
            Self::None => Some(lying.same_as(value)),
            Self::Base64 => decoded(lying, &STANDARD).map(|meant| meant.same_as(value)),
            Self::Base64Url => decoded(lying, &URL_SAFE).map(|meant| meant.same_as(value)),
            Self::Auto => Some(guessed(lying).as_ref().unwrap_or(lying).same_as(value)),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "sink: values decoded as the operator would")]
fn decoded(value: &Plain, engine: &GeneralPurpose) -> Option<Plain> {
    let text: Zeroizing<Vec<u8>> =
        Zeroizing::new(value.expose().iter().copied().filter(|c| !matches!(c, b'\r' | b'\n')).collect());
    engine.decode(&*text).ok().map(Plain::new)
}

fn guessed(value: &Plain) -> Option<Plain> {
    decoded(value, &STANDARD).or_else(|| decoded(value, &URL_SAFE))
}

/// What an ExternalSecret reads from its store.
///
/// # Errors
/// With its place, what names no certain value: `find`, generators, rewrites, metadata, a store of its own, `Auto`, which
/// guesses, and properties that are missing.
pub fn needs(document: &Document) -> Result<Needs, Error> {
    let mut needs = Needs::default();
    let mut errors = Vec::new();
    for (index, entry) in list(document, "data") {
        match single(document, index, entry) {
            Ok((key, item)) => drop(needs.items.insert(key, item)),
            Err(error) => errors.push(error),
        }
    }
    for (index, entry) in list(document, "dataFrom") {
        match whole(document, index, entry) {
            Ok(item) => needs.wholes.push(item),
            Err(error) => errors.push(error),
        }
    }
    Error::all(errors).map(|()| needs)
}

fn list<'d>(document: &'d Document, field: &str) -> impl Iterator<Item = (usize, &'d Value)> {
    let list = document.value.get("spec").and_then(|spec| spec.get(field)?.as_array());
    list.into_iter().flatten().enumerate()
}

fn refuse(document: &Document, path: &[Segment], what: String) -> Error {
    Error::refused(&document.place(path), what, "write values out one by one under `data`")
}

fn single(document: &Document, index: usize, entry: &Value) -> Result<(String, Item), Error> {
    let at = |field: &str| ["spec".into(), "data".into(), index.into(), Segment::from(field)];
    let Some(key) = entry.get("secretKey").and_then(Value::as_str) else {
        return Err(refuse(document, &at("secretKey"), "this entry has no `secretKey`".into()));
    };
    if entry.get("sourceRef").is_some_and(|source| !source.is_null()) {
        let what = format!("`{key}` is read from a store or generator of its own");
        return Err(refuse(document, &at("sourceRef"), what));
    }
    let reference = entry.get("remoteRef").unwrap_or(&Value::Null);
    let item = item(reference).map_err(|why| refuse(document, &at("remoteRef"), format!("`{key}` {why}")))?;
    if item.decoding == Decoding::Auto {
        return Err(refuse(document, &at("remoteRef"), format!("`{key}` is decoded by guess (`Auto`)")));
    }
    if item.property.is_none() {
        let what = format!("`{key}` is all of the path `{}` as JSON", item.path);
        return Err(refuse(document, &at("remoteRef"), what));
    }
    Ok((key.to_owned(), item))
}

fn whole(document: &Document, index: usize, entry: &Value) -> Result<Item, Error> {
    let at = |field: &str| ["spec".into(), "dataFrom".into(), index.into(), Segment::from(field)];
    let has = |field: &str| entry.get(field).is_some_and(|value| !value.is_null());
    for (field, what) in [
        ("find", "what `find` finds is known to the operator only"),
        ("sourceRef", "it is read from a store or generator of its own"),
        ("rewrite", "its keys are rewritten by the operator"),
    ] {
        if has(field) {
            return Err(refuse(document, &at(field), what.into()));
        }
    }
    let Some(extract) = entry.get("extract") else {
        return Err(refuse(document, &at("extract"), "this entry reads nothing".into()));
    };
    let item = item(extract).map_err(|why| refuse(document, &at("extract"), format!("`extract` {why}")))?;
    match item {
        Item { decoding: Decoding::Auto, .. } => {
            Err(refuse(document, &at("extract"), "`extract` decodes by guess (`Auto`)".into()))
        }
        Item { property: Some(_), .. } => {
            Err(refuse(document, &at("extract"), "it extracts a part of one value".into()))
        }
        item => Ok(item),
    }
}

/// A remote reference; why not is to be read after what refers.
pub(super) fn item(reference: &Value) -> Result<Item, String> {
    let text = |field: &str| reference.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
    if text("metadataPolicy") == Some("Fetch") {
        return Err("is metadata, no value".into());
    }
    let decoding = match text("decodingStrategy") {
        None | Some("None") => Decoding::None,
        Some("Base64") => Decoding::Base64,
        Some("Base64URL") => Decoding::Base64Url,
        Some("Auto") => Decoding::Auto,
        Some(other) => return Err(format!("is decoded by no known strategy (`{other}`)")),
    };
    let path = text("key").ok_or("names no path")?.to_owned();
    let owned = |field: &str| text(field).map(str::to_owned);
    Ok(Item { path, property: owned("property"), version: owned("version"), decoding })
}
