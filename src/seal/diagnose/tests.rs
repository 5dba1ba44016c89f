//! What is said of items that do not open.

use std::path::Path;

use rand_core::OsRng;

use super::*;
use crate::plain::Plain;
use crate::seal::{Certificate, Secret};
use crate::yaml;

fn keys() -> PrivateKeys {
    let mut keys = PrivateKeys::new();
    keys.add(Path::new("key"), &Plain::from(include_str!("../../../tests/seal/certificate.key").to_owned()))
        .unwrap();
    keys
}

fn read(text: &str) -> SealedSecret {
    SealedSecret::read(yaml::each(Path::new("a.yaml"), text).unwrap().remove(0)).unwrap()
}

fn sealed_with(pem: &str, scope: Scope, namespace: &str, name: &str) -> String {
    let text = format!(
        "kind: Secret\nmetadata: {{name: '{name}', namespace: '{namespace}'}}\nstringData: {{k: v}}\n"
    );
    let secret = Secret::read(yaml::each(Path::new("a.yaml"), &text).unwrap().remove(0)).unwrap();
    let recipient = Certificate::from_pem(pem.as_bytes()).unwrap().recipient;
    let text = SealedSecret::seal(&secret, scope, &recipient, &mut OsRng).unwrap().to_yaml();
    // Without the template: it would tell the place.
    text.split("  template:").next().unwrap().to_owned()
}

fn sealed(scope: Scope, namespace: &str, name: &str) -> String {
    sealed_with(include_str!("../../../tests/seal/certificate.pem"), scope, namespace, name)
}

/// What is said of the item of a text.
fn said(text: &str, places: &Places) -> String {
    let (sealed, keys) = (read(text), keys());
    let verdict = items(&sealed, &keys, &[places], &mut OsRng).remove("k").unwrap();
    explain(&sealed, &verdict, &keys).0
}

fn places(names: &[&str], namespaces: &[&str]) -> Places {
    let set = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
    Places { names: set(names), namespaces: set(namespaces) }
}

const WIDE: &str = "metadata:\n  annotations:\n    sealedsecrets.bitnami.com/namespace-wide: \"true\"\n";

#[test]
fn what_opens_opens() {
    for scope in [Scope::Strict, Scope::NamespaceWide, Scope::ClusterWide] {
        let text = sealed(scope, "shop", "db");
        assert!(said(&text, &Places::default()).starts_with("opens with the key SHA256:"), "{text}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn the_place_that_would_have_fitted_is_named() {
    let strict = sealed(Scope::Strict, "shop", "db");
    let none = Places::default();
    let moved = strict.replace("namespace: shop", "namespace: web");
    for (text, places, sentence) in [
        (
            strict.replace("name: db", "name: cache"),
            places(&["db"], &[]),
            "sealed for `shop/db` (strict) and not for `shop/cache`: it was renamed",
        ),
        (
            moved.clone(),
            places(&[], &["shop"]),
            "sealed for `shop/db` (strict) and not for `web/db`: it was moved",
        ),
        (moved.clone(), none.clone(), "the key SHA256:"),
        (
            strict.replace("metadata:\n", WIDE),
            none.clone(),
            "sealed strict, and its annotations say namespace-wide",
        ),
        (
            sealed(Scope::Strict, "db", "shop")
                .replace("namespace: db", "namespace: shop")
                .replace("name: shop", "name: db"),
            none.clone(),
            "sealed for `db/shop`: namespace and name were swapped",
        ),
        (
            sealed(Scope::Strict, "default", "db").replace("namespace: default", "namespace: shop"),
            none.clone(),
            "sealed for `default/db` (strict) and not for `shop/db`: it was moved, or no namespace was named when it was sealed",
        ),
        (
            sealed(Scope::NamespaceWide, "shop", "db").replace("namespace: shop", "namespace: web"),
            places(&[], &["shop"]),
            "sealed for namespace `shop` and not for `web`: it was moved",
        ),
        (
            moved.replace("name: db", "name: cache"),
            places(&["db"], &["shop"]),
            "sealed for `shop/db` (strict) and not for `web/cache`: it was moved and renamed, or its value was copied",
        ),
    ] {
        let found = said(&text, &places);
        assert!(found.starts_with(sentence), "{found}\n{text}");
    }
}

#[test]
fn another_scope_is_named_with_its_annotation() {
    for scope in [Scope::NamespaceWide, Scope::ClusterWide] {
        let annotation = scope.annotation().unwrap();
        let text = sealed(scope, "shop", "db").replace(&format!("{annotation}: \"true\""), "a: b");
        assert_eq!(
            said(&text, &Places::default()),
            format!("sealed {scope}, and its own annotations say strict")
        );
    }
}

#[test]
fn another_key_is_told_from_another_place() {
    let large = sealed_with(include_str!("../../../tests/seal/4096.pem"), Scope::Strict, "shop", "db");
    assert_eq!(said(&large, &Places::default()), "sealed for a key of 4096 bits; those at hand have 2048");
    let item = read(&sealed(Scope::Strict, "shop", "db")).item("k").unwrap().to_owned();
    let text = sealed(Scope::Strict, "shop", "db");
    let other = text
        .replace(read(&text).item("k").unwrap(), &format!("{}{}", &item[..40], "A".repeat(item.len() - 40)));
    assert_eq!(said(&other, &Places::default()), "the key at hand does not fit");
}

#[test]
fn a_changed_byte_is_told_from_another_place() {
    let text = sealed(Scope::Strict, "shop", "db");
    let item = read(&text).item("k").unwrap().to_owned();
    let last = item.len() - 6;
    let other = if item.as_bytes()[last] == b'A' { "B" } else { "A" };
    let changed = text.replace(&item, &format!("{}{other}{}", &item[..last], &item[last + 1..]));
    assert_eq!(
        said(&changed, &Places::default()),
        "the key and the place are right, but the bytes are not those that were sealed"
    );
}

#[test]
fn findings_name_items_together_and_an_old_key_is_a_note() {
    let (sealed, keys) = (read(&sealed(Scope::Strict, "shop", "db")), keys());
    let pinned =
        Pinned { cluster: String::new(), file: "k".into(), size: 256, fingerprint: "SHA256:other".into() };
    let verdicts = || items(&sealed, &keys, &[], &mut OsRng);
    let found = findings(&sealed, verdicts(), &keys, &[pinned], |_| 7);
    assert_eq!((found[0].rule, found[0].severity, found[0].line), (Rule::OldKey, Severity::Note, 7));
    assert_eq!(findings(&sealed, verdicts(), &keys, &[], |_| 7), []);
    let two = BTreeMap::from([("a".into(), Verdict::Damaged), ("b".into(), Verdict::Damaged)]);
    let found = findings(&sealed, two, &keys, &[], |item| if item == "a" { 9 } else { 8 });
    assert!(found[0].message.starts_with("`a`, `b`: "), "{found:?}");
    assert_eq!((found.len(), found[0].line, found[0].rule), (1, 8, Rule::Damaged));
}

#[test]
fn a_namespace_that_is_given_later_is_a_note_and_one_that_is_given_counts() {
    let keys = keys();
    let mut sealed = read(&sealed(Scope::Strict, "shop", "db").replace("  namespace: shop\n", ""));
    let in_shop = places(&[], &["shop"]);
    let verdicts = items(&sealed, &keys, &[&in_shop], &mut OsRng);
    let found = findings(&sealed, verdicts, &keys, &[], |_| 7);
    assert_eq!((found[0].rule, found[0].severity), (Rule::NoNamespace, Severity::Note));
    assert_eq!(found[0].message, "`k`: opens in namespace `shop`, which the file does not name");
    sealed.set_place("shop", "db");
    assert!(matches!(items(&sealed, &keys, &[], &mut OsRng)["k"], Verdict::Opens(_)));
    assert!(sealed.to_yaml().contains("  namespace: shop\n"));
}
