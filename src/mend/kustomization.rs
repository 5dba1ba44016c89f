//! The kustomizations that a file goes through on its way to the cluster.

use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use super::refusal::No;
use crate::seal::Scope;
use crate::seal::verify::Kustomization;
use crate::yaml;

/// The names under which kustomize looks for one.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Those that a file goes through, the innermost first.
#[derive(Debug, Clone, Default)]
pub(super) struct Chain(Vec<Link>);

/// One of them.
#[derive(Debug, Clone)]
pub(super) struct Link {
    /// Its file.
    pub(super) file: PathBuf,
    /// Its document in there, from 0.
    pub(super) document: usize,
    made: Kustomization,
    /// The files that it lays over objects.
    patches: Vec<String>,
}

impl Chain {
    /// Those that list a file, from its folder up to the root; a kustomization goes through itself.
    pub(super) fn of(file: &Path, read: &dyn Fn(&Path) -> Option<String>) -> Self {
        let mut chain = Vec::new();
        let own = file.parent().unwrap_or(Path::new(""));
        let mut child = file;
        for folder in own.ancestors() {
            let Some(link) = NAMES.iter().find_map(|name| link(&folder.join(name), read)) else { continue };
            if link.file == file || child.strip_prefix(folder).is_ok_and(|child| link.made.lists(child)) {
                chain.push(link);
                child = folder;
            }
        }
        Self(chain)
    }

    /// Whether a file is laid over an object that is written elsewhere: it then says only a part of it.
    pub(super) fn has_patch(&self, file: &Path) -> bool {
        let is = |link: &Link| {
            let path = relative(&link.file, file);
            link.patches.iter().any(|patch| patch.strip_prefix("./").unwrap_or(patch) == path)
        };
        self.first().is_some_and(is)
    }

    /// The innermost one.
    pub(super) fn first(&self) -> Option<&Link> {
        self.0.first()
    }

    /// The namespace in which an object lands that says `own`.
    ///
    /// # Errors
    /// None is known where the scope needs one; two are named; names are changed on the way.
    pub(super) fn namespace(&self, own: &str, scope: Scope, otherwise: Option<&str>) -> Result<String, No> {
        if let Some(link) =
            self.0.iter().find(|link| !(link.made.prefix.is_empty() && link.made.suffix.is_empty()))
        {
            let reason = format!(
                "{} gives all objects other names, and a sealed value opens under its own name only",
                link.file.display()
            );
            return Err(No::new(reason, "seal it by hand, under the name that it has in the cluster"));
        }
        let given = self.0.iter().rev().find(|link| !link.made.namespace.is_empty());
        match (own, given) {
            ("", Some(link)) => Ok(link.made.namespace.clone()),
            ("", None) => match otherwise {
                Some(namespace) => Ok(namespace.to_owned()),
                None if scope == Scope::ClusterWide => Ok(String::new()),
                None => Err(No::new(
                    format!(
                        "neither it nor a kustomization names its namespace, to which {scope} sealing binds it"
                    ),
                    "write `metadata.namespace`, or name it with `--namespace`",
                )),
            },
            (own, Some(link)) if link.made.namespace != own => Err(No::new(
                format!(
                    "it says namespace `{own}`, and {} puts it into `{}`",
                    link.file.display(),
                    link.made.namespace
                ),
                "have both say the same",
            )),
            (own, _) => Ok(own.to_owned()),
        }
    }
}

/// The way from the folder of a kustomization to a file.
pub(super) fn relative(kustomization: &Path, file: &Path) -> String {
    let folder = kustomization.parent().unwrap_or(Path::new(""));
    let shared = folder.components().zip(file.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(file.components().skip(shared)).collect::<PathBuf>().to_string_lossy().into_owned()
}

fn link(file: &Path, read: &dyn Fn(&Path) -> Option<String>) -> Option<Link> {
    let documents = yaml::each(file, &read(file)?).ok()?;
    let document = documents.first()?;
    let list = |key: &str| document.value.get(key).and_then(Value::as_array).into_iter().flatten();
    let paths = list("patches").filter_map(|patch| patch.get("path")).chain(list("patchesStrategicMerge"));
    Some(Link {
        file: file.to_owned(),
        document: document.number - 1,
        made: Kustomization::read(document)?,
        patches: paths.filter_map(Value::as_str).map(str::to_owned).collect(),
    })
}
