//! Secrets beside that several objects share, or that only have the same name.

use super::*;
use crate::mend::tests::vault::in_vault;

fn workload(kind: &str, name: &str, value: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  template:\n    spec:\n      containers:\n      - name: app\n        env:\n        - name: DB_PASSWORD\n          value: {value}\n"
    )
}

#[test]
fn each_object_of_a_file_has_its_own_in_vault() {
    let both = format!(
        "{}---\n{}",
        workload("Deployment", "web", "hunter·2hunter"),
        workload("Deployment", "worker", "hunter·3hunter")
    );
    let ended = in_vault(&[("app.yaml", &both)]).clean();
    let text = ended.file("app-env.external.yaml");
    for part in ["name: web-env", "name: worker-env", "key: k8s/shop/web-env", "key: k8s/shop/worker-env"] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert_eq!(text.matches("kind: ExternalSecret").count(), 2, "{text}");
    assert_eq!(
        ended.pushed(),
        ["k8s/shop/worker-env DB_PASSWORD=hunter3hunter", "k8s/shop/web-env DB_PASSWORD=hunter2hunter"]
    );
}

#[test]
fn the_same_object_of_another_cluster_has_a_file_of_its_own() {
    let (dev, prod) =
        (workload("Deployment", "web", "hunter·2hunter"), workload("Deployment", "web", "hunter·3hunter"));
    let files = [("dev/app.yaml", dev.as_str()), ("prod/app.yaml", &prod)];
    let ended = mend_all(&files).clean();
    assert_eq!(ended.opened("dev/app-env.sealed.yaml"), ["shop/web-env DB_PASSWORD=hunter2hunter"]);
    assert_eq!(ended.opened("prod/app-env.sealed.yaml"), ["shop/web-env DB_PASSWORD=hunter3hunter"]);
    let ended = in_vault(&files);
    assert!(ended.reasons()[0].contains("those of `shop/web-env` in dev/app-env"), "{:?}", ended.reasons());
    assert_eq!(ended.changed(), ["dev/app-env.external.yaml", "dev/app.yaml"]);
}

#[test]
fn another_object_that_is_applied_by_itself_is_given_no_secret_of_the_same_name() {
    let (one, other) =
        (workload("Deployment", "web", "hunter·2hunter"), workload("DaemonSet", "web", "hunter·3hunter"));
    let ended = mend_all(&[("a/app.yaml", &one), ("b/app.yaml", &other)]);
    assert!(ended.reasons()[0].contains("a/app-env.sealed.yaml has the Secret"), "{:?}", ended.reasons());
    let top = ("kustomization.yaml", "resources: [a, b]\n");
    let (a, b) = ("a/kustomization.yaml", "b/kustomization.yaml");
    let list = "resources:\n- app.yaml\n";
    let ended = mend_all(&[top, (a, list), (b, list), ("a/app.yaml", &one), ("b/app.yaml", &other)]).clean();
    assert_eq!(
        ended.opened("a/app-env.sealed.yaml"),
        ["shop/web-env DB_PASSWORD=hunter2hunter", "shop/web-env app.DB_PASSWORD=hunter3hunter"]
    );
    assert!(ended.file(a).contains("app-env.sealed.yaml") && ended.file(b) == list);
}
