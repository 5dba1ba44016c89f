//! Auth methods: Kubernetes with its configuration and roles, AppRole, and logins by both.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::account::Account;
use super::super::server::Reply;
use super::access::Operation;
use super::{State, absent, data, done, refusal};
use crate::remote::vault::fits;

/// What a role has where nobody says otherwise, as JSON.
const DEFAULTS: &[(&str, &str)] = &[
    ("alias_name_source", "\"serviceaccount_uid\""),
    ("bound_service_account_namespace_selector", "\"\""),
    ("token_bound_cidrs", "[]"),
    ("token_explicit_max_ttl", "0"),
    ("token_max_ttl", "0"),
    ("token_no_default_policy", "false"),
    ("token_num_uses", "0"),
    ("token_period", "0"),
    ("token_policies", "[]"),
    ("token_ttl", "0"),
    ("token_type", "\"default\""),
];

/// A mounted auth method.
pub(super) struct AuthMethod {
    pub(super) kind: String,
    config: Option<Map<String, Value>>,
    pub(super) roles: BTreeMap<String, Map<String, Value>>,
    /// Service account tokens that the API server would vouch for: namespace and name.
    pub(super) accounts: BTreeMap<String, (String, String)>,
}

impl AuthMethod {
    pub(super) fn new(kind: &str) -> Self {
        Self { kind: kind.to_owned(), config: None, roles: BTreeMap::new(), accounts: BTreeMap::new() }
    }

    /// The one role of an AppRole method is known by its id.
    pub(super) fn approle(role_id: &str, secret_id: &str, policies: &[&str]) -> Self {
        let mut method = Self::new("approle");
        let role = Map::from_iter([
            ("secret_id".to_owned(), json!(secret_id)),
            ("token_policies".to_owned(), json!(policies)),
        ]);
        method.roles.insert(role_id.to_owned(), role);
        method
    }

    fn configure(&mut self, operation: Operation, body: &Value) -> Reply {
        if operation == Operation::Read {
            return self.config.as_ref().map_or_else(absent, |config| data(&json!(config)));
        }
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        if text("kubernetes_host").is_empty() {
            return refusal(400, "no host provided");
        }
        let config = json!({
            "kubernetes_host": text("kubernetes_host"), "kubernetes_ca_cert": text("kubernetes_ca_cert"),
            "disable_local_ca_jwt": body["disable_local_ca_jwt"] == true, "disable_iss_validation": true,
            "issuer": text("issuer"), "pem_keys": [], "use_annotations_as_alias_metadata": false,
            "token_reviewer_jwt_set": !text("token_reviewer_jwt").is_empty(),
        });
        self.config = config.as_object().cloned();
        done()
    }

    fn role(&mut self, name: &str, operation: Operation, body: &Value) -> Reply {
        match operation {
            Operation::Read => return self.roles.get(name).map_or_else(absent, |role| data(&json!(role))),
            Operation::Delete => {
                self.roles.remove(name);
                return done();
            }
            _ => {}
        }
        let mut role = self.roles.get(name).cloned().unwrap_or_default();
        for (key, value) in body.as_object().into_iter().flatten() {
            role.insert(key.clone(), as_kept(key, value));
            if key == "policies" {
                // The old name of the same.
                role.insert("token_policies".into(), as_kept(key, value));
            }
        }
        for (key, value) in DEFAULTS.iter().map(|(key, text)| (*key, serde_json::from_str(text))) {
            role.entry(key).or_insert(value.unwrap_or_default());
        }
        for name in ["bound_service_account_names", "bound_service_account_namespaces"] {
            if role.get(name).and_then(Value::as_array).is_none_or(Vec::is_empty) {
                let unless = if name.ends_with("namespaces") {
                    " if \"bound_service_account_namespace_selector\" is not set"
                } else {
                    ""
                };
                return refusal(400, &format!("\"{name}\" can not be empty{unless}"));
            }
        }
        self.roles.insert(name.to_owned(), role);
        done()
    }

    /// The policies and the life of a login, where its credentials are right.
    fn admits(&self, body: &Value) -> Result<(Vec<String>, u64), Reply> {
        let text = |name: &str| body[name].as_str().unwrap_or_default();
        let role = if self.kind == "approle" {
            if text("secret_id").is_empty() {
                return Err(refusal(400, "missing secret_id"));
            }
            if text("role_id").is_empty() {
                return Err(refusal(500, "failed to determine alias name from login request"));
            }
            let role = self.roles.get(text("role_id")).filter(|role| role["secret_id"] == text("secret_id"));
            role.ok_or_else(|| refusal(400, "invalid role or secret ID"))?
        } else {
            for (needed, missing) in [("jwt", "missing jwt"), ("role", "missing role")] {
                if text(needed).is_empty() {
                    return Err(refusal(400, missing));
                }
            }
            let name = text("role");
            let role = self.roles.get(name);
            let role = role.ok_or_else(|| refusal(400, &format!("invalid role name \"{name}\"")))?;
            self.accept(role, text("jwt"))?;
            role
        };
        let policies = role.get("token_policies").and_then(Value::as_array).cloned().unwrap_or_default();
        let policies = policies.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        Ok((policies, role.get("token_ttl").and_then(Value::as_u64).unwrap_or(0)))
    }

    /// Whether the role is for the account of a token, in the order in which a real one asks.
    fn accept(&self, role: &Map<String, Value>, jwt: &str) -> Result<(), Reply> {
        let trusted =
            self.accounts.get(jwt).map(|(namespace, name)| Account::new(namespace, name, Vec::new()));
        let Some(account) = trusted.or_else(|| Account::of(jwt)) else {
            return Err(refusal(403, "permission denied"));
        };
        let refuse = |words: &str| Err(refusal(403, words));
        let audience = role.get("audience").and_then(Value::as_str).filter(|audience| !audience.is_empty());
        if audience.is_some_and(|audience| !account.audiences.iter().any(|one| one == audience)) {
            return refuse(
                "invalid audience (aud) claim: audience claim does not match any expected audience",
            );
        }
        if !holds(&role["bound_service_account_names"], &account.name) {
            return refuse("service account name not authorized");
        }
        if !holds(&role["bound_service_account_namespaces"], &account.namespace) {
            return refuse("namespace not authorized");
        }
        Ok(())
    }
}

/// Whether a list holds a value, or a pattern of it.
fn holds(list: &Value, value: &str) -> bool {
    list.as_array().is_some_and(|list| list.iter().filter_map(Value::as_str).any(|one| fits(one, value)))
}

/// Lengths of time are given back in seconds, lists may come as text with commas.
fn as_kept(key: &str, value: &Value) -> Value {
    let text = value.as_str();
    match (key, text) {
        (_, Some(text)) if key.ends_with("_ttl") => {
            let length = text.parse::<jiff::SignedDuration>().map_or(0, |length| length.as_secs());
            json!(text.parse::<i64>().unwrap_or(length))
        }
        (
            "bound_service_account_names"
            | "bound_service_account_namespaces"
            | "token_policies"
            | "policies",
            Some(text),
        ) => {
            json!(text.split(',').map(str::trim).collect::<Vec<_>>())
        }
        _ => value.clone(),
    }
}

impl State {
    pub(super) fn auth_method(&mut self, rest: &str, operation: Operation, body: &Value) -> Reply {
        if let Some((mount, name)) = rest.split_once("/role/")
            && let Some(method) = self.methods.get_mut(mount)
        {
            return method.role(name, operation, body);
        }
        if let Some(method) = rest.strip_suffix("/config").and_then(|mount| self.methods.get_mut(mount)) {
            return method.configure(operation, body);
        }
        refusal(404, &format!("no handler for route \"auth/{rest}\". route entry not found."))
    }

    pub(super) fn log_in(&mut self, mount: &str, body: &Value) -> Reply {
        let Some(method) = self.methods.get(mount).filter(|method| method.kind != "token") else {
            return refusal(403, "permission denied");
        };
        match method.admits(body) {
            Ok((policies, ttl)) => self.logged_in(mount, policies.into_iter(), ttl),
            Err(reply) => reply,
        }
    }
}
