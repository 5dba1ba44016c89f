//! How objects are written: as kubeseal writes them, so that a file changes hands without a diff.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::str::FromStr;

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::yaml;

/// A form of writing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// JSON, indented by two spaces, with a line end after it.
    #[default]
    Json,
    /// YAML after a line `---`, with sorted keys.
    Yaml,
}

impl FromStr for Form {
    type Err = ();

    /// `json` and `yaml` in any case; nothing is JSON.
    fn from_str(text: &str) -> Result<Self, ()> {
        match text.to_ascii_lowercase().as_str() {
            "json" | "" => Ok(Self::Json),
            "yaml" => Ok(Self::Yaml),
            _ => Err(()),
        }
    }
}

/// The order of fields in Go's types. What is not named follows in the order of the alphabet, as all maps do.
const TOP: &[&str] = &["kind", "apiVersion", "metadata", "spec", "immutable", "data", "type", "status"];
const METADATA: &[&str] = &[
    "name",
    "generateName",
    "namespace",
    "selfLink",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "labels",
    "annotations",
    "ownerReferences",
    "finalizers",
    "managedFields",
];
const SPEC: &[&str] = &["template", "data", "encryptedData"];
const TEMPLATE: &[&str] = &["metadata", "type", "immutable", "data"];
const OWNER: &[&str] = &["apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion"];
const MANAGED: &[&str] =
    &["manager", "operation", "apiVersion", "time", "fieldsType", "fieldsV1", "subresource"];
const SORTED: &[&str] = &[];

/// The object in a form. It may hold secrets (an unsealed Secret does), so it is wiped.
pub(super) fn write(object: &Map<String, Value>, form: Form) -> Zeroizing<String> {
    match form {
        Form::Json => Zeroizing::new(json(object)),
        Form::Yaml => {
            let mut sorted = arranged(object, SORTED, &|_| SORTED);
            let text = Zeroizing::new(yaml::to_string(&sorted));
            yaml::wipe(&mut sorted);
            Zeroizing::new(format!("---\n{}\n", text.trim_end_matches('\n')))
        }
    }
}

fn json(object: &Map<String, Value>) -> String {
    let mut value = arranged(object, TOP, &below_top);
    let mut bytes = Vec::with_capacity(length(&value));
    value
        .serialize(&mut Serializer::with_formatter(&mut bytes, AsGo(PrettyFormatter::new())))
        .unwrap_or_else(|_| unreachable!("a JSON value can be written"));
    yaml::wipe(&mut value);
    bytes.push(b'\n');
    String::from_utf8(bytes).unwrap_or_else(|_| unreachable!("serde_json writes UTF-8"))
}

/// Room enough that the buffer does not move and leave copies behind: indentation, quotes and escapes included.
fn length(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + text.len() / 4 + 16,
        Value::Array(items) => 16 + items.iter().map(|item| 24 + length(item)).sum::<usize>(),
        Value::Object(map) => 16 + map.iter().map(|(key, item)| 32 + key.len() + length(item)).sum::<usize>(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 24,
    }
}

/// The order of the fields of the object under a key, given that of the one around it.
type Below<'b> = &'b dyn Fn(&str) -> &'static [&'static str];

fn below_top(key: &str) -> &'static [&'static str] {
    match key {
        "metadata" => METADATA,
        "spec" => SPEC,
        "template" => TEMPLATE,
        "ownerReferences" => OWNER,
        "managedFields" => MANAGED,
        _ => SORTED,
    }
}

fn arranged(object: &Map<String, Value>, order: &[&str], below: Below<'_>) -> Value {
    let rest: BTreeMap<&String, &Value> =
        object.iter().filter(|(key, _)| !order.contains(&key.as_str())).collect();
    let first = order.iter().filter_map(|key| object.get_key_value(*key));
    // The fields of a free map, such as labels, are no fields of ours whatever they are called.
    let free = |key: &str| if order.is_empty() { SORTED } else { below(key) };
    let one = |(key, value): (&String, &Value)| {
        let within: Below<'_> = if free(key).is_empty() { &|_| SORTED } else { below };
        (key.clone(), item(value, free(key), within))
    };
    Value::Object(first.map(one).chain(rest.into_iter().map(one)).collect())
}

fn item(value: &Value, order: &'static [&'static str], below: Below<'_>) -> Value {
    match value {
        Value::Object(map) => arranged(map, order, below),
        Value::Array(items) => items.iter().map(|value| item(value, order, below)).collect(),
        other => other.clone(),
    }
}

/// Writes strings as Go's encoder does, which keeps JSON safe within HTML.
struct AsGo(PrettyFormatter<'static>);

impl Formatter for AsGo {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, text: &str) -> io::Result<()> {
        let mut rest = text;
        while let Some(at) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}']) {
            let (before, from) = rest.split_at(at);
            let Some(odd) = from.chars().next() else { break };
            let mut escape = String::new();
            write!(escape, "\\u{:04x}", u32::from(odd)).map_err(io::Error::other)?;
            writer.write_all(before.as_bytes())?;
            writer.write_all(escape.as_bytes())?;
            rest = &from[odd.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }
    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }
    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }
    fn end_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }
    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }
    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }
    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }
    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }
    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}
