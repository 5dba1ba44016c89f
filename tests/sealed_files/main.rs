//! The verbs on sealed files, by the binary itself: verify, unseal, and backups of keys.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails where something is missing; PATH is passed on"
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
