//! A server process: started with its output in a log file, ended by its id, shown when a test fails.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running server.
pub(crate) struct Process {
    name: &'static str,
    command: Command,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// The command of one of the rig's binaries, without the environment of whoever runs the tests.
    pub(crate) fn command(binary: &str) -> Command {
        let mut command = Command::new(super::bin(binary));
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }

    /// Starts it with its output in `folder/NAME.log`.
    pub(crate) fn start(name: &'static str, mut command: Command, folder: &Path) -> Self {
        std::fs::create_dir_all(folder).expect("a folder");
        let log = folder.join(format!("{name}.log"));
        let out = File::create(&log).expect("a log file");
        let err = out.try_clone().expect("a second handle");
        command.env("HOME", folder).stdin(Stdio::null()).stdout(out).stderr(err);
        let child = spawn(name, &mut command);
        Self { name, command, child, log }
    }

    /// Kills it, as a power cut would.
    pub(crate) fn kill(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }

    /// Starts it again as it was: the same flags, ports and folders.
    pub(crate) fn start_again(&mut self) {
        self.kill();
        self.child = spawn(self.name, &mut self.command);
    }

    /// Stops it in its tracks: its connections stay open, and nobody answers.
    pub(crate) fn pause(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on after a pause.
    pub(crate) fn go_on(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(status.expect("kill runs").success(), "cannot send {signal} to {}", self.name);
    }

    /// Waits until `ready` says so, or the process or the patience ends.
    pub(crate) async fn wait_until(&mut self, ready: impl AsyncFn() -> bool) {
        for _ in 0..600 {
            if ready().await {
                return;
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("{} ended with {status}:\n{}", self.name, self.log_tail());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{} is not ready after a minute:\n{}", self.name, self.log_tail());
    }

    /// Waits until an address answers with success.
    pub(crate) async fn wait_for(&mut self, url: &str) {
        let http = super::http();
        self.wait_until(async || match http.get(url).send().await {
            Ok(reply) => reply.status().is_success(),
            Err(_) => false,
        })
        .await;
    }

    /// The last lines of its log.
    pub(crate) fn log_tail(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- {}\n{}", self.name, self.log_tail());
        }
        self.kill();
    }
}

fn spawn(name: &str, command: &mut Command) -> Child {
    command.spawn().unwrap_or_else(|error| panic!("{name}: {error}"))
}
