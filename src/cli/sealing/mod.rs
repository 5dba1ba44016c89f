//! What the verbs of sealing share, and kubeseal with them: certificates, controllers, what was sealed before.

pub(super) mod controller;
pub(super) mod head;
pub(super) mod memory;
pub(super) mod one_file;
pub(super) mod place;
pub(super) mod recipient;

use clap::ValueEnum;

use crate::error::Error;
use crate::seal::{self, Scope};
use crate::settings::SealingScope;

/// How far sealed values may travel, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum TypedScope {
    /// Bound to namespace and name
    Strict,
    /// Bound to the namespace: the Secret may be renamed
    NamespaceWide,
    /// Bound to nothing but the cluster's key
    ClusterWide,
}

impl From<TypedScope> for Scope {
    fn from(scope: TypedScope) -> Self {
        match scope {
            TypedScope::Strict => Self::Strict,
            TypedScope::NamespaceWide => Self::NamespaceWide,
            TypedScope::ClusterWide => Self::ClusterWide,
        }
    }
}

/// The scope of the settings.
pub(super) fn scope_of(scope: SealingScope) -> Scope {
    match scope {
        SealingScope::Strict => Scope::Strict,
        SealingScope::NamespaceWide => Scope::NamespaceWide,
        SealingScope::ClusterWide => Scope::ClusterWide,
    }
}

/// Each complaint by itself.
pub(super) fn single(error: seal::Error) -> Vec<Error> {
    match error {
        seal::Error::Several(errors) => errors.into_iter().flat_map(single).collect(),
        other => vec![other.into()],
    }
}
