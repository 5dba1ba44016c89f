//! Ours and the real kubeseal in front of the real controller.

use std::process::{Command, Output, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::rig::{Rig, bin};
use crate::scene::ours;

/// Values of every kind.
fn values() -> Vec<(&'static str, Vec<u8>)> {
    let large: Vec<u8> = (0..1 << 19).map(|at: u32| at.to_le_bytes()[0] ^ at.to_le_bytes()[1]).collect();
    vec![
        ("empty", vec![]),
        ("text", b"open sesame\n".to_vec()),
        ("binary", vec![0, 0xff, 0xfe, 10, 13]),
        ("large", large),
    ]
}

fn secret(name: &str) -> Value {
    let data: Value = values()
        .into_iter()
        .map(|(key, value)| (key.to_owned(), STANDARD.encode(value).into()))
        .collect::<serde_json::Map<_, _>>()
        .into();
    json!({
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "data": data,
        "metadata": {"name": name, "namespace": "default", "labels": {"of": "template"}, "annotations": {"note": "template"}},
    })
}

pub(crate) fn run(mut command: Command, arguments: &[&str], input: &str) -> Output {
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, input.as_bytes()).unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

pub(crate) fn succeeded(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Values of an unsealed Secret, of which kubeseal writes an empty one as null.
pub(crate) fn without_nulls(data: &mut Value) {
    let values = data.as_object_mut().into_iter().flat_map(serde_json::Map::values_mut);
    values.filter(|value| value.is_null()).for_each(|value| *value = "".into());
}

/// Either of the two, reaching the cluster.
pub(crate) fn program(rig: &Rig, file: &std::path::Path) -> Command {
    let mut command = Command::new(file);
    command
        .env_clear()
        .env("KUBECONFIG", &rig.kubernetes.kubeconfig)
        .env("HOME", rig.dir())
        .current_dir(rig.dir());
    command
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn what_either_seals_the_controller_unseals() {
    let mut rig = Rig::start().await;
    rig.start_sealed_secrets().await;
    let (ours, theirs) = (ours(), bin("kubeseal"));
    let certificates: Vec<String> =
        [&ours, &theirs].map(|file| succeeded(&run(program(&rig, file), &["--fetch-cert"], ""))).into();
    assert_eq!(certificates[0], certificates[1]);
    for scope in ["strict", "namespace-wide", "cluster-wide"] {
        let name = format!("ours-{scope}");
        let sealed = succeeded(&run(program(&rig, &ours), &["--scope", scope], &secret(&name).to_string()));
        for file in [&ours, &theirs] {
            succeeded(&run(program(&rig, file), &["--validate"], &sealed));
        }
        let elsewhere = sealed.replace(&name, "elsewhere").replace("\"default\"", "\"kube-public\"");
        let codes = [&ours, &theirs].map(|file| {
            let ended = run(program(&rig, file), &["--validate"], &elsewhere);
            (ended.status.code(), String::from_utf8(ended.stderr).unwrap().lines().next().map(str::to_owned))
        });
        assert_eq!(codes[0], codes[1], "{scope}");
        rig.kubernetes
            .apply(&format!("/apis/bitnami.com/v1alpha1/namespaces/default/sealedsecrets/{name}"), sealed)
            .await;
        let path = format!("/api/v1/namespaces/default/secrets/{name}");
        let opened = rig.kubernetes.wait_for(&path, |found| found["data"].is_object()).await;
        for (key, value) in values() {
            assert_eq!(
                STANDARD.decode(opened["data"][key].as_str().unwrap()).unwrap(),
                value,
                "{scope} {key}"
            );
        }
        assert_eq!(opened["metadata"]["labels"]["of"], "template");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn sealed_anew_by_the_controller_nothing_is_lost_and_keys_open_it() {
    let mut rig = Rig::start().await;
    rig.start_sealed_secrets().await;
    let (ours, theirs) = (ours(), bin("kubeseal"));
    let sealed = succeeded(&run(program(&rig, &theirs), &[], &secret("kept").to_string()));
    let anew = succeeded(&run(program(&rig, &ours), &["--re-encrypt"], &sealed));
    let (before, after): (Value, Value) =
        (serde_json::from_str(&sealed).unwrap(), serde_json::from_str(&anew).unwrap());
    assert_eq!(before["metadata"], after["metadata"]);
    assert_eq!(before["spec"]["template"], after["spec"]["template"]);
    assert_ne!(before["spec"]["encryptedData"], after["spec"]["encryptedData"]);
    succeeded(&run(program(&rig, &theirs), &["--validate"], &anew));

    let label = "labelSelector=sealedsecrets.bitnami.com/sealed-secrets-key";
    let keys = rig.kubernetes.get(&format!("/api/v1/namespaces/kube-system/secrets?{label}")).await;
    let items = keys["items"].as_array().unwrap().iter().map(|item| {
        let mut item = item.clone();
        (item["apiVersion"], item["kind"]) = ("v1".into(), "Secret".into());
        item
    });
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items.collect::<Vec<_>>()});
    std::fs::write(rig.dir().join("keys.json"), list.to_string()).unwrap();
    let recover = ["--recovery-unseal", "--recovery-private-key", "keys.json"];
    let opened = [&ours, &theirs].map(|file| {
        let text = succeeded(&run(program(&rig, file), &recover, &anew));
        let mut value: Value = serde_json::from_str(&text).unwrap();
        value["metadata"].as_object_mut().unwrap().remove("ownerReferences");
        without_nulls(&mut value["data"]);
        value
    });
    assert_eq!(opened[0], opened[1]);
    assert_eq!(opened[0]["data"], secret("kept")["data"]);
}
