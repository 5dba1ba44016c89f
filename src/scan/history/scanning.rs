//! Contents that may hold a leak, scanned on all cores, each as a file that it was.

use std::collections::HashMap;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ChildStdin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{slice, thread};

use super::contents::Contents;
use super::log::Log;
use super::suspect::Suspect;
use crate::scan::git::Error;
use crate::scan::scanner::{scan, scan_meanings};
use crate::scan::{Policy, Scanned};

/// Contents that hold the same leaks, newest first, with the one that is to be scanned.
type Group<'s> = (&'s Suspect, Vec<u32>);

/// Scans contents. Of those that hold the same leaks one is scanned; the others have what came of it. They come newest
/// first.
pub(super) fn of(
    policy: &Policy,
    folder: &Path,
    log: &Log,
    suspects: &[Suspect],
) -> Result<Vec<(Vec<u32>, Scanned)>, Error> {
    let groups = grouped(log, suspects);
    let (kept, others): (Vec<Group>, Vec<Group>) =
        groups.into_iter().partition(|(suspect, _)| suspect.content.is_some());
    let (kept_left, stream) = (AtomicUsize::new(0), Mutex::new(Stream::open(folder, &others)?));
    let all = Mutex::new(Vec::new());
    let scan = |(suspect, numbers): &Group, bytes: &[u8]| {
        let path = policy.root().join(log.path_of(numbers[0]));
        let scan = if suspect.credential { scan } else { scan_meanings };
        let scanned = scan(policy, &path.to_string_lossy(), bytes);
        if !scanned.is_empty() {
            locked(&all).push((numbers.clone(), scanned));
        }
    };
    let work = || -> Result<(), Error> {
        while let Some(group) = kept.get(kept_left.fetch_add(1, Ordering::Relaxed)) {
            scan(group, group.0.content.as_deref().unwrap_or_default());
        }
        let mut bytes = Vec::new();
        let next = |bytes: &mut Vec<u8>| locked(&stream).next(bytes);
        while let Some(group) = next(&mut bytes)? {
            scan(group, &bytes);
        }
        Ok(())
    };
    let asks = locked(&stream).asks();
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    thread::scope(|scope| {
        // Where the answers are not read to their end, neither are the questions, and that is told there.
        scope.spawn(|| asks.map(|asks| ask(asks, &others)));
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })?;
    let mut all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    all.sort_by_key(|(numbers, _): &(Vec<u32>, _)| log.newest(numbers[0]));
    Ok(all)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Asks for the content of each group.
fn ask(asks: ChildStdin, groups: &[Group]) -> io::Result<()> {
    let mut asks = BufWriter::new(asks);
    groups.iter().try_for_each(|(suspect, _)| writeln!(asks, "{}", suspect.id))?;
    asks.flush()
}

/// The contents as they are written, in the order in which they are asked for: all workers read them by turns.
struct Stream<'g> {
    groups: slice::Iter<'g, Group<'g>>,
    /// None where all was read, or where reading failed.
    contents: Option<Contents>,
}

impl<'g> Stream<'g> {
    /// Starts Git, where there is something to ask for.
    fn open(folder: &Path, groups: &'g [Group<'g>]) -> Result<Self, Error> {
        let contents = if groups.is_empty() { None } else { Some(Contents::open(folder)?) };
        Ok(Self { groups: groups.iter(), contents })
    }

    /// Where to ask.
    fn asks(&mut self) -> Option<ChildStdin> {
        self.contents.as_mut()?.asks()
    }

    /// Reads the content of the next group that has one.
    fn next(&mut self, bytes: &mut Vec<u8>) -> Result<Option<&'g Group<'g>>, Error> {
        // While it is read it is taken out: after a failure Git has nobody to write to, and ends.
        while let Some(mut contents) = self.contents.take() {
            match (contents.next(bytes)?, self.groups.next()) {
                (None, None) => contents.end()?,
                (Some(is_told), Some(group)) => {
                    self.contents = Some(contents);
                    if is_told {
                        return Ok(Some(group));
                    }
                }
                _ => return Err(Error::Nonsense { what: "cat-file" }),
            }
        }
        Ok(None)
    }
}

/// Groups contents by the leaks that they hold.
fn grouped<'s>(log: &Log, suspects: &'s [Suspect]) -> Vec<Group<'s>> {
    let mut groups: Vec<Group> = Vec::new();
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
