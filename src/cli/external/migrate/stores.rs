//! The stores that ExternalSecrets name, and the mount that each reads.

use std::path::PathBuf;

use serde_json::Value;

use crate::cli::external::documents;
use crate::cli::external::layout::Look;
use crate::error::Error;
use crate::external::check::KnownStore;
use crate::external::{KvMount, StoreKind, StoreRef};
use crate::settings::VaultSettings;
use crate::yaml::Document;

/// What is refused, and what helps.
type Refused = (String, &'static str);

/// Those in the files at hand; and the one of the settings, or that was typed.
pub(super) struct Stores<'s> {
    /// Each with its mount, where it reads from Vault or OpenBao.
    at_hand: Vec<(KnownStore, Option<KvMount>)>,
    /// Why files could not be read, in which others may be.
    unread: Vec<String>,
    look: &'s Look,
    /// The mount that was typed.
    mount: Option<&'s str>,
    vault: &'s VaultSettings,
}

impl<'s> Stores<'s> {
    pub(super) fn find(
        files: &[PathBuf],
        look: &'s Look,
        mount: Option<&'s str>,
        vault: &'s VaultSettings,
    ) -> Self {
        let (mut at_hand, mut unread) = (Vec::new(), Vec::new());
        documents::each(files, |file, read| match read {
            Ok(None) => unread.push(format!("{}: only Helm can read a template of a chart", file.display())),
            Ok(Some(documents)) => {
                let stores = documents.iter().map(|document| &document.value);
                at_hand.extend(stores.filter_map(|store| Some((KnownStore::of(store)?, KvMount::of(store)))));
            }
            Err(error) => unread.push(error.to_string()),
        });
        Self { at_hand, unread, look, mount, vault }
    }

    /// The mount that the store of an ExternalSecret reads; nothing where no file says more of that store than the settings
    /// do, or what was typed. `typed` is the namespace of what names none.
    pub(super) fn mount_of(
        &self,
        document: &Document,
        typed: Option<&str>,
    ) -> Result<Option<&KvMount>, Error> {
        let found = self.found(document, typed);
        found.map_err(|(complaint, hint)| Error::Usage {
            complaint: format!("{}: {complaint}", document.place(&["spec".into(), "secretStoreRef".into()])),
            hint: hint.into(),
        })
    }

    fn found(&self, document: &Document, typed: Option<&str>) -> Result<Option<&KvMount>, Refused> {
        let Some(named) = document.value.pointer("/spec/secretStoreRef").and_then(StoreRef::read) else {
            let why = "this ExternalSecret names no store to read from";
            return Err((why.into(), "write `spec.secretStoreRef`"));
        };
        let shown = format!("the {} `{}`", named.kind.word(), named.name);
        let own = document.value.pointer("/metadata/namespace").and_then(Value::as_str);
        let namespace = own.filter(|own| !own.is_empty()).or(typed).unwrap_or_default();
        let is_meant = |store: &&(KnownStore, _)| store.0.is_named(&named, namespace);
        let mut found = self.at_hand.iter().filter(is_meant);
        let Some((store, mount)) = found.next() else { return self.usual(&named, &shown).map(|()| None) };
        if namespace.is_empty() && store.kind == StoreKind::SecretStore && !store.namespace.is_empty() {
            let why =
                format!("{shown} is one of `{}`, and the namespace of this is not known", store.namespace);
            return Err((why, "write `metadata.namespace`, or name it with `--namespace`"));
        }
        if found.any(|(_, other)| other != mount) {
            let why = format!("{shown} stands twice in these files and reads from different mounts");
            return Err((why, "name fewer files"));
        }
        let nowhere = || (format!("{shown} reads from neither Vault nor OpenBao"), "leave this file out");
        let mount = mount.as_ref().ok_or_else(nowhere)?;
        match self.elsewhere(mount) {
            Some((why, hint)) => Err((format!("{shown} {why}"), hint)),
            None => Ok(Some(mount)),
        }
    }

    /// Refuses a store that is in no file, unless the settings say it, or it was typed.
    fn usual(&self, named: &StoreRef, shown: &str) -> Result<(), Refused> {
        if let Some(why) = self.unread.first() {
            let why = format!("{shown} may be in a file that cannot be read: {why}");
            return Err((why, "leave that file out"));
        }
        if *named == self.look.store {
            return Ok(());
        }
        let why = format!("{shown} is in none of these files, and not that of the settings");
        let hint = "name its file too; or say which it is with `--store` and what it reads with `--mount`";
        Err((why, hint))
    }

    /// Why what is asked from here is not what a store reads.
    fn elsewhere(&self, mount: &KvMount) -> Option<Refused> {
        let same = |other: &str| other.trim_end_matches('/') == mount.server.trim_end_matches('/');
        let bare = |namespace: &Option<String>| {
            namespace.as_deref().unwrap_or_default().trim_matches('/').to_owned()
        };
        if !same(&self.vault.address) && !self.vault.cluster_address.as_deref().is_some_and(same) {
            let hint = "name that one as `vault.address`, or as `vault.clusterAddress` where only the cluster reaches it";
            return Some((
                format!("is of the Vault at {}, and the settings name {}", mount.server, self.vault.address),
                hint,
            ));
        }
        if bare(&mount.namespace) != bare(&self.vault.namespace) {
            let why = format!("reads in the namespace `{}` of Vault", bare(&mount.namespace));
            return Some((why, "name that one as `vault.namespace` of the settings"));
        }
        let other = self.mount.filter(|typed| typed.trim_matches('/') != mount.path)?;
        Some((
            format!("reads from the mount `{}`, and `{other}` was typed", mount.path),
            "leave out `--mount`",
        ))
    }
}
