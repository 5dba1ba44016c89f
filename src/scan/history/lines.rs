//! Texts in lines, and in pieces of several.

/// The lines of a text that are not empty.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
}

/// A text in pieces of whole lines. Where a piece ends depends on its last line only: texts that differ in one line have
/// all pieces but one in common.
pub(super) fn pieces(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (mut from, mut start) = (0, 0);
    let mut ends = memchr::memchr_iter(b'\n', text).map(|end| end + 1);
    std::iter::from_fn(move || {
        for end in ends.by_ref() {
            let is_last = ends_piece(&text[start..end - 1]);
            start = end;
            if is_last {
                return Some(&text[std::mem::replace(&mut from, end)..end]);
            }
        }
        let rest = &text[from..];
        from = text.len();
        (!rest.is_empty()).then_some(rest)
    })
}

/// One line of sixteen: by its length and two of its bytes, which is told sooner than by all of them.
fn ends_piece(line: &[u8]) -> bool {
    let (Some(last), middle) = (line.last(), line.len() / 2) else { return false };
    let mixed = line.len().wrapping_mul(31) ^ usize::from(line[middle]).wrapping_mul(7) ^ usize::from(*last);
    mixed.is_multiple_of(16)
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
        assert!((1..=2).contains(&new), "{new}");
    }
}
