//! GitHub against the sandbox: every statement and every refusal.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::plain::Plain;
use crate::remote::git_host::{Access, GitHost, Kind, Login, WebhookWish};
use crate::remote::{Cause, Error};
use crate::sandbox::git_host::{GitHost as Sandbox, Standing};
use crate::sandbox::server::{Fault, Harm, Ledger, Remote, serve};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

fn plain(text: &str) -> Plain {
    Plain::from(text.to_owned())
}

struct Scene {
    sandbox: Arc<Sandbox>,
    ledger: Arc<Ledger>,
    api: String,
}

async fn scene() -> Scene {
    let sandbox = Arc::new(Sandbox::new(plain("t0ken"), "ops/gitops"));
    let ledger = Arc::new(Ledger::default());
    let handler = Arc::clone(&sandbox).handler();
    let address = serve(Remote::GitHost, Arc::clone(&ledger), handler).await.unwrap();
    Scene { sandbox, ledger, api: format!("http://{address}") }
}

impl Scene {
    fn access(&self, token: &str) -> Access {
        Access {
            api: Some(self.api.clone()),
            kind: Kind::GitHub,
            ca: None,
            repository: "ops/gitops".into(),
            login: Login::Token(plain(token)),
            timeout: Duration::from_secs(10),
        }
    }

    async fn host(&self) -> GitHost {
        GitHost::connect(self.access("t0ken")).await.unwrap()
    }

    fn fault(&self, harm: Harm) {
        self.ledger.harm(Fault {
            remote: Remote::GitHost,
            method: None,
            path: String::new(),
            times: 1,
            harm,
        });
    }

    async fn refused_with(&self, status: u16) -> Error {
        self.fault(Harm::Answer(status, json!({"message": "canary-canary", "errors": ["canary-canary"]})));
        let wish =
            WebhookWish { url: "https://x/hook/1".into(), events: vec![], secret: plain("canary-canary") };
        let error = self.host().await.create_webhook(wish).await.unwrap_err();
        assert!(!format!("{error:?} {error} {}", error.cause).contains("canary"), "{error:?}");
        error
    }
}

fn words(error: &Error) -> String {
    format!("{error}: {} ({})", error.cause, error.hint.as_deref().unwrap_or_default())
}

#[tokio::test]
async fn keys_and_hooks_beyond_the_first_page_are_seen() {
    let scene = scene().await;
    for number in 0..250 {
        scene.sandbox.add_key(&format!("key {number}"), &format!("ssh-ed25519 AAAA{number}"), true);
        scene.sandbox.add_hook(&format!("https://example.com/{number}"), &["push"]);
    }
    let host = scene.host().await;
    let keys = host.deploy_keys().await.unwrap();
    assert_eq!((keys.len(), keys[249].title.as_str()), (250, "key 249"));
    assert_eq!(host.webhooks().await.unwrap()[249].url, "https://example.com/249");
    assert_eq!(scene.ledger.asked().len(), 6);
}

#[tokio::test]
async fn a_key_is_made_listed_and_deleted_twice_without_complaint() {
    let scene = scene().await;
    let host = scene.host().await;
    let made = host.create_deploy_key("sealstrap home", KEY, true).await.unwrap();
    assert_eq!(host.deploy_keys().await.unwrap(), std::slice::from_ref(&made));
    assert_eq!((made.title.as_str(), made.key.as_str(), made.read_only), ("sealstrap home", KEY, true));
    host.delete_deploy_key(made.id).await.unwrap();
    host.delete_deploy_key(made.id).await.unwrap();
    assert!(scene.sandbox.deploy_keys().is_empty());
}

#[tokio::test]
async fn a_hook_is_made_changed_with_its_secret_pinged_and_deleted() {
    let scene = scene().await;
    let host = scene.host().await;
    let wish = |secret: &str, event: &str| WebhookWish {
        url: "https://flux.example.com/hook/1".into(),
        events: vec![event.into()],
        secret: plain(secret),
    };
    let made = host.create_webhook(wish("one", "push")).await.unwrap();
    assert_eq!((made.content_type.as_str(), made.active, made.verifies_tls), ("json", true, true));
    assert!(scene.sandbox.hook_signs_with(made.id, &plain("one")));
    let changed = host.update_webhook(made.id, wish("two", "release")).await.unwrap();
    assert_eq!((changed.id, changed.events), (made.id, vec!["release".to_owned()]));
    assert!(scene.sandbox.hook_signs_with(made.id, &plain("two")));
    host.ping_webhook(made.id).await.unwrap();
    assert_eq!(host.last_delivery(made.id).await.unwrap(), None);
    host.delete_webhook(made.id).await.unwrap();
    host.delete_webhook(made.id).await.unwrap();
    assert!(scene.sandbox.hooks().is_empty());
}

#[tokio::test]
async fn the_newest_delivery_is_told() {
    let sandbox =
        Sandbox::new(plain("t0ken"), "ops/gitops").delivering(Arc::new(|_| Box::pin(async { 404 })));
    let ledger = Arc::new(Ledger::default());
    let address = serve(Remote::GitHost, Arc::clone(&ledger), Arc::new(sandbox).handler()).await.unwrap();
    let scene = Scene { api: format!("http://{address}"), ..scene().await };
    let host = scene.host().await;
    let wish =
        WebhookWish { url: "https://x/hook/1".into(), events: vec!["push".into()], secret: plain("s") };
    let made = host.create_webhook(wish).await.unwrap();
    assert_eq!(made.last_status, Some(404));
    assert_eq!(host.last_delivery(made.id).await.unwrap(), Some(404));
}

#[tokio::test]
async fn the_host_tells_its_ssh_keys() {
    let scene = scene().await;
    assert_eq!(scene.host().await.host_keys().await.unwrap().unwrap(), scene.sandbox.host_keys());
    scene.fault(Harm::Answer(200, json!({"verifiable_password_authentication": true})));
    assert_eq!(scene.host().await.host_keys().await.unwrap(), None);
}

#[tokio::test]
async fn each_reason_for_missing_access_is_another_sentence() {
    let scene = scene().await;
    scene.host().await.check_access().await.unwrap();
    let expected = [
        (Standing::Reader, "does not administer `ops/gitops`"),
        (Standing::SingleSignOn, "single sign-on"),
        (Standing::RateLimited, "used up until 2030-01-01T00:00:00Z"),
        (Standing::NarrowScope, "lacks the scope `repo`; it has: read:user"),
    ];
    for (standing, sentence) in expected {
        scene.sandbox.stand(standing);
        let error = scene.host().await.check_access().await.unwrap_err();
        assert!(words(&error).contains(sentence), "{}", words(&error));
        assert!(!words(&error).contains("authorization_request"), "{}", words(&error));
    }
    let error = GitHost::connect(scene.access("other")).await.unwrap().check_access().await.unwrap_err();
    assert!(matches!(error.cause, Cause::Unauthenticated(_)), "{}", words(&error));
    let elsewhere = Access { repository: "ops/other".into(), ..scene.access("t0ken") };
    scene.sandbox.stand(Standing::Admin);
    let error = GitHost::connect(elsewhere).await.unwrap().check_access().await.unwrap_err();
    assert!(words(&error).contains("`ops/other` is not there"), "{}", words(&error));
}

#[tokio::test]
async fn a_refusal_names_the_missing_permission() {
    let scene = scene().await;
    let host = scene.host().await;
    scene.sandbox.stand(Standing::TokenLacks);
    let error = host.deploy_keys().await.unwrap_err();
    assert!(words(&error).contains("403: the token lacks `administration=write`"), "{}", words(&error));
    let error = host.webhooks().await.unwrap_err();
    assert!(words(&error).contains("403: the token lacks `repository_hooks=write`"), "{}", words(&error));
    scene.sandbox.stand(Standing::Reader);
    let error = host.deploy_keys().await.unwrap_err();
    assert!(words(&error).contains("404") && words(&error).contains("\"Administration: write\""));
    let error = host.webhooks().await.unwrap_err();
    assert!(words(&error).contains("404") && words(&error).contains("`admin:repo_hook`"));
}

#[tokio::test]
async fn the_meanings_of_422_are_told_apart() {
    let scene = scene().await;
    let host = scene.host().await;
    scene.sandbox.use_key_elsewhere(KEY);
    let error = host.create_deploy_key("t", KEY, true).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Conflict(_)), "{}", words(&error));
    let error = host.create_deploy_key("t", "nonsense", true).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Invalid(_)), "{}", words(&error));
    scene.sandbox.switch_deploy_keys(false);
    let error = host.create_deploy_key("t", KEY, true).await.unwrap_err();
    assert!(words(&error).contains("policy of its organisation"), "{}", words(&error));
    let wish = || WebhookWish { url: "https://x/1".into(), events: vec!["push".into()], secret: plain("s") };
    host.create_webhook(wish()).await.unwrap();
    let error = host.create_webhook(wish()).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Conflict(_)), "{}", words(&error));
}

#[tokio::test]
async fn no_refusal_repeats_what_an_answer_echoes() {
    let scene = scene().await;
    assert!(matches!(scene.refused_with(400).await.cause, Cause::Malformed(_)));
    assert!(matches!(scene.refused_with(401).await.cause, Cause::Unauthenticated(_)));
    assert!(matches!(scene.refused_with(403).await.cause, Cause::Forbidden(_)));
    assert!(matches!(scene.refused_with(404).await.cause, Cause::NotFound(_)));
    assert!(matches!(scene.refused_with(422).await.cause, Cause::Invalid(_)));
    assert!(matches!(scene.refused_with(429).await.cause, Cause::RateLimited(_)));
    assert!(matches!(scene.refused_with(502).await.cause, Cause::Unavailable(_)));
    assert!(words(&scene.refused_with(301).await).contains("has moved"));
    assert!(matches!(scene.refused_with(201).await.cause, Cause::Malformed(_)));
}

#[tokio::test]
async fn silence_is_told_apart_from_a_closed_door() {
    let scene = scene().await;
    scene.fault(Harm::Stall);
    let hasty = Access { timeout: Duration::from_millis(50), ..scene.access("t0ken") };
    let error = GitHost::connect(hasty).await.unwrap().deploy_keys().await.unwrap_err();
    assert!(matches!(error.cause, Cause::TimedOut { .. }), "{}", words(&error));
    let nobody = Access { api: Some("http://127.0.0.1:1".into()), ..scene.access("t0ken") };
    let error = GitHost::connect(nobody).await.unwrap().deploy_keys().await.unwrap_err();
    assert!(words(&error).contains("refused"), "{}", words(&error));
}

#[tokio::test]
async fn a_token_with_a_line_end_is_refused_before_any_request() {
    let scene = scene().await;
    let error = GitHost::connect(scene.access("t0ken\n")).await.err().unwrap();
    assert!(matches!(error.cause, Cause::Local(_)));
    assert!(scene.ledger.asked().is_empty());
}

fn app(scene: &Scene) -> Access {
    let key = rsa::RsaPrivateKey::new(&mut rand_core::OsRng, 1024).unwrap();
    let pem = rsa::pkcs1::EncodeRsaPrivateKey::to_pkcs1_pem(&key, rsa::pkcs8::LineEnding::LF).unwrap();
    let login = Login::App { id: 5, installation: None, private_key: plain(pem.as_str().trim_end()) };
    Access { login, ..scene.access("") }
}

#[tokio::test]
async fn an_app_finds_its_installation_and_works_as_it() {
    let scene = scene().await;
    let error = GitHost::connect(app(&scene)).await.err().unwrap();
    assert!(words(&error).contains("404: the App is not installed on `ops/gitops`"), "{}", words(&error));
    scene.sandbox.install_app(json!({"administration": "write", "metadata": "read"}));
    let host = GitHost::connect(app(&scene)).await.unwrap();
    host.check_access().await.unwrap();
    host.create_deploy_key("sealstrap home", KEY, true).await.unwrap();
    assert_eq!(scene.ledger.writes().len(), 1);
    scene.sandbox.install_app(json!({"metadata": "read"}));
    let error = host.check_access().await.unwrap_err();
    assert!(words(&error).contains("\"Administration: write\""), "{}", words(&error));
}
