//! Items of a List that change, while all else in it stays as it is.

use std::ops::Range;

use serde_json::Value;

use super::stand::Stand;
use super::{Item, Place, What};
use crate::yaml;
use crate::yaml::outline::{Id, Outline, Shape, outlines};

impl Place {
    /// A List, some of its items changed; nothing where this is none, or its items cannot be told apart.
    pub(super) fn edited<N: Stand>(&self, text: &str, new: &[N], line_end: &str) -> Option<String> {
        let What::List(_, items) = &self.what else { return None };
        let changed = items.iter().enumerate().filter_map(|(number, item)| match item {
            Item::Secret(index) => Some((number, new[*index].value())),
            Item::Other(_) => None,
        });
        let changed: Vec<_> = changed.collect();
        if self.is_json { None } else { with_items(text, self.range.clone(), &changed, line_end) }
    }

    /// Whether it is a List in which comments may stand.
    pub(super) fn has_comments(&self, text: &str) -> bool {
        matches!(self.what, What::List(..)) && !self.is_json && text[self.range.clone()].contains('#')
    }
}

/// The text of a List with other values in the place of some items, each by its number; nothing where it cannot be told
/// where an item stands.
fn with_items(
    text: &str,
    document: Range<usize>,
    changed: &[(usize, Value)],
    line_break: &str,
) -> Option<String> {
    let outline = outlines(text).find(|outline| outline.range.contains(&document.start))?;
    let list = outline.get(0, "items").filter(|id| outline.shape(*id) == Shape::List)?;
    if !outline.doubts().is_empty() {
        return None;
    }
    let is_flow = text[outline.range(list)].starts_with('[');
    let (mut out, mut at) = (String::with_capacity(document.len() * 2), document.start);
    for (number, value) in changed {
        let item = outline.children(list).nth(*number)?;
        let start = start(&outline, item)?;
        let end = start + text.get(start..outline.range(item).end)?.trim_end().len();
        out.push_str(text.get(at..start)?);
        if is_flow {
            out.push_str(&value.to_string());
            at = end;
        } else {
            out.push_str(&block(value, column(text, start), line_break));
            at = line_end(text, end);
        }
    }
    out.push_str(text.get(at..document.end)?);
    Some(out)
}

/// Where a map begins: with its brace, or its first key.
fn start(outline: &Outline, map: Id) -> Option<usize> {
    let range = outline.range(map);
    let text = &outline.text[range.clone()];
    let brace = range.start + text.len() - text.trim_start().len();
    let first = outline.children(map).next().filter(|_| outline.shape(map) == Shape::Map)?;
    Some(if outline.text[brace..].starts_with('{') { brace } else { outline.key_range(first).start })
}

/// A value in block style, all lines but the first at a column.
fn block(value: &Value, column: usize, line_break: &str) -> String {
    let text = yaml::to_string(value);
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines.join(&format!("{line_break}{}", " ".repeat(column)))
}

fn column(text: &str, at: usize) -> usize {
    let start = text[..at].rfind('\n').map_or(0, |found| found + 1);
    text[start..at].chars().count()
}

/// Where the line of a byte ends: the comment behind the last value of an item goes with it.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find(['\r', '\n']).map_or(text.len(), |found| at + found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn all_but_the_item_stays() {
        let new = json!({"data": {"a": "b"}, "kind": "New"});
        let rows = [
            (
                "kind: List\nitems: # all\n# one\n- kind: Secret # ours\n  data: {a: b} # c\n\n# two\n- {kind: Other}\n",
                0,
                "kind: List\nitems: # all\n# one\n- data:\n    a: b\n  kind: New\n\n# two\n- {kind: Other}\n",
            ),
            (
                "items:\n  - kind: Other\n  - kind: Secret\n    data:\n      a: |\n        b\n\n# end\n",
                1,
                "items:\n  - kind: Other\n  - data:\n      a: b\n    kind: New\n\n# end\n",
            ),
            (
                "items:\n- # one\n  kind: Secret\n- 1\n",
                0,
                "items:\n- # one\n  data:\n    a: b\n  kind: New\n- 1\n",
            ),
            ("items:\n- {kind: Secret}\n- 1\n", 0, "items:\n- data:\n    a: b\n  kind: New\n- 1\n"),
            (
                "{kind: List, items: [{kind: Secret}, 1]} # c\n",
                0,
                "{kind: List, items: [{\"data\":{\"a\":\"b\"},\"kind\":\"New\"}, 1]} # c\n",
            ),
        ];
        for (before, number, after) in rows {
            let changed = [(number, new.clone())];
            let made = |text: &str, line_break: &str| with_items(text, 0..text.len(), &changed, line_break);
            assert_eq!(made(before, "\n").as_deref(), Some(after));
            let windows = made(&before.replace('\n', "\r\n"), "\r\n");
            assert_eq!(windows.as_deref(), Some(&*after.replace('\n', "\r\n")));
        }
    }
}
