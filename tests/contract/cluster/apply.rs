//! Server-side apply: creating, owning, conflicts, what goes when it is applied no more.

use std::sync::Arc;

use sealstrap::remote::Cause;
use sealstrap::remote::cluster::{Apply, ObjectRef};
use serde_json::{Value, json};

use super::{APPLY, JSON, OURS, Side, Statement, THEIRS, reference, sentences, settings};

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

pub(super) fn statements() -> Vec<Statement<Side>> {
    sentences![
        "An apply creates, and the same again changes nothing, not even the resource version" => creates_once,
        "A namespace applied by its name alone comes to rest at the second apply" => a_bare_namespace,
        "A dry run answers what would be, refuses what would be refused, and changes nothing" => a_dry_run,
        "Fields of others are a conflict that names them, until it is forced" => conflicts,
        "A conflict is a 409 with a cause for each field, and its words name every manager" => the_words_of_a_conflict,
        "A field that is applied no more goes, unless others own it" => fields_go,
        "Managers are written down as manager, operation and FieldsV1" => managers,
        "Entries of keyed lists are owned one by one" => list_entries,
        "After a client-side apply, equal values are shared and other values are a conflict" => from_client_side_apply,
        "An apply names its field manager, and carries no managed fields" => what_an_apply_must_say,
        "An apply has the name, namespace and kind of its address" => what_the_address_says,
    ]
}

async fn creates_once(side: Arc<Side>) {
    let cluster = &side.admin;
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {
        "name": "seal-once", "namespace": "dropped", "labels": {"of": "sealstrap"}}});
    let first = cluster.apply(&namespace, OURS).await.unwrap();
    let second = cluster.apply(&namespace, OURS).await.unwrap();
    assert_eq!(first["metadata"]["resourceVersion"], second["metadata"]["resourceVersion"]);
    assert_eq!(first["metadata"]["labels"]["kubernetes.io/metadata.name"], "seal-once");
    let named = ObjectRef { namespace: None, ..reference(&namespace) };
    assert_eq!(cluster.get(&named).await.unwrap().unwrap()["metadata"]["uid"], first["metadata"]["uid"]);
    assert!(cluster.exists(&named).await.unwrap());
    let all = cluster.list("v1", "Namespace", None).await.unwrap();
    assert!(all.iter().any(|found| reference(found) == named));
    let path = format!("{MAPS}/seal-made?fieldManager=sealstrap");
    assert_eq!(side.ask("PATCH", &path, APPLY, &settings("seal-made", &json!({"a": "1"}))).await.status, 201);
    assert_eq!(side.ask("PATCH", &path, APPLY, &settings("seal-made", &json!({"a": "1"}))).await.status, 200);
    cluster.delete(&reference(&settings("seal-made", &Value::Null))).await.unwrap();
}

async fn a_bare_namespace(side: Arc<Side>) {
    let cluster = &side.admin;
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "seal-bare"}});
    cluster.apply(&namespace, OURS).await.unwrap();
    let second = cluster.apply(&namespace, OURS).await.unwrap();
    assert_eq!(second["metadata"]["managedFields"][0]["manager"], "before-first-apply");
    let third = cluster.apply(&namespace, OURS).await.unwrap();
    assert_eq!(second["metadata"]["resourceVersion"], third["metadata"]["resourceVersion"]);
    let fields = json!({
        "f:metadata": {"f:labels": {".": {}, "f:kubernetes.io/metadata.name": {}}}, "f:spec": {"f:finalizers": {}},
    });
    assert_eq!(second["metadata"]["managedFields"][0]["fieldsV1"], fields);
    side.read("/api/v1/namespaces/seal-bare").await;
}

async fn a_dry_run(side: Arc<Side>) {
    let cluster = &side.admin;
    let object = settings("seal-dry", &json!({"a": "1"}));
    let dry = Apply { dry_run: true, ..OURS };
    assert_eq!(cluster.apply(&object, dry).await.unwrap()["data"]["a"], "1");
    assert!(!cluster.exists(&reference(&object)).await.unwrap());
    side.ask("PATCH", &format!("{MAPS}/seal-dry?fieldManager=sealstrap&dryRun=All"), APPLY, &object).await;
    let live = cluster.apply(&object, THEIRS).await.unwrap();
    let changed = settings("seal-dry", &json!({"a": "2"}));
    let error = cluster.apply(&changed, dry).await.unwrap_err();
    assert_eq!(error.cause, Cause::Conflict("`kustomize-controller` owns .data.a".into()));
    let would = cluster.apply(&changed, Apply { force: true, ..dry }).await.unwrap();
    assert_eq!(would["data"]["a"], "2");
    let version = |object: &Value| object["metadata"]["resourceVersion"].clone();
    assert_eq!(version(&would), version(&live), "it keeps the version of what it is tried on");
    let error = cluster.apply(&settings("Seal_Dry", &json!({})), dry).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Invalid(_)), "{error:?}");
    cluster.delete(&reference(&object)).await.unwrap();
}

async fn conflicts(side: Arc<Side>) {
    let cluster = &side.admin;
    let theirs = settings("seal-conflict", &json!({"a": "theirs-canary", "b": "1"}));
    let ours = settings("seal-conflict", &json!({"a": "ours-canary"}));
    cluster.apply(&theirs, THEIRS).await.unwrap();
    let error = cluster.apply(&ours, OURS).await.unwrap_err();
    assert_eq!(error.cause, Cause::Conflict("`kustomize-controller` owns .data.a".into()));
    let forced = cluster.apply(&ours, Apply { force: true, ..OURS }).await.unwrap();
    assert_eq!(forced["data"], json!({"a": "ours-canary", "b": "1"}));
    // Now they are the ones who conflict.
    let error = cluster.apply(&theirs, THEIRS).await.unwrap_err();
    assert_eq!(error.cause, Cause::Conflict("`sealstrap` owns .data.a".into()));
    cluster.delete(&reference(&ours)).await.unwrap();
}

async fn the_words_of_a_conflict(side: Arc<Side>) {
    let made = settings("seal-words", &json!({"a": "1", "b": "1"}));
    side.make("POST", &format!("{MAPS}?fieldManager=kubectl-create"), JSON, &made).await;
    side.admin.apply(&settings("seal-words", &json!({"c": "1"})), THEIRS).await.unwrap();
    for data in [json!({"a": "2"}), json!({"c": "2"}), json!({"b": "2", "c": "2", "a": "2"})] {
        let path = format!("{MAPS}/seal-words?fieldManager=sealstrap");
        let told = side.ask("PATCH", &path, APPLY, &settings("seal-words", &data)).await;
        assert_eq!((told.status, &told.body["reason"]), (409, &json!("Conflict")));
        let fields = told.body["details"]["causes"].as_array().unwrap().len();
        assert_eq!(fields, data.as_object().unwrap().len());
    }
    side.admin.delete(&reference(&made)).await.unwrap();
}

async fn fields_go(side: Arc<Side>) {
    let (cluster, name) = (&side.admin, "seal-removal");
    cluster.apply(&settings(name, &json!({"a": "1", "b": "1", "c": "1"})), OURS).await.unwrap();
    cluster.apply(&settings(name, &json!({"b": "1"})), THEIRS).await.unwrap();
    let left = cluster.apply(&settings(name, &json!({"c": "1"})), OURS).await.unwrap();
    assert_eq!(left["data"], json!({"b": "1", "c": "1"}));
    side.read(&format!("{MAPS}/{name}")).await;
    let empty =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "default"}});
    assert_eq!(cluster.apply(&empty, OURS).await.unwrap()["data"], json!({"b": "1"}));
    side.read(&format!("{MAPS}/{name}")).await;
    cluster.delete(&reference(&left)).await.unwrap();
}

async fn managers(side: Arc<Side>) {
    let cluster = &side.admin;
    let object = cluster.apply(&settings("seal-fields", &json!({"a": "1"})), OURS).await.unwrap();
    let entry = &object["metadata"]["managedFields"][0];
    assert_eq!((&entry["manager"], &entry["operation"]), (&json!("sealstrap"), &json!("Apply")));
    assert_eq!(entry["fieldsV1"], json!({"f:data": {"f:a": {}}}));
    cluster.merge_patch(&reference(&object), &json!({"data": {"b": "1"}})).await.unwrap();
    side.read(&format!("{MAPS}/seal-fields")).await;
    cluster.delete(&reference(&object)).await.unwrap();
}

async fn list_entries(side: Arc<Side>) {
    let cluster = &side.admin;
    let service = |ports: Value| {
        json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": "seal-ports", "namespace": "default"},
            "spec": {"selector": {"app": "x"}, "ports": ports},
        })
    };
    let port = |number: i64, name: &str| json!({"port": number, "name": name, "protocol": "TCP"});
    cluster.apply(&service(json!([port(80, "web")])), OURS).await.unwrap();
    cluster.apply(&service(json!([port(81, "other")])), THEIRS).await.unwrap();
    let both = cluster.apply(&service(json!([port(80, "web")])), OURS).await.unwrap();
    assert_eq!(both["spec"]["ports"].as_array().unwrap().len(), 2);
    cluster.delete(&reference(&both)).await.unwrap();
}

async fn from_client_side_apply(side: Arc<Side>) {
    let (cluster, name) = (&side.admin, "seal-client-side");
    let object = settings(name, &json!({"a": "1", "b": "1"}));
    let manager = "fieldManager=kubectl-client-side-apply";
    side.make("POST", &format!("{MAPS}?{manager}"), JSON, &object).await;
    cluster.apply(&settings(name, &json!({"a": "1"})), OURS).await.unwrap();
    side.read(&format!("{MAPS}/{name}")).await;
    let error = cluster.apply(&settings(name, &json!({"a": "1", "b": "2"})), OURS).await.unwrap_err();
    assert_eq!(error.cause, Cause::Conflict("`kubectl-client-side-apply` owns .data.b".into()));
    let empty =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "default"}});
    let left = cluster.apply(&empty, OURS).await.unwrap();
    assert_eq!(left["data"], json!({"a": "1", "b": "1"}), "what the other owns too stays");
    side.make("PATCH", &format!("{MAPS}/{name}?{manager}"), super::MERGE, &json!({"data": {"a": "3"}})).await;
    side.read(&format!("{MAPS}/{name}")).await;
    cluster.delete(&reference(&object)).await.unwrap();
}

async fn what_an_apply_must_say(side: Arc<Side>) {
    let mut object = settings("seal-say", &json!({}));
    let told = side.ask("PATCH", &format!("{MAPS}/seal-say"), APPLY, &object).await;
    assert!((400..500).contains(&told.status), "{}", told.body);
    object["metadata"]["managedFields"] = json!([{
        "manager": "x", "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": {"f:data": {}}}]);
    let told = side.ask("PATCH", &format!("{MAPS}/seal-say?fieldManager=x"), APPLY, &object).await;
    assert_eq!(told.status, 400, "{}", told.body);
    let nothing = json!({"metadata": {"name": "seal-say"}});
    let told = side.ask("PATCH", &format!("{MAPS}/seal-say?fieldManager=x"), APPLY, &nothing).await;
    assert_eq!(told.status, 400, "{}", told.body);
}

async fn what_the_address_says(side: Arc<Side>) {
    let other_name = settings("seal-other", &json!({}));
    let mut other_place = settings("seal-address", &json!({}));
    other_place["metadata"]["namespace"] = "kube-system".into();
    let other_kind = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "seal-address", "namespace": "default"}});
    for object in [other_name, other_place, other_kind] {
        let path = format!("{MAPS}/seal-address?fieldManager=sealstrap");
        let told = side.ask("PATCH", &path, APPLY, &object).await;
        assert_eq!(told.status, 400, "{}", told.body);
    }
}
