//! GitHub cannot be run here, but its API is published as a description. Every request that our client makes and
//! every reply that the sandbox gives, over a whole life of keys and hooks, has to be what that says.

mod description;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use sealstrap::plain::Plain;
use sealstrap::remote::git_host::{Access, GitHost, Kind, Login, WebhookWish};
use sealstrap::sandbox::git_host::{GitHost as Sandbox, Standing};
use sealstrap::sandbox::server::{Body, Handler, Ledger, Remote, serve};
use serde_json::{Value, json};

use description::Description;

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

/// A request and its reply.
#[derive(Debug, Clone)]
struct Exchange {
    method: String,
    path: String,
    query: Vec<String>,
    request: Value,
    status: u16,
    reply: Value,
}

/// A sandbox's GitHub whose exchanges are kept.
struct Scene {
    sandbox: Arc<Sandbox>,
    kept: Arc<Mutex<Vec<Exchange>>>,
    api: String,
}

impl Scene {
    async fn new() -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let sandbox =
            Sandbox::new(plain("t0ken"), "ops/gitops").delivering(Arc::new(|_| Box::pin(async { 200 })));
        let sandbox = Arc::new(sandbox);
        let kept: Arc<Mutex<Vec<Exchange>>> = Arc::default();
        let handler = keeping(Arc::clone(&sandbox).handler(), Arc::clone(&kept));
        let address = serve(Remote::GitHost, Arc::new(Ledger::default()), handler).await.unwrap();
        Self { sandbox, kept, api: format!("http://{address}") }
    }

    fn access(&self, repository: &str, login: Login) -> Access {
        let (api, timeout) = (Some(self.api.clone()), Duration::from_secs(20));
        Access { api, kind: Kind::GitHub, ca: None, repository: repository.into(), login, timeout }
    }

    async fn host(&self) -> GitHost {
        GitHost::connect(self.access("ops/gitops", Login::Token(plain("t0ken")))).await.unwrap()
    }
}

/// Answers as another handler does, and keeps what was said.
fn keeping(inner: Handler, kept: Arc<Mutex<Vec<Exchange>>>) -> Handler {
    Arc::new(move |request| {
        let (inner, kept) = (Arc::clone(&inner), Arc::clone(&kept));
        Box::pin(async move {
            let (method, path, body) = (request.method.to_string(), request.path.clone(), request.json());
            let query = request.query.keys().cloned().collect();
            let reply = inner(request).await;
            let answer = if let Body::Json(body) = &reply.body { body.clone() } else { Value::Null };
            let status = reply.status.as_u16();
            kept.lock().unwrap().push(Exchange { method, path, query, request: body, status, reply: answer });
            reply
        })
    })
}

fn plain(text: &str) -> Plain {
    Plain::from(text.to_owned())
}

fn wish(url: &str, event: &str) -> WebhookWish {
    WebhookWish { url: url.into(), events: vec![event.into()], secret: plain("s3cret") }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs npm: it takes GitHub's description from the package @octokit/openapi"]
async fn github_is_asked_and_stood_in_for_as_its_description_says() {
    let scene = Scene::new().await;
    keys(&scene).await;
    hooks(&scene).await;
    refusals(&scene).await;
    app(&scene).await;
    let exchanges = scene.kept.lock().unwrap().clone();
    let description = Description::fetch();
    it_would_be_noticed(&description, &exchanges);
    let mut told: Vec<String> = exchanges.iter().map(|one| description.judge(one)).collect();
    told.sort();
    told.dedup();
    println!("{} exchanges, each of these kinds as described or not:\n{}", exchanges.len(), told.join("\n"));
    let wrong: Vec<&String> = told.iter().filter(|line| !line.starts_with("as described")).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A request or reply of another form is not as described.
fn it_would_be_noticed(description: &Description, exchanges: &[Exchange]) {
    let made =
        exchanges.iter().find(|one| one.method == "POST" && one.path.ends_with("/keys") && one.status == 201);
    let made = made.unwrap();
    let changes: [fn(&mut Exchange); 7] = [
        |one| drop(one.reply.as_object_mut().unwrap().shift_remove("read_only")),
        |one| one.reply["id"] = "text".into(),
        |one| one.request["key"] = Value::Null,
        |one| one.request["unheard"] = true.into(),
        |one| one.status = 409,
        |one| one.query.push("unheard".into()),
        |one| one.path.push_str("/unheard/of"),
    ];
    assert!(description.judge(made).starts_with("as described"));
    for (number, change) in changes.into_iter().enumerate() {
        let mut other = made.clone();
        change(&mut other);
        assert!(!description.judge(&other).starts_with("as described"), "change {number}");
    }
}

async fn keys(scene: &Scene) {
    let host = scene.host().await;
    host.check_access().await.unwrap();
    host.host_keys().await.unwrap();
    assert!(host.deploy_keys().await.unwrap().is_empty());
    let made = host.create_deploy_key("sealstrap home", KEY, true).await.unwrap();
    host.create_deploy_key("again", KEY, true).await.unwrap_err();
    host.create_deploy_key("none", "nonsense", true).await.unwrap_err();
    for number in 0..120 {
        scene.sandbox.add_key(&format!("key {number}"), &format!("ssh-ed25519 AAAA{number}"), true);
    }
    assert_eq!(host.deploy_keys().await.unwrap().len(), 121);
    host.delete_deploy_key(made.id).await.unwrap();
    host.delete_deploy_key(made.id).await.unwrap();
    scene.sandbox.switch_deploy_keys(false);
    host.create_deploy_key("off", KEY, true).await.unwrap_err();
    assert!(host.deploy_keys().await.unwrap()[0].disabled);
    scene.sandbox.switch_deploy_keys(true);
}

async fn hooks(scene: &Scene) {
    let host = scene.host().await;
    assert!(host.webhooks().await.unwrap().is_empty());
    let made = host.create_webhook(wish("https://flux.example.com/hook/1", "push")).await.unwrap();
    host.create_webhook(wish("https://flux.example.com/hook/1", "push")).await.unwrap_err();
    host.update_webhook(made.id, wish("https://flux.example.com/hook/2", "release")).await.unwrap();
    host.ping_webhook(made.id).await.unwrap();
    assert_eq!(host.last_delivery(made.id).await.unwrap(), Some(200));
    for number in 0..120 {
        scene.sandbox.add_hook(&format!("https://example.com/{number}"), &["push"]);
    }
    assert_eq!(host.webhooks().await.unwrap().len(), 121);
    host.delete_webhook(made.id).await.unwrap();
    host.delete_webhook(made.id).await.unwrap();
    host.update_webhook(made.id, wish("https://flux.example.com/hook/2", "push")).await.unwrap_err();
    host.ping_webhook(made.id).await.unwrap_err();
    host.last_delivery(made.id).await.unwrap_err();
}

/// Every call in every standing.
async fn refusals(scene: &Scene) {
    use Standing::{Archived, NarrowScope, RateLimited, Reader, SingleSignOn, TokenLacks};
    let hook =
        scene.host().await.create_webhook(wish("https://flux.example.com/hook/3", "push")).await.unwrap();
    for standing in [Reader, TokenLacks, SingleSignOn, RateLimited, NarrowScope, Archived] {
        scene.sandbox.stand(standing);
        every_call(&scene.host().await, hook.id).await;
    }
    scene.sandbox.stand(Standing::Admin);
    for (repository, token) in [("ops/none", "t0ken"), ("ops/gitops", "wrong")] {
        let access = scene.access(repository, Login::Token(plain(token)));
        every_call(&GitHost::connect(access).await.unwrap(), hook.id).await;
    }
}

/// Refused or not: what counts is the form.
async fn every_call(host: &GitHost, hook: u64) {
    drop(host.check_access().await);
    drop(host.deploy_keys().await);
    drop(host.create_deploy_key("t", KEY, true).await);
    drop(host.delete_deploy_key(1).await);
    drop(host.webhooks().await);
    drop(host.create_webhook(wish("https://flux.example.com/hook/4", "push")).await);
    drop(host.update_webhook(hook, wish("https://flux.example.com/hook/4", "push")).await);
    drop(host.ping_webhook(hook).await);
    drop(host.last_delivery(hook).await);
}

async fn app(scene: &Scene) {
    let key = rsa::RsaPrivateKey::new(&mut rand_core::OsRng, 1024).unwrap();
    let pem = rsa::pkcs1::EncodeRsaPrivateKey::to_pkcs1_pem(&key, rsa::pkcs8::LineEnding::LF).unwrap();
    let login = || Login::App { id: 5, installation: None, private_key: plain(pem.as_str().trim_end()) };
    assert!(GitHost::connect(scene.access("ops/gitops", login())).await.is_err());
    scene.sandbox.install_app(json!({"administration": "write", "metadata": "read"}));
    let host = GitHost::connect(scene.access("ops/gitops", login())).await.unwrap();
    host.check_access().await.unwrap();
    host.deploy_keys().await.unwrap();
}
