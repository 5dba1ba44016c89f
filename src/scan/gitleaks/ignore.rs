//! Findings that are not reported: `.gitleaksignore` and `gitleaks:allow`.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// The findings that a `.gitleaksignore` names by their fingerprints: `path:rule:line` in any commit and in none, or
/// `commit:path:rule:line` in one.
///
/// gitleaks warns of a path with a colon, since it splits at all of them. Here the line and the rule are split off from
/// the end, so that such a path is as good as any.
#[derive(Debug, Default)]
pub struct Ignore {
    /// The line of each fingerprint.
    lines: HashMap<String, usize>,
    /// What is no fingerprint, with its place.
    pub warnings: Vec<String>,
}

impl Ignore {
    /// Reads a file. Empty lines and those that begin with `#` are comments.
    #[must_use]
    pub fn read(file: &Path, text: &str) -> Self {
        let mut ignore = Self::default();
        for (index, line) in text.lines().enumerate() {
            let entry = line.trim();
            if entry.is_empty() || entry.starts_with('#') {
                continue;
            }
            if is_fingerprint(entry) {
                // Only paths have backslashes, and those of Windows are meant.
                ignore.lines.entry(entry.replace('\\', "/")).or_insert(index + 1);
            } else {
                let message = "not a fingerprint, which is `path:rule:line` or `commit:path:rule:line`";
                ignore.warnings.push(format!("{}:{}: {message}", file.display(), index + 1));
            }
        }
        ignore
    }

    /// The line of the file that names a finding, if one does.
    #[must_use]
    pub fn line_of(&self, commit: Option<&str>, path: &str, rule: &str, line: usize) -> Option<usize> {
        let in_any_commit = self.lines.get(&fingerprint(None, path, rule, line));
        let in_this_one = || self.lines.get(&fingerprint(Some(commit?), path, rule, line));
        in_any_commit.or_else(in_this_one).copied()
    }

    /// The fingerprints and their lines, so that those which name nothing any more can be told.
    pub fn entries(&self) -> impl Iterator<Item = (&str, usize)> {
        self.lines.iter().map(|(fingerprint, line)| (fingerprint.as_str(), *line))
    }
}

/// A fingerprint as gitleaks writes it. `line` is the first line of the match as gitleaks counts it.
#[must_use]
pub fn fingerprint(commit: Option<&str>, path: &str, rule: &str, line: usize) -> String {
    match commit {
        Some(commit) => format!("{commit}:{path}:{rule}:{line}"),
        None => format!("{path}:{rule}:{line}"),
    }
}

fn is_fingerprint(entry: &str) -> bool {
    let mut parts = entry.rsplitn(3, ':');
    let line = parts.next().is_some_and(|line| line.parse::<usize>().is_ok());
    line && parts.next().is_some_and(|rule| !rule.is_empty())
        && parts.next().is_some_and(|path| !path.is_empty())
}

/// The places of `gitleaks:allow` in a text.
#[derive(Debug)]
pub(super) struct AllowComments {
    at: Vec<usize>,
}

/// Findings on the lines of such a comment are not reported.
const ALLOW: &str = "gitleaks:allow";

impl AllowComments {
    /// Finds them.
    pub(super) fn find(text: &[u8]) -> Self {
        static SEARCHER: LazyLock<AhoCorasick> = LazyLock::new(|| {
            AhoCorasick::new([ALLOW]).unwrap_or_else(|_| unreachable!("one short word makes an automaton"))
        });
        Self { at: SEARCHER.find_iter(text).map(|found| found.start()).collect() }
    }

    /// Whether one is within a range of the text, which is made of whole lines.
    pub(super) fn any_in(&self, lines: &Range<usize>) -> bool {
        let next = self.at.partition_point(|at| *at < lines.start);
        self.at.get(next).is_some_and(|at| at + ALLOW.len() <= lines.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Ignore {
        Ignore::read(Path::new(".gitleaksignore"), text)
    }

    #[test]
    fn a_fingerprint_without_a_commit_ignores_in_all_commits() {
        let ignore = read("# old\n\n  dir/a.yaml:rule:3  \n0f1e:b.yaml:rule:4\n");
        assert_eq!(ignore.line_of(None, "dir/a.yaml", "rule", 3), Some(3));
        assert_eq!(ignore.line_of(Some("0f1e"), "dir/a.yaml", "rule", 3), Some(3));
        assert_eq!(ignore.line_of(Some("0f1e"), "b.yaml", "rule", 4), Some(4));
        for (commit, path, line) in [(None, "b.yaml", 4), (Some("77"), "b.yaml", 4), (None, "dir/a.yaml", 4)]
        {
            assert_eq!(ignore.line_of(commit, path, "rule", line), None, "{path}:{line}");
        }
        assert!(ignore.warnings.is_empty());
    }

    #[test]
    fn a_path_may_have_colons_and_backslashes() {
        let ignore = read("a:b:c.yaml:rule:1\n0f1e:dir\\d:e.yaml:rule:2\n");
        assert_eq!(ignore.line_of(None, "a:b:c.yaml", "rule", 1), Some(1));
        assert_eq!(ignore.line_of(Some("0f1e"), "dir/d:e.yaml", "rule", 2), Some(2));
        assert!(ignore.warnings.is_empty());
    }

    #[test]
    fn what_is_no_fingerprint_is_told_with_its_line() {
        let ignore = read("a.yaml:rule:1\na.yaml\na.yaml:rule:last\n:rule:3\n");
        let at: Vec<_> = ignore.warnings.iter().map(|warning| &warning[..18]).collect();
        assert_eq!(at, [".gitleaksignore:2:", ".gitleaksignore:3:", ".gitleaksignore:4:"]);
        assert_eq!(ignore.entries().collect::<Vec<_>>(), [("a.yaml:rule:1", 1)]);
    }

    #[test]
    fn a_comment_allows_its_own_lines_only() {
        let text = "a\nb # gitleaks:allow\nc\n";
        let comments = AllowComments::find(text.as_bytes());
        assert!(comments.any_in(&(2..20)));
        assert!(comments.any_in(&(0..20)));
        assert!(!comments.any_in(&(0..1)));
        assert!(!comments.any_in(&(20..22)));
    }
}
