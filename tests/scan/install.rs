//! The hook, put in its place and taken away again.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;

use crate::repository::{Repository, SEALSTRAP, ended};

/// Names, modes and contents of a folder; links as links.
fn state(folder: &Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    let entry = |entry: std::fs::DirEntry| {
        let path = entry.path();
        let kind = path.symlink_metadata().unwrap();
        let content = match std::fs::read_link(&path) {
            Ok(target) => target.display().to_string().into_bytes(),
            Err(_) => std::fs::read(&path).unwrap(),
        };
        (entry.file_name().into_string().unwrap(), (kind.mode(), content))
    };
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(entry).collect()
}

/// What is there, and what is there again after the hook came and went.
#[track_caller]
fn comes_and_goes(repository: &Repository) {
    let hooks = repository.at(".git/hooks");
    let before = state(&hooks);
    repository.sealstrap(&["hook", "install"]).with_code(0);
    assert_ne!(state(&hooks), before);
    repository.sealstrap(&["hook", "uninstall"]).with_code(0);
    assert_eq!(state(&hooks), before);
}

#[test]
fn twice_is_once() {
    let repository = Repository::new();
    let hook = repository.at(".git/hooks/pre-commit");
    repository.sealstrap(&["hook", "install"]).with_code(0).says("✔ wrote ");
    let inode = std::fs::metadata(&hook).unwrap().ino();
    let again = repository.sealstrap(&["hook", "install"]).with_code(0);
    assert_eq!(again.stderr, format!("{} is there already\n", hook.canonicalize().unwrap().display()));
    assert_eq!(std::fs::metadata(&hook).unwrap().ino(), inode, "it was not written again");
}

#[test]
fn a_hook_of_ours_that_differs_is_written_anew_and_not_kept() {
    let repository = Repository::new();
    repository.program(".git/hooks/pre-commit", "#!/bin/sh\nexit 0\n");
    repository.sealstrap(&["hook", "install"]).with_code(0);
    let good = state(&repository.at(".git/hooks"));
    let text = repository.read(".git/hooks/pre-commit");
    repository.write(".git/hooks/pre-commit", text.replace("--staged", "--staged --quiet"));
    repository.sealstrap(&["hook", "install"]).with_code(0).says("✔ wrote ");
    assert_eq!(state(&repository.at(".git/hooks")), good);
}

#[test]
fn what_was_there_is_there_again() {
    comes_and_goes(&Repository::new());

    let program = Repository::new();
    program.program(".git/hooks/pre-commit", "#!/bin/sh\nmake lint\n");
    comes_and_goes(&program);

    let no_program = Repository::new();
    no_program.write(".git/hooks/pre-commit", "#!/bin/sh\nmake lint\n");
    comes_and_goes(&no_program);

    let link = Repository::new();
    link.program("scripts/hook", "#!/bin/sh\nmake lint\n");
    std::fs::create_dir_all(link.at(".git/hooks")).unwrap();
    symlink("../../scripts/hook", link.at(".git/hooks/pre-commit")).unwrap();
    comes_and_goes(&link);
    assert_eq!(link.read("scripts/hook"), "#!/bin/sh\nmake lint\n");

    let to_nothing = Repository::new();
    std::fs::create_dir_all(to_nothing.at(".git/hooks")).unwrap();
    symlink("none", to_nothing.at(".git/hooks/pre-commit")).unwrap();
    comes_and_goes(&to_nothing);
}

#[test]
fn a_repository_without_a_folder_of_hooks_is_given_one() {
    let repository = Repository::without_git();
    repository.git(&["init", "--quiet", "--template="]);
    assert!(!repository.at(".git/hooks").exists());
    repository.sealstrap(&["hook", "install"]).with_code(0);
    assert_eq!(state(&repository.at(".git/hooks")).len(), 1);
}

#[test]
fn hooks_of_others_stay() {
    let repository = Repository::new();
    repository.program(".git/hooks/pre-commit", "#!/bin/sh\nsealstrap scan --staged\n");
    let before = state(&repository.at(".git/hooks"));
    repository
        .sealstrap(&["hook", "uninstall"])
        .with_code(0)
        .says("there is no hook of sealstrap's: nothing to take away");
    assert_eq!(state(&repository.at(".git/hooks")), before);
}

#[test]
fn a_name_that_is_taken_is_not_written_over() {
    let repository = Repository::new();
    repository.program(".git/hooks/pre-commit", "#!/bin/sh\nmake lint\n");
    repository.program(".git/hooks/pre-commit.before-sealstrap", "#!/bin/sh\nmake test\n");
    let before = state(&repository.at(".git/hooks"));
    repository.sealstrap(&["hook", "install"]).with_code(2).says("that is there already");
    assert_eq!(state(&repository.at(".git/hooks")), before);
}

#[test]
fn an_attempt_that_was_cut_off_goes_on() {
    let repository = Repository::new();
    repository.program(".git/hooks/pre-commit", "#!/bin/sh\nmake lint\n");
    let hook = repository.at(".git/hooks/pre-commit");
    std::fs::hard_link(&hook, repository.at(".git/hooks/pre-commit.before-sealstrap")).unwrap();
    repository.sealstrap(&["hook", "install"]).with_code(0).says("the hook from before is run first");
    repository.sealstrap(&["hook", "uninstall"]).with_code(0).says("is the one from before again");
    assert_eq!(repository.read(".git/hooks/pre-commit"), "#!/bin/sh\nmake lint\n");
}

#[test]
fn a_folder_that_others_use_too_needs_force() {
    let repository = Repository::new();
    let hooks = repository.home().join("hooks");
    std::fs::write(repository.home().join(".gitconfig"), "[core]\nhooksPath = ~/hooks\n").unwrap();
    let refused = repository.sealstrap(&["hook", "install"]).with_code(2);
    let refused = refused.says(&format!("error: Git looks for hooks in {}", hooks.display()));
    refused.says(&format!("`core.hooksPath` in {}/.gitconfig", repository.home().display()));
    assert!(!hooks.exists(), "nothing was written");
    let forced = repository.sealstrap(&["hook", "install", "--force"]).with_code(0);
    forced.says("warning: it runs in all repositories that use this folder of hooks");
    assert!(hooks.join("pre-commit").exists());
    repository.sealstrap(&["hook", "uninstall"]).with_code(0);
    assert!(!hooks.join("pre-commit").exists());
}

#[test]
fn the_hint_gives_a_repository_its_own_hooks() {
    let repository = Repository::with("a", "a");
    repository.git(&["worktree", "add", "--quiet", "-b", "side", "side"]);
    std::fs::write(repository.home().join(".gitconfig"), "[core]\nhooksPath = ~/hooks\n").unwrap();
    let refused = repository.sealstrap(&["hook", "install"]).with_code(2);
    let hint = refused.stderr.split("own hooks: `").nth(1).unwrap().split('`').next().unwrap().to_owned();
    ended(repository.command("sh", "").args(["-c", &hint])).with_code(0);
    repository.sealstrap(&["hook", "install"]).with_code(0);
    assert!(repository.at(".git/hooks/pre-commit").exists());
    repository.sealstrap_in("side", &["hook", "install"]).with_code(0).says("is there already");
}

#[test]
fn hooks_that_another_program_writes_are_left_to_it() {
    let husky = Repository::new();
    husky.git(&["config", "core.hooksPath", ".husky/_"]);
    husky
        .sealstrap(&["hook", "install"])
        .with_code(2)
        .says("add the line `sealstrap scan --staged` to `.husky/pre-commit`");
    assert!(!husky.at(".husky").exists());
    let lefthook = Repository::new();
    lefthook.program(".git/hooks/pre-commit", "#!/bin/sh\ncall_lefthook run \"pre-commit\" \"$@\"\n");
    let before = state(&lefthook.at(".git/hooks"));
    lefthook.sealstrap(&["hook", "install"]).with_code(2).says("hint: add to `lefthook.yml`");
    assert_eq!(state(&lefthook.at(".git/hooks")), before);
}

#[test]
fn where_nothing_is_committed_there_is_no_hook() {
    let outside = Repository::without_git();
    outside.sealstrap(&["hook", "install"]).with_code(2).says("not a git repository");
    outside.git(&["init", "--quiet", "--bare"]);
    outside.sealstrap(&["hook", "install"]).with_code(2).says("error: there is no working tree here\n");
}

#[test]
fn all_hooks_of_ours_are_taken_away_together() {
    let repository = Repository::new();
    let types = ["--type", "pre-commit", "--type", "pre-push", "--type", "pre-receive"];
    repository.sealstrap(&[&["hook", "install"], &types[..]].concat()).with_code(0);
    assert_eq!(
        state(&repository.at(".git/hooks")).keys().filter(|name| !name.ends_with(".sample")).count(),
        3
    );
    let removed = repository.sealstrap(&["hook", "uninstall"]).with_code(0);
    assert_eq!(removed.stderr.lines().count(), 3, "{}", removed.stderr);
    assert!(state(&repository.at(".git/hooks")).keys().all(|name| name.ends_with(".sample")));
}

#[test]
fn a_file_is_told_as_an_event() {
    let repository = Repository::new();
    let told = ended(repository.command(SEALSTRAP, "").args(["hook", "install", "--json"])).with_code(0);
    assert_eq!(told.events("written").len(), 1);
}
