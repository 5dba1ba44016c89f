//! A program has done its part.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Needs;
use crate::bootstrap::{Error, Look, World};
use crate::settings::Period;
use crate::source::Source;
use std::collections::BTreeMap;
use std::path::PathBuf;

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
}

#[expect(unused_variables, clippy::todo, clippy::unused_async, clippy::unused_self, reason = "skeleton")]
impl Command {
    pub(super) async fn look(&self, world: &World) -> Result<Look, Error> {
        todo!()
    }

    pub(super) async fn change(&self, world: &World) -> Result<(), Error> {
        todo!()
    }

    pub(super) fn needs(&self, world: &World) -> Needs {
        todo!()
    }
}
