//! `sealstrap scan --fix`: what was found is sealed where it stands.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sealstrap::scan::place::Place;

use crate::repository::{Ended, Repository, SEALSTRAP};
use crate::scene::{NUMBERS, SEALED, STATUS, app, mended, refused, token, value};

const CERTIFICATE: &str = include_str!("../sealing/certificates/home.pem");
const KEY: &str = include_str!("../seal/certificate.key");

/// A repository with every kind of leak, in which all of it is committed.
fn scene() -> Repository {
    let repository = Repository::new();
    std::fs::write(repository.home().join("cluster.pem"), CERTIFICATE).unwrap();
    std::fs::write(repository.home().join("cluster.key"), KEY).unwrap();
    for (path, text) in mended().into_iter().chain(refused().into_iter().map(|(path, text, ..)| (path, text)))
    {
        repository.write(path, text);
    }
    repository.git(&["add", "."]);
    repository.git(&["commit", "--quiet", "--message=before"]);
    repository
}

fn fix(repository: &Repository, words: &[&str]) -> Ended {
    let certificate = repository.home().join("cluster.pem");
    let mut all = vec!["scan"];
    all.extend(words);
    all.extend(["--cert", certificate.to_str().unwrap()]);
    repository.sealstrap(&all)
}

/// The plain values of a sealed file, as `sealstrap unseal` tells them.
fn unsealed(repository: &Repository, path: &str) -> String {
    let key = repository.home().join("cluster.key");
    repository.sealstrap(&["unseal", path, "--private-key", key.to_str().unwrap()]).with_code(0).stdout
}

/// Whether a sealed file holds the secret of a number, alone or in a text.
fn holds(repository: &Repository, path: &str, number: usize) -> bool {
    opens_to(&unsealed(repository, path), &value(number))
}

/// Whether plain values, as `sealstrap unseal` tells them, hold a secret.
fn opens_to(unsealed: &str, secret: &str) -> bool {
    let decoded = |line: &str| {
        let word = line.rsplit(' ').next().unwrap_or_default().trim_matches('"');
        BASE64_STANDARD.decode(word).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(secret))
    };
    unsealed.lines().any(decoded)
}

/// The lines of a file that are gone.
fn gone(repository: &Repository, path: &str) -> Vec<String> {
    let diff = repository.git(&["diff", "--unified=0", "--", path]);
    let lines = diff.lines().filter(|line| line.starts_with('-') && !line.starts_with("---"));
    lines.map(|line| line[1..].to_owned()).collect()
}

/// The files that Git tracks, or would with the next commit.
fn tracked(repository: &Repository) -> Vec<(String, String)> {
    let names = repository.git(&["ls-files", "--cached", "--others", "--exclude-standard"]);
    let names: BTreeSet<&str> = names.lines().filter(|name| repository.at(name).exists()).collect();
    names.into_iter().map(|name| (name.to_owned(), repository.read(name))).collect()
}

/// The numbers of those secrets that stand in a text.
fn within(text: &str) -> Vec<usize> {
    let is_in = |number: &usize| {
        text.contains(&value(*number)) || text.contains(&BASE64_STANDARD.encode(value(*number)))
    };
    NUMBERS.filter(is_in).collect()
}

fn found(ended: &Ended) -> BTreeSet<(String, String)> {
    let text = |leak: &serde_json::Value, key: &str| leak[key].as_str().unwrap().to_owned();
    ended.events("leak").iter().map(|leak| (text(leak, "file"), text(leak, "rule"))).collect()
}

#[test]
fn the_scene_has_every_kind_of_leak() {
    let found = found(&scene().sealstrap(&["scan", "--json"]));
    for place in Place::ALL {
        assert!(found.iter().any(|(_, rule)| rule == place.rule()), "{}", place.rule());
    }
}

#[test]
fn what_can_be_mended_is_and_what_cannot_is_named() {
    let repository = scene();
    let told = fix(&repository, &["--fix", "--untrack", "--yes", "--json"]).with_code(1);
    let left: BTreeSet<(String, String)> =
        refused().iter().map(|(path, _, rule, _)| ((*path).to_owned(), (*rule).to_owned())).collect();
    assert_eq!(found(&told), left);
    for (path, _, _, reason) in refused() {
        let leak = told.events("leak").into_iter().find(|leak| leak["file"] == *path).unwrap();
        let hint = leak["hint"].as_str().unwrap();
        assert!(hint.contains("it is not mended, since ") && hint.contains(reason), "{path}: {hint}");
    }
    assert_eq!(found(&repository.sealstrap(&["scan", "--json"])), left);
    for (path, text) in tracked(&repository) {
        assert_eq!(within(&text), [0usize; 0], "{path}");
    }
    for (path, number) in SEALED {
        assert!(holds(&repository, path, number), "{path} does not hold {number}");
    }
    assert!(repository.read(".env").contains(&value(15)), "it stays on the disk");
}

/// After this, no secret is in clear in any file that Git keeps, none is lost, and nothing else has changed.
#[test]
fn what_cannot_be_mended_is_taken_out_where_that_is_asked_for() {
    let repository = scene();
    let told = fix(&repository, &["--fix", "--untrack", "--take-out", "--yes"]).with_code(0);
    assert_eq!(found(&repository.sealstrap(&["scan", "--json"]).with_code(0)), BTreeSet::new());
    let sealed = unsealed(&repository, TAKEN_OUT);
    for (path, before, ..) in refused() {
        let (secret, after) = (before.lines().find_map(secret_in).unwrap(), repository.read(path));
        assert!(opens_to(&sealed, &secret), "{path}: its secret is not in {TAKEN_OUT}");
        if path == "sops.yaml" {
            assert_eq!(after, before.split_once('\n').unwrap().1, "SOPS would miss a word");
            continue;
        }
        let word = &after[after.find("sealstrap://").unwrap()..];
        let word = word.split([' ', '\n', '"']).next().unwrap();
        assert_eq!(after, before.replace(&secret, word));
        let words =
            format!("says `{word}` now: have what reads it take the value from that Secret, in {TAKEN_OUT}");
        assert!(told.stderr.contains(&words), "{words}\n{}", told.stderr);
    }
    for (path, text) in tracked(&repository) {
        assert!(secret_in(&text).is_none(), "{path}");
    }
    for (path, number) in SEALED {
        assert!(holds(&repository, path, number), "{path} does not hold {number}");
    }
    let status = repository.git(&["status", "--porcelain"]);
    let mut lines: Vec<&str> = status.lines().collect();
    let changed = refused().into_iter().map(|(path, ..)| format!(" M {path}"));
    let taken: Vec<String> = changed.chain([format!("?? {TAKEN_OUT}")]).collect();
    lines.retain(|line| !taken.iter().any(|known| known == line));
    assert_eq!(lines, STATUS.lines().collect::<Vec<_>>());
    assert_eq!(status.lines().count(), lines.len() + taken.len());
}

const TAKEN_OUT: &str = "taken-out.sealed.yaml";

/// The secret of the scene in a text, as it is or in base64.
fn secret_in(text: &str) -> Option<String> {
    let all = NUMBERS.chain(21..=29).map(value).chain([token()]);
    all.flat_map(|secret| [BASE64_STANDARD.encode(&secret), secret]).find(|secret| text.contains(secret))
}

#[test]
fn only_lines_that_must_are_touched() {
    let repository = scene();
    fix(&repository, &["--fix", "--untrack", "--yes"]);
    assert_eq!(repository.git(&["status", "--porcelain"]), STATUS);
    assert_eq!(
        gone(&repository, "k8s/app.yaml"),
        [
            format!("        - --password={}", value(3)),
            format!("          value: {} # of the database", value(4)),
            "        - configMapRef: # of all".to_owned(),
            "        configMap: {name: props} # as a file".to_owned(),
        ]
    );
    let app = repository.read("k8s/app.yaml");
    for line in ["        - secretRef: # of all\n", "        secret: {secretName: props} # as a file\n"] {
        assert!(app.contains(line), "{app}");
    }
    assert_eq!(
        repository.read("k8s/kustomization.yaml"),
        "# of the shop\nnamespace: shop\nresources:\n- app-env.sealed.yaml\n- app.yaml # the program\n- cache.sealed.yaml\n- config.yaml\n- db.yaml\n- more.sealed.yaml\n- props.sealed.yaml\n"
    );
    assert_eq!(gone(&repository, "flux/release.yaml"), [format!("      password: {}", value(6))]);
    assert_eq!(gone(&repository, "flux/apps.yaml"), [format!("      DB_PASSWORD: {}", value(11))]);
    assert_eq!(gone(&repository, "flux/chart.yaml"), [""; 0]);
    assert_eq!(
        gone(&repository, "charts/own/values.yaml"),
        [format!("  password: {} # who knows", value(14))]
    );
    assert_eq!(gone(&repository, "flux/service.yaml").len(), 2);
    let db = repository.read("k8s/db.yaml");
    assert!(db.starts_with("# the database\n"), "{db}");
    assert!(
        db.ends_with("---\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop} # stays\n"),
        "{db}"
    );
    assert!(repository.read("k8s/config.yaml").starts_with("# how it runs\napiVersion: bitnami.com"));
    for (path, text, ..) in refused() {
        assert_eq!(repository.read(path), text);
    }
}

#[test]
fn a_plan_writes_nothing_and_shows_no_value() {
    let repository = scene();
    let told = fix(&repository, &["--fix", "--untrack", "--plan"]);
    assert_eq!(repository.git(&["status", "--porcelain"]), "");
    let said = format!("{}{}", told.stdout, told.stderr);
    for words in [
        "+++ b/k8s/app-env.sealed.yaml",
        "secretKeyRef",
        "--- a/k8s/more.list\n+++ /dev/null\n",
        "Git forgets it",
    ] {
        assert!(said.contains(words), "{words}\n{said}");
    }
    for number in NUMBERS.chain(21..=29) {
        let encoded = BASE64_STANDARD.encode(value(number));
        assert!(!said.contains(&value(number)) && !said.contains(&encoded), "{number}\n{said}");
    }
}

#[test]
fn git_forgets_a_file_only_where_that_is_asked_for() {
    let repository = scene();
    let told = fix(&repository, &["--fix", "--yes"]);
    let said = format!("{}{}", told.stdout, told.stderr);
    assert!(said.contains("`--untrack` has Git forget it"), "{said}");
    assert!(repository.git(&["ls-files"]).lines().any(|name| name == ".env"));
    let told = fix(&repository, &["--fix", "--untrack", "--yes"]);
    told.says("Git does not track .env any more")
        .says("The history still has it. If it was ever pushed, change: DB_PASSWORD");
}

#[test]
fn what_is_staged_is_forgotten_and_removed_in_the_index_too() {
    let repository = Repository::new();
    std::fs::write(repository.home().join("cluster.pem"), CERTIFICATE).unwrap();
    repository.commit("README.md", "one\n");
    repository.stage(".env", format!("DB_PASSWORD={}\n", value(15)));
    repository.write("unstaged.yaml", "a: b\n");
    fix(&repository, &["--staged", "--fix", "--untrack", "--yes"]).with_code(0);
    assert_eq!(repository.git(&["status", "--porcelain"]), "A  .gitignore\n?? unstaged.yaml\n");
    assert_eq!((repository.read(".gitignore"), repository.at(".env").exists()), ("/.env\n".to_owned(), true));
}

/// Whenever it is killed, from the first file that it writes on, each secret is where it was, or sealed.
#[test]
fn a_run_that_is_killed_loses_nothing() {
    let repository = scene();
    let certificate = repository.home().join("cluster.pem");
    let many = || std::fs::read_dir(repository.at("k8s")).unwrap().count();
    let before = many();
    for micros in [0, 300, 1000, 2000, 3000, 5000, 8000, 12_000, 20_000, 40_000] {
        let words = ["scan", "--fix", "--yes", "--cert", certificate.to_str().unwrap()];
        let mut command = repository.command(SEALSTRAP, "");
        let mut run = command.args(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while many() == before && run.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        std::thread::sleep(Duration::from_micros(micros));
        run.kill().unwrap();
        run.wait().unwrap();
        let texts: String = tracked(&repository).into_iter().map(|(_, text)| text).collect();
        let plain = within(&texts);
        for (path, number) in SEALED {
            let is_sealed = || repository.at(path).exists() && holds(&repository, path, number);
            assert!(plain.contains(&number) || is_sealed(), "{number} is lost after {micros} µs");
        }
        repository.git(&["checkout", "--quiet", "--", "."]);
        repository.git(&["clean", "--quiet", "--force", "-d"]);
    }
}

#[test]
fn what_was_staged_is_staged_again_and_nothing_else() {
    let repository = Repository::new();
    std::fs::write(repository.home().join("cluster.pem"), CERTIFICATE).unwrap();
    repository.commit("README.md", "one\n");
    repository
        .stage("k8s/app.yaml", app().replace("  name: app\nspec", "  name: app\n  namespace: shop\nspec"));
    repository.write("README.md", "two\n");
    repository.write("unstaged.yaml", "a: b\n");
    fix(&repository, &["--staged", "--fix", "--yes"]);
    let staged = repository.git(&["diff", "--cached", "--name-only"]);
    assert_eq!(staged, "k8s/app-env.sealed.yaml\nk8s/app.yaml\n");
    let status = repository.git(&["status", "--porcelain"]);
    assert_eq!(status, " M README.md\nA  k8s/app-env.sealed.yaml\nA  k8s/app.yaml\n?? unstaged.yaml\n");
    assert!(repository.staged().is_empty());
    assert!(!repository.git(&["show", ":k8s/app.yaml"]).contains(&value(4)));
}

#[test]
fn a_file_of_a_generator_that_is_committed_is_mended_when_it_is_staged_alone() {
    let repository = Repository::new();
    std::fs::write(repository.home().join("cluster.pem"), CERTIFICATE).unwrap();
    repository.commit(
        "k/kustomization.yaml",
        "namespace: shop\nsecretGenerator:\n- name: db\n  files: [pin.txt]\n",
    );
    repository.stage("k/pin.txt", format!("{}\n", value(15)));
    fix(&repository, &["--staged", "--fix", "--yes"]).with_code(0);
    let staged = repository.git(&["diff", "--cached", "--name-only"]);
    assert_eq!(staged, "k/db.sealed.yaml\nk/kustomization.yaml\n");
    assert!(!repository.at("k/pin.txt").exists());
}

#[test]
fn names_that_git_takes_for_patterns_are_staged_by_their_letters() {
    let repository = Repository::new();
    std::fs::write(repository.home().join("cluster.pem"), CERTIFICATE).unwrap();
    repository.commit("a.yaml", "one: 1\n");
    repository.write("a.yaml", "two: 2\n");
    let text = app().replace("  name: app\nspec", "  name: app\n  namespace: shop\nspec");
    for (name, object) in [("*.yaml", "app"), ("0:app.yaml", "other")] {
        repository.write(name, text.replace("  name: app\n", &format!("  name: {object}\n")));
        repository.git(&["--literal-pathspecs", "add", "--", name]);
    }
    repository.write(".gitignore", "*.sealed.yaml\n");
    fix(&repository, &["--staged", "--fix", "--yes"]).with_code(0);
    let staged = repository.git(&["diff", "--cached", "--name-only"]);
    assert_eq!(staged, "*-env.sealed.yaml\n*.yaml\n0:app-env.sealed.yaml\n0:app.yaml\n");
    assert_eq!(repository.read("*-env.sealed.yaml").matches("kind: SealedSecret").count(), 1);
}

#[test]
fn what_is_staged_in_parts_is_not_mended() {
    let repository = Repository::new();
    std::fs::write(repository.home().join("cluster.pem"), CERTIFICATE).unwrap();
    let text = app().replace("  name: app\nspec", "  name: app\n  namespace: shop\nspec");
    repository.stage("app.yaml", &text);
    repository.write("app.yaml", format!("{text}# more\n"));
    let refused = fix(&repository, &["--staged", "--fix", "--yes"]).with_code(2);
    refused.says("app.yaml differs from what is staged of it, and is to be changed");
    assert_eq!(repository.read("app.yaml"), format!("{text}# more\n"));
}
