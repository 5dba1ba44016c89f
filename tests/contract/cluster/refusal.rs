//! What is not there, what is not valid, and who is not let in.

use std::sync::Arc;

use sealstrap::remote::Cause;
use serde_json::{Value, json};

use super::{APPLY, JSON, OURS, Side, Statement, reference, sentences, settings};

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

pub(super) fn statements() -> Vec<Statement<Side>> {
    sentences![
        "An object that is not there is a 404 that names kind and object" => an_unknown_object,
        "A resource, version or group that is not served is a 404 that names neither" => an_unknown_resource,
        "A namespace that is not there is named by the 404 of a write" => an_unknown_namespace,
        "A bad name is a 422 with the field and the rule" => a_bad_name,
        "A field that the schema lacks is refused by an apply, with its path" => an_unknown_field,
        "A value of the wrong type is refused by an apply" => a_wrong_type,
        "A Deployment without selector lacks a required field" => a_required_field,
        "A body of an unknown media type is a 415" => an_unknown_media_type,
        "A token that nobody knows is a 401" => an_unknown_token,
    ]
}

async fn an_unknown_object(side: Arc<Side>) {
    let told = side.read(&format!("{MAPS}/seal-none")).await;
    assert_eq!((told.status, &told.body["details"]["name"]), (404, &json!("seal-none")));
    side.read("/apis/apps/v1/namespaces/default/deployments/seal-none").await;
    side.read("/api/v1/namespaces/seal-none").await;
    side.read("/api/v1/namespaces/seal-none/secrets/seal-none").await;
    let none = reference(&settings("seal-none", &json!({})));
    assert_eq!(side.admin.get(&none).await.unwrap(), None);
}

async fn an_unknown_resource(side: Arc<Side>) {
    for path in [
        "/api/v1/namespaces/default/seals",
        "/api/v1/namespaces/default/seals/one",
        "/apis/seal.example.com/v1",
        "/apis/seal.example.com/v1/namespaces/default/seals/one",
        "/apis/seal.example.com",
        "/apis/apps/v9",
        "/apis/apps/v9/namespaces/default/deployments",
        "/api/v9",
        "/nothing",
    ] {
        assert_eq!(side.read(path).await.status, 404, "{path}");
    }
    assert!(!side.admin.knows("seal.example.com/v1", "Seal").await.unwrap());
    let seal = json!({"apiVersion": "seal.example.com/v1", "kind": "Seal", "metadata": {"name": "one"}});
    side.note_error(&side.admin.apply(&seal, OURS).await.unwrap_err());
}

async fn an_unknown_namespace(side: Arc<Side>) {
    let mut object = settings("seal-nowhere", &json!({}));
    object["metadata"]["namespace"] = "no-such".into();
    let error = side.admin.apply(&object, OURS).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot apply ConfigMap `no-such/seal-nowhere`");
    assert_eq!(error.cause, Cause::NotFound("the namespace `no-such` does not exist".into()));
    let maps = "/api/v1/namespaces/no-such/configmaps";
    side.ask("PATCH", &format!("{maps}/seal-nowhere?fieldManager=sealstrap"), APPLY, &object).await;
    side.ask("POST", &format!("{maps}?fieldManager=sealstrap"), JSON, &object).await;
}

async fn a_bad_name(side: Arc<Side>) {
    let error = side.admin.apply(&settings("Bad_Name", &json!({})), OURS).await.unwrap_err();
    assert_eq!(error.cause, Cause::Invalid("`metadata.name` has a value that is not valid".into()));
    let path = format!("{MAPS}/Bad_Name?fieldManager=sealstrap");
    assert_eq!(side.ask("PATCH", &path, APPLY, &settings("Bad_Name", &json!({}))).await.status, 422);
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "bad.name"}});
    let told =
        side.ask("PATCH", "/api/v1/namespaces/bad.name?fieldManager=sealstrap", APPLY, &namespace).await;
    assert_eq!(told.status, 422);
    let object = settings("seal-key", &json!({"bad key": "x"}));
    let told = side.ask("PATCH", &format!("{MAPS}/seal-key?fieldManager=sealstrap"), APPLY, &object).await;
    assert_eq!(told.status, 422);
}

async fn an_unknown_field(side: Arc<Side>) {
    let mut object = settings("seal-field", &json!({"a": "1"}));
    object["unheard"] = json!({"a": "1"});
    let error = side.admin.apply(&object, OURS).await.unwrap_err();
    assert_eq!(error.cause, Cause::Invalid("the schema has no field `.unheard`".into()));
    side.ask("PATCH", &format!("{MAPS}/seal-field?fieldManager=sealstrap"), APPLY, &object).await;
    let namespace = json!({
        "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "seal-field"}, "spec": {"unheard": 1}});
    side.ask("PATCH", "/api/v1/namespaces/seal-field?fieldManager=sealstrap", APPLY, &namespace).await;
}

async fn a_wrong_type(side: Arc<Side>) {
    let object = settings("seal-type", &json!({"a": 1}));
    let error = side.admin.apply(&object, OURS).await.unwrap_err();
    side.note_error(&error);
    side.ask("PATCH", &format!("{MAPS}/seal-type?fieldManager=sealstrap"), APPLY, &object).await;
}

async fn a_required_field(side: Arc<Side>) {
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "seal-bare", "namespace": "default"},
        "spec": {"template": {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [{"name": "x", "image": "x"}]}}}});
    let error = side.admin.apply(&deployment, OURS).await.unwrap_err();
    let Cause::Invalid(words) = &error.cause else { panic!("{error:?}") };
    assert!(words.contains("`spec.selector` is missing"), "{words}");
}

async fn an_unknown_media_type(side: Arc<Side>) {
    let path = format!("{MAPS}/seal-media?fieldManager=sealstrap");
    let told = side.ask("PATCH", &path, "application/x-seal", &settings("seal-media", &json!({}))).await;
    assert_eq!(told.status, 415);
}

async fn an_unknown_token(side: Arc<Side>) {
    let told = side.ask_as("stranger", "GET", "/api/v1/namespaces", JSON, &Value::Null).await;
    assert_eq!((told.status, &told.body["reason"]), (401, &json!("Unauthorized")));
}
