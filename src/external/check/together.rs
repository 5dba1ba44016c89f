//! What is wrong with several ExternalSecrets together.

use std::collections::HashMap;

use serde_json::Value;

use super::sheet::{child, text};
use super::{Finding, Rule};
use crate::external::is_external_secret;
use crate::yaml::{Document, Segment};

/// Finds ExternalSecrets that own the same Secret: each would undo what the other does. The number before a finding is
/// the index of the later document.
#[must_use]
pub fn together(documents: &[Document]) -> Vec<(usize, Finding)> {
    let mut owners: HashMap<(&str, &str), &Document> = HashMap::new();
    let mut findings = Vec::new();
    for (index, document) in documents.iter().enumerate().filter(|(_, document)| is_external_secret(document))
    {
        let Some(owned) = owned(document) else { continue };
        let Some(first) = owners.get(&owned) else {
            owners.insert(owned, document);
            continue;
        };
        let path: Vec<Segment> = ["spec".into(), "target".into()].into();
        let (namespace, secret) = owned;
        let first_name = first.value.get("metadata").and_then(|all| text(all, "name")).unwrap_or_default();
        let name = document.value.get("metadata").and_then(|all| text(all, "name")).unwrap_or_default();
        findings.push((
            index,
            Finding {
                rule: Rule::SameTarget,
                severity: Rule::SameTarget.severity(),
                line: document.line_of(&path),
                object: if namespace.is_empty() { name.to_owned() } else { format!("{namespace}/{name}") },
                message: format!(
                    "the Secret `{secret}` is owned by `{first_name}` of {}",
                    first.place(&path)
                ),
                hint: Some("write another `target.name`, or `creationPolicy: Merge` in one of them".into()),
            },
        ));
    }
    findings
}

/// Namespace and name of the Secret that it owns.
fn owned(document: &Document) -> Option<(&str, &str)> {
    let metadata = child(&document.value, "metadata")?;
    let target =
        child(&document.value, "spec").and_then(|spec| child(spec, "target")).unwrap_or(&Value::Null);
    if child(target, "manifest").is_some()
        || !matches!(text(target, "creationPolicy"), Some("Owner" | "Orphan") | None)
    {
        return None;
    }
    let name = text(target, "name").or_else(|| text(metadata, "name"))?;
    Some((text(metadata, "namespace").unwrap_or_default(), name))
}
