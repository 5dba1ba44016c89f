//! The outline, which is read by lines, says what the parser says: the same values under the same keys, at the same
//! bytes. Over the files of `tests/fixtures`, those of the folder that `SEALSTRAP_CORPUS` names, and made documents.

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::made;
use crate::yaml::outline::{Outline, Shape, outlines};
use crate::yaml::splice::tree::{self, Data, Node, Style};

/// A value as both tell it: the way to it, what it is, and its bytes.
#[derive(Debug, PartialEq, Eq, Clone)]
struct Told {
    way: String,
    what: String,
    /// Of scalars that are not blocks.
    bytes: Option<(usize, usize)>,
}

fn by_parser(text: &str) -> Option<Vec<Vec<Told>>> {
    let stream = tree::stream(text).ok()?;
    let told = |document: &tree::Document| {
        let mut told = Vec::new();
        parsed(&document.root, "", &mut told);
        told
    };
    Some(stream.documents.iter().map(told).filter(|told| !is_empty(told)).collect())
}

fn parsed(node: &Node, way: &str, told: &mut Vec<Told>) {
    let (what, bytes) = match &node.data {
        Data::Scalar(_, Style::Nothing) => ("nothing".into(), None),
        Data::Scalar(text, Style::Literal | Style::Folded) => (format!("block {text:?}"), None),
        Data::Scalar(text, _) => (format!("{text:?}"), Some((node.content.start, node.content.end))),
        Data::Alias(name) => (format!("alias {name}"), None),
        Data::List { .. } => ("list".into(), None),
        Data::Map { .. } => ("map".into(), None),
    };
    told.push(Told { way: way.to_owned(), what, bytes });
    match &node.data {
        Data::List { items, .. } => {
            items
                .iter()
                .enumerate()
                .for_each(|(number, item)| parsed(&item.node, &format!("{way}/{number}"), told));
        }
        Data::Map { pairs, .. } => {
            for pair in pairs {
                let Data::Scalar(key, _) = &pair.key.data else { continue };
                parsed(&pair.value, &format!("{way}/{key}"), told);
            }
        }
        Data::Scalar(..) | Data::Alias(_) => {}
    }
}

fn by_outline(text: &str) -> Vec<Vec<Told>> {
    let told = |outline: Outline| {
        let mut told = Vec::new();
        outlined(&outline, 0, "", &mut told);
        told
    };
    outlines(text).map(told).filter(|told| !is_empty(told)).collect()
}

fn outlined(outline: &Outline, id: usize, way: &str, told: &mut Vec<Told>) {
    use crate::yaml::outline::Style;
    let text = || outline.scalar(id).unwrap_or_default();
    let (what, bytes) = match outline.shape(id) {
        Shape::Scalar(Style::Nothing) => ("nothing".into(), None),
        Shape::Scalar(Style::Literal(..) | Style::Folded(..)) => (format!("block {:?}", text()), None),
        Shape::Scalar(_) => (format!("{:?}", text()), Some((outline.range(id).start, outline.range(id).end))),
        Shape::Alias => (format!("alias {}", &outline.text[outline.range(id)]), None),
        Shape::List => ("list".into(), None),
        Shape::Map => ("map".into(), None),
    };
    told.push(Told { way: way.to_owned(), what, bytes });
    if matches!(outline.shape(id), Shape::List | Shape::Map) {
        for (number, child) in outline.children(id).enumerate() {
            let name = outline.key(child).map_or_else(|| number.to_string(), std::borrow::Cow::into_owned);
            outlined(outline, child, &format!("{way}/{name}"), told);
        }
    }
}

fn is_empty(told: &[Told]) -> bool {
    matches!(told, [only] if only.what == "nothing")
}

/// Fails where both differ; says whether the parser could read it at all, and as what people mean: to YAML `{{ x }}` is
/// a mapping in a mapping.
fn compare(name: &str, text: &str) -> bool {
    if is_template(text) {
        return false;
    }
    // The parser ends the last line of a block where the file does not.
    let text = &if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") };
    let Some(wanted) = by_parser(text) else { return false };
    let got = by_outline(text);
    for (wanted, got) in wanted.iter().zip(&got) {
        let different = wanted.iter().zip(got).find(|(wanted, got)| wanted != got);
        assert!(different.is_none(), "{name}: {different:#?}\n{text}");
        assert_eq!(wanted.len(), got.len(), "{name}: {:?}\n{text}", wanted.last());
    }
    assert_eq!(wanted.len(), got.len(), "{name}: documents\n{text}");
    let doubts: usize = outlines(text).map(|outline| outline.doubts().len()).sum();
    assert_eq!(doubts, 0, "{name}: nothing of YAML is in doubt\n{text}");
    true
}

fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn made_documents_are_outlined_as_they_are_parsed(text in made::document()) {
        let is_read = compare("made", &text) || is_template(&text);
        prop_assert!(is_read);
    }

    #[test]
    fn no_text_stops_the_outline(text in "([ -~\n]{0,4}(: |- |\\{\\{|\\}\\}|[|>][-+0-9]?\n|&a |\\*a|\"|'|\\[|\\{|\\]|\\}|, |#|\t|\r\n|---\n|\u{e4}| ){0,3}){0,40}") {
        for outline in outlines(&text) {
            for id in 0..outline.size() {
                let scalar = outline.scalar(id).unwrap_or_default();
                let _ = outline.key(id);
                prop_assert!(text.get(outline.range(id)).is_some());
                let places = outline.places(id);
                prop_assert!((0..scalar.len()).all(|at| places.of(at) <= text.len()));
            }
        }
    }
}

#[test]
fn files_are_outlined_as_they_are_parsed() {
    let mut files = below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures"));
    files.extend(below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tasks")));
    #[expect(clippy::disallowed_methods, reason = "a larger sample lies outside of the repository")]
    if let Some(corpus) = std::env::var_os("SEALSTRAP_CORPUS") {
        files.extend(below(Path::new(&corpus)));
    }
    let read: Vec<bool> = files
        .iter()
        .filter_map(|file| Some((file, String::from_utf8(std::fs::read(file).ok()?).ok()?)))
        .map(|(file, text)| compare(&file.display().to_string(), text.trim_start_matches('\u{feff}')))
        .collect();
    let parsed = read.iter().filter(|parsed| **parsed).count();
    eprintln!("{parsed} of {} files compared", read.len());
    assert!(parsed > 20);
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let is_data =
        |file: &PathBuf| file.extension().is_some_and(|end| end == "yaml" || end == "yml" || end == "json");
    let mut all: Vec<_> = files.into_iter().filter(is_data).collect();
    all.extend(folders.iter().flat_map(|folder| below(folder)));
    all.sort();
    all
}

#[test]
fn styles_are_read_as_yaml_means_them() {
    for text in [
        "a: |\n  one\n   two\n\n  three\n\nb: >-\n  one\n  two\n\n  three\n    more\n  four\n",
        "a: |2\n   one\n  two\nb: |+\n  x\n\n\nc: >\n\n  x\n",
        "- - a\n  - b\n-\n  - c\n- d: 1\n  e: 2\n-   f: 3\n    g: |-\n      x\n",
        "a:\n- 1\n- 2\nb:\n  - 3\nc: {a: 1, \"b\": [x, 'y', {z: }], d: e f}\n",
        "a: one\n  two\n\n  three\nb: \"one\n  two\\\n  three\\n\\u00e9\\x41\"\nc: 'it''s\n  so'\n",
        "&x a: &y 1\nb: *y\nc: !!str 2\nd: !x &z\n  e: 1\nf: *z\n<<: *z\n",
        "# c\n\n%YAML 1.2\n---\na: b # c\n...\n---\n- 1\n--- # d\ntext\n",
        "{\"a\": {\"b\": [1, 2, {\"c\": null}]}, \"d\": \"\\ud83d\\ude00\"}\n",
        "a: http://x:1/y#z\nb: c:d\n? e\n: f\n\"g h\": i\n'j': k\nl m: n\n",
        "a:   \n  b: c\nd: # e\n  - f\n  # g\n  - h\ni:\n\n\nj: k",
        "[a: 1, b: {c: d}, [e]]\n",
        "a: |\r\n  x\r\n  y\r\nb: 1\r\n",
        "- a\n- |\n x\n-\n- > # c\n y\n",
        "key: &anchor |\n  x\nk2: !!binary |\n  QUJD\n",
    ] {
        assert!(compare("styles", text), "YAML: {text}");
    }
}
