//! The Kubernetes files of leaktk/fake-leaks: the folder of a file is the expectation.

use std::path::Path;
use std::process::Command;

use crate::repository::{Ended, SEALSTRAP, ended};

/// Files, and the lines of the leaks in them.
const LINES: &[(&str, &[u64])] = &[
    ("oc-login", &[1]),
    ("base64-encoded-yaml-with-username-password-inside-secret.yaml", &[11, 12]),
    ("secret-after-comment.yaml", &[8]),
    ("secret-after-multiline-literal.yaml", &[8]),
    ("secret-after-quotes-double.yml", &[4, 5]),
    ("secret-before.yaml", &[3]),
    ("secret-before-multiline-folded.yaml", &[4]),
    ("secret-stringdata-after-comment.yaml", &[10]),
    ("secret-stringdata-after-multiline-folded.yml", &[9]),
    ("secret-stringdata-after-multiline-literal.yaml", &[13]),
    ("secret-stringdata-after-quotes-double.yml", &[25]),
    ("secret-stringdata-before-quotes-single.yaml", &[3, 4]),
];

fn scan(folder: &str, name: &str) -> Ended {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/fake-leaks").join(folder).join(name);
    ended(Command::new(SEALSTRAP).args(["scan", "--json"]).arg(file))
}

fn names(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/fake-leaks").join(folder);
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn every_valid_file_is_a_leak_and_no_invalid_one() {
    let mut wrong = Vec::new();
    for (folder, code, many) in [("valid", 1, 32), ("invalid", 0, 16)] {
        let names = names(folder);
        assert_eq!(names.len(), many, "{folder}");
        wrong.extend(names.into_iter().filter(|name| scan(folder, name).code != code));
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn a_leak_is_told_in_its_own_line() {
    for (name, lines) in LINES {
        let told: Vec<u64> =
            scan("valid", name).events("leak").iter().map(|leak| leak["line"].as_u64().unwrap()).collect();
        assert_eq!(told, *lines, "{name}");
    }
}
