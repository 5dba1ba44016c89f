//! The sheet on which the findings of one document are noted, and the way to where they are.

use serde_json::Value;

use super::{Finding, Rule};
use crate::yaml::{Document, Segment};

/// The way to a value; it costs nothing until something is found.
#[derive(Clone, Copy)]
pub(super) struct Trail<'t> {
    before: Option<&'t Trail<'t>>,
    step: Step<'t>,
}

#[derive(Clone, Copy)]
enum Step<'t> {
    Top,
    Key(&'t str),
    Index(usize),
}

impl<'t> Trail<'t> {
    pub(super) const TOP: Self = Self { before: None, step: Step::Top };

    pub(super) fn key(&'t self, key: &'t str) -> Self {
        Self { before: Some(self), step: Step::Key(key) }
    }

    pub(super) fn index(&'t self, index: usize) -> Self {
        Self { before: Some(self), step: Step::Index(index) }
    }

    fn segments(&self) -> Vec<Segment> {
        let mut all = self.before.map_or_else(Vec::new, Trail::segments);
        match self.step {
            Step::Top => {}
            Step::Key(key) => all.push(key.into()),
            Step::Index(index) => all.push(index.into()),
        }
        all
    }

    /// In words: `spec.data[2].secretKey`.
    pub(super) fn dotted(&self) -> String {
        let before = self.before.map_or_else(String::new, Trail::dotted);
        match self.step {
            Step::Top => before,
            Step::Key(key) if before.is_empty() => key.to_owned(),
            Step::Key(key) => format!("{before}.{key}"),
            Step::Index(index) => format!("{before}[{index}]"),
        }
    }
}

/// A document, and what was found in it.
pub(super) struct Sheet<'d> {
    pub(super) document: &'d Document,
    object: String,
    findings: Vec<Finding>,
}

impl<'d> Sheet<'d> {
    pub(super) fn new(document: &'d Document) -> Self {
        let mut sheet = Self { document, object: String::new(), findings: Vec::new() };
        sheet.object = match (sheet.metadata("namespace"), sheet.metadata("name")) {
            ("", name) => name.to_owned(),
            (namespace, name) => format!("{namespace}/{name}"),
        };
        sheet
    }

    /// A text of the metadata; empty where there is none.
    pub(super) fn metadata(&self, field: &str) -> &'d str {
        self.document.value.get("metadata").and_then(|all| all.get(field)?.as_str()).unwrap_or_default()
    }

    /// The findings, in the order of their lines.
    pub(super) fn into_findings(self) -> Vec<Finding> {
        let mut findings = self.findings;
        findings.sort_by_key(|finding| finding.line);
        findings
    }

    /// Notes a finding.
    pub(super) fn find(
        &mut self,
        rule: Rule,
        at: &Trail,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let line = self.document.line_of(&at.segments());
        let hint = Some(hint.into()).filter(|hint: &String| !hint.is_empty());
        let object = self.object.clone();
        self.findings.push(Finding {
            rule,
            severity: rule.severity(),
            line,
            object,
            message: message.into(),
            hint,
        });
    }
}

/// A value below another, null being none.
pub(in crate::external) fn child<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    value.get(key).filter(|value| !value.is_null())
}

/// A text below another; an empty one is none.
pub(in crate::external) fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    child(value, key)?.as_str().filter(|text| !text.is_empty())
}

/// The entries of a list below another.
pub(in crate::external) fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = (usize, &'v Value)> {
    child(value, key).and_then(Value::as_array).into_iter().flatten().enumerate()
}
