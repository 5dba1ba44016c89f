//! Comments of a Secret that is written anew in another form: each goes where its key goes.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use super::site;
use super::write::{line_break, line_end};
use crate::yaml::outline::{Id, Outline, Shape};
use crate::yaml::{self, Segment};

/// A text with the comments of the one of which it is made, in each object that has become another kind of Secret; objects
/// are documents, or items of a List. Those of keys that are gone go with them.
#[must_use]
pub fn carried(before: &str, after: &str) -> String {
    let (old, new) = (site::documents(before), site::documents(after));
    if old.len() != new.len() {
        return after.to_owned();
    }
    let pairs = old.iter().zip(&new).flat_map(|(old, new)| pairs(old, new));
    let mut patches: Vec<(usize, String)> = pairs.flat_map(|(old, new)| of_object(&old, &new)).collect();
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

/// Whether a comment holds these letters: they stand in a text, and in no value and no key of it.
pub(super) fn hold(text: &str, letters: &str) -> bool {
    let documents = site::documents(text);
    let is_read = |at: usize| {
        let is_in = |outline: &Outline, id: Id| {
            let is_scalar = matches!(outline.shape(id), Shape::Scalar(_) | Shape::Alias);
            outline.key(id).is_some() && outline.key_range(id).contains(&at)
                || is_scalar && outline.range(id).contains(&at)
        };
        documents.iter().any(|outline| (0..outline.size()).any(|id| is_in(outline, id)))
    };
    !letters.is_empty() && text.match_indices(letters).any(|(at, _)| !is_read(at))
}

/// An object in a document, by its node.
struct Object<'o, 't> {
    outline: &'o Outline<'t>,
    root: Id,
    form: Form,
}

/// The objects that have become others: the documents themselves, or their items where they are Lists.
fn pairs<'o, 't>(old: &'o Outline<'t>, new: &'o Outline<'t>) -> Vec<(Object<'o, 't>, Object<'o, 't>)> {
    let (before, after) = (roots(old), roots(new));
    if before.len() != after.len() {
        return Vec::new();
    }
    let object = |outline, root| Some(Object { outline, root, form: Form::of(outline, root)? });
    let both = before.into_iter().zip(after);
    let both = both.filter_map(|(before, after)| Some((object(old, before)?, object(new, after)?)));
    both.filter(|(old, new)| old.form != new.form).collect()
}

fn roots(outline: &Outline) -> Vec<Id> {
    let is_list = outline.text_at(0, &["kind"]).is_some_and(|kind| kind.ends_with("List"));
    let items = outline.get(0, "items").filter(|_| is_list);
    items.map_or_else(|| vec![0], |items| outline.children(items).collect())
}

/// Where the comments of an object come to stand.
fn of_object(old: &Object, new: &Object) -> Vec<(usize, String)> {
    let there = new.outline.below(new.root).filter_map(|id| Some((new.meaning(id)?, id))).collect();
    old.outline.below(old.root).flat_map(|id| of_key(old, id, new, &there)).collect()
}

/// What a Secret is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A Secret or a ConfigMap.
    Plain,
    Sealed,
    External,
}

impl Form {
    fn of(outline: &Outline, root: Id) -> Option<Self> {
        match &*outline.text_at(root, &["kind"])? {
            "Secret" | "ConfigMap" => Some(Self::Plain),
            "SealedSecret" => Some(Self::Sealed),
            "ExternalSecret" => Some(Self::External),
            _ => None,
        }
    }

    /// Where the values stand, and where what the Secret is to be beside them.
    fn places(self) -> (&'static [&'static [&'static str]], &'static [&'static str]) {
        match self {
            Self::Plain => (&[&["data"], &["stringData"]], &[]),
            Self::Sealed => (&[&["spec", "encryptedData"]], &["spec", "template"]),
            Self::External => (&[&["spec", "data"]], &["spec", "target", "template"]),
        }
    }
}

impl Object<'_, '_> {
    /// What stands under a key, said in the same words for each form; nothing for what only some of them have.
    fn meaning(&self, id: Id) -> Option<Vec<String>> {
        let (outline, form) = (self.outline, self.form);
        let way = site::way(outline, id).split_off(site::way(outline, self.root).len());
        let (values, template) = form.places();
        if let (Form::External, [.., Segment::Index(_), Segment::Key(key)]) = (form, &way[..]) {
            let is_entry = key == "secretKey" && site::keys(&way[..way.len() - 2])? == values[0];
            return is_entry.then(|| Some(vec!["values".into(), outline.scalar(id)?.into_owned()])).flatten();
        }
        let keys = site::keys(&way)?;
        if let Some(rest) = values.iter().find_map(|values| keys.strip_prefix(*values)) {
            let is_value = rest.len() < 2 && (form != Form::External || rest.is_empty());
            return is_value.then(|| ["values"].iter().chain(rest).map(|key| (*key).to_owned()).collect());
        }
        match (&keys[..], keys.strip_prefix(template)) {
            (["apiVersion" | "kind" | "metadata"] | ["metadata", "name" | "namespace"], _) => {}
            (_, Some(["metadata", "labels" | "annotations", ..] | ["type"])) => {
                return Some(keys[template.len()..].iter().map(|key| (*key).to_owned()).collect());
            }
            _ => return None,
        }
        Some(keys.into_iter().map(str::to_owned).collect())
    }

    /// The comments above its first line, which are not part of it.
    fn lead(&self) -> Vec<&str> {
        let text = self.outline.text;
        let first = self.outline.children(self.root).next();
        first.map_or_else(Vec::new, |id| above(text, line_start(text, self.outline.key_range(id).start)))
    }
}

/// Where the comments of a key come to stand. Those above an object stay where they are when another takes its place.
fn of_key(old: &Object, id: Id, new: &Object, all: &HashMap<Vec<String>, Id>) -> Vec<(usize, String)> {
    let (before, after) = (old.outline, new.outline);
    let key = before.key_range(id);
    let start = line_start(before.text, key.start);
    let is_first = before.text[start..key.start].trim_start().trim_start_matches("- ").is_empty();
    let Some(meaning) = old.meaning(id).filter(|_| is_first) else { return Vec::new() };
    let Some(there) = all.get(&meaning).copied() else { return Vec::new() };
    let place = after.key_range(there).start;
    let line = line_start(after.text, place);
    let indent: String = after.text[line..place].chars().take_while(|letter| *letter == ' ').collect();
    let lines = above(before.text, start);
    let is_kept = before.children(old.root).next() == Some(id) && new.lead().ends_with(&lines);
    let line_break = line_break(after.text);
    let lines = lines.iter().filter(|_| !is_kept).map(|line| format!("{indent}{line}{line_break}"));
    let above = Some((line, lines.collect::<String>())).filter(|(_, text)| !text.is_empty());
    let behind = behind(before, id).map(|comment| (line_end(after.text, place), format!(" {comment}")));
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
    fn what_stands_above_an_object_stays_there_and_comes_once() {
        for (lead, body) in [
            ("# top\n", "apiVersion: v1\nkind: Secret\n"),
            ("---\n# top\n", "kind: Secret\napiVersion: v1\n"),
        ] {
            let before = format!("{lead}{body}data:\n  a: b # c\n");
            let after =
                format!("{lead}apiVersion: x\nkind: SealedSecret\nspec:\n  encryptedData:\n    a: AgA\n");
            assert_eq!(carried(&before, &after), after.replace("AgA", "AgA # c"));
        }
    }

    #[test]
    fn comments_of_items_of_a_list_go_with_their_keys() {
        let before = "kind: List\nitems:\n# one\n- kind: Secret # ours\n  data:\n    # of a\n    a: b\n# two\n- {kind: ConfigMap, data: {a: b}} # flow\n";
        let after = "kind: List\nitems:\n# one\n- apiVersion: x\n  kind: SealedSecret\n  spec:\n    encryptedData:\n      a: AgA\n# two\n- {kind: ConfigMap, data: {a: b}} # flow\n";
        let wanted = after
            .replace("SealedSecret\n", "SealedSecret # ours\n")
            .replace("      a: ", "      # of a\n      a: ");
        assert_eq!(carried(before, after), wanted);
        let windows = |text: &str| text.replace('\n', "\r\n");
        assert_eq!(carried(&windows(before), &windows(after)), windows(&wanted));
    }

    #[test]
    fn what_stands_in_no_value_stands_in_a_comment() {
        for (text, is) in [
            ("a: b # c\n", false),
            ("# hunter2\na: b\n", true),
            ("a: b # hunter2hunter\n", true),
            ("a: |\n  # hunter2\n", false),
            ("a: 'x # hunter2'\nhunter2: b\n", false),
            ("a: b\n---\n# hunter2\n", true),
        ] {
            assert_eq!(hold(text, "hunter2"), is, "{text}");
        }
    }

    #[test]
    fn what_is_in_one_line_has_no_comments_of_keys() {
        let before = "kind: Secret\nmetadata: {name: a} # b\nstringData: {a: 'b # c'} # d\n";
        let after = "kind: SealedSecret\nmetadata:\n  name: a\nspec:\n  encryptedData:\n    a: AgA\n";
        assert_eq!(carried(before, after), after);
    }

    #[test]
    fn they_go_to_a_reference_and_from_there_to_a_sealed_one() {
        let sealed = "# the shop\n---\nkind: Namespace # stays\n---\napiVersion: x\nkind: SealedSecret # ours\nmetadata:\n  name: a\nspec:\n  encryptedData: # texts\n    # who\n    user: AgC # nobody\n    other: AgD\n  template:\n    metadata:\n      labels: # ours too\n        app: b\n";
        let external = "# the shop\n---\nkind: Namespace # stays\n---\napiVersion: y\nkind: ExternalSecret\nmetadata:\n  name: a\nspec:\n  target:\n    template:\n      metadata:\n        labels:\n          app: b\n  data:\n  - secretKey: other\n    remoteRef: {}\n  - secretKey: user\n    remoteRef: {}\n";
        let there = carried(sealed, external);
        assert_eq!(
            there,
            "# the shop\n---\nkind: Namespace # stays\n---\napiVersion: y\nkind: ExternalSecret # ours\nmetadata:\n  name: a\nspec:\n  target:\n    template:\n      metadata:\n        labels: # ours too\n          app: b\n  data: # texts\n  - secretKey: other\n    remoteRef: {}\n  # who\n  - secretKey: user # nobody\n    remoteRef: {}\n"
        );
        let kept = sealed.lines().filter(|line| !line.contains("who"));
        let bare: Vec<&str> = kept.map(|line| line.split(" # ").next().unwrap()).collect();
        let bare = (bare.join("\n") + "\n").replace("kind: Namespace", "kind: Namespace # stays");
        assert_eq!(carried(&there, &bare), sealed);
    }
}
