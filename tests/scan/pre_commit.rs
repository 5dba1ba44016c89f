//! The real pre-commit, from `PyPI`, with the hooks that this repository offers.

use std::path::Path;

use tempfile::TempDir;

use crate::repository::{Ended, Repository, SEALSTRAP, SECRET, ended};

/// pre-commit in a folder of its own.
struct PreCommit(TempDir);

impl PreCommit {
    fn install() -> Self {
        let folder = TempDir::new().unwrap();
        let mut pip = std::process::Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--target"]).arg(folder.path());
        ended(pip.arg("pre-commit==4.3.0")).with_code(0);
        Self(folder)
    }

    /// Runs it in a repository.
    fn run(&self, repository: &Repository, words: &[&str]) -> Ended {
        let mut python = repository.command("python3", "");
        python.args(["-m", "pre_commit"]).args(words);
        ended(python.env("PYTHONPATH", self.0.path()).env("PRE_COMMIT_HOME", self.0.path().join("cache")))
    }
}

/// The hook `sealstrap-system` as this repository offers it, in a repository that uses it.
fn configuration() -> String {
    let offered = Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
    let offered = std::fs::read_to_string(offered).unwrap();
    let hook = offered.split("- id: sealstrap-system\n").nth(1).unwrap();
    let hook = hook.replace("entry: sealstrap ", &format!("entry: {SEALSTRAP} ")).replace("\n  ", "\n      ");
    format!("repos:\n- repo: local\n  hooks:\n    - id: sealstrap-system\n      {}", hook.trim_start())
}

#[test]
#[ignore = "needs pip"]
fn pre_commit_finds_what_is_committed_and_refuses_what_is_staged() {
    let pre_commit = PreCommit::install();
    let repository = Repository::with("old.yaml", SECRET);
    repository.commit(".pre-commit-config.yaml", &configuration());

    let all = pre_commit.run(&repository, &["run", "--all-files"]).with_code(1);
    assert!(all.stdout.contains("old.yaml\n     7  error"), "{}", all.stdout);

    repository.write("old.yaml", "a: 1\n");
    let named = pre_commit.run(&repository, &["run", "--files", "old.yaml"]).with_code(0);
    assert!(named.stdout.contains("Passed"), "what lies in the tree: {}", named.stdout);
    repository.git(&["checkout", "old.yaml"]);

    repository.stage("old.yaml", format!("{SECRET}  pin: MTIzNA==\n"));
    // What is not staged is put away for the time of the hooks.
    repository.write("old.yaml", "a: 1\n");
    let staged = pre_commit.run(&repository, &["run"]).with_code(1);
    assert!(staged.stdout.contains("     9  warning"), "{}", staged.stdout);
    assert!(!staged.stdout.contains("     7  error"), "only what is new: {}", staged.stdout);

    pre_commit.run(&repository, &["install"]).with_code(0);
    let commit = |words: &[&str]| {
        let mut git = repository.command("git", "");
        git.args(["commit", "--message=new"]).args(words);
        ended(
            git.env("PYTHONPATH", pre_commit.0.path())
                .env("PRE_COMMIT_HOME", pre_commit.0.path().join("cache")),
        )
    };
    commit(&[]).with_code(1).says("old.yaml\n     9  warning");
    repository.git(&["reset", "--quiet", "--hard"]);
    repository.stage("new.yaml", "a: 1\n");
    commit(&[]).with_code(0);
}

#[test]
#[ignore = "needs pip"]
fn our_hook_and_that_of_pre_commit_run_each_once_whichever_came_first() {
    let pre_commit = PreCommit::install();
    for ours_first in [true, false] {
        let repository = Repository::new();
        repository.commit(
            ".pre-commit-config.yaml",
            "repos:\n- repo: local\n  hooks:\n    - {id: theirs, name: theirs, language: system, entry: sh -c 'echo ran >> .git/ran'}\n",
        );
        let ours = || repository.sealstrap(&["hook", "install"]).with_code(0);
        if ours_first {
            ours();
        }
        pre_commit.run(&repository, &["install"]).with_code(0);
        if !ours_first {
            ours()
                .says("pre-commit wrote that one; or add the hook `sealstrap` to `.pre-commit-config.yaml`");
        }
        let commit = |text: &str| {
            repository.stage("db.yaml", text);
            let mut git = repository.command("git", "");
            git.args(["commit", "--message=new"]).env("PYTHONPATH", pre_commit.0.path());
            ended(git.env("PRE_COMMIT_HOME", pre_commit.0.path().join("cache")))
        };
        commit(SECRET).with_code(1).says("db.yaml\n     7  error");
        commit("a: 1\n").with_code(0);
        assert_eq!(repository.read(".git/ran"), "ran\nran\n");
    }
}
