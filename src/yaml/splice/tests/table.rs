//! Small texts before and after, a sentence each.

use super::{append, edited, open, path, remove, rename, set};

#[test]
fn a_value_is_replaced_and_all_around_it_stays() {
    for (before, at, new, after) in [
        ("a: 1 # one\nb: 2\n", "a", "x", "a: x # one\nb: 2\n"),
        ("a:   x\t# one\n", "a", "w", "a:   w\t# one\n"),
        ("a: 'x'\n", "a", "it's", "a: 'it''s'\n"),
        ("a: \"x\"\n", "a", "w", "a: \"w\"\n"),
        ("a: 'x'\n", "a", "two\nlines", "a: \"two\\nlines\"\n"),
        ("a: x\n", "a", "yes", "a: \"yes\"\n"),
        ("a: wes\n", "a", "yes", "a: \"yes\"\n"),
        ("a: 'yes'\n", "a", "yes", "a: 'yes'\n"),
        ("a: x", "a", "w", "a: w"),
        ("a: x\r\nb: y\r\n", "a", "z", "a: z\r\nb: y\r\n"),
        ("\u{feff}a: x\n", "a", "w", "\u{feff}a: w\n"),
        ("--- # d\na: x\n...\n", "a", "w", "--- # d\na: w\n...\n"),
        ("a: long\n  words # c\nb: 1\n", "a", "w", "a: w # c\nb: 1\n"),
        ("a: &n x\n", "a", "w", "a: &n w\n"),
        ("a: !!str 1\n", "a", "2", "a: !!str \"2\"\n"),
        ("a:\nb: 1\n", "a", "w", "a: w\nb: 1\n"),
        ("a:   # none\n", "a", "w", "a: w   # none\n"),
        ("-   # none\n- b\n", "0", "x", "- x   # none\n- b\n"),
        ("{a: x, b: [1, y]}\n", "b.1", "z,z", "{a: x, b: [1, \"z,z\"]}\n"),
        ("- a: 1\n- a: 2\n", "1.a", "z", "- a: 1\n- a: z\n"),
        ("? a\n: x\n", "a", "w", "? a\n: w\n"),
        ("{\"a\": 1}", "a", "z", "{\"a\": \"z\"}"),
        ("{\n\t\"a\": \"x\"\n}", "a", "z", "{\n\t\"a\": \"z\"\n}"),
    ] {
        assert_eq!(set(before, at, new), after, "{before:?}");
    }
}

#[test]
fn a_block_of_text_stays_one_where_it_can() {
    for (before, new, after) in [
        ("a: |\n  x\nb: 1\n", "w\n", "a: |\n  w\nb: 1\n"),
        ("a: | # why\n    x\n    z\n\n# b\nb: 1\n", "w", "a: |- # why\n    w\n\n# b\nb: 1\n"),
        ("a: >-\n  x\n  z\nb: 1\n", "AgB=", "a: >-\n  AgB=\nb: 1\n"),
        ("a: >-\n  x\n", "p\n\nq", "a: |-\n  p\n\n  q\n"),
        ("a: |+\n  x\n\nb: 1\n", "w\n", "a: |\n  w\nb: 1\n"),
        ("a: | # why\n  x\nb: 1\n", " led", "a: \" led\" # why\nb: 1\n"),
        ("a: |2\n   x\nb: 1\n", "w", "a: w\nb: 1\n"),
        ("a: |-\r\n  x\r\nb: 1\r\n", "w\nz", "a: |-\r\n  w\r\n  z\r\nb: 1\r\n"),
        ("a: |-\n  x\n", "\n A", "a: \"\\n A\"\n"),
        ("a: |-\n  x", "w\n", "a: \"w\\n\""),
        ("a: |\nb: 1\n", "w", "a: w\nb: 1\n"),
    ] {
        assert_eq!(set(before, "a", new), after, "{before:?}");
    }
}

#[test]
fn a_new_key_finds_its_place_and_the_layout_of_its_neighbours() {
    for (before, at, after) in [
        ("a: 1\nc: 3\n", "b", "a: 1\nb: v\nc: 3\n"),
        ("c: 1\na: 3\n", "b", "c: 1\na: 3\nb: v\n"),
        ("a: 1", "b", "a: 1\nb: v"),
        ("a: 1\r\n", "b", "a: 1\r\nb: v\r\n"),
        ("# file\nb: 1\n", "a", "# file\na: v\nb: 1\n"),
        ("x:\n    # of b\n    b: 1\n", "x.a", "x:\n    a: v\n    # of b\n    b: 1\n"),
        ("x:\n  # all\n  b: 1\n  c: 2\n", "x.a", "x:\n  # all\n  a: v\n  b: 1\n  c: 2\n"),
        ("x:\n  a: 1 # one\n\n# end\n", "x.b", "x:\n  a: 1 # one\n  b: v\n\n# end\n"),
        ("x:\n  a:\n    - 1\n    # deep\ny: 1\n", "x.b", "x:\n  a:\n    - 1\n    # deep\n  b: v\ny: 1\n"),
        ("x:\n  'a': 1\n", "x.b", "x:\n  'a': 1\n  'b': v\n"),
        ("x:\n  \"a\": \"1\"\n", "x.b", "x:\n  \"a\": \"1\"\n  \"b\": \"v\"\n"),
        ("- b: 1\n  c: 2\n", "0.a", "- a: v\n  b: 1\n  c: 2\n"),
        ("- a: 1 # one\n- x\n", "0.b", "- a: 1 # one\n  b: v\n- x\n"),
        ("x:\n  a: |\n    # text\n\ny: 1\n", "x.b", "x:\n  a: |\n    # text\n  b: v\n\ny: 1\n"),
        ("a: x\n...\n", "b", "a: x\nb: v\n...\n"),
        ("a:\n  a: 1\n", "off", "a:\n  a: 1\n\"off\": v\n"),
    ] {
        assert_eq!(set(before, at, "v"), after, "{before:?}");
    }
}

#[test]
fn missing_mappings_are_made_with_the_step_of_the_file() {
    for (before, at, after) in [
        ("a: 1\n", "x.w.z", "a: 1\nx:\n  w:\n    z: v\n"),
        ("a:\n    b: 1\n", "x.w", "a:\n    b: 1\nx:\n    w: v\n"),
        ("x:\ny: 1\n", "x.a", "x:\n  a: v\ny: 1\n"),
        ("x: # none\ny: 1\n", "x.a", "x: # none\n  a: v\ny: 1\n"),
        ("x: null # none\n", "x.a", "x: # none\n  a: v\n"),
        ("x: {} # none\n", "x.a", "x: # none\n  a: v\n"),
        ("x:\n  # a: old\ny: 1\n", "x.b", "x:\n  b: v\n  # a: old\ny: 1\n"),
        ("- x:\n  y: 1\n", "0.x.a", "- x:\n    a: v\n  y: 1\n"),
        ("{}\n", "a", "{\"a\": \"v\"}\n"),
        ("- {}\n", "0.a", "- {a: v}\n"),
        ("x: {\n  # none\n}\n", "x.a", "x: {\n  a: v\n  # none\n}\n"),
        ("k: {x: , w: null}\n", "k.x.a", "k: {x: {a: v} , w: null}\n"),
        ("k: {x: , w: null}\n", "k.w.a", "k: {x: , w: {a: v}}\n"),
        ("{\"x\":null}", "x.a", "{\"x\":{\"a\":\"v\"}}"),
    ] {
        assert_eq!(set(before, at, "v"), after, "{before:?}");
    }
}

#[test]
fn flow_mappings_grow_between_their_braces() {
    for (before, at, after) in [
        ("x: {a: 1, c: 3}\n", "x.b", "x: {a: 1, b: v, c: 3}\n"),
        ("x: { b: 1 } # c\n", "x.a", "x: { a: v, b: 1 } # c\n"),
        ("x: { b: 1 } # c\n", "x.c", "x: { b: 1, c: v } # c\n"),
        ("x: {a: 1,}\n", "x.b", "x: {a: 1, b: v,}\n"),
        (
            "x: {\n  a: 1, # one\n  # of c\n  c: 3 # three\n}\n",
            "x.b",
            "x: {\n  a: 1, # one\n  b: v,\n  # of c\n  c: 3 # three\n}\n",
        ),
        (
            "x: {\n  a: 1, # one\n  c: 3 # three\n}\n",
            "x.d",
            "x: {\n  a: 1, # one\n  c: 3, # three\n  d: v\n}\n",
        ),
        ("{\"a\":1}", "b", "{\"a\":1,\"b\":\"v\"}"),
        ("{\n  \"a\": 1\n}\n", "x.y", "{\n  \"a\": 1,\n  \"x\": {\n    \"y\": \"v\"\n  }\n}\n"),
        ("{\n\t\"b\": 1\n}\n", "a.x", "{\n\t\"a\": {\n\t\t\"x\": \"v\"\n\t},\n\t\"b\": 1\n}\n"),
        ("{\n  \"a\": {}\n}\n", "a.b", "{\n  \"a\": {\n    \"b\": \"v\"\n  }\n}\n"),
    ] {
        assert_eq!(set(before, at, "v"), after, "{before:?}");
    }
}

#[test]
fn a_removed_key_takes_its_own_comments_along() {
    for (before, at, after) in [
        ("a: 1\nb: 2 # two\nc: 3\n", "b", "a: 1\nc: 3\n"),
        ("a: 1\n# of b\n# still\nb: 2\nc: 3\n", "b", "a: 1\nc: 3\n"),
        ("a: 1\n\n# section\nb: 2\nc: 3\n", "b", "a: 1\n\n# section\nc: 3\n"),
        ("a: 1\n\n# of b\nb: 2\n\nc: 3\n", "b", "a: 1\n\n\nc: 3\n"),
        ("# licence\na: 1\n\nb: 2\n", "a", "# licence\n\nb: 2\n"),
        ("a: 1\nb: 2", "b", "a: 1"),
        ("a: 1\r\nb: 2\r\n", "b", "a: 1\r\n"),
        ("a: 1\nb:\n  - 1\n  # deep\nc: 3\n", "b", "a: 1\nc: 3\n"),
        ("a: 1\nb: |\n  x\n\nc: 3\n", "b", "a: 1\n\nc: 3\n"),
        ("x:\n  a: 1 # one\ny: 2\n", "x.a", "x: {}\ny: 2\n"),
        ("x: # why\n  # of a\n  a: 1\ny: 2\n", "x.a", "x: {} # why\ny: 2\n"),
        ("a: 1\n", "a", "{}\n"),
        ("x:\n- 1\n", "x.0", "x: []\n"),
        ("- a: 1\n  # of b\n  b: 2\n", "0.a", "- # of b\n  b: 2\n"),
        ("- a: 1\n- c\n", "0.a", "- {}\n- c\n"),
        ("- a\n- b\n- c\n", "1", "- a\n- c\n"),
        ("x: {a: 1, b: 2, c: 3}\n", "x.b", "x: {a: 1, c: 3}\n"),
        ("x: {a: 1, b: 2}\n", "x.a", "x: {b: 2}\n"),
        ("x: { a: 1, b: 2 }\n", "x.b", "x: { a: 1 }\n"),
        ("x: {a: 1, b: 2,}\n", "x.b", "x: {a: 1,}\n"),
        ("x: {a: 1}\n", "x.a", "x: {}\n"),
        ("{\n  \"a\": 1,\n  \"b\": 2\n}\n", "b", "{\n  \"a\": 1\n}\n"),
        ("{\n  \"a\": 1,\n  \"b\": 2\n}\n", "a", "{\n  \"b\": 2\n}\n"),
        ("a: 1\n", "b", "a: 1\n"),
    ] {
        assert_eq!(remove(before, at), after, "{before:?}");
    }
}

#[test]
fn a_renamed_key_keeps_its_place_and_quotes() {
    for (before, at, new, after) in [
        ("a: 1 # one\nb: 2\n", "a", "z", "z: 1 # one\nb: 2\n"),
        ("'a' : 1\n", "a", "z", "'z' : 1\n"),
        ("{\"a\":1}", "a", "z", "{\"z\":1}"),
        ("a: 1\n", "a", "on", "\"on\": 1\n"),
        ("x: {a: 1}\n", "x.a", "b", "x: {b: 1}\n"),
        ("a: 1\n", "a", "a", "a: 1\n"),
    ] {
        assert_eq!(rename(before, at, new), after, "{before:?}");
    }
}

#[test]
fn an_item_joins_a_list_in_its_order() {
    for (before, new, after) in [
        ("r:\n- a\n- c\n", "b", "r:\n- a\n- b\n- c\n"),
        ("r:\n  - c # last\n  - a\n", "b", "r:\n  - c # last\n  - a\n  - b\n"),
        ("r:\n- b\n- c\n", "a", "r:\n- a\n- b\n- c\n"),
        ("r:\n- b\n", "a", "r:\n- b\n- a\n"),
        ("r:\n- ./a\n", "./a", "r:\n- ./a\n"),
        ("r: [b, c]\n", "a", "r: [a, b, c]\n"),
        ("r: [b, a]\n", "c", "r: [b, a, c]\n"),
        ("r: [\n  b,\n  a\n]\n", "c", "r: [\n  b,\n  a,\n  c\n]\n"),
        ("r: []\n", "a", "r:\n  - a\n"),
        ("r:\n", "a", "r:\n  - a\n"),
        ("k: 1\n", "a", "k: 1\nr:\n  - a\n"),
        ("k:\n- 1\n", "a", "k:\n- 1\nr:\n- a\n"),
        ("{\"k\": 1}", "a", "{\"k\": 1, \"r\": [\"a\"]}"),
        ("{\"r\": []}", "a", "{\"r\": [\"a\"]}"),
    ] {
        assert_eq!(append(before, "r", new), after, "{before:?}");
    }
}

#[test]
fn a_document_is_replaced_and_the_others_stay() {
    for (before, index, new, after) in [
        (
            "a: 1\n---\n# top\nb: 2 # x\n# end\n---\nc: 3\n",
            1,
            "---\nn: 1\nm: 2\n",
            "a: 1\n---\n# top\nn: 1\nm: 2\n# end\n---\nc: 3\n",
        ),
        ("a: 1\r\n---\r\nb: 2", 1, "n: 1\nm: 2\n", "a: 1\r\n---\r\nn: 1\r\nm: 2"),
        ("--- {a: 1}\n...\n", 0, "n: 1\n", "--- \nn: 1\n...\n"),
        ("---\n---\na: 1\n", 0, "n: 1\n", "---\nn: 1\n---\na: 1\n"),
        ("\u{feff}a: |\n  x\n\n---\nb: 1\n", 0, "n: 1", "\u{feff}n: 1\n\n---\nb: 1\n"),
    ] {
        let mut edit = open(before);
        edit.replace_document(index, new).unwrap();
        assert_eq!(edit.text(), after, "{before:?}");
    }
}

#[test]
fn a_document_is_added_behind_another() {
    for (before, after_index, after) in [
        ("a: 1\n", 0, "a: 1\n---\nn: 1\n"),
        ("a: 1", 0, "a: 1\n---\nn: 1"),
        ("---\na: 1\n# end\n---\nb: 1\n", 0, "---\na: 1\n# end\n---\nn: 1\n---\nb: 1\n"),
        ("a: 1\n...\n", 0, "a: 1\n...\n---\nn: 1\n"),
    ] {
        let mut edit = open(before);
        edit.insert_document(after_index, "---\nn: 1\n").unwrap();
        assert_eq!(edit.text(), after, "{before:?}");
    }
}

#[test]
fn edits_follow_one_another_in_any_document() {
    let mut edit = open("a: 1\n---\nb:\n  c: 1\n");
    let mut second = edit.document(1).unwrap();
    second.set(&path("b.d"), "2").unwrap();
    second.remove(&path("b.c")).unwrap();
    second.rename(&path("b.d"), "e").unwrap();
    assert_eq!(edit.text(), "a: 1\n---\nb:\n  e: \"2\"\n");
    assert_eq!(edit.count(), 2);
    assert_eq!(edit.values().unwrap()[1], serde_json::json!({"b": {"e": "2"}}));
    assert!(edited("a: 1\n", |document| document.set(&path("a"), "x")).is_ok());
}

#[test]
fn the_last_entry_between_braces_leaves_the_comments_of_others() {
    for (before, after) in [
        ("x: {\n  # why this map exists\n\n  a: 1\n}\n", "x: {\n  # why this map exists\n\n}\n"),
        ("x: {a: 1}\n", "x: {}\n"),
        ("x: {\n  a: 1 # one\n}\n", "x: {}\n"),
    ] {
        assert_eq!(remove(before, "x.a"), after, "{before:?}");
    }
}
