//! A Git host where keys and hooks belong to others, or where rights and policies stand in the way.

use sealstrap::sandbox::git_host::Standing;
use serde_json::json;

use super::{Says, assert_repaired, assert_untouched, stage};

const FOREIGN: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_hooks_of_others_are_left_alone() {
    let stage = stage().await;
    let host = &stage.sandbox.git_host;
    let key = host.add_key("sealstrap office", FOREIGN, false);
    let hooks = [
        host.add_hook("https://ci.example.com/push", &["push"]),
        host.add_hook("https://flux-other.example.com/hook/0123", &["push"]),
    ];
    assert_repaired(&stage).await;
    let listed = host.deploy_keys();
    let theirs = listed.iter().find(|listed| listed.id == key).expect("it is still there");
    assert_eq!((theirs.title.as_str(), theirs.read_only), ("sealstrap office", false));
    assert_eq!(listed.len(), 2);
    assert!(hooks.iter().all(|id| host.hooks().iter().any(|hook| hook.id == *id)));
    assert_eq!(host.hooks().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_another_repository_uses_is_said_to_belong_to_it() {
    let stage = stage().await;
    stage.sealstrap(&["run", "generate-deploy-key"]).await.with_code(0);
    let kept = stage.sandbox.vault.kv("secret", "k8s/github-deploy").expect("a key");
    let public = kept["identity.pub"].split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    stage.sandbox.git_host.use_key_elsewhere(&public);
    let ended = stage.sealstrap(&["bootstrap"]).await;
    ended.says(&[
        "task `add-github-deploy-key` failed",
        "the public key of `identity` in Vault `secret/k8s/github-deploy` belongs to another repository or account",
        "hint: delete it there, or delete `identity`",
    ]);
    // As the hint says: without it a new one is made.
    stage.sandbox.vault.set_kv("secret", "k8s/github-deploy", &json!({}));
    assert_repaired(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_the_way_at_the_host_is_named_before_the_first_write() {
    let stage = stage().await;
    for (standing, texts) in [
        (Standing::Reader, ["`example/homelab`", "hint: "]),
        (Standing::NarrowScope, ["`repo`", "hint: "]),
        (Standing::SingleSignOn, ["single sign-on", "hint: authorise it with *Configure SSO*"]),
        (Standing::RateLimited, ["rate limit", "hint: run the same command again"]),
        (Standing::TokenLacks, ["403: the token lacks `administration=write`", "hint: add the permission"]),
    ] {
        stage.sandbox.git_host.stand(standing);
        stage.sealstrap(&["bootstrap"]).await.says(&texts);
    }
    assert_untouched(&stage);
    stage.sandbox.git_host.stand(Standing::Admin);
    assert_repaired(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_against_deploy_keys_is_named_with_who_can_change_it() {
    let stage = stage().await;
    stage.sandbox.git_host.switch_deploy_keys(false);
    let ended = stage.sealstrap(&["bootstrap"]).await;
    ended.says(&[
        "task `add-github-deploy-key` failed",
        "deploy keys are disabled",
        "hint: an owner of the organisation",
    ]);
    stage.sandbox.git_host.switch_deploy_keys(true);
    assert_repaired(&stage).await;
}
