//! Literals in the template of an ExternalSecret.

use super::vault::in_vault;
use super::*;

const BEFORE: &str = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: db, namespace: shop}\nspec:\n  secretStoreRef: {kind: ClusterSecretStore, name: vault}\n  target:\n    template: # as the program reads it\n      data:\n        user: \"{{ .user }}\"\n        # of the database\n        password: hunter·2hunter # who knows\n  data:\n  - {secretKey: user, remoteRef: {key: k8s/shop/db, property: user}}\n";
const AFTER: &str = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: db, namespace: shop}\nspec:\n  secretStoreRef: {kind: ClusterSecretStore, name: vault}\n  target:\n    template: # as the program reads it\n      data:\n        user: \"{{ .user }}\"\n      templateFrom:\n      - secret:\n          name: db-template\n          items:\n          - key: password\n            templateAs: Values\n        target: Data\n  data:\n  - {secretKey: user, remoteRef: {key: k8s/shop/db, property: user}}\n";

#[test]
fn a_literal_is_taken_from_a_secret_that_the_template_reads() {
    let kustomization = "resources:\n- db.yaml\n";
    let ended = mend_all(&[("a/db.yaml", BEFORE), ("a/kustomization.yaml", kustomization)]).clean();
    assert_eq!(ended.file("a/db.yaml"), AFTER);
    assert_eq!(ended.opened("a/db-template.sealed.yaml"), ["shop/db-template password=hunter2hunter"]);
    assert!(ended.file("a/kustomization.yaml").contains("- db-template.sealed.yaml\n"));
}

#[test]
fn in_vault_it_is_read_by_an_external_secret_of_its_own() {
    let ended = in_vault(&[("db.yaml", BEFORE)]).clean();
    assert_eq!(ended.file("db.yaml"), AFTER);
    assert!(ended.file("db-template.external.yaml").contains("secretKey: password"));
    assert_eq!(ended.pushed(), ["k8s/shop/db-template password=hunter2hunter"]);
}

#[test]
fn a_text_with_expressions_moves_as_it_is_and_stays_a_template() {
    let text = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: external-secrets.io/v1\n  kind: ExternalSecret\n  metadata: {name: db, namespace: shop}\n  spec:\n    target:\n      template:\n        templateFrom:\n        - configMap: {name: more, items: [{key: a}]} # before it\n        data:\n          app.ini: |\n            user = {{ .user }}\n            password = hunter·2hunter\n            api_token = tr0ub·4dor-Kx9v\n    dataFrom: [{extract: {key: a}}]\n";
    let ended = mend_all(&[("db.yaml", text)]).clean();
    assert_eq!(
        ended.file("db.yaml"),
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: external-secrets.io/v1\n  kind: ExternalSecret\n  metadata: {name: db, namespace: shop}\n  spec:\n    target:\n      template:\n        templateFrom:\n        - configMap: {name: more, items: [{key: a}]} # before it\n        - secret:\n            name: db-template\n            items:\n            - key: app.ini\n              templateAs: Values\n          target: Data\n    dataFrom: [{extract: {key: a}}]\n"
    );
    let opened = ended.opened("db-template.sealed.yaml");
    assert_eq!(
        opened,
        [
            "shop/db-template app.ini=user = {{ .user }}\npassword = hunter2hunter\napi_token = tr0ub4dor-Kx9v\n"
        ]
    );
}

#[test]
fn what_would_mean_something_else_is_refused() {
    let cluster = BEFORE
        .replace("kind: ExternalSecret", "kind: ClusterExternalSecret")
        .replace("  secretStoreRef", "  namespaces: [a, b]\n  externalSecretSpec:\n   secretStoreRef")
        .replace("\n  target", "\n   target")
        .replace("\n  data", "\n   data")
        .replace("\n  - {", "\n   - {");
    let filled = BEFORE.replace(
        "password: hunter·2hunter",
        "ini: |\n          host=${HOST}\n          password=hunter·2hunter\n       ",
    );
    let named = BEFORE.replace("  target:\n", "  target:\n    name: db-template\n");
    let manifest =
        BEFORE.replace("  target:\n", "  target:\n    manifest: {apiVersion: v1, kind: ConfigMap}\n");
    let engine = BEFORE.replace("      data:\n", "      engineVersion: v1\n      data:\n");
    let old = BEFORE.replace("external-secrets.io/v1", "external-secrets.io/v1alpha1");
    let label = BEFORE.replace("      data:\n", "      metadata:\n       annotations:\n");
    for (text, reason) in [
        (cluster, "each namespace that a ClusterExternalSecret goes to would need"),
        (filled, "it holds an expression"),
        (named, "it makes a Secret `db-template` itself"),
        (manifest, "it makes another object than a Secret"),
        (engine, "not one of the engine `v2`"),
        (old, "`external-secrets.io/v1alpha1` reads templates"),
        (label, "only entries of `spec.target.template.data`"),
    ] {
        let ended = mend_all(&[("db.yaml", &text)]);
        assert!(ended.changed().is_empty(), "{text}");
        assert!(ended.reasons().iter().any(|told| told.contains(reason)), "{:?}\n{text}", ended.reasons());
    }
}

#[test]
fn so_is_a_text_that_a_chart_or_a_patch_makes_another_of() {
    let ini = "          {{ .user }}\n          password=hunter·2hunter\n";
    let text = BEFORE.replace("password: hunter·2hunter # who knows\n", &format!("a.ini: |\n{ini}"));
    let chart = ("own/Chart.yaml", "apiVersion: v2\nname: own\nversion: 0.1.0\n");
    let ended = mend_all(&[("own/templates/db.yaml", &text), chart]);
    assert!(ended.changed().is_empty());
    assert!(ended.reasons()[0].contains("holds an expression"), "{:?}", ended.reasons());
    for path in ["/spec/target/template/data/password", "/spec/target/template/templateFrom"] {
        let patch = format!(
            "patches:\n- target: {{kind: ExternalSecret}}\n  patch: |\n    - {{op: remove, path: {path}}}\n"
        );
        let ended = mend_all(&[("db.yaml", BEFORE), ("other/kustomization.yaml", &patch)]);
        assert!(ended.changed().is_empty());
        assert!(ended.reasons()[0].contains("other/kustomization.yaml patches"), "{:?}", ended.reasons());
    }
}
