//! One text, looked at in both ways: by what its documents mean, and by what credentials look like.

use std::collections::HashSet;
use std::sync::Arc;

use super::allow::{allowed, is_comment};
use super::engine::{self, Hit};
use super::finding::{Finding, Severity};
use super::gitleaks;
use super::place::{self, Leak, Tally};
use super::policy::Policy;
use super::rule::Rule;
use super::text::{Content, Lines, content};
use super::verdict::{Expect, Verdict, judge};
use crate::plain::Plain;

/// What came of a text.
#[derive(Debug, Default)]
pub struct Scanned {
    /// What was found, in the order of the text.
    pub findings: Vec<Finding>,
    /// What was found and is allowed by comments.
    pub allowed: usize,
    /// What was looked at.
    pub tally: Tally,
    /// Whether it is no text, and was not looked at.
    pub binary: bool,
    /// Why what the repository itself says about findings could not be asked.
    pub failed: Option<gitleaks::Error>,
}

impl Scanned {
    /// Takes findings, and those of the repository's own rules, but for what is allowed.
    fn take(
        &mut self,
        policy: &Policy,
        path: &str,
        text: &str,
        mut findings: Vec<Finding>,
        lines: &Lines,
    ) -> Result<(), gitleaks::Error> {
        let known: HashSet<usize> = findings.iter().map(|finding| finding.range.start).collect();
        let own = policy.findings(path, text, lines)?;
        findings.extend(own.into_iter().filter(|finding| !known.contains(&finding.range.start)));
        findings.sort_by_key(|finding| (finding.range.start, finding.range.end));
        let secrets: Vec<_> = findings.iter().map(|finding| finding.range.clone()).collect();
        for mut finding in findings {
            finding.source = lines.masked(finding.start.line, &secrets);
            if is_allowed(&finding, lines) || policy.allows(path, &finding, lines)? {
                self.allowed += 1;
            } else {
                self.findings.push(finding);
            }
        }
        Ok(())
    }
}

/// Scans the bytes of a file. Its path tells how it is read: YAML and JSON as documents, files of variables by their
/// lines; credentials are looked for in all of them.
#[must_use]
pub fn scan(policy: &Policy, path: &str, bytes: &[u8]) -> Scanned {
    let Content::Text(text) = content(bytes) else { return Scanned { binary: true, ..Scanned::default() } };
    let seen = if is_documents(path, &text) {
        place::look(path, &text)
    } else if is_variables(path) {
        place::look_at_lines(&text)
    } else {
        place::Seen::default()
    };
    let mut found = Found { leaks: seen.leaks, hits: Vec::new() };
    found.hits = engine::hits(text.as_bytes(), &seen.silent);
    if found.leaks.is_empty() && found.hits.is_empty() && !policy.has_rules() {
        return Scanned { tally: seen.tally, ..Scanned::default() };
    }
    let lines = Lines::of(&text);
    let mut scanned = Scanned { tally: seen.tally, ..Scanned::default() };
    let findings = found.findings(&text, &lines);
    if let Err(error) = scanned.take(policy, path, &text, findings, &lines) {
        scanned.failed = Some(error);
    }
    scanned
}

/// Whether a file is read as documents.
fn is_documents(path: &str, text: &str) -> bool {
    const ENDS: [&str; 9] =
        [".yaml", ".yml", ".json", ".yaml.tmpl", ".yml.tmpl", ".yaml.j2", ".yml.j2", ".yaml.gotmpl", ".tpl"];
    let known = ENDS.iter().any(|end| path.ends_with(end));
    // Manifests have many names.
    known || text.contains("apiVersion:") && text.contains("kind:")
}

/// Whether a file holds variables in lines.
fn is_variables(path: &str) -> bool {
    const ENDS: [&str; 8] = [".env", ".properties", ".ini", ".toml", ".conf", ".cfg", ".tfvars", ".envrc"];
    let name = path.rsplit('/').next().unwrap_or(path);
    name.starts_with(".env") || ENDS.iter().any(|end| name.ends_with(end))
}

struct Found {
    leaks: Vec<Leak>,
    hits: Vec<Hit>,
}

impl Found {
    fn findings(self, text: &str, lines: &Lines) -> Vec<Finding> {
        let mut hits = self.hits;
        let mut findings: Vec<Finding> = Vec::new();
        for leak in self.leaks {
            // What a value is known to be says more than that it is one.
            let inside = |hit: &Hit| hit.secret.start < leak.range.end && leak.range.start < hit.secret.end;
            let own = hits.iter().position(inside).map(|index| hits[index].rule);
            hits.retain(|hit| !inside(hit));
            findings.push(of_leak(leak, own, lines));
        }
        findings.extend(hits.into_iter().filter_map(|hit| of_hit(&hit, text, lines)));
        findings
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "sink: the rules, which tell where a credential stands and not what it is"
)]
fn of_leak(leak: Leak, own: Option<&'static Rule>, lines: &Lines) -> Finding {
    let own = own.or_else(|| engine::hits(leak.value.expose(), &[]).first().map(|hit| hit.rule));
    let is_placeholder = matches!(leak.verdict, Verdict::Placeholder | Verdict::Name);
    let severity = match own {
        Some(_) if !is_placeholder => Severity::Error,
        _ => leak.verdict.severity().unwrap_or(Severity::Note),
    };
    Finding {
        rule: leak.place.rule().into(),
        severity,
        verdict: leak.verdict,
        what: own.filter(|_| !is_placeholder).map(name),
        start: lines.spot(leak.range.start),
        end: lines.spot(leak.range.end),
        range: leak.range,
        document: leak.document,
        object: leak.object.as_ref().map(Arc::clone),
        way: leak.way,
        source: String::new(),
        value: leak.value,
    }
}

fn of_hit(hit: &Hit, text: &str, lines: &Lines) -> Option<Finding> {
    let secret = text.get(hit.secret.clone())?;
    let verdict = match judge(Expect::Secrets, "password", secret) {
        verdict if verdict.is_leak() => Verdict::Plaintext,
        // An example, a reference, an expression: it has the form, and is none.
        _ => return None,
    };
    Some(Finding {
        rule: hit.rule.id.into(),
        severity: Severity::Error,
        verdict,
        what: Some(name(hit.rule)),
        start: lines.spot(hit.secret.start),
        end: lines.spot(hit.secret.end),
        range: hit.secret.clone(),
        document: 0,
        object: None,
        way: String::new(),
        source: String::new(),
        value: Plain::new(secret.as_bytes().to_vec()),
    })
}

fn name(rule: &Rule) -> String {
    format!("{} ({})", rule.what, rule.issuer)
}

/// Whether a comment allows it: in one of its lines, or alone in the line above.
fn is_allowed(finding: &Finding, lines: &Lines) -> bool {
    let allows = |line: &str| allowed(line).is_some_and(|allowed| allowed.allows(&finding.rule));
    let above = lines.line(finding.start.line.saturating_sub(1));
    // The key of a block stands in the line before its text.
    let key = finding.start.line.saturating_sub(1);
    let own = finding.start.line..=finding.end.line.min(finding.start.line + 1);
    own.into_iter().any(|line| allows(lines.line(line)))
        || is_comment(above) && allows(above)
        || above.trim_end().ends_with(['|', '>', '-', '+']) && allows(lines.line(key))
}
