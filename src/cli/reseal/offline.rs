//! Sealing anew on this machine, with old private keys.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand_core::OsRng;

use crate::cli::sealing::memory::Memory;
use crate::cli::sealing::recipient::Target;
use crate::error::Error;
use crate::seal::{Entry, PrivateKeys, SealedFile, envelope};

/// A value that was sealed anew: the index of its SealedSecret, its key, and how it is written.
type New = (usize, String, String);

/// What it takes.
pub(super) struct Work<'w> {
    pub(super) keys: PrivateKeys,
    pub(super) target: &'w Target,
    pub(super) memory: &'w Memory,
}

impl Work<'_> {
    /// Seals all values of a file anew; gives how many were, and how many were left alone.
    pub(super) fn reseal(&self, file: &mut SealedFile) -> Result<(usize, usize), Vec<Error>> {
        let (mut new, mut kept, mut errors) = (Vec::new(), 0, Vec::new());
        for (index, entry) in file.entries().iter().enumerate() {
            match self.entry(index, entry) {
                Ok((more, same)) => {
                    new.extend(more);
                    kept += same;
                }
                Err(error) => errors.push(error),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        file.set_items(&new).map_err(|error| vec![error.into()])?;
        Ok((new.len(), kept))
    }

    fn entry(&self, index: usize, entry: &Entry) -> Result<(Vec<New>, usize), Error> {
        let (sealed, label) = (&entry.sealed, entry.sealed.label());
        let recipient = &self.target.certificate.recipient;
        let (mut new, mut kept, mut closed) = (Vec::new(), 0, Vec::new());
        for key in sealed.keys() {
            if self.is_for_target(entry, key) {
                kept += 1;
                continue;
            }
            let opened = sealed.bytes(key)?;
            let Ok(value) = envelope::unseal(&self.keys, &label, &opened, &mut OsRng) else {
                closed.push(key.to_owned());
                continue;
            };
            let text = STANDARD.encode(envelope::seal(recipient, &label, &value, &mut OsRng)?);
            self.memory.note_item(recipient, &label, key, &text, Some(&value));
            new.push((index, key.to_owned(), text));
        }
        if closed.is_empty() {
            return Ok((new, kept));
        }
        let keys = closed.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
        Err(Error::Usage {
            complaint: format!("{}: none of the private keys opens {keys}", entry.place),
            hint: "it was sealed with another key, or the SealedSecret was renamed or moved since: name the keys of all \
                   backups with `--private-key`"
                .into(),
        })
    }

    /// Whether a value is sealed for the new certificate already.
    fn is_for_target(&self, entry: &Entry, key: &str) -> bool {
        let (sealed, label) = (&entry.sealed, entry.sealed.label());
        let recipient = &self.target.certificate.recipient;
        let opens = || {
            let bytes = sealed.bytes(key).ok()?;
            envelope::unseal_with(self.keys.of(recipient)?, &label, &bytes, &mut OsRng).ok()
        };
        let text = sealed.item(key).unwrap_or_default();
        self.memory.is_for(recipient, &label, key, text) || opens().is_some()
    }
}
