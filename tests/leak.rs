//! No secret value leaves its way: every command, in good and in bad weather, with everything that it wrote
//! searched for the values it handled, plain and in base64.

#[path = "leak/external.rs"]
mod external;
#[path = "leak/scan.rs"]
mod scan;
#[path = "leak/sealed_files.rs"]
mod sealed_files;
mod support;

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use sealstrap::sandbox::server::{Fault, Harm, Remote};
use serde_json::json;
use support::{Ended, Stage};

/// What the tests put in as the user's own secret.
const CANARY: &str = "canary-7e1d4a90-never-to-be-seen";

/// Commands that touch secrets, in an order in which each has something to do.
const COMMANDS: &[&[&str]] = &[
    &["bootstrap", "--plan", "-vvv"],
    &["bootstrap", "--plan", "--json", "-vvv"],
    &["doctor", "-vvv"],
    &["run", "generate-deploy-key", "-vvv"],
    &["run", "store-deploy-key", "--json", "-vvv"],
    &["run", "store-cf-api-token", "-vvv"],
    &["run", "create-vault-token-secret", "create-namespaces", "-vvv"],
    &["bootstrap", "-vvv"],
    &["bootstrap", "--json", "-vvv"],
    &["status", "-vvv"],
    &["status", "--json", "-vvv"],
    &["run", "--list"],
    &["run", "--graph"],
    &["tasks", "list"],
    &["tasks", "show", "store-cf-api-token"],
    &["init", "--print"],
    &["schema"],
];

/// Keys whose values are public.
const PUBLIC: [&str; 4] = ["known_hosts", "identity.pub", "ca.crt", "tls.crt"];

/// Everything secret that the stage holds by now.
fn secrets(stage: &Stage) -> Vec<String> {
    let mut values = vec![CANARY.to_owned()];
    for (name, value) in stage.sandbox.environment() {
        if name.ends_with("TOKEN") && name != "CF_API_TOKEN" {
            values.push(value);
        }
    }
    for (path, keys) in stage.sandbox.vault.paths() {
        let (mount, path) = path.split_once('/').expect("mount/path");
        let held = stage.sandbox.vault.kv(mount, path).unwrap_or_default();
        let secret = |key: &&String| !matches!(key.as_str(), "known_hosts" | "identity.pub");
        values.extend(keys.iter().filter(secret).filter_map(|key| held.get(key)).cloned());
    }
    for secret in stage.sandbox.kubernetes.objects("Secret") {
        let data = secret["data"].as_object().into_iter().flatten();
        for (_, value) in data.filter(|(key, _)| !PUBLIC.contains(&key.as_str())) {
            let value = value.as_str().expect("a text");
            values.push(String::from_utf8(STANDARD.decode(value).expect("base64")).expect("text"));
        }
    }
    values
}

/// The forms under which a value would still be readable.
fn forms(value: &str) -> Vec<String> {
    let mut forms = vec![
        value.to_owned(),
        STANDARD.encode(value),
        STANDARD_NO_PAD.encode(value),
        URL_SAFE_NO_PAD.encode(value),
    ];
    // A private key is as readable line by line.
    forms.extend(
        value.lines().filter(|line| line.len() > 20 && !line.starts_with("-----")).map(str::to_owned),
    );
    forms
}

#[track_caller]
fn assert_clean(stage: &Stage, command: &[&str], ended: &Ended) {
    let text = ended.all();
    for value in secrets(stage) {
        for form in forms(&value) {
            assert!(!text.contains(&form), "`{}` shows {form}:\n{text}", command.join(" "));
        }
    }
}

fn assert_files_clean(stage: &Stage, folder: &Path) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        if entry.path().is_dir() {
            assert_files_clean(stage, &entry.path());
        } else {
            let text = String::from_utf8_lossy(&std::fs::read(entry.path()).expect("a file")).into_owned();
            for form in secrets(stage).iter().flat_map(|value| forms(value)) {
                assert!(!text.contains(&form), "{} holds {form}", entry.path().display());
            }
        }
    }
}

/// A stage on which a wait that cannot end gives up soon.
async fn impatient() -> Stage {
    let stage = Stage::start().await;
    let file = stage.sandbox.folder().join("sealstrap.yaml");
    let settings = std::fs::read_to_string(&file).expect("settings");
    std::fs::write(&file, format!("{settings}timeouts: {{run: 20s, wait: 1s, request: 2s}}\n"))
        .expect("written");
    stage
}

async fn run(stage: &Stage, command: &[&str]) -> Ended {
    let output = stage.command(command).env("CF_API_TOKEN", CANARY).env("RUST_BACKTRACE", "1").output();
    support::ended(output.await.expect("the binary runs"))
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_is_shown_in_good_weather() {
    let stage = Stage::start().await;
    for command in COMMANDS {
        let ended = run(&stage, command).await;
        assert_clean(&stage, command, &ended);
        assert!(!ended.all().contains("panicked"), "{}", ended.all());
    }
    let kept = stage.sandbox.vault.kv("secret", "k8s/cloudflare-api-token").expect("the value was stored");
    assert_eq!(kept["api-token"], CANARY, "the test would see a leak: the canary did go through");
    assert_files_clean(&stage, stage.folder());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_is_shown_or_left_in_a_file_without_vault() {
    let stage = Stage::sealed().await;
    for command in [
        &["bootstrap", "--plan", "-vvv"][..],
        &["doctor", "-vvv"],
        &["bootstrap", "-vvv"],
        &["bootstrap", "--json", "-vvv"],
        &["status", "--json", "-vvv"],
    ] {
        let ended = run(&stage, command).await;
        assert_clean(&stage, command, &ended);
        assert!(matches!(ended.code, 0 | 1), "{}", ended.all());
        assert!(!ended.all().contains("panicked"), "{}", ended.all());
    }
    assert!(secrets(&stage).len() > 5, "the canary and the values that were made are there");
    for folder in ["keys", "k8s"] {
        assert_files_clean(&stage, &stage.sandbox.folder().join(folder));
    }
    for status in [400, 403, 409, 422, 500] {
        for remote in [Remote::Kubernetes, Remote::GitHost] {
            let stage = Stage::sealed().await;
            stage.sandbox.ledger().harm(every(remote, Harm::Echo(status)));
            let ended = run(&stage, &["bootstrap", "-vvv"]).await;
            assert_clean(&stage, &["bootstrap"], &ended);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_is_shown_when_a_remote_repeats_what_it_was_sent() {
    for remote in [Remote::Kubernetes, Remote::Vault, Remote::GitHost] {
        for status in [400, 401, 403, 404, 409, 422, 429, 500, 503] {
            let stage = impatient().await;
            stage.sandbox.ledger().harm(every(remote, Harm::Echo(status)));
            for command in [&["bootstrap", "-vvv"][..], &["status", "--json", "-vvv"], &["doctor", "-vvv"]] {
                let ended = run(&stage, command).await;
                assert_clean(&stage, command, &ended);
                assert_ne!(ended.code, 0, "{remote:?} answers {status} to everything:\n{}", ended.all());
                assert!(!ended.all().contains("panicked"), "{}", ended.all());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_is_shown_when_only_the_writes_fail() {
    for (remote, methods) in [
        (Remote::Kubernetes, &["PATCH", "POST"][..]),
        (Remote::Vault, &["POST", "PUT"]),
        (Remote::GitHost, &["POST"]),
    ] {
        for method in methods {
            for status in [400, 403, 422, 500] {
                let stage = impatient().await;
                let method = http::Method::from_bytes(method.as_bytes()).expect("a method");
                let fault = Fault { method: Some(method), ..every(remote, Harm::Echo(status)) };
                stage.sandbox.ledger().harm(fault);
                let ended = run(&stage, &["bootstrap", "-vvv"]).await;
                assert_clean(&stage, &["bootstrap", "-vvv"], &ended);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_is_shown_when_an_answer_makes_no_sense() {
    for remote in [Remote::Kubernetes, Remote::Vault, Remote::GitHost] {
        let stage = Stage::start().await;
        run(&stage, &["bootstrap"]).await;
        let nonsense = json!({"data": {"data": [CANARY], "token": 7}, "items": CANARY, "metadata": [CANARY]});
        stage.sandbox.ledger().harm(every(remote, Harm::Answer(200, nonsense)));
        for command in [&["bootstrap", "-vvv"][..], &["status", "-vvv"]] {
            let ended = run(&stage, command).await;
            assert_clean(&stage, command, &ended);
            assert!(!ended.all().contains("panicked"), "{}", ended.all());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_is_shown_of_settings_that_are_wrong() {
    let stage = Stage::start().await;
    let file = stage.folder().join("sealstrap.yaml");
    std::fs::write(&file, "cluster: {name: [}\n").expect("written");
    let config = file.display().to_string();
    let ended = run(&stage, &["bootstrap", "--config", &config]).await;
    assert_eq!(ended.code, 2, "{}", ended.all());
    assert_clean(&stage, &["bootstrap"], &ended);
}

/// Inputs of kubeseal that hold the canary: one that is sealed, and mistakes of every kind.
fn sealed_inputs() -> Vec<(Vec<&'static str>, String, i32)> {
    let head = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\n";
    let seal = vec!["--cert", "certificate.pem"];
    let raw = vec!["--raw", "--name", "a", "--namespace", "b", "--cert", "certificate.pem"];
    let open = vec!["--recovery-unseal", "--recovery-private-key", "backup"];
    let live = format!(
        "metadata: {{annotations: {{kubectl.kubernetes.io/last-applied-configuration: {CANARY}}}, name: a, namespace: b}}"
    );
    vec![
        (seal.clone(), format!("{head}stringData: {{k: {CANARY}}}\n"), 0),
        (seal.clone(), format!("{head}data: {{k: {}}}\n", STANDARD.encode(CANARY)), 0),
        (seal.clone(), format!("kind: Secret\n{live}\nstringData: {{k: {CANARY}}}\n"), 0),
        (raw, CANARY.to_owned(), 0),
        (seal.clone(), format!("{head}stringData: {{k: [{CANARY}]}}\n"), 1),
        (seal.clone(), format!("{head}data: {{k: {CANARY}}}\n"), 1),
        (seal.clone(), format!("{head}stringData: {{k: {CANARY}\n"), 1),
        (seal.clone(), format!("{head}immutable: {CANARY}\nstringData: {{k: v}}\n"), 1),
        (seal.clone(), format!("{{\"kind\": \"Secret\", \"data\": {{\"k\": \"{CANARY}\", }}}}"), 1),
        (seal, format!("apiVersion: v1\nkind: ConfigMap\ndata: {{k: {CANARY}}}\n"), 1),
        (
            open,
            "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nspec: {encryptedData: {k: AAAA}}\n".into(),
            1,
        ),
        (
            vec!["--validate", "--token", CANARY, "--server", "http://127.0.0.1:1", "--password", CANARY],
            String::new(),
            1,
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_is_shown_by_kubeseal() {
    let stage = Stage::start().await;
    let put = |name: &str, text: &str| std::fs::write(stage.folder().join(name), text).expect("written");
    put("certificate.pem", include_str!("seal/certificate.pem"));
    for (arguments, input, code) in sealed_inputs() {
        // A backup of keys that is none, in the canary's words.
        put(
            "backup",
            &format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(CANARY)),
        );
        let arguments = [vec!["kubeseal"], arguments].concat();
        let mut child =
            stage.command(&arguments).stdin(std::process::Stdio::piped()).spawn().expect("the binary runs");
        let mut stdin = child.stdin.take().expect("an input");
        drop(tokio::io::AsyncWriteExt::write_all(&mut stdin, input.as_bytes()).await);
        drop(stdin);
        let ended = support::ended(child.wait_with_output().await.expect("the binary ends"));
        assert_eq!(ended.code, code, "{arguments:?} < {input}:\n{}", ended.all());
        assert_clean(&stage, &arguments, &ended);
    }
}

/// Runs of the verbs of sealing whose inputs hold the canary: good ones, and mistakes of every kind.
const SEALING: &[(&[&str], i32)] = &[
    (&["seal", "good.yaml", "-vvv"], 0),
    (&["seal", "good.yaml", "--out", "sealed.yaml", "--json", "-vvv"], 0),
    (&["seal", "good.yaml", "--out", "sealed.yaml", "-vvv"], 0),
    (&["seal", "good.yaml", "--out", "sealed.yaml", "--fresh", "--plan", "-vvv"], 0),
    (&["seal", "good.yaml", "--out", "sealed.yaml", "--private-key", "certificate.key", "-vvv"], 0),
    (&["set", "sealed.yaml", "k", "--from", "env:CF_API_TOKEN", "-vvv"], 0),
    (&["set", "sealed.yaml", "l", "--from", "file:value", "--json"], 0),
    (&["set", "sealed.yaml", "l", "--from", "command:cat value"], 0),
    (&["reseal", "sealed.yaml", "--private-key", "certificate.key", "-vvv"], 0),
    (&["rename", "sealed.yaml", "l", "m"], 0),
    (&["unset", "sealed.yaml", "m"], 0),
    (&["seal", "list.yaml", "-vvv"], 2),
    (&["seal", "number.yaml", "-vvv"], 2),
    (&["seal", "base64.yaml", "-vvv"], 2),
    (&["seal", "twice.yaml", "-vvv"], 2),
    (&["seal", "broken.yaml", "--json", "-vvv"], 2),
    (&["seal", "broken.json", "-vvv"], 2),
    (&["seal", "utf16.yaml", "-vvv"], 2),
    (&["seal", "kind.yaml", "-vvv"], 2),
    (&["seal", "names.yaml", "-vvv"], 2),
    (&["seal", "double.yaml", "-vvv"], 2),
    (&["seal", "good.yaml", "--private-key", "backup", "-vvv"], 2),
    (&["seal", "good.yaml", "--cert", "backup", "-vvv"], 2),
    (&["seal", "good.yaml", "--out", "good.yaml", "-vvv"], 2),
    (&["set", "sealed.yaml", "k", "--from", CANARY], 2),
    (&["set", "good.yaml", "k", "--from", "file:value"], 2),
    (&["set", "sealed.yaml", "k", "--from", "command:sh -c cat<value;false"], 2),
    (&["reseal", "sealed.yaml", "--private-key", "backup", "-vvv"], 2),
    (&["reseal", "good.yaml", "--private-key", "certificate.key", "-vvv"], 2),
];

/// Files for them.
fn sealing_files() -> Vec<(&'static str, String)> {
    let head = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\n";
    let encoded = STANDARD.encode(CANARY);
    vec![
        ("good.yaml", format!("{head}stringData: {{k: {CANARY}}}\ndata: {{d: {encoded}}}\n")),
        ("value", format!("{CANARY}\n")),
        ("list.yaml", format!("{head}stringData: {{k: [{CANARY}]}}\n")),
        ("number.yaml", format!("{head}stringData: {{number: 0755, k: {CANARY}}}\n")),
        ("base64.yaml", format!("{head}data: {{k: {CANARY}}}\n")),
        ("twice.yaml", format!("{head}stringData: {{k: {CANARY}, k: {CANARY}}}\n")),
        ("broken.yaml", format!("{head}stringData: {{k: {CANARY}\n")),
        ("broken.json", format!("{{\"kind\": \"Secret\", \"data\": {{\"k\": \"{CANARY}\", }}")),
        ("utf16.yaml", format!("\u{0}{CANARY}")),
        ("kind.yaml", format!("apiVersion: v1\nkind: ConfigMap\ndata: {{k: {CANARY}}}\n")),
        ("names.yaml", format!("{}stringData: {{k/l: {CANARY}}}\n", head.replace("name: a", "name: A_"))),
        ("double.yaml", format!("{head}data: {{k: {}}}\n", STANDARD.encode(&encoded))),
        ("backup", format!("-----BEGIN PRIVATE KEY-----\n{encoded}\n-----END PRIVATE KEY-----\n")),
        ("keys/sealing.pem", include_str!("sealing/certificates/home.pem").into()),
        ("certificate.key", include_str!("seal/certificate.key").into()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_is_shown_by_the_verbs_of_sealing() {
    let stage = Stage::start().await;
    std::fs::create_dir(stage.folder().join("keys")).expect("a folder");
    for (name, text) in sealing_files() {
        std::fs::write(stage.folder().join(name), text).expect("written");
    }
    std::fs::write(stage.folder().join("sealstrap.yaml"), "sealing: {}\n").expect("written");
    for (command, code) in SEALING {
        let mut child = stage.command(command);
        child
            .env("CF_API_TOKEN", CANARY)
            .env("SEALSTRAP_CONFIG", "sealstrap.yaml")
            .env("RUST_BACKTRACE", "1");
        let ended = support::ended(child.output().await.expect("the binary runs"));
        assert_eq!(ended.code, *code, "{command:?}:\n{}", ended.all());
        assert_clean(&stage, command, &ended);
        assert!(!ended.all().contains("panicked"), "{}", ended.all());
    }
    for (name, _) in sealing_files() {
        std::fs::remove_file(stage.folder().join(name)).expect("the inputs go");
    }
    assert!(stage.folder().join("sealed.yaml").exists(), "the test would see a leak: something was written");
    assert_files_clean(&stage, stage.folder());
}

fn every(remote: Remote, harm: Harm) -> Fault {
    Fault { remote, method: None, path: String::new(), times: usize::MAX, harm }
}

/// A value typed in the wrong place, and one in an address, are told to nobody.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_is_shown_of_what_was_typed_in_the_wrong_place() {
    let stage = Stage::start().await;
    let address = format!("http://user:{CANARY}@127.0.0.1:1/cert.pem?token={CANARY}");
    let odd = format!("http://user:{CANARY}@127.0.0.1:port/cert.pem?token={CANARY}");
    for command in [
        &["kubeseal", "--raw", "--name", "a", "--namespace", "b", "--cert", "none.pem", "--", CANARY][..],
        &["kubeseal", "--fetch-cert", "--cert", &address],
        &["cert", "show", &address],
        &["cert", "show", &odd],
        &["seal", "--cert", &address, "none.yaml"],
        &["seal", "--cert", &odd, "none.yaml"],
        &["kubeseal", "--fetch-cert", "--cert", &odd],
        &["kubeseal", "--cert", "none.pem", CANARY, CANARY],
    ] {
        let ended = run(&stage, command).await;
        assert_clean(&stage, command, &ended);
        assert_ne!(ended.code, 0, "{}", ended.all());
    }
}
