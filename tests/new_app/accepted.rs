//! What a real API server says of the files, with the definitions of Flux and of External Secrets.

use serde_json::Value;

use crate::repository::Repository;
use crate::rig::{Kubernetes, flux, install_tls};

/// The kinds that are made, and where their objects lie.
const KINDS: [(&str, &str); 5] = [
    ("Namespace", "api/v1/namespaces"),
    ("Kustomization", "apis/kustomize.toolkit.fluxcd.io/v1/namespaces/shop/kustomizations"),
    ("HelmRelease", "apis/helm.toolkit.fluxcd.io/v2/namespaces/shop/helmreleases"),
    ("OCIRepository", "apis/source.toolkit.fluxcd.io/v1/namespaces/shop/ocirepositories"),
    ("ExternalSecret", "apis/external-secrets.io/v1/namespaces/shop/externalsecrets"),
];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn a_real_api_server_takes_every_file_and_fills_nothing_into_an_external_secret() {
    install_tls();
    let folder = tempfile::tempdir().unwrap();
    let kubernetes = Kubernetes::start(folder.path().join("kubernetes")).await;
    for (peer, module, crds) in [
        ("flux", "github.com/fluxcd/kustomize-controller", "config/crd/bases"),
        ("flux", "github.com/fluxcd/source-controller", "config/crd/bases"),
        ("external-secrets", "github.com/external-secrets/external-secrets", "config/crds/bases"),
    ] {
        kubernetes.install_crds(peer, module, crds).await;
    }
    flux::helm_crds(&kubernetes).await;
    let repository = Repository::plain();
    let words = ["web", "-n", "shop", "--repo", "podinfo", "--version", "1.0.0", "--secret", "user,password"];
    repository.new_app(&words).with_code(0);
    let words = ["echo", "-n", "shop", "--oci", "oci://ghcr.io/example/charts/echo", "--version", "1.0.0"];
    repository.new_app(&words).with_code(0);
    for path in [
        "namespace.yaml",
        "web/ks.yaml",
        "web/app/helmrelease.yaml",
        "web/app/externalsecret.yaml",
        "echo/ks.yaml",
        "echo/app/helmrelease.yaml",
        "echo/app/ocirepository.yaml",
    ] {
        is_taken(&kubernetes, &repository.document(&format!("k8s/apps/shop/{path}"))).await;
    }
}

/// Applies an object, which fails where a field is not known or not right, and compares what comes of it.
async fn is_taken(kubernetes: &Kubernetes, object: &Value) {
    let (kind, name) = (object["kind"].as_str().unwrap(), object["metadata"]["name"].as_str().unwrap());
    let (_, folder) = KINDS.iter().find(|(known, _)| *known == kind).unwrap();
    let found = kubernetes.apply(&format!("/{folder}/{name}"), object.to_string()).await;
    println!("{kind} {name}: taken, {}", found["spec"]);
    if kind == "ExternalSecret" {
        assert_eq!(found["spec"], object["spec"], "nothing is filled in");
    }
    for (field, value) in
        object["spec"].as_object().into_iter().flatten().filter(|(field, _)| *field != "chart")
    {
        assert_eq!(found["spec"][field], *value, "{field} of {kind} {name}");
    }
}
