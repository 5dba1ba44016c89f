//! Policies, and what they allow.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sealstrap::external::Policy;
use sealstrap::remote::Cause;
use serde_json::{Value, json};

use super::{Side, Statement, sentences, set, wish};

pub(super) fn statements() -> Vec<Statement<Side>> {
    sentences![
        "A policy comes back as it was written, and one that is not there is a 404" => written_and_read,
        "A text that is no policy is a 400, and so is a policy named root" => no_policy,
        "What no policy allows is a 403, and our client names the capability and the path" => refusals,
        "capabilities-self tells root, deny, or what the policies give, by path" => capabilities,
        "Rules with * and + fit as Vault documents: the longest and most exact one counts" => wildcards,
    ]
}

async fn written_and_read(side: Arc<Side>) {
    let admin = side.admin().await;
    assert_eq!(admin.policy("contract").await.unwrap(), None);
    assert_eq!(side.read("sys/policies/acl/contract").await.status, 404);
    let mut policy = Policy::default();
    policy.grant("secret/data/k8s/*", "read");
    policy.grant("secret/metadata/k8s/*", "read");
    policy.grant("secret/metadata/k8s/*", "list");
    admin.write_policy("contract", &policy.to_hcl()).await.unwrap();
    let found = admin.policy("contract").await.unwrap().unwrap();
    assert_eq!(Policy::read(&found).unwrap(), policy);
    side.read("sys/policies/acl/contract").await;
    assert_eq!(side.ask("PUT", "sys/policies/acl/gone", &json!({"policy": found})).await.status, 204);
    assert_eq!(side.ask("DELETE", "sys/policies/acl/gone", &Value::Null).await.status, 204);
    assert_eq!(admin.policy("gone").await.unwrap(), None);
}

async fn no_policy(side: Arc<Side>) {
    let error = side.admin().await.write_policy("contract", "path {").await.unwrap_err();
    assert!(matches!(error.cause, Cause::Invalid(_)), "{error:?}");
    // The parser's words are its own; the status and the form are compared.
    for text in ["path {", "path \"x\" { capabilities = [\"fly\"] }", ""] {
        let told =
            side.quietly(Some(&side.root), "PUT", "sys/policies/acl/bad", &json!({"policy": text})).await;
        let form = told.body["errors"].as_array().map(Vec::len);
        side.seen.note(json!({"asked": text, "status": told.status, "errors": form}));
        assert_eq!(told.status, 400, "{text}");
    }
    assert_eq!(
        side.ask("PUT", "sys/policies/acl/root", &json!({"policy": "path \"x\" {}"})).await.status,
        400
    );
}

async fn refusals(side: Arc<Side>) {
    side.make("POST", "secret/data/c/narrow", &json!({"data": {"s": "1"}})).await;
    let rules = "path \"secret/data/c/narrow\" { capabilities = [\"read\"] }\n\
                 path \"auth/token/create-orphan\" { capabilities = [\"update\"] }";
    let token = side.narrow(rules).await;
    let vault = side.open(&token).await;
    let read = vault.read("secret", "c/narrow").await.unwrap();
    let error = vault.write("secret", "c/narrow", set("s", "1"), &read).await.unwrap_err();
    let words = "the token lacks the capability `update` on `secret/data/c/narrow` (403)";
    assert_eq!(error.cause, Cause::Forbidden(words.into()));
    for error in [
        vault.read("secret", "c/other").await.unwrap_err(),
        vault.kv_version("kv2").await.unwrap_err(),
        vault.policy("contract").await.unwrap_err(),
        vault.auth_method("home").await.unwrap_err(),
        vault.enable_auth("home", "kubernetes").await.unwrap_err(),
        vault.revoke_marked(&BTreeMap::new(), &BTreeSet::new()).await.unwrap_err(),
        vault.mark("secret", "c/narrow", &BTreeMap::new()).await.unwrap_err(),
    ] {
        assert!(matches!(error.cause, Cause::Forbidden(_)), "{error:?}");
        side.note_error(&error);
    }
    let error = vault.create_token(&wish("narrow", "never")).await.unwrap_err();
    assert!(error.hint.as_deref().unwrap_or_default().contains("`sudo`"), "{error:?}");
    let periodic = json!({"period": "1h", "policies": ["narrow"]});
    for (method, path, body) in [
        ("GET", "secret/data/c/other", &Value::Null),
        ("POST", "secret/data/c/narrow", &json!({"data": {}})),
        ("GET", "sys/policies/acl/contract", &Value::Null),
        ("GET", "sys/auth", &Value::Null),
        ("GET", "nowhere/x", &Value::Null),
        ("LIST", "auth/token/accessors", &Value::Null),
        ("POST", "auth/token/create-orphan", &periodic),
        ("POST", "auth/token/create-orphan", &json!({"policies": ["contract"]})),
    ] {
        let told = side.ask_as(Some(&token), method, path, body).await;
        assert!(matches!(told.status, 400 | 403), "{method} {path}: {}", told.body);
    }
}

async fn capabilities(side: Arc<Side>) {
    let rules = "path \"secret/data/c/x\" { capabilities = [\"read\"] }\n\
                 path \"secret/data/no\" { capabilities = [\"deny\"] }";
    let token = side.narrow(rules).await;
    let paths =
        json!({"paths": ["secret/data/c/x", "secret/data/none", "secret/data/no", "auth/token/lookup-self"]});
    side.ask_as(Some(&token), "POST", "sys/capabilities-self", &paths).await;
    side.ask("POST", "sys/capabilities-self", &paths).await;
    let all = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>();
    let wanted = BTreeMap::from([
        ("secret/data/c/x".to_owned(), all(&["read", "update"])),
        ("secret/data/none".to_owned(), all(&["read"])),
        ("auth/token/lookup-self".to_owned(), all(&["read"])),
    ]);
    let missing = side.open(&token).await.missing_capabilities(&wanted).await.unwrap();
    assert_eq!(missing.keys().collect::<Vec<_>>(), ["secret/data/c/x", "secret/data/none"]);
    assert_eq!(missing["secret/data/c/x"], all(&["update"]));
}

async fn wildcards(side: Arc<Side>) {
    let rule = |path: &str, may: &str| format!("path \"{path}\" {{ capabilities = [\"{may}\"] }}\n");
    let rules = [
        rule("secret/data/*", "read"),
        rule("secret/data/a/*", "update"),
        rule("secret/data/+/b", "create"),
        rule("secret/data/a/exact", "delete"),
        rule("secret/data/pre*", "list"),
    ];
    let token = side.narrow(&rules.concat()).await;
    let paths = ["x", "a/x", "a/b", "x/b", "a/exact", "a/exact/more", "prefix", "x/b/c", "a"];
    let paths: Vec<String> = paths.iter().map(|path| format!("secret/data/{path}")).collect();
    side.ask_as(Some(&token), "POST", "sys/capabilities-self", &json!({"paths": paths})).await;
}
