//! Where a finding stands: its document, its object, and the way of keys to its value.

use std::ops::Range;

use serde_json::Value;

use crate::plain::Plain;
use crate::scan::Finding;
use crate::yaml::outline::{Id, Outline, Shape, outlines};
use crate::yaml::{LAST_APPLIED, Segment};

/// The place of a finding in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Site {
    /// The document, from 0.
    pub(super) document: usize,
    /// The way to the object that it is in.
    pub(super) object: Vec<Segment>,
    /// The kind of that object; empty where there is none.
    pub(super) kind: String,
    /// The way from there to the value.
    pub(super) way: Vec<Segment>,
    /// Whether another place of the document uses it by an alias.
    pub(super) is_aliased: bool,
    /// Whether the finding is all of the value that it stands in.
    pub(super) is_whole: bool,
    /// The name of the item that it is in, of a list at the top of its document; empty where there is none.
    pub(super) item: String,
}

impl Site {
    /// The whole way from the document on.
    pub(super) fn path(&self) -> Vec<Segment> {
        self.object.iter().chain(&self.way).cloned().collect()
    }

    /// The whole way without its last parts.
    pub(super) fn above(&self, parts: usize) -> Vec<Segment> {
        let mut path = self.path();
        path.truncate(path.len().saturating_sub(parts));
        path
    }

    /// Whether it is in an annotation in which a tool keeps a whole object.
    pub(super) fn is_last_applied(&self) -> bool {
        matches!(&self.way[..], [.., Segment::Key(annotations), Segment::Key(key)]
            if annotations == "annotations" && LAST_APPLIED.contains(&key.as_str()))
    }

    /// Finds it; nothing where the finding is in no document.
    pub(super) fn of(text: &str, finding: &Finding) -> Option<Self> {
        let is_in = |outline: &Outline| {
            outline.range.start <= finding.range.start && finding.range.end <= outline.range.end
        };
        let (document, outline) = documents(text).into_iter().enumerate().find(|(_, found)| is_in(found))?;
        let node = scalar_around(&outline, &finding.range)?;
        let object = object_around(&outline, node);
        // What was found by its form alone is in a document only where that is an object.
        if finding.document == 0 && object.is_none() {
            return None;
        }
        let kind = object.and_then(|object| outline.text_at(object, &["kind"]));
        let (object, kind) = (object.unwrap_or(0), kind.unwrap_or_default().into_owned());
        let (object, whole) = (way(&outline, object), way(&outline, node));
        let way = whole.get(object.len()..).unwrap_or_default().to_vec();
        // A value that is told as a whole is told by the way to where it is used.
        let is_all = outline.range(node) == finding.range;
        let is_aliased = finding.document > 0 && is_all && dotted(&way) != finding.way;
        let text = outline.scalar(node).unwrap_or_default().into_owned();
        let is_whole = finding.value.same_as(&Plain::from(text));
        let item = whole.get(..2).and_then(|item| outline.text_at(find(&outline, item)?, &["name"]));
        let item = item.unwrap_or_default().into_owned();
        Some(Self { document, object, kind, way, is_aliased, is_whole, item })
    }
}

/// The documents of a text.
pub(super) fn documents(text: &str) -> Vec<Outline<'_>> {
    outlines(text).collect()
}

/// The scalar that holds these bytes.
fn scalar_around(outline: &Outline, range: &Range<usize>) -> Option<Id> {
    let holds = |id: &Id| {
        let own = outline.range(*id);
        matches!(outline.shape(*id), Shape::Scalar(_)) && own.start <= range.start && range.end <= own.end
    };
    (0..outline.size()).find(holds)
}

/// The nearest object that a node is in.
fn object_around(outline: &Outline, node: Id) -> Option<Id> {
    let mut at = outline.parent(node);
    while let Some(id) = at {
        let has = |key: &str| outline.get(id, key).is_some();
        if outline.shape(id) == Shape::Map
            && has("kind")
            && (has("apiVersion") || has("data") || has("stringData"))
        {
            return Some(id);
        }
        at = outline.parent(id);
    }
    None
}

/// The way from the root of a document to a node.
pub(super) fn way(outline: &Outline, node: Id) -> Vec<Segment> {
    let mut parts = Vec::new();
    let mut at = Some(node);
    while let Some(id) = at {
        let parent = outline.parent(id);
        if parent.is_some() {
            let index = || Segment::Index(outline.number(id));
            parts.push(outline.key(id).map_or_else(index, |key| Segment::Key(key.into_owned())));
        }
        at = parent;
    }
    parts.reverse();
    parts
}

/// The node at the end of a way, if no alias and no merge lies on it.
pub(super) fn find(outline: &Outline, path: &[Segment]) -> Option<Id> {
    path.iter().try_fold(0, |id, segment| {
        if outline.shape(id) == Shape::Alias {
            return None;
        }
        let is = |child: &Id| match segment {
            Segment::Key(key) => outline.key(*child).as_deref() == Some(key),
            Segment::Index(index) => outline.key(*child).is_none() && outline.number(*child) == *index,
        };
        outline.children(id).find(is)
    })
}

/// A way in one word.
pub(super) fn dotted(way: &[Segment]) -> String {
    let part = |segment: &Segment| match segment {
        Segment::Key(key) => key.clone(),
        Segment::Index(index) => index.to_string(),
    };
    way.iter().map(part).collect::<Vec<_>>().join(".")
}

/// The keys of a way, where it has nothing but keys.
pub(super) fn keys(way: &[Segment]) -> Option<Vec<&str>> {
    way.iter()
        .map(|segment| match segment {
            Segment::Key(key) => Some(key.as_str()),
            Segment::Index(_) => None,
        })
        .collect()
}

/// A way of keys.
pub(super) fn path(keys: &[&str]) -> Vec<Segment> {
    keys.iter().map(|key| Segment::from(*key)).collect()
}

/// All texts of a value, each with the way to it.
pub(super) fn texts(value: &Value) -> Vec<(Vec<Segment>, &str)> {
    let mut all = Vec::new();
    let mut open = vec![(Vec::new(), value)];
    while let Some((way, value)) = open.pop() {
        let child = |segment: Segment| way.iter().cloned().chain([segment]).collect::<Vec<_>>();
        match value {
            Value::String(text) => all.push((way, text.as_str())),
            Value::Array(items) => {
                open.extend(items.iter().enumerate().map(|(index, item)| (child(index.into()), item)));
            }
            Value::Object(map) => {
                open.extend(map.iter().map(|(key, value)| (child(Segment::Key(key.clone())), value)));
            }
            _ => {}
        }
    }
    all
}
