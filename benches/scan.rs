//! What speed of scanning is promised, against the gitleaks of the rig on this machine.
//!
//! Processes are timed in turn, one of theirs after one of ours. The bars are those of the project; the bench fails
//! above one. Arguments pick rows: `-- hook tree ciphertext history`. `SCAN_REPOSITORY` names a repository whose history
//! is scanned; without it that row is left out. `KINGFISHER` names a kingfisher to do the same.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a bench ends where it cannot; git is found by PATH, the repository by the environment"
)]

mod measure;

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use measure::{ending, median, ms, ours, peak, peer, ratio, row, seconds};
use rand_core::OsRng;
use sealstrap::seal::{Certificate, Scope, SealedSecret, Secret};
use sealstrap::yaml;
use tempfile::TempDir;

/// How often a process is run; the median counts.
const STARTS: usize = 30;
/// How often a longer one is.
const RUNS: usize = 3;
/// Files of a home-ops repository.
const TREE: usize = 468;
/// Files of ciphertext.
const CIPHERTEXT: usize = 6741;

/// A hook that looks at one changed file.
const HOOK_BAR: Duration = Duration::from_millis(6);
/// The same, in times of `git diff --cached`.
const DIFF_BAR: f64 = 3.0;
/// A tree, as part of gitleaks' time and by itself.
const TREE_PART_BAR: f64 = 0.1;
const TREE_BAR: Duration = Duration::from_millis(20);
const CIPHERTEXT_BAR: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    measure::rows(&[("hook", hook), ("tree", tree), ("ciphertext", ciphertext), ("history", history)])
}

fn command(folder: &Path, program: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(words).current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn git(folder: &Path, words: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
    assert!(command(folder, Path::new("git"), &identity).args(words).status().unwrap().success());
}

fn release(number: usize, tag: usize) -> String {
    format!(
        "---\n# yaml-language-server: $schema=https://example.org/helmrelease.json\napiVersion: helm.toolkit.fluxcd.io/v2\n\
         kind: HelmRelease\nmetadata:\n  name: app-{number}\nspec:\n  interval: 1h\n  chartRef: {{kind: OCIRepository, name: app}}\n\
         \x20 values:\n    controllers:\n      app:\n        containers:\n          app:\n            image:\n\
         \x20             repository: ghcr.io/example/app\n              tag: 1.2.{tag}\n            env:\n              TZ: Etc/UTC\n\
         \x20           envFrom:\n              - secretRef: {{name: app-{number}-secret}}\n            probes: {{liveness: {{enabled: true}}}}\n\
         \x20   service:\n      app: {{ports: {{http: {{port: 8080}}}}}}\n"
    )
}

/// A repository with one file changed and staged.
fn hook() -> bool {
    let (folder, gitleaks) = (TempDir::new().unwrap(), peer("gitleaks"));
    let folder = folder.path();
    git(folder, &["init", "-q"]);
    std::fs::write(folder.join("app.yaml"), release(0, 1)).unwrap();
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "-m", "a"]);
    std::fs::write(folder.join("app.yaml"), release(0, 2)).unwrap();
    git(folder, &["add", "-A"]);
    let time = |program: &Path, words: &[&str]| ending(&mut command(folder, program, words), &[0]);
    // gitleaks by itself: what runs behind it finds its caches cold, which no hook does.
    let theirs = (0..STARTS).map(|_| time(&gitleaks, &["git", "--staged", "--no-banner", "."]));
    let theirs = median(theirs.collect());
    let both = (0..STARTS)
        .map(|_| (time(Path::new("git"), &["diff", "--cached"]), time(ours(), &["scan", "--staged"])));
    let (diffs, times) = both.unzip();
    let (diff, took) = (median(diffs), median(times));
    row(&format!("`git diff --cached`, median of {STARTS}"), &ms(diff), "");
    row("gitleaks: hook, one changed file", &ms(theirs), "");
    let measured = format!("{}, {:.2} of gitleaks'", ms(took), ratio(took, theirs));
    row("`sealstrap scan --staged`: the same", &measured, &ms(HOOK_BAR));
    row("hook : `git diff --cached`", &format!("{:.2}", ratio(took, diff)), &DIFF_BAR.to_string());
    took <= HOOK_BAR && ratio(took, diff) <= DIFF_BAR
}

/// A tree of manifests.
fn tree() -> bool {
    let (folder, gitleaks) = (TempDir::new().unwrap(), peer("gitleaks"));
    for number in 0..TREE {
        let app = folder.path().join(format!("apps/{}/{number}", number % 20));
        std::fs::create_dir_all(&app).unwrap();
        std::fs::write(app.join("helmrelease.yaml"), release(number, number)).unwrap();
    }
    let mut times = [const { Vec::new() }; 2];
    for _ in 0..STARTS / 2 {
        times[0].push(ending(&mut command(folder.path(), &gitleaks, &["dir", "--no-banner", "."]), &[0]));
        times[1].push(ending(&mut command(folder.path(), ours(), &["scan"]), &[0]));
    }
    let [theirs, took] = times.map(median);
    row(&format!("gitleaks: a tree of {TREE} manifests"), &ms(theirs), "");
    let part = ratio(took, theirs);
    row("`sealstrap scan`: the same", &ms(took), &ms(TREE_BAR));
    row("tree : gitleaks", &format!("{part:.2}"), &TREE_PART_BAR.to_string());
    took <= TREE_BAR && part <= TREE_PART_BAR
}

/// A tree of SealedSecrets, in which nothing is to be found.
fn ciphertext() -> bool {
    let folder = TempDir::new().unwrap();
    let recipient = Certificate::from_pem(include_bytes!("../tests/seal/4096.pem")).unwrap().recipient;
    for number in 0..CIPHERTEXT {
        let text = format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: s{number}, namespace: shop}}\nstringData: {{a: one, b: two}}\n"
        );
        let secret = Secret::read(yaml::each(Path::new("a.yaml"), &text).unwrap().remove(0)).unwrap();
        let sealed = SealedSecret::seal(&secret, Scope::Strict, &recipient, &mut OsRng).unwrap();
        std::fs::write(folder.path().join(format!("{number}.yaml")), sealed.to_yaml()).unwrap();
    }
    let times = (0..RUNS).map(|_| ending(&mut command(folder.path(), ours(), &["scan"]), &[0]));
    let took = median(times.collect());
    row(&format!("`sealstrap scan`: {CIPHERTEXT} sealed files, 0 flagged"), &ms(took), &ms(CIPHERTEXT_BAR));
    took <= CIPHERTEXT_BAR
}

/// The whole history of a repository that is named.
fn history() -> bool {
    let Some(repository) = std::env::var_os("SCAN_REPOSITORY") else {
        row("history", "left out: `SCAN_REPOSITORY` names no repository", "");
        return true;
    };
    let repository = Path::new(&repository);
    let scan = || command(repository, ours(), &["scan", "--history"]);
    // Missing contents end it with 2, and that is told.
    let took = median((0..RUNS).map(|_| ending(&mut scan(), &[0, 1, 2])).collect());
    let most = peak(&mut scan());
    row(&format!("`sealstrap scan --history`: {}", repository.display()), &seconds(took), "");
    row("its memory", &format!("{} MB", most / 1000), "");
    if let Some(kingfisher) = std::env::var_os("KINGFISHER") {
        let words = ["scan", "--no-validate", "--no-update-check", "."];
        let theirs = ending(&mut command(repository, Path::new(&kingfisher), &words), &[0, 200, 205]);
        row(
            "kingfisher: the same",
            &format!("{}, {:.1} times as long", seconds(theirs), ratio(theirs, took)),
            "",
        );
    }
    true
}
