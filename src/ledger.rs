//! What was sealed on this machine: proof that a sealed value still holds the same plaintext, so that its ciphertext
//! can stay. Kept outside of repositories, since it tells whether two values are the same.
//!
//! A line is three digests of 16 bytes in hexadecimal digits: SHA-256 of the sealed value; an HMAC-SHA-256 over
//! recipient, label, key and plaintext; one over recipient, label and the first digest. The key of the HMACs is random
//! and lies beside it, readable by its owner only: without it nothing can be guessed, and with it only what its owner
//! could read anyway. Lines are only ever added, in one write, so runs at the same time do not disturb each other.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use hmac::{Hmac, Mac};
use rand_core::RngCore;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::file::{self, Audience};
use crate::plain::Plain;

/// A digest, cut.
type Short = [u8; 16];
/// Bytes of a line: three digests, two blanks, a line end.
const LINE: u64 = 99;
/// From so many bytes on the older half goes: a value that is not found is sealed anew, no more.
const LONGEST: u64 = LINE * 200_000;

/// A sealed value and what it is bound to.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The fingerprint of the recipient's key.
    pub recipient: &'a str,
    /// The label.
    pub label: &'a str,
    /// The item's key.
    pub key: &'a str,
    /// The sealed value in base64.
    pub sealed: &'a str,
}

/// The ledger of this machine. It is read when it is first asked; where there is no place for it, it knows nothing.
#[derive(Debug)]
pub struct Ledger {
    folder: Option<PathBuf>,
    known: OnceLock<Known>,
    key: OnceLock<Option<Zeroizing<[u8; 32]>>>,
    new: Mutex<String>,
}

#[derive(Debug, Default)]
struct Known(HashMap<Short, (Short, Short)>);

impl Ledger {
    /// The ledger in a folder; without one it knows nothing and keeps nothing.
    #[must_use]
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, known: OnceLock::new(), key: OnceLock::new(), new: Mutex::default() }
    }

    /// Whether this value is known to be what is sealed there.
    #[must_use]
    pub fn holds(&self, place: &Place<'_>, value: &Plain) -> bool {
        let Some((of_value, _)) = self.known().0.get(&short(&Sha256::digest(place.sealed))) else {
            return false;
        };
        self.key().is_some_and(|key| of_plain(key, place, value) == *of_value)
    }

    /// Whether it is known to be sealed for this recipient under this label, whatever it holds.
    #[must_use]
    pub fn is_for(&self, place: &Place<'_>) -> bool {
        let digest = short(&Sha256::digest(place.sealed));
        let Some((_, of_sealed)) = self.known().0.get(&digest) else { return false };
        self.key().is_some_and(|key| of_recipient(key, place, &digest) == *of_sealed)
    }

    /// Notes what was sealed, with its value where that is known; kept by [`Ledger::save`].
    pub fn note(&self, place: &Place<'_>, value: Option<&Plain>) {
        let Some(key) = self.key() else { return };
        // No value has the digest of an unknown one.
        let of_value = value.map(|value| of_plain(key, place, value)).unwrap_or_default();
        let digest = short(&Sha256::digest(place.sealed));
        let digests = [digest, of_value, of_recipient(key, place, &digest)];
        let [a, b, c] = digests.map(|digest| base16ct::lower::encode_string(&digest));
        let mut new = self.new.lock().unwrap_or_else(PoisonError::into_inner);
        for part in [&a, " ", &b, " ", &c, "\n"] {
            new.push_str(part);
        }
    }

    /// Keeps what was noted.
    ///
    /// # Errors
    /// The system's word. What was sealed is none the worse for it.
    pub fn save(&self) -> io::Result<()> {
        let lines = std::mem::take(&mut *self.new.lock().unwrap_or_else(PoisonError::into_inner));
        let Some(file) = self.file().filter(|_| !lines.is_empty()) else { return Ok(()) };
        let mut opened = OpenOptions::new().append(true).create(true).mode(0o600).open(&file)?;
        opened.write_all(lines.as_bytes())?;
        if opened.metadata()?.len() > LONGEST { shorten(&file) } else { Ok(()) }
    }

    fn file(&self) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.join("ledger"))
    }

    fn known(&self) -> &Known {
        self.known.get_or_init(|| {
            let read = self.file().and_then(|file| std::fs::read(file).ok());
            Known(read.unwrap_or_default().split(|byte| *byte == b'\n').filter_map(line).collect())
        })
    }

    fn key(&self) -> Option<&[u8; 32]> {
        let key = self.key.get_or_init(|| {
            let folder = self.folder.as_ref()?;
            let key = key_in(folder);
            let told = |error: &io::Error| tracing::debug!("no ledger in {}: {error}", folder.display());
            key.inspect_err(told).ok()
        });
        key.as_deref()
    }
}

/// The key in a folder, made where there is none. Of two runs that make one, the first has it.
fn key_in(folder: &Path) -> io::Result<Zeroizing<[u8; 32]>> {
    let file = folder.join("ledger.key");
    let mut key = Zeroizing::new([0; 32]);
    let read = |key: &mut [u8; 32]| std::fs::File::open(&file)?.read_exact(key);
    match read(&mut key) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        other => return other.map(|()| key),
    }
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    rand_core::OsRng.try_fill_bytes(&mut *key).map_err(io::Error::other)?;
    match file::create(&file, &*key, Audience::Owner) {
        Err(error) if matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::ResourceBusy) => {
            read(&mut key)?;
            Ok(key)
        }
        other => other.map(|()| key),
    }
}

fn line(line: &[u8]) -> Option<(Short, (Short, Short))> {
    let digest = |at: usize| {
        let mut digest = Short::default();
        base16ct::lower::decode(line.get(at..at + 32)?, &mut digest).ok()?;
        Some(digest)
    };
    (line.len() == 98).then(|| Some((digest(0)?, (digest(33)?, digest(66)?))))?
}

/// Keeps the newer half.
fn shorten(file: &Path) -> io::Result<()> {
    let all = std::fs::read(file)?;
    let half = all.len() / 2;
    let from = all[half..].iter().position(|byte| *byte == b'\n').map_or(half, |at| half + at + 1);
    file::write(file, &all[from..], Audience::Owner)
}

/// Parts with their lengths, so that no two lists of parts are the same bytes.
fn parts(kind: &str, parts: &[&str]) -> Vec<u8> {
    let mut bytes = kind.as_bytes().to_vec();
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

fn of_plain(key: &[u8; 32], place: &Place<'_>, value: &Plain) -> Short {
    short(&value.mac(key, &parts("value", &[place.recipient, place.label, place.key])))
}

fn of_recipient(key: &[u8; 32], place: &Place<'_>, sealed: &Short) -> Short {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key)
        .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
    mac.update(&parts("recipient", &[place.recipient, place.label]));
    mac.update(sealed);
    short(&mac.finalize().into_bytes())
}

fn short(digest: &[u8]) -> Short {
    let mut short = Short::default();
    short.copy_from_slice(&digest[..16]);
    short
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    const PLACE: Place<'_> = Place { recipient: "SHA256:a", label: "b/c", key: "k", sealed: "AgA=" };

    fn value(text: &str) -> Plain {
        Plain::from(text.to_owned())
    }

    fn ledger(folder: &Path) -> Ledger {
        Ledger::new(Some(folder.join("state/sealstrap")))
    }

    #[test]
    fn what_was_noted_is_known_to_the_next_run_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let first = ledger(folder.path());
        first.note(&PLACE, Some(&value("s3cret")));
        first.save().unwrap();
        let next = ledger(folder.path());
        assert!(next.holds(&PLACE, &value("s3cret")) && next.is_for(&PLACE));
        assert!(!next.holds(&PLACE, &value("other")));
        for other in [
            Place { recipient: "SHA256:b", ..PLACE },
            Place { label: "b/d", ..PLACE },
            Place { sealed: "AgB=", ..PLACE },
        ] {
            assert!(!next.holds(&other, &value("s3cret")) && !next.is_for(&other), "{other:?}");
        }
        assert!(!next.holds(&Place { key: "l", ..PLACE }, &value("s3cret")));
    }

    #[test]
    fn key_and_ledger_are_their_owners_and_hold_no_value() {
        let folder = tempfile::tempdir().unwrap();
        let first = ledger(folder.path());
        first.note(&PLACE, Some(&value("s3cret")));
        first.save().unwrap();
        for name in ["ledger", "ledger.key"] {
            let file = folder.path().join("state/sealstrap").join(name);
            assert_eq!(std::fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
            assert!(!String::from_utf8_lossy(&std::fs::read(file).unwrap()).contains("s3cret"));
        }
    }

    #[test]
    fn half_a_line_of_a_killed_run_spoils_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let first = ledger(folder.path());
        first.note(&PLACE, Some(&value("a")));
        first.save().unwrap();
        let file = folder.path().join("state/sealstrap/ledger");
        let whole = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, format!("{}\n{whole}", &whole[..50])).unwrap();
        assert!(ledger(folder.path()).holds(&PLACE, &value("a")));
    }

    #[test]
    fn the_older_half_goes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ledger");
        std::fs::write(&file, "1\n2\n3\n4\n").unwrap();
        shorten(&file).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "4\n");
    }

    #[test]
    fn without_a_folder_it_knows_nothing_and_says_nothing() {
        let ledger = Ledger::new(None);
        ledger.note(&PLACE, Some(&value("a")));
        ledger.save().unwrap();
        assert!(!ledger.holds(&PLACE, &value("a")));
    }
}
