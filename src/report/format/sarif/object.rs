//! The objects of SARIF 2.1.0 that are used, each with its fields that are used (OASIS, Errata 01).

use std::borrow::Cow;

use serde::Serialize;

use crate::report::{Commit, Coverage};

/// A log file.
#[derive(Serialize)]
pub(super) struct Log<'l> {
    #[serde(rename = "$schema")]
    pub(super) schema: &'static str,
    pub(super) version: &'static str,
    pub(super) runs: [Run<'l>; 1],
}

/// One run of a tool.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Run<'l> {
    pub(super) tool: Tool<'l>,
    pub(super) invocations: [Invocation; 1],
    pub(super) column_kind: &'static str,
    pub(super) results: Vec<Finding<'l>>,
    pub(super) properties: &'l Coverage,
}

#[derive(Serialize)]
pub(super) struct Tool<'l> {
    pub(super) driver: Driver<'l>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Driver<'l> {
    pub(super) name: &'static str,
    pub(super) semantic_version: &'static str,
    pub(super) information_uri: &'static str,
    pub(super) rules: Vec<Rule<'l>>,
}

/// A `reportingDescriptor`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rule<'l> {
    pub(super) id: &'l str,
    pub(super) short_description: Text<'l>,
    pub(super) full_description: Text<'l>,
    pub(super) help: Help<'l>,
    pub(super) default_configuration: Configuration,
    pub(super) properties: RuleProperties,
}

/// A `message`, or a `multiformatMessageString` without Markdown.
#[derive(Serialize)]
pub(super) struct Text<'l> {
    pub(super) text: Cow<'l, str>,
}

#[derive(Serialize)]
pub(super) struct Help<'l> {
    pub(super) text: &'l str,
    pub(super) markdown: &'l str,
}

#[derive(Serialize)]
pub(super) struct Configuration {
    pub(super) level: &'static str,
}

/// Properties that GitHub reads.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct RuleProperties {
    pub(super) tags: &'static [&'static str],
    pub(super) precision: &'static str,
    pub(super) security_severity: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invocation {
    pub(super) execution_successful: bool,
    pub(super) tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
pub(super) struct Notification {
    pub(super) level: &'static str,
    pub(super) message: Text<'static>,
}

/// A `result`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Finding<'l> {
    pub(super) rule_id: &'l str,
    pub(super) level: &'static str,
    pub(super) message: Text<'l>,
    pub(super) locations: [Location<'l>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) partial_fingerprints: Option<Fingerprints<'l>>,
    pub(super) properties: Properties<'l>,
}

/// Names of fingerprints end with their version, so that another way to make them gets another name.
#[derive(Serialize)]
pub(super) struct Fingerprints<'l> {
    #[serde(rename = "sealstrap/v1")]
    pub(super) ours: &'l str,
}

/// What SARIF has no field for.
#[derive(Serialize)]
pub(super) struct Properties<'l> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) document: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) commit: Option<&'l Commit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<&'l Commit>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location<'l> {
    pub(super) physical_location: PhysicalLocation<'l>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) logical_locations: Vec<LogicalLocation>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PhysicalLocation<'l> {
    pub(super) artifact_location: ArtifactLocation,
    pub(super) region: Region<'l>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ArtifactLocation {
    pub(super) uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) uri_base_id: Option<&'static str>,
}

/// The end is the place behind the last character.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Region<'l> {
    pub(super) start_line: usize,
    pub(super) start_column: usize,
    pub(super) end_line: usize,
    pub(super) end_column: usize,
    pub(super) snippet: Text<'l>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogicalLocation {
    pub(super) fully_qualified_name: String,
}
