//! A key pair: made anew, or read from what is kept.

use rand_core::CryptoRngCore;
use ssh_key::private::{KeypairData, RsaKeypair};
use ssh_key::{Algorithm, EcdsaCurve, HashAlg, LineEnding, PrivateKey, PublicKey};

use super::pem;
use crate::bootstrap::Error;
use crate::plain::Plain;
use crate::settings::KeyAlgorithm;

/// An SSH key pair.
#[derive(Debug)]
pub struct KeyPair {
    public: PublicKey,
    private: Plain,
}

/// Why a text is no private key that Flux could use; says nothing of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable {
    /// Why.
    pub reason: &'static str,
    /// What to do.
    pub hint: Option<&'static str>,
}

impl Unreadable {
    pub(super) const fn because(reason: &'static str) -> Self {
        Self { reason, hint: None }
    }

    pub(super) const fn try_this(self, hint: &'static str) -> Self {
        Self { reason: self.reason, hint: Some(hint) }
    }

    /// The error that names the place of the text.
    #[must_use]
    pub fn at(self, place: &str) -> Error {
        let mend = "correct the key there, or delete it so that a new one is made";
        let hint = self.hint.map_or_else(|| mend.to_owned(), |hint| format!("{hint}; or {mend}"));
        Error::Unfit { what: place.to_owned(), reason: self.reason.to_owned(), hint: Some(hint) }
    }
}

impl KeyPair {
    /// Makes a key pair. RSA takes seconds.
    ///
    /// # Errors
    /// The library cannot make this kind of key.
    pub fn generate(
        algorithm: KeyAlgorithm,
        comment: &str,
        rng: &mut impl CryptoRngCore,
    ) -> Result<Self, Unreadable> {
        let failed = |_| Unreadable::because("a key of this kind cannot be made");
        let mut key = match kind(algorithm) {
            Kind::Bits(bits) => {
                let pair = RsaKeypair::random(rng, bits).map_err(failed)?;
                PrivateKey::new(KeypairData::Rsa(pair), "").map_err(failed)?
            }
            Kind::Named(algorithm) => PrivateKey::random(rng, algorithm).map_err(failed)?,
        };
        key.set_comment(comment);
        let mut text = key.to_openssh(LineEnding::LF).map_err(failed)?;
        // Many readers take a key without its last line end for a broken one.
        if !text.ends_with('\n') {
            text.push('\n');
        }
        Ok(Self { public: key.public_key().clone(), private: Plain::new(text.as_bytes().to_vec()) })
    }

    /// Reads a private key: OpenSSH's format, and the PEM forms that Flux takes too (PKCS#8, PKCS#1, SEC 1).
    ///
    /// # Errors
    /// A text that is no private key, an encrypted key, a kind of key that Git hosts do not take.
    #[expect(
        clippy::disallowed_methods,
        reason = "sink: the parser of private keys, which keeps nothing else"
    )]
    pub fn parse(private: &Plain) -> Result<Self, Unreadable> {
        let Some(text) = private.expose_text() else {
            return Err(Unreadable::because("it is not text"));
        };
        Ok(Self { public: pem::public_half(&text)?, private: Plain::new(private.expose().to_vec()) })
    }

    /// `type base64 comment`, without a line end.
    #[must_use]
    pub fn public_line(&self) -> String {
        self.public.to_openssh().unwrap_or_default().trim().to_owned()
    }

    /// `type base64`, as Git hosts list it.
    #[must_use]
    pub fn public_key(&self) -> String {
        two_fields(&self.public_line())
    }

    /// The first twelve letters and digits of the SHA-256 fingerprint: enough to tell our own keys apart.
    #[must_use]
    pub fn short_fingerprint(&self) -> String {
        short_fingerprint(&self.public)
    }

    /// The private key as it is to be kept.
    #[must_use]
    pub fn private(self) -> Plain {
        self.private
    }

    /// Whether two public keys are the same, whatever their comments and line ends.
    #[must_use]
    pub fn same_public(one: &str, other: &str) -> bool {
        let (one, other) = (two_fields(one), two_fields(other));
        !one.is_empty() && one == other
    }

    /// [`KeyPair::short_fingerprint`] of a public key that is a line; nothing where it is none.
    #[must_use]
    pub fn short_fingerprint_of(line: &str) -> Option<String> {
        PublicKey::from_openssh(line).ok().map(|key| short_fingerprint(&key))
    }
}

fn short_fingerprint(key: &PublicKey) -> String {
    let text = key.fingerprint(HashAlg::Sha256).to_string();
    text.trim_start_matches("SHA256:").chars().filter(char::is_ascii_alphanumeric).take(12).collect()
}

fn two_fields(line: &str) -> String {
    line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

enum Kind {
    Named(Algorithm),
    Bits(usize),
}

fn kind(algorithm: KeyAlgorithm) -> Kind {
    let ecdsa = |curve| Kind::Named(Algorithm::Ecdsa { curve });
    match algorithm {
        KeyAlgorithm::Ed25519 => Kind::Named(Algorithm::Ed25519),
        KeyAlgorithm::EcdsaP256 => ecdsa(EcdsaCurve::NistP256),
        KeyAlgorithm::EcdsaP384 => ecdsa(EcdsaCurve::NistP384),
        KeyAlgorithm::EcdsaP521 => ecdsa(EcdsaCurve::NistP521),
        KeyAlgorithm::Rsa2048 => Kind::Bits(2048),
        KeyAlgorithm::Rsa3072 => Kind::Bits(3072),
        KeyAlgorithm::Rsa4096 => Kind::Bits(4096),
    }
}

#[cfg(test)]
mod tests;
