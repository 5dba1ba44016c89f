//! Gitea and Forgejo.
/// One repository on Gitea.
pub struct Gitea;
