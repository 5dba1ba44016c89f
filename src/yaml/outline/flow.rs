//! Collections in flow style, which JSON is too, and the words that both styles are made of.

use super::block::{DEEPEST, Key, MOST, Reader};
use super::scalar::Style;
use super::{Shape, Span};

/// A collection whose bracket is not closed yet.
#[derive(Clone, Copy)]
struct Open {
    node: usize,
    start: usize,
    /// How many keys or items there are.
    size: usize,
}

impl Reader<'_> {
    /// A collection in brackets or braces; where it ends. `None` where it does not.
    pub(super) fn flow(&mut self, node: usize, at: usize) -> Option<usize> {
        let mut open: Vec<Open> = Vec::new();
        let mut at = self.opened(node, at, &mut open);
        while let Some(Open { node: collection, size, .. }) = open.last().copied() {
            at = self.skip_comments(at);
            if at >= self.end || self.stack.len() + open.len() > DEEPEST {
                return None;
            }
            if self.outline.nodes.len() > MOST {
                return Some(self.cut(at, open));
            }
            match self.bytes[at] {
                b',' => at += 1,
                b']' | b'}' => {
                    let Open { start, .. } = open.pop()?;
                    at += 1;
                    let shape = self.outline.nodes[collection].shape;
                    self.set(collection, start..at, shape);
                    // A pair that is an item by itself ends with its value.
                    let parent = self.outline.nodes[collection].parent as usize;
                    if open.last().is_some_and(|outer| outer.node != parent) {
                        self.end_here(parent);
                    }
                }
                _ => {
                    let is_map = self.outline.nodes[collection].shape == Shape::Map;
                    let (child, value_at) = if is_map {
                        self.flow_key(collection, at)?
                    } else {
                        (self.node(collection, Span::new(size..size), Style::Nothing, at), at)
                    };
                    if let Some(inner) = open.last_mut() {
                        inner.size += 1;
                    }
                    at = self.flow_value(child, value_at, &mut open)?;
                }
            }
        }
        Some(at)
    }

    /// Ends all collections where no more is read.
    fn cut(&mut self, at: usize, open: Vec<Open>) -> usize {
        for Open { node, start, .. } in open.into_iter().rev() {
            let shape = self.outline.nodes[node].shape;
            self.set(node, start..at, shape);
        }
        self.doubt(at);
        self.end
    }

    fn opened(&mut self, node: usize, at: usize, open: &mut Vec<Open>) -> usize {
        self.outline.nodes[node].shape = if self.bytes[at] == b'{' { Shape::Map } else { Shape::List };
        open.push(Open { node, start: at, size: 0 });
        at + 1
    }

    /// A key with its colon; its node, and where its value may begin.
    fn flow_key(&mut self, map: usize, at: usize) -> Option<(usize, usize)> {
        let at = if self.bytes[at] == b'?' { self.skip_comments(at + 1) } else { at };
        let at = self.properties(at);
        let (end, style) = match self.bytes.get(at)? {
            b'"' => (self.quoted(at, true)?, Style::Double),
            b'\'' => (self.quoted(at, true)?, Style::Single),
            b'[' | b'{' if !self.is_template(at) => return None,
            _ => (self.flow_plain(at), Style::Plain),
        };
        if end == at && self.bytes[at] != b':' {
            return None;
        }
        let colon = self.skip_comments(end);
        let after = if self.bytes.get(colon) == Some(&b':') { colon + 1 } else { end };
        Some((self.node(map, Span::new(at..end), style, after), after))
    }

    /// A value; where it ends.
    fn flow_value(&mut self, node: usize, at: usize, open: &mut Vec<Open>) -> Option<usize> {
        let at = self.skip_comments(at);
        let bare = self.properties(at);
        self.anchor(at, bare, Some(node));
        let at = self.skip_comments(bare);
        let (end, shape) = match self.bytes.get(at).filter(|_| at < self.end)? {
            b',' | b']' | b'}' => return Some(at),
            b'[' | b'{' if !self.is_template(at) => return Some(self.opened(node, at, open)),
            b'"' => (self.quoted(at, true)?, Shape::Scalar(Style::Double)),
            b'\'' => (self.quoted(at, true)?, Shape::Scalar(Style::Single)),
            b'*' => (self.word_end(at + 1), Shape::Alias),
            _ => (self.flow_plain(at), Shape::Scalar(Style::Plain)),
        };
        let start = if shape == Shape::Alias { at + 1 } else { at };
        let colon = self.skip_flow_space(end);
        let in_list = self.outline.nodes[self.outline.nodes[node].parent as usize].shape == Shape::List;
        if in_list && self.bytes.get(colon) == Some(&b':') && colon < self.end {
            let Shape::Scalar(style) = shape else { return None };
            self.outline.nodes[node].shape = Shape::Map;
            let pair = self.node(node, Span::new(start..end), style, colon + 1);
            let next = self.flow_value(pair, colon + 1, open)?;
            if open.last().is_none_or(|inner| inner.node != pair) {
                self.end_here(node);
            }
            return Some(next);
        }
        if end == at {
            return None;
        }
        self.set(node, start..end, shape);
        Some(end)
    }

    /// Where a plain scalar in flow style ends.
    fn flow_plain(&self, at: usize) -> usize {
        let mut end = at;
        let mut next = at;
        while next < self.end {
            if self.is_template(next) {
                next = self.template_end(next).unwrap_or(next + 2);
                end = next;
                continue;
            }
            let after = self.bytes.get(next + 1).filter(|_| next + 1 < self.end);
            match self.bytes[next] {
                b',' | b'[' | b']' | b'{' | b'}' => break,
                b':' if after.is_none_or(|byte| {
                    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b'[' | b']' | b'{' | b'}')
                }) =>
                {
                    break;
                }
                b'#' if next > at && matches!(self.bytes[next - 1], b' ' | b'\t' | b'\n') => break,
                b' ' | b'\t' | b'\r' | b'\n' => next += 1,
                _ => {
                    next += 1;
                    end = next;
                }
            }
        }
        end
    }

    /// Over blanks, line ends and comments.
    fn skip_flow_space(&self, mut at: usize) -> usize {
        loop {
            at = self.skip_blanks(at, b" \t\r\n");
            let is_comment =
                at < self.end && self.bytes[at] == b'#' && at > 0 && self.bytes[at - 1].is_ascii_whitespace();
            if !is_comment {
                return at;
            }
            at = self.line_end(at);
        }
    }

    /// Over the same, and in a document that may be JSON over comments as JavaScript has them.
    fn skip_comments(&self, mut at: usize) -> usize {
        loop {
            at = self.skip_flow_space(at);
            match Some(at).filter(|_| self.stack.len() == 1).and_then(|at| self.script_comment(at)) {
                Some(end) => at = end,
                None => return at,
            }
        }
    }

    /// Where the comment ends that begins here as in JavaScript.
    pub(super) fn script_comment(&self, at: usize) -> Option<usize> {
        /// Longer ones are none.
        const LONGEST: usize = 64 * 1024;
        let rest = self.bytes.get(at..self.end)?;
        if rest.starts_with(b"//") {
            return Some(self.text_end(at));
        }
        let inner = rest.strip_prefix(b"/*")?;
        memchr::memmem::find(&inner[..inner.len().min(LONGEST)], b"*/").map(|found| at + 2 + found + 2)
    }

    /// Where a quoted text ends, with its quote. Templates within it may hold quotes.
    pub(super) fn quoted(&self, at: usize, in_flow: bool) -> Option<usize> {
        let quote = self.bytes[at];
        let mut next = at + 1;
        while next < self.end {
            let found = memchr::memchr3(quote, b'\\', b'{', &self.bytes[next..self.end])?;
            next += found;
            match self.bytes[next] {
                b'\\' if quote == b'"' => next += 2,
                b'{' if self.is_template(next) => next = self.over_template(next, quote, in_flow),
                byte if byte != quote => next += 1,
                _ if quote == b'\'' && self.bytes.get(next + 1) == Some(&b'\'') => next += 2,
                _ => return Some(next + 1),
            }
        }
        None
    }

    /// Over a template within quotes, if a quote within it would end the text too early.
    fn over_template(&self, at: usize, quote: u8, in_flow: bool) -> usize {
        let line = &self.bytes[at..self.text_end(at)];
        let Some(closes) = memchr::memmem::find(line, b"}}") else { return at + 1 };
        let Some(quoted) = memchr::memchr(quote, &line[..closes]) else { return at + closes + 2 };
        // YAML knows no templates: a quote that may end the text ends it.
        let behind = self.skip_spaces(at + quoted + 1);
        let may_end =
            self.is_end(behind) || in_flow && matches!(self.bytes[behind], b',' | b':' | b']' | b'}');
        if may_end { at + 1 } else { at + closes + 2 }
    }

    /// A key in block style, if one stands here with its colon.
    pub(super) fn key(&self, at: usize) -> Option<Key> {
        let first = *self.bytes.get(at).filter(|_| at < self.end)?;
        let (end, style) = match first {
            b'"' => (self.quoted(at, false)?, Style::Double),
            b'\'' => (self.quoted(at, false)?, Style::Single),
            b'[' | b'{' if !self.is_template(at) => return None,
            b'#' | b'|' | b'>' | b'@' | b'`' | b'%' | b'&' | b'!' => return None,
            _ => (self.key_end(at)?, Style::Plain),
        };
        let colon = self.skip_spaces(end);
        let is_key = self.bytes.get(colon) == Some(&b':') && self.is_blank(colon + 1);
        is_key.then(|| Key { span: Span::new(at..end), style, after: colon + 1 })
    }

    /// Where a plain key before a colon ends.
    fn key_end(&self, at: usize) -> Option<usize> {
        let stop = self.text_end(at);
        let mut next = at;
        while next < stop {
            let found = memchr::memchr3(b':', b'#', b'{', &self.bytes[next..stop])?;
            next += found;
            match self.bytes[next] {
                b':' if self.is_blank(next + 1) => {
                    let key = self.outline.text[at..next].trim_end_matches([' ', '\t']);
                    return Some(at + key.len());
                }
                b'#' if next > at && matches!(self.bytes[next - 1], b' ' | b'\t') => return None,
                b'{' if self.is_template(next) => next = self.template_end(next)?.max(next + 1),
                _ => next += 1,
            }
        }
        None
    }

    /// Where the text of a plain scalar in this line ends.
    pub(super) fn plain_line(&self, at: usize) -> usize {
        let (mut next, mut stop) = (at, self.text_end(at));
        while let Some(found) = memchr::memchr2(b'{', b'#', &self.bytes[next..stop]).map(|found| next + found)
        {
            let is_comment =
                self.bytes[found] == b'#' && found > at && matches!(self.bytes[found - 1], b' ' | b'\t');
            if is_comment {
                stop = found;
                break;
            }
            let template = if self.is_template(found) { self.template_end(found) } else { None };
            next = template.unwrap_or(found + 1);
            // A template may end in another line.
            stop = if next > stop { self.text_end(next) } else { stop };
        }
        at + self.bytes[at..stop].trim_ascii_end().len()
    }

    /// Over anchors and tags.
    pub(super) fn properties(&self, mut at: usize) -> usize {
        while at < self.end && matches!(self.bytes[at], b'&' | b'!') {
            let end = self.word_end(at + 1);
            let is_property = end > at + 1 || self.bytes[at] == b'!';
            if !is_property || !self.is_blank(end) && !self.is_flow_mark(end) {
                break;
            }
            at = self.skip_spaces(end);
        }
        at
    }

    fn is_flow_mark(&self, at: usize) -> bool {
        matches!(self.bytes.get(at), Some(b',' | b']' | b'}'))
    }

    /// Where the name of an anchor, an alias or a tag ends.
    pub(super) fn word_end(&self, at: usize) -> usize {
        let is_end =
            |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b'[' | b']' | b'{' | b'}');
        let rest = self.bytes.get(at..self.end).unwrap_or_default();
        at.min(self.end) + rest.iter().position(is_end).unwrap_or(rest.len())
    }

    /// Whether the character here stands alone, as the dash of an item does.
    pub(super) fn is_mark(&self, at: usize) -> bool {
        self.is_blank(at + 1)
    }

    /// Where a quoted text ends, if one stands here.
    pub(super) fn quoted_end(&self, at: usize) -> Option<usize> {
        matches!(self.bytes[at], b'"' | b'\'').then(|| self.quoted(at, false)).flatten()
    }

    /// Whether `{{` or `{%` stands here: Helm, Jinja.
    pub(super) fn is_template(&self, at: usize) -> bool {
        at + 1 < self.end && self.bytes[at] == b'{' && matches!(self.bytes[at + 1], b'{' | b'%')
    }

    /// Whether the template that begins here writes nothing itself.
    pub(super) fn is_control(&self, at: usize) -> bool {
        const WORDS: [&str; 9] = ["if", "else", "end", "range", "with", "define", "block", "/*", "$"];
        let inner = self.outline.text[at + 2..self.end].trim_start_matches(['-', ' ', '\t']);
        self.bytes[at + 1] == b'%' || WORDS.iter().any(|word| inner.starts_with(word))
    }

    /// Where the template that begins here ends, within a few lines.
    pub(super) fn template_end(&self, at: usize) -> Option<usize> {
        /// Bytes of a template, at most.
        const LONGEST: usize = 4096;
        let rest = &self.bytes[at..self.end.min(at + LONGEST)];
        let closing: &[u8] = if self.bytes[at + 1] == b'%' { b"%}" } else { b"}}" };
        memchr::memmem::find(rest, closing).map(|found| at + found + closing.len())
    }

    /// Whether a line holds nothing but templates.
    pub(super) fn is_template_line(&self, at: usize) -> bool {
        let mut at = at;
        while self.is_template(at) {
            let Some(end) = self.template_end(at) else { return false };
            at = self.skip_spaces(end);
            if self.is_end(at) {
                return true;
            }
        }
        false
    }

    pub(super) fn skip_spaces(&self, at: usize) -> usize {
        self.skip_blanks(at, b" \t")
    }

    pub(super) fn skip_blanks(&self, at: usize, blanks: &[u8]) -> usize {
        let rest = self.bytes.get(at..self.end).unwrap_or_default();
        at.min(self.end) + rest.iter().position(|byte| !blanks.contains(byte)).unwrap_or(rest.len())
    }

    /// Whether a blank, a line end or the end of the document stands here.
    fn is_blank(&self, at: usize) -> bool {
        at >= self.end || matches!(self.bytes[at], b' ' | b'\t' | b'\r' | b'\n')
    }

    pub(super) fn is_line_end(&self, at: usize) -> bool {
        at >= self.end
            || self.bytes[at] == b'\n'
            || self.bytes[at] == b'\r' && matches!(self.bytes.get(at + 1), None | Some(b'\n'))
    }

    /// Whether nothing but a comment stands here.
    pub(super) fn is_end(&self, at: usize) -> bool {
        self.is_line_end(at)
            || self.bytes[at] == b'#' && (at == 0 || matches!(self.bytes[at - 1], b' ' | b'\t' | b'\n'))
    }

    /// Where the next line begins.
    pub(super) fn line_end(&self, at: usize) -> usize {
        let rest = self.bytes.get(at..self.end).unwrap_or_default();
        memchr::memchr(b'\n', rest).map_or(self.end, |found| at + found + 1)
    }

    /// Where this line ends, without its break.
    pub(super) fn text_end(&self, at: usize) -> usize {
        let rest = self.bytes.get(at..self.end).unwrap_or_default();
        memchr::memchr(b'\n', rest).map_or(self.end, |found| at + found)
    }
}
