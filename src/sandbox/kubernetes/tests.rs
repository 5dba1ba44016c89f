//! What the stand-in answers, asked without a network; and `kubectl` against it.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Arc;

use http::{HeaderMap, Method};
use serde_json::{Value, json};

use super::{Event, Kubernetes, kubectl_config};
use crate::remote::cluster::ObjectRef;
use crate::sandbox::server::{Body, Ledger, Remote, Reply, Request, serve};

const CORE: &str = "/api/v1/namespaces/default";

fn request(method: Method, path: &str, media: &str, body: &Value) -> Request {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let query: BTreeMap<String, String> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let mut headers = HeaderMap::new();
    headers.insert("authorization", "Bearer t".parse().unwrap());
    headers.insert("content-type", media.parse().unwrap());
    headers.insert("user-agent", "someone/1.0".parse().unwrap());
    Request { method, path: path.to_owned(), query, headers, body: body.to_string().into() }
}

fn json_of(reply: Reply) -> (u16, Value) {
    let Body::Json(body) = reply.body else { panic!("no JSON") };
    (reply.status.as_u16(), body)
}

fn ask(cluster: &Kubernetes, method: Method, path: &str, body: &Value) -> (u16, Value) {
    json_of(cluster.answer(&request(method, path, "application/json", body)))
}

fn patch(cluster: &Kubernetes, path: &str, media: &str, body: &Value) -> (u16, Value) {
    json_of(cluster.answer(&request(Method::PATCH, path, media, body)))
}

fn settings(name: &str, data: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data})
}

fn named(kind: &str, name: &str) -> ObjectRef {
    let namespace = Some("default".to_owned());
    ObjectRef { api_version: "v1".into(), kind: kind.into(), namespace, name: name.into() }
}

#[test]
fn a_second_create_is_a_conflict_in_the_known_words() {
    let cluster = Kubernetes::new("t");
    let path = format!("{CORE}/configmaps");
    assert_eq!(ask(&cluster, Method::POST, &path, &settings("a", &json!({}))).0, 201);
    let (code, body) = ask(&cluster, Method::POST, &path, &settings("a", &json!({})));
    assert_eq!(
        (code, &body["reason"], &body["message"]),
        (409, &json!("AlreadyExists"), &json!("configmaps \"a\" already exists"))
    );
}

#[test]
fn an_update_of_an_old_version_is_a_conflict() {
    let cluster = Kubernetes::new("t");
    let path = format!("{CORE}/configmaps");
    let (_, mut object) = ask(&cluster, Method::POST, &path, &settings("a", &json!({"a": "1"})));
    let path = format!("{path}/a");
    object["data"]["a"] = "2".into();
    assert_eq!(ask(&cluster, Method::PUT, &path, &object).0, 200);
    let (code, body) = ask(&cluster, Method::PUT, &path, &object);
    assert_eq!((code, &body["reason"]), (409, &json!("Conflict")));
}

#[test]
fn text_in_a_secret_becomes_data() {
    let cluster = Kubernetes::new("t");
    let secret =
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "stringData": {"k": "v"}});
    let (_, stored) = ask(&cluster, Method::POST, &format!("{CORE}/secrets"), &secret);
    assert_eq!(
        (&stored["data"], &stored["type"], stored.get("stringData")),
        (&json!({"k": "dg=="}), &json!("Opaque"), None)
    );
    assert_eq!(stored["metadata"]["managedFields"][0]["manager"], "someone");
}

#[test]
fn a_json_patch_and_a_strategic_one_do_their_part() {
    let cluster = Kubernetes::new("t");
    ask(&cluster, Method::POST, &format!("{CORE}/configmaps"), &settings("a", &json!({"a": "1", "b": "1"})));
    let path = format!("{CORE}/configmaps/a");
    let operations = json!([{"op": "remove", "path": "/data/a"}, {"op": "add", "path": "/metadata/labels", "value": {}}, {"op": "add", "path": "/metadata/labels/c~1d", "value": "1"}]);
    let (_, object) = patch(&cluster, &path, "application/json-patch+json", &operations);
    assert_eq!((&object["data"], &object["metadata"]["labels"]), (&json!({"b": "1"}), &json!({"c/d": "1"})));
    let (_, object) = patch(
        &cluster,
        &path,
        "application/strategic-merge-patch+json",
        &json!({"data": {"b": null, "c": "1"}}),
    );
    assert_eq!(object["data"], json!({"c": "1"}));
    let (code, _) = patch(
        &cluster,
        &path,
        "application/json-patch+json",
        &json!([{"op": "test", "path": "/data/x", "value": 1}]),
    );
    assert_eq!(code, 422);
}

#[test]
fn an_apply_without_a_manager_is_refused() {
    let cluster = Kubernetes::new("t");
    let apply = "application/apply-patch+yaml";
    assert_eq!(patch(&cluster, &format!("{CORE}/configmaps/a"), apply, &settings("a", &json!({}))).0, 422);
}

#[test]
fn the_status_is_written_by_its_own_endpoint_only() {
    let cluster = Kubernetes::new("t");
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {}, "status": {"x": 1}});
    let (_, stored) = ask(&cluster, Method::POST, &format!("{CORE}/services"), &service);
    assert_eq!(stored.get("status"), None);
    let merge = "application/merge-patch+json";
    let (_, stored) = patch(
        &cluster,
        &format!("{CORE}/services/a/status"),
        merge,
        &json!({"status": {"x": 1}, "spec": {"type": "y"}}),
    );
    assert_eq!((&stored["status"]["x"], &stored["spec"]["type"]), (&json!(1), &json!("ClusterIP")));
}

#[test]
fn what_is_owned_goes_with_its_owner_and_all_with_the_namespace() {
    let cluster = Kubernetes::new("t");
    let (_, owner) =
        ask(&cluster, Method::POST, &format!("{CORE}/configmaps"), &settings("owner", &json!({})));
    let mut dependent = settings("owned", &json!({}));
    dependent["metadata"]["namespace"] = "default".into();
    dependent["metadata"]["ownerReferences"] =
        json!([{"kind": "ConfigMap", "name": "owner", "uid": owner["metadata"]["uid"]}]);
    assert!(cluster.upsert(dependent));
    assert!(cluster.delete(&named("ConfigMap", "owner")));
    assert!(cluster.object(&named("ConfigMap", "owned")).is_none());
    ask(&cluster, Method::POST, &format!("{CORE}/configmaps"), &settings("left", &json!({})));
    ask(&cluster, Method::DELETE, "/api/v1/namespaces/default", &Value::Null);
    assert!(cluster.objects("ConfigMap").is_empty());
}

#[tokio::test]
async fn a_watch_tells_of_changes_since_a_version() {
    let cluster = Kubernetes::new("t");
    let path = format!("{CORE}/configmaps");
    let (_, list) = ask(&cluster, Method::GET, &path, &Value::Null);
    let since = list["metadata"]["resourceVersion"].as_str().unwrap();
    ask(&cluster, Method::POST, &path, &settings("a", &json!({})));
    let watch = format!("{path}?watch=true&resourceVersion={since}&fieldSelector=metadata.name%3Da");
    let reply = cluster.answer(&request(Method::GET, &watch, "application/json", &Value::Null));
    let Body::Lines(mut lines) = reply.body else { panic!("no stream") };
    ask(&cluster, Method::POST, &path, &settings("b", &json!({})));
    cluster.delete(&named("ConfigMap", "a"));
    for event in [Event::Added, Event::Deleted] {
        let line = lines.recv().await.unwrap();
        assert_eq!((&line["type"], &line["object"]["metadata"]["name"]), (&json!(event.word()), &json!("a")));
    }
}

#[test]
fn a_write_that_changes_nothing_is_no_change() {
    let cluster = Kubernetes::new("t");
    let mut object = settings("a", &json!({"a": "1"}));
    object["metadata"]["namespace"] = "default".into();
    assert!(cluster.upsert(object.clone()));
    let mut changes = cluster.changes();
    assert!(cluster.upsert(object));
    assert!(changes.try_recv().is_err());
}

#[test]
fn who_shows_no_token_may_ask_for_the_version_only() {
    let cluster = Kubernetes::new("t");
    let mut stranger = request(Method::GET, "/version", "application/json", &Value::Null);
    stranger.headers.remove("authorization");
    assert_eq!(json_of(cluster.answer(&stranger)).0, 200);
    stranger.path = "/api/v1/namespaces".into();
    assert_eq!(json_of(cluster.answer(&stranger)).0, 401);
}

/// Runs `kubectl` against a sandbox; what it says, and whether it was content.
struct Kubectl {
    folder: tempfile::TempDir,
}

impl Kubectl {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let handler = Arc::new(Kubernetes::new("t")).handler();
        let address = serve(Remote::Kubernetes, Arc::new(Ledger::default()), handler).await.unwrap();
        std::fs::write(folder.path().join("config"), kubectl_config(address, "t")).unwrap();
        Self { folder }
    }

    async fn run(&self, line: &str) -> String {
        let output = tokio::process::Command::new("kubectl")
            .args(line.split(' '))
            .current_dir(self.folder.path())
            .env("KUBECONFIG", self.folder.path().join("config"))
            .env("HOME", self.folder.path())
            .stdin(Stdio::null())
            .output()
            .await
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "kubectl {line}: {}", text(&output.stderr));
        text(&output.stdout) + &text(&output.stderr)
    }

    fn write(&self, name: &str, object: &Value) {
        std::fs::write(self.folder.path().join(name), object.to_string()).unwrap();
    }
}

#[tokio::test]
#[ignore = "needs kubectl"]
async fn kubectl_reads() {
    let kubectl = Kubectl::new().await;
    assert!(kubectl.run("get ns").await.contains("kube-system"));
    assert!(kubectl.run("get ns").await.contains("Active"));
    assert!(kubectl.run("api-resources").await.contains("customresourcedefinitions"));
    assert!(kubectl.run("version").await.contains("v1.34"));
    assert!(kubectl.run("get secret -A").await.contains("No resources found"));
    assert!(kubectl.run("describe ns default").await.contains("Active"));
    assert!(kubectl.run("auth can-i get secrets").await.contains("yes"));
}

#[tokio::test]
#[ignore = "needs kubectl"]
async fn kubectl_writes() {
    let kubectl = Kubectl::new().await;
    kubectl.run("create ns team").await;
    kubectl.run("-n team create secret generic one --from-literal=a=b").await;
    assert!(kubectl.run("get secret -A").await.contains("Opaque"));
    assert!(kubectl.run("-n team get secret one -o yaml").await.contains("a: Yg=="));
    assert!(kubectl.run("-n team describe secret one").await.contains("1 bytes"));
    kubectl.write("object.json", &settings("two", &json!({"a": "1"})));
    assert!(kubectl.run("-n team apply --server-side -f object.json").await.contains("serverside-applied"));
    kubectl.write("object.json", &settings("three", &json!({"a": "1"})));
    assert!(kubectl.run("-n team apply -f object.json").await.contains("created"));
    assert!(kubectl.run("-n team apply -f object.json").await.contains("unchanged"));
    kubectl.write("object.json", &settings("three", &json!({"b": "2"})));
    assert!(kubectl.run("-n team apply -f object.json").await.contains("configured"));
    assert!(kubectl.run("-n team label configmap three x=y").await.contains("labeled"));
    assert!(kubectl.run("-n team delete configmap three").await.contains("deleted"));
    assert!(kubectl.run("delete ns team").await.contains("deleted"));
    assert!(kubectl.run("get secret -A").await.contains("No resources found"));
}

#[tokio::test]
#[ignore = "needs kubectl"]
async fn kubectl_learns_new_kinds() {
    let kubectl = Kubectl::new().await;
    let files = ["external-secrets", "flux"]
        .map(|name| format!("{}/src/sandbox/crds/{name}.yaml", env!("CARGO_MANIFEST_DIR")));
    for file in files {
        kubectl.run(&format!("apply --server-side -f {file}")).await;
    }
    kubectl.run("wait --for=condition=Established crd --all --timeout=5s").await;
    kubectl.write("store.json", &json!({
        "apiVersion": "external-secrets.io/v1", "kind": "ClusterSecretStore", "metadata": {"name": "vault"}, "spec": {},
    }));
    kubectl.run("apply --server-side -f store.json").await;
    assert!(kubectl.run("get css").await.contains("vault"));
    assert!(kubectl.run("describe css vault").await.contains("ClusterSecretStore"));
}
