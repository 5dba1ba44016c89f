//! A new application in a GitOps repository: its folder in the layout of Flux, and its place in what is synced.
//!
//! ```text
//! k8s/apps/<namespace>/kustomization.yaml        made, or added to
//! k8s/apps/<namespace>/namespace.yaml            where nothing else makes the namespace
//! k8s/apps/<namespace>/<name>/ks.yaml            the Kustomization of Flux
//! k8s/apps/<namespace>/<name>/app/               HelmRelease, ExternalSecret, OCIRepository
//! ```
//!
//! Look, then write: [`plan`] reads the repository and says what each file is to hold, [`write`] writes what differs.
//! A file that is there is never written over. Where it says all that ours would, it is left as it is, whatever else it
//! says; where it says something else, nothing is written at all. Lists of a kustomization are added to, and every other
//! byte of them stays.

mod app;
mod apps_folder;
mod contains;
mod draft;
mod error;
mod external_secret;
mod kustomization;
mod manifest;
mod repository;
mod write;

pub use app::{App, Chart, Place, Secret};
pub use apps_folder::AppsFolder;
pub use draft::Draft;
pub use error::{Clash, Error};
pub use repository::Repository;
pub use write::write;

use std::path::{Path, PathBuf};

use serde_json::Value;

/// What each file of a new application is to hold, those that are so already included.
///
/// # Errors
/// A name that Kubernetes does not take; files that say something else; a list that cannot be added to.
pub fn plan(app: &App, repository: &Repository) -> Result<Vec<Draft>, Error> {
    app.check()?;
    let namespace = repository.apps().join(&app.namespace);
    let (own, resources) = (namespace.join(&app.name), namespace.join(&app.name).join("app"));
    let mut drafts = Vec::new();
    let mut clashes = Vec::new();
    let mut draft = |path: PathBuf, manifest: &Value| -> Result<(), Error> {
        match Draft::of(repository, path, manifest)? {
            Ok(draft) => drafts.push(draft),
            Err(clash) => clashes.push(clash),
        }
        Ok(())
    };
    draft(own.join("ks.yaml"), &manifest::flux_kustomization(app, &resources, repository.source()))?;
    let parts = parts(app);
    for (name, manifest) in &parts {
        draft(resources.join(name), manifest)?;
    }
    if !clashes.is_empty() {
        return Err(Error::Clashes(clashes));
    }
    let names: Vec<&str> = parts.iter().map(|(name, _)| *name).collect();
    drafts.push(kustomization::of_app(repository, &resources, &names)?);
    drafts.extend(kustomization::of_namespace(repository, app, &namespace)?);
    drafts.extend(kustomization::of_all(repository, &app.namespace)?);
    Ok(drafts)
}

/// What Flux applies of it, by the names of the files, which stand in alphabetical order.
fn parts(app: &App) -> Vec<(&'static str, Value)> {
    let mut parts = Vec::new();
    if let Some(secret) = &app.secret {
        parts.push(("externalsecret.yaml", external_secret::manifest(&app.name, secret)));
    }
    parts.push(("helmrelease.yaml", manifest::helm_release(app)));
    if let Chart::Artifact { url, version } = &app.chart {
        parts.push(("ocirepository.yaml", manifest::oci_repository(&app.name, url, version)));
    }
    parts
}

/// A path as it stands in manifests.
fn text(path: &Path) -> String {
    path.display().to_string()
}
