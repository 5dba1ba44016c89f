//! Properties of a secret: its keys, and paths through values that are no texts, in the language of gjson.

use super::document::{Document, member};
use crate::plain::Plain;

/// What lies under a property.
#[derive(Debug)]
pub enum Property<'s> {
    /// The value of the key of that name.
    Key(&'s Plain),
    /// A value within another.
    Within(Plain),
    /// Nothing.
    Missing,
    /// Whatever an expression finds that is more than names between dots.
    Unknown,
}

/// Letters that make more of a path than names between dots.
const EXPRESSION: &[char] =
    &['\\', '*', '?', '#', '|', '@', '!', '{', '}', '[', ']', '(', ')', '<', '>', '=', '%', '~', '"', ':'];

impl Document {
    /// What a path leads to.
    pub(super) fn nested(&self, path: &str) -> Property<'_> {
        if path.contains(EXPRESSION) {
            return Property::Unknown;
        }
        let mut names = path.split('.');
        let Some(mut text) = names.next().and_then(|name| self.text(name)) else { return Property::Missing };
        for name in names {
            if text.starts_with('[') {
                // A number counts elements, and what else it may be is not worth knowing here.
                return Property::Unknown;
            }
            let Some(inner) = member(text, name) else { return Property::Missing };
            text = inner;
        }
        Property::Within(Self::plain(text))
    }
}
