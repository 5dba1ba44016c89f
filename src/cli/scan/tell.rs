//! What was seen and found in all texts, told as it comes.

use std::path::{Path, PathBuf};

use super::advice::{self, advice};
use super::haul::Text;
use super::known;
use crate::cli::caller::Caller;
use crate::error::Exit;
use crate::report::format::{self, Format};
use crate::report::{self, Coverage, Event, Leak};
use crate::scan::history::{self, History};
use crate::scan::{Finding, FingerprintKey, Severity};

/// Where a text comes from.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    /// Standard input.
    Stdin,
    /// A file of a tree, or one that was named.
    Tree,
    /// What is staged of a file, whose path begins at the top of the working tree.
    Staged {
        /// The folder in which the command was typed, from the top on.
        seen_from: PathBuf,
    },
}

/// Counts, and tells.
pub(super) struct Tally<'c> {
    caller: &'c Caller,
    seen: Coverage,
    /// What was found, where it is told at the end in a format of another tool.
    kept: Option<(Format, Vec<Leak>)>,
    /// What fingerprints are made with.
    key: Option<&'c FingerprintKey>,
}

impl<'c> Tally<'c> {
    pub(super) fn new(caller: &'c Caller, format: Option<Format>, key: Option<&'c FingerprintKey>) -> Self {
        Self { caller, seen: Coverage::default(), kept: format.map(|format| (format, Vec::new())), key }
    }

    /// Takes how many findings are known and not told.
    pub(super) fn known(&mut self, many: usize) {
        self.seen.known = many;
    }

    /// Takes what came of a text.
    pub(super) fn take_text(&mut self, text: &Text) {
        let Text { looked, origin, .. } = text;
        let file = looked.path.display().to_string();
        let scanned = match &looked.result {
            Ok(scanned) => scanned,
            Err(why) => {
                self.seen.skipped += 1;
                return self.caller.warn(&format!("{file} was not scanned: {why}"));
            }
        };
        if let Some(error) = &scanned.failed {
            self.seen.skipped += 1;
            self.caller.warn(&format!("{file} was not scanned to the end: {error}"));
        }
        self.seen.bytes += looked.bytes;
        if scanned.binary || scanned.excluded {
            self.seen.binary += usize::from(scanned.binary);
            self.seen.excluded += usize::from(scanned.excluded);
            return;
        }
        self.seen.files += 1;
        self.seen.documents += scanned.tally.documents;
        self.seen.values += scanned.tally.values;
        self.seen.doubts += scanned.tally.doubts;
        self.seen.allowed += scanned.allowed;
        self.seen.mended += text.mended();
        for finding in &scanned.findings {
            let mut told = leak(&looked.path, finding, origin);
            if let Some(advice) = text.advice(finding) {
                told.hint = Some(advice.clone());
            }
            self.tell(finding, told);
        }
    }

    fn tell(&mut self, finding: &Finding, mut leak: Leak) {
        leak.fingerprint = self.key.map(|key| key.fingerprint(finding));
        match finding.severity {
            Severity::Note => self.seen.notes += 1,
            Severity::Warning => self.seen.warnings += 1,
            Severity::Error => self.seen.errors += 1,
        }
        match &mut self.kept {
            Some((_, kept)) => kept.push(leak),
            None => self.caller.printer.event(&Event::Leak(Box::new(leak))),
        }
    }

    /// Takes what came of a history.
    pub(super) fn take_history(&mut self, history: &History) {
        let seen = history.seen;
        self.seen.commits = Some(seen.commits);
        self.seen.files = seen.contents + seen.before - seen.binary;
        self.seen.before = seen.before;
        self.seen.bytes = seen.bytes;
        self.seen.binary = seen.binary;
        self.seen.missing = seen.missing;
        self.seen.allowed = seen.allowed;
        if let Some(error) = &history.failed {
            self.seen.skipped += 1;
            self.caller.warn(&format!("the repository's own rules could not be asked everywhere: {error}"));
        }
        if seen.shallow {
            self.caller.warn("this is a shallow clone: what was before it was not scanned; `git fetch --unshallow` gets it");
        }
        for past in &history.found {
            let mut told = leak(&past.path, &past.finding, &Origin::Tree);
            told.commit = Some(commit(&past.first));
            told.until = past.last.as_ref().map(commit);
            told.hint = Some(advice::of_history(past));
            self.tell(&past.finding, told);
        }
    }

    /// Tells what was covered; the answer is no where a secret is in clear.
    pub(super) fn end(self) -> Exit {
        let exit = match (self.seen.errors + self.seen.warnings, self.seen.skipped + self.seen.missing) {
            (0, 0) => Exit::Done,
            // What was not looked at may hold one.
            (0, _) => Exit::CouldNot,
            _ => Exit::No,
        };
        if let Some((format, kept)) = &self.kept {
            self.caller.printer.data(&format::write(*format, kept, &self.seen, &known::all()));
        }
        self.caller.printer.event(&Event::Scanned(self.seen));
        exit
    }
}

fn leak(path: &Path, finding: &Finding, origin: &Origin) -> Leak {
    Leak {
        rule: finding.rule.to_string(),
        severity: match finding.severity {
            Severity::Note => report::Severity::Note,
            Severity::Warning => report::Severity::Warning,
            Severity::Error => report::Severity::Error,
        },
        file: path.display().to_string(),
        line: finding.start.line,
        column: finding.start.column,
        end_line: finding.end.line,
        end_column: finding.end.column,
        document: Some(finding.document).filter(|number| *number > 0),
        object: finding.object.as_ref().map(ToString::to_string),
        key: Some(finding.way.clone()).filter(|way| !way.is_empty()),
        message: finding.message(),
        source: finding.source.clone(),
        hint: Some(advice(finding, path, origin)),
        fingerprint: None,
        commit: None,
        until: None,
    }
}

fn commit(commit: &history::Commit) -> report::Commit {
    let history::Commit { id, author, date } = commit.clone();
    report::Commit { id, author, date }
}
