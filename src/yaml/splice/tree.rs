//! From the parser's events to nodes that know their bytes.

use std::collections::HashMap;
use std::ops::Range;

use serde_saphyr::granit_parser::{Event, Options, Parser, ScalarStyle, Span, StrInput, StructureStyle, Tag};

use super::text::{line_end, skip_blank};
use crate::yaml::error::{Fault, Spot};
use crate::yaml::read;

/// All documents of a text, and its comments in their order.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    pub(super) documents: Vec<Document>,
    pub(super) comments: Vec<Range<usize>>,
}

#[derive(Debug, Clone)]
pub(super) struct Document {
    /// `---`, where it is written.
    pub(super) marker: Option<Range<usize>>,
    /// `...`, where it is written.
    pub(super) end_marker: Option<Range<usize>>,
    pub(super) root: Node,
    /// Where an anchor, by its number, is first used.
    pub(super) aliases: HashMap<usize, Spot>,
}

/// A value and its bytes.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) spot: Spot,
    /// With anchor and tag, if it has any.
    pub(super) start: usize,
    /// Without them. Of a block scalar from its header to its last line, without that line's break.
    pub(super) content: Range<usize>,
    /// Where anchor and tag end.
    pub(super) properties_end: Option<usize>,
    /// Number and name.
    pub(super) anchor: Option<(usize, String)>,
    /// As it is written.
    pub(super) tag: Option<String>,
    pub(super) data: Data,
}

#[derive(Debug, Clone)]
pub(super) enum Data {
    Scalar(String, Style),
    Alias(String),
    List { flow: bool, items: Vec<Item> },
    Map { flow: bool, pairs: Vec<Pair> },
}

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// No character at all.
    Nothing,
    Plain,
    Single,
    Double,
    Literal,
    Folded,
    /// Of a value still to be written: any style that every reader takes for a text.
    AnyText,
}

#[derive(Debug, Clone)]
pub(super) struct Item {
    /// The dash, or where the item of a flow list begins.
    pub(super) start: usize,
    pub(super) node: Node,
}

#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) key: Node,
    pub(super) colon: Option<usize>,
    /// Written with `?`.
    pub(super) explicit: bool,
    pub(super) value: Node,
}

impl Node {
    /// A text that is still to be written.
    pub(super) fn text(text: &str) -> Self {
        Self::made(Data::Scalar(text.to_owned(), Style::AnyText))
    }

    /// A value that is still to be written.
    pub(super) fn made(data: Data) -> Self {
        let (anchor, tag, properties_end) = (None, None, None);
        Self { spot: Spot::START, start: 0, content: 0..0, properties_end, anchor, tag, data }
    }

    pub(super) fn is_null(&self) -> bool {
        match &self.data {
            Data::Scalar(_, Style::Nothing) => true,
            Data::Scalar(text, Style::Plain) => matches!(text.as_str(), "~" | "null" | "Null" | "NULL"),
            _ => false,
        }
    }

    /// Whether not a single character stands for it. The parser's place of such a one may be behind a comment.
    fn is_bare(&self) -> bool {
        matches!(self.data, Data::Scalar(_, Style::Nothing)) && self.properties_end.is_none()
    }

    pub(super) fn is_block(&self) -> bool {
        matches!(self.data, Data::List { flow: false, .. } | Data::Map { flow: false, .. })
    }

    pub(super) fn child(&self, index: usize) -> Option<&Self> {
        match &self.data {
            Data::List { items, .. } => items.get(index).map(|item| &item.node),
            Data::Map { pairs, .. } => pairs.get(index).map(|pair| &pair.value),
            _ => None,
        }
    }

    pub(super) fn child_mut(&mut self, index: usize) -> Option<&mut Self> {
        match &mut self.data {
            Data::List { items, .. } => items.get_mut(index).map(|item| &mut item.node),
            Data::Map { pairs, .. } => pairs.get_mut(index).map(|pair| &mut pair.value),
            _ => None,
        }
    }

    /// Where its text ends.
    pub(super) fn end(&self) -> usize {
        self.content.end.max(self.properties_end.unwrap_or(0))
    }

    /// Itself and all below it.
    pub(super) fn all<'n>(&'n self, visit: &mut impl FnMut(&'n Self)) {
        visit(self);
        match &self.data {
            Data::List { items, .. } => items.iter().for_each(|item| item.node.all(visit)),
            Data::Map { pairs, .. } => {
                for pair in pairs {
                    pair.key.all(visit);
                    pair.value.all(visit);
                }
            }
            Data::Scalar(..) | Data::Alias(_) => {}
        }
    }
}

impl Pair {
    pub(super) fn end(&self) -> usize {
        self.value.end().max(self.key.end()).max(self.colon.map_or(0, |colon| colon + 1))
    }
}

/// Reads all documents of a text that has no byte order mark at its beginning.
pub(super) fn stream(text: &str) -> Result<Stream, Fault> {
    let mut options = Options::default();
    options.emit_comments = true;
    options.emit_anchor_events = true;
    options.max_buffered_comment_events = usize::MAX;
    options.flow_nesting_limit = read::DEEPEST;
    options.block_nesting_limit = read::DEEPEST;
    let parser = Parser::new_from_str_with_options(text, options);
    let (comments, aliases) = (Vec::new(), HashMap::new());
    Reader { text, parser, comments, aliases, names: HashMap::new(), waiting: None }.all()
}

struct Reader<'t> {
    text: &'t str,
    parser: Parser<'t, StrInput<'t>>,
    comments: Vec<Range<usize>>,
    aliases: HashMap<usize, Spot>,
    /// The names of anchors, by number.
    names: HashMap<usize, String>,
    /// An event that was looked at and not taken.
    waiting: Option<(Event<'t>, Span)>,
}

/// Where properties of a node stand.
struct Properties {
    start: Option<usize>,
    end: Option<usize>,
    anchor: Option<(usize, String)>,
    tag: Option<String>,
}

impl<'t> Reader<'t> {
    fn all(mut self) -> Result<Stream, Fault> {
        let mut documents: Vec<Document> = Vec::new();
        let mut marker = None;
        while let Some((event, span)) = self.next()? {
            match event {
                Event::StreamStart | Event::StreamEnd => {}
                Event::DocumentStart(explicit, _) => marker = explicit.then(|| bytes(&span)),
                Event::DocumentEnd => {
                    let end = bytes(&span);
                    if let Some(last) = documents.last_mut() {
                        last.end_marker = (!end.is_empty()).then_some(end);
                    }
                }
                first => {
                    let from = marker.as_ref().map_or(0, |marker| marker.end);
                    let root = self.node(first, &span, from)?;
                    let aliases = std::mem::take(&mut self.aliases);
                    documents.push(Document { marker: marker.take(), end_marker: None, root, aliases });
                }
            }
        }
        self.comments.sort_by_key(|comment| comment.start);
        Ok(Stream { documents, comments: self.comments })
    }

    fn next(&mut self) -> Result<Option<(Event<'t>, Span)>, Fault> {
        if let Some(event) = self.waiting.take() {
            return Ok(Some(event));
        }
        loop {
            match self.parser.next_event().transpose().map_err(|error| read::syntax(&error))? {
                Some((Event::Comment(..), span)) => self.comments.push(bytes(&span)),
                other => return Ok(other),
            }
        }
    }

    fn inside(&mut self, opened: Spot) -> Result<(Event<'t>, Span), Fault> {
        self.next()?.ok_or_else(|| Fault::new(opened, "the file ends within this"))
    }

    /// A node whose text, with its properties, begins at `from` or later.
    fn node(&mut self, event: Event<'t>, span: &Span, from: usize) -> Result<Node, Fault> {
        let spot = read::spot(span);
        let own = bytes(span);
        let (content, properties, data) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let properties = self.properties(anchor, tag.as_deref(), span)?;
                let style = style_of(style, own.is_empty());
                let content = match style {
                    Style::Literal | Style::Folded => self
                        .block_scalar(&own, properties.end.unwrap_or(from))
                        .ok_or_else(|| Fault::new(spot, "the head of this block of text was not found"))?,
                    _ => own,
                };
                (content, properties, Data::Scalar(text.into_owned(), style))
            }
            Event::Alias(id) => {
                self.aliases.entry(id).or_insert(spot);
                let none = Properties { start: None, end: None, anchor: None, tag: None };
                (own, none, Data::Alias(self.names.get(&id).cloned().unwrap_or_default()))
            }
            Event::SequenceStart(style, anchor, tag) => {
                let properties = self.properties(anchor, tag.as_deref(), span)?;
                let flow = style == StructureStyle::Flow;
                let from = properties.end.unwrap_or(from);
                // The parser places a list that stands no further right than its key at its first item.
                let start = if flow { own.start } else { self.first_dash(from).unwrap_or(own.start) };
                let (end, data) = self.list(spot, start, flow)?;
                (start..end, properties, data)
            }
            Event::MappingStart(style, anchor, tag) => {
                let properties = self.properties(anchor, tag.as_deref(), span)?;
                let (end, data) = self.map(spot, own.start, style == StructureStyle::Flow)?;
                (own.start..end, properties, data)
            }
            _ => return Err(Fault::new(spot, "a value is missing here")),
        };
        let start = properties.start.map_or(content.start, |start| start.min(content.start));
        let (anchor, tag, properties_end) = (properties.anchor, properties.tag, properties.end);
        Ok(Node { spot, start, content, properties_end, anchor, tag, data })
    }

    fn properties(&mut self, anchor: usize, tag: Option<&Tag>, span: &Span) -> Result<Properties, Fault> {
        let tagged = span.tag_span().map(|span| bytes(&span));
        let mut all = Properties { start: None, end: None, anchor: None, tag: tag.map(Tag::original) };
        let mut stretch = |range: &Range<usize>| {
            all.start = Some(all.start.map_or(range.start, |start: usize| start.min(range.start)));
            all.end = Some(all.end.map_or(range.end, |end: usize| end.max(range.end)));
        };
        if let Some(range) = &tagged {
            stretch(range);
        }
        if anchor != 0 {
            match self.next()? {
                Some((Event::Anchor(id, name), span)) => {
                    stretch(&bytes(&span));
                    self.names.insert(id, name.clone().into_owned());
                    all.anchor = Some((id, name.into_owned()));
                }
                other => self.waiting = other,
            }
        }
        Ok(all)
    }

    /// From the header of a block scalar to the end of its last line.
    fn block_scalar(&self, own: &Range<usize>, from: usize) -> Option<Range<usize>> {
        let header = skip_blank(self.text, from);
        let keeps = match self.text.as_bytes().get(header)? {
            b'|' | b'>' => {
                self.text[header..].split(['\n', '#', ' ']).next().is_some_and(|head| head.contains('+'))
            }
            _ => return None,
        };
        let head_end = line_end(self.text, header);
        let whole = &self.text[..own.end.max(head_end)];
        let end = if keeps {
            let lines = whole.trim_end_matches([' ', '\t']);
            let lines = lines.strip_suffix('\n').unwrap_or(lines);
            lines.strip_suffix('\r').unwrap_or(lines).len()
        } else {
            line_end(self.text, whole.trim_end().len())
        };
        Some(header..end.max(head_end))
    }

    fn first_dash(&self, from: usize) -> Option<usize> {
        let at = skip_blank(self.text, from);
        let at = if self.text[at..].starts_with("? ") { skip_blank(self.text, at + 1) } else { at };
        self.text[at..].starts_with('-').then_some(at)
    }

    fn list(&mut self, spot: Spot, start: usize, flow: bool) -> Result<(usize, Data), Fault> {
        let mut items: Vec<Item> = Vec::new();
        let mut end = start;
        loop {
            let (event, span) = self.inside(spot)?;
            if event == Event::SequenceEnd {
                let end = if flow { bytes(&span).end } else { end };
                return Ok((end, Data::List { flow, items }));
            }
            let dash = if items.is_empty() { start } else { skip_blank(self.text, end) };
            if !flow && self.text.as_bytes().get(dash) != Some(&b'-') {
                return Err(Fault::new(read::spot(&span), "the dash of this item was not found"));
            }
            let mut node = self.node(event, &span, dash + 1)?;
            if !flow && node.is_bare() {
                (node.start, node.content) = (dash + 1, dash + 1..dash + 1);
            }
            end = node.end().max(dash + usize::from(!flow));
            items.push(Item { start: if flow { node.start } else { dash }, node });
        }
    }

    fn map(&mut self, spot: Spot, start: usize, flow: bool) -> Result<(usize, Data), Fault> {
        let mut pairs: Vec<Pair> = Vec::new();
        let mut end = start;
        loop {
            let (event, span) = self.inside(spot)?;
            if event == Event::MappingEnd {
                let end = if flow { bytes(&span).end.max(end) } else { end };
                return Ok((end, Data::Map { flow, pairs }));
            }
            let key = self.node(event, &span, end)?;
            let colon = skip_blank(self.text, key.end());
            let colon = self.text[colon..].starts_with(':').then_some(colon);
            let (event, span) = self.inside(spot)?;
            let after_key = colon.map_or(key.end(), |colon| colon + 1);
            let mut value = self.node(event, &span, after_key)?;
            if value.is_bare() {
                (value.start, value.content) = (after_key, after_key..after_key);
            }
            let explicit = self.is_explicit(end.min(key.start), key.start);
            let pair = Pair { key, colon, explicit, value };
            end = pair.end();
            pairs.push(pair);
        }
    }

    /// Whether a `?` stands before the key that begins at `start`.
    fn is_explicit(&self, after: usize, start: usize) -> bool {
        // The question mark of a first key stands before the mapping's own beginning.
        let before = self.text[..start].trim_end();
        before.strip_suffix('?').is_some_and(|rest| {
            (rest.len() >= after || rest.len() + 2 >= start)
                && rest.chars().next_back().is_none_or(|c| c.is_whitespace() || matches!(c, '{' | ',' | '['))
        })
    }
}

fn style_of(style: ScalarStyle, is_empty: bool) -> Style {
    match style {
        ScalarStyle::Plain if is_empty => Style::Nothing,
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::Single,
        ScalarStyle::DoubleQuoted => Style::Double,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    }
}

/// The bytes of a span. A parser that was made from a text knows them always.
fn bytes(span: &Span) -> Range<usize> {
    span.byte_range().unwrap_or_default()
}
