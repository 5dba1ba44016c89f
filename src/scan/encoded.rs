//! Credentials in base64 in any text: words that begin as a credential begins when it is encoded.

use std::ops::Range;

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

/// How words in base64 begin that may be credentials.
pub(super) fn heads() -> impl Iterator<Item = String> {
    HEADS.iter().map(|head| sure(head))
}

/// So much of what a beginning becomes in base64 depends on it alone.
fn sure(head: &str) -> String {
    BASE64_STANDARD.encode(head)[..head.len() * 8 / 6].to_owned()
}

/// The word that begins here, and what it stands for, if it may be a credential in base64.
pub(super) fn word(text: &[u8], start: usize) -> Option<(Range<usize>, Vec<u8>)> {
    let rest = &text[start..];
    let is_first = start == 0 || !is_letter(text[start - 1]);
    // Where heads are looked for, capitals and small letters are the same.
    if !is_first || !HEADS.iter().any(|head| rest.starts_with(sure(head).as_bytes())) {
        return None;
    }
    let length = rest.iter().take(MOST + 1).take_while(|byte| is_letter(**byte)).count();
    let fits = (LEAST..=MOST).contains(&length);
    let decoded = fits.then(|| BASE64.decode(&rest[..length]).ok()).flatten()?;
    Some((start..start + length, decoded))
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_begins_as_a_credential_is_decoded() {
        let encoded = BASE64_STANDARD.encode("ghp_0123456789abcdefghij");
        let text = format!("a: {encoded}\nb: x{encoded}\n");
        let text = text.as_bytes();
        assert_eq!(word(text, 3), Some((3..3 + encoded.len(), b"ghp_0123456789abcdefghij".to_vec())));
        assert_eq!(word(text, text.len() - encoded.len() - 1), None, "within a word");
        assert_eq!(word(text, 0), None);
    }
}
