//! ConfigMaps, and what uses them.

use super::*;

const MAP: &str = "# of the shop\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: shop-config\n  labels: {app.kubernetes.io/name: shop}\ndata:\n  LOG: debug\n  app.ini: |\n    [db]\n    password = hunter·2hunter\n";

const KUSTOMIZATION: (&str, &str) =
    ("k/kustomization.yaml", "namespace: web\nresources: [map.yaml, app.yaml]\n");

/// A Deployment with this in its pod.
fn app(pod: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: shop}}\nspec:\n  template:\n    spec:\n      containers:\n      - name: shop-config # as it happens\n        image: shop:1\n{pod}"
    )
}

#[test]
fn a_config_map_becomes_a_secret_for_all_who_use_it() {
    let pod = |of: [&str; 6]| {
        let [reference, all, volume, name, projected, kind] = of;
        app(&format!(
            "        env:\n        - name: LOG\n          valueFrom:\n            {reference}: {{name: shop-config, key: LOG}} # the level\n        envFrom:\n        # all of it\n        - {all}:\n            name: shop-config # ours\n            optional: true\n      volumes:\n      - name: shop-config\n        {volume}: # as a file\n          {name}: shop-config\n          items: [{{key: app.ini, path: app.ini}}]\n          defaultMode: 0400\n      - name: both\n        projected:\n          sources:\n          - {projected}: {{name: shop-config}}\n          - {projected2}: {{name: other}}\n---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: shop}}\nspec:\n  valuesFrom:\n  - kind: {kind}\n    name: shop-config\n    valuesKey: LOG\n  - kind: ConfigMap\n    name: others\n",
            projected2 = "configMap"
        ))
    };
    let before = pod(["configMapKeyRef", "configMapRef", "configMap", "name", "configMap", "ConfigMap"]);
    let ended = mend_all(&[("k/map.yaml", MAP), ("k/app.yaml", &before), KUSTOMIZATION]).clean();
    assert_eq!(ended.changed(), ["k/app.yaml", "k/map.yaml"]);
    let after = pod(["secretKeyRef", "secretRef", "secret", "secretName", "secret", "Secret"]);
    assert_eq!(ended.file("k/app.yaml"), after);
    assert_eq!(
        ended.opened("k/map.yaml"),
        ["web/shop-config LOG=debug", "web/shop-config app.ini=[db]\npassword = hunter2hunter\n"]
    );
    let sealed = ended.file("k/map.yaml");
    assert!(
        sealed.starts_with("# of the shop\napiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\n"),
        "{sealed}"
    );
    assert!(sealed.contains("app.kubernetes.io/name: shop"), "{sealed}");
}

#[test]
fn a_kustomization_of_flux_takes_its_variables_from_the_secret() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars, namespace: flux-system}\ndata:\n  DB_PASSWORD: hunter·2hunter\n---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\nspec:\n  postBuild:\n    substituteFrom:\n      - kind: ConfigMap # all\n        name: vars\n";
    let ended = mend_all(&[("vars.yaml", map)]).clean();
    let after = ended.file("vars.yaml");
    assert!(
        after.ends_with("    substituteFrom:\n      - kind: Secret # all\n        name: vars\n"),
        "{after}"
    );
    assert_eq!(ended.opened("vars.yaml"), ["flux-system/vars DB_PASSWORD=hunter2hunter"]);
}

#[test]
fn a_credential_that_is_known_by_its_form_is_mended_by_its_place() {
    let map = MAP.replace("password = hunter·2hunter", "see glpat-·Zx93kdQpW0x1y2Lm4Rt7");
    let pod = app(
        "        envFrom: [{configMapRef: {name: shop-config}}]\n        env: [{name: A, value: glpat-·Zx93kdQpW0x1y2Lm4Rt8}]\n",
    );
    let ended = mend_all(&[("k/map.yaml", &map), ("k/app.yaml", &pod), KUSTOMIZATION]).clean();
    assert_eq!(
        ended.changed(),
        ["k/app-env.sealed.yaml", "k/app.yaml", "k/kustomization.yaml", "k/map.yaml"]
    );
    assert!(ended.file("k/app.yaml").contains("secretRef: {name: shop-config}"));
}

const USED: &str = "        envFrom: [{configMapRef: {name: shop-config}}]\n";

/// Fails unless the ConfigMap stays for this reason beside something in the file of those who use it.
#[track_caller]
fn stays(pod: &str, reason: &str) {
    let ended = mend_all(&[("k/map.yaml", MAP), ("k/app.yaml", pod), KUSTOMIZATION]);
    assert!(ended.changed().is_empty(), "{pod}");
    assert!(ended.reasons()[0].contains(reason), "{reason}: {:?}", ended.reasons());
}

#[test]
fn what_nobody_is_known_to_use_stays() {
    stays(&app(""), "no file says what reads the ConfigMap");
    stays(&app("        envFrom: [{configMapRef: {name: another}}]\n"), "no file says");
    stays(
        &app(&format!("{USED}      volumes: [{{name: a, secret: {{secretName: shop-config}}}}]\n")),
        "secretName",
    );
}

#[test]
fn what_may_use_it_otherwise_keeps_it_as_it_is() {
    for (kind, more, reason) in [
        ("x/v1, kind: X", "spec: {configMaps: [shop-config]}", "`spec.configMaps.0`"),
        ("x/v1, kind: X", "spec: {from: {type: configMap, name: shop-config}}", "`spec.from.name`"),
        ("x/v1, kind: X", "spec: {run: 'kubectl get configmap shop-config'}", "`spec.run`"),
        ("x/v1, kind: X", "spec: {env: [{name: CONFIGMAP, value: shop-config}]}", "`spec.env.0.value`"),
        ("x/v1, kind: X", "spec: {from: {type: configMap, name: '{{ .Name }}-config'}}", "`spec.from.name`"),
        ("x/v1, kind: X", "spec: {configMapRef: {name: '${APP}-config'}}", "`spec.configMapRef.name`"),
        ("x/v1, kind: Role", "rules: [{resourceNames: [shop-config]}]", "`rules.0.resourceNames.0`"),
    ] {
        let object = format!("{{apiVersion: {kind}, metadata: {{name: x, namespace: web}}, {more}}}\n");
        stays(&app(&format!("{USED}---\n{object}")), reason);
    }
    let reload = "{apiVersion: v1, kind: Pod, metadata: {name: x, annotations: {configmap.reloader.stakater.com/reload: 'a,shop-config'}}}\n";
    stays(&app(&format!("{USED}---\n{reload}")), "reload");
    for kind in ["ConfigMap", "Secret"] {
        let object = format!("{{apiVersion: v1, kind: {kind}, metadata: {{name: shop-config}}}}\n");
        stays(&app(&format!("{USED}---\n{object}")), &format!("has a {kind} `shop-config` too"));
    }
}

#[test]
fn a_config_map_that_is_more_than_texts_under_a_name_is_refused() {
    let pod = app("        envFrom: [{configMapRef: {name: shop-config}}]\n");
    for (map, reason) in [
        (
            MAP.replace("labels: {app.kubernetes.io/name: shop}", "labels: {grafana_dashboard: '1'}"),
            "grafana_dashboard",
        ),
        (
            MAP.replace("labels: {app.kubernetes.io/name: shop}", "labels: {envoy.example/config: x}"),
            "envoy.example/config",
        ),
        (
            MAP.replace("labels: {", "annotations: {config.kubernetes.io/local-config: 'true'}\n  labels: {"),
            "config.kubernetes.io/local-config",
        ),
        (format!("{MAP}binaryData: {{a: aGVsbG8=}}\n"), "`binaryData`"),
        (format!("{MAP}immutable: true\n"), "`immutable`"),
        (MAP.replace("metadata:\n", "metadata:\n  finalizers: [a/b]\n"), "`metadata.finalizers`"),
        (MAP.replace("LOG: debug", "LOG: 1"), "`LOG` is no text"),
        (MAP.replace("LOG: debug", "LOG: ${LEVEL}"), "`LOG`: it holds an expression"),
        (MAP.replace("name: shop-config", "name: shop-config\n  namespace: other"), "puts it into `web`"),
    ] {
        let ended = mend_all(&[("k/map.yaml", &map), ("k/app.yaml", &pod), KUSTOMIZATION]);
        assert!(ended.changed().is_empty(), "{map}");
        assert!(ended.reasons()[0].contains(reason), "{reason}: {:?}", ended.reasons());
    }
}

#[test]
fn a_use_in_another_namespace_is_of_another_config_map() {
    let used = "        envFrom: [{configMapRef: {name: shop-config}}]\n";
    let here = app(used);
    let there = here.replace("metadata: {name: shop}", "metadata: {name: shop, namespace: other}");
    let nowhere = here.replace("metadata: {name: shop}", "metadata: {name: lost}");
    let map = MAP.replace("name: shop-config\n", "name: shop-config\n  namespace: web\n");
    let here = here.replace("metadata: {name: shop}", "metadata: {name: shop, namespace: web}");
    let ended = mend_all(&[("map.yaml", &map), ("here.yaml", &here), ("there.yaml", &there)]).clean();
    assert_eq!(ended.changed(), ["here.yaml", "map.yaml"]);
    for spec in ["{args: ['--maps=web/shop-config']}", "{of: {name: shop-config, namespace: web}}"] {
        let object =
            format!("{{apiVersion: x/v1, kind: X, metadata: {{name: x, namespace: other}}, spec: {spec}}}\n");
        let ended = mend_all(&[("map.yaml", &map), ("here.yaml", &here), ("there.yaml", &object)]);
        assert!(ended.reasons()[0].contains("there.yaml may use the ConfigMap"), "{:?}", ended.reasons());
    }
    let ended = mend_all(&[("map.yaml", &map), ("here.yaml", &here), ("nowhere.yaml", &nowhere)]);
    assert!(ended.reasons()[0].contains("its namespace is not known"), "{:?}", ended.reasons());
}
