//! Bad input and bad weather: each fault gets a sentence that names the thing and the way on, a fitting exit
//! code, and leaves nothing half done that the next run does not repair.

mod cluster;
mod disk;
mod git;
mod input;
mod reach;
mod refusal;
mod stop;
#[path = "../support/mod.rs"]
mod support;
mod vault;

use http::Method;
use sealstrap::sandbox::server::{Asked, Fault, Harm, Remote};
use support::{Ended, Stage};

/// What could not be done ends with this.
const COULD_NOT: i32 = 2;

/// A stage whose requests and waits end after a second.
async fn stage() -> Stage {
    let stage = Stage::start().await;
    edit(&stage, |text| text + "timeouts: {request: 1s, wait: 1s}\n");
    stage
}

/// Changes the settings.
fn edit(stage: &Stage, change: impl FnOnce(String) -> String) {
    let file = stage.sandbox.folder().join("sealstrap.yaml");
    let text = std::fs::read_to_string(&file).expect("the settings");
    let changed = change(text.clone());
    assert_ne!(changed, text, "the settings are changed");
    std::fs::write(&file, changed).expect("the settings are written");
}

/// Puts one text of the settings in place of another.
fn replace(stage: &Stage, from: &str, to: &str) {
    edit(stage, |text| text.replacen(from, to, 1));
}

/// A fault of all requests to a remote whose path holds `path`.
fn always(remote: Remote, path: &str, harm: Harm) -> Fault {
    Fault { remote, method: None, path: path.into(), times: usize::MAX, harm }
}

/// A write at each remote, to be harmed, and what it is for.
fn writes() -> [(Fault, &'static str); 3] {
    [
        (Remote::Kubernetes, Method::PATCH, "/namespaces/network", "cannot apply Namespace `network`"),
        (
            Remote::Vault,
            Method::POST,
            "/data/k8s/github-deploy",
            "cannot write `secret/k8s/github-deploy` in Vault",
        ),
        (
            Remote::GitHost,
            Method::POST,
            "/keys",
            "cannot register the deploy key `sealstrap home` at `example/homelab`",
        ),
    ]
    .map(|(remote, method, path, action)| {
        (Fault { method: Some(method), ..always(remote, path, Harm::Close) }, action)
    })
}

/// Runs with further variables in the environment.
async fn with(stage: &Stage, arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
    let mut command = stage.command(arguments);
    command.envs(variables.iter().copied());
    support::ended(command.output().await.expect("the binary runs"))
}

/// Runs without a variable.
async fn without(stage: &Stage, arguments: &[&str], variable: &str) -> Ended {
    let mut command = stage.command(arguments);
    command.env_remove(variable);
    support::ended(command.output().await.expect("the binary runs"))
}

trait Says {
    /// Fails where it did not end with "could not", or one of these texts is not among what it told people.
    fn says(&self, texts: &[&str]);
}

impl Says for Ended {
    #[track_caller]
    fn says(&self, texts: &[&str]) {
        assert_eq!(self.code, COULD_NOT, "{}", self.all());
        for text in texts {
            assert!(self.stderr.contains(text), "{text:?} is not said:\n{}", self.stderr);
        }
        assert!(self.stderr.contains("error: "), "{}", self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
    }
}

/// Fails where anything was written.
#[track_caller]
fn assert_untouched(stage: &Stage) {
    assert_eq!(stage.sandbox.ledger().writes(), Vec::<Asked>::new());
}

/// Takes all faults away; then a run converges, and another one writes nothing.
async fn assert_repaired(stage: &Stage) {
    stage.sandbox.ledger().heal();
    stage.sandbox.ledger().on_write(|_| ());
    stage.sealstrap(&["bootstrap"]).await.with_code(0);
    stage.writes_since();
    stage.sealstrap(&["bootstrap"]).await.with_code(0);
    assert_untouched(stage);
    assert_eq!(ours(stage), (1, 1, 1), "one deploy key, one webhook, one token");
}

/// How many deploy keys, webhooks and tokens of ours there are.
fn ours(stage: &Stage) -> (usize, usize, usize) {
    let sandbox = &stage.sandbox;
    let keys = sandbox.git_host.deploy_keys().iter().filter(|key| key.title == "sealstrap home").count();
    let hooks = sandbox.git_host.hooks().iter().filter(|hook| hook.url.contains("flux-webhook")).count();
    (keys, hooks, sandbox.vault.tokens_with_meta("managed-by", "sealstrap"))
}
