//! `external migrate`: files change over and back.

use super::support::Stage;
use super::{DB, put, read};

const CERTIFICATE: &str = include_str!("../sealing/certificates/home.pem");
const KEY: &str = include_str!("../seal/certificate.key");

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_goes_to_vault_becomes_sealed_and_comes_back() {
    let stage = Stage::start().await;
    put(&stage, "home.pem", CERTIFICATE);
    put(&stage, "home.key", KEY);
    put(&stage, "k8s/db.yaml", DB);
    stage.sealstrap(&["external", "migrate", "k8s", "--plan"]).await.with_code(0);
    assert_eq!(read(&stage, "k8s/db.yaml"), DB);
    assert_eq!(stage.writes_since(), 0);
    stage.sealstrap(&["external", "migrate", "k8s"]).await.with_code(0);
    let external = read(&stage, "k8s/db.yaml");
    assert!(external.contains("kind: ExternalSecret") && !external.contains("tr0ub4dor"), "{external}");
    assert!(!stage.sealstrap(&["scan", "k8s"]).await.with_code(0).all().contains("error"));

    let to_sealed = ["external", "migrate", "k8s", "--to", "sealed", "--cert", "home.pem"];
    stage.sealstrap(&to_sealed).await.with_code(0);
    let sealed = read(&stage, "k8s/db.yaml");
    assert!(sealed.contains("kind: SealedSecret"), "{sealed}");
    let unsealed = ["unseal", "k8s/db.yaml", "--private-key", "home.key"];
    let values = stage.sealstrap(&unsealed).await.with_code(0).stdout;
    for value in ["key.bin: AAH/", "password: dHIwdWI0ZG9yLUt4OXY=", "port: MTIzNA=="] {
        assert!(values.contains(value), "{value}\n{values}");
    }

    let refused = stage.sealstrap(&["external", "migrate", "k8s"]).await.with_code(2);
    assert!(refused.stderr.contains("SealedSecrets open with private keys only"), "{}", refused.stderr);
    stage.writes_since();
    stage.sealstrap(&["external", "migrate", "k8s", "--private-key", "home.key"]).await.with_code(0);
    assert_eq!(read(&stage, "k8s/db.yaml"), external);
    assert_eq!(stage.writes_since(), 0, "the values were there");
    for text in [&external, &sealed] {
        assert!(
            text.starts_with("# of the shop\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n")
        );
        assert!(
            text.ends_with(
                "--- # behind it\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: db} # stays\n"
            )
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_stays_where_its_values_could_not_be_written() {
    let stage = Stage::start().await;
    put(&stage, "db.yaml", DB);
    stage.sandbox.vault.seal(true);
    let told = stage.sealstrap(&["external", "migrate", "db.yaml"]).await.with_code(2);
    assert!(told.stderr.contains("sealed"), "{}", told.stderr);
    assert_eq!(read(&stage, "db.yaml"), DB);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_version_becomes_the_served_one_and_nothing_else_changes() {
    let stage = Stage::start().await;
    let old = "apiVersion: external-secrets.io/v1beta1 # old\nkind: ExternalSecret\nmetadata: {name: a, namespace: b}\nspec:\n  data: [] # none\n";
    put(&stage, "a.yaml", old);
    stage.sealstrap(&["external", "migrate", "a.yaml", "--to", "v1"]).await.with_code(0);
    assert_eq!(read(&stage, "a.yaml"), old.replace("v1beta1", "v1"));
    let again = stage.sealstrap(&["external", "migrate", "a.yaml", "--to", "v1"]).await.with_code(0);
    assert!(again.stderr.contains("nothing to change"), "{}", again.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_two_entries_read_is_sealed_twice_and_an_old_version_is_refused() {
    let stage = Stage::start().await;
    put(&stage, "home.pem", CERTIFICATE);
    put(&stage, "home.key", KEY);
    stage.sandbox.vault.set_kv("secret", "k8s/db", &serde_json::json!({"password": "hunter2hunter"}));
    let entry = |key: &str, more: &str| {
        format!("  - {{secretKey: {key}, remoteRef: {{key: k8s/db, property: password{more}}}}}\n")
    };
    let head = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: db, namespace: shop}\nspec:\n  secretStoreRef: {kind: ClusterSecretStore, name: vault-backend}\n  data:\n";
    put(&stage, "db.yaml", &format!("{head}{}{}", entry("one", ""), entry("two", "")));
    let words = ["external", "migrate", "db.yaml", "--to", "sealed", "--cert", "home.pem"];
    stage.sealstrap(&words).await.with_code(0);
    let values = stage.sealstrap(&["unseal", "db.yaml", "--private-key", "home.key"]).await.with_code(0);
    assert_eq!(values.stdout.matches("aHVudGVyMmh1bnRlcg==").count(), 2, "{}", values.stdout);
    let old = format!("{head}{}", entry("one", ", version: \"1\""));
    put(&stage, "db.yaml", &old);
    let refused = stage.sealstrap(&words).await.with_code(2);
    assert!(refused.stderr.contains("version 1 of `secret/k8s/db` is named"), "{}", refused.stderr);
    assert_eq!(read(&stage, "db.yaml"), old);
}
