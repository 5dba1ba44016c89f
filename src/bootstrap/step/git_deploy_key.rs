//! The Git host lists the public half of a kept key, under our title, once.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Needs;
use crate::bootstrap::key_pair::{Keep, KeyNames, KeyPair};
use crate::bootstrap::{Error, Look, World};
use crate::remote::git_host::{DeployKey, GitHost};
use crate::remote::{self, Cause};
use crate::report::{Change, Verb};

/// The Git host lists the public half of a kept key, under our title, once.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GitDeployKey {
    /// The title at the Git host.
    pub title: String,
    /// Whether the key may only read.
    #[serde(default = "yes")]
    pub read_only: bool,
    /// Where the key pair is kept.
    pub keep: Keep,
    /// The names of its parts there.
    #[serde(default)]
    pub keys: KeyNames,
}

fn yes() -> bool {
    true
}

/// What the host lists, sorted by what it is to us.
#[derive(Debug, PartialEq, Eq)]
struct Listed {
    /// The entry with our key.
    ours: Option<DeployKey>,
    /// Entries of ours with earlier keys.
    stale: Vec<DeployKey>,
}

impl GitDeployKey {
    pub(super) async fn look(&self, world: &World) -> Result<Look, Error> {
        let host = world.git_host().await?;
        // Listed even where the key is still to be made, so that a missing permission shows before any write.
        let all = host.deploy_keys().await?;
        let Some(pair) = self.keep.pair(world, &self.keys).await? else {
            let input = format!("`{}` in {}", self.keys.private, self.keep.describe(world));
            return Ok(Look::Awaits { change: Change::new(Verb::Create, self.object(host)), input });
        };
        let listed = self.sort(all, &pair);
        refuse_disabled(host, listed.ours.as_ref())?;
        if let Some(ours) = listed.ours.as_ref().filter(|ours| !self.is_our_title(ours)) {
            world.warn(format!(
                "{} is registered under the title `{}`; it is used as it is",
                self.object(host),
                ours.title
            ));
        }
        Ok(self.differences(host, &listed))
    }

    pub(super) async fn change(&self, world: &World) -> Result<(), Error> {
        let host = world.git_host().await?;
        let Some(pair) = self.keep.pair(world, &self.keys).await? else {
            return Err(Error::InputMissing {
                action: format!("register {}", self.object(host)),
                input: format!("`{}` in {}", self.keys.private, self.keep.describe(world)),
                makers: Vec::new(),
            });
        };
        self.register(host, &pair, &self.keep.describe(world)).await
    }

    pub(super) fn needs(&self, world: &World) -> Needs {
        Needs { git_host: true, ..self.keep.needs(world, false) }
    }

    fn object(&self, host: &GitHost) -> String {
        format!("deploy key `{}` at `{}`", self.title, host.repository())
    }

    /// Keys are told by their bodies. An entry with another key is ours only by its title, which names the
    /// cluster; all others belong to somebody else and are not touched.
    fn sort(&self, all: Vec<DeployKey>, pair: &KeyPair) -> Listed {
        let (mut same, others): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|key| KeyPair::same_public(&key.key, &pair.public_line()));
        Listed { ours: same.pop(), stale: others.into_iter().filter(|key| self.is_our_title(key)).collect() }
    }

    /// Our title, or our title with the fingerprint of the very key that stands under it.
    fn is_our_title(&self, key: &DeployKey) -> bool {
        key.title == self.title
            || KeyPair::short_fingerprint_of(&key.key)
                .is_some_and(|print| key.title == format!("{} ({print})", self.title))
    }

    /// The title for a new entry. While an earlier key of ours still has the plain one, the new one carries
    /// its fingerprint: Gitea takes no title twice, and the old key must not go before the new one is there.
    fn title_beside(&self, stale: &[DeployKey], pair: &KeyPair) -> String {
        if stale.iter().any(|key| key.title == self.title) {
            format!("{} ({})", self.title, pair.short_fingerprint())
        } else {
            self.title.clone()
        }
    }

    fn differences(&self, host: &GitHost, listed: &Listed) -> Look {
        let rights = |read_only| if read_only { "read-only" } else { "read and write" };
        let verb = match &listed.ours {
            Some(ours) if ours.read_only == self.read_only && listed.stale.is_empty() => return Look::Holds,
            Some(ours) if ours.read_only == self.read_only => Verb::Delete,
            None if listed.stale.is_empty() => Verb::Create,
            _ => Verb::Replace,
        };
        let mut change = Change::new(verb, self.object(host));
        match &listed.ours {
            None => change = change.with(rights(self.read_only)),
            Some(ours) if ours.read_only != self.read_only => {
                change = change.with(format!(
                    "{} becomes {}: the host changes no key in place, so it is deleted first and made again",
                    rights(ours.read_only),
                    rights(self.read_only)
                ));
            }
            Some(_) => {}
        }
        let gone = |key: &DeployKey| format!("deletes key {} of ours, which has another public key", key.id);
        Look::from(listed.stale.iter().map(gone).fold(change, Change::with))
    }

    /// Registers the key, then removes earlier ones of ours.
    async fn register(&self, host: &GitHost, pair: &KeyPair, place: &str) -> Result<(), Error> {
        let listed = self.sort(host.deploy_keys().await?, pair);
        refuse_disabled(host, listed.ours.as_ref())?;
        match &listed.ours {
            Some(ours) if ours.read_only == self.read_only => {}
            // The same key cannot be listed twice, so here the order must be the other way round. A run that
            // dies in between finds no key next time, and makes it.
            Some(ours) => {
                host.delete_deploy_key(ours.id).await?;
                self.create(host, pair, &listed.stale, place).await?;
            }
            None => self.create(host, pair, &listed.stale, place).await?,
        }
        for old in &listed.stale {
            host.delete_deploy_key(old.id).await?;
        }
        Ok(())
    }

    async fn create(
        &self,
        host: &GitHost,
        pair: &KeyPair,
        stale: &[DeployKey],
        place: &str,
    ) -> Result<(), Error> {
        let title = self.title_beside(stale, pair);
        let refused = match host.create_deploy_key(&title, &pair.public_key(), self.read_only).await {
            Ok(made) => return refuse_disabled(host, Some(&made)),
            Err(refused) => refused,
        };
        if !matches!(refused, remote::Error { cause: Cause::Conflict(_), .. }) {
            return Err(refused.into());
        }
        // Another run may have registered it in the meantime; then all is well.
        if self.sort(host.deploy_keys().await?, pair).ours.is_some() {
            return Ok(());
        }
        Err(Error::Foreign {
            object: format!("the public key of `{}` in {place}", self.keys.private),
            owner: format!("another repository or account at {}", host.address()),
            hint: format!(
                "delete it there, or delete `{}` in {place} so that a new key is made",
                self.keys.private
            ),
        })
    }
}

/// A key that a policy switched off lets nobody in; neither would another one.
fn refuse_disabled(host: &GitHost, key: Option<&DeployKey>) -> Result<(), Error> {
    match key {
        Some(key) if key.disabled => Err(Error::Unfit {
            what: format!("deploy key `{}` at `{}`", key.title, host.repository()),
            reason: "it is switched off by a policy of the repository's organisation or enterprise".into(),
            hint: Some(
                "an owner of the organisation allows deploy keys under *Settings, Member privileges, Deploy keys*"
                    .into(),
            ),
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
