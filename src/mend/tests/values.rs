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
        KUSTOMIZATION.replace("- ./release.yaml\n", "- ./release.yaml\n- release-values.sealed.yaml\n");
    assert_eq!(ended.file("wiki/kustomization.yaml"), listed);
}

#[test]
fn a_file_that_no_release_takes_or_one_that_takes_others_later_is_refused() {
    let of_another = RELEASE.replace("name: wiki-defaults", "name: others");
    let under_another_key = RELEASE.replace("made by kustomize\n", "\n    valuesKey: defaults.yaml\n");
    let others_later = format!("{RELEASE}  - {{kind: Secret, name: more}}\n");
    let same_later = format!("{RELEASE}  - {{kind: Secret, name: more, targetPath: auth.password}}\n");
    for (release, reason) in [
        (&of_another, "no HelmRelease is known"),
        (&under_another_key, "no HelmRelease is known"),
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
