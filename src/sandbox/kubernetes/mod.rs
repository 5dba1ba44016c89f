//! The Kubernetes API, as far as a bootstrap and `kubectl` need it: discovery, reading, watching, writing with
//! field managers, definitions of new kinds. No controller runs here; the reactors stand in for those.

mod admit;
mod apply;
mod discovery;
mod failure;
mod fields;
mod kinds;
mod merge;
mod openapi;
mod protobuf;
mod proxy;
mod read;
mod route;
mod schema;
mod store;
mod table;
#[cfg(test)]
mod tests;
mod write;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::HeaderMap;
use serde_json::Value;
use tokio::sync::broadcast;

use super::server::{Handler, Reply, Request};
use crate::remote::cluster::ObjectRef;
use failure::Refusal;
use store::State;

pub(super) use proxy::{controllers, keys as sealing_keys};
pub use store::{Change, Event};

/// How many changes a listener may lag behind before it loses some.
const BACKLOG: usize = 4096;

/// An API server without a cluster behind it.
pub struct Kubernetes {
    token: String,
    state: Mutex<State>,
    denied: Mutex<BTreeSet<(String, String)>>,
}

impl Kubernetes {
    /// An empty cluster that lets in who shows the token.
    #[must_use]
    pub fn new(token: &str) -> Self {
        let state = Mutex::new(State::new(broadcast::channel(BACKLOG).0));
        Self { token: token.to_owned(), state, denied: Mutex::default() }
    }

    /// What [`super::server::serve`] calls for each request.
    pub fn handler(self: Arc<Self>) -> Handler {
        Arc::new(move |request| {
            let cluster = Arc::clone(&self);
            Box::pin(async move { cluster.answer(&request) })
        })
    }

    /// The object, if it exists.
    #[must_use]
    pub fn object(&self, object: &ObjectRef) -> Option<Value> {
        self.state().find(object)
    }

    /// All objects of a kind, by namespace and name.
    #[must_use]
    pub fn objects(&self, kind: &str) -> Vec<Value> {
        self.state().of_kind(kind)
    }

    /// Writes an object as a controller called `sandbox` would, status included; says whether it was taken.
    /// One that is already so is left as it is.
    pub fn upsert(&self, object: Value) -> bool {
        self.upsert_as("sandbox", object)
    }

    /// The same in the name of another field manager.
    pub fn upsert_as(&self, manager: &str, object: Value) -> bool {
        write::upsert(&mut self.state(), manager, object).is_ok()
    }

    /// Replaces the status of an object in the name of a field manager; says whether it exists.
    pub fn set_status(&self, manager: &str, object: &ObjectRef, status: &Value) -> bool {
        write::set_status(&mut self.state(), manager, object, status).is_ok()
    }

    /// Deletes an object and what it owns; says whether there was one.
    pub fn delete(&self, object: &ObjectRef) -> bool {
        self.state().delete(object)
    }

    /// Refuses a verb on a resource from now on, to requests and to access reviews alike. `*` means any.
    pub fn deny(&self, verb: &str, resource: &str) {
        let mut denied = self.denied.lock().unwrap_or_else(PoisonError::into_inner);
        denied.insert((verb.to_owned(), resource.to_owned()));
    }

    /// Takes all denials back.
    pub fn allow_all(&self) {
        self.denied.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Every change from now on.
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.state().changes.subscribe()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_denied(&self, verb: &str, resource: &str) -> bool {
        let denied = self.denied.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |rule: &str, word: &str| rule == "*" || rule == word;
        denied.iter().any(|rule| fits(&rule.0, verb) && fits(&rule.1, resource))
    }

    fn answer(&self, request: &Request) -> Reply {
        let route = |request: &Request| route::answer(self, request).unwrap_or_else(Refusal::into_reply);
        if let Some(path) = request.path.strip_prefix(&token_path(&self.token)) {
            return route(&Request { path: path.to_owned(), ..request.clone() });
        }
        match self.let_in(&request.headers, &request.path) {
            Ok(()) => route(request),
            Err(refusal) => refusal.into_reply(),
        }
    }

    fn let_in(&self, headers: &HeaderMap, path: &str) -> Result<(), Refusal> {
        let shown = headers.get("authorization").map(http::HeaderValue::as_bytes);
        let wanted = format!("Bearer {}", self.token);
        let open = ["/version", "/healthz", "/livez", "/readyz"].contains(&path);
        match shown {
            Some(shown) if shown == wanted.as_bytes() => Ok(()),
            None if open => Ok(()),
            _ => Err(failure::unauthorized()),
        }
    }
}

/// A kubeconfig for a sandbox at an address.
#[must_use]
pub fn kubeconfig(address: SocketAddr, token: &str) -> String {
    config(&format!("http://{address}"), token)
}

/// The same for `kubectl`, which sends no token where there is no TLS: here it stands in the address.
#[must_use]
pub fn kubectl_config(address: SocketAddr, token: &str) -> String {
    config(&format!("http://{address}{}", token_path(token)), token)
}

fn token_path(token: &str) -> String {
    format!("/token/{token}")
}

fn config(server: &str, token: &str) -> String {
    format!(
        "apiVersion: v1
kind: Config
clusters:
- name: sandbox
  cluster:
    server: {server}
users:
- name: sandbox
  user:
    token: {token}
contexts:
- name: sandbox
  context:
    cluster: sandbox
    user: sandbox
current-context: sandbox
"
    )
}
