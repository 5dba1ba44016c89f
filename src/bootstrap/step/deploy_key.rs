//! An SSH key pair is kept in Vault or in a cluster Secret, whole and valid.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Needs;
use crate::bootstrap::key_pair::{Keep, KeyNames};
use crate::bootstrap::{Error, Look, World};
use crate::settings::KeyAlgorithm;

/// An SSH key pair is kept in Vault or in a cluster Secret, whole and valid.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeployKey {
    /// The kind of key to make where there is none; a valid key of another kind is kept.
    #[serde(default)]
    pub algorithm: KeyAlgorithm,
    /// The comment of the public key.
    #[serde(default)]
    pub comment: Option<String>,
    /// Where it is kept.
    pub keep: Keep,
    /// The names of its parts there.
    #[serde(default)]
    pub keys: KeyNames,
    /// Whether the Git host's own keys are kept beside it, as known_hosts lines.
    #[serde(default)]
    pub known_hosts: bool,
}

#[expect(unused_variables, clippy::todo, clippy::unused_async, clippy::unused_self, reason = "skeleton")]
impl DeployKey {
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
