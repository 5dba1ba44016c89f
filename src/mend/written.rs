//! How a value is written where it stands: which bytes are it, and that they are all of it.

use std::ops::Range;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::refusal::No;
use crate::scan::Finding;
use crate::scan::place::{self, Place};

/// The rule of values in files of variables.
const VARIABLE: &str = "variable";

/// A value as it is written.
pub(super) struct Written {
    /// Its bytes, without quotes, and without white space that ends a block.
    pub(super) range: Range<usize>,
    /// Whether they are the value in base64.
    pub(super) is_encoded: bool,
    /// Whether what is found is what they mean, without quotes and signs for other letters.
    pub(super) is_known: bool,
    /// Whether what takes its place needs quotes.
    is_bare: bool,
}

impl Written {
    /// Of a finding in a text. What is all of a scalar of a document is read by that; `is_scalar` says so.
    ///
    /// # Errors
    /// More or less than the value would go.
    #[expect(clippy::disallowed_methods, reason = "sink: a look at how a value is written, wiped")]
    pub(super) fn of(path: &Path, text: &str, finding: &Finding, is_scalar: bool) -> Result<Self, No> {
        let range = unquoted(text, trimmed(text, finding.range.clone()));
        let written = text.get(range.clone()).filter(|text| !text.is_empty()).ok_or_else(No::unsafe_place)?;
        // In a file of variables what is told is all of a value, and what that means.
        let is_known = finding.rule == VARIABLE;
        let value = finding.value.expose_text().unwrap_or_default();
        let encoded = Zeroizing::new(STANDARD.encode(finding.value.expose()));
        let within = |letters: &str| {
            let at = written.find(letters).filter(|_| !letters.is_empty())?;
            Some(range.start + at..range.start + at + letters.len())
        };
        let (range, is_encoded) = match (within(&value), within(&encoded)) {
            _ if is_known => (range, false),
            (Some(range), _) => (trimmed(text, range), false),
            (None, Some(range)) => (range, true),
            (None, None) => (range, false),
        };
        let is_of_place = Place::ALL.iter().any(|place| place.rule() == finding.rule);
        if is_of_place && !is_known && !is_scalar && !is_all(text, &range) {
            return Err(No::new(
                "where the value ends cannot be told for sure, by quotes or signs beside it",
                "edit it by hand, or write it in a plainer form first",
            ));
        }
        let is_toml = path.extension().is_some_and(|end| end == "toml");
        let is_bare = is_toml && is_of_place && text[..range.start].trim_end_matches(' ').ends_with('=');
        Ok(Self { range, is_encoded, is_known, is_bare })
    }

    /// What is written for a reference.
    pub(super) fn with(&self, reference: &str) -> String {
        match (self.is_encoded, self.is_bare) {
            (true, _) => STANDARD.encode(reference),
            (false, true) => format!("\"{reference}\""),
            (false, false) => reference.to_owned(),
        }
    }
}

/// Whether a value ends where its bytes end: at its own quote, and with nothing that a program may read on.
fn is_all(text: &str, range: &Range<usize>) -> bool {
    let value = &text[range.clone()];
    let after = &text[range.end..];
    let line = after.lines().next().unwrap_or_default();
    let is_quote = |letter: char| "\"'`".contains(letter);
    if value.ends_with('\\') || line.trim() == "\\" {
        return false;
    }
    if let Some(quote) = quote(text, range.start) {
        return line.strip_prefix(quote).is_some_and(|rest| {
            let is_end =
                rest.chars().next().is_none_or(|next| next.is_whitespace() || ",;:)}]>".contains(next));
            is_end && !rest.trim_start().starts_with(is_quote)
        });
    }
    let before = text[..range.start].lines().next_back().unwrap_or_default();
    // A quote behind it closes one that is open since before the name.
    let is_closed = |quote: &char| before.matches(*quote).count() % 2 == 1;
    let next = line.chars().next().filter(|next| is_quote(*next));
    !value.starts_with(is_quote) && next.is_none_or(|next| is_closed(&next))
}

/// The quote before some bytes.
fn quote(text: &str, at: usize) -> Option<char> {
    text[..at].chars().next_back().filter(|letter| "\"'".contains(*letter))
}

/// The range without white space at its ends.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let Some(inner) = text.get(range.clone()) else { return range };
    let start = range.start + (inner.len() - inner.trim_start().len());
    start..(start + inner.trim().len())
}

/// The range without quotes around it.
fn unquoted(text: &str, range: Range<usize>) -> Range<usize> {
    let cut = text.get(range.clone()).map_or(0, |text| (text.len() - place::unquoted(text).len()) / 2);
    range.start + cut..range.end - cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_goes_on_behind_its_bytes_is_not_all() {
        for (text, value, is) in [
            ("password = \"abc\" # why", "abc", true),
            ("{\"password\": \"abc\"}", "abc", true),
            ("password=abc", "abc", true),
            ("--password=abc --user=b", "abc", true),
            ("password = \"ab\\\"c\"", "ab\\", false),
            ("P='ab'\"'\"'c'", "ab", false),
            ("P=\"abc\ndef\"", "\"abc", false),
            ("p=abc\\\n  def", "abc\\", false),
            ("p = \"abc\" \"def\"", "abc", false),
            ("p=abc\"def\"", "abc", false),
            ("- \"P=abc\"", "abc", true),
        ] {
            let at = text.find(value).unwrap();
            assert_eq!(is_all(text, &(at..at + value.len())), is, "{text}");
        }
    }
}
