//! What a file is to hold.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::contains::lacks;
use super::{Clash, Error, Repository};
use crate::yaml;

/// A file, as it is and as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its path from the root of the repository on.
    pub path: PathBuf,
    /// Its text as it is; nothing where it is not there.
    pub before: Option<String>,
    /// Its text as it is to be.
    pub after: String,
}

impl Draft {
    /// A file that holds a manifest; a clash where it holds something else already.
    pub(super) fn of(
        repository: &Repository,
        path: PathBuf,
        manifest: &Value,
    ) -> Result<Result<Self, Clash>, Error> {
        let Some(before) = repository.read(&path)? else {
            return Ok(Ok(Self { path, before: None, after: written(manifest) }));
        };
        let found = yaml::documents(&path, &before)?;
        Ok(match clash(&path, &found, manifest) {
            Some(clash) => Err(clash),
            None => Ok(Self::kept(path, before)),
        })
    }

    /// A file that is to stay as it is.
    pub(super) fn kept(path: PathBuf, text: String) -> Self {
        Self { path, before: Some(text.clone()), after: text }
    }

    /// Whether the file is so already.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.before.as_ref() == Some(&self.after)
    }
}

/// A manifest as the text of a file.
pub(super) fn written(manifest: &Value) -> String {
    let text = yaml::to_indented_string(manifest);
    format!("---\n{}\n", text.trim_end())
}

fn clash(path: &Path, found: &[Value], manifest: &Value) -> Option<Clash> {
    let lacking: Vec<Vec<String>> = found.iter().map(|found| lacks(found, manifest)).collect();
    if lacking.iter().any(Vec::is_empty) {
        return None;
    }
    // That of the same kind and name is the one that was meant.
    let is_other =
        |fields: &[String]| fields.iter().any(|field| matches!(&**field, "kind" | "metadata.name"));
    let fields = lacking.into_iter().find(|fields| !is_other(fields)).unwrap_or_default();
    Some(Clash { file: path.to_owned(), fields })
}
