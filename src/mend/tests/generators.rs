//! Generators whose files hold the secret.

use super::*;

const SECRETS: &str = "namespace: web # ours\nresources:\n- app.yaml\nsecretGenerator:\n# of the database\n- name: db\n  envs: [db.list]\n  files: [pin.txt, key=../shared/word.txt]\n- name: stays\n  literals: []\n";

const APP: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\nspec:\n  template:\n    spec:\n      containers:\n      - name: shop\n        envFrom:\n        - configMapRef: {name: conf} # all\n      volumes:\n      - name: conf\n        configMap: {name: conf}\n";

#[test]
fn the_files_of_a_generator_go_into_a_sealed_secret() {
    let files = [
        ("k/kustomization.yaml", SECRETS),
        ("k/app.yaml", APP),
        ("k/db.list", "# who\nUSER=app\n\n  PASSWORD=\"hunter·2hunter\" \n"),
        ("k/pin.txt", "73·91\n"),
        ("shared/word.txt", "sesame·open"),
    ];
    let ended = mend_all(&files).clean();
    let gone: Vec<_> = ended.mended.files.iter().filter(|changed| changed.after.is_none()).collect();
    let gone: Vec<_> = gone.iter().map(|changed| changed.path.display().to_string()).collect();
    assert_eq!(gone, ["k/db.list", "k/pin.txt", "shared/word.txt"]);
    assert_eq!(
        ended.file("k/kustomization.yaml"),
        "namespace: web # ours\nresources:\n- app.yaml\n- db.sealed.yaml\nsecretGenerator:\n# of the database\n- name: stays\n  literals: []\n"
    );
    assert_eq!(
        ended.opened("k/db.sealed.yaml"),
        [
            "web/db PASSWORD=\"hunter2hunter\" ",
            "web/db USER=app",
            "web/db key=sesameopen",
            "web/db pin.txt=7391\n"
        ]
    );
    for changed in &ended.mended.files {
        let shown = diff(changed);
        assert!(
            !shown.contains("hunter2") && !shown.contains("7391") && !shown.contains("sesame"),
            "{shown}"
        );
    }
}

#[test]
fn a_config_map_that_is_made_of_a_file_becomes_a_secret_for_who_uses_it() {
    let kustomization = "namespace: web\nresources: [app.yaml]\nconfigMapGenerator:\n- name: conf\n  files:\n  - app.properties # all\n";
    let files = [
        ("k/kustomization.yaml", kustomization),
        ("k/app.yaml", APP),
        ("k/app.properties", "port=1\ndb.password=hunter·2hunter\n"),
    ];
    let ended = mend_all(&files).clean();
    assert_eq!(
        ended.changed(),
        ["k/app.properties", "k/app.yaml", "k/conf.sealed.yaml", "k/kustomization.yaml"]
    );
    assert!(!ended.files.contains_key("k/app.properties"));
    assert_eq!(
        ended.file("k/app.yaml"),
        APP.replace("configMapRef", "secretRef").replace("configMap: {name", "secret: {secretName")
    );
    assert_eq!(
        ended.opened("k/conf.sealed.yaml"),
        ["web/conf app.properties=port=1\ndb.password=hunter2hunter\n"]
    );
    let literals = kustomization
        .replace("  files:\n  - app.properties # all\n", "  literals: [DB_PASSWORD=hunter·2hunter]\n");
    let ended = mend_all(&[("k/kustomization.yaml", &literals), ("k/app.yaml", APP)]).clean();
    assert_eq!(ended.opened("k/conf.sealed.yaml"), ["web/conf DB_PASSWORD=hunter2hunter"]);
}

#[test]
fn a_file_that_something_else_reads_stays() {
    let two = SECRETS.replace("- name: stays\n  literals: []\n", "- name: other\n  envs: [db.list]\n");
    let plain = "namespace: web\nsecretGenerator:\n- name: db\n  envs: [db.list]\n";
    let (list, open) = (("k/db.list", "PASSWORD=hunter·2hunter\n"), ("k/db.list", "PASSWORD\nPIN=73·91\n"));
    for (kustomization, list, more, reason) in [
        (two.as_str(), list, ("k/README.md", ""), "both make an object of this file"),
        (plain, list, ("run.sh", ". k/db.list\n"), "run.sh names k/db.list too"),
        (plain, open, ("k/README.md", ""), "from the environment of kustomize"),
    ] {
        let ended = mend_all(&[("k/kustomization.yaml", kustomization), list, more]);
        assert!(ended.changed().is_empty(), "{:?}", ended.changed());
        assert!(ended.reasons()[0].contains(reason), "{reason}: {:?}", ended.reasons());
    }
    let merged = (
        "over/kustomization.yaml",
        "resources: [../k]\nsecretGenerator: [{name: db, behavior: merge, literals: []}]\n",
    );
    let ended = mend_all(&[("k/kustomization.yaml", plain), list, merged]);
    assert!(
        ended.reasons()[0].contains("over/kustomization.yaml changes what the entry makes"),
        "{:?}",
        ended.reasons()
    );
    let unused = "namespace: web\nconfigMapGenerator: [{name: conf, envs: [a.env]}]\n";
    let ended = mend_all(&[("kustomization.yaml", unused), ("a.env", "DB_PASSWORD=hunter·2hunter\n")]);
    assert!(
        ended.changed().is_empty() && ended.reasons()[0].contains("no file says"),
        "{:?}",
        ended.reasons()
    );
}

const ONE: &str = "namespace: web\nsecretGenerator: [{name: db, envs: [db.list]}]\n";
const LIST: (&str, &str) = ("k/db.list", "PASSWORD=hunter·2hunter\n");

#[test]
fn a_file_that_is_read_in_another_way_stays() {
    let charts = format!("{ONE}helmCharts: [{{name: db, valuesFile: db.list}}]\n");
    let argo = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {source: {path: charts/db, helm: {valueFiles: [../../k/db.list]}}}\n";
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec: {chart: {spec: {valuesFiles: [./k/db.list]}}}\n";
    for (kustomization, reader) in [
        (charts.as_str(), ("k/a.yaml", "")),
        (ONE, ("argo/a.yaml", argo)),
        (ONE, ("flux/a.yaml", release)),
        (ONE, ("k/a.py", "open('db.list')\n")),
        (ONE, (".github/workflows/a.yaml", "steps: [{working-directory: k, run: . db.list}]\n")),
    ] {
        let ended = mend_all(&[("k/kustomization.yaml", kustomization), LIST, reader]);
        assert!(ended.changed().is_empty(), "{reader:?}");
        assert!(ended.reasons()[0].contains("names k/db.list too"), "{:?}", ended.reasons());
    }
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: web}\nspec: {containers: [{args: [/k/db.list]}]}\n";
    mend_all(&[("k/kustomization.yaml", ONE), LIST, ("k/pod.yaml", pod)]).clean();
}

#[test]
fn a_file_outside_of_the_repository_is_not_read() {
    for path in ["/etc/x/token", "../../token", "../../k/db.list"] {
        let kustomization =
            ONE.replace("envs: [db.list]", &format!("files: [{path}], literals: [pin=hunter·2hunter]"));
        let ended = mend_all(&[("k/kustomization.yaml", &kustomization), LIST, ("token", "x")]);
        assert!(!ended.changed().contains(&"k/kustomization.yaml".to_owned()), "{path}");
        assert!(
            ended.reasons().iter().any(|reason| reason.contains("outside of the repository")),
            "{:?}",
            ended.reasons()
        );
    }
}

#[test]
fn a_file_that_git_does_not_keep_stays_where_it_is() {
    let ended = mend_ignoring(&[("k/kustomization.yaml", &format!("{ONE}# ours\n")), LIST], "k/db.list");
    assert_eq!(ended.changed(), ["k/db.sealed.yaml", "k/kustomization.yaml"]);
    assert_eq!(ended.opened("k/db.sealed.yaml"), ["web/db PASSWORD=hunter2hunter"]);
}

#[test]
fn a_secret_that_a_kustomization_patches_or_reads_stays_a_generated_one() {
    let patch = ("over/a.yaml", "kind: Secret\nmetadata: {name: db}\n");
    for (kustomization, more) in [
        ("k", "replacements: [{source: {kind: Secret, name: db}}]\n"),
        ("k", "vars: [{name: A, objref: {kind: Secret, name: db}}]\n"),
        ("k", "patches: [{target: {kind: Secret}, path: a.yaml}]\n"),
        ("over", "resources: [../k]\npatches: [{path: a.yaml}]\n"),
        ("over", "patches:\n- patch: |\n    kind: Secret\n    metadata: {name: db}\n"),
    ] {
        let (own, over) = if kustomization == "k" { (more, "") } else { ("", more) };
        let own = format!("{ONE}{own}");
        let ended =
            mend_all(&[("k/kustomization.yaml", &own), LIST, ("over/kustomization.yaml", over), patch]);
        assert!(ended.changed().is_empty(), "{more}");
        assert!(ended.reasons()[0].contains("kustomization.yaml patches or reads"), "{:?}", ended.reasons());
    }
    let other = "patches: [{target: {kind: Secret, name: other}, patch: ''}, {target: {kind: Pod}, patch: '{secretName: db}'}]\n";
    mend_all(&[("k/kustomization.yaml", &format!("{ONE}{other}")), LIST]).clean();
}
