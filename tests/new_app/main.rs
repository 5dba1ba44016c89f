//! `sealstrap new app` on copies of a repository: what is made, what is added to, what is refused.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test fails where something is missing, and tells what it saw; PATH is passed on"
)]

mod accepted;
mod kept;
mod made;
mod refused;
mod repository;
#[allow(dead_code, reason = "a rig offers more than these tests use")]
#[path = "../rig/mod.rs"]
mod rig;
