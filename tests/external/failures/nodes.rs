//! Two nodes: one is active, the other forwards or redirects to it. And what integrated storage takes.

use serde_json::Value;

use super::between::{Between, Deed};
use super::manual::assert_said;
use super::only;
use super::scene::{self, Scene, secret};
use crate::rig;
use crate::rig::standby::{ENTRY, Pair, REQUEST};

async fn held(pair: &Pair, path: &str) -> Value {
    pair.active.request("GET", &format!("secret/data/{path}"), None).await["data"]["data"].clone()
}

/// The status with which a node answers to the question for its health.
async fn health(address: &str) -> u16 {
    let http = reqwest::Client::builder().tls_danger_accept_invalid_certs(true).build().unwrap();
    http.get(format!("{address}/v1/sys/health")).send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn a_standby_forwards_or_redirects_and_both_will_do() {
    rig::install_tls();
    let dir = tempfile::tempdir().unwrap();
    let mut pair = Pair::start(dir.path()).await;
    assert_eq!(health(&pair.standby.address).await, 429, "as for a rate limit, which it is not");
    let scene = Scene::of(&pair.standby);
    assert_eq!(scene.run(&["external", "push", "in"]).await.succeeded().paths("changed").len(), 3);
    assert_eq!(held(&pair, "k8s/a").await["password"], scene::CANARY);

    // A standby that may not forward answers 307 with the address of the active node: method, body and token go along.
    let redirecting = "X-Vault-No-Request-Forwarding: true";
    let between = Between::start(&dir.path().join("between"), &pair.plain, |_, _| Deed::With(redirecting));
    let both = dir.path().join("both.pem");
    let authorities = [&between.ca, &pair.active.ca].map(|file| std::fs::read_to_string(file).unwrap());
    std::fs::write(&both, authorities.concat()).unwrap();
    let scene = scene.reach(&between.address, Some(&both));
    assert_eq!(scene.push().await.succeeded().paths("changed"), ["secret/k8s/db"]);
    assert_eq!(held(&pair, "k8s/db").await["password"], scene::CANARY);
    let scene = scene.reach(&between.address, Some(&between.ca));
    assert_said("a standby that redirects to a certificate of another authority", &only(&scene.push().await));

    let scene = scene.reach(&pair.standby.address, Some(&pair.active.ca));
    pair.active.process.kill();
    assert_said("a standby whose active node is gone", &only(&scene.push().await));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn storage_or_listener_may_take_less_than_we_do() {
    rig::install_tls();
    let dir = tempfile::tempdir().unwrap();
    let pair = Pair::start(dir.path()).await;
    let scene = Scene::of(&pair.active);
    for (size, row) in [(ENTRY, "more than the storage takes"), (REQUEST, "more than the listener takes")] {
        scene.put("db.yaml", &secret("db", &"x".repeat(size)));
        assert_said(row, &only(&scene.push().await));
        assert_eq!(held(&pair, "k8s/db").await, Value::Null);
    }
}
