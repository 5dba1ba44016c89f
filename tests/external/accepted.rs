//! Everything that `generate`, `store` and `migrate --to v1` make is taken by the real API server with the operator's CRDs and
//! its webhook, and what it would keep is what stands in the file.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sealstrap::external::check::{self, Around, Rule};
use sealstrap::external::{
    self, Auth, Authority, JwtSource, KvVersion, Layout, Operator, Pattern, Provider, RoleId, SecretRef,
    ServiceAccount, Store, StoreKind, StoreRef,
};
use sealstrap::plain::Plain;
use sealstrap::seal::Manifest;
use sealstrap::yaml;
use serde_json::{Value, json};

use crate::on_the_rig::path;
use crate::verdicts::behind_the_webhook;

/// The operator of the rig.
const OPERATOR: Operator = Operator { major: 0, minor: 19 };

/// What is to come of a manifest.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// It is taken, and kept as it stands in the file.
    Same,
    /// It is taken, and kept with the fields that `external check` finds missing.
    Filled,
    /// It is refused, as `external check` says: it needs a later operator.
    TooNew,
}

/// A manifest, and what is to come of it.
struct Row {
    name: String,
    text: String,
    wanted: Wanted,
}

impl Row {
    /// A file with one object, or one of its objects.
    fn all(name: &str, file: &str, wanted: Wanted) -> Vec<Self> {
        let row = |text: String| Self { name: name.to_owned(), text, wanted };
        let object = yaml::documents(Path::new("a.yaml"), file).unwrap().remove(0);
        match object["items"].as_array() {
            Some(items) => items.iter().map(|item| row(yaml::to_string(item))).collect(),
            None => vec![row(file.to_owned())],
        }
    }
}

/// Secrets of each kind that the tests of `generate` know: of values, types, labels, forms.
fn secrets() -> Vec<(&'static str, String)> {
    let of = |rest: &str| {
        format!("apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: shop\n{rest}\n")
    };
    let data = |value: &[u8]| of(&format!("data: {{a: {}}}", STANDARD.encode(value)));
    let typed = |kind: &str, values: Value| of(&format!("type: {kind}\nstringData: {values}"));
    let registry = json!({".dockerconfigjson": json!({"auths": {"r": {"auth": "YTpi"}}}).to_string()});
    let other = json!({"a.b": "1", "-c": "2", "_D": "3", "4": "4", ".e": "5"});
    vec![
        ("text", data(b"tr0ub4dor-Kx9v")),
        ("no text", data(&[0, 1, 2, 0xfe, 0xff])),
        ("zero byte", data(b"a\0b")),
        ("empty", data(b"")),
        ("line feed", data(b"ends in a line feed\n")),
        ("number", data(b"1234")),
        ("JSON", data(b"{\"a\": \"b\"}")),
        ("base64", data(b"MTIzNA==")),
        ("template", data(b"{{ .text }} ${TEXT}")),
        ("unicode", data("gr\u{fc}n \u{1f511}".as_bytes())),
        ("text and no text", of("data: {a: AP8=}\nstringData: {b: text}")),
        ("odd keys", of(&format!("stringData: {other}"))),
        ("long key", of(&format!("stringData: {{? {} : x}}", "k".repeat(253)))),
        ("opaque", typed("Opaque", json!({"a": "b"}))),
        ("TLS", typed("kubernetes.io/tls", json!({"tls.crt": "c", "tls.key": "k"}))),
        ("registry", typed("kubernetes.io/dockerconfigjson", registry)),
        ("basic", typed("kubernetes.io/basic-auth", json!({"username": "u", "password": "p"}))),
        ("SSH", typed("kubernetes.io/ssh-auth", json!({"ssh-privatekey": "k"}))),
        ("a type of its own", typed("example.com/mine", json!({"a": "b"}))),
        ("immutable", of("immutable: true\nstringData: {a: b}")),
        ("mutable", of("immutable: false\nstringData: {a: b}")),
        ("labels", of("  labels: {app: shop, example.com/b: ''}\nstringData: {a: b}")),
        ("annotations", of("  annotations: {note: 'of {{ .Values.x }}', braces: '{{{ \"{{\" }}'}\nstringData: {a: b}")),
        ("finalizers", of("  finalizers: [example.com/keep]\nstringData: {a: b}")),
        ("marks of others", of("  annotations: {kubectl.kubernetes.io/last-applied-configuration: x, reconcile.external-secrets.io/data-hash: abc}\nstringData: {a: b}")),
        ("a list", "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: db, namespace: shop}, stringData: {a: b}}\n- {apiVersion: v1, kind: Secret, metadata: {name: web, namespace: shop}, stringData: {a: b}}\n".into()),
        ("JSON file", json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db", "namespace": "shop"}, "data": {"a": "Yg=="}}).to_string()),
    ]
}

/// Layouts, each with the operator for which defaults are written.
fn layouts<'p>(path: &'p external::PathOf<'p>) -> Vec<(&'static str, Layout<'p>)> {
    let layout = |kind, operator| {
        let mut layout = Layout::new(path, StoreRef { kind, name: "vault".into() }, "secret");
        layout.operator = operator;
        layout
    };
    let of_cluster = || layout(StoreKind::ClusterSecretStore, OPERATOR);
    let refreshed = |text: &str| Layout { refresh_interval: text.parse().unwrap(), ..of_cluster() };
    vec![
        ("for all namespaces", of_cluster()),
        ("for its own namespace", layout(StoreKind::SecretStore, OPERATOR)),
        ("whole paths", Layout { extract: true, ..of_cluster() }),
        ("read once", refreshed("0s")),
        ("read every 90 minutes", refreshed("90m")),
        ("read every 1.5 seconds", refreshed("1500ms")),
        ("for the newest operator", layout(StoreKind::ClusterSecretStore, Operator::NEWEST)),
    ]
}

fn generated() -> Vec<Row> {
    let pattern = Pattern::new("k8s/{namespace}/{name}").unwrap();
    let path = |namespace: &str, name: &str| Ok(pattern.fill(namespace, name));
    let mut rows = Vec::new();
    for (name, text) in secrets() {
        for (layout_name, layout) in layouts(&path) {
            let mut manifest = Manifest::read(Path::new("a.yaml"), &Plain::from(text.clone())).unwrap();
            let Ok(made) = external::generate(&mut manifest, &layout) else {
                // The rig's operator has none of them yet.
                assert!(name == "finalizers" && layout.operator == OPERATOR, "{name}, {layout_name}");
                continue;
            };
            let wanted = if layout.operator == OPERATOR {
                Wanted::Same
            } else if name == "finalizers" {
                Wanted::TooNew
            } else {
                Wanted::Filled
            };
            rows.extend(Row::all(&format!("{name}, {layout_name}"), &made.text, wanted));
        }
    }
    let layout = layouts(&path).remove(0).1;
    let env = Plain::from("A=b\nEMPTY=\nLONG=\"c\\nd\"\n".to_owned());
    let live = json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "data": {"a": "AP8="}, "metadata": {"name": "db", "namespace": "shop", "uid": "1"}});
    for (name, secret) in [
        (".env", external::from_env(Path::new("a.env"), &env, "db", "shop").unwrap()),
        ("of the cluster", external::from_live(live, "the cluster").unwrap()),
    ] {
        let (object, _) = external::of_secret(secret, "here", &layout).unwrap();
        rows.extend(Row::all(name, &yaml::to_string(&object), Wanted::Same));
    }
    rows
}

fn auths(namespace: Option<&str>) -> Vec<Auth> {
    let namespace = || namespace.map(str::to_owned);
    let secret = |name: &str| SecretRef { name: name.into(), key: "k".into(), namespace: namespace() };
    let account = |audiences: &[&str]| ServiceAccount {
        name: "eso".into(),
        namespace: namespace(),
        audiences: audiences.iter().map(|&audience| audience.to_owned()).collect(),
    };
    let (mount, role) = (|| "m".to_owned(), || "r".to_owned());
    vec![
        Auth::Token(secret("token")),
        Auth::AppRole { mount: mount(), role: RoleId::Text(role()), secret: secret("s") },
        Auth::AppRole { mount: mount(), role: RoleId::Secret(secret("r")), secret: secret("s") },
        Auth::UserPass { mount: mount(), username: "u".into(), secret: secret("s") },
        Auth::Kubernetes { mount: mount(), role: role(), account: Some(account(&["vault"])) },
        Auth::Kubernetes { mount: mount(), role: role(), account: Some(account(&[])) },
        Auth::Kubernetes { mount: mount(), role: role(), account: None },
        Auth::Cert { mount: mount(), role: Some(role()), certificate: secret("c"), key: secret("k") },
        Auth::Cert { mount: mount(), role: None, certificate: secret("c"), key: secret("k") },
        Auth::Jwt { mount: mount(), role: None, source: JwtSource::Secret(secret("s")) },
        Auth::Jwt {
            mount: mount(),
            role: Some(role()),
            source: JwtSource::ServiceAccount(account(&["vault"])),
        },
    ]
}

fn authorities(namespace: Option<&str>) -> Vec<Option<Authority>> {
    let object = |config_map| {
        let (name, key) = ("ca".to_owned(), "ca.crt".to_owned());
        Some(Authority::Object { config_map, name, key, namespace: namespace.map(str::to_owned) })
    };
    let bundle = include_str!("../sealing/certificates/home.pem").to_owned();
    vec![None, Some(Authority::Bundle(bundle)), object(false), object(true)]
}

/// Stores of both kinds and providers, by each login, with each authority and version of the engine.
fn stores() -> Vec<Row> {
    let mut rows = Vec::new();
    for kind in [StoreKind::SecretStore, StoreKind::ClusterSecretStore] {
        let elsewhere = (kind == StoreKind::ClusterSecretStore).then_some("shop");
        for auth in auths(elsewhere) {
            for authority in authorities(elsewhere) {
                for (provider, version) in [
                    (Provider::Vault, KvVersion::V1),
                    (Provider::Vault, KvVersion::V2),
                    (Provider::OpenBao, KvVersion::V2),
                ] {
                    let store = Store {
                        kind,
                        name: "vault".into(),
                        namespace: (kind == StoreKind::SecretStore).then(|| "shop".into()),
                        provider,
                        server: "https://vault.example.com:8200".into(),
                        mount: "secret".into(),
                        version,
                        vault_namespace: (version == KvVersion::V2).then(|| "team".into()),
                        authority: authority.clone(),
                        auth: auth.clone(),
                    };
                    // The rig's operator has neither OpenBao nor the path of the method for certificates.
                    let known = provider == Provider::Vault && !matches!(auth, Auth::Cert { .. });
                    let wanted = if known { Wanted::Same } else { Wanted::TooNew };
                    let name = format!("{kind:?}, {provider:?}, {version:?}, {auth:?}, {authority:?}");
                    // Logins that OpenBao does not have are refused before there is a manifest.
                    if let Ok(object) = store.object() {
                        rows.extend(Row::all(&name, &yaml::to_string(&object), wanted));
                    }
                }
            }
        }
    }
    rows
}

/// Objects of a version that is no longer served, in the one that is.
fn upgraded() -> Vec<Row> {
    let head = "apiVersion: external-secrets.io/v1beta1\nkind:";
    let texts = [
        format!(
            "{head} ExternalSecret\nmetadata: {{name: db, namespace: shop}}\nspec:\n  refreshInterval: 1h\n  secretStoreRef: {{name: vault, kind: ClusterSecretStore}}\n  target: {{name: db, creationPolicy: Owner}}\n  data:\n  - {{secretKey: a, remoteRef: {{key: k8s/db, property: a}}}}\n  dataFrom:\n  - extract: {{key: k8s/all}}\n"
        ),
        format!(
            "{head} SecretStore\nmetadata: {{name: vault, namespace: shop}}\nspec: {{provider: {{vault: {{server: 'https://v:8200', path: secret, version: v2, auth: {{tokenSecretRef: {{name: t, key: k}}}}}}}}}}\n"
        ),
        format!(
            "{head} ClusterSecretStore\nmetadata: {{name: vault}}\nspec: {{provider: {{vault: {{server: 'https://v:8200', path: secret, auth: {{kubernetes: {{role: r}}}}}}}}}}\n"
        ),
        format!(
            "{head} ClusterExternalSecret\nmetadata: {{name: db}}\nspec:\n  namespaceSelector: {{matchLabels: {{a: b}}}}\n  externalSecretSpec:\n    secretStoreRef: {{name: vault, kind: ClusterSecretStore}}\n    data:\n    - {{secretKey: a, remoteRef: {{key: k8s/db, property: a}}}}\n"
        ),
    ];
    let upgrade = |text: &String| external::upgrade(Path::new("a.yaml"), text).unwrap().text;
    texts
        .iter()
        .flat_map(|text| Row::all(&format!("upgraded:\n{text}"), &upgrade(text), Wanted::Filled))
        .collect()
}

/// Fields that are in the second and not in the first; anything else that differs is a failure.
fn filled(file: &Value, kept: &Value) -> usize {
    match (file, kept) {
        (Value::Object(file), Value::Object(kept)) => {
            assert!(file.keys().all(|key| kept.contains_key(key)), "lost: {file:?}\n{kept:?}");
            kept.iter().map(|(key, kept)| file.get(key).map_or(1, |file| filled(file, kept))).sum()
        }
        (Value::Array(file), Value::Array(kept)) if file.len() == kept.len() => {
            file.iter().zip(kept).map(|(file, kept)| filled(file, kept)).sum()
        }
        (file, kept) => {
            assert_eq!(file, kept);
            0
        }
    }
}

/// How many findings of a rule there are, for the rig's operator.
fn found(text: &str, rule: Rule) -> usize {
    let document = yaml::each(Path::new("a.yaml"), text).unwrap().remove(0);
    let around = Around { operator: OPERATOR, ..Around::default() };
    let findings = check::object(&document, &around).unwrap().findings;
    findings.iter().filter(|finding| finding.rule == rule).count()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn what_is_made_is_taken_and_kept_as_it_stands_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let (kubernetes, _webhook) = behind_the_webhook(dir.path()).await;
    let rows: Vec<Row> = [generated(), stores(), upgraded()].into_iter().flatten().collect();
    for Row { name, text, wanted } in &rows {
        let object = yaml::documents(Path::new("a.yaml"), text).unwrap().remove(0);
        let told = kubernetes.dry_run(&path(&object), text).await;
        if *wanted == Wanted::TooNew {
            assert!(told.is_err() && found(text, Rule::TooNew) > 0, "{name}: {told:?}");
            continue;
        }
        let kept = told.unwrap_or_else(|told| panic!("{name}: {told}\n{text}"));
        let filled = filled(&object["spec"], &kept["spec"]);
        let wanted = if *wanted == Wanted::Same { 0 } else { found(text, Rule::MissingDefault) };
        assert_eq!(filled, wanted, "{name}\n{text}\n{:#}", kept["spec"]);
        for part in ["labels", "annotations"] {
            assert_eq!(kept["metadata"][part], object["metadata"][part], "{name}");
        }
    }
    println!("{} manifests are taken, or refused as said", rows.len());
}
