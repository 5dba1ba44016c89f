//! Runs that are stopped, and runs that meet.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::json;

use super::support::{Ended, Stage, ended};
use super::{Says, assert_repaired, assert_untouched, ours, stage};

/// Runs a bootstrap that gets a signal while its n-th write is under way.
async fn signalled(stage: &Stage, signal: &'static str, number: usize) -> Ended {
    let pid = Arc::new(AtomicU32::new(0));
    let target = Arc::clone(&pid);
    stage.sandbox.ledger().on_write(move |done| {
        if done == number {
            let pid = target.load(Ordering::SeqCst).to_string();
            let status = std::process::Command::new("kill").args([signal, &pid]).status();
            assert!(status.is_ok_and(|status| status.success()), "the run gets the signal");
        }
    });
    let child = stage.command(&["bootstrap"]).spawn().expect("the binary starts");
    pid.store(child.id().unwrap_or_default(), Ordering::SeqCst);
    ended(child.wait_with_output().await.expect("it ends"))
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_finishes_the_write_under_way_and_says_what_is_done_and_how_to_go_on() {
    for (signal, why) in [("-INT", "stopped by Ctrl-C"), ("-TERM", "stopped by SIGTERM")] {
        let stage = stage().await;
        let stopped = signalled(&stage, signal, 14).await;
        stopped.says(&[
            "stopping once the write under way is done; again to stop at once",
            why,
            "done",
            "hint: run the same command again, or go on with `--from ",
        ]);
        let lock = stage
            .sandbox
            .kubernetes
            .objects("Lease")
            .into_iter()
            .find(|lease| lease["metadata"]["name"] == "sealstrap");
        assert!(lock.expect("the lock")["spec"]["holderIdentity"].is_null(), "the lock is given back");
        let (_, from) = stopped.stderr.rsplit_once("--from ").expect("a task");
        let from = from.split('`').next().expect("a name").to_owned();
        stage.sandbox.ledger().on_write(|_| ());
        stage.sealstrap(&["bootstrap", "--from", &from]).await.with_code(0);
        assert_repaired(&stage).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deadline_of_a_run_ends_it_with_a_sentence() {
    let stage = stage().await;
    super::replace(&stage, "{request: 1s, wait: 1s}", "{request: 30s, wait: 30s}");
    let stall = super::always(
        sealstrap::sandbox::server::Remote::Vault,
        "/",
        sealstrap::sandbox::server::Harm::Stall,
    );
    stage.sandbox.ledger().harm(stall);
    let ended = stage.sealstrap(&["bootstrap", "--timeout", "1s"]).await;
    ended.says(&["stopped after 1s", "hint: nothing was written; run the same command again"]);
    assert_untouched(&stage);
    assert_repaired(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_at_once_do_the_work_once() {
    let stage = Stage::start().await;
    let (one, other) = tokio::join!(stage.sealstrap(&["bootstrap"]), stage.sealstrap(&["bootstrap"]));
    one.with_code(0);
    other.with_code(0);
    assert_eq!(ours(&stage), (1, 1, 1), "one deploy key, one webhook, one token");
    assert_repaired(&stage).await;
}

/// A lock that somebody took just now.
fn lock(stage: &Stage, holder: &str, seconds: u32) {
    let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
    let lease = json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": {"name": "sealstrap", "namespace": "kube-system"},
        "spec": {"holderIdentity": holder, "leaseDurationSeconds": seconds, "acquireTime": now, "renewTime": now},
    });
    assert!(stage.sandbox.kubernetes.upsert(lease), "the Lease is taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_holds_the_lock_elsewhere_is_named() {
    let stage = stage().await;
    lock(&stage, "laptop/4711/cafe", 3600);
    let ended = stage.sealstrap(&["bootstrap"]).await;
    ended.says(&[
        "waiting for the lock `kube-system/sealstrap`: held by laptop/4711/cafe",
        "another run is at work on this cluster: laptop/4711/cafe",
        "hint: wait for it to end",
        "Lease `kube-system/sealstrap`",
    ]);
    assert_untouched(&stage);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lock_of_a_run_that_died_on_this_machine_is_taken_over() {
    let stage = stage().await;
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("a name");
    lock(&stage, &format!("{}/4194305/cafe", host.trim()), 3600);
    assert_repaired(&stage).await;
}
