//! The repository that an application is made in.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{Error, Place};
use crate::init::Folder;

/// The names under which kustomize looks for a kustomization.
const KUSTOMIZATIONS: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
/// The component that all namespaces share, beside the folder of applications.
pub(super) const COMMON: &str = "components/common";
/// Namespaces that every cluster has.
const ALWAYS: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];
/// The namespace of Flux, and the name of what it syncs.
const FLUX: &str = "flux-system";

/// A repository: where its applications lie, and what its manifests say.
pub struct Repository {
    root: PathBuf,
    apps: PathBuf,
    folder: Folder,
    source: Place,
    namespaces: Vec<String>,
}

impl Repository {
    /// Reads the manifests at `root`. `namespaces` are those that a bootstrap makes.
    #[must_use]
    pub fn read_at(root: &Path, apps: &Path, namespaces: impl IntoIterator<Item = String>) -> Self {
        let folder = Folder::read(root);
        let source = source(&folder, apps);
        let namespaces = namespaces.into_iter().chain(ALWAYS.map(str::to_owned)).collect();
        Self { root: root.to_owned(), apps: apps.to_owned(), folder, source, namespaces }
    }

    /// Its root.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The HelmRepository of a name, for an application in `namespace`, and whether there is one of that name at all.
    ///
    /// One in the component that all namespaces share is in each of them that does: in that of Flux, or else in the
    /// application's. Another one is where the manifests put it, if that is one namespace; else in that of Flux.
    #[must_use]
    pub fn helm_repository(&self, name: &str, namespace: &str) -> (Place, bool) {
        let all = self.folder.all("source.toolkit.fluxcd.io", "HelmRepository");
        let all: Vec<_> = all.filter(|document| document.name() == Some(name)).collect();
        let is_shared =
            self.common().is_some_and(|common| all.iter().any(|found| found.file.starts_with(&common)));
        let mut given: Vec<String> = all.iter().filter_map(|found| self.folder.namespace_of(found)).collect();
        given.sort();
        given.dedup();
        let place = match &given[..] {
            _ if is_shared && self.shares(FLUX) == Some(true) => FLUX,
            _ if is_shared && self.shares(namespace) != Some(false) => namespace,
            [one] => one,
            _ => FLUX,
        };
        (Place { name: name.into(), namespace: place.into() }, !all.is_empty())
    }

    /// The component that all namespaces share, where there is one.
    pub(super) fn common(&self) -> Option<PathBuf> {
        let component = self.apps.parent().unwrap_or(Path::new("")).join(COMMON);
        self.kustomization(&component).map(|_| component)
    }

    /// Whether the kustomization of a namespace has that component; nothing where there is no kustomization yet.
    fn shares(&self, namespace: &str) -> Option<bool> {
        let file = self.kustomization(&self.apps.join(namespace))?;
        let document = self.folder.documents.iter().find(|document| document.file == file)?;
        let components = document.list("/components").iter().filter_map(|entry| entry.as_str());
        Some(components.into_iter().any(|entry| Path::new(entry).ends_with(COMMON)))
    }

    /// The folder of applications.
    pub(super) fn apps(&self) -> &Path {
        &self.apps
    }

    /// What Flux syncs.
    pub(super) fn source(&self) -> &Place {
        &self.source
    }

    /// The text of a file; nothing where there is none.
    pub(super) fn read(&self, path: &Path) -> Result<Option<String>, Error> {
        match std::fs::read_to_string(self.root.join(path)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) if error.kind() == ErrorKind::IsADirectory => Err(Error::Folder(path.to_owned())),
            Err(error) => Err(Error::file("read", path)(error)),
        }
    }

    /// The file of the kustomization in a folder, where there is one.
    pub(super) fn kustomization(&self, folder: &Path) -> Option<PathBuf> {
        let all = KUSTOMIZATIONS.map(|name| folder.join(name));
        all.into_iter().find(|file| self.root.join(file).symlink_metadata().is_ok())
    }

    /// Whether something else than `own` makes a namespace: a bootstrap, or a manifest of the repository.
    pub(super) fn makes_namespace(&self, name: &str, own: &Path) -> bool {
        self.namespaces.iter().any(|known| known == name)
            || self.folder.documents.iter().any(|document| {
                document.file != own && is_namespace(&document.value) && document.name() == Some(name)
            })
    }

    /// Whether a component makes the namespace that its kustomization is in: it holds one, of whatever name.
    pub(super) fn component_makes_namespace(&self, component: &Path) -> bool {
        let inside = |file: &Path| file.starts_with(component);
        self.folder.documents.iter().any(|document| inside(&document.file) && is_namespace(&document.value))
    }

    /// Whether a folder holds manifests besides those below `own`.
    pub(super) fn has_manifests(&self, folder: &Path, own: &[PathBuf]) -> bool {
        self.folder.documents.iter().any(|document| {
            document.file.starts_with(folder) && !own.iter().any(|own| document.file.starts_with(own))
        })
    }
}

fn is_namespace(document: &serde_json::Value) -> bool {
    document["kind"] == "Namespace" && document["apiVersion"] == "v1"
}

/// What the Kustomization that applies all applications is applied from.
fn source(folder: &Folder, apps: &Path) -> Place {
    let all = folder.all("kustomize.toolkit.fluxcd.io", "Kustomization");
    let found = all.filter(|document| document.text("/spec/sourceRef/kind") == Some("GitRepository")).find(
        |document| {
            document.text("/spec/path").is_some_and(|path| Path::new(path.trim_start_matches("./")) == apps)
        },
    );
    let text = |pointer: &str| found.and_then(|found| found.text(pointer));
    let namespace = text("/spec/sourceRef/namespace").or_else(|| text("/metadata/namespace"));
    Place {
        name: text("/spec/sourceRef/name").unwrap_or(FLUX).to_owned(),
        namespace: namespace.unwrap_or(FLUX).to_owned(),
    }
}
