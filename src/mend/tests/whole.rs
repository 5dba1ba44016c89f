//! What is shown, and that nothing else changes.

use super::*;

#[test]
fn a_plan_shows_no_value() {
    let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: b, namespace: c}\nstringData:\n  password: hunter·3hunter\n  key: |\n    line·1one\n    line·2two\n  allowed: sesame·open # sealstrap:allow\n";
    let ended = mend_all(&[("a.yaml", text)]);
    let shown = diff(&ended.mended.files[0]);
    for word in ["hunter3", "line1", "line2", "sesame"] {
        assert!(!shown.contains(word), "{word}\n{shown}");
    }
    assert!(shown.starts_with("--- a/a.yaml\n+++ b/a.yaml\n@@ -1,9 +1,"), "{shown}");
    assert!(shown.contains("-  password: ••••••••\n") && shown.contains("-    ••••••••\n"), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() < 100), "{shown}");
}

#[test]
fn a_plan_masks_what_is_refused_beside_what_changes() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b}\nspec:\n  containers:\n  - env: [{name: DB_PASSWORD, value: hunter·2hunter}, {name: API_TOKEN, value: 'hunter·3$$x'}]\n";
    let ended = mend_all(&[("a.yaml", text)]);
    let changed = ended.mended.files.iter().find(|changed| changed.before.is_some()).unwrap();
    assert_eq!(
        diff(changed),
        "--- a/a.yaml\n+++ b/a.yaml\n@@ -3,4 +3,4 @@\n metadata: {name: a, namespace: b}\n spec:\n   containers:\n\
         -  - env: [{name: DB_PASSWORD, value: ••••••••}, {name: API_TOKEN, value: ••••••••}]\n\
         +  - env: [{name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: a-env, key: DB_PASSWORD}}}, {name: API_TOKEN, value: ••••••••}]\n"
    );
}

#[test]
fn far_changes_are_shown_apart() {
    let lines = |changed: &[usize]| {
        let line = |line: usize| format!("{line}{}\n", if changed.contains(&line) { "x" } else { "" });
        (0..40).map(line).collect::<Vec<_>>().concat()
    };
    let changed = Changed {
        path: "a".into(),
        before: Some(lines(&[])),
        after: Some(lines(&[2, 8, 30])),
        hidden: Vec::new(),
        left: Vec::new(),
    };
    let shown = diff(&changed);
    assert_eq!(shown.matches("@@ -").count(), 2, "{shown}");
    assert!(shown.contains("@@ -1,12 +1,12 @@\n") && shown.contains("@@ -28,7 +28,7 @@\n"), "{shown}");
    assert_eq!(shown.matches("\n-").count() + shown.matches("\n+").count(), 7);
}

/// Variables in many surroundings: all lines but those of the value are the same, byte by byte.
#[test]
fn every_byte_outside_of_what_is_mended_stays() {
    let heads = ["", "# head\n\n", "\u{feff}", "---\n", "a: 1\n--- # two\n", "# c\n---\n"];
    let tails = ["", "\n# end\n", "---\nb: 2\n", "...\n"];
    let values = ["hunter·2hunter", "'hunter·2hunter'", "\"hunter·2hunter\"  # c", "hunter·2hunter\t# tab"];
    for head in heads {
        for tail in tails {
            for value in values {
                let before = format!(
                    "{head}apiVersion: v1\nkind: Pod\nmetadata: {{name: a, namespace: b}}\nspec:\n    containers:\n      -   name: x\n          env:\n            -   name:   DB_PASSWORD   # n\n                value:  {value}\n            # behind\n{tail}"
                )
                .replace('·', "");
                let ended = mend_all(&[("a.yaml", &before)]);
                assert!(ended.reasons().is_empty(), "{before:?}");
                let after = &ended.files["a.yaml"];
                let kept: Vec<&str> = before.lines().filter(|line| !line.contains("hunter")).collect();
                let new = |line: &&str| {
                    ["valueFrom", "secretKeyRef", "name: a-env", "key: DB"]
                        .iter()
                        .any(|word| line.contains(word))
                };
                let stayed: Vec<&str> = after.lines().filter(|line| !new(line)).collect();
                assert_eq!(stayed, kept, "{before}");
                assert_eq!(after.contains("# c"), before.contains("# c"));
            }
        }
    }
}
