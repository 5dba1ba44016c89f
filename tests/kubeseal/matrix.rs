//! All scopes, sizes of keys and kinds of values, between ours, the real kubeseal and the real controller.

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::rig::{Rig, bin};
use crate::scene::ours;
use crate::with_the_controller::{program, run, succeeded, without_nulls};

const KEYS: [(&str, &str, &str); 3] = [
    ("2048", include_str!("../seal/certificate.pem"), include_str!("../seal/certificate.key")),
    ("3072", include_str!("../seal/3072.pem"), include_str!("../seal/3072.key")),
    ("4096", include_str!("../seal/4096.pem"), include_str!("../seal/4096.key")),
];
const SCOPES: [&str; 3] = ["strict", "namespace-wide", "cluster-wide"];

/// The values of two Secrets, as one may hold a mebibyte at most.
fn values() -> [(&'static str, Value); 2] {
    let large: Vec<u8> = (0..1_u32 << 20).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    let data = |values: &[(&str, &[u8])]| {
        let encoded = values.iter().map(|(key, value)| ((*key).to_owned(), STANDARD.encode(value).into()));
        Value::Object(encoded.collect::<Map<_, _>>())
    };
    [
        (
            "small",
            data(&[("empty", b""), ("text", "öffne dich\n".as_bytes()), ("binary", &[0, 0xff, 10, 13])]),
        ),
        ("large", data(&[("mebibyte", &large)])),
    ]
}

/// A scope, a key and a Secret.
struct Cell {
    scope: &'static str,
    size: &'static str,
    name: String,
    data: Value,
}

fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for scope in SCOPES {
        for (size, ..) in KEYS {
            for (values, data) in values() {
                cells.push(Cell { scope, size, name: format!("{scope}-{size}-{values}"), data });
            }
        }
    }
    cells
}

impl Cell {
    /// Sealed by a program with the certificate that lies in its folder.
    fn sealed_by(&self, command: Command) -> String {
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "data": self.data,
            "metadata": {"name": self.name, "namespace": "default"},
        });
        let certificate = format!("{}.pem", self.size);
        let arguments = ["--cert", &certificate, "--scope", self.scope];
        succeeded(&run(command, &arguments, &secret.to_string()))
    }

    /// Whether a Secret holds the values.
    fn is_in(&self, secret: &Value) -> bool {
        let mut data = secret["data"].clone();
        without_nulls(&mut data);
        data == self.data
    }
}

/// Keys and certificates, named by their sizes.
fn lay_out(folder: &Path) {
    for (size, certificate, key) in KEYS {
        std::fs::write(folder.join(format!("{size}.pem")), certificate).unwrap();
        std::fs::write(folder.join(format!("{size}.key")), key).unwrap();
    }
}

#[test]
#[ignore = "needs the rig: tests/rig/build"]
fn either_opens_what_either_seals_whatever_scope_key_and_value() {
    let folder = tempfile::tempdir().unwrap();
    lay_out(folder.path());
    let programs = [ours(), bin("kubeseal")];
    let start = |file: &Path| {
        let mut command = Command::new(file);
        command.env_clear().env("HOME", folder.path()).current_dir(folder.path());
        command
    };
    for cell in cells() {
        for sealer in &programs {
            let sealed = cell.sealed_by(start(sealer));
            for opener in &programs {
                let key = format!("{}.key", cell.size);
                let recover = ["--recovery-unseal", "--recovery-private-key", &key];
                let opened = succeeded(&run(start(opener), &recover, &sealed));
                let opened: Value = serde_json::from_str(&opened).unwrap();
                assert!(cell.is_in(&opened), "{}: {sealer:?}, {opener:?}", cell.name);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn the_controller_opens_ours_whatever_scope_key_and_value() {
    let mut rig = Rig::start().await;
    lay_out(rig.dir());
    for (size, certificate, key) in KEYS {
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
            "metadata": {
                "name": format!("key-{size}"), "namespace": "kube-system",
                "labels": {"sealedsecrets.bitnami.com/sealed-secrets-key": "active"},
            },
            "data": {"tls.crt": STANDARD.encode(certificate), "tls.key": STANDARD.encode(key)},
        });
        let path = format!("/api/v1/namespaces/kube-system/secrets/key-{size}");
        rig.kubernetes.apply(&path, secret.to_string()).await;
    }
    rig.start_sealed_secrets().await;
    let ours = ours();
    for cell in cells() {
        let sealed = cell.sealed_by(program(&rig, &ours));
        let path = format!("/apis/bitnami.com/v1alpha1/namespaces/default/sealedsecrets/{}", cell.name);
        rig.kubernetes.apply(&path, sealed).await;
        let path = format!("/api/v1/namespaces/default/secrets/{}", cell.name);
        let opened = rig.kubernetes.wait_for(&path, |found| found["data"].is_object()).await;
        assert!(cell.is_in(&opened), "{}", cell.name);
    }
}
