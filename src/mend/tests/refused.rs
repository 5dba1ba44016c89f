//! What is refused, and what is mended all the same.

use super::*;
use crate::scan::place::LEAKS;

#[test]
fn each_sample_of_a_leak_is_mended_or_refused_with_a_way_on() {
    for (place, sample) in LEAKS {
        let text = sample.document();
        let ended = mend_with(&[(sample.file, &text)], Scope::Strict, Some("default"));
        for refusal in &ended.mended.refused {
            assert!(!refusal.reason.is_empty() && !refusal.hint.is_empty(), "{}", place.rule());
            assert!(!refusal.reason.contains("hunter2") && !refusal.hint.contains("hunter2"));
        }
        if ended.mended.mended.is_empty() {
            assert_eq!(ended.files[sample.file], text, "{}: {}", place.rule(), sample.what);
        }
    }
}

#[test]
fn beside_what_is_refused_the_rest_is_mended() {
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: c}\ndata:\n  app.env: |\n    DB_PASSWORD=hunter·2hunter\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: b, namespace: c}\nstringData: {password: hunter·3hunter}\n";
    let ended = mend_all(&[("all.yaml", text)]);
    assert_eq!((ended.mended.mended.len(), ended.mended.refused.len()), (1, 1));
    assert!(ended.reasons()[0].contains("no file says what reads the ConfigMap `a`"));
    assert_eq!(ended.opened("all.yaml"), ["c/b password=hunter3hunter"]);
    assert!(ended.files["all.yaml"].starts_with("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: c}\ndata:\n  app.env: |\n    DB_PASSWORD=hunter2hunter\n---\n"));
}

#[test]
fn a_template_and_other_places_are_refused_for_their_reasons() {
    for (file, text, reason) in [
        (
            "t.yaml",
            "{{- if .x }}\napiVersion: v1\nkind: Secret\ndata:\n  password: aHVudGVy·MjIy\n{{- end }}\n",
            "",
        ),
        ("values.yaml", "auth:\n  password: hunter·2hunter\n", "no HelmRelease is known"),
        ("a.env", "DB_PASSWORD=hunter·2hunter\n", "a program reads this file as it is"),
        ("a.properties", "DB_PASSWORD=hunter·2hunter\n", "may be needed wherever"),
        (
            "x.yaml",
            "apiVersion: x/v1\nkind: X\nmetadata: {name: a, namespace: b}\nspec:\n  env: [{name: DB_PASSWORD, value: hunter·2hunter}]\n",
            "containers in workloads",
        ),
        (
            "y.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b}\nspec:\n  containers:\n  - env:\n    - {name: DB_PASSWORD, value: 'hunter·2$$x'}\n",
            "an expression",
        ),
        (
            "z.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b}\nspec:\n  containers:\n  - env:\n    - {name: X, value: &x hunter·2hunter}\n    - {name: DB_PASSWORD, value: *x}\n",
            "alias",
        ),
        ("n.txt", "see glpat-·Zx93kdQpW0x1y2Lm4Rt7 here\n", "is not known"),
    ] {
        let ended = mend_all(&[(file, text)]);
        assert!(ended.changed().is_empty(), "{file}: {:?}", ended.changed());
        assert!(
            !ended.reasons().is_empty() && ended.reasons()[0].contains(reason),
            "{file}: {:?}",
            ended.reasons()
        );
    }
}

#[test]
fn placeholders_alone_are_left() {
    let text =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: b, namespace: c}\nstringData: {password: changeme}\n";
    let ended = mend_all(&[("a.yaml", text)]);
    assert!(ended.changed().is_empty() && ended.reasons().is_empty());
}

#[test]
fn a_value_that_a_comment_holds_too_is_left_until_it_is_out_of_there() {
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: b, namespace: c}\ndata:\n  password: aHVudGVy·MmhoaA== # ";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b}\nspec:\n  containers:\n  - env:\n    - name: DB_PASSWORD\n      value: hunter·2hunter # ";
    for text in [
        format!("{secret}hunter·2hhh\n"),
        format!("# once aHVudGVy·MmhoaA==\n{secret}ours\n"),
        format!("{pod}not hunter·2hunter any more\n"),
    ] {
        let ended = mend_all(&[("a.yaml", &text)]);
        assert!(ended.changed().is_empty(), "{text}");
        assert!(
            ended.reasons()[0].contains("a comment in a.yaml holds the value too"),
            "{:?}",
            ended.reasons()
        );
    }
    mend_all(&[("a.yaml", &format!("{secret}of the hunter\n"))]).clean();
}
