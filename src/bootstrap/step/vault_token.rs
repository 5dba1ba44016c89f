//! A periodic orphan token with these policies is kept in a cluster Secret, and lives long enough.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Needs, VaultPath};
use crate::bootstrap::{Error, Look, World, rights};
use crate::plain::Plain;
use crate::remote::Cause;
use crate::remote::cluster::{Apply, Right, Secret, SecretWrite};
use crate::remote::vault::{TokenInfo, TokenWish};
use crate::report::{Change, Verb};
use crate::settings::{Period, SecretPlace};
use crate::source::{self, Source};

/// A periodic orphan token with these policies is kept in a cluster Secret, and lives long enough.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VaultToken {
    /// Its policies; `root` is refused.
    pub policies: Vec<String>,
    /// Its period.
    pub period: Period,
    /// It is renewed when less than this is left of its life.
    #[serde(default = "a_week")]
    pub renew_below: Period,
    /// A token of the user's own, kept as it is unless it is a root token; made when absent.
    #[serde(default)]
    pub from: Option<Source>,
    /// The Secret that keeps it.
    pub keep: SecretPlace,
}

fn a_week() -> Period {
    Period::hours(7 * 24)
}

/// What has to be done about the token.
#[derive(Debug)]
enum Verdict {
    /// Nothing.
    Sound,
    /// It lives, but not for long.
    Renew(String),
    /// The Secret keeps it also in an annotation.
    Clean,
    /// A new one is made: for these reasons, or because there is none.
    Make(Vec<String>),
    /// The user's own is written.
    Write(Plain),
    /// The user's own comes from a place that holds none yet.
    Await(String),
}

impl VaultToken {
    pub(super) async fn look(&self, world: &World) -> Result<Look, Error> {
        let secret = self.secret(world).await?;
        let exists = secret.as_ref().is_some_and(|secret| secret.data.contains_key(&self.keep.key));
        let object = format!("Secret `{}/{}`", self.keep.namespace, self.keep.name);
        let verb = if exists { Verb::Replace } else { Verb::Create };
        let write = Change::new(verb, object.clone()).with(format!("`{}`", self.keep.key));
        Ok(match self.verdict(world, secret).await? {
            Verdict::Sound => Look::Holds,
            Verdict::Write(_) => write.into(),
            Verdict::Await(input) => Look::Awaits { change: write, input },
            Verdict::Renew(why) => Change::new(Verb::Update, "the cluster's token in Vault").with(why).into(),
            Verdict::Clean => {
                Change::new(Verb::Update, object).with("its last-applied annotation repeats the token").into()
            }
            Verdict::Make(reasons) => reasons.into_iter().fold(write, Change::with).into(),
        })
    }

    pub(super) async fn change(&self, world: &World) -> Result<(), Error> {
        let secret = self.secret(world).await?;
        let kind = secret.as_ref().map_or_else(|| "Opaque".to_owned(), |secret| secret.kind.clone());
        match self.verdict(world, secret).await? {
            Verdict::Sound => Ok(()),
            Verdict::Renew(_) => match self.token(world).await? {
                Some(token) => Ok(world.vault().await?.renew(token).await?),
                None => Err(self.vanished()),
            },
            Verdict::Clean => match self.token(world).await? {
                Some(token) => self.keep(world, kind, token).await,
                None => Err(self.vanished()),
            },
            Verdict::Write(token) => self.keep(world, kind, token).await,
            Verdict::Await(input) => {
                let action = "keep the cluster's token".into();
                Err(Error::InputMissing { action, input, makers: Vec::new() })
            }
            Verdict::Make(_) => {
                self.revoke_strays(world).await?;
                let token = world.vault().await?.create_token(&self.wish(world)).await?;
                self.keep(world, kind, token).await
            }
        }
    }

    pub(super) fn needs(&self, world: &World) -> Needs {
        let right = |verb: &str| Right {
            verb: verb.into(),
            group: String::new(),
            resource: "secrets".into(),
            namespace: Some(self.keep.namespace.clone()),
        };
        let mut needs = Needs { cluster: ["get", "create", "patch"].map(right).into(), ..Needs::default() };
        if let Some(source) = &self.from {
            rights::of_source(&mut needs, source, world);
        } else {
            let create = VaultPath::Api("auth/token/create-orphan".into());
            needs.vault.insert(create, BTreeSet::from(["update", "sudo"]));
        }
        needs
    }

    /// The Secret as it is; refused where a controller owns it.
    async fn secret(&self, world: &World) -> Result<Option<Secret>, Error> {
        if self.policies.iter().any(|policy| policy == "root") {
            return Err(Error::Unfit {
                what: "the policy `root` for the cluster's token".into(),
                reason: "it allows everything, and the cluster only reads".into(),
                hint: Some("name a policy that reads what External Secrets needs".into()),
            });
        }
        let SecretPlace { namespace, name, .. } = &self.keep;
        let secret = world.cluster().await?.secret(namespace, name).await?;
        match secret.as_ref().and_then(|secret| secret.owner.clone()) {
            None => Ok(secret),
            Some(owner) => Err(Error::Foreign {
                object: format!("Secret `{namespace}/{name}`"),
                owner,
                hint: "name another Secret as `vault.tokenSecret`, or stop its owner from writing it".into(),
            }),
        }
    }

    async fn verdict(&self, world: &World, secret: Option<Secret>) -> Result<Verdict, Error> {
        if let Some(source) = &self.from {
            return self.verdict_on_given(world, source, secret).await;
        }
        let Some(mut secret) = secret else { return Ok(Verdict::Make(Vec::new())) };
        let Some(token) = secret.data.remove(&self.keep.key).filter(|token| !token.is_empty()) else {
            return Ok(Verdict::Make(Vec::new()));
        };
        if token.ends_with_newline() {
            return Ok(Verdict::Make(vec!["it ends in a line feed".into()]));
        }
        let verdict = match world.vault().await?.look_up(token).await? {
            None => Verdict::Make(vec!["Vault does not know it, or it has expired".into()]),
            Some(info) => self.judge(&info),
        };
        Ok(if matches!(verdict, Verdict::Sound) && secret.has_last_applied {
            Verdict::Clean
        } else {
            verdict
        })
    }

    /// The user's own token is neither made nor renewed, only refused where it allows everything.
    async fn verdict_on_given(
        &self,
        world: &World,
        source: &Source,
        secret: Option<Secret>,
    ) -> Result<Verdict, Error> {
        let unclean = secret.as_ref().is_some_and(|secret| secret.has_last_applied);
        let there = secret.and_then(|mut secret| secret.data.remove(&self.keep.key));
        let there = there.filter(|token| !token.is_empty());
        let kept = || if unclean { Verdict::Clean } else { Verdict::Sound };
        if there.is_some() && source.is_new_each_time() {
            return Ok(kept());
        }
        let token = match world.read(source).await {
            Ok(Some(token)) => token,
            Ok(None) => return Ok(Verdict::Await(source.describe())),
            Err(Error::Source(source::Error::NotSet(_))) if there.is_some() => return Ok(kept()),
            Err(error) => return Err(error),
        };
        let unfit = |reason: &str, hint: &str| {
            let (reason, hint) = (reason.to_owned(), Some(hint.to_owned()));
            Err(Error::Unfit { what: source.describe(), reason, hint })
        };
        match world.vault().await?.look_up(token.duplicate()).await? {
            None => unfit("Vault does not know this token, or it has expired", "make a new one"),
            Some(info) if info.policies.contains("root") => unfit(
                "it is a root token, and the cluster only reads",
                "leave `vault.token` out, and a token with the policy of the cluster is made",
            ),
            Some(_) if there.is_some_and(|there| there.same_as(&token)) => Ok(kept()),
            Some(_) => Ok(Verdict::Write(token)),
        }
    }

    fn judge(&self, info: &TokenInfo) -> Verdict {
        let mut faults = Vec::new();
        if info.policies.contains("root") {
            faults.push("it is a root token; revoke it once the cluster has the new one".to_owned());
        }
        let missing = self.policies.iter().filter(|policy| !info.policies.contains(*policy));
        faults.extend(missing.map(|policy| format!("it lacks the policy `{policy}`")));
        if !info.orphan {
            faults.push("it ends with the token that made it".into());
        }
        if info.period.is_none() {
            faults.push("it cannot be renewed for ever".into());
        }
        if !faults.is_empty() {
            return Verdict::Make(faults);
        }
        match info.ttl {
            Some(left) if left < self.least(info) => {
                let left = Period::seconds(left.as_secs().max(1));
                if info.renewable {
                    Verdict::Renew(format!("{left} of its life are left"))
                } else {
                    Verdict::Make(vec![format!("{left} of its life are left, and it is not renewable")])
                }
            }
            _ => Verdict::Sound,
        }
    }

    /// Below this it is renewed: never more than half of what a renewal gives, or it would be renewed for ever.
    fn least(&self, info: &TokenInfo) -> Duration {
        let gives =
            info.period.unwrap_or(info.creation_ttl).min(info.creation_ttl.max(Duration::from_secs(1)));
        self.renew_below.get().min(gives / 2)
    }

    fn wish(&self, world: &World) -> TokenWish {
        TokenWish {
            display_name: format!("sealstrap-{}", world.settings.cluster.name),
            policies: self.policies.clone(),
            period: self.period.get(),
            meta: self.marks(world),
        }
    }

    /// The marks of tokens that were made for this Secret of this cluster.
    fn marks(&self, world: &World) -> BTreeMap<String, String> {
        let mut marks = world.marks();
        marks.insert("secret".into(), format!("{}/{}", self.keep.namespace, self.keep.name));
        marks
    }

    /// A run that died between making a token and keeping it left one that nobody holds.
    async fn revoke_strays(&self, world: &World) -> Result<(), Error> {
        let vault = world.vault().await?;
        let held = match self.token(world).await? {
            Some(token) => vault.look_up(token).await?.map(|info| info.accessor),
            None => None,
        };
        match vault.revoke_marked(&self.marks(world), &held.into_iter().collect()).await {
            Err(error) if matches!(error.cause, Cause::Forbidden(_)) => {
                world.warn(format!("{error}: {}; any such token ends by itself", error.cause));
                Ok(())
            }
            answer => Ok(answer.map(drop)?),
        }
    }

    async fn token(&self, world: &World) -> Result<Option<Plain>, Error> {
        let secret = world.cluster().await?.secret(&self.keep.namespace, &self.keep.name).await?;
        Ok(secret.and_then(|mut secret| secret.data.remove(&self.keep.key)))
    }

    async fn keep(&self, world: &World, kind: String, token: Plain) -> Result<(), Error> {
        let secret = SecretWrite {
            namespace: self.keep.namespace.clone(),
            name: self.keep.name.clone(),
            kind,
            labels: BTreeMap::from([("app.kubernetes.io/managed-by".into(), "sealstrap".into())]),
            annotations: BTreeMap::new(),
            data: BTreeMap::from([(self.keep.key.clone(), token)]),
        };
        let how = Apply { manager: "sealstrap", force: true, dry_run: false };
        Ok(world.cluster().await?.apply_secret(secret, how).await?)
    }

    fn vanished(&self) -> Error {
        Error::InputMissing {
            action: "renew the cluster's token".into(),
            input: format!("Secret `{}/{}`", self.keep.namespace, self.keep.name),
            makers: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
