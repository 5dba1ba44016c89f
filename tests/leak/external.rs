//! `external` and `vault policy`, in good and in bad weather.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sealstrap::sandbox::server::{Fault, Harm, Remote};
use serde_json::json;

use super::support::{Stage, ended};
use super::{CANARY, every, forms};

const CERTIFICATE: &str = include_str!("../sealing/certificates/home.pem");

/// Commands, each with something to do, and with something that goes wrong.
const COMMANDS: &[&[&str]] = &[
    &["external", "generate", "db.yaml", "-vvv"],
    &["external", "generate", "app.env", "--name", "app", "-vvv"],
    &["external", "generate", "bad.env", "--name", "app"],
    &["external", "generate", "bad.yaml"],
    &["external", "generate", "large.yaml"],
    &["external", "push", "db.yaml", "--plan", "--json", "-vvv"],
    &["external", "push", "db.yaml", "--json", "-vvv"],
    &["external", "push", "db.yaml", "-vvv"],
    &["external", "push", "theirs.yaml", "-vvv"],
    &["external", "generate", "db.yaml", "--out", "out.yaml", "--push", "-vvv"],
    &["external", "check", "out.yaml"],
    &["external", "check", "cut.yaml"],
    &["external", "check", "live.yaml", "--online", "-vvv"],
    &["external", "check", "live.yaml", "--online", "--json", "-vvv"],
    &["vault", "login-check", "live.yaml", "-vvv"],
    &["external", "migrate", "sealed.yaml", "--live", "-vvv"],
    &["vault", "policy", "out.yaml"],
    &["scan", "fix.yaml", "--fix", "--to", "vault", "--plan", "--json"],
    &["scan", "fix.yaml", "--fix", "--to", "vault", "--yes", "-vvv"],
    &["external", "migrate", "db.yaml", "--plan", "--json"],
    &["external", "migrate", "db.yaml", "-vvv"],
    &["external", "migrate", "db.yaml", "--to", "sealed", "--cert", "home.pem", "-vvv"],
];

async fn stage() -> Stage {
    let stage = Stage::start().await;
    let secret = |name: &str, data: &str| {
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: {name}, namespace: shop}}\n{data}\n")
    };
    let db = secret("db", &format!("stringData: {{password: {CANARY}, multi: \"{CANARY}\\n{CANARY}\"}}"));
    for (name, text) in [
        ("db.yaml", db.clone()),
        ("theirs.yaml", secret("theirs", &format!("stringData: {{password: {CANARY}}}"))),
        ("bad.yaml", secret("bad", &format!("data: {{password: \"{CANARY}!\"}}"))),
        ("large.yaml", secret("large", &format!("stringData: {{a: \"{}\"}}", CANARY.repeat(40_000)))),
        ("fix.yaml", secret("fix", &format!("stringData: {{password: {CANARY}}}"))),
        ("app.env", format!("TOKEN={CANARY}\n")),
        ("bad.env", format!("TOKEN='{CANARY}\n{CANARY}\nB=$C\n")),
        ("live.yaml", LIVE.replace("SERVER", &server(&stage))),
        ("sealed.yaml", SEALED.to_owned()),
        ("cut.yaml", format!("apiVersion: external-secrets.io/v1\nkind: ExternalSecret\na: \"{CANARY}")),
        ("home.pem", CERTIFICATE.to_owned()),
    ] {
        std::fs::write(stage.folder().join(name), text).expect("written");
    }
    let vault = &stage.sandbox.vault;
    vault.set_kv("secret", "k8s/theirs", &json!({"password": format!("{CANARY}-theirs")}));
    vault.set_kv("secret", "k8s/live", &json!({"password": CANARY, "deep": {"er": CANARY}}));
    vault.add_approle("approle", "role", CANARY, &["root"]);
    fill_cluster(&stage);
    stage
}

/// A store that logs in with the canary, one by a service account, and an ExternalSecret that reads the canary.
const LIVE: &str = "\
apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata: {name: vault}
spec:
  provider:
    vault:
      server: SERVER
      path: secret
      auth: {appRole: {path: approle, roleId: role, secretRef: {name: login, namespace: shop, key: id}}}
---
apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata: {name: account}
spec: {provider: {vault: {server: SERVER, auth: {kubernetes: {role: r, serviceAccountRef: {name: a, namespace: shop}}}}}}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: live, namespace: shop}
spec:
  secretStoreRef: {kind: ClusterSecretStore, name: vault}
  data:
  - {secretKey: password, remoteRef: {key: k8s/live, property: password}}
  - {secretKey: deep, remoteRef: {key: k8s/live, property: deep.er}}
  - {secretKey: none, remoteRef: {key: k8s/live, property: none}}
";

const SEALED: &str = "\
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: sealed, namespace: shop}
spec: {encryptedData: {password: AgB=}}
";

fn server(stage: &Stage) -> String {
    let environment = stage.sandbox.environment();
    environment.into_iter().find(|(name, _)| name == "VAULT_ADDR").expect("an address").1
}

/// What the operator and the controller of sealed-secrets have made: objects, and Secrets with the canary.
fn fill_cluster(stage: &Stage) {
    let text = |name: &str| std::fs::read_to_string(stage.sandbox.folder().join(name)).expect("manifests");
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
    for text in [namespace, &text("operators/external-secrets.yaml"), &text("sealing/controller.yaml")] {
        upsert(stage, text);
    }
    for (name, key, version, kind) in [
        ("login", "id", "v1", "Pod"),
        ("live", "password", "external-secrets.io/v1", "ExternalSecret"),
        ("sealed", "password", "bitnami.com/v1alpha1", "SealedSecret"),
    ] {
        let owner =
            json!([{"apiVersion": version, "kind": kind, "name": name, "uid": "1", "controller": true}]);
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "data": {key: STANDARD.encode(CANARY)},
            "metadata": {"name": name, "namespace": "shop", "ownerReferences": owner},
        });
        upsert(stage, &secret.to_string());
    }
    upsert(stage, &LIVE.replace("SERVER", &server(stage)));
    upsert(stage, SEALED);
}

fn upsert(stage: &Stage, text: &str) {
    for mut object in sealstrap::yaml::manifests("all.yaml".as_ref(), text).expect("manifests") {
        if object["kind"] == "SealedSecret" {
            let synced = json!({"type": "Synced", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z", "lastUpdateTime": "2026-01-01T00:00:00Z"});
            object["status"] = json!({"observedGeneration": 1, "conditions": [synced]});
        }
        // Without the controller of sealed-secrets, which does not have the key.
        let is_of_it =
            object["metadata"]["name"].as_str().is_some_and(|name| name.starts_with("sealed-secrets"));
        assert!(is_of_it || stage.sandbox.kubernetes.upsert(object));
    }
}

async fn assert_nothing_is_shown(stage: &Stage) {
    for command in COMMANDS {
        let ended = ended(stage.command(command).output().await.expect("the binary runs"));
        let text = ended.all();
        assert!(!text.contains("panicked"), "{text}");
        for form in forms(CANARY) {
            assert!(!text.contains(&form), "`{}` shows {form}:\n{text}", command.join(" "));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_value_is_shown_on_its_way_to_vault() {
    let stage = stage().await;
    assert_nothing_is_shown(&stage).await;
    let kept = stage.sandbox.vault.kv("secret", "k8s/db").expect("it was stored");
    assert_eq!(kept["password"], CANARY, "the test would see a leak: the canary did go through");
    assert_eq!(stage.sandbox.vault.kv("secret", "k8s/fix").expect("it was stored")["password"], CANARY);
    let kept = stage.sandbox.vault.kv("secret", "k8s/sealed").expect("it was taken from the cluster");
    assert_eq!(kept["password"], CANARY);
    let told = stage.sealstrap(&["external", "check", "live.yaml", "--online"]).await.all();
    assert!(told.contains("1 path of Vault read") && told.contains("missing-property"), "{told}");
    for made in ["out.yaml", "db.yaml", "fix.yaml", "sealed.yaml"] {
        let text = std::fs::read_to_string(stage.folder().join(made)).expect("it was made");
        assert!(forms(CANARY).iter().all(|form| !text.contains(form)), "{made}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_value_is_shown_by_a_vault_that_echoes_it() {
    for status in [400, 403, 404, 500, 503] {
        for method in [None, Some(http::Method::POST)] {
            let stage = stage().await;
            let fault = Fault { method, ..every(Remote::Vault, Harm::Echo(status)) };
            stage.sandbox.ledger().harm(fault);
            assert_nothing_is_shown(&stage).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_value_is_shown_by_an_api_server_that_echoes_it_or_makes_no_sense() {
    let nonsense =
        json!({"data": [CANARY], "status": {"token": [CANARY]}, "metadata": CANARY, "spec": CANARY});
    for harm in [Harm::Echo(403), Harm::Echo(422), Harm::Echo(500), Harm::Answer(200, nonsense)] {
        let stage = stage().await;
        stage.sandbox.ledger().harm(every(Remote::Kubernetes, harm));
        assert_nothing_is_shown(&stage).await;
    }
}
