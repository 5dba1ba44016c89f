//! Vault secrets and policies as steps, against the sandbox's Vault.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use super::VaultSecret;
use crate::bootstrap::step::VaultPolicy;
use crate::bootstrap::{Error, Look, World};
use crate::report::{Change, Events};
use crate::sandbox::server::{self, Ledger, Remote};
use crate::sandbox::vault::{ROOT_TOKEN, Vault};
use crate::settings::Settings;

struct Stage {
    vault: Arc<Vault>,
    ledger: Arc<Ledger>,
    world: World,
    folder: tempfile::TempDir,
}

impl Stage {
    async fn new() -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let (vault, ledger) = (Arc::new(Vault::new()), Arc::new(Ledger::default()));
        let address =
            server::serve(Remote::Vault, Arc::clone(&ledger), Arc::clone(&vault).handler()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("login"), ROOT_TOKEN).unwrap();
        let settings = json!({
            "cluster": {"name": "home"},
            "git": {"repository": "owner/name"},
            "vault": {"address": format!("http://{address}"), "login": {"token": {"file": "login"}}},
        });
        let mut settings: Settings = serde_json::from_value(settings).unwrap();
        settings.root = folder.path().to_owned();
        Self { vault, ledger, world: World::new(Arc::new(settings), Events::silent()), folder }
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let file = self.folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        file
    }

    fn value(&self, key: &str) -> Option<String> {
        self.vault.kv("secret", "k8s/x")?.remove(key)
    }

    /// Looks, changes, and finds that it holds.
    async fn converge(&self, step: &VaultSecret) -> Vec<Change> {
        let Look::Differs(changes) = step.look(&self.world).await.unwrap() else {
            panic!("it holds already")
        };
        step.change(&self.world).await.unwrap();
        assert_eq!(step.look(&self.world).await.unwrap(), Look::Holds);
        changes
    }
}

fn step(keys: &Value) -> VaultSecret {
    serde_json::from_value(json!({"path": "k8s/x", "keys": keys})).unwrap()
}

#[tokio::test]
async fn a_generated_value_is_made_once_and_a_second_run_writes_nothing() {
    let stage = Stage::new().await;
    let step = step(&json!({"token": {"generate": {}}}));
    stage.converge(&step).await;
    let made = stage.value("token").unwrap();
    assert_eq!(made.len(), 64);
    stage.ledger.clear();
    step.change(&stage.world).await.unwrap();
    assert_eq!(stage.ledger.writes(), []);
    assert_eq!(stage.value("token"), Some(made));
    let marks = stage.vault.with_metadata("secret", "k8s/x", |all| all.clone()).unwrap();
    assert_eq!(marks["managed-by"], "sealstrap");
    assert_eq!(marks["cluster"], "home");
}

#[tokio::test]
async fn a_given_value_replaces_another_and_foreign_keys_stay() {
    let stage = Stage::new().await;
    stage.vault.set_kv("secret", "k8s/x", &json!({"token": "old", "theirs": 7}));
    stage.file("given", "new\n");
    let changes = stage.converge(&step(&json!({"token": {"file": "given"}}))).await;
    assert_eq!(changes[0].details, ["`token` differs"]);
    assert_eq!(stage.value("token").as_deref(), Some("new"));
    assert_eq!(stage.value("theirs").as_deref(), Some("7"));
}

#[tokio::test]
async fn a_value_that_is_not_given_holds_where_vault_has_one_and_is_asked_for_where_not() {
    let stage = Stage::new().await;
    let step = step(&json!({"token": {"env": "SEALSTRAP_TEST_IS_NOT_SET"}}));
    let error = step.look(&stage.world).await.unwrap_err();
    assert!(error.to_string().contains("SEALSTRAP_TEST_IS_NOT_SET"));
    assert!(error.hint().is_some());
    stage.vault.set_kv("secret", "k8s/x", &json!({"token": "kept"}));
    assert_eq!(step.look(&stage.world).await.unwrap(), Look::Holds);
}

#[tokio::test]
async fn a_line_feed_at_the_end_is_reported_and_taken_away() {
    let stage = Stage::new().await;
    stage.vault.set_kv("secret", "k8s/x", &json!({"token": "value\n"}));
    let changes = stage.converge(&step(&json!({"token": {"generate": {}}}))).await;
    assert_eq!(changes[0].details, ["`token` ends in a line feed"]);
    assert_eq!(stage.value("token").as_deref(), Some("value"));
}

#[tokio::test]
async fn an_empty_value_is_refused() {
    let stage = Stage::new().await;
    stage.file("given", "\n");
    let error = step(&json!({"token": {"file": "given"}})).look(&stage.world).await.unwrap_err();
    assert!(error.to_string().contains("is empty"), "{error}");
}

#[tokio::test]
async fn a_deleted_secret_is_written_again() {
    let stage = Stage::new().await;
    stage.vault.set_kv("secret", "k8s/x", &json!({"token": "gone"}));
    stage.vault.delete_kv("secret", "k8s/x");
    let changes = stage.converge(&step(&json!({"token": {"generate": {}}}))).await;
    assert_eq!(changes[0].details[0], "its newest version was deleted");
    assert_eq!(stage.vault.versions("secret", "k8s/x"), 2);
}

#[tokio::test]
async fn a_secret_of_another_manager_or_cluster_is_refused_by_name() {
    let stage = Stage::new().await;
    let step = step(&json!({"token": {"generate": {}}}));
    // The metadata alone is there: others write it first.
    for (key, value, owner) in
        [("managed-by", "external-secrets", "external-secrets"), ("cluster", "away", "the cluster away")]
    {
        stage
            .vault
            .with_metadata("secret", "k8s/x", |all| *all = [(key.to_owned(), value.to_owned())].into());
        let error = step.change(&stage.world).await.unwrap_err();
        assert!(matches!(&error, Error::Foreign { owner: found, .. } if found == owner), "{error}");
    }
    assert_eq!(stage.ledger.writes(), []);
}

#[tokio::test]
async fn a_policy_is_written_once_and_again_when_somebody_changed_it() {
    let stage = Stage::new().await;
    let step: VaultPolicy =
        serde_json::from_value(json!({"name": "external-secrets", "read": [{"path": "k8s/*"}]})).unwrap();
    let world = &stage.world;
    for _ in 0..2 {
        assert!(matches!(step.look(world).await.unwrap(), Look::Differs(_)));
        step.change(world).await.unwrap();
        assert_eq!(step.look(world).await.unwrap(), Look::Holds);
        let text = stage.vault.policy("external-secrets").unwrap();
        assert!(text.contains("path \"secret/data/k8s/*\" { capabilities = [\"read\"] }"), "{text}");
        // Another layout is no difference, other rights are.
        stage.vault.set_policy("external-secrets", &format!("# by hand\n{}", text.replace('\n', " ")));
        assert_eq!(step.look(world).await.unwrap(), Look::Holds);
        stage.vault.set_policy("external-secrets", "path \"secret/data/*\" { capabilities = [\"read\"] }");
    }
    let Look::Differs(changes) = step.look(world).await.unwrap() else { panic!("it holds") };
    assert_eq!(changes[0].details, ["secret/data/*", "secret/data/k8s/*", "secret/metadata/k8s/*"]);
}

#[tokio::test]
async fn a_policy_gives_what_the_external_secrets_of_a_folder_read() {
    let stage = Stage::new().await;
    std::fs::create_dir(stage.folder.path().join("apps")).unwrap();
    let text = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: db, namespace: shop}\nspec:\n  \
                secretStoreRef: {kind: ClusterSecretStore, name: vault-backend}\n  \
                data: [{secretKey: a, remoteRef: {key: shop/db, property: a}}]\n";
    stage.file("apps/db.yaml", text);
    let step: VaultPolicy = serde_json::from_value(json!({"name": "eso", "readBy": ["apps"]})).unwrap();
    let Look::Differs(changes) = step.look(&stage.world).await.unwrap() else { panic!("it holds") };
    assert_eq!(changes[0].details, ["secret/data/shop/db"]);
    step.change(&stage.world).await.unwrap();
    assert_eq!(step.look(&stage.world).await.unwrap(), Look::Holds);
    let text = "path \"secret/data/shop/db\" { capabilities = [\"read\"] }\n";
    assert_eq!(stage.vault.policy("eso").as_deref(), Some(text));
    let step: VaultPolicy = serde_json::from_value(json!({"name": "eso", "readBy": ["none"]})).unwrap();
    assert!(matches!(step.look(&stage.world).await, Err(Error::File { .. })));
}
