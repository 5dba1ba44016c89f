//! Files that are written together: all of them beside the old ones first, flushed at once, then put in their places.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::num::NonZero;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::TempPath;

use super::{Audience, make, resolved};

/// From so many files on, whole file systems are flushed and not each file: one flush of the disk, not thousands.
const MANY: usize = 8;

/// What must still stand in the place of a file that is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Whatever it is.
    Anything,
    /// Nothing.
    Nothing,
    /// What was read before, known by its SHA-256.
    Read([u8; 32]),
}

impl Expected {
    /// What was read.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        Self::Read(Sha256::digest(bytes).into())
    }

    /// # Errors
    /// Something else stands there by now.
    fn check(self, target: &Path) -> io::Result<()> {
        let changed =
            || io::Error::new(io::ErrorKind::ResourceBusy, "somebody else changed the file meanwhile");
        let is_so = match self {
            Self::Anything => true,
            Self::Nothing => std::fs::symlink_metadata(target).is_err(),
            Self::Read(digest) => <[u8; 32]>::from(Sha256::digest(std::fs::read(target)?)) == digest,
        };
        if is_so { Ok(()) } else { Err(changed()) }
    }
}

/// A file that lies written beside the one it is to become. Dropping it takes it away.
#[derive(Debug)]
pub struct Staged {
    target: PathBuf,
    expected: Expected,
    what: What,
}

#[derive(Debug)]
enum What {
    Beside(TempPath),
    /// A pipe or a device takes the bytes as they are.
    Bytes(Vec<u8>),
}

/// Writes a file beside the one it is to become. See [`super::write`] for links, modes and devices.
///
/// # Errors
/// The system's word; nothing is left then.
pub fn stage(path: &Path, bytes: &[u8], audience: Audience, expected: Expected) -> io::Result<Staged> {
    let old = match std::fs::metadata(path) {
        // What `/dev/stdout` leads to may have no name of its own.
        Ok(old) if !old.is_file() => {
            let target = path.to_owned();
            return Ok(Staged { target, expected: Expected::Anything, what: What::Bytes(bytes.to_vec()) });
        }
        Ok(old) => Some(old),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let target = resolved(path)?;
    if old.as_ref().is_some_and(|old| old.permissions().readonly()) {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let mut beside = make(folder(&target), &target, audience)?;
    beside.write_all(bytes)?;
    if let Some(old) = &old {
        let new = beside.as_file().metadata()?;
        // Only root may give files away; for anybody else the new file is their own.
        if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
            drop(std::os::unix::fs::chown(beside.path(), Some(old.uid()), Some(old.gid())));
        }
        // After the owner: a change of that may take bits of the mode away.
        if new.mode() != old.mode() {
            beside.as_file().set_permissions(PermissionsExt::from_mode(old.mode()))?;
        }
    }
    // Thousands of open files are more than a process may have.
    Ok(Staged { target, expected, what: What::Beside(beside.into_temp_path()) })
}

/// Puts files in their places, after all of them have reached the disk. Each is the old or the new one at any moment;
/// where one fails, each of the others is new or old.
///
/// # Errors
/// The file, and the system's word; [`io::ErrorKind::ResourceBusy`] where somebody else changed one meanwhile. Those
/// are all looked at before the first is put in its place.
pub fn commit(all: Vec<Staged>) -> Result<(), (PathBuf, io::Error)> {
    flush(&all)?;
    side_by_side(all.iter().collect(), |staged: &Staged| {
        staged.expected.check(&staged.target).map_err(|error| (staged.target.clone(), error))
    })?;
    let folders: BTreeSet<PathBuf> = all.iter().map(|staged| folder(&staged.target).to_owned()).collect();
    side_by_side(all, |staged| {
        let target = staged.target.clone();
        staged.put().map_err(|error| (target, error))
    })?;
    // A name is as durable as its folder.
    for folder in folders {
        flush_folder(&folder).map_err(|error| (folder, error))?;
    }
    Ok(())
}

/// Flushes the names in a folder. Some file systems cannot do that, and a folder that can be written to need not be
/// readable: what is in its place stays there all the same.
fn flush_folder(folder: &Path) -> io::Result<()> {
    use io::ErrorKind as E;
    match File::open(folder).and_then(|opened| opened.sync_all()) {
        Err(error) if matches!(error.kind(), E::InvalidInput | E::Unsupported | E::PermissionDenied) => {
            Ok(())
        }
        flushed => flushed,
    }
}

/// Does the same with each of many, on all cores; the first failure of the earliest part. The others go on to their end
/// or their own failure.
fn side_by_side<T: Send, E: Send>(
    mut all: Vec<T>,
    work: impl Fn(T) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let cores =
        if all.len() < MANY { 1 } else { std::thread::available_parallelism().map_or(1, NonZero::get) };
    let part = all.len().div_ceil(cores).max(1);
    let mut parts = Vec::new();
    while all.len() > part {
        let rest = all.split_off(part);
        parts.push(std::mem::replace(&mut all, rest));
    }
    std::thread::scope(|scope| {
        let work = &work;
        let others: Vec<_> =
            parts.into_iter().map(|part| scope.spawn(move || part.into_iter().try_for_each(work))).collect();
        let last = all.into_iter().try_for_each(work);
        let done = others
            .into_iter()
            .map(|other| other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        done.chain([last]).collect()
    })
}

impl Staged {
    fn put(self) -> io::Result<()> {
        match self.what {
            What::Bytes(bytes) => OpenOptions::new().write(true).open(&self.target)?.write_all(&bytes),
            // Between looking and putting is no moment: a hard link fails where something stands.
            What::Beside(beside) if self.expected == Expected::Nothing => {
                beside.persist_noclobber(&self.target).map_err(|error| error.error)
            }
            What::Beside(beside) => beside.persist(&self.target).map_err(|error| error.error),
        }
    }

    fn beside(&self) -> Option<&Path> {
        match &self.what {
            What::Beside(beside) => Some(beside),
            What::Bytes(_) => None,
        }
    }
}

fn flush(all: &[Staged]) -> Result<(), (PathBuf, io::Error)> {
    let mut flushed = BTreeSet::new();
    for staged in all {
        let Some(beside) = staged.beside() else { continue };
        let mut flush = || {
            let file = File::open(beside)?;
            if all.len() < MANY || !cfg!(target_os = "linux") {
                return file.sync_all();
            }
            if flushed.insert(file.metadata()?.dev()) { whole_system(&file) } else { Ok(()) }
        };
        flush().map_err(|error| (staged.target.clone(), error))?;
    }
    Ok(())
}

#[cfg(target_os = "linux")]
fn whole_system(file: &File) -> io::Result<()> {
    Ok(rustix::fs::syncfs(file)?)
}

#[cfg(not(target_os = "linux"))]
fn whole_system(file: &File) -> io::Result<()> {
    file.sync_all()
}

pub(super) fn folder(target: &Path) -> &Path {
    target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn staged(folder: &Path, name: &str, text: &str, expected: Expected) -> Staged {
        stage(&folder.join(name), text.as_bytes(), Audience::Anybody, expected).unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap().flatten();
        let mut names: Vec<_> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn nothing_is_in_its_place_before_the_commit_and_all_of_it_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let all: Vec<_> = (0..2 * MANY)
            .map(|n| staged(folder.path(), &format!("f{n}"), &n.to_string(), Expected::Nothing))
            .collect();
        assert!(names(folder.path()).iter().all(|name| name.starts_with('.')));
        commit(all).unwrap();
        assert_eq!(names(folder.path()).len(), 2 * MANY);
        assert_eq!(std::fs::read(folder.path().join("f9")).unwrap(), b"9");
    }

    #[test]
    fn what_is_dropped_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        drop(staged(folder.path(), "a", "new", Expected::Anything));
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn where_one_file_was_changed_meanwhile_none_is_put() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("b"), "old").unwrap();
        let all = vec![
            staged(folder.path(), "a", "new", Expected::Nothing),
            staged(folder.path(), "b", "new", Expected::read(b"old")),
        ];
        std::fs::write(folder.path().join("b"), "theirs").unwrap();
        let (file, error) = commit(all).unwrap_err();
        assert_eq!((file, error.kind()), (folder.path().join("b"), io::ErrorKind::ResourceBusy));
        assert_eq!(names(folder.path()), ["b"]);
    }

    #[test]
    fn a_file_that_came_up_meanwhile_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let new = staged(folder.path(), "a", "new", Expected::Nothing);
        std::fs::write(folder.path().join("a"), "theirs").unwrap();
        assert!(commit(vec![new]).is_err());
        assert_eq!(std::fs::read(folder.path().join("a")).unwrap(), b"theirs");
    }
}
