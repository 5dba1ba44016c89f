//! What is refused, with its place and what to do; the text stays as it was.

use super::{Edit, edited, open, path};
use crate::yaml::Error;

fn refused(text: &str, at: &str) -> Error {
    let set = |document: &mut super::Document| document.set(&path(at), "v");
    let mut edit = open(text);
    let error = set(&mut edit.document(0).unwrap()).unwrap_err();
    assert_eq!(edit.text(), text);
    error
}

#[test]
fn what_an_edit_would_change_elsewhere_is_refused() {
    let said = |text: &str, at: &str| refused(text, at).to_string();
    assert_eq!(said("a: &n x\nb: *n\n", "a"), "x.yaml:1:7: this is `&n`, and line 2 takes it over with `*n`");
    assert_eq!(said("a: &n x\nb: *n\n", "b"), "x.yaml:2:4: the alias `*n` stands here");
    assert_eq!(
        said("a: &n\n  c: 1\nb: *n\n", "a.d"),
        "x.yaml:2:3: this is `&n`, and line 3 takes it over with `*n`"
    );
    assert_eq!(said("a: &n {c: 1}\nb: *n\n", "b.c"), "x.yaml:2:4: the alias `*n` stands here");
    assert_eq!(
        said("m: &m {a: 1}\nb:\n  <<: *m\n  c: 1\n", "b.a"),
        "x.yaml:3:3: this mapping takes keys from another one (`<<`)"
    );
    let text = "b:\n  k: &n x\nc: *n\n";
    let error = edited(text, |document| document.remove(&path("b"))).unwrap_err();
    assert_eq!(error.place, Some((2, 9)));
}

#[test]
fn a_value_beside_a_merge_key_can_be_set_where_it_is_written_out() {
    let text = "m: &m {a: 1}\nb:\n  <<: *m\n  c: 1\n";
    let after = edited(text, |document| document.set(&path("b.c"), "x")).unwrap();
    assert_eq!(after, text.replace("c: 1", "c: x"));
}

#[test]
fn what_leaves_doubt_is_refused() {
    let said = |text: &str, at: &str| refused(text, at).to_string();
    assert_eq!(said("a: 1\nb: 2\na: 3\n", "b"), "x.yaml:3:1: the key `a` stands here a second time");
    assert_eq!(
        said("on: 1\n", "on"),
        "x.yaml:1:1: the key `on` is `true` to kubectl, and something else to others"
    );
    assert_eq!(said("? [a]\n: 1\n", "b"), "x.yaml:1:3: a list stands here as a key");
    assert_eq!(said("? a\n: 1\n", "b"), "x.yaml:1:3: this key is written with `?`");
    assert_eq!(
        said("a: !!binary AAAA\n", "a"),
        "x.yaml:1:13: the tag `!!binary` gives this value a meaning of its own"
    );
    assert_eq!(
        said("a: !vault |\n  x\n", "a"),
        "x.yaml:2:3: the tag `!vault` gives this value a meaning of its own"
    );
    assert_eq!(
        said("a: |\n  x", "b"),
        "x.yaml:1:1: the file ends within a block of text, without a line break"
    );
}

#[test]
fn what_is_no_mapping_is_named() {
    let said = |text: &str, at: &str| refused(text, at).to_string();
    assert_eq!(said("- 1\n", "a"), "x.yaml:1:1: a list stands where the key `a` should be in");
    assert_eq!(said("a: [1]\n", "a"), "x.yaml:1:4: a list stands here, not a single value");
    assert_eq!(said("a: {b: 1}\n", "a.0"), "x.yaml:1:4: a mapping stands where a list should be");
    assert_eq!(said("a: [1]\n", "a.3"), "x.yaml:1:4: the list has no item 3");
    assert_eq!(said("text\n", ""), "x.yaml:1:1: the document holds a single value, not a mapping");
    assert_eq!(said("---\n", "a"), "x.yaml:1:4: the document holds nothing, not a mapping");
    assert_eq!(open("a: 1\n").document(1).unwrap_err().message, "there is no document 2: the file holds 1");
}

#[test]
fn a_new_name_that_exists_is_refused_and_a_missing_one_cannot_be_renamed() {
    let rename = |at: &str, new: &str| edited("a: 1\nb: 2\n", |document| document.rename(&path(at), new));
    assert_eq!(rename("a", "b").unwrap_err().to_string(), "x.yaml:2:1: the key `b` is there already");
    assert_eq!(rename("c", "d").unwrap_err().to_string(), "x.yaml:1:1: there is no key `c` here");
}

#[test]
fn a_template_is_named_as_one_and_no_line_of_it_is_shown() {
    let error = Edit::open("t.yaml".as_ref(), "a: {{ .Values.canary }}: [\n").unwrap_err();
    assert!(error.message.starts_with("not valid YAML"), "{error}");
    assert!(error.hint.as_deref().is_some_and(|hint| hint.contains("template")));
    assert!(!format!("{error:?}").contains("canary"));
}

#[test]
fn a_document_that_is_none_is_refused() {
    let mut edit = open("a: 1\n");
    for text in ["a: [", "a: 1\n---\nb: 1\n", "# nothing\n", "a\r", "a\r\r\n", "a: \"\0\"\n"] {
        assert!(edit.replace_document(0, text).is_err(), "{text}");
        assert!(edit.insert_document(0, text).is_err(), "{text}");
    }
    assert_eq!(edit.text(), "a: 1\n");
}

#[test]
fn zero_bytes_and_lone_carriage_returns_are_refused() {
    for text in ["a: 1\0\n", "a: 1\rb: 2\n"] {
        assert!(Edit::open("x.yaml".as_ref(), text).is_err());
    }
}
