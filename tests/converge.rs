//! The laws of a run, on the sandbox: it converges, a second run writes nothing, and it can die anywhere.

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sealstrap::sandbox::Sandbox;
use sealstrap::sandbox::server::Asked;
use serde_json::Value;
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
async fn without_vault_a_second_run_writes_nothing_either() {
    let stage = Stage::sealed().await;
    stage.sealstrap(&["bootstrap"]).await.with_code(0);
    assert!(stage.writes_since() > 10, "the first run writes");
    let before = sealed_files(&stage);
    assert_eq!(before.len(), 4, "the certificate and three sealed files: {:?}", before.keys());
    stage.sealstrap(&["bootstrap"]).await.with_code(0);
    assert_eq!(stage.sandbox.ledger().writes(), Vec::<Asked>::new());
    assert_eq!(sealed_files(&stage), before, "not one byte of a file changes");
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
    killed_at_any_write(async || Stage::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_can_one_without_vault() {
    killed_at_any_write(async || Stage::sealed().await).await;
}

/// Kills a bootstrap at each of its writes, each time on a new stage.
async fn killed_at_any_write(start: impl AsyncFn() -> Stage) {
    let whole = start().await;
    whole.sealstrap(&["bootstrap"]).await.with_code(0);
    let writes = whole.writes_since();
    for number in 1..=writes {
        let stage = start().await;
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
        stage.sealstrap(&["status"]).await.with_code(0);
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
    let tokens = sandbox.vault.tokens_with_meta("managed-by", "sealstrap");
    let wanted = usize::from(!sandbox.vault.paths().is_empty());
    assert_eq!(tokens, wanted, "one token in a Vault that is used, after a kill at write {number}");
}

/// The files that a bootstrap without Vault keeps in the repository.
fn sealed_files(stage: &Stage) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for folder in ["keys", "k8s"] {
        gather(&stage.sandbox.folder().join(folder), &mut files);
    }
    let top = stage.sandbox.folder();
    files
        .into_iter()
        .map(|(file, bytes)| (file.strip_prefix(top).expect("below").to_owned(), bytes))
        .collect()
}

fn gather(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            gather(&entry.path(), files);
        } else {
            files.insert(entry.path(), std::fs::read(entry.path()).expect("a file"));
        }
    }
}

/// Puts the files of one repository into another one.
fn copy_files(from: &Stage, to: &Stage) {
    for (file, bytes) in sealed_files(from) {
        let place = to.sandbox.folder().join(file);
        std::fs::create_dir_all(place.parent().expect("a folder")).expect("made");
        std::fs::write(place, bytes).expect("written");
    }
}

fn secret(stage: &Stage, name: &str) -> Value {
    let secrets = stage.sandbox.kubernetes.objects("Secret");
    secrets.into_iter().find(|secret| secret["metadata"]["name"] == name).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_controller_takes_over_what_was_sealed_with_the_same_values() {
    let stage = Stage::sealed().await;
    let tasks = ["create-namespaces", "install-sealed-secrets", "pin-sealing-certificate"];
    stage.sealstrap(&[&["run"][..], &tasks, &["create-deploy-key-secret"]].concat()).await.with_code(0);
    let before = secret(&stage, "github-deploy-key");
    assert!(before["metadata"]["ownerReferences"].is_null());
    stage.sealstrap(&["bootstrap"]).await.with_code(0);
    let after = secret(&stage, "github-deploy-key");
    assert_eq!(after["data"], before["data"]);
    assert_eq!(after["metadata"]["ownerReferences"][0]["kind"], "SealedSecret");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_is_set_up_again_gets_its_old_values() {
    let old = Stage::sealed().await;
    old.sealstrap(&["bootstrap"]).await.with_code(0);
    let new = Stage::sealed().await;
    copy_files(&old, &new);
    let mut key = secret(&old, "sealed-secrets-keysandbox");
    key["metadata"] = serde_json::json!({
        "name": "restored", "namespace": "kube-system", "labels": key["metadata"]["labels"],
    });
    assert!(new.sandbox.kubernetes.upsert(key));
    new.sealstrap(&["bootstrap"]).await.with_code(0);
    for name in ["github-webhook-token-secret", "cloudflare-api-token"] {
        assert_eq!(secret(&new, name)["data"], secret(&old, name)["data"], "{name}");
    }
    let (mut before, after) = (secret(&old, "github-deploy-key"), secret(&new, "github-deploy-key"));
    assert_eq!(after["data"]["identity"], before["data"]["identity"]);
    // Each sandbox has a Git host with keys of its own: those are new, and sealed too.
    let sealed = "k8s/flux/cluster/sealed/flux-system/github-deploy-key.yaml";
    let (mut files, mut written) = (sealed_files(&old), sealed_files(&new));
    let (was, is) = (files.remove(Path::new(sealed)), written.remove(Path::new(sealed)));
    assert_eq!(written, files);
    let lines = |bytes: Option<Vec<u8>>| String::from_utf8(bytes.expect("a file")).expect("text");
    let (was, is) = (lines(was), lines(is));
    let differing: Vec<_> = was.lines().zip(is.lines()).filter(|(was, is)| was != is).collect();
    assert!(differing.len() == 1 && differing[0].1.contains("known_hosts: "), "{differing:?}");
    before["data"]["known_hosts"] = after["data"]["known_hosts"].clone();
    assert_eq!(after["data"], before["data"]);
    new.sandbox.ledger().clear();
    new.sealstrap(&["bootstrap"]).await.with_code(0);
    assert_eq!(new.sandbox.ledger().writes(), Vec::<Asked>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_another_cluster_is_refused_before_anything_is_sealed() {
    let (other, stage) = (Stage::sealed().await, Stage::sealed().await);
    other.sealstrap(&["bootstrap"]).await.with_code(0);
    copy_files(&other, &stage);
    let ended = stage.sealstrap(&["bootstrap"]).await.with_code(2);
    let said = ended.all();
    assert!(said.contains("belongs to none of the keys of the controller"), "{said}");
    assert_eq!(said.matches("SHA-256 ").count(), 2, "both are named: {said}");
    assert_eq!(sealed_files(&stage), sealed_files(&other));
    assert_eq!(secret(&stage, "github-deploy-key"), Value::Null, "nothing was made beside what is sealed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_told_and_the_pinned_one_stays() {
    let stage = Stage::sealed().await;
    stage.sealstrap(&["bootstrap"]).await.with_code(0);
    let other = Stage::sealed().await;
    other
        .sealstrap(&["run", "create-namespaces", "install-sealed-secrets", "pin-sealing-certificate"])
        .await
        .with_code(0);
    let mut newer = secret(&other, "sealed-secrets-keysandbox");
    newer["metadata"] = serde_json::json!({
        "name": "zz-newer", "namespace": "kube-system", "labels": newer["metadata"]["labels"],
    });
    assert!(stage.sandbox.kubernetes.upsert(newer));
    let before = sealed_files(&stage);
    let ended = stage.sealstrap(&["bootstrap"]).await.with_code(0);
    assert!(ended.all().contains("the controller serves a newer certificate"), "{}", ended.all());
    assert_eq!(sealed_files(&stage), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_hand_over_a_new_value_belongs_into_the_sealed_file() {
    let stage = Stage::sealed().await;
    stage.sealstrap(&["bootstrap"]).await.with_code(0);
    stage.writes_since();
    let command = stage.command(&["run", "create-secrets"]).env("CF_API_TOKEN", "another").output();
    let ended = ended(command.await.expect("it runs")).with_code(2);
    assert!(ended.all().contains("its sealed file leads"), "{}", ended.all());
    assert_eq!(stage.sandbox.ledger().writes(), Vec::<Asked>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_no_key_opens_is_sealed_anew_and_nothing_else_is() {
    let stage = Stage::sealed().await;
    stage.sealstrap(&["bootstrap"]).await.with_code(0);
    let file = stage.sandbox.folder().join("k8s/flux/cluster/sealed/flux-system/github-deploy-key.yaml");
    let text = std::fs::read_to_string(&file).expect("the file");
    let line = text.lines().find(|line| line.trim_start().starts_with("identity:")).expect("an item");
    let broken = format!("# ours\n{}", text.replace(line, &line[..line.len() - 8]));
    std::fs::write(&file, &broken).expect("written");
    let status = stage.sealstrap(&["status"]).await.with_code(1);
    assert!(status.all().contains("no key of the controller opens it"), "{}", status.all());
    stage.sealstrap(&["bootstrap"]).await.with_code(0);
    let mended = std::fs::read_to_string(&file).expect("the file");
    let differing = mended.lines().zip(broken.lines()).filter(|(new, old)| new != old).count();
    assert_eq!((differing, mended.lines().count()), (1, broken.lines().count()), "{mended}");
    stage.sealstrap(&["status"]).await.with_code(0);
}
