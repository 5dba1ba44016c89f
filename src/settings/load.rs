//! Finding and reading the settings: flags over the environment over the file over the defaults.

use std::path::{Path, PathBuf};

use super::environment::{self, Environment};
use super::{GitHostKind, Settings, VaultSettings, check};
use crate::yaml::{self, Tree};

/// The name of the settings file.
pub const FILE_NAME: &str = "sealstrap.yaml";

/// What the flags say about settings.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// The settings file, instead of the one found by walking up.
    pub file: Option<PathBuf>,
    /// The kubeconfig context.
    pub context: Option<String>,
    /// The kubeconfig file.
    pub kubeconfig: Option<PathBuf>,
    /// The runbook.
    pub runbook: Option<String>,
}

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No `sealstrap.yaml` here or above.
    #[error("there is no `sealstrap.yaml` in {} or a folder above it", .0.display())]
    Missing(PathBuf),
    /// It cannot be read.
    #[error("cannot read {}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// Something in it is wrong.
    #[error(transparent)]
    Yaml(#[from] yaml::Error),
    /// A setting that neither the file nor the environment gives.
    #[error("the setting `{setting}` is missing")]
    Needed {
        /// Its name.
        setting: &'static str,
        /// How to give it.
        hint: String,
    },
    /// A setting that the environment gives, and that cannot be right.
    #[error("the environment variable `{variable}` {complaint}")]
    Environment {
        /// The variable.
        variable: &'static str,
        /// What is wrong with it.
        complaint: String,
    },
}

impl Error {
    /// What to do about it, apart from the complaint.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Missing(_) => Some(format!(
                "`sealstrap init` writes one from what it finds; `{}` names one elsewhere",
                environment::CONFIG
            )),
            Self::Yaml(error) => error.hint.clone(),
            Self::Needed { hint, .. } => Some(hint.clone()),
            Self::Environment { variable, .. } => Some(format!("correct or unset `{variable}`")),
            Self::File { .. } => {
                Some(format!("check the path that `--config` or `{}` names", environment::CONFIG))
            }
        }
    }
}

impl Settings {
    /// Finds the file from `folder` upwards (or takes the one of the flags) and lays environment and flags over it.
    ///
    /// # Errors
    /// No file, an unreadable one, a wrong field with its place, a setting that nothing gives.
    pub fn load(folder: &Path, flags: &Overrides) -> Result<Self, Error> {
        let environment = Environment::read();
        let (file, text) = open(folder, flags, &environment)?;
        Self::assemble(&file, &text, flags, environment)
    }

    /// The settings of a text, as [`Settings::load`] makes them of a file.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn from_text(file: &Path, text: &str, flags: &Overrides) -> Result<Self, Error> {
        Self::assemble(file, text, flags, Environment::read())
    }

    /// Refuses settings without an address of Vault, for those who are going to need one.
    ///
    /// # Errors
    /// [`Error::Needed`].
    pub fn check_vault(&self) -> Result<(), Error> {
        if !self.vault.address.is_empty() {
            return Ok(());
        }
        let hint = "set `vault.address` in `sealstrap.yaml`, or `VAULT_ADDR` in the environment".into();
        Err(Error::Needed { setting: "vault.address", hint })
    }

    /// The same in a given environment.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn assemble(
        file: &Path,
        text: &str,
        flags: &Overrides,
        environment: Environment,
    ) -> Result<Self, Error> {
        let tree = Tree::parse(file, text)?;
        let mut settings: Self = tree.typed(&tree.value, &[])?;
        check::file(&tree, &settings)?;
        settings.root = absolute(file).parent().map_or_else(|| PathBuf::from("/"), Path::to_owned);
        settings.lay_over(flags, environment)?;
        check::whole(&settings)?;
        Ok(settings)
    }

    /// Lays the environment over what the file says, and the flags over both.
    fn lay_over(&mut self, flags: &Overrides, environment: Environment) -> Result<(), Error> {
        let first = |flag: &Option<String>, variable: Option<String>| flag.clone().or(variable);
        if let Some(runbook) = first(&flags.runbook, environment.runbook) {
            self.runbook = runbook;
        }
        if let Some(context) = first(&flags.context, environment.context) {
            self.cluster.context = Some(context);
        }
        if let Some(file) = &flags.kubeconfig {
            self.cluster.kubeconfig = Some(absolute(file));
        }
        if let Some(namespace) = environment.vault_namespace {
            self.vault.namespace = Some(namespace);
        }
        if let Some(ca) = environment.vault_ca {
            self.vault.ca = Some(absolute(&ca));
        }
        self.take_github_api(environment.github_api)?;
        if let Some(address) = environment.vault_address {
            lay_address_over(&mut self.vault, address)?;
        }
        if self.vault.readable.is_empty() {
            self.vault.readable = vec![self.vault.prefix.clone()];
        }
        Ok(())
    }

    fn take_github_api(&mut self, address: Option<String>) -> Result<(), Error> {
        let Some(address) =
            address.filter(|address| address.trim_end_matches('/') != "https://api.github.com")
        else {
            return Ok(());
        };
        if self.git.host == GitHostKind::Github && self.git.api.is_none() {
            check::guarded_address(&address).map_err(|complaint| Error::Environment {
                variable: environment::GITHUB_API_URL,
                complaint,
            })?;
            self.git.api = Some(address);
        }
        Ok(())
    }
}

/// Lays Vault's address of the environment over that of the file.
pub(super) fn lay_address_over(vault: &mut VaultSettings, address: String) -> Result<(), Error> {
    check::address(&address)
        .map_err(|complaint| Error::Environment { variable: environment::VAULT_ADDR, complaint })?;
    // An address for this machine (a forwarded port, say) is not the one by which the cluster gets there.
    if vault.cluster_address.is_none() && !vault.address.is_empty() {
        vault.cluster_address = Some(std::mem::take(&mut vault.address));
    }
    vault.address = address;
    Ok(())
}

/// The settings file that is meant, in full, and its text.
pub(super) fn open(
    folder: &Path,
    flags: &Overrides,
    environment: &Environment,
) -> Result<(PathBuf, String), Error> {
    let named = flags.file.as_ref().or(environment.config.as_ref()).map(|file| folder.join(file));
    let file = named.map_or_else(|| find(folder), Ok)?;
    let text = std::fs::read(&file).map_err(|source| Error::File { file: file.clone(), source })?;
    let text = yaml::decode(&file, text)?;
    Ok((absolute(&file), text))
}

/// The nearest settings file from `folder` up to the root of the file system.
fn find(folder: &Path) -> Result<PathBuf, Error> {
    absolute(folder)
        .ancestors()
        .map(|folder| folder.join(FILE_NAME))
        .find(|file| file.is_file())
        .ok_or_else(|| Error::Missing(folder.to_owned()))
}

pub(super) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests;
