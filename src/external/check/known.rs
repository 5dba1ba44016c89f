//! Stores at hand, as far as those that name them depend on it.

use serde_json::Value;

use super::re2;
use super::sheet::{child, list, text};
use crate::external::{StoreKind, StoreRef, is_substituted, kind_in};

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
    /// Which namespaces may read through it; all of them where it has none.
    pub conditions: Vec<Condition>,
}

/// Namespaces that may read through a ClusterSecretStore.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition {
    namespaces: Vec<String>,
    regexes: Vec<String>,
    /// Whether it selects by labels, which are in the cluster.
    selects: bool,
}

impl Condition {
    fn of(written: &Value) -> Self {
        let texts =
            |field| list(written, field).filter_map(|(_, one)| one.as_str().map(str::to_owned)).collect();
        Self {
            namespaces: texts("namespaces"),
            regexes: texts("namespaceRegexes"),
            selects: child(written, "namespaceSelector").is_some(),
        }
    }

    /// Whether a namespace may be one of them, as far as that is known without the cluster.
    fn may_mean(&self, namespace: &str) -> bool {
        self.selects
            || self.namespaces.iter().any(|one| one == namespace || is_substituted(one))
            || self.regexes.iter().any(|one| is_substituted(one) || re2::may_match(one, namespace))
    }
}

impl KnownStore {
    /// The store that an object is, where it is one.
    #[must_use]
    pub fn of(object: &Value) -> Option<Self> {
        let kind = StoreKind::of_word(kind_in(object)?)?;
        let metadata = child(object, "metadata")?;
        let provider = object.get("spec").and_then(|spec| child(spec, "provider"));
        let kv = provider.and_then(|all| child(all, "vault").or_else(|| child(all, "openBao")));
        let conditions = object.get("spec").into_iter().flat_map(|spec| list(spec, "conditions"));
        let of_kv = |field: &str| kv.and_then(|kv: &Value| text(kv, field));
        Some(Self {
            kind,
            namespace: text(metadata, "namespace").unwrap_or_default().to_owned(),
            name: text(metadata, "name")?.to_owned(),
            is_kv: kv.is_some(),
            mount: of_kv("path").map(str::to_owned),
            v1: of_kv("version") == Some("v1"),
            conditions: conditions.map(|(_, written)| Condition::of(written)).collect(),
        })
    }

    /// Whether it is the one that is named in a namespace. Kustomizations may give a namespace to what names none.
    #[must_use]
    pub fn is_named(&self, named: &StoreRef, namespace: &str) -> bool {
        self.kind == named.kind && self.name == named.name && self.is_seen_from(namespace)
    }

    /// Whether its conditions leave a namespace out, whatever the labels of that.
    pub(super) fn denies(&self, namespace: &str) -> bool {
        let is_known = !namespace.is_empty() && !is_substituted(namespace);
        let asks = self.kind == StoreKind::ClusterSecretStore && !self.conditions.is_empty();
        is_known && asks && !self.conditions.iter().any(|condition| condition.may_mean(namespace))
    }

    /// Whether it can be named in a namespace.
    pub(super) fn is_seen_from(&self, namespace: &str) -> bool {
        self.kind == StoreKind::ClusterSecretStore
            || self.namespace == namespace
            || namespace.is_empty()
            || self.namespace.is_empty()
            || is_substituted(namespace)
            || is_substituted(&self.namespace)
    }
}
