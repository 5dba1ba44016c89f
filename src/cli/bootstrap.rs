//! `sealstrap bootstrap`: the whole runbook.

use clap::Args;

use super::caller::{Caller, in_runtime};
use super::going::Going;
use super::rehearsal;
use super::select::Select;
use crate::error::{Error, Exit};

/// Take the cluster from empty to GitOps
///
/// Looks at everything first and shows what would be written; asks; then changes only what differs, and
/// looks again after each change. Interrupted at any point, the same command goes on where it ended. A
/// second run writes nothing.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap bootstrap --sandbox                  # rehearse in this process, nothing installed
  sealstrap bootstrap --plan                     # what would be written
  sealstrap bootstrap --yes --timeout 10m        # for CI: no question, a deadline
  sealstrap bootstrap --from store-deploy-key    # begin later in the runbook
  sealstrap bootstrap --only create-namespaces helmfile
  sealstrap bootstrap --plan --json | jq -c 'select(.event == \"taskPlanned\")'")]
pub(super) struct Bootstrap {
    #[command(flatten)]
    going: Going,
    #[command(flatten)]
    select: Select,
    /// The runbook, instead of the one of the settings
    #[arg(long, value_name = "NAME")]
    runbook: Option<String>,
    /// Rehearse with stand-ins for the cluster, Vault and the Git host, in this process
    ///
    /// Shows the plan, performs the whole runbook, shows what then exists (names, never values), and runs
    /// again to show that nothing is written. Needs no settings and touches nothing outside.
    #[arg(long)]
    sandbox: bool,
}

impl Bootstrap {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let Self { going, select, runbook, sandbox } = self;
        if sandbox {
            return in_runtime(rehearsal::perform(caller, &going, &select, runbook));
        }
        let (settings, tasks) = caller.runbook(runbook.as_deref())?;
        let tasks = select.of(tasks)?;
        let name = settings.runbook.clone();
        in_runtime(going.perform(caller, &name, &tasks, settings))
    }
}
