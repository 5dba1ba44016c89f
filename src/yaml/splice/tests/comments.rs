//! Comments that are taken out, and what stays.

use super::open;

#[test]
fn a_comment_goes_with_its_line_or_from_behind_what_stays() {
    let rows = [
        ("# old\na: 1\n", "a: 1\n"),
        ("a: 1 # old\n", "a: 1\n"),
        ("a: 1\n# old", "a: 1\n"),
        ("a:\n  # old\n  # new\n  b: 1\n", "a:\n  # new\n  b: 1\n"),
        ("a: | # old\n  # old\n", "a: |\n  # old\n"),
        ("a: 'x # old' # new\n", "a: 'x # old' # new\n"),
        ("a: 1\n--- # old\nb: 2\n# old\n", "a: 1\n---\nb: 2\n"),
        ("{a: 1, # old\n b: 2}\n", "{a: 1,\n b: 2}\n"),
        ("\u{feff}# old\r\na: 1 # old\r\n", "\u{feff}a: 1\r\n"),
        ("a: 1\r\n  # old\r\nb: 2\r\n", "a: 1\r\nb: 2\r\n"),
    ];
    for (before, after) in rows {
        let mut edit = open(before);
        let count = edit.remove_comments(|comment| comment.contains("old")).unwrap();
        assert_eq!(edit.text(), after, "{before:?}");
        assert_eq!(count > 0, before != after, "{before:?}");
    }
}
