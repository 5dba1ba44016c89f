//! Tokens of service accounts: made by the API server of a sandbox, and read by its Vault. In the form of JWTs, with no
//! signature that would be worth anything.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// What the API server puts into tokens that name no audience.
const DEFAULT_AUDIENCE: &str = "https://kubernetes.default.svc";

/// Whose token it is, and what for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) audiences: Vec<String>,
}

impl Account {
    /// One for the API server itself, unless it is for others.
    pub(super) fn new(namespace: &str, name: &str, audiences: Vec<String>) -> Self {
        let audiences = if audiences.is_empty() { vec![DEFAULT_AUDIENCE.to_owned()] } else { audiences };
        Self { namespace: namespace.to_owned(), name: name.to_owned(), audiences }
    }

    pub(super) fn token(&self) -> String {
        let Self { namespace, name, audiences } = self;
        let claims = json!({"sub": format!("system:serviceaccount:{namespace}:{name}"), "aud": audiences});
        format!("e30.{}.sandbox", URL_SAFE_NO_PAD.encode(claims.to_string()))
    }

    /// The account of a token; nothing where it is none of a sandbox's.
    pub(super) fn of(token: &str) -> Option<Self> {
        let claims = token.strip_prefix("e30.")?.strip_suffix(".sandbox")?;
        let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
        let (namespace, name) =
            claims["sub"].as_str()?.strip_prefix("system:serviceaccount:")?.split_once(':')?;
        let audiences = claims["aud"].as_array().into_iter().flatten();
        let audiences = audiences.filter_map(Value::as_str).map(str::to_owned).collect();
        Some(Self { namespace: namespace.to_owned(), name: name.to_owned(), audiences })
    }
}

#[cfg(test)]
mod tests {
    use super::Account;

    #[test]
    fn a_token_tells_whose_it_is() {
        let account = Account::new("shop", "reader", vec!["vault".into()]);
        assert_eq!(Account::of(&account.token()), Some(account));
        assert_eq!(Account::of("no.jwt.here"), None);
    }
}
