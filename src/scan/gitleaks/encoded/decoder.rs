//! What encoded stretches say.

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use super::{Encoding, escape_digits, is_hex};

impl Encoding {
    /// Its name in tags: `decoded:base64`.
    pub(in super::super) fn name(self) -> &'static str {
        match self {
            Self::Percent => "percent",
            Self::Unicode => "unicode",
            Self::Hex => "hex",
            Self::Base64 => "base64",
        }
    }

    /// The decoded text, if it is one. All but Unicode escapes must decode to printable ASCII.
    pub(in super::super) fn decode(self, encoded: &[u8]) -> Option<Vec<u8>> {
        let decoded = match self {
            Self::Percent => percent(encoded)?,
            Self::Unicode => unicode(encoded),
            Self::Hex => hex(encoded)?,
            Self::Base64 => base64(encoded)?,
        };
        (!decoded.is_empty()).then_some(decoded)
    }
}

/// Tabs and line feeds are printable, and so are other control characters above them: gitleaks draws the line there.
fn is_printable(byte: u8) -> bool {
    (9..127).contains(&byte)
}

fn has_digit(encoded: &[u8]) -> bool {
    encoded.iter().any(u8::is_ascii_digit)
}

fn percent(encoded: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut at = 0;
    while let Some(byte) = encoded.get(at) {
        if *byte == b'%' && is_hex(encoded, at + 1, 2) {
            decoded.push(hex_byte(&encoded[at + 1..at + 3]).filter(|byte| is_printable(*byte))?);
            at += 3;
        } else {
            decoded.push(*byte);
            at += 1;
        }
    }
    Some(decoded)
}

fn unicode(encoded: &[u8]) -> Vec<u8> {
    let mut decoded = String::new();
    let mut at = 0;
    while at < encoded.len() {
        let digits = if encoded[at..].starts_with(b"U+") { Some(at + 2) } else { escape_digits(encoded, at) };
        match digits {
            Some(digits) => {
                let number =
                    encoded[digits..digits + 4].iter().filter_map(|digit| (*digit as char).to_digit(16));
                let number = number.fold(0, |number, digit| number * 16 + digit);
                decoded.push(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER));
                at = digits + 4;
            }
            // The blank after a code point.
            None => at += 1,
        }
    }
    decoded.into_bytes()
}

fn hex(encoded: &[u8]) -> Option<Vec<u8>> {
    if !encoded.len().is_multiple_of(2) || !has_digit(encoded) {
        return None;
    }
    encoded.chunks(2).map(|digits| hex_byte(digits).filter(|byte| is_printable(*byte))).collect()
}

fn hex_byte(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}

fn base64(encoded: &[u8]) -> Option<Vec<u8>> {
    /// Go's decoder ignores what is left in the last character.
    const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
    const STANDARD: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        LENIENT.with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
    );
    const URL_SAFE: GeneralPurpose = GeneralPurpose::new(
        &alphabet::URL_SAFE,
        LENIENT.with_decode_padding_mode(DecodePaddingMode::RequireNone),
    );
    // Long names in code are made of the same characters; almost all base64 has one of these.
    if !has_digit(encoded) && !encoded.iter().any(|byte| b"+/-_".contains(byte)) {
        return None;
    }
    let printable = |decoded: &Vec<u8>| decoded.iter().all(|byte| is_printable(*byte));
    let standard = STANDARD.decode(encoded).ok().filter(printable);
    standard.or_else(|| URL_SAFE.decode(encoded).ok().filter(printable))
}

#[cfg(test)]
mod tests {
    use super::Encoding;

    #[test]
    fn only_printable_text_is_taken_for_decoded() {
        assert_eq!(Encoding::Hex.decode(b"6869").unwrap(), b"hi");
        assert_eq!(Encoding::Hex.decode(b"686"), None);
        assert_eq!(Encoding::Hex.decode(b"00686869"), None);
        assert_eq!(Encoding::Hex.decode(b"abcdef"), None);
        assert_eq!(Encoding::Base64.decode(b"aGk="), None);
        assert_eq!(Encoding::Base64.decode(b"aGk1").unwrap(), b"hi5");
        assert_eq!(Encoding::Base64.decode(b"aGk1Mg").unwrap(), b"hi52");
        assert_eq!(Encoding::Base64.decode(b"aGk1Mg==").unwrap(), b"hi52");
        assert_eq!(Encoding::Percent.decode(b"%68%zz%69").unwrap(), b"h%zzi");
        assert_eq!(Encoding::Percent.decode(b"%00"), None);
        assert_eq!(Encoding::Unicode.decode(br"\u0068\\u00e4").unwrap(), "hä".as_bytes());
    }
}
