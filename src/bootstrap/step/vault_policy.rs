//! An ACL policy exists in Vault with exactly these paths.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Needs, VaultPath};
use crate::bootstrap::{Error, Look, World};
use crate::remote::vault::Rules;
use crate::report::{Change, Verb};

/// An ACL policy exists in Vault with exactly these paths.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VaultPolicy {
    /// Its name.
    pub name: String,
    /// KV paths (folders end in `*`) that may be read, with their metadata.
    #[serde(default)]
    pub read: Vec<KvPath>,
}

/// A path of a KV engine.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KvPath {
    /// The mount; the one of the settings when absent.
    #[serde(default)]
    pub mount: Option<String>,
    /// The path below it.
    pub path: String,
}

impl VaultPolicy {
    pub(super) async fn look(&self, world: &World) -> Result<Look, Error> {
        let wanted = self.rules(world).await?;
        let Some(found) = world.vault().await?.policy(&self.name).await? else {
            return Ok(Look::from(self.changed(Verb::Create, wanted.0.keys())));
        };
        let Some(found) = Rules::read(&found) else {
            let change = Change::new(Verb::Update, self.object());
            return Ok(Look::from(change.with("it holds more than paths with capabilities")));
        };
        if found == wanted {
            return Ok(Look::Holds);
        }
        let differs = |path: &&String| found.0.get(*path) != wanted.0.get(*path);
        let paths: BTreeSet<_> = found.0.keys().chain(wanted.0.keys()).filter(differs).collect();
        Ok(Look::from(self.changed(Verb::Update, paths)))
    }

    pub(super) async fn change(&self, world: &World) -> Result<(), Error> {
        if self.look(world).await? == Look::Holds {
            return Ok(());
        }
        let text = self.rules(world).await?.to_string();
        Ok(world.vault().await?.write_policy(&self.name, &text).await?)
    }

    pub(super) fn needs(&self, _: &World) -> Needs {
        let path = VaultPath::Api(format!("sys/policies/acl/{}", self.name));
        Needs { vault: [(path, BTreeSet::from(["read", "update"]))].into(), ..Needs::default() }
    }

    fn object(&self) -> String {
        format!("policy `{}` in Vault", self.name)
    }

    fn changed<'a>(&self, verb: Verb, paths: impl IntoIterator<Item = &'a String>) -> Change {
        paths.into_iter().fold(Change::new(verb, self.object()), Change::with)
    }

    /// Reading the values, and on KV v2 reading and listing their metadata.
    async fn rules(&self, world: &World) -> Result<Rules, Error> {
        if matches!(self.name.as_str(), "root" | "default") {
            return Err(Error::Unfit {
                what: format!("`{}` as the name of the policy", self.name),
                reason: "it is one of Vault's own".into(),
                hint: Some("name another one as `vault.policy`".into()),
            });
        }
        let vault = world.vault().await?;
        let mut rules = Rules::default();
        for at in &self.read {
            let mount = at.mount.as_deref().unwrap_or(&world.settings.vault.mount);
            rules.allow(vault.api_path(mount, &at.path).await?, &["read"]);
            if let Some(metadata) = vault.metadata_path(mount, &at.path).await? {
                rules.allow(metadata, &["read", "list"]);
            }
        }
        Ok(rules)
    }
}
