//! Names with values that are written behind them, as environment files, properties, INI, TOML and HCL write those.

use std::borrow::Cow;
use std::ops::Range;

/// Values over several lines are not longer.
pub(super) const LONGEST: usize = 16 * 1024;

/// A value that is written behind a name.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::scan) struct Value<'t> {
    /// Its bytes, without quotes around it.
    pub(super) range: Range<usize>,
    /// Where it ends, with its quotes.
    pub(super) end: usize,
    /// What it means.
    pub(in crate::scan) text: Cow<'t, str>,
    /// Whether quotes stand around it.
    pub(in crate::scan) is_quoted: bool,
}

/// How far a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scan) enum Extent {
    /// To the end of its line.
    Line,
    /// Over several lines, if its quotes do, or a line ends with a backslash behind a letter.
    Lines,
    /// The same, with a blank before the backslash too.
    File,
}

/// The name of a line that assigns a value to one, and where that may begin.
pub(super) fn name(line: &str) -> Option<(&str, usize)> {
    /// Longer names, with quotes and blanks around them, are none.
    const LONGEST: usize = 120;
    let head = &line.as_bytes()[..line.len().min(LONGEST)];
    let mark = memchr::memchr2(b'=', b':', head)?;
    let name = line[..mark].trim_end_matches([':', '?', '+', ' ', '\t']).trim_matches(['"', '\'', ' ', '\t']);
    let is_name = !name.is_empty()
        && name.len() <= 80
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-[]".contains(&byte));
    let value = line[mark..].trim_start_matches(['=', ':', '>']).trim_start_matches([' ', '\t']);
    is_name.then_some((name, line.len() - value.len()))
}

/// The value that begins here.
pub(in crate::scan) fn value(text: &str, at: usize, extent: Extent) -> Value<'_> {
    let line = line_end(text, at);
    let last = if extent == Extent::Line { line } else { boundary(text, at + LONGEST).max(line) };
    let quoted = triple(text, at, last).or_else(|| {
        let end = word_end(text, at, line).or_else(|| lines_end(text, at, last))?;
        let is_framed = text.as_bytes()[at] == text.as_bytes()[end - 1];
        let range = if is_framed { at + 1..end - 1 } else { at..end };
        Some(Value { range, end, text: unquoted(&text[at..end]), is_quoted: true })
    });
    quoted.unwrap_or_else(|| bare(text, at, extent))
}

/// A text in three quotes, as TOML has it. A line end behind the first ones is no part of it.
fn triple(text: &str, at: usize, last: usize) -> Option<Value<'_>> {
    let is_basic = text[at..].starts_with("\"\"\"");
    if !is_basic && !text[at..].starts_with("'''") {
        return None;
    }
    let quotes = &text[at..at + 3];
    let mut end = at + 3;
    while !text.get(end..last)?.starts_with(quotes) {
        let is_escape = is_basic && text[end..last].starts_with('\\');
        let next = text[end..].chars().nth(usize::from(is_escape))?;
        end += usize::from(is_escape) + next.len_utf8();
    }
    // Two more quotes may stand before the last ones.
    end += text[end + 3..last].bytes().take(2).take_while(|byte| *byte == quotes.as_bytes()[0]).count();
    let inner = &text[at + 3..end];
    let inner = inner.strip_prefix("\r\n").or_else(|| inner.strip_prefix('\n')).unwrap_or(inner);
    let meant = if is_basic { unescaped(inner) } else { Cow::Borrowed(inner) };
    Some(Value { range: end - inner.len()..end, end: end + 3, text: meant, is_quoted: true })
}

/// Where the word ends that begins with a quote. As in a shell, what stands side by side is one word.
fn word_end(text: &str, at: usize, last: usize) -> Option<usize> {
    const ENDS: &[u8] = b" \t\r\n,;)]}>#&|<";
    let bytes = text.as_bytes();
    let mut end = closing(text, at, last)? + 1;
    while end < last && !ENDS.contains(&bytes[end]) {
        end = match bytes[end] {
            b'\\' => boundary(text, end + 2).min(last),
            _ => closing(text, end, last).unwrap_or(end) + 1,
        };
    }
    Some(end)
}

/// Where a quoted text ends that goes over lines: with its quote the line ends too.
fn lines_end(text: &str, at: usize, last: usize) -> Option<usize> {
    let end = closing(text, at, last)? + 1;
    let rest = text[end..line_end(text, end)].trim_start();
    (rest.is_empty() || rest.starts_with([',', ';', '#'])).then_some(end)
}

/// The quote that closes the one here, if one stands here. In double quotes there are escapes and expressions.
fn closing(text: &str, at: usize, last: usize) -> Option<usize> {
    let bytes = &text.as_bytes()[..last];
    let quote = *bytes.get(at)?;
    // Where an expression did not end, those within it do not either.
    let (mut next, mut open_to) = (at + 1, 0);
    match quote {
        b'\'' => memchr::memchr(quote, &bytes[next..]).map(|found| next + found),
        b'"' => loop {
            next += memchr::memchr3(b'"', b'\\', b'$', bytes.get(next..)?)?;
            next = match bytes[next] {
                b'"' => return Some(next),
                b'\\' => next + 2,
                _ if next < open_to => next + 1,
                _ => expression_end(bytes, next).unwrap_or_else(|| {
                    let is_one = matches!(bytes.get(next + 1), Some(b'{' | b'('));
                    open_to = if is_one { line_end(text, next) } else { open_to };
                    next + 1
                }),
            };
        },
        _ => None,
    }
}

/// Where the `${…}` or `$(…)` ends that begins here, in its line.
fn expression_end(bytes: &[u8], at: usize) -> Option<usize> {
    let close = match bytes.get(at + 1)? {
        b'{' => b'}',
        b'(' => b')',
        _ => return None,
    };
    let (open, mut depth) = (bytes[at + 1], 0_usize);
    let line = bytes[at + 1..].split(|byte| *byte == b'\n').next()?;
    let end = line.iter().position(|byte| {
        depth += usize::from(*byte == open);
        depth -= usize::from(*byte == close);
        depth == 0
    });
    end.map(|end| at + 1 + end + 1)
}

/// A value without quotes: to the end of its line, or of those that go on with it.
fn bare(text: &str, at: usize, extent: Extent) -> Value<'_> {
    let last = if extent == Extent::Line { at } else { text.len().min(at + LONGEST) };
    let (mut line, mut end) = (at, line_end(text, at));
    // What stands behind a comment is none of it.
    while end < last && goes_on(&text[line..end], extent) && !text[line..end].contains(" #") {
        (line, end) = (end + 1, line_end(text, end + 1));
    }
    let value = text[at..end].trim_end();
    let value = value.strip_suffix([',', ';']).unwrap_or(value).trim_end();
    let value = value.split(" #").next().unwrap_or(value).trim_end();
    let range = at..at + value.len();
    let meant = if value.contains('\n') { Cow::Owned(joined(value)) } else { Cow::Borrowed(value) };
    Value { end: range.end, range, text: meant, is_quoted: false }
}

/// Whether a line goes on in the next one.
fn goes_on(line: &str, extent: Extent) -> bool {
    let line = line.strip_suffix('\r').unwrap_or(line);
    let before = line.trim_end_matches('\\');
    (line.len() - before.len()) % 2 == 1 && (extent == Extent::File || !before.ends_with([' ', '\t']))
}

/// Lines that go on, as one.
fn joined(value: &str) -> String {
    let (before, last) = value.rsplit_once('\n').unwrap_or(("", value));
    let before = before.split('\n').map(|line| line.trim_end_matches('\r'));
    let mut lines = before.map(|line| line.strip_suffix('\\').unwrap_or(line)).chain([last]);
    let first = lines.next().unwrap_or_default().to_owned();
    lines.fold(first, |all, line| all + line.trim_start())
}

/// What a word with quotes in it means.
fn unquoted(word: &str) -> Cow<'_, str> {
    let end = closing(word, 0, word.len());
    if end == Some(word.len() - 1) {
        let inner = &word[1..word.len() - 1];
        return if word.starts_with('"') { unescaped(inner) } else { Cow::Borrowed(inner) };
    }
    let (mut meant, mut at) = (String::new(), 0);
    while at < word.len() {
        let rest = &word[at..];
        if let Some(end) = closing(rest, 0, rest.len()) {
            meant.push_str(&unquoted(&rest[..=end]));
            at += end + 1;
        } else {
            let rest = rest.strip_prefix('\\').unwrap_or(rest);
            let letter = rest.chars().next();
            meant.extend(letter);
            at = word.len() - rest.len() + letter.map_or(0, char::len_utf8);
        }
    }
    Cow::Owned(meant)
}

/// A text in double quotes without its escapes: those of TOML, of environment files and of shells.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut meant = String::with_capacity(text.len());
    let mut parts = text.split('\\');
    meant.push_str(parts.next().unwrap_or_default());
    while let Some(part) = parts.next() {
        let Some(kind) = part.chars().next() else {
            meant.push('\\');
            meant.push_str(parts.next().unwrap_or_default());
            continue;
        };
        let digits = match kind {
            'u' => part.get(1..5),
            'U' => part.get(1..9),
            _ => None,
        };
        let code = digits.and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
        match (code, kind) {
            (Some(letter), _) => {
                meant.push(letter);
                meant.push_str(&part[1 + digits.map_or(0, str::len)..]);
            }
            // A line end that is escaped is none, nor are the blanks behind it.
            (None, '\n' | '\r') => meant.push_str(part.trim_start()),
            (None, kind) => {
                match simple(kind) {
                    Some(letter) => meant.push(letter),
                    None => meant.extend(['\\', kind]),
                }
                meant.push_str(&part[kind.len_utf8()..]);
            }
        }
    }
    Cow::Owned(meant)
}

/// Escapes of one letter.
fn simple(kind: char) -> Option<char> {
    Some(match kind {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'e' => '\u{1b}',
        '"' | '$' | '`' | '\'' => kind,
        _ => return None,
    })
}

/// Where the line ends that this byte is in.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |found| at + found)
}

/// The first place from here on at which a character begins, or the end of the text.
fn boundary(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is(text: &str, written: &str, meant: &str) {
        let read = value(text, 0, Extent::File);
        assert_eq!((&text[read.range.clone()], read.text.as_ref()), (written, meant), "{text}");
    }

    #[test]
    fn quoted_values_end_at_their_quote() {
        is(r#""a\"b" # c"#, r#"a\"b"#, "a\"b");
        is(r#""a\\" b"#, r"a\\", r"a\");
        is(r#""äé\té\q", x"#, r"äé\té\q", "äé\té\\q");
        is("\"a\\u0042\\U00000043\"", "a\\u0042\\U00000043", "aBC");
        is("'a\\' b'", "a\\", "a\\");
        is(r#""${lookup("a", "b")}x"; y"#, r#"${lookup("a", "b")}x"#, r#"${lookup("a", "b")}x"#);
    }

    #[test]
    fn quoted_parts_side_by_side_are_one_word() {
        is(r#"'a'"'"'b' c"#, r#"a'"'"'b"#, "a'b");
        is(r"'a'\''b'", r"a'\''b", "a'b");
        is(r#""a"b\ c d"#, r#""a"b\ c"#, "ab c");
        is(r#""a"'b"#, r#""a"'b"#, "a'b");
    }

    #[test]
    fn values_go_over_lines() {
        is("\"a\nb\\\"c\"\nd", "a\nb\\\"c", "a\nb\"c");
        is("\"a\nb=\"c\"\n", "\"a", "\"a");
        is("\"\"\"\na\n\"b\"\n\"\"\"\nc", "a\n\"b\"\n", "a\n\"b\"\n");
        is("\"\"\"a\\\n  b\\\"\"\"\"\n", "a\\\n  b\\\"", "ab\"");
        is("'''a\"\"\"\\'''", "a\"\"\"\\", "a\"\"\"\\");
        is("\"\"\"a\"\"\"\"\" # b", "a\"\"", "a\"\"");
        is("\"\"\"a", "\"\"\"a", "\"a");
        is("a \\\r\n  b\\\\\nc", "a \\\r\n  b\\\\", "a b\\\\");
        assert_eq!(value("a \\\nb", 0, Extent::Lines).text, "a \\");
        assert_eq!(value("'a\nb'", 0, Extent::Line).text, "'a");
    }

    /// Each of these was read again from each of its places once.
    #[test]
    fn long_texts_are_read_once() {
        const SIZE: usize = 400_000;
        for (text, extent) in [
            (format!("\"{}", "${".repeat(SIZE)), Extent::Line),
            (format!("\"{}\"", "$(".repeat(SIZE)), Extent::Line),
            ("x #\\\n".repeat(SIZE), Extent::File),
            (format!("\"{}", "\\\"'".repeat(SIZE)), Extent::Line),
        ] {
            assert!(value(&text, 0, extent).end <= text.len());
        }
        assert_eq!(name(&"1,".repeat(SIZE)), None);
    }

    #[test]
    fn any_text_is_read() {
        let letters = ["\"", "'", "\\", "\n", "$", "{", "}", "ä", "a", " ", "#"];
        for number in 0..letters.len().pow(5) {
            let digit = |place: u32| letters[number / letters.len().pow(place) % letters.len()];
            let text: String = (0..5).map(digit).collect();
            for extent in [Extent::Line, Extent::Lines, Extent::File] {
                let read = value(&text, 0, extent);
                assert!(text.get(read.range.clone()).is_some() && read.end <= text.len(), "{text:?}");
            }
        }
    }
}
