//! Certificates, key backups, Secrets and SealedSecrets: what is read, what is refused, what is written.

mod sealed_secret;

use std::path::Path;

use jiff::Timestamp;
use proptest::prelude::*;
use rand_core::OsRng;

use super::*;
use crate::plain::Plain;
use crate::yaml;

const CERTIFICATE: &str = include_str!("../../tests/seal/certificate.pem");
const KEY: &str = include_str!("../../tests/seal/certificate.key");

fn recipient() -> Recipient {
    Certificate::from_pem(CERTIFICATE.as_bytes()).unwrap().recipient
}

fn keys() -> PrivateKeys {
    let mut keys = PrivateKeys::new();
    keys.add(Path::new("key"), &Plain::from(KEY.to_owned())).unwrap();
    keys
}

fn documents(text: &str) -> Vec<yaml::Document> {
    yaml::each(Path::new("a.yaml"), text).unwrap()
}

fn read(text: &str) -> Result<Secret, Error> {
    Secret::read(documents(text).remove(0))
}

fn secret(rest: &str) -> Secret {
    read(&format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: a, namespace: b}}\n{rest}\n")).unwrap()
}

fn sealed(text: &str) -> SealedSecret {
    SealedSecret::read(documents(text).remove(0)).unwrap()
}

fn same(value: &Plain, text: &str) -> bool {
    value.same_as(&Plain::from(text.to_owned()))
}

#[test]
fn a_certificate_is_found_between_other_things() {
    let junk = format!(
        "Bag Attributes\n-----BEGIN X-----\n!!\n-----END X-----\n-----BEGIN CERTIFICATE-----\n\n{CERTIFICATE}trailing"
    );
    let first = Certificate::from_pem(junk.as_bytes()).unwrap();
    assert_eq!(first.sha256, Certificate::from_pem(CERTIFICATE.as_bytes()).unwrap().sha256);
    let crlf = CERTIFICATE.replace('\n', "\r\n");
    assert!(Certificate::from_pem(crlf.as_bytes()).is_ok());
    let chain = format!("{CERTIFICATE}{}", include_str!("../../tests/seal/4096.pem"));
    assert_eq!(Certificate::from_pem(chain.as_bytes()).unwrap().recipient.size(), 256);
    assert_eq!(Certificate::chain(chain.as_bytes()).unwrap().len(), 2);
    let odd = format!("{CERTIFICATE}{}", include_str!("../../tests/seal/ec.pem"));
    assert_eq!(Certificate::from_pem(odd.as_bytes()).unwrap().recipient.size(), 256);
    assert!(matches!(Certificate::chain(odd.as_bytes()).unwrap_err(), Error::NotRsa(_)));
}

#[test]
fn what_is_no_certificate_to_seal_with_is_refused() {
    let public = include_str!("../../tests/seal/public.pem");
    for none in ["", "junk", public, KEY, &CERTIFICATE[..300], "\u{0}"] {
        assert_eq!(Certificate::from_pem(none.as_bytes()).unwrap_err(), Error::NoCertificate, "{none}");
    }
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert!(matches!(Certificate::from_pem(broken.as_bytes()).unwrap_err(), Error::BrokenCertificate(_)));
    let ec = Certificate::from_pem(include_bytes!("../../tests/seal/ec.pem")).unwrap_err();
    assert_eq!(ec.to_string(), "expected RSA public key but found an ECDSA key");
    let small = Certificate::from_pem(include_bytes!("../../tests/seal/1024.pem")).unwrap_err();
    assert_eq!(small, Error::KeySize { bits: 1024 });
}

#[test]
fn a_bare_public_key_is_taken_where_that_is_asked_for() {
    let bare = Certificate::from_pem_or_key(include_bytes!("../../tests/seal/public.pem")).unwrap();
    assert_eq!(bare.recipient.fingerprint(), recipient().fingerprint());
    assert_eq!(bare.not_after, None);
    assert!(Certificate::from_pem_or_key(CERTIFICATE.as_bytes()).unwrap().not_after.is_some());
    assert_eq!(Certificate::from_pem_or_key(b"junk").unwrap_err(), Error::NoCertificate);
}

#[test]
fn a_certificate_is_of_use_between_its_days() {
    let mut made = Certificate::from_pem(CERTIFICATE.as_bytes()).unwrap();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    made.not_before = Some(at("2026-01-02T03:04:05Z"));
    made.not_after = Some(at("2026-11-09T23:59:59Z"));
    assert!(made.check(at("2026-06-01T00:00:00Z")).is_ok());
    let late = made.check(at("2026-11-10T00:00:00Z")).unwrap_err();
    assert_eq!(late.to_string(), "failed to encrypt using an expired certificate on November 9, 2026");
    assert_eq!(made.check_end(at("2025-01-01T00:00:00Z")), Ok(()));
    let early = made.check(at("2025-01-01T00:00:00Z")).unwrap_err();
    assert_eq!(early.to_string(), "the certificate is not valid before January 2, 2026");
}

#[test]
fn a_certificate_made_by_another_library_is_read() {
    // rcgen makes no RSA keys on ring, so this is one that must be refused by its kind.
    let key = rcgen::KeyPair::generate().unwrap();
    let made = rcgen::CertificateParams::new(vec!["a".into()]).unwrap().self_signed(&key).unwrap();
    assert!(matches!(Certificate::from_pem(made.pem().as_bytes()).unwrap_err(), Error::NotRsa(_)));
}

fn indented(pem: &str) -> String {
    pem.lines().flat_map(|line| ["    ", line, "\n"]).collect()
}

#[test]
fn keys_are_read_from_pem_secrets_and_lists() {
    let in_secret = format!(
        "apiVersion: v1\nkind: Secret\nmetadata: {{name: k}}\nstringData:\n  tls.key: |\n{}",
        indented(KEY)
    );
    let other = include_str!("../../tests/seal/3072.key");
    let list = format!(
        "apiVersion: v1\nkind: List\nitems:\n- {{apiVersion: v1, kind: Secret, metadata: {{name: k}}, data: {{tls.key: {}}}}}\n",
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, other)
    );
    // As a client in Go writes it: neither the list nor its items say what they are.
    let bare = format!(
        "{{\"metadata\":{{\"resourceVersion\":\"7\"}},\"items\":[{{\"metadata\":{{\"name\":\"k\"}},\"data\":{{\"tls.key\":\"{}\"}}}}]}}",
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, other)
    );
    let both = format!("{KEY}\n{other}");
    let documents = format!("{in_secret}---\n{in_secret}");
    for (backup, count) in [(KEY, 1), (&in_secret, 1), (&list, 1), (&bare, 1), (&both, 2), (&documents, 1)] {
        let mut keys = PrivateKeys::new();
        keys.add(Path::new("k"), &Plain::from(backup.to_owned())).unwrap();
        assert_eq!(keys.iter().count(), count);
    }
    assert!(
        keys().iter().next().is_some_and(|key| key.recipient().fingerprint() == recipient().fingerprint())
    );
}

#[test]
fn what_holds_no_key_is_refused_without_showing_it() {
    let add = |text: &str| PrivateKeys::new().add(Path::new("k"), &Plain::from(text.to_owned())).unwrap_err();
    for none in ["", "canary", "a: [", CERTIFICATE, "apiVersion: v1\nkind: ConfigMap\n"] {
        assert_eq!(add(none), Error::NoPrivateKey("k".into()), "{none}");
    }
    assert_eq!(add("apiVersion: v1\nkind: Secret\nstringData: {a: b}\n"), Error::NoKeyInSecret);
    let wrapped = |label: &str| format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
    for label in ["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"] {
        assert!(matches!(add(&wrapped(label)), Error::BrokenPrivateKey { .. }), "{label}");
    }
    let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: x\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
    assert!(add(old).to_string().ends_with("it is encrypted"));
}

#[test]
fn a_secret_is_read_with_its_texts_as_written() {
    let found = secret(
        "data: {a: YmFy, b: null, c: \"\"}\nstringData: {a: over, port: 5432, \"on\": \"yes\", t: true, e: }\ntype: Opaque\nimmutable: false",
    );
    assert!(same(&found.items["a"], "over"));
    assert!(same(&found.items["port"], "5432"));
    assert!(same(&found.items["t"], "true"));
    for empty in ["b", "c", "e"] {
        assert!(found.items[empty].is_empty());
    }
    assert_eq!((found.kind.as_deref(), found.immutable), (Some("Opaque"), Some(false)));
}

#[test]
fn what_yaml_would_change_is_refused_with_its_line_and_without_its_value() {
    for scalar in ["yes", "off", "0123", "1.10", "1e3", "0x1f", "1_000", "True", "12345678901234567890123"] {
        let error =
            read(&format!("apiVersion: v1\nkind: Secret\nstringData:\n  canary: ok\n  key: {scalar}\n"))
                .unwrap_err();
        assert!(
            error.to_string().starts_with("a.yaml:5: what is written as `stringData.key`"),
            "{scalar}: {error}"
        );
        assert!(!error.to_string().contains(scalar), "{error}");
        assert_eq!(error.hint().as_deref(), Some("put it in quotes"));
    }
}

#[test]
fn what_is_no_secret_is_refused() {
    for (text, complaint) in [
        ("apiVersion: v1\nkind: ConfigMap\ndata: {a: YmFy}\n", "this is a ConfigMap of `v1`, not a Secret"),
        ("apiVersion: x/v1\nkind: Secret\n", "this is a Secret of `x/v1`, not a Secret"),
        ("- a\n", "no mapping at all"),
        ("kind: Secret\nstringdata: {a: b}\n", "a Secret has no field `stringdata`"),
        ("kind: Secret\ndata: {a: \"!\"}\n", "`data.a` is not base64"),
        ("kind: Secret\ndata: {a: YmE}\n", "`data.a` is not base64"),
        ("kind: Secret\ndata: {a: 1234}\n", "`data.a` must be a text in base64"),
        ("kind: Secret\ndata: [a]\n", "`data` must be a mapping"),
        ("kind: Secret\nstringData: {a: [b]}\n", "`stringData.a` must be a text"),
        ("{\"kind\": \"Secret\", \"stringData\": {\"a\": 1.0}}", "`stringData.a` must be a text"),
        ("kind: Secret\nmetadata: {labels: [a]}\n", "`metadata.labels` must be a mapping"),
        ("kind: Secret\nimmutable: maybe\n", "`immutable` must be true or false"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(complaint), "{error}");
    }
}

#[test]
fn what_leaks_or_belongs_to_the_server_is_not_sealed_along() {
    let live = read(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\n  namespace: b\n  uid: u\n  resourceVersion: '1'\n  creationTimestamp: null\n  \
         generateName: g-\n  finalizers: [f/g]\n  ownerReferences: [{name: x}]\n  managedFields: [{manager: m}]\n  labels: {l: '<&>'}\n  annotations:\n    \
         kubectl.kubernetes.io/last-applied-configuration: canary\n    keep: me\nstringData: {k: v}\n",
    )
    .unwrap();
    let json = SealedSecret::seal(&live, Scope::Strict, &recipient(), &mut OsRng).unwrap().to_json();
    for gone in ["canary", "uid", "resourceVersion", "creationTimestamp", "ownerReferences", "managedFields"]
    {
        assert!(!json.contains(gone), "{gone}");
    }
    let head = "{\n  \"kind\": \"SealedSecret\",\n  \"apiVersion\": \"bitnami.com/v1alpha1\",\n  \"metadata\": {\n    \"name\": \"a\",\n    \
                \"namespace\": \"b\"\n  },\n  \"spec\": {\n    \"template\": {\n      \"metadata\": {\n        \"name\": \"a\",\n        \
                \"generateName\": \"g-\",\n        \"namespace\": \"b\",\n        \"labels\": {\n          \"l\": \"\\u003c\\u0026\\u003e\"\n        },\n        \
                \"annotations\": {\n          \"keep\": \"me\"\n        },\n        \"finalizers\": [\n          \"f/g\"\n        ]\n      }\n    },\n    \
                \"encryptedData\": {\n      \"k\": \"";
    assert!(json.starts_with(head), "{json}");
    assert!(json.ends_with("\"\n    }\n  }\n}\n"), "{json}");
}
