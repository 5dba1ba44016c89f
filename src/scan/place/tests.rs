//! Each sample of the list, and the places of what is found.

use super::{BENIGN, LEAKS, Leak, Place, look, look_at_lines};
use crate::scan::reading::Reading;
use crate::scan::verdict::Verdict;

fn leaks(file: &str, text: &str) -> Vec<Leak> {
    let is_lines = Reading::of_path(file) == Reading::Variables;
    let seen = if is_lines { look_at_lines(file, text) } else { look(file, text) };
    seen.leaks.into_iter().filter(|leak| leak.verdict.is_leak()).collect()
}

fn lines(text: &str, leaks: &[Leak]) -> Vec<usize> {
    leaks.iter().map(|leak| 1 + text[..leak.range.start].matches('\n').count()).collect()
}

#[test]
fn leaks_are_found_at_their_lines() {
    for (place, sample) in LEAKS {
        let text = sample.document();
        let found = leaks(sample.file, &text);
        assert_eq!(lines(&text, &found), sample.lines, "{place:?}: {}: {found:#?}", sample.what);
        assert!(found.iter().all(|leak| leak.place == *place), "{place:?}: {}: {found:#?}", sample.what);
    }
}

#[test]
fn what_is_no_leak_is_silent() {
    for sample in BENIGN {
        let found = leaks(sample.file, &sample.document());
        assert!(found.is_empty(), "{}: {found:#?}", sample.what);
    }
}

#[test]
fn every_place_has_a_sample() {
    for place in Place::ALL {
        assert!(LEAKS.iter().any(|(other, _)| *other == place), "{place:?}");
    }
}

#[test]
fn a_leak_names_object_way_and_document() {
    let text = "a: b\n---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: db, namespace: shop}\n  stringData:\n    a.b: tr0ub4dor&3x\n";
    let found = leaks("a.yaml", text);
    let [leak] = &found[..] else { panic!("{found:#?}") };
    assert_eq!(leak.object.as_ref().unwrap().to_string(), "Secret shop/db");
    assert_eq!((leak.way.as_str(), leak.document), ("stringData.a.b", 2));
    assert_eq!(&text[leak.range.clone()], "tr0ub4dor&3x");
}

#[test]
fn a_leak_in_a_text_within_a_text_is_where_it_is_written() {
    let text = "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: \"x: 1\\npassword: hunter2\\n\"\n";
    let found = leaks("a.yaml", text);
    let [leak] = &found[..] else { panic!("{found:#?}") };
    assert_eq!((&text[leak.range.clone()], leak.way.as_str()), ("hunter2", "password"));
}

#[test]
fn weak_values_are_told_as_weak() {
    let found = leaks(
        "a.yaml",
        "apiVersion: v1\nkind: Secret\nstringData:\n  password: admin\n  token: k3J9d8Xq2LmN0p\n",
    );
    let verdicts: Vec<_> = found.iter().map(|leak| leak.verdict).collect();
    assert_eq!(verdicts, [Verdict::WeakPlaintext, Verdict::Plaintext]);
}
