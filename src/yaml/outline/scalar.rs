//! Scalars: where they end, what they mean, and where each byte of that is written.

use std::borrow::Cow;
use std::ops::Range;

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// No character at all.
    Nothing,
    /// Without quotes.
    Plain,
    /// In single quotes.
    Single,
    /// In double quotes.
    Double,
    /// A block with `|`; the indentation of its lines, and what becomes of the last line ends.
    Literal(u16, Chomp),
    /// A block with `>`.
    Folded(u16, Chomp),
}

/// What becomes of line ends at the end of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chomp {
    /// One stays.
    Clip,
    /// None stays: `-`.
    Strip,
    /// All stay: `+`.
    Keep,
}

/// What a scalar means.
pub(super) fn decode(text: &str, range: Range<usize>, style: Style) -> Cow<'_, str> {
    let written = &text[range.clone()];
    let inner = unquoted(written);
    match style {
        Style::Nothing => Cow::Borrowed(""),
        Style::Plain if !written.contains('\n') => Cow::Borrowed(written),
        Style::Single if !inner.contains(['\'', '\n']) => Cow::Borrowed(inner),
        Style::Double if !inner.contains(['\\', '\n']) => Cow::Borrowed(inner),
        _ => Cow::Owned(written_out(text, range, style)),
    }
}

fn written_out(text: &str, range: Range<usize>, style: Style) -> String {
    let mut out = Out { text: String::new(), pieces: None };
    write(text, range, style, &mut out);
    out.text
}

/// Where each byte of what a scalar means is written.
#[derive(Debug, Default)]
pub struct Places {
    pieces: Vec<Piece>,
    /// Where it ends, without its quote.
    end: usize,
}

/// A piece of a decoded text.
#[derive(Debug)]
struct Piece {
    /// Where it begins in the decoded text.
    at: usize,
    /// Where it begins in the written one.
    from: usize,
    /// Whether it is written as it is, and does not stand for something else.
    is_copy: bool,
}

impl Places {
    /// Where a byte of the decoded text is written.
    #[must_use]
    pub fn of(&self, at: usize) -> usize {
        let next = self.pieces.partition_point(|piece| piece.at <= at);
        let Some(piece) = next.checked_sub(1).map(|index| &self.pieces[index]) else { return self.end };
        (if piece.is_copy { piece.from + (at - piece.at) } else { piece.from }).min(self.end)
    }

    /// Where a part of the decoded text is written, with all that stands for its last character.
    #[must_use]
    pub fn range(&self, part: Range<usize>) -> Range<usize> {
        let start = self.of(part.start);
        let end = if part.is_empty() { start } else { self.end_of(part.end - 1) };
        start..end.max(start)
    }

    /// Behind what a byte of the decoded text is written as.
    fn end_of(&self, at: usize) -> usize {
        let next = self.pieces.partition_point(|piece| piece.at <= at);
        match next.checked_sub(1).map(|index| &self.pieces[index]) {
            Some(piece) if piece.is_copy => (piece.from + (at - piece.at) + 1).min(self.end),
            _ => self.pieces.get(next).map_or(self.end, |piece| piece.from),
        }
    }
}

/// Where each byte of what a scalar means is written.
pub(super) fn places(text: &str, range: Range<usize>, style: Style) -> Places {
    let is_quoted = matches!(style, Style::Single | Style::Double);
    let end = range.end - usize::from(is_quoted);
    let mut out = Out { text: String::new(), pieces: Some(Vec::new()) };
    write(text, range, style, &mut out);
    Places { pieces: out.pieces.unwrap_or_default(), end }
}

fn unquoted(written: &str) -> &str {
    let quote = written.chars().next().unwrap_or_default();
    let inner = written.strip_prefix(quote).unwrap_or(written);
    inner.strip_suffix(quote).unwrap_or(inner)
}

/// A text that is written piece by piece, and where the pieces come from if somebody asks.
struct Out {
    text: String,
    pieces: Option<Vec<Piece>>,
}

impl Out {
    /// A piece that is written as it is at `from`.
    fn copy(&mut self, piece: &str, from: usize) {
        self.push(piece, from, true);
    }

    /// A piece that stands for something else at `from`.
    fn put(&mut self, piece: &str, from: usize) {
        self.push(piece, from, false);
    }

    fn push(&mut self, piece: &str, from: usize, is_copy: bool) {
        if let Some(pieces) = self.pieces.as_mut().filter(|_| !piece.is_empty()) {
            pieces.push(Piece { at: self.text.len(), from, is_copy });
        }
        self.text.push_str(piece);
    }
}

fn write(text: &str, range: Range<usize>, style: Style, out: &mut Out) {
    let written = &text[range.clone()];
    match style {
        Style::Nothing => {}
        Style::Plain => flow_lines(written, range.start, out, &mut |piece, from, out| out.copy(piece, from)),
        Style::Single => flow_lines(unquoted(written), range.start + 1, out, &mut quotes),
        Style::Double => double(unquoted(written), range.start + 1, out),
        Style::Literal(indent, chomp) => block(written, range.start, indent.into(), chomp, false, out),
        Style::Folded(indent, chomp) => block(written, range.start, indent.into(), chomp, true, out),
    }
}

/// Two single quotes mean one.
fn quotes(piece: &str, from: usize, out: &mut Out) {
    let mut at = 0;
    while let Some(found) = piece[at..].find("''") {
        out.copy(&piece[at..=at + found], from + at);
        at += found + 2;
    }
    out.copy(&piece[at..], from + at);
}

/// Lines with where each begins, without their ends.
fn lines(text: &str, start: usize) -> impl Iterator<Item = (&str, usize)> {
    let mut at = start;
    text.split('\n').map(move |line| {
        let begins = at;
        at += line.len() + 1;
        (line.strip_suffix('\r').unwrap_or(line), begins)
    })
}

/// Plain and single-quoted text: a line end is a space, empty lines are line ends (YAML 1.2 §6.5).
fn flow_lines(text: &str, start: usize, out: &mut Out, piece: &mut impl FnMut(&str, usize, &mut Out)) {
    let last = text.matches('\n').count();
    let mut empty = 0;
    for (number, (line, begins)) in lines(text, start).enumerate() {
        let from = if number == 0 { 0 } else { line.len() - line.trim_start_matches(BLANK).len() };
        let to = if number == last { line.len() } else { line.trim_end_matches(BLANK).len() };
        let trimmed = line.get(from..to).unwrap_or_default();
        if number > 0 {
            if trimmed.is_empty() && number < last {
                empty += 1;
                continue;
            }
            out.put(&fold(empty), begins);
            empty = 0;
        }
        piece(trimmed, begins + from, out);
    }
}

const BLANK: [char; 2] = [' ', '\t'];

/// What a line end and the empty lines behind it mean.
fn fold(empty: usize) -> String {
    if empty == 0 { " ".into() } else { "\n".repeat(empty) }
}

/// Double-quoted text: escapes, folded lines, line ends that are escaped.
fn double(text: &str, start: usize, out: &mut Out) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let plain =
            bytes[at..].iter().position(|byte| matches!(byte, b'\\' | b'\n')).map_or(bytes.len(), |n| at + n);
        match bytes.get(plain) {
            Some(b'\\') => {
                out.copy(&text[at..plain], start + at);
                at = escape(text, plain, start, out);
            }
            Some(_) => {
                out.copy(text[at..plain].trim_end_matches([' ', '\t', '\r']), start + at);
                let (next, empty) = skip_lines(text, plain);
                out.put(&fold(empty), start + plain);
                at = next;
            }
            None => {
                out.copy(&text[at..], start + at);
                at = bytes.len();
            }
        }
    }
}

/// From a line end to the next text: where that begins, and how many empty lines are between.
fn skip_lines(text: &str, from: usize) -> (usize, usize) {
    let rest = &text[from..];
    let next = from + rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    (next, text[from..next].matches('\n').count().saturating_sub(1))
}

/// An escape at `at`, the backslash; where the text goes on.
fn escape(text: &str, at: usize, start: usize, out: &mut Out) -> usize {
    let bytes = text.as_bytes();
    let Some(kind) = text[at + 1..].chars().next() else { return text.len() };
    let after = at + 1 + kind.len_utf8();
    let digits =
        |count: usize| text.get(after..after + count).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    let (code, length) = match kind {
        '\r' | '\n' => return skip_lines(text, at + 1).0,
        'x' => (digits(2), 2),
        'u' => (digits(4), 4),
        'U' => (digits(8), 8),
        _ => (simple(kind), 0),
    };
    let high = code.filter(|code| (0xD800..0xDC00).contains(code));
    if let (Some(high), Some(b"\\u")) = (high, bytes.get(after + 4..after + 6)) {
        // JSON writes characters beyond 16 bits as two.
        let low = text.get(after + 6..after + 10).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        if let Some(low) = low.filter(|low| (0xDC00..0xE000).contains(low)) {
            let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
            put_char(code, start + at, out);
            return after + 10;
        }
    }
    match code {
        Some(code) => put_char(code, start + at, out),
        None => out.copy(&text[at..after], start + at),
    }
    if code.is_some() { after + length } else { after }
}

fn put_char(code: u32, from: usize, out: &mut Out) {
    let letter = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.put(letter.encode_utf8(&mut [0; 4]), from);
}

/// Escapes of one letter (YAML 1.2 §5.7).
fn simple(kind: char) -> Option<u32> {
    Some(match kind {
        '0' => 0,
        'a' => 7,
        'b' => 8,
        't' | '\t' => 9,
        'n' => 10,
        'v' => 11,
        'f' => 12,
        'r' => 13,
        'e' => 27,
        ' ' | '"' | '/' | '\\' => kind.into(),
        'N' => 0x85,
        '_' => 0xA0,
        'L' => 0x2028,
        'P' => 0x2029,
        _ => return None,
    })
}

/// Lines of a block, without their indentation (YAML 1.2 §8.1).
fn block(text: &str, start: usize, indent: usize, chomp: Chomp, folded: bool, out: &mut Out) {
    let all: Vec<(&str, usize)> = lines(text, start).collect();
    let full = all.iter().rposition(|(line, _)| line.len() > indent || !line.trim_matches(' ').is_empty());
    let Some(full) = full else { return };
    let inner = |line: &'_ str| -> usize { line.len().min(indent) };
    let mut before = Before::Nothing;
    let mut empty = 0;
    for (line, begins) in &all[..=full] {
        let cut = inner(line);
        let content = &line[cut..];
        if content.is_empty() {
            empty += 1;
            continue;
        }
        let is_more = content.starts_with(BLANK);
        let gap = match before {
            Before::Nothing => "\n".repeat(empty),
            Before::Text if folded && !is_more => fold(empty),
            _ => "\n".repeat(empty + 1),
        };
        out.put(&gap, begins.saturating_sub(1));
        empty = 0;
        out.copy(content, begins + cut);
        before = if is_more { Before::More } else { Before::Text };
    }
    let ends = all.len() - full - 1;
    let kept = match chomp {
        Chomp::Strip => 0,
        Chomp::Clip => ends.min(1),
        Chomp::Keep => ends,
    };
    out.put(&"\n".repeat(kept), start + text.len());
}

/// The line before one in a block.
#[derive(Clone, Copy)]
enum Before {
    Nothing,
    Text,
    /// One with more indentation, which is not folded.
    More,
}
