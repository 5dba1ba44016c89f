//! Histories that are made for it, in real repositories.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::{History, Range, scan_history};
use crate::scan::place::{BENIGN, LEAKS};
use crate::scan::{Area, Dummies, Globs, Policy, Severity, rules, scan_paths};

struct Repository(TempDir);

impl Repository {
    fn new() -> Self {
        let repository = Self(tempfile::tempdir().unwrap());
        repository.git(&["init", "-q", "-b", "main"]);
        repository
    }

    fn git(&self, words: &[&str]) -> String {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=A", "-c", "user.email=a@example.org"])
            .args(words)
            .current_dir(self.0.path());
        let output = git.output().unwrap();
        assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn write(&self, file: &str, text: &str) {
        let file = self.0.path().join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    /// Commits all files; the commit.
    fn commit(&self) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", "x"]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn scan(&self) -> History {
        scan_history(&Policy::default(), self.0.path(), &Range::All).unwrap()
    }
}

const SECRET: &str = "apiVersion: v1\nkind: Secret\nstringData:\n  password: tr0ub4dor&3x\n";

fn secret(value: &str) -> String {
    SECRET.replace("tr0ub4dor&3x", value)
}

#[test]
fn all_that_is_found_in_files_is_found_in_the_history() {
    let repository = Repository::new();
    for (number, (_, sample)) in LEAKS.iter().enumerate() {
        repository.write(&format!("leaks/{number}/{}", sample.file), &sample.document());
    }
    for (number, sample) in BENIGN.iter().enumerate() {
        repository.write(&format!("benign/{number}/{}", sample.file), &sample.document());
    }
    for rule in rules::all() {
        for (number, example) in rule.examples.iter().enumerate() {
            repository.write(&format!("rules/{}-{number}.txt", rule.id), &example.replace('·', ""));
        }
    }
    repository.commit();
    let told = |path: &Path, finding: &crate::scan::Finding| {
        (path.display().to_string(), finding.rule.to_string(), finding.way.clone(), finding.range.start)
    };
    let folder = repository.0.path();
    let in_files: BTreeSet<_> = scan_paths(&Policy::default(), &[folder.to_owned()])
        .unwrap()
        .iter()
        .flat_map(|looked| {
            let path = looked.path.strip_prefix(folder).unwrap();
            looked.result.as_ref().unwrap().findings.iter().map(move |finding| told(path, finding))
        })
        .collect();
    let history = repository.scan();
    // A secret that stands in several files is told once.
    let rules_of = |all: &BTreeSet<(String, String, String, usize)>| {
        all.iter().map(|(_, rule, way, _)| (rule.clone(), way.clone())).collect::<BTreeSet<_>>()
    };
    let in_history: BTreeSet<_> = history.found.iter().map(|past| told(&past.path, &past.finding)).collect();
    assert!(in_files.len() > 400);
    assert!(in_history.is_subset(&in_files));
    assert_eq!(rules_of(&in_history), rules_of(&in_files));
}

#[test]
fn a_secret_that_stands_in_a_merge_only_is_found() {
    let repository = Repository::new();
    repository.write("a.txt", "1\n");
    repository.commit();
    repository.git(&["checkout", "-q", "-b", "side"]);
    repository.write("b.txt", "1\n");
    repository.commit();
    repository.git(&["checkout", "-q", "main"]);
    repository.write("c.txt", "1\n");
    repository.commit();
    repository.git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
    repository.write("secret.yaml", SECRET);
    let merge = repository.commit();
    repository.git(&["rm", "-q", "secret.yaml"]);
    let gone = repository.commit();
    let history = repository.scan();
    let [past] = &history.found[..] else { panic!("{history:?}") };
    assert_eq!(
        (past.first.id.as_str(), past.last.as_ref().map(|last| last.id.as_str())),
        (&*merge, Some(&*gone))
    );
    assert_eq!((history.seen.commits, past.first.author.as_str()), (5, "A <a@example.org>"));
}

#[test]
fn a_content_that_is_missing_is_a_gap_and_the_others_are_scanned() {
    let repository = Repository::new();
    repository.write("secret.yaml", SECRET);
    repository.write("gone.yaml", &secret("k3J9d8Xq2LmN0p"));
    repository.commit();
    let id = repository.git(&["rev-parse", "HEAD:gone.yaml"]);
    std::fs::remove_file(repository.0.path().join(".git/objects").join(&id[..2]).join(&id[2..])).unwrap();
    let history = repository.scan();
    assert_eq!((history.seen.missing, history.found.len()), (1, 1));
}

#[test]
fn a_secret_that_moves_is_told_once_since_its_first_commit() {
    let repository = Repository::new();
    repository.write("a.yaml", SECRET);
    let first = repository.commit();
    repository.git(&["mv", "a.yaml", "b.yaml"]);
    repository.write("b.yaml", &format!("# moved\n\n{SECRET}"));
    repository.commit();
    let history = repository.scan();
    let [past] = &history.found[..] else { panic!("{history:?}") };
    assert_eq!((past.first.id.as_str(), past.last.as_ref()), (&*first, None));
    assert_eq!((past.path.as_path(), past.finding.start.line), (Path::new("b.yaml"), 6));
}

#[test]
fn a_value_that_changes_is_another_secret_with_a_time_of_its_own() {
    let repository = Repository::new();
    repository.write("a.yaml", SECRET);
    repository.commit();
    repository.write("a.yaml", &secret("k3J9d8Xq2LmN0p"));
    let second = repository.commit();
    repository.write("a.yaml", &secret("${PASSWORD}"));
    let third = repository.commit();
    let history = repository.scan();
    let mut spans: Vec<_> = history
        .found
        .iter()
        .map(|past| (past.first.id.clone(), past.last.as_ref().unwrap().id.clone()))
        .collect();
    spans.sort_by_key(|(first, _)| *first == second);
    assert_eq!(spans[1], (second.clone(), third));
    assert_eq!(spans[0].1, second);
}

#[test]
fn a_value_beside_its_name_is_found_in_each_version() {
    let repository = Repository::new();
    let pod = |value: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - env:\n    - name: DB_PASSWORD\n      value: {value}\n"
        )
    };
    for value in ["k3J9d8Xq2LmN0p", "Zz93kdQpW0x1y2"] {
        repository.write("pod.yaml", &pod(value));
        repository.commit();
    }
    assert_eq!(repository.scan().found.len(), 2);
}

#[test]
fn a_value_that_stands_in_lines_behind_its_name_is_found_in_each_version() {
    let repository = Repository::new();
    for value in ["k3J9d8Xq2LmN0p", "Zz93kdQpW0x1y2"] {
        for (file, text) in [
            ("a.env", format!("A_PASSWORD=\"a\n{value}1\"\n")),
            ("a.properties", format!("a.password=a\\\n{value}2\n")),
            ("a.toml", format!("password = \"\"\"\n{value}3\"\"\"\n")),
            (
                "a.tf",
                format!("variable \"a_password\" {{\n  type = string\n\n  default = \"{value}4\"\n}}\n"),
            ),
            ("b.tf", format!("x {{\n  name = \"token\"\n  value = \"{value}5\"\n}}\n")),
            ("c.tf", format!("a_password = <<-EOT\n\n\n\n\n\n{value}6\nEOT\n")),
            (
                "d.tf",
                format!("variable \"b_password\" {{\n  default = <<EOT\n1\n2\n3\n4\n5\n{value}8\nEOT\n}}\n"),
            ),
            ("a.jsonc", format!("{{\n  // ours\n  \"password\":\n  \"{value}7\"\n}}\n")),
        ] {
            repository.write(file, &text);
        }
        repository.commit();
    }
    assert_eq!(repository.scan().found.len(), 16);
}

#[test]
fn a_range_is_what_its_commits_brought() {
    let repository = Repository::new();
    repository.write("old.yaml", SECRET);
    repository.commit();
    repository.git(&["tag", "before"]);
    repository.write("new.yaml", &secret("k3J9d8Xq2LmN0p"));
    repository.commit();
    let history =
        scan_history(&Policy::default(), repository.0.path(), &Range::Revisions(vec!["before..HEAD".into()]))
            .unwrap();
    let [past] = &history.found[..] else { panic!("{history:?}") };
    assert_eq!(past.path, Path::new("new.yaml"));
    assert!(
        scan_history(
            &Policy::default(),
            repository.0.path(),
            &Range::Revisions(vec!["nowhere..HEAD".into()])
        )
        .is_err()
    );
}

#[test]
fn what_holds_for_one_file_does_not_hold_for_another_with_the_same_content() {
    let repository = Repository::new();
    for folder in ["dev", "production", "vendor"] {
        repository.write(&format!("{folder}/app.env"), "DB_PASSWORD=postgres\n");
    }
    repository.commit();
    repository.write("dev/other.env", "API_PASSWORD=postgres\n");
    repository.write("vendor/other.env", "API_PASSWORD=postgres\n");
    repository.commit();
    let globs = |glob: &str| Globs::new(&[glob.to_owned()]).unwrap();
    let area = |glob, dummies| Area { paths: globs(glob), dummies: Some(dummies), ..Area::default() };
    let areas = vec![area("dev/", Dummies::Allowed), area("production/", Dummies::Refused)];
    let policy = Policy::default().with_areas(areas).without(globs("vendor/"));
    for _ in 0..2 {
        let history = scan_history(&policy, repository.0.path(), &Range::All).unwrap();
        let told: Vec<_> =
            history.found.iter().map(|past| (past.path.clone(), past.finding.severity)).collect();
        assert_eq!(told, [("production/app.env".into(), Severity::Error)]);
        assert_eq!(history.seen.allowed, 1);
    }
    assert_eq!(repository.scan().found.len(), 2);
}

#[test]
fn a_second_scan_tells_the_same_and_reads_only_what_is_new() {
    let repository = Repository::new();
    repository.write("secret.yaml", SECRET);
    repository.write("a.txt", "1\n");
    repository.commit();
    let first = repository.scan();
    repository.write("b.txt", "2\n");
    repository.commit();
    let second = repository.scan();
    assert_eq!((first.found.len(), first.seen.contents, first.seen.before), (1, 2, 0));
    assert_eq!((second.found.len(), second.seen.contents, second.seen.before), (1, 2, 1));
}

#[test]
fn a_content_that_was_no_document_is_read_again_when_it_becomes_one() {
    let repository = Repository::new();
    repository.write("notes.txt", "db:\n  password: tr0ub4dor&3x\n");
    repository.commit();
    assert!(repository.scan().found.is_empty());
    repository.git(&["mv", "notes.txt", "values.yaml"]);
    repository.commit();
    let history = repository.scan();
    assert_eq!((history.found.len(), history.seen.before), (1, 0));
}

#[test]
fn what_a_user_has_git_show_otherwise_is_found_all_the_same() {
    let repository = Repository::new();
    repository.write("below/secret.yaml", SECRET);
    let first = repository.commit();
    repository.write("other/a.txt", "1\n");
    let second = repository.commit();
    for (name, value) in [("diff.relative", "true"), ("log.showRoot", "false"), ("log.diffMerges", "off")] {
        repository.git(&["config", name, value]);
    }
    // In place of the first commit Git shows one without the secret.
    repository.git(&["replace", "-f", &first, &second]);
    let other = repository.0.path().join("other");
    let history = scan_history(&Policy::default(), &other, &Range::All).unwrap();
    let [past] = &history.found[..] else { panic!("{history:?}") };
    assert_eq!((past.path.as_path(), &*past.first.id), (Path::new("below/secret.yaml"), &*first));
    assert!(past.last.is_none(), "the current commit still holds it");
}

#[test]
fn a_value_that_stands_in_another_line_than_its_name_is_found_in_each_version() {
    let repository = Repository::new();
    let values = ["k3J9d8Xq2LmN0p", "Zx93kdQpW0x1y2", "tr0ub4dor&3x"];
    for value in values {
        repository
            .write("a.yaml", &format!("env:\n- name: DB_PASSWORD\n  # of the database\n  value: {value}\n"));
        repository.write("b.yaml", &format!("db:\n  password: >-\n    {value}\n  user: app\n"));
        repository.write("c.json", &format!("{{\n  \"password\":\n    \"{value}\"\n}}\n"));
        repository.write("d.yaml", &format!("args:\n- --password\n- {value}\n"));
        repository.write("e.yaml", &format!("x: &a {value}\nadmin_password: *a\n"));
        repository.commit();
    }
    let history = repository.scan();
    assert_eq!(history.found.len(), 5 * values.len(), "{:?}", history.found);
}

#[test]
fn a_file_of_which_a_generator_made_a_secret_is_found_whenever_that_was() {
    let repository = Repository::new();
    repository.write("k/pin.txt", "12345-first\n");
    repository.write("k/other.txt", "12345-other\n");
    let first = repository.commit();
    repository.write(
        "k/kustomization.yaml",
        "secretGenerator:\n- name: db\n  files: [pin.txt]\n  envs: [db.list]\n",
    );
    repository.write("k/db.list", "PLACE=tr0ub4dor\n");
    repository.write("k/pin.txt", "12345-second\n");
    let second = repository.commit();
    repository.git(&["rm", "-q", "-r", "k"]);
    repository.write("README.md", "gone\n");
    let third = repository.commit();
    let found = repository.scan().found;
    let told: BTreeSet<(String, &str, &str)> = found
        .iter()
        .map(|past| {
            let last = past.last.as_ref().map_or("", |last| &last.id);
            (past.path.display().to_string(), past.first.id.as_str(), last)
        })
        .collect();
    assert_eq!(
        told,
        BTreeSet::from([
            ("k/db.list".to_owned(), second.as_str(), third.as_str()),
            ("k/pin.txt".to_owned(), first.as_str(), second.as_str()),
            ("k/pin.txt".to_owned(), second.as_str(), third.as_str()),
        ])
    );
    assert!(found.iter().all(|past| past.finding.rule == "secret-generator"));
    assert_eq!(repository.scan().found.len(), 3, "the second time they are found as well");
}

#[test]
fn contents_with_the_same_doubtful_lines_are_told_of_each_file() {
    let repository = Repository::new();
    // Under the same key in different files: one is kept as the first of its mark, and Git is asked for the others.
    for (file, rest) in [("a.yaml", "one"), ("b.yaml", "two"), ("c.yaml", "three")] {
        repository.write(file, &format!("{rest}:\n{}password: tr0ub4dor&3x\n", "  x: 1\n".repeat(9)));
    }
    repository.commit();
    let scanned = repository.scan();
    let values = scan_paths(&Policy::default(), &[repository.0.path().to_owned()]).unwrap();
    let of_files =
        values.iter().filter(|looked| !looked.result.as_ref().unwrap().findings.is_empty()).count();
    assert_eq!((of_files, scanned.seen.contents), (3, 3));
    assert_eq!(scanned.found.len(), 1, "it is the same secret");
    assert!(scanned.found[0].last.is_none());
    repository.write("a.yaml", "one: 1\n");
    repository.write("c.yaml", "one: 1\n");
    repository.commit();
    assert!(repository.scan().found[0].last.is_none(), "one file still holds it");
    repository.write("b.yaml", "one: 1\n");
    repository.commit();
    assert!(repository.scan().found[0].last.is_some());
}
