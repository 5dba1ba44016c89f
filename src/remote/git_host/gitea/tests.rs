//! Gitea: its refusals by scripted answers; what a real one says is in `tests/contract/`.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::plain::Plain;
use crate::remote::git_host::{Access, GitHost, Kind, Login};
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
