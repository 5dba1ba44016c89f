//! The items: base64, the parts of a sealed value, and their sizes. Nothing is decoded: letters are counted, and the
//! first three of them hold the length of the encrypted key.

use serde_json::Value;

use super::sheet::{ITEMS, Sheet, TEMPLATES};
use super::{Around, Rule};
use crate::seal::envelope;

/// Bytes of the values of a Secret at most (`MaxSecretSize` of the API server).
const MOST_IN_SECRET: usize = 1 << 20;
/// Bytes of an object at most (the limit of etcd for a request).
const MOST_IN_OBJECT: usize = 3 << 19;
/// Bytes of a modulus: 2048 to 8192 bits.
const SIZES: std::ops::RangeInclusive<usize> = 256..=1024;

/// Checks all items, and says how many there are.
pub(super) fn items(sheet: &mut Sheet, around: &Around) -> usize {
    let (mut count, mut plain, mut whole) = (0, 0, 0);
    for (key, value) in sheet.entries(&ITEMS) {
        count += 1;
        match value {
            Value::String(text) => {
                whole += text.len();
                plain += item(sheet, key, text, around);
            }
            _ => sheet.find(
                Rule::NotText,
                &[ITEMS[0], ITEMS[1], key],
                format!("the item `{key}` is not a text: the controller leaves it out without a word"),
                "seal the value again",
            ),
        }
    }
    blob(sheet, count);
    let templates =
        sheet.entries(&TEMPLATES).filter_map(|(_, value)| value.as_str()).map(str::len).sum::<usize>();
    size(sheet, plain + templates, whole + templates);
    count
}

/// Checks one item, and says how many bytes are sealed in it.
fn item(sheet: &mut Sheet, key: &str, text: &str, around: &Around) -> usize {
    let path = [ITEMS[0], ITEMS[1], key];
    let shape = match shape(text) {
        Ok(shape) => shape,
        Err(at) => {
            let what = format!("the item `{key}` is not base64: it ends to be so at byte {at}");
            sheet.find(
                Rule::NotBase64,
                &path,
                what,
                "it was cut, folded or typed over: seal the value again",
            );
            return 0;
        }
    };
    let Some(overhead) = shape.encrypted.map(envelope::overhead).filter(|least| *least <= shape.bytes) else {
        let what = format!("the item `{key}` ends before its parts do: it was cut");
        sheet.find(Rule::TooShort, &path, what, "seal the value again");
        return 0;
    };
    fits(sheet, &path, shape.encrypted.unwrap_or_default(), around);
    shape.bytes - overhead
}

/// Checks the length of the encrypted key, in bytes.
fn fits(sheet: &mut Sheet, path: &[&str; 3], size: usize, around: &Around) {
    let key = path[2];
    if !SIZES.contains(&size) {
        let what = format!("the item `{key}` is no sealed value: no RSA key has {} bits", 8 * size);
        return sheet.find(Rule::KeySize, path, what, "seal the value again");
    }
    if around.pinned.is_empty() || around.pinned.iter().any(|pinned| pinned.size == size) {
        return;
    }
    let known: Vec<String> =
        around.pinned.iter().map(|pinned| format!("`{}` has {}", pinned.file, 8 * pinned.size)).collect();
    let what = format!("the item `{key}` is sealed for a key of {} bits; {}", 8 * size, known.join(", "));
    sheet.find(Rule::OtherCertificate, path, what, "seal the value again with the pinned certificate");
}

/// The old form: one blob that holds a whole Secret.
fn blob(sheet: &mut Sheet, items: usize) {
    let old = sheet.text(&["spec", "data"]).is_some_and(|blob| !blob.is_empty());
    if old {
        sheet.find(
            Rule::DeprecatedData,
            &["spec", "data"],
            "`spec.data` holds all values in one blob, a form that controllers need a flag for",
            "seal the values again, one by one: `spec.encryptedData`",
        );
    } else if items == 0 {
        let path: &[&str] = if sheet.at(&ITEMS).is_some() { &ITEMS } else { &["spec"] };
        sheet.find(Rule::NoItems, path, "nothing is sealed in it", "seal a value into it, or remove it");
    }
}

fn size(sheet: &mut Sheet, plain: usize, whole: usize) {
    if plain > MOST_IN_SECRET {
        let what = format!("its Secret would hold {plain} bytes; Kubernetes takes {MOST_IN_SECRET}");
        sheet.find(Rule::TooLarge, &ITEMS, what, "split it into several");
    } else if whole > MOST_IN_OBJECT {
        let what = format!("it is {whole} bytes large; the API server takes {MOST_IN_OBJECT}");
        sheet.find(Rule::TooLarge, &ITEMS, what, "split it into several");
    }
}

/// What base64 says of its bytes without being decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape {
    /// How many there are.
    bytes: usize,
    /// The number in the first two of them.
    encrypted: Option<usize>,
}

/// No letter of base64.
const NONE: u8 = 0xFF;

/// The values of the letters of base64 (RFC 4648 §4).
const VALUES: [u8; 256] = {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut values = [NONE; 256];
    let mut at = 0_u8;
    while at < 64 {
        values[letters[at as usize] as usize] = at;
        at += 1;
    }
    values
};

/// The shape of a text in base64 as the API server takes it, with line ends in it passed over; or the byte at which
/// it stops to be base64.
fn shape(text: &str) -> Result<Shape, usize> {
    let (mut letters, mut pads, mut first) = (0_usize, 0_usize, 0_u32);
    for byte in text.bytes() {
        match VALUES[usize::from(byte)] {
            NONE if matches!(byte, b'\r' | b'\n') => {}
            NONE if byte == b'=' && pads < 2 && letters % 4 >= 2 => pads += 1,
            value if value != NONE && pads == 0 => {
                if letters < 3 {
                    first = first << 6 | u32::from(value);
                }
                letters += 1;
            }
            _ => return Err(letters + pads),
        }
    }
    if (letters + pads) % 4 != 0 {
        return Err((letters + pads) / 4 * 4);
    }
    // Three letters are 18 bits, of which the first 16 are the length.
    let encrypted = (letters >= 3).then_some((first >> 2) as usize);
    Ok(Shape { bytes: letters * 3 / 4, encrypted })
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_shape_is_that_of_the_decoded_bytes(bytes: Vec<u8>) {
            let encrypted = (bytes.len() >= 2).then(|| usize::from(u16::from_be_bytes([bytes[0], bytes[1]])));
            prop_assert_eq!(shape(&STANDARD.encode(&bytes)), Ok(Shape { bytes: bytes.len(), encrypted }));
        }

        #[test]
        fn what_a_decoder_refuses_is_no_base64(text in "[A-Za-z0-9+/=\n -]{0,24}") {
            prop_assert_eq!(shape(&text).is_ok(), crate::seal::secret::from_base64(&text).is_ok(), "{}", text);
        }
    }

    #[test]
    fn line_ends_are_passed_over_and_spaces_are_not() {
        assert_eq!(shape("AgAB\nAAAA\r\n").map(|shape| (shape.bytes, shape.encrypted)), Ok((6, Some(512))));
        assert_eq!(shape("AgAB AAAA"), Err(4));
        assert_eq!(shape("AgA"), Err(0));
    }
}
