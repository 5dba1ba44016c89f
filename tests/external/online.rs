//! `external check --online`: what Vault and the cluster say, in the sandbox.

use std::path::Path;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sealstrap::remote::cluster::ObjectRef;
use sealstrap::sandbox::server::{Fault, Harm, Remote};
use sealstrap::yaml;
use serde_json::{Value, json};

use super::support::Stage;
use super::{put, read};

const PASSWORD: &str = "tr0ub4dor-Kx9v";

/// An ExternalSecret of three entries at one path.
const DB: &str = "\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: db, namespace: shop}
spec:
  refreshInterval: 1h0m0s
  secretStoreRef: {kind: ClusterSecretStore, name: vault-backend}
  target: {name: db, creationPolicy: Owner, deletionPolicy: Retain}
  data:
  - {secretKey: user, remoteRef: {key: k8s/db, property: user}}
  - {secretKey: password, remoteRef: {key: k8s/db, property: password}}
  - {secretKey: port, remoteRef: {key: k8s/db, property: port}}
  - {secretKey: key, remoteRef: {key: k8s/db, property: key, decodingStrategy: Base64}}
";

/// A store that logs in in some way.
fn store(address: &str, auth: &str) -> String {
    format!(
        "apiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\nmetadata: {{name: vault-backend}}\nspec:\n  provider:\n    vault:\n      server: {address}\n      path: secret\n      version: v2\n      auth: {auth}\n"
    )
}

const TOKEN: &str = "{tokenSecretRef: {name: vault-token, namespace: kube-system, key: token}}";

fn address(stage: &Stage) -> String {
    let environment = stage.sandbox.environment();
    environment.into_iter().find(|(name, _)| name == "VAULT_ADDR").unwrap().1
}

/// Puts the objects of a text into the cluster, as somebody else would.
fn apply(stage: &Stage, text: &str) {
    for object in yaml::manifests(Path::new("a.yaml"), text).unwrap() {
        assert!(stage.sandbox.kubernetes.upsert(object));
    }
}

fn secret(namespace: &str, name: &str, data: &[(&str, &str)]) -> String {
    let data: serde_json::Map<String, Value> =
        data.iter().map(|(key, value)| ((*key).to_owned(), STANDARD.encode(value).into())).collect();
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace}, "type": "Opaque", "data": data})
        .to_string()
}

/// A cluster in which the operator has made the Secret of [`DB`], by a token that may read below `k8s`.
async fn scene() -> Stage {
    let stage = Stage::start().await;
    let (vault, folder) = (&stage.sandbox.vault, stage.sandbox.folder().to_owned());
    apply(&stage, &std::fs::read_to_string(folder.join("operators/external-secrets.yaml")).unwrap());
    apply(&stage, "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n");
    vault.set_policy("reader", "path \"secret/data/k8s/*\" { capabilities = [\"read\"] }");
    let token = vault.make_token(&["reader"], Duration::from_secs(3600));
    apply(&stage, &secret("kube-system", "vault-token", &[("token", &token)]));
    vault.set_kv(
        "secret",
        "k8s/db",
        &json!({"user": "app", "password": PASSWORD, "port": "1234", "key": "AAH/"}),
    );
    let store = store(&address(&stage), TOKEN);
    put(&stage, "k8s/store.yaml", &store);
    put(&stage, "k8s/db.yaml", DB);
    apply(&stage, &store);
    apply(&stage, DB);
    until(&stage, "Secret", "db", |found| found["data"].is_object()).await;
    until(&stage, "ExternalSecret", "db", |found| found["status"]["conditions"][0]["status"] == "True").await;
    stage.writes_since();
    stage
}

async fn until(stage: &Stage, kind: &str, name: &str, wish: impl Fn(&Value) -> bool) {
    let version = if kind == "Secret" { "v1" } else { "external-secrets.io/v1" };
    let object = ObjectRef {
        api_version: version.into(),
        kind: kind.into(),
        namespace: Some("shop".into()),
        name: name.into(),
    };
    for _ in 0..500 {
        if stage.sandbox.kubernetes.object(&object).is_some_and(|found| wish(&found)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{object} is not as it should be: {:?}", stage.sandbox.kubernetes.object(&object));
}

/// What is found, as `FILE:LINE rule severity`.
async fn found(stage: &Stage, words: &[&str], code: i32) -> Vec<String> {
    let words = [&["external", "check", "--online", "--json"][..], words].concat();
    let told = stage.sealstrap(&words).await.with_code(code);
    assert!(!told.all().contains(PASSWORD), "{}", told.all());
    let events = told.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let found = events.filter(|event| event["event"] == "found" && event["severity"] != "note");
    found
        .map(|event| {
            let text = |field: &str| event[field].as_str().unwrap_or_default().to_owned();
            format!("{}:{} {} {}", text("file"), event["line"], text("rule"), text("severity"))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_holds_what_lies_in_vault_is_sound_and_each_path_is_read_once() {
    let stage = scene().await;
    let told = stage.sealstrap(&["external", "check", "k8s", "--online"]).await.with_code(0);
    let summed = "2 files, 2 objects, 1 path of Vault read, 1 Secret as in Vault";
    assert!(told.stderr.contains(summed), "{}", told.all());
    let asked = stage.sandbox.ledger().asked();
    let reads = asked.iter().filter(|asked| asked.path.contains("/secret/data/")).count();
    assert_eq!((reads, stage.writes_since()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_only_the_cluster_has_will_do() {
    let stage = scene().await;
    assert!(found(&stage, &["k8s/db.yaml"], 0).await.is_empty());
    put(&stage, "k8s/db.yaml", &DB.replace("vault-backend", "lost"));
    let wanted = ["k8s/db.yaml:5 not-applied warning", "k8s/db.yaml:6 unknown-store warning"];
    assert_eq!(found(&stage, &["k8s/db.yaml"], 1).await, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kustomization_says_which_secret_is_meant() {
    let stage = scene().await;
    put(&stage, "k8s/db.yaml", &DB.replace(", namespace: shop", ""));
    let told = stage.sealstrap(&["external", "check", "k8s", "--online"]).await.with_code(0);
    assert!(told.stdout.contains("names no namespace"), "{}", told.all());
    put(&stage, "k8s/kustomization.yaml", "namespace: shop\nresources: [db.yaml, store.yaml]\n");
    let told = stage.sealstrap(&["external", "check", "k8s", "--online"]).await.with_code(0);
    assert!(told.stderr.contains("1 Secret as in Vault"), "{}", told.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_vault_does_not_have_is_told_at_its_entry() {
    let stage = scene().await;
    let vault = &stage.sandbox.vault;
    vault.set_kv("secret", "k8s/gone", &json!({"a": "b"}));
    vault.delete_kv("secret", "k8s/gone");
    vault.set_kv("secret", "other", &json!({"a": "b"}));
    let entry = |key: &str, more: &str| format!("  - {{secretKey: {key}, remoteRef: {{{more}}}}}\n");
    let text = DB.lines().take(8).collect::<Vec<_>>().join("\n") + "\n";
    let entries = [
        entry("a", "key: k8s/none, property: a"),
        entry("b", "key: k8s/db, property: pasword"),
        entry("c", "key: k8s/gone, property: a"),
        entry("d", "key: k8s/db, property: user, version: \"7\""),
        entry("e", "key: other, property: a"),
        entry("f", "key: k8s/db, property: user, decodingStrategy: Base64"),
    ];
    put(&stage, "k8s/db.yaml", &(text.replace("name: db", "name: new") + &entries.concat()));
    let wanted = [
        "k8s/db.yaml:1 not-applied warning",
        "k8s/db.yaml:9 missing-path error",
        "k8s/db.yaml:10 missing-property error",
        "k8s/db.yaml:11 deleted-version error",
        "k8s/db.yaml:12 missing-version error",
        "k8s/db.yaml:13 denied error",
        "k8s/db.yaml:14 not-base64 error",
    ];
    assert_eq!(found(&stage, &["k8s"], 1).await, wanted);
    let told = stage.sealstrap(&["external", "check", "k8s", "--online"]).await.with_code(1);
    for part in [
        "it has `key`, `password`, `port`, `user`",
        "a policy of the token needs: path \"secret/data/other\"",
        "`sealstrap external push`",
    ] {
        assert!(told.all().contains(part), "{part}\n{}", told.all());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_not_as_vault_has_it_is_told_and_why() {
    let stage = scene().await;
    let changed = json!({"user": "app", "password": "another", "port": "1234", "key": "AAH/", "new": "x"});
    stage.sandbox.vault.set_kv("secret", "k8s/db", &changed);
    assert_eq!(found(&stage, &["k8s"], 1).await, ["k8s/db.yaml:10 differs error"]);
    let told = stage.sealstrap(&["external", "check", "k8s", "--online"]).await.with_code(1);
    for part in ["holds another `password` than Vault", "every 1h0m0s", "force-sync="] {
        assert!(told.all().contains(part) && !told.all().contains("another\""), "{part}\n{}", told.all());
    }
    let more = format!("{DB}  - {{secretKey: new, remoteRef: {{key: k8s/db, property: new}}}}\n");
    put(&stage, "k8s/db.yaml", &more);
    assert_eq!(found(&stage, &["k8s"], 1).await, ["k8s/db.yaml:5 not-applied warning"]);
    for once in ["refreshInterval: \"0\"", "refreshInterval: 1h0m0s\n  refreshPolicy: CreatedOnce"] {
        put(&stage, "k8s/db.yaml", &DB.replace("refreshInterval: 1h0m0s", once));
        let told = stage.sealstrap(&["external", "check", "k8s", "--online"]).await.with_code(0);
        assert!(told.all().contains("is not what lies in Vault, which `refresh"), "{}", told.all());
    }
    put(&stage, "k8s/db.yaml", &DB.replace("target: {name: db", "target: {name: none"));
    assert_eq!(found(&stage, &["k8s"], 1).await, ["k8s/db.yaml:7 missing-secret error"]);
    apply(&stage, &secret("shop", "mine", &[("user", "app")]));
    put(&stage, "k8s/db.yaml", &DB.replace("target: {name: db", "target: {name: mine"));
    assert_eq!(found(&stage, &["k8s"], 1).await, ["k8s/db.yaml:7 other-owner error"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_came_and_went_in_vault_are_told() {
    let stage = scene().await;
    let (head, _) = DB.split_once("  data:\n").unwrap();
    let whole = format!("{head}  dataFrom:\n  - extract: {{key: k8s/db}}\n").replace("name: db", "name: all");
    apply(&stage, &whole);
    until(&stage, "Secret", "all", |found| found["data"].is_object()).await;
    until(&stage, "ExternalSecret", "all", |found| found["status"]["conditions"][0]["status"] == "True")
        .await;
    put(&stage, "k8s/db.yaml", &whole);
    assert!(found(&stage, &["k8s"], 0).await.is_empty());
    let changed = json!({"user": "app", "password": PASSWORD, "key": "AAH/", "new": null});
    stage.sandbox.vault.set_kv("secret", "k8s/db", &changed);
    let wanted = ["k8s/db.yaml:5 differs error", "k8s/db.yaml:9 differs error"];
    assert_eq!(found(&stage, &["k8s"], 1).await, wanted);
    put(&stage, "k8s/db.yaml", &whole.replace("k8s/db}", "k8s/db, conversionStrategy: Unicode}"));
    apply(&stage, &read(&stage, "k8s/db.yaml"));
    let told = stage.sealstrap(&["external", "check", "k8s", "--online"]).await.with_code(0);
    assert!(told.all().contains("`conversionStrategy: Unicode`"), "{}", told.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operators_own_reason_is_told() {
    let stage = scene().await;
    let broken =
        DB.replace("name: db, namespace", "name: broken, namespace").replace("{name: db,", "{name: broken,");
    let broken = broken.replace("k8s/db", "k8s/none");
    apply(&stage, &broken);
    until(&stage, "ExternalSecret", "broken", |found| found["status"]["conditions"][0]["status"] == "False")
        .await;
    put(&stage, "k8s/db.yaml", &broken);
    let told = stage.sealstrap(&["external", "check", "k8s", "--online"]).await.with_code(1);
    assert!(told.all().contains("the operator says SecretSyncedError: "), "{}", told.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_vault_does_not_take_is_told_once_at_the_store() {
    let stage = scene().await;
    let (vault, server) = (&stage.sandbox.vault, address(&stage));
    vault.add_approle("approle", "role", "right", &["reader"]);
    let open = |auth: &str| put(&stage, "k8s/store.yaml", &store(&server, auth));
    let approle =
        "{appRole: {path: approle, roleId: role, secretRef: {name: role, namespace: shop, key: id}}}";
    open(approle);
    assert_eq!(found(&stage, &["k8s"], 1).await, ["k8s/store.yaml:6 login-failed error"]);
    apply(&stage, &secret("shop", "role", &[("id", "wrong")]));
    assert_eq!(found(&stage, &["k8s"], 1).await, ["k8s/store.yaml:6 login-failed error"]);
    let tokens = vault.tokens();
    apply(&stage, &secret("shop", "role", &[("id", "right\n")]));
    let told = stage.sealstrap(&["external", "check", "k8s", "--online"]).await.with_code(1);
    assert!(told.all().contains("`id` of the Secret `shop/role` ends in a line feed"), "{}", told.all());
    apply(&stage, &secret("shop", "role", &[("id", "right")]));
    assert!(found(&stage, &["k8s"], 0).await.is_empty());
    assert_eq!(vault.tokens(), tokens, "what the login made is revoked");
    apply(&stage, &secret("kube-system", "vault-token", &[("token", "long-gone")]));
    open(TOKEN);
    let told = stage.sealstrap(&["external", "check", "k8s", "--online"]).await.with_code(1);
    for part in ["Vault does not know the token", "create-vault-token-secret", "login-failed"] {
        assert!(told.all().contains(part), "{part}\n{}", told.all());
    }
    open("{ldap: {path: ldap, username: u, secretRef: {name: role, namespace: shop, key: id}}}");
    let told = stage.sealstrap(&["external", "check", "k8s", "--online"]).await.with_code(0);
    assert!(
        told.all().contains("was not tried: ") && told.all().contains("it logs in by `ldap`"),
        "{}",
        told.all()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_account_logs_in_with_a_fresh_token_of_its_own() {
    let stage = scene().await;
    let auth = "{kubernetes: {mountPath: kubernetes, role: shop, serviceAccountRef: {name: reader}}}";
    put(&stage, "k8s/store.yaml", &store(&address(&stage), auth));
    super::login_check::method(&stage, &json!({"token_policies": ["reader"]})).await;
    let told = stage.sealstrap(&["external", "check", "k8s", "--online"]).await.with_code(1);
    assert!(told.all().contains("there is no ServiceAccount `shop/reader`"), "{}", told.all());
    apply(&stage, "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: reader, namespace: shop}\n");
    let tokens = stage.sandbox.vault.tokens();
    assert!(found(&stage, &["k8s"], 0).await.is_empty());
    assert_eq!(stage.sandbox.vault.tokens(), tokens, "what the login made is revoked");
    super::login_check::method(&stage, &json!({"bound_service_account_names": ["other"]})).await;
    let told = stage.sealstrap(&["external", "check", "k8s", "--online"]).await.with_code(1);
    for part in ["not for a service account of this name", "`sealstrap vault login-check`"] {
        assert!(told.all().contains(part), "{part}\n{}", told.all());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_only_the_cluster_reaches_is_asked_at_another_address() {
    let stage = scene().await;
    let within = "http://127.0.0.1:1";
    put(&stage, "k8s/store.yaml", &store(within, TOKEN));
    let words = ["external", "check", "k8s", "--online"];
    let told = stage.sealstrap(&words).await.with_code(2);
    assert!(
        told.stderr.contains("cannot be reached") && told.stderr.contains("`--server`"),
        "{}",
        told.all()
    );
    stage.sealstrap(&[&words[..], &["--server", &address(&stage)]].concat()).await.with_code(0);
    // What is wrong on this machine is no finding about the store.
    let tls = address(&stage).replace("http://", "https://");
    let elsewhere = [&words[..], &["--server", &tls]].concat();
    let told = stage.sealstrap(&elsewhere).await.with_code(2);
    assert!(!told.all().contains("login-failed"), "{}", told.all());
    let mut command = stage.command(&elsewhere);
    let told = command.env("VAULT_CACERT", "none.pem").output().await.unwrap();
    let told = super::support::ended(told).with_code(2);
    assert!(told.stderr.contains("none.pem") && !told.all().contains("login-failed"), "{}", told.all());
    let file = stage.sandbox.folder().join("sealstrap.yaml");
    let settings = std::fs::read_to_string(&file).unwrap();
    let without_authority =
        settings.replace("  ca: certs/vault-ca.crt\n", &format!("  clusterAddress: {within}\n"));
    std::fs::write(&file, without_authority).unwrap();
    stage.sealstrap(&words).await.with_code(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remote_that_does_not_answer_is_no_finding() {
    let stage = scene().await;
    let file = stage.sandbox.folder().join("sealstrap.yaml");
    let settings = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, settings + "timeouts: {request: 1s}\n").unwrap();
    let words = ["external", "check", "k8s", "--online"];
    stage.sandbox.vault.seal(true);
    let told = stage.sealstrap(&words).await.with_code(2);
    assert!(told.stderr.contains("Vault is sealed") && told.stderr.contains("unseal it"), "{}", told.all());
    stage.sandbox.vault.seal(false);
    for (remote, path, said) in [
        (Remote::Vault, "/secret/data/", "cannot read `secret/data/k8s/db` in Vault"),
        (Remote::Kubernetes, "/secrets/vault-token", "cannot read Secret `kube-system/vault-token`"),
    ] {
        let fault = Fault { remote, method: None, path: path.into(), times: usize::MAX, harm: Harm::Stall };
        stage.sandbox.ledger().harm(fault);
        let told = stage.sealstrap(&words).await.with_code(2);
        assert!(told.stderr.contains(said) && told.stderr.contains("within 1 s"), "{}", told.all());
        stage.sandbox.ledger().heal();
    }
    stage.sandbox.kubernetes.deny("get", "clustersecretstores");
    let told = stage.sealstrap(&["external", "check", "k8s/db.yaml", "--online"]).await.with_code(2);
    for part in ["may not get `clustersecretstores`", "1 file, 1 object"] {
        assert!(told.stderr.contains(part), "{part}\n{}", told.all());
    }
    stage.sandbox.kubernetes.deny("get", "secrets");
    let told = stage.sealstrap(&words).await.with_code(2);
    assert!(told.stderr.contains("may not get `secrets`"), "{}", told.all());
}
