//! What was seen and found in all texts, told as it comes.

use std::path::Path;

use super::advice::advice;
use crate::cli::caller::Caller;
use crate::error::Exit;
use crate::report::{self, Coverage, Event, Leak};
use crate::scan::{Finding, Looked, Severity};

/// Where a text comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Origin<'p> {
    /// Standard input.
    Stdin,
    /// A file of a tree, or one that was named.
    Tree,
    /// What is staged of a file, whose path begins at the top of the working tree.
    Staged {
        /// The folder in which the command was typed, from the top on.
        seen_from: &'p Path,
    },
}

/// Counts, and tells.
pub(super) struct Tally<'c> {
    caller: &'c Caller,
    seen: Coverage,
}

impl<'c> Tally<'c> {
    pub(super) fn new(caller: &'c Caller) -> Self {
        Self { caller, seen: Coverage::default() }
    }

    /// Takes what came of a text from somewhere.
    pub(super) fn take(&mut self, looked: &Looked, origin: &Origin) {
        let file = looked.path.display().to_string();
        let scanned = match &looked.result {
            Ok(scanned) => scanned,
            Err(why) => {
                self.seen.skipped += 1;
                return self.caller.warn(&format!("{file} was not scanned: {why}"));
            }
        };
        self.seen.bytes += looked.bytes;
        if scanned.binary {
            self.seen.binary += 1;
            return;
        }
        self.seen.files += 1;
        self.seen.documents += scanned.tally.documents;
        self.seen.values += scanned.tally.values;
        self.seen.doubts += scanned.tally.doubts;
        self.seen.allowed += scanned.allowed;
        for finding in &scanned.findings {
            match finding.severity {
                Severity::Note => self.seen.notes += 1,
                Severity::Warning => self.seen.warnings += 1,
                Severity::Error => self.seen.errors += 1,
            }
            self.caller.printer.event(&Event::Leak(leak(looked, finding, origin)));
        }
    }

    /// Tells what was covered; the answer is no where a secret is in clear.
    pub(super) fn end(self) -> Exit {
        let exit = match (self.seen.errors + self.seen.warnings, self.seen.skipped) {
            (0, 0) => Exit::Done,
            // What was not looked at may hold one.
            (0, _) => Exit::CouldNot,
            _ => Exit::No,
        };
        self.caller.printer.event(&Event::Scanned(self.seen));
        exit
    }
}

fn leak(looked: &Looked, finding: &Finding, origin: &Origin) -> Leak {
    Leak {
        rule: finding.rule.to_owned(),
        severity: match finding.severity {
            Severity::Note => report::Severity::Note,
            Severity::Warning => report::Severity::Warning,
            Severity::Error => report::Severity::Error,
        },
        file: looked.path.display().to_string(),
        line: finding.start.line,
        column: finding.start.column,
        end_line: finding.end.line,
        end_column: finding.end.column,
        document: Some(finding.document).filter(|number| *number > 0),
        object: finding.object.as_ref().map(ToString::to_string),
        key: Some(finding.way.clone()).filter(|way| !way.is_empty()),
        message: finding.message(),
        source: finding.source.clone(),
        hint: Some(advice(finding, &looked.path, origin)),
        fingerprint: None,
        commit: None,
    }
}
