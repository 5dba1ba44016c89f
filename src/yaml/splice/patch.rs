//! What an edit writes, and the proof that it is what was meant.

use std::ops::Range;

use super::tree::{Data, Document, Node, Stream, Style};
use super::{find, tree};
use crate::yaml::error::{Fault, Spot};

/// Some bytes and what stands in their place afterwards.
#[derive(Debug, Clone)]
pub(super) struct Patch {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

impl Patch {
    pub(super) fn insert(at: usize, text: impl Into<String>) -> Self {
        Self { range: at..at, text: text.into() }
    }

    pub(super) fn delete(range: Range<usize>) -> Self {
        Self { range, text: String::new() }
    }

    pub(super) fn replace(range: Range<usize>, text: impl Into<String>) -> Self {
        Self { range, text: text.into() }
    }
}

/// An edit that is thought out and not made yet.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) patches: Vec<Patch>,
    /// The documents afterwards.
    pub(super) intended: Vec<Node>,
    /// Comments that come in with new text.
    pub(super) new_comments: usize,
    /// Where it happens, for messages.
    pub(super) spot: Spot,
}

/// Makes the edit. What comes out is read again; if it is not exactly what was meant, nothing comes out.
pub(super) fn make(text: &str, before: &Stream, mut plan: Plan) -> Result<(String, Stream), Fault> {
    plan.patches.sort_by_key(|patch| (patch.range.start, patch.range.end));
    let refuse = |why: &str| {
        Fault::new(plan.spot, format!("this place cannot be edited safely: {why}"))
            .with_hint("nothing was changed; edit it by hand, or write it in a plainer form first")
    };
    let after = applied(text, &plan.patches).ok_or_else(|| refuse("the places overlap"))?;
    let stream = tree::stream(&after).map_err(|_| refuse("the result would not be valid YAML"))?;
    let sound = stream.documents.len() == plan.intended.len()
        && plan.intended.iter().zip(&stream.documents).all(|(meant, document)| same(meant, &document.root));
    if !sound {
        return Err(refuse("the result would mean something else"));
    }
    if !keeps_comments(text, before, &after, &stream, &plan) {
        return Err(refuse("a comment would be lost"));
    }
    if !keeps_marks(&before.documents, &stream.documents) {
        return Err(refuse("a mark between documents would be lost"));
    }
    Ok((after, stream))
}

fn applied(text: &str, patches: &[Patch]) -> Option<String> {
    let mut out =
        String::with_capacity(text.len() + patches.iter().map(|patch| patch.text.len()).sum::<usize>());
    let mut at = 0;
    for patch in patches {
        out.push_str(text.get(at..patch.range.start)?);
        out.push_str(&patch.text);
        at = patch.range.end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// Whether a document is what was meant. Everything that was not edited must be the very same: text, plain or
/// quoted, tag, anchor.
fn same(meant: &Node, node: &Node) -> bool {
    let names = |node: &Node| node.anchor.as_ref().map(|(_, name)| name.clone());
    if names(meant) != names(node) || meant.tag != node.tag {
        return false;
    }
    match (&meant.data, &node.data) {
        (Data::Scalar(text, Style::AnyText), Data::Scalar(..)) => find::holds(node, text),
        (Data::Scalar(text, style), Data::Scalar(found, as_style)) => text == found && style == as_style,
        (Data::Alias(name), Data::Alias(found)) => name == found,
        (Data::List { items, .. }, Data::List { items: found, .. }) => {
            items.len() == found.len() && items.iter().zip(found).all(|(a, b)| same(&a.node, &b.node))
        }
        (Data::Map { pairs, .. }, Data::Map { pairs: found, .. }) => {
            pairs.len() == found.len()
                && pairs.iter().zip(found).all(|(a, b)| same(&a.key, &b.key) && same(&a.value, &b.value))
        }
        _ => false,
    }
}

/// Whether all comments outside of what was deleted are still comments, and no new ones came up.
fn keeps_comments(text: &str, before: &Stream, after: &str, stream: &Stream, plan: &Plan) -> bool {
    let deleted = |comment: &Range<usize>| {
        plan.patches.iter().any(|p| p.range.start <= comment.start && comment.end <= p.range.end)
    };
    let mut found = stream.comments.iter().map(|comment| &after[comment.clone()]);
    let mut kept = before.comments.iter().filter(|comment| !deleted(comment)).peekable();
    let mut new = plan.new_comments;
    while let Some(comment) = kept.peek().map(|comment| &text[(*comment).clone()]) {
        match found.next() {
            Some(same) if same == comment => {
                kept.next();
            }
            Some(_) if new > 0 => new -= 1,
            _ => return false,
        }
    }
    found.count() == new
}

fn keeps_marks(before: &[Document], after: &[Document]) -> bool {
    let count =
        |documents: &[Document]| documents.iter().filter(|document| document.end_marker.is_some()).count();
    count(before) == count(after)
}
