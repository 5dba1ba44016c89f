//! The place where a key pair is kept: a KV path in Vault, or a Secret of the cluster.

use std::collections::{BTreeMap, BTreeSet};

use super::{Keep, KeyNames, KeyPair, SecretName};
use crate::bootstrap::step::{Needs, VaultPath};
use crate::bootstrap::{Error, World, sealing};
use crate::plain::Plain;
use crate::remote::cluster::{Apply, Right, Secret, SecretWrite};
use crate::remote::vault::KvSecret;
use crate::remote::{self, Cause};

const MANAGER: &str = "sealstrap";

/// What a place held when it was read.
#[derive(Debug)]
pub enum Kept {
    /// A KV secret.
    Vault(KvSecret),
    /// A Secret of the cluster, where there is one.
    Secret(Option<Secret>),
}

impl Kept {
    /// Its values.
    #[must_use]
    pub fn data(&self) -> Option<&BTreeMap<String, Plain>> {
        match self {
            Self::Vault(secret) => Some(&secret.data),
            Self::Secret(secret) => secret.as_ref().map(|secret| &secret.data),
        }
    }

    /// A value that has bytes.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&Plain> {
        self.data()?.get(key).filter(|value| !value.is_empty())
    }

    /// Whether nothing is there at all.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.data().is_none_or(BTreeMap::is_empty)
    }
}

impl Keep {
    /// The place in words.
    #[must_use]
    pub fn describe(&self, world: &World) -> String {
        match self {
            Self::Vault(path) => format!("Vault `{}/{path}`", world.settings.vault.mount),
            Self::Secret(SecretName { namespace, name, .. }) => format!("Secret `{namespace}/{name}`"),
        }
    }

    /// Reads the place.
    ///
    /// # Errors
    /// A remote that does not answer, or refuses.
    pub async fn read(&self, world: &World) -> Result<Kept, Error> {
        Ok(match self {
            Self::Vault(path) => {
                Kept::Vault(world.vault().await?.read(&world.settings.vault.mount, path).await?)
            }
            Self::Secret(at) => Kept::Secret(world.cluster().await?.secret(&at.namespace, &at.name).await?),
        })
    }

    /// The pair that is kept; nothing where there is no private key.
    ///
    /// # Errors
    /// A remote that does not answer, or a private key that cannot be used.
    pub async fn pair(&self, world: &World, names: &KeyNames) -> Result<Option<KeyPair>, Error> {
        self.pair_in(&self.read(world).await?, world, names)
    }

    /// The same for a place that was read already.
    ///
    /// # Errors
    /// A private key that cannot be used.
    pub fn pair_in(&self, kept: &Kept, world: &World, names: &KeyNames) -> Result<Option<KeyPair>, Error> {
        let Some(private) = kept.value(&names.private) else { return Ok(None) };
        let place = || format!("`{}` in {}", names.private, self.describe(world));
        KeyPair::parse(private).map(Some).map_err(|why| why.at(&place()))
    }

    /// Writes values over what was read, and keeps the others.
    ///
    /// # Errors
    /// A place that changed since it was read or belongs to somebody else; a remote that refuses.
    pub async fn write(
        &self,
        world: &World,
        kept: Kept,
        names: &KeyNames,
        set: BTreeMap<String, Plain>,
    ) -> Result<(), Error> {
        match (self, kept) {
            (Self::Vault(path), Kept::Vault(read)) => write_vault(world, path, &read, set).await,
            (Self::Secret(at), Kept::Secret(read)) => write_secret(world, at, read, names, set).await,
            _ => unreachable!("a place is written as it was read"),
        }
    }

    /// What reading it, and where `write` is set writing it, needs to be allowed.
    #[must_use]
    pub fn needs(&self, world: &World, write: bool) -> Needs {
        let mut needs = Needs::default();
        match self {
            Self::Vault(path) => {
                let all = ["read", "create", "update"];
                let capabilities: BTreeSet<_> = all[..if write { 3 } else { 1 }].iter().copied().collect();
                let mount = world.settings.vault.mount.clone();
                needs.vault.insert(VaultPath::Kv { mount, path: path.clone() }, capabilities);
            }
            Self::Secret(at) => {
                let all = ["get", "create", "patch"];
                needs.cluster.extend(all[..if write { 3 } else { 1 }].iter().map(|verb| Right {
                    verb: (*verb).to_owned(),
                    group: String::new(),
                    resource: "secrets".into(),
                    namespace: Some(at.namespace.clone()),
                }));
            }
        }
        needs
    }
}

async fn write_vault(
    world: &World,
    path: &str,
    read: &KvSecret,
    set: BTreeMap<String, Plain>,
) -> Result<(), Error> {
    let (vault, mount) = (world.vault().await?, &world.settings.vault.mount);
    vault.write(mount, path, set, read).await?;
    match vault.mark(mount, path, &world.marks()).await {
        // The value is stored, and nothing depends on its mark: a narrow token must not stop the run here.
        Err(remote::Error { cause: Cause::Forbidden(_), .. }) => {
            world.warn(format!(
                "`{mount}/{path}` carries no mark of sealstrap: the token may not write its metadata"
            ));
            Ok(())
        }
        answer => Ok(answer?),
    }
}

async fn write_secret(
    world: &World,
    at: &SecretName,
    read: Option<Secret>,
    names: &KeyNames,
    set: BTreeMap<String, Plain>,
) -> Result<(), Error> {
    let handed_over = read.as_ref().is_some_and(|secret| sealing::is_handed_over(secret, &at.name));
    let is_to_be_sealed = handed_over && at.sealed;
    if let Some(owner) = read.as_ref().and_then(|secret| secret.owner.as_ref()).filter(|_| !is_to_be_sealed) {
        return Err(Error::Foreign {
            object: format!("Secret `{}/{}`", at.namespace, at.name),
            owner: format!("`{owner}`"),
            hint: if handed_over {
                sealing::FILE_LEADS
            } else {
                "keep the key pair under another name, or in Vault"
            }
            .into(),
        });
    }
    // What an apply leaves out it takes away: parts that stay as they are belong to it too.
    let kind = read.as_ref().map_or_else(|| "Opaque".into(), |secret| secret.kind.clone());
    let mut data = read.map(|secret| secret.data).unwrap_or_default();
    data.retain(|key, _| [&names.private, &names.public, &names.hosts].contains(&key));
    data.extend(set);
    let write = SecretWrite {
        namespace: at.namespace.clone(),
        name: at.name.clone(),
        kind,
        labels: [("app.kubernetes.io/managed-by".to_owned(), MANAGER.to_owned())].into(),
        annotations: BTreeMap::new(),
        data,
    };
    // The controller manages what it unsealed; the new value is sealed for it by a later step.
    let how = Apply { manager: MANAGER, force: is_to_be_sealed, dry_run: false };
    Ok(world.cluster().await?.apply_secret(write, how).await?)
}
