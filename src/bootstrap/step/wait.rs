//! An object has reached a state.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Needs;
use crate::bootstrap::{Error, Look, World};
use crate::settings::Period;

/// An object has reached a state.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Wait {
    /// The object's API version.
    pub api_version: String,
    /// The object's kind.
    pub kind: String,
    /// Its namespace.
    #[serde(default)]
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// A condition type that must be True; the rules of kstatus for the kind when absent.
    #[serde(default)]
    pub condition: Option<String>,
    /// Keys that a Secret must have.
    #[serde(default)]
    pub keys: Vec<String>,
    /// The deadline; the settings' when absent.
    #[serde(default)]
    pub timeout: Option<Period>,
}

#[expect(unused_variables, clippy::todo, clippy::unused_async, clippy::unused_self, reason = "skeleton")]
impl Wait {
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
