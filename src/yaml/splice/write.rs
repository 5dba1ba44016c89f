//! Texts as YAML scalars that every reader, of YAML 1.1, 1.2 or JSON, takes for the same text.

use std::fmt::Write;

use serde_json::Value;

use super::tree::Style;
use crate::yaml::scalar::{self, Dialect};

/// Where a scalar is to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    Block,
    Flow,
    /// In a document that is JSON and is to stay so.
    Json,
}

/// A text as a scalar on one line, in the wanted style where that can hold it.
pub(super) fn scalar(text: &str, wanted: Style, around: Around) -> String {
    match wanted {
        Style::Single if around != Around::Json && text.chars().all(|c| is_printable(c) && c != '\t') => {
            format!("'{}'", text.replace('\'', "''"))
        }
        Style::AnyText | Style::Plain | Style::Nothing
            if around != Around::Json && fits_plain(text, around) =>
        {
            text.to_owned()
        }
        _ => double(text),
    }
}

/// Whether both dialects of ours take a scalar that is written plainly for a text.
pub(super) fn is_text_when_plain(text: &str) -> bool {
    let same = |dialect| scalar::plain(text, dialect).as_ref().and_then(Value::as_str) == Some(text);
    same(Dialect::Ours) && same(Dialect::Kubectl)
}

fn fits_plain(text: &str, around: Around) -> bool {
    let sound_inside = |c: char| match c {
        ',' | '[' | ']' | '{' | '}' | ':' | '?' => around == Around::Block,
        ' ' => true,
        _ => c.is_ascii_graphic() || (!c.is_ascii() && c.is_alphanumeric()),
    };
    let mut all = text.chars();
    let sound_first = match all.next() {
        Some('-') => all.next().is_some_and(char::is_alphanumeric),
        Some(c) => c.is_alphanumeric() || matches!(c, '_' | '/' | '.' | '+' | '~' | '$' | '(' | '^' | ';'),
        None => false,
    };
    sound_first
        && text.chars().all(sound_inside)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.starts_with("...")
        && !resembles_another_kind(text)
        && is_text_when_plain(text)
}

/// Whether some schema of YAML 1.1 or 1.2 knows it as a number, a date, a boolean or null; widely taken.
fn resembles_another_kind(text: &str) -> bool {
    const WORDS: [&str; 14] =
        ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", ".inf", "+.inf", "-.inf", ".nan"];
    let lower = text.to_ascii_lowercase();
    let unsigned = lower.strip_prefix(['+', '-']).unwrap_or(&lower);
    let of_digits = |rest: &str| rest.chars().all(|c| c.is_ascii_hexdigit() || c == '_');
    let is_based = ["0x", "0o", "0b"].iter().any(|start| unsigned.strip_prefix(start).is_some_and(of_digits));
    let is_decimal = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && unsigned.chars().any(|c| c.is_ascii_digit())
        && unsigned
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '_' | '.' | ',' | ':' | 'e' | '+' | '-'));
    let is_date = lower.len() > 5
        && lower.bytes().take(4).all(|b| b.is_ascii_digit())
        && lower.as_bytes().get(4) == Some(&b'-');
    WORDS.contains(&lower.as_str()) || is_based || is_decimal || is_date
}

/// YAML 1.1 and 1.2 `c-printable`, without what one of them takes for a line break and without marks.
fn is_printable(c: char) -> bool {
    matches!(c, '\t' | ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}'
        | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..)
}

/// With the escapes that JSON and YAML share.
fn double(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_printable(c) => out.push(c),
            c => {
                // Writing to a string cannot fail, and all that is not printable lies in the first plane.
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}

/// The header and the indented lines of a block scalar, or `None` where that style cannot hold the text.
/// `ended` tells whether a line break follows it in the file: without one, readers differ about the last one.
pub(super) fn block(
    text: &str,
    style: Style,
    indent: usize,
    line_break: &str,
    ended: bool,
) -> Option<(String, String)> {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let clipped = body.len() < text.len();
    let lines: Vec<_> = body.split('\n').collect();
    let sound_line =
        |line: &&str| !line.trim().is_empty() && line.chars().all(|c| is_printable(c) && c != '\t');
    // The first line with text in it says how far all are indented.
    let sound = lines.iter().find(|line| !line.is_empty()).is_some_and(|first| !first.starts_with(' '))
        && lines.last().is_some_and(sound_line)
        && lines.iter().all(|line| line.is_empty() || sound_line(line));
    if !sound || (clipped && !ended) {
        return None;
    }
    // A folded text of several lines would need its breaks doubled; a literal one shows them as they are.
    let sign = if style == Style::Folded && lines.len() == 1 { '>' } else { '|' };
    let head = format!("{sign}{}", if clipped { "" } else { "-" });
    let mut out = String::new();
    for line in lines {
        out.push_str(line_break);
        if !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', indent));
            out.push_str(line);
        }
    }
    Some((head, out))
}

#[cfg(test)]
mod tests {
    use super::{Around, Style, scalar};

    #[test]
    fn a_text_is_quoted_only_where_some_reader_would_take_it_for_something_else() {
        let plainly = |text: &str| scalar(text, Style::AnyText, Around::Block) == text;
        for text in "AgB3/+x== /a +a ./base ../x.yaml 10Gi v1.2 a:b é -x".split(' ').chain(["a b"]) {
            assert!(plainly(text), "{text}");
        }
        let traps = "yes oN ~ null 0755 0o7 0x1F 1_000 1e3 1.5 1:30 .inf 2001-12-14 1.2.3 a: - --- ... #a &a *a !a | > \
                     %a @a `a {a [a 'a \"a = <<";
        let spaced =
            ["", " a", "a ", "a: b", "a #b", "- a", "? a", "a\nb", "a\tb", "\u{85}", "\u{2028}", "\u{feff}"];
        for text in traps.split_whitespace().chain(spaced) {
            assert!(!plainly(text), "{text}");
        }
    }

    #[test]
    fn quotes_hold_everything_and_json_is_always_double() {
        assert_eq!(scalar("it's", Style::Single, Around::Block), "'it''s'");
        assert_eq!(scalar("a\nb", Style::Single, Around::Block), "\"a\\nb\"");
        assert_eq!(scalar("a\u{85}\"\\", Style::Plain, Around::Block), "\"a\\u0085\\\"\\\\\"");
        assert_eq!(scalar("a", Style::Plain, Around::Json), "\"a\"");
        assert_eq!(scalar("a,b", Style::Plain, Around::Flow), "\"a,b\"");
    }
}
