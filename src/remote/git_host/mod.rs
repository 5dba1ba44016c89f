//! Git hosts: deploy keys, webhooks and host keys, on GitHub and on Gitea.

mod gitea;
mod github;

use std::path::PathBuf;
use std::time::Duration;

use super::Error;
use crate::plain::Plain;

/// How to reach a Git host.
#[derive(Debug)]
pub struct Access {
    /// The API's base address; the public GitHub when absent.
    pub api: Option<String>,
    /// Which API it speaks.
    pub kind: Kind,
    /// A PEM file of the authority.
    pub ca: Option<PathBuf>,
    /// `owner/name`.
    pub repository: String,
    /// How to log in.
    pub login: Login,
    /// The deadline of one request.
    pub timeout: Duration,
}

/// Which API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// GitHub, GitHub Enterprise Server.
    GitHub,
    /// Gitea, Forgejo.
    Gitea,
}

/// How to log in.
#[derive(Debug)]
pub enum Login {
    /// A token.
    Token(Plain),
    /// A GitHub App.
    App { id: u64, installation: Option<u64>, private_key: Plain },
}

/// A deploy key as the host lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeployKey {
    /// The host's id.
    pub id: u64,
    /// Its title.
    pub title: String,
    /// `type base64`, without comment.
    pub key: String,
    /// Whether it may only read.
    pub read_only: bool,
    /// Whether the host switched it off (an organisation's policy).
    pub disabled: bool,
}

/// A webhook as the host lists it; the secret is never told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The host's id.
    pub id: u64,
    /// Where it delivers to.
    pub url: String,
    /// The events.
    pub events: Vec<String>,
    /// `json` or `form`.
    pub content_type: String,
    /// Whether it delivers at all.
    pub active: bool,
    /// Whether certificates are checked.
    pub verifies_tls: bool,
    /// Status code of the last delivery, where the host tells.
    pub last_status: Option<u16>,
}

/// A webhook to be registered.
#[derive(Debug)]
pub struct WebhookWish {
    /// Where it shall deliver to.
    pub url: String,
    /// The events.
    pub events: Vec<String>,
    /// The key of the signature.
    pub secret: Plain,
}

/// A Git host and one repository on it.
pub enum GitHost {
    /// GitHub.
    GitHub(github::GitHub),
    /// Gitea.
    Gitea(gitea::Gitea),
}

#[expect(unused_variables, clippy::todo, clippy::unused_async, reason = "skeleton")]
impl GitHost {
    /// Builds the client; for a GitHub App, asks for an installation token.
    pub async fn connect(access: Access) -> Result<Self, Error> {
        todo!()
    }
    /// The API's address, for messages.
    #[must_use]
    pub fn address(&self) -> &str {
        todo!()
    }
    /// The repository, `owner/name`.
    #[must_use]
    pub fn repository(&self) -> &str {
        todo!()
    }
    /// Fails where the repository is not there or not administered by whoever logged in.
    pub async fn check_access(&self) -> Result<(), Error> {
        todo!()
    }
    /// All deploy keys, all pages.
    pub async fn deploy_keys(&self) -> Result<Vec<DeployKey>, Error> {
        todo!()
    }
    /// Registers a public key (`type base64`).
    pub async fn create_deploy_key(
        &self,
        title: &str,
        key: &str,
        read_only: bool,
    ) -> Result<DeployKey, Error> {
        todo!()
    }
    /// Removes a deploy key; absent is fine.
    pub async fn delete_deploy_key(&self, id: u64) -> Result<(), Error> {
        todo!()
    }
    /// All webhooks, all pages.
    pub async fn webhooks(&self) -> Result<Vec<Webhook>, Error> {
        todo!()
    }
    /// Registers a webhook.
    pub async fn create_webhook(&self, wish: WebhookWish) -> Result<Webhook, Error> {
        todo!()
    }
    /// Changes a webhook, its secret included.
    pub async fn update_webhook(&self, id: u64, wish: WebhookWish) -> Result<Webhook, Error> {
        todo!()
    }
    /// Removes a webhook; absent is fine.
    pub async fn delete_webhook(&self, id: u64) -> Result<(), Error> {
        todo!()
    }
    /// Asks the host to deliver a ping.
    pub async fn ping_webhook(&self, id: u64) -> Result<(), Error> {
        todo!()
    }
    /// The host's own SSH keys, `type base64`, from its metadata over TLS; nothing where it publishes none.
    pub async fn host_keys(&self) -> Result<Option<Vec<String>>, Error> {
        todo!()
    }
}
