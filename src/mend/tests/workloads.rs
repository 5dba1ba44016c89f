//! Variables and arguments of containers, generators, releases.

use super::*;

const SEALED_ENV: &str = "---\napiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: shop-env\n  namespace: web\nspec:\n  encryptedData:\n    DB_PASSWORD: SEALED\n  template:\n    metadata:\n      name: shop-env\n      namespace: web\n";

fn deployment(container: &str) -> String {
    format!(
        "# the shop\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: shop # its name\n  namespace: web\nspec:\n  \
         template:\n    spec:\n      containers:\n      - name: app\n        image: shop:1\n{container}"
    )
}

#[test]
fn a_variable_is_taken_from_a_secret_beside() {
    let text = deployment(
        "        env: # of the app\n        # how it talks\n        - name: LOG\n          value: debug\n        - name: DB_PASSWORD # theirs\n          value: hunter·2hunter # change it\n        ports: []\n",
    );
    let ended = mend_all(&[("apps/shop.yaml", &text)]).clean();
    assert_eq!(ended.changed(), ["apps/shop-env.sealed.yaml", "apps/shop.yaml"]);
    let expected = deployment(
        "        env: # of the app\n        # how it talks\n        - name: LOG\n          value: debug\n        - name: DB_PASSWORD # theirs\n          valueFrom: # change it\n            secretKeyRef:\n              name: shop-env\n              key: DB_PASSWORD\n        ports: []\n",
    );
    assert_eq!(ended.file("apps/shop.yaml"), expected);
    assert_eq!(ended.file("apps/shop-env.sealed.yaml"), SEALED_ENV);
    assert_eq!(ended.opened("apps/shop-env.sealed.yaml"), ["web/shop-env DB_PASSWORD=hunter2hunter"]);
}

#[test]
fn each_style_of_writing_stays_as_it_is() {
    let from = "secretKeyRef";
    for (before, after) in [
        (
            "        env: [{name: A, value: b}, {name: DB_PASSWORD, value: 'hunter·2, x'}] # c\n",
            format!(
                "        env: [{{name: A, value: b}}, {{name: DB_PASSWORD, valueFrom: {{{from}: {{name: shop-env, key: DB_PASSWORD}}}}}}] # c\n"
            ),
        ),
        (
            "        env:\n          - {name: DB_PASSWORD, value: \"hunter·2hunter\"} # c\n",
            format!(
                "        env:\n          - {{name: DB_PASSWORD, valueFrom: {{{from}: {{name: shop-env, key: DB_PASSWORD}}}}}} # c\n"
            ),
        ),
        (
            "        env:\n          - value: |-\n              hunter·2\n              hunter3\n            name: DB_PASSWORD\n",
            format!(
                "        env:\n          - valueFrom:\n              {from}:\n                name: shop-env\n                key: DB_PASSWORD\n            name: DB_PASSWORD\n"
            ),
        ),
    ] {
        let ended = mend_all(&[("shop.yaml", &deployment(before))]).clean();
        assert_eq!(ended.file("shop.yaml"), deployment(&after));
        let crlf = deployment(before).replace('\n', "\r\n");
        let ended = mend_all(&[("shop.yaml", &crlf)]).clean();
        assert_eq!(ended.file("shop.yaml"), deployment(&after).replace('\n', "\r\n"));
    }
    let json = "{\n  \"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"shop\", \"namespace\": \"web\"},\n  \"spec\": {\"containers\": [{\"name\": \"app\", \"env\": [\n    {\"name\": \"DB_PASSWORD\", \"value\": \"hunter·2hunter\"}\n  ]}]}\n}\n";
    let ended = mend_all(&[("shop.json", json)]).clean();
    let from = "\"valueFrom\": {\"secretKeyRef\": {\"name\": \"shop-env\", \"key\": \"DB_PASSWORD\"}}";
    assert_eq!(ended.file("shop.json"), json.replace('·', "").replace("\"value\": \"hunter2hunter\"", from));
}

#[test]
fn a_kustomization_gives_the_namespace_and_lists_the_new_file() {
    let text = deployment("        env:\n        - name: DB_PASSWORD\n          value: hunter·2hunter\n")
        .replace("  namespace: web\n", "");
    let files = [
        ("apps/shop/deploy.yaml", text.as_str()),
        (
            "apps/shop/kustomization.yaml",
            "namespace: web # ours\nresources:\n- deploy.yaml\n- service.yaml\n",
        ),
    ];
    let ended = mend_all(&files).clean();
    assert_eq!(
        ended.file("apps/shop/kustomization.yaml"),
        "namespace: web # ours\nresources:\n- deploy-env.sealed.yaml\n- deploy.yaml\n- service.yaml\n"
    );
    assert_eq!(ended.opened("apps/shop/deploy-env.sealed.yaml"), ["web/shop-env DB_PASSWORD=hunter2hunter"]);
    let alone = mend_all(&files[..1]);
    assert_eq!((alone.changed().len(), alone.reasons().len()), (0, 1));
    assert!(alone.reasons()[0].contains("names its namespace"), "{:?}", alone.reasons());
    assert_eq!(mend_with(&files[..1], Scope::Strict, Some("web")).clean().changed().len(), 2);
}

#[test]
fn values_of_all_containers_come_together_and_each_is_kept_apart() {
    let text = deployment(
        "        env:\n        - name: DB_PASSWORD\n          value: hunter·2hunter\n        - name: API_TOKEN\n          value: k3J9d·8Xq2LmN0p\n      initContainers:\n      - name: first\n        env:\n        - name: DB_PASSWORD\n          value: hunter·2hunter\n        - name: API_TOKEN\n          value: other·8Xq2LmN0p\n",
    );
    let ended = mend_all(&[("shop.yaml", &text)]).clean();
    assert_eq!(
        ended.opened("shop-env.sealed.yaml"),
        [
            "web/shop-env API_TOKEN=k3J9d8Xq2LmN0p",
            "web/shop-env DB_PASSWORD=hunter2hunter",
            "web/shop-env first.API_TOKEN=other8Xq2LmN0p"
        ]
    );
    let mut files: Vec<(&str, &str)> =
        ended.files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let more = ended.files["shop.yaml"].replace(
        "        env:\n        - name: DB_PASSWORD\n",
        "        env:\n        - name: API_TOKEN_2\n          value: third·8Xq2LmN0p\n        - name: DB_PASSWORD\n",
    );
    files.retain(|(path, _)| *path != "shop.yaml");
    files.push(("shop.yaml", &more));
    let again = mend_all(&files).clean();
    let opened = again.opened("shop-env.sealed.yaml");
    assert_eq!(opened[1], "web/shop-env API_TOKEN_2=third8Xq2LmN0p", "both containers share one value");
    assert_eq!(opened.len(), 4);
}

#[test]
fn a_secret_of_the_name_that_is_there_is_not_taken_for_another() {
    let text = deployment("        env:\n        - name: DB_PASSWORD\n          value: hunter·2hunter\n");
    let secret = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: shop-env, namespace: web}\n";
    let ended = mend_all(&[("shop.yaml", &format!("{text}{secret}"))]);
    assert_eq!(ended.reasons(), ["shop.yaml has a Secret `shop-env` already"]);
    let patch = [
        ("shop.yaml", text.as_str()),
        ("kustomization.yaml", "resources: [../base]\npatches: [{path: ./shop.yaml}]\n"),
    ];
    assert!(mend_all(&patch).reasons()[0].contains("lays this file over"));
    let one = text.replace("name: shop #", "name: same #");
    let ended = mend_all(&[
        ("a.yaml", &one),
        ("b.yaml", &one.replace("Deployment", "StatefulSet").replace("DB_", "API_")),
    ])
    .clean();
    assert_eq!(ended.changed(), ["a-env.sealed.yaml", "a.yaml", "b.yaml"]);
    assert_eq!(ended.opened("a-env.sealed.yaml").len(), 2);
}

#[test]
fn an_argument_becomes_a_variable() {
    let text = deployment(
        "        args:\n        - --user=app\n        - --password=hunter·2hunter # c\n        - --api-key\n        - 'k3J9d·8Xq2LmN0p'\n",
    );
    let ended = mend_all(&[("shop.yaml", &text)]).clean();
    assert_eq!(
        ended.file("shop.yaml"),
        deployment(
            "        args:\n        - --user=app\n        - \"--password=$(ARGUMENT_PASSWORD)\" # c\n        - --api-key\n        - '$(ARGUMENT_API_KEY)'\n        env:\n        - name: ARGUMENT_PASSWORD\n          valueFrom:\n            secretKeyRef:\n              name: shop-env\n              key: ARGUMENT_PASSWORD\n        - name: ARGUMENT_API_KEY\n          valueFrom:\n            secretKeyRef:\n              name: shop-env\n              key: ARGUMENT_API_KEY\n"
        )
    );
    let flow = deployment(
        "        command: [app, \"--password=hunter·2hunter\"]\n        env: [{name: A, value: b}]\n",
    );
    let ended = mend_all(&[("shop.yaml", &flow)]).clean();
    assert_eq!(
        ended.file("shop.yaml"),
        deployment(
            "        command: [app, \"--password=$(ARGUMENT_PASSWORD)\"]\n        env: [{name: A, value: b}, {name: ARGUMENT_PASSWORD, valueFrom: {secretKeyRef: {name: shop-env, key: ARGUMENT_PASSWORD}}}]\n"
        )
    );
    let shell = deployment("        command: [sh, -c, \"app --password=hunter·2hunter\"]\n");
    let ended = mend_all(&[("shop.yaml", &shell)]);
    assert!(ended.changed().is_empty());
}

#[test]
fn an_entry_of_a_generator_becomes_a_sealed_secret() {
    let before = "# ours\nnamespace: web\nresources:\n- deploy.yaml\nsecretGenerator:\n# of the database\n- name: db\n  type: Opaque\n  literals:\n  - username=app\n  - password=\"hunter·2hunter\"\n  options:\n    labels: {app: shop}\n";
    let ended = mend_all(&[("k8s/kustomization.yaml", before)]).clean();
    assert_eq!(
        ended.file("k8s/kustomization.yaml"),
        "# ours\nnamespace: web\nresources:\n- deploy.yaml\n- db.sealed.yaml\n"
    );
    let sealed = ended.file("k8s/db.sealed.yaml");
    assert!(sealed.contains("    type: Opaque\n") && sealed.contains("        app: shop\n"), "{sealed}");
    assert_eq!(ended.opened("k8s/db.sealed.yaml"), ["web/db password=hunter2hunter", "web/db username=app"]);
    let two = format!(
        "{before}- name: cache\n  files: [x.txt]\n  literals: [password=hunter·3hunter]\n- name: api\n  literals: [token=hunter·4hunter]\n"
    );
    let ended = mend_all(&[("kustomization.yaml", &two)]);
    assert_eq!(ended.reasons(), ["x.txt is no text that can be read"]);
    assert_eq!(ended.changed(), ["api.sealed.yaml", "db.sealed.yaml", "kustomization.yaml"]);
    assert_eq!(
        ended.file("kustomization.yaml"),
        "# ours\nnamespace: web\nresources:\n- deploy.yaml\n- api.sealed.yaml\n- db.sealed.yaml\nsecretGenerator:\n# of the database\n- name: cache\n  files: [x.txt]\n  literals: [password=hunter3hunter]\n"
    );
}

#[test]
fn a_value_of_a_release_is_taken_from_a_secret_at_its_path() {
    let before = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: app, namespace: web}\nspec:\n  values:\n    auth: # who\n      # the admin\n      password: hunter·2hunter\n      user: admin\n    a.b:\n      token: k3J9d·8Xq2LmN0p\n";
    let ended = mend_all(&[("app.yaml", before)]).clean();
    assert_eq!(
        ended.file("app.yaml"),
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: app, namespace: web}\nspec:\n  values:\n    auth: # who\n      # the admin\n      user: admin\n    a.b: {}\n  valuesFrom:\n    - kind: Secret\n      name: app-values\n      valuesKey: auth.password\n      targetPath: auth.password\n    - kind: Secret\n      name: app-values\n      valuesKey: a.b.token\n      targetPath: a\\.b.token\n"
    );
    assert_eq!(
        ended.opened("app-values.sealed.yaml"),
        ["web/app-values a.b.token=k3J9d8Xq2LmN0p", "web/app-values auth.password=hunter2hunter"]
    );
    for odd in ["'7391·84'", "'a·,b2hunter'", "'{hunter·2}'", "'\"hunter·2\"'", "hunter·2\\x", "739·184"]
    {
        let text = before.replace("hunter·2hunter", odd);
        let ended = mend_all(&[("app.yaml", &text)]);
        assert_eq!(ended.mended.refused.len(), 1, "{odd}");
    }
}

#[test]
fn what_is_there_already_is_added_to() {
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: app, namespace: web}\nspec:\n  # others first\n  valuesFrom:\n  - kind: ConfigMap\n    name: base # ours\n  values: {auth: {password: hunter·2hunter}, a: b}\n";
    let ended = mend_all(&[("app.yaml", release)]).clean();
    assert_eq!(
        ended.file("app.yaml"),
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: app, namespace: web}\nspec:\n  # others first\n  valuesFrom:\n  - kind: ConfigMap\n    name: base # ours\n  - kind: Secret\n    name: app-values\n    valuesKey: auth.password\n    targetPath: auth.password\n  values: {auth: {}, a: b}\n"
    );
    let list = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: batch/v1\n  kind: CronJob\n  metadata: {name: night, namespace: web}\n  spec:\n    jobTemplate:\n      spec:\n        template:\n          spec:\n            containers:\n            - env: # all\n              - {name: A, value: b}\n              - name: DB_PASSWORD\n                value: \"hunter·2hunter\"\n              args: [--password=hunter·3hunter]\n";
    let ended = mend_all(&[("night.yaml", list)]).clean();
    let after = ended.file("night.yaml");
    let env = "              - name: DB_PASSWORD\n                valueFrom:\n                  secretKeyRef:\n                    name: night-env\n                    key: DB_PASSWORD\n              - name: ARGUMENT_PASSWORD\n                valueFrom:\n";
    assert!(after.contains(env), "{after}");
    assert_eq!(ended.opened("night-env.sealed.yaml").len(), 2);
}

#[test]
fn an_entry_that_says_more_than_literals_is_refused() {
    for (more, reason) in [
        ("  behavior: merge\n", "`behavior`"),
        ("  envs: [a.env]\n", "a.env is no text"),
        ("  options: {immutable: true}\n", "immutable"),
        ("  namespace: other\n", "puts it into `web`"),
        ("generatorOptions: {immutable: true}\n", "immutable"),
        ("nameSuffix: -x\n", "other names"),
    ] {
        let text = format!(
            "namespace: web\nsecretGenerator:\n- name: db\n  literals: [password=hunter·2hunter]\n{more}"
        );
        let ended = mend_all(&[("kustomization.yaml", &text)]);
        assert!(ended.changed().is_empty() && ended.reasons()[0].contains(reason), "{:?}", ended.reasons());
    }
}
