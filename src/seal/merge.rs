//! Items of a Secret, sealed into a SealedSecret that exists: under its name, namespace and scope, or they could not
//! be unsealed there.

use std::path::Path;

use rand_core::CryptoRngCore;
use serde_json::Value;

use super::scope::{CLUSTER_WIDE, NAMESPACE_WIDE};
use super::sealed_secret::child;
use super::{Error, Recipient, Scope, SealedSecret, Secret};

impl SealedSecret {
    /// Seals the items of `secret` under this one's name, namespace and scope, puts them over those of the same name,
    /// and adds labels and annotations to the template. What a Secret says of its scope is passed over.
    ///
    /// # Errors
    /// Neither has a namespace where the scope needs one; randomness that cannot be had.
    pub fn merge(
        &mut self,
        mut secret: Secret,
        recipient: &Recipient,
        rng: &mut impl CryptoRngCore,
    ) -> Result<(), Error> {
        self.name().clone_into(&mut secret.name);
        if !self.namespace().is_empty() {
            self.namespace().clone_into(&mut secret.namespace);
        }
        secret.annotations.retain(|key, _| key != CLUSTER_WIDE && key != NAMESPACE_WIDE);
        let mut update = Self::seal(&secret, self.scope(), recipient, rng)?;
        self.items_mut().append(update.items_mut());
        for (key, texts) in [("labels", &secret.labels), ("annotations", &secret.annotations)] {
            if !texts.is_empty() {
                let entries = texts.iter().map(|(key, text)| (key.clone(), Value::from(text.as_str())));
                child(child(self.template_mut(), "metadata"), key).extend(entries);
            }
        }
        Ok(())
    }

    /// Takes over the items of a SealedSecret that holds the same values sealed anew. Items that only the other one
    /// has are passed over: a controller adds those that it rendered from templates, which stay templates here.
    ///
    /// # Errors
    /// Another name, namespace or scope, under which the items could not be unsealed here; an item that the other one
    /// lacks, or that a template of the same name stands in for.
    pub fn take_items(&mut self, renewed: &Self) -> Result<(), Error> {
        // Controllers before v0.36 take the scope of the template (GHSA-465p-v42x-3fmj).
        if renewed.label() != self.label() {
            return Err(Error::RenewedElsewhere { own: self.scope(), other: renewed.scope() });
        }
        let templates =
            self.template_mut().get("data").and_then(Value::as_object).cloned().unwrap_or_default();
        let mut items = self.items_mut().clone();
        for (key, item) in &mut items {
            match renewed.item(key) {
                Some(new) if !templates.contains_key(key) => new.clone_into(item),
                _ => return Err(Error::NotRenewed(key.clone())),
            }
        }
        *self.items_mut() = items;
        Ok(())
    }

    /// Refuses a scope that is asked for and is not the one of this SealedSecret, which is read from `file`.
    ///
    /// # Errors
    /// [`Error::OtherScope`].
    pub fn check_scope(&self, asked: Option<Scope>, file: &Path) -> Result<(), Error> {
        match asked {
            Some(asked) if asked != self.scope() => {
                Err(Error::OtherScope { file: file.to_owned(), file_scope: self.scope(), asked })
            }
            _ => Ok(()),
        }
    }
}
