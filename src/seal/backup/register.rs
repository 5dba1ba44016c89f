//! The register beside a backup: which keys are in it, by their public certificates.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::plain::Plain;
use crate::seal::{Certificate, Error};

/// What stands before the digest of the backup.
const DIGEST: &str = "# backup-sha256: ";

/// The public certificates of the keys in a backup. It says by a digest which backup it is of.
#[derive(Debug)]
pub struct Register {
    digest: String,
    /// The certificates.
    pub certificates: Vec<Certificate>,
}

impl Register {
    /// The text of a register: for the backup `name`, whose bytes are `backup`, with the certificates in PEM of its keys
    /// by the names of their Secrets.
    ///
    /// # Errors
    /// A certificate that is none.
    #[expect(
        clippy::disallowed_methods,
        reason = "sink: certificates are public; they stand beside the private keys"
    )]
    pub fn write<'k>(
        name: &str,
        backup: &[u8],
        keys: impl Iterator<Item = (&'k str, &'k Plain)>,
    ) -> Result<String, Error> {
        let mut text = format!(
            "# Certificates of the sealing keys in `{name}`: nothing here is secret.\n{DIGEST}{}\n",
            digest(backup)
        );
        for (name, pem) in keys {
            let pem = String::from_utf8_lossy(pem.expose());
            let certificate = Certificate::from_pem(pem.as_bytes())?;
            let from = certificate.not_before.map(|from| from.to_string()).unwrap_or_default();
            // Writing to a text does not fail.
            let _ = write!(text, "\n# {name}, from {from}\n{}", certificates_of(&pem));
        }
        Ok(text)
    }

    /// Reads a register.
    ///
    /// # Errors
    /// A text without certificates or with a broken one.
    pub fn read(text: &str) -> Result<Self, Error> {
        let digest = text.lines().find_map(|line| line.strip_prefix(DIGEST)).unwrap_or_default();
        Ok(Self { digest: digest.trim().to_owned(), certificates: Certificate::chain(text.as_bytes())? })
    }

    /// Whether it is that of a backup, and not of an older or newer one.
    #[must_use]
    pub fn is_of(&self, backup: &[u8]) -> bool {
        self.digest == digest(backup)
    }

    /// Whether the key of a certificate is in the backup.
    #[must_use]
    pub fn holds(&self, certificate: &Certificate) -> bool {
        let wanted = certificate.recipient.fingerprint();
        self.certificates.iter().any(|held| held.recipient.fingerprint() == wanted)
    }
}

/// The certificates of a PEM text and nothing else that stands there: a key could be among it.
fn certificates_of(pem: &str) -> String {
    let (begin, end) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");
    let bodies = pem.split(begin).skip(1).filter_map(|rest| rest.split_once(end));
    bodies.flat_map(|(body, _)| [begin, body, end, "\n"]).collect()
}

fn digest(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(&Sha256::digest(bytes))
}
