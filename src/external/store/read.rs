//! Stores as files and API servers have them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::external::check::sheet::{child, text};
use crate::external::{
    Auth, Authority, Error, JwtSource, KvVersion, Provider, RoleId, SecretRef, ServiceAccount, Store,
    StoreKind, kind_in, policy,
};

impl Store {
    /// Reads a store. A mount that it leaves to each key is empty.
    ///
    /// # Errors
    /// What reads from something else than Vault or OpenBao, or logs in in a way that is not known here.
    pub fn read(object: &Value) -> Result<Self, Error> {
        let kind = kind_in(object).and_then(StoreKind::of_word).unwrap_or(StoreKind::SecretStore);
        let named = |field: &str| object.get("metadata").and_then(|all| text(all, field)).map(str::to_owned);
        let name = named("name").unwrap_or_default();
        let refuse = |complaint: String| Error::Store { kind: kind.word(), name: name.clone(), complaint };
        let Some((provider, said)) = provider(object) else {
            return Err(refuse("it reads from neither Vault nor OpenBao".into()));
        };
        let kv = KvMount::said(said);
        Ok(Self {
            kind,
            namespace: named("namespace"),
            provider,
            server: kv.server,
            mount: kv.path,
            version: kv.version,
            vault_namespace: kv.namespace,
            authority: authority(said).map_err(refuse)?,
            auth: auth(said).map_err(refuse)?,
            name,
        })
    }

    /// The path of Vault's API that the operator asks for a key.
    #[must_use]
    pub fn request_path(&self, key: &str) -> String {
        request_path(&self.mount, self.version, key)
    }

    /// The namespace of something that it refers to, for an ExternalSecret of a namespace.
    #[must_use]
    pub fn home<'n>(&'n self, named: Option<&'n str>, asking: &'n str) -> &'n str {
        match self.kind {
            StoreKind::SecretStore => self.namespace.as_deref().unwrap_or(asking),
            StoreKind::ClusterSecretStore => named.unwrap_or(asking),
        }
    }

    /// Whether what it logs in with depends on the namespace of the ExternalSecret.
    #[must_use]
    pub fn is_referent(&self) -> bool {
        self.kind == StoreKind::ClusterSecretStore && self.auth.is_referent()
    }
}

/// The KV mount that a store reads, whoever logs in there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KvMount {
    /// The address of Vault.
    pub server: String,
    /// The namespace in Vault or OpenBao.
    pub namespace: Option<String>,
    /// Its path; empty where that is left to each key.
    pub path: String,
    /// Its version.
    pub version: KvVersion,
}

impl KvMount {
    /// The mount that a store reads; nothing where it reads from neither Vault nor OpenBao.
    #[must_use]
    pub fn of(store: &Value) -> Option<Self> {
        provider(store).map(|(_, said)| Self::said(said))
    }

    fn said(said: &Value) -> Self {
        let owned = |field: &str| text(said, field).map(str::to_owned);
        Self {
            server: owned("server").unwrap_or_default(),
            namespace: owned("namespace"),
            path: owned("path").unwrap_or_default().trim_matches('/').to_owned(),
            version: if text(said, "version") == Some("v1") { KvVersion::V1 } else { KvVersion::V2 },
        }
    }

    /// The path of Vault's API that the operator asks for a key.
    #[must_use]
    pub fn request_path(&self, key: &str) -> String {
        request_path(&self.path, self.version, key)
    }
}

fn request_path(mount: &str, version: KvVersion, key: &str) -> String {
    let mount = Some(mount).filter(|mount| !mount.is_empty());
    policy::request_path(key, mount, version == KvVersion::V1)
}

/// What a store says of Vault, or of OpenBao.
fn provider(store: &Value) -> Option<(Provider, &Value)> {
    let all = store.get("spec").and_then(|spec| child(spec, "provider"))?;
    let said = child(all, "vault").map(|said| (Provider::Vault, said));
    said.or_else(|| Some((Provider::OpenBao, child(all, "openBao")?)))
}

fn authority(said: &Value) -> Result<Option<Authority>, String> {
    if let Some(bundle) = text(said, "caBundle") {
        let bytes = STANDARD.decode(bundle.replace(['\n', '\r', ' '], "")).ok();
        let pem = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        return pem
            .map(|pem| Some(Authority::Bundle(pem)))
            .ok_or("its `caBundle` is no PEM in base64".into());
    }
    let Some(named) = child(said, "caProvider") else { return Ok(None) };
    let owned = |field: &str| text(named, field).map(str::to_owned);
    Ok(Some(Authority::Object {
        config_map: text(named, "type") == Some("ConfigMap"),
        name: owned("name").unwrap_or_default(),
        key: owned("key").unwrap_or_default(),
        namespace: owned("namespace"),
    }))
}

/// How it logs in; of several ways the one that the operator takes.
fn auth(said: &Value) -> Result<Auth, String> {
    let all = child(said, "auth").ok_or("it does not say how to log in")?;
    if text(all, "namespace").is_some_and(|other| text(said, "namespace") != Some(other)) {
        return Err("it logs in in another namespace of Vault".into());
    }
    if child(said, "tls").is_some() {
        return Err("it shows Vault a certificate of its own".into());
    }
    let way = ["tokenSecretRef", "appRole", "kubernetes", "ldap", "userPass", "jwt", "cert", "iam", "gcp"];
    let way = way.into_iter().find_map(|word| Some((word, child(all, word)?)));
    way.map_or_else(|| Err("it does not say how to log in".into()), |(word, of)| by(word, of))
}

/// One way to log in.
fn by(word: &str, of: &Value) -> Result<Auth, String> {
    let owned = |field: &str| text(of, field).map(|text| text.trim().to_owned());
    let or = |field: &str, usual: &str| owned(field).unwrap_or_else(|| usual.to_owned());
    let referred = |field: &str| child(of, field).map(secret);
    let needed = |field: &str| referred(field).ok_or(format!("its `{word}` has no `{field}`"));
    Ok(match word {
        "tokenSecretRef" => Auth::Token(secret(of)),
        "appRole" => Auth::AppRole {
            mount: or("path", "approle"),
            role: match (owned("roleId"), referred("roleRef")) {
                (None, Some(named)) => RoleId::Secret(named),
                (id, _) => RoleId::Text(id.unwrap_or_default()),
            },
            secret: needed("secretRef")?,
        },
        "kubernetes" if child(of, "secretRef").is_some() => {
            return Err("it logs in by `kubernetes` with a token of a Secret".into());
        }
        "kubernetes" => Auth::Kubernetes {
            mount: or("mountPath", "kubernetes"),
            role: or("role", ""),
            account: child(of, "serviceAccountRef").map(account),
        },
        "userPass" => {
            let (mount, username) = (or("path", "userpass"), or("username", ""));
            Auth::UserPass { mount, username, secret: needed("secretRef")? }
        }
        "jwt" => Auth::Jwt { mount: or("path", "jwt"), role: owned("role"), source: jwt(of)? },
        "cert" => {
            let (certificate, key) = (needed("clientCert")?, needed("secretRef")?);
            Auth::Cert { mount: or("path", "cert"), role: owned("vaultRole"), certificate, key }
        }
        other => return Err(format!("it logs in by `{other}`")),
    })
}

fn jwt(of: &Value) -> Result<JwtSource, String> {
    if let Some(named) = child(of, "secretRef") {
        return Ok(JwtSource::Secret(secret(named)));
    }
    let token =
        child(of, "kubernetesServiceAccountToken").and_then(|token| child(token, "serviceAccountRef"));
    token.map(|named| JwtSource::ServiceAccount(account(named))).ok_or("its JWT comes from nowhere".into())
}

fn secret(named: &Value) -> SecretRef {
    let owned = |field: &str| text(named, field).map(str::to_owned);
    SecretRef {
        name: owned("name").unwrap_or_default(),
        key: owned("key").unwrap_or_default(),
        namespace: owned("namespace"),
    }
}

fn account(named: &Value) -> ServiceAccount {
    let owned = |field: &str| text(named, field).map(str::to_owned);
    let audiences = child(named, "audiences").and_then(Value::as_array).into_iter().flatten();
    ServiceAccount {
        name: owned("name").unwrap_or_default(),
        namespace: owned("namespace"),
        audiences: audiences.filter_map(|one| one.as_str().map(str::to_owned)).collect(),
    }
}
