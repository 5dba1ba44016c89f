//! `sealstrap status`: whether everything is still sound.

use std::sync::Arc;

use clap::Args;

use super::caller::{Caller, in_runtime};
use super::stop;
use crate::bootstrap::status;
use crate::error::{Error, Exit};

/// Ask whether everything is still sound, end to end
///
/// Reads only. Asks every step of the runbook again, and compares what the remotes hold: that the key at the
/// Git host, in Vault and in the cluster is one key, that the CA vouches for Vault, that tokens live on.
/// Ends with 1 where something is not sound.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap status
  sealstrap status --json | jq 'select(.sound == false)'
  sealstrap status --runbook flux-vault --context home")]
pub(super) struct Status {
    /// The runbook, instead of the one of the settings
    #[arg(long, value_name = "NAME")]
    runbook: Option<String>,
}

impl Status {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let (settings, tasks) = caller.runbook(self.runbook.as_deref())?;
        let deadline = settings.timeouts.run;
        let world = caller.world(&Arc::new(settings), &tasks)?;
        caller.printer.busy();
        let look = stop::looking(status::examine(&world, &tasks), deadline);
        Ok(caller.found(in_runtime(look)?))
    }
}
