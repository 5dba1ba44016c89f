//! The private keys that a command is given: backups in files, encrypted or not, and the cluster's own.

use std::path::{Path, PathBuf};

use clap::Args;

use super::caller::{Caller, in_runtime};
use super::input::read_all;
use super::sealing::controller::{Controller, ControllerFlags};
use crate::error::Error;
use crate::plain::Plain;
use crate::seal::PrivateKeys;
use crate::seal::backup::{self, Identities};
use crate::source::Source;

/// Private keys in files.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Private keys")]
pub(super) struct Backups {
    /// A backup of the controller's keys: PEM, a Secret, a List of such, or any of these encrypted with age
    #[arg(long, value_name = "FILE")]
    private_key: Vec<PathBuf>,
    /// The private key of age that opens an encrypted backup; without one a passphrase is asked for
    #[arg(long, value_name = "FILE")]
    identity: Vec<PathBuf>,
}

impl Backups {
    /// Whether none is named.
    pub(super) fn is_empty(&self) -> bool {
        self.private_key.is_empty()
    }

    /// Reads them all.
    pub(super) fn open(&self) -> Result<PrivateKeys, Error> {
        let mut keys = PrivateKeys::new();
        let mut identities = identities(&self.identity)?;
        for file in &self.private_key {
            keys.add(file, &opened(file, &mut identities)?)?;
        }
        Ok(keys)
    }
}

/// Where private keys come from.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Private keys")]
pub(super) struct KeyFlags {
    #[command(flatten)]
    backups: Backups,
    /// Read the controller's keys from the cluster, into memory only
    #[arg(long)]
    from_cluster: bool,
}

impl KeyFlags {
    /// Whether none is named.
    pub(super) fn is_empty(&self) -> bool {
        self.backups.is_empty() && !self.from_cluster
    }

    /// Reads them all.
    pub(super) fn open(&self, caller: &Caller, controller: &ControllerFlags) -> Result<PrivateKeys, Error> {
        if self.is_empty() && !self.backups.identity.is_empty() {
            return Err(Error::Usage {
                complaint: "`--identity` opens a backup, and none is named".into(),
                hint: "name one with `--private-key FILE`".into(),
            });
        }
        let mut keys = self.backups.open()?;
        if self.from_cluster {
            let settings = caller.sealing()?;
            let read = async { Controller::connect(&settings, controller).await?.keys().await };
            for (name, mut secret) in in_runtime(read)?.0 {
                if let Some(key) = secret.data.remove("tls.key") {
                    keys.add(&PathBuf::from(format!("Secret {name}")), &key)?;
                }
            }
        }
        Ok(keys)
    }
}

/// The private keys of age in files.
pub(super) fn identities(files: &[PathBuf]) -> Result<Identities, Error> {
    let mut identities = Identities::default();
    for file in files {
        identities.add(file, &read(file)?)?;
    }
    Ok(identities)
}

/// What stands in a file, opened where it is encrypted. Asks for a passphrase where it wants one, once for all.
#[expect(
    clippy::disallowed_methods,
    reason = "sink: the reader of age, and only where the file is one of age's"
)]
pub(super) fn opened(file: &Path, identities: &mut Identities) -> Result<Plain, Error> {
    let bytes = read(file)?;
    if !backup::is_encrypted(bytes.expose()) {
        return Ok(bytes);
    }
    if backup::wants_passphrase(file, bytes.expose())? && !identities.has_passphrase() {
        identities.set_passphrase(&ask(&format!("passphrase of {}", file.display()))?);
    }
    Ok(backup::decrypt(file, bytes.expose(), identities)?)
}

/// Asks for a secret on the terminal.
pub(super) fn ask(question: &str) -> Result<Plain, Error> {
    let source = Source::Prompt(question.to_owned());
    in_runtime(async { Ok(source.read_local(Path::new("")).await?) })
}

fn read(file: &Path) -> Result<Plain, Error> {
    let failed = || format!("read {}", file.display());
    let mut open = std::fs::File::open(file).map_err(Error::system(failed()))?;
    read_all(&mut open).map_err(Error::system(failed()))
}
