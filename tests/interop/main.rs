//! Sealed values between this implementation and three others: kubesealpy (Python), aes-gcm-rsa-oaep (JavaScript),
//! and OpenSSL for C alone.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails where something is missing, and looks at what was sealed"
)]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use aes_gcm::aead::Aead;
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand_core::OsRng;
use rsa::RsaPrivateKey;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey};
use sealstrap::plain::Plain;
use sealstrap::seal::{Certificate, Label, PrivateKeys, Scope, envelope};
use serde_json::{Value, json};
use tempfile::TempDir;

const KEYS: [(&[u8], &str); 3] = [
    (include_bytes!("../seal/certificate.pem"), include_str!("../seal/certificate.key")),
    (include_bytes!("../seal/3072.pem"), include_str!("../seal/3072.key")),
    (include_bytes!("../seal/4096.pem"), include_str!("../seal/4096.key")),
];
const SCOPES: [Scope; 3] = [Scope::Strict, Scope::NamespaceWide, Scope::ClusterWide];
const NAMESPACE: &str = "shop";
const NAME: &str = "db";

/// A value, sealed by us.
struct Case {
    key: &'static str,
    scope: Scope,
    value: Vec<u8>,
    sealed: Vec<u8>,
}

fn values() -> [Vec<u8>; 4] {
    let large = (0..1_u32 << 20).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    [vec![], "öffne dich\n".into(), vec![0, 0xff, 0xfe, 10, 13], large]
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (certificate, key) in KEYS {
        let recipient = Certificate::from_pem(certificate).unwrap().recipient;
        for scope in SCOPES {
            for value in values() {
                let label = Label::new(scope, NAMESPACE, NAME);
                let plain = Plain::new(value.clone());
                let sealed = envelope::seal(&recipient, &label, &plain, &mut OsRng).unwrap();
                cases.push(Case { key, scope, value, sealed });
            }
        }
    }
    cases
}

impl Case {
    fn label(&self) -> Label {
        Label::new(self.scope, NAMESPACE, NAME)
    }

    /// What another implementation is told: keys in the forms that all of them read.
    fn told(&self) -> String {
        let key = RsaPrivateKey::from_pkcs8_pem(self.key)
            .unwrap_or_else(|_| RsaPrivateKey::from_pkcs1_pem(self.key).unwrap());
        json!({
            "private": STANDARD.encode(key.to_pkcs8_der().unwrap().as_bytes()),
            "public": STANDARD.encode(key.to_public_key().to_public_key_der().unwrap().as_bytes()),
            "label": self.label().text(),
            "value": STANDARD.encode(&self.value),
            "sealed": STANDARD.encode(&self.sealed),
        })
        .to_string()
    }

    /// Holds an answer against the case: they opened ours, and we open theirs.
    fn check(&self, answer: &Value) {
        let bytes = |key: &str| STANDARD.decode(answer[key].as_str().unwrap()).unwrap();
        let context = format!("{} {} bytes", self.scope, self.value.len());
        assert!(bytes("opened") == self.value, "{context}: opened by them");
        let mut keys = PrivateKeys::new();
        keys.add("key".as_ref(), &Plain::from(self.key.to_owned())).unwrap();
        let opened = envelope::unseal(&keys, &self.label(), &bytes("sealed"), &mut OsRng).unwrap();
        assert!(opened.same_as(&Plain::new(self.value.clone())), "{context}: sealed by them");
    }
}

/// Runs a program on cases, one a line, and holds its answers against them.
fn exchange(command: &mut Command, cases: &[&Case]) {
    let input = tempfile::NamedTempFile::new().unwrap();
    for case in cases {
        writeln!(input.as_file(), "{}", case.told()).unwrap();
    }
    command.stdin(std::fs::File::open(input.path()).unwrap());
    let answers = succeeded(command);
    let answers: Vec<Value> =
        answers.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
    assert_eq!(answers.len(), cases.len());
    cases.iter().zip(&answers).for_each(|(case, answer)| case.check(answer));
}

fn succeeded(command: &mut Command) -> Vec<u8> {
    let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn script(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop").join(name)
}

#[test]
#[ignore = "needs pip"]
fn kubesealpy_opens_ours_and_we_open_what_it_seals() {
    let folder = TempDir::new().unwrap();
    let mut install = Command::new("python3");
    install.args(["-m", "pip", "install", "--quiet", "--target"]).arg(folder.path());
    succeeded(install.arg("kubesealpy==1.0.1"));
    let all = cases();
    let mut python = Command::new("python3");
    python.arg(script("exchange.py")).arg(folder.path());
    exchange(&mut python, &all.iter().collect::<Vec<_>>());
}

#[test]
#[ignore = "needs npm"]
fn the_javascript_library_opens_our_texts_and_we_open_what_it_seals() {
    let folder = TempDir::new().unwrap();
    let mut install = Command::new("npm");
    install.args(["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]);
    succeeded(install.arg(folder.path()).arg("@socialgouv/aes-gcm-rsa-oaep@1.1.4"));
    let all = cases();
    // It takes values for text.
    let texts: Vec<_> = all.iter().filter(|case| std::str::from_utf8(&case.value).is_ok()).collect();
    assert_eq!(texts.len(), 18);
    let mut node = Command::new("node");
    node.arg(script("exchange.js")).env("NODE_PATH", folder.path().join("node_modules"));
    exchange(&mut node, &texts);
}

#[test]
#[ignore = "needs openssl"]
fn openssl_opens_our_session_keys() {
    let folder = TempDir::new().unwrap();
    for case in cases() {
        let (encrypted, body) = envelope::parts(&case.sealed).unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let mut openssl = Command::new("openssl");
        openssl.args(["pkeyutl", "-decrypt", "-inkey"]).arg(file("key", case.key.as_bytes()));
        openssl.arg("-in").arg(file("c", encrypted));
        for option in ["rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"] {
            openssl.args(["-pkeyopt", option]);
        }
        let label = case.label();
        if !label.text().is_empty() {
            let hex = base16ct::lower::encode_string(label.text().as_bytes());
            openssl.args(["-pkeyopt", &format!("rsa_oaep_label:{hex}")]);
        }
        let key = succeeded(&mut openssl);
        let opened = Aes256Gcm::new_from_slice(&key).unwrap().decrypt(&Nonce::default(), body).unwrap();
        assert!(opened == case.value, "{} {} bytes", case.scope, case.value.len());
    }
}
