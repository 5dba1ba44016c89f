//! Webhooks: their secret is never told, and pings are delivered to whoever answers for the Receiver.

use http::Method;
use serde_json::{Value, json};

use super::{GitHost, State, answer, entry, page};
use crate::plain::Plain;
use crate::sandbox::server::{Reply, Request};

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Its id.
    pub id: u64,
    /// Where it delivers to.
    pub url: String,
    /// The events.
    pub events: Vec<String>,
    /// `json` or `form`.
    pub content_type: String,
    /// Whether it delivers at all.
    pub active: bool,
    /// Whether certificates are not checked.
    pub insecure: bool,
    /// The statuses that answered its deliveries, the newest first.
    pub statuses: Vec<u16>,
}

/// A delivery on its way to a Receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Where to.
    pub url: String,
    /// The event, for example `ping`.
    pub event: String,
    /// `sha256=` and the HMAC-SHA-256 of the body; absent where the hook has no secret.
    pub signature: Option<String>,
    /// The body.
    pub body: String,
}

/// A webhook with its secret.
pub(super) struct Stored {
    hook: Hook,
    secret: Option<Plain>,
}

impl Stored {
    fn json(&self, repository: &str) -> Value {
        let Hook { id, url, events, content_type, active, insecure, statuses } = &self.hook;
        let mut config = json!({"url": url, "content_type": content_type, "insecure_ssl": if *insecure { "1" } else { "0" }});
        if self.secret.is_some() {
            config["secret"] = "********".into();
        }
        let status = if statuses.is_empty() { "unused" } else { "active" };
        let address = format!("https://api.github.com/repos/{repository}/hooks/{id}");
        json!({
            "type": "Repository", "id": id, "name": "web", "active": active, "events": events,
            "config": config, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
            "url": address, "test_url": format!("{address}/test"), "ping_url": format!("{address}/pings"),
            "deliveries_url": format!("{address}/deliveries"),
            "last_response": {"code": statuses.first(), "status": status, "message": null},
        })
    }

    fn take_config(&mut self, config: &Value) {
        if let Some(url) = config["url"].as_str() {
            url.clone_into(&mut self.hook.url);
        }
        if let Some(kind) = config["content_type"].as_str() {
            kind.clone_into(&mut self.hook.content_type);
        }
        if let Some(secret) = config["secret"].as_str() {
            self.secret = Some(Plain::from(secret.to_owned()));
        }
        if !config["insecure_ssl"].is_null() {
            self.hook.insecure = config["insecure_ssl"] == "1" || config["insecure_ssl"] == 1;
        }
    }

    fn take(&mut self, body: &Value) {
        self.take_config(&body["config"]);
        if let Some(events) = body["events"].as_array() {
            self.hook.events = events.iter().filter_map(|event| event.as_str().map(str::to_owned)).collect();
        }
        if let Some(active) = body["active"].as_bool() {
            self.hook.active = active;
        }
    }
}

impl GitHost {
    /// All webhooks, without their secrets.
    #[must_use]
    pub fn hooks(&self) -> Vec<Hook> {
        self.state().hooks.iter().map(|stored| stored.hook.clone()).collect()
    }

    /// Whether a webhook signs with this value.
    #[must_use]
    pub fn hook_signs_with(&self, id: u64, value: &Plain) -> bool {
        let state = self.state();
        let stored = state.hooks.iter().find(|stored| stored.hook.id == id);
        stored.and_then(|stored| stored.secret.as_ref()).is_some_and(|secret| secret.same_as(value))
    }

    /// Adds a webhook as somebody else would, and tells its id.
    pub fn add_hook(&self, url: &str, events: &[&str]) -> u64 {
        let body = json!({"config": {"url": url, "content_type": "json"}, "events": events});
        store(&mut self.state(), &body)
    }

    /// Changes where a webhook delivers to, as somebody else would.
    pub fn edit_hook_url(&self, id: u64, url: &str) {
        self.edit_hook(id, |hook| url.clone_into(&mut hook.url));
    }

    /// Changes a webhook as somebody else would.
    pub fn edit_hook(&self, id: u64, edit: impl FnOnce(&mut Hook)) {
        if let Some(stored) = self.state().hooks.iter_mut().find(|stored| stored.hook.id == id) {
            edit(&mut stored.hook);
        }
    }

    /// Removes a webhook as somebody else would.
    pub fn remove_hook(&self, id: u64) {
        self.state().hooks.retain(|stored| stored.hook.id != id);
    }

    pub(super) async fn answer_hooks(&self, request: &Request, rest: &[&str]) -> Reply {
        match entry(request, rest) {
            (&Method::GET, None, _) if rest.is_empty() => {
                let state = self.state();
                let all: Vec<Value> = state.hooks.iter().map(|hook| hook.json(&self.repository)).collect();
                page(request, &all)
            }
            (&Method::POST, None, _) if rest.is_empty() => self.create_hook(&request.json()).await,
            (method, Some(id), rest) if self.has_hook(id) => {
                self.answer_hook(request, method, id, rest).await
            }
            _ => answer::not_found(),
        }
    }

    async fn answer_hook(&self, request: &Request, method: &Method, id: u64, rest: Option<&str>) -> Reply {
        match (method, rest) {
            (&Method::GET, None) => self.told(200, id),
            (&Method::PATCH, None) => self.patch_hook(id, |hook| hook.take(&request.json())),
            (&Method::PATCH, Some("config")) => self.patch_hook(id, |hook| hook.take_config(&request.json())),
            (&Method::DELETE, None) => {
                self.remove_hook(id);
                Reply::empty(204)
            }
            (&Method::POST, Some("pings")) => {
                self.ping(id).await;
                Reply::empty(204)
            }
            (&Method::GET, Some("deliveries")) => page(request, &self.deliveries(id)),
            _ => answer::not_found(),
        }
    }

    fn has_hook(&self, id: u64) -> bool {
        self.state().hooks.iter().any(|stored| stored.hook.id == id)
    }

    async fn create_hook(&self, body: &Value) -> Reply {
        let Some(url) = body["config"]["url"].as_str() else {
            let missing = json!({"resource": "Hook", "code": "custom", "message": "url cannot be blank"});
            return answer::invalid(&missing);
        };
        let events = body["events"].as_array().map(Vec::as_slice).unwrap_or_default();
        let same =
            |hook: &Hook| hook.url == url && hook.events.iter().any(|event| events.contains(&json!(event)));
        if self.hooks().iter().any(same) {
            let taken = "Hook already exists on this repository";
            return answer::invalid(&json!({"resource": "Hook", "code": "custom", "message": taken}));
        }
        let id = store(&mut self.state(), body);
        // GitHub pings a hook as soon as it exists.
        self.ping(id).await;
        self.told(201, id)
    }

    fn told(&self, status: u16, id: u64) -> Reply {
        let state = self.state();
        let stored = state.hooks.iter().find(|stored| stored.hook.id == id);
        stored.map_or_else(answer::not_found, |hook| Reply::json(status, hook.json(&self.repository)))
    }

    fn patch_hook(&self, id: u64, patch: impl FnOnce(&mut Stored)) -> Reply {
        if let Some(stored) = self.state().hooks.iter_mut().find(|stored| stored.hook.id == id) {
            patch(stored);
        }
        self.told(200, id)
    }

    /// Delivers a ping, where somebody answers deliveries at all, and keeps the status.
    async fn ping(&self, id: u64) {
        let delivery = {
            let state = self.state();
            state.hooks.iter().find(|stored| stored.hook.id == id && stored.hook.active).map(|stored| {
                let body = json!({"zen": "Keep it logically awesome.", "hook_id": id}).to_string();
                let signature = stored.secret.as_ref().map(|secret| format!("sha256={}", secret.mark(&body)));
                Delivery { url: stored.hook.url.clone(), event: "ping".into(), signature, body }
            })
        };
        if let (Some(delivery), Some(deliver)) = (delivery, &self.deliver) {
            let status = deliver(delivery).await;
            self.edit_hook(id, |hook| hook.statuses.insert(0, status));
        }
    }

    fn deliveries(&self, id: u64) -> Vec<Value> {
        let hooks = self.hooks();
        let statuses = hooks.into_iter().find(|hook| hook.id == id).map(|hook| hook.statuses);
        let told = |(number, status): (usize, u16)| {
            let word = if (200..300).contains(&status) { "OK" } else { "Invalid HTTP Response" };
            json!({
                "id": number, "guid": format!("00000000-0000-0000-0000-{number:012}"), "event": "ping", "action": null,
                "delivered_at": "2026-01-01T00:00:00Z", "redelivery": false, "duration": 0.1, "status": word,
                "status_code": status, "installation_id": null, "repository_id": 1, "throttled_at": null,
            })
        };
        statuses.unwrap_or_default().into_iter().enumerate().map(told).collect()
    }
}

fn store(state: &mut State, body: &Value) -> u64 {
    let id = state.next_id;
    state.next_id += 1;
    let hook = Hook {
        id,
        url: String::new(),
        events: vec!["push".into()],
        content_type: "form".into(),
        active: true,
        insecure: false,
        statuses: Vec::new(),
    };
    let mut stored = Stored { hook, secret: None };
    stored.take(body);
    state.hooks.push(stored);
    id
}
