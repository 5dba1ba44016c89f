//! `scan --fix` of files of SOPS, with the real sops: what somebody wrote in clear into one is encrypted in it.

use std::process::{Command, Stdio};

use rand_core::OsRng;
use serde_json::{Value, json};
use ssh_key::{Algorithm, LineEnding, PrivateKey};

use crate::repository::{Ended, Repository, SEALSTRAP, ended};
use crate::rig;

const SECRET: &str = "# the database\napiVersion: v1\nkind: Secret\nmetadata:\n    name: db # its name\n    namespace: shop\nstringData:\n    # of the app\n    password: {1}\n    port: \"1234\"\n";

/// What somebody wrote in clear.
fn value_of(number: usize) -> String {
    format!("{}{number}", "tr0ub4dor-Kx9v")
}

/// A repository, and a key for SOPS.
struct Scene {
    repository: Repository,
    public: String,
}

impl Scene {
    fn new() -> Self {
        let repository = Repository::new();
        let key = PrivateKey::random(&mut OsRng, Algorithm::Ed25519).unwrap();
        std::fs::write(repository.home().join("key"), key.to_openssh(LineEnding::LF).unwrap()).unwrap();
        Self { public: key.public_key().to_openssh().unwrap(), repository }
    }

    fn sops(&self, words: &[&str]) -> Ended {
        let mut sops = Command::new(rig::bin("sops"));
        sops.env("SOPS_AGE_SSH_PRIVATE_KEY_FILE", self.repository.home().join("key"));
        ended(sops.args(words).stdin(Stdio::null()))
    }

    /// Commits a file as SOPS has encrypted it, with an edit by hand.
    fn put(&self, name: &str, text: &str, rules: &[&str], edit: impl Fn(&str) -> String) -> String {
        self.repository.write(name, text.replace("{1}", &value_of(1)));
        let file = self.repository.at(name);
        let words = [&["--encrypt", "--in-place", "--age", &self.public], rules].concat();
        self.sops(&[&words[..], &[file.to_str().unwrap()]].concat()).with_code(0);
        let encrypted = self.repository.read(name);
        assert!(!encrypted.contains("tr0ub4dor"), "{encrypted}");
        let edited = edit(&encrypted);
        assert_ne!(edited, encrypted);
        self.repository.commit(name, &edited);
        edited
    }

    fn fix(&self, words: &[&str], has_sops: bool, has_key: bool) -> Ended {
        let mut command = self.repository.command(SEALSTRAP, "");
        command.args(["scan", "--fix"]).args(words);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut folders: Vec<_> = std::env::split_paths(&path).collect();
        folders.retain(|folder| !folder.join("sops").exists());
        folders.extend(has_sops.then(|| rig::bin("sops").parent().unwrap().to_owned()));
        command.env("PATH", std::env::join_paths(folders).unwrap());
        if has_key {
            command.env("SOPS_AGE_SSH_PRIVATE_KEY_FILE", self.repository.home().join("key"));
        }
        let told = ended(&mut command);
        let said = format!("{}{}", told.stdout, told.stderr);
        assert!(!said.contains("tr0ub4dor"), "{said}");
        told
    }

    /// What the real sops reads in a file whose code over all values holds.
    fn opened(&self, name: &str) -> (String, Value) {
        let file = self.repository.at(name);
        let text = self.sops(&["--decrypt", file.to_str().unwrap()]).with_code(0).stdout;
        let value = sealstrap::yaml::documents(name.as_ref(), &text).unwrap().remove(0);
        (text, value)
    }
}

/// A text with other lines in the place of the one that begins so.
fn line(text: &str, head: &str, other: &str) -> String {
    let is_it = |line: &&str| line.trim_start().starts_with(head);
    let old = text.lines().find(is_it).unwrap();
    let indent = &old[..old.len() - old.trim_start().len()];
    let other = format!("{indent}{}\n", other.replace('\n', &format!("\n{indent}")));
    text.replace(&format!("{old}\n"), &other)
}

#[test]
#[ignore = "needs the rig: tests/rig/build"]
fn a_value_in_clear_is_encrypted_with_the_keys_and_by_the_rules_of_its_file() {
    let scene = Scene::new();
    let rules = ["--encrypted-regex", "^(data|stringData)$"];
    let written = format!(
        "password: {}\nwords:\n    - {}\n    - \"\"\n    - {}",
        value_of(2),
        value_of(3),
        value_of(4)
    );
    let before = scene.put("db.yaml", SECRET, &rules, |text| line(text, "password:", &written));
    let told = scene.fix(&["--plan"], true, true).stdout;
    assert!(told.contains("--- a/db.yaml"), "{told}");
    assert_eq!(scene.repository.read("db.yaml"), before, "a plan writes nothing");
    scene.fix(&["--yes"], true, true).with_code(0);
    let after = scene.repository.read("db.yaml");
    assert!(
        !after.contains("tr0ub4dor") && after.contains("encrypted_regex: ^(data|stringData)$"),
        "{after}"
    );
    let (text, opened) = scene.opened("db.yaml");
    let expected = json!({
        "password": value_of(2), "words": [value_of(3), "", value_of(4)], "port": "1234",
    });
    assert_eq!(opened["stringData"], expected, "{text}");
    assert!(text.contains("# the database\n") && text.contains("# of the app\n"), "{text}");
    let kept = |text: &str| {
        text.lines().filter(|line| !line.contains("ENC[")).map(str::to_owned).collect::<Vec<_>>()
    };
    let (old, new) = (kept(&before), kept(&after));
    let changed: Vec<_> =
        new.iter().filter(|line| !old.contains(line) && !line.contains("lastmodified")).collect();
    assert!(changed.is_empty(), "{changed:?}");
    assert_eq!(scene.repository.sealstrap(&["scan"]).code, 0);
}

#[test]
#[ignore = "needs the rig: tests/rig/build"]
fn numbers_words_and_texts_of_a_file_in_json_are_too() {
    let scene = Scene::new();
    let text = "{\"name\": \"{1}\", \"plain_unencrypted\": \"a\", \"of\": {\"pin\": 1, \"on\": false, \"more\": 1.5}}\n";
    let edit = |text: &str| {
        let mut value: Value = serde_json::from_str(text).unwrap();
        value["name"] = format!("\"{}\" \u{1f511}\n[", value_of(2)).into();
        value["of"] = json!({"pin": 482_913, "on": true, "more": 2.5});
        format!("{value:#}\n")
    };
    scene.put("a.json", text, &[], edit);
    scene.fix(&["--yes"], true, true).with_code(0);
    let after = scene.repository.read("a.json");
    assert!(!after.contains("tr0ub4dor") && !after.contains("482913"), "{after}");
    let (_, opened) = scene.opened("a.json");
    let name = format!("\"{}\" \u{1f511}\n[", value_of(2));
    assert_eq!(
        opened,
        json!({"name": name, "plain_unencrypted": "a", "of": {"pin": 482_913, "on": true, "more": 2.5}})
    );
}

#[test]
#[ignore = "needs the rig: tests/rig/build"]
fn without_sops_or_its_key_a_file_stays_and_the_reason_is_told() {
    let scene = Scene::new();
    let rules = ["--encrypted-regex", "^(data|stringData)$"];
    let by_hand = |text: &str| line(text, "password:", &format!("password: {}", value_of(2)));
    let before = scene.put("db.yaml", SECRET, &rules, by_hand);
    let told = |has_sops: bool, has_key: bool, reason: &str| {
        let before = scene.repository.read("db.yaml");
        let told = scene.fix(&["--yes", "--json"], has_sops, has_key).with_code(1);
        let hint = told.events("leak")[0]["hint"].as_str().unwrap().to_owned();
        assert!(hint.contains(&format!("since its file belongs to SOPS, and {reason}")), "{hint}");
        assert_eq!(scene.repository.read("db.yaml"), before);
    };
    told(false, true, "`sops` cannot be run");
    told(true, false, "`sops` does not open it: it has none of the keys that open it");
    let name = before.lines().find(|line| line.contains("port:")).unwrap().replace("data:", "data:AA");
    scene.repository.commit("db.yaml", &line(&before, "port:", name.trim()));
    told(true, true, "`sops` does not open it: a value does not decrypt");
}

#[test]
#[ignore = "needs the rig: tests/rig/build"]
fn what_is_staged_of_it_is_staged_again() {
    let scene = Scene::new();
    let rules = ["--encrypted-suffix", "_secret"];
    scene.put("a.yaml", "a_secret: {1}\nb: c\n", &rules, |text| line(text, "b:", "b: d"));
    let text = line(&scene.repository.read("a.yaml"), "b:", &format!("b: d\nmore_secret: {}", value_of(2)));
    scene.repository.stage("a.yaml", text);
    scene.fix(&["--staged", "--yes"], true, true).with_code(0);
    assert_eq!(scene.repository.git(&["status", "--porcelain"]), "M  a.yaml\n");
    let expected = json!({"a_secret": value_of(1), "b": "d", "more_secret": value_of(2)});
    assert_eq!(scene.opened("a.yaml").1, expected);
}
