//! A kustomization is built by the installed `kustomize` or `kubectl` and applied as manifests are.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Needs;
use crate::bootstrap::{Error, Look, World};
use crate::settings::Period;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A kustomization is built by the installed `kustomize` or `kubectl` and applied as manifests are.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Kustomize {
    /// The folder.
    pub folder: PathBuf,
    /// Values for `${NAME}`; the settings' are used beside them.
    #[serde(default)]
    pub substitute: BTreeMap<String, String>,
    /// Whether it holds only once the objects are ready.
    #[serde(default)]
    pub wait: bool,
    /// The deadline of that wait.
    #[serde(default)]
    pub timeout: Option<Period>,
}

#[expect(unused_variables, clippy::todo, clippy::unused_async, clippy::unused_self, reason = "skeleton")]
impl Kustomize {
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
