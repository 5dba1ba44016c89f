//! The verbs on sealed files, by the binary itself: verify, unseal, and backups of keys.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "a test fails where something is missing; the rig passes PATH on and shows logs of what failed; a story is long"
)]

mod keys;
mod online;
#[allow(dead_code, reason = "a rig offers more than these tests use")]
#[path = "../rig/mod.rs"]
mod rig;
mod scene;
#[path = "../support/mod.rs"]
mod support;
mod unseal;
mod verify;
mod with_the_controller;
