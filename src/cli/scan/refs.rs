//! What hooks of Git are told of a push.

use crate::error::Error;
use crate::scan::history::Range;

/// The commits that a push brings. Lines are those of pre-push, `LOCAL-REF LOCAL-ID REMOTE-REF REMOTE-ID`, or those of
/// pre-receive, `OLD-ID NEW-ID REF`. Of a remote that is named what it has is known; of none what any has.
///
/// # Errors
/// A line that is neither.
pub(super) fn range(lines: &str, remote: Option<&str>) -> Result<Range, Error> {
    let (mut new, mut old) = (Vec::new(), Vec::new());
    let remote = remote.filter(|name| !name.is_empty());
    let mut others = remote.map_or_else(|| "--remotes".to_owned(), |name| format!("--remotes={name}"));
    for (number, line) in (1..).zip(lines.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (before, after) = match words[..] {
            [_, local, _, remote] if is_id(local) && is_id(remote) => (remote, local),
            [before, after, _] if is_id(before) && is_id(after) => {
                // What is there already is on a branch of the repository that receives.
                others = "--all".into();
                (before, after)
            }
            _ => return Err(unknown(number)),
        };
        let is_there = |id: &str| id.bytes().any(|byte| byte != b'0');
        new.extend(is_there(after).then(|| after.to_owned()));
        old.extend(is_there(before).then(|| before.to_owned()));
    }
    if new.is_empty() {
        // References are removed, and nothing comes.
        return Ok(Range::Revisions(vec!["--max-count=0".into(), "--all".into()]));
    }
    let not = ["--not".to_owned()].into_iter().chain(old).chain([others]);
    Ok(Range::Revisions(["--ignore-missing".to_owned()].into_iter().chain(new).chain(not).collect()))
}

fn is_id(word: &str) -> bool {
    matches!(word.len(), 40 | 64) && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn unknown(number: usize) -> Error {
    Error::Usage {
        complaint: format!("line {number} is none that Git gives to a hook"),
        hint: "pre-push is given `LOCAL-REF LOCAL-ID REMOTE-REF REMOTE-ID`, pre-receive `OLD-ID NEW-ID REF`"
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "1111111111111111111111111111111111111111";
    const B: &str = "2222222222222222222222222222222222222222";
    const NONE: &str = "0000000000000000000000000000000000000000";

    fn words(lines: &str) -> String {
        match range(lines, None).unwrap() {
            Range::Revisions(words) => words.join(" "),
            Range::All => panic!("a range"),
        }
    }

    #[test]
    fn a_push_brings_what_the_remote_does_not_have() {
        let line = format!("refs/heads/main {B} refs/heads/main {A}\n");
        assert_eq!(words(&line), format!("--ignore-missing {B} --not {A} --remotes"));
        let new = format!("refs/heads/x {B} refs/heads/x {NONE}\n");
        assert_eq!(words(&new), format!("--ignore-missing {B} --not --remotes"));
    }

    #[test]
    fn what_another_remote_has_the_one_that_is_pushed_to_need_not_have() {
        let line = format!("refs/heads/x {B} refs/heads/x {NONE}\n");
        let Range::Revisions(words) = range(&line, Some("mirror")).unwrap() else { panic!("a range") };
        assert_eq!(words.last().unwrap(), "--remotes=mirror");
    }

    #[test]
    fn a_repository_receives_what_none_of_its_branches_has() {
        assert_eq!(
            words(&format!("{A} {B} refs/heads/main\n")),
            format!("--ignore-missing {B} --not {A} --all")
        );
    }

    #[test]
    fn what_is_removed_brings_nothing_and_nonsense_is_refused() {
        assert_eq!(words(&format!("(delete) {NONE} refs/heads/x {A}\n")), "--max-count=0 --all");
        assert!(range("a b c\n", None).is_err());
    }
}
