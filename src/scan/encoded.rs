//! Credentials in base64 in any text: words that begin as a credential begins when it is encoded.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::prelude::BASE64_STANDARD;

/// Beginnings of credentials: those that are told by it.
const HEADS: &[&str] = &[
    "eyJ",
    "-----BEGIN ",
    "AGE-SECRET-KEY-",
    "AKIA",
    "ASIA",
    "AIza",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "hvs.",
    "sk_live_",
    "rk_live_",
    "npm_",
    "dckr_pat_",
    "dop_v1_",
];

/// Shorter words hold no credential.
const LEAST: usize = 24;
/// Longer ones are no credential by themselves: a file, an image.
const MOST: usize = 64 * 1024;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

static BEGINNINGS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    // So many letters depend on the beginning alone.
    let sure = |head: &&str| BASE64_STANDARD.encode(head)[..head.len() * 8 / 6].to_owned();
    AhoCorasick::new(HEADS.iter().map(sure)).ok()
});

/// The words of a text that may hold an encoded credential, decoded.
pub(super) fn words(text: &[u8]) -> impl Iterator<Item = (Range<usize>, Vec<u8>)> + '_ {
    let found = BEGINNINGS.as_ref().into_iter().flat_map(move |beginnings| beginnings.find_iter(text));
    found.filter_map(move |found| {
        let start = found.start();
        if start > 0 && is_letter(text[start - 1]) {
            return None;
        }
        let length = text[start..].iter().take(MOST + 1).take_while(|byte| is_letter(**byte)).count();
        let word = &text[start..start + length];
        let fits = (LEAST..=MOST).contains(&length);
        let decoded = fits.then(|| BASE64.decode(word.trim_ascii_end()).ok()).flatten()?;
        Some((start..start + length, decoded))
    })
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_begins_as_a_credential_is_decoded() {
        let word = BASE64_STANDARD.encode("ghp_0123456789abcdefghij");
        let text = format!("a: {word}\nb: x{word}\n");
        let found: Vec<_> = words(text.as_bytes()).collect();
        assert_eq!(found, [(3..3 + word.len(), b"ghp_0123456789abcdefghij".to_vec())]);
    }
}
