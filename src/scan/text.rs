//! From bytes to a text whose places can be told, and what is no text.

use std::borrow::Cow;
use std::ops::Range;

/// What the bytes of a file are.
#[derive(Debug)]
pub(super) enum Content<'b> {
    /// A text. Each byte that is no UTF-8 is a `?`, so that places are those of the file.
    Text(Cow<'b, str>),
    /// No text: an image, an archive, a program.
    Binary,
}

/// How many bytes are looked at to tell a text from what is none; Git looks at as many.
pub(super) const HEAD: usize = 8000;

/// What the bytes are. UTF-16 with its mark is a text; its places are then those of the decoded text.
#[must_use]
pub(super) fn content(bytes: &[u8]) -> Content<'_> {
    if let Some(text) = utf_16(bytes) {
        return Content::Text(Cow::Owned(text));
    }
    if is_binary(bytes) {
        return Content::Binary;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Content::Text(Cow::Borrowed(text)),
        Err(_) => Content::Text(Cow::Owned(patched(bytes))),
    }
}

/// Whether the beginning of a file is that of no text.
#[must_use]
pub(super) fn is_binary(head: &[u8]) -> bool {
    let is_utf_16 = head.starts_with(&[0xFF, 0xFE]) || head.starts_with(&[0xFE, 0xFF]);
    !is_utf_16 && memchr::memchr(0, &head[..head.len().min(HEAD)]).is_some()
}

fn utf_16(bytes: &[u8]) -> Option<String> {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xFF, 0xFE, ..] => u16::from_le_bytes,
        [0xFE, 0xFF, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let units = bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    Some(char::decode_utf16(units).map(|letter| letter.unwrap_or('?')).collect())
}

/// The text with a `?` for each byte that is none.
fn patched(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    text
}

/// The beginnings of a text's lines, to tell places by.
#[derive(Debug)]
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

/// A line and a column, both counted from 1; columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl<'t> Lines<'t> {
    /// Of a text.
    #[must_use]
    pub(super) fn of(text: &'t str) -> Self {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes()).map(|end| end + 1);
        Self { text, starts: std::iter::once(0).chain(ends).collect() }
    }

    /// The place of a byte.
    #[must_use]
    pub(super) fn spot(&self, at: usize) -> Spot {
        let line = self.starts.partition_point(|start| *start <= at).max(1);
        let before = self.text.get(self.starts[line - 1]..at).unwrap_or_default();
        Spot { line, column: before.chars().count() + 1 }
    }

    /// A line without its end, counted from 1; nothing where there is none.
    #[must_use]
    pub(super) fn line(&self, number: usize) -> &'t str {
        let Some(start) = number.checked_sub(1).and_then(|index| self.starts.get(index)) else { return "" };
        let end = self.starts.get(number).map_or(self.text.len(), |next| *next);
        self.text[*start..end].trim_end_matches(['\n', '\r'])
    }

    /// A line, counted from 1, with dots in place of secrets, which are told in their order. The dots say nothing of
    /// their length. Of a long line the beginning.
    #[must_use]
    pub(super) fn masked(&self, number: usize, secrets: &[Range<usize>]) -> String {
        const DOTS: &str = "••••••••";
        const LONGEST: usize = 160;
        let line = self.line(number);
        let Some(start) = number.checked_sub(1).and_then(|index| self.starts.get(index)) else {
            return String::new();
        };
        let end = start + line.len();
        let (mut shown, mut at) = (String::new(), *start);
        for secret in secrets.iter().filter(|secret| secret.start < end && secret.end > *start) {
            shown.push_str(self.text.get(at..secret.start).unwrap_or_default());
            if secret.end > at {
                shown.push_str(DOTS);
            }
            at = at.max(secret.end);
        }
        shown.push_str(self.text.get(at..end).unwrap_or_default());
        shown.chars().take(LONGEST).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_keep_the_places_of_those_that_are() {
        let Content::Text(text) = content(b"a: \xFF\xFEb\nc") else { panic!("a text") };
        assert_eq!(text, "a: ??b\nc");
        assert!(matches!(content(b"\x7fELF\0\0"), Content::Binary));
    }

    #[test]
    fn secrets_of_a_line_are_dots() {
        let text = "x\n{a: one, b: two, c: three\n}";
        let lines = Lines::of(text);
        let secrets: Vec<_> = ["one", "two", "three\n}"]
            .iter()
            .map(|part| (text.find(part).unwrap(), part.len()))
            .map(|(at, size)| at..at + size)
            .collect();
        assert_eq!(lines.masked(2, &secrets), "{a: ••••••••, b: ••••••••, c: ••••••••");
        assert_eq!(
            (lines.masked(1, &secrets).as_str(), lines.masked(3, &secrets).as_str()),
            ("x", "••••••••")
        );
    }

    #[test]
    fn utf_16_is_read() {
        let bytes: Vec<u8> =
            [0xFEFF].into_iter().chain("kind: Secret".encode_utf16()).flat_map(u16::to_be_bytes).collect();
        let Content::Text(text) = content(&bytes) else { panic!("a text") };
        assert_eq!(text, "kind: Secret");
    }

    #[test]
    fn places_are_told_from_one_on_in_characters() {
        let text = "a\nä: b\r\nc";
        let lines = Lines::of(text);
        assert_eq!(lines.spot(text.find('b').unwrap()), Spot { line: 2, column: 4 });
        assert_eq!((lines.line(2), lines.line(3), lines.line(9)), ("ä: b", "c", ""));
    }
}
