//! Backup and restore of the keys of the real controller.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;

use crate::rig::Rig;
use crate::scene::{CANARY, Scene, sealed_for};
use crate::support::{Ended, ended};
use sealstrap::seal::Scope;

const KEYS: &str = "/api/v1/namespaces/kube-system/secrets";
const LABEL: &str = "labelSelector=sealedsecrets.bitnami.com/sealed-secrets-key";

/// The binary in the scene's folder, reaching the rig's cluster.
fn run(rig: &Rig, scene: &Scene, arguments: &[&str]) -> Ended {
    run_in(&rig.kubernetes.kubeconfig, scene, arguments)
}

fn run_in(kubeconfig: &Path, scene: &Scene, arguments: &[&str]) -> Ended {
    ended(scene.command(arguments).env("KUBECONFIG", kubeconfig).output().unwrap())
}

async fn key_names(rig: &Rig) -> Vec<String> {
    let keys = rig.kubernetes.get(&format!("{KEYS}?{LABEL}")).await;
    let name = |key: &serde_json::Value| key["metadata"]["name"].as_str().unwrap().to_owned();
    keys["items"].as_array().unwrap().iter().map(name).collect()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn an_old_file_opens_in_a_cluster_whose_keys_were_restored() {
    let (mut rig, scene) = (Rig::start().await, Scene::new());
    rig.start_sealed_secrets().await;
    let recipient = scene.identity("me.txt");
    run(&rig, &scene, &["keys", "backup", "--out", "keys.age", "--recipient", &recipient]).with_code(0);
    let check = ["keys", "backup", "--check", "keys.age"];
    run(&rig, &scene, &check).with_code(0);

    let certificate = scene.read("keys.age.certs.pem");
    let text = sealed_for(&certificate, Scope::Strict, "default", "old");
    scene.put("old.yaml", &text);
    run(&rig, &scene, &["verify", "old.yaml", "--online"]).with_code(0);
    run(&rig, &scene, &["verify", "old.yaml", "--from-cluster"]).with_code(0);

    // The cluster loses its keys; its controller makes a new one, which the backup lacks.
    for name in key_names(&rig).await {
        rig.kubernetes.request(Method::DELETE, &format!("{KEYS}/{name}"), None).await;
    }
    let controller = rig.others.sealed_secrets.as_mut().unwrap();
    controller.process.start_again();
    let served = ["verify", "old.yaml", "--online"];
    controller
        .process
        .wait_until(async || run_in(&rig.kubernetes.kubeconfig, &scene, &served).code == 1)
        .await;
    run(&rig, &scene, &check).with_code(1);

    run(&rig, &scene, &["keys", "restore", "keys.age", "--identity", "me.txt"]).with_code(0);
    let before = rig.kubernetes.writes();
    run(&rig, &scene, &["keys", "restore", "keys.age", "--identity", "me.txt"]).with_code(0);
    assert_eq!(rig.kubernetes.writes(), before, "a second run writes nothing");
    let controller = rig.others.sealed_secrets.as_mut().unwrap();
    controller.process.start_again();
    controller
        .process
        .wait_until(async || run_in(&rig.kubernetes.kubeconfig, &scene, &served).code == 0)
        .await;

    rig.kubernetes.apply("/apis/bitnami.com/v1alpha1/namespaces/default/sealedsecrets/old", text).await;
    let secret = "/api/v1/namespaces/default/secrets/old";
    let opened = rig.kubernetes.wait_for(secret, |found| found["data"].is_object()).await;
    assert_eq!(opened["data"]["password"], STANDARD.encode(CANARY));
}
