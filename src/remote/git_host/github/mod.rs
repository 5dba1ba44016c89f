//! GitHub and GitHub Enterprise Server: the REST API, version 2022-11-28.

mod login;
mod refusal;
mod wire;

use http::Method;
use octocrab::Octocrab;
use serde::Serialize;
use serde_json::Value;

use self::refusal::Right;
use super::repository::Repository;
use super::wire::Reply;
use super::{Access, DeployKey, Webhook, WebhookWish};
use crate::remote::{Cause, Error};

const PUBLIC_API: &str = "https://api.github.com";

/// More pages than any repository has: GitHub allows 250 hooks per event.
const MOST_PAGES: usize = 1000;

/// One repository on GitHub.
pub struct GitHub {
    client: Octocrab,
    /// The client that is the App itself, where an App logged in.
    app: Option<Octocrab>,
    address: String,
    repository: Repository,
    timeout: std::time::Duration,
}

/// What a new deploy key is asked for with.
#[derive(Serialize)]
struct NewKey<'a> {
    title: &'a str,
    key: &'a str,
    read_only: bool,
}

/// What a webhook is made or changed with. The secret is borrowed, so that it is wiped where it came from.
#[derive(Serialize)]
struct HookBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'static str>,
    active: bool,
    events: &'a [String],
    config: HookConfig<'a>,
}

#[derive(Serialize)]
struct HookConfig<'a> {
    url: &'a str,
    content_type: &'static str,
    secret: &'a str,
    insecure_ssl: &'static str,
}

impl GitHub {
    pub(super) async fn connect(access: Access) -> Result<Self, Error> {
        let repository = Repository::parse(&access.repository)?;
        let base = super::wire::base(access.api.as_deref().unwrap_or(PUBLIC_API))?;
        let http = super::wire::client(&access, &base)?;
        let address = base.as_str().trim_end_matches('/').to_owned();
        let timeout = access.timeout;
        let open = |auth| wire::open(http.clone(), &address, auth);
        match login::read(access.login)? {
            login::Way::Token(auth) => {
                Ok(Self { client: open(auth)?, app: None, address, repository, timeout })
            }
            login::Way::App { auth, installation } => {
                let app = open(auth)?;
                let mut host =
                    Self { client: app.clone(), app: Some(app.clone()), address, repository, timeout };
                let id = match installation {
                    Some(id) => id,
                    None => host.installation().await?.0,
                };
                host.client = login::installed(&app, id, host.repository.name())?;
                Ok(host)
            }
        }
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    pub(super) fn repository(&self) -> &str {
        self.repository.as_str()
    }

    pub(super) async fn check_access(&self) -> Result<(), Error> {
        let action = format!("administer `{}`", self.repository);
        let reply = self.get(&action, Right::Repository, &self.path("")).await?;
        if self.app.is_some() {
            return self.check_app(&action).await;
        }
        login::check(&action, &self.repository, &reply)
    }

    /// An App's rights are those of its installation, not of a person.
    async fn check_app(&self, action: &str) -> Result<(), Error> {
        let (_, permissions) = self.installation().await?;
        match permissions["administration"].as_str() {
            Some("write" | "admin") => Ok(()),
            _ => Err(Error::new(
                action,
                Cause::Forbidden(format!(
                    "the App's installation on `{}` lacks the permission \"Administration: write\"",
                    self.repository
                )),
            )
            .hint("grant it in the App's settings under *Permissions*, then accept it at the installation")),
        }
    }

    /// The id and the permissions of the App's installation.
    async fn installation(&self) -> Result<(u64, Value), Error> {
        let action = format!("find the App's installation on `{}`", self.repository);
        let app = self.app.as_ref().unwrap_or(&self.client);
        let path = self.path("/installation");
        let mut body =
            self.send(app, &action, Right::Installation, Method::GET, &path, None::<&()>).await?.json();
        match body["id"].as_u64() {
            Some(id) => Ok((id, body["permissions"].take())),
            None => Err(malformed(&action)),
        }
    }

    pub(super) async fn deploy_keys(&self) -> Result<Vec<DeployKey>, Error> {
        let action = format!("list the deploy keys of `{}`", self.repository);
        self.list(&action, Right::Keys, "/keys", deploy_key).await
    }

    pub(super) async fn create_deploy_key(
        &self,
        title: &str,
        key: &str,
        read_only: bool,
    ) -> Result<DeployKey, Error> {
        let action = format!("register the deploy key `{title}` at `{}`", self.repository);
        let body = NewKey { title, key, read_only };
        let reply = self
            .send(&self.client, &action, Right::Keys, Method::POST, &self.path("/keys"), Some(&body))
            .await?;
        deploy_key(&reply.json()).ok_or_else(|| malformed(&action))
    }

    pub(super) async fn delete_deploy_key(&self, id: u64) -> Result<(), Error> {
        let action = format!("delete the deploy key {id} of `{}`", self.repository);
        self.delete(&action, Right::Keys, &format!("/keys/{id}")).await
    }

    pub(super) async fn webhooks(&self) -> Result<Vec<Webhook>, Error> {
        let action = format!("list the webhooks of `{}`", self.repository);
        self.list(&action, Right::Hooks, "/hooks", webhook).await
    }

    pub(super) async fn create_webhook(&self, wish: WebhookWish) -> Result<Webhook, Error> {
        let action = format!("register a webhook at `{}`", self.repository);
        self.put_webhook(&action, Method::POST, "/hooks", Some("web"), wish).await
    }

    pub(super) async fn update_webhook(&self, id: u64, wish: WebhookWish) -> Result<Webhook, Error> {
        let action = format!("change the webhook {id} of `{}`", self.repository);
        self.put_webhook(&action, Method::PATCH, &format!("/hooks/{id}"), None, wish).await
    }

    #[expect(clippy::disallowed_methods, reason = "sink: the secret of a webhook at GitHub")]
    async fn put_webhook(
        &self,
        action: &str,
        method: Method,
        path: &str,
        name: Option<&'static str>,
        wish: WebhookWish,
    ) -> Result<Webhook, Error> {
        let Some(secret) = wish.secret.expose_text() else {
            return Err(Error::new(action, Cause::Local("the secret is not UTF-8 text".into())));
        };
        let config = HookConfig { url: &wish.url, content_type: "json", secret: &secret, insecure_ssl: "0" };
        let body = HookBody { name, active: true, events: &wish.events, config };
        let reply =
            self.send(&self.client, action, Right::Hooks, method, &self.path(path), Some(&body)).await?;
        webhook(&reply.json()).ok_or_else(|| malformed(action))
    }

    pub(super) async fn delete_webhook(&self, id: u64) -> Result<(), Error> {
        let action = format!("delete the webhook {id} of `{}`", self.repository);
        self.delete(&action, Right::Hooks, &format!("/hooks/{id}")).await
    }

    pub(super) async fn ping_webhook(&self, id: u64) -> Result<(), Error> {
        let action = format!("ping the webhook {id} of `{}`", self.repository);
        let path = self.path(&format!("/hooks/{id}/pings"));
        self.send(&self.client, &action, Right::Hooks, Method::POST, &path, None::<&()>).await.map(drop)
    }

    pub(super) async fn last_delivery(&self, id: u64) -> Result<Option<u16>, Error> {
        let action = format!("read the deliveries of the webhook {id} of `{}`", self.repository);
        let path = self.path(&format!("/hooks/{id}/deliveries?per_page=1"));
        let body = self.get(&action, Right::Hooks, &path).await?.json();
        Ok(body[0]["status_code"].as_u64().and_then(|status| status.try_into().ok()))
    }

    pub(super) async fn host_keys(&self) -> Result<Option<Vec<String>>, Error> {
        let action = format!("read the SSH host keys of `{}`", self.address);
        let body = self.get(&action, Right::Nothing, "/meta").await?.json();
        let keys = body["ssh_keys"].as_array().map(Vec::as_slice).unwrap_or_default();
        let keys: Vec<String> = keys.iter().filter_map(|key| key.as_str().map(str::to_owned)).collect();
        Ok(if keys.is_empty() { None } else { Some(keys) })
    }

    fn path(&self, rest: &str) -> String {
        format!("/repos/{}{rest}", self.repository)
    }

    async fn get(&self, action: &str, right: Right, path: &str) -> Result<Reply, Error> {
        self.send(&self.client, action, right, Method::GET, path, None::<&()>).await
    }

    async fn delete(&self, action: &str, right: Right, path: &str) -> Result<(), Error> {
        match self.send(&self.client, action, right, Method::DELETE, &self.path(path), None::<&()>).await {
            Err(Error { cause: Cause::NotFound(_), .. }) => Ok(()),
            answer => answer.map(drop),
        }
    }

    /// All pages of a list. The pages are counted here: following the addresses of the `Link` header would
    /// let an answer choose where the token goes.
    async fn list<T>(
        &self,
        action: &str,
        right: Right,
        path: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        for page in 1..=MOST_PAGES {
            let path = self.path(&format!("{path}?per_page=100&page={page}"));
            let reply = self.get(action, right, &path).await?;
            let Value::Array(items) = reply.json() else { return Err(malformed(action)) };
            for item in &items {
                all.push(read(item).ok_or_else(|| malformed(action))?);
            }
            if !reply.header("link").is_some_and(|link| link.contains("rel=\"next\"")) {
                break;
            }
        }
        Ok(all)
    }

    async fn send<B: Serialize + ?Sized>(
        &self,
        client: &Octocrab,
        action: &str,
        right: Right,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<Reply, Error> {
        let asked = refusal::Asked { action, right, repository: &self.repository, address: &self.address };
        match wire::send(client, method, path, body).await {
            Ok(reply) if reply.status.is_success() => Ok(reply),
            Ok(reply) => Err(asked.refused(&reply.into())),
            Err(error) => Err(asked.failed(&error, self.timeout)),
        }
    }
}

fn malformed(action: &str) -> Error {
    Error::new(action, Cause::Malformed("the answer is not what GitHub documents".into()))
        .hint("check that `git.api` is the API's address and `git.host` the right kind")
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn deploy_key(body: &Value) -> Option<DeployKey> {
    Some(DeployKey {
        id: body["id"].as_u64()?,
        title: text(&body["title"])?,
        key: text(&body["key"])?,
        read_only: body["read_only"].as_bool()?,
        disabled: body["enabled"].as_bool() == Some(false),
    })
}

fn webhook(body: &Value) -> Option<Webhook> {
    let config = &body["config"];
    let insecure = &config["insecure_ssl"];
    Some(Webhook {
        id: body["id"].as_u64()?,
        // A hook of another kind than `web` has no address of its own.
        url: text(&config["url"]).unwrap_or_default(),
        events: body["events"].as_array()?.iter().filter_map(text).collect(),
        content_type: text(&config["content_type"]).unwrap_or_else(|| "form".into()),
        active: body["active"].as_bool()?,
        verifies_tls: insecure != "1" && insecure != 1,
        last_status: body["last_response"]["code"].as_u64().and_then(|status| status.try_into().ok()),
    })
}

#[cfg(test)]
mod tests;
