//! What holds of every rule.

use std::collections::HashSet;
use std::path::Path;

use regex::bytes::{Regex, RegexBuilder};

use super::all;
use crate::scan::pattern::{anchors, pattern};
use crate::scan::rule::{Form, Rule};

/// Pairs of rules of two issuers that find the same example, and why that is right.
const OVERLAPS: &[(&str, &str, &str)] = &[
    ("kubernetes-service-account-token", "json-web-token", "it is one"),
    ("home-assistant-token", "json-web-token", "it is one"),
    ("google-service-account-key", "pkcs8-private-key", "it holds one"),
];

fn compiled(rule: &Rule) -> Regex {
    let regex = RegexBuilder::new(&pattern(&rule.form)).unicode(false).build();
    regex.unwrap_or_else(|error| panic!("{}: {error}", rule.id))
}

/// A text of the catalogue as it is meant.
fn text(catalogued: &str) -> String {
    catalogued.replace('·', "")
}

/// The secrets that a rule finds in a text: as its form says, its check holding.
fn found(rule: &Rule, regex: &Regex, text: &[u8]) -> Vec<String> {
    let secrets = regex.captures_iter(text).filter_map(|captures| captures.name("secret"));
    let held = secrets.filter(|secret| rule.check.holds(secret.as_bytes()));
    held.map(|secret| String::from_utf8_lossy(secret.as_bytes()).into_owned()).collect()
}

/// The lines that a rule looks at: tokens stand in one, blocks in several.
fn parts<'t>(rule: &Rule, text: &'t str) -> Vec<&'t str> {
    if matches!(rule.form, Form::Block { .. }) { vec![text] } else { text.lines().collect() }
}

fn finds(rule: &Rule, regex: &Regex, text: &str) -> bool {
    parts(rule, text).iter().any(|part| !found(rule, regex, part.as_bytes()).is_empty())
}

#[test]
fn there_are_many() {
    assert!(all().count() >= 150, "{}", all().count());
}

#[test]
fn their_names_are_unique_and_plain() {
    let mut seen = HashSet::new();
    for rule in all() {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        assert!(
            rule.id.bytes().all(is_plain) && !rule.id.starts_with('-') && !rule.id.ends_with('-'),
            "{}",
            rule.id
        );
        assert!(seen.insert(rule.id), "{} twice", rule.id);
        assert!(rule.source.starts_with("https://"), "{}: {}", rule.id, rule.source);
        assert!(
            ["a ", "an ", "the ", "its ", "keys "].iter().any(|article| rule.what.starts_with(article)),
            "{}",
            rule.what
        );
        assert!(!rule.examples.is_empty() && !rule.others.is_empty(), "{}", rule.id);
    }
}

#[test]
fn anchors_are_small_and_not_too_short() {
    for rule in all() {
        for anchor in anchors(&rule.form) {
            assert!(anchor.len() >= 3 && anchor.to_ascii_lowercase() == anchor, "{}: {anchor}", rule.id);
        }
    }
}

#[test]
fn each_finds_its_examples() {
    for rule in all() {
        let regex = compiled(rule);
        for example in rule.examples {
            assert!(finds(rule, &regex, &text(example)), "{}: {example}", rule.id);
        }
    }
}

#[test]
fn an_anchor_stands_in_each_match() {
    for rule in all() {
        let regex = compiled(rule);
        for example in rule.examples.iter().map(|example| text(example)) {
            for part in parts(rule, &example) {
                for found in regex.find_iter(part.as_bytes()) {
                    let found = String::from_utf8_lossy(found.as_bytes()).to_ascii_lowercase();
                    assert!(
                        anchors(&rule.form).iter().any(|anchor| found.contains(anchor)),
                        "{}: {found}",
                        rule.id
                    );
                }
            }
        }
    }
}

#[test]
fn a_block_begins_with_its_anchor() {
    for rule in all() {
        let Form::Block { anchor, .. } = rule.form else { continue };
        let regex = compiled(rule);
        for example in rule.examples.iter().map(|example| text(example)) {
            let start = regex.find(example.as_bytes()).unwrap().start();
            assert!(example[start..].to_ascii_lowercase().starts_with(anchor), "{}: {example}", rule.id);
        }
    }
}

#[test]
fn look_alikes_are_silent() {
    for rule in all() {
        let regex = compiled(rule);
        for other in rule.others {
            assert!(!finds(rule, &regex, &text(other)), "{}: {other}", rule.id);
        }
    }
}

#[test]
fn references_are_silent() {
    const REFERENCES: &[&str] = &[
        "${SECRET}",
        "${SECRET:-}",
        "$(SECRET)",
        "{{ .Values.secret }}",
        "{{secret}}",
        "<your-secret>",
        "<path:a/b#c>",
        "%SECRET%",
        "!vault |",
        "null",
        "''",
    ];
    for rule in all() {
        let Form::Named { names, .. } = rule.form else { continue };
        let regex = compiled(rule);
        for (name, reference) in
            names.iter().flat_map(|name| REFERENCES.iter().map(move |reference| (name, reference)))
        {
            let line = format!("{name}: {reference}");
            assert!(!finds(rule, &regex, &line), "{}: {line}", rule.id);
        }
    }
}

#[test]
fn no_example_is_found_by_a_rule_of_another_issuer() {
    let regexes: Vec<_> = all().map(|rule| (rule, compiled(rule))).collect();
    let known = |rule: &Rule, other: &Rule| OVERLAPS.iter().any(|(a, b, _)| *a == rule.id && *b == other.id);
    let mut missing = Vec::new();
    for rule in all() {
        for example in rule.examples.iter().map(|example| text(example)) {
            let others = regexes
                .iter()
                .filter(|(other, regex)| other.issuer != rule.issuer && finds(other, regex, &example));
            missing.extend(
                others.filter(|(other, _)| !known(rule, other)).map(|(other, _)| (rule.id, other.id)),
            );
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn the_catalogue_itself_is_no_leak() {
    let regexes: Vec<_> = all().map(|rule| (rule, compiled(rule))).collect();
    let folder = Path::new(file!()).parent().unwrap();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let source = std::fs::read_to_string(&path).unwrap();
        for (rule, regex) in &regexes {
            assert!(!finds(rule, regex, &source), "{}: {}", path.display(), rule.id);
        }
    }
}
