//! A SealedSecret is opened, as the controller does it.

use std::collections::BTreeMap;

use rand_core::CryptoRngCore;
use serde_json::{Map, Value};

use super::{GROUP_VERSION, KIND, SealedSecret};
use crate::plain::Plain;
use crate::seal::secret::{Secret, from_base64};
use crate::seal::{Error, PrivateKeys, envelope, template};

/// The annotation on the template that keeps the controller from owning the Secret.
const SKIP_OWNER: &str = "sealedsecrets.bitnami.com/skip-set-owner-references";

impl SealedSecret {
    /// The Secret that it holds.
    ///
    /// # Errors
    /// Items that no key opens, all named; items that are not base64; a template in a language not spoken here.
    pub fn unseal(&self, keys: &PrivateKeys, rng: &mut impl CryptoRngCore) -> Result<Secret, Error> {
        let template = self.template();
        let mut secret = Secret {
            items: self.open(keys, rng)?,
            kind: template
                .get("type")
                .and_then(Value::as_str)
                .filter(|kind| !kind.is_empty())
                .map(str::to_owned),
            immutable: template.get("immutable").and_then(Value::as_bool),
            metadata: template.get("metadata").and_then(Value::as_object).cloned().unwrap_or_default(),
            ..Secret::default()
        };
        secret.metadata.retain(|_, value| !value.is_null());
        for own in ["name", "namespace", "ownerReferences"] {
            secret.metadata.remove(own);
        }
        (secret.name, secret.namespace) = (self.name.clone(), self.namespace.clone());
        secret.labels = take_texts(&mut secret.metadata, "labels");
        secret.annotations = take_texts(&mut secret.metadata, "annotations");
        secret
            .metadata
            .extend(self.owner(&secret.annotations).map(|owner| ("ownerReferences".into(), owner)));
        let texts = template.get("data").and_then(Value::as_object).into_iter().flatten();
        let render = |(key, text): (&String, &Value)| {
            let rendered = template::render(key, text.as_str().unwrap_or_default(), &secret.items)?;
            Ok((key.clone(), rendered))
        };
        // All of them see the items, and none what another one made.
        let rendered: BTreeMap<_, _> = texts.map(render).collect::<Result<_, Error>>()?;
        secret.items.extend(rendered);
        Ok(secret)
    }

    fn open(
        &self,
        keys: &PrivateKeys,
        rng: &mut impl CryptoRngCore,
    ) -> Result<BTreeMap<String, Plain>, Error> {
        let label = self.label();
        let (mut opened, mut unopened, mut errors) = (BTreeMap::new(), Vec::new(), Vec::new());
        for (key, text) in &self.items {
            match from_base64(text) {
                Err(at) => errors.push(Error::Base64 { key: key.clone(), at }),
                Ok(sealed) => match envelope::unseal(keys, &label, &sealed, rng) {
                    Ok(value) => drop(opened.insert(key.clone(), value)),
                    Err(_) => unopened.push(key.clone()),
                },
            }
        }
        if !unopened.is_empty() {
            errors.push(Error::NoKeyFor(unopened));
        }
        match errors.len() {
            0 => Ok(opened),
            1 => Err(errors.remove(0)),
            _ => Err(Error::Several(errors)),
        }
    }

    /// The reference that the controller would put on the Secret. Without the uid that only a SealedSecret out of a
    /// cluster has, it would be refused there.
    fn owner(&self, template: &BTreeMap<String, String>) -> Option<Value> {
        let skipped = template.get(SKIP_OWNER).is_some_and(|value| value == "true");
        let uid =
            self.object.get("metadata")?.get("uid")?.as_str().filter(|uid| !uid.is_empty() && !skipped)?;
        Some(serde_json::json!([{
            "apiVersion": GROUP_VERSION, "kind": KIND, "name": self.name, "uid": uid, "controller": true,
        }]))
    }
}

/// The texts under a key, taken out.
fn take_texts(map: &mut Map<String, Value>, key: &str) -> BTreeMap<String, String> {
    match map.remove(key) {
        Some(Value::Object(texts)) => {
            texts.into_iter().filter_map(|(key, text)| Some((key, text.as_str()?.to_owned()))).collect()
        }
        _ => BTreeMap::new(),
    }
}
