//! `sealstrap scan --fix`: what was found is sealed where it stands.

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::repository::{Ended, Repository};

const CERTIFICATE: &str = include_str!("../sealing/certificates/home.pem");
const KEY: &str = include_str!("../seal/certificate.key");

/// The secret of a number: written out, it would be found in this file.
fn value(number: usize) -> String {
    format!("{}{number}xQ", "tr0ub4dor-Kx9v")
}

fn files() -> Vec<(&'static str, String)> {
    [of_kustomize(), of_flux()].concat()
}

fn of_kustomize() -> Vec<(&'static str, String)> {
    let encoded = BASE64_STANDARD.encode(value(2));
    vec![
        (
            "k8s/db.yaml",
            format!(
                "# the database\napiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: shop\nstringData:\n  password: {}\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: db, namespace: shop}} # stays\n",
                value(1)
            ),
        ),
        (
            "k8s/list.json",
            format!(
                "{{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"Secret\",\n  \"metadata\": {{\"name\": \"api\", \"namespace\": \"shop\"}},\n  \"data\": {{\"token\": \"{encoded}\"}}\n}}\n"
            ),
        ),
        ("k8s/app.yaml", app()),
        (
            "k8s/kustomization.yaml",
            format!(
                "# of the shop\nnamespace: shop\nresources:\n- app.yaml # the program\n- db.yaml\nsecretGenerator:\n- name: cache\n  literals:\n  - password={}\n",
                value(5)
            ),
        ),
    ]
}

fn of_flux() -> Vec<(&'static str, String)> {
    vec![
        (
            "flux/release.yaml",
            format!(
                "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: wiki, namespace: wiki}}\nspec:\n  values:\n    auth:\n      # whom everybody knows\n      user: admin\n      password: {}\n",
                value(6)
            ),
        ),
        (
            "flux/sealed.yaml",
            format!(
                "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {{name: wifi, namespace: home}}\nspec:\n  encryptedData:\n    password: {} # new\n  template:\n    data:\n      token: {}\n",
                value(7),
                value(8)
            ),
        ),
        (
            "flux/service.yaml",
            format!(
                "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  annotations:\n    a: b\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"spec\":{{\"password\":\"{}\"}}}}\n",
                value(9)
            ),
        ),
    ]
}

fn app() -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app\nspec:\n  template:\n    spec:\n      containers:\n      - name: app # the first\n        args:\n        - --user=app\n        - --password={}\n        env:\n        # how it talks\n        - name: LOG_LEVEL\n          value: debug\n        - name: DB_PASSWORD\n          value: {} # of the database\n",
        value(3),
        value(4)
    )
}

/// What cannot be mended, and why.
fn refused() -> Vec<(&'static str, String, &'static str)> {
    vec![
        ("charts/values.yaml", format!("auth:\n  password: {}\n", value(21)), "no HelmRelease is known"),
        ("app.env", format!("DB_PASSWORD={}\n", value(22)), "a program reads this file as it is"),
        (
            "flux/config.yaml",
            format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n  app.ini: |\n    password = {}\n",
                value(23)
            ),
            "a program reads as a whole",
        ),
    ]
}

/// A repository in which all of it is committed.
fn scene() -> Repository {
    let repository = Repository::new();
    std::fs::write(repository.home().join("cluster.pem"), CERTIFICATE).unwrap();
    std::fs::write(repository.home().join("cluster.key"), KEY).unwrap();
    for (path, text) in files().into_iter().chain(refused().into_iter().map(|(path, text, _)| (path, text))) {
        repository.commit(path, &text);
    }
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

/// The lines of a file that are gone.
fn gone(repository: &Repository, path: &str) -> Vec<String> {
    let diff = repository.git(&["diff", "--unified=0", "--", path]);
    let lines = diff.lines().filter(|line| line.starts_with('-') && !line.starts_with("---"));
    lines.map(|line| line[1..].to_owned()).collect()
}

fn texts(folder: &Path) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() && !path.ends_with(".git") {
            all.extend(texts(&path));
        } else if path.is_file() {
            all.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
        }
    }
    all
}

#[test]
fn what_can_be_mended_is_and_what_cannot_is_named() {
    let repository = scene();
    let told = fix(&repository, &["--fix", "--yes"]);
    for (path, _, reason) in refused() {
        let said = format!("{}{}", told.stdout, told.stderr);
        assert!(said.contains(path) && said.contains(reason), "{path}: {reason}\n{said}");
    }
    let left = repository.sealstrap(&["scan", "--json"]).leaks();
    let mut files: Vec<&str> = left.iter().filter_map(|leak| leak.split(':').next()).collect();
    files.sort_unstable();
    assert_eq!(files, ["app.env", "charts/values.yaml", "flux/config.yaml"]);
    for (path, text) in texts(&repository.at("")) {
        for number in 1..=9 {
            let encoded = BASE64_STANDARD.encode(value(number));
            assert!(!text.contains(&value(number)) && !text.contains(&encoded), "{path} holds {number}");
        }
    }
    for (path, number) in [
        ("k8s/db.yaml", 1),
        ("k8s/list.json", 2),
        ("k8s/app-env.sealed.yaml", 3),
        ("k8s/app-env.sealed.yaml", 4),
        ("k8s/cache.sealed.yaml", 5),
        ("flux/release-values.sealed.yaml", 6),
        ("flux/sealed.yaml", 7),
        ("flux/sealed.yaml", 8),
    ] {
        let encoded = BASE64_STANDARD.encode(value(number));
        assert!(unsealed(&repository, path).contains(&encoded), "{path} does not hold {number}");
    }
}

#[test]
fn only_lines_that_must_are_touched() {
    let repository = scene();
    fix(&repository, &["--fix", "--yes"]);
    assert_eq!(
        gone(&repository, "k8s/app.yaml"),
        [
            format!("        - --password={}", value(3)),
            format!("          value: {} # of the database", value(4)),
        ]
    );
    let with_resources = repository.read("k8s/kustomization.yaml");
    assert_eq!(
        with_resources,
        "# of the shop\nnamespace: shop\nresources:\n- app-env.sealed.yaml\n- app.yaml # the program\n- cache.sealed.yaml\n- db.yaml\n"
    );
    assert_eq!(gone(&repository, "flux/release.yaml"), [format!("      password: {}", value(6))]);
    assert_eq!(gone(&repository, "flux/service.yaml").len(), 2);
    let db = repository.read("k8s/db.yaml");
    assert!(db.starts_with("# the database\n"), "{db}");
    assert!(
        db.ends_with("---\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop} # stays\n"),
        "{db}"
    );
    for (path, text, _) in refused() {
        assert_eq!(repository.read(path), text);
    }
}

#[test]
fn a_plan_writes_nothing_and_shows_no_value() {
    let repository = scene();
    let told = fix(&repository, &["--fix", "--plan"]);
    assert_eq!(repository.git(&["status", "--porcelain"]), "");
    let said = format!("{}{}", told.stdout, told.stderr);
    assert!(said.contains("+++ b/k8s/app-env.sealed.yaml") && said.contains("secretKeyRef"), "{said}");
    for number in (1..=9).chain(21..=23) {
        let encoded = BASE64_STANDARD.encode(value(number));
        assert!(!said.contains(&value(number)) && !said.contains(&encoded), "{number}\n{said}");
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
