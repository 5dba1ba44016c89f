//! Files of values from which a release takes them.

use super::*;

const KUSTOMIZATION: &str = "namespace: web\nresources:\n- ./release.yaml\nconfigMapGenerator:\n- name: wiki-defaults\n  files:\n  - values.yaml=helm/values.yaml\n";
const RELEASE: &str = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: wiki\nspec:\n  valuesFrom:\n  - kind: ConfigMap\n    name: wiki-defaults # made by kustomize\n";
const VALUES: &str = "# of the wiki\nauth:\n  user: admin\n  password: hunter·2hunter # who knows\n";

fn files<'f>(release: &'f str, kustomization: &'f str) -> Vec<(&'f str, &'f str)> {
    vec![
        ("wiki/helm/values.yaml", VALUES),
        ("wiki/kustomization.yaml", kustomization),
        ("wiki/release.yaml", release),
    ]
}

#[test]
fn a_value_is_taken_from_a_secret_by_the_release_that_takes_the_file() {
    let ended = mend_all(&files(RELEASE, KUSTOMIZATION)).clean();
    assert_eq!(ended.file("wiki/helm/values.yaml"), "# of the wiki\nauth:\n  user: admin\n");
    let reference = "  - kind: Secret\n    name: wiki-values\n    valuesKey: auth.password\n    targetPath: auth.password\n";
    assert_eq!(ended.file("wiki/release.yaml"), format!("{RELEASE}{reference}"));
    assert_eq!(
        ended.opened("wiki/release-values.sealed.yaml"),
        ["web/wiki-values auth.password=hunter2hunter"]
    );
    let listed =
        KUSTOMIZATION.replace("- ./release.yaml\n", "- ./release.yaml\n- ./release-values.sealed.yaml\n");
    assert_eq!(ended.file("wiki/kustomization.yaml"), listed);
}

#[test]
fn a_file_that_no_release_takes_or_one_that_takes_others_later_is_refused() {
    let of_another = RELEASE.replace("name: wiki-defaults", "name: others");
    let others_later = format!("{RELEASE}  - {{kind: Secret, name: more}}\n");
    let same_later = format!("{RELEASE}  - {{kind: Secret, name: more, targetPath: auth.password}}\n");
    for (release, reason) in [
        (&of_another, "no file says what reads the ConfigMap"),
        (&others_later, "from elsewhere after"),
        (&same_later, "from elsewhere after"),
    ] {
        let ended = mend_all(&files(release, KUSTOMIZATION));
        assert!(ended.changed().is_empty(), "{release}");
        assert!(ended.reasons()[0].contains(reason), "{:?}", ended.reasons());
    }
    let another_later = format!("{RELEASE}  - {{kind: Secret, name: more, targetPath: auth.token}}\n");
    assert_eq!(mend_all(&files(&another_later, KUSTOMIZATION)).mended.refused.len(), 0);
}

#[test]
fn a_value_that_two_take_stays() {
    let second = RELEASE.replace("name: wiki\n", "name: other\n");
    let two = format!("{RELEASE}---\n{second}");
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  volumes: [{name: a, configMap: {name: wiki-defaults}}]\n";
    let more = KUSTOMIZATION.replace("- ./release.yaml\n", "- ./release.yaml\n- ./more.yaml\n");
    let over =
        "resources: [../wiki]\nconfigMapGenerator: [{name: wiki-defaults, behavior: merge, literals: []}]\n";
    for (release, kustomization, other, reason) in [
        (two.as_str(), KUSTOMIZATION, ("README.md", ""), "wiki/release.yaml uses"),
        (RELEASE, &more, ("wiki/more.yaml", second.as_str()), "wiki/more.yaml uses"),
        (RELEASE, &more, ("wiki/more.yaml", pod), "wiki/more.yaml uses"),
        (RELEASE, KUSTOMIZATION, ("over/kustomization.yaml", over), "over/kustomization.yaml changes"),
    ] {
        let all = [files(release, kustomization), vec![other]].concat();
        let ended = mend_all(&all);
        assert!(ended.changed().is_empty(), "{reason}");
        assert!(ended.reasons()[0].contains(reason), "{:?}", ended.reasons());
    }
}

const CHART: [(&str, &str); 2] = [
    ("charts/app/Chart.yaml", "apiVersion: v2\nname: app\nversion: 0.1.0\n"),
    ("charts/app/values.yaml", VALUES),
];

fn installing(more: &str) -> String {
    format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: app, namespace: web}}\nspec:\n  chart:\n    spec:\n      chart: ./charts/app # ours\n      sourceRef: {{kind: GitRepository, name: flux-system, namespace: flux-system}}\n{more}"
    )
}

#[test]
fn a_value_of_a_chart_of_the_repository_is_taken_from_a_secret_by_who_installs_it() {
    let release = installing("  values:\n    auth: {user: root}\n");
    let ended = mend_all(&[CHART[0], CHART[1], ("app/release.yaml", &release)]).clean();
    assert_eq!(ended.file("charts/app/values.yaml"), "# of the wiki\nauth:\n  user: admin\n");
    let reference = "  valuesFrom:\n    - kind: Secret\n      name: app-values\n      valuesKey: auth.password\n      targetPath: auth.password\n";
    assert_eq!(ended.file("app/release.yaml"), format!("{release}{reference}"));
    assert_eq!(
        ended.opened("app/release-values.sealed.yaml"),
        ["web/app-values auth.password=hunter2hunter"]
    );
}

#[test]
fn a_value_of_a_chart_that_others_use_or_that_is_given_elsewhere_stays() {
    let (plain, given) = (installing(""), installing("  values: {auth: {password: x}}\n"));
    let from = installing("  valuesFrom: [{kind: Secret, name: more}]\n");
    let another = plain.replace("name: flux-system,", "name: charts,");
    for (release, more, reason) in [
        (&plain, ("run.sh", "helm install app ./charts/app\n"), "run.sh uses the chart too"),
        (
            &plain,
            ("charts/all/Chart.yaml", "dependencies: [{repository: 'file://../app'}]\n"),
            "uses the chart too",
        ),
        (&given, ("README.md", "charts/app\n"), "gives values to the chart itself"),
        (&from, ("README.md", ""), "gives values to the chart itself"),
        (&another, ("README.md", ""), "uses the chart too"),
    ] {
        let ended = mend_all(&[CHART[0], CHART[1], ("app/release.yaml", release), more]);
        let of_chart = ended.mended.refused.iter().find(|refusal| refusal.reason.contains(reason));
        assert!(of_chart.is_some(), "{reason}: {:?}", ended.reasons());
        assert!(!ended.changed().contains(&"charts/app/values.yaml".to_owned()));
    }
}
