//! What speed of scanning is promised, against the gitleaks of the rig and the kingfisher and detect-secrets of `PyPI` on
//! this machine.
//!
//! Processes are timed in turn, one of theirs after one of ours. The bars are those of the project; the bench fails
//! above one. Arguments pick rows: `-- hook tree ciphertext many history`. `SCAN_REPOSITORY` names a repository whose
//! history is scanned; without it that row is left out.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a bench ends where it cannot; git is found by PATH, the repository by the environment"
)]

mod measure;

use std::collections::HashSet;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ignore::{WalkBuilder, WalkState};
use measure::{ending, median, ms, ours, peak, peer, python, ratio, row, seconds};
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
    measure::rows(&[
        ("hook", hook),
        ("tree", tree),
        ("ciphertext", ciphertext),
        ("many", many),
        ("history", history),
    ])
}

/// kingfisher without what it asks of issuers and of its makers.
fn kingfisher(folder: &Path, words: &[&str]) -> Command {
    let program = python("kingfisher-bin", "2.14.0").join("kingfisher/bin/kingfisher");
    let quiet = ["--no-validate", "--no-update-check"];
    command(folder, &program, &[&["scan"], words, &quiet].concat())
}

/// kingfisher ends so: nothing, something, something valid.
const KINGFISHER_CODES: [i32; 3] = [0, 200, 205];

/// A module of detect-secrets.
fn detect_secrets(folder: &Path, words: &[&str]) -> Command {
    let mut command = command(folder, Path::new("python3"), &[&["-m"], words].concat());
    command.env("PYTHONPATH", python("detect-secrets", "1.5.0"));
    command
}

/// A row of a peer, and how many times as long as ours it takes.
fn beside(what: &str, theirs: Duration, took: Duration) {
    row(what, &format!("{}, {:.1} times as long", ms(theirs), ratio(theirs, took)), "");
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
    let few = |mut command: Command, codes: &[i32]| {
        median((0..RUNS).map(|_| ending(&mut command, codes)).collect())
    };
    beside("kingfisher: that file", few(kingfisher(folder, &["app.yaml"]), &KINGFISHER_CODES), took);
    let theirs = few(detect_secrets(folder, &["detect_secrets.pre_commit_hook", "app.yaml"]), &[0]);
    beside("detect-secrets: that file", theirs, took);
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
    let theirs = ending(&mut kingfisher(folder.path(), &["."]), &KINGFISHER_CODES);
    beside("kingfisher: the same tree", theirs, took);
    let theirs = ending(&mut detect_secrets(folder.path(), &["detect_secrets", "scan", "--all-files"]), &[0]);
    beside("detect-secrets: the same tree", theirs, took);
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
    let report = TempDir::new().unwrap();
    let report = report.path().join("report.json");
    let words = ["dir", "--no-banner", "--exit-code=0", "--report-path", report.to_str().unwrap(), "."];
    let theirs = ending(&mut command(folder.path(), &peer("gitleaks"), &words), &[0]);
    let found: serde_json::Value = serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap();
    let files: HashSet<String> =
        found.as_array().unwrap().iter().map(|found| found["File"].to_string()).collect();
    beside(&format!("gitleaks: the same, {} files flagged", files.len()), theirs, took);
    let theirs = ending(&mut kingfisher(folder.path(), &["."]), &KINGFISHER_CODES);
    beside("kingfisher: the same", theirs, took);
    took <= CIPHERTEXT_BAR
}

/// As many files as a large organisation has.
fn many() -> bool {
    const FILES: usize = 100_000;
    const BYTES: usize = 10_000;
    let folder = TempDir::new().unwrap();
    for number in 0..FILES {
        let of = folder.path().join(format!("{}", number / 100));
        std::fs::create_dir_all(&of).unwrap();
        let one = release(number, number);
        let text = one.repeat(BYTES.div_ceil(one.len()));
        std::fs::write(of.join(format!("{number}.yaml")), text).unwrap();
    }
    let bytes = AtomicU64::new(0);
    let started = Instant::now();
    WalkBuilder::new(folder.path()).threads(2).build_parallel().run(|| {
        Box::new(|entry| {
            let read = entry.ok().and_then(|entry| std::fs::read(entry.path()).ok());
            bytes.fetch_add(read.map_or(0, |read| read.len() as u64), Ordering::Relaxed);
            WalkState::Continue
        })
    });
    let reading = started.elapsed();
    let took = ending(&mut command(folder.path(), ours(), &["scan"]), &[0]);
    let size = bytes.into_inner() / 1_000_000;
    row(&format!("`sealstrap scan`: {FILES} files, {size} MB"), &seconds(took), "");
    let share = format!("{}, {:.0} % of it", seconds(reading), 100.0 * ratio(reading, took));
    row("reading them alone", &share, "");
    row("its memory", &format!("{} MB", peak(&mut command(folder.path(), ours(), &["scan"])) / 1000), "");
    true
}

/// The whole history of a repository that is named.
fn history() -> bool {
    let Some(repository) = std::env::var_os("SCAN_REPOSITORY") else {
        row("history", "left out: `SCAN_REPOSITORY` names no repository", "");
        return true;
    };
    let repository = Path::new(&repository);
    let scan = || command(repository, ours(), &["scan", "--history"]);
    let known = sealstrap::scan::git_folder(repository).unwrap().join("sealstrap/scanned");
    // Missing contents end it with 2, and that is told.
    let codes = [0, 1, 2];
    let first = || {
        drop(std::fs::remove_file(&known));
        ending(&mut scan(), &codes)
    };
    let took = median((0..RUNS).map(|_| first()).collect());
    row(&format!("`sealstrap scan --history`: {}", repository.display()), &seconds(took), "");
    let again = median((0..RUNS).map(|_| ending(&mut scan(), &codes)).collect());
    row("a second time", &seconds(again), "");
    drop(std::fs::remove_file(&known));
    row("its memory", &format!("{} MB", peak(&mut scan()) / 1000), "");
    let theirs = ending(&mut kingfisher(repository, &["."]), &KINGFISHER_CODES);
    beside("kingfisher: the same", theirs, took);
    let words = ["git", "--no-banner", "--exit-code=0", "."];
    // It goes by the patches of one branch; with a content that is missing in others it would end.
    let words = [&words[..], &["--log-opts=HEAD"]].concat();
    let theirs = ending(&mut command(repository, &peer("gitleaks"), &words), &[0, 1]);
    beside("gitleaks: the current branch", theirs, took);
    true
}
