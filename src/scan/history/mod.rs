//! Histories: every content of every file once, whichever commits hold it, merges included.
//!
//! `git log --raw -m` names the contents, `git cat-file` writes them, and each line that was not seen before is looked at
//! once: versions of a file share most of theirs. Contents with a line that may be part of a leak are then scanned as
//! files are. Git runs beside; no more than a few contents are kept, so memory grows with the number of different lines
//! only.

mod clean;
mod contents;
mod doubt;
mod generated;
mod lines;
mod log;
mod scanning;
mod suspect;
#[cfg(test)]
mod tests;
mod timeline;

use std::collections::HashSet;
use std::path::Path;
use std::thread;

use super::git::{Error, Running};
use super::reading::Reading;
use super::{Policy, gitleaks};
use clean::Clean;
use contents::Contents;
use log::Log;
use suspect::Suspects;

pub use timeline::{Commit, Past};

/// Which commits are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Range {
    /// Those of all branches, tags and other references.
    All,
    /// Those that `git log` takes these words for: `main..feature`, `HEAD --not --remotes`.
    Revisions(Vec<String>),
}

/// What came of a history.
#[derive(Debug, Default)]
pub struct History {
    /// What was found, newest first: each secret once.
    pub found: Vec<Past>,
    /// How much was looked at.
    pub seen: Seen,
    /// Why what the repository itself says about findings could not be asked of one of the contents.
    pub failed: Option<gitleaks::Error>,
}

/// How much was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// Commits.
    pub commits: usize,
    /// Different contents of files.
    pub contents: usize,
    /// Bytes in them.
    pub bytes: u64,
    /// Different lines in them.
    pub lines: usize,
    /// Other contents, which were scanned before and hold nothing.
    pub before: usize,
    /// Contents that are no text.
    pub binary: usize,
    /// Contents that the repository does not have: it is a partial clone, or damaged.
    pub missing: usize,
    /// Findings that comments allow.
    pub allowed: usize,
    /// Whether the repository begins in the middle of its history.
    pub shallow: bool,
}

/// Scans the history of the repository of a folder.
///
/// # Errors
/// The folder is in no repository, a revision is not known, or Git refuses.
pub fn scan_history(policy: &Policy, folder: &Path, range: &Range) -> Result<History, Error> {
    let shallow = Running::start(folder, &["rev-parse", "--is-shallow-repository"])?;
    // Rules of the repository's own may change with each commit.
    let clean = if policy.has_rules() { Clean::default() } else { Clean::open(folder) };
    let shallow = shallow.end()?.trim_ascii() == b"true";
    let mut contents = Contents::open(folder)?;
    let asks = contents.asks();
    let (log, suspects) = thread::scope(|scope| {
        // The contents are read while the log is still being written: neither waits for the other.
        let log = scope.spawn(|| Log::read(folder, range, &clean, asks));
        let mut suspects = Suspects::new(policy.has_rules());
        let read = contents.each(|id, bytes| suspects.look(id, bytes));
        let log = log.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        read.and(log).map(|log| (log, suspects))
    })?;
    let (asked, before) = log.contents();
    let mut seen = Seen { commits: log.commits(), shallow, before, ..suspects.seen() };
    if seen.contents + seen.missing != asked {
        return Err(Error::Nonsense { what: "cat-file" });
    }
    // A content may have been in several files, and what holds for one of them need not hold for another.
    let everywhere = policy.everywhere();
    let mut scanned = scanning::of(&everywhere, folder, &log, suspects.found())?;
    generated::scan_generated(&everywhere, folder, range, &log, &mut scanned)?;
    seen.allowed = scanned.iter().map(|(_, scanned)| scanned.allowed).sum();
    let failed = scanned.iter().find_map(|(_, scanned)| scanned.failed.clone());
    let told: HashSet<u32> = scanned.iter().flat_map(|(numbers, _)| numbers.iter().copied()).collect();
    let (mut found, allowed) = thread::scope(|scope| {
        scope.spawn(|| keep(clean, &log, &suspects, &told));
        timeline::of(policy, folder, &log, range, scanned)
    })?;
    seen.allowed += allowed;
    let all = found.len();
    found.retain(|past| !policy.knows(&past.first.id, &past.path, &past.finding));
    seen.allowed += all - found.len();
    Ok(History { found, seen, failed })
}

/// Keeps which contents hold nothing: all but those that are told. Where that fails they are read again.
fn keep(clean: Clean, log: &Log, suspects: &Suspects, told: &HashSet<u32>) {
    let is_clean =
        |(number, name, _): &(u32, &[u8], Reading)| !told.contains(number) && !suspects.misses(name);
    drop(clean.keep(log.asked().filter(is_clean).map(|(_, name, reading)| (name, reading))));
}
