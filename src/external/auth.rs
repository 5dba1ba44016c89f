//! How the operator logs in to Vault or OpenBao.

use serde_json::{Value, json};

/// A key of a Secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretRef {
    /// The Secret.
    pub name: String,
    /// The key.
    pub key: String,
    /// Its namespace, for ClusterSecretStores. Without one such a store looks in that of each ExternalSecret.
    pub namespace: Option<String>,
}

/// A service account that tokens are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAccount {
    /// Its name.
    pub name: String,
    /// Its namespace, as that of a [`SecretRef`].
    pub namespace: Option<String>,
    /// What the tokens are for.
    pub audiences: Vec<String>,
}

/// The id of an AppRole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleId {
    /// In clear.
    Text(String),
    /// Of a Secret.
    Secret(SecretRef),
}

/// Where a JWT comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JwtSource {
    /// A Secret.
    Secret(SecretRef),
    /// A service account.
    ServiceAccount(ServiceAccount),
}

/// How the operator logs in. `mount` is that of the method, such as `kubernetes`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of the methods in Vault")]
pub enum Auth {
    /// With a token.
    Token(SecretRef),
    /// As a service account.
    Kubernetes { mount: String, role: String, account: Option<ServiceAccount> },
    /// As a machine.
    AppRole { mount: String, role: RoleId, secret: SecretRef },
    /// With a password.
    UserPass { mount: String, username: String, secret: SecretRef },
    /// With a client certificate.
    Cert { mount: String, role: Option<String>, certificate: SecretRef, key: SecretRef },
    /// With a signed token.
    Jwt { mount: String, role: Option<String>, source: JwtSource },
}

impl Auth {
    /// The method's field.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Token(_) => "tokenSecretRef",
            Self::Kubernetes { .. } => "kubernetes",
            Self::AppRole { .. } => "appRole",
            Self::UserPass { .. } => "userPass",
            Self::Cert { .. } => "cert",
            Self::Jwt { .. } => "jwt",
        }
    }

    /// The namespaces that it refers to.
    pub(super) fn namespaces(&self) -> Vec<&str> {
        self.references().into_iter().flatten().map(String::as_str).collect()
    }

    /// Whether it refers to something without saying in which namespace that is.
    pub(super) fn is_referent(&self) -> bool {
        self.references().into_iter().any(Option::is_none)
    }

    /// The namespace of each thing that it refers to.
    fn references(&self) -> Vec<&Option<String>> {
        match self {
            Self::Token(secret)
            | Self::UserPass { secret, .. }
            | Self::AppRole { role: RoleId::Text(_), secret, .. }
            | Self::Jwt { source: JwtSource::Secret(secret), .. } => vec![&secret.namespace],
            Self::Kubernetes { account, .. } => account.iter().map(|account| &account.namespace).collect(),
            Self::AppRole { role: RoleId::Secret(role), secret, .. } => {
                vec![&role.namespace, &secret.namespace]
            }
            Self::Cert { certificate, key, .. } => vec![&certificate.namespace, &key.namespace],
            Self::Jwt { source: JwtSource::ServiceAccount(account), .. } => vec![&account.namespace],
        }
    }

    /// The method as a manifest says it, every default spelled out.
    pub(super) fn value(&self) -> Value {
        let said = |field: &str, text: &str| (field.to_owned(), Value::from(text));
        let optional = |field: &str, text: &Option<String>| text.as_deref().map(|text| said(field, text));
        let fields: Vec<Option<(String, Value)>> = match self {
            Self::Token(secret) => return secret.value(),
            Self::Kubernetes { mount, role, account } => vec![
                Some(said("mountPath", mount)),
                Some(said("role", role)),
                account.as_ref().map(|account| ("serviceAccountRef".into(), account.value())),
            ],
            Self::AppRole { mount, role, secret } => {
                let id = match role {
                    RoleId::Text(id) => said("roleId", id),
                    RoleId::Secret(reference) => ("roleRef".into(), reference.value()),
                };
                vec![Some(said("path", mount)), Some(id), Some(secret.field())]
            }
            Self::UserPass { mount, username, secret } => {
                vec![Some(said("path", mount)), Some(said("username", username)), Some(secret.field())]
            }
            Self::Cert { mount, role, certificate, key } => vec![
                Some(said("path", mount)),
                optional("vaultRole", role),
                Some(("clientCert".into(), certificate.value())),
                Some(key.field()),
            ],
            Self::Jwt { mount, role, source } => {
                vec![Some(said("path", mount)), optional("role", role), Some(source.field())]
            }
        };
        Value::Object(fields.into_iter().flatten().collect())
    }
}

impl JwtSource {
    fn field(&self) -> (String, Value) {
        match self {
            Self::Secret(secret) => secret.field(),
            Self::ServiceAccount(account) => {
                ("kubernetesServiceAccountToken".into(), json!({"serviceAccountRef": account.value()}))
            }
        }
    }
}

impl SecretRef {
    fn field(&self) -> (String, Value) {
        ("secretRef".into(), self.value())
    }

    fn value(&self) -> Value {
        with_namespace(json!({"name": self.name, "key": self.key}), self.namespace.as_deref())
    }
}

impl ServiceAccount {
    fn value(&self) -> Value {
        let mut value = with_namespace(json!({"name": self.name}), self.namespace.as_deref());
        if !self.audiences.is_empty() {
            value["audiences"] = self.audiences.clone().into();
        }
        value
    }
}

pub(super) fn with_namespace(mut value: Value, namespace: Option<&str>) -> Value {
    if let Some(namespace) = namespace {
        value["namespace"] = namespace.into();
    }
    value
}
