//! One sealed value, byte for byte as sealed-secrets has it:
//! `u16be(len(C)) ‖ C ‖ AES-256-GCM(K, plaintext)`, where `C = RSA-OAEP-SHA256(public key, K, label)`.
//!
//! K is 32 random bytes, fresh for each value; that is why the nonce of GCM may be all zeros (it is used once
//! under its key). There is no version, no key id, and the item's own key is bound to nothing: the label alone
//! says where the value may be unsealed. K and plaintexts are wiped.
//!
//! Sealing is an operation with a public key on a random K. Of its inputs K (through the padded block) is secret,
//! modulus and exponent are not: the arithmetic in [`montgomery`] takes the same steps whatever the block, and
//! follows the bits of the public exponent only. Unsealing is in [`crate::seal::PrivateKeys`].

mod montgomery;
mod oaep;
mod recipient;

pub use recipient::Recipient;

use aes_gcm::aead::AeadInPlace;
use aes_gcm::{Aes256Gcm, KeyInit, Nonce, Tag};
use rand_core::CryptoRngCore;
use zeroize::Zeroizing;

use super::{Error, Label, PrivateKey, PrivateKeys};
use crate::plain::Plain;

/// Bytes of K.
const KEY: usize = 32;
/// Bytes of the tag of GCM.
const TAG: usize = 16;
/// Bytes of the length before C.
const LENGTH: usize = 2;

/// Seals a value for a recipient. Draws K first, then the seed of OAEP, 32 bytes each.
///
/// ```
/// use rand_core::OsRng;
/// use sealstrap::plain::Plain;
/// use sealstrap::seal::{Certificate, Label, Scope, envelope};
///
/// # fn main() -> Result<(), sealstrap::seal::Error> {
/// # let pem = include_bytes!("../../../tests/seal/certificate.pem");
/// let recipient = Certificate::from_pem(pem)?.recipient;
/// let label = Label::new(Scope::Strict, "shop", "db");
/// let sealed = envelope::seal(&recipient, &label, &Plain::from("s3cret".to_owned()), &mut OsRng)?;
/// assert_eq!(sealed.len(), envelope::overhead(recipient.size()) + 6);
/// # Ok(()) }
/// ```
///
/// # Errors
/// Randomness that cannot be had; a value larger than GCM takes (64 GiB).
#[expect(clippy::disallowed_methods, reason = "sink: the bytes are encrypted here, and only here")]
pub fn seal(
    recipient: &Recipient,
    label: &Label,
    plain: &Plain,
    rng: &mut impl CryptoRngCore,
) -> Result<Vec<u8>, Error> {
    let (mut key, mut seed) = (Zeroizing::new([0; KEY]), Zeroizing::new([0; oaep::HASH]));
    rng.try_fill_bytes(&mut *key).map_err(|_| Error::Randomness)?;
    rng.try_fill_bytes(&mut *seed).map_err(|_| Error::Randomness)?;
    let block = oaep::pad(&*key, label.hash(), &seed, recipient.size());
    let encrypted = recipient.encrypt(&block);

    let plain = plain.expose();
    // All the room at once: a buffer that grows would leave copies of the plaintext behind.
    let mut sealed = Vec::with_capacity(overhead(recipient.size()) + plain.len());
    let length =
        u16::try_from(encrypted.len()).unwrap_or_else(|_| unreachable!("a modulus has at most 1024 bytes"));
    sealed.extend_from_slice(&length.to_be_bytes());
    sealed.extend_from_slice(&encrypted);
    let start = sealed.len();
    sealed.extend_from_slice(plain);
    let tag = Aes256Gcm::new((&*key).into())
        .encrypt_in_place_detached(&Nonce::default(), b"", &mut sealed[start..])
        .map_err(|_| Error::TooLarge)?;
    sealed.extend_from_slice(&tag);
    Ok(sealed)
}

/// Bytes that sealing adds to a value, for a modulus of `size` bytes.
#[must_use]
pub fn overhead(size: usize) -> usize {
    LENGTH + size + TAG
}

/// Unseals a value with whichever of the keys fits. Only keys whose modulus has the size of C are tried.
///
/// # Errors
/// [`Error::TooShort`], or [`Error::NoKey`] where no key opens it under this label: another key, another label and
/// changed bytes cannot be told apart.
pub fn unseal(
    keys: &PrivateKeys,
    label: &Label,
    sealed: &[u8],
    rng: &mut impl CryptoRngCore,
) -> Result<Plain, Error> {
    let (encrypted, body) = parts(sealed)?;
    for key in keys.of_size(encrypted.len()) {
        if let Some(value) = key.decrypt(label, encrypted, rng).and_then(|key| open(&key, body)) {
            return Ok(value);
        }
    }
    Err(Error::NoKey)
}

/// Unseals a value with one key.
///
/// # Errors
/// As [`unseal`].
pub fn unseal_with(
    key: &PrivateKey,
    label: &Label,
    sealed: &[u8],
    rng: &mut impl CryptoRngCore,
) -> Result<Plain, Error> {
    let (encrypted, body) = parts(sealed)?;
    let fits = encrypted.len() == key.recipient().size();
    let opened = fits.then(|| key.decrypt(label, encrypted, rng)).flatten();
    opened.and_then(|key| open(&key, body)).ok_or(Error::NoKey)
}

/// C, and what is encrypted under K with its tag.
///
/// # Errors
/// [`Error::TooShort`].
pub fn parts(sealed: &[u8]) -> Result<(&[u8], &[u8]), Error> {
    let (length, rest) = sealed.split_first_chunk::<LENGTH>().ok_or(Error::TooShort)?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length))).ok_or(Error::TooShort)
}

/// K, and the hash of the label that it is bound to.
pub(super) struct Bound {
    pub(super) label: [u8; oaep::HASH],
    pub(super) key: Zeroizing<Vec<u8>>,
}

/// K out of a padded block; nothing where the block is none, or holds no K.
pub(super) fn unbind(block: Zeroizing<Vec<u8>>) -> Option<Bound> {
    let (label, key) = oaep::unpad(block)?;
    (key.len() == KEY).then_some(Bound { label, key })
}

/// What is encrypted under K; nothing where a bit of it is another.
pub(super) fn open(key: &[u8], body: &[u8]) -> Option<Plain> {
    let cipher = Aes256Gcm::new_from_slice(key).ok()?;
    let (text, tag) = body.split_at_checked(body.len().checked_sub(TAG)?)?;
    let mut text = Zeroizing::new(text.to_vec());
    cipher.decrypt_in_place_detached(&Nonce::default(), b"", &mut text, Tag::from_slice(tag)).ok()?;
    Some(Plain::new(std::mem::take(&mut *text)))
}

#[cfg(test)]
mod tests;
