//! What configurations find, refuse and warn of; the rows are in `rows`.

mod rows;

use std::path::Path;

use rows::{REFUSED, Row};

use super::{Config, Match, Origin, Subject};

fn read(config: &str) -> Config {
    Config::read(Path::new(".gitleaks.toml"), config, Path::new("."))
        .unwrap_or_else(|error| panic!("{error}"))
}

/// The configuration of a row, with the files that it extends.
fn read_row(row: &Row) -> Config {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in row.extended {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    Config::read(Path::new(".gitleaks.toml"), row.config, folder.path())
        .unwrap_or_else(|error| panic!("{}: {error}", row.name))
}

/// The secret of a match, decoded where it was found so: only rows say what it must be.
fn is_secret(text: &str, found: &Match, expected: &str) -> bool {
    let is_decoded = found.tags.iter().any(|tag| tag.starts_with("decoded:"));
    is_decoded || &text[found.secret.clone()] == expected
}

#[test]
fn each_row_finds_what_it_says() {
    for row in rows::all() {
        let found = read_row(row).findings(row.path, row.text.as_bytes(), None).unwrap();
        let mut told: Vec<_> =
            found.iter().map(|found| (found.rule.as_str(), found.place.start_line, found)).collect();
        told.sort_by_key(|(rule, line, _)| (*line, *rule));
        let names: Vec<_> = told.iter().map(|(rule, line, _)| (*rule, *line)).collect();
        let expected: Vec<_> = row.found.iter().map(|(rule, line, _)| (*rule, *line)).collect();
        assert_eq!(names, expected, "{}", row.name);
        assert_ne!(row.theirs, Some(row.found), "{}", row.name);
        for ((_, _, found), (_, _, secret)) in told.iter().zip(row.found) {
            assert!(is_secret(row.text, found, secret), "{}: {found:?}", row.name);
        }
    }
}

#[test]
fn a_refusal_says_where_and_what() {
    for refused in REFUSED {
        let error = Config::read(Path::new("dir/.gitleaks.toml"), refused.config, Path::new("/nonexistent"));
        let error = error.map(|_| ()).expect_err(refused.config);
        assert_eq!(error.place, refused.place, "{}: {error}", refused.config);
        assert!(error.message.starts_with(refused.message), "{}: {error}", refused.config);
        assert!(error.to_string().starts_with("dir/.gitleaks.toml:"), "{error}");
    }
}

#[test]
fn a_refusal_shows_no_pattern_and_no_stop_word() {
    let config = "[[allowlists]]\nstopwords = ['hunter22']\nregexes = ['hunter22(']";
    let error = Config::read(Path::new(".gitleaks.toml"), config, Path::new(".")).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter22"), "{error:?}");
}

#[test]
fn a_configuration_that_is_shown_for_debugging_shows_no_pattern_and_no_stop_word() {
    let config = read(
        "[[allowlists]]\nstopwords = ['hunter22']\nregexes = ['hunter22']\n[[rules]]\nid = 'r'\nregex = 'hunter22'",
    );
    config.findings("a", b"hunter22", None).unwrap();
    assert!(!format!("{config:?}").contains("hunter22"), "{config:?}");
}

#[test]
fn an_error_in_an_extended_file_names_that_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("base.toml"), "[[rules]]\nid = 1\nregex = '['").unwrap();
    let error =
        Config::read(Path::new(".gitleaks.toml"), "extend.path = 'base.toml'", folder.path()).unwrap_err();
    assert_eq!((error.file.as_path(), error.place), (Path::new("base.toml"), (3, 10)));
}

#[test]
fn a_class_that_does_not_exist_is_told_when_the_pattern_is_needed() {
    let config = read("[[rules]]\nid = 'r'\nkeywords = ['key']\nregex = '\\p{Klingon}'");
    assert!(config.findings("a", b"none", None).unwrap().is_empty());
    let error = config.findings("a", b"key", None).unwrap_err();
    assert_eq!(error.place, (4, 10));
}

#[test]
fn what_is_not_read_is_warned_of() {
    let config = "minVersion = '9.0'\nurl = 'x'\n[extend]\nurl = 'y'\n[[rules]]\nid = 'r'\nregex = 'a'\nkeyword = 'b'\n\
                  [[rules]]\nid = 'r'\nregex = 'b'\n";
    let warnings = read(config).warnings;
    let places = ["8:1", "4:1", "2:1", "1:14", "5:1"];
    for place in places {
        let start = format!(".gitleaks.toml:{place}: ");
        assert!(warnings.iter().any(|warning| warning.starts_with(&start)), "{place} in {warnings:#?}");
    }
    assert_eq!(warnings.len(), places.len(), "{warnings:#?}");
}

#[test]
fn what_does_not_count_is_warned_of() {
    for row in rows::all() {
        let warnings = read_row(row).warnings;
        assert_eq!(!warnings.is_empty(), row.warns, "{}: {warnings:?}", row.name);
    }
}

#[test]
fn the_default_configuration_is_left_to_the_caller() {
    let config = read(
        "[extend]\nuseDefault = true\ndisabledRules = ['x']\n[[rules]]\nid = 'generic-api-key'\n\
         [rules.allowlist]\nstopwords = ['abc']\n[[allowlists]]\ntargetRules = ['other']\npaths = ['^docs/']",
    );
    assert!(config.extends_default && config.disabled_rules == ["x"] && config.warnings.is_empty());
    assert!(config.findings("a", b"key = abc", None).unwrap().is_empty());
    let allows = |rule, path, secret: &str| {
        let subject = Subject { secret: secret.as_bytes(), matched: b"", lines: b"" };
        config.allows(rule, Origin { path, commit: None }, &subject).unwrap()
    };
    assert!(allows("generic-api-key", "a", "xabcx") && allows("other", "docs/a", "x"));
    assert!(
        !allows("generic-api-key", "docs/a", "x")
            && !allows("other", "a", "abc")
            && !allows("third", "docs/a", "abc")
    );
}

#[test]
fn commits_are_allowed_in_any_case_and_as_a_whole() {
    let config = read("rules = [{id = 'r', regex = 'k='}]\nallowlists = [{commits = [' 0F1e ']}]");
    let count = |commit| config.findings("a", b"k=", commit).unwrap().len();
    assert_eq!([count(Some("0f1E")), count(Some("0f1e2")), count(None)], [0, 1, 1]);
}

#[test]
fn the_configuration_itself_is_left_out() {
    let config = read("rules = [{id = 'r', regex = 'k='}]");
    assert!(config.findings(".gitleaks.toml", b"k=", None).unwrap().is_empty());
    assert_eq!(config.findings("sub/.gitleaks.toml", b"k=", None).unwrap().len(), 1);
}

#[test]
fn findings_come_in_the_order_of_the_text() {
    let config = read("rules = [{id = 'b', regex = '[xy]'}, {id = 'a', regex = 'y'}]");
    let found = config.findings("a", b"y x y", None).unwrap();
    let order: Vec<_> = found.iter().map(|found| (found.range.start, found.rule.as_str())).collect();
    assert_eq!(order, [(0, "a"), (0, "b"), (2, "b"), (4, "a"), (4, "b")]);
}

#[test]
fn what_was_decoded_is_tagged_and_stands_where_it_is_encoded() {
    let config = read("rules = [{id = 'r', regex = 'key-(\\w+)', tags = ['t']}]");
    let text = "a: 1\nb: bXkga2V5LTBhMWIyYzNk\n";
    let found = config.findings("a", text.as_bytes(), None).unwrap().remove(0);
    assert_eq!(found.tags, ["t", "decoded:base64", "decode-depth:1"]);
    assert_eq!((&text[found.range], &text[found.secret]), ("bXkga2V5LTBhMWIyYzNk", "bXkga2V5LTBhMWIyYzNk"));
    assert!((found.entropy - 3.0).abs() < 1e-6);
}
