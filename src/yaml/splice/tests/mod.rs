//! What an edit keeps and what it refuses.

mod comments;
mod files;
mod generated;
mod made;
mod outlined;
mod refused;
mod table;

use std::path::Path;

use super::{Document, Edit};
use crate::yaml::{Error, Segment};

/// `a.b.0` as a path: numbers are indices.
fn path(dotted: &str) -> Vec<Segment> {
    let segment = |part: &str| part.parse().map_or_else(|_| part.into(), Segment::Index);
    dotted.split('.').filter(|part| !part.is_empty()).map(segment).collect()
}

fn open(text: &str) -> Edit {
    Edit::open(Path::new("x.yaml"), text).unwrap()
}

/// The text after an edit of its first document.
fn edited(text: &str, change: impl FnOnce(&mut Document) -> Result<(), Error>) -> Result<String, Error> {
    let mut edit = open(text);
    change(&mut edit.document(0)?)?;
    Ok(edit.text())
}

fn set(text: &str, at: &str, value: &str) -> String {
    edited(text, |document| document.set(&path(at), value)).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn remove(text: &str, at: &str) -> String {
    edited(text, |document| document.remove(&path(at))).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn rename(text: &str, at: &str, new: &str) -> String {
    edited(text, |document| document.rename(&path(at), new)).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn append(text: &str, at: &str, value: &str) -> String {
    edited(text, |document| document.append(&path(at), value))
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
}
