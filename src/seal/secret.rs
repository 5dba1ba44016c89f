//! A Secret: read from a manifest without guessing, written with its values only where somebody unseals.

use std::collections::BTreeMap;

use base64::Engine;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};
use zeroize::{Zeroize, Zeroizing};

use super::json::{self, Form};
use super::scope::Scope;
use super::{Error, Label};
use crate::plain::Plain;
use crate::yaml::{self, Document, LAST_APPLIED, Segment};

/// Fields of metadata that are sealed along, beside name, namespace, labels and annotations. All others are the
/// server's own, or mean something in one cluster only; `managedFields` names the fields of the live Secret.
const KEPT: [&str; 2] = ["generateName", "finalizers"];

/// A Secret with its values.
#[derive(Debug, Default)]
pub struct Secret {
    /// Its name; empty where it has none.
    pub name: String,
    /// Its namespace; empty where it names none.
    pub namespace: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its annotations, without those that tools fill with values.
    pub annotations: BTreeMap<String, String>,
    /// Its type, where it says one.
    pub kind: Option<String>,
    /// Whether it says that it may not be changed.
    pub immutable: Option<bool>,
    /// Its values: `data` decoded, and `stringData` over it.
    pub items: BTreeMap<String, Plain>,
    /// The keys of items that stood in base64.
    pub(super) encoded: std::collections::BTreeSet<String>,
    /// Further fields of its metadata.
    pub(super) metadata: Map<String, Value>,
}

impl Secret {
    /// Reads a Secret. Scalars that YAML takes for something else than what is written are refused in places where
    /// texts are wanted; so are kinds other than Secret.
    ///
    /// # Errors
    /// What is no Secret or not formed like one, with file and line and without any value.
    pub fn read(document: Document) -> Result<Self, Error> {
        let reader = Reader(&document);
        reader.check_kind()?;
        let mut secret = reader.shell()?;
        reader.check_keys(&["data".into()])?;
        reader.check_keys(&["stringData".into()])?;
        let mut document = document;
        // One value at a time: those that are left in the document are wiped with it, whatever becomes of this one.
        for key in keys_of(&document, "data")? {
            let value = document.value["data"][&key].take();
            let value = decoded(&document, &key, value)?;
            secret.encoded.insert(key.clone());
            secret.items.insert(key, value);
        }
        for key in keys_of(&document, "stringData")? {
            let value = document.value["stringData"][&key].take();
            let path = ["stringData".into(), Segment::Key(key.clone())];
            let text = Reader(&document).text(&path, &value);
            let mut value = Zeroing(value);
            let text = match std::mem::take(&mut value.0) {
                Value::String(text) => text,
                _ => text?,
            };
            secret.encoded.remove(&key);
            secret.items.insert(key, Plain::from(text));
        }
        Ok(secret)
    }

    /// Reads Secrets, taking Lists apart.
    ///
    /// # Errors
    /// As [`Secret::read`].
    pub fn of_list(documents: Vec<Document>) -> Result<Vec<Self>, Error> {
        documents.into_iter().flat_map(Document::taken_apart).map(Self::read).collect()
    }

    /// The scope that its annotations say.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::of(&self.annotations)
    }

    /// The label under which it is sealed.
    #[must_use]
    pub fn label(&self, scope: Scope) -> Label {
        Label::new(scope, &self.namespace, &self.name)
    }

    /// The finalizers that it is made with.
    pub fn finalizers(&self) -> impl Iterator<Item = &str> {
        let list = self.metadata.get("finalizers").and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str)
    }

    /// Gives it finalizers; none takes them away.
    pub fn set_finalizers(&mut self, finalizers: Vec<String>) {
        self.metadata.remove("finalizers");
        if !finalizers.is_empty() {
            self.metadata.insert("finalizers".into(), finalizers.into());
        }
    }

    /// The Secret as a manifest, values in base64; wiped when dropped.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "sink: an unsealed Secret, asked for by whoever holds the key"
    )]
    pub fn write(&self, form: Form) -> Zeroizing<String> {
        let mut object = Map::new();
        object.insert("kind".into(), "Secret".into());
        object.insert("apiVersion".into(), "v1".into());
        object.insert("metadata".into(), Value::Object(self.metadata()));
        if let Some(immutable) = self.immutable {
            object.insert("immutable".into(), immutable.into());
        }
        if !self.items.is_empty() {
            let encoded =
                |(key, value): (&String, &Plain)| (key.clone(), STANDARD.encode(value.expose()).into());
            object.insert("data".into(), Value::Object(self.items.iter().map(encoded).collect()));
        }
        if let Some(kind) = &self.kind {
            object.insert("type".into(), kind.as_str().into());
        }
        let text = json::write(&object, form);
        object.values_mut().for_each(yaml::wipe);
        text
    }

    /// Its metadata; what is empty is left out.
    pub(super) fn metadata(&self) -> Map<String, Value> {
        let mut metadata = self.metadata.clone();
        for (key, text) in [("name", &self.name), ("namespace", &self.namespace)] {
            if !text.is_empty() {
                metadata.insert(key.into(), text.as_str().into());
            }
        }
        for (key, map) in [("labels", &self.labels), ("annotations", &self.annotations)] {
            if !map.is_empty() {
                metadata.insert(key.into(), texts(map));
            }
        }
        metadata
    }
}

/// A map of texts as JSON.
pub(super) fn texts(map: &BTreeMap<String, String>) -> Value {
    Value::Object(map.iter().map(|(key, text)| (key.clone(), text.as_str().into())).collect())
}

/// A value that is wiped when dropped.
struct Zeroing(Value);

impl Drop for Zeroing {
    fn drop(&mut self) {
        yaml::wipe(&mut self.0);
    }
}

/// Reads parts of a document, and complains with their places.
pub(super) struct Reader<'d>(pub(super) &'d Document);

impl Reader<'_> {
    /// A complaint about what stands at a path.
    pub(super) fn complaint(&self, path: &[Segment], what: impl Into<String>, hint: Option<&str>) -> Error {
        let place = self.0.place(path);
        Error::Document { place, complaint: what.into(), hint: hint.map(str::to_owned) }
    }

    fn check_kind(&self) -> Result<(), Error> {
        let Some(top) = self.0.value.as_object() else {
            return Err(self.complaint(&[], "this document is not a Secret, but no mapping at all", None));
        };
        let field = |key: &str| top.get(key).and_then(Value::as_str);
        match (field("apiVersion"), field("kind")) {
            (Some("v1") | None, Some("Secret") | None) => {}
            (group, kind) => {
                let what = format!(
                    "this is a {} of `{}`, not a Secret",
                    kind.unwrap_or("thing"),
                    group.unwrap_or("")
                );
                return Err(self.complaint(&["kind".into()], what, None));
            }
        }
        let near = |key: &&String| {
            ["data", "stringData"].iter().any(|known| key.eq_ignore_ascii_case(known) && key != known)
        };
        match top.keys().find(near) {
            None => Ok(()),
            Some(key) => {
                let what = format!("a Secret has no field `{key}`");
                Err(self.complaint(&[key.as_str().into()], what, Some("write `data` or `stringData`")))
            }
        }
    }

    /// All of a Secret but its values.
    fn shell(&self) -> Result<Secret, Error> {
        for key in ["labels", "annotations"] {
            self.check_keys(&["metadata".into(), key.into()])?;
        }
        let mut annotations = self.text_map(&["metadata".into(), "annotations".into()])?;
        annotations.retain(|key, _| !LAST_APPLIED.contains(&key.as_str()));
        let metadata = self.0.value.get("metadata").and_then(Value::as_object);
        let kept = KEPT.iter().filter_map(|key| metadata?.get_key_value(*key));
        let present = kept.filter(|(_, value)| !is_empty(value));
        Ok(Secret {
            name: self.field(&["metadata".into(), "name".into()])?.unwrap_or_default(),
            namespace: self.field(&["metadata".into(), "namespace".into()])?.unwrap_or_default(),
            labels: self.text_map(&["metadata".into(), "labels".into()])?,
            annotations,
            kind: self.field(&["type".into()])?.filter(|kind| !kind.is_empty()),
            immutable: self.flag("immutable")?,
            items: BTreeMap::new(),
            encoded: std::collections::BTreeSet::new(),
            metadata: present.map(|(key, value)| (key.clone(), value.clone())).collect(),
        })
    }

    /// Refuses keys of a mapping that YAML takes for something else than what is written.
    fn check_keys(&self, path: &[Segment]) -> Result<(), Error> {
        let keys = self.at(path).and_then(Value::as_object).into_iter().flat_map(Map::keys);
        for key in keys {
            let below: Vec<_> = path.iter().cloned().chain([Segment::Key(key.clone())]).collect();
            if let Some((written, line)) = self.0.written_key(&below) {
                return Err(Error::Document {
                    place: self.0.place_in(line),
                    complaint: format!(
                        "the key that is written `{written}` in `{}` is `{key}` to YAML",
                        dotted(path)
                    ),
                    hint: Some("put it in quotes".into()),
                });
            }
        }
        Ok(())
    }

    pub(super) fn at(&self, path: &[Segment]) -> Option<&Value> {
        path.iter().try_fold(&self.0.value, |value, segment| match segment {
            Segment::Key(key) => value.get(key),
            Segment::Index(index) => value.get(index),
        })
    }

    fn flag(&self, key: &str) -> Result<Option<bool>, Error> {
        match self.at(&[key.into()]) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(self.complaint(&[key.into()], format!("`{key}` must be true or false"), None)),
        }
    }

    /// A text, where there is one.
    pub(super) fn field(&self, path: &[Segment]) -> Result<Option<String>, Error> {
        match self.at(path) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => self.text(path, value).map(Some),
        }
    }

    /// A map of texts; an absent one is empty.
    pub(super) fn text_map(&self, path: &[Segment]) -> Result<BTreeMap<String, String>, Error> {
        let map = match self.at(path) {
            None | Some(Value::Null) => return Ok(BTreeMap::new()),
            Some(Value::Object(map)) => map,
            Some(_) => {
                return Err(self.complaint(path, format!("`{}` must be a mapping", dotted(path)), None));
            }
        };
        let entry = |(key, value): (&String, &Value)| {
            let path: Vec<_> = path.iter().cloned().chain([Segment::Key(key.clone())]).collect();
            Ok((key.clone(), self.text(&path, value)?))
        };
        map.iter().map(entry).collect()
    }

    /// A scalar as text: what is written, where YAML's meaning of it is written the same way.
    fn text(&self, path: &[Segment], value: &Value) -> Result<String, Error> {
        let name = dotted(path);
        let meaning = match (value, self.0.written(path)) {
            (Value::String(text), _) => return Ok(text.clone()),
            (Value::Null, _) => return Ok(String::new()),
            (Value::Object(_) | Value::Array(_), _) => {
                return Err(self.complaint(path, format!("`{name}` must be a text"), None));
            }
            // JSON has one way to write these.
            (Value::Bool(flag), None) => return Ok(flag.to_string()),
            (Value::Number(number), None) if !number.is_f64() => return Ok(number.to_string()),
            (Value::Number(_), None) => {
                return Err(self.complaint(
                    path,
                    format!("`{name}` must be a text"),
                    Some("put it in quotes"),
                ));
            }
            (scalar, Some(written)) if is_written_so(scalar, written) => return Ok(written.to_owned()),
            (Value::Bool(_), Some(_)) => "a boolean",
            _ => "a number that is written in other ways as well",
        };
        let what = format!("what is written as `{name}` is {meaning} to YAML, not a text");
        Err(self.complaint(path, what, Some("put it in quotes")))
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// Whether a number or boolean is written in the way in which a text of it would be.
fn is_written_so(scalar: &Value, written: &str) -> bool {
    let text = scalar.to_string();
    text == written
}

fn dotted(path: &[Segment]) -> String {
    let part = |segment: &Segment| match segment {
        Segment::Key(key) => key.clone(),
        Segment::Index(index) => index.to_string(),
    };
    path.iter().map(part).collect::<Vec<_>>().join(".")
}

/// The keys of a map of values.
fn keys_of(document: &Document, key: &str) -> Result<Vec<String>, Error> {
    match document.value.get(key) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(map)) => Ok(map.keys().cloned().collect()),
        Some(_) => Err(Reader(document).complaint(&[key.into()], format!("`{key}` must be a mapping"), None)),
    }
}

/// Go takes line ends within base64, and does not look at the bits that the last letter has too many.
const LENIENT: GeneralPurpose =
    GeneralPurpose::new(&ALPHABET, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

/// The bytes of base64 as the API server takes it, or the byte at which it stops to be base64.
pub(super) fn from_base64(text: &str) -> Result<Zeroizing<Vec<u8>>, usize> {
    let mut joined = Zeroizing::new(String::with_capacity(text.len()));
    joined.extend(text.split(['\r', '\n']));
    let mut bytes = Zeroizing::new(Vec::with_capacity(joined.len() / 4 * 3 + 3));
    LENIENT.decode_vec(joined.as_bytes(), &mut bytes).map_err(|error| match error {
        base64::DecodeError::InvalidByte(at, _) | base64::DecodeError::InvalidLastSymbol(at, _) => at,
        base64::DecodeError::InvalidLength(_) | base64::DecodeError::InvalidPadding => joined.len() / 4 * 4,
    })?;
    Ok(bytes)
}

/// A value of `data`.
fn decoded(document: &Document, key: &str, value: Value) -> Result<Plain, Error> {
    let mut value = Zeroing(value);
    let path = ["data".into(), Segment::Key(key.to_owned())];
    let complaint = |what: String, hint| Err(Reader(document).complaint(&path, what, Some(hint)));
    match &mut value.0 {
        Value::Null => Ok(Plain::new(Vec::new())),
        Value::String(text) => {
            let decoded = from_base64(text);
            text.zeroize();
            match decoded {
                Ok(bytes) => Ok(Plain::new(bytes.to_vec())),
                Err(at) => {
                    let what = format!("`data.{key}` is not base64: it ends to be so at byte {at}");
                    complaint(what, "write plain text under `stringData`")
                }
            }
        }
        _ => complaint(format!("`data.{key}` must be a text in base64"), "put it in quotes"),
    }
}
