//! A periodic orphan token with these policies is kept in a cluster Secret, and lives long enough.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Needs;
use crate::bootstrap::{Error, Look, World};
use crate::settings::{Period, SecretPlace};

/// A periodic orphan token with these policies is kept in a cluster Secret, and lives long enough.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VaultToken {
    /// Its policies; `root` is refused.
    pub policies: Vec<String>,
    /// Its period.
    pub period: Period,
    /// It is renewed when less than this is left of its life.
    #[serde(default = "a_week")]
    pub renew_below: Period,
    /// The Secret that keeps it.
    pub keep: SecretPlace,
}

fn a_week() -> Period {
    Period::hours(7 * 24)
}

#[expect(unused_variables, clippy::todo, clippy::unused_async, clippy::unused_self, reason = "skeleton")]
impl VaultToken {
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
