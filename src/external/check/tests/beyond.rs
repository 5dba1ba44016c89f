//! What goes beyond a document: stores and policies at hand, the operator's version, what Flux substitutes.

use std::sync::Arc;

use super::*;
use crate::external::{Policy, reads};

const HEAD: &str = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: db, namespace: shop}\nspec:\n  refreshInterval: 1h0m0s\n  secretStoreRef: {kind: ClusterSecretStore, name: vault}\n  target: {creationPolicy: Owner, deletionPolicy: Retain}\n";

fn with(rest: &str) -> String {
    format!("{HEAD}{rest}\n")
}

/// What is known with a store whose spec goes on so.
fn beside(vault: &str, conditions: &str) -> Around {
    let text = format!(
        "apiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\nmetadata: {{name: vault}}\nspec: {{provider: {{vault: \
         {{server: x, path: secret{vault}}}}}{conditions}}}\n"
    );
    let stores: Vec<KnownStore> =
        documents(&text).iter().filter_map(|one| KnownStore::of(&one.value)).collect();
    Around { stores: Some(stores.into()), ..Around::default() }
}

fn by(version: &str) -> Around {
    Around { operator: version.parse().unwrap(), ..Around::default() }
}

#[test]
fn what_is_said_to_be_written_reads_the_same_path() {
    let hint = |key: &str, vault: &str| {
        let text = with(&format!("  data: [{{secretKey: a, remoteRef: {{key: {key}, property: a}}}}]"));
        findings(&text, &beside(vault, ""))
            .into_iter()
            .map(|finding| (finding.rule, finding.hint.unwrap()))
            .next()
    };
    let mount = |hint: &str| Some((Rule::KeyWithMount, hint.to_owned()));
    assert_eq!(hint("secret/data/shop/db", ""), mount("write `shop/db`"));
    assert_eq!(hint("secret/shop/db", ""), mount("write `shop/db`"));
    assert_eq!(hint("secret/data/shop/db", ", version: v1"), mount("write `data/shop/db`"));
    // Without the first part the second would be cut off.
    assert_eq!(hint("secret/secret/db", ""), None);
    assert_eq!(hint("secret/data/secret/db", ""), None);
    assert_eq!(hint("/shop/db", ""), Some((Rule::KeyWithSlash, "write `shop/db`".to_owned())));
    assert_eq!(Rule::KeyWithSlash.severity(), crate::seal::verify::Severity::Warning);
}

#[test]
fn what_flux_substitutes_is_passed_over() {
    let text = with(
        "  data: [{secretKey: '${KEY}', remoteRef: {key: 'volsync/${APP}', property: a}}]\n  dataFrom:\n  - extract: {key: k8s/a, decodingStrategy: '${HOW:-None}'}",
    );
    let text = text
        .replace("name: db, namespace: shop", "name: '${APP}-volsync', namespace: '${WHERE}'")
        .replace("1h0m0s", "'${INTERVAL:=1h0m0s}'")
        .replace("name: vault", "name: '${STORE}'");
    let policy = Policy::read("path \"secret/data/k8s/*\" { capabilities = [\"read\"] }").unwrap();
    let mount = Some("secret".to_owned());
    let around = Around { policy: Some(Arc::new(policy)), mount, ..beside("", "") };
    assert_eq!(findings(&text, &around), []);
    // What is written with two dollars stays, and is no name.
    assert_eq!(found(&text.replace("'${APP}-", "'$${APP}-"), &around), [(Rule::BadName, 3)]);
    assert_eq!(together(&documents(&format!("{text}---\n{text}"))), []);
    let asked = reads(&documents(&text.replace("${STORE}", "vault"))[0]);
    assert_eq!((asked.unknown.len(), asked.all.len()), (2, 0), "{asked:?}");
}

#[test]
fn a_store_that_leaves_the_namespace_out_is_told() {
    let text = with("  data: [{secretKey: a, remoteRef: {key: k8s/a, property: a}}]");
    let rows = [
        ("[{namespaces: [other]}]", true),
        ("[{namespaceRegexes: ['^team-']}, {namespaces: [other]}]", true),
        ("[{namespaces: [other, shop]}]", false),
        ("[{namespaceRegexes: ['ho']}]", false),
        ("[{namespaceSelector: {matchLabels: {a: b}}, namespaces: [other]}]", false),
        ("[{namespaces: ['${NAMESPACE}']}]", false),
        ("[]", false),
    ];
    for (conditions, denied) in rows {
        let found = found(&text, &beside("", &format!(", conditions: {conditions}")));
        assert_eq!(found == [(Rule::StoreDenies, 6)], denied, "{conditions}: {found:?}");
    }
    // Nobody knows the namespace of what names none.
    let nowhere = text.replace(", namespace: shop", "");
    assert_eq!(found(&nowhere, &beside("", ", conditions: [{namespaces: [other]}]")), []);
}

#[test]
fn a_mount_of_version_1_has_neither_metadata_nor_tags() {
    let text = with(
        "  data:\n  - {secretKey: a, remoteRef: {key: k8s/a, metadataPolicy: Fetch}}\n  dataFrom:\n  - find: {tags: {a: b}}",
    );
    let rule = Rule::NeedsVersion2;
    assert_eq!(found(&text, &beside(", version: v1", "")), [(rule, 9), (rule, 11)]);
    assert_eq!(found(&text, &beside("", "")), []);
}

#[test]
fn a_store_that_names_no_way_to_log_in_is_told() {
    let text = |auth: &str| {
        format!(
            "apiVersion: external-secrets.io/v1\nkind: SecretStore\nmetadata: {{name: v}}\nspec: {{provider: {{vault: {{server: x, \
             path: s, version: v2{auth}}}}}}}\n"
        )
    };
    assert_eq!(found(&text(", auth: {namespace: x}"), &Around::default()), [(Rule::NoLogin, 4)]);
    // Without `auth` the operator logs in nowhere: an agent on the way does.
    assert_eq!(found(&text(""), &Around::default()), []);
    // A kustomization may give the namespace.
    let authority = ", caProvider: {type: Secret, name: c, key: k, namespace: shop}";
    assert_eq!(found(&text(authority), &Around::default()), []);
}

#[test]
fn providers_came_and_went() {
    let text = |provider: &str| {
        format!(
            "apiVersion: external-secrets.io/v1\nkind: SecretStore\nmetadata: {{name: v}}\nspec: {{provider: {{{provider}: {{}}}}}}\n"
        )
    };
    let rule =
        |provider: &str, version: &str| found(&text(provider), &by(version)).first().map(|(rule, _)| *rule);
    assert_eq!((rule("ovh", "2.2"), rule("ovh", "2.3")), (Some(Rule::TooNew), None));
    assert_eq!((rule("device42", "1.3"), rule("device42", "2.0")), (None, Some(Rule::UnknownField)));
    let hint = findings(&text("valt"), &Around::default()).remove(0).hint;
    assert_eq!(hint.as_deref(), Some("write `vault`"));
}

#[test]
fn what_depends_on_the_version_is_told_by_it() {
    let merge = with(
        "  dataFrom:\n  - extract: {key: k8s/a}\n    rewrite: [{merge: {into: '', priorityPolicy: Strict, conflictPolicy: Error, strategy: Extract}}]",
    );
    let too_new =
        |version: &str| found(&merge, &by(version)).iter().filter(|(rule, _)| *rule == Rule::TooNew).count();
    assert_eq!((too_new("0.18"), too_new("0.19"), too_new("0.20")), (2, 1, 0));
    let bare = with("  data: [{secretKey: a, remoteRef: {key: k8s/a, property: a}}]")
        .replace("  refreshInterval: 1h0m0s\n", "");
    let said = |version: &str| {
        let all = findings(&bare, &by(version));
        let found = all.into_iter().find(|finding| finding.message.contains("refreshInterval")).unwrap();
        (found.message, found.hint.unwrap())
    };
    let (message, hint) = said("1.1");
    assert_eq!(message, "the API server writes `refreshInterval: 1h` here");
    assert!(hint.starts_with("write `1h0m0s`, "), "{hint}");
    assert_eq!(said("1.2").0, "the API server writes `refreshInterval: 1h0m0s` here");
}

#[test]
fn schedules_are_those_of_cron() {
    let text = |schedule: &str| {
        with(&format!(
            "  data: [{{secretKey: a, remoteRef: {{key: k, property: a}}}}]\n  syncWindows: {{kind: allow, windows: [{{schedule: '{schedule}', duration: 1h0m0s}}]}}"
        ))
    };
    for good in ["@daily", "@every 1h", "0 22 * * 1-5", "*/5 * * * *"] {
        assert_eq!(found(&text(good), &Around::default()), [], "{good}");
    }
    for bad in ["hello", "", "@dayly", "@every ", "0 22 * *", "0  22 * *", "0 22 * * 1 2"] {
        assert_eq!(found(&text(bad), &Around::default()), [(Rule::NotAllowed, 9)], "{bad}");
    }
}

#[test]
fn one_object_in_two_files_has_one_owner() {
    let text = with("  data: [{secretKey: a, remoteRef: {key: k, property: a}}]");
    let at = |file: &str, text: &str| yaml::each(Path::new(file), text).unwrap().remove(0);
    assert_eq!(together(&[at("prod/db.yaml", &text), at("dev/db.yaml", &text)]), []);
    let other = text.replace("{name: db,", "{name: again,").replace("target: {", "target: {name: db, ");
    assert_eq!(together(&[at("prod/db.yaml", &text), at("dev/db.yaml", &other)]).len(), 1);
    // Where no namespace is known, those of one folder share theirs.
    let [one, two] = [&text, &other].map(|text| text.replace(", namespace: shop", ""));
    assert_eq!(together(&[at("a/db.yaml", &one), at("b/db.yaml", &two)]), []);
    assert_eq!(together(&[at("a/db.yaml", &one), at("a/two.yaml", &two)]).len(), 1);
}
