//! Texts in lines, and in pieces of several.

use std::ops::Range;

/// Where the lines of a text stand that are not empty, from a place on.
pub(super) fn places(text: &[u8], from: usize) -> impl Iterator<Item = Range<usize>> {
    let ends = memchr::memchr_iter(b'\n', &text[from..]).map(move |end| from + end).chain([text.len()]);
    let mut start = from;
    ends.map(move |end| std::mem::replace(&mut start, end + 1)..end).filter(|line| !line.is_empty())
}

/// The part of a text that may belong to a line in it: a few lines before and behind it, and those behind it that stand
/// further right.
pub(super) fn around(text: &[u8], line: &Range<usize>) -> Range<usize> {
    const FEW: usize = 4;
    let (mut start, mut end, mut lines) = (line.start, line.start.saturating_sub(1), 0);
    while lines < FEW && end > 0 {
        start = memchr::memrchr(b'\n', &text[..end]).map_or(0, |end| end + 1);
        lines += usize::from(start < end);
        end = start.saturating_sub(1);
    }
    let indentation =
        |line: &Range<usize>| text[line.clone()].iter().take_while(|byte| **byte == b' ').count();
    let (own, mut is_further) = (indentation(line), true);
    let belongs = |(number, next): &(usize, Range<usize>)| {
        is_further &= indentation(next) > own;
        *number < FEW || is_further
    };
    let last = places(text, line.end).enumerate().take_while(belongs).last();
    start..last.map_or(line.end, |(_, last)| last.end)
}

/// From so many bytes on a text is cut into longer pieces.
const LONG: usize = 16 * 1024;

/// A text in pieces of whole lines. Where a piece ends depends on its own lines only: texts that differ in one line soon
/// have their pieces in common again.
pub(super) fn pieces(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    // Where a piece is new its lines are looked up, and other pieces are: the longer a text, the more there are.
    let least = if text.len() < LONG { 128 } else { 384 };
    let mut end = 0;
    std::iter::from_fn(move || {
        let start = end;
        end += piece(&text[start..], least);
        (start < end).then_some(start..end)
    })
}

/// The length of the piece at the beginning of a text. Lines are looked at from where it is long enough.
fn piece(text: &[u8], least: usize) -> usize {
    let mut start = 0;
    let ends = memchr::memchr_iter(b'\n', text.get(least..).unwrap_or_default());
    for end in ends.map(|end| least + end) {
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
            let pieces: Vec<_> = pieces(text.as_bytes()).map(|piece| &text[piece]).collect();
            assert_eq!(pieces.concat(), text);
        }
        assert!(pieces(text(None).as_bytes()).count() > 10);
    }

    #[test]
    fn a_few_lines_belong_to_one_and_those_that_stand_further_right() {
        let text = "1\n2\n\n3\n4\n5\nx:\n 6\n 7\n\n 8\n  9\n 10\n11\n";
        let part = |line: &str| {
            let at = text.find(line).unwrap();
            &text[around(text.as_bytes(), &(at..at + line.trim_end().len()))]
        };
        assert_eq!(part("x:"), "2\n\n3\n4\n5\nx:\n 6\n 7\n\n 8\n  9\n 10");
        assert_eq!(part("2\n"), "1\n2\n\n3\n4\n5\nx:");
        assert_eq!(part("11\n"), " 7\n\n 8\n  9\n 10\n11");
        assert_eq!(part("1\n2"), "1\n2\n\n3\n4\n5\nx:");
    }

    #[test]
    fn a_line_that_changes_leaves_other_pieces_as_they_are() {
        let (before, after) = (text(None), text(Some(200)));
        let before: HashSet<_> = pieces(before.as_bytes()).map(|piece| &before[piece]).collect();
        let new = pieces(after.as_bytes()).filter(|piece| !before.contains(&after[piece.clone()])).count();
        assert!((1..=3).contains(&new), "{new}");
    }
}
