//! `sealstrap external store`: the store through which External Secrets reads from Vault.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::layout::kind;
use crate::cli::caller::Caller;
use crate::error::{Error, Exit};
use crate::external::check::{self, Around};
use crate::external::{
    Auth, Authority, JwtSource, KvVersion, Operator, Provider, RoleId, SecretRef, ServiceAccount,
    Store as Made, StoreKind,
};
use crate::seal::verify::Severity;
use crate::settings::{ExternalSettings, KvEngine, Login};
use crate::yaml;

/// Make the SecretStore or ClusterSecretStore for a Vault
///
/// What is not typed is taken from `vault` and `externalSecrets` of the settings. Fields that the API server would fill in
/// are written out.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap external store > k8s/apps/external-secrets/store.yaml
  sealstrap external store --login kubernetes --role external-secrets --account external-secrets/external-secrets
  sealstrap external store --kind SecretStore --namespace shop --login app-role --role shop --secret vault-approle/secret-id
  sealstrap external store --login cert --secret vault-client/tls.crt --key vault-client/tls.key")]
pub(super) struct Store {
    /// The kind [settings: externalSecrets.store.kind]
    #[arg(long, value_enum, value_name = "KIND")]
    kind: Option<TypedKind>,
    /// The name [settings: externalSecrets.store.name]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The namespace of a SecretStore; of a ClusterSecretStore that of the Secrets it logs in with
    #[arg(short, long, value_name = "NAME")]
    namespace: Option<String>,
    /// OpenBao instead of Vault, for operators that know it
    #[arg(long)]
    openbao: bool,
    /// The address by which the cluster reaches it [settings: vault.clusterAddress, else vault.address]
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// The mount [settings: vault.mount]
    #[arg(long, value_name = "NAME")]
    mount: Option<String>,
    /// The version of the mount [settings: vault.kv]
    #[arg(long, value_enum, value_name = "VERSION")]
    kv: Option<TypedKv>,
    /// The namespace in Vault or OpenBao [settings: vault.namespace]
    #[arg(long, value_name = "NAME")]
    vault_namespace: Option<String>,
    /// The version of External Secrets in the cluster, such as 0.19: what it does not know is refused [settings:
    /// externalSecrets.version]
    #[arg(long, value_name = "VERSION")]
    operator: Option<String>,
    /// How the operator logs in [settings: externalSecrets.login]
    #[arg(long, value_enum, value_name = "WAY")]
    login: Option<TypedLogin>,
    /// The path of the auth method, where it is not its usual one
    #[arg(long, value_name = "PATH", requires = "login")]
    at: Option<String>,
    /// The role, or the role id of an AppRole
    #[arg(long, value_name = "NAME", requires = "login")]
    role: Option<String>,
    /// The Secret with the role id of an AppRole, where it is not to stand in the store
    #[arg(long, value_name = "NAME/KEY", requires = "login", conflicts_with = "role")]
    role_secret: Option<String>,
    /// The user
    #[arg(long, value_name = "NAME", requires = "login")]
    username: Option<String>,
    /// The service account, NAME or NAMESPACE/NAME
    #[arg(long, value_name = "NAME", requires = "login")]
    account: Option<String>,
    /// The Secret with the token, password, secret id, JWT or certificate
    #[arg(long, value_name = "NAME/KEY", requires = "login")]
    secret: Option<String>,
    /// The Secret with the key of the certificate
    #[arg(long, value_name = "NAME/KEY", requires = "login")]
    key: Option<String>,
    /// A PEM file with the authority of its certificate, written into the store [settings: vault.caSecret, where vault.ca is
    /// set]
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The Secret with that authority, which the store refers to
    #[arg(long, value_name = "NAME/KEY", conflicts_with = "ca")]
    ca_secret: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum TypedKv {
    /// Without versions
    V1,
    /// With versions
    V2,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum TypedKind {
    /// For its own namespace
    #[value(name = "SecretStore")]
    SecretStore,
    /// For all namespaces
    #[value(name = "ClusterSecretStore")]
    ClusterSecretStore,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TypedLogin {
    /// By a token in a Secret
    Token,
    /// By a service account
    Kubernetes,
    /// By an AppRole
    AppRole,
    /// By a user and a password
    Userpass,
    /// By a client certificate
    Cert,
    /// By a JWT in a Secret, or of a service account
    Jwt,
}

impl Store {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let settings = caller.external()?;
        let version = self.operator.as_ref().or(settings.external_secrets.version.as_ref());
        let operator = version.map_or(Ok(Operator::NEWEST), |version| version.parse())?;
        let mut object = self.made(&settings)?.object()?;
        if self.at.is_none() {
            leave_out_usual(&mut object, operator);
        }
        let text = yaml::to_string(&object);
        taken(&text, operator)?;
        caller.printer.data(&text);
        Ok(Exit::Done)
    }

    fn made(&self, settings: &ExternalSettings) -> Result<Made, Error> {
        let (said, vault) = (&settings.external_secrets.store, &settings.vault);
        let kind = match self.kind {
            Some(TypedKind::SecretStore) => StoreKind::SecretStore,
            Some(TypedKind::ClusterSecretStore) => StoreKind::ClusterSecretStore,
            None => kind(said.kind),
        };
        let server = self.server.as_ref().or(vault.cluster_address.as_ref()).unwrap_or(&vault.address);
        if server.is_empty() {
            return Err(needed("the address of Vault", "--server"));
        }
        Ok(Made {
            kind,
            name: self.name.as_ref().unwrap_or(&said.name).clone(),
            namespace: self.namespace.clone().filter(|_| kind == StoreKind::SecretStore),
            provider: if self.openbao { Provider::OpenBao } else { Provider::Vault },
            server: server.clone(),
            mount: self.mount.as_ref().unwrap_or(&vault.mount).clone(),
            version: match (self.kv, vault.kv) {
                (Some(TypedKv::V1), _) | (None, KvEngine::V1) => KvVersion::V1,
                (Some(TypedKv::V2), _) | (None, KvEngine::V2) => KvVersion::V2,
            },
            vault_namespace: self.vault_namespace.clone().or_else(|| vault.namespace.clone()),
            authority: self.authority(settings, kind)?,
            auth: match self.login {
                Some(login) => self.auth(login, kind)?,
                None => of_settings(settings, kind),
            },
        })
    }

    fn authority(&self, settings: &ExternalSettings, kind: StoreKind) -> Result<Option<Authority>, Error> {
        if let Some(file) = &self.ca {
            let text = std::fs::read_to_string(file);
            let text = text.map_err(Error::system(format!("read {}", file.display())))?;
            return Ok(Some(Authority::Bundle(text)));
        }
        if let Some(typed) = &self.ca_secret {
            let SecretRef { name, key, namespace } = self.secret_ref(typed, "--ca-secret", kind)?;
            return Ok(Some(Authority::Object { config_map: false, name, key, namespace }));
        }
        let place = &settings.vault.ca_secret;
        Ok(settings.vault.ca.as_ref().map(|_| Authority::Object {
            config_map: false,
            name: place.name.clone(),
            key: place.key.clone(),
            namespace: of_cluster(kind, &place.namespace),
        }))
    }

    fn auth(&self, login: TypedLogin, kind: StoreKind) -> Result<Auth, Error> {
        let mount = |usual: &str| self.at.as_deref().unwrap_or(usual).to_owned();
        let text =
            |typed: &Option<String>, what: &str, flag: &str| typed.clone().ok_or_else(|| needed(what, flag));
        let secret = |typed: &Option<String>, flag: &str| {
            let typed = text(typed, "a Secret of this login", flag)?;
            self.secret_ref(&typed, flag, kind)
        };
        Ok(match login {
            TypedLogin::Token => Auth::Token(secret(&self.secret, "--secret")?),
            TypedLogin::Kubernetes => Auth::Kubernetes {
                mount: mount("kubernetes"),
                role: text(&self.role, "the role", "--role")?,
                account: self.account.as_deref().map(|typed| self.account(typed, kind)),
            },
            TypedLogin::AppRole => Auth::AppRole {
                mount: mount("approle"),
                role: self.role_id(kind)?,
                secret: secret(&self.secret, "--secret")?,
            },
            TypedLogin::Userpass => Auth::UserPass {
                mount: mount("userpass"),
                username: text(&self.username, "the user", "--username")?,
                secret: secret(&self.secret, "--secret")?,
            },
            TypedLogin::Cert => Auth::Cert {
                mount: mount("cert"),
                role: self.role.clone(),
                certificate: secret(&self.secret, "--secret")?,
                key: secret(&self.key, "--key")?,
            },
            TypedLogin::Jwt => Auth::Jwt {
                mount: mount("jwt"),
                role: self.role.clone(),
                source: match &self.account {
                    Some(typed) => JwtSource::ServiceAccount(self.account(typed, kind)),
                    None => JwtSource::Secret(secret(&self.secret, "--secret")?),
                },
            },
        })
    }

    fn role_id(&self, kind: StoreKind) -> Result<RoleId, Error> {
        match (&self.role_secret, &self.role) {
            (Some(typed), _) => Ok(RoleId::Secret(self.secret_ref(typed, "--role-secret", kind)?)),
            (None, Some(role)) => Ok(RoleId::Text(role.clone())),
            (None, None) => Err(needed("the role id", "--role")),
        }
    }

    fn secret_ref(&self, typed: &str, flag: &str, kind: StoreKind) -> Result<SecretRef, Error> {
        let (name, key) = typed.split_once('/').ok_or_else(|| Error::Usage {
            complaint: format!("`{typed}` names no key of a Secret"),
            hint: format!("write `{flag} NAME/KEY`"),
        })?;
        let namespace = self.namespace.clone().filter(|_| kind == StoreKind::ClusterSecretStore);
        Ok(SecretRef { name: name.to_owned(), key: key.to_owned(), namespace })
    }

    /// The account. A SecretStore may say no namespace but its own, and that of another account is refused with the store.
    fn account(&self, typed: &str, kind: StoreKind) -> ServiceAccount {
        let (namespace, name) = match typed.split_once('/') {
            Some((namespace, name)) => (Some(namespace.to_owned()), name),
            None => (self.namespace.clone(), typed),
        };
        let is_said = kind == StoreKind::ClusterSecretStore || namespace != self.namespace;
        let namespace = namespace.filter(|_| is_said);
        ServiceAccount { name: name.to_owned(), namespace, audiences: Vec::new() }
    }
}

/// How the settings say that the operator logs in.
fn of_settings(settings: &ExternalSettings, kind: StoreKind) -> Auth {
    let token = &settings.vault.token_secret;
    match &settings.external_secrets.login {
        Login::Token => Auth::Token(SecretRef {
            name: token.name.clone(),
            key: token.key.clone(),
            namespace: of_cluster(kind, &token.namespace),
        }),
        Login::Kubernetes(login) => Auth::Kubernetes {
            mount: login.mount.clone(),
            role: login.role.clone(),
            account: Some(ServiceAccount {
                name: login.service_account.clone(),
                namespace: of_cluster(kind, &login.namespace),
                audiences: Vec::new(),
            }),
        },
    }
}

/// A store for all namespaces has to say in which one what it refers to is.
fn of_cluster(kind: StoreKind, namespace: &str) -> Option<String> {
    (kind == StoreKind::ClusterSecretStore).then(|| namespace.to_owned())
}

/// Leaves the usual path of `cert` out where the operator knows no other and no field for it: before 0.20.
fn leave_out_usual(store: &mut Value, operator: Operator) {
    let cert = store.pointer_mut("/spec/provider/vault/auth/cert").and_then(Value::as_object_mut);
    if let Some(cert) = cert.filter(|_| !operator.knows((0, 20))) {
        cert.remove("path");
    }
}

/// Refuses what the API server or the operator would refuse.
fn taken(store: &str, operator: Operator) -> Result<(), Error> {
    let around = Around { operator, ..Around::default() };
    let documents = yaml::each("the store".as_ref(), store)?;
    let findings = documents.iter().filter_map(|document| check::object(document, &around));
    let findings = findings.flat_map(|checked| checked.findings);
    let errors = findings.filter(|finding| finding.severity == Severity::Error);
    let mut errors: Vec<Error> = errors
        .map(|finding| Error::Usage { complaint: finding.message, hint: finding.hint.unwrap_or_default() })
        .collect();
    match errors.len() {
        0 => Ok(()),
        1 => Err(errors.remove(0)),
        count => Err(Error::several(format!("the store has {count} faults"), errors)),
    }
}

fn needed(what: &str, flag: &str) -> Error {
    Error::Usage { complaint: format!("{what} is not known"), hint: format!("name it with `{flag}`") }
}
