//! Brings the whole rig up, prints the environment to use it, and keeps it until Ctrl-C.
//!
//! `tests/rig/build && cargo run --example rig`

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a tool for developers: it prints what to export, and ends loudly where a server does not start"
)]

#[allow(dead_code, reason = "a rig offers more than this uses")]
#[path = "../tests/rig/mod.rs"]
mod rig;

use rig::Rig;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut rig = Rig::start().await;
    rig.install_external_secrets().await;
    rig.start_external_secrets();
    rig.start_scheduling().await;
    rig.start_sealed_secrets().await;
    rig.start_flux_operator().await;
    let receiver = rig.start_flux().await.receiver.clone();
    let registry = rig.start_registry().await.address.clone();
    let mut environment = rig.environment();
    environment.extend([
        ("VAULT_CACERT", rig.vault.ca.display().to_string()),
        ("GITEA_URL", rig.git.address.clone()),
        ("GITEA_REPOSITORY", rig.git.repository.clone()),
        ("GITEA_SSH", rig.git.ssh.clone()),
        ("KNOWN_HOSTS", rig.git.known_hosts.display().to_string()),
        ("RECEIVER", receiver),
        ("REGISTRY", registry),
    ]);
    for (name, value) in environment {
        println!("export {name}={value}");
    }
    let bin = rig::bin("helm");
    println!("export PATH={}:$PATH", bin.parent().unwrap_or(&bin).display());
    eprintln!("The rig is up, with its logs in {}. Ctrl-C stops it.", rig.dir().display());
    tokio::signal::ctrl_c().await
}
