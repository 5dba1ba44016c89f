//! Secrets and SealedSecrets.

use super::*;

#[test]
fn a_secret_is_sealed_in_its_document() {
    let before = "# all of it\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n--- # the database\n# kept\napiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: shop\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"data\":{\"password\":\"aHVudGVy·MmhoaA==\"}}\n    objectset.rio.cattle.io/applied: hunter2hhh\n    a: b\ntype: Opaque\nstringData:\n  user: app\n  pin: changeme\ndata:\n  password: aHVudGVy·MmhoaA==\n---\nkind: Other\n";
    let ended = mend_all(&[("db.yaml", before)]).clean();
    let after = ended.file("db.yaml");
    assert!(after.starts_with("# all of it\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n--- # the database\n# kept\napiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\n"), "{after}");
    assert!(after.ends_with("---\nkind: Other\n"), "{after}");
    assert!(
        !after.contains("last-applied") && !after.contains("objectset") && after.contains("a: b"),
        "{after}"
    );
    assert_eq!(
        ended.opened("db.yaml"),
        ["shop/db password=hunter2hhh", "shop/db pin=changeme", "shop/db user=app"]
    );
}

#[test]
fn lists_json_and_scopes() {
    let list = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  data: {a: b}\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: x, namespace: z}\n  data:\n    password: aHVudGVy·MjIy\n";
    assert_eq!(mend_all(&[("list.yaml", list)]).clean().opened("list.yaml"), ["z/x password=hunter222"]);
    let json = "{\n  \"kind\": \"Secret\",\n  \"apiVersion\": \"v1\",\n  \"metadata\": {\"name\": \"x\", \"annotations\": {\"sealedsecrets.bitnami.com/cluster-wide\": \"true\"}},\n  \"data\": {\"password\": \"aHVudGVy·MjIy\"}\n}\n";
    let ended = mend_all(&[("x.json", json)]).clean();
    assert!(ended.file("x.json").starts_with("{\n  \"kind\": \"SealedSecret\""), "{}", ended.file("x.json"));
    assert_eq!(ended.opened("x.json"), ["/x password=hunter222"]);
    let crlf = list.replace('\n', "\r\n");
    let after = mend_all(&[("list.yaml", &crlf)]).clean().file("list.yaml");
    assert_eq!(after.matches('\n').count(), after.matches("\r\n").count());
}

#[test]
fn a_secret_takes_the_namespace_of_its_kustomization() {
    let secret =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  password: hunter·2hunter\n";
    let kustomization = ("a/kustomization.yaml", "resources: [db.yaml]\nnamespace: shop\n");
    let ended = mend_all(&[("a/db.yaml", secret), kustomization]).clean();
    assert_eq!(ended.changed(), ["a/db.yaml"]);
    assert_eq!(ended.opened("a/db.yaml"), ["shop/db password=hunter2hunter"]);
    let prefixed = ("a/kustomization.yaml", "resources: [db.yaml]\nnamespace: shop\nnamePrefix: x-\n");
    assert!(mend_all(&[("a/db.yaml", secret), prefixed]).reasons()[0].contains("other names"));
    let own = secret.replace("name: db", "name: db, namespace: other");
    assert!(mend_all(&[("a/db.yaml", &own), kustomization]).reasons()[0].contains("puts it into `shop`"));
}

#[test]
fn a_secret_that_several_namespaces_take_in_is_refused() {
    let secret =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  password: hunter·2hunter\n";
    let base = ("base/kustomization.yaml", "resources: [db.yaml]\nnamespace: shop\n");
    let over = |more: &'static str| ("over/home/kustomization.yaml", more);
    let same = over("resources: [../../base/]\nnamespace: shop\n");
    assert_eq!(mend_all(&[("base/db.yaml", secret), base, same]).clean().changed(), ["base/db.yaml"]);
    for more in ["resources: [../../base]\nnamespace: other\n", "resources: [../../base]\nnamePrefix: x-\n"] {
        let ended = mend_all(&[("base/db.yaml", secret), base, over(more)]);
        assert!(
            ended.reasons()[0].contains("over/home/kustomization.yaml takes it in too"),
            "{:?}",
            ended.reasons()
        );
    }
}

#[test]
fn a_secret_takes_the_namespace_that_flux_gives_it() {
    let secret =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  password: hunter·2hunter\n";
    let sync = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a, namespace: flux-system}\nspec:\n  path: ./apps/shop\n  targetNamespace: shop\n  sourceRef: {kind: GitRepository, name: flux-system}\n";
    let files = |sync| [("apps/shop/a/db.yaml", secret), ("cluster/shop.yaml", sync)];
    assert_eq!(
        mend_all(&files(sync)).clean().opened("apps/shop/a/db.yaml"),
        ["shop/db password=hunter2hunter"]
    );
    let another = sync.replace("name: flux-system}", "name: others}");
    assert!(mend_all(&files(&another)).reasons()[0].contains("names its namespace"));
    let own = ("apps/shop/kustomization.yaml", "resources: [a/db.yaml]\nnamespace: other\n");
    let ended = mend_all(&[files(sync)[0], files(sync)[1], own]);
    assert!(ended.reasons()[0].contains("cluster/shop.yaml takes it in too"), "{:?}", ended.reasons());
    let beside = ("apps/shop/kustomization.yaml", "resources: [c.yaml]\n");
    let ended = mend_all(&[files(sync)[0], files(sync)[1], beside]);
    assert!(ended.reasons()[0].contains("names its namespace"), "{:?}", ended.reasons());
}

#[test]
fn comments_go_with_their_keys() {
    let before = "apiVersion: v1\nkind: Secret # ours\nmetadata:\n  # where it is\n  namespace: shop\n  name: db\nstringData:\n  # of the program\n  password: hunter·2hunter # who knows\n";
    let ended = mend_all(&[("db.yaml", before)]).clean();
    assert_eq!(
        ended.file("db.yaml"),
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret # ours\nmetadata:\n  name: db\n  # where it is\n  namespace: shop\nspec:\n  encryptedData:\n    # of the program\n    password: SEALED # who knows\n  template:\n    metadata:\n      name: db\n      namespace: shop\n"
    );
}

#[test]
fn a_secret_that_something_fills_in_stays() {
    for value in ["${DB_HOST}", "'{{ .x }}'", "op://home/db/host", "'<path:secret/data/db#host>'"] {
        let text = format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: db, namespace: shop}}\nstringData:\n  password: hunter·2hunter\n  host: {value}\n"
        );
        let ended = mend_all(&[("db.yaml", &text)]);
        assert!(
            ended.changed().is_empty() && ended.reasons()[0].starts_with("`host`: "),
            "{value}: {:?}",
            ended.reasons()
        );
    }
}

#[test]
fn a_value_in_a_sealed_secret_is_sealed_where_it_belongs() {
    let before = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db, namespace: shop}\nspec:\n  encryptedData:\n    # new\n    password: hunter·2hunter # in clear\n  template:\n    metadata:\n      name: db\n    data:\n      # the token\n      token: k3J9d·8Xq2LmN0p\n";
    let ended = mend_all(&[("db.yaml", before)]).clean();
    assert_eq!(
        ended.file("db.yaml"),
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db, namespace: shop}\nspec:\n  encryptedData:\n    # new\n    password: SEALED # in clear\n    token: SEALED\n  template:\n    metadata:\n      name: db\n"
    );
    assert_eq!(ended.opened("db.yaml"), ["shop/db password=hunter2hunter", "shop/db token=k3J9d8Xq2LmN0p"]);
    for odd in ["REPLACE·ME", "AgBy3i4OJSWK", "aHVudGVyMmhoaA=="] {
        let text = format!(
            "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {{name: db, namespace: shop}}\nspec:\n  encryptedData:\n    password: {odd}\n"
        );
        let ended = mend_all(&[("db.yaml", &text)]);
        assert_eq!((ended.changed().len(), ended.reasons().len()), (0, 1), "{odd}");
    }
}

#[test]
fn an_annotation_that_keeps_an_object_is_removed() {
    let before = "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  annotations:\n    # kept\n    x: y\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {\"apiVersion\":\"v1\",\"kind\":\"Service\",\"spec\":{\"password\":\"hunter·2hunter\"}}\nspec: {}\n";
    let ended = mend_all(&[("a.yaml", before)]).clean();
    assert_eq!(
        ended.file("a.yaml"),
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  annotations:\n    # kept\n    x: y\nspec: {}\n"
    );
    let sealed = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: a\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"data\":{\"a\":\"aHVudGVy·MjIy\"}}\n";
    assert!(!mend_all(&[("a.yaml", sealed)]).clean().file("a.yaml").contains("last-applied"));
}

#[test]
fn a_key_of_the_controller_is_not_sealed_for_itself() {
    let text = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\n  namespace: kube-system\n  labels: {sealedsecrets.bitnami.com/sealed-secrets-key: active}\nstringData:\n  tls.key: hunter·2hunter\n";
    assert!(mend_all(&[("a.yaml", text)]).reasons()[0].contains("a key of the controller"));
}
