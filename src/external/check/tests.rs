//! Each rule finds what it is about, and verdicts are those of the operator's webhook.

mod beyond;
mod operator;
mod rules;
mod stores;

use std::path::Path;

use super::*;
use crate::yaml;

fn documents(text: &str) -> Vec<Document> {
    yaml::each(Path::new("a.yaml"), text).unwrap()
}

fn findings(text: &str, around: &Around) -> Vec<Finding> {
    object(&documents(text)[0], around).unwrap().findings
}

/// The rules and lines of what is found.
fn found(text: &str, around: &Around) -> Vec<(Rule, usize)> {
    findings(text, around).into_iter().map(|finding| (finding.rule, finding.line)).collect()
}
