//! What must hold of a secret besides its form: randomness, or a checksum that its issuer puts into it.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::rule::{Check, Checksum};

impl Check {
    /// Whether it holds.
    #[must_use]
    pub fn holds(self, secret: &[u8]) -> bool {
        match self {
            Self::Form => true,
            Self::Entropy(least) => entropy(secret) >= least,
            Self::UserAndPassword => is_user_and_password(secret),
            Self::Checksum(checksum) => checksum.holds(secret),
        }
    }
}

impl Checksum {
    fn holds(self, secret: &[u8]) -> bool {
        match self {
            Self::Crc32Base62 => crc32_base62(secret).unwrap_or(false),
            Self::Crc32Base62OfAll => crc32_base62_of_all(secret).unwrap_or(false),
            Self::Crc32Base36 => crc32_base36(secret).unwrap_or(false),
            Self::Crc32Hex => crc32_hex(secret).unwrap_or(false),
            Self::Crc32HexReversed => crc32_hex_reversed(secret).unwrap_or(false),
            Self::JsonWebToken => json_web_token(secret).unwrap_or(false),
            Self::Bech32 => bech32(secret).unwrap_or(false),
        }
    }
}

/// Shannon entropy of the bytes, in bits for each.
#[expect(clippy::cast_precision_loss, reason = "a secret has fewer bytes than an f32 counts exactly")]
fn entropy(bytes: &[u8]) -> f32 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let shares = counts.iter().filter(|count| **count > 0).map(|count| *count as f32 / bytes.len() as f32);
    shares.map(|share| -share * share.log2()).sum()
}

/// Base64 of printable text with a user, a colon and a password, RFC 7617.
fn is_user_and_password(secret: &[u8]) -> bool {
    let Ok(pair) = STANDARD.decode(secret).or_else(|_| STANDARD_NO_PAD.decode(secret)) else { return false };
    let colon = pair.iter().position(|byte| *byte == b':');
    let has_both = colon.is_some_and(|colon| colon > 0 && colon + 1 < pair.len());
    has_both && std::str::from_utf8(&pair).is_ok_and(|text| !text.contains(char::is_control))
}

const BASE_62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE_36: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const BASE_16: &[u8] = b"0123456789abcdef";

/// A number in the base of an alphabet, the most significant digit first; `None` where a digit is none.
fn number(digits: &[u8], alphabet: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0_u64, |number, digit| {
        let value = alphabet.iter().position(|known| known == digit)?;
        number.checked_mul(alphabet.len() as u64)?.checked_add(value as u64)
    })
}

fn is_crc32(digits: &[u8], alphabet: &[u8], of: &[u8]) -> Option<bool> {
    Some(number(digits, alphabet)? == u64::from(crc32fast::hash(of)))
}

/// <https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/>
fn crc32_base62(secret: &[u8]) -> Option<bool> {
    let (_, body) = at_last(secret, b'_')?;
    let (random, digits) = body.split_last_chunk::<6>()?;
    is_crc32(digits, BASE_62, random)
}

/// <https://github.com/element-hq/synapse/blob/develop/synapse/handlers/auth.py>
fn crc32_base62_of_all(secret: &[u8]) -> Option<bool> {
    let (before, digits) = at_last(secret, b'_')?;
    is_crc32(digits, BASE_62, before)
}

/// <https://handbook.gitlab.com/handbook/engineering/architecture/design-documents/cells/routable_tokens/>
fn crc32_base36(secret: &[u8]) -> Option<bool> {
    let (before, digits) = secret.split_last_chunk::<7>()?;
    is_crc32(digits, BASE_36, before)
}

/// Atlassian publishes no description: the rule is that of
/// <https://docs.rs/crate/dd-sensitive-data-scanner/latest/source/src/secondary_validation/atlassian_token_checksum.rs>.
fn crc32_hex(secret: &[u8]) -> Option<bool> {
    let (before, digits) = secret.split_last_chunk::<8>()?;
    is_crc32(&digits.to_ascii_lowercase(), BASE_16, before)
}

/// <https://github.com/grafana/grafana/blob/main/pkg/components/satokengen/tokengen.go>
fn crc32_hex_reversed(secret: &[u8]) -> Option<bool> {
    let (before, digits) = at_last(secret, b'_')?;
    let read = u32::try_from(number(&digits.to_ascii_lowercase(), BASE_16)?).ok()?;
    Some(digits.len() == 8 && read.swap_bytes() == crc32fast::hash(before))
}

/// What stands before and after the last of a sign.
fn at_last(secret: &[u8], sign: u8) -> Option<(&[u8], &[u8])> {
    let at = secret.iter().rposition(|byte| *byte == sign)?;
    Some((&secret[..at], &secret[at + 1..]))
}

/// RFC 7519: three parts, of which the first is a JSON object that names an algorithm.
fn json_web_token(secret: &[u8]) -> Option<bool> {
    let mut parts = secret.split(|byte| *byte == b'.');
    let (header, _, signature) = (parts.next()?, parts.next()?, parts.next()?);
    let header: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    Some(parts.next().is_none() && !signature.is_empty() && header.get("alg")?.is_string())
}

/// BIP 173, without its limit of 90 characters.
fn bech32(secret: &[u8]) -> Option<bool> {
    const DIGITS: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let small = secret.to_ascii_lowercase();
    if small != secret && secret.to_ascii_uppercase() != secret {
        return None;
    }
    let (part, data) = at_last(&small, b'1')?;
    let high = part.iter().map(|byte| u32::from(byte >> 5));
    let low = part.iter().map(|byte| u32::from(byte & 31));
    let mut sum = high.chain([0]).chain(low).fold(1, polymod);
    for digit in data {
        sum = polymod(sum, u32::try_from(DIGITS.iter().position(|known| known == digit)?).ok()?);
    }
    Some(data.len() >= 6 && sum == 1)
}

fn polymod(sum: u32, value: u32) -> u32 {
    const GENERATORS: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let top = sum >> 25;
    let bits = GENERATORS.iter().enumerate().filter(|(bit, _)| top >> bit & 1 == 1);
    bits.fold((sum & 0x01ff_ffff) << 5 ^ value, |sum, (_, generator)| sum ^ generator)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a checksum holds; a `·` keeps scanners from taking this file for a leak.
    fn holds(checksum: Checksum, secret: &str) -> bool {
        Check::Checksum(checksum).holds(secret.replace('·', "").as_bytes())
    }

    #[test]
    fn entropy_is_that_of_the_characters() {
        assert!(entropy(b"aaaa").abs() < f32::EPSILON);
        assert!((entropy(b"abab") - 1.0).abs() < f32::EPSILON);
        assert!((entropy(b"0123456789abcdef") - 4.0).abs() < f32::EPSILON);
        assert!(Check::Entropy(2.0).holds(b"abcd") && !Check::Entropy(2.1).holds(b"abcd"));
    }

    #[test]
    fn an_empty_secret_has_no_checksum() {
        for checksum in [
            Checksum::Crc32Base62,
            Checksum::Crc32Base62OfAll,
            Checksum::Crc32Base36,
            Checksum::Crc32Hex,
            Checksum::Crc32HexReversed,
            Checksum::JsonWebToken,
            Checksum::Bech32,
        ] {
            assert!(!holds(checksum, ""), "{checksum:?}");
        }
    }

    #[test]
    fn a_token_with_a_wrong_checksum_is_silent() {
        // The dummy of the issue in which secretlint learnt the format.
        assert!(holds(Checksum::Crc32Base62, "npm_qkJaB6MffYVzZXW·qmcoF49yrUxP3wf0LsakP"));
        assert!(!holds(Checksum::Crc32Base62, "npm_qkJaB6MffYVzZXW·qmcoF49yrUxP3wf0LsakQ"));
        assert!(!holds(Checksum::Crc32Base62, "npm_rkJaB6MffYVzZXW·qmcoF49yrUxP3wf0LsakP"));
    }

    #[test]
    fn a_routable_token_of_gitlab_has_its_checksum_at_the_end() {
        // From the tests of OSV-SCALIBR.
        assert!(holds(Checksum::Crc32Base36, "glpat-bzox79Of-KE9F·D2LjoXXF4CvyxA.01.0r0l8l6ir"));
        assert!(holds(Checksum::Crc32Base36, "glpat-bzox79Of-KE9F·D2LjoXXF4CvyxA.0r03gxo7s"));
        assert!(!holds(Checksum::Crc32Base36, "glpat-bzox79Of-KE9F·D2LjoXXF4CvyxA.01.0r03gxo7a"));
    }

    #[test]
    fn a_checksum_of_grafana_is_written_from_its_lowest_byte_on() {
        // CRC-32 of `glsa_` and 32 times `a`.
        let random = "a".repeat(32);
        let crc = crc32fast::hash(format!("glsa_{random}").as_bytes());
        let token = |digits: String| format!("glsa_{random}_{digits}");
        assert!(holds(Checksum::Crc32HexReversed, &token(format!("{:08x}", crc.swap_bytes()))));
        assert!(!holds(Checksum::Crc32HexReversed, &token(format!("{crc:08x}"))));
    }

    #[test]
    fn a_web_token_needs_a_header_with_an_algorithm() {
        let token = |header: &str| format!("{}.e30.c2ln", URL_SAFE_NO_PAD.encode(header));
        assert!(holds(Checksum::JsonWebToken, &token(r#"{"alg":"HS256"}"#)));
        assert!(!holds(Checksum::JsonWebToken, &token(r#"{"typ":"JWT"}"#)));
        assert!(!holds(Checksum::JsonWebToken, &token("[1]")));
        assert!(!holds(Checksum::JsonWebToken, &format!("{}.", token(r#"{"alg":"HS256"}"#))));
        assert!(!holds(Checksum::JsonWebToken, "eyJhbGciOiJub25lIn0.e30."));
    }

    #[test]
    fn bech32_is_that_of_bip_173() {
        for valid in ["A12UEL5L", "a12uel5l", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "?1ezyfcl"] {
            assert!(holds(Checksum::Bech32, valid), "{valid}");
        }
        for other in ["A12uEL5L", "A12UEL5M", "1qzzfhee0", "abcdef1b"] {
            assert!(!holds(Checksum::Bech32, other), "{other}");
        }
    }

    #[test]
    fn a_user_without_a_password_is_no_credential() {
        let pair = |text: &str| Check::UserAndPassword.holds(STANDARD.encode(text).as_bytes());
        assert!(pair("user:pass") && pair("user:pässword"));
        assert!(!pair("user:") && !pair(":pass") && !pair("user") && !pair("user:\0"));
    }
}
