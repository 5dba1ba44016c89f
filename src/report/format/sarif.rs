//! SARIF 2.1.0, within what GitHub code scanning takes of it.
//!
//! `primaryLocationLineHash`, by which GitHub tells whether an alert is a known one, is left to its upload action: that
//! computes the hash from the text of the whole file, which findings do not carry, and warns of any that differs from
//! its own. `fixes` are left out, since there is no replacement text to put into them; what to do is in the message.

mod object;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Known, counted, level, sentence};
use crate::report::{Coverage, Leak, Severity};
use object::{
    ArtifactLocation, Configuration, Driver, Finding, Fingerprints, Help, Invocation, Location, Log,
    LogicalLocation, Notification, PhysicalLocation, Properties, Region, Rule, RuleProperties, Run, Text,
    Tool,
};

/// With more results in a run GitHub refuses the file.
const LARGEST: usize = 25_000;

/// So many results of a run GitHub keeps, those of the greatest severity.
const KEPT: usize = 5_000;

/// CWE-312 is sensitive information stored in clear text, CWE-798 the use of hard-coded credentials.
const TAGS: &[&str] = &["security", "secrets", "external/cwe/cwe-312", "external/cwe/cwe-798"];

/// A log with one run. The worst leaks come first.
pub(super) fn write(leaks: &[Leak], seen: &Coverage, rules: &[Known]) -> String {
    let mut taken: Vec<&Leak> = leaks.iter().collect();
    taken.sort_by_key(|leak| Reverse(leak.severity));
    taken.truncate(LARGEST);
    let driver = Driver {
        name: "sealstrap",
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: env!("CARGO_PKG_REPOSITORY"),
        rules: used(&taken, rules),
    };
    let run = Run {
        tool: Tool { driver },
        invocations: [Invocation {
            execution_successful: true,
            tool_execution_notifications: notifications(leaks.len(), seen),
        }],
        column_kind: "unicodeCodePoints",
        results: taken.into_iter().map(finding).collect(),
        properties: seen,
    };
    let log = Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [run],
    };
    serde_json::to_string(&log).unwrap_or_default() + "\n"
}

/// The rules that found something. GitHub orders alerts by the severity of their rule, so a rule is as bad as the worst
/// that it found.
fn used<'l>(leaks: &[&'l Leak], rules: &'l [Known]) -> Vec<Rule<'l>> {
    let mut worst: BTreeMap<&str, Severity> = BTreeMap::new();
    for leak in leaks {
        let severity = worst.entry(&leak.rule).or_insert(leak.severity);
        *severity = leak.severity.max(*severity);
    }
    let known: BTreeMap<&str, &Known> = rules.iter().map(|known| (known.id.as_str(), known)).collect();
    worst.into_iter().map(|(id, severity)| rule(id, severity, known.get(id).copied())).collect()
}

fn rule<'l>(id: &'l str, severity: Severity, known: Option<&'l Known>) -> Rule<'l> {
    let (summary, help) = known.map_or((id, id), |known| (known.summary.as_str(), known.help.as_str()));
    Rule {
        id,
        short_description: Text { text: summary.into() },
        full_description: Text { text: summary.into() },
        help: Help { text: help, markdown: help },
        default_configuration: Configuration { level: level(severity) },
        properties: RuleProperties {
            tags: TAGS,
            precision: "high",
            // GitHub calls more than 9.0 critical, from 4.0 on medium, and what is below low. CodeQL gives 9.8 to
            // hard-coded credentials.
            security_severity: match severity {
                Severity::Error => "9.8",
                Severity::Warning => "6.0",
                Severity::Note => "2.0",
            },
        },
    }
}

/// What is missing from the results. By the standard (Appendix I) an error says that they are not complete.
fn notifications(found: usize, seen: &Coverage) -> Vec<Notification> {
    let mut told = Vec::new();
    if found > LARGEST {
        let cut = counted(found - LARGEST, "finding");
        let text = format!("{cut} of {found} left out, the least severe: GitHub takes {LARGEST} in a run.");
        told.push(Notification { level: "error", message: Text { text: text.into() } });
    }
    if found > KEPT {
        let text = format!("GitHub keeps {KEPT} of {found} findings, the most severe.");
        told.push(Notification { level: "warning", message: Text { text: text.into() } });
    }
    told.extend(seen.gaps().into_iter().map(|gap| {
        let text = format!("{gap}: the results may not be all.");
        Notification { level: "error", message: Text { text: text.into() } }
    }));
    told
}

/// Braces in the message are not doubled, which the standard asks for (§3.11.5): readers look for placeholders only
/// where a message has arguments, and would show both.
fn finding(leak: &Leak) -> Finding<'_> {
    let hint = leak.hint.as_ref().map(|hint| format!(" Hint: {hint}.")).unwrap_or_default();
    let physical_location = PhysicalLocation {
        artifact_location: artifact(&leak.file),
        region: Region {
            start_line: leak.line,
            start_column: leak.column,
            end_line: leak.end_line,
            end_column: leak.end_column,
            snippet: Text { text: leak.source.as_str().into() },
        },
    };
    Finding {
        rule_id: &leak.rule,
        level: level(leak.severity),
        message: Text { text: format!("{}.{hint}", sentence(leak)).into() },
        locations: [Location { physical_location, logical_locations: logical(leak) }],
        partial_fingerprints: leak.fingerprint.as_deref().map(|ours| Fingerprints { ours }),
        properties: Properties {
            document: leak.document,
            commit: leak.commit.as_ref(),
            until: leak.until.as_ref(),
        },
    }
}

/// The object and the keys, where there are any.
fn logical(leak: &Leak) -> Vec<LogicalLocation> {
    let parts: Vec<&str> = [&leak.object, &leak.key].into_iter().flatten().map(String::as_str).collect();
    if parts.is_empty() {
        return Vec::new();
    }
    vec![LogicalLocation { fully_qualified_name: parts.join(" ") }]
}

/// A path, from the root of the repository unless it is absolute.
fn artifact(file: &str) -> ArtifactLocation {
    if file.starts_with('/') {
        return ArtifactLocation { uri: format!("file://{}", encoded(file)), uri_base_id: None };
    }
    let file = file.strip_prefix("./").unwrap_or(file);
    ArtifactLocation { uri: encoded(file), uri_base_id: Some("%SRCROOT%") }
}

/// The path with all percent-encoded that is neither unreserved (RFC 3986 §2.3) nor a slash.
fn encoded(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push('%');
            uri.push_str(base16ct::upper::encode_str(&[byte], &mut [0; 2]).unwrap_or_default());
        }
    }
    uri
}

#[cfg(test)]
mod tests;
