//! `sealstrap bootstrap --sandbox`: plan, run, what exists then, and the same again.

use std::sync::Arc;

use super::caller::{Caller, Flags};
use super::going::Going;
use super::select::Select;
use super::stop;
use crate::bootstrap::step::Step;
use crate::bootstrap::{Library, Run, Summary, Task};
use crate::error::{Error, Exit};
use crate::report::Event;
use crate::sandbox::{Example, Sandbox};
use crate::settings::{self, Overrides, Period, Settings};

/// A sandbox, and what is rehearsed in it.
struct Rehearsal<'a> {
    caller: &'a Caller,
    sandbox: Sandbox,
    settings: Arc<Settings>,
    tasks: Vec<Task>,
    deadline: Period,
}

/// Rehearses a runbook in a new sandbox.
pub(super) async fn perform(
    caller: &Caller,
    going: &Going,
    select: &Select,
    runbook: Option<String>,
) -> Result<Exit, Error> {
    refuse_real_remotes(&caller.flags)?;
    let settings = settings(caller, runbook)?;
    let sandbox =
        Sandbox::start(&settings.git.repository).await.map_err(Error::system("start the sandbox"))?;
    let settings = sandbox.stand_in(settings);
    let tasks = Library::open(&settings.root)?.of_runbook(&settings.runbook, &settings)?;
    let tasks = select.of(tasks)?;
    refuse_programs(&tasks)?;
    let rehearsal = Rehearsal {
        caller,
        sandbox,
        tasks,
        deadline: going.timeout.unwrap_or(settings.timeouts.run),
        settings: Arc::new(settings),
    };
    if going.plan {
        rehearsal.run(false).await?;
        return Ok(Exit::Done);
    }
    rehearsal.whole().await
}

/// The settings of this repository, or those of the example where there are none.
fn settings(caller: &Caller, runbook: Option<String>) -> Result<Settings, Error> {
    let (example, text) = Example::of(runbook.as_deref());
    let overrides = Overrides { runbook, ..Overrides::default() };
    let folder = caller.root()?;
    match Settings::load(&folder, &overrides) {
        Err(settings::Error::Missing(_)) => Ok(Settings::from_text(&folder.join(example), text, &overrides)?),
        loaded => Ok(loaded?),
    }
}

/// The flags that name a real cluster have no place in a rehearsal.
fn refuse_real_remotes(flags: &Flags) -> Result<(), Error> {
    let typed = [
        ("--config", flags.config.is_some()),
        ("--context", flags.context.is_some()),
        ("--kubeconfig", flags.kubeconfig.is_some()),
    ];
    let Some((flag, _)) = typed.iter().find(|(_, typed)| *typed) else { return Ok(()) };
    Err(Error::Usage {
        complaint: format!("`{flag}` cannot be used with `--sandbox`"),
        hint: "the sandbox brings its own cluster and settings; leave one of both out".into(),
    })
}

/// A program of the user's own would not stay inside the sandbox.
fn refuse_programs(tasks: &[Task]) -> Result<(), Error> {
    let runs = |task: &&Task| task.steps.iter().any(|step| matches!(step, Step::Command(_)));
    let Some(task) = tasks.iter().find(runs) else { return Ok(()) };
    Err(Error::Usage {
        complaint: format!("task `{}` runs a program, which could reach out of the sandbox", task.name),
        hint: "name the tasks to rehearse with `--only`".into(),
    })
}

impl Rehearsal<'_> {
    async fn whole(&self) -> Result<Exit, Error> {
        self.section("The plan and the run, in an empty sandbox");
        self.run(true).await?;
        self.section("What exists now (names only)");
        for object in self.sandbox.inventory() {
            self.caller.printer.event(&Event::Exists { object });
        }
        self.section("The same again");
        self.sandbox.ledger().clear();
        let again = self.run(true).await?;
        let writes = self.sandbox.ledger().writes().len();
        self.caller.printer.event(&Event::Counted { writes });
        Ok(if writes == 0 && again.changes == 0 { Exit::Done } else { Exit::No })
    }

    /// Plans in a new world, and applies where that is wanted and something differs.
    async fn run(&self, apply: bool) -> Result<Summary, Error> {
        let world = self.caller.world(&self.settings, &self.tasks)?;
        let run = Run { name: &self.settings.runbook, tasks: &self.tasks, world: &world };
        let work = async {
            let planned = stop::plan(&run).await?;
            if apply && planned.changed > 0 { Box::pin(run.apply()).await } else { Ok(planned) }
        };
        stop::ending(work, &world.stop, self.deadline, &self.caller.printer).await
    }

    fn section(&self, title: &str) {
        self.caller.printer.event(&Event::Section { title: title.to_owned() });
    }
}
