//! `sealstrap keys`: backups of the controller's sealing keys, and their way back.

mod backup;
mod check;
mod restore;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::caller::Caller;
use crate::error::{Error, Exit};

/// Back up the controller's sealing keys, and restore them
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap keys backup --out keys.age --recipient age1…
  sealstrap keys backup --check keys.age       # is the key that the controller seals with now in it?
  sealstrap keys restore keys.age --identity ~/.age/key.txt")]
pub(super) struct Keys {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Backup(backup::Backup),
    Restore(restore::Restore),
}

impl Keys {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        match self.verb {
            Verb::Backup(verb) => verb.perform(caller),
            Verb::Restore(verb) => verb.perform(caller),
        }
    }
}

/// The file beside a backup with the certificates of its keys.
fn register_of(backup: &Path) -> PathBuf {
    let mut name = backup.as_os_str().to_owned();
    name.push(".certs.pem");
    name.into()
}
