//! A stand-in for Vault: KV, policies that are enforced, tokens that end, Kubernetes and AppRole logins.

mod access;
mod auth_method;
mod kv;
mod system;
mod token;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::Method;
use serde_json::{Value, json};

use self::access::Operation;
use self::auth_method::AuthMethod;
use self::kv::Engine;
use self::token::Token;
use super::server::{Body, Handler, Reply, Request};
use crate::external;

/// The token that may do everything; no real one looks so.
pub const ROOT_TOKEN: &str = "sandbox-admin";

/// The version that it says it has.
pub const VERSION: &str = "1.19.0+sandbox";

/// A Vault in memory, unsealed, with KV v2 at `secret/`.
pub struct Vault {
    state: Mutex<State>,
}

struct State {
    /// Seconds by which its clock is ahead.
    ahead: u64,
    sealed: bool,
    initialized: bool,
    mounts: BTreeMap<String, Engine>,
    policies: BTreeMap<String, Policy>,
    tokens: BTreeMap<String, Token>,
    methods: BTreeMap<String, AuthMethod>,
    made: u64,
}

struct Policy {
    text: String,
    rules: external::Policy,
}

impl Default for Vault {
    fn default() -> Self {
        let mut state = State {
            ahead: 0,
            sealed: false,
            initialized: true,
            mounts: BTreeMap::from([("secret".to_owned(), Engine::new(2))]),
            policies: BTreeMap::new(),
            tokens: BTreeMap::new(),
            methods: BTreeMap::from([("token".to_owned(), AuthMethod::new("token"))]),
            made: 0,
        };
        state.set_policy("default", access::DEFAULT);
        let root = Token::root(state.now());
        state.tokens.insert(ROOT_TOKEN.to_owned(), root);
        Self { state: Mutex::new(state) }
    }
}

impl Vault {
    /// A Vault in memory, unsealed, with KV v2 at `secret/` and the token [`ROOT_TOKEN`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What answers its requests.
    #[must_use]
    pub fn handler(self: Arc<Self>) -> Handler {
        Arc::new(move |request| {
            let reply = self.state().answer(&request);
            Box::pin(async move { reply })
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Mounts a KV engine of version 1 or 2.
    pub fn mount(&self, path: &str, version: u8) {
        self.state().mounts.insert(path.to_owned(), Engine::new(version));
    }

    /// The newest values of a KV secret, as text; nothing where it is absent or deleted.
    #[must_use]
    pub fn kv(&self, mount: &str, path: &str) -> Option<BTreeMap<String, String>> {
        let state = self.state();
        let values = state.mounts.get(mount)?.newest(path)?;
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Some(values.iter().map(|(key, value)| (key.clone(), text(value))).collect())
    }

    /// The KV secrets that hold values, each with the names of its keys: `secret/k8s/x` and `[token]`.
    #[must_use]
    pub fn paths(&self) -> Vec<(String, Vec<String>)> {
        let state = self.state();
        let of = |(mount, engine): (&String, &Engine)| {
            let held = engine
                .all()
                .map(|(path, values)| (format!("{mount}/{path}"), values.keys().cloned().collect()));
            held.collect::<Vec<_>>()
        };
        state.mounts.iter().flat_map(of).collect()
    }

    /// Writes a KV secret as somebody else would, replacing its newest values.
    pub fn set_kv(&self, mount: &str, path: &str, values: &Value) {
        let values = values.as_object().cloned().unwrap_or_default();
        if let Some(engine) = self.state().mounts.get_mut(mount) {
            engine.put(path, values);
        }
    }

    /// Soft-deletes the newest version of a KV secret.
    pub fn delete_kv(&self, mount: &str, path: &str) {
        if let Some(engine) = self.state().mounts.get_mut(mount) {
            engine.delete(path);
        }
    }

    /// The custom metadata of a KV secret, to read and to set.
    pub fn with_metadata<T>(
        &self,
        mount: &str,
        path: &str,
        then: impl FnOnce(&mut BTreeMap<String, String>) -> T,
    ) -> Option<T> {
        self.state().mounts.get_mut(mount).map(|engine| then(engine.metadata(path)))
    }

    /// How many versions of a KV secret were written.
    #[must_use]
    pub fn versions(&self, mount: &str, path: &str) -> u64 {
        self.state().mounts.get(mount).map_or(0, |engine| engine.current(path))
    }

    /// Writes a policy.
    pub fn set_policy(&self, name: &str, text: &str) {
        self.state().set_policy(name, text);
    }

    /// The text of a policy.
    #[must_use]
    pub fn policy(&self, name: &str) -> Option<String> {
        self.state().policies.get(name).map(|policy| policy.text.clone())
    }

    /// Makes a service token that is no orphan and ends after `ttl`, as `vault token create` would.
    #[must_use]
    pub fn make_token(&self, policies: &[&str], ttl: Duration) -> String {
        self.state().make_token(policies.iter().map(|&name| name.to_owned()), ttl.as_secs())
    }

    /// How many tokens are valid now, the admin's among them.
    #[must_use]
    pub fn tokens(&self) -> usize {
        let state = self.state();
        state.tokens.values().filter(|token| token.is_valid(state.now())).count()
    }

    /// How many valid tokens carry this metadata.
    #[must_use]
    pub fn tokens_with_meta(&self, key: &str, value: &str) -> usize {
        let state = self.state();
        let marked = |token: &&Token| {
            token.is_valid(state.now()) && token.meta.get(key).is_some_and(|held| held == value)
        };
        state.tokens.values().filter(marked).count()
    }

    /// Revokes a token.
    pub fn revoke(&self, token: &str) {
        self.state().forget(token);
    }

    /// Lets its clock run ahead, so that tokens end.
    pub fn advance(&self, by: Duration) {
        self.state().ahead += by.as_secs();
    }

    /// Seals or unseals it.
    pub fn seal(&self, sealed: bool) {
        self.state().sealed = sealed;
    }

    /// Makes it one that was never initialised, or was.
    pub fn initialize(&self, initialized: bool) {
        self.state().initialized = initialized;
    }

    /// Mounts AppRole, with one role.
    pub fn add_approle(&self, mount: &str, role_id: &str, secret_id: &str, policies: &[&str]) {
        self.state().methods.insert(mount.to_owned(), AuthMethod::approle(role_id, secret_id, policies));
    }

    /// Lets this service account token log in by Kubernetes auth, as the API server's review would say.
    pub fn trust_jwt(&self, mount: &str, jwt: &str, namespace: &str, account: &str) {
        if let Some(method) = self.state().methods.get_mut(mount) {
            method.accounts.insert(jwt.to_owned(), (namespace.to_owned(), account.to_owned()));
        }
    }
}

impl State {
    /// Seconds since 1970, by its own clock.
    fn now(&self) -> u64 {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        wall.as_secs() + self.ahead
    }

    fn set_policy(&mut self, name: &str, text: &str) -> bool {
        let Some(rules) = external::Policy::read(text).ok().filter(access::is_sound) else { return false };
        self.policies.insert(name.to_owned(), Policy { text: text.to_owned(), rules });
        true
    }

    fn answer(&mut self, request: &Request) -> Reply {
        let Some(path) = request.path.strip_prefix("/v1/") else { return absent() };
        if path == "sys/health" {
            return self.health();
        }
        if self.sealed || !self.initialized {
            return refusal(503, "Vault is sealed");
        }
        let mut reply = self.answer_unsealed(request, path);
        if let Body::Json(body) = &mut reply.body
            && body.get("request_id").is_some()
        {
            body["mount_type"] = if reply.status.is_success() { self.type_at(path) } else { "".into() };
        }
        reply
    }

    /// The type of what is mounted there, which every answer names.
    fn type_at(&mut self, path: &str) -> Value {
        if path.starts_with("sys/") {
            return "system".into();
        }
        if let Some(rest) = path.strip_prefix("auth/") {
            let method = rest.split('/').next().and_then(|mount| self.methods.get(mount));
            return method.map_or(Value::Null, |method| method.kind.as_str().into());
        }
        if self.engine(path).is_some() { "kv".into() } else { "".into() }
    }

    fn answer_unsealed(&mut self, request: &Request, path: &str) -> Reply {
        if let Some(mount) = path.strip_prefix("auth/").and_then(|rest| rest.strip_suffix("/login")) {
            return self.log_in(mount, &request.json());
        }
        let now = self.now();
        let id = token_of(request);
        if id.is_empty() {
            return refusal(403, "permission denied");
        }
        let Some(token) = self.tokens.get(&id).filter(|token| token.is_valid(now)).cloned() else {
            return refusal(403, UNKNOWN_TOKEN);
        };
        let Some(operation) = self.operation(request, path) else {
            return refusal(405, "unsupported operation");
        };
        if !self.allows(&token, operation, path) {
            return refusal(403, DENIED);
        }
        self.route(request, path, operation, &id, &token)
    }

    fn route(
        &mut self,
        request: &Request,
        path: &str,
        operation: Operation,
        id: &str,
        token: &Token,
    ) -> Reply {
        let body = request.json();
        let rest = |prefix| path.strip_prefix(prefix);
        if let Some(mount) = rest("sys/internal/ui/mounts/") {
            return self.ui_mount(mount, token);
        }
        if let Some(name) = rest("sys/policies/acl/") {
            return self.policy(name, operation, &body);
        }
        if let Some(mount) = rest("sys/mounts/") {
            return self.mount(mount, operation, &body);
        }
        if path == "sys/seal" {
            self.sealed = true;
            return done();
        }
        if path == "sys/capabilities-self" {
            return self.capabilities(token, &body);
        }
        if path == "sys/auth" || path.starts_with("sys/auth/") {
            return self.auth_methods(rest("sys/auth/"), operation, &body);
        }
        if let Some(call) = rest("auth/token/") {
            return self.token(call, operation, &body, id, token);
        }
        if let Some(rest) = rest("auth/") {
            return self.auth_method(rest, operation, &body);
        }
        self.secrets(request, path, operation, &body)
    }

    /// The engine whose mount begins the path, with the mount and the rest of the path.
    fn engine(&mut self, path: &str) -> Option<(String, String, &mut Engine)> {
        let mount = self.mounts.keys().rev().find(|mount| {
            path.strip_prefix(mount.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })?;
        let (mount, rest) = (mount.clone(), path[mount.len()..].trim_start_matches('/').to_owned());
        let engine = self.mounts.get_mut(&mount)?;
        Some((mount, rest, engine))
    }
}

const UNKNOWN_TOKEN: &str = "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n";
const DENIED: &str = "1 error occurred:\n\t* permission denied\n\n";

fn token_of(request: &Request) -> String {
    let header = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    header("x-vault-token").or(bearer).unwrap_or_default().to_owned()
}

fn refusal(status: u16, words: &str) -> Reply {
    Reply::json(status, json!({ "errors": [words] }))
}

/// 404 as Vault gives it for what is not there.
fn absent() -> Reply {
    Reply::json(404, json!({ "errors": [] }))
}

/// The envelope of every answer.
fn envelope(data: &Value, auth: &Value) -> Value {
    json!({
        "request_id": "00000000-0000-0000-0000-000000000000", "lease_id": "", "renewable": false,
        "lease_duration": 0, "data": data, "wrap_info": null, "warnings": null, "auth": auth,
    })
}

fn data(data: &Value) -> Reply {
    Reply::json(200, envelope(data, &Value::Null))
}

fn done() -> Reply {
    Reply::empty(204)
}

fn is_list(request: &Request) -> bool {
    request.method.as_str() == "LIST"
        || request.method == Method::GET && request.query.get("list").is_some_and(|value| value == "true")
}
