//! What is known already: the baseline; and what the settings say of some files.

use std::os::unix::fs::PermissionsExt;

use crate::repository::{Ended, Repository, SECRET, ended};

const WRITE: [&str; 6] =
    ["scan", "--write-baseline", "--reason", "of the tests only", "--until", "2999-12-31"];

/// A repository whose secret is known.
fn known() -> Repository {
    let repository = Repository::with("k8s/db.yaml", SECRET);
    repository.sealstrap(&WRITE).with_code(0).says("2 known");
    repository
}

fn scan(repository: &Repository) -> Ended {
    repository.sealstrap(&["scan", "--json"])
}

#[test]
fn what_is_known_is_not_told_again_wherever_it_moves() {
    let repository = known();
    let text = repository.read(".sealstrap-baseline");
    assert!(
        text.lines().filter(|line| line.ends_with("k8s/db.yaml # of the tests only")).count() == 2,
        "{text}"
    );
    assert!(!text.contains("dHIwdWI0ZG9yLUt4OXZRMg==") && !text.contains("sesame"), "{text}");
    let key = std::fs::metadata(repository.at(".git/sealstrap/baseline.key")).unwrap();
    assert_eq!(key.permissions().mode() & 0o777, 0o600);

    let again = scan(&repository).with_code(0);
    assert_eq!((again.leaks().len(), again.count("known")), (0, 2));
    repository.git(&["mv", "k8s/db.yaml", "k8s/database.yaml"]);
    repository.write("k8s/database.yaml", format!("# moved\n\n{SECRET}"));
    assert_eq!(scan(&repository).with_code(0).count("known"), 2);
    repository.sealstrap(&["scan", "--staged"]).with_code(0);
}

#[test]
fn what_is_known_stays_so_when_commits_are_squashed() {
    let repository = Repository::with("a.yaml", "a: 1\n");
    repository.git(&["checkout", "--quiet", "-b", "side"]);
    repository.commit("db.yaml", SECRET);
    repository.commit("b.yaml", "b: 1\n");
    repository.sealstrap(&["scan", "--history", "--write-baseline"]).with_code(0);
    repository.git(&["checkout", "--quiet", "main"]);
    repository.git(&["merge", "--quiet", "--squash", "side"]);
    repository.git(&["commit", "--quiet", "--no-verify", "--message=squashed"]);
    repository.git(&["branch", "--quiet", "-D", "side"]);
    repository.sealstrap(&["scan", "--history"]).with_code(0).says("2 known");
    repository.git(&["rm", "--quiet", "db.yaml"]);
    let stale = repository.sealstrap(&["scan"]).with_code(0);
    assert!(!stale.stderr.contains("not there any more"), "{}", stale.stderr);
}

#[test]
fn a_value_that_changes_is_not_known_and_neither_is_a_copy() {
    let repository = known();
    repository.write("k8s/db.yaml", SECRET.replace("c2VzYW1lIG9wZW4=", "c2VzYW1lIHNodXQ="));
    assert_eq!(scan(&repository).with_code(1).leaks(), ["k8s/db.yaml:8 data.token"]);
    repository.write("k8s/db.yaml", SECRET);
    repository.write("k8s/copy.yaml", SECRET);
    assert_eq!(scan(&repository).with_code(1).leaks().len(), 2);
}

#[test]
fn a_copy_that_is_staged_is_not_known_and_a_file_that_was_moved_is() {
    let repository = known();
    repository.stage("k8s/copy.yaml", SECRET);
    assert_eq!(repository.staged().len(), 2);
    repository.git(&["rm", "--quiet", "--cached", "k8s/copy.yaml"]);
    std::fs::remove_file(repository.at("k8s/copy.yaml")).unwrap();
    repository.git(&["rm", "--quiet", "k8s/db.yaml"]);
    repository.stage("k8s/moved.yaml", SECRET);
    assert!(repository.staged().is_empty());
}

#[test]
fn a_hook_that_finds_nothing_needs_no_key() {
    let repository = known();
    std::fs::remove_file(repository.at(".git/sealstrap/baseline.key")).unwrap();
    repository.stage("a.yaml", "a: 1\n");
    repository.sealstrap(&["scan", "--staged"]).with_code(0);
    repository.stage("b.yaml", SECRET);
    repository.sealstrap(&["scan", "--staged"]).with_code(2).says("without the key that it was made with");
}

#[test]
fn what_is_over_is_known_again_when_it_is_written_again() {
    let repository = known();
    let text = repository.read(".sealstrap-baseline");
    repository.write(".sealstrap-baseline", text.replace("2999-12-31", "2020-01-31"));
    repository.sealstrap(&["scan", "--write-baseline", "--until", "2999-01-31"]).with_code(0);
    assert_eq!(repository.read(".sealstrap-baseline").matches("until 2999-01-31").count(), 2);
}

#[test]
fn what_is_stale_or_over_is_told() {
    let repository = known();
    repository.write("k8s/db.yaml", SECRET.replace("  token: c2VzYW1lIG9wZW4=\n", ""));
    let stale = "warning: .sealstrap-baseline knows `secret-data` in k8s/db.yaml (of the tests only), which is not there any more";
    repository.sealstrap(&["scan"]).with_code(0).says(stale);
    repository.sealstrap(&["scan", "--write-baseline"]).with_code(0);
    let text = repository.read(".sealstrap-baseline");
    assert_eq!(text.matches("# of the tests only").count(), 1, "{text}");
    repository.write(".sealstrap-baseline", text.replace("2999-12-31", "2020-01-31"));
    let over = "warning: `secret-data` in k8s/db.yaml was known up to 2020-01-31, by .sealstrap-baseline";
    repository.sealstrap(&["scan"]).with_code(1).says(over);
}

#[test]
fn another_clone_needs_the_key() {
    let repository = known();
    let key = repository.read(".git/sealstrap/baseline.key");
    std::fs::remove_file(repository.at(".git/sealstrap/baseline.key")).unwrap();
    let without = repository.sealstrap(&["scan"]).with_code(2);
    without.says("error: .sealstrap-baseline cannot be used without the key that it was made with");
    let with = |key: &str| {
        let mut command = repository.command(crate::repository::SEALSTRAP, "");
        ended(command.arg("scan").env("SEALSTRAP_BASELINE_KEY", key))
    };
    with(&key).with_code(0).says("2 known");
    with(&"0".repeat(64)).with_code(2).says("error: .sealstrap-baseline was made with the key `");
    with("short").with_code(2).says("error: SEALSTRAP_BASELINE_KEY holds less than 32 characters");
}

#[test]
fn a_fingerprint_is_told_where_there_is_a_key() {
    let repository = known();
    let fingerprints = |repository: &Repository| -> Vec<String> {
        let told = repository.sealstrap(&["scan", "--baseline", "/dev/null", "--json"]);
        told.events("leak").iter().map(|leak| leak["fingerprint"].to_string()).collect()
    };
    let before = fingerprints(&repository);
    assert!(before.len() == 2 && before.iter().all(|one| one.len() == 34), "{before:?}");
    repository.write("k8s/db.yaml", format!("\n{}", SECRET.replace("c2VzYW1lIG9wZW4=", "c2VzYW1lIHNodXQ=")));
    let after = fingerprints(&repository);
    assert_eq!((&after[0], after[1] == before[1]), (&before[0], false));
}

#[test]
fn a_baseline_that_is_wrong_or_not_there_is_told() {
    let repository = known();
    repository.write(".sealstrap-baseline", "# what is known\nnonsense\n");
    let wrong =
        "error: .sealstrap-baseline:2: an entry begins with the 32 hexadecimal digits of a fingerprint";
    repository.sealstrap(&["scan"]).with_code(2).says(wrong);
    repository.sealstrap(&["scan", "--baseline", "none"]).with_code(2).says("error: cannot read none");
}

const SETTINGS: &str = "\
scan:
  exclude: [/vendor/]
  areas:
    - {paths: [/dev/, /staging/], dummies: allow}
    - {paths: [/production/], dummies: refuse}
    - {paths: ['*.test.yaml'], rules: {secret-data: off}}
";

#[test]
fn dummies_are_allowed_in_dev_and_none_in_production() {
    let repository = Repository::new();
    repository.write("sealstrap.yaml", SETTINGS);
    for folder in ["dev", "staging", "production", "other", "vendor"] {
        repository.write(format!("{folder}/app.env"), "DB_PASSWORD=postgres\nAPI_PASSWORD=changeme\n");
    }
    repository.write("dev/db.test.yaml", SECRET);
    let scanned = scan(&repository).with_code(1);
    let told: Vec<String> = scanned
        .events("leak")
        .iter()
        .map(|leak| format!("{} {}", leak["file"].as_str().unwrap(), leak["severity"].as_str().unwrap()))
        .collect();
    let expected = [
        "other/app.env warning",
        "other/app.env note",
        "production/app.env error",
        "production/app.env error",
    ];
    assert_eq!(told, expected);
    assert_eq!((scanned.count("allowed"), scanned.count("excluded")), (6, 1));
    repository.stage("vendor/app.env", "DB_PASSWORD=other\n");
    repository.stage("dev/app.env", "DB_PASSWORD=other\n");
    assert!(repository.staged().is_empty());
    repository.sealstrap_in("dev", &["scan"]).with_code(0);
}

#[test]
fn settings_that_are_wrong_are_told_with_their_place() {
    let repository = Repository::new();
    let says = |settings: &str, words: &str| {
        repository.write("sealstrap.yaml", settings);
        repository.sealstrap(&["scan"]).with_code(2).says(words);
    };
    says(
        &SETTINGS.replace("secret-data", "secret-dat"),
        "there is no such rule; did you mean `secret-data`?",
    );
    says(&SETTINGS.replace("secret-data", "secret-dat"), "sealstrap.yaml:6:");
    says(&SETTINGS.replace("[/vendor/]", "['a/{b']"), "sealstrap.yaml:2:");
    says(&SETTINGS.replace("dummies: allow", "dummies: perhaps"), "sealstrap.yaml:4:");
}
