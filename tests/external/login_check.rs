//! `vault login-check`: each way in which the login of a service account fails gets its own sentence.

use std::time::Duration;

use sealstrap::plain::Plain;
use sealstrap::remote::vault::{Access, Login, Trust, Vault};
use serde_json::{Value, json};

use super::support::Stage;
use super::{put, read};

const STORE: &str = "\
apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata: {name: vault-backend}
spec:
  provider:
    vault:
      server: https://vault.vault.svc:8200
      path: secret
      auth: {kubernetes: {mountPath: kubernetes, role: shop, serviceAccountRef: {name: reader, namespace: shop}}}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: db, namespace: shop}
spec:
  secretStoreRef: {kind: ClusterSecretStore, name: vault-backend}
  data:
  - {secretKey: user, remoteRef: {key: k8s/db, property: user}}
";

/// The Kubernetes method with a role `shop` for `shop/reader`, and what is laid over it.
pub(crate) async fn method(stage: &Stage, over: &Value) {
    super::rig::install_tls();
    let environment = stage.sandbox.environment();
    let of = |name: &str| environment.iter().find(|(known, _)| known == name).unwrap().1.clone();
    let access = Access {
        address: of("VAULT_ADDR"),
        namespace: None,
        trust: Trust::System,
        timeout: Duration::from_secs(20),
        login: Login::Token(Plain::from(of("VAULT_TOKEN"))),
    };
    let vault = Vault::connect(access).await.unwrap();
    if vault.auth_method("kubernetes").await.unwrap().is_none() {
        vault.enable_auth("kubernetes", "kubernetes").await.unwrap();
    }
    let config = json!({"kubernetes_host": "https://10.0.0.1:6443", "disable_local_ca_jwt": true});
    vault.write_raw("auth/kubernetes/config", &config).await.unwrap();
    let mut role = json!({
        "bound_service_account_names": ["reader"], "bound_service_account_namespaces": ["shop"],
        "token_policies": ["reader"], "token_ttl": 600, "audience": "",
    });
    role.as_object_mut().unwrap().extend(over.as_object().unwrap().clone());
    vault.write_raw("auth/kubernetes/role/shop", &role).await.unwrap();
}

fn address(stage: &Stage) -> String {
    let environment = stage.sandbox.environment();
    environment.into_iter().find(|(name, _)| name == "VAULT_ADDR").unwrap().1
}

async fn scene() -> Stage {
    let stage = Stage::start().await;
    put(&stage, "k8s/all.yaml", &STORE.replace("https://vault.vault.svc:8200", &address(&stage)));
    for object in [
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}),
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "reader", "namespace": "shop"}}),
    ] {
        assert!(stage.sandbox.kubernetes.upsert(object));
    }
    stage.sandbox.vault.set_policy("reader", "path \"secret/data/k8s/*\" { capabilities = [\"read\"] }");
    stage
}

const WORDS: [&str; 3] = ["vault", "login-check", "k8s"];

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_works_is_sound_in_all_its_parts_and_leaves_nothing() {
    let stage = scene().await;
    method(&stage, &json!({})).await;
    let tokens = stage.sandbox.vault.tokens();
    stage.writes_since();
    let told = stage.sealstrap(&WORDS).await.with_code(0);
    for part in [
        "`auth/kubernetes` is of type `kubernetes`",
        "it is for `shop/reader`, with the policies reader",
        "Vault takes a token of ServiceAccount `shop/reader` for the role `shop`",
        "the login has default, reader",
        "all 1 may be read",
    ] {
        assert!(told.all().contains(part), "{part}\n{}", told.all());
    }
    assert_eq!((stage.sandbox.vault.tokens(), stage.writes_since()), (tokens, 0));
    let typed = ["vault", "login-check", "k8s", "--role", "shop", "--account", "shop/reader", "--json"];
    let told = stage.sealstrap(&typed).await.with_code(0);
    assert!(
        told.stdout.contains("{\"event\":\"checked\",\"check\":\"login\",\"sound\":true"),
        "{}",
        told.all()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_part_that_is_wrong_is_named() {
    let stage = scene().await;
    let told = stage.sealstrap(&WORDS).await.with_code(1);
    assert!(told.all().contains("nothing is mounted at `auth/kubernetes`"), "{}", told.all());
    for (over, part) in [
        (
            json!({"bound_service_account_names": ["eso"]}),
            "it is for service accounts called eso, not `reader`",
        ),
        (json!({"bound_service_account_namespaces": ["eso"]}), "it is for the namespaces eso, not `shop`"),
        (json!({"audience": "vault"}), "it wants the audience `vault`, and the store asks for none"),
        (json!({"token_policies": []}), "it gives no policy"),
        (json!({"token_policies": ["lost"]}), "the login has `lost`, which does not exist"),
    ] {
        method(&stage, &over).await;
        let told = stage.sealstrap(&WORDS).await.with_code(1);
        assert!(told.all().contains(part), "{part}\n{}", told.all());
    }
    // What tokens are for where nobody says otherwise.
    method(&stage, &json!({"audience": "https://kubernetes.default.svc"})).await;
    stage.sealstrap(&WORDS).await.with_code(0);
    method(&stage, &json!({"audience": "vault"})).await;
    stage.sealstrap(&[&WORDS[..], &["--audience", "vault"]].concat()).await.with_code(0);
    method(&stage, &json!({})).await;
    stage.sandbox.vault.set_policy("reader", "path \"secret/data/other/*\" { capabilities = [\"read\"] }");
    let told = stage.sealstrap(&WORDS).await.with_code(1);
    assert!(told.all().contains("the login lacks \"read\" on `secret/data/k8s/db`"), "{}", told.all());
    let told = stage.sealstrap(&[&WORDS[..], &["--role", "none"]].concat()).await.with_code(1);
    assert!(told.all().contains("there is no role `none`"), "{}", told.all());
    let told = stage.sealstrap(&[&WORDS[..], &["--account", "shop/none"]].concat()).await.with_code(1);
    assert!(told.all().contains("make a token of ServiceAccount `shop/none`"), "{}", told.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_says_more_than_the_settings_and_only_what_is_read_through_it_counts() {
    let stage = scene().await;
    method(&stage, &json!({"audience": "vault"})).await;
    let all = read(&stage, "k8s/all.yaml");
    let of_store = all.replace("namespace: shop}}}", "namespace: shop, audiences: [vault]}}}");
    let other = "  - {secretKey: b, remoteRef: {key: other/db, property: b}, sourceRef: {storeRef: {kind: SecretStore, name: vault-backend}}}\n";
    put(&stage, "k8s/all.yaml", &format!("{of_store}{other}"));
    let file = stage.sandbox.folder().join("sealstrap.yaml");
    let settings = std::fs::read_to_string(&file).unwrap();
    let login = "externalSecrets:\n  login: {kubernetes: {mount: kubernetes, role: shop, serviceAccount: reader, namespace: shop}}\n";
    std::fs::write(&file, settings + login).unwrap();
    let told = stage.sealstrap(&WORDS).await.with_code(0);
    assert!(told.all().contains("all 1 may be read"), "{}", told.all());
    put(&stage, "k8s/all.yaml", &of_store.replace(&address(&stage), "https://vault.example.org"));
    let told = stage.sealstrap(&WORDS).await.with_code(2);
    assert!(told.stderr.contains("is of the Vault at https://vault.example.org"), "{}", told.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_whose_token_nobody_may_review_is_told_of_its_missing_right() {
    let stage = scene().await;
    method(&stage, &json!({"bound_service_account_names": ["eso"]})).await;
    stage.sandbox.kubernetes.deny("create", "tokenreviews");
    let told = stage.sealstrap(&WORDS).await.with_code(1);
    for part in ["`shop/reader` may not have its own token reviewed", "`system:auth-delegator`"] {
        assert!(told.all().contains(part), "{part}\n{}", told.all());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_look_behind_the_login_is_told_of_the_login() {
    let stage = scene().await;
    method(&stage, &json!({})).await;
    let token = stage.sandbox.vault.make_token(&["reader"], Duration::from_secs(600));
    let mut command = stage.command(&WORDS);
    let told = super::support::ended(command.env("VAULT_TOKEN", token).output().await.unwrap()).with_code(0);
    for part in ["what lies behind the login is not known", "Vault takes a token of"] {
        assert!(told.all().contains(part), "{part}\n{}", told.all());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_nobody_names_is_asked_for() {
    let stage = scene().await;
    put(&stage, "k8s/all.yaml", &STORE.replace("https://vault.vault.svc:8200", &address(&stage)).replace("kubernetes: {mountPath: kubernetes, role: shop, serviceAccountRef: {name: reader, namespace: shop}}", "tokenSecretRef: {name: t, namespace: shop, key: k}"));
    let told = stage.sealstrap(&WORDS).await.with_code(2);
    assert!(told.stderr.contains("the service account is not known"), "{}", told.all());
    let told = stage.sealstrap(&[&WORDS[..], &["--store", "vault-backend"]].concat()).await.with_code(2);
    assert!(told.stderr.contains("no store `vault-backend`"), "{}", told.all());
}
