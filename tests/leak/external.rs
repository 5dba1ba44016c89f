//! `external` and `vault policy`, in good and in bad weather.

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
        ("cut.yaml", format!("apiVersion: external-secrets.io/v1\nkind: ExternalSecret\na: \"{CANARY}")),
        ("home.pem", CERTIFICATE.to_owned()),
    ] {
        std::fs::write(stage.folder().join(name), text).expect("written");
    }
    stage.sandbox.vault.set_kv("secret", "k8s/theirs", &json!({"password": format!("{CANARY}-theirs")}));
    stage
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
    for made in ["out.yaml", "db.yaml", "fix.yaml"] {
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
