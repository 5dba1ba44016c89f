//! A SealedSecret: read with all that it holds, written as kubeseal writes it.

mod open;

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand_core::CryptoRngCore;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::json::{self, Form};
use super::scope::{Label, Scope};
use super::secret::{Reader, Secret, from_base64, texts};
use super::{Error, Recipient, envelope};
use crate::plain::Plain;
use crate::yaml::{Document, Segment};

const GROUP_VERSION: &str = "bitnami.com/v1alpha1";
const KIND: &str = "SealedSecret";

/// Maps in which only texts may stand.
const TEXT_MAPS: [&[&str]; 5] = [
    &["metadata", "labels"],
    &["metadata", "annotations"],
    &["spec", "template", "metadata", "labels"],
    &["spec", "template", "metadata", "annotations"],
    &["spec", "template", "data"],
];

/// A SealedSecret. Fields that are not known here are kept as they are.
#[derive(Debug, Clone)]
pub struct SealedSecret {
    object: Map<String, Value>,
    name: String,
    namespace: String,
    annotations: BTreeMap<String, String>,
    items: BTreeMap<String, String>,
}

impl SealedSecret {
    /// Seals a Secret for a recipient. Labels, annotations and type go into the template, in clear; the scope is said
    /// both there, where it differs from what the Secret says, and on the SealedSecret, where the controller reads it.
    ///
    /// # Errors
    /// A Secret without a name, or without the namespace that the scope binds it to; randomness that cannot be had.
    pub fn seal(
        secret: &Secret,
        scope: Scope,
        recipient: &Recipient,
        rng: &mut impl CryptoRngCore,
    ) -> Result<Self, Error> {
        let mut sealed = Self::without_items(secret, scope)?;
        for (key, value) in &secret.items {
            sealed.insert(key, value, recipient, rng)?;
        }
        Ok(sealed)
    }

    /// All of a SealedSecret but its items.
    pub(super) fn without_items(secret: &Secret, scope: Scope) -> Result<Self, Error> {
        if secret.name.is_empty() {
            return Err(Error::NoName);
        }
        if scope != Scope::ClusterWide && secret.namespace.is_empty() {
            return Err(Error::NoNamespace);
        }
        let mut annotations = BTreeMap::new();
        scope.annotate(&mut annotations);
        let mut within = secret.annotations.clone();
        if Scope::of(&within) != scope {
            scope.annotate(&mut within);
        }
        let mut template = Map::from_iter([("metadata".into(), Value::Object(secret.metadata()))]);
        if within != secret.annotations {
            template["metadata"]["annotations"] = texts(&within);
        }
        template.extend(secret.kind.iter().map(|kind| ("type".into(), kind.as_str().into())));
        template.extend(secret.immutable.iter().map(|flag| ("immutable".into(), (*flag).into())));
        let outer = Secret {
            name: secret.name.clone(),
            namespace: secret.namespace.clone(),
            annotations: annotations.clone(),
            ..Secret::default()
        };
        let spec = Map::from_iter([("template".into(), Value::Object(template))]);
        let object = Map::from_iter([
            ("kind".into(), KIND.into()),
            ("apiVersion".into(), GROUP_VERSION.into()),
            ("metadata".into(), Value::Object(outer.metadata())),
            ("spec".into(), Value::Object(spec)),
        ]);
        let Secret { name, namespace, .. } = outer;
        Ok(Self { object, name, namespace, annotations, items: BTreeMap::new() })
    }

    /// Reads a SealedSecret.
    ///
    /// # Errors
    /// What is none, an item that is no text, the old form with all values in one blob; with file and line.
    pub fn read(document: Document) -> Result<Self, Error> {
        let reader = Reader(&document);
        let field = |key: &str| document.value.get(key).and_then(Value::as_str).unwrap_or_default();
        if field("kind") != KIND || field("apiVersion") != GROUP_VERSION {
            let hint = format!("it begins with `apiVersion: {GROUP_VERSION}` and `kind: {KIND}`");
            return Err(reader.complaint(&[], "this document is not a SealedSecret", Some(&hint)));
        }
        if document.value.get("spec").is_some_and(|spec| !spec.is_object() && !spec.is_null()) {
            return Err(reader.complaint(&["spec".into()], "`spec` must be a mapping", None));
        }
        let (items, annotations) =
            (reader.items()?, reader.text_map(&["metadata".into(), "annotations".into()])?);
        if items.is_empty() && reader.at(&["spec".into(), "data".into()]).is_some_and(|blob| !blob.is_null())
        {
            return Err(Error::DeprecatedData);
        }
        let name = reader.field(&["metadata".into(), "name".into()])?.unwrap_or_default();
        let namespace = reader.field(&["metadata".into(), "namespace".into()])?.unwrap_or_default();
        let mut texts_of = Vec::new();
        for path in TEXT_MAPS {
            let path: Vec<Segment> = path.iter().map(|key| Segment::from(*key)).collect();
            let map = reader.text_map(&path)?;
            texts_of.extend((!map.is_empty()).then_some((path, texts(&map))));
        }
        let mut document = document;
        for (path, map) in texts_of {
            put(&mut document.value, &path, map);
        }
        let Value::Object(object) = document.value.take() else { return Err(Error::NoName) };
        Ok(Self { object, name, namespace, annotations, items })
    }

    /// Reads what a controller answers with: the same, though it says neither its kind nor its version.
    ///
    /// # Errors
    /// As [`SealedSecret::read`].
    pub fn read_answer(mut document: Document) -> Result<Self, Error> {
        if let Value::Object(object) = &mut document.value {
            object.entry("apiVersion").or_insert_with(|| GROUP_VERSION.into());
            object.entry("kind").or_insert_with(|| KIND.into());
        }
        Self::read(document)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its namespace; empty where it names none.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Its scope. That is what its own annotations say; those of the template do not count.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::of(&self.annotations)
    }

    /// The label under which its items are sealed.
    #[must_use]
    pub fn label(&self) -> Label {
        Label::new(self.scope(), &self.namespace, &self.name)
    }

    /// Moves it, as a kustomization does: its items are as they were, and open only where they are sealed for that place.
    pub fn set_place(&mut self, namespace: &str, name: &str) {
        let metadata = child(&mut self.object, "metadata");
        for (key, held, new) in
            [("namespace", &mut self.namespace, namespace), ("name", &mut self.name, name)]
        {
            if *held != new {
                metadata.insert(key.into(), new.into());
                new.clone_into(held);
            }
        }
    }

    /// The names of its items.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.items.keys().map(String::as_str)
    }

    /// An item as it stands in the file, in base64.
    #[must_use]
    pub fn item(&self, key: &str) -> Option<&str> {
        self.items.get(key).map(String::as_str)
    }

    /// An item's bytes.
    ///
    /// # Errors
    /// No such item, or one that is not base64.
    pub fn bytes(&self, key: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
        from_base64(self.item(key).unwrap_or_default())
            .map_err(|at| Error::Base64 { key: key.to_owned(), at })
    }

    /// Bytes of the modulus that an item is sealed for, as its own length says; nothing where it is broken.
    #[must_use]
    pub fn modulus(&self, key: &str) -> Option<usize> {
        Some(envelope::parts(&self.bytes(key).ok()?).ok()?.0.len())
    }

    /// The templates of values that the controller renders.
    pub fn templates(&self) -> impl Iterator<Item = &str> {
        let data = self.object.get("spec").and_then(|spec| spec.get("template")?.get("data")?.as_object());
        data.into_iter().flatten().filter_map(|(_, text)| text.as_str())
    }

    /// Seals one value and puts it in, over one of that name.
    ///
    /// # Errors
    /// As [`envelope::seal`].
    pub fn insert(
        &mut self,
        key: &str,
        value: &Plain,
        recipient: &Recipient,
        rng: &mut impl CryptoRngCore,
    ) -> Result<(), Error> {
        let sealed = envelope::seal(recipient, &self.label(), value, rng)?;
        self.items.insert(key.to_owned(), STANDARD.encode(sealed));
        Ok(())
    }

    /// Takes an item out; nothing where there is none.
    pub fn remove(&mut self, key: &str) -> Option<String> {
        self.items.remove(key)
    }

    /// The object in a form.
    #[must_use]
    pub fn write(&self, form: Form) -> String {
        std::mem::take(&mut *json::write(&self.whole(), form))
    }

    /// The object as JSON, as kubeseal writes it.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.write(Form::Json)
    }

    /// The object as YAML, as kubeseal writes it.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        self.write(Form::Yaml)
    }

    /// The object with its items.
    fn whole(&self) -> Map<String, Value> {
        let mut object = self.object.clone();
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.retain(|_, value| !value.is_null());
        }
        let spec = child(&mut object, "spec");
        let template = child(spec, "template");
        template.retain(|_, value| !value.is_null());
        child(template, "metadata").retain(|_, value| !value.is_null());
        spec.insert("encryptedData".into(), texts(&self.items));
        object
    }

    /// The object with its items, as a value.
    pub(super) fn value(&self) -> Value {
        Value::Object(self.whole())
    }

    /// The template, made where there is none.
    pub(super) fn template_mut(&mut self) -> &mut Map<String, Value> {
        child(child(&mut self.object, "spec"), "template")
    }

    pub(super) fn template(&self) -> Map<String, Value> {
        self.object
            .get("spec")
            .and_then(|spec| spec.get("template")?.as_object())
            .cloned()
            .unwrap_or_default()
    }

    /// A text of the template's metadata; empty where there is none.
    pub(super) fn template_text(&self, key: &str) -> &str {
        let metadata = self.object.get("spec").and_then(|spec| spec.get("template")?.get("metadata"));
        metadata.and_then(|metadata| metadata.get(key)?.as_str()).unwrap_or_default()
    }

    pub(super) fn items_mut(&mut self) -> &mut BTreeMap<String, String> {
        &mut self.items
    }
}

impl Reader<'_> {
    /// The items of `spec.encryptedData`, all of them texts.
    fn items(&self) -> Result<BTreeMap<String, String>, Error> {
        let path = ["spec".into(), "encryptedData".into()];
        let items = self.text_map(&path)?;
        for key in items.keys() {
            let path: Vec<_> = path.iter().cloned().chain([key.as_str().into()]).collect();
            if !self.at(&path).is_some_and(Value::is_string) {
                let what = format!("`spec.encryptedData.{key}` must be a text");
                return Err(self.complaint(
                    &path,
                    what,
                    Some("the controller would leave it out without a word"),
                ));
            }
        }
        Ok(items)
    }
}

/// Puts a map in the place of the one that stands there.
fn put(value: &mut Value, path: &[Segment], map: Value) {
    let place = path.iter().try_fold(value, |value, segment| match segment {
        Segment::Key(key) => value.get_mut(key),
        Segment::Index(index) => value.get_mut(index),
    });
    if let Some(place) = place {
        *place = map;
    }
}

/// The mapping under a key, made where there is none.
pub(super) fn child<'m>(map: &'m mut Map<String, Value>, key: &str) -> &'m mut Map<String, Value> {
    let value = map.entry(key).or_insert(Value::Null);
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(map) => map,
        _ => unreachable!("it was made a mapping"),
    }
}
