//! What is staged: the content that is about to be committed, and of that what is new.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::repository::{Repository, SEALSTRAP, SECRET, ended};

/// The Secret with the values of its two keys.
fn secret(password: &str, token: &str) -> String {
    let head = SECRET.split("  password").next().unwrap();
    format!("{head}  password: {password}\n  token: {token}\n")
}

const SILENT: [&str; 0] = [];

#[test]
fn a_secret_is_told_with_its_place_the_reason_and_the_command_that_mends_it() {
    let repository = Repository::new();
    repository.stage("k8s/my db.yaml", SECRET);
    let told = repository.sealstrap(&["scan", "--staged"]).with_code(1);
    assert_eq!(
        told.stdout,
        "\
k8s/my db.yaml
     7  error: Secret shop/db: `data.password` is in clear [secret-data]
        password: ••••••••
        hint: seal it: `sealstrap seal --in-place 'k8s/my db.yaml' && git add 'k8s/my db.yaml'`
     8  warning: Secret shop/db: `data.token` is in clear, and can be guessed [secret-data]
        token: ••••••••
        hint: seal it: `sealstrap seal --in-place 'k8s/my db.yaml' && git add 'k8s/my db.yaml'`
"
    );
    assert_eq!(told.stderr, "✗ 1 file, 1 document, 6 values: 1 error, 1 warning\n");
}

#[test]
fn of_a_file_that_was_committed_only_what_is_new_is_told() {
    let repository = Repository::with("db.yaml", SECRET);
    repository.stage("db.yaml", format!("# moved\n{SECRET}  pin: MTIzNA==\n"));
    assert_eq!(repository.staged(), ["db.yaml:10 data.pin"]);
    repository.stage("db.yaml", secret("aHVudGVyMw==", "c2VzYW1lIG9wZW4="));
    assert_eq!(repository.staged(), ["db.yaml:7 data.password"], "a value that was changed");
    repository.stage("db.yaml", secret("c2VzYW1lIG9wZW4=", "dHIwdWI0ZG9yLUt4OXZRMg=="));
    assert_eq!(repository.staged().len(), 2, "values that have changed places");
    repository.stage("db.yaml", SECRET.replace("name: db", "name: cache"));
    assert_eq!(repository.staged().len(), 2, "another Secret");
}

#[test]
fn an_item_before_others_does_not_have_them_told_again() {
    let pod = |first: &str| {
        format!(
            "kind: Pod\napiVersion: v1\nspec:\n  containers:\n  - env:\n{first}    - {{name: DB_PASSWORD, value: hunter2}}\n"
        )
    };
    let repository = Repository::with("pod.yaml", &pod(""));
    repository.stage("pod.yaml", pod("    - {name: API_PASSWORD, value: sesame7}\n"));
    assert_eq!(repository.staged(), ["pod.yaml:6 spec.containers.0.env.0.value"]);
}

#[test]
fn a_file_with_another_name_tells_only_what_is_new() {
    let repository = Repository::with("a.yaml", SECRET);
    repository.git(&["mv", "a.yaml", "b.yaml"]);
    assert_eq!(repository.staged(), SILENT);
    repository.stage("b.yaml", format!("{SECRET}  pin: MTIzNA==\n"));
    assert_eq!(repository.staged(), ["b.yaml:9 data.pin"]);
}

#[test]
fn what_is_staged_counts_and_not_what_lies_in_the_tree() {
    let repository = Repository::with("db.yaml", "kind: Secret\n");
    repository.stage("db.yaml", SECRET);
    repository.write("db.yaml", "kind: Secret\n");
    assert_eq!(repository.staged().len(), 2);
    repository.stage("db.yaml", "kind: Secret # a comment\n");
    repository.write("db.yaml", SECRET);
    assert_eq!(repository.staged(), SILENT);
}

#[test]
fn a_merge_tells_what_neither_of_its_branches_holds() {
    let repository = Repository::with("db.yaml", "data: {}\n");
    repository.git(&["checkout", "--quiet", "-b", "theirs"]);
    repository.commit("other.yaml", SECRET);
    repository.commit("db.yaml", &secret("dGhlaXJz", "c2VzYW1lIG9wZW4="));
    repository.git(&["checkout", "--quiet", "main"]);
    repository.commit("db.yaml", &secret("b3Vycw==", "c2VzYW1lIG9wZW4="));
    let merged = repository.try_git("", &["merge", "theirs"]).with_code(1);
    assert!(merged.stdout.contains("CONFLICT"), "{}", merged.stdout);
    for of_one in ["dGhlaXJz", "b3Vycw=="] {
        repository.stage("db.yaml", secret(of_one, "c2VzYW1lIG9wZW4="));
        assert_eq!(repository.staged(), SILENT);
    }
    repository.stage("db.yaml", secret("aHVudGVyMg==", "c2VzYW1lIG9wZW4="));
    assert_eq!(repository.staged(), ["db.yaml:7 data.password"]);
    repository.stage("new.yaml", secret("aHVudGVyMg==", "c2VzYW1lIG9wZW4="));
    assert_eq!(repository.staged().len(), 3, "a file that is in neither");
}

#[test]
fn a_merge_knows_what_its_other_branch_has_renamed() {
    let repository = Repository::with("a.yaml", SECRET);
    repository.git(&["checkout", "--quiet", "-b", "theirs"]);
    repository.git(&["mv", "a.yaml", "b.yaml"]);
    repository.commit("b.yaml", &format!("{SECRET}  pin: MTIzNA==\n"));
    repository.git(&["checkout", "--quiet", "main"]);
    repository.commit("unrelated", "x");
    repository.git(&["merge", "--quiet", "--no-commit", "theirs"]);
    assert_eq!(repository.staged(), SILENT);
}

#[test]
fn links_submodules_and_deleted_files_are_passed_over() {
    let repository = Repository::with("gone.yaml", SECRET);
    repository.git(&["rm", "--quiet", "gone.yaml"]);
    std::fs::write(repository.home().join("db.yaml"), SECRET).unwrap();
    std::os::unix::fs::symlink("../home/db.yaml", repository.at("link.yaml")).unwrap();
    repository.git(&["add", "link.yaml"]);
    let commit = repository.git(&["rev-parse", "HEAD"]);
    repository.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{},module", commit.trim())]);
    repository.git(&["commit", "--quiet", "--message=module"]);
    repository.git(&[
        "update-index",
        "--cacheinfo",
        "160000,0123456789abcdef0123456789abcdef01234567,module",
    ]);
    let nothing = repository.sealstrap(&["scan", "--staged"]).with_code(0);
    assert_eq!(nothing.stderr, "► 0 files, 0 documents, 0 values: nothing scanned\n");
    std::fs::remove_file(repository.at("link.yaml")).unwrap();
    repository.stage("link.yaml", SECRET);
    assert_eq!(repository.staged().len(), 2, "a file in place of a link is new");
}

#[test]
fn a_link_that_is_named_is_not_followed() {
    let repository = Repository::with("real.yaml", SECRET);
    std::os::unix::fs::symlink("real.yaml", repository.at("link.yaml")).unwrap();
    repository.git(&["add", "link.yaml"]);
    let looked = repository.sealstrap(&["scan", "--staged", "--json", "link.yaml"]).with_code(0);
    assert_eq!(looked.count("files"), 0);
}

#[test]
fn names_that_are_no_lines_and_no_text_are_told_without_harm() {
    let repository = Repository::new();
    repository.stage("a\n✔ 9 files: no secret found\n.yaml", SECRET);
    repository.stage(Path::new(OsStr::from_bytes(b"\xff.yaml")), SECRET);
    let told = repository.sealstrap(&["scan", "--staged"]).with_code(1);
    assert!(told.stdout.lines().all(|line| !line.starts_with('✔')), "{}", told.stdout);
    let hint = r"git add $'a\012\342\234\224 9 files: no secret found\012.yaml'";
    assert!(told.stdout.contains(hint) && told.stdout.contains(r"git add $'\377.yaml'"), "{}", told.stdout);
    assert_eq!(told.stderr, "✗ 2 files, 2 documents, 12 values: 2 errors, 2 warnings\n");
    let words = ["-c", "eval \"$(grep -o 'git add [^`]*\\\\377[^`]*' | head -1)\" && git ls-files"];
    let mut shell = repository.command("bash", "");
    shell.args(words).stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut shell = shell.spawn().unwrap();
    std::io::Write::write_all(&mut shell.stdin.take().unwrap(), told.stdout.as_bytes()).unwrap();
    assert!(shell.wait_with_output().unwrap().status.success(), "the hint is a command that a shell takes");
}

#[test]
fn a_comment_allows_and_without_it_the_value_is_told() {
    let allowed = SECRET.replace("Mg==\n", "Mg== # sealstrap:allow[secret-data] of a test\n");
    let repository = Repository::with("db.yaml", &allowed.replace("  token: c2VzYW1lIG9wZW4=\n", ""));
    repository.stage("db.yaml", &allowed);
    assert_eq!(repository.staged(), ["db.yaml:8 data.token"]);
    repository.stage("db.yaml", SECRET);
    assert_eq!(repository.staged().len(), 2);
}

#[test]
fn what_the_repository_allows_is_allowed_below_the_top_too() {
    let repository = Repository::with(".gitleaksignore", "k8s/db.yaml:kubernetes-secret-yaml:7\n");
    repository.stage("k8s/db.yaml", SECRET);
    for folder in ["", "k8s"] {
        let told = repository.sealstrap_in(folder, &["scan", "--staged", "--json"]).with_code(1);
        assert_eq!((told.leaks(), told.count("allowed")), (vec!["k8s/db.yaml:8 data.token".to_owned()], 1));
    }
}

#[test]
fn a_lock_on_the_index_is_no_hindrance() {
    let repository = Repository::new();
    repository.stage("db.yaml", SECRET);
    repository.write(".git/index.lock", "");
    assert_eq!(repository.staged().len(), 2);
}

#[test]
fn outside_of_a_repository_it_says_so() {
    let told = Repository::without_git().sealstrap(&["scan", "--staged"]).with_code(2);
    assert_eq!(
        told.stderr,
        "\
error: git rev-parse: not a git repository (or any of the parent directories): .git
hint: run it within a repository, or scan files: `sealstrap scan PATH`
"
    );
    let bare = Repository::without_git();
    bare.git(&["init", "--quiet", "--bare"]);
    bare.sealstrap(&["scan", "--staged"]).with_code(2).says("error: there is no working tree here\n");
}

#[test]
fn a_repository_of_somebody_else_is_told_as_that() {
    let repository = Repository::new();
    let mut scan = repository.command(SEALSTRAP, "");
    let told =
        ended(scan.args(["scan", "--staged"]).env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")).with_code(2);
    told.says(
        "hint: the repository belongs to somebody else: `git config --global --add safe.directory FOLDER`",
    );
}

#[test]
fn without_git_it_says_so() {
    let repository = Repository::new();
    let told =
        ended(repository.command(SEALSTRAP, "").args(["scan", "--staged"]).env("PATH", "/nonexistent"));
    told.with_code(2).says("error: git cannot be started").says("hint: install git");
}

#[test]
fn files_that_are_named_are_scanned_staged_or_not() {
    let repository = Repository::with("old.yaml", SECRET);
    repository.stage("k8s/new.yaml", SECRET);
    repository.write("k8s/new.yaml", "kind: Secret\n");
    repository.stage("k8s/more/new.yaml", SECRET);
    let scan = |folder: &str, path: &str| {
        let ended = repository.sealstrap_in(folder, &["scan", "--staged", "--json", path]);
        (
            ended.leaks().iter().map(|leak| leak.split(':').next().unwrap().to_owned()).collect::<Vec<_>>(),
            ended.code,
        )
    };
    let twice = |path: &str| vec![path.to_owned(); 2];
    assert_eq!(scan("", "k8s/new.yaml"), (twice("k8s/new.yaml"), 1), "what is staged");
    assert_eq!(scan("", "old.yaml"), (twice("old.yaml"), 1), "as pre-commit passes all files");
    assert_eq!(scan("k8s", "./more/../new.yaml"), (twice("k8s/new.yaml"), 1), "from below the top");
    assert_eq!(scan("", "./k8s").0.len(), 4, "a folder is what is staged in it");
    assert_eq!(scan("k8s", "more").0.len(), 2);
    assert_eq!(scan("k8s", "../old.yaml").0.len(), 2);
    assert_eq!(scan("", "none.yaml"), (vec![], 2), "a file that is not there");
}

#[test]
fn below_the_top_all_is_scanned_and_the_command_is_as_seen_from_there() {
    let repository = Repository::new();
    repository.git(&["config", "diff.relative", "true"]);
    repository.stage("db.yaml", SECRET);
    repository.stage("apps/shop/a.yaml", "");
    let told = repository.sealstrap_in("apps/shop", &["scan", "--staged"]).with_code(1);
    assert!(told.stdout.starts_with("db.yaml\n"), "{}", told.stdout);
    assert!(told.stdout.contains("--in-place ../../db.yaml && git add ../../db.yaml`"), "{}", told.stdout);
}

#[test]
fn a_file_of_which_only_the_name_is_added_is_not_staged() {
    let repository = Repository::new();
    repository.write("db.yaml", SECRET);
    repository.git(&["add", "--intent-to-add", "db.yaml"]);
    assert_eq!(repository.staged(), SILENT);
}

#[test]
fn an_object_that_is_missing_is_not_clean() {
    let repository = Repository::new();
    repository.stage("db.yaml", SECRET);
    let object = repository.git(&["rev-parse", ":db.yaml"]);
    std::fs::remove_file(repository.at(format!(".git/objects/{}/{}", &object[..2], object[2..].trim())))
        .unwrap();
    assert_eq!(repository.staged().len(), 2, "what is missing there stands in the working tree");
    repository.write("db.yaml", "a: b\n");
    let told = repository.sealstrap(&["scan", "--staged"]).with_code(2);
    told.says("db.yaml was not scanned: its object is missing in the repository");
}

#[test]
fn a_text_that_is_too_large_is_not_clean_and_a_large_image_is_no_hindrance() {
    let repository = Repository::new();
    repository.stage("small.yaml", SECRET);
    repository.stage("text", vec![b'a'; 65 << 20]);
    let told = repository.sealstrap(&["scan", "--staged", "--json"]).with_code(1);
    assert_eq!((told.count("files"), told.count("skipped")), (1, 1));
    repository.git(&["rm", "--quiet", "--cached", "small.yaml"]);
    repository.sealstrap(&["scan", "--staged"]).with_code(2).says("it is larger than 64 MB");
    for words in [["scan", "text"], ["scan", "--staged"]] {
        repository.sealstrap(&words).with_code(2);
    }
    repository.stage("text", vec![0; 65 << 20]);
    for words in [["scan", "--json", "text"], ["scan", "--json", "--staged"]] {
        let told = repository.sealstrap(&words).with_code(0);
        assert_eq!((told.count("binary"), told.count("skipped")), (1, 0));
    }
}

#[test]
fn a_file_of_which_a_generator_makes_a_secret_is_one_when_it_is_staged() {
    let repository = Repository::new();
    let generator = "secretGenerator:\n- name: a\n  files: [pin.txt]\n  envs: [more/app.list]\n";
    repository.commit("a/kustomization.yaml", generator);
    repository.stage("a/pin.txt", "7391\n");
    repository.stage("a/other.txt", "7391\n");
    repository.stage("a/more/app.list", "PLACE=here\n");
    assert_eq!(repository.staged(), ["a/more/app.list:1 PLACE", "a/pin.txt:1 pin.txt"]);
    repository.git(&["commit", "--quiet", "--message", "a"]);
    repository.stage("a/more/app.list", "PLACE=here\nOTHER=there\n");
    assert_eq!(repository.staged(), ["a/more/app.list:2 OTHER"], "what was committed is not told again");
}
