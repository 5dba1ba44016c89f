//! `sealstrap doctor`: what is missing before the first run.

use std::sync::Arc;

use clap::Args;

use super::caller::{Caller, in_runtime};
use super::stop;
use crate::bootstrap::doctor;
use crate::error::{Error, Exit};

/// Tell what is missing before the first run
///
/// Reads only. Checks that the remotes are reachable, their versions, and that the logins have the rights
/// that the runbook needs. Ends with 1 where something is missing.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap doctor
  sealstrap doctor --runbook flux-vault --context home")]
pub(super) struct Doctor {
    /// The runbook, instead of the one of the settings
    #[arg(long, value_name = "NAME")]
    runbook: Option<String>,
}

impl Doctor {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let (settings, tasks) = caller.runbook(self.runbook.as_deref())?;
        let deadline = settings.timeouts.run;
        let world = caller.world(&Arc::new(settings), &tasks)?;
        let look = async { Ok(Box::pin(doctor::examine(&world, &tasks)).await) };
        caller.printer.busy();
        Ok(caller.found(in_runtime(stop::looking(look, deadline))?))
    }
}
