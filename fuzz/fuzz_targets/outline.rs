//! Any text as documents and as a place where secrets stand: no panic; what is told of it stands in it, between
//! characters and in its order; JSON is read as JSON; of a secret nothing is shown.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sealstrap::plain::Plain;
use sealstrap::scan::{Finding, Policy, Spot, scan};
use sealstrap::yaml::outline::{Id, Outline, Shape, outlines};
use serde_json::Value;

/// Each way in which a file is read: as documents, and as what its path or its text says.
const PATHS: [[&str; 2]; 2] = [["a.yaml", ".env"], ["values.yaml", "-"]];

/// What is rarely put together by chance.
const WORDS: &[&str] = &[
    "apiVersion: v1\n",
    "kind: Secret\n",
    "kind: SealedSecret\n",
    "kind: ExternalSecret\n",
    "kind: ConfigMap\n",
    "data:",
    "stringData:",
    "encryptedData:",
    "spec:",
    "target:",
    "template:",
    "metadata:",
    "&a ",
    "*a",
    "<<: ",
    "\n  ",
    "\n    ",
    "\n- ",
    " |\n",
    " >-\n",
    "---\n",
    "{{ ",
    " }}",
    "${A:-",
    "password: ",
    "hunter2hunter2",
    "aHVudGVyMmh1bnRlcjI=",
    "name: password\nvalue: ",
    "args:\n- --password=",
    "secretGenerator:\n- literals:\n  - ",
    "sops:\n  mac: x\n  encrypted_regex: ",
    "ENC[AES256_GCM,data:a,iv:b,tag:c,type:str]",
    "kubectl.kubernetes.io/last-applied-configuration: ",
    "# sealstrap:allow",
    "\\u00e9",
    "ä",
];

/// Before a letter that is the number of a word.
const WORD: char = '\u{1}';

/// The text that is meant by an input.
fn meant(input: &str) -> String {
    let mut text = String::with_capacity(input.len());
    let mut letters = input.chars();
    while let Some(letter) = letters.next() {
        match letters.clone().next().filter(|_| letter == WORD) {
            Some(number) => {
                letters.next();
                text.push_str(WORDS[number as usize % WORDS.len()]);
            }
            None => text.push(letter),
        }
    }
    text
}

fn check_outlines(text: &str) {
    let mut end = 0;
    for outline in outlines(text) {
        assert!(end <= outline.range.start && text.get(outline.range.clone()).is_some());
        end = outline.range.end;
        assert!(outline.doubts().iter().all(|doubt| *doubt <= text.len()));
        for id in 0..outline.size() {
            check_node(&outline, id);
        }
    }
}

fn check_node(outline: &Outline, id: Id) {
    let range = outline.range(id);
    assert!(outline.text.get(range.clone()).is_some(), "{range:?}");
    assert!(outline.range.start <= range.start && range.end <= outline.range.end, "{range:?}");
    assert!(outline.parent(id).is_none_or(|parent| outline.below(parent).contains(&id)));
    let _ = (outline.key(id), outline.tag(id));
    check_places(outline, id);
    if outline.shape(id) != Shape::Alias {
        for (number, child) in outline.children(id).enumerate() {
            assert_eq!(outline.parent(child), Some(id));
            assert!(outline.shape(id) != Shape::List || outline.number(child) == number);
        }
    }
}

/// Each character of a scalar's meaning is written within the scalar, in the same order.
fn check_places(outline: &Outline, id: Id) {
    let Some(scalar) = outline.scalar(id) else { return };
    let (range, places) = (outline.range(outline.resolved(id)), outline.places(id));
    let mut last = range.start;
    for at in scalar.char_indices().map(|(at, _)| at).chain([scalar.len()]) {
        let place = places.of(at);
        assert!(last <= place && place <= range.end && outline.text.is_char_boundary(place));
        last = place;
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(pairs) => 1 + pairs.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// What is JSON means to the outline what it means to everybody.
fn check_json(text: &str) {
    let is_template = text.contains("{{") || text.contains("{%");
    let has_old_lines = text.replace("\r\n", "\n").contains('\r');
    let Ok(value) = serde_json::from_str::<Value>(text) else { return };
    if is_template || has_old_lines || !(1..100).contains(&depth(&value)) {
        return;
    }
    let outline = outlines(text).next().expect("a document");
    assert!(outline.doubts().is_empty());
    check_value(&outline, 0, &value);
}

fn check_value(outline: &Outline, id: Id, value: &Value) {
    match value {
        Value::Array(items) => {
            assert_eq!(outline.shape(id), Shape::List);
            let children: Vec<Id> = outline.children(id).collect();
            assert_eq!(children.len(), items.len());
            children.into_iter().zip(items).for_each(|(child, item)| check_value(outline, child, item));
        }
        Value::Object(pairs) => {
            assert_eq!(outline.shape(id), Shape::Map);
            for (key, value) in pairs {
                check_value(outline, outline.get(id, key).expect("the key"), value);
            }
        }
        Value::String(text) => assert_eq!(outline.scalar(id).as_deref(), Some(text.as_str())),
        other => {
            let scalar = outline.scalar(id).expect("a scalar");
            assert_eq!(serde_json::from_str::<Value>(&scalar).ok().as_ref(), Some(other));
        }
    }
}

fn spot(text: &str, at: usize) -> Spot {
    let before = &text[..at];
    let line = before.rsplit('\n').next().unwrap_or_default();
    Spot { line: before.matches('\n').count() + 1, column: line.chars().count() + 1 }
}

fn check_findings(text: &str, findings: &[Finding]) {
    assert!(findings.is_sorted_by_key(|finding| (finding.range.start, finding.range.end)));
    for finding in findings {
        let range = finding.range.clone();
        let secret = text.get(range.clone()).expect("a secret in the text");
        assert_eq!((finding.start, finding.end), (spot(text, range.start), spot(text, range.end)));
        // What is found in a document is decoded, and so is a variable.
        let is_decoded = finding.document > 0 || finding.rule == "variable";
        assert!(is_decoded || finding.value.same_as(&Plain::from(secret.to_owned())));
        check_source(text, finding, findings);
    }
}

/// Of a line, what stands directly before the secret is shown, if it is not a secret itself.
fn check_source(text: &str, finding: &Finding, findings: &[Finding]) {
    /// Shorter ones may be a part of any name.
    const LEAST: usize = 8;
    let shown = finding.source.strip_suffix("••••••••").expect("dots");
    let start = finding.range.start - shown.len();
    assert!(text[..finding.range.start].ends_with(shown) && !shown.contains('\n'), "{shown}");
    let is_shown = |other: &Finding| {
        other.range.len() >= LEAST && start <= other.range.start && other.range.end <= finding.range.start
    };
    assert!(!findings.iter().any(is_shown), "{shown}");
}

fuzz_target!(|input: &str| {
    let text = &meant(input);
    check_outlines(text);
    check_json(text);
    for path in PATHS[text.len() % PATHS.len()] {
        check_findings(text, &scan(&Policy::default(), path, text.as_bytes()).findings);
    }
});
