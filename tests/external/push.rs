//! `external push`: values on their way to Vault.

use sealstrap::sandbox::server::{Fault, Harm, Remote};
use serde_json::json;

use super::support::Stage;
use super::{DB, put};

#[tokio::test(flavor = "multi_thread")]
async fn values_are_written_once_with_our_mark_and_others_are_kept() {
    let stage = Stage::start().await;
    put(&stage, "db.yaml", DB);
    stage.sandbox.vault.set_kv("secret", "k8s/db", &json!({"theirs": 7, "port": "1234"}));
    let planned = stage.sealstrap(&["external", "push", "db.yaml", "--plan"]).await.with_code(0);
    assert!(
        planned.stderr.contains("secret/k8s/db: `key.bin`, `password` would be written"),
        "{}",
        planned.stderr
    );
    assert_eq!(stage.writes_since(), 0);
    stage.sealstrap(&["external", "push", "db.yaml"]).await.with_code(0);
    let held = stage.sandbox.vault.kv("secret", "k8s/db").unwrap();
    assert_eq!((held["theirs"].as_str(), held["password"].as_str()), ("7", "tr0ub4dor-Kx9v"));
    assert_eq!((held["key.bin"].as_str(), held["port"].as_str()), ("AAH/", "1234"));
    let marks = stage.sandbox.vault.with_metadata("secret", "k8s/db", |all| all.clone()).unwrap();
    assert_eq!(marks["managed-by"], "sealstrap");
    stage.writes_since();
    let again = stage.sealstrap(&["external", "push", "db.yaml"]).await.with_code(0);
    assert!(again.stderr.contains("secret/k8s/db: already so"), "{}", again.stderr);
    assert_eq!(stage.writes_since(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_somebody_elses_is_refused_and_the_rest_is_written() {
    let stage = Stage::start().await;
    put(&stage, "in/a.yaml", DB);
    put(&stage, "in/b.yaml", &DB.replace("name: db\n", "name: api\n"));
    put(&stage, "in/c.yaml", &DB.replace("name: db\n", "name: web\n"));
    stage.sandbox.vault.set_kv("secret", "k8s/db", &json!({"password": "theirs"}));
    let marked = [("managed-by".to_owned(), "external-secrets".to_owned())];
    stage.sandbox.vault.set_kv("secret", "k8s/api", &json!({}));
    stage.sandbox.vault.with_metadata("secret", "k8s/api", |all| all.extend(marked)).unwrap();
    let told = stage.sealstrap(&["external", "push", "in"]).await.with_code(2);
    for part in [
        "2 of 3 paths were not written",
        "secret/k8s/web: `key.bin`, `password`, `port` written",
        "somebody who left no mark, with other values for `password`",
        "external-secrets",
        "--adopt",
    ] {
        assert!(told.stderr.contains(part), "{part}\n{}", told.stderr);
    }
    assert_eq!(stage.sandbox.vault.kv("secret", "k8s/db").unwrap()["password"], "theirs");
    let told = stage.sealstrap(&["external", "push", "in/a.yaml", "--adopt"]).await.with_code(0);
    assert!(told.stderr.contains("secret/k8s/db: `key.bin`, `password`, `port` written"), "{}", told.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_is_written_once_its_values_are_in_vault_and_not_where_they_are_not() {
    let stage = Stage::start().await;
    put(&stage, "db.yaml", DB);
    stage.sandbox.vault.set_kv("secret", "k8s/db", &json!({"password": "theirs"}));
    let words = ["external", "generate", "db.yaml", "--out", "out.yaml", "--push"];
    stage.sealstrap(&words).await.with_code(2);
    assert!(!stage.folder().join("out.yaml").exists());
    stage.sealstrap(&[&words[..], &["--adopt"]].concat()).await.with_code(0);
    assert!(stage.folder().join("out.yaml").exists());
    assert_eq!(stage.sandbox.vault.kv("secret", "k8s/db").unwrap()["password"], "tr0ub4dor-Kx9v");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_of_the_same_name_in_another_namespace_does_not_take_the_place_of_one() {
    let stage = Stage::start().await;
    put(&stage, "shop.yaml", DB);
    put(
        &stage,
        "wiki.yaml",
        &DB.replace("namespace: shop", "namespace: wiki").replace("tr0ub4dor", "c0rrect"),
    );
    stage.sealstrap(&["external", "push", "shop.yaml"]).await.with_code(0);
    let told = stage.sealstrap(&["external", "push", "wiki.yaml"]).await.with_code(2);
    for part in ["belongs to the Secret `shop/db`, and not `wiki/db`", "{namespace}/{name}", "--adopt"] {
        assert!(told.stderr.contains(part), "{part}\n{}", told.stderr);
    }
    assert_eq!(stage.sandbox.vault.kv("secret", "k8s/db").unwrap()["password"], "tr0ub4dor-Kx9v");
    stage
        .sealstrap(&["external", "push", "wiki.yaml", "--path", "{prefix}/{namespace}/{name}"])
        .await
        .with_code(0);
    stage.sealstrap(&["external", "push", "wiki.yaml", "--adopt"]).await.with_code(0);
    assert_eq!(stage.sandbox.vault.kv("secret", "k8s/db").unwrap()["password"], "c0rrect-Kx9v");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_of_another_secret_is_not_taken_for_its_own_where_the_values_are_the_same() {
    let stage = Stage::start().await;
    put(&stage, "shop.yaml", DB);
    put(&stage, "wiki.yaml", &DB.replace("namespace: shop", "namespace: wiki"));
    stage.sealstrap(&["external", "push", "shop.yaml"]).await.with_code(0);
    stage.writes_since();
    let told = stage.sealstrap(&["external", "push", "wiki.yaml"]).await.with_code(2);
    assert!(told.stderr.contains("belongs to the Secret `shop/db`, and not `wiki/db`"), "{}", told.stderr);
    assert_eq!(stage.writes_since(), 0);
    stage.sealstrap(&["external", "push", "wiki.yaml", "--adopt"]).await.with_code(0);
    let marks = stage.sandbox.vault.with_metadata("secret", "k8s/db", |all| all.clone()).unwrap();
    assert_eq!(marks["secret"], "wiki/db");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_does_not_tell_of_its_mounts_is_written_to_all_the_same() {
    let stage = Stage::start().await;
    put(&stage, "db.yaml", DB);
    let harm = Harm::Answer(403, json!({"errors": ["permission denied"]}));
    let path = "sys/internal/ui/mounts".into();
    stage.sandbox.ledger().harm(Fault { remote: Remote::Vault, method: None, path, times: usize::MAX, harm });
    let told = stage.sealstrap(&["external", "push", "db.yaml"]).await.with_code(0);
    assert!(told.stderr.contains("the settings' `vault.kv` counts"), "{}", told.stderr);
    let held = stage.sandbox.vault.kv("secret", "k8s/db").unwrap();
    assert_eq!(held["password"].as_str(), "tr0ub4dor-Kx9v");
}
