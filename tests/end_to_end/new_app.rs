//! A new application on its way: made by the command, pushed, applied by Flux, its secret out of Vault.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::rig::flux;
use crate::rig::repository::{Repository, text};
use crate::scene::Scene;

/// The application, and the folder of all.
const APP: &[&str] = &[
    "my-app",
    "--namespace",
    "my-namespace",
    "--chart",
    "my-chart",
    "--repo",
    "my-repo",
    "--version",
    "1.0.0",
];
const SECRETS: &[&str] = &["--secret", "username,password", "--apps", "k8s/apps"];
const OCI: &[&str] = &["echo", "--namespace", "my-namespace", "--oci", "oci://ghcr.io/example/charts/echo"];
/// What Vault holds for it.
const WORD: &str = "open sesame";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn a_new_application_is_applied_by_flux_with_its_secret_and_nothing_drifts() {
    let scene = Scene::start().await;
    flux::helm_crds(&scene.rig.kubernetes).await;
    Repository::succeeded(&scene.repository.sealstrap(&["bootstrap"]).await);
    let kept = json!({"data": {"username": "admin", "password": WORD}});
    scene.rig.vault.request("POST", "secret/data/k8s/my-app", Some(kept)).await;
    make(&scene, &[APP, SECRETS].concat()).await;
    make(&scene, &[OCI, &["--version", "1.0.0"]].concat()).await;
    let commit = push(&scene).await;
    scene.wait_applied(&commit).await;
    it_is_there(&scene).await;
    its_secret_is_there(&scene).await;
}

/// Makes an application; the second run writes nothing.
async fn make(scene: &Scene, words: &[&str]) {
    let words = [&["new", "app"], words].concat();
    let first = scene.repository.sealstrap(&words).await;
    println!("{}", text(&first));
    Repository::succeeded(&first);
    let second = scene.repository.sealstrap(&words).await;
    Repository::succeeded(&second);
    assert!(text(&second).contains("nothing was written"), "{}", text(&second));
}

/// Pushes all applications, and what Flux applies them by; gives the last commit.
async fn push(scene: &Scene) -> String {
    let root = &scene.repository.folder;
    for file in files(&root.join("k8s/apps")) {
        let path = file.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        scene.push_at(&path, &std::fs::read_to_string(&file).unwrap()).await;
    }
    let all = json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
        "metadata": {"name": "cluster-apps", "namespace": "flux-system"},
        "spec": {
            "path": "./k8s/apps", "interval": "1h", "prune": true,
            "sourceRef": {"kind": "GitRepository", "name": "flux-system"},
        },
    });
    scene.push("cluster-apps.yaml", &all.to_string()).await
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The document of a file of the application.
fn written(scene: &Scene, path: &str) -> Value {
    let file = scene.repository.folder.join("k8s/apps/my-namespace").join(path);
    sealstrap::yaml::documents(&file, &std::fs::read_to_string(&file).unwrap()).unwrap().remove(0)
}

async fn it_is_there(scene: &Scene) {
    for (path, file) in [
        ("kustomize.toolkit.fluxcd.io/v1/namespaces/my-namespace/kustomizations/my-app", "my-app/ks.yaml"),
        (
            "helm.toolkit.fluxcd.io/v2/namespaces/my-namespace/helmreleases/my-app",
            "my-app/app/helmrelease.yaml",
        ),
        ("helm.toolkit.fluxcd.io/v2/namespaces/my-namespace/helmreleases/echo", "echo/app/helmrelease.yaml"),
        (
            "source.toolkit.fluxcd.io/v1/namespaces/my-namespace/ocirepositories/echo",
            "echo/app/ocirepository.yaml",
        ),
    ] {
        let found =
            scene.rig.kubernetes.wait_for(&format!("/apis/{path}"), |found| found["spec"].is_object()).await;
        println!("{path}: {}", found["spec"]);
        for (key, value) in written(scene, file)["spec"].as_object().unwrap() {
            assert!(
                key == "chart" || found["spec"][key] == *value,
                "{key} of {path} is {}",
                found["spec"][key]
            );
        }
    }
}

async fn its_secret_is_there(scene: &Scene) {
    use base64::Engine;
    let path = "/apis/external-secrets.io/v1/namespaces/my-namespace/externalsecrets/my-app-secret";
    let found = scene.rig.kubernetes.wait_ready(path).await;
    assert_eq!(
        found["spec"],
        written(scene, "my-app/app/externalsecret.yaml")["spec"],
        "nothing is filled in"
    );
    println!("ExternalSecret: Ready, generation {}", found["metadata"]["generation"]);
    let made = scene.rig.kubernetes.get("/api/v1/namespaces/my-namespace/secrets/my-app-secret").await;
    let wanted = base64::engine::general_purpose::STANDARD.encode(WORD);
    assert_eq!(made["data"]["password"], wanted, "{made}");
}
