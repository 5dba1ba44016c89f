//! Maps as they are written into a text: in block style at a column, or in flow style.

use std::path::Path;

use serde_json::Value;

use crate::yaml::{self, outline};

/// How what is around is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Lines, each step so many columns further right.
    Block {
        /// The columns of a step.
        step: usize,
    },
    /// Braces.
    Flow,
    /// Braces, and all texts in quotes.
    Json,
}

impl Style {
    /// The style around a node of a document.
    pub(super) fn around(outline: &outline::Outline, node: outline::Id) -> Self {
        let begins = |id: outline::Id| outline.text[outline.range(id)].starts_with(['{', '[']);
        let mut at = outline.parent(node);
        let mut is_flow = false;
        while let Some(id) = at {
            is_flow |= begins(id);
            at = outline.parent(id);
        }
        let is_json = || {
            serde_json::from_str::<serde::de::IgnoredAny>(outline.text[outline.range.clone()].trim()).is_ok()
        };
        match is_flow {
            true if is_json() => Self::Json,
            true => Self::Flow,
            false => Self::Block { step: step(outline) },
        }
    }
}

/// The columns by which the first map within another stands further right.
fn step(outline: &outline::Outline) -> usize {
    let shown = (1..outline.size()).find_map(|id| {
        let first = outline.children(id).next().filter(|_| outline.shape(id) == outline::Shape::Map)?;
        let own = outline.key(id).and(Some(column(outline.text, outline.key_range(id).start)))?;
        column(outline.text, outline.key_range(first).start)
            .checked_sub(own)
            .filter(|step| *step > 0 && !outline.text[outline.range(id)].starts_with('{'))
    });
    shown.unwrap_or(2)
}

/// A map in block style, its first line without indentation and all others at a column.
pub(super) fn block(value: &Value, column: usize, step: usize, line_break: &str) -> String {
    let text = yaml::to_string(value);
    let line = |line: &str| {
        let bare = line.trim_start_matches(' ');
        format!("{}{bare}", " ".repeat((line.len() - bare.len()) / 2 * step))
    };
    let lines: Vec<String> = text.trim_end().lines().map(line).collect();
    lines.join(&format!("{line_break}{}", " ".repeat(column)))
}

/// A value in flow style.
pub(super) fn flow(value: &Value, style: Style) -> String {
    match value {
        Value::Object(map) => {
            let pair =
                |(key, value): (&String, &Value)| format!("{}: {}", scalar(key, style), flow(value, style));
            format!("{{{}}}", map.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
        Value::String(text) => scalar(text, style),
        other => other.to_string(),
    }
}

/// A text in flow style: in quotes, unless every reader takes it for itself.
pub(super) fn scalar(text: &str, style: Style) -> String {
    let is_plain =
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    let is_text = || {
        let read = yaml::documents(Path::new(""), text);
        read.is_ok_and(|read| matches!(&read[..], [Value::String(same)] if same == text))
    };
    if style != Style::Json && is_plain && is_text() {
        text.to_owned()
    } else {
        Value::from(text).to_string()
    }
}

/// The column of a byte.
pub(super) fn column(text: &str, at: usize) -> usize {
    let start = text[..at].rfind('\n').map_or(0, |found| found + 1);
    text[start..at].chars().count()
}

/// Where the line of a byte ends, before its line break.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    let end = text[at..].find('\n').map_or(text.len(), |found| at + found);
    if end > at && text[..end].ends_with('\r') { end - 1 } else { end }
}

/// The line break of a text.
pub(super) fn line_break(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}
