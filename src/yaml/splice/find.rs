//! The way to a value, and what may not stand in it.

use std::collections::HashMap;

use super::tree::{Data, Document, Node, Pair, Style};
use super::write;
use crate::yaml::Segment;
use crate::yaml::error::{Fault, Spot};
use crate::yaml::scalar::{self, Dialect};

/// How far a path leads.
pub(super) struct Found<'d, 'p> {
    /// The indices of what was passed, from the root.
    pub(super) trail: Vec<usize>,
    /// The nodes that were passed, root first; the last one is what was found.
    pub(super) nodes: Vec<&'d Node>,
    /// What of the path is not there.
    pub(super) rest: &'p [Segment],
}

impl<'d> Found<'d, '_> {
    /// The node found.
    pub(super) fn node(&self) -> &'d Node {
        // The root was passed at least.
        self.nodes[self.nodes.len() - 1]
    }

    /// What holds it, and its place in there.
    pub(super) fn parent(&self) -> Option<(&'d Node, usize)> {
        let above = self.nodes.len().checked_sub(2)?;
        Some((self.nodes[above], *self.trail.last()?))
    }
}

/// Follows a path as far as the document goes.
pub(super) fn find<'d, 'p>(document: &'d Document, path: &'p [Segment]) -> Result<Found<'d, 'p>, Fault> {
    let mut node = &document.root;
    let mut found = Found { trail: Vec::new(), nodes: vec![node], rest: path };
    while let Some((segment, rest)) = found.rest.split_first() {
        sound(document, node)?;
        let index = match (&node.data, segment) {
            (Data::Map { pairs, .. }, Segment::Key(name)) => key(pairs, name)?,
            (Data::List { items, .. }, Segment::Index(index)) => Some(*index).filter(|i| *i < items.len()),
            (_, Segment::Key(_)) if node.is_null() => None,
            (_, Segment::Key(name)) => {
                let what = kind(node);
                return Err(Fault::new(
                    node.spot,
                    format!("{what} stands where the key `{name}` should be in"),
                ));
            }
            (_, Segment::Index(_)) => {
                return Err(Fault::new(node.spot, format!("{} stands where a list should be", kind(node))));
            }
        };
        let Some(index) = index else { break };
        let Some(child) = node.child(index) else { break };
        node = child;
        found.trail.push(index);
        found.nodes.push(node);
        found.rest = rest;
    }
    if let [Segment::Index(index), ..] = found.rest {
        return Err(Fault::new(node.spot, format!("the list has no item {index}")));
    }
    Ok(found)
}

/// The place of a key among the pairs of a mapping, which must leave no doubt.
pub(super) fn key(pairs: &[Pair], name: &str) -> Result<Option<usize>, Fault> {
    let mut seen: HashMap<&str, Spot> = HashMap::new();
    let mut found = None;
    for (index, pair) in pairs.iter().enumerate() {
        let Data::Scalar(text, style) = &pair.key.data else {
            return Err(Fault::new(pair.key.spot, format!("{} stands here as a key", kind(&pair.key)))
                .with_hint("beside such keys nothing is edited: write the key out"));
        };
        if let Some(first) = seen.insert(text, pair.key.spot) {
            return Err(Fault::new(pair.key.spot, format!("the key `{text}` stands here a second time"))
                .with_hint(format!("the first one is in line {}", first.line)));
        }
        let read = meaning(text, *style);
        match (text == name, read == name) {
            (true, true) => found = Some(index),
            (false, false) => {}
            _ => {
                let message =
                    format!("the key `{text}` is `{read}` to kubectl, and something else to others");
                return Err(Fault::new(pair.key.spot, message).with_hint("put it in quotes"));
            }
        }
    }
    Ok(found)
}

/// What kubectl makes of a key.
fn meaning(text: &str, style: Style) -> String {
    if style != Style::Plain {
        return text.to_owned();
    }
    match scalar::plain(text, Dialect::Kubectl) {
        Some(serde_json::Value::String(text)) => text,
        Some(other) => other.to_string(),
        None => text.to_owned(),
    }
}

/// Refuses a collection on the way whose change would show elsewhere, or means something of its own.
pub(super) fn sound(document: &Document, node: &Node) -> Result<(), Fault> {
    if let Data::Alias(name) = &node.data {
        return Err(alias(node, name));
    }
    not_aliased(document, node)?;
    match node.tag.as_deref() {
        None | Some("!" | "!!map" | "!!seq") => Ok(()),
        Some(tag) => Err(tagged(node, tag)),
    }
}

/// Refuses a value whose anchor is used elsewhere.
pub(super) fn not_aliased(document: &Document, node: &Node) -> Result<(), Fault> {
    let used = node.anchor.as_ref().and_then(|(id, name)| Some((name, document.aliases.get(id)?)));
    used.map_or(Ok(()), |(name, spot)| {
        let message = format!("this is `&{name}`, and line {} takes it over with `*{name}`", spot.line);
        Err(Fault::new(node.spot, message)
            .with_hint("the edit would show there too: write one of the two out, without the anchor"))
    })
}

/// The same for a value and all in it, which is to go.
pub(super) fn nothing_aliased(document: &Document, node: &Node) -> Result<(), Fault> {
    let mut first = Ok(());
    node.all(&mut |node| {
        if first.is_ok() {
            first = not_aliased(document, node);
        }
    });
    first
}

/// Refuses to change which keys a mapping has where it takes some from elsewhere.
pub(super) fn no_merge(pairs: &[Pair]) -> Result<(), Fault> {
    let is_merge = |pair: &&Pair| matches!(&pair.key.data, Data::Scalar(text, Style::Plain) if text == "<<");
    pairs.iter().find(is_merge).map_or(Ok(()), |pair| {
        Err(Fault::new(pair.key.spot, "this mapping takes keys from another one (`<<`)")
            .with_hint("only values that are written out in it can be set: write the merged keys out"))
    })
}

/// Refuses what cannot be replaced by a text: collections, aliases, tags with a meaning of their own.
pub(super) fn replaceable(document: &Document, node: &Node) -> Result<(), Fault> {
    match &node.data {
        Data::Alias(name) => return Err(alias(node, name)),
        Data::Scalar(..) => not_aliased(document, node)?,
        _ => {
            return Err(Fault::new(node.spot, format!("{} stands here, not a single value", kind(node)))
                .with_hint("name a value in it, or remove it first"));
        }
    }
    match node.tag.as_deref() {
        None | Some("!" | "!!str") => Ok(()),
        Some(tag) => Err(tagged(node, tag)),
    }
}

/// Whether every reader takes a node for exactly this text.
pub(super) fn holds(node: &Node, wanted: &str) -> bool {
    let Data::Scalar(text, style) = &node.data else { return false };
    let is_text = match (style, node.tag.as_deref()) {
        (_, Some("!" | "!!str")) => true,
        (_, Some(_)) | (Style::Nothing, None) => false,
        (Style::Plain, None) => write::is_text_when_plain(text),
        (_, None) => true,
    };
    text == wanted && is_text
}

fn alias(node: &Node, name: &str) -> Fault {
    Fault::new(node.spot, format!("the alias `*{name}` stands here"))
        .with_hint("what it names stands elsewhere: write the value out here first")
}

fn tagged(node: &Node, tag: &str) -> Fault {
    Fault::new(node.spot, format!("the tag `{tag}` gives this value a meaning of its own"))
        .with_hint("values without a tag, or with !!str, can be edited")
}

pub(super) fn kind(node: &Node) -> &'static str {
    match &node.data {
        Data::Scalar(_, Style::Nothing) => "nothing",
        Data::Scalar(..) => "a single value",
        Data::Alias(_) => "an alias",
        Data::List { .. } => "a list",
        Data::Map { .. } => "a mapping",
    }
}
