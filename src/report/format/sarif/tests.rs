//! SARIF against its schema, and against what GitHub needs.

use serde_json::{Value, json};

use super::super::samples::{PATH, leaks, rules, seen};
use super::*;

const SCHEMA: &str = include_str!("../../../../tests/fixtures/sarif/sarif-2.1.0.json");

fn log(leaks: &[Leak]) -> Value {
    serde_json::from_str(&write(leaks, &seen(), &rules())).unwrap()
}

/// What the schema has against a log.
fn complaints(log: &Value) -> Vec<String> {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let schema = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    schema.iter_errors(log).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn the_schema_accepts_what_is_written_and_refuses_what_is_not_sarif() {
    assert_eq!(complaints(&log(&leaks())), [""; 0]);
    assert_eq!(complaints(&log(&[])), [""; 0]);
    let mut broken = log(&leaks());
    broken["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = json!(0);
    broken["runs"][0]["columnKind"] = json!("bytes");
    assert_eq!(complaints(&broken).len(), 2);
}

#[test]
fn a_result_has_its_place_its_level_and_its_fingerprint_and_no_secret() {
    let log = log(&leaks());
    let results = &log["runs"][0]["results"];
    let expected = json!({
        "ruleId": "secret-data",
        "level": "error",
        "message": {
            "text": "Secret shop/db: `data.<p>` is in clear. \
                     Hint: seal it: `sealstrap seal --in-place a&b`, and change the secret."
        },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {
                    "uri": "apps/%22%3Cb%3E%26%27100%25%0A%3A%3A%C3%A9%2C%C3%9F.yaml",
                    "uriBaseId": "%SRCROOT%"
                },
                "region": {
                    "startLine": 7, "startColumn": 13, "endLine": 7, "endColumn": 22,
                    "snippet": {"text": "  <p>: •••••••• # ]]> \u{7}"}
                }
            },
            "logicalLocations": [{"fullyQualifiedName": "Secret shop/db data.<p>"}]
        }],
        "partialFingerprints": {"sealstrap/v1": "00c0ffee"},
        "properties": {"document": 2}
    });
    assert_eq!(results[0], expected);
    assert_eq!(results[1]["properties"]["commit"]["date"], "2026-01-02T03:04:05Z");
    assert_eq!((&results[1]["level"], &results[2]["level"]), (&json!("warning"), &json!("note")));
    assert_eq!(results[1]["partialFingerprints"], Value::Null);
}

#[test]
fn only_rules_that_found_something_are_told_each_as_bad_as_its_worst() {
    let mut leaks = leaks();
    leaks.push(Leak { severity: Severity::Note, ..leaks[0].clone() });
    let log = log(&leaks);
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let told: Vec<_> = rules
        .iter()
        .map(|rule| {
            (&rule["id"], &rule["defaultConfiguration"]["level"], &rule["properties"]["security-severity"])
        })
        .map(|(id, level, severity)| [id, level, severity].map(|text| text.as_str().unwrap()))
        .collect();
    let expected =
        [["helm-values", "note", "2.0"], ["private-key", "warning", "6.0"], ["secret-data", "error", "9.8"]];
    assert_eq!(told, expected);
    assert_eq!(rules[2]["help"]["text"], "Seal it: `sealstrap seal`.");
    // GitHub needs a text in each of them.
    for field in ["shortDescription", "fullDescription", "help"] {
        assert!(rules.iter().all(|rule| rule[field]["text"].as_str().is_some_and(|text| !text.is_empty())));
    }
}

#[test]
fn the_worst_come_first_and_what_was_cut_is_told() {
    let [error, warning, note] = leaks().try_into().unwrap();
    let mut many = vec![note; LARGEST];
    many.extend([warning, error]);
    let log = log(&many);
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), LARGEST);
    let levels: Vec<_> = results.iter().take(3).map(|result| result["level"].as_str().unwrap()).collect();
    assert_eq!(levels, ["error", "warning", "note"]);
    let told = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    let expected = json!([
        {
            "level": "error",
            "message": {"text": "2 findings of 25002 left out, the least severe: GitHub takes 25000 in a run."}
        },
        {"level": "warning", "message": {"text": "GitHub keeps 5000 of 25002 findings, the most severe."}},
        {"level": "error", "message": {"text": "2 files not read: the results may not be all."}}
    ]);
    assert_eq!(*told, expected);
}

#[test]
fn a_path_is_a_uri_that_decodes_to_it() {
    let uri = |file: &str| artifact(file).uri;
    assert_eq!(uri("./a b/c"), "a%20b/c");
    assert_eq!(uri("/srv/ä.yaml"), "file:///srv/%C3%A4.yaml");
    assert_eq!(artifact("/srv/ä.yaml").uri_base_id, None);
    // A colon in a first segment would be a scheme.
    assert_eq!(uri("javascript:x"), "javascript%3Ax");
    assert_eq!(decoded(&uri(PATH)), PATH);
}

fn decoded(uri: &str) -> String {
    let mut parts = uri.split('%');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).unwrap()
}
