//! Histories: every content of every file once, whichever commits hold it, merges included.
//!
//! `git log --raw -m` names the contents, `git cat-file` writes them, and each line that was not seen before is looked at
//! once: versions of a file share most of theirs. Contents with a line that may be part of a leak are then scanned as
//! files are. Git runs beside; no content is kept, so memory grows with the number of different lines only.

mod clean;
mod contents;
mod doubt;
mod generated;
mod lines;
mod log;
mod suspect;
#[cfg(test)]
mod tests;
mod timeline;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::git::{self, Error, Object, Running};
use super::reading::Reading;
use super::scanner::{scan, scan_meanings};
use super::worktree::LARGEST;
use super::{Policy, Scanned, gitleaks};
use clean::Clean;
use contents::Contents;
use log::Log;
use suspect::{Suspect, Suspects};

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
    let shallow = is_shallow(folder)?;
    // Rules of the repository's own may change with each commit.
    let clean = if policy.has_rules() { Clean::default() } else { Clean::open(folder) };
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
    let mut scanned = scan_suspects(&everywhere, folder, &log, suspects.found())?;
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

fn is_shallow(folder: &Path) -> Result<bool, Error> {
    let said = Running::start(folder, &["rev-parse", "--is-shallow-repository"])?.end()?;
    Ok(said.trim_ascii() == b"true")
}

/// Scans the contents that may hold a leak, on all cores, each as a file that it was. Of those that hold the same
/// leaks one is scanned; the others have what came of it.
fn scan_suspects(
    policy: &Policy,
    folder: &Path,
    log: &Log,
    suspects: &[Suspect],
) -> Result<Vec<(Vec<u32>, Scanned)>, Error> {
    /// Contents that are asked for at once.
    const AT_ONCE: usize = 64;
    let groups = grouped(log, suspects);
    let parts: Vec<_> = groups.chunks(AT_ONCE).collect();
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get).min(parts.len().max(1));
    let next = AtomicUsize::new(0);
    let all = Mutex::new(Vec::new());
    let work = || -> Result<(), Error> {
        let mut objects = git::Objects::open(folder)?;
        while let Some(part) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
            objects.ask(part.iter().map(|(suspect, _)| suspect.id.as_str()))?;
            for (suspect, numbers) in *part {
                let Object::Whole(bytes) = objects.next(LARGEST)? else { continue };
                let path = policy.root().join(log.path_of(numbers[0]));
                let scan = if suspect.credential { scan } else { scan_meanings };
                let scanned = scan(policy, &path.to_string_lossy(), &bytes);
                if !scanned.is_empty() {
                    all.lock().unwrap_or_else(PoisonError::into_inner).push((numbers.clone(), scanned));
                }
            }
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })?;
    let mut all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    all.sort_by_key(|(numbers, _): &(Vec<u32>, _)| log.newest(numbers[0]));
    Ok(all)
}

/// Contents that hold the same leaks, newest first, with the one that is to be scanned.
fn grouped<'s>(log: &Log, suspects: &'s [Suspect]) -> Vec<(&'s Suspect, Vec<u32>)> {
    let mut groups: Vec<(&Suspect, Vec<u32>)> = Vec::new();
    let mut known: HashMap<(u32, u64), usize> = HashMap::new();
    let mut numbered: Vec<(&Suspect, u32)> =
        suspects.iter().filter_map(|suspect| Some((suspect, log.number(&suspect.id)?))).collect();
    numbered.sort_by_key(|(_, number)| log.newest(*number));
    for (suspect, number) in numbered {
        let place = suspect.mark.map(|mark| (log.path_number(number), mark));
        if let Some(index) = place.and_then(|place| known.get(&place).copied()) {
            groups[index].1.push(number);
            continue;
        }
        known.extend(place.map(|place| (place, groups.len())));
        groups.push((suspect, vec![number]));
    }
    groups
}
