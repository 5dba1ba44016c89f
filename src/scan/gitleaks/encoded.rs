//! Encoded stretches of a text, as gitleaks tells them: percent escapes, Unicode escapes, hexadecimal digits, base64.

mod decoder;

use std::ops::Range;

/// Hexadecimal digits that are decoded at least.
const LEAST_HEX: usize = 32;
/// Characters of base64 that are decoded at least.
const LEAST_BASE64: usize = 16;

/// How a stretch is encoded. Of two that touch, the one that stands first here is decoded first, the other one in the
/// next round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Encoding {
    /// From `%41` to the last such escape of the line.
    Percent,
    /// `U+0041 U+0042`, `\u0041`, `\\u0041`.
    Unicode,
    /// At least 32 hexadecimal digits.
    Hex,
    /// At least 16 characters of base64, of either alphabet.
    Base64,
}

/// A stretch of a text that may be encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) encoding: Encoding,
    pub(super) range: Range<usize>,
}

/// The stretches that are decoded in one round.
pub(super) fn stretches(text: &[u8]) -> Vec<Stretch> {
    let all = candidates(text);
    let gives_way = |stretch: &Stretch, neighbour: Option<&Stretch>| {
        neighbour.is_some_and(|other| {
            let touch = other.range.start <= stretch.range.end && stretch.range.start <= other.range.end;
            touch && other.encoding < stretch.encoding
        })
    };
    let kept = all.iter().enumerate().filter(|(index, stretch)| {
        let before = index.checked_sub(1).and_then(|before| all.get(before));
        !gives_way(stretch, before) && !gives_way(stretch, all.get(index + 1))
    });
    kept.map(|(_, stretch)| stretch.clone()).collect()
}

fn candidates(text: &[u8]) -> Vec<Stretch> {
    let mut found = Vec::new();
    let mut at = 0;
    // The end of the base64 characters that `at` is among.
    let mut run_end = 0;
    while let Some(byte) = text.get(at) {
        if is_base64(*byte) && run_end <= at {
            run_end = at + count(&text[at..], is_base64);
        }
        match candidate(text, at, run_end) {
            Some(stretch) => {
                at = stretch.range.end;
                found.push(stretch);
            }
            // No later byte of a short run begins anything but `U+0041`.
            None if run_end > at => {
                at += 1 + count(&text[at + 1..run_end], |byte| byte != b'U');
            }
            None => at += 1,
        }
    }
    found
}

/// The stretch that begins at a byte.
fn candidate(text: &[u8], at: usize, run_end: usize) -> Option<Stretch> {
    let stretch = |encoding, end| Some(Stretch { encoding, range: at..end });
    match text[at] {
        b'%' => return stretch(Encoding::Percent, percent_end(text, at)?),
        b'\\' => return stretch(Encoding::Unicode, escapes_end(text, at)?),
        b'U' => {
            if let Some(end) = code_points_end(text, at) {
                return stretch(Encoding::Unicode, end);
            }
        }
        _ => {}
    }
    let run = run_end.saturating_sub(at);
    if run >= LEAST_HEX {
        let digits = count(&text[at..run_end], |byte| byte.is_ascii_hexdigit());
        if digits >= LEAST_HEX {
            return stretch(Encoding::Hex, at + digits);
        }
    }
    if run >= LEAST_BASE64 {
        let padding = text[run_end..].iter().take(2).take_while(|byte| **byte == b'=').count();
        return stretch(Encoding::Base64, run_end + padding);
    }
    None
}

fn count(text: &[u8], of: impl Fn(u8) -> bool) -> usize {
    text.iter().take_while(|byte| of(**byte)).count()
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/' | b'+' | b'-')
}

fn is_hex(text: &[u8], at: usize, digits: usize) -> bool {
    text.get(at..at + digits).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

fn percent_end(text: &[u8], at: usize) -> Option<usize> {
    if !is_hex(text, at + 1, 2) {
        return None;
    }
    let first_end = at + 3;
    let line_end = first_end + count(&text[first_end..], |byte| byte != b'\n');
    let last = (first_end..line_end).rev().find(|at| text[*at] == b'%' && is_hex(text, at + 1, 2));
    Some(last.map_or(first_end, |last| last + 3))
}

fn escapes_end(text: &[u8], at: usize) -> Option<usize> {
    let mut end = at;
    while let Some(digits) = escape_digits(text, end) {
        end = digits + 4;
    }
    (end > at).then_some(end)
}

/// Where the digits of `\u0041` or `\\u0041` stand.
fn escape_digits(text: &[u8], at: usize) -> Option<usize> {
    let backslashes = count(&text[at..text.len().min(at + 2)], |byte| byte == b'\\');
    let digits = at + backslashes + 1;
    let has_letter = backslashes > 0 && matches!(text.get(digits - 1), Some(b'u' | b'U'));
    (has_letter && is_hex(text, digits, 4)).then_some(digits)
}

fn code_points_end(text: &[u8], at: usize) -> Option<usize> {
    let mut end = at;
    while text[end..].starts_with(b"U+") && is_hex(text, end + 2, 4) {
        match text.get(end + 6) {
            None => end += 6,
            Some(b' ' | b'\t' | b'\n' | b'\r' | b'\x0C') => end += 7,
            Some(_) => break,
        }
    }
    (end > at).then_some(end)
}

#[cfg(test)]
mod tests {
    use regex::bytes::Regex;

    use super::{Encoding, candidates, stretches};

    /// What gitleaks looks for, as one pattern.
    const PATTERN: &str = concat!(
        r"(?-u)(?P<percent>%[0-9A-Fa-f]{2}(?:.*%[0-9A-Fa-f]{2})?)",
        r"|(?P<unicode>(?:U\+[a-fA-F0-9]{4}(?:[\t\n\f\r ]|$))+|(?i:\\{1,2}u[a-f0-9]{4})+)",
        r"|(?P<hex>[0-9A-Fa-f]{32,})",
        r"|(?P<base64>[\w/+-]{16,}={0,2})",
    );

    /// Texts of parts that begin, end or look like stretches: the same ones each time.
    fn texts() -> impl Iterator<Item = String> {
        const PARTS: &[&str] = &[
            "%41",
            "%4",
            "%",
            "U+0041",
            "U+004",
            "U",
            " ",
            "\n",
            "\\",
            "\\u0041",
            "\\U00e4",
            "deadbeef",
            "0123456789abcdef",
            "abcdefghijklmnop",
            "_-/+",
            "=",
            "==",
            "x",
            "ä",
        ];
        let mut state: u32 = 1;
        let mut next = move |below: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as usize % below
        };
        (0..20_000).map(move |_| (0..=next(12)).map(|_| PARTS[next(PARTS.len())]).collect())
    }

    #[test]
    fn the_same_stretches_are_found_as_by_the_pattern() {
        let pattern = Regex::new(PATTERN).unwrap();
        for text in texts() {
            let stretches = candidates(text.as_bytes()).into_iter();
            let found: Vec<_> = stretches.map(|stretch| (stretch.encoding.name(), stretch.range)).collect();
            let expected: Vec<_> = pattern
                .captures_iter(text.as_bytes())
                .flat_map(|groups| {
                    ["percent", "unicode", "hex", "base64"]
                        .map(|name| groups.name(name).map(|group| (name, group.range())))
                })
                .flatten()
                .collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn of_two_that_touch_the_one_with_the_narrower_form_comes_first() {
        let hex = "0123456789abcdef0123456789abcdef";
        let text = format!("{hex}ghijklmnopqrstuv");
        let found: Vec<_> = stretches(text.as_bytes()).into_iter().map(|stretch| stretch.encoding).collect();
        assert_eq!(found, [Encoding::Hex]);
    }
}
