//! What the ExternalSecrets of a repository need of Vault, with the store of the settings for those that name it.

use std::sync::Arc;

use crate::external::check::{Around, KnownStore};
use crate::external::{Policy, StoreKind};
use crate::settings::{self, ExternalSecrets, KvEngine, VaultSettings};
use crate::yaml::Document;

/// The least policy with which they can be read.
#[must_use]
pub fn least<'d>(
    documents: impl IntoIterator<Item = &'d Document>,
    vault: &VaultSettings,
    external: &ExternalSecrets,
) -> Policy {
    let store = KnownStore {
        kind: match external.store.kind {
            settings::StoreKind::SecretStore => StoreKind::SecretStore,
            settings::StoreKind::ClusterSecretStore => StoreKind::ClusterSecretStore,
        },
        namespace: String::new(),
        name: external.store.name.clone(),
        is_kv: true,
        mount: Some(vault.mount.clone()),
        v1: vault.kv == KvEngine::V1,
        conditions: Vec::new(),
    };
    let around =
        Around { mount: Some(vault.mount.clone()), stores: Some(Arc::from([store])), ..Around::default() };
    Policy::least(documents, &around)
}
