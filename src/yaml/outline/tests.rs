//! What is understood of texts that are no YAML.

use super::{Outline, outlines};

fn only(text: &str) -> Outline<'_> {
    outlines(text).next().unwrap()
}

fn scalar(outline: &Outline, way: &[&str]) -> String {
    outline.text_at(0, way).unwrap_or_else(|| panic!("nothing at {way:?}")).into_owned()
}

#[test]
fn a_template_of_helm_is_understood_beside_its_expressions() {
    let text = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ include \"x.name\" . }}\n  labels:\n    {{- include \"x.labels\" . | nindent 4 }}\n{{- if .Values.on }}\ndata:\n  {{- range $k, $v := .Values.data }}\n  {{ $k }}: {{ $v | b64enc | quote }}\n  {{- end }}\n  password: aHVudGVyMg==\n{{- end }}\ntype: \"{{ .Values.type | default \"Opaque\" }}\"\n";
    let outline = only(text);
    assert_eq!(scalar(&outline, &["kind"]), "Secret");
    assert_eq!(scalar(&outline, &["metadata", "name"]), "{{ include \"x.name\" . }}");
    assert_eq!(scalar(&outline, &["data", "password"]), "aHVudGVyMg==");
    assert_eq!(scalar(&outline, &["data", "{{ $k }}"]), "{{ $v | b64enc | quote }}");
    assert_eq!(scalar(&outline, &["type"]), "{{ .Values.type | default \"Opaque\" }}");
}

#[test]
fn indentation_that_fits_nowhere_is_doubted_and_its_keys_are_read() {
    let outline = only("apiVersion: v1\n  data:\n    password: {{ .Values.Password }}\n  kind: secret\n");
    assert_eq!(scalar(&outline, &["kind"]), "secret");
    assert_eq!(scalar(&outline, &["data", "password"]), "{{ .Values.Password }}");
    assert!(!outline.doubts().is_empty());
}

#[test]
fn quotes_that_do_not_end_cost_one_line() {
    let outline = only("a: \"x\nb: y\n");
    assert_eq!(scalar(&outline, &["b"]), "y");
}

#[test]
fn a_byte_of_a_value_is_found_where_it_is_written() {
    let text = "a: |\n    one\n    two pass\nb: \"x\\ny\\u00e9z\"\nc: 'it''s'\nd: one\n  two\n";
    let outline = only(text);
    for (key, part, written) in
        [("a", "pass", "pass"), ("b", "z", "z"), ("c", "s", "s'"), ("d", "two", "two\n")]
    {
        let id = outline.get(0, key).unwrap();
        let value = outline.scalar(id).unwrap();
        let at = outline.places(id).of(value.rfind(part).unwrap());
        assert!(text[at..].starts_with(written), "{key}: {}", &text[at..]);
    }
}

#[test]
fn an_alias_is_what_its_anchor_was_last_given_to() {
    let outline = only("a: &x one\nb: *x\nc: &x two\nd: *x\ne: &m {k: v}\nf: *m\ng: *none\n");
    assert_eq!(scalar(&outline, &["b"]), "one");
    assert_eq!(scalar(&outline, &["d"]), "two");
    assert_eq!(scalar(&outline, &["f", "k"]), "v");
    assert_eq!(outline.text_at(0, &["g"]), None);
}

#[test]
fn deep_texts_end() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(only(&deep).size() < 1000);
    let blocks: String = (0..2000).fold(String::new(), |text, depth| text + &" ".repeat(depth) + "a:\n");
    assert!(only(&blocks).size() < 1000);
}

#[test]
fn json_behind_json_is_a_document_of_its_own() {
    let kinds: Vec<_> = outlines("{\"kind\": \"A\"}\n{\"kind\": \"B\"}\n[1]\n")
        .map(|outline| outline.text_at(0, &["kind"]).map(std::borrow::Cow::into_owned))
        .collect();
    assert_eq!(kinds, [Some("A".into()), Some("B".into()), None]);
}

#[test]
fn braces_in_quotes_of_json_are_text() {
    let outline = only("{\"open\": \"{{\", \"password\": \"hunter2abc\", \"close\": \"}}\"}");
    assert_eq!(scalar(&outline, &["password"]), "hunter2abc");
}

#[test]
fn items_know_their_numbers() {
    let outline = only("a: [x, {y: [1, 2]}]\nb:\n- p\n- q\n- r\n");
    let numbers = |way: &[&str]| -> Vec<usize> {
        let list = outline.at(0, way).unwrap();
        outline.children(list).map(|item| outline.number(item)).collect()
    };
    assert_eq!((numbers(&["a"]), numbers(&["b"])), (vec![0, 1], vec![0, 1, 2]));
}

#[test]
fn a_document_of_too_many_values_is_doubted_and_not_read_to_its_end() {
    let many = format!("[{}]", "1,".repeat(3_000_000));
    let outline = only(&many);
    assert!(outline.size() < 2_100_000 && !outline.doubts().is_empty());
}

#[test]
fn what_stands_before_the_first_mark_is_a_document_only_where_it_holds_something() {
    let many = |text: &str| outlines(text).count();
    assert_eq!(many("# a comment\n%YAML 1.2\n---\na: 1\n---\nb: 2\n"), 2);
    assert_eq!(many("---\na: 1\n"), 1);
    assert_eq!(many("a: 1\n---\nb: 2\n"), 2);
    assert_eq!(many("# a comment\n"), 1);
}

#[test]
fn a_part_of_a_scalar_stands_where_all_of_it_is_written() {
    let text = "a: \"x\\u00e9y\"\n";
    let outline = outlines(text).next().unwrap();
    let places = outline.places(1);
    let written = |part| &text[places.range(part)];
    assert_eq!((written(1..3), written(0..4), written(3..4)), ("\\u00e9", "x\\u00e9y", "y"));
    assert!(places.range(4..4).is_empty());
}

#[test]
fn an_item_is_not_asked_for_by_a_key() {
    let outline = only("- \u{e4}\n- \u{e4}\n- c\n- d\n- e\n");
    assert_eq!(outline.get(0, "sops"), None);
    for id in outline.children(0) {
        assert_eq!((outline.key(id), outline.key_range(id).start), (None, outline.range(id).start));
    }
}
