//! Pushes, with a hook where they are made or where they arrive.

use crate::repository::{Ended, Repository, SECRET, ended};

/// A repository with a commit, and the bare one that it pushes to.
struct Pair {
    own: Repository,
    server: Repository,
}

impl Pair {
    fn new() -> Self {
        let server = Repository::without_git();
        server.git(&["init", "--quiet", "--bare", "--initial-branch=main"]);
        let own = Repository::with("a.yaml", "a: 1\n");
        own.git(&["remote", "add", "origin", server.at("").to_str().unwrap()]);
        own.git(&["push", "--quiet", "origin", "main"]);
        Self { own, server }
    }

    /// With the hook where pushes are made.
    fn guarded() -> Self {
        let pair = Self::new();
        pair.own.sealstrap(&["hook", "install", "--type", "pre-push"]).with_code(0);
        pair
    }

    fn push(&self, words: &[&str]) -> Ended {
        self.own.try_git("", &[&["push", "--quiet", "origin"], words].concat())
    }

    fn arrived(&self) -> String {
        self.server.git(&["for-each-ref", "--format=%(refname:short)=%(objectname)"])
    }
}

#[test]
fn a_push_with_a_secret_is_refused() {
    let pair = Pair::guarded();
    pair.own.commit("b.yaml", "b: 1\n");
    pair.push(&["main"]).with_code(0).says("✔ 1 commit");
    let before = pair.arrived();
    pair.own.commit("db.yaml", SECRET);
    pair.own.commit("db.yaml", "a: 1\n");
    let refused =
        pair.push(&["main"]).with_code(1).says("db.yaml\n     7  error: Secret shop/db: `data.password`");
    refused.says("The push is refused. Allow what is no secret by a comment beside it: # sealstrap:allow\n");
    assert_eq!(pair.arrived(), before, "a secret that was taken away again is in the history all the same");
}

#[test]
fn a_push_is_told_what_it_brings_and_no_more() {
    let pair = Pair::new();
    pair.own.commit("old.yaml", SECRET);
    pair.push(&["main"]).with_code(0);
    pair.own.sealstrap(&["hook", "install", "--type", "pre-push"]).with_code(0);
    pair.own.commit("b.yaml", "b: 1\n");
    pair.push(&["main"]).with_code(0);
    pair.push(&["main:new-branch"]).with_code(0);
    pair.push(&["--delete", "new-branch"]).with_code(0);
    pair.push(&["main"]).with_code(0);
}

#[test]
fn what_the_remote_has_already_is_not_told_again() {
    let pair = Pair::new();
    pair.own.commit("old.yaml", SECRET);
    pair.push(&["main"]).with_code(0);
    pair.own.sealstrap(&["hook", "install", "--type", "pre-push"]).with_code(0);
    let passes = |what: &str| {
        let pushed = pair.push(&["HEAD"]);
        assert_eq!(pushed.code, 0, "{what}:\n{}", pushed.stderr);
    };
    pair.own.commit("old.yaml", &format!("# a line\n{SECRET}"));
    passes("an edit beside it");
    pair.own.git(&["mv", "old.yaml", "new.yaml"]);
    pair.own.git(&["commit", "--quiet", "--no-verify", "--message=moved"]);
    passes("another name");
    pair.own.git(&["checkout", "--quiet", "-b", "side", "HEAD~2"]);
    pair.own.commit("side.yaml", "a: 1\n");
    pair.own.git(&["merge", "--quiet", "--no-edit", "main"]);
    passes("a merge of what is there");
    pair.own.commit("new.yaml", "a: 1\n");
    passes("taking it away");
    pair.own.commit("new.yaml", &SECRET.replace("c2VzYW1lIG9wZW4=", "MTIzNA=="));
    let refused = pair.push(&["HEAD"]).with_code(1).says("`data.token`");
    assert!(refused.stderr.contains("`data.password`"), "it is back: {}", refused.stderr);
}

#[test]
fn a_large_image_is_pushed() {
    let pair = Pair::guarded();
    pair.own.stage("image", vec![0; 65 << 20]);
    pair.own.git(&["commit", "--quiet", "--message=image"]);
    pair.push(&["main"]).with_code(0).says("1 binary file passed over");
}

#[test]
fn a_secret_that_only_a_merge_holds_is_pushed_by_nobody() {
    let pair = Pair::guarded();
    pair.own.git(&["checkout", "--quiet", "-b", "side"]);
    pair.own.commit("side.yaml", "a: 1\n");
    pair.own.git(&["checkout", "--quiet", "main"]);
    pair.own.commit("main.yaml", "a: 1\n");
    pair.own.git(&["merge", "--quiet", "--no-commit", "side"]);
    pair.own.commit("db.yaml", SECRET);
    pair.push(&["main"]).with_code(1).says("db.yaml\n     7  error");
}

#[test]
fn a_hook_from_before_is_given_what_git_says() {
    let pair = Pair::new();
    let hook = "#!/bin/sh\nprintf '%s|' \"$@\" > .git/seen\ncat >> .git/seen\ntest ! -e .git/closed\n";
    pair.own.program(".git/hooks/pre-push", hook);
    pair.own.sealstrap(&["hook", "install", "--type", "pre-push"]).with_code(0);
    pair.own.commit("db.yaml", SECRET);
    pair.push(&["main"]).with_code(1).says("db.yaml\n     7  error");
    let [new, old] = ["HEAD", "HEAD~1"].map(|name| pair.own.git(&["rev-parse", name]).trim().to_owned());
    let server = pair.server.at("").display().to_string();
    let lines = format!("refs/heads/main {new} refs/heads/main {old}\n");
    assert_eq!(pair.own.read(".git/seen"), format!("origin|{server}|{lines}"));
    pair.own.write(".git/closed", "");
    let refused = pair.push(&["main"]).with_code(1);
    assert!(!refused.stderr.contains("db.yaml"), "what it refuses is not looked at: {}", refused.stderr);
}

#[test]
fn what_arrives_with_a_secret_is_not_taken() {
    let pair = Pair::new();
    let installed = pair.server.sealstrap(&["hook", "install", "--type", "pre-receive"]).with_code(0);
    installed.says("hooks/pre-receive");
    pair.own.commit("b.yaml", "b: 1\n");
    pair.push(&["main"]).with_code(0);
    let before = pair.arrived();
    pair.own.commit("db.yaml", SECRET);
    let refused = pair.push(&["main", "main:other"]).with_code(1);
    refused.says("remote:      7  error: Secret shop/db").says("remote: The push is refused.");
    assert_eq!(pair.arrived(), before);
    pair.server.sealstrap(&["hook", "uninstall"]).with_code(0).says("removed ");
    pair.push(&["main"]).with_code(0);
}

#[test]
fn a_line_that_git_does_not_write_refuses() {
    let pair = Pair::guarded();
    pair.own.write("lines", "what is this\n");
    let mut hook = pair.own.command(pair.own.at(".git/hooks/pre-push"), "");
    let refused = ended(hook.stdin(std::fs::File::open(pair.own.at("lines")).unwrap())).with_code(2);
    refused.says("The push is refused: not all of it could be scanned.");
}

#[test]
fn a_file_of_a_generator_is_found_though_the_range_does_not_change_what_names_it() {
    let repository = Repository::new();
    repository.commit("k/kustomization.yaml", "secretGenerator:\n- name: db\n  files: [pin.txt]\n");
    repository.commit("k/pin.txt", "12345-first\n");
    let told = repository.sealstrap(&["scan", "--since", "HEAD~1"]).with_code(1);
    assert!(told.stdout.contains("k/pin.txt"), "{}", told.stdout);
}
