//! The table in the manual that says what is said when Vault refuses: each row is compared with what was said.

use super::scene::Problem;

const MANUAL: &str = include_str!("../../../docs/external.md");
const HEAD: &str = "| what is wrong | what is said | what helps |";

/// Failure, sentence, and what helps, row by row.
pub(super) fn rows() -> Vec<[&'static str; 3]> {
    let (_, table) = MANUAL.split_once(HEAD).expect("the table is there");
    let lines = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            <[&str; 3]>::try_from(cells).unwrap_or_else(|cells| panic!("three cells: {cells:?}"))
        })
        .collect()
}

/// Fails where it was not said as the manual has it.
#[track_caller]
pub(super) fn assert_said(failure: &str, problem: &Problem) {
    let row = rows().into_iter().find(|row| row[0] == failure);
    let [_, said, helps] = row.unwrap_or_else(|| panic!("no row `{failure}` in the manual: {problem:#?}"));
    assert!(is_like(said, &problem.said), "{failure}\n  manual: {said}\n  said:   {}", problem.said);
    assert!(is_like(helps, &problem.helps), "{failure}\n  manual: {helps}\n  said:   {}", problem.helps);
}

/// Whether a text is as a pattern, in which `…` stands for anything.
fn is_like(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('…');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[test]
fn a_pattern_is_met_from_its_beginning_to_its_end() {
    assert!(is_like("a", "a") && is_like("a…c", "abc") && is_like("a…c…e", "abcde") && is_like("…", ""));
    for text in ["a", "abcd", "xabc", "ab"] {
        assert!(!is_like("a…c", text), "{text}");
    }
}

/// A row that nothing provokes would be a promise.
#[test]
fn each_row_is_provoked_by_a_test() {
    let tests =
        concat!(include_str!("../failures.rs"), include_str!("half_way.rs"), include_str!("nodes.rs"));
    for [failure, ..] in rows() {
        assert!(tests.contains(&format!("\"{failure}\"")), "{failure}");
    }
}
