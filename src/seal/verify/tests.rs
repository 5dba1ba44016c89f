//! Each rule finds what it is about, and good files are found to be good.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::seal::{Certificate, Scope, SealedSecret, Secret};
use crate::yaml;

fn documents(text: &str) -> Vec<Document> {
    yaml::each(Path::new("a.yaml"), text).unwrap()
}

fn found_around(text: &str, around: &Around) -> Vec<(Severity, Rule, usize)> {
    let verified = sealed_secret(&documents(text)[0], around).unwrap();
    verified.findings.iter().map(|finding| (finding.severity, finding.rule, finding.line)).collect()
}

/// The rules and lines of what is found.
fn found(text: &str) -> Vec<(Rule, usize)> {
    found_around(text, &Around::default()).into_iter().map(|(_, rule, line)| (rule, line)).collect()
}

/// A sealed value for a key of so many bytes.
fn item(size: u16, plain: usize) -> String {
    STANDARD.encode([&size.to_be_bytes()[..], &vec![7; usize::from(size) + plain + 16]].concat())
}

fn with(metadata: &str, spec: &str) -> String {
    format!("apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {metadata}\nspec:\n{spec}")
}

const HERE: &str = "{name: db, namespace: shop}";

fn items() -> String {
    format!("  encryptedData: {{k: {}}}\n", item(512, 3))
}

#[test]
fn what_is_sealed_here_and_by_kubeseal_has_no_findings() {
    let recipient =
        Certificate::from_pem(include_bytes!("../../../tests/seal/certificate.pem")).unwrap().recipient;
    let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b, annotations: {note: x}}\ntype: Opaque\nstringData: {k: v, l: ''}\n";
    for scope in [Scope::Strict, Scope::NamespaceWide, Scope::ClusterWide] {
        let secret = Secret::read(documents(text).remove(0)).unwrap();
        let sealed = SealedSecret::seal(&secret, scope, &recipient, &mut rand_core::OsRng).unwrap();
        for text in [sealed.to_yaml(), sealed.to_json()] {
            let verified = sealed_secret(&documents(&text)[0], &Around::default()).unwrap();
            assert_eq!((verified.findings, verified.items), (vec![], 2), "{text}");
        }
    }
    let old = with(
        "{name: db, namespace: shop, creationTimestamp: null}",
        &format!(
            "{}  template:\n    data: null\n    metadata: {{name: db, namespace: shop, creationTimestamp: null}}\nstatus: {{}}\n",
            items()
        ),
    );
    assert_eq!(found(&old), []);
}

#[test]
fn a_document_of_another_kind_is_none() {
    assert!(sealed_secret(&documents("kind: Secret\napiVersion: v1\n")[0], &Around::default()).is_none());
    assert!(sealed_secret(&documents("- a\n")[0], &Around::default()).is_none());
    let later = with(HERE, &items()).replace("v1alpha1", "v1beta1");
    assert_eq!(found(&later), [(Rule::OtherVersion, 1)]);
    let none = with(HERE, &items()).replace("apiVersion: bitnami.com/v1alpha1\n", "");
    assert_eq!(found(&none), [(Rule::OtherVersion, 1)]);
}

#[test]
fn an_item_that_stands_twice_is_refused_with_its_line() {
    for text in [
        "spec:\n  encryptedData:\n    k: a\n    k: b\n",
        "{\"spec\":\n{\"encryptedData\":\n{\"k\": \"a\",\n\"k\": \"b\"}}}",
    ] {
        let error = yaml::each(Path::new("a.yaml"), text).err().unwrap();
        assert_eq!(error.message, "the key `k` stands here a second time", "{text}");
        assert_eq!(error.place.unwrap().0, 4, "{text}");
    }
}

#[test]
fn items_are_measured() {
    let spec = format!(
        "  encryptedData:\n    spaces: AgA AAA\n    cut: {}\n    none: ''\n    small: {}\n    number: 7\n    list: [a]\n    good: {}\n",
        &item(512, 3)[..400],
        item(128, 3),
        item(256, 0)
    );
    assert_eq!(
        found(&with(HERE, &spec)),
        [
            (Rule::NotBase64, 6),
            (Rule::TooShort, 7),
            (Rule::TooShort, 8),
            (Rule::KeySize, 9),
            (Rule::NotText, 10),
            (Rule::NotText, 11)
        ]
    );
}

#[test]
fn the_size_of_a_key_is_that_of_a_pinned_certificate() {
    let pinned = |size| Pinned {
        cluster: String::new(),
        file: "keys/sealing.pem".into(),
        size,
        fingerprint: String::new(),
    };
    let text = with(HERE, &items());
    let around = |sizes: &[usize]| Around {
        pinned: sizes.iter().map(|size| pinned(*size)).collect(),
        ..Around::default()
    };
    assert_eq!(found_around(&text, &around(&[256])), [(Severity::Error, Rule::OtherCertificate, 5)]);
    assert_eq!(found_around(&text, &around(&[256, 512])), []);
}

#[test]
fn what_kubernetes_finds_too_large_is_found() {
    let of = |plain| with(HERE, &format!("  encryptedData: {{k: {}}}\n", item(256, plain)));
    assert_eq!(found(&of(1 << 20)), []);
    assert_eq!(found(&of((1 << 20) + 1)), [(Rule::TooLarge, 5)]);
    let many = (0..3200).fold(String::new(), |all, at| format!("{all}    k{at}: {}\n", item(256, 100)));
    assert_eq!(found(&with(HERE, &format!("  encryptedData:\n{many}"))), [(Rule::TooLarge, 6)]);
}

#[test]
fn scopes_are_not_always_what_they_seem() {
    let (cluster, namespace) =
        ("sealedsecrets.bitnami.com/cluster-wide", "sealedsecrets.bitnami.com/namespace-wide");
    let of = |annotations: &str| {
        with(&format!("{{name: db, namespace: shop, annotations: {{{annotations}}}}}"), &items())
    };
    assert_eq!(found(&of(&format!("{cluster}: 'true', {namespace}: 'true'"))), [(Rule::BothScopes, 3)]);
    assert_eq!(found(&of(&format!("{cluster}: 'true', {namespace}: 'false'"))), []);
    for odd in ["TRUE", "True", "yes", "1"] {
        assert_eq!(found(&of(&format!("{cluster}: '{odd}'"))), [(Rule::ScopeNotTrue, 3)], "{odd}");
    }
    assert_eq!(found(&of(&format!("{cluster}: true"))), [(Rule::NotText, 3)]);
    let template =
        format!("{}  template:\n    metadata:\n      annotations:\n        {cluster}: 'true'\n", items());
    assert_eq!(found(&with(HERE, &template)), [(Rule::ScopeOnTemplate, 9)]);
    let both = template.clone();
    assert_eq!(
        found(&with(&format!("{{name: db, namespace: shop, annotations: {{{cluster}: 'true'}}}}"), &both)),
        []
    );
}

#[test]
fn names_that_kubernetes_refuses_are_found() {
    assert_eq!(found(&with("{namespace: shop}", &items())), [(Rule::BadName, 3)]);
    assert_eq!(found(&with("{name: My_Db, namespace: shop}", &items())), [(Rule::BadName, 3)]);
    assert_eq!(found(&with("{name: db, namespace: a.b}", &items())), [(Rule::BadNamespace, 3)]);
    assert_eq!(found(&with("{name: 7, namespace: shop}", &items())), [(Rule::NotText, 3)]);
    let key = items().replace("k:", "'a b':");
    assert_eq!(found(&with(HERE, &key)), [(Rule::BadKey, 5)]);
}

#[test]
fn a_template_for_another_place_is_found() {
    let of = |place: &str| with(HERE, &format!("{}  template:\n    metadata: {place}\n", items()));
    assert_eq!(found(&of("{name: db, namespace: shop}")), []);
    assert_eq!(found(&of("{labels: {a: b}}")), []);
    assert_eq!(found(&of("{name: db-old, namespace: shop}")), [(Rule::TemplateName, 7)]);
    assert_eq!(found(&of("{name: db, namespace: default}")), [(Rule::TemplateNamespace, 7)]);
}

fn kustomization(text: &str) -> Arc<Kustomization> {
    Arc::new(Kustomization::read(&documents(text)[0]).unwrap())
}

#[test]
fn a_namespace_is_given_by_somebody_or_missed() {
    let bare = with("{name: db}", &items());
    assert_eq!(found_around(&bare, &Around::default()), [(Severity::Warning, Rule::NoNamespace, 3)]);
    let listed = |text: &str| Around { kustomizations: vec![kustomization(text)], ..Around::default() };
    assert_eq!(found_around(&bare, &listed("resources: [a.yaml]")), [(Severity::Note, Rule::NoNamespace, 3)]);
    assert_eq!(found_around(&bare, &listed("namespace: shop")), []);
    let wide = with("{name: db, annotations: {sealedsecrets.bitnami.com/cluster-wide: 'true'}}", &items());
    assert_eq!(found_around(&wide, &Around::default()), []);
}

#[test]
fn a_kustomization_that_moves_or_renames_is_found() {
    let text = with(HERE, &items());
    let listed = |texts: &[&str]| Around {
        kustomizations: texts.iter().map(|text| kustomization(text)).collect(),
        ..Around::default()
    };
    assert_eq!(found_around(&text, &listed(&["namespace: shop"])), []);
    assert_eq!(
        found_around(&text, &listed(&["namespace: other"])),
        [(Severity::Error, Rule::KustomizeNamespace, 3)]
    );
    assert_eq!(found_around(&text, &listed(&["namespace: other", "namespace: shop"])), []);
    let wide = with(
        "{name: db, namespace: shop, annotations: {sealedsecrets.bitnami.com/cluster-wide: 'true'}}",
        &items(),
    );
    assert_eq!(found_around(&wide, &listed(&["namespace: other\nnamePrefix: a-"])), []);
    let prefixed = listed(&["namePrefix: a-", "nameSuffix: -b"]);
    assert_eq!(found_around(&text, &prefixed), [(Severity::Warning, Rule::KustomizeName, 3)]);
    let for_it = format!("{}  template: {{metadata: {{name: a-db-b, namespace: shop}}}}\n", items());
    assert_eq!(found_around(&with(HERE, &for_it), &prefixed), []);
    let placed = sealed_secret(&documents(&text)[0], &prefixed).unwrap();
    assert_eq!((placed.namespace.as_str(), placed.name.as_str()), ("shop", "a-db-b"));
}

#[test]
fn a_kustomization_lists_files_and_one_of_flux_is_none() {
    let made = kustomization(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [./a.yaml, ../b]\npatches: [{path: p.yaml}, {patch: x}]\n",
    );
    for listed in ["a.yaml", "./a.yaml", "../b", "p.yaml"] {
        assert!(made.lists(Path::new(listed)), "{listed}");
    }
    assert!(!made.lists(Path::new("b")));
    let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec: {}\n";
    assert_eq!(Kustomization::read(&documents(flux)[0]), None);
}

#[test]
fn plaintext_is_found_and_never_repeated() {
    const CANARY: &str = "canary-tr0ub4dor";
    let last = format!(
        "kubectl.kubernetes.io/last-applied-configuration: '{{\"kind\":\"Secret\",\"data\":{{\"k\":\"{CANARY}\"}}}}'"
    );
    let own = "kubectl.kubernetes.io/last-applied-configuration: '{\"kind\":\"SealedSecret\",\"spec\":{}}'";
    for (text, rules) in [
        (
            with(&format!("{{name: db, namespace: shop, annotations: {{{last}}}}}"), &items()),
            vec![Rule::LastApplied],
        ),
        (with(&format!("{{name: db, namespace: shop, annotations: {{{own}}}}}"), &items()), vec![]),
        (
            with(HERE, &format!("{}  template: {{metadata: {{annotations: {{{last}}}}}}}\n", items())),
            vec![Rule::LastApplied],
        ),
        (
            with(HERE, &format!("{}  template: {{stringData: {{k: {CANARY}}}}}\n", items())),
            vec![Rule::PlainData],
        ),
        (with(HERE, &format!("{}  data: {{k: {CANARY}}}\n", items())), vec![Rule::PlainData]),
        (format!("{}data: {{k: {CANARY}}}\n", with(HERE, &items())), vec![Rule::PlainData]),
        (
            with(HERE, &format!("{}  template: {{data: {{DB_PASSWORD: {CANARY}}}}}\n", items())),
            vec![Rule::PlainValue],
        ),
        (with(HERE, &format!("{}  template: {{data: {{DB_PASSWORD: '{{{{ .k }}}}'}}}}\n", items())), vec![]),
        (with("{name: db, namespace: shop, managedFields: []}", &items()), vec![Rule::ManagedFields]),
        (with(HERE, "  data: AgB\n"), vec![Rule::DeprecatedData]),
        (with(HERE, "  encryptedData: {}\n"), vec![Rule::NoItems]),
    ] {
        let verified = sealed_secret(&documents(&text)[0], &Around::default()).unwrap();
        assert_eq!(verified.findings.iter().map(|finding| finding.rule).collect::<Vec<_>>(), rules, "{text}");
        assert!(!format!("{verified:?}").contains(CANARY), "{verified:?}");
    }
}

#[test]
fn each_rule_stands_in_the_manual_with_its_severity() {
    let manual = include_str!("../../../docs/sealing.md");
    for rule in Rule::ALL {
        let severity = format!("{:?}", rule.severity()).to_lowercase();
        let row = format!("| `{rule}` | {severity} | {} |", rule.about().trim_end_matches('.'));
        assert!(manual.contains(&row), "docs/sealing.md lacks this row:\n{row}");
    }
}
