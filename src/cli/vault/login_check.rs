//! `sealstrap vault login-check`: can External Secrets log in by its service account.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::documents;
use crate::bootstrap::{World, login_check, policy};
use crate::cli::caller::{Caller, in_runtime};
use crate::error::{Error, Exit};
use crate::external::{self, Auth, ServiceAccount, Store, reads};
use crate::settings::{ExternalSecrets, Login};
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
    store: String,
    mount: String,
    role: String,
    account: Option<ServiceAccount>,
}

impl LoginCheck {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        caller.printer.busy();
        let settings = caller.settings(None)?;
        settings.check_vault()?;
        let mut documents = documents(&self.paths)?;
        let said = self.said(&settings.external_secrets, &documents)?;
        // What other stores read is read by other logins.
        documents.retain(|document| !is_of_another(document, &said.store));
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
            let found = all.into_iter().find(|said| said.store == *name);
            return found.ok_or_else(|| Error::Usage {
                complaint: format!("no store `{name}` in these files logs in by a service account"),
                hint: "name the file that holds it".into(),
            });
        }
        if let Login::Kubernetes(login) = &settings.login {
            let account = ServiceAccount {
                name: login.service_account.clone(),
                namespace: Some(login.namespace.clone()),
                audiences: Vec::new(),
            };
            let (store, mount, role) = (settings.store.name.clone(), login.mount.clone(), login.role.clone());
            return Ok(Said { store, mount, role, account: Some(account) });
        }
        if all.len() > 1 && self.role.is_none() {
            let names: Vec<String> = all.iter().map(|said| format!("`{}`", said.store)).collect();
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

/// The login of a store, where it is one by a service account. That of a SecretStore is in its own namespace.
fn of_store(store: Store) -> Option<Said> {
    let Auth::Kubernetes { mount, role, account } = store.auth else { return None };
    let (kind, own) = (store.kind, store.namespace);
    let account = account.map(|account| ServiceAccount {
        namespace: if kind == external::StoreKind::SecretStore { own } else { account.namespace },
        ..account
    });
    Some(Said { store: store.name, mount, role, account })
}

/// Whether it is an ExternalSecret that reads through other stores only.
fn is_of_another(document: &Document, store: &str) -> bool {
    let reads = if external::is_external_secret(document) { reads(document).all } else { return false };
    !store.is_empty() && !reads.is_empty() && reads.iter().all(|read| read.store.name != store)
}

fn needed(what: &str, flag: &str) -> Error {
    Error::Usage {
        complaint: format!("{what} is not known"),
        hint: format!("name it with `{flag}`, or the file with the store, or in `externalSecrets.login`"),
    }
}
