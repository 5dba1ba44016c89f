//! Gitea: its refusals by scripted answers, and everything else against a real one.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::plain::Plain;
use crate::remote::git_host::{Access, GitHost, Kind, Login, WebhookWish};
use crate::remote::{Cause, Error};
use crate::sandbox::server::{Ledger, Remote, Reply, Request, serve};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

fn plain(text: &str) -> Plain {
    Plain::from(text.to_owned())
}

fn access(api: &str, token: &str) -> Access {
    Access {
        api: Some(api.to_owned()),
        kind: Kind::Gitea,
        ca: None,
        repository: "ops/gitops".into(),
        login: Login::Token(plain(token)),
        timeout: Duration::from_secs(10),
    }
}

async fn answering(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> GitHost {
    let answer = Arc::new(answer);
    let handler: crate::sandbox::server::Handler = Arc::new(move |request| {
        let answer = Arc::clone(&answer);
        Box::pin(async move { answer(&request) })
    });
    let address = serve(Remote::GitHost, Arc::new(Ledger::default()), handler).await.unwrap();
    GitHost::connect(access(&format!("http://{address}/"), "t0ken")).await.unwrap()
}

#[tokio::test]
async fn pages_are_read_until_the_total_though_they_are_shorter_than_asked_for() {
    let key = |id: u64| json!({"id": id, "title": "t", "key": format!("{KEY}\n"), "read_only": true});
    let host = answering(move |request| {
        assert_eq!(request.path, "/api/v1/repos/ops/gitops/keys");
        assert_eq!(request.headers["authorization"], "token t0ken");
        let page: u64 = request.query["page"].parse().unwrap();
        let mut reply = Reply::json(200, (page * 3..page * 3 + 3).map(key).collect::<Value>());
        reply.headers.push(("x-total-count", "9".into()));
        reply
    })
    .await;
    let keys = host.deploy_keys().await.unwrap();
    assert_eq!((keys.len(), keys[8].id, keys[8].key.as_str()), (9, 11, KEY));
}

#[tokio::test]
async fn each_refusal_is_another_sentence_and_repeats_no_body() {
    for (status, message, sentence) in [
        (401, "canary", "not valid"),
        (403, "token does not have at least one of required scope(s) canary", "scope `write:repository`"),
        (403, "canary", "does not administer `ops/gitops`"),
        (404, "canary", "`ops/gitops` (or the entry in it) is not there"),
        (422, "Key content has been used as non-deploy key", "in use as a key of an account"),
        (422, "A key with the same name already exists", "another key of this title"),
        (422, "canary", "does not take"),
        (429, "canary", "no further requests"),
        (500, "canary", "fault of its own"),
        (307, "canary", "has moved"),
        (418, "canary", "documents no such answer"),
    ] {
        let host =
            answering(move |_| Reply::json(status, json!({"message": message, "url": "canary"}))).await;
        let error = host.create_deploy_key("t", KEY, true).await.unwrap_err();
        assert!(error.cause.to_string().contains(sentence), "{status}: {error:?}");
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
}

#[tokio::test]
async fn an_app_or_a_missing_address_is_refused() {
    let nowhere = Access { api: None, ..access("", "t") };
    assert!(GitHost::connect(nowhere).await.is_err());
    let login = Login::App { id: 1, installation: None, private_key: plain("x") };
    assert!(GitHost::connect(Access { login, ..access("https://git.example.com", "t") }).await.is_err());
}

/// The environment that the rig prints: `GITEA` and `GITEA_TOKEN`, with the repository `ops/gitops`.
#[expect(clippy::disallowed_methods, reason = "the rig's address comes by the environment")]
fn rig(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set; start the rig"))
}

#[tokio::test]
#[ignore = "needs the rig: tests/rig/build"]
async fn a_real_gitea_keeps_keys_and_hooks() {
    let host = GitHost::connect(access(&rig("GITEA"), &rig("GITEA_TOKEN"))).await.unwrap();
    host.check_access().await.unwrap();
    for key in host.deploy_keys().await.unwrap() {
        host.delete_deploy_key(key.id).await.unwrap();
    }
    let made = host.create_deploy_key("sealstrap home", KEY, true).await.unwrap();
    assert_eq!(host.deploy_keys().await.unwrap(), [made.clone()]);
    let conflict = |error: &Error| matches!(error.cause, Cause::Conflict(_));
    assert!(conflict(&host.create_deploy_key("other", KEY, true).await.unwrap_err()));
    host.delete_deploy_key(made.id).await.unwrap();
    host.delete_deploy_key(made.id).await.unwrap();

    let wish = |event: &str| WebhookWish {
        url: "http://127.0.0.1:1/hook/1".into(),
        events: vec![event.into()],
        secret: plain("s3cret"),
    };
    let mut ids = Vec::new();
    for _ in 0..60 {
        ids.push(host.create_webhook(wish("push")).await.unwrap().id);
    }
    assert_eq!(host.webhooks().await.unwrap().len(), 60);
    let changed = host.update_webhook(ids[0], wish("release")).await.unwrap();
    assert_eq!((changed.events, changed.content_type.as_str()), (vec!["release".to_owned()], "json"));
    host.ping_webhook(ids[0]).await.unwrap();
    for id in ids {
        host.delete_webhook(id).await.unwrap();
    }
    assert!(host.webhooks().await.unwrap().is_empty());
    let stranger = GitHost::connect(access(&rig("GITEA"), "wrong")).await.unwrap();
    let error = stranger.check_access().await.unwrap_err();
    assert!(matches!(error.cause, Cause::Unauthenticated(_)), "{error:?}");
    let elsewhere = Access { repository: "ops/none".into(), ..access(&rig("GITEA"), &rig("GITEA_TOKEN")) };
    let error = GitHost::connect(elsewhere).await.unwrap().check_access().await.unwrap_err();
    assert!(matches!(error.cause, Cause::NotFound(_)), "{error:?}");
}
