//! How random a secret is, as gitleaks counts it.

use std::collections::BTreeMap;

/// Shannon entropy of a text's characters in bits. gitleaks divides by the number of bytes, so that characters beyond
/// ASCII count for less; each byte that is not UTF-8 is the same character.
pub(super) fn entropy(text: &[u8]) -> f64 {
    let mut counts: BTreeMap<char, u32> = BTreeMap::new();
    for chunk in text.utf8_chunks() {
        let wrong = chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER);
        for character in chunk.valid().chars().chain(wrong) {
            *counts.entry(character).or_default() += 1;
        }
    }
    let length = f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX));
    // From +0.0, which an empty text keeps.
    counts
        .values()
        .map(|count| f64::from(*count) / length)
        .fold(0.0, |bits, share| bits - share * share.log2())
}

#[cfg(test)]
mod tests {
    use super::entropy;

    fn is_near(text: &str, bits: f64) -> bool {
        (entropy(text.as_bytes()) - bits).abs() < 1e-9
    }

    #[test]
    fn different_characters_have_the_logarithm_of_their_number() {
        assert!(is_near("abcdefgh", 3.0));
        assert!(is_near("aaaa", 0.0));
        assert!(is_near("", 0.0));
    }

    #[test]
    fn characters_of_several_bytes_are_divided_by_their_bytes() {
        assert!(is_near("äöüß", 4.0 * 3.0 / 8.0));
    }
}
