//! GitHub, as far as a bootstrap needs it: one repository with its deploy keys and webhooks, answering as the
//! REST API of version 2022-11-28 does.

mod answer;
mod hook;
mod key;
mod repository;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use http::Method;
use rand_core::OsRng;
use serde_json::{Value, json};
use ssh_key::{Algorithm, EcdsaCurve, PrivateKey};

use super::server::{Handler, Reply, Request};
use crate::plain::Plain;

pub use hook::{Delivery, Hook};
pub use key::Key;

/// Answers a delivery with a status, as a Receiver would.
pub type Deliver = Arc<dyn Fn(Delivery) -> BoxFuture<'static, u16> + Send + Sync>;

/// How the host meets whoever shows the right token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Standing {
    /// As an administrator whose token may do everything.
    #[default]
    Admin,
    /// As somebody who may only read: keys and hooks are 404.
    Reader,
    /// As an administrator whose fine-grained token lacks the permissions.
    TokenLacks,
    /// As an administrator whose token is not authorised for single sign-on.
    SingleSignOn,
    /// As somebody whose rate limit is used up.
    RateLimited,
    /// As an administrator with a classic token that has no scope but `read:user`.
    NarrowScope,
    /// As an administrator of a repository that is archived.
    Archived,
}

#[derive(Default)]
struct State {
    next_id: u64,
    standing: Standing,
    keys: Vec<Key>,
    /// Keys that are registered elsewhere on the host.
    foreign_keys: Vec<String>,
    keys_disabled: bool,
    hooks: Vec<hook::Stored>,
    /// The permissions of the App's installation; nothing where it is not installed.
    installation: Option<Value>,
}

/// A GitHub with one repository.
pub struct GitHost {
    token: Plain,
    repository: String,
    host_keys: Vec<String>,
    deliver: Option<Deliver>,
    state: Mutex<State>,
}

impl GitHost {
    /// A repository `owner/name` that `token` administers.
    #[must_use]
    pub fn new(token: Plain, repository: &str) -> Self {
        let state = State { next_id: 1001, ..State::default() };
        Self {
            token,
            repository: repository.to_owned(),
            host_keys: host_keys(),
            deliver: None,
            state: Mutex::new(state),
        }
    }

    /// The same, with its deliveries answered.
    #[must_use]
    pub fn delivering(mut self, deliver: Deliver) -> Self {
        self.deliver = Some(deliver);
        self
    }

    /// The handler for [`super::server::serve`].
    #[must_use]
    pub fn handler(self: Arc<Self>) -> Handler {
        Arc::new(move |request| {
            let host = Arc::clone(&self);
            Box::pin(async move { host.answer(&request).await })
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The SSH keys that its metadata publishes, `type base64`.
    #[must_use]
    pub fn host_keys(&self) -> &[String] {
        &self.host_keys
    }

    /// Changes how it meets whoever shows the token.
    pub fn stand(&self, standing: Standing) {
        self.state().standing = standing;
    }

    /// Installs an App with these permissions, for example `{"administration": "write"}`.
    pub fn install_app(&self, permissions: Value) {
        self.state().installation = Some(permissions);
    }

    async fn answer(&self, request: &Request) -> Reply {
        let segments = request.segments();
        if segments == ["meta"] {
            let meta = json!({
                "verifiable_password_authentication": false, "ssh_keys": self.host_keys, "hooks": [], "git": [],
            });
            return Reply::json(200, meta);
        }
        match self.caller(request) {
            Caller::Nobody => return answer::bad_credentials(),
            Caller::App => return self.answer_app(&segments),
            Caller::Token => {}
        }
        let ["repos", owner, name, rest @ ..] = &segments[..] else { return answer::not_found() };
        if format!("{owner}/{name}") != self.repository {
            return answer::not_found();
        }
        let standing = self.state().standing;
        match (standing, rest) {
            (Standing::RateLimited, _) => answer::rate_limited(),
            (Standing::SingleSignOn, _) => answer::single_sign_on(owner),
            (_, []) => self.answer_repository(standing),
            (Standing::TokenLacks, ["hooks", ..]) => answer::lacks("repository_hooks=write"),
            (Standing::TokenLacks, _) => answer::lacks("administration=write"),
            (Standing::Archived, [_, ..]) if request.method != Method::GET => answer::archived(),
            (Standing::Admin | Standing::Archived, ["keys", rest @ ..]) => self.answer_keys(request, rest),
            (Standing::Admin | Standing::Archived, ["hooks", rest @ ..]) => {
                self.answer_hooks(request, rest).await
            }
            _ => answer::not_found(),
        }
    }

    fn answer_repository(&self, standing: Standing) -> Reply {
        let admin = standing != Standing::Reader;
        let archived = standing == Standing::Archived;
        let mut reply = Reply::json(200, repository::repository(&self.repository, admin, archived));
        let scopes = if standing == Standing::NarrowScope { "read:user" } else { "admin:repo_hook, repo" };
        reply.headers.push(("x-oauth-scopes", scopes.into()));
        reply.headers.push(("x-ratelimit-remaining", "4999".into()));
        reply
    }

    /// What only the App itself may ask: its installation, and a token for that.
    #[expect(clippy::disallowed_methods, reason = "sink: the sandbox hands its own made-up token to an App")]
    fn answer_app(&self, segments: &[&str]) -> Reply {
        let permissions = self.state().installation.clone();
        match (permissions, segments) {
            (Some(permissions), ["repos", _, _, "installation"]) => {
                Reply::json(200, repository::installation(&self.repository, &permissions))
            }
            (Some(permissions), ["app", "installations", "7", "access_tokens"]) => {
                let token = self.token.expose_text().map(|text| text.to_string());
                let body =
                    json!({"token": token, "expires_at": "2099-01-01T00:00:00Z", "permissions": permissions});
                Reply::json(201, body)
            }
            _ => answer::not_found(),
        }
    }

    fn caller(&self, request: &Request) -> Caller {
        let header = request.headers.get("authorization").and_then(|value| value.to_str().ok());
        let shown = header.and_then(|text| text.strip_prefix("Bearer ").or(text.strip_prefix("token ")));
        match shown {
            // A JSON Web Token has three parts; the sandbox trusts any, because it cannot know the App's key.
            Some(shown) if shown.split('.').count() == 3 => Caller::App,
            Some(shown) if Plain::from(shown.to_owned()).same_as(&self.token) => Caller::Token,
            _ => Caller::Nobody,
        }
    }
}

enum Caller {
    Nobody,
    Token,
    App,
}

/// Keys made for this host alone, one of each kind that Git hosts have.
fn host_keys() -> Vec<String> {
    let curve = EcdsaCurve::NistP256;
    let public = |algorithm| {
        let key = PrivateKey::random(&mut OsRng, algorithm).and_then(|key| key.public_key().to_openssh());
        key.ok().map(|line| line.trim().to_owned())
    };
    [Algorithm::Ed25519, Algorithm::Ecdsa { curve }].into_iter().filter_map(public).collect()
}

/// A page of a list, with the `Link` header that names the next one.
fn page(request: &Request, items: &[Value]) -> Reply {
    let number = |name: &str, default: usize| {
        request.query.get(name).and_then(|text| text.parse().ok()).unwrap_or(default).max(1)
    };
    let (size, page) = (number("per_page", 30).min(100), number("page", 1));
    let start = ((page - 1) * size).min(items.len());
    let end = (start + size).min(items.len());
    let mut reply = Reply::json(200, Value::Array(items[start..end].to_vec()));
    if end < items.len() {
        let link = format!("<{}?per_page={size}&page={}>; rel=\"next\"", request.path, page + 1);
        reply.headers.push(("link", link));
    }
    reply
}

/// The rest of a path as method and id, for the lists and entries of keys and hooks.
fn entry<'a>(request: &'a Request, rest: &[&'a str]) -> (&'a Method, Option<u64>, Option<&'a str>) {
    let id = rest.first().and_then(|text| text.parse().ok());
    (&request.method, id, rest.get(1).copied())
}
