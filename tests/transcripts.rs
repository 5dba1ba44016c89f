//! Transcripts: what is typed and what is answered, as committed in `tests/cmd/`. `TRYCMD=overwrite cargo test
//! --test transcripts` writes the answers anew; `[..]` stands for what differs from run to run, `...` for lines.

#![allow(clippy::unwrap_used, reason = "a test fails where something is missing")]

use std::path::Path;

/// Variables that would change an answer. Empty ones count as absent.
const ABSENT: [&str; 13] = [
    "SEALSTRAP_CONFIG",
    "SEALSTRAP_CONTEXT",
    "SEALSTRAP_RUNBOOK",
    "KUBECONFIG",
    "KUBERNETES_SERVICE_HOST",
    "KUBERNETES_SERVICE_PORT",
    "VAULT_ADDR",
    "VAULT_NAMESPACE",
    "VAULT_CACERT",
    "VAULT_TOKEN",
    "GITHUB_TOKEN",
    "GITHUB_API_URL",
    "CF_API_TOKEN",
];

#[test]
fn commands_answer_as_their_transcripts_say() {
    let cases = trycmd::TestCases::new();
    cases.register_bin("sealstrap", Path::new(env!("CARGO_BIN_EXE_sealstrap")));
    for name in ABSENT {
        cases.env(name, "");
    }
    // Help is wrapped to the terminal; there are neither colours nor a home.
    cases.env("COLUMNS", "100").env("NO_COLOR", "1").env("HOME", "/nonexistent");
    // What is sealed is noted somewhere.
    let state = tempfile::tempdir().unwrap();
    cases.env("XDG_STATE_HOME", state.path().display().to_string());
    cases.case("tests/cmd/*.md").run();
}
