//! What goes with an entry that is removed.

use std::ops::Range;

use super::insert::comma;
use super::layout::{Entry, entries, head, tail};
use super::patch::Patch;
use super::text::{begins_line, ends_line, line_end, line_start};
use super::tree::{Data, Node, Stream};

/// Takes one of several entries out of a collection.
pub(super) fn entry(text: &str, stream: &Stream, node: &Node, is_root: bool, index: usize) -> Vec<Patch> {
    let all = entries(node);
    let first = head(text, stream, &all, index, is_root);
    if node.is_block() {
        vec![Patch::delete(in_block(text, stream, &all, index, first))]
    } else {
        in_flow(text, &all, index, first)
    }
}

fn in_block(text: &str, stream: &Stream, all: &[Entry], index: usize, first: usize) -> Range<usize> {
    let entry = all[index];
    let end = tail(text, stream, entry);
    if begins_line(text, entry.start) {
        return lines(text, first, end);
    }
    // It stands behind the dash of a list: the next entry, or the comment before it, moves up to there.
    let rest = &text[end..];
    entry.start..end + rest.len() - rest.trim_start().len()
}

/// Whole lines, from the break before them, so that a file without a last line break stays so.
fn lines(text: &str, first: usize, end: usize) -> Range<usize> {
    match line_start(text, first) {
        0 => {
            let rest = &text[end..];
            let after = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')).unwrap_or(rest);
            0..end + rest.len() - after.len()
        }
        start => line_end(text, start - 1)..end,
    }
}

fn in_flow(text: &str, all: &[Entry], index: usize, first: usize) -> Vec<Patch> {
    let entry = all[index];
    let own_comma = comma(text, entry.end);
    let end = own_comma.map_or(entry.end, |comma| comma + 1);
    let own_lines = begins_line(text, entry.start) && ends_line(text, end);
    let before = index.checked_sub(1).and_then(|before| comma(text, all[before].end));
    match (own_comma, before) {
        (Some(_), _) | (None, None) if own_lines => {
            vec![Patch::delete(lines(text, first, line_end(text, end)))]
        }
        // The white space before an entry goes with it, or, before the first one, that behind it.
        (Some(_), Some(before)) if !text[before + 1..entry.start].contains('\n') => {
            vec![Patch::delete(before + 1..end)]
        }
        (Some(_), _) => {
            let rest = &text[end..];
            vec![Patch::delete(entry.start..end + rest.len() - rest.trim_start_matches([' ', '\t']).len())]
        }
        (None, Some(before)) if own_lines => {
            vec![Patch::delete(before..before + 1), Patch::delete(lines(text, first, line_end(text, end)))]
        }
        (None, Some(before)) if !text[before + 1..entry.start].contains('\n') => {
            vec![Patch::delete(before..end)]
        }
        (None, Some(before)) => {
            vec![Patch::delete(before..before + 1), Patch::delete(entry.start..end)]
        }
        (None, None) => vec![Patch::delete(entry.start..end)],
    }
}

/// Takes the only entry out: `{}` or `[]` stays.
pub(super) fn last_entry(
    text: &str,
    stream: &Stream,
    node: &Node,
    colon: Option<usize>,
    is_root: bool,
) -> Vec<Patch> {
    let empty = if matches!(node.data, Data::Map { .. }) { "{}" } else { "[]" };
    let all = entries(node);
    if !node.is_block() {
        let own = head(text, stream, &all, 0, is_root)..tail(text, stream, all[0]);
        let is_others = |at: usize| node.content.contains(&at) && !own.contains(&at);
        // A comment that is not of this entry stays, and with it the braces around it.
        if stream.comments.iter().any(|comment| is_others(comment.start)) {
            return in_flow(text, &all, 0, own.start);
        }
        return vec![Patch::replace(node.content.clone(), empty)];
    }
    let end = tail(text, stream, all[0]);
    let behind = node.properties_end.or(colon.map(|colon| colon + 1));
    match behind.filter(|_| begins_line(text, all[0].start)) {
        Some(behind) => {
            let first = head(text, stream, &all, 0, is_root);
            vec![Patch::insert(behind, format!(" {empty}")), Patch::delete(lines(text, first, end))]
        }
        None => vec![Patch::replace(all[0].start..end, empty)],
    }
}
