//! An OCI registry that keeps everything in memory.

use std::path::Path;

use super::port::free_port;
use super::process::Process;

/// A real OCI registry, over plain HTTP.
pub(crate) struct Registry {
    /// `host:port`.
    pub(crate) address: String,
    /// The server.
    pub(crate) process: Process,
}

impl Registry {
    /// Starts it and waits until it answers.
    pub(crate) async fn start(dir: &Path) -> Self {
        let port = free_port();
        let mut command = Process::command("registry");
        command.args(["-port", &port.to_string()]);
        let mut process = Process::start("registry", command, dir);
        // It listens on `localhost`, which may be ::1 alone.
        let address = format!("localhost:{port}");
        process.wait_for(&format!("http://{address}/v2/")).await;
        Self { address, process }
    }
}
