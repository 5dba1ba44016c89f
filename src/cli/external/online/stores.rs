//! The stores that ExternalSecrets name: those among the documents, else those of the cluster.

use std::collections::BTreeSet;

use crate::error::Error;
use crate::external::check::KnownStore;
use crate::external::{self, Store, StoreKind, StoreRef, reads};
use crate::remote::cluster::{Cluster, ObjectRef};
use crate::yaml::Document;

use super::namespace_of;

/// Stores, and how each is read.
pub(super) struct Stores {
    all: Vec<Entry>,
    /// Why some of the cluster could not be looked at.
    pub(super) errors: Vec<Error>,
}

struct Entry {
    known: KnownStore,
    /// Nothing where it is of the cluster.
    document: Option<usize>,
    read: Result<Store, external::Error>,
}

impl Stores {
    /// Finds all that are named, as far as they are anywhere.
    pub(super) async fn find(cluster: &Cluster, documents: &[Document]) -> Self {
        let mut stores = Self { all: Vec::new(), errors: Vec::new() };
        for (index, document) in documents.iter().enumerate() {
            if let Some(known) = KnownStore::of(&document.value) {
                stores.all.push(Entry { known, document: Some(index), read: Store::read(&document.value) });
            }
        }
        for object in stores.missing(documents) {
            let found = match cluster.get(&object).await {
                Ok(Some(found)) => found,
                Ok(None) => continue,
                Err(error) => {
                    stores.errors.push(error.into());
                    continue;
                }
            };
            if let Some(known) = KnownStore::of(&found) {
                stores.all.push(Entry { known, document: None, read: Store::read(&found) });
            }
        }
        stores
    }

    /// Those that are named and not among the documents, as the cluster would have them.
    fn missing(&self, documents: &[Document]) -> BTreeSet<ObjectRef> {
        let mut missing = BTreeSet::new();
        for document in documents {
            let Some(namespace) = namespace_of(document) else { continue };
            for read in reads(document).all {
                let of_namespace = read.store.kind == StoreKind::SecretStore;
                if self.named(&read.store, namespace).is_some() || (of_namespace && namespace.is_empty()) {
                    continue;
                }
                missing.insert(ObjectRef {
                    api_version: "external-secrets.io/v1".into(),
                    kind: read.store.kind.word().into(),
                    namespace: of_namespace.then(|| namespace.to_owned()),
                    name: read.store.name,
                });
            }
        }
        missing
    }

    /// The number of a store that is named in a namespace.
    pub(super) fn named(&self, named: &StoreRef, namespace: &str) -> Option<usize> {
        self.all.iter().position(|entry| entry.known.is_named(named, namespace))
    }

    pub(super) fn known(&self, number: usize) -> &KnownStore {
        &self.all[number].known
    }

    pub(super) fn document(&self, number: usize) -> Option<usize> {
        self.all[number].document
    }

    pub(super) fn read(&self, number: usize) -> Result<&Store, &external::Error> {
        self.all[number].read.as_ref()
    }

    pub(super) fn only_in_the_cluster(self) -> Vec<KnownStore> {
        self.all.into_iter().filter(|entry| entry.document.is_none()).map(|entry| entry.known).collect()
    }
}
