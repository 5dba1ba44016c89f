//! What backups are opened by, and what is said where they are not.

use age::secrecy::ExposeSecret;

use super::*;
use crate::seal::Certificate;

fn plain(text: &str) -> Plain {
    Plain::from(text.to_owned())
}

fn pair() -> (Lock, Identities) {
    let identity = x25519::Identity::generate();
    let mut identities = Identities::default();
    let file = format!(
        "# created: now\n# public key: {}\n{}\n",
        identity.to_public(),
        identity.to_string().expose_secret()
    );
    identities.add(Path::new("identity"), &plain(&file)).unwrap();
    (Lock::Holders(holders(&format!("# me\n\n{}\n", identity.to_public())).unwrap()), identities)
}

fn why(result: Result<Plain, Error>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn a_backup_is_opened_by_its_holder_only() {
    let (lock, identities) = pair();
    let text = encrypt(&plain("value"), &lock).unwrap();
    assert!(decrypt(Path::new("b"), text.as_bytes(), &identities).unwrap().same_as(&plain("value")));
    let (_, others) = pair();
    let other = decrypt(Path::new("b"), text.as_bytes(), &others);
    assert_eq!(why(other), "cannot open the backup b: none of the identities opens it");
    let nobody = decrypt(Path::new("b"), text.as_bytes(), &Identities::default());
    assert_eq!(why(nobody), "cannot open the backup b: it is encrypted");
}

#[test]
fn a_changed_backup_is_refused() {
    let (lock, identities) = pair();
    let text = encrypt(&plain("value"), &lock).unwrap();
    let cut = &text[..text.len() / 2];
    let lines: Vec<&str> = text.lines().collect();
    let changed = text.replace(lines[2], &lines[2].chars().rev().collect::<String>());
    for broken in [cut, &changed, "-----BEGIN AGE ENCRYPTED FILE-----\nAAAA\n", "age-encryption.org/v1\n"] {
        let refused = why(decrypt(Path::new("b"), broken.as_bytes(), &identities));
        assert_eq!(refused, "cannot open the backup b: it is cut or damaged", "{broken}");
    }
}

#[test]
fn a_passphrase_opens_and_another_does_not() {
    let text = encrypt(&plain("value"), &Lock::Passphrase(plain("correct horse"))).unwrap();
    assert!(wants_passphrase(Path::new("b"), text.as_bytes()).unwrap());
    let (_, mut identities) = pair();
    let missing = decrypt(Path::new("b"), text.as_bytes(), &identities);
    assert_eq!(why(missing), "cannot open the backup b: it wants a passphrase");
    identities.set_passphrase(&plain("battery staple"));
    let wrong = decrypt(Path::new("b"), text.as_bytes(), &identities);
    assert_eq!(why(wrong), "cannot open the backup b: the passphrase is another one");
    identities.set_passphrase(&plain("correct horse"));
    assert!(decrypt(Path::new("b"), text.as_bytes(), &identities).unwrap().same_as(&plain("value")));
}

#[test]
fn recipients_and_identities_that_are_none_are_named_and_not_shown() {
    let secret = x25519::Identity::generate().to_string().expose_secret().to_owned();
    for (text, said) in [
        (secret.as_str(), "line 1 of the recipients is a private key, not `age1…`"),
        ("# x\nssh-ed25519 AAAA", "line 2 of the recipients is an SSH key, not `age1…`"),
        ("age1qqq", "line 1 of the recipients is a misspelt recipient, or one of a plugin, not `age1…`"),
        ("", "line 1 of the recipients is nothing, not `age1…`"),
    ] {
        assert_eq!(holders(text).err().unwrap().to_string(), said);
    }
    let mut identities = Identities::default();
    for (text, said) in [
        ("# nothing\n", "cannot use the identity i: it holds no key"),
        ("a\n", "cannot use the identity i: line 1 is no private key of age"),
        ("age-encryption.org/v1\n", "cannot use the identity i: it is encrypted itself"),
    ] {
        assert_eq!(identities.add(Path::new("i"), &plain(text)).unwrap_err().to_string(), said);
    }
}

#[test]
fn a_register_says_which_keys_are_in_which_backup() {
    let (one, two) =
        (include_str!("../../../tests/seal/certificate.pem"), include_str!("../../../tests/seal/4096.pem"));
    let key = include_str!("../../../tests/seal/certificate.key");
    let held = plain(&format!("{key}{one}"));
    let text = Register::write("keys.age", b"backup", std::iter::once(("a", &held))).unwrap();
    assert!(!text.contains("PRIVATE"), "{text}");
    let register = Register::read(&text).unwrap();
    assert!(register.is_of(b"backup") && !register.is_of(b"another"));
    let of = |pem: &str| Certificate::from_pem(pem.as_bytes()).unwrap();
    assert!(register.holds(&of(one)) && !register.holds(&of(two)));
}
