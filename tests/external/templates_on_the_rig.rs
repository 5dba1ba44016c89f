//! A literal that `scan --fix` takes out of the template of an ExternalSecret: the real operator, with the real controller of
//! sealed-secrets or Vault, makes the same Secret as before.

use reqwest::Method;
use serde_json::{Value, json};

use super::on_the_rig::{Scene, path};
use crate::rig::kubernetes::condition;

/// Texts with and without expressions, beside templates from elsewhere that they win over, and a key of the store that stays.
const BEFORE: &str = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: db, namespace: shop}\nspec:\n  refreshInterval: 1h\n  refreshPolicy: Periodic\n  secretStoreRef: {kind: ClusterSecretStore, name: everywhere}\n  target:\n    creationPolicy: Owner\n    deletionPolicy: Retain\n    template:\n      engineVersion: v2\n      mergePolicy: Merge\n      templateFrom:\n      - {literal: \"password: of-nobody\\nmore: '{{ .user }}'\", target: Data}\n      data:\n        name: \"{{ .user | upper }}\"\n        password: tr0ub4dor-Kx9v # of the database\n        app.ini: |\n          user = {{ .user }}\n          password = tr0ub4dor-Kx9w\n          {{- if eq .user \"app\" }}\n          mode = \"own\" {{/* as it is */}}\n          {{- end }}\n  data:\n  - secretKey: user\n    remoteRef: {key: k8s/shop/db, property: user, conversionStrategy: Default, decodingStrategy: None, metadataPolicy: None}\n";

const SECRET: &str = "/api/v1/namespaces/shop/secrets/db";

/// Where the operator and Vault are, and the operator reads from a store `everywhere`.
async fn scene() -> Scene {
    let scene = Scene::start().await;
    let rig = &scene.rig;
    let token = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "vault-token", "namespace": "shop"}, "stringData": {"token": rig.vault.token}});
    rig.kubernetes.apply("/api/v1/namespaces/shop/secrets/vault-token", token.to_string()).await;
    let login = ["--login", "token", "--secret", "vault-token/token", "--ca", "vault-ca.crt", "-n", "shop"];
    scene.store(&[&["--name", "everywhere"][..], &login].concat()).await;
    let user = json!({"data": {"user": "app"}});
    rig.vault.request("POST", "secret/data/k8s/shop/db", Some(user)).await;
    scene
}

/// What the operator makes of the ExternalSecret in the repository, in a Secret that was not there before.
async fn made(scene: &Scene) -> Value {
    let kubernetes = &scene.rig.kubernetes;
    let text = std::fs::read_to_string(scene.repository.folder.join("db.yaml")).unwrap();
    let held = scene.apply(&text).await;
    let synced = format!("{}-", held["metadata"]["generation"]);
    let is_synced = |found: &Value| {
        let version = found["status"]["syncedResourceVersion"].as_str().unwrap_or_default();
        condition(found, "Ready") && version.starts_with(&synced)
    };
    kubernetes.wait_for(&path(&held), is_synced).await;
    kubernetes.request(Method::DELETE, SECRET, None).await;
    kubernetes.wait_for(SECRET, |found| found["data"].is_object()).await["data"].clone()
}

/// Applies what lies beside.
async fn apply_beside(scene: &Scene, file: &str) {
    let text = std::fs::read_to_string(scene.repository.folder.join(file)).unwrap();
    assert!(!text.contains("tr0ub4dor"), "{text}");
    let object = sealstrap::yaml::documents(file.as_ref(), &text).unwrap().remove(0);
    scene.rig.kubernetes.apply(&path(&object), text).await;
}

async fn mend(scene: &Scene, words: &[&str]) {
    scene.put("db.yaml", BEFORE);
    scene.run(&[&["scan", "db.yaml", "--fix", "--yes"], words].concat()).await;
    let after = std::fs::read_to_string(scene.repository.folder.join("db.yaml")).unwrap();
    assert!(!after.contains("tr0ub4dor") && after.contains("name: db-template"), "{after}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn the_same_secret_comes_of_a_template_that_was_sealed_or_lies_in_vault() {
    let mut scene = scene().await;
    scene.rig.start_sealed_secrets().await;
    scene.put("db.yaml", BEFORE);
    let before = made(&scene).await;
    assert_eq!(before.as_object().unwrap().len(), 5, "{before}");
    let certificate = scene.run(&["kubeseal", "--fetch-cert"]).await;
    scene.put("cluster.pem", &certificate);
    let settings = std::fs::read_to_string(scene.repository.folder.join("sealstrap.yaml")).unwrap();
    let in_store = settings.replace("externalSecrets: {", "externalSecrets: {store: {name: everywhere}, ");
    scene.repository.set(&in_store);
    for (words, file) in [
        (&["--cert", "cluster.pem"][..], "db-template.sealed.yaml"),
        (&["--to", "vault"], "db-template.external.yaml"),
    ] {
        mend(&scene, words).await;
        let (found, ()) = tokio::join!(made(&scene), apply_beside(&scene, file));
        assert_eq!(found, before, "by {file}");
        std::fs::remove_file(scene.repository.folder.join(file)).unwrap();
        for kind in
            ["apis/bitnami.com/v1alpha1/namespaces/shop/sealedsecrets", "api/v1/namespaces/shop/secrets"]
        {
            let at = format!("/{kind}/db-template");
            scene.rig.kubernetes.request(Method::DELETE, &at, None).await;
        }
    }
}
