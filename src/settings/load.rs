//! Finding and reading the settings: flags over the environment over the file over the defaults.

use std::path::{Path, PathBuf};

use super::Settings;
use crate::yaml;

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
}

#[expect(unused_variables, clippy::todo, reason = "skeleton")]
impl Settings {
    /// Finds the file from `folder` upwards (or takes the one of the flags) and lays environment and flags over it.
    ///
    /// # Errors
    /// No file, an unreadable one, a wrong field with its place, a setting that nothing gives.
    pub fn load(folder: &Path, flags: &Overrides) -> Result<Self, Error> {
        todo!()
    }

    /// The settings of a text, as [`Settings::load`] makes them of a file.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn from_text(file: &Path, text: &str, flags: &Overrides) -> Result<Self, Error> {
        todo!()
    }
}
