//! Secrets whose values lie in Vault or OpenBao: ExternalSecrets and stores for the operator of External Secrets, written
//! so that an API server takes them and nothing drifts, and checked without a cluster. Texts in, texts out: nothing is
//! read or sent here.
//!
//! | module | what it knows |
//! | --- | --- |
//! | [`generate`], [`of_secret`] | what a Secret becomes, and what has to lie in Vault for it |
//! | [`Layout`], [`Pattern`] | what no Secret says of itself: path, store, interval, the operator's version |
//! | [`from_env`], [`from_live`] | Secrets of other sources |
//! | [`Push`], [`one_path_each`] | the values, and that no two Secrets share a path |
//! | [`Store`], [`KvMount`] | a SecretStore or ClusterSecretStore, and the mount that it reads |
//! | [`check`] | what API server and operator will say, and what will drift |
//! | [`Policy`] | what the operator needs to read, and whether a policy gives it |
//! | [`upgrade`] | v1beta1 made v1 |
//! | [`needs`], [`to_secret`] | what an ExternalSecret reads, and the Secret that it stands for |
//! | [`reads`] | the same entry by entry, with lines, whatever comes of it |
//!
//! A Secret becomes an ExternalSecret and what is to be pushed:
//!
//! ```
//! use std::path::Path;
//! use sealstrap::external::{self, Layout, Pattern, StoreKind, StoreRef};
//! use sealstrap::plain::Plain;
//! use sealstrap::seal::Manifest;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let text = "# the shop\napiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {password: s3cret}\n";
//! let mut manifest = Manifest::read(Path::new("shop.yaml"), &Plain::from(text.to_owned()))?;
//!
//! let pattern = Pattern::new("k8s/{namespace}/{name}")?;
//! let path = |namespace: &str, name: &str| Ok(pattern.fill(namespace, name));
//! let store = StoreRef { kind: StoreKind::ClusterSecretStore, name: "vault".into() };
//! let made = external::generate(&mut manifest, &Layout::new(&path, store, "secret"))?;
//!
//! assert!(made.text.starts_with("# the shop\napiVersion: external-secrets.io/v1\nkind: ExternalSecret\n"));
//! assert!(!made.text.contains("s3cret"));
//! assert_eq!(made.pushes[0].path, "k8s/shop/db");
//! assert!(made.pushes[0].values.contains_key("password"));
//! # Ok(()) }
//! ```
//!
//! And back, once the values have been read from Vault; what comes out can be sealed:
//!
//! ```
//! use std::collections::BTreeMap;
//! use sealstrap::external;
//! use sealstrap::plain::Plain;
//! use sealstrap::yaml;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let text = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: db, namespace: shop}\nspec:\n  \
//!             secretStoreRef: {kind: ClusterSecretStore, name: vault}\n  data:\n  \
//!             - {secretKey: password, remoteRef: {key: k8s/shop/db, property: pw}}\n";
//! let document = yaml::each("db.yaml".as_ref(), text)?.remove(0);
//!
//! let item = &external::needs(&document)?.items["password"];
//! assert_eq!((item.path.as_str(), item.property.as_deref()), ("k8s/shop/db", Some("pw")));
//!
//! let read = item.decoding.decode(Plain::from("s3cret".to_owned())).expect("nothing to decode");
//! let secret = external::to_secret(&document, BTreeMap::from([("password".to_owned(), read)]))?;
//! assert_eq!((secret.namespace.as_str(), secret.name.as_str()), ("shop", "db"));
//! # Ok(()) }
//! ```
//!
//! The least policy for it, to be compared with the one that is there:
//!
//! ```
//! use sealstrap::external::{Policy, check::Around};
//! use sealstrap::yaml;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let text = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: db, namespace: shop}\nspec:\n  data:\n  - {secretKey: password, remoteRef: {key: k8s/shop/db, property: pw}}\n";
//! let documents = yaml::each("db.yaml".as_ref(), text)?;
//! let around = Around { mount: Some("secret".into()), ..Around::default() };
//! let policy = Policy::least(&documents, &around);
//! assert_eq!(policy.to_hcl(), "path \"secret/data/k8s/shop/db\" { capabilities = [\"read\"] }\n");
//! # Ok(()) }
//! ```

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
mod reads;
mod store;
mod substituted;
mod template;
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
pub use push::{LIMIT, Push, joined, one_path_each};
pub use reads::{Read, Reads, reads};
pub use store::{Authority, KvMount, KvVersion, Provider, Store};
pub use substituted::is_substituted;
pub use template::is_chart_template;
pub use to_secret::{certain, to_secret};
pub use upgrade::{Upgraded, upgrade};

use serde_json::Value;

use crate::yaml::Document;

/// The group of the operator's kinds, with the slash before the version.
const GROUP: &str = "external-secrets.io/";

/// Whether a document says that it is an ExternalSecret, of whatever version.
#[must_use]
pub fn is_external_secret(document: &Document) -> bool {
    kind_of(document) == Some("ExternalSecret")
}

/// The kind of a document of the operator's group, of whatever version; nothing for others.
#[must_use]
pub fn kind_of(document: &Document) -> Option<&str> {
    kind_in(&document.value)
}

fn kind_in(object: &Value) -> Option<&str> {
    let field = |key: &str| object.get(key).and_then(Value::as_str);
    field("apiVersion").filter(|version| version.starts_with(GROUP)).and_then(|_| field("kind"))
}
