//! An SSH key pair is kept in Vault or in a cluster Secret, whole and valid.

use std::collections::BTreeMap;

use rand_core::OsRng;
use schemars::JsonSchema;
use serde::Deserialize;

use super::Needs;
use crate::bootstrap::key_pair::{Keep, Kept, KeyNames, KeyPair};
use crate::bootstrap::known_hosts::HostKeys;
use crate::bootstrap::{Error, Look, World};
use crate::plain::Plain;
use crate::report::{Change, Verb};
use crate::settings::KeyAlgorithm;

/// An SSH key pair is kept in Vault or in a cluster Secret, whole and valid.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeployKey {
    /// The kind of key to make where there is none; a valid key of another kind is kept.
    #[serde(default)]
    pub algorithm: KeyAlgorithm,
    /// The comment of the public key.
    #[serde(default)]
    pub comment: Option<String>,
    /// Where it is kept.
    pub keep: Keep,
    /// The names of its parts there.
    #[serde(default)]
    pub keys: KeyNames,
    /// Whether the Git host's own keys are kept beside it, as known_hosts lines.
    #[serde(default)]
    pub known_hosts: bool,
}

/// What is kept, and what it lacks.
struct Assessment {
    kept: Kept,
    /// The pair that is there.
    pair: Option<KeyPair>,
    /// The known_hosts text to be written, where it is another one.
    hosts: Option<String>,
    /// Names of what is to be written, with the reason.
    details: Vec<String>,
}

impl DeployKey {
    pub(super) async fn look(&self, world: &World) -> Result<Look, Error> {
        let Assessment { kept, details, .. } = self.assess(world).await?;
        if details.is_empty() {
            return Ok(Look::Holds);
        }
        let verb = if kept.is_absent() { Verb::Create } else { Verb::Update };
        let change = Change::new(verb, self.keep.describe(world));
        Ok(Look::from(details.into_iter().fold(change, Change::with)))
    }

    pub(super) async fn change(&self, world: &World) -> Result<(), Error> {
        let Assessment { kept, pair, hosts, details } = self.assess(world).await?;
        if details.is_empty() {
            return Ok(());
        }
        let mut set = BTreeMap::new();
        let (public, private) = match pair {
            Some(pair) => (pair.public_line(), None),
            None => {
                let pair = self.generate(world).await?;
                (pair.public_line(), Some(pair.private()))
            }
        };
        if let Some(private) = private {
            set.insert(self.keys.private.clone(), private);
        }
        if !self.keys.public.is_empty() {
            set.insert(self.keys.public.clone(), Plain::from(public));
        }
        if let Some(hosts) = hosts {
            set.insert(self.keys.hosts.clone(), Plain::from(hosts));
        }
        self.keep.write(world, kept, &self.keys, set).await
    }

    pub(super) fn needs(&self, world: &World) -> Needs {
        let mut needs = self.keep.needs(world, true);
        needs.git_host = self.known_hosts && world.settings.git.known_hosts.is_none();
        needs
    }

    async fn assess(&self, world: &World) -> Result<Assessment, Error> {
        let kept = self.keep.read(world).await?;
        let pair = self.keep.pair_in(&kept, world, &self.keys)?;
        let mut details = Vec::new();
        match &pair {
            None => details.push(format!("{}: a new {} key", self.keys.private, name(self.algorithm))),
            Some(pair) if self.public_differs(&kept, pair) => {
                details.push(format!("{}: is not the public half of {}", self.keys.public, self.keys.private))
            }
            Some(_) => {}
        }
        let hosts = if self.known_hosts { self.hosts_to_write(world, &kept).await? } else { None };
        if hosts.is_some() {
            let why = match kept.value(&self.keys.hosts) {
                None => "the keys of the Git host",
                Some(_) => "the Git host has other keys",
            };
            details.push(format!("{}: {why}", self.keys.hosts));
        }
        Ok(Assessment { kept, pair, hosts, details })
    }

    /// Whether the public half is kept, and is that of another private key, or missing.
    fn public_differs(&self, kept: &Kept, pair: &KeyPair) -> bool {
        !self.keys.public.is_empty()
            && !KeyPair::same_public(&public_text(kept.value(&self.keys.public)), &pair.public_line())
    }

    /// The known_hosts text, where the one that is kept does not hold what is vouched for. Where nothing
    /// vouches, lines that somebody pinned there already are left as they are.
    async fn hosts_to_write(&self, world: &World, kept: &Kept) -> Result<Option<String>, Error> {
        let there = public_text(kept.value(&self.keys.hosts));
        match HostKeys::vouched(world).await {
            Ok(keys) if keys.hold_in(&there) => Ok(None),
            Ok(keys) => Ok(Some(keys.text(&there))),
            Err(Error::Unfit { .. }) if HostKeys::pinned_in(&there, world) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes the pair beside the other work: RSA takes its time.
    async fn generate(&self, world: &World) -> Result<KeyPair, Error> {
        let algorithm = self.algorithm;
        let comment =
            self.comment.clone().unwrap_or_else(|| format!("sealstrap {}", world.settings.cluster.name));
        let made = tokio::task::spawn_blocking(move || KeyPair::generate(algorithm, &comment, &mut OsRng));
        match made.await {
            Ok(made) => made.map_err(|why| why.at("the new deploy key")),
            Err(_) => Err(Error::Stopped { why: "while a key was made".into(), done: 0, next: None }),
        }
    }
}

/// A public part as text; empty where it is missing or no text.
#[expect(clippy::disallowed_methods, reason = "sink: a public key and host keys, which are no secrets")]
fn public_text(value: Option<&Plain>) -> String {
    value.and_then(Plain::expose_text).map(|text| text.to_string()).unwrap_or_default()
}

fn name(algorithm: KeyAlgorithm) -> &'static str {
    match algorithm {
        KeyAlgorithm::Ed25519 => "Ed25519",
        KeyAlgorithm::EcdsaP256 => "ECDSA P-256",
        KeyAlgorithm::EcdsaP384 => "ECDSA P-384",
        KeyAlgorithm::EcdsaP521 => "ECDSA P-521",
        KeyAlgorithm::Rsa2048 => "2048-bit RSA",
        KeyAlgorithm::Rsa3072 => "3072-bit RSA",
        KeyAlgorithm::Rsa4096 => "4096-bit RSA",
    }
}

#[cfg(test)]
mod tests;
