//! Reading, listing page by page, patching, deleting.

use std::sync::Arc;

use sealstrap::remote::Cause;
use serde_json::{Value, json};

use super::{JSON, MERGE, OURS, Side, Statement, reference, sentences, settings};

const MAPS: &str = "/api/v1/namespaces/default/configmaps";
const LEASES: &str = "/apis/coordination.k8s.io/v1/namespaces/seal-pages/leases";

pub(super) fn statements() -> Vec<Statement<Side>> {
    sentences![
        "It has a version" => a_version,
        "A list comes in pages of the limit, each but the last with a token for the next" => pages,
        "A page asked for with a token that is none is refused" => a_bad_token,
        "A list in a namespace that is not there is empty" => an_empty_list,
        "An object asked for as PartialObjectMetadata comes without its content" => metadata_alone,
        "A merge patch takes away by null, and names the version that it was based on" => a_merge_patch,
        "What is not there is deleted without complaint; what is there is named when it goes" => deleting,
        "A second create is refused as existing" => creating_twice,
    ]
}

async fn a_version(side: Arc<Side>) {
    assert!(side.admin.version().await.unwrap().starts_with("v1."));
}

async fn pages(side: Arc<Side>) {
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "seal-pages"}});
    side.admin.apply(&namespace, OURS).await.unwrap();
    for number in 1..=5 {
        let lease = json!({
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": {"name": format!("seal-{number}"), "namespace": "seal-pages"}});
        side.admin.apply(&lease, OURS).await.unwrap();
    }
    let mut next = String::new();
    for (count, left) in [(2, json!(3)), (2, json!(1)), (1, Value::Null)] {
        let told = side.masked(&format!("{LEASES}?limit=2"), &next).await;
        assert_eq!(told["items"].as_array().unwrap().len(), count);
        assert_eq!(told["metadata"]["remainingItemCount"], left);
        told["metadata"]["continue"].as_str().unwrap_or_default().clone_into(&mut next);
        assert_eq!(next.is_empty(), left.is_null());
    }
    let all = side.admin.list("coordination.k8s.io/v1", "Lease", Some("seal-pages")).await.unwrap();
    let names: Vec<&str> = all.iter().map(|lease| lease["metadata"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["seal-1", "seal-2", "seal-3", "seal-4", "seal-5"]);
    side.admin.delete(&reference(&namespace)).await.unwrap();
}

impl Side {
    /// A page; its token is no part of what is compared.
    async fn masked(&self, path: &str, next: &str) -> Value {
        if next.is_empty() {
            return self.read(path).await.body;
        }
        let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let told =
            self.quietly("admintoken", "GET", &format!("{path}&continue={next}"), JSON, &Value::Null).await;
        assert_eq!(told.status, 200, "{}", told.body);
        told.body
    }
}

async fn a_bad_token(side: Arc<Side>) {
    let told = side.read("/api/v1/namespaces?limit=2&continue=nonsense").await;
    assert_eq!((told.status, &told.body["reason"]), (400, &json!("BadRequest")));
}

async fn an_empty_list(side: Arc<Side>) {
    let told = side.read("/api/v1/namespaces/seal-nowhere/secrets?limit=500").await;
    assert_eq!((told.status, &told.body["items"]), (200, &json!([])));
    assert_eq!(side.admin.list("v1", "Secret", Some("seal-nowhere")).await.unwrap(), Vec::<Value>::new());
}

async fn metadata_alone(side: Arc<Side>) {
    let object = settings("seal-meta", &json!({"a": "1"}));
    assert!(!side.admin.exists(&reference(&object)).await.unwrap());
    side.admin.apply(&object, OURS).await.unwrap();
    assert!(side.admin.exists(&reference(&object)).await.unwrap());
    side.admin.delete(&reference(&object)).await.unwrap();
}

async fn a_merge_patch(side: Arc<Side>) {
    let cluster = &side.admin;
    let object = settings("seal-merge", &json!({"a": "1", "b": "1"}));
    cluster.apply(&object, OURS).await.unwrap();
    let patch = json!({"data": {"a": null, "c": "1"}});
    let patched = cluster.merge_patch(&reference(&object), &patch).await.unwrap();
    assert_eq!(patched["data"], json!({"b": "1", "c": "1"}));
    let stale = json!({"metadata": {"resourceVersion": "1"}, "data": {"a": "2"}});
    let error = cluster.merge_patch(&reference(&object), &stale).await.unwrap_err();
    assert_eq!(error.cause, Cause::Conflict("it was changed by somebody else meanwhile".into()));
    side.ask("PATCH", &format!("{MAPS}/seal-merge?fieldManager=sealstrap"), MERGE, &stale).await;
    let nowhere = format!("{MAPS}/seal-none?fieldManager=sealstrap");
    assert_eq!(side.ask("PATCH", &nowhere, MERGE, &json!({"data": {}})).await.status, 404);
    cluster.delete(&reference(&object)).await.unwrap();
}

async fn deleting(side: Arc<Side>) {
    side.admin.delete(&reference(&settings("seal-never", &json!({})))).await.unwrap();
    let path = format!("{MAPS}/seal-gone");
    assert_eq!(side.ask("DELETE", &path, JSON, &Value::Null).await.status, 404);
    side.admin.apply(&settings("seal-gone", &json!({})), OURS).await.unwrap();
    let wrong = json!({"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": "none"}});
    assert_eq!(side.quietly("admintoken", "DELETE", &path, JSON, &wrong).await.status, 409);
    let told = side.ask("DELETE", &path, JSON, &Value::Null).await;
    assert_eq!((told.status, &told.body["status"]), (200, &json!("Success")));
}

async fn creating_twice(side: Arc<Side>) {
    let object = settings("seal-twice", &json!({}));
    assert_eq!(side.ask("POST", &format!("{MAPS}?fieldManager=sealstrap"), JSON, &object).await.status, 201);
    let told = side.ask("POST", &format!("{MAPS}?fieldManager=sealstrap"), JSON, &object).await;
    assert_eq!((told.status, &told.body["reason"]), (409, &json!("AlreadyExists")));
    side.admin.delete(&reference(&object)).await.unwrap();
}
