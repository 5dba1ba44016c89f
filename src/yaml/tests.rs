//! What the two readers promise.

use std::path::Path;

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Segment, Tree, decode, documents, each, manifests, to_string};

fn tree(text: &str) -> Tree {
    Tree::parse(Path::new("sealstrap.yaml"), text).unwrap()
}

fn refused(text: &str) -> super::Error {
    Tree::parse(Path::new("sealstrap.yaml"), text).unwrap_err()
}

fn applied(text: &str) -> Result<Vec<Value>, super::Error> {
    manifests(Path::new("m.yaml"), text)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only read into")]
struct House {
    name: String,
    #[serde(default)]
    rooms: Vec<Room>,
    #[serde(default)]
    open: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "only read into")]
enum Room {
    Kitchen { stove: u16 },
    Cellar,
}

fn misfit(text: &str) -> super::Error {
    let tree = tree(text);
    tree.typed::<House>(&tree.value, &[]).unwrap_err()
}

#[test]
fn an_unknown_field_is_shown_under_its_key_with_the_nearest_name() {
    let error = misfit("name: x\nroms: [cellar]\n");
    assert_eq!(error.to_string(), "sealstrap.yaml:2:1: unknown field `roms`");
    assert_eq!(error.snippet.as_deref(), Some("  |\n2 | roms: [cellar]\n  | ^^^^"));
    assert_eq!(error.hint.as_deref(), Some("did you mean `rooms`? allowed: name, rooms, open"));
}

#[test]
fn an_unknown_field_deep_inside_is_found() {
    let error = misfit("name: x\nrooms:\n  - cellar\n  - kitchen: {stove: 1, sink: 2}\n");
    assert_eq!(error.to_string(), "sealstrap.yaml:4:25: unknown field `sink`");
}

#[test]
fn an_unknown_kind_is_shown_at_its_name() {
    let error = misfit("name: x\nrooms: [kitchn: {stove: 1}]\n");
    assert_eq!(error.to_string(), "sealstrap.yaml:2:9: unknown name `kitchn`");
    assert_eq!(error.hint.as_deref(), Some("did you mean `kitchen`? allowed: kitchen, cellar"));
    assert_eq!(misfit("name: x\nrooms: [attic]\n").to_string(), "sealstrap.yaml:2:9: unknown name `attic`");
}

#[test]
fn a_wrong_type_is_said_in_plain_words_at_the_value() {
    let error = misfit("name: 12\n");
    assert_eq!(error.to_string(), "sealstrap.yaml:1:7: expected text, found the number 12");
    assert_eq!(error.hint.as_deref(), Some("put it in quotes"));
    let said = |text: &str| misfit(text).to_string();
    assert_eq!(
        said("name: x\nopen: maybe"),
        "sealstrap.yaml:2:7: expected true or false, found the text \"maybe\""
    );
    assert_eq!(said("name: x\nrooms: 3"), "sealstrap.yaml:2:8: expected a list, found the number 3");
    assert_eq!(said("name:\n  a: 1"), "sealstrap.yaml:2:3: expected text, found a mapping");
    assert_eq!(
        said("name: x\nrooms:\n- kitchen: {stove: hot}"),
        "sealstrap.yaml:3:20: expected a whole number, found the text \"hot\""
    );
    assert_eq!(
        said("name: x\nrooms:\n- {kitchen: {stove: 1}, cellar: }"),
        "sealstrap.yaml:3:3: expected a mapping with exactly one key, found a mapping"
    );
    assert_eq!(
        said("name: x\nrooms:\n- kitchen: [1]"),
        "sealstrap.yaml:3:12: expected a mapping, found a list"
    );
    assert_eq!(said("- 1"), "sealstrap.yaml:1:1: expected a mapping, found a list");
}

#[test]
fn a_missing_field_is_said_at_the_mapping_that_lacks_it() {
    let error = misfit("name: x\nrooms:\n  - kitchen: {}\n");
    assert_eq!(error.to_string(), "sealstrap.yaml:3:5: the field `stove` is missing");
    assert_eq!(misfit("").to_string(), "sealstrap.yaml:1:1: the field `name` is missing");
}

#[test]
fn our_own_error_stands_at_the_value_or_at_the_nearest_one_around_it() {
    let tree = tree("a:\n  b: [1, 2]\n");
    let place = |path: &[Segment]| tree.error(path, "no").place;
    assert_eq!(place(&["a".into(), "b".into(), 1.into()]), Some((2, 10)));
    assert_eq!(place(&["a".into(), "c".into()]), Some((2, 3)));
    assert_eq!(tree.error_at_key(&["a".into(), "b".into()], "no").place, Some((2, 3)));
}

#[test]
fn broken_yaml_has_a_line_and_a_caret() {
    let error = refused("a: [1, 2\nb: 3\n");
    assert!(error.place.is_some_and(|(line, _)| line <= 3), "{error}");
    assert!(error.message.starts_with("not valid YAML: "), "{error}");
    assert!(error.snippet.is_some());
}

#[test]
fn a_key_that_stands_twice_is_refused_and_the_first_is_named() {
    let error = refused("a: 1\nb: 2\na: 3\n");
    assert_eq!(error.to_string(), "sealstrap.yaml:3:1: the key `a` stands here a second time");
    assert_eq!(error.hint.as_deref(), Some("the first one is in line 1"));
}

#[test]
fn one_file_of_ours_holds_one_document() {
    assert_eq!(refused("a: 1\n---\nb: 2\n").place, Some((3, 1)));
    assert_eq!(tree("---\na: 1\n...\n").value, json!({"a": 1}));
    assert_eq!(tree("# nothing\n").value, json!({}));
}

#[test]
fn anchors_aliases_and_merges_work_and_a_bomb_does_not() {
    let value = tree("x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\nz: *x\n").value;
    assert_eq!(value, json!({"x": {"a": 1, "b": 2}, "y": {"b": 3, "a": 1}, "z": {"a": 1, "b": 2}}));
    let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for n in 1..20 {
        let names = vec![format!("*a{}", n - 1); 10].join(",");
        bomb.extend([format!("a{n}: &a{n} [{names}]\n")]);
    }
    assert_eq!(refused(&bomb).message, "aliases make this file too large");
    assert_eq!(refused("a: &a [*a]").message, "this alias stands within what it names");
}

#[test]
fn depth_is_limited_and_no_stack_overflows() {
    let deep = "[".repeat(50_000);
    assert!(refused(&deep).message.starts_with("not valid YAML"));
    let block: Vec<_> = (0..300).map(|n| " ".repeat(n) + "a:").collect();
    assert!(Tree::parse(Path::new("x"), &block.join("\n")).is_err());
}

#[test]
fn other_encodings_are_named() {
    let file = Path::new("x.yaml");
    let utf16: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain("a: 1".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(decode(file, utf16).unwrap_err().message, "the file is UTF-16");
    let latin1 = decode(file, b"a: 1\nb: \xE9\n".to_vec()).unwrap_err();
    assert_eq!(latin1.to_string(), "x.yaml:2:1: the file is not UTF-8");
    assert_eq!(decode(file, b"\xEF\xBB\xBFa: 1".to_vec()).unwrap(), "a: 1");
    assert_eq!(tree("\u{feff}a: 1").value, json!({"a": 1}));
    assert_eq!(refused("a\0:\0").message, "the file holds zero bytes");
}

const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

#[test]
fn manifests_of_all_shapes_become_objects() {
    let list = format!(
        "{MAP}---\n# empty\n---\nkind: List\napiVersion: v1\nitems:\n- {{apiVersion: v1, kind: Secret, metadata: {{name: b}}}}\n"
    );
    let names: Vec<_> = applied(&list).unwrap().iter().map(|o| o["metadata"]["name"].clone()).collect();
    assert_eq!(names, ["a", "b"]);
    let typed = applied("kind: ConfigMapList\napiVersion: v1\nitems:\n- metadata: {name: c}\n").unwrap();
    assert_eq!(typed, [json!({"metadata": {"name": "c"}, "apiVersion": "v1", "kind": "ConfigMap"})]);
    let tabs = "{\n\t\"apiVersion\": \"v1\", \"kind\": \"A\", \"metadata\": {\"name\": \"x\"}}\n{\"apiVersion\": \"v1\", \"kind\": \"A\", \"metadata\": {\"name\": \"y\"}}";
    assert_eq!(applied(tabs).unwrap().len(), 2);
    assert!(applied("---\n---\n\n").unwrap().is_empty());
}

#[test]
fn scalars_of_manifests_are_those_of_kubectl() {
    let text =
        format!("{MAP}data: {{a: yes, b: 'yes', c: 0755, d: \"0755\", e: 2024-01-02, f: |-\n  on\n}}\n");
    let object = applied(&text.replace(", f: |-\n  on\n", "")).unwrap().remove(0);
    assert_eq!(object["data"], json!({"a": true, "b": "yes", "c": 493, "d": "0755", "e": "2024-01-02"}));
    assert_eq!(documents(Path::new("x"), "on: {1: x}").unwrap(), [json!({"true": {"1": "x"}})]);
    assert_eq!(
        documents(Path::new("x"), "a: !!str 1\nb: |\n  on\n").unwrap(),
        [json!({"a": "1", "b": "on\n"})]
    );
}

#[test]
fn what_is_no_object_is_named_by_document_and_line_and_never_shown() {
    let said = |text: &str| applied(text).unwrap_err().to_string();
    assert_eq!(said(&format!("{MAP}---\n- canary\n")), "m.yaml:5:1: document 2 is not a mapping");
    assert_eq!(said("kind: A\nmetadata: {name: x}\n"), "m.yaml:1:1: document 1 lacks `apiVersion`");
    assert_eq!(said("apiVersion: v1\nkind: A\n"), "m.yaml:1:1: document 1 lacks `metadata.name`");
    assert_eq!(
        said("apiVersion: v1\nkind: A\nmetadata: {name: 1}\n"),
        "m.yaml:1:1: document 1 has no text as `metadata.name`"
    );
    assert_eq!(
        said("apiVersion: v1\nkind: List\nitems: [3]\n"),
        "m.yaml:1:1: document 1, item 1 is not a mapping"
    );
}

#[test]
fn errors_about_manifests_hold_no_line_of_them() {
    for text in [
        "stringData:\n  password: canary\n broken: [\n",
        "password: canary\npassword: canary\n",
        "password: !!int canary\n",
        "a: \"canary\n",
        "{\"password\": \"canary\", }}",
        "canary: canary: canary\n",
    ] {
        let error = applied(text).unwrap_err();
        assert!(error.snippet.is_none());
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
}

/// Texts that some reading of YAML takes for something else, between white space.
const TRAPS: &str = r#"y Y yes No on OFF ~ null Null true False 0755 012 0o17 0x1f 0b11 1_000 12e03 1e3 1. .5 +.inf
    .nan 1:30 190:20:30 2001-12-14 2001-12-14t21:59:43.10-05:00 << = a:b a: #a &a *a !a | > %a @a `a {a [a 'a "a
    --- ... - ? : 0.0 -0 +1 123456789012345678901234567890 {} [] !!str é 🦀"#;

/// The same with white space and odd characters.
const SPACED: [&str; 18] = [
    "",
    " ",
    "- a",
    "a: b",
    "a #b",
    "a\n",
    "\na",
    "a\n\n",
    " a",
    "a ",
    "a\tb",
    "\ta",
    "--- a",
    "\u{feff}a",
    "\u{85}",
    "\u{2028}",
    "\u{1}",
    "  indented\nless: |\n  text\n",
];

fn trap() -> impl Strategy<Value = String> {
    prop::sample::select(TRAPS.split_whitespace().chain(SPACED).map(str::to_owned).collect::<Vec<_>>())
}

fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![trap(), "[ -~\n]{0,40}", any::<String>(), "[a-z ]{90,160}"];
    let text = text.prop_filter("zero bytes are refused", |text| !text.contains('\0')).boxed();
    let leaf = prop_oneof![
        text.clone().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(text.clone(), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_by_both_readers(value in value()) {
        let text = to_string(&json!({"v": value}));
        let ours = Tree::parse(Path::new("x"), &text).unwrap().value;
        prop_assert_eq!(&ours["v"], &value, "{}", text);
        let kubectl = documents(Path::new("x"), &text).unwrap();
        prop_assert_eq!(&kubectl[0]["v"], &value, "{}", text);
    }

    #[test]
    fn the_place_of_a_key_is_where_its_text_stands(keys in prop::collection::hash_set("[a-zA-Zé][a-z0-9é_-]{0,8}", 1..8)) {
        let value: Value = keys.iter().map(|key| (key.clone(), json!({"inner": [1, {"leaf": key}]}))).collect();
        let text = to_string(&value);
        let tree = Tree::parse(Path::new("x"), &text).unwrap();
        for key in &keys {
            let (line, column) = tree.error_at_key(&[Segment::Key(key.clone())], "").place.unwrap();
            let at: String = text.lines().nth(line - 1).unwrap().chars().skip(column - 1).collect();
            prop_assert!(at.trim_start_matches(['"', '\'']).starts_with(key), "{} {}", key, text);
            let leaf = [Segment::Key(key.clone()), "inner".into(), 1.into(), "leaf".into()];
            let (line, column) = tree.error_at_key(&leaf, "").place.unwrap();
            let at: String = text.lines().nth(line - 1).unwrap().chars().skip(column - 1).collect();
            prop_assert!(at.starts_with("leaf:"), "{}", text);
        }
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in "[ -~\n\t]{0,120}") {
        let _ = Tree::parse(Path::new("x"), &text);
        let _ = manifests(Path::new("x"), &text);
    }
}

#[test]
fn the_bytes_of_a_document_are_that_document_and_nothing_more() {
    let texts = [
        "a: 1\n",
        "\u{feff}# top\na: 1 # one\n# below\n---\nb:\n  - c\n  # last\n\n---\n",
        "--- # first\na: |\n  text\n\n  more\n\n# after\n--- {b: [1, 2]} # flow\n...\n",
        "a:\r\n  b: \"x\r\n    y\"\r\n---\r\nc: &x 'd'\r\ne: *x\r\nf:\r\n",
        "a: >-\n  folded\n  text\nb:\n---\n{\n  \"c\": \"d\"\n}\n# end",
        "{\"a\": 1} {\"b\": {\"c\": \"}\"}}\n\n{\"d\": []}",
        "key: |+\n  kept\n\n\n---\n- a\n- b\n",
    ];
    for text in texts {
        let all = each(Path::new("a.yaml"), text).unwrap();
        assert!(!all.is_empty());
        let mut end = 0;
        for document in &all {
            let bytes = &text[document.range.clone()];
            let again = each(Path::new("a.yaml"), bytes).unwrap();
            assert_eq!(again.len(), 1, "{bytes:?} of {text:?}");
            if !bytes.contains("|+") {
                assert_eq!(again[0].value, document.value, "{bytes:?} of {text:?}");
            }
            assert!(
                document.range.start >= end && !bytes.contains("---") && !bytes.contains("below"),
                "{bytes:?}"
            );
            end = document.range.end;
        }
    }
}

#[test]
fn a_key_that_stands_twice_is_refused_in_json_too() {
    let error = each(Path::new("a.json"), "{\n\"a\": {\"b\": 1,\n\"b\": 2}}").err().unwrap();
    assert_eq!(error.to_string(), "a.json:3:1: the key `b` stands here a second time");
}

#[test]
fn a_number_of_json_is_written_as_it_was_read() {
    for number in ["2.2222222222222225e+80", "0.1", "1.7976931348623157e+308"] {
        let read = each(Path::new("a.json"), &format!("{{\"a\": {number}}}")).unwrap();
        assert_eq!(serde_json::to_string(&read[0].value["a"]).unwrap(), number);
    }
}

#[test]
fn what_is_wrong_in_one_of_several_json_objects_is_told_with_its_line() {
    for (text, said) in [
        ("{\"a\": 1}\n{\"a\": 2}\n{\"a\":\n 3,}\n", "x:4:4: not valid JSON: trailing comma"),
        ("{\"a\": 1}\n{\"a\":\n 2", "x:3:2: not valid JSON: EOF while parsing an object"),
        ("{\"a\": 1}\n{\"k\": 1,\n\"k\":\n{\"b\": 1}}\n", "x:3:3: the key `k` stands here a second time"),
        ("{\"k\": 1,\n\"k\": 2}\n", "x:2:1: the key `k` stands here a second time"),
    ] {
        assert_eq!(documents(Path::new("x"), text).unwrap_err().to_string(), said, "{text}");
    }
}
