//! Secrets.

use std::sync::Arc;

use sealstrap::plain::Plain;
use sealstrap::remote::Cause;
use sealstrap::remote::cluster::Apply;
use serde_json::{Value, json};

use super::{APPLY, JSON, OURS, Side, Statement, in_default, reference, secret, sentences};

const SECRETS: &str = "/api/v1/namespaces/default/secrets";
const LAST: &str = "kubectl.kubernetes.io/last-applied-configuration";

pub(super) fn statements() -> Vec<Statement<Side>> {
    sentences![
        "A Secret comes back as it was written, and a key that is applied no more goes" => as_it_was_written,
        "An invalid Secret does not echo its value through our client" => no_echo,
        "The type of a Secret cannot be changed" => the_type_stays,
        "A Secret of a known type needs that type's keys" => keys_of_a_type,
        "An immutable Secret keeps its values" => immutable,
        "A value that is no base64 is refused" => no_base64,
        "stringData becomes data, over what data says" => string_data,
        "Secrets are listed by a label" => by_label,
        "An annotation is put on a Secret, and stays when it is applied again" => annotated,
        "Values left in the last-applied annotation are removed" => last_applied,
    ]
}

fn raw(name: &str, kind: &str, data: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": "default"}, "type": kind, "data": data})
}

async fn as_it_was_written(side: Arc<Side>) {
    let cluster = &side.admin;
    cluster.apply_secret(secret("seal-secret", &[("token", "canary"), ("empty", "")]), OURS).await.unwrap();
    side.read(&format!("{SECRETS}/seal-secret")).await;
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
    cluster.delete(&in_default("v1", "Secret", "seal-secret")).await.unwrap();
    assert!(cluster.secret("default", "seal-secret").await.unwrap().is_none());
}

async fn by_label(side: Arc<Side>) {
    let cluster = &side.admin;
    for (name, label) in [("seal-one", "active"), ("seal-two", "compromised"), ("seal-three", "active")] {
        let mut wanted = secret(name, &[("token", name)]);
        wanted.labels = [("example.com/key".to_owned(), label.to_owned())].into();
        cluster.apply_secret(wanted, OURS).await.unwrap();
    }
    let found = cluster.secrets("default", "example.com/key=active").await.unwrap();
    assert_eq!(found.len(), 2);
    assert!(found[0].data["token"].same_as(&Plain::from("seal-one".to_owned())));
    assert!(cluster.secrets("default", "example.com/key=none").await.unwrap().is_empty());
    for name in ["seal-one", "seal-two", "seal-three"] {
        cluster.delete(&in_default("v1", "Secret", name)).await.unwrap();
    }
}

async fn annotated(side: Arc<Side>) {
    let cluster = &side.admin;
    cluster.apply_secret(secret("seal-noted", &[("token", "a")]), OURS).await.unwrap();
    cluster.annotate_secret("default", "seal-noted", "example.com/managed", "true").await.unwrap();
    cluster.apply_secret(secret("seal-noted", &[("token", "b")]), OURS).await.unwrap();
    let found = cluster.secret("default", "seal-noted").await.unwrap().unwrap();
    assert_eq!(found.annotations["example.com/managed"], "true");
    assert!(found.data["token"].same_as(&Plain::from("b".to_owned())));
    side.read(&format!("{SECRETS}/seal-noted")).await;
    cluster.delete(&in_default("v1", "Secret", "seal-noted")).await.unwrap();
}

async fn no_echo(side: Arc<Side>) {
    let mut wanted = secret("seal-echo", &[("token", "canary-value")]);
    wanted.kind = "kubernetes.io/tls".into();
    wanted.data.insert("bad key".into(), Plain::from("canary-value".to_owned()));
    let error = side.admin.apply_secret(wanted, OURS).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Invalid(_)), "{error:?}");
    assert!(!format!("{error:?}").contains("canary-value"));
    side.note_error(&error);
}

async fn the_type_stays(side: Arc<Side>) {
    side.admin.apply(&raw("seal-kind", "Opaque", &json!({"a": "MQ=="})), OURS).await.unwrap();
    let other = raw("seal-kind", "sealstrap.dev/other", &json!({"a": "MQ=="}));
    let path = format!("{SECRETS}/seal-kind?fieldManager=sealstrap");
    assert_eq!(side.ask("PATCH", &path, APPLY, &other).await.status, 422);
    side.note_error(&side.admin.apply(&other, OURS).await.unwrap_err());
    side.admin.delete(&reference(&other)).await.unwrap();
}

async fn keys_of_a_type(side: Arc<Side>) {
    for (kind, data) in [
        ("kubernetes.io/tls", json!({"a": "MQ=="})),
        ("kubernetes.io/tls", json!({"tls.crt": "MQ=="})),
        ("kubernetes.io/ssh-auth", json!({"a": "MQ=="})),
        ("kubernetes.io/basic-auth", json!({"a": "MQ=="})),
        ("kubernetes.io/dockerconfigjson", json!({"a": "MQ=="})),
    ] {
        let path = format!("{SECRETS}/seal-typed?fieldManager=sealstrap");
        let told = side.ask("PATCH", &path, APPLY, &raw("seal-typed", kind, &data)).await;
        assert_eq!(told.status, 422, "{kind}: {}", told.body);
    }
    for (kind, data) in [
        ("kubernetes.io/tls", json!({"tls.crt": "MQ==", "tls.key": "MQ=="})),
        ("kubernetes.io/ssh-auth", json!({"ssh-privatekey": "MQ=="})),
        ("kubernetes.io/basic-auth", json!({"password": "MQ=="})),
    ] {
        let good = raw("seal-typed", kind, &data);
        side.admin.apply(&good, OURS).await.unwrap();
        side.admin.delete(&reference(&good)).await.unwrap();
    }
}

async fn immutable(side: Arc<Side>) {
    let mut object = raw("seal-fixed", "Opaque", &json!({"a": "MQ=="}));
    object["immutable"] = true.into();
    side.admin.apply(&object, OURS).await.unwrap();
    object["data"]["a"] = "Mg==".into();
    let path = format!("{SECRETS}/seal-fixed?fieldManager=sealstrap");
    assert_eq!(side.ask("PATCH", &path, APPLY, &object).await.status, 422);
    side.note_error(&side.admin.apply(&object, OURS).await.unwrap_err());
    side.admin.delete(&reference(&object)).await.unwrap();
}

async fn no_base64(side: Arc<Side>) {
    let object = raw("seal-base64", "Opaque", &json!({"a": "no base64!"}));
    let path = format!("{SECRETS}/seal-base64?fieldManager=sealstrap");
    let told = side.ask("PATCH", &path, APPLY, &object).await;
    assert!(told.status >= 400);
    assert_eq!(
        side.ask("POST", &format!("{SECRETS}?fieldManager=sealstrap"), JSON, &object).await.status,
        400
    );
    side.note_error(&side.admin.apply(&object, OURS).await.unwrap_err());
}

async fn string_data(side: Arc<Side>) {
    let mut object = raw("seal-text", "Opaque", &json!({"a": "MQ==", "b": "MQ=="}));
    object["stringData"] = json!({"a": "2"});
    let told = side.ask("POST", &format!("{SECRETS}?fieldManager=sealstrap"), JSON, &object).await;
    assert_eq!(told.body["data"], json!({"a": "Mg==", "b": "MQ=="}));
    side.admin.delete(&reference(&object)).await.unwrap();
}

async fn last_applied(side: Arc<Side>) {
    let cluster = &side.admin;
    let left = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {
            "name": "seal-annotation", "namespace": "default", "annotations": {LAST: "{\"data\":\"canary\"}", "kept": "yes"},
        }, "data": {"token": "b2xk"},
    });
    let theirs = Apply { manager: "kubectl-client-side-apply", ..OURS };
    cluster.apply(&left, theirs).await.unwrap();
    let found = cluster.secret("default", "seal-annotation").await.unwrap().unwrap();
    assert!(found.has_last_applied && !format!("{found:?}").contains("canary"));
    let forced = Apply { force: true, ..OURS };
    cluster.apply_secret(secret("seal-annotation", &[("token", "new")]), forced).await.unwrap();
    let found = cluster.secret("default", "seal-annotation").await.unwrap().unwrap();
    assert!(!found.has_last_applied && found.data["token"].same_as(&Plain::from("new".to_owned())));
    assert_eq!(found.annotations["kept"], "yes");
    side.read(&format!("{SECRETS}/seal-annotation")).await;
    cluster.delete(&reference(&left)).await.unwrap();
}
