//! What the API server must answer, asked of the sandbox and of a real one alike. Each statement cleans up
//! what it made, so that it can be asked again.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Apply, Cluster, Lease, ObjectRef, Right, SecretWrite};
use crate::plain::Plain;
use crate::remote::Cause;

const OURS: Apply<'static> = Apply { manager: "sealstrap", force: false, dry_run: false };
const THEIRS: Apply<'static> = Apply { manager: "kustomize-controller", force: false, dry_run: false };

pub(super) fn reference(object: &Value) -> ObjectRef {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    ObjectRef {
        api_version: text(&object["apiVersion"]),
        kind: text(&object["kind"]),
        namespace: object["metadata"]["namespace"].as_str().map(str::to_owned),
        name: text(&object["metadata"]["name"]),
    }
}

pub(super) fn settings(name: &str, data: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "default"}, "data": data})
}

pub(super) fn secret(name: &str, values: &[(&str, &str)]) -> SecretWrite {
    SecretWrite {
        namespace: "default".into(),
        name: name.into(),
        kind: "Opaque".into(),
        labels: [("of".to_owned(), "sealstrap".to_owned())].into(),
        annotations: BTreeMap::new(),
        data: values
            .iter()
            .map(|(key, value)| ((*key).to_owned(), Plain::from((*value).to_owned())))
            .collect(),
    }
}

pub(super) async fn it_has_a_version(cluster: &Cluster) {
    assert!(cluster.version().await.unwrap().starts_with("v1."));
}

pub(super) async fn an_apply_creates_and_the_same_again_changes_nothing(cluster: &Cluster) {
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {
        "name": "seal-once", "namespace": "dropped", "labels": {"of": "sealstrap"}}});
    let first = cluster.apply(&namespace, OURS).await.unwrap();
    let second = cluster.apply(&namespace, OURS).await.unwrap();
    assert_eq!(first["metadata"]["resourceVersion"], second["metadata"]["resourceVersion"]);
    assert_eq!(first["metadata"]["labels"]["kubernetes.io/metadata.name"], "seal-once");
    let named = ObjectRef {
        api_version: "v1".into(),
        kind: "Namespace".into(),
        namespace: None,
        name: "seal-once".into(),
    };
    assert_eq!(cluster.get(&named).await.unwrap().unwrap()["metadata"]["uid"], first["metadata"]["uid"]);
    assert!(cluster.exists(&named).await.unwrap());
    let all = cluster.list("v1", "Namespace", None).await.unwrap();
    assert!(all.iter().any(|found| reference(found) == named));
}

pub(super) async fn a_bare_namespace_comes_to_rest_at_the_second_apply(cluster: &Cluster) {
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "seal-bare"}});
    cluster.apply(&namespace, OURS).await.unwrap();
    let second = cluster.apply(&namespace, OURS).await.unwrap();
    assert_eq!(second["metadata"]["managedFields"][0]["manager"], "before-first-apply");
    let third = cluster.apply(&namespace, OURS).await.unwrap();
    assert_eq!(second["metadata"]["resourceVersion"], third["metadata"]["resourceVersion"]);
    assert_eq!(
        second["metadata"]["managedFields"][0]["fieldsV1"],
        json!({
            "f:metadata": {"f:labels": {".": {}, "f:kubernetes.io/metadata.name": {}}}, "f:spec": {"f:finalizers": {}},
        })
    );
}

pub(super) async fn a_dry_run_changes_nothing(cluster: &Cluster) {
    let object = settings("seal-dry", &json!({"a": "1"}));
    let shown = cluster.apply(&object, Apply { dry_run: true, ..OURS }).await.unwrap();
    assert_eq!(shown["data"]["a"], "1");
    assert!(!cluster.exists(&reference(&object)).await.unwrap());
}

pub(super) async fn fields_of_others_are_a_conflict_that_names_them(cluster: &Cluster) {
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

pub(super) async fn a_field_that_is_applied_no_more_goes_unless_others_own_it(cluster: &Cluster) {
    let name = "seal-removal";
    cluster.apply(&settings(name, &json!({"a": "1", "b": "1", "c": "1"})), OURS).await.unwrap();
    cluster.apply(&settings(name, &json!({"b": "1"})), THEIRS).await.unwrap();
    let left = cluster.apply(&settings(name, &json!({"c": "1"})), OURS).await.unwrap();
    assert_eq!(left["data"], json!({"b": "1", "c": "1"}));
    cluster.delete(&reference(&left)).await.unwrap();
}

pub(super) async fn managers_are_written_down_in_the_known_form(cluster: &Cluster) {
    let object = cluster.apply(&settings("seal-fields", &json!({"a": "1"})), OURS).await.unwrap();
    let entry = &object["metadata"]["managedFields"][0];
    assert_eq!(entry["manager"], "sealstrap");
    assert_eq!(entry["operation"], "Apply");
    assert_eq!(entry["fieldsV1"], json!({"f:data": {"f:a": {}}}));
    cluster.delete(&reference(&object)).await.unwrap();
}

pub(super) async fn list_entries_are_owned_one_by_one(cluster: &Cluster) {
    let service = |ports: Value, name: &str| {
        json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "default"},
            "spec": {"selector": {"app": "x"}, "ports": ports},
        })
    };
    let port = |number: i64, name: &str| json!({"port": number, "name": name, "protocol": "TCP"});
    cluster.apply(&service(json!([port(80, "web")]), "seal-ports"), OURS).await.unwrap();
    cluster.apply(&service(json!([port(81, "other")]), "seal-ports"), THEIRS).await.unwrap();
    let both = cluster.apply(&service(json!([port(80, "web")]), "seal-ports"), OURS).await.unwrap();
    assert_eq!(both["spec"]["ports"].as_array().unwrap().len(), 2);
    cluster.delete(&reference(&both)).await.unwrap();
}

pub(super) async fn a_missing_namespace_is_named(cluster: &Cluster) {
    let mut object = settings("seal-nowhere", &json!({}));
    object["metadata"]["namespace"] = "no-such".into();
    let error = cluster.apply(&object, OURS).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot apply ConfigMap `no-such/seal-nowhere`");
    assert_eq!(error.cause, Cause::NotFound("the namespace `no-such` does not exist".into()));
}

pub(super) async fn a_bad_name_is_an_invalid_field(cluster: &Cluster) {
    let error = cluster.apply(&settings("Bad_Name", &json!({})), OURS).await.unwrap_err();
    assert_eq!(error.cause, Cause::Invalid("`metadata.name` has a value that is not valid".into()));
}

pub(super) async fn an_invalid_secret_does_not_echo_its_value(cluster: &Cluster) {
    let mut wanted = secret("seal-echo", &[("token", "canary-value")]);
    wanted.kind = "kubernetes.io/tls".into();
    wanted.data.insert("bad key".into(), Plain::from("canary-value".to_owned()));
    let error = cluster.apply_secret(wanted, OURS).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Invalid(_)), "{error:?}");
    assert!(!format!("{error:?}").contains("canary-value"));
}

pub(super) async fn a_secret_comes_back_as_it_was_written(cluster: &Cluster) {
    cluster.apply_secret(secret("seal-secret", &[("token", "canary"), ("empty", "")]), OURS).await.unwrap();
    let found = cluster.secret("default", "seal-secret").await.unwrap().unwrap();
    assert!(found.data["token"].same_as(&Plain::from("canary".to_owned())));
    assert!(found.data["empty"].is_empty());
    assert_eq!((found.kind.as_str(), found.labels["of"].as_str()), ("Opaque", "sealstrap"));
    assert_eq!(found.managers["token"], "sealstrap");
    assert!(!found.has_last_applied && found.owner.is_none());
    assert!(!format!("{found:?}").contains("canary"));
    cluster.apply_secret(secret("seal-secret", &[("token", "canary")]), OURS).await.unwrap();
    let found = cluster.secret("default", "seal-secret").await.unwrap().unwrap();
    assert_eq!(found.data.len(), 1, "a key that is applied no more goes");
    let object = ObjectRef {
        api_version: "v1".into(),
        kind: "Secret".into(),
        namespace: Some("default".into()),
        name: "seal-secret".into(),
    };
    cluster.delete(&object).await.unwrap();
    assert!(cluster.secret("default", "seal-secret").await.unwrap().is_none());
}

pub(super) async fn values_left_in_an_annotation_are_removed(cluster: &Cluster) {
    const LAST: &str = "kubectl.kubernetes.io/last-applied-configuration";
    let left = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {
            "name": "seal-annotation", "namespace": "default", "annotations": {LAST: "{\"data\":\"canary\"}", "kept": "yes"},
        }, "data": {"token": "b2xk"},
    });
    let theirs = Apply { manager: "kubectl-client-side-apply", ..OURS };
    cluster.apply(&left, theirs).await.unwrap();
    let found = cluster.secret("default", "seal-annotation").await.unwrap().unwrap();
    assert!(found.has_last_applied && !format!("{found:?}").contains("canary"));
    cluster
        .apply_secret(secret("seal-annotation", &[("token", "new")]), Apply { force: true, ..OURS })
        .await
        .unwrap();
    let found = cluster.secret("default", "seal-annotation").await.unwrap().unwrap();
    assert!(!found.has_last_applied && found.data["token"].same_as(&Plain::from("new".to_owned())));
    assert_eq!(found.annotations["kept"], "yes");
    cluster.delete(&reference(&left)).await.unwrap();
}

fn definition_of_seals() -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "seals.test.sealstrap.dev"},
        "spec": {
            "group": "test.sealstrap.dev", "scope": "Namespaced", "names": {"kind": "Seal", "plural": "seals"},
            "versions": [{"name": "v1", "served": true, "storage": true, "subresources": {"status": {}}, "schema": {
                "openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}],
        },
    })
}

pub(super) async fn a_kind_is_known_once_its_definition_is_applied(cluster: &Cluster) {
    let definition = definition_of_seals();
    let seal = json!({
        "apiVersion": "test.sealstrap.dev/v1", "kind": "Seal", "metadata": {"name": "one", "namespace": "default"},
        "spec": {"list": ["a", "b"]},
    });
    assert!(!cluster.knows("test.sealstrap.dev/v1", "Seal").await.unwrap());
    assert_eq!(cluster.get(&reference(&seal)).await.unwrap(), None);
    assert!(matches!(cluster.apply(&seal, OURS).await.unwrap_err().cause, Cause::NotFound(_)));
    cluster.apply(&definition, OURS).await.unwrap();
    while cluster.is_namespaced("test.sealstrap.dev/v1", "Seal").await.unwrap() != Some(true) {}
    let established = |object: &Value| {
        object["status"]["conditions"].as_array().is_some_and(|conditions| {
            conditions
                .iter()
                .any(|condition| condition["type"] == "Established" && condition["status"] == "True")
        })
    };
    while !established(&cluster.get(&reference(&definition)).await.unwrap().unwrap()) {}
    let first = loop {
        // A definition is served a moment after it is established.
        match cluster.apply(&seal, OURS).await {
            Ok(object) => break object,
            Err(error) => assert!(matches!(error.cause, Cause::NotFound(_)), "{error:?}"),
        }
    };
    assert_eq!(first["metadata"]["generation"], 1);
    let mut changed = seal.clone();
    changed["spec"]["list"] = json!(["c"]);
    changed["status"] = json!({"dropped": true});
    let second = cluster.apply(&changed, OURS).await.unwrap();
    assert_eq!((&second["metadata"]["generation"], &second["spec"]["list"]), (&json!(2), &json!(["c"])));
    assert_eq!(second.get("status"), None);
    cluster.delete(&reference(&definition)).await.unwrap();
}

pub(super) async fn what_is_not_there_is_deleted_without_complaint(cluster: &Cluster) {
    cluster.delete(&reference(&settings("seal-never", &json!({})))).await.unwrap();
}

pub(super) async fn a_merge_patch_takes_away_by_null(cluster: &Cluster) {
    let object = settings("seal-merge", &json!({"a": "1", "b": "1"}));
    cluster.apply(&object, OURS).await.unwrap();
    let patched =
        cluster.merge_patch(&reference(&object), &json!({"data": {"a": null, "c": "1"}})).await.unwrap();
    assert_eq!(patched["data"], json!({"b": "1", "c": "1"}));
    let stale = json!({"metadata": {"resourceVersion": "1"}, "data": {"a": "2"}});
    let error = cluster.merge_patch(&reference(&object), &stale).await.unwrap_err();
    assert_eq!(error.cause, Cause::Conflict("it was changed by somebody else meanwhile".into()));
    cluster.delete(&reference(&object)).await.unwrap();
}

pub(super) async fn a_lease_is_held_by_one_at_a_time(cluster: &Cluster) {
    let minute = Duration::from_mins(1);
    let take = |holder: &'static str| cluster.take_lease("default", "seal-lock", holder, minute);
    assert_eq!(take("a/1/x").await.unwrap(), Lease::Taken);
    assert_eq!(take("a/1/x").await.unwrap(), Lease::Taken);
    let Lease::HeldBy { holder, left } = take("b/1/y").await.unwrap() else { panic!("it is held") };
    assert!(holder == "a/1/x" && left <= minute);
    cluster.renew_lease("default", "seal-lock", "a/1/x").await.unwrap();
    let error = cluster.renew_lease("default", "seal-lock", "b/1/y").await.unwrap_err();
    assert_eq!(error.cause, Cause::Conflict("it is held by a/1/x".into()));
    cluster.release_lease("default", "seal-lock", "b/1/y").await.unwrap();
    assert!(matches!(take("b/1/y").await.unwrap(), Lease::HeldBy { .. }), "only the holder can give it back");
    cluster.release_lease("default", "seal-lock", "a/1/x").await.unwrap();
    assert_eq!(take("b/1/y").await.unwrap(), Lease::Taken);
    let lease = ObjectRef {
        api_version: "coordination.k8s.io/v1".into(),
        kind: "Lease".into(),
        namespace: Some("default".into()),
        name: "seal-lock".into(),
    };
    cluster.delete(&lease).await.unwrap();
}

pub(super) async fn a_lease_of_a_dead_process_of_this_machine_is_taken_over(cluster: &Cluster) {
    // No process has this number: it is above the kernel's limit of 2^22.
    let (dead, ours) = ("here/99999999/x", "here/1/y");
    let hour = Duration::from_hours(1);
    assert_eq!(cluster.take_lease("default", "seal-dead", dead, hour).await.unwrap(), Lease::Taken);
    let other = cluster.take_lease("default", "seal-dead", "there/1/y", hour).await.unwrap();
    assert!(matches!(other, Lease::HeldBy { .. }), "another machine cannot know that it is dead");
    assert_eq!(cluster.take_lease("default", "seal-dead", ours, hour).await.unwrap(), Lease::Taken);
    let lease = ObjectRef {
        api_version: "coordination.k8s.io/v1".into(),
        kind: "Lease".into(),
        namespace: Some("default".into()),
        name: "seal-dead".into(),
    };
    cluster.delete(&lease).await.unwrap();
}

pub(super) async fn rights_that_are_there_are_not_missing(cluster: &Cluster) {
    let right = Right {
        verb: "patch".into(),
        group: String::new(),
        resource: "secrets".into(),
        namespace: Some("default".into()),
    };
    assert_eq!(cluster.missing_rights(&[right]).await.unwrap(), []);
}
