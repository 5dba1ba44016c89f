//! An ACL policy exists in Vault with exactly these paths.

use std::collections::BTreeSet;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Needs, VaultPath};
use crate::bootstrap::{Error, Look, World, manifest_files, policy};
use crate::external::{self, Policy};
use crate::report::{Change, Verb};
use crate::yaml::{self, Document};

/// An ACL policy exists in Vault with exactly these paths.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VaultPolicy {
    /// Its name.
    pub name: String,
    /// KV paths (folders end in `*`) that may be read, with their metadata.
    #[serde(default)]
    pub read: Vec<KvPath>,
    /// Files and folders of manifests: what their ExternalSecrets read may be read, as `sealstrap vault policy` tells it.
    #[serde(default)]
    pub read_by: Vec<PathBuf>,
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
        let (wanted, gaps) = self.policy(world).await?;
        let Some(found) = world.vault().await?.policy(&self.name).await? else {
            let change = self.changed(Verb::Create, wanted.paths().map(|(path, _)| path));
            return Ok(Look::from(change.with_all(gaps)));
        };
        let found = Policy::read(&found).ok().filter(|found| !found.says_more());
        let Some(found) = found else {
            let change = Change::new(Verb::Update, self.object());
            let change = change.with("it holds more than paths with capabilities");
            return Ok(Look::from(change.with_all(gaps)));
        };
        let differing = found.differing(&wanted);
        if differing.is_empty() {
            for gap in gaps {
                world.warn(format!("{}: {gap}", self.object()));
            }
            return Ok(Look::Holds);
        }
        Ok(Look::from(self.changed(Verb::Update, differing).with_all(gaps)))
    }

    pub(super) async fn change(&self, world: &World) -> Result<(), Error> {
        if self.look(world).await? == Look::Holds {
            return Ok(());
        }
        let text = self.policy(world).await?.0.to_hcl();
        Ok(world.vault().await?.write_policy(&self.name, &text).await?)
    }

    pub(super) fn needs(&self, _: &World) -> Needs {
        let path = VaultPath::Api(format!("sys/policies/acl/{}", self.name));
        Needs { vault: [(path, BTreeSet::from(["read", "update"]))].into(), ..Needs::default() }
    }

    fn object(&self) -> String {
        format!("policy `{}` in Vault", self.name)
    }

    fn changed<'a>(&self, verb: Verb, paths: impl IntoIterator<Item = &'a str>) -> Change {
        paths.into_iter().fold(Change::new(verb, self.object()), Change::with)
    }

    /// Reading the values, and on KV v2 reading and listing their metadata; and what manifests name. Beside it what is missing
    /// from it, in words.
    async fn policy(&self, world: &World) -> Result<(Policy, Vec<String>), Error> {
        if matches!(self.name.as_str(), "root" | "default") {
            return Err(Error::Unfit {
                what: format!("`{}` as the name of the policy", self.name),
                reason: "it is one of Vault's own".into(),
                hint: Some("name another one as `vault.policy`".into()),
            });
        }
        let (vault, settings) = (world.vault().await?, &world.settings);
        let (documents, mut gaps) = self.documents(world)?;
        let mut policy = policy::least(&documents, &settings.vault, &settings.external_secrets);
        gaps.extend(policy.unknown().map(|path| format!("`{path}` is left out, since Flux fills it in")));
        for at in &self.read {
            let mount = at.mount.as_deref().unwrap_or(&settings.vault.mount);
            policy.grant(vault.api_path(mount, &at.path).await?, "read");
            if let Some(metadata) = vault.metadata_path(mount, &at.path).await? {
                policy.grant(metadata.as_str(), "read");
                policy.grant(metadata, "list");
            }
        }
        Ok((policy, gaps))
    }

    /// The documents that are to be read, and which files were not.
    fn documents(&self, world: &World) -> Result<(Vec<Document>, Vec<String>), Error> {
        let (root, mut all, mut gaps) = (&world.settings.root, Vec::new(), Vec::new());
        for path in &self.read_by {
            for file in manifest_files::files(root, path)? {
                let failed = |source| Error::File { file: file.clone(), source };
                let text = yaml::decode(&file, std::fs::read(root.join(&file)).map_err(failed)?)?;
                if !text.contains("external-secrets.io") {
                    continue;
                }
                if external::is_chart_template(&root.join(&file), &text) {
                    gaps.push(format!("{} is left out: only Helm can read a template", file.display()));
                } else {
                    all.extend(yaml::each(&file, &text)?.into_iter().flat_map(Document::taken_apart));
                }
            }
        }
        Ok((all, gaps))
    }
}
