//! The controller's private keys, from backups: PEM (PKCS#1 or PKCS#8), a Secret with `tls.key`, a List of such.
//!
//! Unsealing is an operation with a private key, done by the rsa crate. RUSTSEC-2023-0071 says that its timing
//! depends on the key, and has no fix. What could be learnt so takes an observer who sends many chosen ciphertexts
//! and measures each answer. Here a person decrypts files of their own on their own machine; nobody is answered.
//! The exponentiation is blinded all the same. Nothing that answers to a network may use this module.

use std::path::{Path, PathBuf};

use rand_core::CryptoRngCore;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey, PrivateKeyInfo};
use rsa::traits::PublicKeyParts;
use rsa::{BigUint, Oaep, RsaPrivateKey, hazmat};
use serde_json::Value;
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

use super::envelope::{Bound, unbind};
use super::{Error, Label, Recipient, Secret, pem};
use crate::plain::Plain;
use crate::yaml;

/// The label of the Secrets in which the controller keeps its keys.
pub const KEY_LABEL: &str = "sealedsecrets.bitnami.com/sealed-secrets-key";
/// Its value for keys that are in use; any other switches a key off.
pub const ACTIVE: &str = "active";
/// The Secret that held the only key in early versions, which carries no label.
pub const UNLABELLED: &str = "sealed-secrets-key";

/// Private keys to try.
#[derive(Debug, Default)]
pub struct PrivateKeys(Vec<PrivateKey>);

/// A private key. Wiped when dropped.
pub struct PrivateKey {
    key: RsaPrivateKey,
    recipient: Recipient,
    file: PathBuf,
}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("PrivateKey").field(&self.recipient.fingerprint()).finish()
    }
}

impl PrivateKeys {
    /// No keys yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the keys of a backup; a key that is there already is not added again. `file` is for messages.
    ///
    /// # Errors
    /// A file without keys, a Secret without `tls.key`, a key that is encrypted, broken or not RSA of 2048 to 8192
    /// bits.
    #[expect(
        clippy::disallowed_methods,
        reason = "sink: the parser of private keys, which keeps nothing else"
    )]
    pub fn add(&mut self, file: &Path, backup: &Plain) -> Result<(), Error> {
        let text = backup.expose_text().ok_or_else(|| Error::NoPrivateKey(file.to_owned()))?;
        let found = from_pem(file, &text)?;
        if !found.is_empty() {
            return self.take(file, found);
        }
        let mut documents = yaml::each(file, &text).map_err(|_| Error::NoPrivateKey(file.to_owned()))?;
        for document in &mut documents {
            add_kinds(&mut document.value);
        }
        let secrets = Secret::of_list(documents).map_err(|_| Error::NoPrivateKey(file.to_owned()))?;
        if secrets.is_empty() {
            return Err(Error::NoPrivateKey(file.to_owned()));
        }
        for secret in secrets {
            let key = secret.items.get("tls.key").ok_or(Error::NoKeyInSecret)?;
            let text = key.expose_text().ok_or_else(|| Error::NoPrivateKey(file.to_owned()))?;
            let found = from_pem(file, &text)?;
            if found.is_empty() {
                return Err(Error::NoPrivateKey(file.to_owned()));
            }
            self.take(file, found)?;
        }
        Ok(())
    }

    /// Keeps those of a size that can be used: one odd key does not stand in the way of the others of a backup.
    fn take(&mut self, file: &Path, found: Vec<RsaPrivateKey>) -> Result<(), Error> {
        let usable = |key: RsaPrivateKey| {
            let recipient = Recipient::new(&key.n().to_bytes_be(), &key.e().to_bytes_be());
            recipient.ok().map(|recipient| (key, recipient))
        };
        let usable: Vec<_> = found.into_iter().filter_map(usable).collect();
        if usable.is_empty() && self.is_empty() {
            let reason = "it does not have 2048 to 8192 bits";
            return Err(Error::BrokenPrivateKey { file: file.to_owned(), reason });
        }
        for (key, recipient) in usable {
            if !self.0.iter().any(|held| held.recipient.fingerprint() == recipient.fingerprint()) {
                self.0.push(PrivateKey { key, recipient, file: file.to_owned() });
            }
        }
        Ok(())
    }

    /// The keys.
    pub fn iter(&self) -> impl Iterator<Item = &PrivateKey> {
        self.0.iter()
    }

    /// The key that unseals what is sealed for this recipient.
    #[must_use]
    pub fn of(&self, recipient: &Recipient) -> Option<&PrivateKey> {
        self.0.iter().find(|key| key.recipient.fingerprint() == recipient.fingerprint())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys with a modulus of so many bytes, which alone can have made a C of that length.
    pub(super) fn of_size(&self, size: usize) -> impl Iterator<Item = &PrivateKey> {
        self.0.iter().filter(move |key| key.recipient.size() == size)
    }
}

impl PrivateKey {
    /// The public half, to seal with.
    #[must_use]
    pub fn recipient(&self) -> &Recipient {
        &self.recipient
    }

    /// The file that it was read from.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// What is encrypted under RSA-OAEP-SHA256, whatever its label, and the hash of that label; nothing where it is
    /// encrypted for another key. It serves to say for which place a value was sealed, to whoever holds the key.
    pub(super) fn unbind(&self, encrypted: &[u8], rng: &mut impl CryptoRngCore) -> Option<Bound> {
        let number = BigUint::from_bytes_be(encrypted);
        let mut opened = hazmat::rsa_decrypt_and_check(&self.key, Some(rng), &number).ok()?;
        let bytes = Zeroizing::new(opened.to_bytes_be());
        opened.zeroize();
        let mut block = Zeroizing::new(vec![0; self.recipient.size()]);
        let start = block.len().checked_sub(bytes.len())?;
        block[start..].copy_from_slice(&bytes);
        unbind(block)
    }

    /// What is encrypted under RSA-OAEP-SHA256 with this label, if this key and label fit.
    pub(super) fn decrypt(
        &self,
        label: &Label,
        encrypted: &[u8],
        rng: &mut impl CryptoRngCore,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let padding = Oaep::new_with_label::<Sha256, _>(label.text());
        self.key.decrypt_blinded(rng, padding, encrypted).ok().map(Zeroizing::new)
    }
}

/// Adds what a backup may leave out: a list that a client in Go has written does not say what it and its items are.
fn add_kinds(value: &mut Value) {
    let Some(object) = value.as_object_mut().filter(|object| !object.contains_key("kind")) else { return };
    let kind = if object.contains_key("items") { "List" } else { "Secret" };
    object.insert("kind".into(), kind.into());
    object.entry("apiVersion").or_insert_with(|| "v1".into());
    if let Some(Value::Array(items)) = object.get_mut("items") {
        items.iter_mut().for_each(add_kinds);
    }
}

/// All private keys of a PEM text.
fn from_pem(file: &Path, text: &str) -> Result<Vec<RsaPrivateKey>, Error> {
    let broken = |reason| Error::BrokenPrivateKey { file: file.to_owned(), reason };
    let mut found = Vec::new();
    for block in pem::blocks(text) {
        found.push(match block.label {
            _ if block.has_headers => return Err(broken("it is encrypted")),
            "ENCRYPTED PRIVATE KEY" => return Err(broken("it is encrypted")),
            "EC PRIVATE KEY" => return Err(broken("it is not an RSA key")),
            "RSA PRIVATE KEY" => {
                RsaPrivateKey::from_pkcs1_der(&block.bytes).map_err(|_| broken("it is no RSA key"))?
            }
            "PRIVATE KEY" => from_pkcs8(&block.bytes).map_err(broken)?,
            _ => continue,
        });
    }
    Ok(found)
}

fn from_pkcs8(der: &[u8]) -> Result<RsaPrivateKey, &'static str> {
    let info = PrivateKeyInfo::try_from(der).map_err(|_| "it is no PKCS#8")?;
    if info.algorithm.oid != rsa::pkcs1::ALGORITHM_OID {
        return Err("it is not an RSA key");
    }
    RsaPrivateKey::from_pkcs8_der(der).map_err(|_| "it is no RSA key")
}
