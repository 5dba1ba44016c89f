//! Each server of the rig does its real work: one test per group.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test fails loudly where something is missing; the rig passes PATH on and shows logs of what failed"
)]

#[allow(dead_code, reason = "a rig offers more than these tests use")]
#[path = "rig/mod.rs"]
mod rig;

use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use rand_core::OsRng;
use reqwest::Method;
use rig::Rig;
use rig::kubernetes::condition;
use sealstrap::bootstrap::key_pair::KeyPair;
use sealstrap::settings::KeyAlgorithm;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const BASE64: base64::engine::GeneralPurpose = base64::engine::general_purpose::STANDARD;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn a_flux_instance_becomes_ready_on_pods_of_kwok() {
    let mut rig = Rig::start().await;
    rig.start_scheduling().await;
    rig.start_flux_operator().await;
    let instance = json!({
        "apiVersion": "fluxcd.controlplane.io/v1", "kind": "FluxInstance", "metadata": {"name": "flux"},
        "spec": {
            "distribution": {"version": "2.7.x", "registry": "ghcr.io/fluxcd"},
            "components": ["source-controller", "kustomize-controller"],
            "cluster": {"networkPolicy": false},
        },
    });
    let path = "/apis/fluxcd.controlplane.io/v1/namespaces/flux-system/fluxinstances/flux";
    rig.kubernetes.apply(path, instance.to_string()).await;
    let found = rig.kubernetes.wait_ready(path).await;
    let version = found["status"]["lastAppliedRevision"].as_str().unwrap_or_default();
    assert!(version.starts_with("v2.7."), "{found:#}");
    let pods = rig.kubernetes.get("/api/v1/namespaces/flux-system/pods").await;
    let ready = pods["items"].as_array().unwrap().iter().filter(|pod| condition(pod, "Ready")).count();
    assert_eq!(ready, 2, "{pods:#}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn flux_clones_over_ssh_applies_and_takes_webhooks() {
    let mut rig = Rig::start().await;
    let receiver = rig.start_flux().await.receiver.clone();
    give_deploy_key(&rig).await;
    commit_a_config_map(&rig).await;
    for (path, document) in flux_objects(&rig) {
        rig.kubernetes.apply(path, document.to_string()).await;
    }
    let [source, kustomization, hook, _] = flux_objects(&rig).map(|(path, _)| path);
    // Flux writes conditions before the rest of a status.
    let revision = |found: &Value| found["status"]["artifact"]["revision"].as_str().map(str::to_owned);
    let stored = |found: &Value| condition(found, "Ready") && revision(found).is_some();
    let found = rig.kubernetes.wait_for(source, stored).await;
    assert!(revision(&found).unwrap().starts_with("main@sha1:"), "{found:#}");
    rig.kubernetes.wait_ready(kustomization).await;
    let made = rig.kubernetes.get("/api/v1/namespaces/default/configmaps/from-git").await;
    assert_eq!(made["data"]["synced"], "yes", "{made:#}");
    let told = |found: &Value| condition(found, "Ready") && found["status"]["webhookPath"].is_string();
    let found = rig.kubernetes.wait_for(hook, told).await;
    let path =
        format!("/hook/{}", base16ct::lower::encode_string(&Sha256::digest("the-tokenpushflux-system")));
    assert_eq!(found["status"]["webhookPath"], path.as_str());
    let refused = reqwest::Client::new().post(format!("{receiver}{path}")).send().await.unwrap();
    assert_eq!(refused.status(), 400, "a webhook without a signature is refused");
    let unknown = reqwest::Client::new().post(format!("{receiver}/hook/elsewhere")).send().await.unwrap();
    assert_eq!(unknown.status(), 404);
}

/// Gives Flux a key that Gitea lets in.
async fn give_deploy_key(rig: &Rig) {
    let pair = KeyPair::generate(KeyAlgorithm::Ed25519, "rig", &mut OsRng).unwrap();
    let wish = json!({"title": "rig", "key": pair.public_line(), "read_only": true});
    let key = rig.git.request("POST", "repos/ops/gitops/keys", Some(wish)).await;
    assert_eq!(key["read_only"], true, "{key}");
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "deploy", "namespace": "flux-system"},
        "stringData": {
            "identity": pair.private().expose_text().unwrap().as_str(),
            "known_hosts": std::fs::read_to_string(&rig.git.known_hosts).unwrap(),
        },
    });
    let path = "/api/v1/namespaces/flux-system/secrets";
    rig.kubernetes.request(Method::POST, path, Some(secret)).await;
}

async fn commit_a_config_map(rig: &Rig) {
    let map = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "from-git", "namespace": "default"}, "data": {"synced": "yes"},
    });
    let wish = json!({"content": BASE64.encode(map.to_string()), "branch": "main", "message": "a map"});
    let made = rig.git.request("POST", "repos/ops/gitops/contents/deploy/map.yaml", Some(wish)).await;
    assert!(made["commit"]["sha"].is_string(), "{made}");
}

fn flux_objects(rig: &Rig) -> [(&'static str, Value); 4] {
    let meta = |name: &str| json!({"name": name, "namespace": "flux-system"});
    let source = json!({"kind": "GitRepository", "name": "gitops"});
    [
        (
            "/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories/gitops",
            json!({
                "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": meta("gitops"),
                "spec": {
                    "url": format!("ssh://git@{}/ops/gitops.git", rig.git.ssh), "interval": "1h",
                    "ref": {"branch": "main"}, "secretRef": {"name": "deploy"},
                },
            }),
        ),
        (
            "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/gitops",
            json!({
                "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": meta("gitops"),
                "spec": {"sourceRef": source, "path": "./deploy", "prune": true, "interval": "1h"},
            }),
        ),
        (
            "/apis/notification.toolkit.fluxcd.io/v1/namespaces/flux-system/receivers/push",
            json!({
                "apiVersion": "notification.toolkit.fluxcd.io/v1", "kind": "Receiver", "metadata": meta("push"),
                "spec": {"type": "github", "events": ["push"], "secretRef": {"name": "hook"}, "resources": [source]},
            }),
        ),
        (
            "/api/v1/namespaces/flux-system/secrets/hook",
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": meta("hook"), "stringData": {"token": "the-token"}}),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn kubeseal_finds_the_controller_and_the_controller_unseals() {
    let mut rig = Rig::start().await;
    rig.start_sealed_secrets().await;
    let certificate = succeeded(rig.tool("kubeseal").arg("--fetch-cert"));
    assert!(certificate.contains("BEGIN CERTIFICATE"), "{certificate}");
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "sealed", "namespace": "default"},
        "data": {"word": BASE64.encode("open sesame")},
    });
    let file = rig.dir().join("secret.json");
    std::fs::write(&file, secret.to_string()).unwrap();
    let sealed = succeeded(rig.tool("kubeseal").args(["--format", "json", "--secret-file"]).arg(&file));
    assert!(!sealed.contains(&BASE64.encode("open sesame")));
    let path = "/apis/bitnami.com/v1alpha1/namespaces/default/sealedsecrets/sealed";
    rig.kubernetes.apply(path, without_creation_time(&sealed)).await;
    let path = "/api/v1/namespaces/default/secrets/sealed";
    let opened = rig.kubernetes.wait_for(path, |found| found["data"].is_object()).await;
    assert_eq!(opened["data"]["word"], BASE64.encode("open sesame"));
}

/// Server-side apply does not take the nulls that kubeseal writes.
fn without_creation_time(document: &str) -> String {
    let mut document: Value = serde_json::from_str(document).unwrap();
    for meta in ["/metadata", "/spec/template/metadata"] {
        if let Some(meta) = document.pointer_mut(meta).and_then(Value::as_object_mut) {
            meta.remove("creationTimestamp");
        }
    }
    document.to_string()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn external_secrets_reads_the_vault_in_dev_mode() {
    let mut rig = Rig::start().await;
    rig.install_external_secrets().await;
    let vault = rig.start_dev_vault().await;
    vault.request("POST", "secret/data/one", Some(json!({"data": {"word": "open sesame"}}))).await;
    let (address, token) = (vault.address.clone(), vault.token.clone());
    rig.start_external_secrets();
    let secret = json!({"metadata": {"name": "token"}, "stringData": {"token": token}});
    rig.kubernetes.request(Method::POST, "/api/v1/namespaces/default/secrets", Some(secret)).await;
    let login = json!({"tokenSecretRef": {"name": "token", "namespace": "default", "key": "token"}});
    let store = json!({
        "apiVersion": "external-secrets.io/v1", "kind": "ClusterSecretStore", "metadata": {"name": "dev"},
        "spec": {"provider": {"vault": {"server": address, "path": "secret", "version": "v2", "auth": login}}},
    });
    rig.kubernetes.apply("/apis/external-secrets.io/v1/clustersecretstores/dev", store.to_string()).await;
    let wish = json!({
        "apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret",
        "metadata": {"name": "one", "namespace": "default"},
        "spec": {
            "secretStoreRef": {"kind": "ClusterSecretStore", "name": "dev"}, "refreshInterval": "1h",
            "data": [{"secretKey": "word", "remoteRef": {"key": "one", "property": "word"}}],
        },
    });
    let path = "/apis/external-secrets.io/v1/namespaces/default/externalsecrets/one";
    rig.kubernetes.apply(path, wish.to_string()).await;
    rig.kubernetes.wait_ready(path).await;
    let made = rig.kubernetes.get("/api/v1/namespaces/default/secrets/one").await;
    assert_eq!(made["data"]["word"], BASE64.encode("open sesame"));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn helm_pushes_to_the_registry_and_helmfile_installs_what_it_pushed() {
    let mut rig = Rig::start().await;
    let registry = format!("oci://{}/charts", rig.start_registry().await.address);
    let chart = rig.dir().join("hello");
    std::fs::create_dir_all(chart.join("templates")).unwrap();
    std::fs::write(chart.join("Chart.yaml"), "apiVersion: v2\nname: hello\nversion: 0.1.0\n").unwrap();
    let map =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: hello}\ndata: {word: \"{{ .Values.word }}\"}\n";
    std::fs::write(chart.join("templates/map.yaml"), map).unwrap();
    succeeded(rig.tool("helm").arg("package").arg(&chart));
    succeeded(rig.tool("helm").args(["push", "hello-0.1.0.tgz", &registry, "--plain-http"]));
    let pulled = ["pull", &format!("{registry}/hello"), "--version=0.1.0", "--plain-http", "--untar"];
    succeeded(rig.tool("helm").args(pulled).args(["--untardir", "pulled"]));
    let helmfile =
        "releases:\n- {name: hello, namespace: default, chart: ./pulled/hello, values: [{word: again}]}\n";
    std::fs::write(rig.dir().join("helmfile.yaml"), helmfile).unwrap();
    let helm = rig::bin("helm");
    let helmfile = |verb: &str| succeeded(rig.tool("helmfile").arg("--helm-binary").arg(&helm).arg(verb));
    assert!(helmfile("template").contains("word: \"again\""));
    helmfile("sync");
    let made = rig.kubernetes.get("/api/v1/namespaces/default/configmaps/hello").await;
    assert_eq!(made["data"]["word"], "again", "{made:#}");
}

#[test]
#[ignore = "needs the rig: tests/rig/build"]
fn gitleaks_finds_a_private_key() {
    let folder = tempfile::tempdir().unwrap();
    let scan = || rig::Process::command("gitleaks").arg("dir").arg(folder.path()).output().unwrap();
    std::fs::write(folder.path().join("readme"), "nothing to see here").unwrap();
    assert!(scan().status.success());
    let pair = KeyPair::generate(KeyAlgorithm::Ed25519, "rig", &mut OsRng).unwrap();
    std::fs::write(folder.path().join("key"), pair.private().expose_text().unwrap().as_bytes()).unwrap();
    assert_eq!(scan().status.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn servers_can_be_stopped_and_come_back_as_they_were() {
    let mut rig = Rig::start().await;
    rig.kubernetes.namespace("kept").await;
    rig.kubernetes.kill_api_server();
    assert!(try_get(&format!("{}/readyz", rig.kubernetes.address)).await.is_none());
    rig.kubernetes.start_api_server().await;
    let kept = format!("{}/api/v1/namespaces/kept", rig.kubernetes.address);
    assert_eq!(try_get(&kept).await, Some(200));
    rig.kubernetes.pause_etcd();
    assert_eq!(try_get(&kept).await, None, "what lies in etcd cannot be read");
    rig.kubernetes.resume_etcd().await;
    let kept = rig.kubernetes.get("/api/v1/namespaces/kept").await;
    assert_eq!(kept["status"]["phase"], "Active", "{kept}");

    rig.vault.request("POST", "secret/data/kept", Some(json!({"data": {"a": "b"}}))).await;
    let health = format!("{}/v1/sys/health", rig.vault.address);
    rig.vault.seal().await;
    assert_eq!(try_get(&health).await, Some(503));
    rig.vault.unseal().await;
    rig.vault.start_again().await;
    assert_eq!(try_get(&health).await, Some(503), "a Vault that was killed comes back sealed");
    rig.vault.unseal().await;
    assert_eq!(rig.vault.request("GET", "secret/data/kept", None).await["data"]["data"]["a"], "b");
    rig.vault.process.pause();
    assert_eq!(try_get(&health).await, None);
    rig.vault.process.go_on();
    assert_eq!(try_get(&health).await, Some(200));

    rig.git.stop();
    let repository = format!("{}/api/v1/version", rig.git.address);
    assert_eq!(try_get(&repository).await, None);
    rig.git.start_again().await;
    assert_eq!(rig.git.request("GET", "repos/ops/gitops", None).await["name"], "gitops");
}

/// The status that an address answers within two seconds; the API server knows the token, others do not look.
async fn try_get(url: &str) -> Option<u16> {
    let http =
        reqwest::Client::builder().tls_danger_accept_invalid_certs(true).timeout(Duration::from_secs(2));
    http.build()
        .unwrap()
        .get(url)
        .bearer_auth(rig::kubernetes::TOKEN)
        .send()
        .await
        .ok()
        .map(|reply| reply.status().as_u16())
}

#[track_caller]
fn succeeded(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
