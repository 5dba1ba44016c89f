//! What a Git host must answer. The sandbox is shaped as GitHub and the rig has Gitea, so what is compared is
//! what our client makes of the answers: the kind of a refusal, keys and hooks as they come back. Where the two
//! hosts have other rules, a statement is asked of one side only, and says why.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand_core::OsRng;
use sealstrap::plain::Plain;
use sealstrap::remote::git_host::{Access, GitHost, Kind, Login, WebhookWish};
use sealstrap::remote::{Cause, Error};
use sealstrap::sandbox::git_host::{GitHost as Sandbox, Standing};
use sealstrap::sandbox::server::{Handler, Ledger, Remote, Reply, Request, serve};
use serde_json::{Value, json};
use ssh_key::{Algorithm, PrivateKey};

use crate::rig::Rig;
use crate::statement::{self, Seen, Statement, sentences};

pub(crate) fn statements() -> Vec<Statement<Side>> {
    sentences![
        "Whoever administers the repository is let through" => access,
        "A deploy key is made, comes back without comment, and is deleted twice without complaint" => a_key,
        "A key that the repository has already is a conflict" => a_duplicate_key,
        "A key that is in use elsewhere is a conflict" => a_key_in_use,
        "A second key of the same title is taken" => a_duplicate_title [Sandbox: "Gitea refuses it"],
        "A second key of the same title is refused" => a_refused_title [Rig: "GitHub takes it"],
        "A line that is no key is refused" => no_key,
        "A hook is made, changed, pinged, and deleted twice without complaint" => a_hook,
        "A second hook for the same address and event is a conflict" => a_duplicate_hook [Sandbox: "Gitea takes it"],
        "A second hook for the same address and event is taken" => a_second_hook [Rig: "GitHub refuses it"],
        "A hook that is not there cannot be changed or pinged" => no_hook,
        "A changed hook signs with the new secret" => a_new_secret [Sandbox: "Gitea's API cannot change it"],
        "A changed hook signs with the secret that it was made with" => the_old_secret [Rig: "GitHub changes it"],
        "A delivery is signed by HMAC-SHA-256 of its body" => a_signed_delivery,
        "Keys and hooks of all pages are seen" => all_pages,
        "A repository that is not there is not found" => no_repository,
        "A token that nobody knows is not let in" => a_bad_token,
        "Somebody who may only read does not administer the repository" => a_reader,
        "A token without the scope is refused" => a_narrow_token,
        "An archived repository takes no change" => archived [Sandbox: "Gitea takes keys and hooks there"],
        "An organisation's policy switches deploy keys off" => switched_off [Sandbox: "Gitea has no such policy"],
        "Single sign-on and a used-up rate limit are told apart from missing rights" => sso_and_limit [Sandbox: "GitHub's own"],
        "The newest delivery and the host's SSH keys are told" => told_by_github [Sandbox: "Gitea's API tells neither"],
    ]
}

/// A Git host with one repository.
pub(crate) struct Side {
    kind: Kind,
    api: String,
    token: String,
    repository: String,
    sandbox: Option<Arc<Sandbox>>,
    /// What the sandbox delivered.
    delivered: Arc<Mutex<Vec<Signed>>>,
    seen: Seen,
}

/// A delivery as it came: the signature and the body.
#[derive(Clone)]
struct Signed {
    signature: String,
    body: String,
}

impl statement::Side for Side {
    fn seen(&self) -> &Seen {
        &self.seen
    }

    fn version(&self) -> String {
        if self.sandbox.is_some() { "GitHub".into() } else { "Gitea 1.25.4".into() }
    }
}

impl Side {
    pub(crate) async fn sandbox() -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let delivered: Arc<Mutex<Vec<Signed>>> = Arc::default();
        let keep = Arc::clone(&delivered);
        let sandbox = Sandbox::new(plain("t0ken"), "ops/gitops").delivering(Arc::new(move |delivery| {
            let signature = delivery.signature.unwrap_or_default();
            keep.lock().unwrap().push(Signed { signature, body: delivery.body });
            Box::pin(async { 200 })
        }));
        let sandbox = Arc::new(sandbox);
        let handler = Arc::clone(&sandbox).handler();
        let address = serve(Remote::GitHost, Arc::new(Ledger::default()), handler).await.unwrap();
        Self {
            kind: Kind::GitHub,
            api: format!("http://{address}"),
            token: "t0ken".into(),
            repository: "ops/gitops".into(),
            sandbox: Some(sandbox),
            delivered,
            seen: Seen::default(),
        }
    }

    pub(crate) async fn rig(rig: &Rig) -> Self {
        let side = Self {
            kind: Kind::Gitea,
            api: rig.git.address.clone(),
            token: rig.git.token.clone(),
            repository: rig.git.repository.clone(),
            sandbox: None,
            delivered: Arc::default(),
            seen: Seen::default(),
        };
        side.people().await;
        side
    }

    async fn open(&self, repository: &str, token: &str) -> GitHost {
        let access = Access {
            api: Some(self.api.clone()),
            kind: self.kind,
            ca: None,
            repository: repository.into(),
            login: Login::Token(plain(token)),
            timeout: Duration::from_secs(20),
        };
        GitHost::connect(access).await.unwrap()
    }

    async fn host(&self) -> GitHost {
        self.open(&self.repository, &self.token).await
    }

    /// A repository as somebody in this standing meets it.
    async fn met_as(&self, standing: Standing) -> GitHost {
        if let Some(sandbox) = &self.sandbox {
            sandbox.stand(standing);
            return self.host().await;
        }
        let (repository, who, scopes) = match standing {
            Standing::Reader => (self.repository.as_str(), "reader", json!(["all"])),
            Standing::NarrowScope => (self.repository.as_str(), "helper", json!(["read:user"])),
            Standing::Archived => ("ops/archived", "ops", json!(["all"])),
            _ => panic!("Gitea knows no {standing:?}"),
        };
        if who == "ops" {
            return self.open(repository, &self.token).await;
        }
        let wish = json!({"name": format!("{standing:?}"), "scopes": scopes});
        let made = self.gitea_as(Some(who), "POST", &format!("users/{who}/tokens"), &wish).await;
        self.open(repository, made["sha1"].as_str().unwrap()).await
    }

    fn stand_as_before(&self) {
        if let Some(sandbox) = &self.sandbox {
            sandbox.stand(Standing::Admin);
        }
    }

    /// A reader, an administrator beside the owner, and an archived repository.
    async fn people(&self) {
        for (name, right) in [("reader", "read"), ("helper", "admin")] {
            let user = json!({
                "username": name, "email": format!("{name}@example.com"), "password": PASSWORD, "must_change_password": false});
            self.gitea_as(None, "POST", "admin/users", &user).await;
            let path = format!("repos/{}/collaborators/{name}", self.repository);
            self.gitea_as(None, "PUT", &path, &json!({"permission": right})).await;
        }
        self.gitea_as(None, "POST", "user/repos", &json!({"name": "archived", "auto_init": true})).await;
        self.gitea_as(None, "PATCH", "repos/ops/archived", &json!({"archived": true})).await;
    }

    /// A request to the rig's Gitea, as the owner or by a password of ours.
    async fn gitea_as(&self, who: Option<&str>, method: &str, path: &str, body: &Value) -> Value {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request =
            reqwest::Client::new().request(method, format!("{}/api/v1/{path}", self.api)).json(body);
        let request = match who {
            Some(who) => request.basic_auth(who, Some(PASSWORD)),
            None => request.header("authorization", format!("token {}", self.token)),
        };
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
        serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default()
    }

    /// The kind of a refusal is compared; the words are each host's own.
    fn note(&self, error: &Error) {
        let kind = format!("{:?}", error.cause);
        let kind = kind.split(['(', ' ']).next().unwrap_or_default();
        let action = error.to_string();
        self.seen.note(json!({"asked": action.trim_end_matches(char::is_numeric), "refusal": kind}));
    }

    /// Removes all keys and hooks.
    async fn clear(&self) {
        let host = self.host().await;
        for key in host.deploy_keys().await.unwrap() {
            host.delete_deploy_key(key.id).await.unwrap();
        }
        for hook in host.webhooks().await.unwrap() {
            host.delete_webhook(hook.id).await.unwrap();
        }
    }
}

const PASSWORD: &str = "of-the-contract-1";

fn plain(text: &str) -> Plain {
    Plain::from(text.to_owned())
}

/// A new public key, `type base64`.
fn new_key() -> String {
    let key = PrivateKey::random(&mut OsRng, Algorithm::Ed25519).unwrap();
    key.public_key().to_openssh().unwrap().split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

fn wish(url: &str, event: &str, secret: &str) -> WebhookWish {
    WebhookWish { url: url.into(), events: vec![event.into()], secret: plain(secret) }
}

const RECEIVER: &str = "http://127.0.0.1:1/hook/1";

async fn access(side: Arc<Side>) {
    side.host().await.check_access().await.unwrap();
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

async fn a_hook(side: Arc<Side>) {
    let host = side.host().await;
    let made = host.create_webhook(wish(RECEIVER, "push", "one")).await.unwrap();
    assert_eq!((made.content_type.as_str(), made.active, made.verifies_tls), ("json", true, true));
    assert_eq!((made.url.as_str(), made.events), (RECEIVER, vec!["push".to_owned()]));
    let changed = host.update_webhook(made.id, wish(RECEIVER, "release", "one")).await.unwrap();
    assert_eq!((changed.id, changed.events), (made.id, vec!["release".to_owned()]));
    let moved = host.update_webhook(made.id, wish("http://127.0.0.1:1/hook/2", "push", "one")).await.unwrap();
    assert_eq!(moved.url, "http://127.0.0.1:1/hook/2");
    host.ping_webhook(made.id).await.unwrap();
    host.delete_webhook(made.id).await.unwrap();
    host.delete_webhook(made.id).await.unwrap();
    assert!(host.webhooks().await.unwrap().is_empty());
}

async fn a_duplicate_hook(side: Arc<Side>) {
    let host = side.host().await;
    host.create_webhook(wish(RECEIVER, "push", "s")).await.unwrap();
    let error = host.create_webhook(wish(RECEIVER, "push", "s")).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Conflict(_)), "{error:?}");
    side.clear().await;
}

async fn a_second_hook(side: Arc<Side>) {
    let host = side.host().await;
    host.create_webhook(wish(RECEIVER, "push", "s")).await.unwrap();
    host.create_webhook(wish(RECEIVER, "push", "s")).await.unwrap();
    assert_eq!(host.webhooks().await.unwrap().len(), 2);
    side.clear().await;
}

async fn no_hook(side: Arc<Side>) {
    let host = side.host().await;
    let error = host.update_webhook(4_000_000, wish(RECEIVER, "push", "s")).await.unwrap_err();
    assert!(matches!(error.cause, Cause::NotFound(_)), "{error:?}");
    let error = host.ping_webhook(4_000_000).await.unwrap_err();
    assert!(matches!(error.cause, Cause::NotFound(_)), "{error:?}");
}

/// Changes a hook's secret, has it deliver, and tells which of the two secrets it signed with.
async fn signs_with(side: &Side) -> &'static str {
    let host = side.host().await;
    let receiver = receiver(Arc::clone(&side.delivered)).await;
    let made = host.create_webhook(wish(&receiver, "push", "old")).await.unwrap();
    host.update_webhook(made.id, wish(&receiver, "push", "new")).await.unwrap();
    side.delivered.lock().unwrap().clear();
    host.ping_webhook(made.id).await.unwrap();
    let signed = loop {
        if let Some(signed) = side.delivered.lock().unwrap().pop() {
            break signed;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    host.delete_webhook(made.id).await.unwrap();
    let fits = |secret: &&str| signed.signature == format!("sha256={}", plain(secret).mark(&signed.body));
    ["old", "new"].into_iter().find(fits).unwrap_or("neither")
}

/// The address of a server that keeps what is delivered to it.
async fn receiver(delivered: Arc<Mutex<Vec<Signed>>>) -> String {
    let handler: Handler = Arc::new(move |request: Request| {
        let header = request.headers.get("x-hub-signature-256").and_then(|value| value.to_str().ok());
        let signature = header.unwrap_or_default().to_owned();
        let body = String::from_utf8_lossy(&request.body).into_owned();
        delivered.lock().unwrap().push(Signed { signature, body });
        Box::pin(async { Reply::empty(200) })
    });
    let address = serve(Remote::GitHost, Arc::new(Ledger::default()), handler).await.unwrap();
    format!("http://{address}/hook/signed")
}

async fn a_new_secret(side: Arc<Side>) {
    assert_eq!(signs_with(&side).await, "new");
}

async fn the_old_secret(side: Arc<Side>) {
    assert_eq!(signs_with(&side).await, "old");
}

async fn a_signed_delivery(side: Arc<Side>) {
    assert_ne!(signs_with(&side).await, "neither");
}

async fn all_pages(side: Arc<Side>) {
    const MANY: usize = 120;
    let host = side.host().await;
    let (mut keys, mut hooks) = (Vec::new(), Vec::new());
    for number in 0..MANY {
        keys.push(host.create_deploy_key(&format!("key {number}"), &new_key(), true).await.unwrap().id);
        let url = format!("http://127.0.0.1:1/hook/{number}");
        hooks.push(host.create_webhook(wish(&url, "push", "s")).await.unwrap().id);
    }
    let found: Vec<u64> = host.deploy_keys().await.unwrap().iter().map(|key| key.id).collect();
    assert_eq!(found, keys);
    let found: Vec<u64> = host.webhooks().await.unwrap().iter().map(|hook| hook.id).collect();
    assert_eq!(found, hooks);
    side.clear().await;
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

async fn switched_off(side: Arc<Side>) {
    let sandbox = side.sandbox.as_ref().unwrap();
    sandbox.switch_deploy_keys(false);
    let error = side.host().await.create_deploy_key("t", &new_key(), true).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Forbidden(_)), "{error:?}");
    sandbox.switch_deploy_keys(true);
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
