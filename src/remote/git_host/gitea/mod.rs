//! Gitea and Forgejo: the REST API below `/api/v1`.

mod refusal;

use http::Method;
use serde::Serialize;
use serde_json::Value;

use self::refusal::Asked;
use super::repository::Repository;
use super::wire::{self, Reply};
use super::{Access, DeployKey, Login, Webhook, WebhookWish};
use crate::remote::{Cause, Error};

/// More pages than any repository has.
const MOST_PAGES: usize = 1000;

/// One repository on Gitea.
pub struct Gitea {
    http: reqwest::Client,
    /// `https://HOST/api/v1`.
    base: String,
    address: String,
    authorization: http::HeaderValue,
    repository: Repository,
    timeout: std::time::Duration,
}

#[derive(Serialize)]
struct NewKey<'a> {
    title: &'a str,
    key: &'a str,
    read_only: bool,
}

/// What a webhook is made or changed with; `type` and `secret` count for a new one only.
#[derive(Serialize)]
struct HookBody<'a> {
    r#type: &'static str,
    active: bool,
    events: &'a [String],
    config: HookConfig<'a>,
}

#[derive(Serialize)]
struct HookConfig<'a> {
    url: &'a str,
    content_type: &'static str,
    secret: &'a str,
}

impl Gitea {
    pub(super) fn connect(access: &Access) -> Result<Self, Error> {
        let repository = Repository::parse(&access.repository)?;
        let Some(api) = &access.api else {
            return Err(Error::new(
                "reach Gitea",
                Cause::Local("the setting `git.api` is missing; it has no public address of its own".into()),
            ));
        };
        let url = wire::base(api)?;
        let http = wire::client(access, &url)?;
        let address = url.as_str().trim_end_matches('/').trim_end_matches("/api/v1").to_owned();
        let Login::Token(token) = &access.login else {
            return Err(Error::new("log in to Gitea", Cause::Local("it knows no GitHub Apps".into()))
                .hint("use `git.login.token`"));
        };
        let text = zeroize::Zeroizing::new(format!("token {}", *wire::token_text(token)?));
        let mut authorization = http::HeaderValue::from_str(&text).map_err(|_| {
            Error::new("log in to Gitea", Cause::Local("no header can carry the token".into()))
        })?;
        authorization.set_sensitive(true);
        let base = format!("{address}/api/v1");
        Ok(Self { http, base, address, authorization, repository, timeout: access.timeout })
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    pub(super) fn repository(&self) -> &str {
        self.repository.as_str()
    }

    pub(super) async fn check_access(&self) -> Result<(), Error> {
        let action = format!("administer `{}`", self.repository);
        let body = self.send(&action, Method::GET, "", None::<&()>).await?.json();
        match body["permissions"]["admin"].as_bool() {
            Some(true) => Ok(()),
            Some(false) => Err(Error::new(
                action,
                Cause::Forbidden(format!("whoever owns the token does not administer `{}`", self.repository)),
            )
            .hint("deploy keys and webhooks need a collaborator with administrator access")),
            None => Err(malformed(&action)),
        }
    }

    pub(super) async fn deploy_keys(&self) -> Result<Vec<DeployKey>, Error> {
        let action = format!("list the deploy keys of `{}`", self.repository);
        self.list(&action, "/keys", deploy_key).await
    }

    pub(super) async fn create_deploy_key(
        &self,
        title: &str,
        key: &str,
        read_only: bool,
    ) -> Result<DeployKey, Error> {
        let action = format!("register the deploy key `{title}` at `{}`", self.repository);
        let body = NewKey { title, key, read_only };
        let reply = self.send(&action, Method::POST, "/keys", Some(&body)).await?;
        deploy_key(&reply.json()).ok_or_else(|| malformed(&action))
    }

    pub(super) async fn delete_deploy_key(&self, id: u64) -> Result<(), Error> {
        let action = format!("delete the deploy key {id} of `{}`", self.repository);
        self.delete(&action, &format!("/keys/{id}")).await
    }

    pub(super) async fn webhooks(&self) -> Result<Vec<Webhook>, Error> {
        let action = format!("list the webhooks of `{}`", self.repository);
        self.list(&action, "/hooks", webhook).await
    }

    pub(super) async fn create_webhook(&self, wish: WebhookWish) -> Result<Webhook, Error> {
        let action = format!("register a webhook at `{}`", self.repository);
        self.put_webhook(&action, Method::POST, "/hooks", wish).await
    }

    /// Gitea leaves the secret as it was (1.25, `routers/api/v1/utils/hook.go`).
    pub(super) async fn update_webhook(&self, id: u64, wish: WebhookWish) -> Result<Webhook, Error> {
        let action = format!("change the webhook {id} of `{}`", self.repository);
        self.put_webhook(&action, Method::PATCH, &format!("/hooks/{id}"), wish).await
    }

    #[expect(clippy::disallowed_methods, reason = "sink: the secret of a webhook at Gitea")]
    async fn put_webhook(
        &self,
        action: &str,
        method: Method,
        path: &str,
        wish: WebhookWish,
    ) -> Result<Webhook, Error> {
        let Some(secret) = wish.secret.expose_text() else {
            return Err(Error::new(action, Cause::Local("the secret is not UTF-8 text".into())));
        };
        let config = HookConfig { url: &wish.url, content_type: "json", secret: &secret };
        let body = HookBody { r#type: "gitea", active: true, events: &wish.events, config };
        let reply = self.send(action, method, path, Some(&body)).await?;
        webhook(&reply.json()).ok_or_else(|| malformed(action))
    }

    pub(super) async fn delete_webhook(&self, id: u64) -> Result<(), Error> {
        let action = format!("delete the webhook {id} of `{}`", self.repository);
        self.delete(&action, &format!("/hooks/{id}")).await
    }

    pub(super) async fn ping_webhook(&self, id: u64) -> Result<(), Error> {
        let action = format!("test the webhook {id} of `{}`", self.repository);
        self.send(&action, Method::POST, &format!("/hooks/{id}/tests"), None::<&()>).await.map(drop)
    }

    async fn delete(&self, action: &str, path: &str) -> Result<(), Error> {
        match self.send(action, Method::DELETE, path, None::<&()>).await {
            Err(Error { cause: Cause::NotFound(_), .. }) => Ok(()),
            answer => answer.map(drop),
        }
    }

    /// All pages of a list. The host may give shorter pages than asked for, so the end is where it says how
    /// many there are in all, or an empty page.
    async fn list<T>(
        &self,
        action: &str,
        path: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        for page in 1..=MOST_PAGES {
            let reply =
                self.send(action, Method::GET, &format!("{path}?limit=50&page={page}"), None::<&()>).await?;
            let Value::Array(items) = reply.json() else { return Err(malformed(action)) };
            for item in &items {
                all.push(read(item).ok_or_else(|| malformed(action))?);
            }
            let total = reply.header("x-total-count").and_then(|text| text.parse::<usize>().ok());
            if items.is_empty() || total.is_some_and(|total| all.len() >= total) {
                break;
            }
        }
        Ok(all)
    }

    async fn send<B: Serialize + ?Sized>(
        &self,
        action: &str,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<Reply, Error> {
        let mut request = self
            .http
            .request(method, format!("{}/repos/{}{path}", self.base, self.repository))
            .header(http::header::AUTHORIZATION, self.authorization.clone());
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = async { wire::read(request.send().await?).await }.await;
        let asked = Asked { action, repository: &self.repository, address: &self.address };
        match answer {
            Ok(reply) if reply.status.is_success() => Ok(reply),
            Ok(reply) => Err(asked.refused(&reply)),
            Err(error) => Err(Error::new(action, wire::silence(&error, &self.address, self.timeout))),
        }
    }
}

fn malformed(action: &str) -> Error {
    Error::new(action, Cause::Malformed("the answer is not what Gitea documents".into()))
        .hint("check that `git.api` is the host's address and `git.host` the right kind")
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn deploy_key(body: &Value) -> Option<DeployKey> {
    let key = text(&body["key"])?;
    Some(DeployKey {
        id: body["id"].as_u64()?,
        title: text(&body["title"])?,
        key: key.split_whitespace().take(2).collect::<Vec<_>>().join(" "),
        read_only: body["read_only"].as_bool()?,
        disabled: false,
    })
}

fn webhook(body: &Value) -> Option<Webhook> {
    Some(Webhook {
        id: body["id"].as_u64()?,
        url: text(&body["config"]["url"]).unwrap_or_default(),
        events: body["events"].as_array()?.iter().filter_map(text).collect(),
        content_type: text(&body["config"]["content_type"]).unwrap_or_else(|| "form".into()),
        active: body["active"].as_bool()?,
        // A setting of the whole server (`webhook.SKIP_TLS_VERIFY`), not of one hook.
        verifies_tls: true,
        last_status: None,
    })
}

#[cfg(test)]
mod tests;
