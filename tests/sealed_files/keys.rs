//! `sealstrap keys`, against a cluster of the sandbox.

use std::path::Path;

use serde_json::{Value, json};

use crate::scene::{CANARY, CERTIFICATE, KEY, LARGE_CERTIFICATE, LARGE_KEY, Scene, key_secret, sealed};
use crate::support::{Ended, Stage, ended};
use sealstrap::seal::Scope;

/// The binary in the scene's folder, reaching the stage's cluster.
async fn run(stage: &Stage, scene: &Scene, arguments: &[&str]) -> Ended {
    let output = stage.command(arguments).current_dir(scene.folder()).output().await;
    ended(output.expect("the binary runs"))
}

/// Two keys in use, and one that is switched off.
fn keys() -> String {
    let old = key_secret("sealed-secrets-keyold", CERTIFICATE, KEY, "compromised");
    format!(
        "{}{}{old}",
        key_secret("sealed-secrets-keyaaaaa", CERTIFICATE, KEY, "active"),
        key_secret("sealed-secrets-keybbbbb", LARGE_CERTIFICATE, LARGE_KEY, "active"),
    )
}

/// Names, types, labels and values of the sealing keys in the cluster.
fn held(stage: &Stage) -> Vec<Value> {
    let mut all: Vec<Value> = stage.sandbox.kubernetes.objects("Secret");
    all.retain(|secret| secret["metadata"]["name"].as_str().unwrap().starts_with("sealed-secrets-key"));
    let part = |secret: &Value| {
        let meta = &secret["metadata"];
        json!([meta["namespace"], meta["name"], meta["labels"], secret["type"], secret["data"]])
    };
    let mut all: Vec<Value> = all.iter().map(part).collect();
    all.sort_by_key(ToString::to_string);
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_go_into_a_backup_and_out_of_it_into_an_empty_cluster() {
    let (stage, scene) = (Stage::start().await, Scene::new());
    scene.put("keys.yaml", &keys());
    let recipient = scene.identity("me.txt");
    run(&stage, &scene, &["keys", "restore", "keys.yaml"]).await.with_code(0);
    let ended = run(&stage, &scene, &["keys", "backup", "--out", "keys.age", "--recipient", &recipient])
        .await
        .with_code(0);
    assert!(
        ended.stderr.contains("keys in it: 2")
            && ended.stderr.contains("switched off in the cluster, and left out: 1"),
        "{ended:?}"
    );
    let (backup, register) = (scene.read("keys.age"), scene.read("keys.age.certs.pem"));
    assert!(backup.starts_with("-----BEGIN AGE ENCRYPTED FILE-----") && !register.contains("PRIVATE"));
    assert_eq!(mode(&scene.path("keys.age")), 0o600);

    // Nothing is new: the file stays as it is.
    let ended = run(&stage, &scene, &["keys", "backup", "--out", "keys.age", "--recipient", &recipient])
        .await
        .with_code(0);
    assert!(ended.stderr.contains("keys.age holds all keys in use already (2)"), "{ended:?}");
    assert_eq!(scene.read("keys.age"), backup);
    run(&stage, &scene, &["keys", "backup", "--out", "keys.age", "--recipient", &recipient, "--anew"])
        .await
        .with_code(0);
    assert_ne!(scene.read("keys.age"), backup);

    let other = Stage::start().await;
    other.writes_since();
    let restore = ["keys", "restore", "keys.age", "--identity", "me.txt"];
    let ended = run(&other, &scene, &[&restore[..], &["--plan"]].concat()).await.with_code(0);
    assert!(ended.stdout.contains("create Secret `kube-system/sealed-secrets-keyaaaaa`"), "{ended:?}");
    assert_eq!(other.writes_since(), 0);
    let ended = run(&other, &scene, &restore).await.with_code(0);
    assert!(
        ended
            .stderr
            .contains("restart the controller so that it sees them: kubectl -n kube-system rollout restart"),
        "{ended:?}"
    );
    assert_eq!(other.writes_since(), 2);
    let mut active = held(&stage);
    active.retain(|secret| secret[2]["sealedsecrets.bitnami.com/sealed-secrets-key"] == "active");
    assert_eq!(held(&other), active);

    let ended = run(&other, &scene, &restore).await.with_code(0);
    assert!(ended.stderr.contains("already so"), "{ended:?}");
    assert_eq!(other.writes_since(), 0, "a second run writes nothing");
}

fn mode(file: &Path) -> u32 {
    std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(file).unwrap()) & 0o777
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_of_that_name_with_other_content_is_not_overwritten() {
    let (stage, scene) = (Stage::start().await, Scene::new());
    scene.put("keys.yaml", &keys());
    let theirs = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "data": {"a": "Yg=="},
        "metadata": {"name": "sealed-secrets-keybbbbb", "namespace": "kube-system"},
    });
    stage.sandbox.kubernetes.upsert(theirs);
    stage.writes_since();
    let ended = run(&stage, &scene, &["keys", "restore", "keys.yaml"]).await.with_code(2);
    assert!(ended.stderr.contains("Secrets of these names hold something else in `kube-system`: `sealed-secrets-keybbbbb`; nothing was written"), "{ended:?}");
    assert_eq!(stage.writes_since(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_controller_that_watches_needs_no_restart() {
    let (stage, scene) = (Stage::start().await, Scene::new());
    scene.put("keys.yaml", &keys());
    let containers = json!([{"name": "c", "image": "c", "args": ["--watch-for-secrets"]}]);
    stage.sandbox.kubernetes.upsert(json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "sealed-secrets-controller", "namespace": "kube-system"},
        "spec": {"selector": {}, "template": {"metadata": {}, "spec": {"containers": containers}}},
    }));
    let ended = run(&stage, &scene, &["keys", "restore", "keys.yaml"]).await.with_code(0);
    assert!(ended.stderr.contains("watches for keys, and takes them up by itself"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clusters_own_keys_verify_and_unseal() {
    let (stage, scene) = (Stage::start().await, Scene::new());
    scene.put("keys.yaml", &keys());
    scene.put("a.yaml", &sealed(Scope::Strict, "shop", "db"));
    let ended = run(&stage, &scene, &["verify", "a.yaml", "--from-cluster"]).await.with_code(2);
    assert!(
        ended.stderr.contains("cannot find the controller's sealing keys")
            && ended.stderr.contains("--controller NAMESPACE/NAME"),
        "{ended:?}"
    );
    run(&stage, &scene, &["keys", "restore", "keys.yaml"]).await.with_code(0);
    let ended = run(&stage, &scene, &["verify", "a.yaml", "--from-cluster"]).await.with_code(0);
    assert!(ended.stderr.contains("1 opened: nothing found"), "{ended:?}");
    let ended = run(&stage, &scene, &["unseal", "a.yaml", "--from-cluster"]).await.with_code(0);
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, CANARY);
    assert!(ended.stdout.contains(&encoded), "{ended:?}");
    let ended = run(&stage, &scene, &["verify", "a.yaml", "--from-cluster", "--controller", "kube-system"])
        .await
        .with_code(2);
    assert!(ended.stderr.contains("`--controller` takes a namespace and a name"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_backed_up_or_restored_says_why() {
    let (stage, scene) = (Stage::start().await, Scene::new());
    scene.put("keys.yaml", &keys());
    let recipient = scene.identity("me.txt");
    scene.identity("other.txt");
    scene.put("holders.txt", &format!("# us\n{recipient}\nssh-ed25519 AAAA\n"));
    run(&stage, &scene, &["keys", "restore", "keys.yaml"]).await.with_code(0);
    let lock = sealstrap::seal::backup::Lock::Holders(sealstrap::seal::backup::holders(&recipient).unwrap());
    let text = sealstrap::plain::Plain::from(keys());
    scene.put("keys.age", &sealstrap::seal::backup::encrypt(&text, &lock).unwrap());
    scene.put("cut.age", "-----BEGIN AGE ENCRYPTED FILE-----\nAAAA");
    let secret = scene.read("me.txt").lines().nth(1).unwrap().to_owned();
    for (arguments, said) in [
        (
            &["backup", "--out", "new.age"][..],
            "nobody is named who can open the backup, and there is no terminal",
        ),
        (
            &["backup", "--out", "new.age", "--recipient", &secret],
            "line 1 of the recipients is a private key",
        ),
        (
            &["backup", "--out", "new.age", "--recipient", "holders.txt"],
            "line 3 of the recipients is an SSH key",
        ),
        (&["backup", "--out", "no/such/new.age", "--recipient", &recipient], "cannot write no/such/new.age"),
        (&["restore", "keys.age"], "it is encrypted"),
        (&["restore", "keys.age", "--identity", "other.txt"], "none of the identities opens it"),
        (
            &["restore", "cut.age", "--identity", "me.txt"],
            "cannot open the backup cut.age: it is cut or damaged",
        ),
        (&["restore", "key.pem"], "key.pem holds keys, but not as Secrets with names"),
        (&["restore", "certificate.pem"], "certificate.pem holds no private key"),
    ] {
        let ended = run(&stage, &scene, &[&["keys"], arguments].concat()).await.with_code(2);
        assert!(ended.stderr.contains(said), "{said}\n{ended:?}");
        assert!(!ended.all().contains(&secret) && !scene.path("new.age").exists(), "{ended:?}");
    }
    stage.sandbox.kubernetes.deny("list", "secrets");
    let ended = run(&stage, &scene, &["keys", "backup", "--out", "new.age", "--recipient", &recipient])
        .await
        .with_code(2);
    assert!(ended.stderr.contains("list") && ended.stderr.contains("secrets"), "{ended:?}");
}
