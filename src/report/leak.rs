//! Secrets that were found in texts, told without the secret, and how much was looked at.

use schemars::JsonSchema;
use serde::Serialize;

use super::Severity;
use super::words::counted;

/// A secret in a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Leak {
    /// The rule that found it.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// The file, as it was named.
    pub file: String,
    /// The line of its first character, from 1.
    pub line: usize,
    /// The column of its first character, from 1, in characters.
    pub column: usize,
    /// The line of the character behind its last one.
    pub end_line: usize,
    /// The column of the character behind its last one.
    pub end_column: usize,
    /// The number of its document in the file, from 1; absent in files without documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<usize>,
    /// The object that it is in, for example `Secret shop/db`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The keys on the way to it, with dots between; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What was found.
    pub message: String,
    /// The name that it is assigned to in its line, with dots in its place.
    pub source: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What identifies it wherever it moves, and changes with the secret; absent where no key to make it with is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The commit that brought it, where a history was scanned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commit>,
    /// The commit that took it away; absent where the current commit still holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Commit>,
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Commit {
    /// Its name in hexadecimal digits.
    pub id: String,
    /// Who made it.
    pub author: String,
    /// When, in UTC.
    pub date: String,
}

/// How much was looked at, and what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    /// Files that were scanned.
    pub files: usize,
    /// Bytes in them.
    pub bytes: u64,
    /// Documents of YAML or JSON in them.
    pub documents: usize,
    /// Values in those that were judged.
    pub values: usize,
    /// Lines of documents that were not understood.
    pub doubts: usize,
    /// Files that are no text, and were passed over.
    pub binary: usize,
    /// Files that could not be read, or are too large; each was told by a warning.
    pub skipped: usize,
    /// Commits, where a history was scanned; files are then different contents of files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commits: Option<usize>,
    /// Of those contents the ones that an earlier scan has found to hold nothing, and that were not read again.
    pub before: usize,
    /// Contents that the repository does not have, and that were therefore not scanned.
    pub missing: usize,
    /// Files that the settings exclude.
    pub excluded: usize,
    /// Findings that comments and the settings allow.
    pub allowed: usize,
    /// Findings that are known by the baseline.
    pub known: usize,
    /// Findings that were mended.
    pub mended: usize,
    /// Findings that are errors.
    pub errors: usize,
    /// Findings that are warnings.
    pub warnings: usize,
    /// Findings that are notes.
    pub notes: usize,
}

impl Coverage {
    /// How much was scanned, and what was not: `3 files`, `5 documents`, `1 file not read`.
    pub(super) fn scanned(&self) -> Vec<String> {
        let mut told = match self.commits {
            Some(commits) => vec![counted(commits, "commit"), counted(self.files, "content")],
            None => vec![
                counted(self.files, "file"),
                counted(self.documents, "document"),
                counted(self.values, "value"),
            ],
        };
        told.extend(some(self.before, "content", "scanned before"));
        told.extend(some(self.doubts, "line", "not understood"));
        told.extend(some(self.binary, "binary file", "passed over"));
        told.extend(some(self.excluded, "file", "excluded"));
        told.extend(self.gaps());
        told
    }

    /// What was not scanned, and may hold secrets.
    pub(super) fn gaps(&self) -> Vec<String> {
        let missing = some(self.missing, "content", "missing from this clone");
        missing.into_iter().chain(some(self.skipped, "file", "not read")).collect()
    }
}

fn some(number: usize, noun: &str, rest: &str) -> Option<String> {
    (number > 0).then(|| format!("{} {rest}", counted(number, noun)))
}
