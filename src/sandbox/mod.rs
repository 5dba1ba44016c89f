//! Stand-ins for the remotes, in this process: enough of the Kubernetes API, of Vault and of GitHub to rehearse
//! a bootstrap with nothing installed. The contract tests hold them to what the real ones answer.

mod account;
pub mod git_host;
pub mod kubernetes;
pub mod reactors;
mod sealing_key;
pub mod server;
mod stage;
pub mod vault;

pub use stage::{Example, Sandbox};
