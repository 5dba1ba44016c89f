//! The files in which Secrets are put that several objects share.

use std::path::{Path, PathBuf};

use super::kustomization::Chain;
use super::refusal::No;

/// The homes of all Secrets so far.
#[derive(Clone, Default)]
pub(super) struct Homes(Vec<Home>);

/// Where the Secret of an object is put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Home {
    /// The namespace and the name of the Secret.
    pub(super) secret: (String, String),
    /// The kind of the object; empty for an entry of a generator.
    pub(super) kind: String,
    /// What the object is applied with: the outermost kustomization, else the folder of its file.
    pub(super) applied: PathBuf,
    /// The kustomization that lists the Secret, if one does.
    pub(super) lists: Option<PathBuf>,
    /// The file of the Secret.
    pub(super) file: PathBuf,
}

impl Home {
    /// The home of a Secret for an object of a file.
    pub(super) fn new(secret: (&str, &str), kind: &str, object: &Path, chain: &Chain, file: &Path) -> Self {
        let folder = || object.parent().unwrap_or(Path::new("")).to_owned();
        Self {
            secret: (secret.0.to_owned(), secret.1.to_owned()),
            kind: kind.to_owned(),
            applied: chain.last().map_or_else(folder, |link| link.file.clone()),
            lists: chain.first().map(|link| link.file.clone()),
            file: file.to_owned(),
        }
    }
}

impl Homes {
    /// The home of a Secret: the one that is there, if what needs it is applied together, else the wanted one.
    ///
    /// # Errors
    /// What is applied by itself has a Secret of this name already, and may come to the same cluster: one of both would
    /// replace the other. Two objects of one kind and name are of two clusters.
    pub(super) fn settle(&self, wanted: Home) -> Result<Home, No> {
        let of_it = || self.0.iter().filter(|home| home.secret == wanted.secret);
        if let Some(shared) = of_it().find(|home| home.applied == wanted.applied) {
            return Ok(Home { lists: shared.lists.clone(), file: shared.file.clone(), ..wanted });
        }
        let is_other = |home: &&Home| wanted.kind.is_empty() || home.kind != wanted.kind;
        let Some(other) = of_it().find(is_other) else { return Ok(wanted) };
        let (namespace, name) = &wanted.secret;
        let reason = format!(
            "{} has the Secret `{namespace}/{name}` too, and would be applied by itself",
            other.file.display()
        );
        Err(No::new(reason, "mend one of both by hand, under another name"))
    }

    /// Notes that a Secret is put there.
    pub(super) fn note(&mut self, home: Home) {
        if !self.0.contains(&home) {
            self.0.push(home);
        }
    }
}
