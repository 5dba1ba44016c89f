//! ExternalSecrets become Secrets again, or it is said why not; old versions become new ones.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::external::check::{self, Around};
use crate::seal::Secret;

/// The values of an ExternalSecret, read as the operator would from what was pushed.
fn read_back(document: &Document, push: Push) -> BTreeMap<String, Plain> {
    let needs = needs(document).unwrap();
    let mut values = push.values;
    if let [whole] = needs.wholes.as_slice() {
        assert_eq!((whole.path.as_str(), whole.decoding), (push.path.as_str(), Decoding::None));
        return values;
    }
    let read = |(key, item): (String, Item)| {
        assert_eq!(item.path, push.path);
        let value = values.remove(item.property.as_deref().unwrap()).unwrap();
        (key, item.decoding.decode(value).unwrap())
    };
    needs.items.into_iter().map(read).collect()
}

fn secret() -> impl Strategy<Value = Secret> {
    let label = "[a-z]([-a-z0-9]{0,10}[a-z0-9])?";
    let text =
        prop_oneof!["\\PC{0,20}", ".*\\{\\{.*", Just("{{{ \"{{\" }}".to_owned()), Just("{{{{}}".to_owned())];
    let texts = proptest::collection::btree_map("[a-z]{1,8}(/[a-z]{1,8})?", text, 0..4);
    let value = prop_oneof![
        any::<Vec<u8>>(),
        "\\PC{0,40}".prop_map(String::into_bytes),
        Just(b"1234".to_vec()),
        Just(vec![])
    ];
    let items = proptest::collection::btree_map("[A-Za-z0-9_-][-._A-Za-z0-9]{0,12}", value, 1..6);
    let kind = proptest::option::of(Just("kubernetes.io/tls".to_owned()));
    let immutable = proptest::option::of(Just(true));
    (
        label,
        label,
        texts.clone(),
        texts,
        kind,
        immutable,
        items,
        proptest::collection::vec("[a-z]{1,5}/[a-z]{1,5}", 0..2),
    )
        .prop_map(|(name, namespace, labels, annotations, kind, immutable, items, finalizers)| {
            let mut secret = Secret::default();
            (secret.name, secret.namespace, secret.labels) = (name, namespace, labels);
            (secret.annotations, secret.kind, secret.immutable) = (annotations, kind, immutable);
            secret.items = items.into_iter().map(|(key, value)| (key, Plain::new(value))).collect();
            secret.set_finalizers(finalizers);
            secret
        })
}

proptest! {
    #[test]
    fn a_secret_made_an_external_secret_is_that_secret_again(
        secret in secret(), extract: bool, minor in 0_u32..=9, json: bool,
    ) {
        let operator = Operator { major: 2, minor };
        let layout = Layout { operator, extract, ..layout() };
        let form = if json { crate::seal::Form::Json } else { crate::seal::Form::Yaml };
        let text = secret.write(form);
        let made = generate(&mut manifest(&text), &layout).unwrap();
        let document = document(&made.text);
        let around = Around { operator, ..Around::default() };
        let checked = check::object(&document, &around).unwrap();
        prop_assert_eq!(checked.findings, vec![]);
        let values = read_back(&document, made.pushes.into_iter().next().unwrap());
        let again = to_secret(&document, values).unwrap();
        prop_assert_eq!(&*again.write(form), &*text);
    }
}

/// What an ExternalSecret says behind its head of four lines and an entry, in which line it is refused, and why.
const NOT_EXACT: &[(&str, usize, &str)] = &[
    ("  dataFrom:\n  - find: {name: {regexp: x}}\n", 8, "`find`"),
    ("  dataFrom:\n  - extract: {key: p}\n    rewrite: [{regexp: {source: a, target: b}}]\n", 9, "rewritten"),
    ("  dataFrom:\n  - sourceRef: {generatorRef: {kind: Password, name: p}}\n", 8, "generator"),
    ("  dataFrom:\n  - extract: {key: p, decodingStrategy: Auto}\n", 8, "by guess"),
    ("  - secretKey: z\n    remoteRef: {key: p}\n", 8, "all of the path"),
    ("  - secretKey: z\n    remoteRef: {key: p, property: x, metadataPolicy: Fetch}\n", 8, "metadata"),
    ("  target: {template: {data: {y: '{{ .x }}'}}}\n", 7, "come from templates"),
    ("  target: {template: {templateFrom: [{literal: x}]}}\n", 7, "come from templates"),
    ("  target:\n    template:\n      metadata:\n        labels: {l: '{{ .x }}'}\n", 10, "evaluated"),
    ("  target: {creationPolicy: Merge}\n", 7, "not its own"),
    ("  target: {manifest: {apiVersion: v1, kind: ConfigMap}}\n", 7, "no Secret"),
];

#[test]
fn what_has_no_exact_secret_is_refused_with_its_place() {
    let head = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: a, namespace: b}\nspec:\n";
    let data = "  data:\n  - {secretKey: x, remoteRef: {key: p, property: x}}\n";
    for (spec, line, said) in NOT_EXACT {
        let document = document(&format!("{head}{data}{spec}"));
        let values = BTreeMap::from([("x".to_owned(), plain("canary"))]);
        let error = to_secret(&document, values).unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with(&format!("a.yaml:{line}: ")) && text.contains(said), "{spec}: {text}");
    }
    let document = document(&format!("{head}{data}"));
    assert!(
        to_secret(&document, BTreeMap::new()).unwrap_err().to_string().contains("value of `x` is not there")
    );
    let both = BTreeMap::from([("x".to_owned(), plain("1")), ("y".to_owned(), plain("2"))]);
    assert!(to_secret(&document, both).unwrap_err().to_string().contains("no entry asks for `y`"));
    let secret = to_secret(&document, BTreeMap::from([("x".to_owned(), plain("1"))])).unwrap();
    assert_eq!((secret.name.as_str(), secret.namespace.as_str(), secret.items.len()), ("a", "b", 1));
}

#[test]
fn an_upgrade_changes_the_version_and_nothing_else() {
    let text = "# a\napiVersion: external-secrets.io/v1beta1 # old\nkind: SecretStore\nmetadata: {name: x} # keep\n---\nkind: ConfigMap\napiVersion: v1\ndata: {a: external-secrets.io/v1beta1}\n---\nkind: List\napiVersion: v1\nitems:\n- {'apiVersion': 'external-secrets.io/v1beta1', kind: ExternalSecret}\n- {apiVersion: external-secrets.io/v1, kind: ExternalSecret}\n- {apiVersion: external-secrets.io/v1alpha1, kind: PushSecret}\n";
    let upgraded = upgrade(Path::new("a.yaml"), text).unwrap();
    assert_eq!(upgraded.places, ["a.yaml:2", "a.yaml:13 (document 3)"]);
    let wanted = text.replacen("io/v1beta1 #", "io/v1 #", 1).replacen(
        "'external-secrets.io/v1beta1'",
        "'external-secrets.io/v1'",
        1,
    );
    assert_eq!(upgraded.text, wanted);
    assert_eq!(
        upgrade(Path::new("a.yaml"), &upgraded.text).unwrap(),
        Upgraded { text: wanted, places: vec![] }
    );
    let windows = text.replace('\n', "\r\n");
    assert_eq!(upgrade(Path::new("a.yaml"), &windows).unwrap().text, upgraded.text.replace('\n', "\r\n"));
    let old = "apiVersion: external-secrets.io/v1beta1\nkind: ExternalSecret\nspec:\n  target:\n    template: {engineVersion: v1}\n";
    let error = upgrade(Path::new("a.yaml"), old).unwrap_err().to_string();
    assert!(error.starts_with("a.yaml:5: "), "{error}");
    let older = "apiVersion: external-secrets.io/v1alpha1\nkind: ExternalSecret\n";
    assert!(upgrade(Path::new("a.yaml"), older).is_err());
}
