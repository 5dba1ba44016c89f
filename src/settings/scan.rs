//! The part of the settings about scanning. It can be read alone: a hook needs neither Vault nor a Git host.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::environment::Environment;
use super::load::{self, Error, Overrides};
use crate::yaml::{self, Segment, Tree};

/// Scanning: which files, and what is made of what is found in them.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Scanning {
    /// The file with the findings that are known; `.sealstrap-baseline` at the top of the repository when absent.
    pub baseline: Option<PathBuf>,
    /// Files that are not looked at, as a `.gitignore` at the top of the repository names them.
    pub exclude: Vec<String>,
    /// What holds for some files, one after another: of several that say something of a finding the last one counts.
    pub areas: Vec<ScanningArea>,
}

/// What holds for the files under some paths.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ScanningArea {
    /// The files, as a `.gitignore` at the top of the repository names them; all when absent.
    pub paths: Vec<String>,
    /// What is made of the findings of a rule, by its name.
    pub rules: BTreeMap<String, ScanningLevel>,
    /// What is made of values that anybody can guess, and of placeholders; by default those are warnings, and these are
    /// notes.
    pub dummies: Option<ScanningDummies>,
}

/// What is made of a rule's findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ScanningLevel {
    /// They are allowed, and counted.
    Off,
    /// They are told and refuse nothing.
    Note,
    /// They are told as what can be guessed.
    Warning,
    /// They are told as secrets in clear.
    Error,
}

/// What is made of dummies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ScanningDummies {
    /// They are allowed, and counted.
    Allow,
    /// They are errors like secrets.
    Refuse,
}

/// What scanning needs of the settings.
#[derive(Default)]
pub struct ScanningSettings {
    /// The part about scanning.
    pub scan: Scanning,
    /// The folder of the file; paths in it are relative to it.
    root: PathBuf,
    /// The file, to tell places in it; none where it says nothing of scanning.
    tree: Option<Tree>,
}

/// The field of the file that is read for it; all others are left to the verbs that need them.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Part {
    scan: Scanning,
}

impl ScanningSettings {
    /// Finds the file as [`super::Settings::load`] does and reads this part of it; where there is no file, everything
    /// has its default.
    ///
    /// # Errors
    /// An unreadable file, a wrong field with its place.
    pub fn load(folder: &Path, flags: &Overrides) -> Result<Self, Error> {
        let (file, text) = match load::open(folder, flags, &Environment::read()) {
            Ok(opened) => opened,
            Err(Error::Missing(_)) => return Ok(Self::default()),
            Err(error) => return Err(error),
        };
        // A hook may take no longer than it must.
        if !text.contains("scan") {
            return Ok(Self::default());
        }
        let tree = Tree::parse(&file, &text)?;
        let Part { scan } = tree.typed(&tree.value, &[])?;
        let root = file.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Self { scan, root, tree: Some(tree) })
    }

    /// The baseline, in full, where one is named.
    #[must_use]
    pub fn baseline(&self) -> Option<PathBuf> {
        self.scan.baseline.as_ref().map(|file| self.root.join(file))
    }

    /// What is wrong with a value of this part, by the way to it.
    #[must_use]
    pub fn error(&self, way: &[Segment], complaint: String) -> Error {
        self.place(way, |tree, way| tree.error(way, complaint))
    }

    /// A name that is no rule's.
    #[must_use]
    pub fn unknown_rule(&self, way: &[Segment], nearest: Option<&str>) -> Error {
        let meant = nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
        self.place(way, |tree, way| tree.error_at_key(way, format!("there is no such rule{meant}")))
    }

    fn place(&self, way: &[Segment], error: impl FnOnce(&Tree, &[Segment]) -> yaml::Error) -> Error {
        let nothing = || Error::Missing(self.root.clone());
        let way = [&["scan".into()], way].concat();
        self.tree.as_ref().map_or_else(nothing, |tree| error(tree, &way).into())
    }
}
