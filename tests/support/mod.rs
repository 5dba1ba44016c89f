//! A stage for tests: a sandbox in this process, and the real binary run against it.

#![allow(
    dead_code,
    clippy::needless_pass_by_value,
    clippy::disallowed_methods,
    reason = "each test file uses a part of it; a test ends with what it is given; PATH is passed on"
)]

use std::path::{Path, PathBuf};
use std::process::Stdio;

use sealstrap::sandbox::{Example, Sandbox};
use tempfile::TempDir;

/// A sandbox, and a folder that the binary runs in.
pub(crate) struct Stage {
    /// The sandbox.
    pub(crate) sandbox: Sandbox,
    folder: TempDir,
    /// Whether the environment names a Vault.
    has_vault: bool,
}

/// How a run of the binary ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Its exit status; -1 where a signal ended it.
    pub(crate) code: i32,
    /// What it wrote to standard output.
    pub(crate) stdout: String,
    /// What it wrote to standard error.
    pub(crate) stderr: String,
}

impl Ended {
    /// Both streams.
    pub(crate) fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// Fails with everything that was written where the status is another.
    #[track_caller]
    pub(crate) fn with_code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

impl Stage {
    /// Starts a sandbox for the example's repository.
    pub(crate) async fn start() -> Self {
        let sandbox = Sandbox::start("example/homelab").await.expect("a sandbox");
        Self { sandbox, folder: tempfile::tempdir().expect("a temporary folder"), has_vault: true }
    }

    /// The same with the settings of the example without Vault, in the sandbox's folder, which is the repository.
    pub(crate) async fn sealed() -> Self {
        let stage = Self { has_vault: false, ..Self::start().await };
        let settings = Example::SEALED
            .replace("[sealed-secrets/controller.yaml]", "[sealing/controller.yaml]")
            .replace("[operators]", "[operators/flux.yaml]");
        std::fs::write(stage.sandbox.folder().join("sealstrap.yaml"), settings).expect("written");
        stage
    }

    /// The folder that the binary runs in.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The binary with these arguments, in an environment that holds nothing but the sandbox's.
    pub(crate) fn command(&self, arguments: &[&str]) -> tokio::process::Command {
        let mut command = tokio::process::Command::new(binary());
        command
            .args(arguments)
            .env_clear()
            .envs(
                self.sandbox
                    .environment()
                    .into_iter()
                    .filter(|(name, _)| self.has_vault || !name.starts_with("VAULT_")),
            )
            .env("HOME", self.folder.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Runs the binary to its end.
    pub(crate) async fn sealstrap(&self, arguments: &[&str]) -> Ended {
        ended(self.command(arguments).output().await.expect("the binary runs"))
    }

    /// How many requests wrote since the last call of this.
    pub(crate) fn writes_since(&self) -> usize {
        let ledger = self.sandbox.ledger();
        let writes = ledger.writes().len();
        ledger.clear();
        writes
    }
}

/// The binary under test.
pub(crate) fn binary() -> PathBuf {
    env!("CARGO_BIN_EXE_sealstrap").into()
}

/// What a finished process left.
pub(crate) fn ended(output: std::process::Output) -> Ended {
    Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
