//! `sealstrap rename`: another key for an item in a file of SealedSecrets.

use clap::Args;

use super::caller::Caller;
use super::sealing::one_file::Which;
use super::set::check;
use crate::error::{Error, Exit};

/// Give an item of a SealedSecret another key
///
/// Its sealed value stays as it is, since values are bound to namespace and name of the Secret, not to their keys. No
/// certificate is needed. Every other byte of the file stays.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap rename db-sealed.yaml pass password")]
pub(super) struct Rename {
    #[command(flatten)]
    which: Which,
    /// The key that it has
    #[arg(value_name = "OLD")]
    old: String,
    /// The key that it is to have
    #[arg(value_name = "NEW")]
    new: String,
}

impl Rename {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let mut file = self.which.open()?;
        file.check_key(&self.old)?;
        check(&self.new)?;
        file.file.rename_item(file.entry, &self.old, &self.new)?;
        if file.now().sealed.templates().any(|template| template.contains(&self.old)) {
            caller.warn(&format!("a template of the SealedSecret names `{}`: change it too", self.old));
        }
        file.write(caller, "", 0)
    }
}
