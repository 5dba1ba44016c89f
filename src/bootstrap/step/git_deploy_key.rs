//! The Git host lists the public half of a kept key, under our title, once.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Needs;
use crate::bootstrap::key_pair::{Keep, KeyNames};
use crate::bootstrap::{Error, Look, World};

/// The Git host lists the public half of a kept key, under our title, once.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GitDeployKey {
    /// The title at the Git host.
    pub title: String,
    /// Whether the key may only read.
    #[serde(default = "yes")]
    pub read_only: bool,
    /// Where the key pair is kept.
    pub keep: Keep,
    /// The names of its parts there.
    #[serde(default)]
    pub keys: KeyNames,
}

fn yes() -> bool {
    true
}

#[expect(unused_variables, clippy::todo, clippy::unused_async, clippy::unused_self, reason = "skeleton")]
impl GitDeployKey {
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
