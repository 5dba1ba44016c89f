//! Stores at hand, as far as those that name them depend on it.

use serde_json::Value;

use super::sheet::{child, text};
use crate::external::{StoreKind, StoreRef, kind_in};

/// A store at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownStore {
    /// Its kind.
    pub kind: StoreKind,
    /// Its namespace; empty where it names none.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Whether it reads a KV mount of Vault or OpenBao.
    pub is_kv: bool,
    /// The mount; none where it leaves that to each key.
    pub mount: Option<String>,
    /// Whether that mount is of version 1.
    pub v1: bool,
}

impl KnownStore {
    /// The store that an object is, where it is one.
    #[must_use]
    pub fn of(object: &Value) -> Option<Self> {
        let kind = StoreKind::of_word(kind_in(object)?)?;
        let metadata = child(object, "metadata")?;
        let provider = object.get("spec").and_then(|spec| child(spec, "provider"));
        let kv = provider.and_then(|all| child(all, "vault").or_else(|| child(all, "openBao")));
        let of_kv = |field: &str| kv.and_then(|kv: &Value| text(kv, field));
        Some(Self {
            kind,
            namespace: text(metadata, "namespace").unwrap_or_default().to_owned(),
            name: text(metadata, "name")?.to_owned(),
            is_kv: kv.is_some(),
            mount: of_kv("path").map(str::to_owned),
            v1: of_kv("version") == Some("v1"),
        })
    }

    /// Whether it is the one that is named in a namespace. Kustomizations may give a namespace to what names none.
    #[must_use]
    pub fn is_named(&self, named: &StoreRef, namespace: &str) -> bool {
        self.kind == named.kind && self.name == named.name && self.is_seen_from(namespace)
    }

    /// Whether it can be named in a namespace.
    pub(super) fn is_seen_from(&self, namespace: &str) -> bool {
        self.kind == StoreKind::ClusterSecretStore
            || self.namespace == namespace
            || namespace.is_empty()
            || self.namespace.is_empty()
    }
}
