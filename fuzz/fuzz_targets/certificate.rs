//! Any bytes as a certificate and as a backup of keys, in PEM and in DER: no panic; what is taken can be used.

#![no_main]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use rand_core::OsRng;
use sealstrap::plain::Plain;
use sealstrap::seal::{Certificate, Label, PrivateKeys, Recipient, Scope, envelope};

const LABELS: [&str; 4] = ["CERTIFICATE", "PUBLIC KEY", "PRIVATE KEY", "RSA PRIVATE KEY"];

fn seal(recipient: &Recipient) -> Vec<u8> {
    let label = Label::new(Scope::ClusterWide, "", "");
    let sealed =
        envelope::seal(recipient, &label, &Plain::from("value".to_owned()), &mut OsRng).expect("sealed");
    assert_eq!(sealed.len(), envelope::overhead(recipient.size()) + 5);
    sealed
}

fn take(text: &[u8]) {
    for certificate in Certificate::chain(text).into_iter().flatten() {
        seal(&certificate.recipient);
    }
    let first = Certificate::from_pem(text);
    if let Ok(certificate) = Certificate::from_pem_or_key(text) {
        seal(&certificate.recipient);
        assert_eq!(first.is_ok(), certificate.not_after.is_some() || certificate.not_before.is_some());
    } else {
        assert!(first.is_err());
    }
    let mut keys = PrivateKeys::new();
    if keys.add("backup".as_ref(), &Plain::new(text.to_vec())).is_ok() {
        assert!(!keys.is_empty());
    }
    let label = Label::new(Scope::ClusterWide, "", "");
    for key in keys.iter() {
        let sealed = seal(key.recipient());
        // A private operation with 8192 bits takes half a minute under a sanitizer.
        if key.recipient().size() <= 256 {
            // Numbers that make no key may have been taken for one; then nothing opens.
            drop(envelope::unseal(&keys, &label, &sealed, &mut OsRng));
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    take(bytes);
    if !bytes.starts_with(b"-----BEGIN") {
        let body = STANDARD.encode(bytes);
        for label in LABELS {
            take(format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n").as_bytes());
        }
    }
});
