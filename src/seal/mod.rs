//! Sealing: Secrets whose values only one cluster can read, in the format of sealed-secrets. Usable as a library:
//! it needs neither a runtime nor a cluster, asks no clock and takes its randomness from the caller.
//!
//! | module | what it knows |
//! | --- | --- |
//! | [`envelope`] | one value: bytes to sealed bytes and back |
//! | [`Scope`], [`Label`] | what a value is bound to |
//! | [`Certificate`] | whom to seal for |
//! | [`PrivateKeys`] | who can unseal |
//! | [`Secret`] | what is sealed |
//! | [`SealedSecret`] | what comes out: read, written, unsealed, merged |
//! | [`verify`] | what can be said of a SealedSecret without keys |
//! | [`diagnose`] | with keys: whether it opens, and for what it was sealed where it does not |
//! | [`backup`] | backups of private keys, encrypted with age |
//! | [`Manifest`] | a file with Secrets, and what it becomes once they are sealed |
//! | [`SealedFile`] | a file with SealedSecrets, to change in it and keep every other byte |
//! | [`Witness`] | who knows that a value has not changed, so that its ciphertext stays |
//!
//! ```
//! use sealstrap::seal::{Certificate, Scope, SealedSecret, Secret};
//! use sealstrap::yaml;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let pem = include_bytes!("../../tests/seal/certificate.pem");
//! let certificate = Certificate::from_pem(pem)?;
//! let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {password: s3cret}\n";
//! let document = yaml::each(std::path::Path::new("db.yaml"), text)?.remove(0);
//! let secret = Secret::read(document)?;
//!
//! let sealed = SealedSecret::seal(&secret, Scope::Strict, &certificate.recipient, &mut rand_core::OsRng)?;
//! assert_eq!(sealed.keys().collect::<Vec<_>>(), ["password"]);
//! assert!(!sealed.to_yaml().contains("s3cret"));
//! # Ok(()) }
//! ```

pub mod backup;
mod certificate;
pub mod diagnose;
pub mod envelope;
mod error;
mod json;
mod keep;
mod manifest;
mod merge;
pub mod names;
mod pem;
mod private_keys;
mod scope;
mod sealed_file;
mod sealed_secret;
mod secret;
mod sops;
mod strict;
mod template;
#[cfg(test)]
mod tests;
pub mod verify;

pub use certificate::Certificate;
pub use envelope::Recipient;
pub use error::Error;
pub use json::Form;
pub use keep::{Claim, Witness};
pub use manifest::{Found, Manifest, Sealed};
pub use private_keys::{ACTIVE, KEY_LABEL, PrivateKey, PrivateKeys, UNLABELLED};
pub use scope::{Label, Scope};
pub use sealed_file::{Entry, SealedFile};
pub use sealed_secret::SealedSecret;
pub use secret::Secret;
pub use strict::Allow;
