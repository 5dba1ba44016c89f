//! `scan --fix --to vault`: what is found moves to Vault before its file refers to it.

use http::Method;
use sealstrap::sandbox::server::{Fault, Harm, Remote};
use serde_json::json;

use super::support::Stage;
use super::{DB, put, read};

const APP: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: app, namespace: shop}\nspec:\n  containers:\n  - name: app\n    env:\n    - name: DB_PASSWORD\n      value: tr0ub4dor-Kx9v # of the database\n";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_found_moves_to_vault_and_the_tree_is_clean() {
    let stage = Stage::start().await;
    put(&stage, "k8s/db.yaml", DB);
    put(&stage, "k8s/app.yaml", APP);
    let planned = stage.sealstrap(&["scan", "k8s", "--fix", "--to", "vault", "--plan"]).await.with_code(1);
    assert!(planned.stdout.contains("ExternalSecret"), "{}", planned.stdout);
    assert!(!planned.stdout.contains("tr0ub4dor"), "{}", planned.stdout);
    assert_eq!((stage.writes_since(), read(&stage, "k8s/db.yaml").as_str()), (0, DB));
    stage.sealstrap(&["scan", "k8s", "--fix", "--to", "vault", "--yes"]).await.with_code(0);
    assert_eq!(stage.sandbox.vault.kv("secret", "k8s/db").unwrap()["password"], "tr0ub4dor-Kx9v");
    assert_eq!(stage.sandbox.vault.kv("secret", "k8s/app-env").unwrap()["DB_PASSWORD"], "tr0ub4dor-Kx9v");
    let app = read(&stage, "k8s/app.yaml");
    assert!(app.contains("secretKeyRef") && app.contains("# of the database"), "{app}");
    stage.sealstrap(&["scan", "k8s"]).await.with_code(0);
    stage.sealstrap(&["external", "check", "k8s"]).await.with_code(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_refers_to_what_vault_has_not_taken() {
    let stage = Stage::start().await;
    put(&stage, "k8s/db.yaml", DB);
    let harm = Harm::Answer(403, json!({"errors": ["1 error occurred:\n\t* permission denied\n\n"]}));
    let (method, path) = (Some(Method::POST), "/data/".to_owned());
    stage.sandbox.ledger().harm(Fault { remote: Remote::Vault, method, path, times: usize::MAX, harm });
    let told = stage.sealstrap(&["scan", "k8s", "--fix", "--to", "vault", "--yes"]).await.with_code(2);
    assert!(told.stderr.contains("secret/k8s/db"), "{}", told.stderr);
    assert_eq!(read(&stage, "k8s/db.yaml"), DB);
}
