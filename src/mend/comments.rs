//! Comments of an object that is written anew: each goes where its key goes.

use std::ops::Range;
use std::path::Path;

use super::site;
use super::write::{column, line_end};
use crate::yaml::outline::{Id, Outline, Shape};
use crate::yaml::{self, Segment};

/// A SealedSecret with the comments of the object of which it is made. Those of keys that are gone go with them.
pub(super) fn carried(before: &str, after: &str) -> String {
    let (old, new) = (site::documents(before), site::documents(after));
    let ([old], [new]) = (&old[..], &new[..]) else { return after.to_owned() };
    let mut patches: Vec<(usize, String)> = (1..old.size()).flat_map(|id| of_key(old, id, new)).collect();
    patches.sort_by_key(|(at, _)| *at);
    let (mut out, mut from) = (String::with_capacity(after.len() * 2), 0);
    for (at, text) in patches {
        out.push_str(&after[from..at]);
        out.push_str(&text);
        from = at;
    }
    out.push_str(&after[from..]);
    let read = |text: &str| yaml::documents(Path::new(""), text).ok();
    if read(&out).is_some_and(|values| read(after) == Some(values)) { out } else { after.to_owned() }
}

/// Where the comments of a key come to stand.
fn of_key(old: &Outline, id: Id, new: &Outline) -> Vec<(usize, String)> {
    let key = old.key_range(id);
    let start = line_start(old.text, key.start);
    let is_first = old.text[start..key.start].trim().is_empty();
    let Some(there) = new_way(&site::way(old, id)).and_then(|way| site::find(new, &way)).filter(|_| is_first)
    else {
        return Vec::new();
    };
    let place = new.key_range(there).start;
    let indent = " ".repeat(column(new.text, place));
    let above: Vec<String> = above(old.text, start).iter().map(|line| format!("{indent}{line}\n")).collect();
    let behind = behind(old, id).map(|comment| (line_end(new.text, place), format!(" {comment}")));
    let above = Some((line_start(new.text, place), above.concat())).filter(|(_, text)| !text.is_empty());
    above.into_iter().chain(behind).collect()
}

/// The comments directly above a line.
fn above(text: &str, start: usize) -> Vec<&str> {
    let lines = text[..start].lines().rev().map(str::trim).take_while(|line| line.starts_with('#'));
    let mut lines: Vec<&str> = lines.collect();
    lines.reverse();
    lines
}

/// The comment behind a key, or behind its value where that stands on the same line.
fn behind<'t>(old: &Outline<'t>, id: Id) -> Option<&'t str> {
    let (key, value) = (old.key_range(id), old.range(id));
    let line = key.end..line_end(old.text, key.end);
    let is_beside = matches!(old.shape(id), Shape::Scalar(_)) && line.contains(&value.start);
    let rest: Range<usize> = if is_beside { value.end.min(line.end)..line.end } else { line };
    let rest = &old.text[rest];
    let at = rest.find(" #").or_else(|| rest.find("\t#"))?;
    let is_block = matches!(old.shape(id), Shape::Map | Shape::List) && !rest[..at].contains(['{', '[']);
    let is_scalar = !is_beside && matches!(old.shape(id), Shape::Scalar(_));
    (is_beside && rest[..at].trim().is_empty() || is_block || is_scalar).then(|| rest[at..].trim())
}

/// Where what stands under a key of a Secret or ConfigMap stands in a SealedSecret.
fn new_way(way: &[Segment]) -> Option<Vec<Segment>> {
    let keys = site::keys(way)?;
    let new: Vec<&str> = match &keys[..] {
        ["apiVersion" | "kind" | "metadata"] | ["metadata", "name" | "namespace"] => keys.clone(),
        ["metadata", "labels" | "annotations", ..] => [&["spec", "template"], &keys[..]].concat(),
        ["data" | "stringData", rest @ ..] if rest.len() < 2 => [&["spec", "encryptedData"], rest].concat(),
        ["type"] => vec!["spec", "template", "type"],
        _ => return None,
    };
    Some(site::path(&new))
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |found| found + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_comment_goes_with_its_key() {
        let before = "apiVersion: v1\nkind: ConfigMap # ours\nmetadata: # names\n  name: a\n  # where\n  namespace: b\n# all of it\ndata: # texts\n  # who\n  # and where\n  user: app # nobody\n  \"#\": '# #' # odd\n  c.ini: | # lines\n    # within\n    a = b\n";
        let after = "---\napiVersion: x\nkind: SealedSecret\nmetadata:\n  name: a\n  namespace: b\nspec:\n  encryptedData:\n    \"#\": AgA\n    c.ini: AgB\n    user: AgC\n";
        assert_eq!(
            carried(before, after),
            "---\napiVersion: x\nkind: SealedSecret # ours\nmetadata: # names\n  name: a\n  # where\n  namespace: b\nspec:\n  # all of it\n  encryptedData: # texts\n    \"#\": AgA # odd\n    c.ini: AgB # lines\n    # who\n    # and where\n    user: AgC # nobody\n"
        );
    }

    #[test]
    fn what_is_in_one_line_has_no_comments_of_keys() {
        let before = "kind: Secret\nmetadata: {name: a} # b\nstringData: {a: 'b # c'} # d\n";
        let after = "kind: SealedSecret\nmetadata:\n  name: a\nspec:\n  encryptedData:\n    a: AgA\n";
        assert_eq!(carried(before, after), after);
    }
}
