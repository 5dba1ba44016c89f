//! JSON of two servers made comparable: what differs by nature becomes a mark, and the rest is compared.

use serde_json::Value;

/// What stands in place of a value that is another on each server.
pub(crate) const ANY: &str = "…";

/// Puts the mark in place of the strings and numbers under these names, and of times within texts.
pub(crate) fn mask(value: &mut Value, names: &[&str], words: &[(String, &str)]) {
    match value {
        Value::Object(map) => {
            for (name, value) in map.iter_mut() {
                let empty = value.is_null() || *value == "";
                if names.contains(&name.as_str()) && !empty && !value.is_object() {
                    *value = ANY.into();
                } else {
                    mask(value, names, words);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, names, words)),
        Value::String(text) => {
            for (word, mark) in words {
                *text = text.replace(word.as_str(), mark);
            }
            *text = without_times(text);
        }
        _ => {}
    }
}

/// The text with `2026-01-02T03:04:05Z` and the like as marks.
fn without_times(text: &str) -> String {
    let shape = |part: &str| {
        part.bytes()
            .zip(b"0000-00-00T00:00:00".iter())
            .all(|(found, wanted)| if *wanted == b'0' { found.is_ascii_digit() } else { found == *wanted })
    };
    let mut rest = text;
    let mut out = String::new();
    while let Some(first) = rest.chars().next() {
        if rest.len() >= 19 && rest.is_char_boundary(19) && shape(&rest[..19]) {
            let tail = rest[19..].find(|c: char| !c.is_ascii_digit() && !".Z+:".contains(c));
            out.push_str(ANY);
            rest = tail.map_or("", |end| &rest[19 + end..]);
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

/// Where two values differ, each as `/path: one | other`.
pub(crate) fn differences(one: &Value, other: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(one, other, "", &mut found);
    found
}

fn walk(one: &Value, other: &Value, at: &str, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            for (name, value) in a {
                match b.get(name) {
                    Some(there) => walk(value, there, &format!("{at}/{name}"), found),
                    None => found.push(format!("{at}/{name}: {value} | nothing")),
                }
            }
            let more = b.iter().filter(|(name, _)| !a.contains_key(*name));
            found.extend(more.map(|(name, value)| format!("{at}/{name}: nothing | {value}")));
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (number, (one, other)) in a.iter().zip(b).enumerate() {
                walk(one, other, &format!("{at}/{number}"), found);
            }
        }
        _ if one == other => {}
        _ => found.push(format!("{at}: {one} | {other}")),
    }
}
