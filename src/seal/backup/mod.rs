//! Backups of sealing keys: Secrets in YAML, encrypted with age (age-encryption.org/v1) and armored. Plain `age -d` opens
//! them too, and what comes out is what `kubectl apply` and `kubeseal --recovery-private-key` take.
//!
//! Beside a backup lies its [`Register`]: the public certificates of the keys in it. With it anybody can see whether the
//! controller's newest key is in the backup, without being able to open the backup.
//!
//! ```
//! use sealstrap::plain::Plain;
//! use sealstrap::seal::backup::{self, Identities, Lock};
//!
//! # fn main() -> Result<(), sealstrap::seal::Error> {
//! # let pair = age::x25519::Identity::generate();
//! # let (public, identity_file) = (pair.to_public().to_string(), pair.to_string());
//! # let identity_file = age::secrecy::ExposeSecret::expose_secret(&identity_file).to_owned();
//! let lock = Lock::Holders(backup::holders(&public)?);
//! let text = backup::encrypt(&Plain::from("kind: Secret".to_owned()), &lock)?;
//! assert!(backup::is_encrypted(text.as_bytes()));
//!
//! let mut identities = Identities::default();
//! identities.add("identity.txt".as_ref(), &Plain::from(identity_file))?;
//! let opened = backup::decrypt("keys.age".as_ref(), text.as_bytes(), &identities)?;
//! assert!(opened.same_as(&Plain::from("kind: Secret".to_owned())));
//! # Ok(()) }
//! ```

mod register;
#[cfg(test)]
mod tests;

pub use register::Register;

use std::io::{Read, Write};
use std::iter;
use std::path::Path;

use age::armor::{ArmoredReader, ArmoredWriter, Format};
use age::secrecy::SecretString;
use age::{DecryptError, Decryptor, EncryptError, Encryptor, scrypt, x25519};
use zeroize::Zeroizing;

use super::Error;
use super::json::Form;
use super::secret::Secret;
use crate::plain::Plain;

/// How an age file begins, and how one in armor does.
const BEGIN: &[u8] = b"age-encryption.org/v1";
const ARMOR: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";

/// Somebody who can open a backup: an X25519 recipient of age.
pub struct Holder(x25519::Recipient);

/// What a backup is locked with.
pub enum Lock {
    /// Any of these can open it.
    Holders(Vec<Holder>),
    /// A passphrase opens it.
    Passphrase(Plain),
}

/// What opens backups.
#[derive(Default)]
pub struct Identities {
    keys: Vec<x25519::Identity>,
    passphrase: Option<SecretString>,
}

/// The recipients of a text: one `age1…` a line; blank lines and those after `#` are passed over.
///
/// # Errors
/// A line that is none, by its number; no line at all. The line is not shown: it may be a private key.
pub fn holders(text: &str) -> Result<Vec<Holder>, Error> {
    let mut holders = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| is_entry(line)) {
        let holder = line.trim().parse().map_err(|_| Error::NoHolder { number, what: what_else(line) })?;
        holders.push(Holder(holder));
    }
    let none = Error::NoHolder { number: 1, what: "nothing" };
    if holders.is_empty() { Err(none) } else { Ok(holders) }
}

fn is_entry(line: &str) -> bool {
    !line.trim().is_empty() && !line.starts_with('#')
}

/// What a line is that is no recipient.
fn what_else(line: &str) -> &'static str {
    let line = line.trim();
    if line.starts_with("AGE-SECRET-KEY-") {
        "a private key"
    } else if line.starts_with("ssh-") {
        "an SSH key"
    } else if line.starts_with("AGE-PLUGIN-") || line.matches('1').count() > 0 && line.starts_with("age1") {
        "a misspelt recipient, or one of a plugin"
    } else {
        "something else"
    }
}

impl Identities {
    /// Adds the private keys of an identity file as `age-keygen` writes it. `file` is for messages.
    ///
    /// # Errors
    /// A line that is no private key of age; no line at all. No line is shown.
    #[expect(
        clippy::disallowed_methods,
        reason = "sink: the parser of age identities, which keeps nothing else"
    )]
    pub fn add(&mut self, file: &Path, text: &Plain) -> Result<(), Error> {
        let refuse = |reason: String, hint| Err(Error::Identity { file: file.to_owned(), reason, hint });
        if is_encrypted(text.expose()) {
            return refuse(
                "it is encrypted itself".into(),
                "decrypt it first, into memory: `--identity <(age -d FILE)`",
            );
        }
        let Some(text) = text.expose_text() else {
            return refuse("it is no text".into(), "name the file that `age-keygen` wrote");
        };
        let before = self.keys.len();
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| is_entry(line)) {
            let Ok(key) = line.trim().parse() else {
                let reason = format!("line {number} is no private key of age");
                return refuse(
                    reason,
                    "X25519 keys can be used: `AGE-SECRET-KEY-1…`, as `age-keygen` writes them",
                );
            };
            self.keys.push(key);
        }
        if self.keys.len() == before {
            return refuse("it holds no key".into(), "name the file that `age-keygen` wrote");
        }
        Ok(())
    }

    /// Sets the passphrase for backups that are locked with one.
    #[expect(clippy::disallowed_methods, reason = "sink: the key derivation of age")]
    pub fn set_passphrase(&mut self, passphrase: &Plain) {
        self.passphrase = passphrase.expose_text().map(|text| SecretString::from(text.as_str()));
    }

    /// Whether there is no private key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether there is a passphrase.
    #[must_use]
    pub fn has_passphrase(&self) -> bool {
        self.passphrase.is_some()
    }
}

/// Whether bytes are a file of age.
#[must_use]
pub fn is_encrypted(bytes: &[u8]) -> bool {
    let bytes = bytes.trim_ascii_start();
    bytes.starts_with(BEGIN) || bytes.starts_with(ARMOR)
}

/// Whether a file of age wants a passphrase.
///
/// # Errors
/// A file that is none, or a broken one.
pub fn wants_passphrase(file: &Path, bytes: &[u8]) -> Result<bool, Error> {
    Ok(open(file, bytes)?.is_scrypt())
}

/// Opens a backup. `file` is for messages.
///
/// # Errors
/// A file that is none, or a broken one; one that none of these opens; one that wants a passphrase and gets none.
pub fn decrypt(file: &Path, bytes: &[u8], identities: &Identities) -> Result<Plain, Error> {
    let decryptor = open(file, bytes)?;
    let refuse = |reason, hint| Error::Backup { file: file.to_owned(), reason, hint };
    let with_passphrase = identities.passphrase.clone().map(scrypt::Identity::new);
    let all: Vec<&dyn age::Identity> = match (&with_passphrase, decryptor.is_scrypt()) {
        (Some(identity), true) => vec![identity as _],
        (None, true) => {
            return Err(refuse("it wants a passphrase", "run the command on a terminal: it asks there"));
        }
        (_, false) if identities.keys.is_empty() => {
            return Err(refuse("it is encrypted", "name the file with the private key: `--identity FILE`"));
        }
        (_, false) => identities.keys.iter().map(|key| key as _).collect(),
    };
    let mut reader = decryptor.decrypt(all.into_iter()).map_err(|error| of_age(file, &error))?;
    // No longer than what is encrypted, so that the buffer does not move and leave copies behind.
    let mut opened = Zeroizing::new(Vec::with_capacity(bytes.len()));
    reader.read_to_end(&mut opened).map_err(|_| broken(file))?;
    Ok(Plain::new(opened.to_vec()))
}

fn open<'b>(
    file: &Path,
    bytes: &'b [u8],
) -> Result<Decryptor<ArmoredReader<std::io::BufReader<&'b [u8]>>>, Error> {
    Decryptor::new(ArmoredReader::new(bytes.trim_ascii_start())).map_err(|error| of_age(file, &error))
}

fn broken(file: &Path) -> Error {
    Error::Backup {
        file: file.to_owned(),
        reason: "it is cut or damaged",
        hint: "take another copy of it: a changed byte cannot be mended",
    }
}

fn of_age(file: &Path, error: &DecryptError) -> Error {
    let (reason, hint) = match error {
        DecryptError::NoMatchingKeys => (
            "none of the identities opens it",
            "name the one whose public key it was made for: `--identity FILE`",
        ),
        DecryptError::KeyDecryptionFailed | DecryptError::DecryptionFailed => {
            ("the passphrase is another one", "type it again")
        }
        DecryptError::ExcessiveWork { .. } => (
            "its passphrase would take too long to try on this machine",
            "open it with `age -d` on a faster one",
        ),
        DecryptError::UnknownFormat
        | DecryptError::InvalidHeader
        | DecryptError::InvalidMac
        | DecryptError::Io(_) => return broken(file),
    };
    Error::Backup { file: file.to_owned(), reason, hint }
}

/// Secrets as the text of a backup.
#[must_use]
pub fn text(secrets: &[Secret]) -> Plain {
    let texts: Vec<Zeroizing<String>> = secrets.iter().map(|secret| secret.write(Form::Yaml)).collect();
    let mut all = Vec::with_capacity(texts.iter().map(|text| text.len()).sum());
    for text in &texts {
        all.extend_from_slice(text.as_bytes());
    }
    Plain::new(all)
}

/// Encrypts a text, armored.
///
/// # Errors
/// Nobody to encrypt for.
#[expect(
    clippy::disallowed_methods,
    reason = "sink: the bytes are encrypted here; what comes out may lie anywhere"
)]
pub fn encrypt(text: &Plain, lock: &Lock) -> Result<String, Error> {
    let encryptor = match lock {
        Lock::Holders(holders) => Encryptor::with_recipients(holders.iter().map(|holder| &holder.0 as _)),
        Lock::Passphrase(passphrase) => {
            let text = passphrase.expose_text().ok_or(Error::NotEncrypted)?;
            let recipient = scrypt::Recipient::new(SecretString::from(text.as_str()));
            Encryptor::with_recipients(iter::once(&recipient as _))
        }
    };
    let encryptor = encryptor.map_err(|_: EncryptError| Error::NotEncrypted)?;
    let armored = || -> std::io::Result<Vec<u8>> {
        let armor = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor)?;
        let mut writer = encryptor.wrap_output(armor)?;
        writer.write_all(text.expose())?;
        writer.finish()?.finish()
    };
    let bytes = armored().map_err(|_| Error::NotEncrypted)?;
    String::from_utf8(bytes).map_err(|_| Error::NotEncrypted)
}
