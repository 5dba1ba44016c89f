//! The public key that values are sealed for, with what depends on the modulus computed once.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha2::{Digest, Sha256};

use super::montgomery::Modulus;
use crate::seal::Error;

/// The smallest and the largest modulus, in bits.
const BITS: std::ops::RangeInclusive<u32> = 2048..=8192;

/// An RSA public key, ready to seal. Cheap to share between threads.
#[derive(Debug, Clone)]
pub struct Recipient {
    modulus: Modulus,
    exponent: u32,
    /// Bytes of the modulus.
    size: usize,
    fingerprint: String,
}

impl Recipient {
    /// A public key from its modulus and exponent, as big-endian bytes.
    ///
    /// # Errors
    /// A modulus outside 2048 to 8192 bits or an even one; an exponent that is even, below 3 or above 2³¹.
    pub fn new(modulus: &[u8], exponent: &[u8]) -> Result<Self, Error> {
        let modulus = without_zeros(modulus);
        let bits = bits(modulus);
        if !BITS.contains(&bits) {
            return Err(Error::KeySize { bits });
        }
        Ok(Self {
            modulus: Modulus::new(modulus).ok_or(Error::UnusableKey)?,
            exponent: small_exponent(exponent)?,
            size: modulus.len(),
            fingerprint: fingerprint(modulus, without_zeros(exponent)),
        })
    }

    /// Bytes of the modulus, and so of C: 256 for 2048 bits.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// The fingerprint of the key as OpenSSH and the controller's log write it: `SHA256:` and base64.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// `block ^ e mod n`. The block has the size of the modulus and begins with a zero byte, so it is smaller.
    pub(super) fn encrypt(&self, block: &[u8]) -> Vec<u8> {
        self.modulus.power(block, self.exponent)
    }
}

fn without_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..]
}

/// The length of a number without leading zero bytes, in bits. Longer than any modulus means 65536.
fn bits(bytes: &[u8]) -> u32 {
    let whole = u16::try_from(bytes.len() * 8).map_or(1 << 16, u32::from);
    whole - bytes.first().map_or(0, |byte| byte.leading_zeros())
}

fn small_exponent(bytes: &[u8]) -> Result<u32, Error> {
    let bytes = without_zeros(bytes);
    let number = bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    match u32::try_from(number) {
        Ok(small) if bytes.len() <= 4 && small >= 3 && small % 2 == 1 && small < 1 << 31 => Ok(small),
        _ => Err(Error::UnusableKey),
    }
}

/// RFC 4253 §6.6: the blob `string "ssh-rsa" ‖ mpint e ‖ mpint n`, of which OpenSSH hashes.
fn fingerprint(modulus: &[u8], exponent: &[u8]) -> String {
    let mut hash = Sha256::new();
    let mut string = |zero: bool, bytes: &[u8]| {
        let length = bytes.len() + usize::from(zero);
        hash.update(u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
        hash.update(&[0][..usize::from(zero)]);
        hash.update(bytes);
    };
    string(false, b"ssh-rsa");
    for number in [exponent, modulus] {
        string(number.first().is_some_and(|byte| *byte > 0x7f), number);
    }
    format!("SHA256:{}", STANDARD_NO_PAD.encode(hash.finalize()))
}
