//! What Vault must answer. The last statement seals it.

mod auth;
mod kv;
mod policy;
mod system;
mod token;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sealstrap::plain::Plain;
use sealstrap::remote::Error;
use sealstrap::remote::vault::{Access, Login, TokenWish, Trust, Vault};
use sealstrap::sandbox::server::{Ledger, Remote, serve};
use sealstrap::sandbox::vault::{ROOT_TOKEN, Vault as Sandbox};
use serde_json::{Value, json};

use crate::json::mask;
use crate::rig::Rig;
use crate::statement::{self, Seen, Statement, sentences};

/// What each server decides by itself.
const OWN: &[&str] = &[
    "request_id",
    "accessor",
    "client_token",
    "id",
    "creation_time",
    "created_time",
    "updated_time",
    "deletion_time",
    "expire_time",
    "issue_time",
    "server_time_utc",
    "cluster_id",
    "cluster_name",
    "uuid",
    "ttl",
    "last_renewal",
    "last_renewal_time",
    "echo_duration_ms",
    "plugin_version",
    "running_plugin_version",
    "running_sha256",
];

pub(crate) fn statements() -> Vec<Statement<Side>> {
    let mut all = system::open();
    all.extend(kv::statements());
    all.extend(policy::statements());
    all.extend(token::statements());
    all.extend(auth::statements());
    all.extend(system::last());
    all
}

/// A Vault, by our client and by raw requests.
pub(crate) struct Side {
    address: String,
    ca: Option<PathBuf>,
    root: String,
    http: reqwest::Client,
    version: String,
    sandbox: Option<Arc<Sandbox>>,
    seen: Seen,
}

impl statement::Side for Side {
    fn seen(&self) -> &Seen {
        &self.seen
    }

    fn version(&self) -> String {
        self.version.clone()
    }
}

/// A raw answer.
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Side {
    pub(crate) async fn sandbox() -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let server = Arc::new(Sandbox::new());
        let handler = Arc::clone(&server).handler();
        let address = serve(Remote::Vault, Arc::new(Ledger::default()), handler).await.unwrap();
        Self::new(format!("http://{address}"), None, ROOT_TOKEN, Some(server)).await
    }

    pub(crate) async fn rig(rig: &Rig) -> Self {
        let Rig { vault, .. } = rig;
        Self::new(vault.address.clone(), Some(vault.ca.clone()), &vault.token, None).await
    }

    async fn new(address: String, ca: Option<PathBuf>, root: &str, sandbox: Option<Arc<Sandbox>>) -> Self {
        let http = reqwest::Client::builder().tls_danger_accept_invalid_certs(true).build().unwrap();
        let (root, version, seen) = (root.to_owned(), String::new(), Seen::default());
        let mut side = Self { address, ca, root, http, version, sandbox, seen };
        side.version = side.admin().await.version().await.unwrap();
        side
    }

    pub(crate) async fn try_open(&self, login: Login) -> Result<Vault, Error> {
        let (address, timeout) = (self.address.clone(), Duration::from_secs(20));
        let trust = self.ca.clone().map_or(Trust::System, Trust::File);
        Vault::connect(Access { address, namespace: None, trust, timeout, login }).await
    }

    pub(crate) async fn open(&self, token: &str) -> Vault {
        self.try_open(Login::Token(plain(token))).await.unwrap()
    }

    pub(crate) async fn admin(&self) -> Vault {
        self.open(&self.root).await
    }

    /// A token with this policy, `default`, and no more.
    pub(crate) async fn narrow(&self, rules: &str) -> String {
        let admin = self.admin().await;
        admin.write_policy("narrow", rules).await.unwrap();
        text(&admin.create_token(&wish("narrow", "contract-narrow")).await.unwrap())
    }

    /// A raw request as root; what it is answered is compared with the other side.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: &Value) -> Told {
        self.ask_as(Some(&self.root), method, path, body).await
    }

    pub(crate) async fn read(&self, path: &str) -> Told {
        self.ask("GET", path, &Value::Null).await
    }

    pub(crate) async fn ask_as(&self, token: Option<&str>, method: &str, path: &str, body: &Value) -> Told {
        let told = self.quietly(token, method, path, body).await;
        let mut seen =
            json!({"asked": format!("{method} {path} {body}"), "status": told.status, "body": told.body});
        mask(&mut seen["body"], OWN, &[]);
        self.seen.note(seen);
        told
    }

    /// The same without comparison.
    pub(crate) async fn quietly(&self, token: Option<&str>, method: &str, path: &str, body: &Value) -> Told {
        let verb = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.http.request(verb, format!("{}/v1/{path}", self.address));
        if let Some(token) = token {
            request = request.header("x-vault-token", token);
        }
        if !body.is_null() {
            let media = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
            request = request.header("content-type", media).body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or_else(|_| Value::from(text.trim()));
        Told { status, body }
    }

    /// Makes a raw write that is not looked at, but has to succeed.
    pub(crate) async fn make(&self, method: &str, path: &str, body: &Value) -> Value {
        let told = self.quietly(Some(&self.root), method, path, body).await;
        assert!(told.status < 300, "{method} {path}: {} {}", told.status, told.body);
        told.body
    }

    /// Notes what our client made of an answer, to be compared with the other side.
    pub(crate) fn note_error(&self, error: &Error) {
        self.seen.note(json!({
            "asked": error.to_string().replace(&self.address, "ADDRESS"), "error": format!("{:?}", error.cause),
            "hint": error.hint,
        }));
    }
}

pub(crate) fn plain(text: &str) -> Plain {
    Plain::from(text.to_owned())
}

/// A token that a test made itself.
pub(crate) fn text(token: &Plain) -> String {
    token.expose_text().unwrap().to_string()
}

pub(crate) fn set(key: &str, value: &str) -> BTreeMap<String, Plain> {
    BTreeMap::from([(key.to_owned(), plain(value))])
}

pub(crate) fn wish(policy: &str, mark: &str) -> TokenWish {
    TokenWish {
        display_name: "contract".into(),
        policies: vec![policy.into()],
        period: Duration::from_secs(7200),
        meta: BTreeMap::from([("contract".to_owned(), mark.to_owned())]),
    }
}

pub(crate) fn refused(result: Result<Vault, Error>) -> Error {
    match result {
        Ok(_) => panic!("it was let in"),
        Err(error) => error,
    }
}
