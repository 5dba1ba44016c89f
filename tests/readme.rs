//! The README and the other pages: what they show is what happens.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails where something is missing")]

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Parser;
use sealstrap::cli::Cli;
use sealstrap::scan::place::Place;
use sealstrap::settings::environment::Environment;
use sealstrap::settings::{Overrides, Settings};
use serde_json::Value;

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> String {
    std::fs::read_to_string(top().join(name)).unwrap()
}

/// The pages with command lines.
fn pages() -> Vec<PathBuf> {
    let mut pages = vec![PathBuf::from("README.md"), "CONTRIBUTING.md".into()];
    for folder in ["docs", "examples", "examples/homelab", "examples/sealed", "keys"] {
        let files = std::fs::read_dir(top().join(folder)).unwrap().flatten().map(|entry| entry.path());
        let markdown = files.filter(|file| file.extension().is_some_and(|end| end == "md"));
        pages.extend(markdown.map(|file| file.strip_prefix(top()).unwrap().to_owned()));
    }
    pages
}

/// The lines of the fenced blocks of a language, block by block.
fn blocks(text: &str, language: &str) -> Vec<Vec<String>> {
    let mut blocks: Vec<Vec<String>> = Vec::new();
    let mut inside: Option<bool> = None;
    for line in text.lines() {
        match (line.trim_start().strip_prefix("```"), inside) {
            (Some(named), None) => {
                inside = Some(named == language);
                if named == language {
                    blocks.push(Vec::new());
                }
            }
            (Some(_), Some(_)) => inside = None,
            (None, Some(true)) => blocks.last_mut().unwrap().push(line.to_owned()),
            (None, _) => {}
        }
    }
    blocks
}

/// The rows of the table under a header, as cells.
fn table(text: &str, header: &str) -> Vec<Vec<String>> {
    let rows = text.lines().skip_while(|line| !line.starts_with(header)).skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    let cells = |row: &str| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    let rows: Vec<Vec<String>> = rows.map(cells).collect();
    assert!(!rows.is_empty(), "there is a table under `{header}`");
    rows
}

/// The words in backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// The arguments of a `sealstrap …` that a line shows being typed.
fn typed(line: &str) -> Option<Vec<String>> {
    let command = line.trim_start().strip_prefix("$ ")?;
    let command = command.split(" #").next()?.split(['|', '>']).next()?;
    let command = command.replacen("cargo run --release --", "sealstrap", 1);
    let words = command.split_whitespace().skip_while(|word| word.contains('='));
    let words: Vec<String> = words.map(str::to_owned).collect();
    (words.first()? == "sealstrap").then_some(words)
}

#[test]
fn every_command_line_of_every_page_is_taken() {
    let mut seen = 0;
    for page_name in pages() {
        let text = page(page_name.to_str().unwrap());
        for words in blocks(&text, "console").iter().flatten().filter_map(|line| typed(line)) {
            let read = Cli::try_parse_from(&words);
            let said = read.err().map(|error| error.to_string());
            assert_eq!(said, None, "`{}` in {}", words.join(" "), page_name.display());
            seen += 1;
        }
    }
    assert!(seen > 15, "command lines have been found: {seen}");
}

/// Commands that other programs are told to run: hooks of pre-commit, steps of GitHub Actions.
#[test]
fn every_command_that_others_are_given_is_taken() {
    let scanning = blocks(&page("docs/scanning.md"), "yaml").concat();
    let lines = page(".pre-commit-hooks.yaml").lines().map(str::to_owned).chain(scanning).collect::<Vec<_>>();
    let commands = lines.iter().filter_map(|line| {
        let (_, command) = line.split_once("entry: ").or_else(|| line.split_once("run: "))?;
        command.starts_with("sealstrap ").then(|| command.split_whitespace())
    });
    let read = commands.map(|words| Cli::try_parse_from(words).map_err(|error| error.to_string()).err());
    assert_eq!(read.collect::<Vec<_>>(), [None, None, None]);
}

#[test]
fn the_table_of_places_lists_all_of_them() {
    let rows = table(&page("docs/scanning.md"), "| rule | where |");
    let mut told: Vec<&str> = rows.iter().flat_map(|row| quoted(&row[0])).collect();
    let mut real = Place::ALL.map(Place::rule).to_vec();
    told.sort_unstable();
    real.sort_unstable();
    assert_eq!(told, real);
}

#[test]
fn the_session_is_what_the_command_says() {
    let readme = page("README.md");
    let session = readme.split("<!-- session -->").nth(1).unwrap().split("<!-- /session -->").next().unwrap();
    let shown = blocks(session, "console").concat();
    let words = typed(&shown[0]).expect("the session begins with a command");
    let said = both_streams(&words[1..]);
    let said: Vec<String> = said.lines().map(timeless).collect();
    let mut at = 0;
    let mut gap = false;
    for line in &shown[1..] {
        if line == "…" {
            gap = true;
            continue;
        }
        let found = said[at..].iter().position(|real| is_shown_by(real, &timeless(line)));
        let found = found.unwrap_or_else(|| panic!("`{line}` is not said there:\n{}", said.join("\n")));
        assert!(gap || found == 0, "before `{line}` lines are left out without a `…`: {}", said[at]);
        at += found + 1;
        gap = false;
    }
    assert!(gap || at == said.len(), "after the last line more is said, and no `…` shows it");
    assert!(shown.len() > 10, "the session shows something");
}

/// A line may be cut short with ` …`.
fn is_shown_by(real: &str, shown: &str) -> bool {
    shown.strip_suffix(" …").map_or(real == shown, |start| real.starts_with(start))
}

/// The line without how long something took.
fn timeless(line: &str) -> String {
    let Some((before, after)) = line.rsplit_once(" in ") else { return line.trim_end().to_owned() };
    let time = after.trim_end();
    let is_time = time.ends_with(" s") && time.starts_with(|c: char| c.is_ascii_digit());
    if is_time { format!("{before} in T") } else { line.trim_end().to_owned() }
}

/// Both streams as a terminal would show them, in an empty folder.
fn both_streams(arguments: &[String]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sealstrap"));
    command.args(arguments).current_dir(folder.path()).env_clear().env("HOME", folder.path());
    command.stdin(Stdio::null()).stdout(writer.try_clone().unwrap()).stderr(writer);
    let mut child = command.spawn().unwrap();
    drop(command);
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert!(child.wait().unwrap().success(), "{text}");
    text
}

fn settings(text: &str) -> Settings {
    let file = top().join("sealstrap.yaml");
    Settings::assemble(&file, text, &Overrides::default(), Environment::default())
        .unwrap_or_else(|error| panic!("{error}: {:?}\n{text}", error.hint()))
}

#[test]
fn the_configuration_that_is_shown_is_read() {
    let mut seen = 0;
    for block in blocks(&page("README.md"), "yaml") {
        let text = block.join("\n");
        if text.contains("\ncluster:") {
            settings(&text);
            seen += 1;
        }
    }
    assert!(seen > 0, "there is an example");
}

#[test]
fn the_task_table_lists_the_tasks_of_the_runbook_with_their_needs() {
    let runbook: Vec<String> = std::fs::read_to_string(top().join("bootstrap/flux-vault.yaml"))
        .unwrap()
        .lines()
        .filter_map(|line| Some(line.trim().strip_prefix("- k8s:bootstrap:")?.to_owned()))
        .collect();
    let rows = table(&page("README.md"), "| task | what is true once it has run | needs |");
    let listed: Vec<String> = rows.iter().map(|row| quoted(&row[0]).concat()).collect();
    assert_eq!(listed[0], "init", "the first row stands for the whole");
    assert_eq!(listed[1..], runbook);
    let library = sealstrap::bootstrap::Library::open(top()).unwrap();
    for (row, name) in rows[1..].iter().zip(&runbook) {
        let needs = library.needs(&format!("k8s:bootstrap:{name}")).unwrap();
        let needs: Vec<&str> = needs.iter().filter_map(|need| need.strip_prefix("k8s:bootstrap:")).collect();
        assert_eq!(quoted(&row[2]), needs, "the needs of {name}");
    }
}

/// The settings that say only what has no default.
const SILENT: &str = "\
cluster: {name: home}
git: {repository: example/homelab}
vault: {address: \"https://vault.example.com\"}
webhook: {url: \"https://hooks.example.com\"}
";

#[test]
fn the_table_of_defaults_says_the_real_ones() {
    let real = serde_json::to_value(settings(SILENT)).unwrap();
    let mut compared = 0;
    for row in table(&page("README.md"), "| setting | default |") {
        let said = quoted(&row[1]);
        for (at, setting) in full_names(&quoted(&row[0])).iter().enumerate() {
            let value = setting.split('.').try_fold(&real, |value, key| value.get(key));
            let value = value.unwrap_or_else(|| panic!("there is no setting `{setting}`"));
            if row[1].starts_with('`') && !is_told_by_others(said[0]) {
                compared += 1;
                assert_default(setting, value, &said, at);
            }
            let absent = row[1].starts_with("absent") || row[1].starts_with("nothing");
            assert!(!absent || setting == "webhook" || is_nothing(value), "`{setting}` is {value}");
        }
    }
    assert!(compared > 25, "defaults have been compared: {compared}");
}

/// What the environment or the settings of others say, where the settings themselves are silent.
fn is_told_by_others(said: &str) -> bool {
    said.starts_with("https://api.github.com")
        || said.chars().all(|c| c.is_ascii_uppercase() || c == '_')
        || said.contains("CLUSTER")
}

/// `git.branch`, `.path` as `git.branch`, `git.path`.
fn full_names(names: &[&str]) -> Vec<String> {
    let parent = names[0].rsplit_once('.').map_or("", |(parent, _)| parent);
    let full = |name: &&str| match name.strip_prefix('.') {
        Some(last) => format!("{parent}.{last}"),
        None => (*name).to_owned(),
    };
    names.iter().map(full).collect()
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// The `at`-th setting of a row whose default cell quotes `said`.
fn assert_default(setting: &str, value: &Value, said: &[&str], at: usize) {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value {
        Value::Object(place) if place.contains_key("namespace") => {
            assert_eq!(
                said[0],
                format!("{}/{}", text(&place["namespace"]), text(&place["name"])),
                "{setting}"
            );
            let key = said.get(1).map(|key| (*key).to_owned());
            assert!(
                key.is_none() || key == Some(text(&place["key"])),
                "the key of {setting} is {}",
                place["key"]
            );
        }
        Value::Object(names) if said.len() > 1 => {
            assert_eq!(said, names.keys().map(String::as_str).collect::<Vec<_>>(), "{setting}");
        }
        Value::Object(_) | Value::Array(_) => {
            let flow = value.to_string().replace('"', "").replace(':', ": ").replace(',', ", ");
            assert_eq!(said[at], flow, "{setting}");
        }
        value => assert_eq!(said[at], text(value), "{setting}"),
    }
}
