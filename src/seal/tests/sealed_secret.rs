//! SealedSecrets: scopes, templates, items, and what is made of them.

use super::*;

#[test]
fn every_scope_is_said_where_the_controller_reads_it() {
    for scope in [Scope::Strict, Scope::NamespaceWide, Scope::ClusterWide] {
        for said in [Scope::Strict, Scope::NamespaceWide, Scope::ClusterWide] {
            let mut secret = secret("stringData: {k: v}");
            said.annotate(&mut secret.annotations);
            let made = SealedSecret::seal(&secret, scope, &recipient(), &mut OsRng).unwrap();
            let again = sealed(&made.to_yaml());
            assert_eq!(again.scope(), scope);
            let opened = again.unseal(&keys(), &mut OsRng).unwrap();
            assert!(same(&opened.items["k"], "v"));
            assert_eq!(opened.scope(), scope);
        }
    }
}

#[test]
fn a_scope_widened_in_the_template_does_not_count() {
    let made =
        SealedSecret::seal(&secret("stringData: {k: v}"), Scope::Strict, &recipient(), &mut OsRng).unwrap();
    let widened = made.to_yaml().replace(
        "      namespace: b\n",
        "      namespace: b\n      annotations: {sealedsecrets.bitnami.com/cluster-wide: \"true\"}\n",
    );
    let read = sealed(&widened);
    assert_eq!(read.scope(), Scope::Strict);
    assert!(read.unseal(&keys(), &mut OsRng).is_ok());
}

#[test]
fn only_the_exact_true_is_a_scope() {
    for text in ["TRUE", "yes", "", "1", " true"] {
        let annotations = [("sealedsecrets.bitnami.com/cluster-wide".to_owned(), text.to_owned())].into();
        assert_eq!(Scope::of(&annotations), Scope::Strict);
    }
    assert_eq!(
        "wide".parse::<Scope>().unwrap_err().to_string(),
        "must be one of: strict, namespace-wide, cluster-wide"
    );
}

#[test]
fn without_name_or_namespace_nothing_is_sealed() {
    let bare = || read("kind: Secret\nstringData: {k: v}\n").unwrap();
    let seal = |secret: &Secret, scope| SealedSecret::seal(secret, scope, &recipient(), &mut OsRng);
    assert_eq!(seal(&bare(), Scope::Strict).unwrap_err(), Error::NoName);
    let named = Secret { name: "a".into(), ..bare() };
    assert_eq!(seal(&named, Scope::NamespaceWide).unwrap_err(), Error::NoNamespace);
    assert!(seal(&named, Scope::ClusterWide).is_ok());
}

#[test]
fn fields_that_are_not_known_stay() {
    let text = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: a, namespace: b, creationTimestamp: null}\nspec:\n  \
                encryptedData: {}\n  future: {a: 1}\n  template: {data: null, metadata: {creationTimestamp: null, labels: {x: z}}, odd: [1]}\nnews: 1\n";
    let written = sealed(text).to_yaml();
    for kept in ["future:", "odd:", "x: z", "news: 1"] {
        assert!(written.contains(kept), "{kept} in {written}");
    }
    assert!(!written.contains("null"), "{written}");
}

#[test]
fn items_that_open_nowhere_are_named_all_at_once() {
    let text = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: a, namespace: b}\nspec: {encryptedData: {k1: AAAA, k2: AAAA}}\n";
    assert_eq!(
        sealed(text).unseal(&keys(), &mut OsRng).unwrap_err().to_string(),
        "no key could decrypt secret (k1, k2)"
    );
    let odd = text.replace("k1: AAAA", "k1: \"!\"");
    let said = sealed(&odd).unseal(&keys(), &mut OsRng).unwrap_err().to_string();
    assert_eq!(said, "illegal base64 data at input byte 0 (k1)\nno key could decrypt secret (k2)");
}

#[test]
fn what_is_no_sealed_secret_is_refused() {
    let read = |text: &str| SealedSecret::read(documents(text).remove(0)).unwrap_err().to_string();
    assert!(read("kind: Secret\napiVersion: v1\n").contains("is not a SealedSecret"));
    let head = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\n";
    assert!(
        read(&format!("{head}spec: {{encryptedData: {{a: 5}}}}\n"))
            .contains("`spec.encryptedData.a` must be a text")
    );
    assert!(read(&format!("{head}spec: {{encryptedData: {{a: null}}}}\n")).contains("must be a text"));
    assert!(read(&format!("{head}spec: {{data: AAAA}}\n")).contains("deprecated 'data'"));
}

#[test]
fn an_owner_is_named_only_where_its_uid_is_known() {
    let made =
        SealedSecret::seal(&secret("stringData: {k: v}"), Scope::Strict, &recipient(), &mut OsRng).unwrap();
    let opened = made.unseal(&keys(), &mut OsRng).unwrap().write(Form::Yaml);
    assert_eq!(
        &*opened,
        "---\napiVersion: v1\ndata:\n  k: dg==\nkind: Secret\nmetadata:\n  name: a\n  namespace: b\n"
    );
    let live = sealed(&made.to_yaml().replacen("  name: a\n", "  name: a\n  uid: u-1\n", 1));
    let json = live.unseal(&keys(), &mut OsRng).unwrap().write(Form::Json);
    assert!(json.contains("\"uid\": \"u-1\",\n        \"controller\": true"), "{}", &*json);
}

#[test]
fn templates_without_functions_are_rendered_and_others_refused() {
    let made = SealedSecret::seal(
        &secret("stringData: {user: u, pass-word: p}"),
        Scope::Strict,
        &recipient(),
        &mut OsRng,
    )
    .unwrap();
    let with = |template: &str| {
        let yaml = made
            .to_yaml()
            .replace("  template:\n", &format!("  template:\n    data: {{conf: {template}}}\n"));
        sealed(&yaml).unseal(&keys(), &mut OsRng)
    };
    let rendered = with(r#"'{{ .user }}:{{index . "pass-word"}} {{- .user -}} !'"#).unwrap();
    assert!(same(&rendered.items["conf"], "u:pu!"));
    for odd in ["'{{ .user | b64enc }}'", "'{{ if .a }}'", "'{{ .nobody }}'", "'{{ .user'"] {
        assert!(matches!(with(odd).unwrap_err(), Error::Template { .. }), "{odd}");
    }
}

#[test]
fn a_template_sees_the_items_and_not_what_another_one_makes() {
    let made =
        SealedSecret::seal(&secret("stringData: {a: one}"), Scope::Strict, &recipient(), &mut OsRng).unwrap();
    let data = "  template:\n    data: {a: 'x{{ .a }}', c: 'c{{ .a }}'}\n";
    let opened = sealed(&made.to_yaml().replace("  template:\n", data)).unseal(&keys(), &mut OsRng).unwrap();
    assert!(same(&opened.items["a"], "xone") && same(&opened.items["c"], "cone"));
}

#[test]
fn items_go_into_a_file_whose_spec_is_empty() {
    let text =
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: a, namespace: b}\nspec:\n";
    let mut made = sealed(text);
    made.merge(secret("stringData: {k: v}"), &recipient(), &mut OsRng).unwrap();
    assert!(same(&sealed(&made.to_yaml()).unseal(&keys(), &mut OsRng).unwrap().items["k"], "v"));
    let odd = SealedSecret::read(documents(&text.replace("spec:", "spec: text")).remove(0)).unwrap_err();
    assert_eq!(odd.to_string(), "a.yaml:4: `spec` must be a mapping");
}

#[test]
fn items_sealed_anew_for_another_scope_are_not_taken() {
    let seal = |scope| SealedSecret::seal(&secret("stringData: {k: v}"), scope, &recipient(), &mut OsRng);
    let mut own = seal(Scope::ClusterWide).unwrap();
    let before = own.to_yaml();
    let error = own.take_items(&seal(Scope::Strict).unwrap()).unwrap_err();
    assert!(matches!(error, Error::RenewedElsewhere { .. }));
    assert_eq!(own.to_yaml(), before);
    own.take_items(&seal(Scope::ClusterWide).unwrap()).unwrap();
}

#[test]
fn one_odd_key_does_not_stand_in_the_way_of_the_others() {
    use rsa::pkcs8::EncodePrivateKey;
    let small = rsa::RsaPrivateKey::new(&mut OsRng, 1024).unwrap();
    let small = small.to_pkcs8_pem(rsa::pkcs8::LineEnding::LF).unwrap();
    let mut keys = PrivateKeys::new();
    keys.add(Path::new("both"), &Plain::from(format!("{}{KEY}", *small))).unwrap();
    assert_eq!(keys.iter().count(), 1);
    let error = PrivateKeys::new().add(Path::new("small"), &Plain::from(small.to_string())).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a private key in small cannot be used: it does not have 2048 to 8192 bits"
    );
}

#[test]
fn merging_takes_name_namespace_and_scope_from_the_file() {
    let file = Secret { labels: [].into(), ..secret("stringData: {old: 1, both: 1}") };
    let mut into = SealedSecret::seal(&file, Scope::NamespaceWide, &recipient(), &mut OsRng).unwrap();
    let mut update = read("kind: Secret\nmetadata: {name: other, namespace: elsewhere, labels: {l: m}, annotations: {an: o}}\nstringData: {both: '2', new: '3'}\n").unwrap();
    Scope::ClusterWide.annotate(&mut update.annotations);
    into.merge(update, &recipient(), &mut OsRng).unwrap();
    let opened = sealed(&into.to_json()).unseal(&keys(), &mut OsRng).unwrap();
    assert_eq!((opened.name.as_str(), opened.namespace.as_str()), ("a", "b"));
    for (key, value) in [("old", "1"), ("both", "2"), ("new", "3")] {
        assert!(same(&opened.items[key], value), "{key}");
    }
    let metadata = opened.write(Form::Json);
    assert!(metadata.contains("\"l\": \"m\"") && metadata.contains("\"an\": \"o\""));
    assert!(!metadata.contains("cluster-wide"));
    assert!(into.check_scope(Some(Scope::Strict), Path::new("f")).is_err());
    assert!(into.check_scope(Some(Scope::NamespaceWide), Path::new("f")).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn a_secret_comes_back_as_it_was(
        items in proptest::collection::btree_map("[-._a-zA-Z0-9]{1,20}", proptest::collection::vec(any::<u8>(), 0..300), 0..5),
        scope in prop_oneof![Just(Scope::Strict), Just(Scope::NamespaceWide), Just(Scope::ClusterWide)],
        form in prop_oneof![Just(Form::Json), Just(Form::Yaml)],
        label in "\\PC{0,30}",
    ) {
        let mut secret = secret("");
        secret.items = items.iter().map(|(key, value)| (key.clone(), Plain::new(value.clone()))).collect();
        secret.labels.insert("l".into(), label.clone());
        let made = SealedSecret::seal(&secret, scope, &recipient(), &mut OsRng).unwrap();
        let opened = sealed(&made.write(form)).unseal(&keys(), &mut OsRng).unwrap();
        prop_assert_eq!(opened.items.len(), items.len());
        for (key, value) in items {
            prop_assert!(opened.items[&key].same_as(&Plain::new(value)));
        }
        let again = read(&opened.write(form)).unwrap();
        prop_assert_eq!(&again.labels, &secret.labels);
    }
}

#[test]
fn a_key_that_yaml_changes_is_refused_with_its_line() {
    let head = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\n";
    for (rest, place) in [
        (
            "stringData:\n  yes: x\n",
            "a.yaml:6: the key that is written `yes` in `stringData` is `true` to YAML",
        ),
        (
            "stringData:\n  0123: |\n    x\n",
            "a.yaml:6: the key that is written `0123` in `stringData` is `83` to YAML",
        ),
        ("data: {1.10: YQ==}\n", "a.yaml:5: the key that is written `1.10` in `data` is `1.1` to YAML"),
        (
            "  labels: {on: x}\n",
            "a.yaml:5: the key that is written `on` in `metadata.labels` is `true` to YAML",
        ),
    ] {
        let error = read(&format!("{head}{rest}")).unwrap_err();
        assert_eq!(error.to_string(), place);
        assert_eq!(error.hint().as_deref(), Some("put it in quotes"));
    }
    for rest in ["stringData: {'yes': a, \"0123\": b, 5432: c, true: d}\n", "data: {!!str on: YQ==}\n"] {
        assert!(read(&format!("{head}{rest}")).is_ok(), "{rest}");
    }
    assert!(read(r#"{"kind": "Secret", "metadata": {"name": "a"}, "stringData": {"yes": "x"}}"#).is_ok());
}
