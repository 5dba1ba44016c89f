//! `sealstrap scan` and `sealstrap hook`: the real binary in real repositories of Git.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails where something is missing; PATH is passed on"
)]

mod fake_leaks;
mod fix;
mod fix_in_a_cluster;
mod gitleaks_configs;
mod hook;
mod install;
mod known;
mod places;
mod pre_commit;
mod push;
mod repository;
mod scene;
mod sops;
mod staged;

#[allow(
    dead_code,
    clippy::panic,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "a rig offers more than this test uses, and shows logs of what failed"
)]
#[path = "../rig/mod.rs"]
mod rig;
