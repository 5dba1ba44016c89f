//! A program has done its part.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use schemars::JsonSchema;
use serde::Deserialize;

use super::Needs;
use crate::bootstrap::program::Program;
use crate::bootstrap::{Error, Look, World, rights};
use crate::plain::Plain;
use crate::report::{Change, Verb};
use crate::settings::Period;
use crate::source::Source;

/// A program has done its part.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Command {
    /// The program and its arguments; never a shell string.
    pub argv: Vec<String>,
    /// A program that ends with status 0 where nothing is to be done. Without it the program runs each time.
    #[serde(default)]
    pub unless: Vec<String>,
    /// Environment variables with values from sources.
    #[serde(default)]
    pub env: BTreeMap<String, Source>,
    /// The folder to run in; that of the settings when absent.
    #[serde(default)]
    pub folder: Option<PathBuf>,
    /// The deadline; the settings' when absent.
    #[serde(default)]
    pub timeout: Option<Period>,
    /// Whether it ran in this run: without `unless` nothing else tells.
    #[serde(skip)]
    ran: Arc<AtomicBool>,
}

/// The environment as far as its sources have values now.
enum Environment {
    Known(Vec<(String, Plain)>),
    Missing(String),
}

impl Command {
    pub(super) async fn look(&self, world: &World) -> Result<Look, Error> {
        let change = Change::new(Verb::Run, format!("`{}`", self.program(&self.argv)?));
        if self.unless.is_empty() {
            return Ok(if self.ran.load(Ordering::SeqCst) { Look::Holds } else { change.into() });
        }
        let env = match self.environment(world, false).await? {
            Environment::Known(env) => env,
            Environment::Missing(input) => return Ok(Look::Awaits { change, input }),
        };
        let ended = self.prepared(&self.unless, env, world)?.run(world).await?;
        Ok(if ended.code == Some(0) { Look::Holds } else { change.into() })
    }

    pub(super) async fn change(&self, world: &World) -> Result<(), Error> {
        if self.look(world).await? == Look::Holds {
            return Ok(());
        }
        let env = match self.environment(world, true).await? {
            Environment::Known(env) => env,
            Environment::Missing(input) => {
                let action = format!("run `{}`", self.program(&self.argv)?);
                return Err(Error::InputMissing { action, input, makers: Vec::new() });
            }
        };
        self.prepared(&self.argv, env, world)?.output(world).await?;
        self.ran.store(true, Ordering::SeqCst);
        Ok(())
    }

    pub(super) fn needs(&self, world: &World) -> Needs {
        let mut needs = Needs::default();
        self.env.values().for_each(|source| rights::of_source(&mut needs, source, world));
        needs
    }

    fn prepared(&self, argv: &[String], env: Vec<(String, Plain)>, world: &World) -> Result<Program, Error> {
        let name = self.program(argv)?;
        let mut program = Program::new(name, argv[1..].to_vec(), world);
        program.env = env;
        program.folder = world.settings.root.join(self.folder.as_deref().unwrap_or("".as_ref()));
        program.deadline = self.timeout.unwrap_or(world.settings.timeouts.wait).get();
        Ok(program)
    }

    #[expect(clippy::unused_self, reason = "reads as what it is about")]
    fn program<'a>(&self, argv: &'a [String]) -> Result<&'a str, Error> {
        match argv.first().filter(|name| !name.is_empty()) {
            Some(name) => Ok(name),
            None => Err(Error::Unfit {
                what: "the step `command`".into(),
                reason: "its `argv` names no program".into(),
                hint: Some(
                    "write the program and its arguments as a list: `argv: [kubectl, version]`".into(),
                ),
            }),
        }
    }

    /// Reads the sources. What is typed in or made anew is only read for the program itself, not for its check.
    async fn environment(&self, world: &World, all: bool) -> Result<Environment, Error> {
        let mut env = Vec::new();
        for (name, source) in &self.env {
            if !all && matches!(source, Source::Generate(_) | Source::Prompt(_) | Source::Stdin {}) {
                continue;
            }
            match world.read(source).await? {
                Some(value) => env.push((name.clone(), value)),
                None => return Ok(Environment::Missing(source.describe())),
            }
        }
        Ok(Environment::Known(env))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Command, Look};
    use crate::bootstrap::Error;
    use crate::bootstrap::testing::world;

    fn command(fields: serde_json::Value) -> Command {
        serde_json::from_value(fields).unwrap()
    }

    #[tokio::test]
    async fn without_a_check_it_runs_once_in_a_run() {
        let step = command(json!({"argv": ["true"]}));
        assert!(matches!(step.look(&world()).await, Ok(Look::Differs(_))));
        step.change(&world()).await.unwrap();
        assert_eq!(step.look(&world()).await.unwrap(), Look::Holds);
    }

    #[tokio::test]
    async fn a_check_that_succeeds_means_that_nothing_is_to_be_done() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("done");
        let step = command(
            json!({"argv": ["touch", "done"], "unless": ["test", "-e", "done"], "folder": folder.path()}),
        );
        assert!(matches!(step.look(&world()).await, Ok(Look::Differs(_))));
        assert!(!file.exists());
        step.change(&world()).await.unwrap();
        assert!(file.exists());
        assert_eq!(step.look(&world()).await.unwrap(), Look::Holds);
    }

    #[tokio::test]
    async fn values_reach_the_program_by_its_environment_and_stay_out_of_its_error() {
        let step = command(json!({
            "argv": ["sh", "-c", "test \"$TOKEN\" = canary-canary && echo \"got $TOKEN\" >&2 && exit 7"],
            "env": {"TOKEN": {"command": ["echo", "canary-canary"]}}}));
        let Err(error) = step.change(&world()).await else { panic!("it held") };
        assert_eq!(error.reason(), Some("it ended with status 7:\ngot …"));
    }

    #[tokio::test]
    async fn an_empty_list_names_no_program() {
        assert!(matches!(command(json!({"argv": []})).look(&world()).await, Err(Error::Unfit { .. })));
    }
}
