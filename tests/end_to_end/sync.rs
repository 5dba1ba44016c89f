//! The whole way: bootstrap, first sync, push by webhook, and a deploy key lost and replaced.

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::rig::kubernetes::condition;
use crate::rig::repository::{CANARY, Repository, text};
use crate::scene::{CONFIG, GIT_REPOSITORY, KUSTOMIZATION, RECEIVER, Scene, config};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn a_bootstrapped_cluster_syncs_from_git_with_our_key_and_hears_of_each_push() {
    let scene = Scene::start().await;
    let run = scene.repository.sealstrap(&["bootstrap"]).await;
    println!("{}", text(&run));
    Repository::succeeded(&run);
    assert!(!text(&run).contains(CANARY));
    it_is_synced(&scene).await;
    the_path_is_the_one_that_was_computed(&scene).await;
    a_push_is_delivered(&scene).await;
    what_is_not_ours_is_refused(&scene).await;
    a_lost_deploy_key_is_named_and_replaced(&scene).await;
    scene.assert_converged().await;
}

async fn it_is_synced(scene: &Scene) {
    let kubernetes = &scene.rig.kubernetes;
    let source = kubernetes.wait_ready(GIT_REPOSITORY).await;
    println!("GitRepository: Ready, {}", source["status"]["artifact"]["revision"]);
    println!(
        "               from {} with Secret {}",
        source["spec"]["url"], source["spec"]["secretRef"]["name"]
    );
    let applied = kubernetes.wait_ready(KUSTOMIZATION).await;
    println!("Kustomization: Ready, {}", applied["status"]["lastAppliedRevision"]);
    let found = kubernetes.get(CONFIG).await;
    assert_eq!(found["data"]["version"], "1", "the repository's manifests are applied: {found}");
}

async fn the_path_is_the_one_that_was_computed(scene: &Scene) {
    let receiver = scene.rig.kubernetes.wait_ready(RECEIVER).await;
    let path = receiver["status"]["webhookPath"].as_str().unwrap();
    let hooks = scene.hooks().await;
    let url = hooks[0]["config"]["url"].as_str().unwrap();
    println!("Receiver:      Ready, and its path is the one that was registered: {}", url.ends_with(path));
    assert!(hooks.len() == 1 && url.ends_with(path), "{url} ends with {path}");
}

async fn a_push_is_delivered(scene: &Scene) {
    let commit = scene.push("config.yaml", &config("2")).await;
    let told = |object: &serde_json::Value| {
        let annotations = &object["metadata"]["annotations"];
        let revision = object["status"]["artifact"]["revision"].as_str().unwrap_or_default();
        annotations["reconcile.fluxcd.io/requestedAt"].is_string() && revision.ends_with(&commit)
    };
    let source = scene.rig.kubernetes.wait_for(GIT_REPOSITORY, told).await;
    println!("push:          delivered, {}", source["status"]["artifact"]["revision"]);
    scene.rig.kubernetes.wait_for(CONFIG, |found| found["data"]["version"] == "2").await;
}

async fn what_is_not_ours_is_refused(scene: &Scene) {
    let hooks = scene.hooks().await;
    let url = hooks[0]["config"]["url"].as_str().unwrap().to_owned();
    let kept = scene.rig.vault.request("GET", "secret/data/k8s/github-webhook-token", None).await;
    let token = kept["data"]["data"]["token"].as_str().unwrap().to_owned();
    let other = if url.ends_with('0') { '1' } else { '0' };
    let elsewhere = format!("{}{other}", &url[..url.len() - 1]);
    let listed = "push";
    for (what, url, token, event, expected) in [
        ("a true delivery", &url, token.as_str(), listed, 200),
        ("a forged signature", &url, "not-the-token", listed, 400),
        ("another path", &elsewhere, token.as_str(), listed, 404),
        ("an event that is not listed", &url, token.as_str(), "issues", 400),
    ] {
        let status = deliver(url, token, event).await;
        println!("{what}: {status}");
        assert_eq!(status, expected, "{what}");
    }
}

/// Sends what a Git host would, signed with a token.
async fn deliver(url: &str, token: &str, event: &str) -> u16 {
    let body = "{\"ref\": \"refs/heads/main\"}";
    let mut mac = Hmac::<Sha256>::new_from_slice(token.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let signature = format!("sha256={}", base16ct::lower::encode_string(&mac.finalize().into_bytes()));
    let request = reqwest::Client::new().post(url).body(body).header("content-type", "application/json");
    let request = request.header("x-hub-signature-256", signature).header("x-github-event", event);
    request.send().await.unwrap().status().as_u16()
}

async fn a_lost_deploy_key_is_named_and_replaced(scene: &Scene) {
    let keys = scene.deploy_keys().await;
    let path = format!("repos/{}/keys/{}", scene.rig.git.repository, keys[0]["id"]);
    scene.rig.git.request("DELETE", &path, None).await;
    scene.fetch_now().await;
    scene.rig.kubernetes.wait_for(GIT_REPOSITORY, |source| !condition(source, "Ready")).await;
    let status = scene.repository.sealstrap(&["status"]).await;
    let named = text(&status).lines().find(|line| line.contains("does not list the key")).map(str::to_owned);
    println!("status: {:?}, {}", status.status.code(), named.as_deref().unwrap_or_default().trim());
    assert!(status.status.code() == Some(1) && named.is_some(), "{}", text(&status));
    // The run waits for Flux, which looks again by itself within a minute.
    Repository::succeeded(&scene.repository.sealstrap(&["bootstrap"]).await);
    scene.fetch_now().await;
    let source = scene.rig.kubernetes.wait_ready(GIT_REPOSITORY).await;
    println!("GitRepository: Ready again, {}", source["status"]["artifact"]["revision"]);
}
