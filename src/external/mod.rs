//! External.

mod auth;
mod carried;
pub mod check;
mod env;
mod error;
mod external_secret;
mod generate;
mod interval;
mod layout;
mod live;
mod needs;
mod operator;
mod path;
mod policy;
mod push;
mod store;
#[cfg(test)]
mod tests;
mod to_secret;
mod upgrade;

pub use auth::{Auth, JwtSource, RoleId, SecretRef, ServiceAccount};
pub use env::from_env;
pub use error::Error;
pub use external_secret::of_secret;
pub use generate::{Generated, generate};
pub use interval::Interval;
pub use layout::{Layout, PathOf, StoreKind, StoreRef};
pub use live::from_live;
pub use needs::{Decoding, Item, Needs, needs};
pub use operator::Operator;
pub use path::{Pattern, check as check_path};
pub use policy::Policy;
pub use push::{LIMIT, Push, one_path_each};
pub use store::{Authority, KvVersion, Provider, Store};
pub use to_secret::to_secret;
pub use upgrade::{Upgraded, upgrade};

use crate::yaml::Document;

/// Whether a document says that it is an ExternalSecret, of whatever version.
#[must_use]
pub fn is_external_secret(document: &Document) -> bool {
    kind_of(document) == Some("ExternalSecret")
}

/// The kind of a document of the operator's group, of whatever version.
pub(crate) fn kind_of(document: &Document) -> Option<&str> {
    let field = |key: &str| document.value.get(key).and_then(serde_json::Value::as_str);
    let version = field("apiVersion")?;
    (version == GROUP || version.starts_with("external-secrets.io/")).then(|| field("kind"))?
}

const GROUP: &str = "external-secrets.io";
