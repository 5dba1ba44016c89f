//! The controller's private keys, from backups: PEM (PKCS#1 or PKCS#8), a Secret with `tls.key`, a List of such.
//!
//! Unsealing is an operation with a private key, done by the rsa crate. RUSTSEC-2023-0071 says that its timing
//! depends on the key, and has no fix. What could be learnt so takes an observer who sends many chosen ciphertexts
//! and measures each answer. Here a person decrypts files of their own on their own machine; nobody is answered.
//! The exponentiation is blinded all the same. Nothing that answers to a network may use this module.

use std::path::Path;

use rand_core::CryptoRngCore;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey, PrivateKeyInfo};
use rsa::traits::PublicKeyParts;
use rsa::{Oaep, RsaPrivateKey};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Error, Label, Recipient, Secret, pem};
use crate::plain::Plain;
use crate::yaml;

/// Private keys to try.
#[derive(Debug, Default)]
pub struct PrivateKeys(Vec<PrivateKey>);

/// A private key. Wiped when dropped.
pub struct PrivateKey {
    key: RsaPrivateKey,
    recipient: Recipient,
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
            return self.take(found);
        }
        let documents = yaml::each(file, &text).map_err(|_| Error::NoPrivateKey(file.to_owned()))?;
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
            self.take(found)?;
        }
        Ok(())
    }

    fn take(&mut self, found: Vec<RsaPrivateKey>) -> Result<(), Error> {
        for key in found {
            let recipient = Recipient::new(&key.n().to_bytes_be(), &key.e().to_bytes_be())?;
            if !self.0.iter().any(|held| held.recipient.fingerprint() == recipient.fingerprint()) {
                self.0.push(PrivateKey { key, recipient });
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
