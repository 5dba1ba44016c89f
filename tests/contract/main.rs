//! The contract: sentences about Kubernetes, Vault and Git hosts that sealstrap counts on. Each is asked of the
//! sandbox, and of the real servers of the rig; what the two answer is compared, and any difference fails.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    clippy::format_push_string,
    reason = "a test fails loudly where something is missing, prints its table, reads what it wrote itself, and starts servers by long commands"
)]

mod cluster;
mod git_host;
mod github_api;
mod json;
#[allow(dead_code, reason = "a rig offers more than these tests use")]
#[path = "../rig/mod.rs"]
mod rig;
mod statement;
mod vault;

use statement::{Table, hold};

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_is_a_kubernetes() {
    hold(&cluster::statements(), cluster::Side::sandbox().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_is_a_vault() {
    hold(&vault::statements(), vault::Side::sandbox().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_is_a_git_host() {
    hold(&git_host::statements(), git_host::Side::sandbox().await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn the_sandbox_and_the_real_servers_answer_alike() {
    let rig = rig::Rig::start().await;
    let mut table = Table::default();
    let (sandbox, real) = (cluster::Side::sandbox().await, cluster::Side::rig(&rig).await);
    table.compare("Kubernetes", &cluster::statements(), sandbox, real).await;
    let (sandbox, real) = (git_host::Side::sandbox().await, git_host::Side::rig(&rig).await);
    table.compare("Git host (sandbox: GitHub, rig: Gitea)", &git_host::statements(), sandbox, real).await;
    let (sandbox, real) = (vault::Side::sandbox().await, vault::Side::rig(&rig).await);
    table.compare("Vault", &vault::statements(), sandbox, real).await;
    println!("{table}");
    let differences = table.differences();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
