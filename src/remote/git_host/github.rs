//! GitHub and GitHub Enterprise Server.
/// One repository on GitHub.
pub struct GitHub;
