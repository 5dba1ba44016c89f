//! The house's arrows: which room may use which, and which crate lives behind which wall.

#![expect(clippy::unwrap_used, reason = "a test fails where something is missing")]

use std::path::{Path, PathBuf};

/// The rooms, and which others each may use.
const ROOMS: &[(&str, &[&str])] = &[
    ("plain", &[]),
    ("file", &[]),
    ("report", &[]),
    ("yaml", &[]),
    ("source", &["plain"]),
    ("ledger", &["file", "plain"]),
    ("remote", &["plain"]),
    ("settings", &["source", "yaml"]),
    ("seal", &["plain", "yaml"]),
    ("external", &["plain", "seal", "yaml"]),
    ("scan", &["plain", "yaml"]),
    ("mend", &["plain", "scan", "seal", "yaml"]),
    ("hook", &["file", "scan"]),
    ("init", &["settings", "yaml"]),
    ("new", &["file", "init", "settings", "yaml"]),
    ("sandbox", &["external", "plain", "remote", "seal", "settings", "source", "yaml"]),
    ("bootstrap", &["external", "file", "plain", "remote", "report", "seal", "settings", "source", "yaml"]),
    ("schema", &["bootstrap", "report", "settings"]),
];

/// Rooms that may use all others, and that nobody else uses.
const TOP: [&str; 4] = ["cli", "error", "lib", "main"];

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
    ("regex", &["external/check/re2.rs", "scan/"]),
    ("ignore", &["cli/files.rs", "scan/area.rs", "scan/worktree.rs"]),
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
    let all = || ROOMS.iter().map(|(room, _)| *room).chain(TOP);
    let mut breaches = Vec::new();
    for (file, text) in sources() {
        let room = file.split(['/', '.']).next().unwrap();
        if TOP.contains(&room) {
            continue;
        }
        let Some((_, may)) = ROOMS.iter().find(|(known, _)| *known == room) else {
            breaches.push(format!("{file}: `{room}` is no room of the list"));
            continue;
        };
        let used = all().filter(|other| code_lines(&text).any(|line| names(line, other)));
        let breach = used.filter(|other| *other != room && !may.contains(other));
        breaches.extend(breach.map(|other| format!("{file}: `{room}` uses `{other}`")));
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn a_room_uses_only_rooms_before_it_in_the_list() {
    for (index, (room, may)) in ROOMS.iter().enumerate() {
        for other in *may {
            assert!(ROOMS[..index].iter().any(|(before, _)| before == other), "`{room}` and `{other}`");
        }
    }
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
