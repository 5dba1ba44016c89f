//! What was seen and found in all texts, told as it comes.

use super::advice::advice;
use crate::cli::caller::Caller;
use crate::error::Exit;
use crate::report::{self, Event};
use crate::scan::{Finding, Looked, Severity};

/// Counts, and tells.
pub(super) struct Tally<'c> {
    caller: &'c Caller,
    files: usize,
    bytes: u64,
    documents: usize,
    values: usize,
    doubts: usize,
    binary: usize,
    skipped: usize,
    allowed: usize,
    found: [usize; 3],
}

impl<'c> Tally<'c> {
    pub(super) fn new(caller: &'c Caller) -> Self {
        let [files, documents, values, doubts, binary, skipped, allowed] = [0; 7];
        Self { caller, files, bytes: 0, documents, values, doubts, binary, skipped, allowed, found: [0; 3] }
    }

    /// Takes what came of a text.
    pub(super) fn take(&mut self, looked: &Looked) {
        let file = looked.path.display().to_string();
        let scanned = match &looked.result {
            Ok(scanned) => scanned,
            Err(why) => {
                self.skipped += 1;
                return self.caller.warn(&format!("{file} was not scanned: {why}"));
            }
        };
        self.bytes += looked.bytes;
        if scanned.binary {
            self.binary += 1;
            return;
        }
        self.files += 1;
        self.documents += scanned.tally.documents;
        self.values += scanned.tally.values;
        self.doubts += scanned.tally.doubts;
        self.allowed += scanned.allowed;
        for finding in &scanned.findings {
            self.tell(&file, finding);
        }
    }

    fn tell(&mut self, file: &str, finding: &Finding) {
        self.found[finding.severity as usize] += 1;
        self.caller.printer.event(&Event::Leak {
            rule: finding.rule.to_owned(),
            severity: match finding.severity {
                Severity::Note => report::Severity::Note,
                Severity::Warning => report::Severity::Warning,
                Severity::Error => report::Severity::Error,
            },
            file: file.to_owned(),
            line: finding.start.line,
            column: finding.start.column,
            end_line: finding.end.line,
            end_column: finding.end.column,
            document: Some(finding.document).filter(|number| *number > 0),
            object: finding.object.as_ref().map(ToString::to_string),
            key: Some(finding.way.clone()).filter(|way| !way.is_empty()),
            message: finding.message(),
            source: finding.source.clone(),
            hint: Some(advice(finding, file)),
        });
    }

    /// Tells what was covered; the answer is no where a secret is in clear.
    pub(super) fn end(self) -> Exit {
        let [notes, warnings, errors] = self.found;
        let Self { files, bytes, documents, values, doubts, binary, skipped, allowed, .. } = self;
        self.caller.printer.event(&Event::Scanned {
            files,
            bytes,
            documents,
            values,
            doubts,
            binary,
            skipped,
            allowed,
            errors,
            warnings,
            notes,
        });
        match (errors + warnings, skipped) {
            (0, 0) => Exit::Done,
            // What was not looked at may hold one.
            (0, _) => Exit::CouldNot,
            _ => Exit::No,
        }
    }
}
