//! What Flux reads of an application, and its namespace.

use std::path::Path;

use serde_json::{Value, json};

use super::{App, Chart, Place, text};

/// How often Flux looks again.
const INTERVAL: &str = "1h";
/// How long Flux waits for what it has applied.
const TIMEOUT: &str = "5m";

/// The Kustomization that applies a folder, and waits for the HelmRelease in it.
pub(super) fn flux_kustomization(app: &App, folder: &Path, source: &Place) -> Value {
    json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": app.name, "namespace": app.namespace},
        "spec": {
            "interval": INTERVAL,
            "path": format!("./{}", text(folder)),
            "prune": true,
            "sourceRef": {"kind": "GitRepository", "name": source.name, "namespace": source.namespace},
            "targetNamespace": app.namespace,
            "timeout": TIMEOUT,
            "healthChecks": [{
                "apiVersion": "helm.toolkit.fluxcd.io/v2",
                "kind": "HelmRelease",
                "name": app.name,
                "namespace": app.namespace,
            }],
        },
    })
}

/// The HelmRelease; its namespace is that of the Kustomization.
pub(super) fn helm_release(app: &App) -> Value {
    let mut spec = json!({"interval": INTERVAL});
    match &app.chart {
        Chart::Repository { chart, version, repository: Place { name, namespace } } => {
            let source = json!({"kind": "HelmRepository", "name": name, "namespace": namespace});
            spec["chart"] = json!({"spec": {"chart": chart, "version": version, "sourceRef": source}});
        }
        Chart::Artifact { .. } => spec["chartRef"] = json!({"kind": "OCIRepository", "name": app.name}),
    }
    spec["values"] = json!({});
    json!({
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": app.name},
        "spec": spec,
    })
}

/// The source of a chart that is an OCI artifact.
pub(super) fn oci_repository(name: &str, url: &str, version: &str) -> Value {
    json!({
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "OCIRepository",
        "metadata": {"name": name},
        "spec": {
            "interval": INTERVAL,
            "layerSelector": {
                "mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
                "operation": "copy",
            },
            "ref": {"tag": version},
            "url": url,
        },
    })
}

/// The namespace. It stays where its file goes: with it, everything in it would.
pub(super) fn namespace(name: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "annotations": {"kustomize.toolkit.fluxcd.io/prune": "disabled"}},
    })
}

/// A kustomization.
pub(super) fn kustomization(namespace: Option<&str>, components: &[String], resources: &[String]) -> Value {
    let mut made = json!({"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"});
    if let Some(namespace) = namespace {
        made["namespace"] = namespace.into();
    }
    if !components.is_empty() {
        made["components"] = components.into();
    }
    made["resources"] = resources.into();
    made
}
