//! That what was meant has come: the new texts hold none of the values that are said to be mended, in comments neither.

use std::ops::Range;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::comments;
use super::refusal::No;
use super::sops;
use super::tree::Tree;
use super::work::Done;
use super::{Means, Wound};
use crate::scan::{self, Finding, place};

/// Scans what has changed. Gives the findings that were refused and are gone all the same.
///
/// # Errors
/// A value that was mended is still there, be it in a comment, or a new file has one in clear.
pub(super) fn check(
    wound: &Wound,
    before: &Tree,
    after: &Tree,
    means: &Means,
    done: &Done,
) -> Result<Vec<usize>, No> {
    let failed = || No::new(UNCLEAN, "mend it by hand");
    let text = after.text(wound.path, means.read).unwrap_or_default();
    let left = leaks(means, wound.path, &text);
    let of = |finding: &Finding| left.iter().filter(|other| is_same(other, finding)).count();
    let refused: Vec<&Finding> =
        done.refused.iter().filter_map(|(number, _)| wound.findings.get(*number)).collect();
    for finding in done.mended.iter().filter_map(|number| wound.findings.get(*number)) {
        let may_stay = refused.iter().filter(|other| is_same(other, finding)).count();
        (of(finding) <= may_stay).then_some(()).ok_or_else(failed)?;
    }
    if left.len() > done.refused.len() {
        return Err(failed());
    }
    let mended = done.mended.iter().filter_map(|number| wound.findings.get(*number));
    in_no_comment(before, after, mended)?;
    // What was added behind SOPS' back may go again.
    let of_sops = |number: &usize| wound.findings.get(*number).is_some_and(|f| f.rule == "sops-unencrypted");
    let is_of_sops = done.mended.iter().all(of_sops).then_some(wound.path);
    sops::is_edited_by_itself(before, after, means, is_of_sops)?;
    let is_gone = |number: &usize| wound.findings.get(*number).is_some_and(|finding| of(finding) == 0);
    let gone = done.refused.iter().map(|(number, _)| *number).filter(is_gone).collect();
    adds_nothing_but(before, after, means, Some(wound.path)).map(|()| gone)
}

/// That no comment of what has changed holds a value that was mended, as it is or in base64.
///
/// # Errors
/// One does.
#[expect(clippy::disallowed_methods, reason = "sink: what is looked for in comments, and wiped")]
pub(super) fn in_no_comment<'f>(
    before: &Tree,
    after: &Tree,
    mended: impl Iterator<Item = &'f Finding>,
) -> Result<(), No> {
    for value in mended.filter_map(|finding| finding.value.expose_text()) {
        for (path, text) in after.since(before) {
            not_in_comment(path, text, &value)?;
        }
    }
    Ok(())
}

/// That no comment of a text holds a value, as it is or in base64.
///
/// # Errors
/// One does.
pub(super) fn not_in_comment(path: &Path, text: &str, value: &str) -> Result<(), No> {
    let value = value.trim();
    let encoded = Zeroizing::new(STANDARD.encode(value));
    let encoded = encoded.trim_end_matches('=');
    if !is_telling(value) || !comments::hold(text, value) && !comments::hold(text, encoded) {
        return Ok(());
    }
    let reason = format!("a comment in {} holds the value too, and would keep it in clear", path.display());
    Err(No::new(reason, "take it out of the comment first"))
}

/// Whether a value in a comment is there as the secret, and not as a word of people's language.
pub(super) fn is_telling(value: &str) -> bool {
    const SHORTEST: usize = 6;
    const LONGEST_WORD: usize = 12;
    let is_word = value.bytes().all(|byte| byte.is_ascii_lowercase());
    value.len() >= if is_word { LONGEST_WORD } else { SHORTEST }
}

const UNCLEAN: &str = "the file would not be clean afterwards";

/// That no file has more secrets in clear than before.
///
/// # Errors
/// One has.
pub(super) fn adds_nothing(before: &Tree, after: &Tree, means: &Means) -> Result<(), No> {
    sops::is_edited_by_itself(before, after, means, None)?;
    adds_nothing_but(before, after, means, None)
}

fn adds_nothing_but(before: &Tree, after: &Tree, means: &Means, but: Option<&Path>) -> Result<(), No> {
    for (path, text) in after.since(before).filter(|(path, _)| Some(*path) != but) {
        let old = before.text(path, means.read).unwrap_or_default();
        if leaks(means, path, text).len() > leaks(means, path, &old).len() {
            return Err(No::new(UNCLEAN, "mend it by hand"));
        }
    }
    Ok(())
}

/// The bytes of a text that are not to be shown, and the secrets in them: what is found there, allowed or not.
#[expect(clippy::disallowed_methods, reason = "sink: what is looked for in a text, to hide it, and wiped")]
pub(super) fn secrets(means: &Means, path: &Path, text: &str) -> (Vec<Range<usize>>, Vec<Zeroizing<String>>) {
    let shown = means.root.join(path);
    let found = scan::scan(means.policy, &shown.to_string_lossy(), text.as_bytes()).findings;
    let seen = place::look(&shown.to_string_lossy(), text);
    let found = found.into_iter().map(|finding| (finding.range, finding.value));
    let all: Vec<_> = found.chain(seen.leaks.into_iter().map(|leak| (leak.range, leak.value))).collect();
    let values = all.iter().filter_map(|(_, value)| value.expose_text()).collect();
    let mut ranges: Vec<_> = all.into_iter().map(|(range, _)| range).collect();
    ranges.sort_by_key(|range| (range.start, range.end));
    ranges.dedup();
    (ranges, values)
}

/// The secrets in clear that a scan finds in a text.
pub(super) fn leaks(means: &Means, path: &Path, text: &str) -> Vec<Finding> {
    let shown = means.root.join(path);
    let mut found = scan::scan(means.policy, &shown.to_string_lossy(), text.as_bytes()).findings;
    found.retain(|finding| finding.verdict.is_leak());
    found
}

fn is_same(one: &Finding, other: &Finding) -> bool {
    one.rule == other.rule && one.value.same_as(&other.value)
}
