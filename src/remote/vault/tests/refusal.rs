//! Refusals that say what to do, and those that pass.

use super::*;

fn limited() -> serde_json::Value {
    json!({"errors": ["request path \"secret/data/k8s/x\": rate limit quota exceeded"]})
}

#[tokio::test]
async fn a_rate_limit_is_waited_for_as_long_as_a_request_may_take() {
    let stage = Stage::new().await;
    let address = format!("http://{}", stage.address);
    let brief = Access { timeout: Duration::from_secs(1), ..access(&address, token(ROOT_TOKEN)) };
    let vault = Vault::connect(brief).await.unwrap();
    let read = vault.read("secret", "k8s/x").await.unwrap();
    stage.answers("secret/data", 8, 429, limited());
    vault.write("secret", "k8s/x", set("token", CANARY), &read).await.unwrap();
    stage.answers("secret/data", usize::MAX, 429, limited());
    let error = vault.write("secret", "k8s/x", set("token", CANARY), &read).await.unwrap_err();
    assert!(matches!(error.cause, Cause::RateLimited(_)) && error.passes(), "{}", said(&error));
    assert!(said(&error).contains("sys/quotas/rate-limit") && !said(&error).contains(CANARY));
}

#[tokio::test]
async fn a_standby_that_finds_nobody_active_says_so() {
    let stage = Stage::new().await;
    let vault = stage.admin().await;
    for (status, words) in [
        (500, "local node not active but active cluster node not found"),
        (503, "no active Vault instance found"),
    ] {
        stage.answers("secret/data", 1, status, json!({"errors": [words]}));
        let error = vault.read("secret", "k8s/x").await.unwrap_err();
        assert!(
            said(&error).contains("a standby that finds no active one; wait for an election"),
            "{}",
            said(&error)
        );
    }
}

#[tokio::test]
async fn only_the_capability_that_is_missing_is_named() {
    let stage = Stage::new().await;
    let vault = stage.with_policy(r#"path "secret/data/k8s/x" { capabilities = ["create", "read"] }"#).await;
    let read = vault.read("secret", "k8s/x").await.unwrap();
    stage.sandbox.set_kv("secret", "k8s/x", &json!({"theirs": "1"}));
    let error = vault.write("secret", "k8s/x", set("token", CANARY), &read).await.unwrap_err();
    let words = "the token lacks the capability `update` on `secret/data/k8s/x` (403)";
    assert_eq!(error.cause, Cause::Forbidden(words.into()));
}

#[tokio::test]
async fn a_policy_for_version_1_is_told_from_none_at_all() {
    let stage = Stage::new().await;
    let vault = stage.with_policy(r#"path "secret/k8s/*" { capabilities = ["create", "read", "update"] }"#);
    let hint = vault.await.read("secret", "k8s/x").await.unwrap_err().hint.unwrap();
    let words = "a policy gives it on `secret/k8s/x`, and KV version 2 asks for it on `secret/data/k8s/x`: ";
    assert!(hint.starts_with(words), "{hint}");
    let vault = stage.with_policy(r#"path "secret/data/other" { capabilities = ["read"] }"#);
    let hint = vault.await.read("secret", "k8s/x").await.unwrap_err().hint.unwrap();
    assert!(hint.starts_with("a policy of the token needs: path \"secret/data/k8s/x\""), "{hint}");
}

#[tokio::test]
async fn where_a_capability_is_there_and_does_not_suffice_it_is_not_said_to_be_missing() {
    let stage = Stage::new().await;
    let vault = stage.admin().await;
    stage.answers("secret/data", 1, 403, json!({"errors": ["1 error occurred:\n\t* permission denied\n\n"]}));
    let error = vault.read("secret", "k8s/x").await.unwrap_err();
    assert!(said(&error).contains("has the capability on `secret/data/k8s/x`, and is denied all the same"));
    assert!(said(&error).contains("`min_wrapping_ttl`"));
    let read = vault.read("secret", "k8s/x").await.unwrap();
    stage.answers("secret/data", 1, 403, json!({"errors": ["1 error occurred:\n\t* permission denied\n\n"]}));
    let error = vault.write("secret", "k8s/x", set("token", CANARY), &read).await.unwrap_err();
    assert!(said(&error).contains("`allowed_parameters`"), "{}", said(&error));
}

#[tokio::test]
async fn a_vault_that_tells_of_no_mount_is_taken_for_what_is_said_of_it() {
    let stage = Stage::new().await;
    let closed =
        || stage.answers("sys/internal/ui/mounts", usize::MAX, 403, json!({"errors": ["permission denied"]}));
    closed();
    // Nothing is known of it.
    assert!(stage.admin().await.kv_version("secret").await.is_err());
    let vault = stage.admin().await;
    vault.assume("secret", KvVersion::V2);
    let read = vault.read("secret", "k8s/x").await.unwrap();
    vault.write("secret", "k8s/x", set("token", CANARY), &read).await.unwrap();
    assert!(vault.is_assumed("secret"));
    assert!(vault.kv_version("other").await.is_err() && !vault.is_assumed("other"));
}

#[tokio::test]
async fn what_vault_tells_goes_before_what_is_said_of_it() {
    let stage = Stage::new().await;
    stage.sandbox.mount("one", 1);
    let vault = stage.admin().await;
    vault.assume("one", KvVersion::V2);
    assert_eq!(vault.kv_version("one").await.unwrap(), KvVersion::V1);
    assert!(!vault.is_assumed("one") && vault.kv_version("ops").await.is_err());
}

#[tokio::test]
async fn the_engines_that_are_reached_are_named_where_one_is_not() {
    let stage = Stage::new().await;
    stage.sandbox.mount("one", 1);
    let said = said(&stage.admin().await.kv_version("ops").await.unwrap_err());
    assert!(said.contains("the token reaches the KV engines `one`, `secret`"), "{said}");
    let vault = stage.with_policy(r#"path "one/*" { capabilities = ["read"] }"#).await;
    let hint = vault.kv_version("ops").await.unwrap_err().hint.unwrap();
    assert!(hint.ends_with("the token reaches the KV engines `one`"), "{hint}");
}
