//! The real API server, Vault and operator: what is generated and pushed becomes the same Secret, byte for byte.

use std::process::Output;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::rig::Rig;
use crate::rig::kubernetes::condition;
use crate::rig::repository::{Repository, text};

/// Values of each kind that may not be changed on the way.
fn values() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("text", b"tr0ub4dor-Kx9v".to_vec()),
        ("tls.crt", b"with a dot".to_vec()),
        ("a.b.c", b"{\"nested\": [1, 2]}".to_vec()),
        ("binary", vec![0, 1, 2, 0xfe, 0xff]),
        ("nul", b"a\0b".to_vec()),
        ("empty", Vec::new()),
        ("line", b"ends in a line feed\n".to_vec()),
        ("number", b"1234".to_vec()),
        ("json", b"{\"a\": \"b\"}".to_vec()),
        ("base64", b"MTIzNA==".to_vec()),
        ("template", b"{{ .text }} ${TEXT}".to_vec()),
        ("unicode", "gr\u{fc}n \u{1f511}".as_bytes().to_vec()),
    ]
}

pub(crate) fn secret(name: &str) -> String {
    let data = values().into_iter().map(|(key, value)| (key.to_owned(), STANDARD.encode(value).into()));
    let data: serde_json::Map<String, Value> = data.collect();
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": "shop", "labels": {"app": "shop"}, "annotations": {"note": "{{ .text }}"}}, "type": "example.com/mine", "data": data}).to_string()
}

/// A repository, and the real servers that it is for.
pub(crate) struct Scene {
    pub(crate) rig: Rig,
    pub(crate) repository: Repository,
}

impl Scene {
    pub(crate) async fn start() -> Self {
        let mut rig = Rig::start().await;
        let repository = Repository::new(&rig, env!("CARGO_BIN_EXE_sealstrap"));
        let settings = format!("{}externalSecrets: {{version: \"0.19\"}}\n", Repository::settings(&rig));
        repository.set(&settings);
        rig.install_external_secrets().await;
        rig.start_external_secrets();
        rig.kubernetes.namespace("shop").await;
        Self { rig, repository }
    }

    pub(crate) fn put(&self, name: &str, text: &str) {
        std::fs::write(self.repository.folder.join(name), text).unwrap();
    }

    pub(crate) async fn run(&self, words: &[&str]) -> String {
        let output: Output = self.repository.sealstrap(words).await;
        Repository::succeeded(&output);
        assert!(!text(&output).contains("tr0ub4dor"), "{}", text(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Applies what was made twice; gives what the API server holds then.
    pub(crate) async fn apply(&self, manifest: &str) -> Value {
        let meant: Value = sealstrap::yaml::documents("made.yaml".as_ref(), manifest).unwrap().remove(0);
        let path = path(&meant);
        self.rig.kubernetes.apply(&path, manifest).await;
        self.rig.kubernetes.apply(&path, manifest).await;
        let held = self.rig.kubernetes.get(&path).await;
        assert_eq!(held["spec"], meant["spec"], "no field differs from the file");
        held
    }

    /// Pushes, generates for a store, applies, and compares the Secret that the operator makes.
    async fn goes_through(&self, name: &str, store: &str) {
        self.put("secret.json", &secret(name));
        self.run(&["external", "push", "secret.json"]).await;
        let made = self.run(&["external", "generate", "secret.json", "--store", store]).await;
        assert!(!made.contains("tr0ub4dor"));
        let held = self.apply(&made).await;
        assert_eq!(held["kind"], "ExternalSecret");
        let at = format!("/api/v1/namespaces/shop/secrets/{name}");
        let found = self.rig.kubernetes.wait_for(&at, |found| found["data"].is_object()).await;
        for (key, value) in values() {
            let got = STANDARD.decode(found["data"][key].as_str().unwrap_or_default()).unwrap();
            assert_eq!(got, value, "`{key}` through {store}");
        }
        assert_eq!(found["data"].as_object().unwrap().len(), values().len());
        assert_eq!(
            (&found["type"], &found["metadata"]["labels"]["app"]),
            (&json!("example.com/mine"), &json!("shop"))
        );
        assert_eq!(found["metadata"]["annotations"]["note"], "{{ .text }}");
        println!(
            "{store}: {} values of `shop/{name}` are equal byte for byte, and nothing drifts",
            values().len()
        );
    }

    pub(crate) async fn store(&self, words: &[&str]) {
        let made = self.run(&[&["external", "store"][..], words].concat()).await;
        let held = self.apply(&made).await;
        let at = path(&held);
        self.rig.kubernetes.wait_for(&at, |found| condition(found, "Ready")).await;
    }

    /// Makes the accounts `reader` and `reviewer` in `shop`, and Vault's Kubernetes method for this cluster; with a token of
    /// the reviewer's, or with none, so that each token is reviewed by itself.
    pub(crate) async fn let_service_accounts_in(&self, has_reviewer: bool) {
        let (rig, vault) = (&self.rig, &self.rig.vault);
        for (path, object) in [
            (
                "/api/v1/namespaces/shop/serviceaccounts/reader",
                json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "reader", "namespace": "shop"}}),
            ),
            (
                "/api/v1/namespaces/shop/serviceaccounts/reviewer",
                json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "reviewer", "namespace": "shop"}}),
            ),
            (
                "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/reviewer",
                json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "reviewer"}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "system:auth-delegator"}, "subjects": [{"kind": "ServiceAccount", "name": "reviewer", "namespace": "shop"}]}),
            ),
        ] {
            rig.kubernetes.apply(path, object.to_string()).await;
        }
        let at = "/api/v1/namespaces/shop/serviceaccounts/reviewer/token";
        let ask = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}});
        let reviewer = rig.kubernetes.request(Method::POST, at, Some(ask)).await;
        let reviewer =
            reviewer["status"]["token"].as_str().unwrap_or_else(|| panic!("{reviewer}")).to_owned();
        let config: Value = sealstrap::yaml::documents(
            "kubeconfig".as_ref(),
            &std::fs::read_to_string(&rig.kubernetes.kubeconfig).unwrap(),
        )
        .unwrap()
        .remove(0);
        let cluster = &config["clusters"][0]["cluster"];
        let ca = cluster["certificate-authority-data"]
            .as_str()
            .map(|data| String::from_utf8(STANDARD.decode(data).unwrap()).unwrap());
        let ca = ca.unwrap_or_else(|| {
            std::fs::read_to_string(cluster["certificate-authority"].as_str().unwrap_or_default())
                .unwrap_or_default()
        });
        let enable = vault.request("POST", "sys/auth/kubernetes", Some(json!({"type": "kubernetes"}))).await;
        assert!(enable["errors"].is_null(), "{enable}");
        let mut method = json!({"kubernetes_host": cluster["server"], "kubernetes_ca_cert": ca, "disable_local_ca_jwt": true});
        if has_reviewer {
            method["token_reviewer_jwt"] = reviewer.into();
        }
        let method = vault.request("POST", "auth/kubernetes/config", Some(method)).await;
        assert!(method["errors"].is_null(), "{method}");
    }
}

pub(crate) fn path(object: &Value) -> String {
    let text = |way: &str| object.pointer(way).and_then(Value::as_str).unwrap_or_default();
    let plural = format!("{}s", text("/kind").to_lowercase());
    let of = match text("/metadata/namespace") {
        "" => String::new(),
        namespace => format!("namespaces/{namespace}/"),
    };
    format!("/apis/{}/{of}{plural}/{}", text("/apiVersion"), text("/metadata/name"))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn values_of_each_kind_come_through_both_stores_by_a_token() {
    let scene = Scene::start().await;
    let token = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "vault-token", "namespace": "shop"}, "stringData": {"token": scene.rig.vault.token}});
    scene.rig.kubernetes.apply("/api/v1/namespaces/shop/secrets/vault-token", token.to_string()).await;
    let login = ["--login", "token", "--secret", "vault-token/token", "--ca", "vault-ca.crt", "-n", "shop"];
    scene.store(&[&["--name", "everywhere"][..], &login].concat()).await;
    scene.store(&[&["--kind", "SecretStore", "--name", "here"][..], &login].concat()).await;
    scene.goes_through("of-all", "everywhere").await;
    scene.goes_through("of-shop", "SecretStore/here").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn values_of_each_kind_come_through_both_stores_by_a_service_account() {
    let scene = Scene::start().await;
    scene.let_service_accounts_in(true).await;
    let vault = &scene.rig.vault;
    scene.put("of-all.json", &secret("of-all"));
    scene.put("of-shop.json", &secret("of-shop"));
    for name in ["of-all", "of-shop"] {
        scene.run(&["external", "generate", &format!("{name}.json"), "--out", &format!("{name}.yaml")]).await;
    }
    let policy = scene.run(&["vault", "policy", "of-all.yaml", "of-shop.yaml"]).await;
    vault.request("POST", "sys/policies/acl/shop", Some(json!({"policy": policy}))).await;
    let role = json!({"bound_service_account_names": "reader", "bound_service_account_namespaces": "shop", "policies": "shop", "ttl": "10m"});
    vault.request("POST", "auth/kubernetes/role/shop", Some(role)).await;
    let login =
        ["--login", "kubernetes", "--role", "shop", "--account", "shop/reader", "--ca", "vault-ca.crt"];
    scene.store(&[&["--name", "everywhere"][..], &login].concat()).await;
    scene.store(&[&["--kind", "SecretStore", "-n", "shop", "--name", "here"][..], &login].concat()).await;
    scene.goes_through("of-all", "everywhere").await;
    scene.goes_through("of-shop", "SecretStore/here").await;
}
