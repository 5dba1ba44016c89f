//! Manifests: as many objects as a file holds, read as `kubectl` reads them. No line of them is ever shown.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Segment;
use super::error::{Error, Fault, Spot};
use super::json::Once;
use super::notes::Notes;
use super::read::{self, Node};
use super::scalar::Dialect;

/// Annotations in which `kubectl apply`, kubecfg, Rancher and kopf keep a whole object, with its values. The cluster has
/// them anyway; in a file they are of no use.
pub const LAST_APPLIED: [&str; 4] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    "kubecfg.ksonnet.io/last-applied-configuration",
    "objectset.rio.cattle.io/applied",
    "kopf.zalando.org/last-handled-configuration",
];

/// The documents of a file, empty ones dropped, whatever they are. Scalars mean what they mean to `kubectl`.
///
/// # Errors
/// Text that is neither YAML nor JSON, a key that stands twice; with the line, never with its text.
pub fn documents(file: &Path, text: &str) -> Result<Vec<Value>, Error> {
    let all = placed(file, text).map_err(|fault| fault.unshown(file))?;
    Ok(all.into_iter().map(|mut document| document.value.take()).collect())
}

/// The documents of a manifest file: multi-document, `kind: List` taken apart, empty ones dropped.
/// Scalars mean what they mean to `kubectl` (YAML 1.1 booleans and octals).
///
/// # Errors
/// As [`documents`]; further what is no object, or lacks `apiVersion`, `kind` or `metadata.name`.
pub fn manifests(file: &Path, text: &str) -> Result<Vec<Value>, Error> {
    let mut objects = Vec::new();
    for mut document in placed(file, text).map_err(|fault| fault.unshown(file))? {
        let what = format!("document {}", document.number);
        take_apart(document.value.take(), &what, document.spot, &mut objects)
            .map_err(|fault| fault.unshown(file))?;
    }
    Ok(objects)
}

/// A document, and where what it holds stands. It may be secret, so what is not taken out of it (with
/// [`std::mem::take`]) is wiped when it is dropped.
pub struct Document {
    /// The file.
    pub file: PathBuf,
    /// Its number from 1, empty ones counted.
    pub number: usize,
    /// The line in which it begins, from 1.
    pub line: usize,
    /// Its bytes in the text that was read: from the first of its content to the end of its last line.
    pub range: Range<usize>,
    /// Its value.
    pub value: Value,
    notes: Notes,
    spot: Spot,
}

impl Drop for Document {
    fn drop(&mut self) {
        super::wipe(&mut self.value);
    }
}

impl Document {
    /// The line of a value, or of the nearest one around it. In JSON that is where the document begins.
    #[must_use]
    pub fn line_of(&self, path: &[Segment]) -> usize {
        self.notes.around(path).line
    }

    /// Where a value stands, in words: `FILE:LINE`, and the number of the document where that is not the first.
    #[must_use]
    pub fn place(&self, path: &[Segment]) -> String {
        self.place_in(self.line_of(path))
    }

    /// A line of it, in the same words.
    #[must_use]
    pub fn place_in(&self, line: usize) -> String {
        let number = if self.number > 1 { format!(" (document {})", self.number) } else { String::new() };
        format!("{}:{line}{number}", self.file.display())
    }

    /// What stands in the file for a value that is no text: `0755` for 493, `yes` for true. Nothing in JSON.
    #[must_use]
    pub fn written(&self, path: &[Segment]) -> Option<&str> {
        self.notes.at(path)?.written.as_deref()
    }

    /// What stands in the file for a key that means another one, and in which line: `yes` for `true`, `0123` for `83`.
    /// Nothing in JSON.
    #[must_use]
    pub fn written_key(&self, path: &[Segment]) -> Option<(&str, usize)> {
        self.notes.at(path)?.key.as_ref().map(|(written, line)| (&**written, *line))
    }

    /// The items of a `List`, each a document of its own; or this document alone.
    #[must_use]
    pub fn taken_apart(mut self) -> Vec<Self> {
        let is_list = text_at(&self.value, "/kind").is_some_and(|kind| kind.ends_with("List"));
        let items = self.value.get_mut("items").filter(|items| is_list && items.is_array());
        let Some(Value::Array(items)) = items.map(Value::take) else { return vec![self] };
        let mut notes = self.notes.take_items("items").into_iter();
        let item = |value: Value| {
            let notes = notes.next().unwrap_or_else(|| Notes::bare(self.line));
            let (file, number, range) = (self.file.clone(), self.number, self.range.clone());
            Self { file, number, line: notes.line, range, value, notes, spot: self.spot }
        };
        items.into_iter().map(item).collect()
    }

    fn of(file: &Path, number: usize, node: Node, range: Range<usize>) -> Self {
        let (spot, notes) = (node.spot, Notes::of(&node));
        Self { file: file.to_owned(), number, line: spot.line, range, value: node.into_value(), notes, spot }
    }
}

/// The documents of a file with their places, empty ones dropped, whatever they are.
///
/// # Errors
/// As [`documents`].
pub fn each(file: &Path, text: &str) -> Result<Vec<Document>, Error> {
    let mut all = placed(file, text).map_err(|fault| fault.unshown(file))?;
    let mark = text.len() - super::without_mark(text).len();
    for document in &mut all {
        document.range = document.range.start + mark..document.range.end + mark;
    }
    Ok(all)
}

fn placed(file: &Path, text: &str) -> Result<Vec<Document>, Fault> {
    let text = super::without_mark(text);
    // JSON allows tabs where YAML does not, so what kubectl takes for JSON is tried as JSON first. What is none, or
    // holds a key twice, is read as YAML; of two complaints the one from further down is about what it really is.
    let is_json = text.trim_start().starts_with('{');
    let fault = match is_json.then(|| json(file, text)) {
        Some(Ok(all)) => return Ok(all),
        Some(Err(fault)) => Some(fault),
        None => None,
    };
    let nodes = read::placed(text, Dialect::Kubectl).map_err(|as_yaml| match fault {
        Some(as_json) if as_json.spot.line > as_yaml.spot.line => as_json,
        _ => as_yaml,
    })?;
    Ok(nodes
        .into_iter()
        .enumerate()
        .filter(|(_, (node, _))| !node.is_null())
        .map(|(index, (node, range))| Document::of(file, index + 1, node, range))
        .collect())
}

fn json(file: &Path, text: &str) -> Result<Vec<Document>, Fault> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Once>();
    let mut all = Vec::new();
    loop {
        let begin = stream.byte_offset() + text[stream.byte_offset()..].find('{').unwrap_or(0);
        let line = 1 + text[..begin].matches('\n').count();
        let Some(value) = stream.next() else { return Ok(all) };
        let (file, number, spot) = (file.to_owned(), all.len() + 1, Spot { line, ..Spot::START });
        let Once(value) = value.map_err(|error| json_fault(&error))?;
        let range = begin..stream.byte_offset();
        all.push(Document { file, number, line, range, value, notes: Notes::bare(line), spot });
    }
}

/// What is wrong in JSON. Its reader says nothing of values.
fn json_fault(error: &serde_json::Error) -> Fault {
    let spot = Spot { line: error.line().max(1), column: error.column().max(1), width: 1 };
    let text = error.to_string();
    let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
    let said = if error.is_data() { what.to_owned() } else { format!("not valid JSON: {what}") };
    Fault::new(spot, said)
}

/// Adds an object, or the objects of a list, to `objects`.
fn take_apart(value: Value, what: &str, spot: Spot, objects: &mut Vec<Value>) -> Result<(), Fault> {
    let kind = text_at(&value, "/kind").unwrap_or_default().to_owned();
    let is_list = kind.ends_with("List") && value.get("items").is_some_and(Value::is_array);
    if !is_list {
        check(&value, what, spot)?;
        objects.push(value);
        return Ok(());
    }
    let api_version = text_at(&value, "/apiVersion").unwrap_or_default().to_owned();
    let items = value.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
    for (index, mut item) in items.into_iter().enumerate() {
        // The items of a `ConfigMapList` need not say that they are ConfigMaps.
        let of = kind.trim_end_matches("List");
        if let (Some(item), false) = (item.as_object_mut(), of.is_empty()) {
            item.entry("apiVersion").or_insert_with(|| api_version.clone().into());
            item.entry("kind").or_insert_with(|| of.into());
        }
        take_apart(item, &format!("{what}, item {}", index + 1), spot, objects)?;
    }
    Ok(())
}

fn check(value: &Value, what: &str, spot: Spot) -> Result<(), Fault> {
    if !value.is_object() {
        return Err(Fault::new(spot, format!("{what} is not a mapping")));
    }
    for pointer in ["/apiVersion", "/kind", "/metadata/name"] {
        if text_at(value, pointer).is_none_or(str::is_empty) {
            let field = pointer[1..].replace('/', ".");
            let state = if value.pointer(pointer).is_some() { "has no text as" } else { "lacks" };
            let fault = Fault::new(spot, format!("{what} {state} `{field}`"));
            let generated = value.pointer("/metadata/generateName").is_some();
            return Err(if generated {
                fault
                    .with_hint("an object with `generateName` cannot be applied: each run would make another")
            } else {
                fault
            });
        }
    }
    Ok(())
}

fn text_at<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str)
}
