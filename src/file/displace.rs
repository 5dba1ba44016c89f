//! A program that takes the place of another one, which goes aside.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use super::stage::folder;
use super::{Audience, make};

/// Writes a program in the place of a file, which is kept beside it under another name, as it is: a symbolic link as one.
/// At any moment the old or the new one stands in the place.
///
/// # Errors
/// The system's word; [`io::ErrorKind::AlreadyExists`] where something stands aside. The old file is in its place then.
pub fn displace(path: &Path, aside: Option<&Path>, bytes: &[u8]) -> io::Result<()> {
    let mut beside = make(folder(path), path, Audience::Runners)?;
    beside.write_all(bytes)?;
    beside.as_file().sync_all()?;
    if let Some(aside) = aside {
        second_name(path, aside)?;
    }
    beside.persist(path).map_err(|error| error.error)?;
    File::open(folder(path))?.sync_all()
}

fn second_name(path: &Path, aside: &Path) -> io::Result<()> {
    match fs::hard_link(path, aside) {
        // There are file systems without links, and files that others may not link to.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            fs::copy(path, aside).map(drop).map_err(|_| error)
        }
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, symlink};

    use super::*;

    #[test]
    fn a_link_goes_aside_and_what_it_names_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("theirs"), "old").unwrap();
        symlink("theirs", at("hook")).unwrap();
        displace(&at("hook"), Some(&at("aside")), b"new").unwrap();
        assert_eq!(fs::read(at("hook")).unwrap(), b"new");
        assert_eq!(fs::metadata(at("hook")).unwrap().mode() & 0o100, 0o100, "it can be run");
        assert_eq!(fs::read_link(at("aside")).unwrap(), Path::new("theirs"));
        assert_eq!(fs::read(at("theirs")).unwrap(), b"old");
    }

    #[test]
    fn what_stands_aside_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("hook"), "old").unwrap();
        fs::write(at("aside"), "another's").unwrap();
        let error = displace(&at("hook"), Some(&at("aside")), b"new").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(at("hook")).unwrap(), b"old");
        assert_eq!(fs::read(at("aside")).unwrap(), b"another's");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing else is left");
    }
}
