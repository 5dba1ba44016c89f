//! What a large cluster, a full Vault and a busy repository cost: requests, time and memory of a bootstrap and of
//! a status, beside those of empty ones.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    clippy::format_push_string,
    reason = "a test fails loudly where something is missing, and prints what it measured"
)]

#[allow(dead_code, reason = "a rig offers more than these tests use")]
#[path = "rig/mod.rs"]
mod rig;

use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt};
use rand_core::OsRng;
use reqwest::{Client, Method};
use rig::Rig;
use rig::repository::Repository;
use sealstrap::bootstrap::key_pair::KeyPair;
use sealstrap::settings::KeyAlgorithm;
use serde_json::{Value, json};

const NAMESPACES: usize = 5_000;
const SECRETS: usize = 20_000;
const PATHS: usize = 10_000;
/// Of each: deploy keys and webhooks. One more, that of the bootstrap, begins no further page.
const ENTRIES: usize = 270;
/// How many entries a page of the Git host's lists has.
const PAGE: usize = 50;
/// How many requests fill a server at once.
const AT_ONCE: usize = 16;

/// What is run, in this order.
const COMMANDS: [(&str, &[&str]); 3] =
    [("bootstrap", &["bootstrap"]), ("bootstrap again", &["bootstrap"]), ("status", &["status"])];

/// What one run cost.
struct Cost {
    /// At the API server, at Vault, at the Git host.
    requests: [usize; 3],
    time: Duration,
    /// The largest resident set, in kB.
    memory: u64,
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn a_large_cluster_costs_no_more_than_the_pages_of_its_git_host() {
    let empty = costs(&async |_| ()).await;
    let full = costs(&async |rig| fill(rig).await).await;
    println!("| | requests, empty | requests, full | time, empty | full | memory, empty | full |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for ((name, _), (empty, full)) in COMMANDS.iter().zip(empty.iter().zip(&full)) {
        println!(
            "| {name} | {:?} | {:?} | {:.2} s | {:.2} s | {} MB | {} MB |",
            empty.requests,
            full.requests,
            empty.time.as_secs_f64(),
            full.time.as_secs_f64(),
            empty.memory / 1000,
            full.memory / 1000,
        );
    }
    for (empty, full) in empty.iter().zip(&full) {
        assert_eq!(full.requests[..2], empty.requests[..2], "the cluster and Vault are asked the same");
        let lists = full.requests[2] - empty.requests[2];
        assert_eq!(lists % (ENTRIES / PAGE), 0, "the Git host is asked for the pages only");
    }
}

/// What each command costs on a rig that was prepared so.
async fn costs(prepare: &impl AsyncFn(&Rig)) -> Vec<Cost> {
    let mut rig = Rig::start().await;
    let repository = Repository::new(&rig, env!("CARGO_BIN_EXE_sealstrap"));
    Repository::succeeded(&repository.sealstrap(&["run", "create-namespaces", "helmfile"]).await);
    prepare(&rig).await;
    rig.start_external_secrets();
    let mut costs = Vec::new();
    for (_, arguments) in COMMANDS {
        costs.push(cost(&rig, &repository, arguments).await);
    }
    costs
}

async fn cost(rig: &Rig, repository: &Repository, arguments: &[&str]) -> Cost {
    let (before, started) = (rig.requests(), Instant::now());
    let child = repository.command(arguments).spawn().unwrap();
    let peak = tokio::spawn(peak_memory(child.id().unwrap()));
    let output = child.wait_with_output().await.unwrap();
    let time = started.elapsed();
    Repository::succeeded(&output);
    let after = rig.requests();
    let requests = std::array::from_fn(|index| after[index] - before[index]);
    Cost { requests, time, memory: peak.await.unwrap() }
}

/// The largest resident set of a process, looked at until it ends; in kB.
async fn peak_memory(process: u32) -> u64 {
    let mut peak = 0;
    while let Ok(status) = std::fs::read_to_string(format!("/proc/{process}/status")) {
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let Some(line) = line else { break };
        peak = line.trim().trim_end_matches(" kB").parse().unwrap_or(peak);
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    peak
}

async fn fill(rig: &Rig) {
    let client = Client::builder().http1_only().tls_danger_accept_invalid_certs(true).build().unwrap();
    let namespaces = (0..NAMESPACES).map(|number| {
        let body =
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": format!("load-{number}")}});
        ("/api/v1/namespaces".to_owned(), body)
    });
    let secrets = (0..SECRETS).map(|number| {
        let body = json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": format!("load-{number}")},
            "stringData": {"password": "of-the-load"},
        });
        (format!("/api/v1/namespaces/load-{}/secrets", number % NAMESPACES), body)
    });
    let token = ("authorization", "Bearer admintoken".to_owned());
    post(&client, &rig.kubernetes.address, &token, namespaces).await;
    post(&client, &rig.kubernetes.address, &token, secrets).await;
    let paths = (0..PATHS)
        .map(|number| (format!("/v1/secret/data/k8s/load-{number}"), json!({"data": {"key": "value"}})));
    post(&client, &rig.vault.address, &("x-vault-token", rig.vault.token.clone()), paths).await;
    let token = ("authorization", format!("token {}", rig.git.token));
    let repository = format!("/api/v1/repos/{}", rig.git.repository);
    let keys = (0..ENTRIES).map(|number| {
        let pair = KeyPair::generate(KeyAlgorithm::Ed25519, &format!("load {number}"), &mut OsRng).unwrap();
        let body = json!({"title": format!("load {number}"), "key": pair.public_line(), "read_only": true});
        (format!("{repository}/keys"), body)
    });
    post(&client, &rig.git.address, &token, keys).await;
    let hooks = (0..ENTRIES).map(|number| {
        let config = json!({"url": format!("http://127.0.0.1:9/{number}"), "content_type": "json"});
        (format!("{repository}/hooks"), json!({"type": "gitea", "config": config, "events": ["push"]}))
    });
    post(&client, &rig.git.address, &token, hooks).await;
}

/// Makes all of them, and fails where one is refused.
async fn post(
    client: &Client,
    address: &str,
    (header, token): &(&str, String),
    bodies: impl Iterator<Item = (String, Value)>,
) {
    let send = async |(path, body): (String, Value)| {
        let request = client.request(Method::POST, format!("{address}{path}")).header(*header, token);
        let answer = request.json(&body).send().await.unwrap();
        let status = answer.status();
        assert!(status.is_success(), "{path}: {status}: {}", answer.text().await.unwrap());
    };
    stream::iter(bodies).map(send).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
}
