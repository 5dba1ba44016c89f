//! A KV secret in Vault holds these keys; keys that are not named are kept.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Needs, VaultPath};
use crate::bootstrap::{Error, Look, World};
use crate::plain::Plain;
use crate::remote::vault::KvSecret;
use crate::report::{Change, Verb};
use crate::source::{self, Source};

/// A KV secret in Vault holds these keys; keys that are not named are kept.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VaultSecret {
    /// The mount; the one of the settings when absent.
    #[serde(default)]
    pub mount: Option<String>,
    /// The path below the mount.
    pub path: String,
    /// The keys, and where their values come from.
    pub keys: BTreeMap<String, Source>,
}

/// What is wrong with one key, and the value that mends it.
struct Mend {
    key: String,
    /// Nothing where the key is absent.
    complaint: Option<&'static str>,
    value: Plain,
}

impl VaultSecret {
    pub(super) async fn look(&self, world: &World) -> Result<Look, Error> {
        let mut read = world.own_secret(self.mount(world), &self.path).await?;
        let mends = self.mends(world, &mut read).await?;
        if mends.is_empty() {
            return Ok(Look::Holds);
        }
        let verb = if read.version == 0 && read.data.is_empty() { Verb::Create } else { Verb::Update };
        let mut change = Change::new(verb, format!("secret `{}` in Vault", self.place(world)));
        if read.deleted {
            change = change.with("its newest version was deleted");
        }
        let detail = |mend: &Mend| match mend.complaint {
            Some(complaint) => format!("`{}` {complaint}", mend.key),
            None => format!("`{}`", mend.key),
        };
        Ok(Look::from(mends.iter().map(detail).fold(change, Change::with)))
    }

    pub(super) async fn change(&self, world: &World) -> Result<(), Error> {
        let mut read = world.own_secret(self.mount(world), &self.path).await?;
        let mends = self.mends(world, &mut read).await?;
        if mends.is_empty() {
            return Ok(());
        }
        let (vault, mount) = (world.vault().await?, self.mount(world));
        // Before the value: a run that dies in between leaves nothing that nobody knows for ours.
        world.mark_own(mount, &self.path, &read).await?;
        let set = mends.into_iter().map(|mend| (mend.key, mend.value)).collect();
        Ok(vault.write(mount, &self.path, set, &read).await?)
    }

    pub(super) fn needs(&self, world: &World) -> Needs {
        let path = VaultPath::Kv { mount: self.mount(world).to_owned(), path: self.path.clone() };
        let mut vault = BTreeMap::from([(path, BTreeSet::from(["read", "create", "update"]))]);
        for source in self.keys.values() {
            if let Source::Vault(at) = source {
                let mount = at.mount.as_ref().unwrap_or(&world.settings.vault.mount).clone();
                vault.entry(VaultPath::Kv { mount, path: at.path.clone() }).or_default().insert("read");
            }
        }
        Needs { vault, ..Needs::default() }
    }

    fn mount<'a>(&'a self, world: &'a World) -> &'a str {
        self.mount.as_deref().unwrap_or(&world.settings.vault.mount)
    }

    fn place(&self, world: &World) -> String {
        format!("{}/{}", self.mount(world), self.path)
    }

    /// The keys that are not as they should be.
    async fn mends(&self, world: &World, read: &mut KvSecret) -> Result<Vec<Mend>, Error> {
        let mut mends = Vec::new();
        for (key, source) in &self.keys {
            let held = read.data.remove(key);
            let mend = self.mend(world, key, source, held.as_ref()).await?;
            if let Some(held) = held {
                read.data.insert(key.clone(), held);
            }
            mends.extend(mend);
        }
        Ok(mends)
    }

    async fn mend(
        &self,
        world: &World,
        key: &str,
        source: &Source,
        held: Option<&Plain>,
    ) -> Result<Option<Mend>, Error> {
        let mend = |complaint, value| Some(Mend { key: key.to_owned(), complaint, value });
        let held = held.filter(|held| !held.is_empty());
        let broken = held.filter(|held| held.ends_with_newline());
        let wanted = match (source, held) {
            // Made or asked for once; what is there stays.
            (Source::Generate(_) | Source::Prompt(_), Some(_)) => None,
            _ => self.value(world, key, source, held.is_some()).await?,
        };
        Ok(match (wanted, held) {
            (Some(wanted), None) => mend(None, wanted),
            (Some(wanted), Some(held)) if wanted.same_as(held) => None,
            (Some(wanted), Some(_)) if broken.is_some() => mend(Some(LINE_FEED), wanted),
            (Some(wanted), Some(_)) => mend(Some("differs"), wanted),
            (None, _) => match broken {
                Some(broken) => mend(Some(LINE_FEED), trimmed(broken)),
                None => None,
            },
        })
    }

    /// The source's value; nothing where it is not to be had and the secret holds one already.
    async fn value(
        &self,
        world: &World,
        key: &str,
        source: &Source,
        held: bool,
    ) -> Result<Option<Plain>, Error> {
        let unfit = |reason: String, hint| Error::Unfit {
            what: format!("{} as `{key}` of `{}`", source.describe(), self.place(world)),
            reason,
            hint,
        };
        match world.read(source).await {
            Ok(Some(value)) => {
                let value = value.without_line_end();
                if value.is_empty() { Err(unfit("it is empty".into(), None)) } else { Ok(Some(value)) }
            }
            // Not given this time: a second run needs no secret in its environment.
            Ok(None) | Err(Error::Source(source::Error::NotSet(_))) if held => Ok(None),
            Ok(None) => {
                let hint = format!("put it there, or name another source for `{key}`");
                Err(unfit("there is no such key".into(), Some(hint)))
            }
            Err(error) => Err(error),
        }
    }
}

const LINE_FEED: &str = "ends in a line feed";

#[expect(clippy::disallowed_methods, reason = "sink: the same value goes back to Vault without its line end")]
fn trimmed(value: &Plain) -> Plain {
    Plain::new(value.expose().to_vec()).without_line_end()
}

#[cfg(test)]
mod tests;
