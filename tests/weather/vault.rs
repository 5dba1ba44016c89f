//! A Vault that is not in service, whose rights are narrow, or whose secrets others write.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sealstrap::sandbox::server::{Harm, Remote};
use serde_json::json;

use super::{Says, always, assert_repaired, assert_untouched, replace, stage, with};

const TOKEN: (&str, &str) = ("secret", "k8s/cloudflare-api-token");

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_vault_is_said_to_be_sealed() {
    let stage = stage().await;
    stage.sandbox.vault.seal(true);
    stage.sealstrap(&["bootstrap"]).await.says(&[
        "cannot open Vault at `http",
        "Vault is sealed",
        "hint: unseal it",
    ]);
    assert_untouched(&stage);
    stage.sandbox.vault.seal(false);
    assert_repaired(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_was_never_initialised_is_said_to_be_so() {
    let stage = stage().await;
    stage.sandbox.vault.initialize(false);
    stage.sealstrap(&["bootstrap"]).await.says(&["Vault is not initialised", "`vault operator init`"]);
    assert_untouched(&stage);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_will_do_where_it_has_an_active_node_and_is_named_where_not() {
    let stage = stage().await;
    let health = json!({"initialized": true, "sealed": false, "standby": true, "version": "1.19.0"});
    stage.sandbox.ledger().harm(always(Remote::Vault, "/sys/health", Harm::Answer(474, health.clone())));
    let ended = stage.sealstrap(&["bootstrap"]).await;
    ended.says(&["this Vault is a standby that finds no active node", "hint: wait for an election"]);
    assert_untouched(&stage);
    stage.sandbox.ledger().heal();
    stage.sandbox.ledger().harm(always(Remote::Vault, "/sys/health", Harm::Answer(429, health)));
    stage.sealstrap(&["bootstrap"]).await.with_code(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_is_sealed_in_the_middle_of_a_run_leaves_nothing_half_done() {
    let stage = stage().await;
    let vault = Arc::clone(&stage.sandbox.vault);
    stage.sandbox.ledger().on_write(move |number| {
        if number == 4 {
            vault.seal(true);
        }
    });
    stage.sealstrap(&["bootstrap"]).await.says(&["Vault is sealed", "hint: unseal it"]);
    stage.sandbox.ledger().on_write(|_| ());
    stage.sandbox.vault.seal(false);
    assert_repaired(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_rights_that_a_token_lacks_are_named_before_the_first_write() {
    let stage = stage().await;
    let vault = &stage.sandbox.vault;
    vault.set_policy("narrow", "path \"secret/data/k8s/*\" { capabilities = [\"read\"] }");
    let token = vault.make_token(&["narrow"], Duration::from_secs(3600));
    let ended = with(&stage, &["bootstrap"], &[("VAULT_TOKEN", &token)]).await;
    ended.says(&[
        "problems before the first write",
        "cannot use `secret/data/k8s/github-deploy` in Vault",
        "the token's policies do not give \"create\", \"update\"",
        "hint: add to a policy of the token: path \"secret/data/k8s/github-deploy\"",
    ]);
    assert_untouched(&stage);
    assert_repaired(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mount_that_is_not_there_is_named_with_how_to_make_it() {
    let stage = stage().await;
    replace(&stage, "mount: secret", "mount: ops");
    let ended = stage.sealstrap(&["bootstrap"]).await;
    ended.says(&[
        "cannot find the KV engine at `ops`",
        "hint: mount one with `vault secrets enable -path=ops",
    ]);
    assert_untouched(&stage);
    stage.sandbox.vault.mount("ops", 2);
    stage.sealstrap(&["run", "generate-deploy-key", "store-deploy-key"]).await.with_code(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_changed_between_read_and_write_is_not_written_over() {
    let stage = stage().await;
    let (ledger, vault) = (stage.sandbox.ledger(), Arc::clone(&stage.sandbox.vault));
    let meddled = AtomicBool::new(false);
    // Its mark is written after it was read and before its value is written.
    stage.sandbox.ledger().on_write(move |_| {
        let marked =
            ledger.writes().iter().any(|asked| asked.path.ends_with("metadata/k8s/cloudflare-api-token"));
        if marked && !meddled.swap(true, Ordering::SeqCst) {
            vault.set_kv(TOKEN.0, TOKEN.1, &json!({"theirs": "kept"}));
        }
    });
    let ended = stage.sealstrap(&["run", "store-cf-api-token"]).await;
    ended.says(&[
        "task `store-cf-api-token` failed",
        "was changed by somebody else since it was read",
        "hint: run again: it is looked at anew, and the other change is kept",
    ]);
    assert_eq!(
        stage.sandbox.vault.kv(TOKEN.0, TOKEN.1).expect("theirs"),
        [("theirs".into(), "kept".into())].into()
    );
    assert_repaired(&stage).await;
    let held = stage.sandbox.vault.kv(TOKEN.0, TOKEN.1).expect("both");
    assert_eq!((held.len(), held["theirs"].as_str()), (2, "kept"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_another_manager_or_cluster_marked_is_left_to_it() {
    let stage = stage().await;
    stage.sandbox.vault.set_kv(TOKEN.0, TOKEN.1, &json!({"api-token": "theirs"}));
    let mark = |owner: Option<&str>| {
        stage.sandbox.vault.with_metadata(TOKEN.0, TOKEN.1, |marks| match owner {
            Some(owner) => marks.insert("managed-by".into(), owner.into()),
            None => marks.remove("managed-by"),
        });
    };
    mark(Some("terraform"));
    let ended = stage.sealstrap(&["bootstrap"]).await;
    ended.says(&[
        "the secret `secret/k8s/cloudflare-api-token` in Vault belongs to terraform",
        "hint: name another path",
    ]);
    assert_untouched(&stage);
    mark(None);
    assert_repaired(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_is_not_told_of_another_engine_than_the_mount_has() {
    let stage = stage().await;
    replace(&stage, "  mount: secret", "  kv: v1\n  mount: secret");
    stage.sealstrap(&["bootstrap"]).await.says(&[
        "cannot use the mount `secret` of Vault",
        "its engine is KV v2, and `vault.kv` says v1",
        "hint: set `vault.kv: v2`",
    ]);
    assert_untouched(&stage);
    replace(&stage, "mount: secret", "mount: old");
    stage.sandbox.vault.mount("old", 1);
    stage.sealstrap(&["bootstrap"]).await.with_code(0);
    let stores = stage.sandbox.kubernetes.objects("ClusterSecretStore");
    assert_eq!(stores[0]["spec"]["provider"]["vault"]["version"], "v1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_root_token_is_not_given_to_the_cluster_and_another_is() {
    let stage = stage().await;
    replace(&stage, "  mount: secret", "  token: {env: CLUSTER_TOKEN}\n  mount: secret");
    let root = stage.sandbox.vault.make_token(&["root"], Duration::from_secs(3600));
    let ended = with(&stage, &["bootstrap"], &[("CLUSTER_TOKEN", &root)]).await;
    ended.says(&[
        "cannot use the environment variable `CLUSTER_TOKEN`",
        "it is a root token, and the cluster only reads",
        "hint: leave `vault.token` out",
    ]);
    assert_untouched(&stage);
    let unknown = with(&stage, &["bootstrap"], &[("CLUSTER_TOKEN", "hvs.of-nobody")]).await;
    unknown.says(&["Vault does not know this token, or it has expired"]);
    let fitting = stage.sandbox.vault.make_token(&["external-secrets"], Duration::from_secs(3600));
    with(&stage, &["bootstrap"], &[("CLUSTER_TOKEN", &fitting)]).await.with_code(0);
    let again = with(&stage, &["bootstrap"], &[("CLUSTER_TOKEN", &fitting)]).await.with_code(0);
    assert!(again.all().contains("nothing to change"), "{}", again.all());
}
