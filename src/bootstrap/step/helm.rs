//! A Helm release is installed by the installed `helm`, with this chart, version and values.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Needs;
use crate::bootstrap::{Error, Look, World};
use crate::settings::{HelmChart, Period};

/// A Helm release is installed by the installed `helm`, with this chart, version and values.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Helm {
    /// The chart, the release and the values.
    pub chart: HelmChart,
    /// Whether helm waits until it is ready.
    #[serde(default)]
    pub wait: bool,
    /// The deadline of that wait.
    #[serde(default)]
    pub timeout: Option<Period>,
}

#[expect(unused_variables, clippy::todo, clippy::unused_async, clippy::unused_self, reason = "skeleton")]
impl Helm {
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
