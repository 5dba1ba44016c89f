//! How a run goes: the plan, the question, the changes, the stop.

use std::sync::Arc;

use clap::Args;

use super::caller::Caller;
use super::stop;
use crate::bootstrap::{self, Run, Summary, Task, World};
use crate::error::{Error, Exit};
use crate::settings::{Period, Settings};

/// How a run is to go.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Going {
    /// Show what would be written, and write nothing
    #[arg(long)]
    pub(super) plan: bool,
    /// Do not ask before the first write; off a terminal nothing is asked anyway
    #[arg(long, short)]
    pub(super) yes: bool,
    /// End the run after this time, for example `10m`; the write under way is finished
    #[arg(long, value_name = "TIME")]
    pub(super) timeout: Option<Period>,
}

/// How a run ended, where nothing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// There was nothing to change.
    Held,
    /// The plan was all that was asked for.
    Planned,
    /// The changes were not agreed to.
    Declined,
    /// The changes were made.
    Changed,
}

impl Going {
    /// Plans, asks, changes.
    pub(super) async fn perform(
        &self,
        caller: &Caller,
        name: &str,
        tasks: &[Task],
        settings: Settings,
    ) -> Result<Exit, Error> {
        let deadline = self.timeout.unwrap_or(settings.timeouts.run);
        let world = caller.world(&Arc::new(settings), tasks)?;
        let run = Run { name, tasks, world: &world };
        let ended = stop::ending(self.go(caller, &run), &world.stop, deadline, &caller.printer).await?;
        Ok(match ended {
            Ended::Held | Ended::Planned | Ended::Changed => Exit::Done,
            Ended::Declined => {
                caller.printer.talk("nothing was written");
                Exit::No
            }
        })
    }

    async fn go(&self, caller: &Caller, run: &Run<'_>) -> Result<Ended, bootstrap::Error> {
        let planned = stop::plan(run).await?;
        if planned.changed == 0 {
            return Ok(Ended::Held);
        }
        if self.plan {
            return Ok(Ended::Planned);
        }
        if !self.yes && caller.printer.can_ask() && !agreed(caller, planned, run.world).await? {
            return Ok(Ended::Declined);
        }
        Box::pin(run.apply()).await?;
        Ok(Ended::Changed)
    }
}

/// Asks on a thread of its own, so that Ctrl-C is heard meanwhile.
async fn agreed(caller: &Caller, planned: Summary, world: &World) -> Result<bool, bootstrap::Error> {
    let question = match planned.changes {
        1 => "Make this change?".to_owned(),
        many => format!("Make these {many} changes?"),
    };
    let printer = caller.printer.clone();
    let answer = tokio::task::spawn_blocking(move || printer.ask(&question));
    tokio::select! {
        answer = answer => Ok(answer.unwrap_or(false)),
        () = world.stop.cancelled() => Err(stop::unwritten()),
    }
}
