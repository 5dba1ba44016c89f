//! Deploy keys: they cannot be changed, and a key lies in one place only on the whole host.

use http::Method;
use serde_json::{Value, json};
use ssh_key::PublicKey;

use super::{GitHost, answer, entry, page};
use crate::sandbox::server::{Reply, Request};

/// A deploy key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its id.
    pub id: u64,
    /// Its title.
    pub title: String,
    /// `type base64`.
    pub key: String,
    /// Whether it may only read.
    pub read_only: bool,
    /// Whether no policy switched it off.
    pub enabled: bool,
}

impl Key {
    fn json(&self, repository: &str) -> Value {
        json!({
            "id": self.id, "key": self.key, "title": self.title, "read_only": self.read_only,
            "url": format!("https://api.github.com/repos/{repository}/keys/{}", self.id),
            "verified": true, "created_at": "2026-01-01T00:00:00Z", "added_by": "octocat",
            "last_used": null, "enabled": self.enabled,
        })
    }
}

impl GitHost {
    /// All deploy keys.
    #[must_use]
    pub fn deploy_keys(&self) -> Vec<Key> {
        self.state().keys.clone()
    }

    /// Adds a deploy key as somebody else would, and tells its id.
    pub fn add_key(&self, title: &str, key: &str, read_only: bool) -> u64 {
        let mut state = self.state();
        let id = state.next_id;
        state.next_id += 1;
        state.keys.push(Key { id, title: title.into(), key: key.into(), read_only, enabled: true });
        id
    }

    /// Removes a deploy key as somebody else would.
    pub fn remove_key(&self, id: u64) {
        self.state().keys.retain(|key| key.id != id);
    }

    /// Registers a key (`type base64`) at another repository of the host.
    pub fn use_key_elsewhere(&self, key: &str) {
        self.state().foreign_keys.push(key.to_owned());
    }

    /// Switches deploy keys off (and those that exist with them), as an organisation's policy does, or on.
    pub fn switch_deploy_keys(&self, on: bool) {
        let mut state = self.state();
        state.keys_disabled = !on;
        state.keys.iter_mut().for_each(|key| key.enabled = on);
    }

    pub(super) fn answer_keys(&self, request: &Request, rest: &[&str]) -> Reply {
        match entry(request, rest) {
            (&Method::GET, None, _) if rest.is_empty() => {
                let all: Vec<Value> =
                    self.state().keys.iter().map(|key| key.json(&self.repository)).collect();
                page(request, &all)
            }
            (&Method::POST, None, _) if rest.is_empty() => self.create_key(&request.json()),
            (&Method::GET, Some(id), None) => {
                let found = self.state().keys.iter().find(|key| key.id == id).cloned();
                found.map_or_else(answer::not_found, |key| Reply::json(200, key.json(&self.repository)))
            }
            (&Method::DELETE, Some(id), None) => {
                let before = self.state().keys.len();
                self.remove_key(id);
                if self.state().keys.len() < before { Reply::empty(204) } else { answer::not_found() }
            }
            _ => answer::not_found(),
        }
    }

    fn create_key(&self, body: &Value) -> Reply {
        if self.state().keys_disabled {
            return refused("Deploy keys are disabled for this repository");
        }
        let line = body["key"].as_str().unwrap_or_default();
        if PublicKey::from_openssh(line).is_err() {
            return refused("key is invalid. You must supply a key in OpenSSH public key format");
        }
        let key = line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        let known = {
            let state = self.state();
            state.keys.iter().map(|known| &known.key).chain(&state.foreign_keys).any(|known| *known == key)
        };
        if known {
            return refused("key is already in use");
        }
        let title = body["title"].as_str().unwrap_or_default();
        let id = self.add_key(title, &key, body["read_only"].as_bool().unwrap_or(false));
        let made = self.state().keys.iter().find(|key| key.id == id).map(|key| key.json(&self.repository));
        Reply::json(201, made.unwrap_or_default())
    }
}

fn refused(message: &str) -> Reply {
    answer::invalid(&json!({"resource": "PublicKey", "code": "custom", "field": "key", "message": message}))
}
