//! Who may administer the repository, and what else the host tells.

use std::sync::Arc;

use sealstrap::remote::Cause;
use sealstrap::sandbox::git_host::Standing;

use super::{RECEIVER, Side, Statement, new_key, sentences, wish};

pub(super) fn statements() -> Vec<Statement<Side>> {
    sentences![
        "Whoever administers the repository is let through" => access,
        "A repository that is not there is not found" => no_repository,
        "A token that nobody knows is not let in" => a_bad_token,
        "Somebody who may only read does not administer the repository" => a_reader,
        "A token without the scope is refused" => a_narrow_token,
        "An archived repository takes no change" => archived [Sandbox: "Gitea takes some"],
        "An archived repository takes a key all the same" => archived_takes_a_key [Rig: "GitHub refuses it"],
        "Single sign-on and a used-up rate limit are told apart from missing rights" => sso_and_limit [Sandbox: "GitHub's own"],
        "The newest delivery and the host's SSH keys are told" => told_by_github [Sandbox: "Gitea's API tells neither"],
    ]
}

async fn access(side: Arc<Side>) {
    side.host().await.check_access().await.unwrap();
}

async fn no_repository(side: Arc<Side>) {
    let host = side.open("ops/none", &side.token).await;
    for error in [
        host.check_access().await.unwrap_err(),
        host.deploy_keys().await.unwrap_err(),
        host.webhooks().await.unwrap_err(),
        host.create_deploy_key("t", &new_key(), true).await.unwrap_err(),
        host.create_webhook(wish(RECEIVER, "push", "s")).await.unwrap_err(),
    ] {
        assert!(matches!(error.cause, Cause::NotFound(_)), "{error:?}");
        side.note(&error);
    }
}

async fn a_bad_token(side: Arc<Side>) {
    let host = side.open(&side.repository, "wrong").await;
    for error in [
        host.check_access().await.unwrap_err(),
        host.deploy_keys().await.unwrap_err(),
        host.create_webhook(wish(RECEIVER, "push", "s")).await.unwrap_err(),
    ] {
        assert!(matches!(error.cause, Cause::Unauthenticated(_)), "{error:?}");
        side.note(&error);
    }
}

async fn a_reader(side: Arc<Side>) {
    let host = side.met_as(Standing::Reader).await;
    let error = host.check_access().await.unwrap_err();
    assert!(matches!(error.cause, Cause::Forbidden(_)), "{error:?}");
    side.note(&error);
    // GitHub hides what one may not administer (404), Gitea says so (403).
    for error in [host.deploy_keys().await.unwrap_err(), host.webhooks().await.unwrap_err()] {
        assert!(matches!(error.cause, Cause::Forbidden(_) | Cause::NotFound(_)), "{error:?}");
        let words = error.cause.to_string();
        assert!(words.contains("does not administer"), "{words}");
    }
    side.stand_as_before();
}

async fn a_narrow_token(side: Arc<Side>) {
    let host = side.met_as(Standing::NarrowScope).await;
    let error = host.check_access().await.unwrap_err();
    let Cause::Forbidden(words) = &error.cause else { panic!("{error:?}") };
    assert!(words.contains("lacks the scope"), "{words}");
    side.note(&error);
    side.stand_as_before();
}

async fn archived(side: Arc<Side>) {
    let host = side.met_as(Standing::Archived).await;
    host.deploy_keys().await.unwrap();
    for error in [
        host.create_deploy_key("t", &new_key(), true).await.unwrap_err(),
        host.create_webhook(wish(RECEIVER, "push", "s")).await.unwrap_err(),
    ] {
        let Cause::Forbidden(words) = &error.cause else { panic!("{error:?}") };
        assert!(words.contains("archived"), "{words}");
        side.note(&error);
    }
    side.stand_as_before();
}

async fn archived_takes_a_key(side: Arc<Side>) {
    let host = side.met_as(Standing::Archived).await;
    host.create_deploy_key("t", &new_key(), true).await.unwrap();
}

async fn sso_and_limit(side: Arc<Side>) {
    let error = side.met_as(Standing::SingleSignOn).await.check_access().await.unwrap_err();
    assert!(error.cause.to_string().contains("single sign-on"), "{error:?}");
    let error = side.met_as(Standing::RateLimited).await.check_access().await.unwrap_err();
    assert!(matches!(error.cause, Cause::RateLimited(_)), "{error:?}");
    side.stand_as_before();
}

async fn told_by_github(side: Arc<Side>) {
    let host = side.host().await;
    let made = host.create_webhook(wish(RECEIVER, "push", "s")).await.unwrap();
    assert_eq!(host.last_delivery(made.id).await.unwrap(), Some(200));
    assert_eq!(host.host_keys().await.unwrap().unwrap(), side.sandbox.as_ref().unwrap().host_keys());
    side.clear().await;
}
