//! `sys/`: health, mounts, policies, capabilities, auth methods.

use serde_json::{Map, Value, json};

use super::super::server::Reply;
use super::access::Operation;
use super::auth_method::AuthMethod;
use super::kv::Engine;
use super::token::Token;
use super::{State, VERSION, absent, data, done, envelope, refusal};

impl State {
    pub(super) fn health(&self) -> Reply {
        let status = match (self.initialized, self.sealed) {
            (false, _) => 501,
            (true, true) => 503,
            (true, false) => 200,
        };
        // What is not in service does not know how it is replicated.
        let (served, replication) = if status == 200 { (true, "disabled") } else { (false, "unknown") };
        let mut body = json!({
            "initialized": self.initialized, "sealed": !served, "standby": !served,
            "performance_standby": false, "replication_performance_mode": replication,
            "replication_dr_mode": replication, "server_time_utc": self.now(), "version": VERSION,
            "enterprise": false, "echo_duration_ms": 0, "clock_skew_ms": 0,
            "replication_primary_canary_age_ms": 0,
        });
        if served {
            body["cluster_name"] = "vault-cluster-sandbox".into();
            body["cluster_id"] = "00000000-0000-0000-0000-000000000000".into();
        }
        Reply::json(status, body)
    }

    /// By design 403 for a mount that does not exist.
    pub(super) fn ui_mount(&mut self, path: &str, token: &Token) -> Reply {
        let found = self.engine(path).map(|(mount, _, engine)| (mount, engine.options()));
        match found {
            Some((mount, options)) if self.reaches(token, &mount) => data(
                &json!({ "path": format!("{mount}/"), "type": "kv", "description": "", "options": options }),
            ),
            _ => refusal(
                403,
                &format!(
                    "preflight capability check returned 403, please ensure client's policies grant access to path \
                     \"{path}/\""
                ),
            ),
        }
    }

    /// What the token reaches; auth methods are not told here.
    pub(super) fn ui_mounts(&self, token: &Token) -> Reply {
        let reached = self.mounts.iter().filter(|(mount, _)| self.reaches(token, mount));
        let all: Map<_, _> = reached
            .map(|(mount, engine)| {
                (format!("{mount}/"), json!({ "type": "kv", "options": engine.options() }))
            })
            .collect();
        data(&json!({ "auth": {}, "secret": all }))
    }

    pub(super) fn mount(&mut self, path: &str, operation: Operation, body: &Value) -> Reply {
        match (operation, body["options"]["version"].as_str()) {
            (Operation::Update, _) if self.mounts.contains_key(path) => {
                refusal(400, &format!("path is already in use at {path}/"))
            }
            (Operation::Update, version) if body["type"] == "kv" => {
                let engine = Engine::new(if version == Some("2") { 2 } else { 1 });
                self.mounts.insert(path.to_owned(), engine.mounted_with(version.is_some()));
                done()
            }
            (Operation::Delete, _) => {
                self.mounts.remove(path);
                done()
            }
            _ => refusal(400, "plugin not found in the catalog"),
        }
    }

    pub(super) fn policy(&mut self, name: &str, operation: Operation, body: &Value) -> Reply {
        match operation {
            Operation::Read => match self.policies.get(name) {
                Some(policy) => data(&json!({ "name": name, "policy": policy.text })),
                None => absent(),
            },
            Operation::Delete => {
                self.policies.remove(name);
                done()
            }
            _ if name == "root" => refusal(400, "cannot update \"root\" policy"),
            _ if self.set_policy(name, body["policy"].as_str().unwrap_or_default()) => done(),
            _ => refusal(400, "Failed to parse policy"),
        }
    }

    pub(super) fn capabilities(&self, token: &Token, body: &Value) -> Reply {
        let paths = body["paths"].as_array().cloned().unwrap_or_default();
        let mut all = Map::new();
        for path in paths.iter().filter_map(Value::as_str) {
            let mut may: Vec<_> = self.capabilities_of(token, path).into_iter().collect();
            if may.is_empty() {
                may.push("deny".into());
            }
            all.insert(path.to_owned(), json!(may));
        }
        let all = Value::Object(all);
        let mut body = envelope(&all, &Value::Null);
        for (path, may) in all.as_object().into_iter().flatten() {
            body[path] = may.clone();
        }
        Reply::json(200, body)
    }

    pub(super) fn auth_methods(&mut self, path: Option<&str>, operation: Operation, body: &Value) -> Reply {
        match (path, operation) {
            (None, Operation::Read) => {
                let all: Map<_, _> = self
                    .methods
                    .iter()
                    .map(|(at, method)| (format!("{at}/"), json!({ "type": method.kind })))
                    .collect();
                // As with other old endpoints of `sys/`, the same stands beside the envelope.
                let mut body = envelope(&json!(all), &Value::Null);
                all.into_iter().for_each(|(at, method)| body[at] = method);
                Reply::json(200, body)
            }
            (Some(path), Operation::Update) if self.methods.contains_key(path) => {
                refusal(400, &format!("path is already in use at {path}/"))
            }
            (Some(path), Operation::Update) => {
                let kind = body["type"].as_str().unwrap_or_default();
                if !["kubernetes", "approle", "jwt", "oidc", "userpass", "cert"].contains(&kind) {
                    return refusal(400, &format!("plugin not found in the catalog: {kind}"));
                }
                self.methods.insert(path.to_owned(), AuthMethod::new(kind));
                done()
            }
            (Some(path), Operation::Delete) => {
                self.methods.remove(path);
                done()
            }
            _ => refusal(405, "unsupported operation"),
        }
    }
}
