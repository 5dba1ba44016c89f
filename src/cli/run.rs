//! `sealstrap run`: single tasks, their list, their graph.

use clap::{Args, ValueEnum};

use super::caller::{Caller, in_runtime};
use super::going::Going;
use crate::bootstrap::{Library, Task};
use crate::error::{Error, Exit};
use crate::report::graph::{self, Node};
use crate::report::{Event, Kind};

/// Run single tasks
///
/// A task is named in full (`k8s:bootstrap:create-namespaces`) or by its last part where that is unique.
/// Tasks run in an order that their needs allow; tasks that were not named are not run.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap run create-namespaces
  sealstrap run k8s:bootstrap:generate-deploy-key k8s:bootstrap:store-deploy-key --plan
  sealstrap run --list
  sealstrap run --graph                          # the needs of the settings' runbook
  sealstrap run --graph dot | dot -Tsvg -o tasks.svg")]
pub(super) struct Run {
    /// The tasks
    #[arg(value_name = "TASK", required_unless_present_any = ["list", "graph"])]
    tasks: Vec<String>,
    /// List all tasks
    #[arg(long, conflicts_with_all = ["tasks", "graph"])]
    list: bool,
    /// Draw which task needs which, instead of running them
    #[arg(long, value_name = "FORM", num_args = 0..=1, default_missing_value = "text")]
    graph: Option<Form>,
    #[command(flatten)]
    going: Going,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Form {
    /// One task a line
    Text,
    /// For Graphviz
    Dot,
    /// For Markdown on Git hosts
    Mermaid,
}

impl From<Form> for graph::Form {
    fn from(form: Form) -> Self {
        match form {
            Form::Text => Self::Text,
            Form::Dot => Self::Dot,
            Form::Mermaid => Self::Mermaid,
        }
    }
}

impl Run {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let Self { tasks, list, graph, going } = self;
        if list {
            list_tasks(caller, &caller.library()?);
            return Ok(Exit::Done);
        }
        let settings = caller.settings(None)?;
        let library = Library::open(&settings.root)?;
        let tasks = if tasks.is_empty() {
            within(library.of_runbook(&settings.runbook, &settings)?)
        } else {
            library.named(&tasks, &settings)?
        };
        if let Some(form) = graph {
            caller.printer.data(&graph::draw(&nodes(&tasks), form.into()));
            return Ok(Exit::Done);
        }
        in_runtime(going.perform(caller, "run", &tasks, settings))
    }
}

/// Tells all tasks, one a line.
pub(super) fn list_tasks(caller: &Caller, library: &Library) {
    for task in library.tasks() {
        let (name, summary, own) = (task.name, task.summary, task.own);
        caller.printer.event(&Event::Listed { kind: Kind::Task, name, summary, own });
    }
}

/// The tasks of a runbook with the needs that count in it: a task may need others where another runbook has them.
fn within(mut tasks: Vec<Task>) -> Vec<Task> {
    let names: Vec<String> = tasks.iter().map(|task| task.name.clone()).collect();
    for task in &mut tasks {
        task.needs.retain(|need| names.contains(need));
    }
    tasks
}

fn nodes(tasks: &[Task]) -> Vec<Node<'_>> {
    tasks.iter().map(|task| Node { name: &task.name, needs: &task.needs }).collect()
}
