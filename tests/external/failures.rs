//! What `external push` says when a real Vault refuses. The sentences stand in the manual, in the table under "When Vault
//! refuses"; each test provokes some of its rows.

mod between;
mod half_way;
mod manual;
mod nodes;
mod scene;

use serde_json::{Value, json};

use self::manual::assert_said;
use self::scene::{Problem, Scene, Told, secret};
use crate::rig::{self, Vault};

/// A Vault alone, as operators run it.
struct Stage {
    vault: Vault,
    dir: tempfile::TempDir,
}

impl Stage {
    async fn start() -> Self {
        rig::install_tls();
        let dir = tempfile::tempdir().unwrap();
        Self { vault: Vault::start(dir.path().join("vault")).await, dir }
    }

    fn scene(&self) -> Scene {
        Scene::of(&self.vault)
    }

    async fn ask(&self, method: &str, path: &str, body: Value) -> Value {
        let told = self.vault.request(method, path, Some(body)).await;
        assert!(told["errors"].is_null(), "{method} {path}: {told}");
        told
    }

    /// A token with this policy and `default`.
    async fn token(&self, policy: &str) -> String {
        self.ask("POST", "sys/policies/acl/narrow", json!({"policy": policy})).await;
        let wish = json!({"policies": ["narrow"], "ttl": "1h"});
        let made = self.ask("POST", "auth/token/create-orphan", wish).await;
        made["auth"]["client_token"].as_str().unwrap().to_owned()
    }

    /// What a push of one Secret fails by, with a token of this policy.
    async fn denied(&self, policy: &str) -> Problem {
        only(&self.scene().with_token(&self.token(policy).await).push().await)
    }

    async fn held(&self, path: &str) -> Value {
        self.vault.request("GET", path, None).await["data"]["data"].clone()
    }
}

/// The one problem that it failed by.
#[track_caller]
fn only(told: &Told) -> Problem {
    assert_eq!(told.code, 2, "{}{}", told.stdout, told.stderr);
    let problems = told.problems();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    problems.into_iter().next().unwrap()
}

const TO_SEALED: &[&str] = &["external", "migrate", "k8s.yaml", "--to", "sealed", "--cert", "home.pem"];

/// Puts down what `db.yaml` becomes, and the certificate that it can be sealed with.
async fn generated(scene: &Scene) {
    scene.put("home.pem", include_str!("../sealing/certificates/home.pem"));
    scene.run(&["external", "generate", "db.yaml", "--out", "k8s.yaml", "--force"]).await.succeeded();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn a_vault_that_cannot_be_reached_or_trusted_or_is_sealed_says_which() {
    let mut stage = Stage::start().await;
    let address = stage.vault.address.clone();
    let told = stage.scene().reach(&address, None).push().await;
    assert_said("an authority that nobody named", &only(&told));
    for word in ["skip", "insecure", "verify"] {
        assert!(!told.stderr.to_lowercase().contains(word), "{}", told.stderr);
    }
    let scene = stage.scene();
    scene.put("empty.pem", "");
    let told = scene.reach(&address, Some("empty.pem".as_ref())).push().await;
    assert_said("a file that holds no authority", &only(&told));
    let plain = address.replace("https", "http");
    assert_said("`http` where TLS is spoken", &only(&stage.scene().reach(&plain, None).push().await));
    let scene = stage.scene();
    generated(&scene).await;
    stage.vault.seal().await;
    for words in [
        &["external", "push", "db.yaml"][..],
        &["external", "migrate", "db.yaml"],
        TO_SEALED,
        &["vault", "policy", "k8s.yaml", "--check", "narrow"],
    ] {
        assert_said("it is sealed", &only(&scene.run(words).await));
    }
    assert_eq!(scene.read("db.yaml"), secret("db", scene::CANARY));
    stage.vault.process.kill();
    assert_said("it does not run", &only(&scene.push().await));
    stage.vault.start_again().await;
    stage.vault.unseal().await;
    scene.push().await.succeeded();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn a_token_that_may_not_is_told_what_it_lacks_and_where() {
    let stage = Stage::start().await;
    assert_said(
        "no such token, or it has expired",
        &only(&stage.scene().with_token("hvs.unknown").push().await),
    );
    let brief = json!({"policies": ["root"], "explicit_max_ttl": "1s"});
    let brief = stage.ask("POST", "auth/token/create", brief).await;
    let brief = brief["auth"]["client_token"].as_str().unwrap();
    let expired = stage.scene().with_token(brief);
    let plan = async || expired.run(&["external", "push", "db.yaml", "--plan"]).await;
    let mut told = plan().await;
    while told.code == 0 {
        told = plan().await;
    }
    // It may have ended in the middle of that one.
    let told = plan().await;
    assert_said("no such token, or it has expired", &only(&told));

    let none = stage.denied("path \"sys/policies/acl/x\" { capabilities = [\"read\"] }").await;
    assert_said("no right below the mount", &none);
    let write_only = "path \"secret/data/k8s/*\" { capabilities = [\"create\", \"update\"] }";
    assert_said("no right to read", &stage.denied(write_only).await);
    let read_only = "path \"secret/data/k8s/*\" { capabilities = [\"read\"] }";
    assert_said("no right to write", &stage.denied(read_only).await);
    stage.ask("POST", "secret/data/k8s/db", json!({"data": {"theirs": "1"}})).await;
    let no_update = "path \"secret/data/k8s/*\" { capabilities = [\"create\", \"read\"] }";
    assert_said("no right to write over", &stage.denied(no_update).await);
    let of_v1 = "path \"secret/k8s/*\" { capabilities = [\"create\", \"read\", \"update\"] }";
    assert_said("a policy without `data/`", &stage.denied(of_v1).await);
    let narrow = "path \"secret/data/k8s/*\" { capabilities = [\"create\", \"read\", \"update\"] denied_parameters = {\"options\" = []} }";
    assert_said("a policy that restricts what is written", &stage.denied(narrow).await);
    // The mark is a courtesy: without the right to it the values are written all the same.
    let enough = "path \"secret/data/k8s/db\" { capabilities = [\"create\", \"read\", \"update\"] }";
    let told = stage.scene().with_token(&stage.token(enough).await).push().await;
    let warnings = told.succeeded().warnings();
    assert_said("no right to mark", &warnings[0]);

    let scene = stage.scene();
    generated(&scene).await;
    let scene = scene.with_token(&stage.token(write_only).await);
    assert_said("no right to read", &only(&scene.run(TO_SEALED).await));
    let told = scene.run(&["vault", "policy", "k8s.yaml", "--check", "narrow"]).await;
    assert_said("no right to read a policy", &only(&told));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn a_mount_that_is_not_there_or_something_else_is_told_with_those_that_are() {
    let stage = Stage::start().await;
    stage.ask("POST", "sys/mounts/old", json!({"type": "kv", "options": {"version": "1"}})).await;
    let scene = stage.scene();
    let push = async |mount: &str| scene.run(&["external", "push", "in", "--mount", mount]).await;
    assert_said("no engine at the mount", &only(&push("ops").await));
    assert_said("another engine at the mount", &only(&push("cubbyhole").await));
    assert_said("a mount with a part of the path", &only(&push("secret/k8s").await));
    assert_eq!(stage.vault.request("LIST", "secret/metadata", None).await["data"], Value::Null);

    // Version 1 is told from version 2 before anything is written: no call goes to the API of the other.
    let told = push("old").await;
    let warnings = told.succeeded().warnings();
    assert_said("KV version 1", &warnings[0]);
    assert_said("KV version 1 under `vault.kv: v2`", &warnings[1]);
    let held = stage.vault.request("GET", "old/k8s/a", None).await;
    assert_eq!(held["data"]["password"], scene::CANARY);
    assert_eq!(push("old").await.succeeded().paths("held").len(), 3);
    scene.put("in/a.yaml", &secret("a", "another"));
    assert_said("other values of somebody", &only(&push("old").await));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn a_rate_limit_is_waited_for_and_told_where_it_stays() {
    let stage = Stage::start().await;
    stage.ask("POST", "sys/quotas/config", json!({"enable_rate_limit_audit_logging": true})).await;
    let scene = stage.scene();
    let quota = async |rate: f32, interval: &str| {
        let quota = json!({"path": "secret", "rate": rate, "interval": interval});
        stage.ask("POST", "sys/quotas/rate-limit/narrow", quota).await;
    };
    quota(4.0, "1s").await;
    let told = scene.run(&["external", "push", "in"]).await;
    assert_eq!(told.succeeded().paths("changed").len(), 3, "{}", told.stdout);
    assert!(stage.refusals_by_quota() > 0, "the limit was reached");
    quota(1.0, "1h").await;
    let told = scene.run(&["external", "push", "db.yaml"]).await;
    assert_said("a rate limit that stays reached", &only(&told));
}

impl Stage {
    /// Requests that a quota has refused, from the audit device.
    fn refusals_by_quota(&self) -> usize {
        let log = std::fs::read_to_string(self.dir.path().join("vault/audit.log")).unwrap();
        log.lines().filter(|line| line.contains("quota exceeded")).count()
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn what_is_somebody_elses_stays_and_what_was_deleted_is_written_anew() {
    let stage = Stage::start().await;
    let scene = stage.scene();
    stage.ask("POST", "secret/data/k8s/db", json!({"data": {"password": "theirs"}})).await;
    assert_said("other values of somebody", &only(&scene.push().await));
    let foreign = json!({"custom_metadata": {"managed-by": "external-secrets"}});
    stage.ask("POST", "secret/metadata/k8s/db", foreign).await;
    assert_said("somebody else's mark", &only(&scene.push().await));
    assert_said("somebody else's mark", &only(&scene.run(&["external", "push", "db.yaml", "--adopt"]).await));
    let other = json!({"custom_metadata": {"managed-by": "sealstrap", "cluster": "work"}});
    stage.ask("POST", "secret/metadata/k8s/db", other).await;
    assert_said("another cluster's mark", &only(&scene.push().await));
    assert_eq!(stage.held("secret/data/k8s/db").await, json!({"password": "theirs"}));

    for (path, body) in [
        ("secret/delete/k8s/a", json!({"versions": [1]})),
        ("secret/destroy/k8s/a", json!({"versions": [2]})),
    ] {
        scene.run(&["external", "push", "in/a.yaml"]).await.succeeded();
        scene.run(&["external", "generate", "in/a.yaml", "--out", "k8s.yaml", "--force"]).await.succeeded();
        scene.put("home.pem", include_str!("../sealing/certificates/home.pem"));
        stage.ask("POST", path, body).await;
        assert_said("the newest version is deleted", &only(&scene.run(TO_SEALED).await));
    }
    // Deleted by us or marked so: a new version follows, and those before it stay.
    let told = scene.run(&["external", "push", "in/a.yaml"]).await;
    assert_eq!(told.succeeded().paths("changed"), ["secret/k8s/a"]);
    assert_eq!(stage.held("secret/data/k8s/a").await["password"], scene::CANARY);
    stage.ask("DELETE", "secret/metadata/k8s/a", Value::Null).await;
    assert_said("nothing at the path", &only(&scene.run(TO_SEALED).await));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn what_is_too_large_is_told_before_the_first_write() {
    let stage = Stage::start().await;
    let scene = stage.scene();
    scene.put("in/d.yaml", &secret("d", &scene::CANARY.repeat(20_000)));
    let before = stage.vault.writes();
    assert_said("more than 512 KiB at one path", &only(&scene.run(&["external", "push", "in"]).await));
    assert_eq!(stage.vault.writes(), before);
}
