//! Lines of a text, and places in it as gitleaks counts them.

use std::ops::Range;

/// The place of a finding as gitleaks counts it: fingerprints, baselines and `withinColumns` need its numbers, with
/// their oddities. Lines are from 1; 0 in all fields is a finding of a whole file.
///
/// Columns count bytes, from 1 in the first line and from 2 in all others. The last column is 0 where a match of
/// several lines ends in a line without a line feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// The line of its first byte.
    pub start_line: usize,
    /// The line of its last byte.
    pub end_line: usize,
    /// The column of its first byte.
    pub start_column: usize,
    /// The column of its last byte.
    pub end_column: usize,
}

/// Where the lines of a text end.
#[derive(Debug)]
pub(super) struct Lines {
    /// The line feeds; the end of the text where there are none.
    feeds: Vec<usize>,
    length: usize,
}

impl Lines {
    pub(super) fn of(text: &[u8]) -> Self {
        let mut feeds: Vec<_> =
            text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at).collect();
        if feeds.is_empty() {
            feeds.push(text.len());
        }
        Self { feeds, length: text.len() }
    }

    /// The place of a match.
    pub(super) fn place(&self, range: &Range<usize>) -> Place {
        let (first, last) = self.numbers(range);
        let start_line = first + 1;
        let start_column = range.start + 1 - self.before(first);
        if first < self.feeds.len() && last == self.feeds.len() {
            return Place { start_line, end_line: start_line, start_column, end_column: 0 };
        }
        let end_column = range.end - self.before(last);
        Place { start_line, end_line: first.max(last) + 1, start_column, end_column }
    }

    /// The lines that a match touches, from the line feed before them, as gitleaks shows them to `regexTarget =
    /// "line"`, to the one after them.
    pub(super) fn around(&self, range: &Range<usize>) -> Range<usize> {
        let (first, last) = self.numbers(range);
        let end = self.feeds.get(first.max(last)).copied().unwrap_or(self.length);
        self.before(first)..end.max(range.end)
    }

    /// The numbers, from 0, of the lines of the first and the last byte. A line feed belongs to the line after it as a
    /// first byte, and to the line before it as a last one.
    fn numbers(&self, range: &Range<usize>) -> (usize, usize) {
        let first = self.feeds.partition_point(|feed| *feed <= range.start);
        let last = self.feeds.partition_point(|feed| *feed < range.end);
        (first, last)
    }

    /// The line feed before a line.
    fn before(&self, line: usize) -> usize {
        line.checked_sub(1).map_or(0, |line| self.feeds[line])
    }
}

#[cfg(test)]
mod tests {
    use super::{Lines, Place};

    fn place(text: &str, found: &str) -> (Place, String) {
        let start = text.find(found).unwrap();
        let range = start..start + found.len();
        let lines = Lines::of(text.as_bytes());
        (lines.place(&range), text[lines.around(&range)].to_owned())
    }

    fn counted(start_line: usize, end_line: usize, start_column: usize, end_column: usize) -> Place {
        Place { start_line, end_line, start_column, end_column }
    }

    #[test]
    fn columns_begin_at_one_in_the_first_line_and_at_two_in_the_others() {
        assert_eq!(place("abc\nabd\n", "abc"), (counted(1, 1, 1, 3), "abc".to_owned()));
        assert_eq!(place("abc\nabd\n", "abd"), (counted(2, 2, 2, 4), "\nabd".to_owned()));
        assert_eq!(place("abc", "bc"), (counted(1, 1, 2, 3), "abc".to_owned()));
    }

    #[test]
    fn a_match_of_several_lines_has_them_all() {
        assert_eq!(place("a\nbc\nde\nf\n", "c\nd"), (counted(2, 3, 3, 2), "\nbc\nde".to_owned()));
    }

    #[test]
    fn the_last_line_needs_no_line_feed() {
        assert_eq!(place("a\nb\ncd", "cd"), (counted(3, 3, 2, 3), "\ncd".to_owned()));
        assert_eq!(place("a\nbc\nde", "c\nd"), (counted(2, 2, 3, 0), "\nbc\nde".to_owned()));
    }
}
