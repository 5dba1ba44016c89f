//! What GitHub's refusals mean. Each status is another sentence; none repeats the answer's body, which may
//! echo what was sent: of it only known sentences are recognised.

use std::time::Duration;

use http::HeaderMap;
use serde_json::Value;

use crate::remote::git_host::repository::Repository;
use crate::remote::git_host::wire::{Reply, silence};
use crate::remote::{Cause, Error};

/// What a request needs to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Right {
    /// No right at all.
    Nothing,
    /// To see the repository.
    Repository,
    /// To administer deploy keys.
    Keys,
    /// To administer webhooks.
    Hooks,
    /// To be an App that is installed there.
    Installation,
}

impl Right {
    /// The permission in the words of GitHub's settings pages.
    fn needed(self) -> &'static str {
        match self {
            Self::Nothing | Self::Repository => {
                "\"Metadata: read\" (fine-grained token, App) or the scope `repo` (classic token)"
            }
            Self::Keys => {
                "\"Administration: write\" (fine-grained token, App) or the scope `repo` (classic token)"
            }
            Self::Hooks => {
                "\"Webhooks: write\" (fine-grained token, App) or the scope `admin:repo_hook` (classic token)"
            }
            Self::Installation => "an App that is installed on the repository",
        }
    }
}

/// What was asked, for the sentences about its refusal.
pub(super) struct Asked<'a> {
    pub(super) action: &'a str,
    pub(super) right: Right,
    pub(super) repository: &'a Repository,
    pub(super) address: &'a str,
}

/// A refusal: the parts of an answer that are looked at.
pub(super) struct Refusal {
    status: u16,
    headers: HeaderMap,
    /// `message` and those of `errors`, in lower case, to be recognised and never shown.
    words: String,
}

impl From<Reply> for Refusal {
    fn from(reply: Reply) -> Self {
        let body = reply.json();
        let errors = body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        let words = words(body["message"].as_str().unwrap_or_default(), errors);
        Self { status: reply.status.as_u16(), headers: reply.headers, words }
    }
}

fn words(message: &str, errors: &[Value]) -> String {
    let of = |error: &Value| error["message"].as_str().or(error.as_str()).unwrap_or_default().to_owned();
    let parts: Vec<String> = std::iter::once(message.to_owned()).chain(errors.iter().map(of)).collect();
    parts.join("\n").to_lowercase()
}

impl Refusal {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// When to come back, where the refusal is one of the rate limits.
    fn rate_limit(&self) -> Option<String> {
        let spent = self.header("x-ratelimit-remaining") == Some("0");
        let wait = self.header("retry-after").and_then(|text| text.parse::<u64>().ok());
        if !(matches!(self.status, 403 | 429)
            && (spent || wait.is_some() || self.words.contains("rate limit"))
            || self.status == 429)
        {
            return None;
        }
        if let Some(seconds) = wait {
            return Some(format!("for {seconds} s"));
        }
        let reset = self.header("x-ratelimit-reset").and_then(|text| text.parse().ok());
        let reset = reset.and_then(|second| jiff::Timestamp::from_second(second).ok());
        Some(reset.map_or_else(|| "for now".into(), |time| format!("until {time}")))
    }

    /// The permissions that GitHub itself names; only what such a list is made of.
    fn accepted(&self) -> Option<String> {
        let list = self.header("x-accepted-github-permissions")?;
        let fine = |c: char| c.is_ascii_alphanumeric() || "_=,; ".contains(c);
        (!list.is_empty() && list.chars().all(fine)).then(|| list.to_owned())
    }
}

impl Asked<'_> {
    fn error(&self, cause: Cause) -> Error {
        Error::new(self.action, cause)
    }

    /// The sentence for a refusal.
    pub(super) fn refused(&self, refusal: &Refusal) -> Error {
        if let Some(until) = refusal.rate_limit() {
            let text = format!("{}: the rate limit of {} is used up {until}", refusal.status, self.address);
            return self.error(Cause::RateLimited(text)).hint("run the same command again after that");
        }
        match refusal.status {
            401 => self.unauthenticated(),
            403 => self.forbidden(refusal),
            404 => self.not_found(),
            422 => self.invalid(refusal),
            300..=399 => self
                .error(Cause::Invalid(format!(
                    "{}: `{}` has moved, and no token is sent after it",
                    refusal.status, self.repository
                )))
                .hint("set `git.repository` (and `git.api`) to where it is now"),
            500.. => self
                .error(Cause::Unavailable(format!(
                    "{}: {} has a fault of its own",
                    refusal.status, self.address
                )))
                .hint("run the same command again later"),
            status => self.error(Cause::Malformed(format!("{status}: GitHub documents no such answer"))),
        }
    }

    fn unauthenticated(&self) -> Error {
        let text = if self.right == Right::Installation {
            "401: the App's id and private key do not belong together, or this machine's clock is wrong"
        } else {
            "401: the token is not valid, or not any more"
        };
        self.error(Cause::Unauthenticated(text.into()))
            .hint("check `git.login`; a new token needs ".to_owned() + self.right.needed())
    }

    fn forbidden(&self, refusal: &Refusal) -> Error {
        if let Some(sso) = refusal.header("x-github-sso").filter(|sso| sso.starts_with("required")) {
            let text = "403: the organisation demands that the token is authorised for its single sign-on";
            // The header's address carries a request token in its query; the page before it will do.
            let page = sso.split_once("url=").map(|(_, url)| url.split('?').next().unwrap_or_default());
            let page = page
                .filter(|page| page.starts_with("https://"))
                .unwrap_or("https://github.com/settings/tokens");
            return self
                .error(Cause::Forbidden(text.into()))
                .hint(format!("authorise it with *Configure SSO* in its settings ({page})"));
        }
        if refusal.words.contains("archived") {
            let text = format!("403: `{}` is archived and takes no change", self.repository);
            return self.error(Cause::Forbidden(text));
        }
        let needed =
            refusal.accepted().map_or_else(|| self.right.needed().to_owned(), |list| format!("`{list}`"));
        self.error(Cause::Forbidden(format!("403: the token lacks {needed} on `{}`", self.repository)))
            .hint("add the permission to the token, or make a new one with it")
    }

    fn not_found(&self) -> Error {
        let repository = self.repository;
        match self.right {
            Right::Nothing => self
                .error(Cause::NotFound(format!("404: {} has no such path", self.address)))
                .hint("check `git.api`; GitHub Enterprise Server has it at `https://HOST/api/v3`"),
            Right::Repository => self
                .error(Cause::NotFound(format!(
                    "404: `{repository}` is not there, or the token may not see it"
                )))
                .hint("check `git.repository`; a fine-grained token must include it"),
            Right::Keys | Right::Hooks => self
                .error(Cause::NotFound(format!(
                    "404: whoever owns the token does not administer `{repository}`, or the token lacks {}",
                    self.right.needed()
                )))
                .hint("use a token of somebody with the role *Admin* on the repository"),
            Right::Installation => self
                .error(Cause::NotFound(format!("404: the App is not installed on `{repository}`")))
                .hint("install it for this repository in the App's settings under *Install App*"),
        }
    }

    fn invalid(&self, refusal: &Refusal) -> Error {
        let says = |text: &str| refusal.words.contains(text);
        if says("key is already in use") {
            let text = "422: the key is already in use, here or at another repository or account";
            return self.error(Cause::Conflict(text.into()));
        }
        if says("deploy keys are disabled") {
            let text = format!(
                "422: deploy keys are disabled for `{}` by a policy of its organisation or enterprise",
                self.repository
            );
            return self.error(Cause::Forbidden(text)).hint(
                "an owner of the organisation allows them under *Settings, Member privileges, Deploy keys*",
            );
        }
        if says("hook already exists") {
            let text = "422: the repository has a webhook with this address and one of these events";
            return self.error(Cause::Conflict(text.into()));
        }
        if says("isn't reachable") || says("is not reachable") {
            let text = "422: GitHub does not deliver to this address: it is not on the public internet";
            return self.error(Cause::Invalid(text.into())).hint("check `webhook.url`");
        }
        if says("key is invalid") {
            return self.error(Cause::Invalid("422: GitHub does not take this kind of key".into()));
        }
        self.error(Cause::Invalid("422: GitHub does not take what was sent".into()))
    }

    /// The sentence for a request that got no answer, or none that octocrab understands.
    pub(super) fn failed(&self, error: &octocrab::Error, timeout: Duration) -> Error {
        match error {
            octocrab::Error::GitHub { source, .. } => {
                let errors = source.errors.as_deref().unwrap_or_default();
                self.refused(&Refusal {
                    status: source.status_code.as_u16(),
                    headers: source.headers.clone().unwrap_or_default(),
                    words: words(&source.message, errors),
                })
            }
            octocrab::Error::Service { source, .. } => {
                self.error(silence(source.as_ref(), self.address, timeout))
            }
            octocrab::Error::JWT { .. } => {
                self.error(Cause::Local("the App's private key cannot sign its login".into()))
            }
            _ => self.error(Cause::Malformed("GitHub's answer cannot be read".into())),
        }
    }
}
