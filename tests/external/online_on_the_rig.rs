//! `external check --online` and `vault login-check` with the real API server, Vault and operator.

use serde_json::{Value, json};

use super::on_the_rig::{self, Scene};

/// A request to Vault that must be taken.
async fn vault(scene: &Scene, method: &str, path: &str, body: Value) -> Value {
    let answer = scene.rig.vault.request(method, path, Some(body)).await;
    assert!(answer["errors"].is_null(), "{path}: {answer}");
    answer
}

async fn keep(scene: &Scene, name: &str, key: &str, value: &str) {
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": "shop"}, "stringData": {key: value}});
    scene.rig.kubernetes.apply(&format!("/api/v1/namespaces/shop/secrets/{name}"), secret.to_string()).await;
}

/// Runs, and fails where it ends with another code or one of the parts is missing from what it tells.
async fn says(scene: &Scene, words: &[&str], code: i32, parts: &[&str]) {
    let output = scene.repository.sealstrap(words).await;
    let told = crate::rig::repository::text(&output);
    assert_eq!(output.status.code(), Some(code), "{words:?}\n{told}");
    assert!(!told.contains("tr0ub4dor"), "{told}");
    for part in parts {
        assert!(told.contains(part), "{part}\n{told}");
    }
    println!("sealstrap {}: {code}\n{told}", words.join(" "));
}

const CHECK: [&str; 4] = ["external", "check", "k8s", "--online"];

/// A store with the values of each kind behind it, which the operator has made a Secret of.
async fn on_the_rig(login: &[&str]) -> Scene {
    let scene = Scene::start().await;
    std::fs::create_dir(scene.repository.folder.join("k8s")).unwrap();
    keep(&scene, "vault-token", "token", &scene.rig.vault.token).await;
    scene.put("secret.json", &on_the_rig::secret("all"));
    scene.run(&["external", "push", "secret.json"]).await;
    let made = scene.run(&["external", "generate", "secret.json", "--store", "everywhere"]).await;
    scene.put("k8s/all.yaml", &made);
    let token = ["--login", "token", "--secret", "vault-token/token", "-n", "shop"];
    let words = ["external", "store", "--name", "everywhere", "--ca", "vault-ca.crt"];
    let store = scene.run(&[&words[..], &token].concat()).await;
    scene.apply(&store).await;
    scene.apply(&made).await;
    let synced = |found: &Value| crate::rig::kubernetes::condition(found, "Ready");
    let external = "/apis/external-secrets.io/v1/namespaces/shop/externalsecrets/all";
    scene.rig.kubernetes.wait_for(external, synced).await;
    let login = if login.is_empty() { &token[..] } else { login };
    scene.put("k8s/store.yaml", &scene.run(&[&words[..], login].concat()).await);
    scene
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn vault_and_the_operator_agree_with_what_is_told_of_tokens_passwords_and_roles() {
    let scene = on_the_rig(&[]).await;
    let same = "1 path of Vault read, 1 Secret as in Vault: ";
    says(&scene, &CHECK, 0, &[same]).await;
    let policy = json!({"policy": scene.run(&["vault", "policy", "k8s"]).await});
    vault(&scene, "POST", "sys/policies/acl/shop", policy).await;
    for (method, at, body) in [
        ("userpass", "users/shop", json!({"password": "of-the-rig", "token_policies": "shop"})),
        ("approle", "role/shop", json!({"token_policies": "shop"})),
    ] {
        vault(&scene, "POST", &format!("sys/auth/{method}"), json!({"type": method})).await;
        vault(&scene, "POST", &format!("auth/{method}/{at}"), body).await;
    }
    keep(&scene, "login", "password", "of-the-rig").await;
    let store = ["external", "store", "--name", "everywhere", "--ca", "vault-ca.crt", "-n", "shop"];
    let user = ["--login", "userpass", "--username", "shop", "--secret", "login/password"];
    scene.put("k8s/store.yaml", &scene.run(&[&store[..], &user].concat()).await);
    says(&scene, &CHECK, 0, &[same]).await;
    let id = scene.rig.vault.request("GET", "auth/approle/role/shop/role-id", None).await;
    let secret = vault(&scene, "POST", "auth/approle/role/shop/secret-id", json!({})).await;
    keep(&scene, "role", "id", secret["data"]["secret_id"].as_str().unwrap()).await;
    let role =
        ["--login", "app-role", "--role", id["data"]["role_id"].as_str().unwrap(), "--secret", "role/id"];
    scene.put("k8s/store.yaml", &scene.run(&[&store[..], &role].concat()).await);
    says(&scene, &CHECK, 0, &[same]).await;
    keep(&scene, "login", "password", "another").await;
    scene.put("k8s/store.yaml", &scene.run(&[&store[..], &user].concat()).await);
    says(&scene, &CHECK, 1, &["login-failed", "Vault does not take these credentials"]).await;
    keep(&scene, "login", "password", "of-the-rig").await;
    vault(
        &scene,
        "POST",
        "sys/policies/acl/shop",
        json!({"policy": "path \"x\" { capabilities = [\"read\"] }"}),
    )
    .await;
    says(&scene, &CHECK, 1, &["denied", "secret/data/k8s/all"]).await;
    let token = ["--login", "token", "--secret", "vault-token/token"];
    scene.put("k8s/store.yaml", &scene.run(&[&store[..], &token].concat()).await);
    let body = json!({"data": {"text": "another", "number": "1234"}});
    vault(&scene, "POST", "secret/data/k8s/all", body).await;
    says(&scene, &CHECK, 1, &["missing-property", "`secret/data/k8s/all` has no `binary`"]).await;
    scene.rig.vault.request("DELETE", "secret/data/k8s/all", None).await;
    says(&scene, &CHECK, 1, &["deleted-version", "version 2 of `secret/data/k8s/all`"]).await;
    scene.rig.vault.request("DELETE", "secret/metadata/k8s/all", None).await;
    says(&scene, &CHECK, 1, &["missing-path", "nothing lies at `secret/data/k8s/all`"]).await;
    keep(&scene, "vault-token", "token", "hvs.long-gone").await;
    says(&scene, &CHECK, 1, &["login-failed", "Vault does not know the token"]).await;
    scene.rig.vault.seal().await;
    says(&scene, &CHECK, 2, &["Vault is sealed"]).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn vault_agrees_with_what_is_told_of_service_accounts() {
    let login = ["--login", "kubernetes", "--role", "shop", "--account", "shop/reader"];
    let scene = on_the_rig(&login).await;
    scene.let_service_accounts_in(false).await;
    let policy = json!({"policy": scene.run(&["vault", "policy", "k8s"]).await});
    vault(&scene, "POST", "sys/policies/acl/shop", policy).await;
    let role = |names: &str, namespaces: &str, audience: &str| json!({"bound_service_account_names": names, "bound_service_account_namespaces": namespaces, "audience": audience, "token_policies": "shop", "token_ttl": "10m"});
    let at = "auth/kubernetes/role/shop";
    vault(&scene, "POST", at, role("reader", "shop", "")).await;
    let login_check = ["vault", "login-check", "k8s"];
    let review = ["`shop/reader` may not have its own token reviewed", "`system:auth-delegator`"];
    says(&scene, &login_check, 1, &review).await;
    says(&scene, &CHECK, 1, &["login-failed", "`sealstrap vault login-check`"]).await;
    let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "reader"}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "system:auth-delegator"}, "subjects": [{"kind": "ServiceAccount", "name": "reader", "namespace": "shop"}]});
    let bindings = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/reader";
    scene.rig.kubernetes.apply(bindings, binding.to_string()).await;
    says(
        &scene,
        &login_check,
        0,
        &["Vault takes a token of ServiceAccount `shop/reader`", "all 1 may be read"],
    )
    .await;
    says(&scene, &CHECK, 0, &["1 Secret as in Vault"]).await;
    for (names, namespaces, audience, told, of_role) in [
        ("eso", "shop", "", "not for a service account of this name", "called eso, not `reader`"),
        ("reader", "eso", "", "not for service accounts of this namespace", "the namespaces eso, not `shop`"),
        ("reader", "shop", "vault", "for tokens of another audience", "wants the audience `vault`"),
    ] {
        vault(&scene, "POST", at, role(names, namespaces, audience)).await;
        says(&scene, &CHECK, 1, &["login-failed", told]).await;
        says(&scene, &login_check, 1, &[told, of_role]).await;
    }
    let alone = [&login_check[..], &["--audience", "vault"]].concat();
    says(&scene, &alone, 1, &["is reviewed by itself, which takes one for the API server too"]).await;
    let both = [&alone[..], &["--audience", "https://kubernetes.default.svc"]].concat();
    says(&scene, &both, 0, &["Vault takes a token"]).await;
    vault(&scene, "POST", at, role("read*", "*", "")).await;
    says(&scene, &login_check, 0, &["it is for `shop/reader`"]).await;
    vault(
        &scene,
        "POST",
        "sys/policies/acl/shop",
        json!({"policy": "path \"x\" { capabilities = [\"read\"] }"}),
    )
    .await;
    says(&scene, &login_check, 1, &["the login lacks \"read\" on `secret/data/k8s/all`"]).await;
}
