//! Secrets: read into values that cannot be shown, written by server-side apply, and rid of the copy that
//! client-side apply leaves in an annotation.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::object::{APPLY, Apply, MERGE, check_names};
use super::wire::{Ask, Deed};
use super::{Cluster, Error};
use crate::plain::Plain;

/// Where client-side apply keeps the whole object, values included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// A Secret as it lies in the cluster.
#[derive(Debug)]
pub struct Secret {
    /// Its values.
    pub data: BTreeMap<String, Plain>,
    /// Its type.
    pub kind: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its annotations, without the one that client-side apply fills with values.
    pub annotations: BTreeMap<String, String>,
    /// Whether client-side apply left its values in the last-applied annotation.
    pub has_last_applied: bool,
    /// Who owns it: kind and name of the controller, for example `ExternalSecret/github-deploy-key`.
    pub owner: Option<String>,
    /// Field managers of its data keys, by key; several are joined by `, `.
    pub managers: BTreeMap<String, String>,
}

/// A Secret to be applied.
#[derive(Debug)]
pub struct SecretWrite {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its type; `Opaque` in most cases.
    pub kind: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
    /// Its values.
    pub data: BTreeMap<String, Plain>,
}

impl Cluster {
    /// The Secret's values, or nothing.
    ///
    /// # Errors
    /// A refusal, or an API server that cannot be reached.
    pub async fn secret(&self, namespace: &str, name: &str) -> Result<Option<Secret>, Error> {
        let deed = deed("read", "get", namespace, name);
        let found: Option<Wire> =
            self.json_if_found(Ask::new(Method::GET, path(namespace, name, &deed)?), &deed).await?;
        Ok(found.map(Secret::from))
    }

    /// Puts an annotation on a Secret, which must be there.
    ///
    /// # Errors
    /// A refusal, or an API server that cannot be reached.
    pub async fn annotate_secret(
        &self,
        namespace: &str,
        name: &str,
        key: &str,
        value: &str,
    ) -> Result<(), Error> {
        let deed = deed("annotate", "patch", namespace, name);
        let patch = json!({"metadata": {"annotations": {key: value}}});
        self.patch_secret(namespace, name, &patch, &deed).await
    }

    /// Applies a Secret by server-side apply with `data` only, and removes a last-applied annotation.
    ///
    /// # Errors
    /// [`super::super::Cause::Conflict`] with managers and fields where others own them and `how` does not
    /// force, other refusals.
    pub async fn apply_secret(&self, secret: SecretWrite, how: Apply<'_>) -> Result<(), Error> {
        let (namespace, name) = (secret.namespace.clone(), secret.name.clone());
        let deed = deed("apply", "patch", &namespace, &name);
        let ask = Ask::new(Method::PATCH, path(&namespace, &name, &deed)?).query(&how.query());
        let applied: Wire = self.json(ask.body(APPLY, body_of(&secret)), &deed).await?;
        drop(secret);
        if applied.metadata.annotations.has_last_applied && !how.dry_run {
            self.drop_last_applied(&namespace, &name).await?;
        }
        Ok(())
    }

    /// Removes the annotation in which client-side apply keeps a Secret's values.
    ///
    /// # Errors
    /// A refusal, or an API server that cannot be reached.
    pub async fn drop_last_applied(&self, namespace: &str, name: &str) -> Result<(), Error> {
        let deed = deed("remove the copy of values in an annotation of", "patch", namespace, name);
        let patch = json!({"metadata": {"annotations": {LAST_APPLIED: null}}});
        self.patch_secret(namespace, name, &patch, &deed).await
    }

    async fn patch_secret(
        &self,
        namespace: &str,
        name: &str,
        patch: &Value,
        deed: &Deed,
    ) -> Result<(), Error> {
        let ask =
            Ask::new(Method::PATCH, path(namespace, name, deed)?).query(&[("fieldManager", "sealstrap")]);
        self.accepted(ask.json(MERGE, patch), deed).await.map(drop)
    }
}

fn deed(action: &str, verb: &'static str, namespace: &str, name: &str) -> Deed {
    Deed::new(format!("{action} Secret `{namespace}/{name}`"), verb, "secrets", Some(namespace))
}

fn path(namespace: &str, name: &str, deed: &Deed) -> Result<String, Error> {
    check_names(Some(namespace), name, deed)?;
    Ok(format!("/api/v1/namespaces/{namespace}/secrets/{name}"))
}

/// The body of an apply: values as base64 in `data`, never in `stringData`, which does not mix with it.
#[expect(clippy::disallowed_methods, reason = "sink: the values go to the API server, as a Secret")]
fn body_of(secret: &SecretWrite) -> Zeroizing<Vec<u8>> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body<'a> {
        api_version: &'static str,
        kind: &'static str,
        metadata: Metadata<'a>,
        #[serde(rename = "type")]
        of_kind: &'a str,
        data: BTreeMap<&'a str, &'a str>,
    }
    #[derive(Serialize)]
    struct Metadata<'a> {
        name: &'a str,
        namespace: &'a str,
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        labels: &'a BTreeMap<String, String>,
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        annotations: &'a BTreeMap<String, String>,
    }
    let encoded =
        secret.data.iter().map(|(key, value)| (key, Zeroizing::new(STANDARD.encode(value.expose()))));
    let encoded: Vec<_> = encoded.collect();
    let SecretWrite { name, namespace, labels, annotations, kind, .. } = secret;
    let body = Body {
        api_version: "v1",
        kind: "Secret",
        metadata: Metadata { name, namespace, labels, annotations },
        of_kind: kind,
        data: encoded.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect(),
    };
    // Room for all of it, so that it does not move and leave copies behind.
    let words = labels.iter().chain(annotations).map(|(key, value)| key.len() + 2 * value.len() + 8);
    let values = encoded.iter().map(|(key, value)| key.len() + value.len() + 8);
    let mut bytes = Zeroizing::new(Vec::with_capacity(1024 + words.chain(values).sum::<usize>()));
    serde_json::to_writer(&mut *bytes, &body)
        .unwrap_or_else(|_| unreachable!("strings under string keys are always JSON"));
    bytes
}

impl From<Wire> for Secret {
    fn from(wire: Wire) -> Self {
        let Metadata { name: _, labels, annotations, owner_references, managed_fields } = wire.metadata;
        let owner = owner_references.iter().find(|owner| owner.controller == Some(true));
        let mut managers: BTreeMap<String, String> = BTreeMap::new();
        for entry in &managed_fields {
            let keys = entry.fields["f:data"].as_object().into_iter().flatten();
            for key in keys.filter_map(|(key, _)| key.strip_prefix("f:")) {
                let named = managers.entry(key.to_owned()).or_default();
                *named = if named.is_empty() {
                    entry.manager.clone()
                } else {
                    format!("{named}, {}", entry.manager)
                };
            }
        }
        Self {
            data: wire.data.into_iter().flatten().map(|(key, value)| (key, value.0)).collect(),
            kind: wire.kind,
            labels,
            annotations: annotations.rest,
            has_last_applied: annotations.has_last_applied,
            owner: owner.map(|owner| format!("{}/{}", owner.kind, owner.name)),
            managers,
        }
    }
}

/// A Secret in the JSON of the API. Values are decoded while they are read: no copy of their text is kept.
#[derive(Deserialize)]
pub(super) struct Wire {
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    data: Option<BTreeMap<String, Encoded>>,
    #[serde(default, rename = "type")]
    kind: String,
}

impl Wire {
    /// The Secret with its name.
    pub(super) fn named(mut self) -> (String, Secret) {
        (std::mem::take(&mut self.metadata.name), self.into())
    }
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Metadata {
    name: String,
    labels: BTreeMap<String, String>,
    annotations: Annotations,
    owner_references: Vec<Owner>,
    managed_fields: Vec<Managed>,
}

#[derive(Deserialize)]
struct Owner {
    kind: String,
    name: String,
    controller: Option<bool>,
}

#[derive(Deserialize)]
struct Managed {
    #[serde(default)]
    manager: String,
    #[serde(default, rename = "fieldsV1")]
    fields: Value,
}

/// A value in base64 (RFC 4648 §4).
struct Encoded(Plain);

impl<'de> Deserialize<'de> for Encoded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Encoded;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("base64")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Encoded, E> {
                // The decoder's own error names bytes of the value.
                STANDARD
                    .decode(text)
                    .map(|bytes| Encoded(Plain::new(bytes)))
                    .map_err(|_| E::custom("no base64"))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// Annotations, of which the one full of values is only noted.
#[derive(Default)]
struct Annotations {
    rest: BTreeMap<String, String>,
    has_last_applied: bool,
}

impl<'de> Deserialize<'de> for Annotations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Map;
        impl<'de> Visitor<'de> for Map {
            type Value = Annotations;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("annotations")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Annotations, A::Error> {
                let mut found = Annotations::default();
                while let Some(key) = map.next_key::<String>()? {
                    if key == LAST_APPLIED {
                        map.next_value::<IgnoredAny>()?;
                        found.has_last_applied = true;
                    } else {
                        let value =
                            map.next_value().map_err(|_| A::Error::custom("an annotation is no text"))?;
                        found.rest.insert(key, value);
                    }
                }
                Ok(found)
            }
        }
        deserializer.deserialize_map(Map)
    }
}
