//! A KV secret in Vault holds these keys; keys that are not named are kept.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Needs;
use crate::bootstrap::{Error, Look, World};
use crate::source::Source;
use std::collections::BTreeMap;

/// A KV secret in Vault holds these keys; keys that are not named are kept.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VaultSecret {
    /// The mount; the one of the settings when absent.
    #[serde(default)]
    pub mount: Option<String>,
    /// The path below the mount.
    pub path: String,
    /// The keys, and where their values come from.
    pub keys: BTreeMap<String, Source>,
}

#[expect(unused_variables, clippy::todo, clippy::unused_async, clippy::unused_self, reason = "skeleton")]
impl VaultSecret {
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
