//! What was found in files: told as it comes, and counted.

use std::fmt::Display;
use std::path::Path;

use super::caller::Caller;
use crate::report::{self, Event};
use crate::seal::verify::{Finding, Severity};

/// Counts, and tells.
pub(super) struct Tally<'c> {
    pub(super) caller: &'c Caller,
    pub(super) notes: usize,
    pub(super) warnings: usize,
    pub(super) errors: usize,
}

impl<'c> Tally<'c> {
    pub(super) fn new(caller: &'c Caller) -> Self {
        Self { caller, notes: 0, warnings: 0, errors: 0 }
    }

    /// Tells what a rule of one table or another has found.
    pub(super) fn tell<R: Display>(&mut self, file: &Path, finding: Finding<R>) {
        let Finding { rule, severity, line, object, message, hint } = finding;
        let (count, severity) = match severity {
            Severity::Note => (&mut self.notes, report::Severity::Note),
            Severity::Warning => (&mut self.warnings, report::Severity::Warning),
            Severity::Error => (&mut self.errors, report::Severity::Error),
        };
        *count += 1;
        self.caller.printer.event(&Event::Found {
            rule: rule.to_string(),
            severity,
            file: file.display().to_string(),
            line,
            object: Some(object).filter(|object| !object.is_empty()),
            message,
            hint,
        });
    }

    /// Whether something is wrong; notes are not.
    pub(super) fn is_bad(&self) -> bool {
        self.errors + self.warnings > 0
    }
}
