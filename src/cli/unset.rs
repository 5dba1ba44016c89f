//! `sealstrap unset`: an item out of a file of SealedSecrets.

use clap::Args;

use super::caller::Caller;
use super::sealing::one_file::Which;
use crate::error::{Error, Exit};

/// Take an item out of a file of SealedSecrets
///
/// The comments that belong to it go along; every other byte stays. The controller takes the key out of the Secret.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap unset db-sealed.yaml old-password
  sealstrap unset all.yaml token --name api --namespace shop")]
pub(super) struct Unset {
    #[command(flatten)]
    which: Which,
    /// The key of the item
    #[arg(value_name = "KEY")]
    key: String,
}

impl Unset {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let mut file = self.which.open()?;
        file.check_key(&self.key)?;
        file.file.remove_item(file.entry, &self.key)?;
        file.write(caller, "", 0)
    }
}
