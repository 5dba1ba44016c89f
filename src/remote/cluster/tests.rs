//! What only a server that is told to misbehave shows; what it must answer otherwise is in `tests/contract/`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::{Access, Apply, Cluster, ObjectRef, Right, SecretWrite};
use crate::plain::Plain;
use crate::remote::{Cause, Error};
use crate::sandbox::kubernetes::{Kubernetes, kubeconfig};
use crate::sandbox::server::{Fault, Harm, Ledger, Remote, serve};

const OURS: Apply<'static> = Apply { manager: "sealstrap", force: false, dry_run: false };

fn reference(object: &Value) -> ObjectRef {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    ObjectRef {
        api_version: text(&object["apiVersion"]),
        kind: text(&object["kind"]),
        namespace: object["metadata"]["namespace"].as_str().map(str::to_owned),
        name: text(&object["metadata"]["name"]),
    }
}

fn settings(name: &str, data: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "default"}, "data": data})
}

fn secret(name: &str, values: &[(&str, &str)]) -> SecretWrite {
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

struct Sandbox {
    cluster: Cluster,
    server: Arc<Kubernetes>,
    ledger: Arc<Ledger>,
}

async fn sandbox() -> Sandbox {
    let server = Arc::new(Kubernetes::new("sandbox-token"));
    let ledger = Arc::new(Ledger::default());
    let handler = Arc::clone(&server).handler();
    let address = serve(Remote::Kubernetes, Arc::clone(&ledger), handler).await.unwrap();
    let cluster = connect(&kubeconfig(address, "sandbox-token")).await.unwrap();
    Sandbox { cluster, server, ledger }
}

fn access(kubeconfig: PathBuf) -> Access {
    Access {
        kubeconfig: Some(kubeconfig),
        context: None,
        timeout: Duration::from_secs(30),
        overrides: super::Overrides::default(),
    }
}

async fn connect(kubeconfig: &str) -> Result<Cluster, Error> {
    drop(rustls::crypto::ring::default_provider().install_default());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    std::fs::write(&file, kubeconfig).unwrap();
    Cluster::connect(&access(file)).await
}

impl Sandbox {
    fn harm(&self, path: &str, times: usize, harm: Harm) {
        self.ledger.harm(Fault { remote: Remote::Kubernetes, method: None, path: path.into(), times, harm });
    }

    async fn refusal(&self, status: u16, body: Value) -> Error {
        self.harm("configmaps", usize::MAX, Harm::Answer(status, body));
        self.cluster.apply(&settings("x", &json!({})), OURS).await.unwrap_err()
    }
}

#[tokio::test]
async fn connecting_asks_nothing() {
    assert_eq!(sandbox().await.ledger.asked(), []);
}

#[tokio::test]
async fn a_context_that_is_not_there_is_answered_with_those_that_are() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    std::fs::write(&file, kubeconfig(([127, 0, 0, 1], 1).into(), "t")).unwrap();
    let access = Access { context: Some("home".into()), ..access(file) };
    let error = Cluster::connect(&access).await.err().unwrap();
    assert_eq!(error.cause.to_string(), "the kubeconfig has no context `home`");
    assert_eq!(error.hint.as_deref(), Some("there is: sandbox"));
}

#[tokio::test]
async fn of_a_list_of_kubeconfigs_the_missing_ones_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    std::fs::write(&file, kubeconfig(([127, 0, 0, 1], 1).into(), "t")).unwrap();
    let list = std::env::join_paths([folder.path().join("missing"), file]).unwrap();
    let cluster = Cluster::connect(&access(list.into())).await.unwrap();
    assert_eq!(cluster.address(), "http://127.0.0.1:1");
}

#[tokio::test]
async fn a_kubeconfig_that_is_none_is_not_quoted() {
    let error = connect("users: [{name: a, user: {token: canary}}]\nclusters: 5\n").await.err().unwrap();
    assert!(matches!(error.cause, Cause::Local(_)));
    assert!(!format!("{error:?} {}", error.cause).contains("canary"));
}

#[tokio::test]
async fn a_failing_credential_plugin_is_not_quoted() {
    let config = kubeconfig(([127, 0, 0, 1], 1).into(), "t").replace(
        "token: t",
        "exec: {apiVersion: client.authentication.k8s.io/v1, command: /bin/sh, args: ['-c', 'echo canary; exit 3'], interactiveMode: Never}",
    );
    let error = connect(&config).await.err().unwrap();
    assert_eq!(error.cause.to_string(), "the credential plugin of the kubeconfig ended with exit status: 3");
}

#[tokio::test]
async fn the_authority_of_the_kubeconfig_is_known_as_text() {
    let pem = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap().cert.pem();
    let data = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &pem);
    let config = kubeconfig(([127, 0, 0, 1], 1).into(), "t");
    let config = config.replace("server:", &format!("certificate-authority-data: {data}\n    server:"));
    assert_eq!(connect(&config).await.unwrap().authority(), Some(pem));
}

#[tokio::test]
async fn nobody_listening_is_unreachable() {
    let address = { std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap() };
    let error = connect(&kubeconfig(address, "t")).await.unwrap().version().await.unwrap_err();
    let reason = "connection refused".to_owned();
    assert_eq!(error.cause, Cause::Unreachable { address: format!("http://{address}"), reason });
    assert!(error.passes());
}

#[tokio::test]
async fn a_wrong_token_is_unauthenticated() {
    let sandbox = sandbox().await;
    let address = sandbox.cluster.address().trim_start_matches("http://").parse().unwrap();
    let stranger = connect(&kubeconfig(address, "wrong")).await.unwrap();
    let error = stranger.secret("default", "x").await.unwrap_err();
    assert!(matches!(error.cause, Cause::Unauthenticated(_)));
    assert_eq!(error.to_string(), "cannot read Secret `default/x`");
}

#[tokio::test]
async fn a_missing_right_is_named_with_verb_resource_and_namespace() {
    let sandbox = sandbox().await;
    sandbox.server.deny("patch", "secrets");
    let error = sandbox.cluster.apply_secret(secret("x", &[]), OURS).await.unwrap_err();
    let why = "user `sandbox` may not patch `secrets` in namespace `default`";
    assert_eq!(error.cause, Cause::Forbidden(why.into()));
    let right = |verb: &str| Right {
        verb: verb.into(),
        group: String::new(),
        resource: "secrets".into(),
        namespace: Some("default".into()),
    };
    let missing = sandbox.cluster.missing_rights(&[right("get"), right("patch")]).await.unwrap();
    assert_eq!(missing, [right("patch")]);
    assert_eq!(sandbox.ledger.writes().iter().filter(|asked| asked.status < 300).count(), 0);
}

#[tokio::test]
async fn a_webhook_that_is_not_there_yet_passes() {
    for (end, why) in [
        ("dial tcp 10.0.0.1:443: connect: connection refused", "the connection is refused"),
        ("no endpoints available for service \"eso\"", "it has no endpoints yet"),
        ("tls: failed to verify certificate: x509: unknown", "its certificate is not trusted yet"),
    ] {
        let message = format!(
            "Internal error occurred: failed calling webhook \"validate.x.io\": failed to call webhook: Post \"https://a\": {end}"
        );
        let error = sandbox().await.refusal(500, json!({"kind": "Status", "message": message})).await;
        assert_eq!(
            error.cause,
            Cause::Unavailable(format!("the admission webhook `validate.x.io` is not ready: {why}"))
        );
        assert!(error.passes());
    }
}

#[tokio::test]
async fn a_webhook_that_says_no_is_named_and_not_quoted() {
    let message = "admission webhook \"policy.x.io\" denied the request: canary";
    let error = sandbox().await.refusal(403, json!({"kind": "Status", "message": message})).await;
    assert_eq!(error.cause, Cause::Forbidden("the admission webhook `policy.x.io` denied it".into()));
}

#[tokio::test]
async fn a_field_that_the_schema_lacks_is_named() {
    let message = "failed to create typed patch object (default/x; v1, Kind=ConfigMap): .spec.replcas: field not declared in schema";
    let error = sandbox().await.refusal(500, json!({"kind": "Status", "message": message})).await;
    assert_eq!(error.cause, Cause::Invalid("the schema has no field `.spec.replcas`".into()));
}

#[tokio::test]
async fn each_kind_of_refusal_is_another_sentence() {
    let body = json!({"kind": "Status", "message": "canary"});
    let mut sentences = Vec::new();
    for status in [400, 401, 403, 404, 409, 413, 429, 500, 418] {
        let error = sandbox().await.refusal(status, body.clone()).await;
        assert!(!format!("{error:?}").contains("canary"), "{status}");
        sentences.push(error.cause.to_string());
    }
    let count = sentences.len();
    sentences.sort();
    sentences.dedup();
    assert_eq!(sentences.len(), count);
}

#[tokio::test]
async fn a_refusal_without_a_body_is_still_a_sentence() {
    let error = sandbox().await.refusal(502, Value::Null).await;
    assert_eq!(error.cause, Cause::Unavailable("the API server answers with status 502".into()));
}

#[tokio::test]
async fn what_the_server_puts_off_is_asked_again() {
    let sandbox = sandbox().await;
    sandbox.harm("configmaps", 2, Harm::Answer(503, json!({})));
    sandbox.cluster.apply(&settings("x", &json!({})), OURS).await.unwrap();
    assert_eq!(sandbox.ledger.asked().len(), 3);
}

#[tokio::test]
async fn a_server_that_stalls_is_left_at_the_deadline() {
    let mut sandbox = sandbox().await;
    sandbox.cluster.timeout = Duration::from_millis(50);
    sandbox.harm("configmaps", 1, Harm::Stall);
    let error = sandbox.cluster.apply(&settings("x", &json!({})), OURS).await.unwrap_err();
    assert!(matches!(error.cause, Cause::TimedOut { .. }));
}

#[tokio::test]
async fn a_connection_that_breaks_is_unreachable() {
    let sandbox = sandbox().await;
    sandbox.harm("configmaps", usize::MAX, Harm::Close);
    let error = sandbox.cluster.apply(&settings("x", &json!({})), OURS).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Unreachable { .. }));
}

#[tokio::test]
async fn an_answer_that_is_no_kubernetes_is_malformed_and_not_quoted() {
    let sandbox = sandbox().await;
    sandbox.harm("secrets", usize::MAX, Harm::Answer(200, json!({"data": {"token": "canary!"}})));
    let error = sandbox.cluster.secret("default", "x").await.unwrap_err();
    assert!(matches!(error.cause, Cause::Malformed(_)));
    assert!(!format!("{error:?}").contains("canary"));
}

#[tokio::test]
async fn a_kind_of_kubernetes_itself_needs_no_discovery_and_another_one_request() {
    let sandbox = sandbox().await;
    let object = settings("x", &json!({}));
    sandbox.cluster.get(&reference(&object)).await.unwrap();
    let policies = || sandbox.cluster.list("networking.k8s.io/v1", "NetworkPolicy", Some("default"));
    let both = futures::future::join(policies(), policies()).await;
    assert!(both.0.unwrap().is_empty() && both.1.unwrap().is_empty());
    let asked = sandbox.ledger.asked();
    let of = |path: &str| {
        asked.iter().filter(|asked| asked.path == path && asked.method == Method::GET.as_str()).count()
    };
    assert_eq!((of("/api/v1"), of("/apis/networking.k8s.io/v1"), asked.len()), (0, 1, 4));
}

#[tokio::test]
async fn a_name_that_would_be_another_path_is_not_sent() {
    let sandbox = sandbox().await;
    let object = settings("../../secrets/x", &json!({}));
    let error = sandbox.cluster.apply(&object, OURS).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Invalid(_)));
    assert_eq!(sandbox.ledger.asked(), []);
}

#[tokio::test]
async fn a_secret_names_the_controller_that_owns_it() {
    let sandbox = sandbox().await;
    sandbox.server.upsert_as("external-secrets", json!({
        "apiVersion": "v1", "kind": "Secret", "data": {"token": "eA=="}, "metadata": {
            "name": "owned", "namespace": "default", "ownerReferences": [{
                "apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "name": "owner", "uid": "1", "controller": true,
            }],
        },
    }));
    let found = sandbox.cluster.secret("default", "owned").await.unwrap().unwrap();
    assert_eq!(found.owner.as_deref(), Some("ExternalSecret/owner"));
    assert_eq!(found.managers["token"], "external-secrets");
}

#[tokio::test]
async fn a_lease_that_ended_is_taken() {
    let sandbox = sandbox().await;
    sandbox.server.upsert(json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "old", "namespace": "default"},
        "spec": {"holderIdentity": "a/1/x", "leaseDurationSeconds": 15, "renewTime": "2020-01-01T00:00:00.000000Z"},
    }));
    let taken = sandbox.cluster.take_lease("default", "old", "b/1/y", Duration::from_secs(15)).await.unwrap();
    assert_eq!(taken, super::Lease::Taken);
}
