//! Variables that Flux puts into manifests.

use super::*;

const BEFORE: &str = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: apps\n  namespace: flux-system\nspec:\n  path: ./apps\n  postBuild: # all of them\n    substitute:\n      # where it is\n      HOST: a.example.org\n      DB_PASSWORD: hunter·2hunter # who knows\n";

#[test]
fn a_variable_is_taken_from_a_secret_beside() {
    let ended = mend_all(&[("clusters/home/apps.yaml", BEFORE)]).clean();
    assert_eq!(
        ended.file("clusters/home/apps.yaml"),
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: apps\n  namespace: flux-system\nspec:\n  path: ./apps\n  postBuild: # all of them\n    substitute:\n      # where it is\n      HOST: a.example.org\n    substituteFrom:\n      - kind: Secret\n        name: apps-substitute\n"
    );
    assert_eq!(
        ended.opened("clusters/home/apps-substitute.sealed.yaml"),
        ["flux-system/apps-substitute DB_PASSWORD=hunter2hunter"]
    );
}

#[test]
fn the_secret_stands_behind_all_others_whose_values_would_win() {
    let others = format!(
        "{BEFORE}    substituteFrom:\n      - kind: ConfigMap # of the cluster\n        name: vars\n"
    )
    .replace("      # where it is\n      HOST: a.example.org\n", "");
    let ended = mend_all(&[("apps.yaml", &others)]).clean();
    let after = ended.file("apps.yaml");
    let end = "  postBuild: # all of them\n    substituteFrom:\n      - kind: ConfigMap # of the cluster\n        name: vars\n      - kind: Secret\n        name: apps-substitute\n";
    assert!(after.ends_with(end), "{after}");
    let first = format!(
        "{BEFORE}    substituteFrom: [{{kind: Secret, name: apps-substitute}}, {{kind: ConfigMap, name: vars}}]\n"
    );
    assert!(mend_all(&[("apps.yaml", &first)]).reasons()[0].contains("would win over it"));
}

#[test]
fn a_list_that_a_patch_writes_anew_is_not_added_to() {
    let patch = "patches:\n- target: {kind: Kustomization}\n  patch: |\n    - {op: replace, path: /spec/postBuild/substituteFrom, value: []}\n";
    let ended = mend_all(&[("apps.yaml", BEFORE), ("other/kustomization.yaml", patch)]);
    assert!(ended.changed().is_empty());
    assert!(ended.reasons()[0].contains("patches `substituteFrom`"), "{:?}", ended.reasons());
}

#[test]
fn nor_is_one_that_a_file_of_patches_writes_anew() {
    let file = ("over/list.yaml", "- {op: replace, path: /spec/postBuild/substituteFrom, value: []}\n");
    let laid = ("over/list.yaml", "kind: Kustomization\nspec: {postBuild: {substituteFrom: []}}\n");
    for (kustomization, patch) in [
        ("patches: [{target: {kind: Kustomization}, path: list.yaml}]\n", file),
        ("patchesJson6902: [{target: {kind: Kustomization}, path: ./list.yaml}]\n", file),
        ("patchesStrategicMerge: [list.yaml]\n", laid),
        ("spec: {patchesStrategicMerge: [{spec: {postBuild: {substituteFrom: []}}}]}\n", ("over/a.txt", "")),
    ] {
        let ended = mend_all(&[("apps.yaml", BEFORE), ("over/kustomization.yaml", kustomization), patch]);
        assert!(ended.changed().is_empty(), "{kustomization}");
        assert!(ended.reasons()[0].contains("over/kustomization.yaml patches"), "{:?}", ended.reasons());
    }
}

#[test]
fn a_variable_with_a_variable_in_it_stays() {
    let text = BEFORE.replace("hunter·2hunter", "hunter·2${X}hunter");
    let ended = mend_all(&[("apps.yaml", &text)]);
    assert!(ended.changed().is_empty());
}
