//! The laws of a run, on the sandbox: it converges, a second run writes nothing, and it can die anywhere.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sealstrap::sandbox::Sandbox;
use sealstrap::sandbox::server::Asked;
use support::{Stage, ended};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_writes_nothing() {
    let stage = Stage::start().await;
    stage.sealstrap(&["bootstrap"]).await.with_code(0);
    assert!(stage.writes_since() > 10, "the first run writes");
    stage.sealstrap(&["bootstrap"]).await.with_code(0);
    assert_eq!(stage.sandbox.ledger().writes(), Vec::<Asked>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_writes_nothing() {
    let stage = Stage::start().await;
    let plan = stage.sealstrap(&["bootstrap", "--plan"]).await.with_code(0);
    assert_eq!(stage.sandbox.ledger().writes(), Vec::<Asked>::new());
    assert!(plan.stdout.contains("create-namespaces"), "{}", plan.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_can_be_killed_at_any_write_and_the_next_one_converges() {
    let whole = Stage::start().await;
    whole.sealstrap(&["bootstrap"]).await.with_code(0);
    let writes = whole.writes_since();
    for number in 1..=writes {
        let stage = Stage::start().await;
        if !killed_at(&stage, number).await {
            // Tasks side by side now and then need a write less: the last number may not be reached.
            assert!(number + 2 > writes, "write {number} of {writes} was never made");
            continue;
        }
        stage.sandbox.ledger().on_write(|_| ());
        stage.sealstrap(&["bootstrap"]).await.with_code(0);
        stage.sandbox.ledger().clear();
        stage.sealstrap(&["bootstrap"]).await.with_code(0);
        let left = stage.sandbox.ledger().writes();
        assert_eq!(
            left,
            Vec::<Asked>::new(),
            "after a kill at write {number} and a run, nothing is left to write"
        );
        assert_no_orphans(&stage.sandbox, number);
    }
}

/// Runs a bootstrap that dies once its n-th write has been done, before it hears so; says whether it died.
async fn killed_at(stage: &Stage, number: usize) -> bool {
    let pid = Arc::new(AtomicU32::new(0));
    let victim = Arc::clone(&pid);
    stage.sandbox.ledger().on_write(move |done| {
        if done == number {
            let pid = victim.load(Ordering::SeqCst).to_string();
            let status = std::process::Command::new("kill").args(["-9", &pid]).status();
            assert!(status.is_ok_and(|status| status.success()), "the run is killed");
        }
    });
    let child = stage.command(&["bootstrap"]).spawn().expect("the binary starts");
    pid.store(child.id().unwrap_or_default(), Ordering::SeqCst);
    let end = ended(child.wait_with_output().await.expect("it ends"));
    assert!(matches!(end.code, -1 | 0), "killed at write {number}: {}", end.all());
    end.code == -1
}

fn assert_no_orphans(sandbox: &Sandbox, number: usize) {
    assert_eq!(sandbox.git_host.deploy_keys().len(), 1, "one deploy key after a kill at write {number}");
    assert_eq!(sandbox.git_host.hooks().len(), 1, "one webhook after a kill at write {number}");
    assert_eq!(
        sandbox.vault.tokens_with_meta("managed-by", "sealstrap"),
        1,
        "one token after a kill at write {number}"
    );
}
