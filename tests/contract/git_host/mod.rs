//! What a Git host must answer. The sandbox is shaped as GitHub and the rig has Gitea, so what is compared is
//! what our client makes of the answers: the kind of a refusal, keys and hooks as they come back. Where the two
//! hosts have other rules, a statement is asked of one side only, and says why.

mod access;
mod hook;
mod key;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand_core::OsRng;
use sealstrap::plain::Plain;
use sealstrap::remote::Error;
use sealstrap::remote::git_host::{Access, GitHost, Kind, Login, WebhookWish};
use sealstrap::sandbox::git_host::{GitHost as Sandbox, Standing};
use sealstrap::sandbox::server::{Ledger, Remote, serve};
use serde_json::{Value, json};
use ssh_key::{Algorithm, PrivateKey};

use crate::rig::Rig;
use crate::statement::{self, Seen, Statement, sentences};

pub(crate) fn statements() -> Vec<Statement<Side>> {
    let mut all = access::statements();
    all.extend(key::statements());
    all.extend(hook::statements());
    all
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
        if self.sandbox.is_some() { "GitHub".into() } else { "Gitea".into() }
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
