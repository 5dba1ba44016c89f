//! The releases of a helmfile are installed by the installed `helmfile`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Needs;
use crate::bootstrap::{Error, Look, World};
use crate::settings::Period;
use std::path::PathBuf;

/// The releases of a helmfile are installed by the installed `helmfile`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Helmfile {
    /// The file.
    pub file: PathBuf,
    /// A selector of releases, `key=value`.
    #[serde(default)]
    pub selector: Option<String>,
    /// The deadline.
    #[serde(default)]
    pub timeout: Option<Period>,
}

#[expect(unused_variables, clippy::todo, clippy::unused_async, clippy::unused_self, reason = "skeleton")]
impl Helmfile {
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
