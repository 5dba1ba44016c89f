//! Where a new entry goes, and the bytes that go there.

use super::ink::{Ink, New};
use super::layout::{self, Entry, entries, tail};
use super::patch::Patch;
use super::text::{begins_line, column, ends_line, line_end, margin, skip_blank};
use super::tree::{Data, Node, Stream, Style};
use crate::yaml::error::Fault;

/// The text around and what is known of it.
#[derive(Debug, Clone)]
pub(super) struct Site<'t> {
    pub(super) text: &'t str,
    pub(super) stream: &'t Stream,
    pub(super) ink: Ink,
}

impl Site<'_> {
    /// Adds an entry to a collection that has some.
    pub(super) fn entry(
        &self,
        node: &Node,
        is_root: bool,
        index: usize,
        new: &New,
    ) -> Result<Vec<Patch>, Fault> {
        let all = entries(node);
        match (node.is_block(), index.checked_sub(1).and_then(|before| all.get(before))) {
            (true, None) => Ok(self.first_of_block(&all, is_root, new)),
            (true, Some(before)) => self.after_in_block(node, &all, *before, new),
            (false, None) => Ok(self.first_of_flow(&all, new)),
            (false, Some(before)) => Ok(self.after_in_flow(*before, new)),
        }
    }

    fn first_of_block(&self, all: &[Entry], is_root: bool, new: &New) -> Vec<Patch> {
        let at = layout::head(self.text, self.stream, all, 0, is_root);
        let indent = column(self.text, at);
        vec![Patch::insert(at, self.ink.block(new, indent) + &self.ink.line(indent))]
    }

    fn after_in_block(
        &self,
        node: &Node,
        all: &[Entry],
        before: Entry,
        new: &New,
    ) -> Result<Vec<Patch>, Fault> {
        if !ends_line(self.text, before.end) {
            return Err(Fault::new(
                node.spot,
                "something stands on the line where the new entry would follow",
            ));
        }
        let at = tail(self.text, self.stream, before);
        if at == self.text.len() && self.ends_open(node) {
            return Err(Fault::new(node.spot, "the file ends within a block of text, without a line break")
                .with_hint(
                    "end the file with a line break: readers differ about what the text is without one",
                ));
        }
        let indent = column(self.text, all[0].start);
        Ok(vec![Patch::insert(at, self.ink.line(indent) + &self.ink.block(new, indent))])
    }

    /// Whether the last thing in a collection is a block scalar whose last line break counts.
    fn ends_open(&self, node: &Node) -> bool {
        let mut last = None;
        node.all(&mut |node| last = Some(node));
        last.is_some_and(|last| {
            let is_block = matches!(last.data, Data::Scalar(_, Style::Literal | Style::Folded));
            let head = &self.text[last.content.start..line_end(self.text, last.content.start)];
            is_block && !head.split([' ', '#']).next().unwrap_or_default().contains('-')
        })
    }

    fn first_of_flow(&self, all: &[Entry], new: &New) -> Vec<Patch> {
        let at = all.first().map_or(0, |first| first.start);
        let own_line = begins_line(self.text, at);
        let indent = margin(self.text, at);
        let gap = if own_line { self.ink.line_after(indent) } else { self.ink.space().to_owned() };
        vec![Patch::insert(at, self.ink.flow(new, own_line.then_some(indent)) + "," + &gap)]
    }

    fn after_in_flow(&self, before: Entry, new: &New) -> Vec<Patch> {
        let comma = comma(self.text, before.end);
        let end = comma.map_or(before.end, |comma| comma + 1);
        let one_a_line = begins_line(self.text, before.start) && ends_line(self.text, end);
        let (at, lead, indent) = if one_a_line {
            let indent = margin(self.text, before.start);
            (line_end(self.text, end), self.ink.line_after(indent), Some(indent))
        } else {
            (end, self.ink.space().to_owned(), None)
        };
        let entry = lead + &self.ink.flow(new, indent);
        match comma {
            Some(_) => vec![Patch::insert(at, entry + ",")],
            None => vec![Patch::insert(before.end, ","), Patch::insert(at, entry)],
        }
    }

    /// Fills an empty flow collection.
    pub(super) fn fill_flow(&self, node: &Node, new: &New) -> Vec<Patch> {
        let inner = node.content.start + 1..node.content.end - 1;
        let opening = margin(self.text, node.content.start);
        let indent = self.ink.deeper(opening);
        let entry = || self.ink.line_after(&indent) + &self.ink.flow(new, Some(&indent));
        if self.text[inner.clone()].contains('\n') {
            return vec![Patch::insert(line_end(self.text, inner.start), entry())];
        }
        if self.ink.is_pretty {
            return vec![Patch::replace(inner, entry() + &self.ink.line_after(opening))];
        }
        vec![Patch::replace(inner, self.ink.flow(new, None))]
    }

    /// Turns nothing, `null`, `{}` or `[]` behind a key into a block below it.
    pub(super) fn below_key(&self, holder: &Node, index: usize, new: &New) -> Result<Vec<Patch>, Fault> {
        let Data::Map { pairs, .. } = &holder.data else {
            return Err(Fault::new(holder.spot, "an empty item of a list stands here")
                .with_hint("only an empty value behind a key can be filled"));
        };
        let pair = &pairs[index];
        let from = pair.value.properties_end.or(pair.colon.map(|colon| colon + 1));
        let (Some(from), true) = (from, ends_line(self.text, pair.end())) else {
            return Err(Fault::new(pair.key.spot, "something stands on the line behind this empty value"));
        };
        let own = column(self.text, pair.key.start);
        let step = if new.keys.is_empty() { self.ink.list_step() } else { self.ink.step() };
        let block = self.ink.line(own + step) + &self.ink.block(new, own + step);
        let empty = from..pair.value.content.end.max(from);
        Ok(vec![Patch::delete(empty), Patch::insert(line_end(self.text, pair.end()), block)])
    }
}

/// The comma behind an entry of a flow collection.
pub(super) fn comma(text: &str, end: usize) -> Option<usize> {
    let at = skip_blank(text, end);
    text[at..].starts_with(',').then_some(at)
}
