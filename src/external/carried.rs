//! Values as they lie in Vault: text as it is, all else in base64, since JSON carries no bytes.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::plain::Plain;

/// Values of one path as they lie in Vault.
#[derive(Debug, Default)]
pub(super) struct Carried {
    pub(super) values: BTreeMap<String, Plain>,
    /// Keys whose values lie there in base64.
    pub(super) encoded: BTreeSet<String>,
    /// Bytes of all of it as JSON.
    pub(super) size: usize,
}

/// Turns values of a Secret into what lies in Vault.
#[expect(clippy::disallowed_methods, reason = "sink: base64 of values that JSON cannot carry")]
pub(super) fn carry(items: BTreeMap<String, Plain>) -> Carried {
    let mut all = Carried { size: 2, ..Carried::default() };
    for (key, value) in items {
        let value = if is_text(value.expose()) {
            value
        } else {
            all.encoded.insert(key.clone());
            let text = Zeroizing::new(STANDARD.encode(value.expose()));
            Plain::new(text.as_bytes().to_vec())
        };
        all.size += written(key.as_bytes()) + written(value.expose()) + 2;
        all.values.insert(key, value);
    }
    all
}

/// Whether bytes travel as a JSON text: UTF-8 without control characters, tabs and line ends aside. JSON could carry the
/// others in escapes, but not every tool on the way keeps them, and zero bytes are refused under `nullBytePolicy: Fail`.
fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes)
        .is_ok_and(|text| !text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r')))
}

/// Bytes of a text in JSON, quotes and escapes included.
fn written(bytes: &[u8]) -> usize {
    let one = |byte: &u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 2,
        b'<' | b'>' | b'&' | 0..0x20 => 6,
        _ => 1,
    };
    2 + bytes.iter().map(one).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_json_carries_everywhere() {
        for text in ["", "1234", "a\nb\r\n\tc", "ä€😀", "{{ .x }}", "\u{feff}x", "\u{2028}"] {
            assert!(is_text(text.as_bytes()), "{text:?}");
        }
        for bytes in [&b"\0"[..], b"\xff", b"a\x1b[0m", b"\x7f", "\u{85}".as_bytes(), b"\xed\xa0\x80"] {
            assert!(!is_text(bytes), "{bytes:?}");
        }
    }

    #[test]
    fn only_what_is_no_text_is_encoded() {
        let items = [("a", b"1234".to_vec()), ("b", vec![0, 255])];
        let items = items.map(|(key, value)| (key.to_owned(), Plain::new(value)));
        let carried = carry(BTreeMap::from(items));
        assert_eq!(carried.encoded.iter().collect::<Vec<_>>(), ["b"]);
        assert!(carried.values["a"].same_as(&Plain::from("1234".to_owned())));
        assert!(carried.values["b"].same_as(&Plain::from("AP8=".to_owned())));
        assert!(carried.size >= r#"{"a":"1234","b":"AP8="}"#.len());
    }
}
