//! Commits, with the hook in its place.

use std::path::PathBuf;

use crate::repository::{Ended, Repository, SEALSTRAP, SECRET, ended};

/// A repository with the hook.
fn guarded() -> Repository {
    let repository = Repository::new();
    repository.sealstrap(&["hook", "install"]).with_code(0);
    repository
}

impl Repository {
    fn try_commit(&self, words: &[&str]) -> Ended {
        self.try_git("", &[&["commit", "--quiet", "--message=new"], words].concat())
    }

    fn commits(&self) -> usize {
        self.try_git("", &["rev-list", "--all"]).stdout.lines().count()
    }
}

const SEALED: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: db}\n";

#[test]
fn a_commit_with_a_secret_is_refused_until_it_is_mended() {
    let repository = guarded();
    repository.stage("k8s/db.yaml", SECRET);
    let refused = repository.try_commit(&[]).with_code(1);
    let refused = refused.says("k8s/db.yaml\n     7  error: Secret shop/db: `data.password` is in clear");
    refused
        .says("`sealstrap seal --in-place k8s/db.yaml && git add k8s/db.yaml`")
        .says("The commit is refused. Allow what is no secret by a comment beside it: # sealstrap:allow\n");
    assert_eq!(repository.commits(), 0);
    repository.stage("k8s/db.yaml", SEALED);
    repository.try_commit(&[]).with_code(0).says("✔ 1 file, 1 document");
    assert_eq!(repository.commits(), 1);
}

#[test]
fn a_commit_of_all_that_has_changed_is_looked_at() {
    let repository = guarded();
    repository.commit("db.yaml", SEALED);
    repository.write("db.yaml", SECRET);
    repository.try_commit(&["--all"]).with_code(1).says("db.yaml\n     7  error");
    assert_eq!(repository.commits(), 1);
}

#[test]
fn a_commit_of_some_paths_is_looked_at_alone() {
    let repository = guarded();
    repository.commit("db.yaml", SEALED);
    repository.commit("other.yaml", SEALED);
    repository.stage("db.yaml", SECRET);
    repository.write("other.yaml", format!("{SEALED}# more\n"));
    repository.try_commit(&["--", "other.yaml"]).with_code(0);
    repository.write("other.yaml", SECRET);
    repository.try_commit(&["--", "other.yaml"]).with_code(1).says("other.yaml\n     7  error");
    assert_eq!(repository.commits(), 3);
}

#[test]
fn a_commit_from_below_the_top_is_told_the_command_as_seen_from_there() {
    let repository = guarded();
    repository.stage("k8s/db.yaml", SECRET);
    let refused = repository.try_git("k8s", &["commit", "--message=new"]).with_code(1);
    refused.says("k8s/db.yaml\n").says("`sealstrap seal --in-place db.yaml && git add db.yaml`");
}

#[test]
fn a_merge_with_a_conflict_is_looked_at() {
    let repository = guarded();
    repository.commit("a.yaml", "a: 1\n");
    repository.git(&["checkout", "--quiet", "-b", "theirs"]);
    repository.commit("a.yaml", "a: 2\n");
    repository.git(&["checkout", "--quiet", "main"]);
    repository.commit("a.yaml", "a: 3\n");
    repository.try_git("", &["merge", "theirs"]).with_code(1);
    repository.stage("a.yaml", SECRET);
    repository.try_commit(&[]).with_code(1).says("a.yaml\n     7  error");
}

#[test]
fn a_hook_from_before_runs_first_and_may_refuse() {
    let repository = Repository::new();
    repository.program(".git/hooks/pre-commit", "#!/bin/sh\necho from before\ntest -e ready || exit 7\n");
    let installed = repository.sealstrap(&["hook", "install"]).with_code(0);
    installed.says(".git/hooks/pre-commit.before-sealstrap");
    repository.stage("db.yaml", SECRET);
    let refused = repository.try_commit(&[]).with_code(1).says("from before\n");
    assert!(!refused.stderr.contains("db.yaml"), "what it refuses is not looked at: {}", refused.stderr);
    let code = ended(&mut repository.command(repository.at(".git/hooks/pre-commit"), "")).code;
    assert_eq!(code, 7, "its own exit code");
    repository.write("ready", "");
    repository.try_commit(&[]).with_code(1).says("from before\n").says("db.yaml\n     7  error");
    repository.stage("db.yaml", SEALED);
    repository.try_commit(&[]).with_code(0);
}

#[test]
fn a_hook_from_before_is_given_arguments_and_standard_input() {
    let repository = Repository::new();
    repository.program(".git/hooks/pre-commit", "#!/bin/sh\nprintf '%s|' \"$@\" > seen\ncat >> seen\n");
    repository.sealstrap(&["hook", "install"]).with_code(0);
    repository.write("input", "lines\nof input\n");
    let mut hook = repository.command(repository.at(".git/hooks/pre-commit"), "");
    hook.args(["a b", "", "*"]).stdin(std::fs::File::open(repository.at("input")).unwrap());
    ended(&mut hook).with_code(0);
    assert_eq!(repository.read("seen"), "a b||*|lines\nof input\n");
}

#[test]
fn a_hook_that_git_did_not_run_is_not_run_now() {
    let repository = Repository::new();
    repository.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 7\n");
    repository.sealstrap(&["hook", "install"]).with_code(0);
    repository.stage("db.yaml", SEALED);
    repository.try_commit(&[]).with_code(0);
}

#[test]
fn the_hook_holds_in_all_working_trees() {
    let repository = Repository::with("a", "a");
    repository.git(&["worktree", "add", "--quiet", "-b", "side", "side"]);
    let installed = repository.sealstrap_in("side", &["hook", "install"]).with_code(0);
    installed.says(&repository.at(".git/hooks/pre-commit").canonicalize().unwrap().display().to_string());
    repository.stage("db.yaml", SECRET);
    repository.try_commit(&[]).with_code(1).says("db.yaml\n     7  error");
    repository.write("side/db.yaml", SECRET);
    repository.try_git("side", &["add", "db.yaml"]).with_code(0);
    repository.try_git("side", &["commit", "--message=new"]).with_code(1).says("db.yaml\n     7  error");
}

#[test]
fn a_folder_of_hooks_in_the_tree_is_used_and_names_no_place_of_this_machine() {
    let repository = Repository::new();
    repository.git(&["config", "core.hooksPath", ".githooks"]);
    repository.write("k8s/db.yaml", SECRET);
    let installed = repository.sealstrap_in("k8s", &["hook", "install"]).with_code(0);
    installed.says("it is part of the working tree: commit it, and it is everybody's");
    assert!(!repository.read(".githooks/pre-commit").contains(SEALSTRAP));
    repository.git(&["add", "."]);
    repository
        .try_commit(&[])
        .with_code(1)
        .says("error: the commit is refused: its hook does not find sealstrap");
    let folder = PathBuf::from(SEALSTRAP).parent().unwrap().display().to_string();
    let path = format!("{folder}:{}", std::env::var("PATH").unwrap());
    let mut commit = repository.command("git", "");
    let refused = ended(commit.args(["commit", "--message=new"]).env("PATH", path)).with_code(1);
    refused.says("k8s/db.yaml\n     7  error");
}

#[test]
fn a_hook_without_its_program_refuses_and_says_how_to_be_rid_of_it() {
    let repository = Repository::new();
    repository.program(".git/hooks/pre-commit", "#!/bin/sh\nexit 0\n");
    let copy = repository.home().join("it's sealstrap");
    std::fs::copy(SEALSTRAP, &copy).unwrap();
    ended(repository.command(&copy, "").args(["hook", "install"])).with_code(0);
    repository.stage("db.yaml", SECRET);
    repository.try_commit(&[]).with_code(1).says("db.yaml\n     7  error");
    std::fs::remove_file(&copy).unwrap();
    let refused = repository.try_commit(&[]).with_code(1);
    let hint = refused.stderr.split("or take the hook away: ").nth(1).unwrap().trim().to_owned();
    ended(repository.command("sh", "").args(["-c", &hint])).with_code(0);
    assert_eq!(repository.read(".git/hooks/pre-commit"), "#!/bin/sh\nexit 0\n");
    repository.try_commit(&[]).with_code(0);
}

#[test]
fn what_could_not_be_scanned_is_not_committed() {
    let repository = guarded();
    repository.stage("text", vec![b'a'; 65 << 20]);
    let refused = repository.try_commit(&[]).with_code(1);
    refused.says("The commit is refused: not all of it could be scanned.");
}
