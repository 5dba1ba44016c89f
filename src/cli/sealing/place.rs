//! What is public and named as a file or an address: certificates.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cli::caller::in_runtime;
use crate::error::Error;
use crate::remote::{self, web};

/// The deadline for an address; kubeseal has none.
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

/// The file that `file:…` names.
pub(in crate::cli) fn file_of(named: &str) -> Option<&Path> {
    let (scheme, rest) = named.split_once(':')?;
    scheme.eq_ignore_ascii_case("file").then(|| Path::new(rest.trim_start_matches("//")))
}

/// The bytes of a file or behind an address; files are relative to `folder`.
pub(in crate::cli) fn read(named: &str, folder: &Path) -> Result<Vec<u8>, Unread> {
    let file = if is_address(named) { file_of(named) } else { Some(Path::new(named)) };
    if let Some(file) = file {
        let file = folder.join(file);
        return std::fs::read(&file).map_err(|error| Unread::File(file, error));
    }
    in_runtime(async { Ok(web::read(named, DEADLINE).await) })
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
