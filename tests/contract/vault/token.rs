//! Tokens: made, looked up, renewed, revoked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sealstrap::remote::Cause;
use sealstrap::remote::vault::Login;
use serde_json::{Value, json};

use super::{Side, Statement, plain, refused, sentences, text, wish};

pub(super) fn statements() -> Vec<Statement<Side>> {
    sentences![
        "The root token looks itself up and never ends" => root,
        "A periodic orphan has its period, marks and policies, and default" => periodic_orphan,
        "A token renews itself to its full period; one that is not renewable is refused" => renewing,
        "A token that is not valid is a 403, by every way to look it up" => not_valid,
        "Accessors are listed, looked up and revoked, and one that is not there is told" => accessors,
        "Tokens with our marks are revoked, those to be kept aside" => marked,
        "A token that is no orphan ends with its parent" => children,
    ]
}

async fn root(side: Arc<Side>) {
    let own = side.admin().await.whoami().await.unwrap();
    assert!(own.policies.contains("root") && own.ttl.is_none());
    let told = side.quietly(Some(&side.root), "GET", "auth/token/lookup-self", &Value::Null).await;
    let data = &told.body["data"];
    for name in [
        "expire_time",
        "ttl",
        "creation_ttl",
        "explicit_max_ttl",
        "num_uses",
        "orphan",
        "type",
        "policies",
        "renewable",
    ] {
        side.seen.note(json!({"asked": name, "value": data[name]}));
    }
}

async fn periodic_orphan(side: Arc<Side>) {
    let admin = side.admin().await;
    let wish = wish("contract", "orphan");
    let made = text(&admin.create_token(&wish).await.unwrap());
    let info = admin.look_up(plain(&made)).await.unwrap().unwrap();
    assert!(info.orphan && info.renewable, "{info:?}");
    assert_eq!((info.period, info.creation_ttl), (Some(wish.period), wish.period));
    assert_eq!((&info.meta, info.display_name.as_str()), (&wish.meta, "token-contract"));
    assert_eq!(info.policies, BTreeSet::from(["contract".into(), "default".into()]));
    side.ask_as(Some(&made), "GET", "auth/token/lookup-self", &Value::Null).await;
    let body = json!({"policies": ["contract"], "period": "2h", "meta": {"a": "b"}, "display_name": "raw"});
    assert_eq!(side.ask("POST", "auth/token/create-orphan", &body).await.status, 200);
    let told =
        side.ask("POST", "auth/token/create-orphan", &json!({"policies": ["contract"], "period": "x"})).await;
    assert_eq!(told.status, 400);
}

async fn renewing(side: Arc<Side>) {
    let admin = side.admin().await;
    let made = text(&admin.create_token(&wish("contract", "renewing")).await.unwrap());
    admin.renew(plain(&made)).await.unwrap();
    let told = side.ask_as(Some(&made), "POST", "auth/token/renew-self", &json!({})).await;
    assert_eq!((told.status, &told.body["auth"]["lease_duration"]), (200, &json!(7200)));
    let body = json!({"policies": ["contract"], "ttl": "1h", "renewable": false});
    let fixed = side.ask("POST", "auth/token/create-orphan", &body).await.body;
    let fixed = fixed["auth"]["client_token"].as_str().unwrap();
    let told = side.ask_as(Some(fixed), "POST", "auth/token/renew-self", &json!({})).await;
    assert_eq!(told.status, 400);
    side.note_error(&admin.renew(plain(fixed)).await.unwrap_err());
    side.note_error(&admin.renew(plain("hvs.unknown")).await.unwrap_err());
    side.ask("POST", "auth/token/renew-self", &json!({})).await;
}

async fn not_valid(side: Arc<Side>) {
    let admin = side.admin().await;
    assert_eq!(admin.look_up(plain("hvs.unknown")).await.unwrap(), None);
    assert_eq!(side.ask("POST", "auth/token/lookup", &json!({"token": "hvs.unknown"})).await.status, 403);
    let made = text(&admin.create_token(&wish("contract", "short")).await.unwrap());
    assert_eq!(side.ask_as(Some(&made), "POST", "auth/token/revoke-self", &json!({})).await.status, 204);
    assert_eq!(admin.look_up(plain(&made)).await.unwrap(), None);
    let error = refused(side.try_open(Login::Token(plain(&made))).await);
    assert!(matches!(error.cause, Cause::Unauthenticated(_)), "{error:?}");
}

async fn accessors(side: Arc<Side>) {
    let admin = side.admin().await;
    let made = text(&admin.create_token(&wish("contract", "accessors")).await.unwrap());
    let accessor = admin.look_up(plain(&made)).await.unwrap().unwrap().accessor;
    let told = side.quietly(Some(&side.root), "LIST", "auth/token/accessors", &Value::Null).await;
    assert!(told.body["data"]["keys"].as_array().unwrap().contains(&json!(accessor)));
    let told = side
        .quietly(Some(&side.root), "POST", "auth/token/lookup-accessor", &json!({"accessor": accessor}))
        .await;
    let data = &told.body["data"];
    for name in ["id", "policies", "meta", "period", "orphan", "display_name", "path", "entity_id", "type"] {
        side.seen.note(json!({"asked": name, "value": data[name]}));
    }
    let named = json!({"accessor": accessor});
    let told = side.quietly(Some(&side.root), "POST", "auth/token/revoke-accessor", &named).await;
    assert_eq!(told.status, 204);
    assert_eq!(admin.look_up(plain(&made)).await.unwrap(), None);
    for call in ["lookup-accessor", "revoke-accessor"] {
        let path = format!("auth/token/{call}");
        side.ask("POST", &path, &json!({"accessor": "unknown"})).await;
    }
}

async fn marked(side: Arc<Side>) {
    let admin = side.admin().await;
    let wish = wish("contract", "tokens");
    let made = text(&admin.create_token(&wish).await.unwrap());
    let info = admin.look_up(plain(&made)).await.unwrap().unwrap();
    admin.create_token(&wish).await.unwrap();
    assert_eq!(admin.revoke_marked(&wish.meta, &BTreeSet::from([info.accessor])).await.unwrap(), 1);
    assert!(admin.look_up(plain(&made)).await.unwrap().is_some());
    assert_eq!(admin.revoke_marked(&wish.meta, &BTreeSet::new()).await.unwrap(), 1);
    assert_eq!(admin.look_up(plain(&made)).await.unwrap(), None);
    let nobody = BTreeMap::from([("contract".to_owned(), "nobody".to_owned())]);
    assert_eq!(admin.revoke_marked(&nobody, &BTreeSet::new()).await.unwrap(), 0);
}

async fn children(side: Arc<Side>) {
    let rules = "path \"auth/token/create\" { capabilities = [\"update\"] }";
    let parent = side.narrow(rules).await;
    let told = side.ask_as(Some(&parent), "POST", "auth/token/create", &json!({"ttl": "1h"})).await;
    let child = told.body["auth"]["client_token"].as_str().unwrap().to_owned();
    side.ask_as(Some(&child), "GET", "auth/token/lookup-self", &Value::Null).await;
    let told =
        side.ask_as(Some(&parent), "POST", "auth/token/create", &json!({"policies": ["contract"]})).await;
    assert_eq!(told.status, 400);
    side.ask_as(Some(&parent), "POST", "auth/token/revoke-self", &json!({})).await;
    assert_eq!(side.ask_as(Some(&child), "GET", "auth/token/lookup-self", &Value::Null).await.status, 403);
}
