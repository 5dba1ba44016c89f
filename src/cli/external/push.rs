//! `sealstrap external push`: the values of Secrets go to Vault.

use clap::Args;

use super::generate;
use super::input::Secrets;
use super::layout::LayoutFlags;
use super::pushing::{self, Manner};
use crate::cli::caller::Caller;
use crate::error::{Error, Exit};

/// Write the values of Secrets to Vault, where their ExternalSecrets read them
///
/// Looks first: what is there already is not written again, and other keys of a path are kept. Each write is checked
/// against the version that was read, and read back. A path that somebody else has marked is refused, and one that
/// nobody has marked is taken over only where nothing in it would change, or with `--adopt`. All paths are tried; what
/// was written and what was not is told of each.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap external push db.yaml --plan
  sealstrap external push secrets/
  sealstrap external push app.env --name app-env --namespace shop
  sops --decrypt db.sops.yaml | sealstrap external push -

Exit codes: 0 done, or nothing to do; 2 something was not written.")]
pub(super) struct Push {
    #[command(flatten)]
    secrets: Secrets,
    #[command(flatten)]
    layout: LayoutFlags,
    #[command(flatten)]
    manner: Manner,
}

impl Push {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let look = self.layout.over(&caller.external()?)?;
        let (_, pushes) = generate::made(self.secrets.read(caller)?, &look)?;
        pushing::perform(caller, &look.mount, pushes, &self.manner)?;
        Ok(Exit::Done)
    }
}
