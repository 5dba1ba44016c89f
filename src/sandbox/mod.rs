//! Stand-ins for the remotes, in this process: enough of the Kubernetes API, of Vault and of GitHub to rehearse
//! a bootstrap with nothing installed. The contract tests hold them to what the real ones answer.

pub mod git_host;
pub mod kubernetes;
pub mod server;
pub mod vault;

use std::sync::Arc;

use server::Ledger;

/// How a sandbox starts.
#[derive(Debug, Clone, Default)]
pub struct Options {}

/// The stand-ins, serving on loopback.
pub struct Sandbox {}

#[expect(unused_variables, clippy::todo, clippy::unused_async, clippy::unused_self, reason = "skeleton")]
impl Sandbox {
    /// Starts all three on free ports.
    pub async fn start(options: Options) -> std::io::Result<Self> {
        todo!()
    }

    /// A `sealstrap.yaml` that names them.
    #[must_use]
    pub fn settings_text(&self) -> String {
        todo!()
    }

    /// The environment to use them with.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        todo!()
    }

    /// What exists in them now: kinds and names, never values.
    #[must_use]
    pub fn inventory(&self) -> Vec<String> {
        todo!()
    }

    /// What was asked of them.
    #[must_use]
    pub fn ledger(&self) -> Arc<Ledger> {
        todo!()
    }
}
