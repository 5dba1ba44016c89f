//! What is wrong with several ExternalSecrets together.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;

use super::sheet::{child, text};
use super::{Finding, Rule};
use crate::external::{is_external_secret, is_substituted};
use crate::yaml::{Document, Segment};

/// Finds ExternalSecrets that own the same Secret: each would undo what the other does. The number before a finding is
/// the index of the later document.
#[must_use]
pub fn together(documents: &[Document]) -> Vec<(usize, Finding)> {
    let mut owners: HashMap<(Place, &str), &Document> = HashMap::new();
    let mut findings = Vec::new();
    for (index, document) in documents.iter().enumerate().filter(|(_, document)| is_external_secret(document))
    {
        let Some((place, secret)) = owned(document) else { continue };
        let Some(first) = owners.get(&(place, secret)) else {
            owners.insert((place, secret), document);
            continue;
        };
        let is_same = first.file != document.file && name(first) == name(document);
        // The same object in two files is for two clusters: one cluster cannot have it twice.
        if !is_same {
            findings.push((index, finding(document, place, secret, first)));
        }
    }
    findings
}

/// Where a Secret is made: the namespace, or the folder of what names none, whose files have the same one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Place<'d> {
    Namespace(&'d str),
    Folder(&'d Path),
}

fn finding(document: &Document, place: Place, secret: &str, first: &Document) -> Finding {
    let path: Vec<Segment> = ["spec".into(), "target".into()].into();
    let (rule, own) = (Rule::SameTarget, name(document));
    Finding {
        rule,
        severity: rule.severity(),
        line: document.line_of(&path),
        object: match place {
            Place::Namespace(namespace) => format!("{namespace}/{own}"),
            Place::Folder(_) => own.to_owned(),
        },
        message: format!("the Secret `{secret}` is owned by `{}` of {}", name(first), first.place(&path)),
        hint: Some("write another `target.name`, or `creationPolicy: Merge` in one of them".into()),
    }
}

fn name(document: &Document) -> &str {
    document.value.get("metadata").and_then(|all| text(all, "name")).unwrap_or_default()
}

/// Where and by which name the Secret is made that it owns; nothing where Flux substitutes either.
fn owned(document: &Document) -> Option<(Place<'_>, &str)> {
    let metadata = child(&document.value, "metadata")?;
    let target =
        child(&document.value, "spec").and_then(|spec| child(spec, "target")).unwrap_or(&Value::Null);
    if child(target, "manifest").is_some()
        || !matches!(text(target, "creationPolicy"), Some("Owner" | "Orphan") | None)
    {
        return None;
    }
    let secret = text(target, "name").or_else(|| text(metadata, "name"))?;
    let namespace = text(metadata, "namespace");
    if is_substituted(secret) || namespace.is_some_and(is_substituted) {
        return None;
    }
    let folder = || Place::Folder(document.file.parent().unwrap_or(Path::new("")));
    Some((namespace.map_or_else(folder, Place::Namespace), secret))
}
