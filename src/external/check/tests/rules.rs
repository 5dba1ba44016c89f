//! Each rule, and the line in which it is found.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::external::Policy;

const GOOD: &str = "\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: db, namespace: shop}
spec:
  refreshInterval: 1h0m0s
  secretStoreRef: {kind: SecretStore, name: vault}
  target:
    name: db
    creationPolicy: Owner
    deletionPolicy: Retain
    template: {engineVersion: v2, mergePolicy: Replace, type: Opaque}
  data:
  - secretKey: a
    remoteRef: {key: k8s/shop/db, property: a}
  dataFrom:
  - extract: {key: k8s/shop/all}
  - find: {path: apps, name: {regexp: x}}
    rewrite:
    - merge: {into: '', priorityPolicy: Strict, conflictPolicy: Error, strategy: Extract}
";

const STORE: &str = "apiVersion: external-secrets.io/v1\nkind: SecretStore\nmetadata: {name: vault, namespace: shop}\nspec: {provider: {vault: {server: x, path: k8s}}}\n";

fn around() -> Around {
    let stores: Vec<KnownStore> =
        documents(STORE).iter().filter_map(|one| KnownStore::of(&one.value)).collect();
    Around { stores: Some(stores.into()), ..Around::default() }
}

#[test]
fn good_manifests_have_no_findings() {
    assert_eq!(findings(GOOD, &Around::default()), []);
    let policy = Policy::read("path \"secret/*\" { capabilities = [\"read\", \"list\"] }").unwrap();
    let mount = Some("secret".to_owned());
    let covered = Around { policy: Some(Arc::new(policy)), mount, ..Around::default() };
    assert_eq!(findings(GOOD, &covered), []);
}

/// What is replaced in the good manifest, by what, and what is found in which line.
const ROWS: &[(&str, &str, Rule, usize)] = &[
    ("external-secrets.io/v1", "external-secrets.io/v1beta1", Rule::UnservedVersion, 1),
    ("name: db, ", "", Rule::BadName, 3),
    ("name: db, ", "name: DB, ", Rule::BadName, 3),
    ("namespace: shop", "namespace: a.b", Rule::BadNamespace, 3),
    ("spec:", "data: {}\nspec:", Rule::UnknownField, 4),
    ("  data:", "  dta: 1\n  data:", Rule::UnknownField, 12),
    ("property: a", "proprty: a", Rule::UnknownField, 14),
    ("secretKey: a", "secretKey: 1", Rule::WrongType, 13),
    ("secretKey: a", "secretKey: a b", Rule::BadKey, 13),
    ("secretKey: a\n    ", "", Rule::MissingField, 13),
    ("key: k8s/shop/db, ", "", Rule::MissingField, 14),
    ("1h0m0s", "1h", Rule::IntervalSpelling, 5),
    ("1h0m0s", "1 hour", Rule::BadInterval, 5),
    ("1h0m0s", "3600", Rule::WrongType, 5),
    ("  refreshInterval: 1h0m0s\n", "", Rule::MissingDefault, 5),
    ("deletionPolicy: Retain", "deletionPolicy: retain", Rule::NotAllowed, 10),
    ("    deletionPolicy: Retain\n", "", Rule::MissingDefault, 8),
    ("creationPolicy: Owner", "creationPolicy: Merge\n    immutable: 'no'", Rule::WrongType, 10),
    ("engineVersion: v2", "engineVersion: v1", Rule::NotAllowed, 11),
    ("engineVersion: v2, ", "", Rule::MissingDefault, 11),
    ("type: Opaque", "type: bootstrap.kubernetes.io/token", Rule::TokenTemplate, 11),
    ("type: Opaque", "templateFrom: [{target: type}]", Rule::TemplateTarget, 11),
    ("{into: ''", "{into: '', priority: x", Rule::WrongType, 19),
    ("- merge:", "- transform: {template: x}\n      merge:", Rule::OnlyOne, 19),
    ("regexp: x", "regexp: (?=x)", Rule::BadRegex, 17),
    ("extract: {key: k8s/shop/all}", "extract: {key: k8s/shop/all}\n    find: {}", Rule::OneSource, 16),
    ("property: a}", "property: a}\n  - secretKey: a\n    remoteRef: {key: x}", Rule::DuplicateKey, 15),
    ("  secretStoreRef: {kind: SecretStore, name: vault}\n", "", Rule::NoStore, 5),
    ("{kind: SecretStore, name: vault}", "{kind: ClusterSecretStore, name: vault}", Rule::UnknownStore, 6),
    ("{kind: SecretStore, name: vault}", "{kind: SecretStore, name: other}", Rule::UnknownStore, 6),
    ("key: k8s/shop/db", "key: /shop/db", Rule::KeyWithSlash, 14),
    ("key: k8s/shop/db", "key: shop/db, decodingStrategy: Auto", Rule::Guessing, 14),
];

#[test]
fn each_rule_finds_what_it_is_about() {
    for (old, new, rule, line) in ROWS {
        let text = GOOD.replacen(old, new, 1);
        assert_ne!(text, GOOD, "{old}");
        let found = found(&text, &around());
        assert!(found.contains(&(*rule, *line)), "{new:?}: {found:?}\n{text}");
    }
    let mount: Vec<_> = found(GOOD, &around());
    assert_eq!(mount, [(Rule::KeyWithMount, 14), (Rule::KeyWithMount, 16)]);
}

#[test]
fn what_came_later_is_too_new_for_an_older_operator() {
    let rows = [
        ("creationPolicy: Owner", "creationPolicy: CreateOrMerge", "2.7", "2.8", 9),
        (
            "  data:",
            "  syncWindows: {kind: allow, windows: [{schedule: '@daily', duration: 1h0m0s}]}\n  data:",
            "2.6",
            "2.7",
            12,
        ),
        (
            "property: a",
            "property: a, nullBytePolicy: Fail, conversionStrategy: Default, decodingStrategy: None, metadataPolicy: None",
            "2.2",
            "2.3",
            14,
        ),
        ("name: db\n", "name: db\n    manifest: {apiVersion: v1, kind: ConfigMap}\n", "0.19", "1.0", 9),
    ];
    for (old, new, before, since, line) in rows {
        let text = GOOD.replacen(old, new, 1);
        let too_new = |version: &str| {
            let around = Around { operator: version.parse().unwrap(), ..Around::default() };
            found(&text, &around).into_iter().filter(|(rule, _)| *rule == Rule::TooNew).collect::<Vec<_>>()
        };
        assert!(too_new(before).contains(&(Rule::TooNew, line)), "{new}");
        assert!(!too_new(since).contains(&(Rule::TooNew, line)), "{new}");
    }
}

#[test]
fn strategies_drift_up_to_2_8_only() {
    let drifts = |version: &str| {
        let around = Around { operator: version.parse().unwrap(), ..Around::default() };
        let all = findings(GOOD, &around);
        all.iter().filter(|finding| finding.rule == Rule::MissingDefault).count()
    };
    // Three references: of data, extract and find; find has no metadata.
    assert_eq!((drifts("2.2"), drifts("2.5"), drifts("2.8"), drifts("2.9")), (8, 11, 8, 0));
}

#[test]
fn paths_that_the_policy_does_not_give_are_found() {
    let policy = Policy::read("path \"secret/data/k8s/*\" { capabilities = [\"read\"] }").unwrap();
    let mount = Some("secret".to_owned());
    let around = Around { policy: Some(Arc::new(policy)), mount, ..Around::default() };
    let all = findings(GOOD, &around);
    let said: Vec<_> =
        all.iter().map(|finding| (finding.rule, finding.line, finding.message.as_str())).collect();
    assert_eq!(
        said,
        [
            (Rule::NotInPolicy, 17, "the policy does not give `list` on `secret/metadata/apps/*`"),
            (Rule::NotInPolicy, 17, "the policy does not give `read` on `secret/data/apps/*`"),
        ]
    );
}

#[test]
fn a_store_of_another_namespace_is_named() {
    let elsewhere = STORE.replace("namespace: shop", "namespace: web");
    let stores: Vec<KnownStore> =
        documents(&elsewhere).iter().filter_map(|one| KnownStore::of(&one.value)).collect();
    let around = Around { stores: Some(stores.into()), ..Around::default() };
    let all = findings(GOOD, &around);
    assert_eq!(all[0].message, "the SecretStore `vault` is in namespace `web`");
    // Where a kustomization gives the namespace, nobody knows.
    assert_eq!(findings(&GOOD.replace(", namespace: shop", ""), &around).len(), 2);
}

#[test]
fn two_owners_of_one_secret_are_found() {
    let other = GOOD.replace("{name: db,", "{name: again,");
    let all = documents(&format!("{GOOD}---\n{other}"));
    let found = together(&all);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].0, found[0].1.rule, found[0].1.line), (1, Rule::SameTarget, 28));
    assert!(found[0].1.message.ends_with("owned by `db` of a.yaml:8"), "{}", found[0].1.message);
    let merged =
        documents(&format!("{GOOD}---\n{}", other.replace("creationPolicy: Owner", "creationPolicy: Merge")));
    assert_eq!(together(&merged), []);
}

#[test]
fn specs_within_a_cluster_external_secret_are_checked() {
    let text = "apiVersion: external-secrets.io/v1\nkind: ClusterExternalSecret\nmetadata: {name: a}\nspec:\n  externalSecretSpec:\n    refreshInterval: 1h\n    secretStoreRef: {kind: ClusterSecretStore, name: v}\n    target: {creationPolicy: Owner, deletionPolicy: Retain}\n    data: []\n";
    assert_eq!(found(text, &Around::default()), [(Rule::IntervalSpelling, 6), (Rule::NothingRead, 6)]);
    assert!(object(&documents("apiVersion: v1\nkind: Secret\n")[0], &Around::default()).is_none());
}

proptest! {
    #[test]
    fn whatever_stands_in_a_field_is_judged(cut in 4_usize..18, line in 4_usize..18, scalar in "(null|\\[\\]|\\{\\}|1|x|\\[x\\]|\\{a: 1\\})") {
        let mut lines: Vec<String> = GOOD.lines().map(str::to_owned).collect();
        if let Some(head) = lines[line].split_once(':').map(|(head, _)| format!("{head}: {scalar}")) {
            lines[line] = head;
        }
        lines.remove(cut);
        if let Ok(documents) = yaml::each(Path::new("a.yaml"), &lines.join("\n")) {
            for document in documents {
                let _ = object(&document, &around());
                let _ = together(std::slice::from_ref(&document));
                let _ = crate::external::needs(&document);
                let _ = Policy::least([&document], &around());
            }
        }
    }
}

#[test]
fn no_two_rules_have_one_word() {
    let mut words: Vec<_> = Rule::ALL.iter().map(|rule| rule.word()).collect();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), Rule::ALL.len());
}

#[test]
fn the_manual_lists_every_rule() {
    let manual = include_str!("../../../../docs/external.md");
    for rule in Rule::ALL {
        let (word, about) = (rule.word(), rule.about().trim_end_matches('.'));
        let severity = format!("{:?}", rule.severity()).to_lowercase();
        assert!(manual.contains(&format!("| `{word}` | {severity} |")) && manual.contains(about), "{word}");
    }
}
