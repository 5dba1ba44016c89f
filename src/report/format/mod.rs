//! Findings in the formats of other tools. The secrets are in none of them: a [`Leak`] does not know its secret, and
//! its line comes masked.

mod github;
mod gitleaks;
mod html;
mod junit;
mod markup;
#[cfg(test)]
mod samples;
mod sarif;

use std::collections::BTreeMap;

use super::words::{calm, counted};
use super::{Commit, Coverage, Leak, Severity};

/// A format of another tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// SARIF 2.1.0, as GitHub code scanning takes it; editors read it too.
    Sarif,
    /// The XML of `JUnit`, which CI servers show as tests.
    Junit,
    /// Workflow commands of GitHub Actions, which become annotations of a pull request.
    Github,
    /// The JSON report of gitleaks, for what reads that already.
    Gitleaks,
    /// A page for people, in one file that loads nothing.
    Html,
}

/// What is known of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its name, as in [`Leak::rule`].
    pub id: String,
    /// What it finds, in one sentence.
    pub summary: String,
    /// Why that is bad and what to do about it, in Markdown without HTML.
    pub help: String,
}

/// The report of a scan, with its last line feed. `rules` may hold more rules than have found something, and need not
/// hold all that have.
#[must_use]
pub fn write(format: Format, leaks: &[Leak], seen: &Coverage, rules: &[Known]) -> String {
    match format {
        Format::Sarif => sarif::write(leaks, seen, rules),
        Format::Junit => junit::write(leaks, seen),
        Format::Github => github::write(leaks, seen),
        Format::Gitleaks => gitleaks::write(leaks, rules),
        Format::Html => html::write(leaks, seen),
    }
}

/// What was found, with the object it is in.
fn subject(leak: &Leak) -> String {
    let object = leak.object.as_ref().map(|object| format!("{object}: ")).unwrap_or_default();
    calm(&format!("{object}{}", leak.message)).replace('\n', " ")
}

/// The same with its commits, for formats in which the place alone would speak of the file as it is now.
fn sentence(leak: &Leak) -> String {
    let commits = match (&leak.commit, &leak.until) {
        (None, _) => String::new(),
        (Some(first), None) => format!(", since {} and still there", short(first)),
        (Some(first), Some(last)) => format!(", since {} until {}", short(first), short(last)),
    };
    format!("{}{commits}", subject(leak))
}

/// The beginning of a commit's name.
fn short(commit: &Commit) -> &str {
    commit.id.get(..10).unwrap_or(&commit.id)
}

/// The word of SARIF and of people for a severity.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// The line and the column of a leak's last character. A leak that ends with its line has no such column.
fn last(leak: &Leak) -> (usize, Option<usize>) {
    match leak.end_column {
        0 | 1 => (leak.end_line.saturating_sub(1).max(leak.line), None),
        behind => (leak.end_line, Some(behind - 1)),
    }
}

/// The leaks of each file, in the order of the files' names.
fn by_file<'l>(leaks: impl IntoIterator<Item = &'l Leak>) -> BTreeMap<&'l str, Vec<&'l Leak>> {
    let mut files: BTreeMap<&str, Vec<&Leak>> = BTreeMap::new();
    for leak in leaks {
        files.entry(&leak.file).or_default().push(leak);
    }
    files
}

/// How many leaks there are of each severity, the worst first: `2 errors, 1 note`.
fn numbers<'l>(leaks: impl IntoIterator<Item = &'l Leak>) -> String {
    let mut of = BTreeMap::new();
    for leak in leaks {
        *of.entry(leak.severity).or_insert(0_usize) += 1;
    }
    let told: Vec<_> = of.iter().rev().map(|(severity, number)| counted(*number, level(*severity))).collect();
    told.join(", ")
}

/// What came of a scan, in a few words. Where nothing was scanned nothing is clean.
fn outcome(leaks: &[Leak], seen: &Coverage) -> String {
    match (leaks.is_empty(), seen.files) {
        (true, 0) => "nothing scanned".to_owned(),
        (true, _) => "no secret found".to_owned(),
        _ => numbers(leaks),
    }
}

/// What was scanned: `3 files, 5 documents, 12 values, 1 file not read`, and what is not told.
fn covered(seen: &Coverage) -> String {
    let mut told = seen.scanned();
    let silent = [(seen.allowed, "allowed"), (seen.known, "known")];
    let silent = silent.into_iter().filter(|(number, _)| *number > 0);
    told.extend(silent.map(|(number, what)| format!("{} {what}", counted(number, "finding"))));
    told.join(", ")
}

#[cfg(test)]
mod tests {
    use super::samples::{leaks, rules, seen};
    use super::*;

    #[test]
    fn every_format_ends_with_a_line_feed_and_says_so_when_nothing_was_scanned() {
        for format in [Format::Sarif, Format::Junit, Format::Github, Format::Gitleaks, Format::Html] {
            assert!(write(format, &leaks(), &seen(), &rules()).ends_with('\n'), "{format:?}");
            assert!(write(format, &[], &Coverage::default(), &[]).ends_with('\n'), "{format:?}");
        }
        assert_eq!(outcome(&[], &Coverage::default()), "nothing scanned");
        assert_eq!(outcome(&[], &seen()), "no secret found");
        assert_eq!(outcome(&leaks(), &seen()), "1 error, 1 warning, 1 note");
    }

    #[test]
    fn what_was_not_looked_at_is_told() {
        assert_eq!(
            covered(&seen()),
            "3 files, 5 documents, 12 values, 1 line not understood, 2 files not read, 4 findings allowed"
        );
    }

    #[test]
    fn a_history_is_told_in_commits() {
        let seen = Coverage { commits: Some(2), files: 1, missing: 3, ..Coverage::default() };
        assert_eq!(covered(&seen), "2 commits, 1 content, 3 contents missing from this clone");
        let mut leak = leaks().remove(1);
        assert_eq!(sentence(&leak), "this is a private key, since 0123456789 until fedcba9876");
        leak.until = None;
        assert_eq!(sentence(&leak), "this is a private key, since 0123456789 and still there");
    }

    #[test]
    fn the_last_character_stands_before_the_end() {
        let leaks = leaks();
        assert_eq!((last(&leaks[0]), last(&leaks[1])), ((7, Some(21)), (4, None)));
    }
}
