//! Metadata: texts that are none, and scopes.

use serde_json::Value;

use super::sheet::{ANNOTATIONS, Sheet, TEMPLATE_ANNOTATIONS};
use super::{Rule, Severity};
use crate::seal::scope::{CLUSTER_WIDE, NAMESPACE_WIDE, Scope};

/// Maps in which only texts may stand, items aside.
const TEXT_MAPS: [&[&str]; 5] = [
    &["metadata", "labels"],
    &ANNOTATIONS,
    &["spec", "template", "metadata", "labels"],
    &TEMPLATE_ANNOTATIONS,
    &["spec", "template", "data"],
];
/// Fields that are texts.
const TEXTS: [&[&str]; 5] = [
    &["metadata", "name"],
    &["metadata", "namespace"],
    &["spec", "template", "metadata", "name"],
    &["spec", "template", "metadata", "namespace"],
    &["spec", "template", "type"],
];

/// Finds what is no text where a text must stand.
pub(super) fn texts(sheet: &mut Sheet) {
    let quote = "put it in quotes";
    for path in TEXTS {
        if sheet.at(path).is_some_and(|value| !value.is_string() && !value.is_null()) {
            sheet.find(Rule::NotText, path, format!("`{}` is not a text", path.join(".")), quote);
        }
    }
    for path in TEXT_MAPS {
        if sheet.at(path).is_some_and(|value| !value.is_object() && !value.is_null()) {
            let what = format!("`{}` is not a mapping", path.join("."));
            sheet.find(Rule::NotText, path, what, "write `name: text` below it");
        }
        for (key, value) in sheet.entries(path) {
            if !value.is_string() && !value.is_null() {
                let at: Vec<&str> = path.iter().copied().chain([key]).collect();
                let what = format!("`{key}` in `{}` is not a text", path.join("."));
                sheet.find(Rule::NotText, &at, what, quote);
            }
        }
    }
}

/// The scope that counts.
pub(super) fn scope(sheet: &Sheet) -> Scope {
    scope_at(sheet, &ANNOTATIONS)
}

fn scope_at(sheet: &Sheet, path: &[&str]) -> Scope {
    let says = |wanted: &str| sheet.entries(path).any(|(key, value)| key == wanted && is_true(value));
    if says(CLUSTER_WIDE) {
        Scope::ClusterWide
    } else if says(NAMESPACE_WIDE) {
        Scope::NamespaceWide
    } else {
        Scope::Strict
    }
}

/// Without quotes it would be refused as no text; which scope is meant is clear all the same.
fn is_true(value: &Value) -> bool {
    value == "true" || *value == Value::Bool(true)
}

/// Finds scopes that are not what they seem.
pub(super) fn scopes(sheet: &mut Sheet) {
    let says = |sheet: &Sheet, wanted: &str| {
        sheet.entries(&ANNOTATIONS).any(|(key, value)| key == wanted && is_true(value))
    };
    if says(sheet, CLUSTER_WIDE) && says(sheet, NAMESPACE_WIDE) {
        sheet.find(
            Rule::BothScopes,
            &[ANNOTATIONS[0], ANNOTATIONS[1], NAMESPACE_WIDE],
            "annotations say both cluster-wide and namespace-wide; it is cluster-wide",
            "remove one of them",
        );
    }
    for path in [&ANNOTATIONS[..], &TEMPLATE_ANNOTATIONS] {
        for name in [CLUSTER_WIDE, NAMESPACE_WIDE] {
            not_true(sheet, path, name);
        }
    }
    let (own, within) = (scope(sheet), scope_at(sheet, &TEMPLATE_ANNOTATIONS));
    if let Some(annotation) = within.annotation().filter(|_| within > own) {
        let path: Vec<&str> = TEMPLATE_ANNOTATIONS.into_iter().chain([annotation]).collect();
        let what = format!("the template says {within}, which does not count there: it is {own}");
        let hint = format!(
            "if it was sealed {within}, write `{annotation}: \"true\"` into `metadata.annotations` too"
        );
        sheet.find(Rule::ScopeOnTemplate, &path, what, hint);
    }
}

/// Finds `TRUE`, `yes` and the like.
fn not_true(sheet: &mut Sheet, path: &[&str], name: &str) {
    let Some((_, Value::String(text))) = sheet.entries(path).find(|(key, _)| *key == name) else { return };
    if matches!(text.as_str(), "true" | "false" | "") {
        return;
    }
    let on_template = path.len() > ANNOTATIONS.len();
    let severity = if on_template { Severity::Note } else { Rule::ScopeNotTrue.severity() };
    let at: Vec<&str> = path.iter().copied().chain([name]).collect();
    let what = format!("`{name}` is not `true` letter by letter, so it does not count");
    sheet.find_as(severity, Rule::ScopeNotTrue, &at, what, "write \"true\", or remove it");
}
