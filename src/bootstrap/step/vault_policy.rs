//! An ACL policy exists in Vault with exactly these paths.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Needs;
use crate::bootstrap::{Error, Look, World};

/// An ACL policy exists in Vault with exactly these paths.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VaultPolicy {
    /// Its name.
    pub name: String,
    /// KV paths (folders end in `*`) that may be read, with their metadata.
    #[serde(default)]
    pub read: Vec<KvPath>,
}

/// A path of a KV engine.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KvPath {
    /// The mount; the one of the settings when absent.
    #[serde(default)]
    pub mount: Option<String>,
    /// The path below it.
    pub path: String,
}

#[expect(unused_variables, clippy::todo, clippy::unused_async, clippy::unused_self, reason = "skeleton")]
impl VaultPolicy {
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
