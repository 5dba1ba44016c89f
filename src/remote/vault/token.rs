//! Tokens: what is known of them, making, renewing and revoking them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::Vault;
use super::failure::{Asked, Failure};
use super::wire::{Answer, Call};
use crate::plain::Plain;
use crate::remote::Error;

/// How many accessors are looked up side by side.
const SIDE_BY_SIDE: usize = 8;

/// What is known of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenInfo {
    /// Its accessor, which is no secret.
    pub accessor: String,
    /// Its display name.
    pub display_name: String,
    /// Its policies.
    pub policies: BTreeSet<String>,
    /// What is left of its life; nothing where it never ends.
    pub ttl: Option<Duration>,
    /// The life that it got when it was made, which a limit of the server may have shortened.
    pub creation_ttl: Duration,
    /// The period, where it is periodic.
    pub period: Option<Duration>,
    /// Whether it is an orphan.
    pub orphan: bool,
    /// Whether it can be renewed.
    pub renewable: bool,
    /// Its metadata.
    pub meta: BTreeMap<String, String>,
}

/// A token to be made.
#[derive(Debug, Clone)]
pub struct TokenWish {
    /// Its display name.
    pub display_name: String,
    /// Its policies.
    pub policies: Vec<String>,
    /// Its period.
    pub period: Duration,
    /// Marks of ownership.
    pub meta: BTreeMap<String, String>,
}

/// `data` of a look-up, without `id`, which is the token itself.
#[derive(Deserialize)]
struct Found {
    accessor: String,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    policies: Option<BTreeSet<String>>,
    #[serde(default)]
    identity_policies: Option<BTreeSet<String>>,
    #[serde(default)]
    ttl: u64,
    #[serde(default)]
    creation_ttl: u64,
    #[serde(default)]
    period: Option<u64>,
    #[serde(default)]
    orphan: bool,
    #[serde(default)]
    renewable: Option<bool>,
    #[serde(default)]
    expire_time: Option<Value>,
    #[serde(default)]
    meta: Option<BTreeMap<String, String>>,
}

impl From<Found> for TokenInfo {
    fn from(found: Found) -> Self {
        let ends = found.ttl > 0 || found.expire_time.is_some_and(|time| !time.is_null());
        let mut policies = found.policies.unwrap_or_default();
        policies.extend(found.identity_policies.unwrap_or_default());
        Self {
            accessor: found.accessor,
            display_name: found.display_name,
            policies,
            ttl: ends.then(|| Duration::from_secs(found.ttl)),
            creation_ttl: Duration::from_secs(found.creation_ttl),
            period: found.period.filter(|period| *period > 0).map(Duration::from_secs),
            orphan: found.orphan,
            renewable: found.renewable.unwrap_or(false),
            meta: found.meta.unwrap_or_default(),
        }
    }
}

pub(super) const LOOKUP_SELF: &str = "auth/token/lookup-self";
pub(super) const REVOKE_SELF: &str = "auth/token/revoke-self";
const LOOKUP: &str = "auth/token/lookup";
const RENEW_SELF: &str = "auth/token/renew-self";
const CREATE: &str = "auth/token/create-orphan";
const ACCESSORS: &str = "auth/token/accessors";
const LOOKUP_ACCESSOR: &str = "auth/token/lookup-accessor";
const REVOKE_ACCESSOR: &str = "auth/token/revoke-accessor";

pub(super) fn info(answer: &Answer) -> Result<TokenInfo, Failure> {
    answer.data::<Found>().map(TokenInfo::from)
}

impl Vault {
    /// About the token that this client uses.
    ///
    /// # Errors
    /// A token that is not valid, or has not even the policy `default`.
    pub async fn whoami(&self) -> Result<TokenInfo, Error> {
        let answer = self.wire.ask(&Call::get(LOOKUP_SELF)).await;
        answer.and_then(|answer| info(&answer)).map_err(|failure| {
            failure.told("look up sealstrap's own token in Vault", Asked::open(LOOKUP_SELF, "read"))
        })
    }

    /// About another token; nothing where it is not valid (any more).
    ///
    /// # Errors
    /// A Vault that does not say whether the token is valid.
    pub async fn look_up(&self, token: Plain) -> Result<Option<TokenInfo>, Error> {
        // In its own name first: that takes no right of ours.
        let answer = match text(&token) {
            Some(text) => self.wire.ask_as(&Call::get(LOOKUP_SELF), &text).await,
            None => None,
        };
        let failure = match answer {
            None => return Ok(None),
            Some(Err(failure)) if failure.says("invalid token") => return Ok(None),
            Some(answer) => match answer.and_then(|answer| info(&answer)) {
                Ok(found) => return Ok(Some(found)),
                Err(failure) => failure,
            },
        };
        let told = |failure: Failure| {
            failure.told("look up the cluster's token in Vault", Asked::secret(LOOKUP, "update"))
        };
        if failure.code() != Some(403) {
            return Err(told(failure));
        }
        match self.wire.ask(&Call::post(LOOKUP, named("token", &token))).await {
            Ok(answer) => info(&answer).map(Some).map_err(told),
            Err(failure) if failure.says("bad token") => Ok(None),
            Err(failure) => Err(told(failure)),
        }
    }

    /// Makes a periodic orphan token.
    ///
    /// # Errors
    /// A missing capability: `update` and `sudo` on `auth/token/create-orphan`.
    pub async fn create_token(&self, wish: &TokenWish) -> Result<Plain, Error> {
        #[derive(Deserialize)]
        struct Made {
            auth: Auth,
        }
        #[derive(Deserialize)]
        struct Auth {
            client_token: String,
        }
        let body = json!({
            "display_name": wish.display_name,
            "policies": wish.policies,
            "period": format!("{}s", wish.period.as_secs()),
            "meta": wish.meta,
            "renewable": true,
            "type": "service",
        });
        let made =
            self.wire.ask(&Call::post_json(CREATE, &body)).await.and_then(|answer| answer.parse::<Made>());
        made.map(|made| Plain::from(made.auth.client_token)).map_err(|failure| {
            let sudo = failure.says("root or sudo privileges");
            let error = failure.told("make a token in Vault", Asked::open(CREATE, "update and sudo"));
            if sudo {
                error.hint(format!("a policy of sealstrap's token needs `sudo` on `{CREATE}`"))
            } else {
                error
            }
        })
    }

    /// Renews a token by itself, to its full period.
    ///
    /// # Errors
    /// A token that is not valid or not renewable.
    pub async fn renew(&self, token: Plain) -> Result<(), Error> {
        let call = Call::post_json(RENEW_SELF, &json!({}));
        let answer = match text(&token) {
            Some(text) => self.wire.ask_as(&call, &text).await,
            None => None,
        };
        let answer = answer.unwrap_or_else(|| Err(Failure::status(400, String::new())));
        answer.map(drop).map_err(|failure| {
            failure.told("renew the cluster's token in Vault", Asked::open(RENEW_SELF, "update"))
        })
    }

    /// Revokes the tokens whose `meta` holds all of `marks`, except those accessors; says how many.
    ///
    /// # Errors
    /// A missing right on accessors is an error of cause `Forbidden`.
    pub async fn revoke_marked(
        &self,
        marks: &BTreeMap<String, String>,
        keep: &BTreeSet<String>,
    ) -> Result<usize, Error> {
        #[derive(Deserialize)]
        struct Keys {
            keys: Vec<String>,
        }
        let action = "look for tokens of ours in Vault that no Secret holds";
        let told = |failure: Failure| failure.told(action, Asked::open(ACCESSORS, "list and sudo"));
        let keys = match self.wire.ask(&Call::list(ACCESSORS)).await.and_then(|answer| answer.data::<Keys>())
        {
            Ok(found) => found.keys,
            Err(failure) if failure.code() == Some(404) => return Ok(0),
            Err(failure) => return Err(told(failure)),
        };
        let others = keys.into_iter().filter(|accessor| !keep.contains(accessor));
        let marked: Vec<Option<String>> = stream::iter(others)
            .map(|accessor| self.if_marked(accessor, marks))
            .buffer_unordered(SIDE_BY_SIDE)
            .try_collect()
            .await?;
        let marked: Vec<String> = marked.into_iter().flatten().collect();
        for accessor in &marked {
            self.revoke(accessor).await?;
        }
        Ok(marked.len())
    }

    /// The accessor, if its token is still there and carries the marks.
    async fn if_marked(
        &self,
        accessor: String,
        marks: &BTreeMap<String, String>,
    ) -> Result<Option<String>, Error> {
        let call = Call::post_json(LOOKUP_ACCESSOR, &json!({ "accessor": accessor }));
        match self.wire.ask(&call).await.and_then(|answer| info(&answer)) {
            Ok(found) => {
                let ours = marks.iter().all(|(key, value)| found.meta.get(key) == Some(value));
                Ok(ours.then_some(accessor))
            }
            // It ended between the list and now.
            Err(failure) if matches!(failure.code(), Some(400 | 404)) || failure.says("invalid accessor") => {
                Ok(None)
            }
            Err(failure) => Err(failure
                .told("look up a token by its accessor in Vault", Asked::open(LOOKUP_ACCESSOR, "update"))),
        }
    }

    async fn revoke(&self, accessor: &str) -> Result<(), Error> {
        let call = Call::post_json(REVOKE_ACCESSOR, &json!({ "accessor": accessor }));
        self.wire.ask(&call).await.map(drop).map_err(|failure| {
            failure.told("revoke a token of ours in Vault", Asked::open(REVOKE_ACCESSOR, "update"))
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "sink: the header by which Vault knows a token")]
pub(super) fn text(token: &Plain) -> Option<Zeroizing<String>> {
    token.expose_text()
}

/// `{"NAME": "value"}`.
fn named(name: &str, value: &Plain) -> Zeroizing<Vec<u8>> {
    let text = text(value).unwrap_or_default();
    let value = Zeroizing::new(serde_json::to_string(&*text).unwrap_or_default());
    Zeroizing::new(format!(r#"{{"{name}":{}}}"#, *value).into_bytes())
}
