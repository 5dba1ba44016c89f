//! Arbitrary bytes, and sealed values with changes in them: no panic; a value opens as it was sealed, and in no other
//! way.

#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use rand_core::OsRng;
use sealstrap::plain::Plain;
use sealstrap::seal::{Label, PrivateKeys, Scope, envelope};

/// The smallest key: private operations are what takes the time here.
fn keys() -> &'static PrivateKeys {
    static KEYS: OnceLock<PrivateKeys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let mut keys = PrivateKeys::new();
        let key = include_str!("../../tests/seal/certificate.key");
        keys.add("key".as_ref(), &Plain::from(key.to_owned())).expect("a key");
        keys
    })
}

fn scope(choice: u8) -> Scope {
    match choice % 3 {
        0 => Scope::Strict,
        1 => Scope::NamespaceWide,
        _ => Scope::ClusterWide,
    }
}

/// Places of a sealed value, and what they are changed by.
type Changes = Vec<(u16, u8)>;

fuzz_target!(|input: (u8, &str, &str, Changes, Option<u16>, &[u8])| {
    let (choice, namespace, name, changes, cut, value) = input;
    let label = Label::new(scope(choice), namespace, name);
    // The bytes themselves, as they are and behind a length that fits a key.
    drop(envelope::parts(value).map(|(encrypted, body)| {
        assert_eq!(2 + encrypted.len() + body.len(), value.len());
    }));
    assert!(envelope::unseal(keys(), &label, value, &mut OsRng).is_err());
    let fitting = [&[1, 0], value].concat();
    assert!(envelope::unseal(keys(), &label, &fitting, &mut OsRng).is_err());

    let key = keys().iter().next().expect("a key");
    let plain = Plain::new(value.to_vec());
    let whole = envelope::seal(key.recipient(), &label, &plain, &mut OsRng).expect("sealed");
    assert_eq!(whole.len(), value.len() + envelope::overhead(key.recipient().size()));
    let mut sealed = whole.clone();
    for (place, by) in changes {
        let length = sealed.len();
        sealed[usize::from(place) % length] ^= by;
    }
    sealed.truncate(cut.map_or(usize::MAX, usize::from));
    match envelope::unseal(keys(), &label, &sealed, &mut OsRng) {
        Ok(opened) => assert!(sealed == whole && opened.same_as(&plain)),
        Err(_) => assert!(sealed != whole),
    }
    if choice >= 0xf0 {
        let other = Label::new(scope(choice / 3), name, namespace);
        let opens = envelope::unseal(keys(), &other, &whole, &mut OsRng).is_ok();
        assert_eq!(opens, label.text() == other.text());
    }
});
