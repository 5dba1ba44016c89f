//! Logging in to Vault as a store does, with what the cluster holds for it.

use serde_json::Value;

use crate::external::{Auth, Authority, RoleId, SecretRef, ServiceAccount, Store};
use crate::plain::Plain;
use crate::remote;
use crate::remote::Cause;
use crate::remote::cluster::{Cluster, ObjectRef};
use crate::remote::vault::{Access, Login, Trust, Vault};
use crate::settings::ExternalSettings;

/// Why nobody is logged in.
pub(super) enum Stop {
    /// It cannot be tried from here.
    NotTried(String),
    /// The operator would be refused as well; and what to do.
    Refused(String, Option<String>),
    /// Something else: Vault does not answer, the cluster refuses.
    Failed(remote::Error),
}

/// The way to the Vaults of stores.
pub(super) struct Doors<'d> {
    pub(super) cluster: &'d Cluster,
    pub(super) settings: &'d ExternalSettings,
    pub(super) server: Option<&'d str>,
}

/// Where a Vault is asked.
struct Place {
    address: String,
    trust: Trust,
    /// Whether that is another address than the store's.
    is_from_here: bool,
}

impl Doors<'_> {
    /// Logs in as a store, for an ExternalSecret of a namespace.
    pub(super) async fn open(&self, store: &Store, namespace: &str) -> Result<Vault, Stop> {
        let place = self.place(store, namespace).await?;
        let (is_from_here, is_file) = (place.is_from_here, matches!(place.trust, Trust::File(_)));
        let access = Access {
            address: place.address,
            namespace: store.vault_namespace.clone(),
            trust: place.trust,
            timeout: self.settings.timeouts.request.get(),
            login: self.login(store, namespace).await?,
        };
        Vault::connect(access).await.map_err(|error| match error.cause {
            Cause::Unreachable { .. } if self.server.is_none() => Stop::Failed(error.hint(
                "where that is an address within the cluster, forward a port and name it with `--server`, or name that address as \
                 `vault.clusterAddress` and the one from here as `vault.address`",
            )),
            _ if error.passes() => Stop::Failed(error),
            // The operator goes by the store's own address, and may well get there.
            Cause::Untrusted { .. } | Cause::Malformed(_) | Cause::Invalid(_) if is_from_here => {
                Stop::Failed(error)
            }
            Cause::Local(_) if is_file => Stop::Failed(error),
            Cause::Unauthenticated(why) => Stop::Refused(why, Some(way_on(&store.auth).into())),
            cause => Stop::Refused(cause.to_string(), error.hint),
        })
    }

    /// The address of its Vault as seen from here, and who vouches for it.
    async fn place(&self, store: &Store, namespace: &str) -> Result<Place, Stop> {
        let vault = &self.settings.vault;
        let same = |other: &str| other.trim_end_matches('/') == store.server.trim_end_matches('/');
        let is_of_settings = vault.cluster_address.as_deref().is_some_and(same) && !vault.address.is_empty();
        let here = self.settings.vault_ca_here.as_ref();
        let (address, file) = match self.server {
            Some(server) => (server, here),
            None if is_of_settings && !same(&vault.address) => {
                (vault.address.as_str(), here.or(vault.ca.as_ref()))
            }
            None => (store.server.as_str(), None),
        };
        let trust = match file {
            Some(file) => Trust::File(self.settings.root.join(file)),
            None => self.trust(store, namespace).await?,
        };
        Ok(Place { address: address.to_owned(), trust, is_from_here: !same(address) })
    }

    async fn trust(&self, store: &Store, asking: &str) -> Result<Trust, Stop> {
        let Some(authority) = &store.authority else { return Ok(Trust::System) };
        let (config_map, name, key, namespace) = match authority {
            Authority::Bundle(pem) => return Ok(Trust::Pem(Plain::from(pem.clone()))),
            Authority::Object { config_map, name, key, namespace } => (config_map, name, key, namespace),
        };
        let home = known(store.home(namespace.as_deref(), asking))?;
        if !config_map {
            let secret = SecretRef { name: name.clone(), key: key.clone(), namespace: namespace.clone() };
            return self.value(&secret, store, asking).await.map(Trust::Pem);
        }
        let object = ObjectRef {
            api_version: "v1".into(),
            kind: "ConfigMap".into(),
            namespace: Some(home.to_owned()),
            name: name.clone(),
        };
        let found = self.cluster.get(&object).await.map_err(Stop::Failed)?;
        let pem = found.as_ref().and_then(|found| found["data"].get(key).and_then(Value::as_str));
        let pem =
            pem.ok_or_else(|| Stop::Refused(format!("ConfigMap `{home}/{name}` has no `{key}`"), None))?;
        Ok(Trust::Pem(Plain::from(pem.to_owned())))
    }

    async fn login(&self, store: &Store, asking: &str) -> Result<Login, Stop> {
        let text = |text: &str| Plain::from(text.to_owned());
        Ok(match &store.auth {
            Auth::Token(secret) => Login::Token(self.credential(secret, store, asking).await?),
            Auth::AppRole { mount, role, secret } => Login::AppRole {
                mount: mount.clone(),
                role_id: match role {
                    RoleId::Text(id) => text(id),
                    RoleId::Secret(id) => self.credential(id, store, asking).await?,
                },
                secret_id: self.credential(secret, store, asking).await?,
            },
            Auth::UserPass { mount, username, secret } => Login::UserPass {
                mount: mount.clone(),
                username: username.clone(),
                password: self.credential(secret, store, asking).await?,
            },
            Auth::Kubernetes { mount, role, account: Some(account) } => Login::Kubernetes {
                mount: mount.clone(),
                role: role.clone(),
                token: self.token(account, store, asking).await?,
            },
            Auth::Kubernetes { account: None, .. } => {
                let why = "it logs in as the operator's own service account, which it does not name";
                return Err(Stop::NotTried(why.into()));
            }
            Auth::Cert { .. } | Auth::Jwt { .. } => {
                return Err(Stop::NotTried(format!("it logs in by `{}`", store.auth.word())));
            }
        })
    }

    /// What is logged in with. The operator sends it as it is.
    async fn credential(&self, secret: &SecretRef, store: &Store, asking: &str) -> Result<Plain, Stop> {
        let value = self.value(secret, store, asking).await?;
        if !value.ends_with_newline() {
            return Ok(value);
        }
        let home = store.home(secret.namespace.as_deref(), asking);
        let why = format!("`{}` of the Secret `{home}/{}` ends in a line feed", secret.key, secret.name);
        Err(Stop::Refused(
            why,
            Some("write it anew without one, as `printf %s` does and `echo` does not".into()),
        ))
    }

    /// What lies under a key of a Secret.
    async fn value(&self, secret: &SecretRef, store: &Store, asking: &str) -> Result<Plain, Stop> {
        let (home, SecretRef { name, key, .. }) = (store.home(secret.namespace.as_deref(), asking), secret);
        let home = known(home)?;
        let found = self.cluster.secret(home, name).await.map_err(Stop::Failed)?;
        let Some(mut found) = found else {
            return Err(Stop::Refused(format!("there is no Secret `{home}/{name}` in the cluster"), None));
        };
        let held = found.data.remove(key).filter(|held| !held.is_empty());
        held.ok_or_else(|| {
            Stop::Refused(format!("the Secret `{home}/{name}` has no value for `{key}`"), None)
        })
    }

    /// A fresh token of a service account.
    async fn token(&self, account: &ServiceAccount, store: &Store, asking: &str) -> Result<Plain, Stop> {
        let home = known(store.home(account.namespace.as_deref(), asking))?;
        let made = self.cluster.account_token(home, &account.name, &account.audiences).await;
        made.map_err(|error| match error.cause {
            Cause::NotFound(_) => {
                Stop::Refused(format!("there is no ServiceAccount `{home}/{}`", account.name), None)
            }
            _ => Stop::Failed(error),
        })
    }
}

/// A namespace, unless nobody says which.
fn known(namespace: &str) -> Result<&str, Stop> {
    if namespace.is_empty() {
        return Err(Stop::NotTried(
            "the namespace of its Secrets is that of an object that names none".into(),
        ));
    }
    Ok(namespace)
}

/// What to do where Vault refuses.
fn way_on(auth: &Auth) -> &'static str {
    match auth {
        Auth::Token(_) => {
            "put a token that lives into that Secret; `sealstrap run create-vault-token-secret` makes one"
        }
        Auth::Kubernetes { .. } => {
            "`sealstrap vault login-check` tells which of role, account, review and policy is wrong"
        }
        _ => "check the mount, the role, and what the Secret holds",
    }
}
