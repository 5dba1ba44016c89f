//! KV engines: versions, check-and-set, deletion, metadata.

use std::collections::BTreeMap;
use std::sync::Arc;

use sealstrap::remote::Cause;
use serde_json::{Value, json};

use super::{Side, Statement, sentences, set};

pub(super) fn statements() -> Vec<Statement<Side>> {
    sentences![
        "KV v2: a path where nothing was written is a 404 without errors" => nothing_there,
        "KV v2: a write answers its version, and a read gives it back byte for byte" => versions,
        "KV v2: a write by another version than the current one is a 400, and our client calls it a conflict" => check_and_set,
        "KV v2: an engine or secret that demands check-and-set refuses a write without" => check_and_set_required,
        "KV v2: a deleted or destroyed version is a 404 with its metadata, and the next write goes on from it" => deletion,
        "KV v2: an older version can be read and undeleted" => older_versions,
        "KV v2: custom metadata is merged by PATCH, replaced by POST, and comes with every read" => custom_metadata,
        "KV v2: metadata tells every version; a PATCH where there is none is a 404" => metadata,
        "KV v2: a body without data is a 400" => no_data,
        "KV v1: values are replaced as a whole; nothing there is a 404; an empty write is a 400" => version_one,
        "A list names keys and folders; an empty one is a 404" => lists,
    ]
}

async fn nothing_there(side: Arc<Side>) {
    assert_eq!(side.read("secret/data/c/never").await.status, 404);
    assert_eq!(side.read("secret/metadata/c/never").await.status, 404);
    let read = side.admin().await.read("secret", "c/never").await.unwrap();
    assert_eq!((read.version, read.deleted, read.data.len()), (0, false, 0));
    assert_eq!(side.ask("DELETE", "secret/data/c/never", &Value::Null).await.status, 204);
}

async fn versions(side: Arc<Side>) {
    let admin = side.admin().await;
    let body = json!({"data": {"n": 12_345_678_901_u64, "l": [1, {"a": null}], "t": true, "s": "old"}});
    assert_eq!(side.ask("POST", "secret/data/c/x", &body).await.status, 200);
    let read = admin.read("secret", "c/x").await.unwrap();
    admin.write("secret", "c/x", set("s", "new \u{e4}\n"), &read).await.unwrap();
    let kept = side.read("secret/data/c/x").await.body;
    let wanted = json!({"n": 12_345_678_901_u64, "l": [1, {"a": null}], "t": true, "s": "new \u{e4}\n"});
    assert_eq!((&kept["data"]["data"], &kept["data"]["metadata"]["version"]), (&wanted, &json!(2)));
}

async fn check_and_set(side: Arc<Side>) {
    let admin = side.admin().await;
    let read = admin.read("secret", "c/cas").await.unwrap();
    admin.write("secret", "c/cas", set("s", "1"), &read).await.unwrap();
    let error = admin.write("secret", "c/cas", set("s", "late"), &read).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Conflict(_)), "{error:?}");
    side.note_error(&error);
    for cas in [json!(0), json!(7), json!("nonsense")] {
        let body = json!({"options": {"cas": cas}, "data": {"s": "2"}});
        assert_eq!(side.ask("POST", "secret/data/c/cas", &body).await.status, 400);
    }
    let body = json!({"options": {"cas": 1}, "data": {"s": "2"}});
    assert_eq!(side.ask("POST", "secret/data/c/cas-new", &body).await.status, 400);
    assert_eq!(side.ask("POST", "secret/data/c/cas", &body).await.status, 200);
}

async fn check_and_set_required(side: Arc<Side>) {
    assert_eq!(
        side.ask("POST", "secret/metadata/c/strict", &json!({"cas_required": true})).await.status,
        204
    );
    assert_eq!(side.ask("POST", "secret/data/c/strict", &json!({"data": {"s": "1"}})).await.status, 400);
    let body = json!({"options": {"cas": 0}, "data": {"s": "1"}});
    assert_eq!(side.ask("POST", "secret/data/c/strict", &body).await.status, 200);
}

async fn deletion(side: Arc<Side>) {
    let admin = side.admin().await;
    for part in ["delete", "destroy"] {
        let path = format!("c/{part}");
        let read = admin.read("secret", &path).await.unwrap();
        admin.write("secret", &path, set("s", "1"), &read).await.unwrap();
        assert_eq!(
            side.ask("POST", &format!("secret/{part}/{path}"), &json!({"versions": [1]})).await.status,
            204
        );
        assert_eq!(side.read(&format!("secret/data/{path}")).await.status, 404);
        let read = admin.read("secret", &path).await.unwrap();
        assert!(read.deleted && read.data.is_empty() && read.version == 1, "{part}");
        admin.write("secret", &path, set("s", "2"), &read).await.unwrap();
        assert_eq!(admin.read("secret", &path).await.unwrap().version, 2);
    }
    assert_eq!(side.ask("DELETE", "secret/data/c/delete", &Value::Null).await.status, 204);
    assert_eq!(side.read("secret/data/c/delete").await.status, 404);
    side.read("secret/metadata/c/delete").await;
}

async fn older_versions(side: Arc<Side>) {
    for value in ["1", "2"] {
        side.make("POST", "secret/data/c/old", &json!({"data": {"s": value}})).await;
    }
    assert_eq!(side.read("secret/data/c/old?version=1").await.body["data"]["data"]["s"], "1");
    assert_eq!(side.read("secret/data/c/old?version=9").await.status, 404);
    side.make("POST", "secret/delete/c/old", &json!({"versions": [2]})).await;
    assert_eq!(side.ask("POST", "secret/undelete/c/old", &json!({"versions": [2]})).await.status, 204);
    assert_eq!(side.read("secret/data/c/old").await.body["data"]["data"]["s"], "2");
}

async fn custom_metadata(side: Arc<Side>) {
    let one = |key: &str| BTreeMap::from([(key.to_owned(), "v".to_owned())]);
    let rules = "path \"secret/metadata/*\" { capabilities = [\"create\", \"read\", \"update\"] }\n\
                 path \"secret/data/*\" { capabilities = [\"create\", \"read\", \"update\"] }";
    let narrow = side.narrow(rules).await;
    for (path, vault) in [("c/patched", side.admin().await), ("c/posted", side.open(&narrow).await)] {
        vault.mark("secret", path, &one("a")).await.unwrap();
        vault.mark("secret", path, &one("b")).await.unwrap();
        let read = vault.read("secret", path).await.unwrap();
        assert_eq!(read.metadata.keys().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((read.version, read.deleted), (0, false));
        side.read(&format!("secret/data/{path}")).await;
        vault.write("secret", path, set("s", "1"), &read).await.unwrap();
        assert_eq!(vault.read("secret", path).await.unwrap().metadata.len(), 2);
        side.read(&format!("secret/data/{path}")).await;
    }
    side.make("POST", "secret/metadata/c/patched", &json!({"custom_metadata": {"c": "v"}})).await;
    let told = side.read("secret/metadata/c/patched").await;
    assert_eq!(told.body["data"]["custom_metadata"], json!({"c": "v"}));
    side.make("PATCH", "secret/metadata/c/patched", &json!({"custom_metadata": {"c": null, "d": "v"}})).await;
    let told = side.read("secret/metadata/c/patched").await;
    assert_eq!(told.body["data"]["custom_metadata"], json!({"d": "v"}));
    let told = side.ask("POST", "secret/metadata/c/patched", &json!({"custom_metadata": {"c": 1}})).await;
    assert!(told.status < 500);
}

async fn metadata(side: Arc<Side>) {
    let body = json!({"custom_metadata": {"a": "v"}});
    assert_eq!(side.ask("PATCH", "secret/metadata/c/missing", &body).await.status, 404);
    assert_eq!(side.ask("POST", "secret/metadata/c/described", &body).await.status, 204);
    side.read("secret/metadata/c/described").await;
    side.make("POST", "secret/data/c/described", &json!({"data": {"s": "1"}})).await;
    side.make("POST", "secret/data/c/described", &json!({"data": {"s": "2"}})).await;
    let told = side.read("secret/metadata/c/described").await;
    assert_eq!(told.body["data"]["versions"].as_object().unwrap().len(), 2);
    assert_eq!(side.ask("DELETE", "secret/metadata/c/described", &Value::Null).await.status, 204);
    assert_eq!(side.read("secret/data/c/described").await.status, 404);
}

async fn no_data(side: Arc<Side>) {
    assert_eq!(side.ask("POST", "secret/data/c/empty", &json!({"s": "1"})).await.status, 400);
    assert_eq!(side.ask("POST", "secret/data/c/empty", &json!({"data": "text"})).await.status, 400);
    assert_eq!(side.ask("POST", "secret/data/c/empty", &json!({"data": {}})).await.status, 200);
    side.read("secret/data/c/empty").await;
}

async fn version_one(side: Arc<Side>) {
    assert_eq!(side.read("kv1/c/never").await.status, 404);
    assert_eq!(side.ask("POST", "kv1/c/x", &json!({"s": "1", "t": "1"})).await.status, 204);
    assert_eq!(side.ask("POST", "kv1/c/x", &json!({"s": "2"})).await.status, 204);
    assert_eq!(side.read("kv1/c/x").await.body["data"], json!({"s": "2"}));
    assert_eq!(side.ask("POST", "kv1/c/x", &json!({})).await.status, 400);
    assert_eq!(side.ask("DELETE", "kv1/c/x", &Value::Null).await.status, 204);
    assert_eq!(side.read("kv1/c/x").await.status, 404);
}

async fn lists(side: Arc<Side>) {
    for path in ["l/a", "l/b/c", "l/b/d"] {
        side.make("POST", &format!("secret/data/{path}"), &json!({"data": {"s": "1"}})).await;
        side.make("POST", &format!("kv1/{path}"), &json!({"s": "1"})).await;
    }
    let told = side.ask("LIST", "secret/metadata/l", &Value::Null).await;
    assert_eq!(told.body["data"]["keys"], json!(["a", "b/"]));
    assert_eq!(side.read("secret/metadata/l?list=true").await.body["data"]["keys"], json!(["a", "b/"]));
    side.ask("LIST", "kv1/l", &Value::Null).await;
    assert_eq!(side.ask("LIST", "secret/metadata/none", &Value::Null).await.status, 404);
}
