//! The token store.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::super::server::Reply;
use super::access::Operation;
use super::{DENIED, State, absent, data, done, envelope, refusal};

/// 32 days: the longest life that a server without other settings gives.
const LONGEST: u64 = 768 * 3600;

/// A service token.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) accessor: String,
    pub(super) policies: BTreeSet<String>,
    pub(super) meta: BTreeMap<String, String>,
    display_name: String,
    /// The endpoint that made it.
    path: String,
    orphan: bool,
    /// The token that made it, with which it ends; none for an orphan.
    parent: Option<String>,
    period: u64,
    made: u64,
    creation_ttl: u64,
    ends: Option<u64>,
    renewable: bool,
}

impl Token {
    pub(super) fn root(now: u64) -> Self {
        Self {
            accessor: "sandbox-admin-accessor".into(),
            policies: BTreeSet::from(["root".into()]),
            meta: BTreeMap::new(),
            display_name: "root".into(),
            path: "auth/token/root".into(),
            orphan: true,
            parent: None,
            period: 0,
            made: now,
            creation_ttl: 0,
            ends: None,
            renewable: false,
        }
    }

    pub(super) fn is_valid(&self, now: u64) -> bool {
        self.ends.is_none_or(|end| now < end)
    }

    fn describe(&self, id: &str, now: u64) -> Value {
        let time = |seconds: u64| {
            Timestamp::from_second(i64::try_from(seconds).unwrap_or_default()).ok().map(|t| t.to_string())
        };
        let mut all = json!({
            "id": id, "accessor": self.accessor, "policies": self.policies, "display_name": self.display_name,
            "meta": if self.meta.is_empty() { Value::Null } else { json!(self.meta) }, "orphan": self.orphan,
            "creation_time": self.made, "creation_ttl": self.creation_ttl, "entity_id": "", "explicit_max_ttl": 0,
            "expire_time": self.ends.and_then(time), "num_uses": 0, "path": self.path, "type": "service",
            "ttl": self.ends.map_or(0, |end| end.saturating_sub(now)),
        });
        // The first root token has no lease, and so nothing that could be renewed.
        if self.ends.is_some() {
            all["issue_time"] = json!(time(self.made));
            all["renewable"] = json!(self.renewable);
        }
        if self.period > 0 {
            all["period"] = json!(self.period);
        }
        all
    }

    /// What a login or a renewal answers.
    fn auth(&self, id: &str) -> Value {
        json!({
            "client_token": id, "accessor": self.accessor, "policies": self.policies, "token_policies": self.policies,
            "metadata": if self.meta.is_empty() { Value::Null } else { json!(self.meta) }, "mfa_requirement": null,
            "lease_duration": self.creation_ttl, "renewable": self.renewable, "entity_id": "",
            "token_type": "service", "orphan": self.orphan, "num_uses": 0,
        })
    }
}

/// `24h`, `3600s` or a number of seconds.
fn seconds(value: &Value) -> u64 {
    let text = value.as_str().unwrap_or_default();
    let length = text.parse::<SignedDuration>().ok().and_then(|length| Duration::try_from(length).ok());
    value.as_u64().or_else(|| text.parse().ok()).or(length.map(|length| length.as_secs())).unwrap_or(0)
}

fn is_no_length(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    !text.is_empty() && text.parse::<u64>().is_err() && text.parse::<SignedDuration>().is_err()
}

impl State {
    /// A service token that is no orphan.
    pub(super) fn make_token(&mut self, policies: impl Iterator<Item = String>, ttl: u64) -> String {
        self.made += 1;
        let id = format!("sandbox-token-{}", self.made);
        let now = self.now();
        let mut token = Token::root(now);
        token.accessor = format!("sandbox-accessor-{}", self.made);
        token.policies = policies.chain(["default".to_owned()]).collect();
        token.display_name = "token".into();
        token.path = "auth/token/create".into();
        token.orphan = false;
        token.renewable = true;
        token.creation_ttl = if ttl == 0 { LONGEST } else { ttl.min(LONGEST) };
        token.ends = Some(now + token.creation_ttl);
        self.tokens.insert(id.clone(), token);
        id
    }

    /// Makes a token for a login, and answers with it.
    pub(super) fn logged_in(
        &mut self,
        mount: &str,
        policies: impl Iterator<Item = String>,
        ttl: u64,
    ) -> Reply {
        let id = self.make_token(policies, ttl);
        let Some(token) = self.tokens.get_mut(&id) else { return absent() };
        token.orphan = true;
        token.path = format!("auth/{mount}/login");
        Reply::json(200, envelope(&Value::Null, &token.auth(&id)))
    }

    pub(super) fn token(
        &mut self,
        call: &str,
        operation: Operation,
        body: &Value,
        id: &str,
        token: &Token,
    ) -> Reply {
        let now = self.now();
        match call.trim_end_matches('/') {
            "lookup-self" | "lookup" | "renew-self" | "create" | "create-orphan"
                if operation == Operation::Delete =>
            {
                refusal(405, "1 error occurred:\n\t* unsupported operation\n\n")
            }
            "lookup-self" => data(&token.describe(id, now)),
            "lookup" => {
                let wanted = body["token"].as_str().unwrap_or(id);
                match self.tokens.get(wanted).filter(|token| token.is_valid(now)) {
                    Some(found) => data(&found.describe(wanted, now)),
                    None => refusal(403, "bad token"),
                }
            }
            "renew-self" => self.renew(id),
            "revoke-self" => {
                self.forget(id);
                done()
            }
            "create-orphan" => self.create(body, id, token, true),
            "create" => self.create(body, id, token, body["no_parent"] == true),
            "accessors" if operation == Operation::List => self.accessors(now),
            "lookup-accessor" => match self.by_accessor(body) {
                Some(id) => data(&self.tokens[&id].describe("", now)),
                None => refusal(400, "1 error occurred:\n\t* invalid accessor\n\n"),
            },
            "revoke-accessor" => self.revoke_accessor(body),
            _ => refusal(404, "1 error occurred:\n\t* unsupported path\n\n"),
        }
    }

    fn accessors(&self, now: u64) -> Reply {
        let valid = self.tokens.values().filter(|token| token.is_valid(now));
        data(&json!({ "keys": valid.map(|token| &token.accessor).collect::<Vec<_>>() }))
    }

    /// One that is not there is no refusal, only a warning.
    fn revoke_accessor(&mut self, body: &Value) -> Reply {
        let Some(id) = self.by_accessor(body) else {
            let mut body = envelope(&Value::Null, &Value::Null);
            body["warnings"] = json!(["No token found with this accessor"]);
            return Reply::json(200, body);
        };
        self.forget(&id);
        done()
    }

    fn by_accessor(&self, body: &Value) -> Option<String> {
        let now = self.now();
        let wanted = body["accessor"].as_str()?;
        let mut valid = self.tokens.iter().filter(|(_, token)| token.is_valid(now));
        valid.find(|(_, token)| token.accessor == wanted).map(|(id, _)| id.clone())
    }

    fn renew(&mut self, id: &str) -> Reply {
        let now = self.now();
        let Some(token) = self.tokens.get_mut(id) else { return refusal(403, DENIED) };
        if token.ends.is_none() {
            return refusal(400, "invalid lease ID");
        }
        if !token.renewable {
            return refusal(400, "lease is not renewable");
        }
        let life = if token.period > 0 { token.period } else { token.creation_ttl };
        token.ends = Some(now + life.min(LONGEST));
        Reply::json(200, envelope(&Value::Null, &token.auth(id)))
    }

    /// Revokes a token and those that it made.
    pub(super) fn forget(&mut self, id: &str) {
        self.tokens.remove(id);
        let is_child = |token: &Token| token.parent.as_deref() == Some(id);
        let children: Vec<String> =
            self.tokens.iter().filter(|(_, token)| is_child(token)).map(|(id, _)| id.clone()).collect();
        for child in children {
            self.forget(&child);
        }
    }

    fn create(&mut self, body: &Value, parent: &str, by: &Token, orphan: bool) -> Reply {
        if is_no_length(&body["period"]) {
            let text = body["period"].as_str().unwrap_or_default();
            return refusal(400, &format!("time: invalid duration {text:?}"));
        }
        let period = seconds(&body["period"]);
        let sudo = {
            let may = self.capabilities_of(by, "auth/token/create-orphan");
            may.contains("sudo") || may.contains("root")
        };
        if period > 0 && !sudo {
            return refusal(400, "root or sudo privileges required to create periodic token");
        }
        let names = |value: &Value| -> BTreeSet<String> {
            value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let policies = names(&body["policies"]);
        if !sudo && !policies.is_subset(&by.policies) {
            return refusal(400, "child policies must be subset of parent");
        }
        let policies = if policies.is_empty() { by.policies.clone() } else { policies };
        let ttl = if period > 0 { period } else { seconds(&body["ttl"]) };
        let id = self.make_token(policies.into_iter(), ttl);
        let Some(token) = self.tokens.get_mut(&id) else { return absent() };
        token.orphan = orphan;
        token.parent = (!orphan).then(|| parent.to_owned());
        token.period = period;
        token.renewable = body["renewable"] != false;
        if let Some(name) = body["display_name"].as_str() {
            token.display_name = format!("token-{name}");
        }
        if orphan {
            token.path = "auth/token/create-orphan".into();
        }
        let meta = body["meta"].as_object().into_iter().flatten();
        token.meta =
            meta.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect();
        Reply::json(200, envelope(&Value::Null, &token.auth(&id)))
    }
}
