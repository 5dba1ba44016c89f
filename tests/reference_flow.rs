//! What `docs/reference-flow.md` says of each task: the weaknesses of the flow are not here.

#[path = "support/flow.rs"]
mod flow;
mod support;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flow::TASKS;
use http::Method;
use sealstrap::remote::cluster::ObjectRef;
use sealstrap::sandbox::server::Asked;
use serde_json::{Value, json};
use support::Stage;

/// Where client-side apply leaves all values.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

fn secret(stage: &Stage, namespace: &str, name: &str) -> Value {
    let object = ObjectRef {
        api_version: "v1".into(),
        kind: "Secret".into(),
        namespace: Some(namespace.into()),
        name: name.into(),
    };
    stage.sandbox.kubernetes.object(&object).unwrap_or_default()
}

/// The token that is kept for the cluster.
fn token(stage: &Stage) -> String {
    let secret = secret(stage, "kube-system", "vault-token");
    let bytes = STANDARD.decode(secret["data"]["token"].as_str().expect("a token")).expect("base64");
    String::from_utf8(bytes).expect("text")
}

/// Adds to the settings.
fn add(stage: &Stage, from: &str, to: &str) {
    let file = stage.sandbox.folder().join("sealstrap.yaml");
    let text = std::fs::read_to_string(&file).expect("the settings");
    assert!(text.contains(from), "{text}");
    std::fs::write(file, text.replacen(from, to, 1)).expect("the settings are written");
}

/// Asks Vault by a token.
async fn ask(stage: &Stage, token: &str, path: &str) -> (u16, Value) {
    let environment = stage.sandbox.environment();
    let (_, address) = environment.iter().find(|(name, _)| name == "VAULT_ADDR").expect("an address");
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
    let request = client.get(format!("{address}/v1/{path}")).header("x-vault-token", token);
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&answer.bytes().await.expect("a body")).unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_name_runs_alone_in_the_order_of_the_document_and_writes_nothing_the_second_time() {
    let stage = Stage::start().await;
    for name in TASKS.into_iter().chain(["init"]) {
        let full = format!("k8s:bootstrap:{name}");
        stage.sealstrap(&["run", &full]).await.with_code(0);
        stage.writes_since();
        stage.sealstrap(&["run", &full]).await.with_code(0);
        assert_eq!(stage.sandbox.ledger().writes(), Vec::<Asked>::new(), "{name} a second time");
    }
    stage.sealstrap(&["bootstrap"]).await.with_code(0);
    assert_eq!(stage.sandbox.ledger().writes(), Vec::<Asked>::new(), "`init` was the whole");
}

#[tokio::test(flavor = "multi_thread")]
async fn namespaces_have_labels_annotations_and_a_pod_security_level() {
    let stage = Stage::start().await;
    add(
        &stage,
        "  namespaces: [cert-manager, external-secrets, flux-system, network]",
        "  namespaces:\n    cert-manager:\n    external-secrets:\n    flux-system: {podSecurity: restricted}\n    \
         network: {labels: {team: edge}, annotations: {note: ours}}",
    );
    stage.sealstrap(&["run", "create-namespaces"]).await.with_code(0);
    let all = stage.sandbox.kubernetes.objects("Namespace");
    let metadata = |name: &str| {
        let found = all.iter().find(|object| object["metadata"]["name"] == name);
        found.expect("the namespace")["metadata"].clone()
    };
    assert_eq!(metadata("flux-system")["labels"]["pod-security.kubernetes.io/enforce"], "restricted");
    assert_eq!(metadata("network")["labels"]["team"], "edge");
    assert_eq!(metadata("network")["annotations"]["note"], "ours");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_is_written_and_no_program_is_run() {
    let stage = Stage::start().await;
    let nowhere = stage.folder().join("nothing-is-here");
    let before = files(stage.sandbox.folder());
    let mut command = stage.command(&["bootstrap"]);
    command.env("PATH", nowhere).env("TMPDIR", stage.folder());
    support::ended(command.output().await.expect("the binary runs")).with_code(0);
    assert_eq!(
        files(stage.folder()),
        Vec::<String>::new(),
        "nothing in the home, current and temporary folder"
    );
    assert_eq!(files(stage.sandbox.folder()), before, "nothing beside the settings");
}

fn files(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deploy_key_may_only_read_unless_that_is_set() {
    let stage = Stage::start().await;
    stage.sealstrap(&["run", "generate-deploy-key", "add-github-deploy-key"]).await.with_code(0);
    assert!(stage.sandbox.git_host.deploy_keys()[0].read_only);
    add(&stage, "  host: github", "  host: github\n  deployKey: {write: true}");
    stage.sealstrap(&["run", "add-github-deploy-key"]).await.with_code(0);
    let keys = stage.sandbox.git_host.deploy_keys();
    assert_eq!((keys.len(), keys[0].read_only), (1, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_webhook_token_is_made_once_of_32_bytes_and_without_a_line_end() {
    let stage = Stage::start().await;
    let held =
        || stage.sandbox.vault.kv("secret", "k8s/github-webhook-token").expect("it is kept")["token"].clone();
    stage.sealstrap(&["run", "generate-webhook-token"]).await.with_code(0);
    let made = held();
    assert!(made.len() == 64 && made.bytes().all(|byte| byte.is_ascii_hexdigit()), "64 hexadecimal digits");
    stage.sealstrap(&["bootstrap"]).await.with_code(0);
    assert_eq!(held(), made);
    assert_eq!(
        stage.sandbox.vault.versions("secret", "k8s/github-webhook-token"),
        1,
        "one version is enough"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_an_earlier_tool_left_in_an_annotation_are_removed() {
    let stage = Stage::start().await;
    stage.sealstrap(&["bootstrap"]).await.with_code(0);
    for (namespace, name) in [("kube-system", "vault-token"), ("flux-system", "vault-ca-cert")] {
        let mut object = secret(&stage, namespace, name);
        object["metadata"]["annotations"] = json!({LAST_APPLIED: "{\"data\":{\"token\":\"aHZzLngK\"}}"});
        assert!(stage.sandbox.kubernetes.upsert_as("kubectl-client-side-apply", object), "{name} is taken");
        assert!(
            !secret(&stage, namespace, name)["metadata"]["annotations"][LAST_APPLIED].is_null(),
            "{name}"
        );
    }
    stage.sealstrap(&["run", "create-vault-token-secret", "create-vault-ca-secret"]).await.with_code(0);
    for (namespace, name) in [("kube-system", "vault-token"), ("flux-system", "vault-ca-cert")] {
        assert!(secret(&stage, namespace, name)["metadata"]["annotations"][LAST_APPLIED].is_null(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clusters_token_is_a_periodic_orphan_that_reads_its_own_folder_only() {
    let stage = Stage::start().await;
    stage.sealstrap(&["bootstrap"]).await.with_code(0);
    let token = token(&stage);
    let (_, info) = ask(&stage, &token, "auth/token/lookup-self").await;
    assert_eq!((&info["data"]["orphan"], &info["data"]["period"]), (&json!(true), &json!(768 * 3600)));
    stage.sandbox.vault.set_kv("secret", "office/other", &json!({"a": "b"}));
    assert_eq!(ask(&stage, &token, "secret/data/k8s/github-deploy").await.0, 200);
    assert_eq!(ask(&stage, &token, "secret/data/office/other").await.0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clusters_token_is_renewed_in_its_last_week_and_status_tells_its_life() {
    let stage = Stage::start().await;
    stage.sealstrap(&["bootstrap"]).await.with_code(0);
    let first = token(&stage);
    let sound = stage.sealstrap(&["status", "--json"]).await;
    assert!(sound.stdout.contains("days unless it is renewed"), "{}", sound.stdout);
    stage.sandbox.vault.advance(std::time::Duration::from_secs((27 * 24 + 1) * 3600));
    let low = stage.sealstrap(&["status"]).await.with_code(1);
    assert!(
        low.all().contains("✗ the cluster's Vault token lives") && low.all().contains("it ends in 4 days"),
        "{}",
        low.all()
    );
    stage.sealstrap(&["run", "create-vault-token-secret"]).await.with_code(0);
    let again = stage.sealstrap(&["status", "--json"]).await;
    assert!(again.stdout.contains("days unless it is renewed"), "{}", again.stdout);
    assert_eq!(token(&stage), first, "the same token lives on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_root_token_in_the_clusters_secret_is_named_and_replaced() {
    let stage = Stage::start().await;
    stage.sealstrap(&["bootstrap"]).await.with_code(0);
    let mut object = secret(&stage, "kube-system", "vault-token");
    object["data"]["token"] = STANDARD.encode(sealstrap::sandbox::vault::ROOT_TOKEN).into();
    assert!(stage.sandbox.kubernetes.upsert_as("kubectl-client-side-apply", object), "the Secret is taken");
    let status = stage.sealstrap(&["status"]).await.with_code(1);
    assert!(status.all().contains("it is a root token"), "{}", status.all());
    stage.sealstrap(&["run", "create-vault-token-secret"]).await.with_code(0);
    assert_ne!(token(&stage), sealstrap::sandbox::vault::ROOT_TOKEN);
    assert_eq!(
        stage.sandbox.vault.tokens_with_meta("managed-by", "sealstrap"),
        1,
        "the one before is revoked"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_program_is_named_with_its_version_before_anything_is_written() {
    let stage = Stage::start().await;
    add(&stage, "from: {manifests: [operators]}", "from: {helmfile: helmfile.yaml}");
    let mut command = stage.command(&["bootstrap"]);
    command.env("PATH", stage.folder());
    let ended = support::ended(command.output().await.expect("the binary runs")).with_code(2);
    for text in [
        "cannot run `helmfile`",
        "it is not installed",
        "hint: install helmfile 1.0 or later",
        "install helm 3.14",
    ] {
        assert!(ended.stderr.contains(text), "{text}: {}", ended.stderr);
    }
    assert_eq!(ended.stderr.matches("cannot run `helmfile`").count(), 1, "said once: {}", ended.stderr);
    assert_eq!(stage.sandbox.ledger().writes(), Vec::<Asked>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_comes_after_the_operators_and_before_the_flux_instance() {
    let stage = Stage::start().await;
    stage.sealstrap(&["bootstrap"]).await.with_code(0);
    let writes = stage.sandbox.ledger().writes();
    let first = |part: &str| writes.iter().position(|asked| asked.path.contains(part)).expect(part);
    let order =
        ["/customresourcedefinitions/", "/clustersecretstores/", "/fluxinstances/", "/hooks"].map(first);
    assert!(order.is_sorted(), "{order:?} in {writes:?}");
    assert!(first("/deployments/") < first("/clustersecretstores/"));
    assert!(
        first("data/k8s/github-deploy") < first("/keys"),
        "the private half is kept before the public is shown"
    );
    let made = writes.iter().filter(|asked| asked.method == Method::DELETE.as_str());
    assert_eq!(made.count(), 0, "a first run deletes nothing");
}

#[test]
fn every_test_that_the_document_names_is_there() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("docs/reference-flow.md")).expect("the document");
    let (said, notes) = text.split_once("## The tests").expect("its list of tests");
    let mut named = 0;
    for note in notes.lines().filter(|line| line.starts_with("[^")) {
        let (mark, name) = note.split_once(": `").expect("a mark and a name");
        let (file, function) = name.trim_end_matches('`').split_once("::").expect("a file and a test");
        let code = std::fs::read_to_string(root.join(file)).expect(file);
        assert!(code.contains(&format!("fn {function}(")), "{name} is not there");
        assert!(said.contains(mark), "{mark} stands nowhere");
        named += 1;
    }
    assert!(named > 25 && !text.contains("[test:"), "each claim has its test");
}
