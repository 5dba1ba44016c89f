//! New entries as text, in block or flow style.

use super::layout;
use super::text::{begins_line, line_break};
use super::tree::{Data, Document, Node, Style};
use super::write::{self, Around};

/// What is to be added.
#[derive(Debug, Clone, Copy)]
pub(super) struct New<'p> {
    /// The key, and the keys of the mappings that come with it. None for an item of a list.
    pub(super) keys: &'p [String],
    pub(super) leaf: Leaf<'p>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Leaf<'p> {
    Text(&'p str),
    /// A list of this one item.
    ListOf(&'p str),
}

impl New<'_> {
    /// The value behind the first `from` keys.
    pub(super) fn node(&self, from: usize) -> Node {
        match self.keys.get(from) {
            Some(key) => {
                let value = self.node(from + 1);
                let key = Node::text(key);
                let pair = super::tree::Pair { key, colon: None, explicit: false, value };
                Node::made(Data::Map { flow: false, pairs: vec![pair] })
            }
            None => match self.leaf {
                Leaf::Text(text) => Node::text(text),
                Leaf::ListOf(text) => {
                    let item = super::tree::Item { start: 0, node: Node::text(text) };
                    Node::made(Data::List { flow: false, items: vec![item] })
                }
            },
        }
    }
}

/// How new text is written in one place.
#[derive(Debug, Clone)]
pub(super) struct Ink {
    around: Around,
    keys: Style,
    values: Style,
    step: usize,
    list_step: usize,
    /// A step between braces: spaces, or a tab.
    flow_step: String,
    pub(super) line_break: &'static str,
    /// JSON without white space.
    is_compact: bool,
    /// JSON with one entry a line.
    pub(super) is_pretty: bool,
}

impl Ink {
    /// As the entries of `node` and the rest of the document are written.
    pub(super) fn of(text: &str, document: &Document, node: &Node, around: Around) -> Self {
        let (keys, values) = match &node.data {
            Data::Map { pairs, .. } => (
                layout::quotes(pairs.iter().map(|pair| &pair.key)),
                layout::quotes(pairs.iter().map(|pair| &pair.value)),
            ),
            Data::List { items, .. } => (Style::AnyText, layout::quotes(items.iter().map(|item| &item.node))),
            _ => (Style::AnyText, Style::AnyText),
        };
        Self {
            around,
            keys,
            values,
            step: layout::step(text, &document.root),
            list_step: layout::list_step(text, &document.root),
            flow_step: layout::flow_step(text, &document.root),
            line_break: line_break(text, node.content.start),
            is_compact: around == Around::Json && is_compact(text, &document.root),
            is_pretty: around == Around::Json
                && layout::entries(&document.root).first().is_some_and(|e| begins_line(text, e.start)),
        }
    }

    pub(super) fn step(&self) -> usize {
        self.step
    }

    pub(super) fn list_step(&self) -> usize {
        self.list_step
    }

    pub(super) fn space(&self) -> &'static str {
        if self.is_compact { "" } else { " " }
    }

    /// A line break, and spaces.
    pub(super) fn line(&self, indent: usize) -> String {
        self.line_after(&" ".repeat(indent))
    }

    /// A line break, and this white space.
    pub(super) fn line_after(&self, indent: &str) -> String {
        format!("{}{indent}", self.line_break)
    }

    /// The white space one step further in.
    pub(super) fn deeper(&self, indent: &str) -> String {
        format!("{indent}{}", self.flow_step)
    }

    fn key(&self, key: &str) -> String {
        write::scalar(key, self.keys, self.around)
    }

    fn value(&self, text: &str) -> String {
        write::scalar(text, self.values, self.around)
    }

    /// In block style, its first line beginning in column `indent`.
    pub(super) fn block(&self, new: &New, mut indent: usize) -> String {
        let mut out = String::new();
        for (depth, key) in new.keys.iter().enumerate() {
            if depth > 0 {
                indent += self.step;
                out += &self.line(indent);
            }
            out += &self.key(key);
            out.push(':');
        }
        let (lead, text) = match new.leaf {
            Leaf::Text(text) if new.keys.is_empty() => ("- ".to_owned(), text),
            Leaf::Text(text) => (" ".to_owned(), text),
            Leaf::ListOf(text) => (self.line(indent + self.list_step) + "- ", text),
        };
        out + &lead + &self.value(text)
    }

    /// In flow style: on one line, or, where an indentation is given, one entry a line.
    pub(super) fn flow(&self, new: &New, indent: Option<&str>) -> String {
        let Some((key, rest)) = new.keys.split_first() else {
            return match new.leaf {
                Leaf::Text(text) => self.value(text),
                Leaf::ListOf(text) => self.wrapped('[', &self.value(text), ']', indent),
            };
        };
        let inner = New { keys: rest, leaf: new.leaf };
        let value = if rest.is_empty() {
            self.flow(&inner, indent)
        } else {
            let deeper = indent.map(|indent| self.deeper(indent));
            self.wrapped('{', &self.flow(&inner, deeper.as_deref()), '}', indent)
        };
        format!("{}:{}{value}", self.key(key), self.space())
    }

    fn wrapped(&self, open: char, inner: &str, close: char, indent: Option<&str>) -> String {
        let Some(indent) = indent else { return format!("{open}{inner}{close}") };
        format!("{open}{}{inner}{}{close}", self.line_after(&self.deeper(indent)), self.line_after(indent))
    }
}

fn is_compact(text: &str, root: &Node) -> bool {
    match &root.data {
        Data::Map { pairs, .. } => pairs
            .first()
            .and_then(|pair| pair.colon)
            .is_some_and(|colon| !text[colon + 1..].starts_with([' ', '\n', '\r', '\t'])),
        _ => false,
    }
}
