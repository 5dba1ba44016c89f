//! Collections in block style, by the indentation of their lines.

use std::collections::HashMap;
use std::ops::Range;

use super::scalar::Style;
use super::{Node, Outline, Shape, Span};

/// Collections inside collections; deeper ones are passed over.
pub(super) const DEEPEST: usize = 100;
/// Nodes of a document: of a larger one the rest is passed over. They take 100 MB.
pub(super) const MOST: usize = 2_000_000;

/// The documents of a text by their `---` lines.
pub(super) fn split(text: &str) -> impl Iterator<Item = Range<usize>> {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut next = Some(start);
    std::iter::from_fn(move || {
        let start = next?;
        let mut at = start;
        loop {
            let Some(found) = memchr::memmem::find(&text.as_bytes()[at..], b"---").map(|found| at + found)
            else {
                next = None;
                return Some(start..text.len());
            };
            at = found + 3;
            let begins_line = found == 0 || text.as_bytes()[found - 1] == b'\n' || found == start;
            if begins_line && matches!(text.as_bytes().get(at), None | Some(b' ' | b'\t' | b'\r' | b'\n')) {
                next = Some(at);
                return Some(start..found);
            }
        }
    })
}

/// Reads the document that stands in these bytes.
pub(super) fn read(text: &str, range: Range<usize>) -> Outline<'_> {
    let mut reader = Reader::new(text, range);
    reader.all();
    reader.outline
}

/// An open collection, or the root before it is known what it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    /// The column of its keys or dashes; -1 for the root.
    indent: isize,
    node: usize,
    /// The last key or item, as long as it has no value.
    open: Option<usize>,
    /// How many keys or items there are.
    size: usize,
}

pub(super) struct Reader<'t> {
    pub(super) outline: Outline<'t>,
    pub(super) bytes: &'t [u8],
    /// Where the document ends.
    pub(super) end: usize,
    start: usize,
    pub(super) stack: Vec<Frame>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, range: Range<usize>) -> Self {
        let outline = Outline {
            text,
            range: range.clone(),
            nodes: Vec::new(),
            anchors: HashMap::new(),
            doubts: Vec::new(),
        };
        let mut reader =
            Self { outline, bytes: text.as_bytes(), end: range.end, start: range.start, stack: Vec::new() };
        let root = reader.node(0, Span::default(), Style::Nothing, range.start);
        reader.stack.push(Frame { indent: -1, node: root, open: Some(root), size: 0 });
        reader
    }

    fn all(&mut self) {
        let mut at = self.behind_comments();
        // What stands behind `---` has no column: it is as if it stood alone in its line.
        while at < self.end {
            let content = self.skip_spaces(at);
            let column = content - at;
            if column == 0 && self.is_next(content) {
                self.end = content;
                self.outline.range.end = content;
                break;
            }
            if self.outline.nodes.len() > MOST {
                self.doubt(content);
                break;
            }
            at = match self.bytes.get(content).filter(|_| content < self.end) {
                None | Some(b'\n' | b'#') => self.line_end(content),
                Some(b'\r') if self.is_line_end(content) => self.line_end(content),
                Some(b'%') if column == 0 && self.outline.nodes.len() == 1 => self.line_end(content),
                Some(b'.') if column == 0 && self.outline.text[content..self.end].starts_with("...") => {
                    self.line_end(content)
                }
                Some(_) => self.line(content, column),
            };
        }
        self.close(0);
        let size = self.outline.nodes.len();
        self.outline.nodes[0].end = u32::try_from(size).unwrap_or(u32::MAX);
    }

    /// Where a document of JSON begins behind comments as JavaScript has them; where there is none, the first byte.
    fn behind_comments(&self) -> usize {
        let first = self.skip_blanks(self.start, b" \t\r\n");
        let mut at = first;
        while let Some(end) = self.script_comment(at) {
            at = self.skip_blanks(end, b" \t\r\n");
        }
        let is_flow = at > first && at < self.end && matches!(self.bytes[at], b'{' | b'[');
        if is_flow && !self.is_template(at) { at } else { self.start }
    }

    /// Whether another document in flow style begins here: JSON may stand behind JSON.
    fn is_next(&self, at: usize) -> bool {
        let is_flow = matches!(self.bytes.get(at), Some(b'{' | b'[')) && !self.is_template(at);
        let is_closed = self.stack.len() == 1 && self.stack[0].open.is_none();
        is_flow && is_closed && matches!(self.outline.nodes[0].shape, Shape::Map | Shape::List)
    }

    /// A line with something in it, from its first character; where the next one begins.
    fn line(&mut self, at: usize, column: usize) -> usize {
        let indent = isize::try_from(column).unwrap_or(isize::MAX);
        if self.is_template_line(at) && (self.is_control(at) || !self.awaits(indent)) {
            return self.template_end(at).map_or(self.line_end(at), |end| self.line_end(end));
        }
        self.content(at, indent)
    }

    /// What may begin a node in block style; where the next line begins.
    fn content(&mut self, at: usize, indent: isize) -> usize {
        if self.stack.len() > DEEPEST {
            return self.doubt(at);
        }
        match self.bytes[at] {
            b'-' if self.is_mark(at) => return self.item(at, indent),
            b'?' if self.is_mark(at) => return self.explicit_key(at, indent),
            b':' if self.is_mark(at) => return self.explicit_value(at, indent),
            _ => {}
        }
        let bare = self.properties(at);
        if bare > at && self.is_end(bare) {
            self.anchor(at, bare, self.stack.last().and_then(|frame| frame.open));
            return self.line_end(bare);
        }
        if let Some(key) = self.key(bare) {
            return self.pair(key, indent);
        }
        match self.fit(indent) {
            Some(node) => self.value(node, at, self.stack.last().map_or(-1, |frame| frame.indent)),
            None => self.doubt(at),
        }
    }

    /// The innermost key or item without a value, if something at this column can be its value. It has one then.
    fn fit(&mut self, indent: isize) -> Option<usize> {
        while self.stack.len() > 1 && self.stack.last().is_some_and(|frame| frame.indent >= indent) {
            self.pop();
        }
        self.stack.last_mut().and_then(|frame| frame.open.take())
    }

    /// Whether something at this column would be the value of a key or an item.
    fn awaits(&self, indent: isize) -> bool {
        self.stack
            .last()
            .is_some_and(|frame| frame.open.is_some() && frame.indent < indent && frame.indent >= 0)
    }

    fn item(&mut self, dash: usize, indent: isize) -> usize {
        if !self.enter(dash, indent, Shape::List) {
            return self.doubt(dash);
        }
        let node = self.child(None, Style::Nothing, dash + 1);
        let content = self.skip_spaces(dash + 1);
        if self.is_end(content) {
            return self.line_end(content);
        }
        let column = indent + isize::try_from(content - dash).unwrap_or(0);
        if self.bytes[content] == b'-' && self.is_mark(content)
            || self.key(self.properties(content)).is_some()
        {
            return self.content(content, column);
        }
        self.taken();
        self.value(node, content, indent)
    }

    fn pair(&mut self, key: Key, indent: isize) -> usize {
        if !self.enter(key.span.range().start, indent, Shape::Map) {
            return self.doubt(key.span.range().start);
        }
        let node = self.child(Some(key.span), key.style, key.after);
        let content = self.skip_spaces(key.after);
        if self.is_end(content) {
            return self.line_end(content);
        }
        self.taken();
        self.value(node, content, indent)
    }

    /// A key after a question mark; its value stands in a line of its own, after a colon.
    fn explicit_key(&mut self, mark: usize, indent: isize) -> usize {
        let start = self.skip_spaces(mark + 1);
        if self.is_end(start) {
            return self.doubt(mark);
        }
        let (end, style) = match (self.bytes[start], self.quoted_end(start)) {
            (b'"', Some(end)) => (end, Style::Double),
            (b'\'', Some(end)) => (end, Style::Single),
            _ => (self.plain_line(start), Style::Plain),
        };
        self.pair(Key { span: Span::new(start..end), style, after: end }, indent)
    }

    fn explicit_value(&mut self, mark: usize, indent: isize) -> usize {
        while self.stack.last().is_some_and(|frame| frame.indent > indent) {
            self.pop();
        }
        let open =
            self.stack.last_mut().filter(|frame| frame.indent == indent).and_then(|frame| frame.open.take());
        let Some(node) = open else { return self.doubt(mark) };
        let content = self.skip_spaces(mark + 1);
        self.value(node, content, indent)
    }

    /// Makes the collection that a dash or key at this column belongs to the innermost one.
    fn enter(&mut self, at: usize, indent: isize, shape: Shape) -> bool {
        while let Some(frame) = self.stack.last().copied().filter(|_| self.stack.len() > 1) {
            let is_own = frame.indent == indent && self.outline.nodes[frame.node].shape == shape;
            // A list may stand as far left as the key that it is the value of.
            let is_value = frame.indent == indent && shape == Shape::List && frame.open.is_some();
            if is_own || is_value || frame.indent < indent {
                break;
            }
            self.pop();
        }
        let Some(frame) = self.stack.last_mut() else { return false };
        let is_own = frame.indent == indent && self.outline.nodes[frame.node].shape == shape;
        if is_own {
            return true;
        }
        if let Some(node) = frame.open.take() {
            self.outline.nodes[node].shape = shape;
            self.stack.push(Frame { indent, node, open: None, size: 0 });
            return true;
        }
        // No YAML: a line further right than its neighbours, beside a value. It is taken as one of them.
        let fits = self.outline.nodes[frame.node].shape == shape && frame.indent >= 0;
        if fits {
            self.outline.doubts.push(at);
        }
        fits
    }

    /// Adds a key or an item to the innermost collection.
    fn child(&mut self, key: Option<Span>, style: Style, value_at: usize) -> usize {
        let (parent, number) = self.stack.last().map_or((0, 0), |frame| (frame.node, frame.size));
        let node = self.node(parent, key.unwrap_or_else(|| Span::new(number..number)), style, value_at);
        if let Some(frame) = self.stack.last_mut() {
            frame.size += 1;
        }
        self.open(node);
        node
    }

    /// The value of a key or an item is still to come.
    pub(super) fn open(&mut self, node: usize) {
        if let Some(frame) = self.stack.last_mut() {
            frame.open = Some(node);
        }
    }

    /// The last key or item has its value.
    fn taken(&mut self) {
        if let Some(frame) = self.stack.last_mut() {
            frame.open = None;
        }
    }

    /// A node; nodes are closed from within, so that each one's `end` is right once the next begins.
    pub(super) fn node(&mut self, parent: usize, key: Span, style: Style, value_at: usize) -> usize {
        let id = self.outline.nodes.len();
        let clip = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.outline.nodes.push(Node {
            parent: clip(parent),
            end: clip(id + 1),
            key,
            key_style: style,
            value: Span::new(value_at..value_at),
            shape: Shape::Scalar(Style::Nothing),
            tag: Span::default(),
        });
        id
    }

    pub(super) fn set(&mut self, node: usize, value: Range<usize>, shape: Shape) {
        self.outline.nodes[node].value = Span::new(value);
        self.outline.nodes[node].shape = shape;
        self.end_here(node);
    }

    pub(super) fn end_here(&mut self, node: usize) {
        self.outline.nodes[node].end = u32::try_from(self.outline.nodes.len()).unwrap_or(u32::MAX);
    }

    fn pop(&mut self) {
        let Some(frame) = self.stack.pop() else { return };
        self.end_here(frame.node);
        let last = self.outline.nodes.len() - 1;
        let end = self.outline.nodes[last].value.range().end;
        let children = self.outline.nodes[frame.node].value.range().start;
        self.outline.nodes[frame.node].value = Span::new(children..end.max(children));
    }

    fn close(&mut self, depth: usize) {
        while self.stack.len() > depth {
            self.pop();
        }
    }

    pub(super) fn doubt(&mut self, at: usize) -> usize {
        self.outline.doubts.push(at);
        self.line_end(at)
    }

    /// Notes an anchor and a tag that stand among the properties between two places.
    pub(super) fn anchor(&mut self, from: usize, to: usize, node: Option<usize>) {
        let (Some(node), Some(words)) = (node, self.outline.text.get(from..to)) else { return };
        let mut at = 0;
        for word in words.split_ascii_whitespace() {
            let start = from + at + words[at..].find(word).unwrap_or_default();
            at = start + word.len() - from;
            if let Some(name) = word.strip_prefix('&') {
                self.outline.anchors.entry(name).or_default().push(node);
            } else if word.len() > 1 && !word.starts_with("!!") {
                self.outline.nodes[node].tag = Span::new(start..start + word.len());
            }
        }
    }
}

/// A key and where its colon ends.
#[derive(Clone, Copy)]
pub(super) struct Key {
    pub(super) span: Span,
    pub(super) style: Style,
    pub(super) after: usize,
}
