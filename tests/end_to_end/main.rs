//! From an empty cluster to a synced one on real servers: kube-apiserver with its controllers, Vault, External Secrets,
//! flux-operator and Flux's controllers, and Gitea over SSH and webhooks; then the same in bad weather.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    clippy::format_push_string,
    reason = "a test fails loudly where something is missing, and tells what it saw"
)]

mod faults;
mod new_app;
mod proxy;
#[allow(dead_code, reason = "a rig offers more than these tests use")]
#[path = "../rig/mod.rs"]
mod rig;
mod scene;
mod sealed;
mod sync;
