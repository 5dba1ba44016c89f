//! How ExternalSecrets are to look: what no Secret says of itself.

use serde_json::Value;

use super::check::sheet::text;
use super::{Interval, Operator};

/// What makes the path of a Secret, of its namespace and its name; an error is said after "no path for it: ".
pub type PathOf<'a> = dyn Fn(&str, &str) -> Result<String, String> + 'a;

/// What no Secret says of itself.
pub struct Layout<'a> {
    /// The path of a Secret below the mount.
    pub path: &'a PathOf<'a>,
    /// The store that the values are read from.
    pub store: StoreRef,
    /// The mount of that store, which no path may begin with.
    pub mount: String,
    /// How often the values are read again.
    pub refresh_interval: Interval,
    /// The version of the operator, which decides what is spelled out.
    pub operator: Operator,
    /// Read a whole path with `dataFrom.extract` where that gives the same Secret. Then keys that somebody adds at the
    /// path come along.
    pub extract: bool,
    /// Bytes that one path may hold at most, as JSON; see [`super::LIMIT`].
    pub limit: usize,
}

impl<'a> Layout<'a> {
    /// A layout for a store, with all else as usual.
    #[must_use]
    pub fn new(path: &'a PathOf<'a>, store: StoreRef, mount: &str) -> Self {
        Self {
            path,
            store,
            mount: mount.trim_matches('/').to_owned(),
            refresh_interval: Interval::default(),
            operator: Operator::NEWEST,
            extract: false,
            limit: super::LIMIT,
        }
    }
}

/// The kind of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StoreKind {
    /// One for its own namespace.
    SecretStore,
    /// One for all namespaces.
    ClusterSecretStore,
}

impl StoreKind {
    /// Its name in manifests.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::SecretStore => "SecretStore",
            Self::ClusterSecretStore => "ClusterSecretStore",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::SecretStore, Self::ClusterSecretStore].into_iter().find(|kind| kind.word() == word)
    }
}

/// What an ExternalSecret says of its store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreRef {
    /// Its kind.
    pub kind: StoreKind,
    /// Its name.
    pub name: String,
}

impl StoreRef {
    /// Reads `{kind, name}` of a manifest; nothing where it names no store. Without a kind it is a SecretStore.
    #[must_use]
    pub fn read(named: &Value) -> Option<Self> {
        let kind = StoreKind::of_word(text(named, "kind").unwrap_or("SecretStore"))?;
        Some(Self { kind, name: text(named, "name")?.to_owned() })
    }
}
