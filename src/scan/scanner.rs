//! One text, looked at in both ways: by what its documents mean, and by what credentials look like.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::allow::Allowances;
use super::area::Level;
use super::engine::{self, Hit};
use super::finding::{Finding, Severity};
use super::gitleaks;
use super::place::{self, Leak, Source, Tally};
use super::policy::Policy;
use super::reading::Reading;
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
    /// Whether the settings exclude it, and it was not looked at.
    pub excluded: bool,
    /// Other files of which its generators make Secrets; see [`scan_source`].
    pub sources: Vec<Source>,
    /// Why what the repository itself says about findings could not be asked.
    pub failed: Option<gitleaks::Error>,
}

impl Scanned {
    /// Whether there is nothing to tell of it, neither for itself nor for other files.
    pub(crate) fn is_empty(&self) -> bool {
        self.findings.is_empty() && self.allowed == 0 && self.failed.is_none() && self.sources.is_empty()
    }
}

/// Scans the bytes of a file. Its path tells how it is read: YAML and JSON as documents, files of variables by their
/// lines; credentials are looked for in all of them.
#[must_use]
pub fn scan(policy: &Policy, path: &str, bytes: &[u8]) -> Scanned {
    scan_for(policy, path, bytes, engine::hits)
}

/// Scans the bytes of a file in whose lines no credential stands: only what its documents mean is looked at.
pub(super) fn scan_meanings(policy: &Policy, path: &str, bytes: &[u8]) -> Scanned {
    scan_for(policy, path, bytes, |_, _| Vec::new())
}

/// The credentials in a text outside of what is known to be none.
type Credentials = fn(&[u8], &[Range<usize>]) -> Vec<Hit>;

fn scan_for(policy: &Policy, path: &str, bytes: &[u8], credentials: Credentials) -> Scanned {
    if policy.excludes(path) {
        return Scanned { excluded: true, ..Scanned::default() };
    }
    let Content::Text(text) = content(bytes) else { return Scanned { binary: true, ..Scanned::default() } };
    let seen = match Reading::of_text(path, &text) {
        Reading::Documents => place::look(path, &text),
        Reading::Variables => place::look_at_lines(path, &text),
        Reading::Words => place::Seen::default(),
    };
    let hits = credentials(text.as_bytes(), &seen.silent);
    finish(policy, path, &text, seen, hits)
}

/// Scans a file of which a generator makes a Secret: what it holds is secret, whatever it is called.
#[must_use]
pub fn scan_source(policy: &Policy, path: &str, bytes: &[u8], source: &Source) -> Scanned {
    match content(bytes) {
        _ if policy.excludes(path) => Scanned { excluded: true, ..Scanned::default() },
        Content::Text(text) => {
            let seen = place::look_at_source(&text, source);
            let hits = engine::hits(text.as_bytes(), &seen.silent);
            finish(policy, path, &text, seen, hits)
        }
        Content::Binary => Scanned { binary: true, ..Scanned::default() },
    }
}

/// What was seen in a text, with what credentials look like and what the repository says.
fn finish(policy: &Policy, path: &str, text: &str, seen: place::Seen, hits: Vec<Hit>) -> Scanned {
    let mut scanned = Scanned { tally: seen.tally, sources: seen.sources, ..Scanned::default() };
    if seen.leaks.is_empty() && hits.is_empty() && !policy.has_rules() {
        return scanned;
    }
    let lines = Lines::of(text);
    // What the repository's own rules find adds to it, and takes nothing away where they fail.
    let own = policy.findings(path, &lines).unwrap_or_else(|error| {
        scanned.failed = Some(error);
        Vec::new()
    });
    scanned.take(policy, path, findings(seen.leaks, hits, &lines), own, &lines);
    scanned
}

impl Scanned {
    /// Takes findings, but for what is allowed. What is told of a place already is not told again by a rule of the
    /// repository's own; that it is a placeholder, or allowed as what it was taken for, says nothing against such a rule.
    fn take(
        &mut self,
        policy: &Policy,
        path: &str,
        built_in: Vec<Finding>,
        own: Vec<Finding>,
        lines: &Lines,
    ) {
        let allowances = Allowances::of(lines, policy.today());
        let starts = |findings: &[Finding]| -> HashSet<usize> {
            findings.iter().map(|finding| finding.range.start).collect()
        };
        let told = self.left(policy, path, built_in, &allowances, lines);
        let (notes, told): (Vec<_>, Vec<_>) =
            told.into_iter().partition(|finding| finding.severity == Severity::Note);
        let known = starts(&told);
        let own = own.into_iter().filter(|finding| !known.contains(&finding.range.start)).collect();
        let own = self.left(policy, path, own, &allowances, lines);
        let known = starts(&own);
        let notes = notes.into_iter().filter(|finding| !known.contains(&finding.range.start));
        self.findings = told.into_iter().chain(notes).collect();
        self.findings.extend(own);
        self.findings.sort_by_key(|finding| (finding.range.start, finding.range.end));
    }

    /// What is not allowed. Where that cannot be asked, it is left.
    fn left(
        &mut self,
        policy: &Policy,
        path: &str,
        findings: Vec<Finding>,
        allowances: &Allowances,
        lines: &Lines,
    ) -> Vec<Finding> {
        let mut left = Vec::new();
        let mut ends: Vec<usize> = findings.iter().map(|finding| finding.range.end).collect();
        ends.sort_unstable();
        for mut finding in findings {
            let is_allowed = allowances.allow(&finding, lines)
                || policy.allows(path, &finding, lines).unwrap_or_else(|error| {
                    self.failed = Some(error);
                    false
                });
            match policy.level(path, &finding) {
                level if is_allowed || level == Some(Level::Off) => self.allowed += 1,
                level => {
                    if let Some(Level::Told(severity)) = level {
                        finding.severity = severity;
                    }
                    // Of its line nothing is shown that stands before the end of another secret.
                    let before = ends.partition_point(|end| *end <= finding.range.start);
                    let from = before.checked_sub(1).map_or(0, |last| ends[last]);
                    finding.source = lines.masked(from, finding.range.start);
                    left.push(finding);
                }
            }
        }
        left
    }
}

/// What was found in both ways, each once.
fn findings(leaks: Vec<Leak>, hits: Vec<Hit>, lines: &Lines) -> Vec<Finding> {
    let mut hits: Vec<Option<Hit>> = hits.into_iter().map(Some).collect();
    let ranges: Vec<Range<usize>> = hits.iter().flatten().map(|hit| hit.secret.clone()).collect();
    let mut findings: Vec<Finding> = Vec::new();
    for leak in leaks {
        // Hits come in their order and side by side.
        let first = ranges.partition_point(|hit| hit.end <= leak.range.start);
        let inside = ranges[first..].iter().take_while(|hit| hit.start < leak.range.end).count();
        let own = hits[first..first + inside].iter().flatten().next().map(|hit| hit.rule);
        // What a value is known to be says more than that it is one. A placeholder is none of those.
        if leak.verdict.is_leak() {
            hits[first..first + inside].fill_with(|| None);
        }
        findings.push(of_leak(leak, own, lines));
    }
    findings.extend(hits.into_iter().flatten().filter_map(|hit| of_hit(&hit, lines)));
    findings
}

#[expect(
    clippy::disallowed_methods,
    reason = "sink: the rules, which tell where a credential stands and not what it is"
)]
fn of_leak(leak: Leak, own: Option<&'static Rule>, lines: &Lines) -> Finding {
    let own = own.or_else(|| engine::hits(leak.value.expose(), &[]).first().map(|hit| hit.rule));
    let own = own.filter(|_| leak.verdict.is_leak());
    let severity = own.map_or_else(|| leak.verdict.severity(), |_| Some(Severity::Error));
    Finding {
        rule: leak.place.rule().into(),
        severity: severity.unwrap_or(Severity::Note),
        verdict: leak.verdict,
        what: own.map(name),
        start: lines.spot(leak.range.start),
        end: lines.spot(leak.range.end),
        gitleaks_line: None,
        range: leak.range,
        document: leak.document,
        object: leak.object.as_ref().map(Arc::clone),
        way: leak.way,
        source: String::new(),
        value: leak.value,
    }
}

fn of_hit(hit: &Hit, lines: &Lines) -> Option<Finding> {
    let secret = lines.text().get(hit.secret.clone())?;
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
        gitleaks_line: None,
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
