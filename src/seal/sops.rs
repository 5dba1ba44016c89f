//! What SOPS has encrypted: it is no value, and is never sealed or written anywhere as one.

use super::{Error, Secret};
use crate::plain::Plain;
use crate::yaml::Document;

/// How a value begins that SOPS has encrypted.
const BEGINNING: &[u8] = b"ENC[AES256_GCM,";

/// Refuses an object to which SOPS has added its part.
pub(super) fn refuse(document: &Document, what: &str) -> Result<(), Error> {
    if document.value.get("sops").is_none() {
        return Ok(());
    }
    let hint = "decrypt it first: `sops decrypt FILE | sealstrap seal -`";
    let complaint = format!("this {what} is encrypted by SOPS");
    Err(Error::document(&document.place(&["kind".into()]), complaint, Some(hint)))
}

impl Secret {
    /// The keys whose values SOPS has encrypted.
    pub fn encrypted_by_sops(&self) -> impl Iterator<Item = &str> {
        self.items.iter().filter(|(_, value)| is_encrypted(value)).map(|(key, _)| key.as_str())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "sink: a look at the beginning of a value, of which nothing is kept"
)]
fn is_encrypted(value: &Plain) -> bool {
    value.expose().starts_with(BEGINNING)
}
