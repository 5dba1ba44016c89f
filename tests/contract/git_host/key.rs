//! Deploy keys.

use std::sync::Arc;

use sealstrap::remote::Cause;
use serde_json::json;

use super::{Side, Statement, new_key, sentences};

pub(super) fn statements() -> Vec<Statement<Side>> {
    sentences![
        "A deploy key is made, comes back without comment, and is deleted twice without complaint" => a_key,
        "A key that the repository has already is a conflict" => a_duplicate_key,
        "A key that is in use elsewhere is a conflict" => a_key_in_use,
        "A second key of the same title is taken" => a_duplicate_title [Sandbox: "Gitea refuses it"],
        "A second key of the same title is refused" => a_refused_title [Rig: "GitHub takes it"],
        "A line that is no key is refused" => no_key,
        "An organisation's policy switches deploy keys off" => switched_off [Sandbox: "Gitea has no such policy"],
    ]
}

async fn a_key(side: Arc<Side>) {
    let (host, key) = (side.host().await, new_key());
    let made = host.create_deploy_key("sealstrap home", &format!("{key} a comment"), true).await.unwrap();
    assert_eq!(
        (made.title.as_str(), made.key.as_str(), made.read_only),
        ("sealstrap home", key.as_str(), true)
    );
    let writer = host.create_deploy_key("writer", &new_key(), false).await.unwrap();
    assert!(!writer.read_only && !writer.disabled);
    assert_eq!(host.deploy_keys().await.unwrap(), [made.clone(), writer]);
    host.delete_deploy_key(made.id).await.unwrap();
    host.delete_deploy_key(made.id).await.unwrap();
    side.clear().await;
}

async fn a_duplicate_key(side: Arc<Side>) {
    let (host, key) = (side.host().await, new_key());
    host.create_deploy_key("one", &key, true).await.unwrap();
    let error = host.create_deploy_key("other", &key, true).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Conflict(_)), "{error:?}");
    side.note(&error);
    side.clear().await;
}

async fn a_key_in_use(side: Arc<Side>) {
    let key = new_key();
    match &side.sandbox {
        Some(sandbox) => sandbox.use_key_elsewhere(&key),
        None => drop(side.gitea_as(None, "POST", "user/keys", &json!({"title": "own", "key": key})).await),
    }
    let error = side.host().await.create_deploy_key("t", &key, true).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Conflict(_)), "{error:?}");
    side.note(&error);
}

async fn a_duplicate_title(side: Arc<Side>) {
    let host = side.host().await;
    host.create_deploy_key("same", &new_key(), true).await.unwrap();
    host.create_deploy_key("same", &new_key(), true).await.unwrap();
    side.clear().await;
}

async fn a_refused_title(side: Arc<Side>) {
    let host = side.host().await;
    host.create_deploy_key("same", &new_key(), true).await.unwrap();
    let error = host.create_deploy_key("same", &new_key(), true).await.unwrap_err();
    let Cause::Invalid(words) = &error.cause else { panic!("{error:?}") };
    assert!(words.contains("another key of this title"), "{words}");
    side.clear().await;
}

async fn no_key(side: Arc<Side>) {
    let host = side.host().await;
    for line in ["nonsense", "ssh-ed25519 AAAA", ""] {
        let error = host.create_deploy_key("t", line, true).await.unwrap_err();
        assert!(matches!(error.cause, Cause::Invalid(_)), "{line}: {error:?}");
        side.note(&error);
    }
}

async fn switched_off(side: Arc<Side>) {
    let sandbox = side.sandbox.as_ref().unwrap();
    sandbox.switch_deploy_keys(false);
    let error = side.host().await.create_deploy_key("t", &new_key(), true).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Forbidden(_)), "{error:?}");
    sandbox.switch_deploy_keys(true);
}
