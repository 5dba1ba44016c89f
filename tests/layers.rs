//! The house's arrows: which room may use which, and which crate lives behind which wall.

#![expect(clippy::unwrap_used, reason = "a test fails where something is missing")]

use std::path::{Path, PathBuf};

/// Rooms that a room must not use.
const FORBIDDEN: &[(&str, &[&str])] = &[
    (
        "plain.rs",
        &[
            "cli",
            "settings",
            "bootstrap",
            "sandbox",
            "remote",
            "report",
            "yaml",
            "source",
            "init",
            "schema",
            "seal",
            "scan",
            "hook",
        ],
    ),
    (
        "source.rs",
        &[
            "cli",
            "settings",
            "bootstrap",
            "sandbox",
            "remote",
            "report",
            "yaml",
            "init",
            "schema",
            "seal",
            "scan",
            "hook",
        ],
    ),
    (
        "report/",
        &[
            "cli",
            "settings",
            "bootstrap",
            "sandbox",
            "remote",
            "yaml",
            "source",
            "plain",
            "init",
            "schema",
            "seal",
            "scan",
            "hook",
        ],
    ),
    (
        "yaml/",
        &[
            "cli",
            "settings",
            "bootstrap",
            "sandbox",
            "remote",
            "report",
            "source",
            "init",
            "schema",
            "seal",
            "scan",
            "hook",
        ],
    ),
    ("remote/", &["cli", "settings", "bootstrap", "sandbox", "init", "schema", "seal", "scan", "hook"]),
    (
        "settings/",
        &["cli", "bootstrap", "sandbox", "remote", "report", "init", "schema", "seal", "scan", "hook"],
    ),
    ("init/", &["cli", "bootstrap", "sandbox", "remote", "report", "schema", "seal", "scan", "hook"]),
    ("bootstrap/", &["cli", "sandbox", "init", "schema", "hook"]),
    (
        "seal/",
        &[
            "cli",
            "settings",
            "bootstrap",
            "sandbox",
            "remote",
            "report",
            "source",
            "init",
            "schema",
            "file",
            "ledger",
        ],
    ),
    (
        "file.rs",
        &[
            "cli",
            "settings",
            "bootstrap",
            "sandbox",
            "remote",
            "report",
            "yaml",
            "source",
            "plain",
            "init",
            "schema",
            "seal",
            "scan",
            "hook",
        ],
    ),
    (
        "file/",
        &[
            "cli",
            "settings",
            "bootstrap",
            "sandbox",
            "remote",
            "report",
            "yaml",
            "source",
            "plain",
            "init",
            "schema",
            "seal",
            "scan",
            "hook",
            "ledger",
        ],
    ),
    (
        "ledger.rs",
        &[
            "cli",
            "settings",
            "bootstrap",
            "sandbox",
            "remote",
            "report",
            "yaml",
            "source",
            "init",
            "schema",
            "seal",
            "scan",
            "hook",
        ],
    ),
    (
        "scan/",
        &[
            "cli",
            "settings",
            "bootstrap",
            "sandbox",
            "remote",
            "report",
            "source",
            "init",
            "schema",
            "seal",
            "file",
            "hook",
            "ledger",
        ],
    ),
    (
        "hook/",
        &[
            "cli",
            "settings",
            "bootstrap",
            "sandbox",
            "remote",
            "report",
            "yaml",
            "source",
            "plain",
            "init",
            "schema",
            "seal",
            "ledger",
        ],
    ),
    ("sandbox/", &["cli", "bootstrap", "init", "schema", "report"]),
];

/// Crates and the only places that may name them.
const WALLS: &[(&str, &[&str])] = &[
    ("clap", &["cli/", "main.rs"]),
    ("kube", &["remote/cluster"]),
    ("vaultrs", &["remote/vault"]),
    ("rustify", &["remote/vault"]),
    ("octocrab", &["remote/git_host"]),
    ("oci_client", &["remote/web"]),
    ("reqwest", &["remote/"]),
    ("serde_saphyr", &["yaml/"]),
    ("minijinja", &["bootstrap/render.rs"]),
    ("ssh_key", &["bootstrap/key_pair", "bootstrap/known_hosts", "sandbox/git_host"]),
    ("rsa", &["seal/private_keys.rs", "bootstrap/key_pair", "sandbox/sealing_key.rs"]),
    ("aes_gcm", &["seal/envelope"]),
    ("x509_cert", &["seal/certificate.rs", "sandbox/sealing_key.rs"]),
    ("age", &["seal/backup"]),
    ("rustix", &["file", "scan/git.rs"]),
    ("aho_corasick", &["scan/"]),
    ("regex", &["scan/"]),
    ("ignore", &["cli/files.rs", "scan/worktree.rs"]),
    ("indicatif", &["report/"]),
    ("anstream", &["report/"]),
    ("hyper", &["sandbox/server.rs"]),
];

fn sources() -> Vec<(String, String)> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut folders = vec![top.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path: PathBuf = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let name = path.strip_prefix(&top).unwrap().display().to_string();
                if is_test(&name) {
                    continue;
                }
                files.push((name, without_tests(&std::fs::read_to_string(path).unwrap())));
            }
        }
    }
    assert!(files.len() > 40, "the house has been found");
    files
}

/// Whether a file holds unit tests only.
fn is_test(file: &str) -> bool {
    file.split(['/', '.']).any(|part| matches!(part, "tests" | "testing" | "contract"))
}

/// The code before the unit tests: those may use what they like.
fn without_tests(text: &str) -> String {
    text.split("#[cfg(test)]").next().unwrap_or_default().to_owned()
}

fn code_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//"))
}

#[test]
fn arrows_of_use_go_one_way() {
    let mut breaches = Vec::new();
    for (file, text) in sources() {
        for (room, forbidden) in FORBIDDEN.iter().filter(|(room, _)| file.starts_with(room)) {
            for other in *forbidden {
                if code_lines(&text).any(|line| names(line, other)) {
                    breaches.push(format!("{file}: `{room}` uses `{other}`"));
                }
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn a_step_never_uses_another_step() {
    let steps: Vec<_> = sources().into_iter().filter(|(file, _)| is_step(file)).collect();
    let mut breaches = Vec::new();
    for (file, text) in &steps {
        for (other, _) in &steps {
            let name = other.rsplit('/').next().unwrap_or(other).trim_end_matches(".rs");
            if file != other
                && code_lines(text).any(|line| {
                    line.contains(&format!("super::{name}")) || line.contains(&format!("step::{name}"))
                })
            {
                breaches.push(format!("{file} uses {other}"));
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

fn is_step(file: &str) -> bool {
    file.starts_with("bootstrap/step/") && !file.ends_with("mod.rs")
}

/// Whether a line names `crate::room`, alone or within braces after `crate::`.
fn names(line: &str, room: &str) -> bool {
    line.contains(&format!("crate::{room}::"))
        || line.contains(&format!("crate::{room};"))
        || line.contains("crate::{")
            && line
                .split(['{', ',', '}', ' '])
                .any(|word| word == room || word.starts_with(&format!("{room}::")))
}

#[test]
fn each_crate_lives_behind_its_wall() {
    let mut breaches = Vec::new();
    for (file, text) in sources() {
        for (krate, homes) in WALLS {
            let at_home = homes.iter().any(|home| file.starts_with(home));
            let used = code_lines(&text).any(|line| {
                line.contains(&format!("use {krate}::"))
                    || line.contains(&format!(" {krate}::"))
                    || line.contains(&format!("({krate}::"))
            });
            if used && !at_home {
                breaches.push(format!("{file} names `{krate}`, which belongs to {}", homes.join(", ")));
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn no_private_key_lies_outside_the_tests() {
    let output = std::process::Command::new("git")
        .args(["ls-files"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let header = ["-----BEGIN ", "PRIVATE KEY-----"];
    for file in String::from_utf8(output.stdout).unwrap().lines().filter(|file| !file.starts_with("tests/")) {
        let text = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap_or_default();
        let text = without_tests(&String::from_utf8_lossy(&text));
        let found = text
            .lines()
            .any(|line| line.trim().starts_with(header[0]) && line.contains(header[1]) && line.len() < 50);
        assert!(!found, "{file} holds a private key");
    }
}
