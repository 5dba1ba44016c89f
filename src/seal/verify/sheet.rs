//! The sheet on which the findings of one document are noted.

use serde_json::{Map, Value};

use super::{Finding, Rule, Severity};
use crate::yaml::{Document, Segment};

/// Where items stand.
pub(super) const ITEMS: [&str; 2] = ["spec", "encryptedData"];
/// Where texts of the template stand that the controller fills in.
pub(super) const TEMPLATES: [&str; 3] = ["spec", "template", "data"];
/// Where annotations stand that count.
pub(super) const ANNOTATIONS: [&str; 2] = ["metadata", "annotations"];
/// Where annotations stand that go to the Secret.
pub(super) const TEMPLATE_ANNOTATIONS: [&str; 4] = ["spec", "template", "metadata", "annotations"];

/// A document, and what was found in it.
pub(super) struct Sheet<'d> {
    document: &'d Document,
    object: String,
    findings: Vec<Finding>,
}

impl<'d> Sheet<'d> {
    pub(super) fn new(document: &'d Document) -> Self {
        let mut sheet = Self { document, object: String::new(), findings: Vec::new() };
        let name = sheet.text(&["metadata", "name"]).unwrap_or_default();
        sheet.object = match sheet.text(&["metadata", "namespace"]) {
            Some(namespace) if !namespace.is_empty() => format!("{namespace}/{name}"),
            _ => name.to_owned(),
        };
        sheet
    }

    /// The findings, in the order of their lines.
    pub(super) fn into_findings(self) -> Vec<Finding> {
        let mut findings = self.findings;
        findings.sort_by_key(|finding| finding.line);
        findings
    }

    pub(super) fn at(&self, path: &[&str]) -> Option<&'d Value> {
        path.iter().try_fold(&self.document.value, |value, key| value.get(key))
    }

    pub(super) fn text(&self, path: &[&str]) -> Option<&'d str> {
        self.at(path)?.as_str()
    }

    /// The entries of a mapping; none where there is none.
    pub(super) fn entries(&self, path: &[&str]) -> impl Iterator<Item = (&'d str, &'d Value)> + use<'d> {
        let map: Option<&Map<_, _>> = self.at(path).and_then(Value::as_object);
        map.into_iter().flatten().map(|(key, value)| (key.as_str(), value))
    }

    /// The line of a value.
    pub(super) fn line(&self, path: &[&str]) -> usize {
        let path: Vec<Segment> = path.iter().map(|key| Segment::from(*key)).collect();
        self.document.line_of(&path)
    }

    /// Notes a finding, as bad as its rule is.
    pub(super) fn find(
        &mut self,
        rule: Rule,
        path: &[&str],
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.find_as(rule.severity(), rule, path, message, hint);
    }

    /// Notes a finding.
    pub(super) fn find_as(
        &mut self,
        severity: Severity,
        rule: Rule,
        path: &[&str],
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let (line, object) = (self.line(path), self.object.clone());
        let hint = Some(hint.into()).filter(|hint: &String| !hint.is_empty());
        self.findings.push(Finding { rule, severity, line, object, message: message.into(), hint });
    }
}
