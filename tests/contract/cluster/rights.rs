//! Who may do what: access reviews, and the refusals of somebody who may nothing.

use std::sync::Arc;

use sealstrap::remote::Cause;
use sealstrap::remote::cluster::{Cluster, Right};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{APPLY, JSON, OURS, Side, Statement, connect, sentences, settings};

const REVIEWS: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

pub(super) fn statements() -> Vec<Statement<Side>> {
    sentences![
        "Rights that are there are not missing" => rights_are_there,
        "Rights that are not there are missing, and what they are for is a 403 that names verb and resource" => rights_are_missing,
    ]
}

fn right(verb: &str, group: &str, resource: &str, namespace: Option<&str>) -> Right {
    Right {
        verb: verb.into(),
        group: group.into(),
        resource: resource.into(),
        namespace: namespace.map(str::to_owned),
    }
}

fn review() -> Value {
    json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": {
            "verb": "patch", "group": "", "resource": "secrets", "namespace": "default"}}})
}

async fn rights_are_there(side: Arc<Side>) {
    let rights =
        [right("patch", "", "secrets", Some("default")), right("create", "apps", "deployments", None)];
    assert_eq!(side.admin.missing_rights(&rights).await.unwrap(), []);
    let told = side.quietly("admintoken", "POST", REVIEWS, JSON, &review()).await;
    assert_eq!((told.status, &told.body["status"]["allowed"]), (201, &json!(true)));
}

/// Somebody who is known and may nothing: on the rig a service account, in the sandbox everybody for a while.
struct Nobody {
    cluster: Cluster,
    token: String,
    _folder: TempDir,
}

impl Side {
    async fn nobody(&self) -> Nobody {
        let mut token = "admintoken".to_owned();
        if let Some(sandbox) = &self.sandbox {
            sandbox.deny("*", "*");
        } else {
            let accounts = "/api/v1/namespaces/default/serviceaccounts";
            let account =
                json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "seal-nobody"}});
            self.make("POST", accounts, JSON, &account).await;
            let wish = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
            let made = self.make("POST", &format!("{accounts}/seal-nobody/token"), JSON, &wish).await;
            made["status"]["token"].as_str().unwrap().clone_into(&mut token);
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config");
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: x\n\
             clusters: [{{name: x, cluster: {{server: \"{}\", insecure-skip-tls-verify: true}}}}]\n\
             users: [{{name: x, user: {{token: \"{token}\"}}}}]\ncontexts: [{{name: x, context: {{cluster: x, user: x}}}}]\n",
            self.address
        );
        std::fs::write(&file, text).unwrap();
        Nobody { cluster: connect(file).await, token, _folder: folder }
    }
}

async fn rights_are_missing(side: Arc<Side>) {
    let Nobody { cluster, token, _folder } = side.nobody().await;
    let rights =
        [right("patch", "", "secrets", Some("default")), right("create", "apps", "deployments", None)];
    assert_eq!(cluster.missing_rights(&rights).await.unwrap(), rights);
    let maps = "/api/v1/namespaces/default/configmaps";
    let object = settings("seal-nobody", &json!({}));
    for (method, path, media, body) in [
        ("GET", "/api/v1/namespaces", JSON, &Value::Null),
        ("GET", "/api/v1/namespaces/default/secrets/one", JSON, &Value::Null),
        ("GET", "/apis/apps/v1/namespaces/default/deployments", JSON, &Value::Null),
        ("GET", "/apis/apps/v1/namespaces/default/deployments/one", JSON, &Value::Null),
        ("POST", maps, JSON, &object),
        ("PATCH", &format!("{maps}/seal-nobody?fieldManager=sealstrap"), APPLY, &object),
        ("DELETE", &format!("{maps}/seal-nobody"), JSON, &Value::Null),
    ] {
        let told = side.ask_as(&token, method, path, media, body).await;
        assert_eq!((told.status, &told.body["reason"]), (403, &json!("Forbidden")), "{method} {path}");
    }
    let error = cluster.apply(&object, OURS).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Forbidden(_)), "{error:?}");
    if let Some(sandbox) = &side.sandbox {
        sandbox.allow_all();
    }
}
