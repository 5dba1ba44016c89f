//! A folder with settings and Secrets, and the real binary in it, against one real Vault.

use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::rig::Vault;
use crate::support;

/// What must turn up nowhere but in Vault.
pub(super) const CANARY: &str = "canary-0b7d-of-the-failures";

/// The folder, and how Vault is reached.
pub(super) struct Scene {
    folder: TempDir,
    settings: String,
    /// The token.
    pub(super) token: String,
}

/// How a run ended.
pub(super) struct Told {
    pub(super) code: i32,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// A problem as one sentence, and what helps.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    pub(super) said: String,
    pub(super) helps: String,
}

impl Scene {
    /// For this Vault, with three Secrets in `in/` and one in `db.yaml`.
    pub(super) fn of(vault: &Vault) -> Self {
        let scene = Self::at(&vault.address, &vault.ca, &vault.token);
        for name in ["a", "b", "c"] {
            scene.put(&format!("in/{name}.yaml"), &secret(name, CANARY));
        }
        scene.put("db.yaml", &secret("db", CANARY));
        scene
    }

    fn at(address: &str, ca: &Path, token: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let scene = Self { folder, settings: String::new(), token: token.to_owned() };
        scene.reach(address, Some(ca).filter(|ca| !ca.as_os_str().is_empty()))
    }

    /// The same by another address, whose certificate is of another authority.
    pub(super) fn reach(mut self, address: &str, ca: Option<&Path>) -> Self {
        let ca = ca.map_or(String::new(), |ca| format!(", ca: \"{}\"", ca.display()));
        self.settings = format!(
            "cluster: {{name: rig}}\ngit: {{repository: example/homelab}}\n\
             vault: {{address: \"{address}\"{ca}}}\ntimeouts: {{request: 3s}}\n"
        );
        self.put("sealstrap.yaml", &self.settings);
        self
    }

    /// The same with another token.
    pub(super) fn with_token(mut self, token: &str) -> Self {
        token.clone_into(&mut self.token);
        self
    }

    pub(super) fn put(&self, name: &str, text: &str) {
        let file = self.folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    pub(super) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    /// Runs the binary to its end; no value may be among what it tells.
    pub(super) async fn run(&self, words: &[&str]) -> Told {
        let mut command = tokio::process::Command::new(support::binary());
        command.args(words).arg("--json").current_dir(self.folder.path()).env_clear();
        command.env("VAULT_TOKEN", &self.token).env("HOME", self.folder.path());
        command.stdin(Stdio::null()).kill_on_drop(true);
        let ended = support::ended(command.output().await.unwrap());
        assert!(!ended.all().contains(CANARY) && !ended.all().contains(&self.token), "{}", ended.all());
        assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
        Told { code: ended.code, stdout: ended.stdout, stderr: ended.stderr }
    }

    /// Pushes one Secret.
    pub(super) async fn push(&self) -> Told {
        self.run(&["external", "push", "db.yaml"]).await
    }
}

/// A Secret with one value.
pub(super) fn secret(name: &str, value: &str) -> String {
    let metadata = json!({"name": name, "namespace": "shop"});
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"password": value}})
        .to_string()
}

impl Told {
    fn events(&self, kind: &str) -> Vec<Value> {
        let events = self.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        events.filter(|event| event["event"] == kind).collect()
    }

    /// Fails with everything that was written where it was not done.
    #[track_caller]
    pub(super) fn succeeded(&self) -> &Self {
        assert_eq!(self.code, 0, "{}{}", self.stdout, self.stderr);
        self
    }

    /// What it failed by, problem by problem.
    pub(super) fn problems(&self) -> Vec<Problem> {
        self.events("failed").iter().flat_map(|event| leaves(&event["problem"])).collect()
    }

    pub(super) fn warnings(&self) -> Vec<Problem> {
        let text = |event: &Value| event["message"].as_str().unwrap_or_default().to_owned();
        let events = self.events("warning");
        events.iter().map(|event| Problem { said: text(event), helps: String::new() }).collect()
    }

    /// The paths of which that came.
    pub(super) fn paths(&self, outcome: &str) -> Vec<String> {
        let events = self.events("pushed").into_iter().filter(|event| event["outcome"] == outcome);
        events.map(|event| event["path"].as_str().unwrap().to_owned()).collect()
    }
}

fn leaves(problem: &Value) -> Vec<Problem> {
    let parts = problem["parts"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !parts.is_empty() {
        return parts.iter().flat_map(leaves).collect();
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let causes = problem["causes"].as_array().into_iter().flatten().map(text);
    let said: Vec<String> = std::iter::once(text(&problem["error"])).chain(causes).collect();
    vec![Problem { said: said.join(": "), helps: text(&problem["hint"]) }]
}
