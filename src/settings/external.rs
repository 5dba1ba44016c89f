//! The part of the settings about ExternalSecrets. It can be read alone: writing manifests needs neither a cluster nor a
//! Git host.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::environment::Environment;
use super::load::{self, Error, Overrides};
use super::{ExternalSecrets, Timeouts, VaultSettings, check};
use crate::yaml;

/// What manifests of External Secrets need of the settings.
#[derive(Debug, Clone, Default)]
pub struct ExternalSettings {
    /// The part about External Secrets.
    pub external_secrets: ExternalSecrets,
    /// The part about Vault.
    pub vault: VaultSettings,
    /// Vault's authority as the environment names it. It is that of an address from here, and not what stores refer to.
    pub vault_ca_here: Option<PathBuf>,
    /// Deadlines.
    pub timeouts: Timeouts,
    /// The folder of the file, or the one that was asked from where there is none: paths are relative to it.
    pub root: PathBuf,
}

/// The fields of the file that are read for it; all others are left to the verbs that need them.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Part {
    external_secrets: ExternalSecrets,
    vault: VaultSettings,
    timeouts: Timeouts,
}

impl ExternalSettings {
    /// Finds the file as [`super::Settings::load`] does and reads this part of it; where there is no file, everything has its
    /// default. An address of Vault in the environment stands over that of the file, which is the cluster's then.
    ///
    /// # Errors
    /// An unreadable file, a wrong field with its place.
    pub fn load(folder: &Path, flags: &Overrides) -> Result<Self, Error> {
        let environment = Environment::read();
        let mut settings = match load::open(folder, flags, &environment) {
            Ok((file, text)) => Self::of_text(&file, &text)?,
            Err(Error::Missing(_)) => Self { root: folder.to_owned(), ..Self::default() },
            Err(error) => return Err(error),
        };
        settings.vault_ca_here = environment.vault_ca.as_deref().map(load::absolute);
        if let Some(address) = environment.vault_address {
            load::lay_address_over(&mut settings.vault, address)?;
        }
        Ok(settings)
    }

    fn of_text(file: &Path, text: &str) -> Result<Self, Error> {
        let tree = yaml::Tree::parse(file, text)?;
        let Part { external_secrets, vault, timeouts } = tree.typed(&tree.value, &[])?;
        check::external(&tree, &external_secrets)?;
        let root = file.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Self { external_secrets, vault, vault_ca_here: None, timeouts, root })
    }
}
