//! Stores: what tells the operator where Vault or OpenBao is and how to log in, with every default spelled out.

mod read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::auth::with_namespace;
use super::external_secret::GROUP_VERSION;
use super::{Auth, Error, StoreKind};
use crate::seal::{Certificate, names};

pub use read::KvMount;

/// Whose provider a store uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// `vault`, which speaks to OpenBao as well.
    Vault,
    /// `openBao`, since 2.7.
    OpenBao,
}

/// The version of a KV mount.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KvVersion {
    /// Without versions.
    V1,
    /// With versions.
    #[default]
    V2,
}

/// Who vouches for the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authority {
    /// Certificates in PEM.
    Bundle(String),
    /// A key of a Secret or ConfigMap.
    Object {
        /// Whether it is a ConfigMap.
        config_map: bool,
        /// Its name.
        name: String,
        /// The key.
        key: String,
        /// Its namespace: needed by a ClusterSecretStore, refused in a SecretStore.
        namespace: Option<String>,
    },
}

/// A SecretStore or ClusterSecretStore.
///
/// ```
/// use sealstrap::external::{Auth, KvVersion, Provider, SecretRef, Store, StoreKind};
///
/// let token = SecretRef { name: "vault-token".into(), key: "token".into(), namespace: Some("external-secrets".into()) };
/// let store = Store {
///     kind: StoreKind::ClusterSecretStore,
///     name: "vault".into(),
///     namespace: None,
///     provider: Provider::Vault,
///     server: "https://vault.example.com:8200".into(),
///     mount: "secret".into(),
///     version: KvVersion::V2,
///     vault_namespace: None,
///     authority: None,
///     auth: Auth::Token(token),
/// };
/// let object = store.object()?;
/// assert_eq!(object["spec"]["provider"]["vault"]["version"], "v2");
/// # Ok::<(), sealstrap::external::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// Its kind.
    pub kind: StoreKind,
    /// Its name.
    pub name: String,
    /// Its namespace; none for a ClusterSecretStore.
    pub namespace: Option<String>,
    /// Whose provider it uses.
    pub provider: Provider,
    /// The address of the server.
    pub server: String,
    /// The KV mount.
    pub mount: String,
    /// The version of the mount.
    pub version: KvVersion,
    /// The namespace in Vault or OpenBao.
    pub vault_namespace: Option<String>,
    /// Who vouches for the server; the system's authorities where nobody is named.
    pub authority: Option<Authority>,
    /// How the operator logs in.
    pub auth: Auth,
}

impl Store {
    /// The store as an object.
    ///
    /// # Errors
    /// What the API server or the operator would refuse.
    pub fn object(&self) -> Result<Value, Error> {
        self.check()?;
        let mut provider = Map::from_iter([
            ("server".into(), self.server.as_str().into()),
            ("path".into(), self.mount.as_str().into()),
            ("version".into(), if self.version == KvVersion::V1 { "v1" } else { "v2" }.into()),
        ]);
        if let Some(namespace) = &self.vault_namespace {
            provider.insert("namespace".into(), namespace.as_str().into());
        }
        match &self.authority {
            None => {}
            Some(Authority::Bundle(pem)) => {
                provider.insert("caBundle".into(), STANDARD.encode(pem).into());
            }
            Some(Authority::Object { config_map, name, key, namespace }) => {
                let kind = if *config_map { "ConfigMap" } else { "Secret" };
                let value = json!({"type": kind, "name": name, "key": key});
                provider.insert("caProvider".into(), with_namespace(value, namespace.as_deref()));
            }
        }
        provider.insert("auth".into(), json!({self.auth.word(): self.auth.value()}));
        let metadata = with_namespace(json!({"name": self.name}), self.namespace.as_deref());
        let word = if self.provider == Provider::Vault { "vault" } else { "openBao" };
        let spec = json!({"provider": {word: provider}});
        Ok(json!({"apiVersion": GROUP_VERSION, "kind": self.kind.word(), "metadata": metadata, "spec": spec}))
    }

    fn check(&self) -> Result<(), Error> {
        let mut errors = Vec::new();
        let mut refuse = |complaint: String| {
            errors.push(Error::Store { kind: self.kind.word(), name: self.name.clone(), complaint });
        };
        if let Err(why) = names::object(&self.name) {
            refuse(format!("the name {why}"));
        }
        match (self.kind, &self.namespace) {
            (StoreKind::ClusterSecretStore, Some(_)) => refuse("it has no namespace".into()),
            (StoreKind::SecretStore, Some(namespace)) => {
                if let Err(why) = names::namespace(namespace) {
                    refuse(format!("the namespace `{namespace}` {why}"));
                }
            }
            _ => {}
        }
        if !self.server.starts_with("https://") && !self.server.starts_with("http://") {
            refuse(format!("the address `{}` begins with neither `https://` nor `http://`", self.server));
        }
        if self.mount.is_empty() || self.mount.starts_with('/') || self.mount.ends_with('/') {
            refuse(format!("the mount `{}` is empty, or has a slash at an end", self.mount));
        }
        if self.provider == Provider::OpenBao
            && !matches!(self.auth, Auth::AppRole { .. } | Auth::Token(_) | Auth::UserPass { .. })
        {
            let word = self.auth.word();
            refuse(format!(
                "`openBao` logs in with `appRole`, `tokenSecretRef` or `userPass`, not with `{word}`"
            ));
        }
        self.check_references(&mut refuse);
        Error::all(errors)
    }

    fn check_references(&self, refuse: &mut impl FnMut(String)) {
        let own = self.namespace.as_deref();
        let elsewhere = |namespace: &str| self.kind == StoreKind::SecretStore && own != Some(namespace);
        for namespace in self.auth.namespaces().into_iter().filter(|namespace| elsewhere(namespace)) {
            refuse(format!("it does not look into namespace `{namespace}`"));
        }
        if let Some(Authority::Object { namespace, .. }) = &self.authority {
            match (self.kind, namespace) {
                (StoreKind::ClusterSecretStore, None) => {
                    refuse("the namespace of the certificate authority is missing".into());
                }
                (StoreKind::SecretStore, Some(other)) if elsewhere(other) => {
                    refuse(format!("it does not look into namespace `{other}`"));
                }
                _ => {}
            }
        }
        if let Some(Authority::Bundle(pem)) = &self.authority
            && !Certificate::is_in(pem.as_bytes())
        {
            refuse("the certificate authority is no certificate in PEM".into());
        }
    }
}
