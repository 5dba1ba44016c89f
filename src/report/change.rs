//! A change of a remote object, said without any secret value.

use schemars::JsonSchema;
use serde::Serialize;

/// What a step would write or wrote, said without any secret value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// What is done to the object.
    pub verb: Verb,
    /// The remote object, for example ``Secret `kube-system/vault-token` ``.
    pub object: String,
    /// Names of the fields, keys or causes concerned; never values of secrets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
}

impl Change {
    /// A change without details.
    pub fn new(verb: Verb, object: impl Into<String>) -> Self {
        Self { verb, object: object.into(), details: Vec::new() }
    }

    /// The same with one more detail.
    #[must_use]
    pub fn with(mut self, detail: impl Into<String>) -> Self {
        self.details.push(detail.into());
        self
    }

    /// The same with more details.
    #[must_use]
    pub fn with_all(self, details: impl IntoIterator<Item = String>) -> Self {
        details.into_iter().fold(self, Self::with)
    }
}

/// What is done to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Verb {
    /// It is not there and will be made.
    Create,
    /// It is there and will be changed in place.
    Update,
    /// A new one is made, and the old one goes after it.
    Replace,
    /// It goes.
    Delete,
    /// A program is run.
    Run,
    /// Nothing is written; a state is waited for.
    Wait,
}
