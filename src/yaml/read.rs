//! From the parser's events to nodes that know where they stand.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use serde_json::{Map, Value};
use serde_saphyr::granit_parser::{
    Event, Options, Parser, ScalarStyle, ScanError, Span, StrInput, StructureStyle, Tag,
};

use super::error::{Fault, Spot};
use super::scalar::{self, Dialect};

/// Collections inside collections.
pub(super) const DEEPEST: usize = 100;
/// Nodes that aliases may add to a file: a few lines can name millions.
const MOST_BY_ALIASES: usize = 100_000;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) spot: Spot,
    pub(super) data: Data,
    /// What stands in the file where that means no text: `0755`, `yes`, `~`.
    pub(super) written: Option<Box<str>>,
    /// Nodes in it, itself included.
    size: usize,
    /// Collections in collections below it.
    depth: usize,
}

#[derive(Debug, Clone)]
pub(super) enum Data {
    Scalar(Value),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) spot: Spot,
    /// What stands in the file, where the name is another one: `yes` for `true`, `0123` for `83`.
    pub(super) written: Option<Box<str>>,
}

impl Node {
    fn new(spot: Spot, data: Data) -> Self {
        let (size, depth) = match &data {
            Data::Scalar(_) => (0, 0),
            Data::List(items) => measure(items.iter()),
            Data::Map(pairs) => measure(pairs.iter().map(|(_, node)| node)),
        };
        Self { spot, data, written: None, size: size + 1, depth: depth + 1 }
    }

    /// The bare value.
    pub(super) fn value(&self) -> Value {
        match &self.data {
            Data::Scalar(value) => value.clone(),
            Data::List(items) => items.iter().map(Self::value).collect(),
            Data::Map(pairs) => Value::Object(
                pairs.iter().map(|(key, node)| (key.name.clone(), node.value())).collect::<Map<_, _>>(),
            ),
        }
    }

    /// The bare value, moved and not copied: it may be secret.
    pub(super) fn into_value(self) -> Value {
        match self.data {
            Data::Scalar(value) => value,
            Data::List(items) => items.into_iter().map(Self::into_value).collect(),
            Data::Map(pairs) => {
                Value::Object(pairs.into_iter().map(|(key, node)| (key.name, node.into_value())).collect())
            }
        }
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self.data, Data::Scalar(Value::Null))
    }
}

fn measure<'a>(nodes: impl Iterator<Item = &'a Node>) -> (usize, usize) {
    nodes.fold((0, 0), |(size, depth), node| (size + node.size, depth.max(node.depth)))
}

/// The documents of a text, empty ones among them as null.
pub(super) fn documents(text: &str, dialect: Dialect) -> Result<Vec<Node>, Fault> {
    Ok(placed(text, dialect)?.into_iter().map(|(node, _)| node).collect())
}

/// The documents of a text, each with its bytes: from the first of its content to the end of its last line.
pub(super) fn placed(text: &str, dialect: Dialect) -> Result<Vec<(Node, Range<usize>)>, Fault> {
    if let Some(at) = text.lines().position(|line| line.contains('\0')) {
        let spot = Spot { line: at + 1, ..Spot::START };
        return Err(Fault::new(spot, "the file holds zero bytes").with_hint("save it as UTF-8"));
    }
    let mut options = Options::default();
    options.emit_comments = false;
    options.flow_nesting_limit = DEEPEST;
    options.block_nesting_limit = DEEPEST;
    let parser = Parser::new_from_str_with_options(text, options);
    Reader { text, parser, dialect, anchors: HashMap::new(), by_aliases: 0, extent: Extent::default() }.all()
}

/// Where the content of a document begins and ends. The ends of collections in block style are no use: the parser
/// places them behind comments.
#[derive(Default)]
struct Extent {
    start: Option<usize>,
    end: usize,
    flows: Vec<bool>,
}

impl Extent {
    fn follow(&mut self, event: &Event, span: &Span) {
        let bytes = span.byte_range().unwrap_or_default();
        match event {
            Event::DocumentStart(..) => *self = Self::default(),
            Event::SequenceStart(style, ..) | Event::MappingStart(style, ..) => {
                self.start.get_or_insert(bytes.start);
                self.flows.push(*style == StructureStyle::Flow);
            }
            Event::SequenceEnd | Event::MappingEnd if self.flows.pop() == Some(true) => {
                self.end = self.end.max(bytes.end);
            }
            Event::Scalar(..) | Event::Alias(_) if !bytes.is_empty() => {
                self.start.get_or_insert(bytes.start);
                self.end = self.end.max(bytes.end);
            }
            _ => {}
        }
    }

    fn of(&self, text: &str) -> Range<usize> {
        let start = self.start.unwrap_or(self.end);
        let last = text[..self.end].trim_end().len().max(start);
        let rest = &text[last..];
        let line = rest.split_once('\n').map_or(rest, |(line, _)| line);
        start..last + line.trim_end_matches('\r').len()
    }
}

struct Reader<'t> {
    text: &'t str,
    parser: Parser<'t, StrInput<'t>>,
    dialect: Dialect,
    anchors: HashMap<usize, Node>,
    by_aliases: usize,
    extent: Extent,
}

impl<'t> Reader<'t> {
    fn all(mut self) -> Result<Vec<(Node, Range<usize>)>, Fault> {
        let mut documents = Vec::new();
        while let Some((event, span)) = self.next()? {
            match event {
                Event::StreamStart | Event::StreamEnd | Event::DocumentStart(..) | Event::DocumentEnd => {}
                first => {
                    let node = self.node(first, span)?;
                    documents.push((node, self.extent.of(self.text)));
                }
            }
        }
        Ok(documents)
    }

    fn next(&mut self) -> Result<Option<(Event<'t>, Span)>, Fault> {
        let next = self.parser.next_event().transpose().map_err(|error| syntax(&error))?;
        if let Some((event, span)) = &next {
            self.extent.follow(event, span);
        }
        Ok(next)
    }

    /// The next event inside a collection.
    fn inside(&mut self, opened: Spot) -> Result<(Event<'t>, Span), Fault> {
        self.next()?.ok_or_else(|| Fault::new(opened, "the file ends within this"))
    }

    fn node(&mut self, event: Event<'t>, span: Span) -> Result<Node, Fault> {
        let spot = spot(&span);
        let (node, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = self.scalar(&text, style, tag.as_deref(), spot)?;
                let written = (!value.is_string()).then(|| text.into());
                (Node { written, ..Node::new(spot, Data::Scalar(value)) }, anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                refuse_tag(tag.as_deref(), "seq", spot)?;
                (self.list(spot)?, anchor)
            }
            Event::MappingStart(_, anchor, tag) => {
                refuse_tag(tag.as_deref(), "map", spot)?;
                (self.mapping(spot)?, anchor)
            }
            Event::Alias(id) => return self.alias(id, spot),
            _ => return Err(Fault::new(spot, "a value is missing here")),
        };
        if node.depth > DEEPEST {
            return Err(Fault::new(spot, format!("more than {DEEPEST} levels deep")));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn alias(&mut self, id: usize, spot: Spot) -> Result<Node, Fault> {
        let named = self
            .anchors
            .get(&id)
            .ok_or_else(|| Fault::new(spot, "this alias stands within what it names"))?;
        self.by_aliases += named.size;
        if self.by_aliases > MOST_BY_ALIASES {
            return Err(Fault::new(spot, "aliases make this file too large"));
        }
        // Places inside an alias are those of its anchor: that is the text to correct.
        Ok(named.clone())
    }

    fn list(&mut self, opened: Spot) -> Result<Node, Fault> {
        let mut items = Vec::new();
        loop {
            match self.inside(opened)? {
                (Event::SequenceEnd, _) => return Ok(Node::new(opened, Data::List(items))),
                (event, span) => items.push(self.node(event, span)?),
            }
        }
    }

    fn mapping(&mut self, opened: Spot) -> Result<Node, Fault> {
        let (mut pairs, mut merged) = (Vec::new(), Vec::new());
        let mut seen: HashMap<String, usize> = HashMap::new();
        loop {
            let (event, span) = self.inside(opened)?;
            if event == Event::MappingEnd {
                break;
            }
            let is_merge = matches!(&event, Event::Scalar(text, ScalarStyle::Plain, _, None) if text == "<<");
            let key = self.key(event, &span)?;
            let (event, span) = self.inside(opened)?;
            let value = self.node(event, span)?;
            if is_merge {
                merged.extend(to_merge(value)?);
                continue;
            }
            if let Some(line) = seen.insert(key.name.clone(), key.spot.line) {
                let message = format!("the key `{}` stands here a second time", key.name);
                return Err(
                    Fault::new(key.spot, message).with_hint(format!("the first one is in line {line}"))
                );
            }
            pairs.push((key, value));
        }
        merge(&mut pairs, merged);
        Ok(Node::new(opened, Data::Map(pairs)))
    }

    fn key(&mut self, event: Event<'t>, span: &Span) -> Result<Key, Fault> {
        let spot = spot(span);
        let (text, style, tag) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                if anchor != 0 {
                    let value = self.scalar(&text, style, tag.as_deref(), spot)?;
                    self.anchors.insert(anchor, Node::new(spot, Data::Scalar(value)));
                }
                (text, style, tag)
            }
            Event::Alias(id) => return self.alias_as_key(id, spot),
            _ => {
                return Err(Fault::new(spot, "a key must be a text").with_hint("put an expression in quotes"));
            }
        };
        // In files of ours a key is its text; kubectl turns `on:` into the key `true`.
        if self.dialect == Dialect::Ours {
            return Ok(Key { name: text.into_owned(), spot, written: None });
        }
        let value = self.scalar(&text, style, tag.as_deref(), spot)?;
        key_of(&value, Some(&text), spot)
    }

    fn alias_as_key(&mut self, id: usize, spot: Spot) -> Result<Key, Fault> {
        let node = self.alias(id, spot)?;
        let Data::Scalar(value) = &node.data else { return Err(Fault::new(spot, "a key must be a text")) };
        key_of(value, node.written.as_deref(), spot)
    }

    fn scalar(&self, text: &str, style: ScalarStyle, tag: Option<&Tag>, spot: Spot) -> Result<Value, Fault> {
        let wanted = match tag {
            None if style == ScalarStyle::Plain => None,
            None => Some("str"),
            Some(tag) if tag.original() == "!" => Some("str"),
            Some(tag) => Some(tag.core_suffix().ok_or_else(|| unknown_tag(spot))?),
        };
        if wanted == Some("str") {
            return Ok(text.into());
        }
        let value = scalar::plain(text, self.dialect)
            .ok_or_else(|| Fault::new(spot, "infinity and not-a-number have no meaning here"))?;
        let fits = match wanted {
            None => true,
            Some("int") => value.is_i64() || value.is_u64(),
            Some("float") => value.is_number(),
            Some("bool") => value.is_boolean(),
            Some("null") => value.is_null(),
            Some(_) => false,
        };
        if fits { Ok(value) } else { Err(Fault::new(spot, "the value is not what its tag says")) }
    }
}

fn key_of(value: &Value, written: Option<&str>, spot: Spot) -> Result<Key, Fault> {
    let name = key_name(value).ok_or_else(|| Fault::new(spot, "a key must be a text"))?;
    let written = written.filter(|written| *written != name).map(Into::into);
    Ok(Key { name, spot, written })
}

/// Keys as sigs.k8s.io/yaml makes them of scalars.
fn key_name(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

/// The mappings that a merge key (YAML 1.1 `<<`) names.
fn to_merge(value: Node) -> Result<Vec<(Key, Node)>, Fault> {
    let spot = value.spot;
    match value.data {
        Data::Map(pairs) => Ok(pairs),
        Data::List(items) if items.iter().all(|item| matches!(item.data, Data::Map(_))) => {
            Ok(items.into_iter().map(to_merge).collect::<Result<Vec<_>, _>>()?.concat())
        }
        _ => Err(Fault::new(spot, "`<<` takes a mapping, or a list of mappings")),
    }
}

/// Merged keys fill gaps: what is written out wins, then what was merged first.
fn merge(pairs: &mut Vec<(Key, Node)>, merged: Vec<(Key, Node)>) {
    let mut known: HashSet<String> = pairs.iter().map(|(key, _)| key.name.clone()).collect();
    pairs.extend(merged.into_iter().filter(|(key, _)| known.insert(key.name.clone())));
}

fn refuse_tag(tag: Option<&Tag>, own: &str, spot: Spot) -> Result<(), Fault> {
    match tag {
        Some(tag) if tag.core_suffix() != Some(own) && tag.original() != "!" => Err(unknown_tag(spot)),
        _ => Ok(()),
    }
}

fn unknown_tag(spot: Spot) -> Fault {
    Fault::new(spot, "this tag is not known here")
        .with_hint("known are !!str, !!int, !!float, !!bool, !!null, !!map and !!seq")
}

pub(super) fn syntax(error: &ScanError) -> Fault {
    let spot = Spot { line: error.marker().line().max(1), column: error.marker().col() + 1, width: 1 };
    Fault::new(spot, format!("not valid YAML: {}", error.info()))
}

pub(super) fn spot(span: &Span) -> Spot {
    let width = if span.start.line() == span.end.line() {
        span.end.col().saturating_sub(span.start.col())
    } else {
        1
    };
    Spot { line: span.start.line().max(1), column: span.start.col() + 1, width: width.max(1) }
}
