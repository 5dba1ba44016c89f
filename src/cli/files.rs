//! Files and folders that were typed: which files they mean, and work on many of them side by side.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;

use ignore::WalkBuilder;

use crate::error::Error;

/// The manifests that paths mean: a file itself, whatever its name; of a folder, all that end in `.yaml`, `.yml` or
/// `.json`, without hidden ones and without those that Git ignores. In the order of the paths, and within a folder of
/// the alphabet; none twice. Each with its path below the folder that was named (its name where it was named itself),
/// and whether it was named itself.
///
/// # Errors
/// A path that is not there, a folder that cannot be read.
pub(super) fn found(paths: &[PathBuf]) -> Result<Vec<(PathBuf, PathBuf, bool)>, Error> {
    let mut all: Vec<(PathBuf, PathBuf, bool)> = Vec::new();
    for path in paths {
        let kind = std::fs::metadata(path).map_err(Error::system(format!("read {}", path.display())))?;
        if !kind.is_dir() {
            all.push((path.clone(), path.file_name().map(PathBuf::from).unwrap_or_default(), true));
            continue;
        }
        for entry in WalkBuilder::new(path).sort_by_file_path(Path::cmp).build() {
            let entry = entry.map_err(|error| unreadable(path, &error))?;
            if entry.file_type().is_some_and(|kind| kind.is_file()) && is_manifest(entry.path()) {
                let below = entry.path().strip_prefix(path).unwrap_or(entry.path()).to_owned();
                all.push((entry.into_path(), below, false));
            }
        }
    }
    let mut seen = std::collections::HashSet::new();
    all.retain(|(file, ..)| seen.insert(file.clone()));
    Ok(all)
}

fn unreadable(folder: &Path, error: &ignore::Error) -> Error {
    let source = error.io_error().map_or_else(|| std::io::Error::other(error.to_string()), copy);
    Error::system(format!("read the folder {}", folder.display()))(source)
}

fn copy(error: &std::io::Error) -> std::io::Error {
    error.raw_os_error().map_or_else(|| error.kind().into(), std::io::Error::from_raw_os_error)
}

fn is_manifest(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ["yaml", "yml", "json"].iter().any(|known| ending == *known))
}

/// Does work on each item on all cores, and hands on what came of it in the order of the items. No more results are
/// held than a few dozen per core, so memory does not grow with their number. Ends early where `take` says so.
pub(super) fn side_by_side<I: Sync, T: Send>(
    items: &[I],
    work: impl Fn(&I) -> T + Sync,
    mut take: impl FnMut(&I, T) -> std::ops::ControlFlow<()>,
) {
    let cores = thread::available_parallelism().map_or(1, NonZero::get).min(items.len().max(1));
    // Handing over costs two threads their turn: few items are handed over one by one, many by the dozen.
    let batches: Vec<&[I]> = items.chunks((items.len() / (8 * cores)).clamp(1, BATCH)).collect();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (send, receive) = sync_channel::<(usize, Vec<T>)>(2 * cores);
        for _ in 0..cores {
            let (send, next, work, batches) = (send.clone(), &next, &work, &batches);
            scope.spawn(move || {
                while let Some((index, batch)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, *batches.get(at)?)))
                {
                    if send.send((index, batch.iter().map(work).collect())).is_err() {
                        break;
                    }
                }
            });
        }
        drop(send);
        let (mut waiting, mut due) = (BTreeMap::new(), 0);
        for (index, done) in receive {
            waiting.insert(index, done);
            while let Some(done) = waiting.remove(&due) {
                for (item, done) in batches[due].iter().zip(done) {
                    // Leaving drops the receiver, and with it ends the workers.
                    if take(item, done).is_break() {
                        return;
                    }
                }
                due += 1;
            }
        }
    });
}

/// Items that are handed over at once, at most.
const BATCH: usize = 12;

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;

    #[test]
    fn results_come_in_order_and_the_work_ends_early() {
        let numbers: Vec<u32> = (0..1000).collect();
        let mut taken = Vec::new();
        side_by_side(
            &numbers,
            |n| n * 2,
            |_, double| {
                taken.push(double);
                if double == 100 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
        );
        assert_eq!(taken, (0..=50).map(|n| n * 2).collect::<Vec<_>>());
    }

    #[test]
    fn a_folder_means_its_manifests_and_a_file_itself() {
        let folder = tempfile::tempdir().unwrap();
        for file in ["b.yaml", "a/c.yml", "a/d.json", "notes.txt", ".hidden.yaml"] {
            let file = folder.path().join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, "").unwrap();
        }
        std::os::unix::fs::symlink("b.yaml", folder.path().join("link.yaml")).unwrap();
        let named = folder.path().join("notes.txt");
        let files: Vec<_> = super::found(&[named.clone(), folder.path().to_owned(), named])
            .unwrap()
            .into_iter()
            .map(|(file, ..)| file)
            .collect();
        let below: Vec<_> =
            files.iter().map(|file| file.strip_prefix(folder.path()).unwrap().to_str().unwrap()).collect();
        assert_eq!(below, ["notes.txt", "a/c.yml", "a/d.json", "b.yaml"]);
        assert!(super::found(&[folder.path().join("none")]).is_err());
    }
}
