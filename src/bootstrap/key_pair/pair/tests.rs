//! Key pairs against ssh-keygen's and Go's forms.

use rand_core::OsRng;

use super::KeyPair;
use crate::plain::Plain;
use crate::settings::KeyAlgorithm;

fn plain(text: &str) -> Plain {
    Plain::from(text.to_owned())
}

#[expect(clippy::disallowed_methods, reason = "a test looks at the text of a key that it made itself")]
fn text(key: KeyPair) -> String {
    key.private().expose_text().unwrap().to_string()
}

/// Joins a PEM block, so that no private-key header stands in this file.
fn block(label: &str, base64: &str) -> Plain {
    plain(&format!("-----BEGIN {label}-----\n{base64}\n-----END {label}-----\n"))
}

#[test]
fn every_kind_of_key_reads_back_with_the_same_public_half() {
    for (algorithm, kind) in [
        (KeyAlgorithm::Ed25519, "ssh-ed25519 "),
        (KeyAlgorithm::EcdsaP256, "ecdsa-sha2-nistp256 "),
        (KeyAlgorithm::EcdsaP384, "ecdsa-sha2-nistp384 "),
        (KeyAlgorithm::EcdsaP521, "ecdsa-sha2-nistp521 "),
        (KeyAlgorithm::Rsa2048, "ssh-rsa "),
    ] {
        let made = KeyPair::generate(algorithm, "sealstrap home", &mut OsRng).unwrap();
        let line = made.public_line();
        assert!(line.starts_with(kind) && line.ends_with(" sealstrap home"), "{line}");
        let text = text(made);
        assert!(text.starts_with("-----BEGIN OPENSSH") && text.ends_with("-----\n"));
        assert_eq!(KeyPair::parse(&plain(&text)).unwrap().public_line(), line);
        assert_eq!(KeyPair::parse(&plain(text.trim_end())).unwrap().public_line(), line);
        assert_eq!(KeyPair::parse(&plain(&text.replace('\n', "\r\n"))).unwrap().public_line(), line);
    }
}

#[test]
fn two_keys_are_never_the_same() {
    let make = || KeyPair::generate(KeyAlgorithm::Ed25519, "", &mut OsRng).unwrap().public_line();
    let (one, other) = (make(), make());
    assert!(!KeyPair::same_public(&one, &other));
    assert!(KeyPair::same_public(&one, &format!("{one} a comment\n")));
    assert!(!KeyPair::same_public("", ""));
}

/// RFC 8032 §7.1, test 1: the seed, and the public key that follows from it.
#[test]
fn a_key_of_the_rfc_in_pkcs8_has_the_public_half_of_the_rfc() {
    let key = block("PRIVATE KEY", "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g");
    let public = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";
    assert_eq!(KeyPair::parse(&key).unwrap().public_line(), public);
}

#[test]
fn what_is_no_usable_key_is_said_to_be_so() {
    for (value, reason) in [
        (plain("hello"), "not a private key"),
        (Plain::new(vec![0xff, 0xfe]), "not text"),
        (block("CERTIFICATE", "AAAA"), "not a private key"),
        (block("OPENSSH PRIVATE KEY", "AAAA"), "cannot be read"),
        (block("PRIVATE KEY", "AAAA"), "cannot be read"),
        (block("ENCRYPTED PRIVATE KEY", "AAAA"), "passphrase"),
        (block("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\n\nAAAA"), "passphrase"),
    ] {
        let error = KeyPair::parse(&value).unwrap_err();
        assert!(error.reason.contains(reason), "{}", error.reason);
    }
}

/// ssh-keygen is asked only where it is installed: the round trip above needs nothing.
#[test]
fn ssh_keygen_agrees_about_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key").display().to_string();
    let keygen = |arguments: &[&str]| std::process::Command::new("ssh-keygen").args(arguments).output();
    let forms = [
        (["-t", "ed25519", "-m", "RFC4716"], None),
        (["-t", "ecdsa", "-m", "PKCS8"], None),
        (["-t", "ecdsa", "-m", "PEM"], Some("521")),
        (["-t", "rsa", "-m", "PEM"], Some("2048")),
        (["-t", "rsa", "-m", "PKCS8"], Some("2048")),
    ];
    for (form, bits) in forms {
        let mut arguments = vec!["-q", "-N", "", "-C", "", "-f", &file];
        arguments.extend(form);
        if let Some(bits) = bits {
            arguments.extend(["-b", bits]);
        }
        let Ok(made) = keygen(&arguments) else { return };
        assert!(made.status.success(), "{form:?}");
        let key = KeyPair::parse(&plain(&std::fs::read_to_string(&file).unwrap()));
        let public = std::fs::read_to_string(format!("{file}.pub")).unwrap();
        assert!(KeyPair::same_public(&key.unwrap().public_line(), &public), "{form:?}");
        for end in ["", ".pub"] {
            std::fs::remove_file(format!("{file}{end}")).unwrap();
        }
    }
}

#[test]
fn ssh_keygen_reads_what_is_made_here() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    for algorithm in [KeyAlgorithm::Ed25519, KeyAlgorithm::EcdsaP521] {
        let made = KeyPair::generate(algorithm, "", &mut OsRng).unwrap();
        let line = made.public_line();
        std::fs::write(&file, text(made)).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        let Ok(said) = std::process::Command::new("ssh-keygen").arg("-y").arg("-f").arg(&file).output()
        else {
            return;
        };
        assert!(KeyPair::same_public(&String::from_utf8(said.stdout).unwrap(), &line));
    }
}
