//! Sealing in a bootstrap: the controller's certificate and keys, the sealed files of the repository, and how the
//! controller comes to have a Secret from there; shared by the steps about it and by `status`.

pub(crate) mod controller;
mod file;
pub(crate) mod hand_over;

pub(crate) use file::{Differences, SealedFile};

use std::path::Path;

use super::{Error, World};
use crate::remote::cluster::Secret;
use crate::seal::Certificate;

/// The file that a certificate is pinned in where nothing else is said.
pub(crate) const PINNED: &str = "keys/sealing.pem";

/// The certificate that is pinned in a file of the repository; nothing where there is no such file.
///
/// # Errors
/// A file that cannot be read, or holds no certificate to seal with.
pub(crate) fn pinned(world: &World, file: &Path) -> Result<Option<Certificate>, Error> {
    if file.to_string_lossy().contains("://") {
        return Err(Error::Unfit {
            what: format!("`{}` as the certificate", file.display()),
            reason: "it is an address, and nothing can be pinned there".into(),
            hint: Some(format!(
                "name a file of the repository as `sealing.certificate`, or leave it out for `{PINNED}`"
            )),
        });
    }
    match std::fs::read(world.settings.file(file)) {
        Ok(pem) => Ok(Some(Certificate::from_pem(&pem)?)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::File { file: file.to_owned(), source }),
    }
}

/// Whether the controller has taken a Secret over: then the sealed file leads, and whatever is written to the Secret
/// alone is written over sooner or later.
pub(crate) fn is_handed_over(live: &Secret, name: &str) -> bool {
    live.owner.as_deref().and_then(|owner| owner.strip_prefix("SealedSecret/")) == Some(name)
}

/// The way on where a value of a Secret that was handed over is to be changed.
pub(crate) const FILE_LEADS: &str = "its sealed file leads since the controller took it over: seal the new value into that file and commit it";
