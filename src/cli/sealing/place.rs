//! What is public and named as a file or an address: certificates.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cli::caller::in_runtime;
use crate::error::Error;
use crate::remote::{self, web};

/// The deadline for an address, where nobody names one.
const DEADLINE: Duration = Duration::from_secs(60);

/// Why it could not be read.
#[derive(Debug)]
pub(in crate::cli) enum Unread {
    /// The system refused a file.
    File(PathBuf, io::Error),
    /// Nobody answers at the address, or answers no.
    Web(Box<remote::Error>),
    /// There is no way to ask.
    Other(Box<Error>),
}

/// Whether a text names an address, and not a file.
pub(in crate::cli) fn is_address(named: &str) -> bool {
    named.split_once(':').is_some_and(|(scheme, _)| is_scheme(scheme))
}

/// Whether a text names something that is asked for over the network.
pub(in crate::cli) fn is_remote(named: &str) -> bool {
    is_address(named) && web::file_of(named).is_none()
}

/// The bytes of a file or behind an address; files are relative to `folder`.
pub(in crate::cli) fn read(named: &str, folder: &Path) -> Result<Vec<u8>, Unread> {
    read_within(named, folder, DEADLINE)
}

/// The same, with a deadline for an address.
pub(in crate::cli) fn read_within(named: &str, folder: &Path, deadline: Duration) -> Result<Vec<u8>, Unread> {
    let file = if is_address(named) {
        web::file_of(named).transpose().map_err(|error| Unread::Web(Box::new(error)))?
    } else {
        Some(folder.join(named))
    };
    if let Some(file) = file {
        return std::fs::read(&file).map_err(|error| Unread::File(file, error));
    }
    in_runtime(async { Ok(web::read(named, deadline).await) })
        .map_err(|error| Unread::Other(Box::new(error)))?
        .map_err(|error| Unread::Web(Box::new(error)))
}

/// RFC 3986 §3.1. One letter is a drive of Windows.
fn is_scheme(text: &str) -> bool {
    text.len() > 1
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

impl From<Unread> for Error {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::File(file, error) => Self::system(format!("read {}", file.display()))(error),
            Unread::Web(error) => Self::Remote(*error),
            Unread::Other(error) => *error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_at(address: &str) -> Result<Vec<u8>, Unread> {
        read(address, Path::new("not-used"))
    }

    #[test]
    fn a_file_is_read_by_each_address_that_it_has() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a b.pem"), "here").unwrap();
        let path = format!("{}/a%20b.pem", folder.path().display());
        for prefix in ["file:", "file://", "file:///", "file://localhost", "FILE://"] {
            let address = format!("{prefix}{path}");
            assert_eq!(read_at(&address).unwrap(), b"here", "{address}");
            assert!(!is_remote(&address), "{address}");
        }
        assert!(is_remote("https://host/a") && !is_remote("a/b.pem") && !is_remote("C:/a"));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_not_a_missing_one() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("loop", folder.path().join("loop")).unwrap();
        let kind = |name: &str| match read_at(&format!("file://{}/{name}", folder.path().display())) {
            Err(Unread::File(_, error)) => error.kind(),
            other => panic!("{other:?}"),
        };
        assert_eq!(kind("none"), io::ErrorKind::NotFound);
        assert_ne!(kind("loop"), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_file_of_another_machine_is_not_looked_for_on_this_one() {
        let Err(Unread::Web(error)) = read_at("file://elsewhere/etc/hostname") else { panic!("it was read") };
        assert!(error.cause.to_string().contains("another machine"), "{}", error.cause);
    }
}
