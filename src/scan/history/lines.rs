//! Texts in lines, and in pieces of several.

/// The lines of a text that are not empty.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut from = 0;
    let ends = memchr::memchr_iter(b'\n', text).chain([text.len()]);
    ends.map(move |end| &text[std::mem::replace(&mut from, end + 1)..end]).filter(|line| !line.is_empty())
}

/// A text in pieces of whole lines. Where a piece ends depends on its own lines only: texts that differ in one line soon
/// have their pieces in common again.
pub(super) fn pieces(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (piece, behind) = rest.split_at(piece(rest));
        rest = behind;
        (!piece.is_empty()).then_some(piece)
    })
}

/// The length of the piece at the beginning of a text. Lines are looked at from where it is long enough.
fn piece(text: &[u8]) -> usize {
    const LEAST: usize = 384;
    let mut start = 0;
    let ends = memchr::memchr_iter(b'\n', text.get(LEAST..).unwrap_or_default());
    for end in ends.map(|end| LEAST + end) {
        if start > 0 && ends_piece(&text[start..end]) {
            return end + 1;
        }
        start = end + 1;
    }
    text.len()
}

/// One line of four: by its length and two of its bytes, which is told sooner than by all of them.
fn ends_piece(line: &[u8]) -> bool {
    let (Some(last), middle) = (line.last(), line.len() / 2) else { return false };
    let mixed = line.len().wrapping_mul(31) ^ usize::from(line[middle]).wrapping_mul(7) ^ usize::from(*last);
    mixed.is_multiple_of(4)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn text(changed: Option<usize>) -> String {
        let line = |number| if changed == Some(number) { "other: 1\n".to_owned() } else { line(number) };
        (0..400).map(line).collect()
    }

    fn line(number: usize) -> String {
        format!("{}key{}: {}\n", " ".repeat(number % 5), number * 7919, "v".repeat(number % 23))
    }

    #[test]
    fn pieces_are_the_text() {
        for text in ["", "a", "a\n", "\n\n", "a\nb", &text(None)] {
            assert_eq!(pieces(text.as_bytes()).collect::<Vec<_>>().concat(), text.as_bytes());
        }
        assert!(pieces(text(None).as_bytes()).count() > 10);
    }

    #[test]
    fn a_line_that_changes_leaves_other_pieces_as_they_are() {
        let (before, after) = (text(None), text(Some(200)));
        let before: HashSet<_> = pieces(before.as_bytes()).collect();
        let new = pieces(after.as_bytes()).filter(|piece| !before.contains(piece)).count();
        assert!((1..=3).contains(&new), "{new}");
    }
}
