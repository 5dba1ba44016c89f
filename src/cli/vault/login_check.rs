//! `sealstrap vault login-check`: can External Secrets log in by its service account.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde_json::Value;

use super::documents;
use crate::bootstrap::{World, login_check, policy};
use crate::cli::caller::{Caller, in_runtime};
use crate::cli::external::layout::kind;
use crate::error::{Error, Exit};
use crate::external::{self, Auth, ServiceAccount, Store, StoreRef};
use crate::settings::{ExternalSecrets, Login, VaultSettings};
use crate::yaml::Document;

/// Log in to Vault as External Secrets does by its service account, and say what works
///
/// Asks the API server for a fresh token of the service account, logs in with it, and asks what that login may do: the
/// policies it got, and the paths that the ExternalSecrets in these files read. Where it does not work, the part that is
/// wrong is named: the auth method, the address and authority it reviews tokens at, the role with its service accounts,
/// namespaces and audience, or the right of the account to have its token reviewed. Nothing is written, and the login's
/// token is revoked. Role and account are those of the settings, or of the store in these files that logs in so.
#[derive(Debug, Args)]
#[command(
    name = "login-check",
    after_help = "\
Examples:
  sealstrap vault login-check k8s/
  sealstrap vault login-check k8s/ --store vault-backend
  sealstrap vault login-check --role external-secrets --account external-secrets/external-secrets

Exit codes: 0 all of it works; 1 something does not."
)]
pub(super) struct LoginCheck {
    /// Files and folders with the store and the ExternalSecrets
    #[arg(value_name = "FILE|FOLDER", default_value = ".")]
    paths: Vec<PathBuf>,
    /// The store in these files whose login is tried
    #[arg(long, value_name = "NAME")]
    store: Option<String>,
    /// The path of the auth method
    #[arg(long, value_name = "PATH")]
    mount: Option<String>,
    /// The role
    #[arg(long, value_name = "NAME")]
    role: Option<String>,
    /// The service account
    #[arg(long, value_name = "NAMESPACE/NAME")]
    account: Option<String>,
    /// What the token is for; several one by one
    #[arg(long, value_name = "NAME")]
    audience: Vec<String>,
}

/// A login as somebody says it, and the store that it is of.
#[derive(Default)]
struct Said {
    /// The store, and its namespace where it has one.
    store: Option<(StoreRef, Option<String>)>,
    /// Where the store finds Vault, and the namespace there; nothing where no store is at hand.
    server: Option<(String, Option<String>)>,
    mount: String,
    role: String,
    account: Option<ServiceAccount>,
}

impl LoginCheck {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        caller.printer.busy();
        let mut settings = caller.settings(None)?;
        settings.check_vault()?;
        let mut documents = documents(caller, &self.paths)?;
        let said = self.said(&settings.external_secrets, &documents)?;
        said.lead_to(&mut settings.vault)?;
        // What other stores read is read by other logins.
        if let Some((store, namespace)) = &said.store {
            for document in &mut *documents {
                keep_those_of(document, store, namespace.as_deref());
            }
        }
        let policy = policy::least(&documents, &settings.vault, &settings.external_secrets);
        let check = self.check(said, policy)?;
        let world = World::new(Arc::new(settings), caller.printer.events());
        let findings = in_runtime(async { Ok(check.examine(&world).await) })?;
        Ok(caller.found(findings))
    }

    /// The login of the store that was named, of the settings, or of the only store that logs in so.
    fn said(&self, settings: &ExternalSecrets, documents: &[Document]) -> Result<Said, Error> {
        let stores = documents.iter().filter_map(|document| Store::read(&document.value).ok());
        let mut all: Vec<Said> = stores.filter_map(of_store).collect();
        if let Some(name) = &self.store {
            let found = all.into_iter().find(|said| said.name() == name);
            return found.ok_or_else(|| Error::Usage {
                complaint: format!("no store `{name}` in these files logs in by a service account"),
                hint: "name the file that holds it".into(),
            });
        }
        if let Some(said) = of_settings(settings, &mut all) {
            return Ok(said);
        }
        if all.len() > 1 && self.role.is_none() {
            let names: Vec<String> = all.iter().map(|said| format!("`{}`", said.name())).collect();
            return Err(Error::Usage {
                complaint: format!("several stores log in by a service account: {}", names.join(", ")),
                hint: "name one with `--store`".into(),
            });
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Said::default() })
    }

    /// What was typed over what was said.
    fn check(&self, said: Said, policy: external::Policy) -> Result<login_check::LoginCheck, Error> {
        let account = said.account;
        let place = match &self.account {
            Some(typed) => {
                typed.split_once('/').map(|(namespace, name)| (namespace.to_owned(), name.to_owned()))
            }
            None => account.as_ref().and_then(|of| Some((of.namespace.clone()?, of.name.clone()))),
        };
        let (namespace, account_name) =
            place.ok_or_else(|| needed("the service account", "--account NAMESPACE/NAME"))?;
        let role = self.role.clone().unwrap_or(said.role);
        if role.is_empty() {
            return Err(needed("the role", "--role NAME"));
        }
        let mount = self.mount.clone().unwrap_or(said.mount);
        let mount =
            if mount.is_empty() { "kubernetes".to_owned() } else { mount.trim_matches('/').to_owned() };
        let audiences = if self.audience.is_empty() {
            account.map(|account| account.audiences).unwrap_or_default()
        } else {
            self.audience.clone()
        };
        Ok(login_check::LoginCheck { mount, role, namespace, account: account_name, audiences, policy })
    }
}

/// The login of the settings. Their store says more of it, where it is at hand: its audiences, where it finds Vault.
fn of_settings(settings: &ExternalSecrets, all: &mut Vec<Said>) -> Option<Said> {
    let Login::Kubernetes(login) = &settings.login else { return None };
    let store = StoreRef { kind: kind(settings.store.kind), name: settings.store.name.clone() };
    let is_meant = |said: &Said| said.store.as_ref().is_some_and(|(known, _)| *known == store);
    if let Some(found) = all.iter().position(is_meant) {
        return Some(all.swap_remove(found));
    }
    let account = ServiceAccount {
        name: login.service_account.clone(),
        namespace: Some(login.namespace.clone()),
        audiences: Vec::new(),
    };
    let (mount, role) = (login.mount.clone(), login.role.clone());
    Some(Said { store: Some((store, None)), server: None, mount, role, account: Some(account) })
}

impl Said {
    fn name(&self) -> &str {
        self.store.as_ref().map_or("", |(store, _)| &store.name)
    }

    /// Makes the settings lead to the Vault of the store, in its namespace.
    fn lead_to(&self, vault: &mut VaultSettings) -> Result<(), Error> {
        let Some((server, namespace)) = &self.server else { return Ok(()) };
        let same = |other: &str| other.trim_end_matches('/') == server.trim_end_matches('/');
        if !same(&vault.address) && !vault.cluster_address.as_deref().is_some_and(same) {
            return Err(Error::Usage {
                complaint: format!(
                    "the store `{}` is of the Vault at {server}, and the settings name {}",
                    self.name(),
                    vault.address
                ),
                hint:
                    "name that one as `vault.address`, or as `vault.clusterAddress` where only the cluster \
                       reaches it"
                        .into(),
            });
        }
        vault.namespace.clone_from(namespace);
        Ok(())
    }
}

/// The login of a store, where it is one by a service account. That of a SecretStore is in its own namespace.
fn of_store(store: Store) -> Option<Said> {
    let Auth::Kubernetes { mount, role, account } = store.auth else { return None };
    let (kind, own) = (store.kind, store.namespace);
    let place = (StoreRef { kind, name: store.name }, own.clone().filter(|own| !own.is_empty()));
    let account = account.map(|account| ServiceAccount {
        namespace: if kind == external::StoreKind::SecretStore { own } else { account.namespace },
        ..account
    });
    Some(Said {
        store: Some(place),
        server: Some((store.server, store.vault_namespace)),
        mount,
        role,
        account,
    })
}

/// Takes the entries out of an ExternalSecret that are read through other stores.
fn keep_those_of(document: &mut Document, store: &StoreRef, namespace: Option<&str>) {
    let spec = match external::kind_of(document) {
        Some("ExternalSecret") => "/spec",
        Some("ClusterExternalSecret") => "/spec/externalSecretSpec",
        _ => return,
    };
    let own = document.value.pointer("/metadata/namespace").and_then(Value::as_str).unwrap_or_default();
    let is_elsewhere = namespace.is_some_and(|namespace| !own.is_empty() && own != namespace);
    let named = document.value.pointer(&format!("{spec}/secretStoreRef")).and_then(StoreRef::read);
    for field in ["data", "dataFrom"] {
        let Some(Value::Array(entries)) = document.value.pointer_mut(&format!("{spec}/{field}")) else {
            continue;
        };
        entries.retain(|entry| {
            let other = entry.pointer("/sourceRef/storeRef").filter(|other| !other.is_null());
            let through = other.map_or_else(|| named.clone(), StoreRef::read);
            !is_elsewhere && through.as_ref() == Some(store)
        });
    }
}

fn needed(what: &str, flag: &str) -> Error {
    Error::Usage {
        complaint: format!("{what} is not known"),
        hint: format!("name it with `{flag}`, or the file with the store, or in `externalSecrets.login`"),
    }
}
