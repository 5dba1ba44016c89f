//! Stores: what the operator's webhook refuses in one, and what fails later.

use serde_json::{Map, Value};

use super::shape::walk;
use super::sheet::{Sheet, Trail, child, list, text};
use super::store_schema::{OPENBAO, VAULT};
use super::{Around, Rule, providers, re2};
use crate::external::{Interval, Operator, StoreKind, is_substituted};

/// Finds it, in the spec that stands at `at`.
pub(super) fn check(sheet: &mut Sheet, at: &Trail, spec: &Value, kind: StoreKind, around: &Around) {
    refresh_interval(sheet, &at.key("refreshInterval"), spec, around.operator);
    regexes(sheet, &at.key("conditions"), spec);
    let at = at.key("provider");
    let Some(all) = child(spec, "provider").and_then(Value::as_object) else { return };
    let count = providers::named(spec).count();
    if count != 1 {
        let what = format!("a store has exactly one provider, and this one has {count}");
        sheet.find(Rule::OnlyOne, &at, what, "make stores of their own of them");
    }
    for name in providers::named(spec) {
        providers::check(sheet, &at.key(name), name, around.operator);
    }
    for (name, shape) in [("vault", &VAULT), ("openBao", &OPENBAO)] {
        let Some(provider) = all.get(name).filter(|provider| !provider.is_null()) else { continue };
        let at = at.key(name);
        walk(sheet, &at, provider, shape, around.operator);
        Provider { at, kind, is_bao: name == "openBao" }.check(sheet, provider);
    }
}

fn refresh_interval(sheet: &mut Sheet, at: &Trail, spec: &Value, operator: Operator) {
    if child(spec, "refreshInterval").is_some_and(Value::is_string) && !operator.knows((2, 8)) {
        let what = format!("a text for `{}` came with 2.8; the operator is {operator}", at.dotted());
        sheet.find(Rule::TooNew, at, what, "write a number of seconds");
    }
    let fault = match child(spec, "refreshInterval") {
        Some(Value::Number(number)) if number.as_i64().is_some_and(|seconds| seconds < 0) => "is negative",
        Some(Value::String(written)) if is_substituted(written) => return,
        Some(Value::String(written)) => match written.parse::<Interval>() {
            Ok(read) if !read.is_negative() => return,
            Ok(_) => "is negative",
            Err(_) => "is no duration",
        },
        _ => return,
    };
    sheet.find(Rule::BadInterval, at, format!("`{}` {fault}", at.dotted()), "write a number of seconds");
}

fn regexes(sheet: &mut Sheet, at: &Trail, spec: &Value) {
    for (index, condition) in list(spec, "conditions") {
        let at = at.index(index);
        let at = at.key("namespaceRegexes");
        for (index, written) in list(condition, "namespaceRegexes") {
            if written.as_str().is_some_and(|written| !re2::compiles(written)) {
                let what = "this is no regular expression of RE2";
                sheet.find(
                    Rule::BadRegex,
                    &at.index(index),
                    what,
                    "it knows no back references and no look-around",
                );
            }
        }
    }
}

/// A provider of Vault or OpenBao, and where it stands.
struct Provider<'t> {
    at: Trail<'t>,
    kind: StoreKind,
    is_bao: bool,
}

impl Provider<'_> {
    fn check(&self, sheet: &mut Sheet, provider: &Value) {
        let at = &self.at;
        if text(provider, "path").is_none() {
            let what = "without `path` the first part of each key is taken for the mount";
            sheet.find(Rule::NoPath, at, what, "write the mount as `path`");
        }
        self.authority(sheet, provider);
        let tls = child(provider, "tls").unwrap_or(&Value::Null);
        let pair = [child(tls, "certSecretRef"), child(tls, "keySecretRef")];
        if pair.iter().flatten().count() == 1 {
            let what = "a client certificate needs its key, and a key its certificate";
            sheet.find(Rule::StoreTls, &at.key("tls"), what, "write `certSecretRef` and `keySecretRef`");
        }
        let checks = child(provider, "checkAndSet").and_then(|all| child(all, "required"));
        if text(provider, "version") == Some("v1") && checks == Some(&Value::Bool(true)) {
            let what = "a mount of version 1 has no check-and-set";
            sheet.find(Rule::StoreCheckAndSet, &at.key("checkAndSet"), what, "remove it");
        }
        if let Some(auth) = child(provider, "auth") {
            self.auth(sheet, auth);
        }
        self.references(sheet, at, provider);
    }

    fn authority(&self, sheet: &mut Sheet, provider: &Value) {
        let Some(authority) = child(provider, "caProvider") else { return };
        let at = self.at.key("caProvider");
        if child(provider, "caBundle").is_some() {
            let what = "`caBundle` and `caProvider` are both given";
            let rule = if self.is_bao { Rule::OnlyOne } else { Rule::StoreCa };
            sheet.find(rule, &at, what, "keep one of them");
        }
        match (self.kind, text(authority, "namespace")) {
            (StoreKind::ClusterSecretStore, None) => {
                let what = "a ClusterSecretStore has no namespace in which to look for this";
                sheet.find(Rule::StoreCa, &at, what, "write `namespace`");
            }
            (StoreKind::SecretStore, Some(other)) if is_elsewhere(sheet, other) => {
                let what = format!("a SecretStore does not look into namespace `{other}`");
                sheet.find(Rule::StoreCa, &at.key("namespace"), what, "remove it");
            }
            _ => {}
        }
    }

    fn auth(&self, sheet: &mut Sheet, auth: &Value) {
        let at = self.at.key("auth");
        let methods: Vec<&String> = auth
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(key, value)| *key != "namespace" && !value.is_null())
            .map(|(key, _)| key)
            .collect();
        if self.is_bao && methods.len() != 1 {
            let what = format!("`openBao` logs in in exactly one way; here are {}", methods.len());
            sheet.find(Rule::OnlyOne, &at, what, "write one of `appRole`, `tokenSecretRef`, `userPass`");
        } else if methods.len() > 1 {
            let what = format!("there are {} ways to log in; the operator takes one", methods.len());
            sheet.find(Rule::SeveralAuths, &at, what, "keep one of them");
        }
        if methods.is_empty() && !self.is_bao {
            let what = "it names no way to log in, and the operator takes none by itself";
            sheet.find(Rule::NoLogin, &at, what, "write for example `kubernetes` or `tokenSecretRef`");
        }
        self.credentials(sheet, &at, auth);
    }

    /// Finds methods that lack what they log in with.
    fn credentials(&self, sheet: &mut Sheet, at: &Trail, auth: &Value) {
        if let Some(role) = child(auth, "appRole") {
            let named = [text(role, "roleId").is_some(), child(role, "roleRef").is_some()];
            match (named, self.is_bao) {
                ([false, false], _) => {
                    let what = "this AppRole has no id";
                    sheet.find(Rule::StoreAuth, &at.key("appRole"), what, "write `roleId` or `roleRef`");
                }
                ([true, true], true) => {
                    let what = "`roleId` and `roleRef` are both given";
                    sheet.find(Rule::OnlyOne, &at.key("appRole"), what, "keep one of them");
                }
                _ => {}
            }
        }
        let jwt = child(auth, "jwt");
        if jwt.is_some_and(|jwt| {
            child(jwt, "secretRef").is_none() && child(jwt, "kubernetesServiceAccountToken").is_none()
        }) {
            let what = "this JWT comes from nowhere";
            sheet.find(
                Rule::StoreAuth,
                &at.key("jwt"),
                what,
                "write `secretRef` or `kubernetesServiceAccountToken`",
            );
        }
    }

    /// Finds references of a SecretStore into other namespaces.
    fn references(&self, sheet: &mut Sheet, at: &Trail, value: &Value) {
        let Some(map) = value.as_object().filter(|_| self.kind == StoreKind::SecretStore) else { return };
        for (key, value) in map.iter().filter(|(key, _)| !self.is_passed_over(key, map)) {
            let at = at.key(key);
            let is_reference = key.ends_with("Ref") || key == "clientCert";
            if let Some(other) = text(value, "namespace").filter(|_| is_reference)
                && is_elsewhere(sheet, other)
            {
                let what = format!("a SecretStore does not look into namespace `{other}`");
                let hint = "remove it, or write a ClusterSecretStore";
                sheet.find(Rule::StoreReference, &at.key("namespace"), what, hint);
            }
            self.references(sheet, &at, value);
        }
    }

    /// Whether the webhook does not look at a field, whatever it refers to.
    fn is_passed_over(&self, key: &str, beside: &Map<String, Value>) -> bool {
        let has = |field: &str| beside.get(field).is_some_and(|value| !value.is_null() && value != "");
        match key {
            "caProvider" | "gcp" => true,
            "roleRef" => !self.is_bao && has("roleId"),
            "kubernetesServiceAccountToken" => has("secretRef"),
            _ => false,
        }
    }
}

/// Whether a namespace is another one than the store's. Kustomizations may give one to what names none, and Flux may
/// substitute either.
fn is_elsewhere(sheet: &Sheet, namespace: &str) -> bool {
    let own = sheet.metadata("namespace");
    !own.is_empty() && own != namespace && !is_substituted(own) && !is_substituted(namespace)
}
