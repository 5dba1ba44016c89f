//! The Git host delivers events to the path of a Flux Receiver, signed with its token.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Needs;
use crate::bootstrap::{Error, Look, World};
use crate::source::Source;

/// The Git host delivers events to the path of a Flux Receiver, signed with its token.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GitWebhook {
    /// The address under which the receiver is reached, without the path.
    pub url: String,
    /// The Receiver's name.
    pub receiver: String,
    /// The Receiver's namespace.
    pub namespace: String,
    /// The token.
    pub token: Source,
    /// The events.
    pub events: Vec<String>,
    /// Whether a ping must be answered before it holds.
    #[serde(default)]
    pub ping: bool,
}

#[expect(unused_variables, clippy::todo, clippy::unused_async, clippy::unused_self, reason = "skeleton")]
impl GitWebhook {
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
