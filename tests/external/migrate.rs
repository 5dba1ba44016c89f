//! `external migrate`: files change over and back.

use serde_json::{Value, json};

use super::support::Stage;
use super::{DB, put, read};

const CERTIFICATE: &str = include_str!("../sealing/certificates/home.pem");
const KEY: &str = include_str!("../seal/certificate.key");

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_goes_to_vault_becomes_sealed_and_comes_back() {
    let stage = Stage::start().await;
    put(&stage, "home.pem", CERTIFICATE);
    put(&stage, "home.key", KEY);
    let value = "  password: tr0ub4dor-Kx9v";
    let db = DB.replace(value, &format!("  # of the owner\n{value} # nobody else's"));
    put(&stage, "k8s/db.yaml", &db);
    stage.sealstrap(&["external", "migrate", "k8s", "--plan"]).await.with_code(0);
    assert_eq!(read(&stage, "k8s/db.yaml"), db);
    assert_eq!(stage.writes_since(), 0);
    stage.sealstrap(&["external", "migrate", "k8s"]).await.with_code(0);
    let external = read(&stage, "k8s/db.yaml");
    assert!(external.contains("kind: ExternalSecret") && !external.contains("tr0ub4dor"), "{external}");
    assert!(!stage.sealstrap(&["scan", "k8s"]).await.with_code(0).all().contains("error"));

    let to_sealed = ["external", "migrate", "k8s", "--to", "sealed", "--cert", "home.pem"];
    stage.sealstrap(&to_sealed).await.with_code(0);
    let sealed = read(&stage, "k8s/db.yaml");
    assert!(sealed.contains("kind: SealedSecret"), "{sealed}");
    let unsealed = ["unseal", "k8s/db.yaml", "--private-key", "home.key"];
    let values = stage.sealstrap(&unsealed).await.with_code(0).stdout;
    for value in ["key.bin: AAH/", "password: dHIwdWI0ZG9yLUt4OXY=", "port: MTIzNA=="] {
        assert!(values.contains(value), "{value}\n{values}");
    }

    let refused = stage.sealstrap(&["external", "migrate", "k8s"]).await.with_code(2);
    assert!(refused.stderr.contains("SealedSecrets open with private keys only"), "{}", refused.stderr);
    stage.writes_since();
    stage.sealstrap(&["external", "migrate", "k8s", "--private-key", "home.key"]).await.with_code(0);
    assert_eq!(read(&stage, "k8s/db.yaml"), external);
    assert_eq!(stage.writes_since(), 0, "the values were there");
    for text in [&external, &sealed] {
        let (above, below) = text.split_once("  # of the owner\n").expect("comments go with their keys");
        assert!(!above.contains("password") && below.lines().next().unwrap().ends_with(" # nobody else's"));
        assert!(
            text.starts_with("# of the shop\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n")
        );
        assert!(
            text.ends_with(
                "--- # behind it\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: db} # stays\n"
            )
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_stays_where_its_values_could_not_be_written() {
    let stage = Stage::start().await;
    put(&stage, "db.yaml", DB);
    stage.sandbox.vault.seal(true);
    let told = stage.sealstrap(&["external", "migrate", "db.yaml"]).await.with_code(2);
    assert!(told.stderr.contains("sealed"), "{}", told.stderr);
    assert_eq!(read(&stage, "db.yaml"), DB);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_version_becomes_the_served_one_and_nothing_else_changes() {
    let stage = Stage::start().await;
    let old = "apiVersion: external-secrets.io/v1beta1 # old\nkind: ExternalSecret\nmetadata: {name: a, namespace: b}\nspec:\n  data: [] # none\n";
    put(&stage, "a.yaml", old);
    let told = stage.sealstrap(&["external", "migrate", "a.yaml", "--to", "v1"]).await.with_code(0);
    assert!(told.stderr.contains("a.yaml: 1 object of the served version"), "{}", told.stderr);
    assert_eq!(read(&stage, "a.yaml"), old.replace("v1beta1", "v1"));
    let again = stage.sealstrap(&["external", "migrate", "a.yaml", "--to", "v1"]).await.with_code(0);
    assert!(again.stderr.contains("nothing to change"), "{}", again.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_two_entries_read_is_sealed_twice_and_an_old_version_is_refused() {
    let stage = Stage::start().await;
    put(&stage, "home.pem", CERTIFICATE);
    put(&stage, "home.key", KEY);
    stage.sandbox.vault.set_kv("secret", "k8s/db", &json!({"password": "hunter2hunter"}));
    let entry = |key: &str, more: &str| {
        format!("  - {{secretKey: {key}, remoteRef: {{key: k8s/db, property: password{more}}}}}\n")
    };
    let head = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: db, namespace: shop}\nspec:\n  secretStoreRef: {kind: ClusterSecretStore, name: vault-backend}\n  data:\n";
    put(&stage, "db.yaml", &format!("{head}{}{}", entry("one", ""), entry("two", "")));
    let words = ["external", "migrate", "db.yaml", "--to", "sealed", "--cert", "home.pem"];
    stage.sealstrap(&words).await.with_code(0);
    let values = stage.sealstrap(&["unseal", "db.yaml", "--private-key", "home.key"]).await.with_code(0);
    assert_eq!(values.stdout.matches("aHVudGVyMmh1bnRlcg==").count(), 2, "{}", values.stdout);
    let old = format!("{head}{}", entry("one", ", version: \"1\""));
    put(&stage, "db.yaml", &old);
    let refused = stage.sealstrap(&words).await.with_code(2);
    assert!(refused.stderr.contains("version 1 of `secret/k8s/db` is named"), "{}", refused.stderr);
    assert_eq!(read(&stage, "db.yaml"), old);
}

/// A SealedSecret of [`DB`]'s Secret in `k8s/db.yaml`, which the cluster has as well.
async fn sealed() -> Stage {
    let stage = Stage::start().await;
    put(&stage, "home.pem", CERTIFICATE);
    put(
        &stage,
        "in.yaml",
        &DB.replace("kind: Secret\n", "kind: Secret\nimmutable: true\ntype: example.com/mine\n"),
    );
    let seal = ["seal", "in.yaml", "--cert", "home.pem", "--out", "k8s/db.yaml"];
    stage.sealstrap(&seal).await.with_code(0);
    let crds = std::fs::read_to_string(stage.sandbox.folder().join("sealing/controller.yaml")).unwrap();
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
    // Its controller is left out: it does not have the key.
    for text in [&crds, namespace, &read(&stage, "k8s/db.yaml")] {
        for mut object in sealstrap::yaml::manifests("a.yaml".as_ref(), text).unwrap() {
            if object["kind"] == "SealedSecret" {
                object["status"] = synced("True", 1);
            }
            if !matches!(object["kind"].as_str().unwrap(), "Service" | "Deployment" | "ConfigMap") {
                assert!(stage.sandbox.kubernetes.upsert(object));
            }
        }
    }
    stage
}

/// What the controller says of a SealedSecret.
fn synced(status: &str, generation: u64) -> Value {
    json!({
        "observedGeneration": generation,
        "conditions": [{
            "type": "Synced", "status": status, "lastTransitionTime": "2026-01-01T00:00:00Z",
            "lastUpdateTime": "2026-01-01T00:00:00Z",
        }],
    })
}

/// The Secret as the controller makes it, with other values laid over its fields.
fn live(stage: &Stage, over: &Value) {
    let owner = json!([{
        "apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "name": "db", "uid": "1", "controller": true,
    }]);
    let mut secret = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "example.com/mine", "immutable": true,
        "metadata": {"name": "db", "namespace": "shop", "ownerReferences": owner},
        "data": {"key.bin": "AAH/", "password": "dHIwdWI0ZG9yLUt4OXY=", "port": "MTIzNA=="},
    });
    for (way, value) in over.as_object().unwrap() {
        secret.pointer_mut(way).unwrap().clone_from(value);
    }
    let place = sealstrap::remote::cluster::ObjectRef {
        api_version: "v1".into(),
        kind: "Secret".into(),
        namespace: Some("shop".into()),
        name: "db".into(),
    };
    stage.sandbox.kubernetes.delete(&place);
    assert!(stage.sandbox.kubernetes.upsert(secret));
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_taken_from_the_secret_that_the_controller_made_and_no_key_is_needed() {
    let stage = sealed().await;
    live(&stage, &json!({}));
    stage.sealstrap(&["external", "migrate", "k8s", "--live"]).await.with_code(0);
    let external = read(&stage, "k8s/db.yaml");
    for part in ["kind: ExternalSecret", "immutable: true", "type: example.com/mine", "# stays"] {
        assert!(external.contains(part), "{part}\n{external}");
    }
    let kept = stage.sandbox.vault.kv("secret", "k8s/db").unwrap();
    assert_eq!((kept["key.bin"].as_str(), kept["password"].as_str()), ("AAH/", "tr0ub4dor-Kx9v"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_that_was_typed_says_where_the_secret_is_and_one_that_stands_twice_is_refused() {
    let stage = sealed().await;
    live(&stage, &json!({}));
    let sealed = read(&stage, "k8s/db.yaml");
    put(&stage, "k8s/again.yaml", &sealed);
    let told = stage.sealstrap(&["external", "migrate", "k8s", "--live"]).await.with_code(2);
    assert!(told.stderr.contains("`shop/db` stands twice in these files"), "{}", told.all());
    std::fs::remove_file(stage.folder().join("k8s/again.yaml")).unwrap();
    let told = stage.sealstrap(&["external", "migrate", "k8s", "--live", "--to", "v1"]).await.with_code(2);
    assert!(told.stderr.contains("`--live` takes values for ExternalSecrets only"), "{}", told.all());
    put(&stage, "k8s/db.yaml", &sealed.replace("\n  namespace: shop\n", "\n"));
    stage.sealstrap(&["external", "migrate", "k8s", "--live", "-n", "shop"]).await.with_code(0);
    assert!(read(&stage, "k8s/db.yaml").contains("kind: ExternalSecret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_may_not_be_what_is_sealed_is_refused() {
    let stage = sealed().await;
    let before = read(&stage, "k8s/db.yaml");
    let words = ["external", "migrate", "k8s", "--live"];
    stage.writes_since();
    for (over, said) in [
        (json!({"/metadata/ownerReferences/0/name": "other"}), "belongs to SealedSecret/other"),
        (json!({"/metadata/ownerReferences": []}), "belongs to nobody"),
        (json!({"/data": {"password": "eA=="}}), "has not just its keys: `key.bin`, `port`"),
    ] {
        live(&stage, &over);
        let told = stage.sealstrap(&words).await.with_code(2);
        assert!(told.stderr.contains(said) && told.stderr.contains("k8s/db.yaml:"), "{said}\n{}", told.all());
    }
    live(&stage, &json!({}));
    put(&stage, "k8s/db.yaml", &before.replacen("password: ", "password: AAAA", 1));
    let told = stage.sealstrap(&words).await.with_code(2);
    assert!(told.stderr.contains("the cluster has another version of `shop/db`"), "{}", told.all());
    put(&stage, "k8s/db.yaml", &before.replace("namespace: shop", "namespace: other"));
    let told = stage.sealstrap(&words).await.with_code(2);
    assert!(told.stderr.contains("there is no Secret `other/db` in the cluster"), "{}", told.all());
    stage.sealstrap(&[&words[..], &["--from-cluster"]].concat()).await.with_code(2);
    assert_eq!(stage.writes_since(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_the_controller_has_not_made_of_just_this_version_is_refused() {
    let stage = sealed().await;
    live(&stage, &json!({}));
    let text = read(&stage, "k8s/db.yaml");
    let objects = sealstrap::yaml::manifests("a.yaml".as_ref(), &text).unwrap();
    let object = objects.into_iter().find(|object| object["kind"] == "SealedSecret").unwrap();
    let words = ["external", "migrate", "k8s", "--live"];
    stage.writes_since();
    for (status, said) in [
        (synced("False", 1), "the controller does not say that it has unsealed this `shop/db`"),
        (synced("Unknown", 1), "the controller does not say that it has unsealed this `shop/db`"),
        (synced("True", 7), "the controller does not say that it has unsealed this `shop/db`"),
    ] {
        let mut object = object.clone();
        object["status"] = status;
        assert!(stage.sandbox.kubernetes.upsert(object));
        let told = stage.sealstrap(&words).await.with_code(2);
        assert!(told.stderr.contains(said), "{said}\n{}", told.all());
    }
    let mut object = object.clone();
    object["spec"]["template"]["data"] = json!({"port": "{{ .password }}"});
    object["status"] = synced("True", 2);
    assert!(stage.sandbox.kubernetes.upsert(object));
    let told = stage.sealstrap(&words).await.with_code(2);
    assert!(told.stderr.contains("the cluster has another version of `shop/db`"), "{}", told.all());
    assert_eq!(stage.writes_since(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_sops_has_encrypted_is_no_value() {
    let stage = Stage::start().await;
    let value = "ENC[AES256_GCM,data:a,iv:b,tag:c,type:str]";
    let item = format!(
        "  - apiVersion: v1\n    kind: Secret\n    metadata: {{name: db, namespace: shop}}\n    stringData:\n      password: {value}\n"
    );
    let list = format!("apiVersion: v1\nkind: List\nitems:\n{item}");
    for (text, said) in [
        (list.clone(), "the value of `password` is encrypted by SOPS"),
        (format!("{list}sops: {{version: 3.9.0}}\n"), "this List is encrypted by SOPS"),
    ] {
        put(&stage, "db.yaml", &text);
        let told = stage.sealstrap(&["external", "migrate", "db.yaml"]).await.with_code(2);
        assert!(told.stderr.contains(said), "{said}\n{}", told.all());
        assert_eq!(read(&stage, "db.yaml"), text);
    }
    assert_eq!(stage.writes_since(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_of_a_kustomization_is_that_of_the_secret() {
    let stage = Stage::start().await;
    put(&stage, "home.pem", CERTIFICATE);
    put(&stage, "home.key", KEY);
    put(&stage, "k8s/db.yaml", &DB.replace("  namespace: shop\n", ""));
    put(&stage, "k8s/kustomization.yaml", "namespace: shop\nresources: [db.yaml]\n");
    let path = ["--path", "{prefix}/{namespace}/{name}"];
    stage.sealstrap(&[&["external", "migrate", "k8s"][..], &path].concat()).await.with_code(0);
    let external = read(&stage, "k8s/db.yaml");
    assert!(external.contains("namespace: shop") && external.contains("key: k8s/shop/db"), "{external}");
    put(&stage, "k8s/db.yaml", &external.replacen("\n  namespace: shop\n", "\n", 1));
    let to_sealed = ["external", "migrate", "k8s", "--to", "sealed", "--cert", "home.pem"];
    stage.sealstrap(&to_sealed).await.with_code(0);
    stage.sealstrap(&["verify", "k8s", "--private-key", "home.key"]).await.with_code(0);
    put(&stage, "k8s/db.yaml", &read(&stage, "k8s/db.yaml").replacen("\n  namespace: shop\n", "\n", 1));
    let back = ["external", "migrate", "k8s", "--private-key", "home.key"];
    stage.sealstrap(&[&back[..], &path].concat()).await.with_code(0);
    assert!(read(&stage, "k8s/db.yaml").contains("key: k8s/shop/db"), "{}", read(&stage, "k8s/db.yaml"));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn the_real_controllers_secret_gives_its_values() {
    let mut scene = super::on_the_rig::Scene::start().await;
    scene.rig.start_sealed_secrets().await;
    let certificate = scene.run(&["cert", "fetch"]).await;
    scene.put("home.pem", &certificate);
    scene.put("in.yaml", &DB.replace("kind: Secret\n", "kind: Secret\nimmutable: true\n"));
    scene.run(&["seal", "in.yaml", "--cert", "home.pem", "--out", "db.yaml"]).await;
    let text = std::fs::read_to_string(scene.repository.folder.join("db.yaml")).unwrap();
    let sealed = sealstrap::yaml::manifests("db.yaml".as_ref(), &text).unwrap();
    let sealed = sealed.into_iter().find(|object| object["kind"] == "SealedSecret").unwrap();
    let at = "/apis/bitnami.com/v1alpha1/namespaces/shop/sealedsecrets/db";
    scene.rig.kubernetes.apply(at, sealed.to_string()).await;
    let synced = |found: &Value| crate::rig::kubernetes::condition(found, "Synced");
    scene.rig.kubernetes.wait_for(at, synced).await;
    scene.run(&["external", "migrate", "db.yaml", "--live"]).await;
    let text = std::fs::read_to_string(scene.repository.folder.join("db.yaml")).unwrap();
    assert!(text.contains("kind: ExternalSecret") && text.contains("immutable: true"), "{text}");
    let kept = scene.rig.vault.request("GET", "secret/data/k8s/db", None).await;
    let wanted = json!({"key.bin": "AAH/", "password": "tr0ub4dor-Kx9v", "port": "1234"});
    assert_eq!(kept["data"]["data"], wanted);
}
