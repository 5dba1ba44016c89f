//! Leaks for tests: a path with all that formats escape, a secret of several lines from a history, a note.

use super::{Coverage, Known, Leak, Severity};
use crate::report::Commit;

/// A path with a quote, a tag, a percent sign, a line feed, a colon, a comma and letters beyond ASCII.
pub(super) const PATH: &str = "apps/\"<b>&'100%\n::é,ß.yaml";

/// Three leaks, of which one is an error, one a warning and one a note.
pub(super) fn leaks() -> Vec<Leak> {
    vec![in_secret(), in_history(), in_values()]
}

fn in_secret() -> Leak {
    Leak {
        rule: "secret-data".into(),
        severity: Severity::Error,
        file: PATH.into(),
        line: 7,
        column: 13,
        end_line: 7,
        end_column: 22,
        document: Some(2),
        object: Some("Secret shop/db".into()),
        key: Some("data.<p>".into()),
        message: "`data.<p>` is in clear".into(),
        source: "  <p>: •••••••• # ]]> \u{7}".into(),
        hint: Some("seal it: `sealstrap seal --in-place a&b`, and change the secret".into()),
        fingerprint: Some("00c0ffee".into()),
        commit: None,
        until: None,
    }
}

/// It ends with line 4.
fn in_history() -> Leak {
    let commit = |id: &str| Commit {
        id: id.into(),
        author: "Zoë \"Z\" <zoe@example.com>".into(),
        date: "2026-01-02T03:04:05Z".into(),
    };
    Leak {
        rule: "private-key".into(),
        severity: Severity::Warning,
        file: "values.yaml".into(),
        line: 3,
        column: 8,
        end_line: 5,
        end_column: 1,
        document: None,
        object: None,
        key: None,
        message: "this is a private key".into(),
        source: "  key: ••••••••".into(),
        hint: None,
        fingerprint: None,
        commit: Some(commit("0123456789abcdef0123456789abcdef01234567")),
        until: Some(commit("fedcba9876543210fedcba9876543210fedcba98")),
    }
}

fn in_values() -> Leak {
    Leak {
        severity: Severity::Note,
        rule: "helm-values".into(),
        line: 9,
        column: 11,
        end_line: 9,
        end_column: 19,
        key: Some("password".into()),
        message: "`password` holds a placeholder".into(),
        source: "password: ••••••••".into(),
        commit: None,
        until: None,
        ..in_history()
    }
}

/// What was seen around them.
pub(super) fn seen() -> Coverage {
    Coverage {
        files: 3,
        bytes: 4096,
        documents: 5,
        values: 12,
        doubts: 1,
        skipped: 2,
        allowed: 4,
        errors: 1,
        warnings: 1,
        notes: 1,
        ..Coverage::default()
    }
}

/// What is known of rules: of one that found something, and of one that did not.
pub(super) fn rules() -> Vec<Known> {
    let known = |id: &str, summary: &str, help: &str| Known {
        id: id.to_owned(),
        summary: summary.to_owned(),
        help: help.to_owned(),
    };
    vec![
        known("secret-data", "A value of a Secret is in clear.", "Seal it: `sealstrap seal`."),
        known("silent", "Found nothing.", "Nothing to do."),
    ]
}
