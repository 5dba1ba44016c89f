//! Vault goes away, or somebody else writes, between two writes of one push.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::between::{Between, Deed};
use super::manual::assert_said;
use super::only;
use super::scene::Scene;
use crate::rig::{self, Vault};

/// A Vault in memory, with somebody's hand between it and sealstrap.
struct Stage {
    vault: Arc<Mutex<Vault>>,
    scene: Scene,
    _dir: tempfile::TempDir,
}

impl Stage {
    /// `hand` is told how many writes of values there were before, at each of them.
    async fn start(hand: impl Fn(usize, &mut Vault) -> Deed + Send + Sync + 'static) -> Self {
        rig::install_tls();
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::start_dev(dir.path().join("vault")).await;
        let (scene, address) = (Scene::of(&vault), vault.address.replace("http://", ""));
        let vault = Arc::new(Mutex::new(vault));
        let (counted, shared) = (AtomicUsize::new(0), Arc::clone(&vault));
        let between = Between::start(&dir.path().join("between"), &address, move |method, path| {
            if method != "POST" || !path.starts_with("/v1/secret/data/") {
                return Deed::Pass;
            }
            let before = counted.fetch_add(1, Ordering::SeqCst);
            hand(before, &mut shared.lock().unwrap())
        });
        let scene = scene.reach(&between.address, Some(&between.ca));
        Self { vault, scene, _dir: dir }
    }

    /// Pushes three Secrets, one after the other.
    async fn push(&self) -> super::Told {
        self.scene.run(&["external", "push", "in", "--at-once", "1"]).await
    }

    /// Pushes again without anybody's hand: what was not written is, and nothing else.
    async fn mended(&self, written: &[&str]) {
        let told = self.push().await;
        assert_eq!(told.succeeded().paths("changed"), written, "{}", told.stdout);
    }
}

impl Drop for Stage {
    /// The proxy's thread keeps its share of the Vault to the end of the process, which would outlive it.
    fn drop(&mut self) {
        self.vault.lock().unwrap_or_else(PoisonError::into_inner).process.kill();
    }
}

/// Any request as root, from outside of a runtime.
fn ask(vault: &Vault, method: &str, path: &str, body: Value) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(vault.request(method, path, Some(body)));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn somebody_writes_between_our_look_and_our_write() {
    let stage = Stage::start(|before, vault| {
        if before == 0 {
            ask(vault, "POST", "secret/data/k8s/db", json!({"data": {"theirs": "1"}}));
        }
        Deed::Pass
    })
    .await;
    assert_said("written by somebody meanwhile", &only(&stage.scene.push().await));
    stage.scene.push().await.succeeded();
    let vault = stage.vault.lock().unwrap().address.clone();
    let held = reqwest::Client::new().get(format!("{vault}/v1/secret/data/k8s/db"));
    let held: Value =
        held.header("X-Vault-Token", &stage.scene.token).send().await.unwrap().json().await.unwrap();
    assert_eq!(held["data"]["data"]["theirs"], "1", "theirs stays");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn a_connection_that_is_cut_leaves_what_was_written_before_and_after() {
    let stage = Stage::start(|before, _| if before == 1 { Deed::Cut } else { Deed::Pass }).await;
    let told = stage.push().await;
    assert_eq!((told.paths("changed").len(), told.paths("failed")), (2, vec!["secret/k8s/b".to_owned()]));
    assert_said("a write that was cut off", &only(&told));
    stage.mended(&["secret/k8s/b"]).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn an_answer_that_is_lost_is_not_taken_for_a_refusal() {
    let stage = Stage::start(|before, _| if before == 1 { Deed::Lose } else { Deed::Pass }).await;
    let told = stage.push().await;
    assert_eq!(told.paths("failed"), ["secret/k8s/b"]);
    assert_said("a write that was cut off", &only(&told));
    stage.mended(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn a_vault_that_is_sealed_half_way_says_so_of_each_path_that_was_not_written() {
    let stage = Stage::start(|before, vault| {
        if before == 1 {
            ask(vault, "PUT", "sys/seal", Value::Null);
        }
        Deed::Pass
    })
    .await;
    let told = stage.push().await;
    assert_eq!(told.paths("changed"), ["secret/k8s/a"]);
    assert_eq!(told.paths("failed"), ["secret/k8s/b", "secret/k8s/c"]);
    assert_said("it is sealed half-way", &told.problems()[0]);
    assert_eq!(told.problems().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn a_vault_that_is_killed_half_way_is_told_from_one_that_refuses() {
    let stage = Stage::start(|before, vault| {
        if before == 1 {
            vault.process.kill();
        }
        Deed::Pass
    })
    .await;
    let told = stage.push().await;
    assert_eq!(told.paths("changed"), ["secret/k8s/a"]);
    assert_eq!(told.paths("failed"), ["secret/k8s/b", "secret/k8s/c"]);
    assert_said("a write that was cut off", &told.problems()[0]);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn a_vault_that_hangs_is_given_up_after_the_time_that_a_request_may_take() {
    let stage = Stage::start(|before, vault| {
        if before == 0 {
            vault.process.pause();
        }
        Deed::Pass
    })
    .await;
    let told = stage.scene.push().await;
    assert_said("a write without an answer", &only(&told));
    stage.vault.lock().unwrap().process.go_on();
    stage.scene.push().await.succeeded();
}
