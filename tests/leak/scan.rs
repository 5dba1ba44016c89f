//! What a scan finds it does not show: in no format, in no weather, and in nothing that it writes.

use std::path::Path;
use std::process::Command;

use super::forms;

/// Values as they lie in files; each is found, and is no example of anything.
const SECRETS: [&str; 4] =
    ["canary-7e1d4a90-Never2BeSeen", "q8Zk3Vx0Lr7TnBw5", "tr0ub4dor-and-canary", "Zx81canaryQpLm44Rt"];

fn lay_out(folder: &Path) {
    let [a, b, c, d] = SECRETS;
    let encoded = forms(a)[1].clone();
    let files = [
        (
            "secret.yaml",
            format!(
                "apiVersion: v1\nkind: Secret\nstringData: {{one: {a}, two: \"{b}\"}}\ndata:\n  three: {encoded}\n"
            ),
        ),
        (
            "line.json",
            format!(
                "{{\"kind\":\"Secret\",\"apiVersion\":\"v1\",\"stringData\":{{\"a\":\"{a}\",\"b\":\"{c}\"}}}}"
            ),
        ),
        (
            "config.yaml",
            format!(
                "apiVersion: v1\nkind: ConfigMap\ndata:\n  a.env: |\n    DB_PASSWORD={c}\n    API_KEY={d}\n"
            ),
        ),
        (".env", format!("PASSWORD={d} # and {a}\nTOKEN={b}\n")),
        ("broken.yaml", format!("kind: Secret\nstringData:\n  a: \"{a}\n b: [{b}\n")),
        ("README.md", "Nothing.\n".to_owned()),
        ("url.txt", format!("postgres://app:{c}@db:5432/app\n")),
    ];
    for (file, text) in files.into_iter().chain(workload()) {
        std::fs::write(folder.join(file), text).expect("done");
    }
}

/// What takes them where they could be taken from a Secret.
fn workload() -> [(&'static str, String); 2] {
    let [a, b, c, d] = SECRETS;
    [
        (
            "app.yaml",
            format!(
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: app, namespace: shop}}\nspec:\n  template:\n    spec:\n      containers:\n      - name: app\n        args: [\"--password={a}\", --with-token, \"{b}\"]\n        env:\n        - {{name: DB_PASSWORD, value: {c}}}\n        - name: API_PASSWORD\n          value: {d} # {a}\n"
            ),
        ),
        (
            "kustomization.yaml",
            format!(
                "namespace: shop\nresources: [app.yaml, secret.yaml]\nsecretGenerator:\n- name: made\n  literals: [\"password={c}\"]\n"
            ),
        ),
    ]
}

fn git(folder: &Path, words: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
    let done = Command::new("git").args(identity).args(words).current_dir(folder).output().expect("done");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn said(folder: &Path, words: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_sealstrap"))
        .args(words)
        .current_dir(folder)
        .env("RUST_BACKTRACE", "1")
        .stdin(std::fs::File::open(folder.join("secret.yaml")).expect("done"))
        .output()
        .expect("done");
    let all = [output.stdout, output.stderr].concat();
    assert!(output.status.code().is_some_and(|code| code < 3), "{words:?} ends");
    String::from_utf8_lossy(&all).into_owned()
}

fn assert_clean(folder: &Path, words: &[&str]) {
    let text = said(folder, words);
    for form in SECRETS.iter().flat_map(|secret| forms(secret)) {
        assert!(!text.contains(&form), "`{}` shows {form}:\n{text}", words.join(" "));
    }
}

#[test]
fn no_scan_shows_what_it_finds() {
    let folder = tempfile::tempdir().expect("done");
    lay_out(folder.path());
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "-A"]);
    for words in [
        &["scan", "--staged", "-vvv"][..],
        &["scan", "--staged", "--json"],
        &["scan", "-"],
        &["scan", "none"],
    ] {
        assert_clean(folder.path(), words);
    }
    git(folder.path(), &["commit", "-q", "-m", "x"]);
    for words in [
        &["scan", "-vvv"][..],
        &["scan", "--json", "-vvv"],
        &["scan", "--history", "-vvv"],
        &["scan", "--since", "nothing"],
    ] {
        assert_clean(folder.path(), words);
    }
    for format in ["sarif", "junit", "github", "gitleaks", "html"] {
        assert_clean(folder.path(), &["scan", "--format", format]);
        assert_clean(folder.path(), &["scan", "--history", "--format", format]);
    }
    assert!(said(folder.path(), &["scan"]).contains("error"), "they are found");
}

#[test]
fn neither_a_baseline_nor_mending_shows_what_was_found() {
    let folder = tempfile::tempdir().expect("done");
    lay_out(folder.path());
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "-A"]);
    let certificate = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sealing/certificates/home.pem");
    for words in [
        &["scan", "--fix", "--plan", "-vvv"][..],
        &["scan", "--fix", "--plan", "--json"],
        &["scan", "--staged", "--fix", "--plan"],
        &["scan", "--fix", "--plan", "--namespace", "No"],
        &["scan", "--fix", "--take-out", "--plan", "-vvv"],
    ] {
        assert_clean(folder.path(), &[words, &["--cert", certificate]].concat());
        assert_clean(folder.path(), &[words, &["--cert", "none.pem"]].concat());
    }
    git(folder.path(), &["commit", "-q", "-m", "x"]);
    assert_clean(folder.path(), &["scan", "--history", "--write-baseline"]);
    assert_clean(folder.path(), &["scan", "--history"]);
    for file in [".sealstrap-baseline", ".git/sealstrap/scanned", ".git/sealstrap/baseline.key"] {
        let text = std::fs::read_to_string(folder.path().join(file)).expect("done");
        assert!(SECRETS.iter().flat_map(|secret| forms(secret)).all(|form| !text.contains(&form)), "{file}");
    }
    let plan =
        said(folder.path(), &["scan", "--baseline", "/dev/null", "--fix", "--plan", "--cert", certificate]);
    assert!(plan.contains("+++ b/made.sealed.yaml"), "{plan}");
    assert_clean(
        folder.path(),
        &["scan", "--baseline", "/dev/null", "--fix", "--yes", "--cert", certificate],
    );
    assert!(folder.path().join("made.sealed.yaml").exists());
    let taking = ["scan", "--baseline", "/dev/null", "--fix", "--take-out", "--cert", certificate];
    assert_clean(folder.path(), &[&taking[..], &["--plan"]].concat());
    assert_clean(folder.path(), &[&taking[..], &["--yes", "-vvv"]].concat());
    let text = std::fs::read_to_string(folder.path().join("taken-out.sealed.yaml")).expect("something was");
    assert!(SECRETS.iter().flat_map(|secret| forms(secret)).all(|form| !text.contains(&form)));
}

#[test]
fn a_configuration_that_is_wrong_is_told_without_what_it_allows() {
    let folder = tempfile::tempdir().expect("done");
    lay_out(folder.path());
    let config = format!("[[allowlists]]\nregexes = ['{}(']\n", SECRETS[0]);
    std::fs::write(folder.path().join(".gitleaks.toml"), config).expect("done");
    assert_clean(folder.path(), &["scan"]);
}
