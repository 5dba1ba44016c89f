//! The remote against the sandbox's Vault, over real HTTP.

mod login;
mod refusal;
mod tls;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use serde_json::json;

use super::{Access, KvVersion, Login, Property, TokenWish, Trust, Vault};
use crate::plain::Plain;
use crate::remote::{Cause, Error};
use crate::sandbox::server::{self, Fault, Harm, Ledger, Remote};
use crate::sandbox::vault::{ROOT_TOKEN, Vault as Sandbox};

const CANARY: &str = "canary-5e1f";

struct Stage {
    sandbox: Arc<Sandbox>,
    ledger: Arc<Ledger>,
    address: SocketAddr,
}

impl Stage {
    async fn new() -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let (sandbox, ledger) = (Arc::new(Sandbox::new()), Arc::new(Ledger::default()));
        let handler = Arc::clone(&sandbox).handler();
        let address = server::serve(Remote::Vault, Arc::clone(&ledger), handler).await.unwrap();
        Self { sandbox, ledger, address }
    }

    async fn open(&self, login: Login) -> Result<Vault, Error> {
        Vault::connect(access(&format!("http://{}", self.address), login)).await
    }

    async fn admin(&self) -> Vault {
        self.open(token(ROOT_TOKEN)).await.unwrap()
    }

    /// A client whose only policy is this one.
    async fn with_policy(&self, text: &str) -> Vault {
        self.sandbox.set_policy("narrow", text);
        let id = self.sandbox.make_token(&["narrow"], Duration::from_secs(60));
        self.open(token(&id)).await.unwrap()
    }

    fn answers(&self, path: &str, times: usize, status: u16, body: serde_json::Value) {
        let harm = Harm::Answer(status, body);
        self.ledger.harm(Fault { remote: Remote::Vault, method: None, path: path.into(), times, harm });
    }
}

fn access(address: &str, login: Login) -> Access {
    Access {
        address: address.into(),
        namespace: None,
        trust: Trust::System,
        timeout: Duration::from_secs(20),
        login,
    }
}

fn plain(text: &str) -> Plain {
    Plain::from(text.to_owned())
}

fn token(text: &str) -> Login {
    Login::Token(plain(text))
}

fn set(key: &str, value: &str) -> BTreeMap<String, Plain> {
    BTreeMap::from([(key.to_owned(), plain(value))])
}

/// The whole error as a person would read it.
fn said(error: &Error) -> String {
    format!("{error}: {}; {}; {error:?}", error.cause, error.hint.as_deref().unwrap_or_default())
}

fn refused(result: Result<Vault, Error>) -> Error {
    match result {
        Ok(_) => panic!("it was let in"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn a_secret_keeps_what_others_put_into_it() {
    let stage = Stage::new().await;
    for (mount, version) in [("secret", KvVersion::V2), ("one", KvVersion::V1)] {
        stage.sandbox.mount("one", 1);
        stage.sandbox.set_kv(mount, "k8s/x", &json!({"theirs": {"a": [1, true]}, "token": "old"}));
        let vault = stage.admin().await;
        assert_eq!(vault.kv_version(mount).await.unwrap(), version);
        let read = vault.read(mount, "k8s/x").await.unwrap();
        assert!(read.data["theirs"].same_as(&plain(r#"{"a":[1,true]}"#)));
        vault.write(mount, "k8s/x", set("token", "new"), &read).await.unwrap();
        let kept = stage.sandbox.kv(mount, "k8s/x").unwrap();
        assert_eq!(kept["theirs"], r#"{"a":[1,true]}"#);
        assert_eq!(kept["token"], "new");
    }
}

#[tokio::test]
async fn a_secret_that_changed_meanwhile_is_a_conflict() {
    let stage = Stage::new().await;
    let vault = stage.admin().await;
    let read = vault.read("secret", "k8s/x").await.unwrap();
    assert_eq!(read.version, 0);
    stage.sandbox.set_kv("secret", "k8s/x", &json!({"token": "theirs"}));
    let error = vault.write("secret", "k8s/x", set("token", CANARY), &read).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Conflict(_)), "{}", said(&error));
    assert_eq!(stage.sandbox.kv("secret", "k8s/x").unwrap()["token"], "theirs");
}

#[tokio::test]
async fn a_deleted_secret_is_written_over_its_last_version() {
    let stage = Stage::new().await;
    stage.sandbox.set_kv("secret", "k8s/x", &json!({"token": "a"}));
    stage.sandbox.delete_kv("secret", "k8s/x");
    let vault = stage.admin().await;
    let read = vault.read("secret", "k8s/x").await.unwrap();
    assert!(read.deleted && read.data.is_empty() && read.version == 1);
    vault.write("secret", "k8s/x", set("token", "b"), &read).await.unwrap();
    assert_eq!(stage.sandbox.kv("secret", "k8s/x").unwrap()["token"], "b");
}

#[tokio::test]
async fn marks_are_added_to_those_of_others_with_or_without_the_right_to_patch() {
    let stage = Stage::new().await;
    let rules = r#"path "secret/metadata/*" { capabilities = ["create", "read", "update"] }"#;
    for vault in [stage.admin().await, stage.with_policy(rules).await] {
        let marks = BTreeMap::from([("managed-by".to_owned(), "sealstrap".to_owned())]);
        vault.mark("secret", "k8s/new", &marks).await.unwrap();
        stage
            .sandbox
            .with_metadata("secret", "k8s/x", |all| *all = [("team".to_owned(), "a".to_owned())].into());
        vault.mark("secret", "k8s/x", &marks).await.unwrap();
        vault.mark("secret", "k8s/x", &marks).await.unwrap();
        let found = stage.admin().await.read("secret", "k8s/x").await.unwrap();
        assert_eq!(found.metadata.len(), 2);
        assert_eq!((found.version, found.deleted), (0, false));
    }
}

#[tokio::test]
async fn an_engine_that_is_being_upgraded_is_asked_again() {
    let stage = Stage::new().await;
    let vault = stage.admin().await;
    let read = vault.read("secret", "k8s/x").await.unwrap();
    let words =
        "Upgrading from non-versioned to versioned data. This backend will be unavailable for a brief period";
    stage.answers("secret/data", 2, 400, json!({"errors": [words]}));
    vault.write("secret", "k8s/x", set("token", "a"), &read).await.unwrap();
    assert_eq!(stage.sandbox.versions("secret", "k8s/x"), 1);
}

#[tokio::test]
async fn a_refusal_names_the_capability_and_the_path_and_an_expired_token_is_another_sentence() {
    let stage = Stage::new().await;
    let vault = stage.with_policy(r#"path "secret/data/k8s/x" { capabilities = ["read"] }"#).await;
    let read = vault.read("secret", "k8s/x").await.unwrap();
    let error = vault.write("secret", "k8s/x", set("token", CANARY), &read).await.unwrap_err();
    let words = "the token lacks the capability `create` and `update` on `secret/data/k8s/x` (403)";
    assert_eq!(error.cause, Cause::Forbidden(words.into()));
    assert!(
        error
            .hint
            .unwrap()
            .contains("path \"secret/data/k8s/x\" { capabilities = [\"create\", \"update\"] }")
    );
    stage.sandbox.advance(Duration::from_secs(61));
    let error = vault.read("secret", "k8s/x").await.unwrap_err();
    assert!(matches!(error.cause, Cause::Unauthenticated(_)), "{}", said(&error));
}

#[tokio::test]
async fn every_status_is_its_own_sentence_and_none_repeats_what_was_sent() {
    let stage = Stage::new().await;
    let vault = stage.admin().await;
    let read = vault.read("secret", "k8s/x").await.unwrap();
    let mut sentences = BTreeSet::new();
    for status in [400, 401, 403, 404, 413, 418, 500, 503] {
        stage.answers("secret/data", 1, status, json!({"errors": [format!("echo {CANARY}")]}));
        let error = vault.write("secret", "k8s/x", set("token", CANARY), &read).await.unwrap_err();
        assert!(!said(&error).contains(CANARY), "{}", said(&error));
        sentences.insert(error.cause.to_string());
    }
    assert_eq!(sentences.len(), 8);
    stage.answers("secret/data", 6, 412, json!({"errors": []}));
    assert!(vault.read("secret", "k8s/x").await.unwrap_err().passes());
    stage.answers("secret/data", 1, 200, json!({"data": CANARY}));
    let error = vault.read("secret", "k8s/x").await.unwrap_err();
    assert!(matches!(error.cause, Cause::Malformed(_)) && !said(&error).contains(CANARY), "{}", said(&error));
}

#[tokio::test]
async fn a_mount_that_is_not_there_may_be_one_that_is_not_ours_to_see() {
    let stage = Stage::new().await;
    let error = stage.admin().await.read("ops", "x").await.unwrap_err();
    assert!(said(&error).contains("no engine is mounted at `ops`, or no policy"), "{}", said(&error));
    let narrow = stage.with_policy(r#"path "other/*" { capabilities = ["read"] }"#).await;
    let error = narrow.kv_version("secret").await.unwrap_err();
    assert!(matches!(error.cause, Cause::Forbidden(_)));
    let error = stage.admin().await.read("secret/k8s", "x").await.unwrap_err();
    assert!(said(&error).contains("the mount there is `secret`"), "{}", said(&error));
    for path in ["", "/x", "x/", "a//b", "a/../b"] {
        let error = stage.admin().await.read("secret", path).await.unwrap_err();
        assert!(matches!(error.cause, Cause::Local(_)), "{path}");
    }
}

#[tokio::test]
async fn a_vault_that_is_not_in_service_says_why() {
    let stage = Stage::new().await;
    stage.sandbox.seal(true);
    let error = refused(stage.open(token(ROOT_TOKEN)).await);
    assert_eq!(error.cause, Cause::Unavailable("Vault is sealed".into()));
    stage.sandbox.initialize(false);
    let error = refused(stage.open(token(ROOT_TOKEN)).await);
    assert_eq!(error.cause, Cause::Unavailable("Vault is not initialised".into()));
    stage.sandbox.initialize(true);
    stage.sandbox.seal(false);
    let health = json!({"initialized": true, "sealed": false, "standby": true, "version": "1.19.0"});
    for (status, word) in [(472, "disaster-recovery"), (474, "no active node"), (530, "removed")] {
        stage.answers("sys/health", 1, status, health.clone());
        assert!(said(&refused(stage.open(token(ROOT_TOKEN)).await)).contains(word));
    }
    for status in [429, 473] {
        stage.answers("sys/health", 1, status, health.clone());
        assert_eq!(stage.admin().await.version().await.unwrap(), "1.19.0");
    }
    stage.answers("sys/health", 1, 200, json!("a web server"));
    assert!(matches!(refused(stage.open(token(ROOT_TOKEN)).await).cause, Cause::Malformed(_)));
}

#[tokio::test]
async fn a_standby_may_lead_to_the_same_authority_only() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let stage = Stage::new().await;
    let active = stage.address;
    let handler: server::Handler = Arc::new(move |request| {
        let mut reply = server::Reply::empty(307);
        reply.headers.push(("location", format!("http://{active}{}", request.path)));
        Box::pin(async move { reply })
    });
    let ledger = Arc::new(Ledger::default());
    let standby = server::serve(Remote::Vault, ledger, handler).await.unwrap();
    let error = refused(Vault::connect(access(&format!("http://{standby}"), token(ROOT_TOKEN))).await);
    assert!(error.cause.to_string().contains(&format!("redirects to `http://{active}`")), "{}", said(&error));
    assert_eq!(stage.ledger.asked(), []);
}

#[tokio::test]
async fn a_request_carries_the_namespace_and_an_address_may_have_a_path() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let (log, sandbox) = (Arc::clone(&seen), Arc::new(Sandbox::new()).handler());
    let handler: server::Handler = Arc::new(move |mut request| {
        let namespace =
            request.headers.get("x-vault-namespace").map(|value| value.to_str().unwrap().to_owned());
        log.lock().unwrap().push((request.path.clone(), namespace));
        request.path = request.path.replacen("/vault/", "/", 1);
        sandbox(request)
    });
    let address = server::serve(Remote::Vault, Arc::default(), handler).await.unwrap();
    let mut access = access(&format!("http://{address}/vault/"), token(ROOT_TOKEN));
    access.namespace = Some("team".into());
    let vault = Vault::connect(access).await.unwrap();
    vault.read("secret", "a b").await.unwrap();
    let seen = seen.lock().unwrap();
    assert!(seen.contains(&("/vault/v1/sys/health".into(), None)));
    assert!(seen.contains(&("/vault/v1/secret/data/a b".into(), Some("team".into()))));
}

#[tokio::test]
async fn what_does_not_answer_is_unreachable_or_too_slow() {
    let stage = Stage::new().await;
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let error = refused(Vault::connect(access(&format!("http://{closed}"), token("x"))).await);
    assert!(matches!(error.cause, Cause::Unreachable { .. }) && error.passes(), "{}", said(&error));
    let stall = Fault {
        remote: Remote::Vault,
        method: Some(Method::GET),
        path: "sys/health".into(),
        times: 1,
        harm: Harm::Stall,
    };
    stage.ledger.harm(stall);
    let brief = Access {
        timeout: Duration::from_secs(1),
        ..access(&format!("http://{}", stage.address), token("x"))
    };
    let error = refused(Vault::connect(brief).await);
    assert!(matches!(error.cause, Cause::TimedOut { seconds: 1, .. }), "{}", said(&error));
    for address in ["", "vault:8200", "ftp://vault", "https://"] {
        let error = refused(Vault::connect(access(address, token("x"))).await);
        assert!(matches!(error.cause, Cause::Local(_)), "{}", said(&error));
    }
}

#[tokio::test]
async fn a_secret_is_read_at_its_path_of_the_api_and_nothing_else_is_asked() {
    let stage = Stage::new().await;
    let values = json!({"plain": "a", "deep.er": "b", "deep": {"er": {"n": 1.50, "s": "c"}, "list": [1]}});
    stage.sandbox.set_kv("secret", "app", &json!({"plain": "old"}));
    stage.sandbox.set_kv("secret", "app", &values);
    let vault = stage.with_policy(r#"path "secret/data/app" { capabilities = ["read"] }"#).await;
    stage.ledger.clear();
    let read = vault.secret_at("secret/data/app", KvVersion::V2, None).await.unwrap().unwrap();
    assert_eq!(stage.ledger.asked().len(), 1);
    for (name, wanted) in [("plain", "a"), ("deep.er", "b"), ("deep.er.s", "c"), ("deep.er.n", "1.5")] {
        let value = match read.property(name) {
            Property::Key(value) => value.duplicate(),
            Property::Within(value) => value,
            other => panic!("{name}: {other:?}"),
        };
        assert!(value.same_as(&plain(wanted)), "{name}");
    }
    for name in ["none", "plain.x", "deep.none", "deep.er.s.x"] {
        assert!(matches!(read.property(name), Property::Missing), "{name}");
    }
    for name in ["deep.list.0", "deep.*", "deep|er", "#"] {
        assert!(matches!(read.property(name), Property::Unknown), "{name}");
    }
    let old = vault.secret_at("secret/data/app", KvVersion::V2, Some("1")).await.unwrap().unwrap();
    assert!(old.data["plain"].same_as(&plain("old")));
    assert!(vault.secret_at("secret/data/app", KvVersion::V2, Some("7")).await.unwrap().is_none());
    stage.sandbox.delete_kv("secret", "app");
    assert!(vault.secret_at("secret/data/app", KvVersion::V2, None).await.unwrap().unwrap().deleted);
    let error = vault.secret_at("secret/data/other", KvVersion::V2, None).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Forbidden(_)), "{error:?}");
    let admin = stage.admin().await;
    let error = admin.secret_at("secret/app", KvVersion::V1, None).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Invalid(_)), "{error:?}");
    assert!(admin.secret_at("nowhere/data/app", KvVersion::V2, None).await.is_err());
    assert!(admin.secret_at("secret/data/../app", KvVersion::V2, None).await.is_err());
}
