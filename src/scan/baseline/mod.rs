//! Findings that are known, in a file of the repository: one a line, so that branches that add some can be merged.
//!
//! A line is `FINGERPRINT RULE [history] [until DATE] PATH [# REASON]`. Lines are in the order of their fingerprints,
//! which is none: two that are new stand apart. What a person writes is the date and the reason.

mod entry;
mod match_up;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::archive::is_within_archive;
use super::{Finding, FingerprintKey, Severity};
use entry::Entry;
use match_up::match_up;

/// The name of the file that is taken where none is named.
pub const FILE: &str = ".sealstrap-baseline";

/// What stands before the name of the key.
const KEY: &str = "# key ";
/// What a new file begins with.
const HEAD: &str = "# Findings that are known. `sealstrap scan --write-baseline` keeps this file; dates and reasons are yours.\n";

/// The findings that are known.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    /// The name of the key that its fingerprints are made with.
    key: Option<String>,
    entries: Vec<Entry>,
}

/// Something that was found, and where.
#[derive(Debug, Clone)]
pub struct Found<'f> {
    /// The file, from the top of the repository on.
    pub path: PathBuf,
    /// The finding.
    pub finding: &'f Finding,
}

/// What a baseline says of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing.
    New,
    /// It is known.
    Known,
    /// It was known up to this day.
    Ended(Date),
}

/// What new entries say.
#[derive(Debug, Clone, Default)]
pub struct Words {
    /// The last day on which they hold.
    pub until: Option<Date>,
    /// Why they do.
    pub reason: Option<String>,
    /// Whether they come of a history; then their files need not be there.
    pub history: bool,
}

/// Why a baseline cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// A line is wrong.
    #[error("{}:{line}: {complaint}", file.display())]
    Line {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        complaint: String,
    },
    /// It was made with another key.
    #[error("{} was made with the key `{wanted}`, and this is `{given}`", file.display())]
    Key {
        /// The file.
        file: PathBuf,
        /// The name of the key that it was made with.
        wanted: String,
        /// The name of the one that is there.
        given: String,
    },
}

impl Baseline {
    /// Reads it. Lines may stand in any order, and twice.
    ///
    /// # Errors
    /// A line that is no entry, with its place.
    pub fn read(file: &Path, text: &str) -> Result<Self, BaselineError> {
        let mut baseline = Self::default();
        for (number, line) in (1..).zip(text.lines().map(str::trim)) {
            if let Some(name) = line.strip_prefix(KEY) {
                baseline.key = Some(name.trim().to_owned());
            }
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let error = |complaint| BaselineError::Line { file: file.to_owned(), line: number, complaint };
            baseline.entries.push(line.parse().map_err(error)?);
        }
        Ok(baseline)
    }

    /// Refuses a key that it was not made with.
    ///
    /// # Errors
    /// [`BaselineError::Key`].
    pub fn check(&self, file: &Path, key: &FingerprintKey) -> Result<(), BaselineError> {
        let given = key.name();
        match &self.key {
            Some(wanted) if *wanted != given => {
                Err(BaselineError::Key { file: file.to_owned(), wanted: wanted.clone(), given })
            }
            _ => Ok(()),
        }
    }

    /// Whether it knows nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What it says of each finding. An entry is for one file: the one that it names, or else another one with the same
    /// finding, since files are moved: where that file is free. So a copy of what is known is new.
    #[must_use]
    pub fn standings(
        &self,
        key: &FingerprintKey,
        found: &[Found],
        is_free: &dyn Fn(&str) -> bool,
        today: Date,
    ) -> Vec<Standing> {
        let standing = |entry: Option<usize>| match entry.map(|entry| self.entries[entry].until) {
            None => Standing::New,
            Some(Some(until)) if until < today => Standing::Ended(until),
            Some(_) => Standing::Known,
        };
        match_up(&self.entries, key, found, is_free).into_iter().map(standing).collect()
    }

    /// The entries for which nothing was found where all was looked at, each as it is told. What is known of the history
    /// alone is none of them, nor is what is in archives unless those were opened.
    #[must_use]
    pub fn stale(&self, key: &FingerprintKey, found: &[Found], archives: bool) -> Vec<String> {
        let used = match_up(&self.entries, key, found, &|_| true);
        let is_stale = |(index, entry): &(usize, &Entry)| {
            !entry.history && !used.contains(&Some(*index)) && (archives || !is_within_archive(&entry.path))
        };
        self.entries.iter().enumerate().filter(is_stale).map(|(_, entry)| entry.told()).collect()
    }

    /// With what was found: entries keep their words, new ones and those that are over have those that are given. Where
    /// all was looked at, those for which nothing was found go. Placeholders are not kept: they refuse nothing.
    #[must_use]
    pub fn renewed(&self, key: &FingerprintKey, found: &[Found], words: &Words, how: Renewal) -> Self {
        let used = match_up(&self.entries, key, found, how.is_free);
        let is_kept = |index: usize, entry: &Entry| {
            let is_closed = !how.archives && is_within_archive(&entry.path);
            !how.all || used.contains(&Some(index)) || entry.history && !words.history || is_closed
        };
        let mut kept: Vec<Option<Entry>> = (0..)
            .zip(&self.entries)
            .map(|(index, entry)| is_kept(index, entry).then(|| entry.clone()))
            .collect();
        let mut new = Vec::new();
        for (found, used) in found.iter().zip(used) {
            let entry = Entry::new(key, found, words);
            match used.and_then(|index| kept[index].as_mut()) {
                Some(kept) if kept.until.is_some_and(|until| until < how.today) => *kept = entry,
                // Its file may have been moved.
                Some(kept) => kept.path = entry.path,
                None if found.finding.severity > Severity::Note => new.push(entry),
                None => {}
            }
        }
        let mut entries: Vec<Entry> = kept.into_iter().flatten().chain(new).collect();
        entries.sort();
        entries.dedup_by(|a, b| (&a.fingerprint, &a.path) == (&b.fingerprint, &b.path));
        Self { key: Some(key.name()), entries }
    }
}

/// How a baseline is renewed.
#[derive(Clone, Copy)]
pub struct Renewal<'f> {
    /// Whether all was looked at.
    pub all: bool,
    /// Whether archives were opened.
    pub archives: bool,
    /// Whether an entry for which nothing was found in its file may stand for one that was moved, by its file's path.
    pub is_free: &'f dyn Fn(&str) -> bool,
    /// The day.
    pub today: Date,
}

impl std::fmt::Display for Baseline {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(HEAD)?;
        if let Some(key) = &self.key {
            writeln!(out, "{KEY}{key}")?;
        }
        self.entries.iter().try_for_each(|entry| writeln!(out, "{entry}"))
    }
}
