//! The bootstrap without Vault, with the real controller of sealed-secrets: what it seals the controller unseals to the
//! same bytes; Flux takes the sealed files over once they are committed.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::rig::kubernetes::condition;
use crate::rig::repository::{CANARY, Repository, text};
use crate::scene::Scene;

/// The Secrets that are sealed: namespace, name, and the key whose value is secret.
const SECRETS: [(&str, &str, &str); 3] = [
    ("flux-system", "github-deploy-key", "identity"),
    ("flux-system", "github-webhook-token-secret", "token"),
    ("network", "cloudflare-api-token", "api-token"),
];

fn sealed(namespace: &str, name: &str) -> String {
    format!("/apis/bitnami.com/v1alpha1/namespaces/{namespace}/sealedsecrets/{name}")
}

async fn secret(scene: &Scene, namespace: &str, name: &str) -> Value {
    scene.rig.kubernetes.get(&format!("/api/v1/namespaces/{namespace}/secrets/{name}")).await
}

/// The files below a folder of the repository.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found
}

/// Runs it, and fails where it does not succeed or shows a value.
async fn run(scene: &Scene, arguments: &[&str]) {
    let output = scene.repository.sealstrap(arguments).await;
    Repository::succeeded(&output);
    assert!(!text(&output).contains(CANARY), "{}", text(&output));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn what_a_bootstrap_without_vault_seals_the_controller_unseals_byte_for_byte() {
    let scene = Scene::sealed().await;
    let tasks = ["create-namespaces", "pin-sealing-certificate", "create-deploy-key-secret"];
    run(&scene, &[&["run"][..], &tasks, &["create-webhook-token-secret", "create-secrets"]].concat()).await;
    let mut before = Vec::new();
    for (namespace, name, key) in SECRETS {
        let found = secret(&scene, namespace, name).await;
        assert!(found["data"][key].is_string() && found["metadata"]["ownerReferences"].is_null(), "{name}");
        before.push(found["data"].clone());
    }

    run(&scene, &["bootstrap"]).await;
    for ((namespace, name, _), data) in SECRETS.iter().zip(&before) {
        let after = secret(&scene, namespace, name).await;
        assert_eq!(after["data"], *data, "{name} is the same byte for byte");
        assert_eq!(after["metadata"]["ownerReferences"][0]["kind"], "SealedSecret", "{name} was taken over");
    }
    let found = scene.rig.kubernetes.get(&sealed("flux-system", "github-deploy-key")).await;
    assert!(condition(&found, "Synced"), "{}", found["status"]);
    scene.assert_converged().await;

    // The controller makes it again from what is sealed alone.
    let at = "/api/v1/namespaces/flux-system/secrets/github-deploy-key";
    scene.rig.kubernetes.request(reqwest::Method::DELETE, at, None).await;
    let again = scene.rig.kubernetes.wait_for(at, |found| found["data"].is_object()).await;
    assert_eq!(again["data"], before[0]);

    // Committed, the files are Flux's, and nothing changes.
    let folder = scene.repository.folder.join("k8s/flux/cluster");
    let all = files(&folder.join("sealed"));
    assert_eq!(all.len(), SECRETS.len());
    let mut commit = String::new();
    for file in &all {
        let text = std::fs::read_to_string(file).unwrap();
        assert!(!text.contains(CANARY));
        commit = scene.push(file.strip_prefix(&folder).unwrap().to_str().unwrap(), &text).await;
    }
    scene.wait_applied(&commit).await;
    for ((namespace, name, _), data) in SECRETS.iter().zip(&before) {
        let unsealed = |found: &Value| {
            let (seen, now) = (&found["status"]["observedGeneration"], &found["metadata"]["generation"]);
            let labels = &found["metadata"]["labels"];
            labels["kustomize.toolkit.fluxcd.io/name"].is_string()
                && seen == now
                && condition(found, "Synced")
        };
        scene.rig.kubernetes.wait_for(&sealed(namespace, name), unsealed).await;
        assert_eq!(secret(&scene, namespace, name).await["data"], *data, "{name}");
    }
    scene.assert_converged().await;
    run(&scene, &["status"]).await;
}

/// The settings without Vault, for a rig whose controllers run already.
pub(crate) fn settings(scene: &Scene, receiver: &str) -> String {
    let git = &scene.rig.git;
    let git = json!({
        "host": "gitea", "api": git.address, "repository": git.repository, "ssh": git.ssh,
        "knownHosts": "known_hosts", "login": {"token": {"env": "GITEA_TOKEN"}},
    });
    let cloudflare = json!({
        "secret": {"namespace": "network", "name": "cloudflare-api-token"}, "key": "api-token",
        "from": {"env": "CF_API_TOKEN"},
    });
    json!({
        "runbook": "flux-sealed",
        "cluster": {"name": "rig", "namespaces": ["flux-system", "network"]}, "git": git,
        "secrets": {"cloudflare": cloudflare}, "webhook": {"url": receiver},
        "flux": {"instance": {"spec": {"cluster": {"networkPolicy": false}}}},
    })
    .to_string()
}
