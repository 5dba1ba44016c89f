//! The bootstrap against real servers: kube-apiserver, Vault, External Secrets and Gitea.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    clippy::format_push_string,
    reason = "a test fails loudly where something is missing, tells what it counted, and starts servers by long commands"
)]

#[path = "support/flow.rs"]
mod flow;
#[allow(dead_code, reason = "a rig offers more than these tests use")]
#[path = "rig/mod.rs"]
mod rig;

use std::process::Output;
use std::time::Duration;

use flow::TASKS;
use rand_core::OsRng;
use reqwest::Method;
use rig::Rig;
use rig::repository::{CANARY, Repository, text};
use sealstrap::bootstrap::key_pair::KeyPair;
use sealstrap::settings::KeyAlgorithm;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};

/// Another cluster's settings on the same servers, so that everything is still to be done.
fn become_another(repository: &Repository, rig: &Rig, number: usize) {
    let text = Repository::settings(rig)
        .replace("cluster: {name: rig}", &format!("cluster: {{name: rig{number}}}"))
        .replace("ca: vault-ca.crt", &format!("ca: vault-ca.crt, prefix: k{number}, tokenSecret: {{namespace: kube-system, name: vault-token-{number}, key: token}}"))
        .replace("http://127.0.0.1:9292", &format!("http://127.0.0.1:920{number}"));
    repository.set(&text);
}

/// A rig with the operators installed by the task `helmfile`, and their controller running.
async fn rig_with_operators() -> (Rig, Repository) {
    let mut rig = Rig::start().await;
    let repository = Repository::new(&rig, env!("CARGO_BIN_EXE_sealstrap"));
    Repository::succeeded(&repository.sealstrap(&["run", "create-namespaces", "helmfile"]).await);
    rig.start_external_secrets();
    (rig, repository)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn a_bootstrap_completes_and_the_second_run_writes_nothing() {
    let (rig, repository) = rig_with_operators().await;
    let first = repository.sealstrap(&["bootstrap"]).await;
    Repository::succeeded(&first);
    let before = rig.writes();
    assert!(before.iter().all(|&count| count > 0), "the audit logs count writes: {before:?}");
    let second = repository.sealstrap(&["bootstrap"]).await;
    Repository::succeeded(&second);
    let after = rig.writes();
    println!(
        "writes at the API server, Vault and the Git host: {before:?} after the first run, {after:?} after the second"
    );
    assert_eq!(after, before, "{}", text(&second));
    let secret = rig.kubernetes.get("/api/v1/namespaces/flux-system/secrets/github-deploy-key").await;
    assert!(secret["data"]["identity"].is_string(), "External Secrets made the Secret of Flux: {secret}");
    assert!(!text(&first).contains(CANARY) && !text(&second).contains(CANARY));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn every_task_of_the_reference_flow_runs_alone_twice_in_its_order() {
    let mut rig = Rig::start().await;
    let repository = Repository::new(&rig, env!("CARGO_BIN_EXE_sealstrap"));
    for task in TASKS {
        if task == "apply-external-secrets-config" {
            rig.start_external_secrets();
        }
        for time in ["first", "second"] {
            let before = rig.writes();
            let output = repository.sealstrap(&["run", &format!("k8s:bootstrap:{task}")]).await;
            Repository::succeeded(&output);
            println!("{task}, {time} time: writes {:?}", difference(before, rig.writes()));
            assert!(
                time == "first" || rig.writes() == before,
                "{task} writes a second time:\n{}",
                text(&output)
            );
        }
    }
    let before = rig.writes();
    let whole = repository.sealstrap(&["run", "k8s:bootstrap:init"]).await;
    Repository::succeeded(&whole);
    println!("init after all: writes {:?}", difference(before, rig.writes()));
    let before = rig.writes();
    Repository::succeeded(&repository.sealstrap(&["run", "k8s:bootstrap:init"]).await);
    assert_eq!(rig.writes(), before);
}

fn difference(before: [usize; 3], after: [usize; 3]) -> [usize; 3] {
    std::array::from_fn(|index| after[index] - before[index])
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn a_run_killed_anywhere_is_completed_by_the_next() {
    let (rig, repository) = rig_with_operators().await;
    let places = [
        ("taskStarted", "generate-deploy-key"),
        ("changed", "generate-deploy-key"),
        ("taskStarted", "add-github-deploy-key"),
        ("changed", "store-cf-api-token"),
        ("taskStarted", "create-vault-token-secret"),
        ("taskStarted", "apply-external-secrets-config"),
        ("taskStarted", "add-github-webhook"),
    ];
    for (round, (event, task)) in places.into_iter().enumerate() {
        become_another(&repository, &rig, round);
        let before = rig.writes();
        assert!(killed_at(&repository, event, task).await, "the run tells of `{event}` of {task}");
        println!("killed at `{event}` of {task}, after writes {:?}", difference(before, rig.writes()));
        Repository::succeeded(&repository.sealstrap(&["bootstrap"]).await);
        let before = rig.writes();
        Repository::succeeded(&repository.sealstrap(&["bootstrap"]).await);
        assert_eq!(rig.writes(), before, "the run after that writes nothing");
        assert_no_orphans(&rig, round).await;
    }
}

async fn assert_no_orphans(rig: &Rig, round: usize) {
    let keys = rig.git.request("GET", "repos/ops/gitops/keys?limit=50", None).await;
    let title = format!("sealstrap rig{round}");
    let of_round =
        |key: &&serde_json::Value| key["title"].as_str().is_some_and(|text| text.starts_with(&title));
    assert_eq!(keys.as_array().unwrap().iter().filter(of_round).count(), 1, "one deploy key: {keys}");
    let hooks = rig.git.request("GET", "repos/ops/gitops/hooks?limit=50", None).await;
    let base = format!("http://127.0.0.1:920{round}/");
    let of_round =
        |hook: &&serde_json::Value| hook["config"]["url"].as_str().is_some_and(|url| url.starts_with(&base));
    assert_eq!(hooks.as_array().unwrap().iter().filter(of_round).count(), 1, "one webhook");
    assert_eq!(our_tokens(rig, &format!("rig{round}")).await, 1, "one token of ours in Vault");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn nothing_secret_is_shown_in_the_words_of_a_real_vault() {
    let (rig, mut repository) = rig_with_operators().await;
    let narrow = json!({"policy": "path \"secret/*\" { capabilities = [\"read\"] }"});
    rig.vault.request("PUT", "sys/policies/acl/narrow", Some(narrow)).await;
    let made = rig.vault.request("POST", "auth/token/create", Some(json!({"policies": ["narrow"]}))).await;
    let narrow = made["auth"]["client_token"].as_str().unwrap().to_owned();
    let refused = json!({"data": {"api-token": "somebody-else"}, "options": {"cas": 0}});
    rig.vault.request("POST", "secret/data/k8s/cloudflare-api-token", Some(refused)).await;
    for (token, weather) in [("no-such-token-canary", "an unknown token"), (&narrow, "a narrow token")] {
        repository.environment.retain(|(name, _)| *name != "VAULT_TOKEN");
        repository.environment.push(("VAULT_TOKEN", token.to_owned()));
        for command in [
            &["bootstrap", "-vvv"][..],
            &["run", "store-cf-api-token", "-vvv"],
            &["status", "--json", "-vvv"],
        ] {
            let output = repository.sealstrap(command).await;
            assert!(!output.status.success(), "{weather}: {}", text(&output));
            println!("--- {weather}: {command:?}\n{}", text(&output));
            assert!(!text(&output).contains(CANARY) && !text(&output).contains(token), "{}", text(&output));
        }
    }
    rig.vault.request("PUT", "sys/seal", None).await;
    let output = repository.sealstrap(&["bootstrap", "-vvv"]).await;
    println!("--- a sealed Vault\n{}", text(&output));
    assert!(text(&output).contains("sealed"), "{}", text(&output));
    assert!(!text(&output).contains(CANARY) && !text(&output).contains(&narrow));
}

/// Runs a bootstrap that is killed once it tells of this event; says whether it came so far.
async fn killed_at(repository: &Repository, event: &str, task: &str) -> bool {
    let mut child = repository.command(&["bootstrap", "--json"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.contains(&format!("\"event\":\"{event}\"")) && line.contains(&format!(":{task}\"")) {
            child.kill().await.unwrap();
            return true;
        }
    }
    Repository::succeeded(&child.wait_with_output().await.unwrap());
    false
}

/// How many living tokens carry our mark.
async fn our_tokens(rig: &Rig, cluster: &str) -> usize {
    let list = rig.vault.request("LIST", "auth/token/accessors", None).await;
    let mut ours = 0;
    for accessor in list["data"]["keys"].as_array().into_iter().flatten() {
        let token = rig
            .vault
            .request("POST", "auth/token/lookup-accessor", Some(json!({"accessor": accessor})))
            .await;
        let meta = &token["data"]["meta"];
        ours += usize::from(meta["managed-by"] == "sealstrap" && meta["cluster"] == cluster);
    }
    ours
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn status_names_each_defect_and_a_bootstrap_mends_it() {
    let (rig, repository) = rig_with_operators().await;
    Repository::succeeded(&repository.sealstrap(&["bootstrap"]).await);
    settled(&repository).await;
    for defect in Defect::ALL {
        defect.make(&rig).await;
        let status = repository.sealstrap(&["status"]).await;
        println!("--- {defect:?}: status {:?}\n{}", status.status.code(), unsound(&status));
        assert_eq!(status.status.code(), Some(1), "{defect:?}:\n{}", text(&status));
        assert!(text(&status).contains(defect.named()), "{defect:?} is named:\n{}", text(&status));
        assert!(!text(&status).contains(CANARY));
        Repository::succeeded(&repository.sealstrap(&["bootstrap"]).await);
        refresh_secrets(&rig).await;
        settled(&repository).await;
    }
}

/// Waits until status is sound: External Secrets takes a moment to refresh a Secret.
async fn settled(repository: &Repository) {
    let mut last = String::new();
    for _ in 0..30 {
        let status = repository.sealstrap(&["status"]).await;
        if status.status.success() {
            return;
        }
        last = text(&status);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("status stays unsound:\n{last}");
}

fn unsound(output: &Output) -> String {
    text(output).lines().filter(|line| !line.trim_start().starts_with('✔')).collect::<Vec<_>>().join("\n")
}

const DEPLOY_KEY: &str =
    "/apis/external-secrets.io/v1/namespaces/flux-system/externalsecrets/github-deploy-key";

async fn refresh_secrets(rig: &Rig) {
    let now = jiff::Timestamp::now().to_string();
    let body = json!({"metadata": {"annotations": {"force-sync": now}}});
    for name in ["github-deploy-key", "github-webhook-token-secret"] {
        let path = DEPLOY_KEY.replace("github-deploy-key", name);
        rig.kubernetes.request(Method::PATCH, &path, Some(body.clone())).await;
    }
}

/// What can go wrong behind a bootstrap's back.
#[derive(Debug, Clone, Copy)]
enum Defect {
    DeployKeyDeleted,
    KeyInVaultReplaced,
    SecretEdited,
    WebhookUrlChanged,
    AuthoritySwapped,
    TokenAboutToExpire,
}

impl Defect {
    const ALL: [Self; 6] = [
        Self::DeployKeyDeleted,
        Self::KeyInVaultReplaced,
        Self::SecretEdited,
        Self::WebhookUrlChanged,
        Self::AuthoritySwapped,
        Self::TokenAboutToExpire,
    ];

    /// What the status must say.
    fn named(self) -> &'static str {
        match self {
            Self::DeployKeyDeleted => "does not list the key that is in Vault",
            Self::KeyInVaultReplaced => "holds another key than Vault",
            Self::SecretEdited => "kube-system/vault-token",
            Self::WebhookUrlChanged => "has no webhook to the path of this token",
            Self::AuthoritySwapped => "does not vouch for",
            Self::TokenAboutToExpire => "it ends in",
        }
    }

    async fn make(self, rig: &Rig) {
        match self {
            Self::DeployKeyDeleted => {
                let keys = rig.git.request("GET", "repos/ops/gitops/keys", None).await;
                rig.git.request("DELETE", &format!("repos/ops/gitops/keys/{}", keys[0]["id"]), None).await;
            }
            Self::KeyInVaultReplaced => {
                let read = rig.vault.request("GET", "secret/data/k8s/github-deploy", None).await;
                let mut data = read["data"]["data"].clone();
                let other = other_key();
                data["identity"] = other.0.into();
                data["identity.pub"] = other.1.into();
                rig.vault.request("POST", "secret/data/k8s/github-deploy", Some(json!({"data": data}))).await;
            }
            Self::SecretEdited => {
                let body = json!({"stringData": {"token": "edited-by-hand"}});
                rig.kubernetes
                    .request(Method::PATCH, "/api/v1/namespaces/kube-system/secrets/vault-token", Some(body))
                    .await;
            }
            Self::WebhookUrlChanged => {
                let hooks = rig.git.request("GET", "repos/ops/gitops/hooks", None).await;
                let body =
                    json!({"config": {"url": "http://127.0.0.1:9292/hook/another", "content_type": "json"}});
                rig.git
                    .request("PATCH", &format!("repos/ops/gitops/hooks/{}", hooks[0]["id"]), Some(body))
                    .await;
            }
            Self::AuthoritySwapped => {
                // The file and the Secret agree with each other, and neither vouches for the server.
                let ca = include_str!("../examples/homelab/certs/vault-ca.crt");
                let body = json!({"stringData": {"ca.crt": ca}});
                rig.kubernetes
                    .request(
                        Method::PATCH,
                        "/api/v1/namespaces/flux-system/secrets/vault-ca-cert",
                        Some(body),
                    )
                    .await;
            }
            Self::TokenAboutToExpire => {
                let wish = json!({"policies": ["external-secrets"], "ttl": "1h", "no_parent": true, "renewable": false});
                let made = rig.vault.request("POST", "auth/token/create-orphan", Some(wish)).await;
                let body = json!({"stringData": {"token": made["auth"]["client_token"]}});
                rig.kubernetes
                    .request(Method::PATCH, "/api/v1/namespaces/kube-system/secrets/vault-token", Some(body))
                    .await;
            }
        }
    }
}

/// Another key pair, made by sealstrap's own library.
fn other_key() -> (String, String) {
    let pair = KeyPair::generate(KeyAlgorithm::Ed25519, "other", &mut OsRng).unwrap();
    let public = pair.public_line();
    #[expect(clippy::disallowed_methods, reason = "sink: the test writes it to Vault as another tool would")]
    let private = pair.private().expose_text().unwrap().to_string();
    (private, public)
}
