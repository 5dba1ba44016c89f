//! What is known of the values of a document beside the values: in which lines they stand, and how they are written.

use super::Segment;
use super::read::{Data, Key, Node};

/// What is known of a value, and of those in it.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) line: usize,
    /// What stands in the file, where that means no text.
    pub(super) written: Option<Box<str>>,
    /// Its key as it stands in the file, where it means another one, and the line of that.
    pub(super) key: Option<(Box<str>, usize)>,
    below: Below,
}

/// The values in a value. None are known in JSON.
#[derive(Debug, Default)]
enum Below {
    #[default]
    None,
    List(Vec<Notes>),
    /// In the order of the keys.
    Map(Vec<(Box<str>, Notes)>),
}

impl Notes {
    /// Of a value that begins in a line, and nothing of those in it.
    pub(super) fn bare(line: usize) -> Self {
        Self { line, ..Self::default() }
    }

    pub(super) fn of(node: &Node) -> Self {
        let below = match &node.data {
            Data::Scalar(_) => Below::None,
            Data::List(items) => Below::List(items.iter().map(Self::of).collect()),
            Data::Map(pairs) => {
                let mut all: Vec<_> = pairs.iter().map(|(key, node)| Self::behind(key, node)).collect();
                all.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
                Below::Map(all)
            }
        };
        Self { line: node.spot.line, written: node.written.clone(), key: None, below }
    }

    fn behind(key: &Key, node: &Node) -> (Box<str>, Self) {
        let written = key.written.clone().map(|written| (written, key.spot.line));
        (key.name.as_str().into(), Self { key: written, ..Self::of(node) })
    }

    /// Those of a value in this one.
    pub(super) fn at(&self, path: &[Segment]) -> Option<&Self> {
        path.iter().try_fold(self, Self::child)
    }

    /// Those of a value in this one, or of the nearest one around it.
    pub(super) fn around(&self, path: &[Segment]) -> &Self {
        let mut nearest = self;
        for segment in path {
            let Some(child) = nearest.child(segment) else { break };
            nearest = child;
        }
        nearest
    }

    fn child(&self, segment: &Segment) -> Option<&Self> {
        match (&self.below, segment) {
            (Below::List(items), Segment::Index(index)) => items.get(*index),
            (Below::Map(pairs), Segment::Key(key)) => {
                let found = pairs.binary_search_by(|(name, _)| (**name).cmp(key.as_str())).ok()?;
                Some(&pairs[found].1)
            }
            _ => None,
        }
    }

    /// Those of the items of a list behind a key, taken out.
    pub(super) fn take_items(&mut self, key: &str) -> Vec<Self> {
        let Below::Map(pairs) = &mut self.below else { return Vec::new() };
        let items = pairs.iter_mut().find(|(name, _)| **name == *key).map(|(_, notes)| &mut notes.below);
        match items {
            Some(Below::List(items)) => std::mem::take(items),
            _ => Vec::new(),
        }
    }
}
