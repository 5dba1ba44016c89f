//! What the operator's webhook refuses in an ExternalSecret.

use std::collections::BTreeSet;

use serde_json::Value;

use super::sheet::{Sheet, Trail, child, list, text};
use super::{Operator, Rule};
use crate::external::is_substituted;

const ACCOUNT_TOKEN: &str = "kubernetes.io/service-account-token";
const ACCOUNT_NAME: &str = "kubernetes.io/service-account.name";
const BOOTSTRAP_TOKEN: &str = "bootstrap.kubernetes.io/token";

/// The version with which templates of tokens are refused.
const TOKENS: (u32, u32) = (2, 4);
/// The version before which the schema knows all targets.
const FREE_TARGETS: (u32, u32) = (1, 0);
/// The version with which the webhook knows those of Secrets.
const TARGETS: (u32, u32) = (2, 9);

/// Finds it, in the spec that stands at `at`.
pub(super) fn check(sheet: &mut Sheet, at: &Trail, spec: &Value, operator: Operator) {
    let target = child(spec, "target").unwrap_or(&Value::Null);
    policies(sheet, &at.key("target"), target);
    if list(spec, "data").next().is_none() && list(spec, "dataFrom").next().is_none() {
        sheet.find(Rule::NothingRead, at, "it reads nothing", "write `data` or `dataFrom`");
    }
    if let Some(template) = child(target, "template") {
        let at = at.key("target");
        let at = at.key("template");
        if operator.knows(TOKENS) {
            tokens(sheet, &at, template);
        }
        if is_secret(target) {
            targets(sheet, &at, template, operator);
        }
    }
    let all = at.key("dataFrom");
    for (index, entry) in list(spec, "dataFrom") {
        sources(sheet, &all.index(index), entry);
    }
    if matches!(text(target, "deletionPolicy"), Some("Retain") | None) {
        duplicates(sheet, &at.key("data"), spec);
    }
}

fn policies(sheet: &mut Sheet, at: &Trail, target: &Value) {
    let creation = text(target, "creationPolicy").unwrap_or("Owner");
    match (text(target, "deletionPolicy").unwrap_or("Retain"), creation) {
        ("Delete", "Merge" | "None" | "CreateOrMerge") => sheet.find(
            Rule::DeletionPolicy,
            &at.key("deletionPolicy"),
            format!("with `creationPolicy: {creation}` the Secret is not the operator's to delete"),
            "write `creationPolicy: Owner`, or `deletionPolicy: Retain`",
        ),
        ("Merge", "None") => sheet.find(
            Rule::DeletionPolicy,
            &at.key("deletionPolicy"),
            "with `creationPolicy: None` there is no Secret to merge with",
            "write `deletionPolicy: Retain`",
        ),
        _ => {}
    }
}

/// Finds templates that would make tokens of the cluster.
fn tokens(sheet: &mut Sheet, at: &Trail, template: &Value) {
    match text(template, "type") {
        Some(BOOTSTRAP_TOKEN) => {
            let what = format!("the operator makes no Secret of type `{BOOTSTRAP_TOKEN}`");
            sheet.find(Rule::TokenTemplate, &at.key("type"), what, "make it by other means");
        }
        Some(ACCOUNT_TOKEN) => {
            let annotations = child(template, "metadata").and_then(|metadata| child(metadata, "annotations"));
            let named = annotations.is_some_and(|all| all.get(ACCOUNT_NAME).is_some());
            let made = list(template, "templateFrom").any(|(_, from)| is_target(from, "Annotations"));
            if named || made {
                let what =
                    format!("the operator makes no Secret of type `{ACCOUNT_TOKEN}` for a service account");
                sheet.find(Rule::TokenTemplate, &at.key("type"), what, "make it by other means");
            }
        }
        _ => {}
    }
}

fn is_target(from: &Value, wanted: &str) -> bool {
    text(from, "target").is_some_and(|target| target.eq_ignore_ascii_case(wanted))
}

/// Whether what comes out is a Secret.
fn is_secret(target: &Value) -> bool {
    child(target, "manifest").is_none_or(|manifest| {
        text(manifest, "apiVersion") == Some("v1") && text(manifest, "kind") == Some("Secret")
    })
}

/// Finds targets that no Secret has. What spells one in another case is taken since the schema leaves them free.
fn targets(sheet: &mut Sheet, at: &Trail, template: &Value, operator: Operator) {
    let all = at.key("templateFrom");
    for (index, from) in list(template, "templateFrom") {
        let known = ["Data", "Annotations", "Labels"];
        let Some(target) = text(from, "target").filter(|target| !is_substituted(target)) else { continue };
        let rule = if !operator.knows(FREE_TARGETS) {
            (!known.contains(&target)).then_some(Rule::NotAllowed)
        } else if operator.knows(TARGETS) {
            (!known.iter().any(|known| is_target(from, known))).then_some(Rule::TemplateTarget)
        } else {
            None
        };
        if let Some(rule) = rule {
            let what = format!("a Secret has no target `{target}`");
            let hint = "write `Data`, `Annotations` or `Labels`";
            sheet.find(rule, &all.index(index).key("target"), what, hint);
        }
    }
}

fn sources(sheet: &mut Sheet, at: &Trail, entry: &Value) {
    let source = child(entry, "sourceRef");
    let generator = source.is_some_and(|source| child(source, "generatorRef").is_some());
    let store = source.is_some_and(|source| child(source, "storeRef").is_some());
    let readers = [child(entry, "extract").is_some(), child(entry, "find").is_some(), generator];
    match readers.iter().filter(|reader| **reader).count() {
        0 if source.is_none() => {
            sheet.find(
                Rule::OneSource,
                at,
                "this entry reads nothing",
                "write `extract`, `find` or `sourceRef`",
            );
        }
        0 if !store => sheet.find(
            Rule::OneSource,
            &at.key("sourceRef"),
            "this source names neither a store nor a generator",
            "write `storeRef` or `generatorRef`",
        ),
        0 | 1 => {}
        _ => sheet.find(
            Rule::OneSource,
            at,
            "`extract`, `find` and `generatorRef` rule each other out",
            "make entries of their own of them",
        ),
    }
}

fn duplicates(sheet: &mut Sheet, at: &Trail, spec: &Value) {
    let mut seen = BTreeSet::new();
    for (index, entry) in list(spec, "data") {
        if let Some(key) = text(entry, "secretKey").filter(|key| !seen.insert(*key)) {
            let what = format!("the key `{key}` stands here a second time");
            sheet.find(Rule::DuplicateKey, &at.index(index).key("secretKey"), what, "keep one of them");
        }
    }
}
