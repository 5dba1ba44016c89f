//! The remotes: the cluster, Vault, the Git host, and the web. The only code that speaks to them, and the
//! only one that knows their client crates.

pub mod cluster;
mod error;
pub mod git_host;
pub mod vault;
pub mod web;

pub use error::{Cause, Error};
