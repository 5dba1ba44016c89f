//! Files that are written whole or not at all: beside the old one, flushed to the disk, then put in its place.

mod displace;
mod shred;
mod stage;

pub use displace::displace;
pub use shred::shred;
pub use stage::{Expected, Staged, commit, stage};

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// Who may read a file that did not exist before. One that did keeps its mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Whomever the umask allows.
    Anybody,
    /// Its owner only.
    Owner,
    /// Whomever the umask allows, and they may run it.
    Runners,
}

/// Writes a file. A symbolic link stays one and the file that it names is written; a pipe or device is written to.
/// After a failure, and after a kill at any moment, the file is the old or the new one.
///
/// # Errors
/// The system's word. The old file is untouched.
pub fn write(path: &Path, bytes: &[u8], audience: Audience) -> io::Result<()> {
    put(path, bytes, audience, Expected::Anything)
}

/// Writes a file over one that was read before, unless it holds something else by now.
///
/// # Errors
/// As [`write`]; and [`io::ErrorKind::ResourceBusy`] where somebody else changed it meanwhile.
pub fn replace(path: &Path, read: &[u8], bytes: &[u8]) -> io::Result<()> {
    put(path, bytes, Audience::Anybody, Expected::read(read))
}

/// Writes a file that is not there yet.
///
/// # Errors
/// As [`write`]; and [`io::ErrorKind::ResourceBusy`] or [`io::ErrorKind::AlreadyExists`] where it is there.
pub fn create(path: &Path, bytes: &[u8], audience: Audience) -> io::Result<()> {
    put(path, bytes, audience, Expected::Nothing)
}

fn put(path: &Path, bytes: &[u8], audience: Audience, expected: Expected) -> io::Result<()> {
    commit(vec![stage(path, bytes, audience, expected)?]).map_err(|(_, error)| error)
}

/// The file that a path names, through symbolic links, whether it exists or not.
fn resolved(path: &Path) -> io::Result<PathBuf> {
    /// As many as Linux follows.
    const LINKS: usize = 40;
    let mut target = path.to_owned();
    for _ in 0..LINKS {
        match std::fs::read_link(&target) {
            Ok(next) => target = target.parent().unwrap_or(Path::new("")).join(next),
            Err(_) => return Ok(target),
        }
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "too many symbolic links"))
}

fn make(folder: &Path, target: &Path, audience: Audience) -> io::Result<NamedTempFile> {
    let mode = match audience {
        Audience::Anybody => 0o666,
        Audience::Owner => 0o600,
        Audience::Runners => 0o777,
    };
    let name = target.file_name().map(|name| format!(".{}.", name.to_string_lossy())).unwrap_or_default();
    Builder::new().prefix(&name).permissions(Permissions::from_mode(mode)).tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().mode() & 0o777
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_file_keeps_its_mode_and_a_secret_one_is_its_owners() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        write(&file, b"1", Audience::Owner).unwrap();
        assert_eq!(mode(&file), 0o600);
        std::fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        write(&file, b"2", Audience::Owner).unwrap();
        assert_eq!((mode(&file), std::fs::read(&file).unwrap()), (0o640, b"2".to_vec()));
        assert_eq!(names(folder.path()), ["a"]);
    }

    #[test]
    fn a_symbolic_link_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        std::fs::write(&file, "old").unwrap();
        symlink("file", &link).unwrap();
        write(&link, b"new", Audience::Anybody).unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read(&file).unwrap(), b"new");
        symlink("loop", folder.path().join("loop")).unwrap();
        assert!(write(&folder.path().join("loop"), b"new", Audience::Anybody).is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_pipe_without_a_name_is_written_to() {
        use std::io::Read;
        use std::os::fd::AsRawFd;
        let (mut reader, writer) = std::io::pipe().unwrap();
        let path = format!("/proc/self/fd/{}", writer.as_raw_fd());
        write(Path::new(&path), b"new", Audience::Anybody).unwrap();
        drop(writer);
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        assert_eq!(text, "new");
    }

    #[test]
    fn what_changed_meanwhile_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        std::fs::write(&file, "theirs").unwrap();
        let error = replace(&file, b"old", b"new").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ResourceBusy);
        assert_eq!(std::fs::read(&file).unwrap(), b"theirs");
        assert_eq!(names(folder.path()), ["a"], "nothing is left beside it");
        replace(&file, b"theirs", b"new").unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"new");
    }

    #[test]
    fn a_read_only_file_and_a_missing_folder_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        std::fs::write(&file, "old").unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(0o444)).unwrap();
        assert_eq!(
            write(&file, b"new", Audience::Anybody).unwrap_err().kind(),
            io::ErrorKind::PermissionDenied
        );
        assert_eq!(std::fs::read(&file).unwrap(), b"old");
        let nowhere = folder.path().join("b/c");
        assert_eq!(write(&nowhere, b"new", Audience::Anybody).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
