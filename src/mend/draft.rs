//! A text under edit, and the values that are meant to come of it: each edit is read back and compared.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use zeroize::Zeroize;

use super::refusal::No;
use super::site;
use super::write::{self, Style};
use crate::plain::Plain;
use crate::yaml::outline::{Id, Outline, Shape};
use crate::yaml::splice::Edit;
use crate::yaml::{self, Segment};

/// What stands in a list for a moment, until a map takes its place.
const STOPGAP: &str = "sealstrap-stopgap";

/// A text under edit. An edit that is refused changes nothing.
#[derive(Clone)]
pub(super) struct Draft {
    file: PathBuf,
    text: String,
    /// What its documents are to hold.
    meant: Vec<Value>,
}

impl Drop for Draft {
    fn drop(&mut self) {
        self.meant.iter_mut().for_each(yaml::wipe);
        self.text.zeroize();
    }
}

impl Draft {
    /// Takes a text.
    ///
    /// # Errors
    /// It is no YAML or JSON, or nothing can be edited in it.
    pub(super) fn open(file: &Path, text: &str) -> Result<Self, No> {
        let edit = Edit::open(file, text)?;
        let meant = edit.values()?;
        if site::documents(text).len() != meant.len() {
            return Err(No::unsafe_place());
        }
        Ok(Self { file: file.to_owned(), text: text.to_owned(), meant })
    }

    /// Takes a text in which there are no values, or none that can be told.
    pub(super) fn of_text(file: &Path, text: &str) -> Self {
        Self { file: file.to_owned(), text: text.to_owned(), meant: Vec::new() }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What its documents hold.
    pub(super) fn values(&self) -> &[Value] {
        &self.meant
    }

    /// The value at a path.
    pub(super) fn value(&self, document: usize, path: &[Segment]) -> Option<&Value> {
        path.iter().try_fold(self.meant.get(document)?, |value, segment| match segment {
            Segment::Key(key) => value.get(key),
            Segment::Index(index) => value.get(index),
        })
    }

    /// The text of a whole document.
    pub(super) fn document(&self, document: usize) -> Result<String, No> {
        let edit = Edit::open(&self.file, &self.text)?;
        edit.document_text(document).map(str::to_owned).ok_or_else(No::unsafe_place)
    }

    /// Makes the value at a path this text.
    pub(super) fn set(&mut self, document: usize, path: &[Segment], text: &str) -> Result<(), No> {
        let mut edit = Edit::open(&self.file, &self.text)?;
        edit.document(document)?.set(path, text)?;
        self.take(edit.text(), document, |value| put(value, path, text.into()))
    }

    /// Takes the key or item at a path out.
    pub(super) fn remove(&mut self, document: usize, path: &[Segment]) -> Result<(), No> {
        let mut edit = Edit::open(&self.file, &self.text)?;
        edit.document(document)?.remove(path)?;
        self.take(edit.text(), document, |value| drop_at(value, path))
    }

    /// Writes a text over some bytes, where it takes the place of one piece of a value, and nothing else changes; in a
    /// comment it changes none. Gives what stood there: as the value has it, else as it is written.
    pub(super) fn overwrite(&mut self, range: Range<usize>, new: &str) -> Result<Plain, No> {
        let written = Plain::from(self.text.get(range.clone()).unwrap_or_default().to_owned());
        let after = patched(&self.text, vec![(range, new.to_owned())]).ok_or_else(No::unsafe_place)?;
        let (mut meant, mut went) = (Vec::new(), None);
        if !self.meant.is_empty() {
            meant = Edit::open(&self.file, &after).and_then(|edit| edit.values())?;
            let mut is_meant = meant.len() == self.meant.len();
            for (old, now) in self.meant.iter().zip(&meant) {
                is_meant = is_meant && replaces(old, now, new, &mut went);
            }
            if !is_meant {
                return Err(No::unsafe_place());
            }
        }
        let went = went.map_or(written, |went| Plain::from(went.to_owned()));
        *self = Self { file: self.file.clone(), text: after, meant };
        Ok(went)
    }

    /// Gives the key at the end of a path another name.
    pub(super) fn rename(&mut self, document: usize, path: &[Segment], new: &str) -> Result<(), No> {
        let Some((Segment::Key(old), above)) = path.split_last() else { return Err(No::unsafe_place()) };
        let mut edit = Edit::open(&self.file, &self.text)?;
        edit.document(document)?.rename(path, new)?;
        self.take(edit.text(), document, |value| {
            if let Some(Value::Object(map)) = at_mut(value, above)
                && let Some(value) = map.shift_remove(old)
            {
                map.insert(new.to_owned(), value);
            }
        })
    }

    /// Adds a text to the list at a path.
    pub(super) fn append(&mut self, document: usize, path: &[Segment], text: &str) -> Result<(), No> {
        let mut edit = Edit::open(&self.file, &self.text)?;
        edit.document(document)?.append(path, text)?;
        let list = edit.values()?.get(document).and_then(|value| at(value, path).cloned());
        self.take(edit.text(), document, |value| put(value, path, list.unwrap_or_default()))
    }

    /// Writes another document in the place of one.
    pub(super) fn replace(&mut self, document: usize, text: &str) -> Result<(), No> {
        let mut edit = Edit::open(&self.file, &self.text)?;
        edit.replace_document(document, text)?;
        let new = yaml::documents(&self.file, text)?.into_iter().next().unwrap_or_default();
        self.take(edit.text(), document, |value| *value = new)
    }

    /// Puts a map in the place of the single value at a path, under another key. What else stands on its line stays.
    pub(super) fn put(
        &mut self,
        document: usize,
        path: &[Segment],
        key: &str,
        new: &Value,
    ) -> Result<(), No> {
        let (Some((Segment::Key(_), above)), text) = (path.split_last(), &self.text) else {
            return Err(No::unsafe_place());
        };
        let (outline, node) = self.find(document, path)?;
        let key_range = outline.key_range(node);
        let colon = key_range.end + text[key_range.end..].find(':').ok_or_else(No::unsafe_place)?;
        let value = colon + 1..value_end(&outline, node).max(colon + 1);
        let patches = match Style::around(&outline, node) {
            Style::Block { step } => {
                let column = write::column(text, key_range.start) + step;
                let line_break = write::line_break(text);
                let block = write::block(new, column, step, line_break);
                let head = write::line_end(text, colon);
                let below = format!("{line_break}{}{block}", " ".repeat(column));
                match () {
                    () if value.end <= head => {
                        vec![(key_range, key.to_owned()), (value.clone(), String::new()), {
                            let end = write::line_end(text, value.end);
                            (end..end, below)
                        }]
                    }
                    () if text[value.start..head].contains('#') => return Err(No::unsafe_place()),
                    () => vec![(key_range, key.to_owned()), (value, below)],
                }
            }
            style => {
                let pair = format!("{}: {}", write::scalar(key, style), write::flow(new, style));
                vec![(key_range.start..value.end, pair)]
            }
        };
        let after = patched(text, patches).ok_or_else(No::unsafe_place)?;
        self.take(after, document, |value| {
            drop_at(value, path);
            let path: Vec<Segment> = above.iter().cloned().chain([key.into()]).collect();
            put(value, &path, new.clone());
        })
    }

    /// Adds a map to the list at a path, which is made where there is none.
    pub(super) fn push(&mut self, document: usize, path: &[Segment], new: &Value) -> Result<(), No> {
        let is_there = match self.value(document, path) {
            None | Some(Value::Null) => false,
            Some(Value::Array(items)) => !items.is_empty(),
            Some(_) => return Err(No::unsafe_place()),
        };
        let after =
            if is_there { self.behind_last(document, path, new)? } else { self.first(document, path, new)? };
        self.take(after, document, |value| match at_mut(value, path) {
            Some(Value::Array(items)) => items.push(new.clone()),
            _ => put(value, path, Value::Array(vec![new.clone()])),
        })
    }

    /// The text with a map behind the last item of a list.
    fn behind_last(&self, document: usize, path: &[Segment], new: &Value) -> Result<String, No> {
        let text = &self.text;
        let (outline, list) = self.find(document, path)?;
        let items: Vec<Id> = outline.children(list).collect();
        let (Some(first), Some(end_item)) = (items.first(), items.last()) else {
            return Err(No::unsafe_place());
        };
        let end = value_end(&outline, *end_item);
        let is_flow = text[outline.range(list)].starts_with('[');
        let (at, item) = match Style::around(&outline, *end_item) {
            Style::Block { step } if !is_flow => {
                let start = outline.below(*first).next().filter(|_| outline.shape(*first) == Shape::Map);
                let start = start.map_or(outline.range(*first).start, |pair| outline.key_range(pair).start);
                let line = text[..start].rfind('\n').map_or(0, |found| found + 1);
                let dash = text[line..start].find('-').ok_or_else(No::unsafe_place)?;
                let is_plain = text[line..start].trim_matches([' ', '-', '{']).is_empty();
                let line_break = write::line_break(text);
                let block = write::block(new, dash + 2, step, line_break);
                let item = format!("{line_break}{}- {block}", " ".repeat(dash));
                (write::line_end(text, end), is_plain.then_some(item).ok_or_else(No::unsafe_place)?)
            }
            style => (end, format!(", {}", write::flow(new, style))),
        };
        patched(text, vec![(at..at, item)]).ok_or_else(No::unsafe_place)
    }

    /// The text with a list of one map: the editor finds the place of a list, and the map takes the place of its item.
    fn first(&self, document: usize, path: &[Segment], new: &Value) -> Result<String, No> {
        let mut edit = Edit::open(&self.file, &self.text)?;
        edit.document(document)?.append(path, STOPGAP)?;
        let text = edit.text();
        let outline = site::documents(&text).into_iter().nth(document).ok_or_else(No::unsafe_place)?;
        let item: Vec<Segment> = path.iter().cloned().chain([0.into()]).collect();
        let node = site::find(&outline, &item).ok_or_else(No::unsafe_place)?;
        let range = outline.range(node);
        let written = match Style::around(&outline, node) {
            Style::Block { step } => {
                write::block(new, write::column(&text, range.start), step, write::line_break(&text))
            }
            style => write::flow(new, style),
        };
        patched(&text, vec![(range, written)]).ok_or_else(No::unsafe_place)
    }

    fn find(&self, document: usize, path: &[Segment]) -> Result<(Outline<'_>, Id), No> {
        let outline = site::documents(&self.text).into_iter().nth(document).ok_or_else(No::unsafe_place)?;
        let node = site::find(&outline, path).filter(|node| outline.shape(*node) != Shape::Alias);
        node.map(|node| (outline, node)).ok_or_else(No::aliased)
    }

    /// Takes a new text, if it means what it should.
    fn take(&mut self, text: String, document: usize, intend: impl FnOnce(&mut Value)) -> Result<(), No> {
        let mut new = Self { file: self.file.clone(), text, meant: self.meant.clone() };
        intend(new.meant.get_mut(document).ok_or_else(No::unsafe_place)?);
        let found = Edit::open(&new.file, &new.text).and_then(|edit| edit.values());
        match found {
            Ok(found) if found == new.meant => {
                *self = new;
                Ok(())
            }
            _ => Err(No::unsafe_place()),
        }
    }
}

/// Where a value ends: of a collection in block style with its last value, of a block of text with its last line.
fn value_end(outline: &Outline, node: Id) -> usize {
    let range = outline.range(node);
    let text = &outline.text[range.clone()];
    match outline.shape(node) {
        Shape::Map | Shape::List if !text.starts_with(['{', '[']) => {
            outline.children(node).last().map_or(range.end, |last| value_end(outline, last))
        }
        _ => range.start + text.trim_end_matches(['\n', '\r']).len(),
    }
}

/// A text with other texts in the place of some of its bytes.
fn patched(text: &str, patches: Vec<(Range<usize>, String)>) -> Option<String> {
    let mut out = String::with_capacity(text.len() * 2);
    let mut at = 0;
    for (range, new) in patches {
        out.push_str(text.get(at..range.start)?);
        out.push_str(&new);
        at = range.end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// Whether two values are the same but for a text that holds a piece where the other one holds another, which is told; it
/// may do so in several places by aliases.
fn replaces<'v>(old: &'v Value, now: &Value, new: &str, went: &mut Option<&'v str>) -> bool {
    match (old, now) {
        (Value::Object(old), Value::Object(now)) => {
            let mut is_same = old.len() == now.len();
            for ((key, old), (other, now)) in old.iter().zip(now) {
                is_same = is_same && key == other && replaces(old, now, new, went);
            }
            is_same
        }
        (Value::Array(old), Value::Array(now)) => {
            let mut is_same = old.len() == now.len();
            for (old, now) in old.iter().zip(now) {
                is_same = is_same && replaces(old, now, new, went);
            }
            is_same
        }
        (Value::String(old), Value::String(now)) if old != now => {
            let piece = now
                .match_indices(new)
                .find_map(|(at, _)| old.strip_prefix(&now[..at])?.strip_suffix(&now[at + new.len()..]));
            let known = *went;
            *went = piece;
            piece.is_some() && known.is_none_or(|known| Some(known) == piece)
        }
        (old, now) => old == now,
    }
}

fn at<'v>(value: &'v Value, path: &[Segment]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, segment| match segment {
        Segment::Key(key) => value.get(key),
        Segment::Index(index) => value.get(index),
    })
}

fn at_mut<'v>(value: &'v mut Value, path: &[Segment]) -> Option<&'v mut Value> {
    path.iter().try_fold(value, |value, segment| match segment {
        Segment::Key(key) => value.get_mut(key),
        Segment::Index(index) => value.get_mut(index),
    })
}

/// Puts a value at a path; maps that are missing are made.
fn put(value: &mut Value, path: &[Segment], new: Value) {
    match path.split_first() {
        None => *value = new,
        Some((Segment::Key(key), rest)) => {
            if value.is_null() {
                *value = Value::Object(Map::new());
            }
            if let Value::Object(map) = value {
                put(map.entry(key.clone()).or_insert(Value::Null), rest, new);
            }
        }
        Some((Segment::Index(index), rest)) => {
            if let Some(item) = value.get_mut(index) {
                put(item, rest, new);
            }
        }
    }
}

fn drop_at(value: &mut Value, path: &[Segment]) {
    let Some((last, above)) = path.split_last() else { return };
    match (at_mut(value, above), last) {
        (Some(Value::Object(map)), Segment::Key(key)) => {
            // The order of the others stays.
            drop(map.shift_remove(key));
        }
        (Some(Value::Array(items)), Segment::Index(index)) if *index < items.len() => {
            drop(items.remove(*index));
        }
        _ => {}
    }
}
