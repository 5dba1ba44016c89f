//! What a sealed value is bound to, and the label that binds it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::Error;

/// The annotation of cluster-wide sealed values.
pub(crate) const CLUSTER_WIDE: &str = "sealedsecrets.bitnami.com/cluster-wide";
/// The annotation of namespace-wide sealed values.
pub(crate) const NAMESPACE_WIDE: &str = "sealedsecrets.bitnami.com/namespace-wide";

/// How far a sealed value may travel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Bound to namespace and name.
    #[default]
    Strict,
    /// Bound to the namespace.
    NamespaceWide,
    /// Bound to nothing but the cluster's key.
    ClusterWide,
}

impl Scope {
    /// The scope that annotations say. Only the exact text `true` counts; cluster-wide wins over namespace-wide.
    #[must_use]
    pub fn of(annotations: &BTreeMap<String, String>) -> Self {
        let says = |name| annotations.get(name).is_some_and(|value| value == "true");
        if says(CLUSTER_WIDE) {
            Self::ClusterWide
        } else if says(NAMESPACE_WIDE) {
            Self::NamespaceWide
        } else {
            Self::Strict
        }
    }

    /// Makes annotations say this scope, and no other.
    pub fn annotate(self, annotations: &mut BTreeMap<String, String>) {
        annotations.remove(CLUSTER_WIDE);
        annotations.remove(NAMESPACE_WIDE);
        if let Some(name) = self.annotation() {
            annotations.insert(name.to_owned(), "true".to_owned());
        }
    }

    /// The annotation that says this scope; strict has none.
    #[must_use]
    pub fn annotation(self) -> Option<&'static str> {
        match self {
            Self::Strict => None,
            Self::NamespaceWide => Some(NAMESPACE_WIDE),
            Self::ClusterWide => Some(CLUSTER_WIDE),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Strict => "strict",
            Self::NamespaceWide => "namespace-wide",
            Self::ClusterWide => "cluster-wide",
        })
    }
}

impl FromStr for Scope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "strict" => Ok(Self::Strict),
            "namespace-wide" => Ok(Self::NamespaceWide),
            "cluster-wide" => Ok(Self::ClusterWide),
            _ => Err(Error::UnknownScope),
        }
    }
}

/// The label of OAEP, which binds a value to its place: `namespace/name`, `namespace`, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    text: String,
    hash: [u8; 32],
}

impl Label {
    /// The label of a place under a scope.
    #[must_use]
    pub fn new(scope: Scope, namespace: &str, name: &str) -> Self {
        let text = match scope {
            Scope::Strict => format!("{namespace}/{name}"),
            Scope::NamespaceWide => namespace.to_owned(),
            Scope::ClusterWide => String::new(),
        };
        let hash = Sha256::digest(&text).into();
        Self { text, hash }
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The SHA-256 of its text, which is all of it that goes into the padding.
    pub(super) fn hash(&self) -> &[u8; 32] {
        &self.hash
    }
}
