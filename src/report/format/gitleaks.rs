//! The JSON report of gitleaks 8, so that what reads it goes on. Placeholders are left out: gitleaks knows no severity,
//! and whoever reads its report takes each entry for a leak.

use serde::Serialize;

use super::{Known, last, subject};
use crate::report::{Leak, Severity};

/// The word with which gitleaks replaces a secret when it is asked to.
const REDACTED: &str = "REDACTED";

/// A finding in gitleaks' form, with its fields in gitleaks' order.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<'l> {
    #[serde(rename = "RuleID")]
    rule: &'l str,
    description: String,
    start_line: usize,
    end_line: usize,
    start_column: usize,
    end_column: usize,
    r#match: &'static str,
    secret: &'static str,
    file: &'l str,
    symlink_file: &'static str,
    commit: &'l str,
    entropy: u8,
    author: &'l str,
    email: &'l str,
    date: &'l str,
    message: &'static str,
    tags: [&'static str; 1],
    fingerprint: String,
}

impl<'l> Entry<'l> {
    /// gitleaks tells only the kind of a secret; without a rule that is known, what was found says more.
    fn new(leak: &'l Leak, rules: &[Known]) -> Self {
        let known = rules.iter().find(|known| known.id == leak.rule);
        let (id, author, date) =
            leak.commit.as_ref().map_or(("", "", ""), |commit| (&commit.id, &commit.author, &commit.date));
        let (author, email) = author.rsplit_once(" <").unwrap_or((author, ""));
        let (end_line, end_column) = last(leak);
        Self {
            rule: &leak.rule,
            description: known.map_or_else(|| subject(leak), |known| known.summary.clone()),
            start_line: leak.line,
            end_line,
            start_column: leak.column,
            end_column: end_column.unwrap_or_default(),
            r#match: REDACTED,
            secret: REDACTED,
            file: &leak.file,
            symlink_file: "",
            commit: id,
            entropy: 0,
            author,
            email: email.trim_end_matches('>'),
            date,
            message: "",
            tags: [super::level(leak.severity)],
            fingerprint: fingerprint(id, leak),
        }
    }
}

/// What names a finding in a `.gitleaksignore`.
fn fingerprint(commit: &str, leak: &Leak) -> String {
    let Leak { file, rule, line, .. } = leak;
    let commit = if commit.is_empty() { String::new() } else { format!("{commit}:") };
    format!("{commit}{file}:{rule}:{line}")
}

/// An array of entries.
pub(super) fn write(leaks: &[Leak], rules: &[Known]) -> String {
    let leaks = leaks.iter().filter(|leak| leak.severity > Severity::Note);
    let entries: Vec<Entry> = leaks.map(|leak| Entry::new(leak, rules)).collect();
    serde_json::to_string_pretty(&entries).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use super::super::samples::{PATH, leaks, rules};
    use super::*;

    #[test]
    fn an_entry_has_the_fields_of_gitleaks_in_its_order() {
        let expected = r#"[
  {
    "RuleID": "private-key",
    "Description": "this is a private key",
    "StartLine": 3,
    "EndLine": 4,
    "StartColumn": 8,
    "EndColumn": 0,
    "Match": "REDACTED",
    "Secret": "REDACTED",
    "File": "values.yaml",
    "SymlinkFile": "",
    "Commit": "0123456789abcdef0123456789abcdef01234567",
    "Entropy": 0,
    "Author": "Zoë \"Z\"",
    "Email": "zoe@example.com",
    "Date": "2026-01-02T03:04:05Z",
    "Message": "",
    "Tags": [
      "warning"
    ],
    "Fingerprint": "0123456789abcdef0123456789abcdef01234567:values.yaml:private-key:3"
  }
]
"#;
        assert_eq!(write(&leaks()[1..], &rules()), expected);
    }

    #[test]
    fn any_path_is_read_back() {
        let read: serde_json::Value = serde_json::from_str(&write(&leaks()[..1], &rules())).unwrap();
        assert_eq!(read[0]["File"], PATH);
        assert_eq!(read[0]["Description"], "A value of a Secret is in clear.");
        assert_eq!(read[0]["Fingerprint"], format!("{PATH}:secret-data:7"));
        assert_eq!((&read[0]["StartColumn"], &read[0]["EndColumn"]), (&13.into(), &21.into()));
    }

    #[test]
    fn nothing_found_is_an_empty_array_and_a_placeholder_is_nothing() {
        assert_eq!((write(&[], &[]), write(&leaks()[2..], &[])), ("[]\n".to_owned(), "[]\n".to_owned()));
    }
}
