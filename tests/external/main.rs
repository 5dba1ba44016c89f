//! `sealstrap external` and `sealstrap vault`: the real binary, with Vault in the sandbox.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "a test fails loudly where something is missing, and tells what it saw"
)]

mod accepted;
mod comments;
mod failures;
mod fix;
mod generate;
mod login_check;
mod migrate;
mod on_the_rig;
mod online;
mod online_on_the_rig;
mod push;
#[allow(dead_code, reason = "a rig offers more than these tests use")]
#[path = "../rig/mod.rs"]
mod rig;
mod sops;
#[path = "../support/mod.rs"]
mod support;
mod templates_on_the_rig;
mod to_sealed;
mod trees;
mod verdicts;

use std::path::PathBuf;

use support::Stage;

/// A Secret with a text, a value that is no text, and one that looks like a number.
const DB: &str = "# of the shop\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: shop\ndata:\n  key.bin: AAH/\nstringData:\n  password: tr0ub4dor-Kx9v\n  port: \"1234\"\n--- # behind it\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: db} # stays\n";

/// Writes a file into the folder that the binary runs in.
fn put(stage: &Stage, name: &str, text: &str) -> PathBuf {
    let file = stage.folder().join(name);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, text).unwrap();
    file
}

fn read(stage: &Stage, name: &str) -> String {
    std::fs::read_to_string(stage.folder().join(name)).unwrap()
}
