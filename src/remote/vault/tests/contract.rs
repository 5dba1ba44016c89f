//! What the remote counts on, asked of the sandbox's Vault and of a real one: one suite for both.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;

use super::super::{Access, KvVersion, Login, Rules, TokenWish, Vault};
use super::{Stage, access, plain, refused, said, set, token};
use crate::plain::Plain;
use crate::remote::Cause;
use crate::sandbox::vault::ROOT_TOKEN;

/// A Vault to hold to the contract: its address, the authority of its certificate, a root token.
struct Subject {
    address: String,
    ca: Option<PathBuf>,
    root: String,
}

impl Subject {
    async fn try_open(&self, login: Login) -> Result<Vault, crate::remote::Error> {
        Vault::connect(Access { ca: self.ca.clone(), ..access(&self.address, login) }).await
    }

    async fn open(&self, text: &str) -> Vault {
        self.try_open(token(text)).await.unwrap()
    }

    async fn admin(&self) -> Vault {
        self.open(&self.root).await
    }

    /// A token with this policy, `default`, and no more.
    async fn narrow(&self, rules: &str) -> Vault {
        let admin = self.admin().await;
        admin.write_policy("narrow", rules).await.unwrap();
        self.open(&text(&admin.create_token(&wish("narrow", "contract-narrow")).await.unwrap())).await
    }
}

fn text(token: &Plain) -> String {
    super::super::token::text(token).unwrap().to_string()
}

fn wish(policy: &str, mark: &str) -> TokenWish {
    TokenWish {
        display_name: "contract".into(),
        policies: vec![policy.into()],
        period: Duration::from_secs(7200),
        meta: BTreeMap::from([("contract".to_owned(), mark.to_owned())]),
    }
}

#[tokio::test]
async fn the_sandbox_keeps_the_contract() {
    let stage = Stage::new().await;
    let address = format!("http://{}", stage.address);
    hold(&Subject { address, ca: None, root: ROOT_TOKEN.into() }).await;
}

#[tokio::test]
#[ignore = "needs the rig: tests/rig/build"]
async fn a_real_vault_keeps_the_contract() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let subject = server.subject(folder.path()).await;
    approle(&subject).await;
    hold(&subject).await;
}

async fn hold(subject: &Subject) {
    mounts(subject).await;
    versions(subject).await;
    deletion(subject).await;
    marks(subject).await;
    policies(subject).await;
    tokens(subject).await;
    refusals(subject).await;
    methods(subject).await;
    sealing(subject).await;
}

async fn mounts(subject: &Subject) {
    let admin = subject.admin().await;
    assert!(!admin.version().await.unwrap().is_empty());
    assert_eq!(admin.kv_version("secret").await.unwrap(), KvVersion::V2);
    let error = admin.kv_version("nowhere").await.unwrap_err();
    assert!(matches!(error.cause, Cause::Forbidden(_)), "{}", said(&error));
    for version in ["1", "2"] {
        let mount = format!("kv{version}");
        let body = json!({"type": "kv", "options": {"version": version}});
        admin.write_raw(&format!("sys/mounts/{mount}"), &body).await.unwrap();
        // Right after it was mounted: a real v2 engine may still be preparing itself.
        let read = admin.read(&mount, "a/b").await.unwrap();
        assert_eq!((read.version, read.data.len()), (0, 0));
        admin.write(&mount, "a/b", set("x", "1"), &read).await.unwrap();
        let read = admin.read(&mount, "a/b").await.unwrap();
        assert!(read.data["x"].same_as(&plain("1")));
        assert_eq!(read.version, u64::from(version == "2"));
    }
}

async fn versions(subject: &Subject) {
    let admin = subject.admin().await;
    let body = json!({"data": {"n": 12_345_678_901_u64, "l": [1, {"a": null}], "t": true, "s": "old"}});
    admin.write_raw("secret/data/c/x", &body).await.unwrap();
    let read = admin.read("secret", "c/x").await.unwrap();
    admin.write("secret", "c/x", set("s", "new \u{e4}\n"), &read).await.unwrap();
    let kept = admin.read_raw("secret/data/c/x").await.unwrap().unwrap();
    assert_eq!(
        kept["data"],
        json!({"n": 12_345_678_901_u64, "l": [1, {"a": null}], "t": true, "s": "new \u{e4}\n"})
    );
    let error = admin.write("secret", "c/x", set("s", "late"), &read).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Conflict(_)), "{}", said(&error));
}

async fn deletion(subject: &Subject) {
    let admin = subject.admin().await;
    for part in ["delete", "destroy"] {
        let path = format!("c/{part}");
        let read = admin.read("secret", &path).await.unwrap();
        admin.write("secret", &path, set("s", "1"), &read).await.unwrap();
        admin.write_raw(&format!("secret/{part}/{path}"), &json!({"versions": [1]})).await.unwrap();
        let read = admin.read("secret", &path).await.unwrap();
        assert!(read.deleted && read.data.is_empty() && read.version == 1, "{part}");
        admin.write("secret", &path, set("s", "2"), &read).await.unwrap();
        assert_eq!(admin.read("secret", &path).await.unwrap().version, 2);
    }
}

async fn marks(subject: &Subject) {
    let one = |key: &str| BTreeMap::from([(key.to_owned(), "v".to_owned())]);
    let rules = "path \"secret/metadata/*\" { capabilities = [\"create\", \"read\", \"update\"] }\n\
                 path \"secret/data/*\" { capabilities = [\"create\", \"read\", \"update\"] }";
    for (path, vault) in [("c/patched", subject.admin().await), ("c/posted", subject.narrow(rules).await)] {
        vault.mark("secret", path, &one("a")).await.unwrap();
        vault.mark("secret", path, &one("b")).await.unwrap();
        let read = vault.read("secret", path).await.unwrap();
        assert_eq!(read.metadata.keys().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((read.version, read.deleted), (0, false));
        vault.write("secret", path, set("s", "1"), &read).await.unwrap();
        assert_eq!(vault.read("secret", path).await.unwrap().metadata.len(), 2);
    }
}

async fn policies(subject: &Subject) {
    let admin = subject.admin().await;
    assert_eq!(admin.policy("contract").await.unwrap(), None);
    let mut rules = Rules::default();
    rules.allow("secret/data/k8s/*", &["read"]);
    rules.allow("secret/metadata/k8s/*", &["read", "list"]);
    admin.write_policy("contract", &rules.to_string()).await.unwrap();
    let found = admin.policy("contract").await.unwrap().unwrap();
    assert_eq!(Rules::read(&found), Some(rules));
    let error = admin.write_policy("contract", "path {").await.unwrap_err();
    assert!(matches!(error.cause, Cause::Invalid(_)), "{}", said(&error));
}

async fn tokens(subject: &Subject) {
    let admin = subject.admin().await;
    let own = admin.whoami().await.unwrap();
    assert!(own.policies.contains("root") && own.ttl.is_none());
    let wish = wish("contract", "tokens");
    let made = text(&admin.create_token(&wish).await.unwrap());
    let info = admin.look_up(plain(&made)).await.unwrap().unwrap();
    assert!(info.orphan && info.renewable, "{info:?}");
    assert_eq!((info.period, info.creation_ttl), (Some(wish.period), wish.period));
    assert_eq!(info.meta, wish.meta);
    assert_eq!(info.policies, BTreeSet::from(["contract".into(), "default".into()]));
    admin.renew(plain(&made)).await.unwrap();
    admin.create_token(&wish).await.unwrap();
    assert_eq!(admin.revoke_marked(&wish.meta, &BTreeSet::from([info.accessor])).await.unwrap(), 1);
    assert!(admin.look_up(plain(&made)).await.unwrap().is_some());
    assert_eq!(admin.revoke_marked(&wish.meta, &BTreeSet::new()).await.unwrap(), 1);
    assert_eq!(admin.look_up(plain(&made)).await.unwrap(), None);
    assert_eq!(admin.look_up(plain("hvs.unknown")).await.unwrap(), None);
    let error = refused(subject.try_open(token(&made)).await);
    assert!(matches!(error.cause, Cause::Unauthenticated(_)), "{}", said(&error));
}

async fn refusals(subject: &Subject) {
    let rules = "path \"secret/data/c/x\" { capabilities = [\"read\"] }\n\
                 path \"auth/token/create-orphan\" { capabilities = [\"update\"] }";
    let vault = subject.narrow(rules).await;
    let read = vault.read("secret", "c/x").await.unwrap();
    let error = vault.write("secret", "c/x", set("s", "1"), &read).await.unwrap_err();
    let words = "the token lacks the capability `update` on `secret/data/c/x` (403)";
    assert_eq!(error.cause, Cause::Forbidden(words.into()));
    for error in [
        vault.read("secret", "c/other").await.unwrap_err(),
        vault.kv_version("kv2").await.unwrap_err(),
        vault.policy("contract").await.unwrap_err(),
        vault.auth_method("home").await.unwrap_err(),
        vault.enable_auth("home", "kubernetes").await.unwrap_err(),
        vault.revoke_marked(&BTreeMap::new(), &BTreeSet::new()).await.unwrap_err(),
        vault.mark("secret", "c/x", &BTreeMap::new()).await.unwrap_err(),
    ] {
        assert!(matches!(error.cause, Cause::Forbidden(_)), "{}", said(&error));
    }
    let error = vault.create_token(&wish("narrow", "never")).await.unwrap_err();
    assert!(error.hint.as_deref().unwrap_or_default().contains("`sudo`"), "{}", said(&error));
    let all = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>();
    let wanted = BTreeMap::from([
        ("secret/data/c/x".to_owned(), all(&["read", "update"])),
        ("secret/data/none".to_owned(), all(&["read"])),
        ("auth/token/lookup-self".to_owned(), all(&["read"])),
    ]);
    let missing = vault.missing_capabilities(&wanted).await.unwrap();
    assert_eq!(missing.keys().collect::<Vec<_>>(), ["secret/data/c/x", "secret/data/none"]);
    assert_eq!(missing["secret/data/c/x"], all(&["update"]));
}

async fn methods(subject: &Subject) {
    let admin = subject.admin().await;
    assert_eq!(admin.auth_method("home").await.unwrap(), None);
    admin.enable_auth("home", "kubernetes").await.unwrap();
    assert_eq!(admin.auth_method("home").await.unwrap().as_deref(), Some("kubernetes"));
    let error = admin.enable_auth("home", "kubernetes").await.unwrap_err();
    assert!(matches!(error.cause, Cause::Invalid(_)), "{}", said(&error));
    assert_eq!(admin.read_raw("auth/home/config").await.unwrap(), None);
    let pem = rcgen::generate_simple_self_signed(["k".to_owned()]).unwrap().cert.pem();
    let config = json!({
        "kubernetes_host": "https://127.0.0.1:1", "kubernetes_ca_cert": pem, "disable_local_ca_jwt": true,
    });
    admin.write_raw("auth/home/config", &config).await.unwrap();
    let found = admin.read_raw("auth/home/config").await.unwrap().unwrap();
    assert_eq!(found["kubernetes_ca_cert"].as_str().map(str::trim), Some(pem.trim()));
    assert_eq!(
        (&found["disable_local_ca_jwt"], &found["token_reviewer_jwt_set"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(admin.read_raw("auth/home/role/eso").await.unwrap(), None);
    let role = json!({
        "bound_service_account_names": ["eso"], "bound_service_account_namespaces": ["eso"],
        "token_policies": ["contract"], "token_ttl": 600,
    });
    admin.write_raw("auth/home/role/eso", &role).await.unwrap();
    let found = admin.read_raw("auth/home/role/eso").await.unwrap().unwrap();
    for (field, value) in role.as_object().unwrap() {
        assert_eq!(found[field], *value, "{field}");
    }
    for (mount, role) in [("home", "unknown"), ("home", "eso"), ("nowhere", "eso")] {
        let login = Login::Kubernetes { mount: mount.into(), role: role.into(), token: plain("no.jwt.here") };
        let error = refused(subject.try_open(login).await);
        let hinted = matches!(error.cause, Cause::Unauthenticated(_) | Cause::Unavailable(_));
        assert!(hinted, "{mount} {role}: {}", said(&error));
    }
}

async fn sealing(subject: &Subject) {
    let admin = subject.admin().await;
    admin.kv_version("secret").await.unwrap();
    admin.write_raw("sys/seal", &json!({})).await.unwrap();
    let sealed = Cause::Unavailable("Vault is sealed".into());
    assert_eq!(admin.read("secret", "c/x").await.unwrap_err().cause, sealed);
    assert_eq!(refused(subject.try_open(token(&subject.root)).await).cause, sealed);
}

/// AppRole is configured by calls that the sandbox does not know.
async fn approle(subject: &Subject) {
    let admin = subject.admin().await;
    admin.enable_auth("approle", "approle").await.unwrap();
    admin.write_raw("auth/approle/role/ci", &json!({"token_policies": ["contract"]})).await.unwrap();
    admin.write_raw("auth/approle/role/ci/role-id", &json!({"role_id": "ci"})).await.unwrap();
    admin.write_raw("auth/approle/role/ci/custom-secret-id", &json!({"secret_id": "right"})).await.unwrap();
    let login = |secret: &str| Login::AppRole {
        mount: "approle".into(),
        role_id: plain("ci"),
        secret_id: plain(secret),
    };
    let vault = subject.try_open(login("right")).await.unwrap();
    assert!(vault.whoami().await.unwrap().policies.contains("contract"));
    let error = refused(subject.try_open(login("wrong")).await);
    assert!(matches!(error.cause, Cause::Unauthenticated(_)), "{}", said(&error));
}

/// A real Vault in memory, ended with the test.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let build = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rig/build");
        let bin = Command::new(build).arg("--path").output().unwrap().stdout;
        let bin = PathBuf::from(String::from_utf8(bin).unwrap().trim());
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let child = Command::new(bin.join("vault"))
            .args(["server", "-dev", "-dev-tls", "-dev-root-token-id=root"])
            .arg(format!("-dev-tls-cert-dir={}", folder.display()))
            .arg(format!("-dev-listen-address=127.0.0.1:{port}"))
            .env("HOME", folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, port }
    }

    /// Waits until it answers.
    async fn subject(&self, folder: &Path) -> Subject {
        let address = format!("https://127.0.0.1:{}", self.port);
        let subject = Subject { address, ca: Some(folder.join("vault-ca.pem")), root: "root".into() };
        for _ in 0..100 {
            match subject.try_open(token("root")).await {
                Ok(vault) if vault.read("secret", "ready").await.is_ok() => return subject,
                _ => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
        panic!("it did not start: {}", said(&refused(subject.try_open(token("root")).await)));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill().and_then(|()| self.child.wait()));
    }
}
