//! How Flux is installed and what it syncs: a `FluxInstance`, the values of its chart, or what
//! `flux bootstrap` commits; and the helmfile that brings the rest.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use super::folder::{Document, Folder};
use super::{Found, Seen, git};
use crate::settings::RemoteUrl;

/// A way of installing that the repository shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Install {
    Helmfile(PathBuf),
    Manifests(PathBuf),
}

/// What Flux syncs.
struct Sync<'f> {
    document: &'f Document,
    url: Option<&'f str>,
    branch: Option<&'f str>,
    path: Option<&'f str>,
    pull_secret: Option<&'f str>,
}

/// Namespaces that a bootstrap needs before Flux makes the rest.
const FIRST: [&str; 4] = ["cert-manager", "external-secrets", "flux-system", "network"];

pub(super) fn look(folder: &Folder, found: &mut Found) {
    if let Some(sync) = instance(folder).or_else(|| committed_by_flux(folder)) {
        take(&sync, found);
    }
    install(folder, found);
    namespaces(folder, found);
    argo_cd(folder, found);
}

/// The name of the Secret that Flux pulls with.
pub(super) fn pull_secret(folder: &Folder) -> Option<&str> {
    instance(folder).or_else(|| committed_by_flux(folder)).and_then(|sync| sync.pull_secret)
}

fn take(sync: &Sync<'_>, found: &mut Found) {
    let file = &sync.document.file;
    // What the cluster pulls from decides, before what this checkout was cloned from.
    if let Some(url) = sync.url.and_then(RemoteUrl::parse) {
        let branch = found.git.branch.take();
        found.git = git::Remote { branch, ..git::Remote::of(&url, format!("`{}`", file.display())) };
    }
    if let Some(branch) = sync.branch {
        found.git.branch = Some(Seen::in_file(branch.to_owned(), file));
    }
    found.path = sync
        .path
        .map(|path| Seen::in_file(path.trim_start_matches("./").trim_end_matches('/').to_owned(), file));
}

/// A `FluxInstance`, or the values of the chart `flux-instance` in a file or a `HelmRelease`.
fn instance(folder: &Folder) -> Option<Sync<'_>> {
    folder.documents.iter().find_map(|document| {
        let at = ["/spec/sync", "/instance/sync", "/spec/values/instance/sync"].into_iter().find(|at| {
            let is_instance = document.is("fluxcd.controlplane.io", "FluxInstance");
            (*at != "/spec/sync" || is_instance) && document.text(&format!("{at}/url")).is_some()
        })?;
        let text = |key: &str| document.text(&format!("{at}/{key}"));
        Some(Sync {
            document,
            url: text("url"),
            branch: text("ref").and_then(|r| r.strip_prefix("refs/heads/")),
            path: text("path"),
            pull_secret: text("pullSecret"),
        })
    })
}

/// The `GitRepository` and the `Kustomization` in `gotk-sync.yaml`.
fn committed_by_flux(folder: &Folder) -> Option<Sync<'_>> {
    let own = |group, kind| {
        folder.all(group, kind).find(|document| {
            document.file.file_name().is_some_and(|name| name == "gotk-sync.yaml")
                || document.name() == Some("flux-system")
        })
    };
    let source = own("source.toolkit.fluxcd.io", "GitRepository")?;
    let applied = own("kustomize.toolkit.fluxcd.io", "Kustomization");
    Some(Sync {
        document: source,
        url: source.text("/spec/url"),
        branch: source.text("/spec/ref/branch"),
        path: applied.and_then(|applied| applied.text("/spec/path")),
        pull_secret: source.text("/spec/secretRef/name"),
    })
}

fn helmfile(folder: &Folder) -> Option<&Document> {
    folder
        .named(&["helmfile.yaml", "helmfile.yml"])
        .chain(
            folder
                .documents
                .iter()
                .filter(|document| document.file.components().any(|part| part.as_os_str() == "helmfile.d")),
        )
        .find(|document| document.value.get("releases").is_some_and(Value::is_array))
}

fn install(folder: &Folder, found: &mut Found) {
    let own = folder.all("fluxcd.controlplane.io", "FluxInstance").next();
    if let Some(helmfile) = helmfile(folder) {
        found.install.push(Seen::in_file(Install::Helmfile(helmfile.file.clone()), &helmfile.file));
        let brings = helmfile.list("/releases").iter().any(|release| release["name"] == "flux-instance");
        found.instance_brought =
            brings.then(|| format!("release `flux-instance` of `{}`", helmfile.file.display()));
    }
    if let Some(own) = own.filter(|_| found.instance_brought.is_none()) {
        found.install.push(Seen::in_file(Install::Manifests(own.file.clone()), &own.file));
        found.instance_brought = Some(format!("FluxInstance of `{}`", own.file.display()));
    }
}

fn namespaces(folder: &Folder, found: &mut Found) {
    let is_ours = |name: &str| !name.starts_with("kube-") && name != "default" && !name.contains('{');
    if let Some(helmfile) = helmfile(folder) {
        let releases = helmfile.list("/releases").iter();
        let all: BTreeSet<_> = releases
            .filter_map(|release| release["namespace"].as_str())
            .filter(|name| is_ours(name))
            .collect();
        let place = format!("the releases of `{}`", helmfile.file.display());
        found.namespaces =
            (!all.is_empty()).then(|| Seen::new(all.into_iter().map(str::to_owned).collect(), place));
        return;
    }
    let given: BTreeSet<_> = folder
        .named(&["kustomization.yaml", "kustomization.yml"])
        .filter_map(|document| document.text("/namespace"))
        .filter(|name| FIRST.contains(name))
        .map(str::to_owned)
        .collect();
    let place = "the kustomizations: those that must exist before Flux makes the rest";
    found.namespaces = (!given.is_empty()).then(|| Seen::new(given.into_iter().collect(), place));
}

fn argo_cd(folder: &Folder, found: &mut Found) {
    let application = ["Application", "ApplicationSet", "AppProject"]
        .into_iter()
        .find_map(|kind| folder.all("argoproj.io", kind).next());
    if let (Some(application), None) = (application, &found.path) {
        found.path = application
            .text("/spec/source/path")
            .and_then(|_| application.file.parent())
            .map(|folder| Seen::new(folder.display().to_string(), "the folder of the Argo CD Applications"))
            .filter(|folder| !folder.value.is_empty());
        found.notes.push(format!(
            "Argo CD objects stand in `{}`. The runbook below installs Flux: name one for Argo CD if you have it.",
            application.file.display()
        ));
    }
}
