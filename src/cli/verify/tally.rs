//! What was seen and found in all files, told as it comes.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};

use super::file::Looked;
use crate::cli::caller::Caller;
use crate::cli::tally;
use crate::error::{Error, Exit};
use crate::report::Event;
use crate::seal::verify::{Finding, Rule, Severity};

/// Where a SealedSecret was seen first, and whether it was said that it stands elsewhere too.
struct Seen {
    file: PathBuf,
    line: usize,
    told: bool,
}

/// Counts, and tells.
pub(super) struct Tally<'c> {
    found: tally::Tally<'c>,
    /// Where each SealedSecret was seen first.
    seen: HashMap<(String, String), Seen>,
    files: usize,
    unread: usize,
    sealed: usize,
    items: usize,
    pub(super) opened: usize,
}

impl<'c> Tally<'c> {
    pub(super) fn new(caller: &'c Caller) -> Self {
        let (found, seen) = (tally::Tally::new(caller), HashMap::new());
        Self { found, seen, files: 0, unread: 0, sealed: 0, items: 0, opened: 0 }
    }

    /// Takes what came of a file.
    pub(super) fn take(&mut self, file: &Path, looked: Looked) {
        let Looked { mut findings, unread, items, opened, places } = looked;
        self.files += 1;
        self.unread += usize::from(unread);
        self.sealed += places.len();
        self.items += items;
        self.opened += opened;
        for (namespace, name, line) in places {
            findings.extend(self.seen_before(file, namespace, name, line));
        }
        findings.sort_by_key(|finding| finding.line);
        for finding in findings {
            self.tell(file, finding);
        }
    }

    /// Files of several clusters may well hold the same, and it is said once; one file may not.
    fn seen_before(&mut self, file: &Path, namespace: String, name: String, line: usize) -> Option<Finding> {
        if namespace.is_empty() || name.is_empty() {
            return None;
        }
        let object = format!("{namespace}/{name}");
        let seen = match self.seen.entry((namespace, name)) {
            Entry::Occupied(seen) => seen.into_mut(),
            Entry::Vacant(free) => {
                free.insert(Seen { file: file.to_owned(), line, told: false });
                return None;
            }
        };
        let severity = if seen.file == file { Severity::Warning } else { Rule::ListedTwice.severity() };
        if std::mem::replace(&mut seen.told, true) && severity == Severity::Note {
            return None;
        }
        let message = format!("it stands in {}:{} too", seen.file.display(), seen.line);
        let hint = Some("where both go to one cluster, one overwrites the other: remove one".to_owned());
        Some(Finding { rule: Rule::ListedTwice, severity, line, object, message, hint })
    }

    /// Tells a finding.
    pub(super) fn tell(&mut self, file: &Path, finding: Finding) {
        self.found.tell(file, finding);
    }

    /// Tells what was covered; the answer is no where something is wrong, and none where nothing was looked at.
    pub(super) fn end(self, tried: bool) -> Result<Exit, Error> {
        let Self { found, files, unread, sealed, items, opened, .. } = self;
        let tally::Tally { caller, notes, warnings, errors } = found;
        caller.printer.idle();
        let opened = tried.then_some(opened);
        let sealed_secrets = sealed;
        caller.printer.event(&Event::Verified {
            files,
            unread,
            sealed_secrets,
            items,
            opened,
            errors,
            warnings,
            notes,
        });
        if found.is_bad() {
            return Ok(Exit::No);
        }
        if sealed == 0 {
            return Err(Error::Usage {
                complaint: format!(
                    "nothing was verified: there is no SealedSecret in {files} file{}",
                    if files == 1 { "" } else { "s" }
                ),
                hint: "name the files or folders that hold some; what Git ignores is passed over in folders"
                    .into(),
            });
        }
        Ok(Exit::Done)
    }
}
