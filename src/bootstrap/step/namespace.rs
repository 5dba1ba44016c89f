//! A namespace exists, with labels, annotations and a Pod Security level.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Needs;
use crate::bootstrap::{Error, Look, World};
use crate::settings::PodSecurity;
use std::collections::BTreeMap;

/// A namespace exists, with labels, annotations and a Pod Security level.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Namespace {
    /// Its name.
    pub name: String,
    /// Labels that it must have.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Annotations that it must have.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// The Pod Security Standard that is enforced.
    #[serde(default)]
    pub pod_security: Option<PodSecurity>,
}

#[expect(unused_variables, clippy::todo, clippy::unused_async, clippy::unused_self, reason = "skeleton")]
impl Namespace {
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
