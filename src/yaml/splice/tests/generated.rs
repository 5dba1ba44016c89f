//! Properties over made documents.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::made::document;
use super::open;
use crate::yaml::Segment;

/// All ways into a value.
fn paths(value: &Value, at: &[Segment], all: &mut Vec<Vec<Segment>>) {
    let children: Vec<(Segment, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(key, value)| (Segment::Key(key.clone()), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, item)| (index.into(), item)).collect(),
        _ => Vec::new(),
    };
    for (segment, child) in children {
        let path: Vec<_> = at.iter().cloned().chain([segment]).collect();
        all.push(path.clone());
        paths(child, &path, all);
    }
}

fn at<'v>(value: &'v mut Value, path: &[Segment]) -> &'v mut Value {
    path.iter().fold(value, |value, segment| match segment {
        Segment::Key(key) => &mut value[key.as_str()],
        Segment::Index(index) => &mut value[*index],
    })
}

/// A path of the first document that fits.
fn pick(text: &str, choice: prop::sample::Index, fits: impl Fn(&Value) -> bool) -> Option<Vec<Segment>> {
    let mut first = open(text).values().unwrap().remove(0);
    let mut all = Vec::new();
    paths(&first, &[], &mut all);
    all.retain(|path| fits(at(&mut first, path)));
    (!all.is_empty()).then(|| choice.get(&all).clone())
}

/// Lines of the first text that are not in the second one's beginning or end.
fn changed(from: &str, to: &str) -> usize {
    let (from, to): (Vec<_>, Vec<_>) = (from.split('\n').collect(), to.split('\n').collect());
    let most = from.len().min(to.len());
    let ahead = (0..most).take_while(|i| from[*i] == to[*i]).count();
    let behind = (0..most - ahead).take_while(|i| from[from.len() - 1 - i] == to[to.len() - 1 - i]).count();
    from.len() - ahead - behind
}

/// Lines of the first text that the second one does not have in that order: all but the longest row of lines of both.
fn foreign(from: &str, to: &str) -> usize {
    let to: Vec<&str> = to.lines().collect();
    let mut longest = vec![0; to.len() + 1];
    for line in from.lines() {
        let mut corner = 0;
        for (at, other) in to.iter().enumerate() {
            let with = if line == *other { corner + 1 } else { longest[at].max(longest[at + 1]) };
            corner = std::mem::replace(&mut longest[at + 1], with);
        }
    }
    from.lines().count() - longest[to.len()]
}

fn value_text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-zA-Z0-9+/]{1,60}={0,2}",
        1 => "[ -~]{0,20}",
        1 => "[ -~\n\t]{0,20}",
        1 => prop::sample::select(vec!["yes", "null", "0755", "1e3", "~", "", "- a", "a: b", "\u{85}", "é\u{feff}"])
            .prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

fn is_scalar(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 4000, ..ProptestConfig::default() })]

    #[test]
    fn a_set_value_is_read_back_and_nothing_else_moves(
        text in document(), choice in any::<prop::sample::Index>(), new in value_text()
    ) {
        let Some(path) = pick(&text, choice, is_scalar) else { return Ok(()) };
        let mut edit = open(&text);
        let mut meant = edit.values().unwrap();
        *at(&mut meant[0], &path) = json!(new);
        edit.document(0).unwrap().set(&path, &new).unwrap();
        prop_assert_eq!(edit.values().unwrap(), meant, "{}", edit.text());
        let count = edit.text().split('\n').count();
        edit.document(0).unwrap().set(&path, &new).unwrap();
        prop_assert_eq!(edit.text().split('\n').count(), count);
        let mut once = open(&text);
        once.document(0).unwrap().set(&path, "AgB").unwrap();
        // At most the lines of one block of text.
        prop_assert!(changed(&text, &once.text()) <= 4, "{}\n{}", text, once.text());
    }

    #[test]
    fn set_and_set_back_is_no_change(text in document(), choice in any::<prop::sample::Index>()) {
        let Some(path) = pick(&text, choice, Value::is_string) else { return Ok(()) };
        let mut edit = open(&text);
        let mut before = edit.values().unwrap();
        let old = at(&mut before[0], &path).as_str().unwrap().to_owned();
        // Quotes that are not needed and a block that cannot hold the new text are not restored.
        let plainly = old.chars().all(|c| c.is_ascii_alphanumeric() || "+/=".contains(c)) && old.len() > 2;
        if !plainly {
            return Ok(());
        }
        edit.document(0).unwrap().set(&path, "AgC").unwrap();
        edit.document(0).unwrap().set(&path, &old).unwrap();
        prop_assert_eq!(edit.text(), text);
    }

    #[test]
    fn an_added_key_is_read_back_and_its_removal_restores_every_byte(
        text in document(), choice in any::<prop::sample::Index>(), key in "[a-z][a-z.]{1,6}|on|y|1", new in value_text()
    ) {
        let path = pick(&text, choice, Value::is_object).unwrap_or_default();
        let mut edit = open(&text);
        let mut meant = edit.values().unwrap();
        let map: &mut Map<_, _> = at(&mut meant[0], &path).as_object_mut().unwrap();
        if map.contains_key(&key) {
            return Ok(());
        }
        let was_empty = map.is_empty();
        map.insert(key.clone(), json!(new));
        let path: Vec<_> = path.into_iter().chain([Segment::Key(key)]).collect();
        edit.document(0).unwrap().set(&path, &new).unwrap();
        prop_assert_eq!(edit.values().unwrap(), meant, "{}", edit.text());
        prop_assert!(changed(&text, &edit.text()) <= 2, "{}\n{}", text, edit.text());
        let added = edit.text();
        edit.document(0).unwrap().remove(&path).unwrap();
        if was_empty {
            prop_assert!(changed(&text, &edit.text()) <= 1);
        } else {
            prop_assert_eq!(edit.text(), text, "{}", added);
        }
    }

    #[test]
    fn a_removed_entry_is_gone_and_nothing_else(text in document(), choice in any::<prop::sample::Index>()) {
        let Some(path) = pick(&text, choice, |_| true) else { return Ok(()) };
        let mut edit = open(&text);
        let mut meant = edit.values().unwrap();
        let (last, above) = path.split_last().unwrap();
        match (at(&mut meant[0], above), last) {
            (Value::Object(map), Segment::Key(key)) => drop(map.shift_remove(key)),
            (Value::Array(items), Segment::Index(index)) => drop(items.remove(*index)),
            _ => unreachable!(),
        }
        edit.document(0).unwrap().remove(&path).unwrap();
        prop_assert_eq!(edit.values().unwrap(), meant, "{}", edit.text());
        prop_assert!(foreign(&edit.text(), &text) <= 1, "{}\n{}", text, edit.text());
    }

    #[test]
    fn a_renamed_key_changes_its_line_only(text in document(), choice in any::<prop::sample::Index>()) {
        let Some(path) = pick(&text, choice, |_| true) else { return Ok(()) };
        if matches!(path.last(), Some(Segment::Index(_))) {
            return Ok(());
        }
        let mut edit = open(&text);
        edit.document(0).unwrap().rename(&path, "zz").unwrap();
        prop_assert_eq!(changed(&text, &edit.text()), 1);
        prop_assert_eq!(text.split('\n').count(), edit.text().split('\n').count());
        let back: Vec<_> = path[..path.len() - 1].iter().cloned().chain(["zz".into()]).collect();
        let Some(Segment::Key(old)) = path.last() else { unreachable!() };
        edit.document(0).unwrap().rename(&back, old).unwrap();
        prop_assert_eq!(edit.text(), text);
    }

    #[test]
    fn an_appended_item_is_read_back_once(
        text in document(), choice in any::<prop::sample::Index>(), new in "[a-z./]{3,9}yaml"
    ) {
        let flat = |value: &Value| value.as_array().is_some_and(|items| items.iter().all(Value::is_string));
        let Some(path) = pick(&text, choice, flat) else { return Ok(()) };
        let mut edit = open(&text);
        edit.document(0).unwrap().append(&path, &new).unwrap();
        let mut values = edit.values().unwrap();
        let items = at(&mut values[0], &path).as_array().unwrap().clone();
        prop_assert_eq!(items.iter().filter(|item| **item == json!(new)).count(), 1);
        let once = edit.text();
        edit.document(0).unwrap().append(&path, &new).unwrap();
        prop_assert_eq!(edit.text(), once);
    }

    #[test]
    fn no_text_makes_the_editor_panic(text in "[ -~\n\té]{0,60}|([a-c]: |- |\\{|\\}|,|\n|  |\\[|\\]|\\?|#|'|\"|&a |\\*a|\\||---|\r\n){0,24}") {
        if let Ok(mut edit) = super::Edit::open("x.yaml".as_ref(), &text) {
            for index in 0..edit.count() {
                for path in [vec!["a".into()], vec!["a".into(), "b".into()], vec![0.into(), "a".into()], vec![0.into()]] {
                    let mut document = edit.document(index).unwrap();
                    let _ = document.set(&path, "v");
                    let _ = document.append(&path, "v");
                    let _ = document.rename(&path, "w");
                    let _ = document.remove(&path);
                }
                let _ = edit.replace_document(index, "n: 1");
                let _ = edit.insert_document(index, "n: 1");
            }
        }
    }
}
