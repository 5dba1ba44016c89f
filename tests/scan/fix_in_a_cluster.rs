//! What was mended, in a cluster: Flux applies it, the controller of sealed-secrets opens it, and everything is as it was.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::repository::{Repository, SEALSTRAP, ended};
use crate::rig::Rig;
use crate::scene::value;

const APP: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app}\nspec:\n  selector: {matchLabels: {app: app}}\n  template:\n    metadata: {labels: {app: app}}\n    spec:\n      containers:\n      - name: app\n        image: app:1\n        args: [\"--password={1}\"]\n        env:\n        - {name: DB_PASSWORD, value: {2}}\n        - name: LOG\n          valueFrom: {configMapKeyRef: {name: settings, key: LOG}}\n        envFrom: [{configMapRef: {name: settings}}]\n      volumes:\n      - name: settings\n        configMap: {name: settings, items: [{key: app.ini, path: app.ini}], defaultMode: 0400}\n      - name: both\n        projected:\n          sources:\n          - configMap: {name: props}\n          - secret: {name: cache}\n";

const FILES: [(&str, &str); 7] = [
    ("apps/app.yaml", APP),
    (
        "apps/settings.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata:\n  LOG: debug\n  app.ini: |\n    [db]\n    password = {3}\n",
    ),
    (
        "apps/said.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: said}\ndata: {said: \"${GREETING} ${API_TOKEN}\"}\n",
    ),
    (
        "apps/kustomization.yaml",
        "namespace: shop\nresources: [app.yaml, said.yaml, settings.yaml]\nsecretGenerator:\n- name: cache\n  envs: [cache.list]\n  literals: ['quoted=\"{4}\"']\nconfigMapGenerator:\n- name: props\n  files: [app.properties]\n",
    ),
    ("apps/cache.list", "# of the cache\nPASSWORD=\"{5}\" \n"),
    ("apps/app.properties", "a=b\ndb.password={6}\n"),
    (
        "cluster/apps.yaml",
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\nspec:\n  sourceRef: {kind: GitRepository, name: flux-system}\n  path: ./apps\n  prune: true\n  interval: 1h\n  retryInterval: 2s\n  postBuild:\n    substitute:\n      GREETING: hello\n      API_TOKEN: {7}\n",
    ),
];

/// What the Secrets of the cluster are to hold.
fn expected() -> Vec<(&'static str, &'static str, String)> {
    vec![
        ("shop/app-env", "ARGUMENT_PASSWORD", value(1)),
        ("shop/app-env", "DB_PASSWORD", value(2)),
        ("shop/settings", "LOG", "debug".into()),
        ("shop/settings", "app.ini", format!("[db]\npassword = {}\n", value(3))),
        ("shop/cache", "quoted", value(4)),
        ("shop/cache", "PASSWORD", format!("\"{}\" ", value(5))),
        ("shop/props", "app.properties", format!("a=b\ndb.password={}\n", value(6))),
        ("flux-system/apps-substitute", "API_TOKEN", value(7)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn what_is_mended_is_applied_and_opened_and_is_as_it_was() {
    let mut rig = Rig::start().await;
    rig.start_sealed_secrets().await;
    rig.start_flux().await;
    rig.kubernetes.namespace("shop").await;
    push(&rig, &mended(&rig));
    for (path, document) in of_flux(&rig) {
        rig.kubernetes.apply(&path, document.to_string()).await;
    }
    for (object, key, value) in expected() {
        let (namespace, name) = object.split_once('/').unwrap();
        let path = format!("/api/v1/namespaces/{namespace}/secrets/{name}");
        let found = rig.kubernetes.wait_for(&path, |found| found["data"][key].is_string()).await;
        let bytes = BASE64_STANDARD.decode(found["data"][key].as_str().unwrap()).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), value, "{object} {key}");
    }
    let path = "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/apps";
    rig.kubernetes.wait_ready(path).await;
    let said = rig.kubernetes.get("/api/v1/namespaces/shop/configmaps/said").await;
    assert_eq!(said["data"]["said"], format!("hello {}", value(7)).as_str());
    let app = rig.kubernetes.get("/apis/apps/v1/namespaces/shop/deployments/app").await;
    let volumes = &app["spec"]["template"]["spec"]["volumes"];
    assert_eq!(volumes[0]["secret"]["secretName"], "settings", "{app:#}");
    assert_eq!(volumes[1]["projected"]["sources"][0]["secret"]["name"], "props", "{app:#}");
}

/// The repository, mended with the certificate that the controller serves.
fn mended(rig: &Rig) -> Repository {
    let repository = Repository::new();
    let certificate = repository.home().join("cluster.pem");
    let kubeconfig = rig.kubernetes.kubeconfig.to_str().unwrap();
    let mut fetch = repository.command(SEALSTRAP, "");
    let fetched = ended(fetch.env("KUBECONFIG", kubeconfig).args(["kubeseal", "--fetch-cert"])).with_code(0);
    std::fs::write(&certificate, fetched.stdout).unwrap();
    for (path, text) in FILES {
        let filled = (1..=7)
            .fold(text.to_owned(), |text, number| text.replace(&format!("{{{number}}}"), &value(number)));
        repository.stage(path, filled);
    }
    let words = ["scan", "--fix", "--yes", "--cert", certificate.to_str().unwrap()];
    repository.sealstrap(&words).with_code(0);
    repository
}

fn push(rig: &Rig, repository: &Repository) {
    repository.git(&["add", "--all"]);
    repository.git(&["commit", "--quiet", "--message=mended"]);
    let host = rig.git.address.strip_prefix("http://").unwrap();
    let url = format!("http://ops:{}@{host}/{}.git", rig.git.token, rig.git.repository);
    repository.git(&["push", "--quiet", "--force", &url, "HEAD:main"]);
}

/// The source, its login, and what applies the folder of the cluster.
fn of_flux(rig: &Rig) -> [(String, Value); 3] {
    let meta = |name: &str| json!({"name": name, "namespace": "flux-system"});
    let url = format!("{}/{}.git", rig.git.address, rig.git.repository);
    let source = json!({"kind": "GitRepository", "name": "flux-system"});
    [
        (
            "/api/v1/namespaces/flux-system/secrets/login".into(),
            json!({
                "apiVersion": "v1", "kind": "Secret", "metadata": meta("login"),
                "stringData": {"username": "ops", "password": rig.git.token},
            }),
        ),
        (
            "/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories/flux-system".into(),
            json!({
                "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": meta("flux-system"),
                "spec": {"url": url, "interval": "1h", "ref": {"branch": "main"}, "secretRef": {"name": "login"}},
            }),
        ),
        (
            "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/cluster".into(),
            json!({
                "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": meta("cluster"),
                "spec": {"sourceRef": source, "path": "./cluster", "prune": true, "interval": "1h"},
            }),
        ),
    ]
}
