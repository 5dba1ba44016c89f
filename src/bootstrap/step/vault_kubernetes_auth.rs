//! Vault lets a service account of this cluster log in.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Needs;
use crate::bootstrap::{Error, Look, World};
use crate::settings::Period;

/// Vault lets a service account of this cluster log in.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VaultKubernetesAuth {
    /// The path of the auth method.
    pub mount: String,
    /// The role.
    pub role: String,
    /// The service account's name.
    pub service_account: String,
    /// The service account's namespace.
    pub namespace: String,
    /// The policies that a login gets.
    pub policies: Vec<String>,
    /// How long a login lasts.
    #[serde(default = "a_day")]
    pub ttl: Period,
}

fn a_day() -> Period {
    Period::hours(24)
}

#[expect(unused_variables, clippy::todo, clippy::unused_async, clippy::unused_self, reason = "skeleton")]
impl VaultKubernetesAuth {
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
