//! Comments that allow what stands beside them. What stands behind the mark is for people: why.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Finding;
use super::text::Lines;

/// What a comment allows.
#[derive(Debug, PartialEq, Eq)]
struct Allowed<'t> {
    /// The rules; empty for any.
    rules: Vec<&'t str>,
}

const OURS: &str = "sealstrap:allow";
const THEIRS: &str = "gitleaks:allow";

/// The comments of a text that allow something, by their lines.
pub(super) struct Allowances<'t> {
    comments: BTreeMap<usize, Allowed<'t>>,
}

impl<'t> Allowances<'t> {
    /// Finds them. Where it is known what day it is, those do not count that were to hold until one before.
    pub(super) fn of(lines: &Lines<'t>, today: Option<fn() -> Date>) -> Self {
        let mut comments = BTreeMap::new();
        for mark in [OURS, THEIRS] {
            for at in memchr::memmem::find_iter(lines.text().as_bytes(), mark) {
                let line = lines.spot(at).line;
                comments.extend(allowed(lines.line(line), today).map(|allowed| (line, allowed)));
            }
        }
        Self { comments }
    }

    /// Whether a comment allows a finding: in its first or last line, or alone in the line above; of a block of text that
    /// is the line of its key.
    pub(super) fn allow(&self, finding: &Finding, lines: &Lines) -> bool {
        if self.comments.is_empty() {
            return false;
        }
        let allows =
            |line: usize| self.comments.get(&line).is_some_and(|allowed| allowed.allows(&finding.rule));
        let first = finding.start.line;
        // A block ends with its last line break.
        let last = lines.spot(finding.range.end.saturating_sub(1).max(finding.range.start)).line;
        let head = Some(first - 1).filter(|line| is_block_head(lines.line(*line)));
        let above = head.unwrap_or(first).saturating_sub(1);
        let own = [Some(first), Some(last), head, Some(above).filter(|line| is_comment(lines.line(*line)))];
        own.into_iter().flatten().any(allows)
    }
}

/// What a line allows: `# sealstrap:allow`, `# sealstrap:allow[env-literal] until 2027-01-31 for tests only`,
/// `# gitleaks:allow`.
fn allowed(line: &str, today: Option<fn() -> Date>) -> Option<Allowed<'_>> {
    let Some((_, rest)) = line.split_once(OURS) else {
        return line.contains(THEIRS).then(|| Allowed { rules: Vec::new() });
    };
    let (rules, why) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).unwrap_or(("", rest));
    let is_over = today.is_some_and(|today| is_over(why, today));
    let rules = rules.split(',').map(str::trim).filter(|rule| !rule.is_empty()).collect();
    (!is_over).then_some(Allowed { rules })
}

/// Whether what a comment says ended before today. A day that is none has ended: nobody could say when it would.
fn is_over(why: &str, today: fn() -> Date) -> bool {
    let Some(day) = why.trim_start().strip_prefix("until ").map(str::trim_start) else { return false };
    let day = day.split(|letter: char| !letter.is_ascii_digit() && letter != '-').next().unwrap_or(day);
    !day.is_empty() && day.parse().map_or(true, |until: Date| until < today())
}

/// Whether a block of text begins behind this line: `key: |-`, with a comment or not.
fn is_block_head(line: &str) -> bool {
    let line = line.split(" #").next().unwrap_or(line).trim_end();
    line.trim_end_matches(['+', '-'])
        .trim_end_matches(|letter: char| letter.is_ascii_digit())
        .ends_with(['|', '>'])
}

/// Whether a line is nothing but a comment: then it speaks of the next one.
fn is_comment(line: &str) -> bool {
    ["#", "//", ";", "<!--", "{{/*", "{{- /*"].iter().any(|mark| line.trim_start().starts_with(mark))
}

impl Allowed<'_> {
    /// Whether a rule is allowed.
    fn allows(&self, rule: &str) -> bool {
        self.rules.is_empty() || self.rules.contains(&rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_names_rules() {
        let line = "  password: x # sealstrap:allow[env-literal, field] a test's own";
        let allowed = allowed(line, None).unwrap();
        assert!(allowed.allows("field") && !allowed.allows("secret-data"));
    }

    #[test]
    fn without_rules_it_is_for_any() {
        assert!(allowed("x # sealstrap:allow", None).unwrap().allows("field"));
        assert!(allowed("x # gitleaks:allow", None).unwrap().allows("field"));
        assert_eq!(allowed("x # allow", None), None);
    }

    /// How many findings a Secret has whose value is written so, and how many are allowed.
    fn told(value: &str) -> (usize, usize) {
        let text = format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\nstringData:\n{value}");
        let scanned = super::super::scan(&super::super::Policy::default(), "a.yaml", text.as_bytes());
        (scanned.findings.len(), scanned.allowed)
    }

    #[test]
    fn it_stands_beside_a_value_above_it_at_the_head_of_a_block_or_behind_its_last_line() {
        for (value, is_allowed) in [
            ("  key: hunter2hunter # sealstrap:allow\n", true),
            ("  # sealstrap:allow\n  key: hunter2hunter\n", true),
            ("  key: | # sealstrap:allow\n    hunter2hunter\n    more\n", true),
            ("  # sealstrap:allow\n  key: |\n    hunter2hunter\n    more\n", true),
            ("  key: hunter2hunter\n  # sealstrap:allow\n", false),
            ("  # sealstrap:allow\n\n  key: hunter2hunter\n", false),
            ("  key: hunter2hunter # sealstrap:allow[field]\n", false),
        ] {
            assert_eq!(told(value), if is_allowed { (0, 1) } else { (1, 0) }, "{value}");
        }
        assert_eq!(told("  a: one1one1 # sealstrap:allow\n  b: two2two2\n"), (1, 1), "the next one is not");
    }

    #[test]
    fn it_holds_until_the_day_that_it_names() {
        let today: Option<fn() -> Date> = Some(|| Date::constant(2027, 1, 31));
        for (why, holds) in [
            (" until 2027-01-31, then it is gone", true),
            ("[field] until 2027-02-01", true),
            ("[field] until 2027-01-30", false),
            (" until 2027-01-30: of the tests", false),
            (" until 2027-13-01", false),
            (" until it is gone", true),
            (" not until 2027-01-30", true),
        ] {
            assert_eq!(allowed(&format!("x # sealstrap:allow{why}"), today).is_some(), holds, "{why}");
            assert!(allowed(&format!("x # sealstrap:allow{why}"), None).is_some(), "no day is known");
        }
    }
}
