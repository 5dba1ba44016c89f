//! Files that speak of something: by its name, as a word of its own.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::tree::Tree;
use super::{Means, site};
use crate::scan::plain;
use crate::yaml::{self, Segment};

/// The ends of the names of files that tell a cluster, or a program that speaks to one, what to do.
const ENDS: [&str; 20] = [
    ".yaml",
    ".yml",
    ".json",
    ".tpl",
    ".tmpl",
    ".gotmpl",
    ".j2",
    ".jsonnet",
    ".libsonnet",
    ".cue",
    ".tf",
    ".hcl",
    ".sh",
    ".bash",
    ".mk",
    ".toml",
    "Makefile",
    "justfile",
    "Tiltfile",
    "Earthfile",
];

/// Those of code.
const CODE: [&str; 12] =
    [".rs", ".go", ".py", ".js", ".ts", ".java", ".kt", ".rb", ".c", ".cpp", ".cs", ".php"];

/// The files in which a name stands, by their paths. Texts for people are not looked at.
pub(super) fn mentioning(tree: &Tree, means: &Means, name: &str) -> Vec<PathBuf> {
    let mut all = mentioning_part(tree, means, name);
    all.retain(|path| tree.text(path, means.read).is_some_and(|text| has_word(&text, name)));
    all
}

/// The files in which letters stand.
pub(super) fn mentioning_part(tree: &Tree, means: &Means, letters: &str) -> Vec<PathBuf> {
    let changed = tree.texts().map(|(path, _)| path.to_owned());
    let mut paths: Vec<PathBuf> = (means.files)().into_iter().chain(changed).collect();
    paths.sort();
    paths.dedup();
    paths.retain(|path| is_read(path) && tree.holds(path, letters, means.read));
    paths
}

/// Code that has the way to a file in it: a test, or what is built, needs the file wherever the repository is.
pub(super) fn code_naming(tree: &Tree, means: &Means, file: &Path) -> Option<PathBuf> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let names_it = |path: &PathBuf| {
        let text = || tree.text(path, means.read).filter(|text| text.contains(&name));
        ends_as(path, &CODE) && text().is_some_and(|text| names_path(&text, path, file))
    };
    let scripts = || naming_path(tree, means, file).into_iter().next();
    (means.files)().into_iter().find(names_it).or_else(scripts)
}

/// The files by which a program is told to read another one: scripts, pipelines, Compose, kustomizations, and what names
/// files of values.
pub(super) fn naming_path(tree: &Tree, means: &Means, file: &Path) -> Vec<PathBuf> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut all = mentioning_part(tree, means, &name);
    all.retain(|reader| {
        let text = tree.text(reader, means.read).unwrap_or_default();
        let is_manifest = text.contains("apiVersion") && text.contains("kind");
        let names_it =
            || if is_manifest { object_names(&text, reader, file) } else { names_path(&text, reader, file) };
        reader != file && names_it()
    });
    all
}

/// A pipeline that speaks of a file: from which folder on, only what runs it knows.
pub(super) fn pipeline_naming(tree: &Tree, means: &Means, file: &Path) -> Option<PathBuf> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let is_reader = |path: &PathBuf| {
        is_of_a_pipeline(path) && tree.text(path, means.read).is_some_and(|text| has_word(&text, &name))
    };
    (means.files)().into_iter().find(is_reader)
}

/// Whether an object has a program read a file of the repository. In what a container is told, the same words would be a
/// path in there.
fn object_names(text: &str, reader: &Path, file: &Path) -> bool {
    const APPLIED: [&str; 4] = ["Application", "ApplicationSet", "Kustomization", "Component"];
    let Ok(documents) = yaml::documents(reader, text) else { return names_path(text, reader, file) };
    let is_files =
        |part: &Segment| matches!(part, Segment::Key(key) if key.to_ascii_lowercase().contains("file"));
    documents.iter().any(|document| {
        let kind = document.get("kind").and_then(Value::as_str);
        let is_applied = kind.is_none_or(|kind| APPLIED.contains(&kind));
        let texts = site::texts(document);
        // Files of values are named from the folder of their chart on.
        let is_folder = |way: &[Segment]| matches!(way.last(), Some(Segment::Key(key)) if key == "path");
        let folders = texts.iter().filter(|(way, _)| is_folder(way)).map(|(_, text)| Path::new(*text));
        let folders: Vec<&Path> = folders.collect();
        let names_it = |text: &str| {
            let way = text.strip_prefix('$').and_then(|way| Some(way.split_once('/')?.1)).unwrap_or(text);
            let is_below = |folder: &&Path| plain(&folder.join(way)) == file;
            names_path(way, reader, file) || folders.iter().any(is_below)
        };
        texts.iter().any(|(way, text)| (is_applied || way.iter().any(is_files)) && names_it(text))
    })
}

/// Whether a text has the way to a file in it, from its own folder or from the top on.
pub(super) fn names_path(text: &str, reader: &Path, file: &Path) -> bool {
    let is_of_a_path = |letter: char| letter.is_alphanumeric() || "-_./".contains(letter);
    let folder = reader.parent().unwrap_or(Path::new(""));
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    // Where a way with other letters ends, nobody knows.
    if file.to_string_lossy().contains(|letter| !is_of_a_path(letter)) {
        return text.contains(&*name);
    }
    let words = text.split(|letter| !is_of_a_path(letter)).filter(|word| !word.is_empty());
    // What stands behind `file://` is a way too.
    let mut ways = words.map(|word| Path::new(word.trim_start_matches('/')));
    ways.any(|way| plain(&folder.join(way)) == file || plain(way) == file)
}

fn is_read(path: &Path) -> bool {
    ends_as(path, &ENDS) || ends_as(path, &CODE) || is_of_a_pipeline(path)
}

fn ends_as(path: &Path, ends: &[&str]) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    ends.iter().any(|end| name.ends_with(end))
}

/// Whether a file says what is built of the repository, on other machines than that of its user.
pub(super) fn is_of_a_pipeline(path: &Path) -> bool {
    const FOLDERS: [&str; 6] = [".github", ".gitea", ".forgejo", ".gitlab", ".woodpecker", ".tekton"];
    const NAMES: [&str; 6] =
        ["Dockerfile", "Containerfile", "Jenkinsfile", ".gitlab-ci.yml", ".drone.yml", ".woodpecker.yml"];
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let top = path.components().next().unwrap_or(std::path::Component::CurDir).as_os_str();
    FOLDERS.iter().any(|folder| *folder == top) || NAMES.iter().any(|known| name.starts_with(known))
}

/// Whether a name stands in a text, and is no part of a longer one.
pub(super) fn has_word(text: &str, name: &str) -> bool {
    let is_of_a_name = |letter: char| letter.is_alphanumeric() || "-_.".contains(letter);
    apart(text, name, is_of_a_name).next().is_some()
}

/// Where letters stand in a text with none of a kind before or behind them.
pub(super) fn apart<'t>(
    text: &'t str,
    letters: &'t str,
    is_part: impl Fn(char) -> bool + 't,
) -> impl Iterator<Item = Range<usize>> + 't {
    let found = text.match_indices(letters).filter(|_| !letters.is_empty());
    let ranges = found.map(|(at, _)| at..at + letters.len());
    ranges.filter(move |range| {
        !text[..range.start].ends_with(&is_part) && !text[range.end..].starts_with(&is_part)
    })
}

/// Whether a text with expressions in it, `{{ … }}` or `${…}`, may come out as a name.
pub(super) fn may_become(text: &str, name: &str) -> bool {
    let mut parts = vec![String::new()];
    let mut rest = text;
    while let Some(start) = rest.find("{{").into_iter().chain(rest.find("${")).min() {
        let end = if rest[start..].starts_with('{') { "}}" } else { "}" };
        let after = rest[start..].find(end).map_or(rest.len(), |found| start + found + end.len());
        parts.last_mut().into_iter().for_each(|part| part.push_str(&rest[..start]));
        parts.push(String::new());
        rest = &rest[after..];
    }
    parts.last_mut().into_iter().for_each(|part| part.push_str(rest));
    let [first, between @ .., last] = &parts[..] else { return false };
    let Some(inner) = name.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str()))
    else {
        return false;
    };
    let found =
        between.iter().try_fold(inner, |rest, part| rest.split_once(part.as_str()).map(|(_, rest)| rest));
    found.is_some()
}

/// Whether a text speaks of objects of a kind, however it writes that: `configMapRef`, `config-map`.
pub(super) fn speaks_of(text: &str, kind: &str) -> bool {
    let squeezed: String =
        text.chars().filter(|letter| !"-_".contains(*letter)).flat_map(char::to_lowercase).collect();
    squeezed.contains(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_within_a_longer_one_is_another() {
        for (text, is) in [
            ("name: app", true),
            ("configmap/app,other", true),
            ("name: app-config", false),
            ("my-app", false),
            ("app.yaml", false),
            ("\"app\"", true),
        ] {
            assert_eq!(has_word(text, "app"), is, "{text}");
        }
    }

    #[test]
    fn a_way_to_a_file_is_found_from_its_reader_and_from_the_top() {
        for (text, file, is) in [
            (". k/db.list", "k/db.list", true),
            (". db.list", "k/db.list", true),
            (". other/db.list", "k/db.list", false),
            ("cat 'my pin.txt'", "k/my pin.txt", true),
            ("cat a+b@c~", "k/a+b@c~", true),
        ] {
            assert_eq!(names_path(text, Path::new("k/run.sh"), Path::new(file)), is, "{text}");
        }
    }

    #[test]
    fn an_expression_may_become_anything() {
        for (text, may) in [
            ("{{ .Release.Name }}-config", true),
            ("${APP}-config", true),
            ("{{ .a }}", true),
            ("shop-{{ .b }}", true),
            ("s${A}p-${B}g", true),
            ("${APP}-env", false),
            ("x-{{ .b }}", false),
            ("shop-config", false),
        ] {
            assert_eq!(may_become(text, "shop-config"), may, "{text}");
        }
    }

    #[test]
    fn a_kind_is_known_however_it_is_written() {
        for text in ["configMapRef", "config-map: a", "ConfigMap", "existingConfigmap"] {
            assert!(speaks_of(text, "configmap"), "{text}");
        }
        assert!(!speaks_of("config: map", "configmap"));
    }

    #[test]
    fn a_way_to_a_file_is_known_from_the_folder_of_its_reader_and_from_the_top() {
        let file = Path::new("app/secret.list");
        for (reader, text) in [
            ("run.sh", "source app/secret.list"),
            ("app/run.sh", "cat ./secret.list"),
            ("other/compose.yaml", "env_file: [../app/secret.list]"),
            ("other/run.sh", "cat \"app/secret.list\""),
        ] {
            assert!(names_path(text, Path::new(reader), file), "{reader}");
        }
        assert!(!names_path("cat secret.list", Path::new("other/run.sh"), file));
    }

    #[test]
    fn pipelines_are_known_by_their_paths() {
        for path in [".github/workflows/a.yml", "app/Dockerfile", "Dockerfile.dev", ".gitlab-ci.yml"] {
            assert!(is_of_a_pipeline(Path::new(path)), "{path}");
        }
        assert!(!is_of_a_pipeline(Path::new("docker-compose.yml")));
    }
}
