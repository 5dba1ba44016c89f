//! Git hosts: deploy keys, webhooks and host keys, on GitHub and on Gitea.

mod gitea;
mod github;
mod repository;
mod wire;

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
    App {
        /// The App's id.
        id: u64,
        /// The installation's id; found by the repository when absent.
        installation: Option<u64>,
        /// The App's private key, RSA in PEM.
        private_key: Plain,
    },
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
    GitHub(Box<github::GitHub>),
    /// Gitea.
    Gitea(gitea::Gitea),
}

/// Hands a call to whichever host it is.
macro_rules! each {
    ($host:expr, $kind:ident => $call:expr) => {
        match $host {
            GitHost::GitHub($kind) => $call,
            GitHost::Gitea($kind) => $call,
        }
    };
}

impl GitHost {
    /// Builds the client; for a GitHub App whose installation is not named, asks for it.
    ///
    /// # Errors
    /// An address, authority, repository name or login that cannot be used; an App that is not installed.
    pub async fn connect(access: Access) -> Result<Self, Error> {
        Ok(match access.kind {
            Kind::GitHub => Self::GitHub(Box::new(github::GitHub::connect(access).await?)),
            Kind::Gitea => Self::Gitea(gitea::Gitea::connect(&access)?),
        })
    }

    /// The API's address, for messages.
    #[must_use]
    pub fn address(&self) -> &str {
        each!(self, host => host.address())
    }

    /// The repository, `owner/name`.
    #[must_use]
    pub fn repository(&self) -> &str {
        each!(self, host => host.repository())
    }

    /// Fails where the repository is not there or not administered by whoever logged in.
    ///
    /// # Errors
    /// As said; further a host that does not answer.
    pub async fn check_access(&self) -> Result<(), Error> {
        each!(self, host => host.check_access().await)
    }

    /// All deploy keys, all pages.
    ///
    /// # Errors
    /// A host that does not answer, or refuses.
    pub async fn deploy_keys(&self) -> Result<Vec<DeployKey>, Error> {
        each!(self, host => host.deploy_keys().await)
    }

    /// Registers a public key (`type base64`).
    ///
    /// # Errors
    /// [`super::Cause::Conflict`] where the host knows the key already, [`super::Cause::Forbidden`] where a
    /// policy switched deploy keys off; further a host that does not answer, or refuses.
    pub async fn create_deploy_key(
        &self,
        title: &str,
        key: &str,
        read_only: bool,
    ) -> Result<DeployKey, Error> {
        each!(self, host => host.create_deploy_key(title, key, read_only).await)
    }

    /// Removes a deploy key; absent is fine.
    ///
    /// # Errors
    /// A host that does not answer, or refuses.
    pub async fn delete_deploy_key(&self, id: u64) -> Result<(), Error> {
        each!(self, host => host.delete_deploy_key(id).await)
    }

    /// All webhooks, all pages.
    ///
    /// # Errors
    /// A host that does not answer, or refuses.
    pub async fn webhooks(&self) -> Result<Vec<Webhook>, Error> {
        each!(self, host => host.webhooks().await)
    }

    /// Registers a webhook.
    ///
    /// # Errors
    /// [`super::Cause::Conflict`] where the repository has one with this address and one of these events;
    /// further a host that does not answer, or refuses.
    pub async fn create_webhook(&self, wish: WebhookWish) -> Result<Webhook, Error> {
        each!(self, host => host.create_webhook(wish).await)
    }

    /// Changes a webhook. GitHub changes its secret too; Gitea has no way to change it in place.
    ///
    /// # Errors
    /// A host that does not answer, or refuses.
    pub async fn update_webhook(&self, id: u64, wish: WebhookWish) -> Result<Webhook, Error> {
        each!(self, host => host.update_webhook(id, wish).await)
    }

    /// Removes a webhook; absent is fine.
    ///
    /// # Errors
    /// A host that does not answer, or refuses.
    pub async fn delete_webhook(&self, id: u64) -> Result<(), Error> {
        each!(self, host => host.delete_webhook(id).await)
    }

    /// Asks the host to deliver a ping; Gitea delivers a push of the newest commit instead.
    ///
    /// # Errors
    /// A host that does not answer, or refuses.
    pub async fn ping_webhook(&self, id: u64) -> Result<(), Error> {
        each!(self, host => host.ping_webhook(id).await)
    }

    /// The status that answered a webhook's newest delivery; nothing where there was none yet.
    ///
    /// # Errors
    /// A host that does not answer, or refuses.
    pub async fn last_delivery(&self, id: u64) -> Result<Option<u16>, Error> {
        match self {
            Self::GitHub(host) => host.last_delivery(id).await,
            Self::Gitea(_) => Ok(None),
        }
    }

    /// Whether the host tells how a delivery was answered. Gitea's API does not.
    #[must_use]
    pub fn tells_deliveries(&self) -> bool {
        matches!(self, Self::GitHub(_))
    }

    /// The host's own SSH keys, `type base64`, from its metadata over TLS; nothing where it publishes none.
    ///
    /// # Errors
    /// A host that does not answer, or refuses.
    pub async fn host_keys(&self) -> Result<Option<Vec<String>>, Error> {
        match self {
            Self::GitHub(host) => host.host_keys().await,
            Self::Gitea(_) => Ok(None),
        }
    }
}
