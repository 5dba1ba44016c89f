//! From values to types, with serde's complaints put into people's words.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Segment;
use super::strict::Strict;

/// Why a value does not fit a type.
#[derive(Debug)]
pub(super) struct Misfit {
    /// The way from the value to what does not fit.
    pub(super) path: Vec<Segment>,
    /// Whether the key is at fault, not the value.
    pub(super) at_key: bool,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

/// Makes a `T` of a value.
pub(super) fn read<T: DeserializeOwned>(value: &Value) -> Result<T, Misfit> {
    serde_path_to_error::deserialize(Strict(value)).map_err(|error| {
        let path = segments(error.path());
        explain(&error.into_inner().to_string(), path, value)
    })
}

fn segments(path: &serde_path_to_error::Path) -> Vec<Segment> {
    path.iter()
        .map_while(|segment| match segment {
            serde_path_to_error::Segment::Seq { index } => Some(Segment::Index(*index)),
            // An externally tagged enum is written as a mapping with its variant as key.
            serde_path_to_error::Segment::Map { key }
            | serde_path_to_error::Segment::Enum { variant: key } => Some(Segment::Key(key.clone())),
            serde_path_to_error::Segment::Unknown => None,
        })
        .collect()
}

/// Serde's sentence (they are all made by `serde::de::Error`'s own methods) as one of ours.
fn explain(complaint: &str, path: Vec<Segment>, root: &Value) -> Misfit {
    if let Some((name, allowed)) = unknown(complaint, "unknown field `") {
        return misspelt(format!("unknown field `{name}`"), &name, &allowed, path, root);
    }
    if let Some((name, allowed)) = unknown(complaint, "unknown variant `") {
        return misspelt(format!("unknown name `{name}`"), &name, &allowed, path, root);
    }
    if let Some(name) = complaint.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        return Misfit { message: format!("the field `{name}` is missing"), hint: None, at_key: true, path };
    }
    if let Some((found, expected)) = wrong_type(complaint) {
        let hint = (expected == "text" && is_scalar(&found)).then(|| "put it in quotes".to_owned());
        return Misfit { message: format!("expected {expected}, found {found}"), hint, at_key: false, path };
    }
    let message =
        complaint.strip_prefix("invalid value: ").map_or_else(|| complaint.to_owned(), value_in_words);
    Misfit { message, hint: None, at_key: false, path }
}

/// The name and the allowed ones of ``unknown … `a`, expected one of `b`, `c` ``.
fn unknown(complaint: &str, start: &str) -> Option<(String, Vec<String>)> {
    let (name, rest) = complaint.strip_prefix(start)?.split_once('`')?;
    let allowed = rest.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    Some((name.to_owned(), allowed))
}

fn misspelt(message: String, name: &str, allowed: &[String], mut path: Vec<Segment>, root: &Value) -> Misfit {
    let key = Segment::Key(name.to_owned());
    let holds_it = |path: &[Segment]| at(root, path).is_some_and(|value| value.get(name).is_some());
    if path.last() != Some(&key) && holds_it(&path) {
        path.push(key.clone());
    }
    let at_key = path.last() == Some(&key);
    Misfit { message, hint: hint(name, allowed), at_key, path }
}

fn at<'v>(root: &'v Value, path: &[Segment]) -> Option<&'v Value> {
    path.iter().try_fold(root, |value, segment| match segment {
        Segment::Key(key) => value.get(key),
        Segment::Index(index) => value.get(index),
    })
}

fn hint(name: &str, allowed: &[String]) -> Option<String> {
    let nearest = super::nearest(name, allowed.iter().map(String::as_str));
    let list = (!allowed.is_empty()).then(|| format!("allowed: {}", allowed.join(", ")));
    match (nearest, list) {
        (Some(nearest), Some(list)) => Some(format!("did you mean `{nearest}`? {list}")),
        (_, list) => list.or_else(|| Some("nothing is allowed here".to_owned())),
    }
}

/// What was found and what was expected, of `invalid type: …, expected …`.
fn wrong_type(complaint: &str) -> Option<(String, String)> {
    let rest =
        complaint.strip_prefix("invalid type: ").or_else(|| complaint.strip_prefix("invalid value: map"))?;
    let (found, expected) = rest.rsplit_once(", expected ")?;
    Some((found_in_words(found), expected_in_words(expected)))
}

fn found_in_words(found: &str) -> String {
    let inner = |text: &str| text.split('`').nth(1).unwrap_or_default().to_owned();
    match found.split(' ').next().unwrap_or_default() {
        "integer" | "floating" => format!("the number {}", inner(found)),
        "boolean" => format!("`{}`", inner(found)),
        "null" | "unit" => "nothing".into(),
        "map" | "" => "a mapping".into(),
        "sequence" => "a list".into(),
        "string" => format!("the text {}", found.trim_start_matches("string ")),
        _ => found.into(),
    }
}

fn expected_in_words(expected: &str) -> String {
    match expected {
        "a string" | "a borrowed string" | "path string" => "text".into(),
        "a boolean" => "true or false".into(),
        "a map" => "a mapping".into(),
        "a sequence" => "a list".into(),
        "map with a single key" => "a mapping with exactly one key".into(),
        "string or map" => "a name, or a mapping with exactly one key".into(),
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number".into(),
        "f32" | "f64" => "a number".into(),
        _ if expected.starts_with("struct ") => "a mapping".into(),
        _ if expected.starts_with("enum ") => "a name, or a mapping with exactly one key".into(),
        _ => expected.into(),
    }
}

fn is_scalar(found: &str) -> bool {
    found.starts_with("the number") || found.starts_with('`')
}

fn value_in_words(rest: &str) -> String {
    match rest.rsplit_once(", expected ") {
        Some((found, expected)) => {
            format!("expected {}, found {}", expected_in_words(expected), found_in_words(found))
        }
        None => rest.to_owned(),
    }
}
