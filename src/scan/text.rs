//! From bytes to a text whose places can be told, and what is no text.

use std::borrow::Cow;
use std::cell::Cell;

use super::name::{Promise, promise};
use super::verdict::is_random;

/// What the bytes of a file are.
pub(super) enum Content<'b> {
    /// A text. Each byte that is no UTF-8 is a `?`, so that places are those of the file.
    Text(Cow<'b, str>),
    /// No text: an image, an archive, a program.
    Binary,
}

/// What stands in the place of a secret; it says nothing of its length.
pub const DOTS: &str = "••••••••";

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
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    /// The place that was told last: in a long line the next one is counted from there.
    last: Cell<(usize, Spot)>,
}

/// A line and a column, both counted from 1; columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
        Self {
            text,
            starts: std::iter::once(0).chain(ends).collect(),
            last: Cell::new((0, Spot { line: 1, column: 1 })),
        }
    }

    /// The text.
    pub(super) fn text(&self) -> &'t str {
        self.text
    }

    /// The place of a byte.
    #[must_use]
    pub(super) fn spot(&self, at: usize) -> Spot {
        let line = self.starts.partition_point(|start| *start <= at).max(1);
        let (from, column) = match self.last.get() {
            (last, spot) if spot.line == line && last <= at => (last, spot.column),
            _ => (self.starts[line - 1], 1),
        };
        let spot =
            Spot { line, column: column + self.text.get(from..at).unwrap_or_default().chars().count() };
        self.last.set((at, spot));
        spot
    }

    /// A line without its end, counted from 1; nothing where there is none.
    #[must_use]
    pub(super) fn line(&self, number: usize) -> &'t str {
        let Some(start) = number.checked_sub(1).and_then(|index| self.starts.get(index)) else { return "" };
        let end = self.starts.get(number).map_or(self.text.len(), |next| *next);
        self.text[*start..end].trim_end_matches(['\n', '\r'])
    }

    /// The name that a secret is assigned to in its line, with dots in place of the secret; dots alone where there is none.
    /// They say nothing of its length. What else stands in the line may be secret too, and is not shown; nor is a name
    /// that looks like one.
    #[must_use]
    pub(super) fn masked(&self, from: usize, at: usize) -> String {
        const LONGEST: usize = 40;
        const AROUND: [char; 5] = [' ', '\t', '"', '\'', '\\'];
        let start = self.starts[self.spot(at).line - 1].max(from);
        let before = self.text.get(start..at).unwrap_or_default();
        let head = before.trim_end_matches(AROUND);
        let name = head.trim_end_matches([':', '=']).trim_end_matches(AROUND);
        let sign = &before[name.len()..];
        let is_letter = |letter: char| letter.is_alphanumeric() || "_-.".contains(letter);
        let bare = &name[name.trim_end_matches(is_letter).len()..];
        let is_name = head.len() > name.len() && (1..=LONGEST).contains(&bare.len()) && !looks_secret(bare);
        if is_name { format!("{bare}{sign}{DOTS}") } else { DOTS.to_owned() }
    }
}

/// Whether a word beside a secret may be another one: it is random, or a part of an address or a login.
fn looks_secret(word: &str) -> bool {
    let is_mixed = word.bytes().any(|byte| byte.is_ascii_digit()) && promise(word) == Promise::Anything;
    is_random(word) || is_mixed
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
    fn of_a_line_the_name_is_shown_and_nothing_else() {
        for (text, shown) in [
            ("  password: SECRET # and secret", "password: ••••••••"),
            ("{\"a\": \"secret\", \"b\": \"SECRET\"}", "b\": \"••••••••"),
            ("x --token=SECRET secret", "--token=••••••••"),
            ("secret\n  SECRET", "••••••••"),
            ("secret SECRET", "••••••••"),
            ("k3J9d8Xq2LmN:SECRET", "••••••••"),
            ("postgres://app:SECRET@db", "app:••••••••"),
            ("https://x.org/t/hunter2:SECRET", "••••••••"),
        ] {
            assert_eq!(Lines::of(text).masked(0, text.find("SECRET").unwrap()), shown, "{text}");
        }
    }

    #[test]
    fn another_secret_before_one_is_no_name_of_it() {
        let text = "first=hunter:SECRET";
        let shown = |from| Lines::of(text).masked(from, text.find("SECRET").unwrap());
        assert_eq!(
            (shown(0).as_str(), shown("first=hunter".len()).as_str()),
            ("hunter:••••••••", "••••••••")
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
