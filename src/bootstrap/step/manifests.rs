//! Manifests are applied in stages: CRDs and namespaces, classes, the rest, webhooks last.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::OnceCell;

use super::Needs;
use crate::bootstrap::apply::{How, MANAGER, Origin, Set};
use crate::bootstrap::manifest_files::{files, is_kustomization};
use crate::bootstrap::{Error, Look, World, rights};
use crate::remote::web;
use crate::settings::{HttpManifest, Period};
use crate::yaml;

/// Manifests are applied in stages: CRDs and namespaces, classes, the rest, webhooks last.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifests {
    /// Where they come from.
    pub from: Vec<ManifestSource>,
    /// The namespace of objects that name none.
    #[serde(default)]
    pub namespace: Option<String>,
    /// Values for `${NAME}`; the settings' are used beside them. What stays unresolved is refused.
    #[serde(default)]
    pub substitute: BTreeMap<String, String>,
    /// The field manager; a name that Flux takes over from by itself when absent.
    #[serde(default)]
    pub manager: Option<String>,
    /// Whether it holds only once the objects are ready.
    #[serde(default)]
    pub wait: bool,
    /// The deadline of that wait.
    #[serde(default)]
    pub timeout: Option<Period>,
    /// What was fetched from the web: pinned by digest, so once is enough.
    #[serde(skip)]
    fetched: Fetched,
}

/// Where manifests come from.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum ManifestSource {
    /// A file, or a folder with all `.yaml`, `.yml` and `.json` files below it.
    Path(PathBuf),
    /// A file behind http(s).
    Http(HttpManifest),
    /// An OCI artifact, `registry/repository@sha256:…`.
    Oci(String),
    /// An object written in the task itself.
    Inline(Value),
}

/// Files by name, fetched at first use.
#[derive(Clone, Default)]
struct Fetched(Arc<OnceCell<Vec<File>>>);

/// A file's name and bytes.
type File = (String, Vec<u8>);

impl std::fmt::Debug for Fetched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fetched")
    }
}

impl Manifests {
    pub(super) async fn look(&self, world: &World) -> Result<Look, Error> {
        self.set(world).await?.look(world).await
    }

    pub(super) async fn change(&self, world: &World) -> Result<(), Error> {
        self.set(world).await?.change(world).await
    }

    /// What lies on the web is not fetched to name rights; what cannot be read is told when it is looked at.
    pub(super) fn needs(&self, world: &World) -> Needs {
        let objects = self.local(world).unwrap_or_default();
        let objects = objects.iter().map(|origin| &origin.object);
        Needs { cluster: rights::apply(objects, self.namespace.as_deref()), ..Needs::default() }
    }

    async fn set(&self, world: &World) -> Result<Set<'_>, Error> {
        let mut objects = self.local(world)?;
        let timeout = world.settings.timeouts.request.get();
        for (name, bytes) in self.fetched.0.get_or_try_init(|| fetch(&self.from, timeout)).await? {
            objects.extend(parse(name, bytes)?);
        }
        let mut values = world.settings.substitute.clone();
        values.extend(self.substitute.clone());
        let how = How {
            manager: self.manager.as_deref().unwrap_or(MANAGER),
            namespace: self.namespace.as_deref(),
            values,
            wait: self.wait,
            deadline: self.timeout.unwrap_or(world.settings.timeouts.wait).get(),
        };
        Set::new(objects, &how)
    }

    /// The objects of files and of the task itself.
    fn local(&self, world: &World) -> Result<Vec<Origin>, Error> {
        let mut objects = Vec::new();
        for source in &self.from {
            match source {
                ManifestSource::Path(path) => {
                    for file in files(&world.settings.root, path)? {
                        let bytes = std::fs::read(world.settings.root.join(&file))
                            .map_err(|source| Error::File { file: file.clone(), source })?;
                        objects.extend(parse(&file.display().to_string(), &bytes)?);
                    }
                }
                ManifestSource::Inline(object) => {
                    objects.push(Origin { file: "this task".into(), object: object.clone() });
                }
                ManifestSource::Http(_) | ManifestSource::Oci(_) => {}
            }
        }
        Ok(objects)
    }
}

async fn fetch(from: &[ManifestSource], timeout: std::time::Duration) -> Result<Vec<File>, Error> {
    let mut files = Vec::new();
    for source in from {
        match source {
            ManifestSource::Http(at) => {
                files.push((at.url.clone(), web::download(&at.url, &at.sha256, timeout).await?));
            }
            ManifestSource::Oci(reference) => {
                let pulled = web::pull(reference, timeout).await?;
                files.extend(pulled.into_iter().map(|(path, bytes)| (format!("{reference}/{path}"), bytes)));
            }
            ManifestSource::Path(_) | ManifestSource::Inline(_) => {}
        }
    }
    files.retain(|(name, _)| !is_kustomization(Path::new(name)));
    Ok(files)
}

fn parse(name: &str, bytes: &[u8]) -> Result<Vec<Origin>, Error> {
    let text = std::str::from_utf8(bytes).map_err(|_| Error::Unfit {
        what: format!("`{name}`"),
        reason: "it is not UTF-8 text".into(),
        hint: None,
    })?;
    let objects = yaml::manifests(Path::new(name), text)?;
    Ok(objects.into_iter().map(|object| Origin { file: name.to_owned(), object }).collect())
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use serde_json::json;

    use super::{Manifests, files};
    use crate::bootstrap::Error;
    use crate::bootstrap::testing::world;

    #[test]
    fn a_folder_is_read_to_its_ground_in_order_and_without_what_is_no_manifest() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "b.yml",
            "a/z.yaml",
            "a/c.json",
            "kustomization.yaml",
            "README.md",
            ".hidden.yaml",
            ".git/x.yaml",
        ] {
            let file = folder.path().join("m").join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, "").unwrap();
        }
        let found = files(folder.path(), Path::new("m")).unwrap();
        assert_eq!(found, ["m/a/c.json", "m/a/z.yaml", "m/b.yml"].map(PathBuf::from));
        let one = files(folder.path(), Path::new("m/README.md")).unwrap();
        assert_eq!(one, [PathBuf::from("m/README.md")]);
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let Err(Error::File { file, .. }) = files(Path::new("/nowhere"), Path::new("m")) else {
            panic!("found")
        };
        assert_eq!(file, PathBuf::from("m"));
    }

    #[test]
    fn the_rights_are_those_of_the_objects() {
        let step: Manifests = serde_json::from_value(json!({
            "from": [{"inline": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}}],
            "namespace": "n"}))
        .unwrap();
        let rights = step.needs(&world()).cluster;
        assert_eq!(rights.len(), 3);
        assert!(rights.iter().all(|right| right.namespace.as_deref() == Some("n")));
    }

    #[tokio::test]
    async fn the_steps_variables_win_over_those_of_the_settings() {
        let mut settings = (*world().settings).clone();
        settings.substitute.insert("A".into(), "settings".into());
        let world = crate::bootstrap::World::new(settings.into(), crate::report::Events::silent());
        let step = |substitute| -> Manifests {
            serde_json::from_value(json!({
                "from": [{"inline": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "${A}-${B}"}}}],
                "substitute": substitute}))
            .unwrap()
        };
        assert!(step(json!({"A": "x", "B": "y"})).set(&world).await.is_ok());
        assert!(
            matches!(step(json!({})).set(&world).await, Err(Error::Unfit { reason, .. }) if reason.contains("`B`"))
        );
    }
}
