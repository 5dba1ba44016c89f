//! The outline of a text of documents: which values stand where, under which keys.
//!
//! It is read by lines and indentation, at the speed of a scan, and never fails: where a text is no YAML (a template of
//! Helm, a file that is half written), what can be understood is, and what cannot is counted as a doubt. Of a text that
//! is YAML it says the same as the parser does; a test holds one against the other. JSON is read as YAML in flow style.
//! Nothing is copied: scalars are decoded when they are asked for.

mod block;
mod flow;
mod scalar;
#[cfg(test)]
mod tests;
mod value;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

pub use scalar::{Places, Style};

/// The number of a node in its document; the root is 0.
pub type Id = usize;

/// One document.
pub struct Outline<'t> {
    /// The whole text that the document is part of; all places are places in it.
    pub text: &'t str,
    /// The document's own bytes, without `---`.
    pub range: Range<usize>,
    nodes: Vec<Node>,
    /// The nodes that each name was given to, in their order.
    anchors: HashMap<&'t str, Vec<Id>>,
    doubts: Vec<usize>,
}

/// Bytes from and to. Texts of more than 4 GB are not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Span {
    start: u32,
    end: u32,
}

/// A value, and the key that it stands under.
#[derive(Debug)]
struct Node {
    parent: u32,
    /// The node after the last one below this one.
    end: u32,
    /// The key's bytes; of an item its number, twice.
    key: Span,
    key_style: Style,
    value: Span,
    shape: Shape,
    /// The tag that stands before it, if it is none of YAML's own.
    tag: Span,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Keys with values.
    Map,
    /// Values in their order.
    List,
    /// A text, a number, `true`, nothing.
    Scalar(Style),
    /// The value of an anchor elsewhere in the document.
    Alias,
}

/// The documents of a text; of JSON also those that stand one behind another. More than 4 GB of it are not read.
pub fn outlines(text: &str) -> impl Iterator<Item = Outline<'_>> {
    let text = if u32::try_from(text.len()).is_ok() { text } else { "" };
    let mut ranges = block::split(text).peekable();
    let first = ranges.next();
    // What stands before the first `---` is a document only where it holds something.
    let first = first.filter(|range| ranges.peek().is_none() || !text[range.clone()].lines().all(is_nothing));
    first.into_iter().chain(ranges).flat_map(move |range| {
        let mut rest = Some(range);
        std::iter::from_fn(move || {
            let range = rest.take()?;
            let outline = block::read(text, range.clone());
            rest = (outline.range.end < range.end).then_some(outline.range.end..range.end);
            Some(outline)
        })
    })
}

/// Whether a line is a comment, a directive or nothing.
fn is_nothing(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with(['#', '%'])
}

impl fmt::Debug for Outline<'_> {
    /// Where it stands and how large it is; its text may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outline")
            .field("range", &self.range)
            .field("nodes", &self.nodes.len())
            .finish_non_exhaustive()
    }
}

impl<'t> Outline<'t> {
    /// How many nodes there are.
    #[must_use]
    pub fn size(&self) -> usize {
        self.nodes.len()
    }

    /// Where lines begin that were not understood.
    #[must_use]
    pub fn doubts(&self) -> &[usize] {
        &self.doubts
    }

    /// What the value is.
    #[must_use]
    pub fn shape(&self, id: Id) -> Shape {
        self.nodes[id].shape
    }

    /// The node that this one is in.
    #[must_use]
    pub fn parent(&self, id: Id) -> Option<Id> {
        (id != 0).then(|| self.nodes[id].parent as usize)
    }

    /// The key that the value stands under; none for items of lists and the root.
    #[must_use]
    pub fn key(&self, id: Id) -> Option<Cow<'t, str>> {
        let node = &self.nodes[id];
        self.is_pair(id).then(|| scalar::decode(self.text, node.key.range(), node.key_style))
    }

    /// The bytes of the key, quotes included; of a value that has none the place where it begins.
    #[must_use]
    pub fn key_range(&self, id: Id) -> Range<usize> {
        let node = &self.nodes[id];
        if self.is_pair(id) { node.key.range() } else { node.value.range().start..node.value.range().start }
    }

    fn is_pair(&self, id: Id) -> bool {
        id != 0 && self.nodes[self.nodes[id].parent as usize].shape == Shape::Map
    }

    /// The bytes of the value, quotes included; of a block scalar those of its lines.
    #[must_use]
    pub fn range(&self, id: Id) -> Range<usize> {
        self.nodes[id].value.range()
    }

    /// The text of a scalar, decoded; of an alias the text of what it names. Nothing for collections.
    #[must_use]
    pub fn scalar(&self, id: Id) -> Option<Cow<'t, str>> {
        let id = self.resolved(id);
        match self.nodes[id].shape {
            Shape::Scalar(style) => Some(scalar::decode(self.text, self.range(id), style)),
            _ => None,
        }
    }

    /// The tag before the value, if it is none of YAML's own: `!secret db_password`. What it means is known to those who
    /// read the file.
    #[must_use]
    pub fn tag(&self, id: Id) -> Option<&'t str> {
        Some(&self.text[self.nodes[id].tag.range()]).filter(|tag| !tag.is_empty())
    }

    /// The number of an item in its list, from 0.
    #[must_use]
    pub fn number(&self, id: Id) -> usize {
        self.nodes[id].key.start as usize
    }

    /// Where in the whole text each byte of a scalar's decoded text is written.
    #[must_use]
    pub fn places(&self, id: Id) -> Places {
        let id = self.resolved(id);
        match self.nodes[id].shape {
            Shape::Scalar(style) => scalar::places(self.text, self.range(id), style),
            _ => Places::default(),
        }
    }

    /// Itself, or what an alias names.
    #[must_use]
    pub fn resolved(&self, id: Id) -> Id {
        /// An alias may name an alias; a circle is no value.
        const HOPS: usize = 8;
        let mut id = id;
        for _ in 0..HOPS {
            if self.nodes[id].shape != Shape::Alias {
                break;
            }
            let given = self.anchors.get(&self.text[self.range(id)]).map_or(&[][..], Vec::as_slice);
            // The last one before it counts: an anchor may be given again.
            let Some(named) = given[..given.partition_point(|named| *named < id)].last() else { break };
            id = *named;
        }
        id
    }

    /// The nodes directly in a collection, or in the collection that an alias names.
    pub fn children(&self, id: Id) -> impl Iterator<Item = Id> + '_ {
        let id = self.resolved(id);
        let end = self.nodes[id].end as usize;
        let mut next = id + 1;
        std::iter::from_fn(move || {
            let child = (next < end).then_some(next)?;
            next = self.nodes[child].end as usize;
            Some(child)
        })
    }

    /// The value under a key of a map; the last one where the key stands twice.
    #[must_use]
    pub fn get(&self, id: Id, key: &str) -> Option<Id> {
        // Items of lists have numbers in the place of keys.
        let is_map = self.nodes[self.resolved(id)].shape == Shape::Map;
        is_map.then(|| self.children(id).filter(|child| self.has_key(*child, key)).last()).flatten()
    }

    /// The value at the end of a way of keys.
    #[must_use]
    pub fn at(&self, id: Id, way: &[&str]) -> Option<Id> {
        way.iter().try_fold(id, |id, key| self.get(id, key))
    }

    /// The text at the end of a way of keys.
    #[must_use]
    pub fn text_at(&self, id: Id, way: &[&str]) -> Option<Cow<'t, str>> {
        self.at(id, way).and_then(|id| self.scalar(id))
    }

    /// All nodes below one, in their order.
    #[must_use]
    pub fn below(&self, id: Id) -> Range<Id> {
        id + 1..self.nodes[id].end as usize
    }

    fn has_key(&self, id: Id, key: &str) -> bool {
        let node = &self.nodes[id];
        let written = &self.text[node.key.range()];
        written == key
            || node.key_style != Style::Plain
                && scalar::decode(self.text, node.key.range(), node.key_style) == key
    }
}

impl Span {
    fn new(range: Range<usize>) -> Self {
        let clip = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { start: clip(range.start), end: clip(range.end) }
    }

    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}
