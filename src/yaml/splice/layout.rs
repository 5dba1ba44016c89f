//! How a document is laid out: steps of indentation, quotes, breaks between entries. What is added follows it.

use std::ops::Range;

use super::text::{begins_line, column, line_end, line_start, margin};
use super::tree::{Data, Node, Stream, Style};

/// An entry of a mapping or list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The entries of a collection in their order.
pub(super) fn entries(node: &Node) -> Vec<Entry> {
    match &node.data {
        Data::List { items, .. } => items
            .iter()
            .map(|item| Entry { start: item.start, end: item.node.end().max(item.start) })
            .collect(),
        Data::Map { pairs, .. } => {
            pairs.iter().map(|pair| Entry { start: pair.key.start, end: pair.end() }).collect()
        }
        _ => Vec::new(),
    }
}

/// Columns by which a mapping stands further right than the key that holds it: of the first one that shows it.
pub(super) fn step(text: &str, root: &Node) -> usize {
    first_step(text, root, &|value| matches!(value.data, Data::Map { flow: false, .. })).unwrap_or(2).max(1)
}

/// The same of lists; zero is usual.
pub(super) fn list_step(text: &str, root: &Node) -> usize {
    first_step(text, root, &|value| matches!(value.data, Data::List { flow: false, .. })).unwrap_or(2)
}

/// The white space that a step between braces adds: that before the first key of a JSON document.
pub(super) fn flow_step(text: &str, root: &Node) -> String {
    let first =
        entries(root).first().filter(|first| !root.is_block() && begins_line(text, first.start)).copied();
    let space = first.map(|first| margin(text, first.start)).filter(|space| !space.is_empty());
    space.map_or_else(|| " ".repeat(step(text, root)), str::to_owned)
}

fn first_step(text: &str, node: &Node, wanted: &dyn Fn(&Node) -> bool) -> Option<usize> {
    match &node.data {
        Data::Map { pairs, flow: false } => pairs.iter().find_map(|pair| {
            let own = wanted(&pair.value)
                .then(|| column(text, pair.value.content.start).checked_sub(column(text, pair.key.start)));
            own.flatten().or_else(|| first_step(text, &pair.value, wanted))
        }),
        Data::List { items, .. } => items.iter().find_map(|item| first_step(text, &item.node, wanted)),
        _ => None,
    }
}

/// The quotes that all of some scalars share, if they are quoted.
pub(super) fn quotes<'n>(nodes: impl Iterator<Item = &'n Node>) -> Style {
    let mut styles = nodes.filter_map(|node| match node.data {
        Data::Scalar(_, style) => Some(style),
        _ => None,
    });
    match styles.next() {
        Some(first @ (Style::Single | Style::Double)) if styles.all(|style| style == first) => first,
        _ => Style::AnyText,
    }
}

/// Where a new name goes: to its alphabetical place where the others stand so, else to the end.
pub(super) fn place(names: &[&str], new: &str) -> usize {
    if names.is_sorted_by(|a, b| a < b) { names.partition_point(|name| *name < new) } else { names.len() }
}

/// Where the text of an entry ends: with the comments below it that stand further right.
pub(super) fn tail(text: &str, stream: &Stream, entry: Entry) -> usize {
    let own = column(text, entry.start);
    let mut end = line_end(text, entry.end);
    while let Some(next) = next_line(text, end) {
        match comment_on(text, stream, next) {
            Some(comment) if column(text, comment.start) > own => end = line_end(text, comment.end),
            _ => break,
        }
    }
    end
}

/// Where an entry begins, with the comments directly above it that are its own: those in the same column, with no
/// blank line between. Not its own is the heading of a section: one that begins the document, or that follows a
/// blank line or the opening of the mapping while the next entry follows without a comment or line between.
pub(super) fn head(text: &str, stream: &Stream, all: &[Entry], index: usize, is_root: bool) -> usize {
    let entry = all[index];
    if !begins_line(text, entry.start) {
        return entry.start;
    }
    let own = column(text, entry.start);
    let mut first = entry.start;
    while let Some(comment) = above(text, first).and_then(|line| comment_on(text, stream, line)) {
        if column(text, comment.start) != own {
            break;
        }
        first = comment.start;
    }
    let set_off = above(text, first)
        .is_none_or(|line| text[line..line_end(text, line)].trim().is_empty() || index == 0);
    let next_is_close = all.get(index + 1).is_some_and(|next| {
        next_line(text, line_end(text, entry.end)).is_some_and(|line| line == line_start(text, next.start))
    });
    let is_heading = (is_root && index == 0) || (set_off && next_is_close);
    if is_heading { entry.start } else { first }
}

/// The beginning of the line above the one that holds `at`.
fn above(text: &str, at: usize) -> Option<usize> {
    let start = line_start(text, at);
    (start > 0).then(|| line_start(text, start - 1))
}

/// The beginning of the line after the one that ends at `end`.
fn next_line(text: &str, end: usize) -> Option<usize> {
    text[end..].find('\n').map(|found| end + found + 1).filter(|at| *at < text.len())
}

/// The comment that has the line beginning at `line` for itself.
fn comment_on(text: &str, stream: &Stream, line: usize) -> Option<Range<usize>> {
    let rest = &text[line..];
    let at = line + rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let found = stream.comments.binary_search_by_key(&at, |comment| comment.start).ok()?;
    stream.comments.get(found).cloned()
}
