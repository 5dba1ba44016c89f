//! The same bootstrap while something breaks: it ends converged, or with a sentence that says why; and the next run,
//! once the weather is fair again, completes it with nothing lost.

use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout};

use crate::proxy::{Mode, Proxy};
use crate::rig::repository::{CANARY, Repository, text};
use crate::scene::Scene;

/// Where the fault strikes: in the middle, with values in Vault and nothing of them in the cluster.
const MIDDLE: (&str, &str) = ("changed", "store-deploy-key");

/// A bootstrap under way, read line by line.
struct Going {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    seen: String,
}

/// How it ended.
struct Ended {
    code: Option<i32>,
    said: String,
    after: Duration,
}

impl Going {
    /// Starts one, and reads until it tells of the event in the task.
    async fn until(repository: &Repository, (event, task): (&str, &str)) -> Self {
        let mut child = repository.command(&["bootstrap", "--json"]).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut going = Self { child, lines, seen: String::new() };
        while let Some(line) = going.lines.next_line().await.unwrap() {
            going.seen += &format!("{line}\n");
            if line.contains(&format!("\"event\":\"{event}\"")) && line.contains(&format!(":{task}\"")) {
                return going;
            }
        }
        panic!("the run does not tell of `{event}` of {task}:\n{}", going.seen);
    }

    /// Reads on to its end.
    async fn end(mut self) -> Ended {
        let began = Instant::now();
        while let Some(line) = self.lines.next_line().await.unwrap() {
            self.seen += &format!("{line}\n");
        }
        let mut errors = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut errors).await.unwrap();
        let code = self.child.wait().await.unwrap().code();
        assert!(!self.seen.contains(CANARY) && !errors.contains(CANARY));
        Ended { code, said: self.seen + &errors, after: began.elapsed() }
    }
}

impl Ended {
    /// Says for the table how it ended, and fails where that is neither converged nor one of these words.
    #[track_caller]
    fn tell(&self, fault: &str, words: &[&str]) {
        let said = words.iter().find(|word| self.said.contains(**word));
        println!(
            "| {fault} | {} after {:.1} s: {} |",
            self.verdict(),
            self.after.as_secs_f64(),
            said.unwrap_or(&"")
        );
        assert!(
            self.code == Some(0) || (self.code == Some(2) && said.is_some()),
            "{:?}:\n{}",
            self.code,
            self.said
        );
    }

    fn verdict(&self) -> &'static str {
        if self.code == Some(0) { "converged" } else { "ended" }
    }
}

/// The next run completes it.
async fn mended(scene: &Scene) {
    let run = scene.repository.sealstrap(&["bootstrap"]).await;
    Repository::succeeded(&run);
    scene.assert_converged().await;
}

/// Short deadlines, so that a server that is away is seen to be.
fn impatient(scene: &Scene) {
    let file = scene.repository.folder.join("sealstrap.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    scene.repository.set(&format!("{text}timeouts: {{request: 5s}}\n"));
}

/// Puts one text of the settings in place of another.
fn replace(scene: &Scene, from: &str, to: &str) {
    let text = std::fs::read_to_string(scene.repository.folder.join("sealstrap.yaml")).unwrap();
    assert!(text.contains(from), "{text}");
    scene.repository.set(&text.replacen(from, to, 1));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn vault_is_sealed_in_the_middle_and_unsealed_later() {
    let mut scene = Scene::start().await;
    let going = Going::until(&scene.repository, MIDDLE).await;
    scene.rig.vault.seal().await;
    going.end().await.tell("Vault sealed in the middle", &["Vault is sealed"]);
    scene.rig.vault.unseal().await;
    mended(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn the_api_server_is_killed_and_started_again() {
    let mut scene = Scene::start().await;
    impatient(&scene);
    let going = Going::until(&scene.repository, MIDDLE).await;
    scene.rig.kubernetes.kill_api_server();
    let ended = going.end().await;
    scene.rig.kubernetes.start_api_server().await;
    ended.tell("API server killed, started again", &["cannot be reached", "did not answer within"]);
    mended(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn etcd_is_paused() {
    let mut scene = Scene::start().await;
    impatient(&scene);
    let going = Going::until(&scene.repository, MIDDLE).await;
    scene.rig.kubernetes.pause_etcd();
    let ended = going.end().await;
    scene.rig.kubernetes.resume_etcd().await;
    ended.tell("etcd paused", &["did not answer within", "answers with status 5"]);
    mended(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn the_git_host_answers_502_for_a_while() {
    let scene = Scene::start().await;
    let host = scene.rig.git.address.trim_start_matches("http://").to_owned();
    let proxy = Proxy::start(&host).await;
    replace(&scene, &scene.rig.git.address, &format!("http://{}", proxy.address));
    let going = Going::until(&scene.repository, ("taskStarted", "generate-deploy-key")).await;
    proxy.set(Mode::BadGateway);
    going.end().await.tell("Git host answers 502", &["502"]);
    proxy.set(Mode::Through);
    mended(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn the_network_to_vault_swallows_everything() {
    let mut scene = Scene::start().await;
    impatient(&scene);
    let server = scene.rig.vault.address.clone();
    let proxy = Proxy::start(server.trim_start_matches("https://")).await;
    let through = format!("address: \"https://{}\", clusterAddress: \"{server}\"", proxy.address);
    replace(&scene, &format!("address: \"{server}\""), &through);
    scene.repository.environment.retain(|(name, _)| *name != "VAULT_ADDR");
    let going = Going::until(&scene.repository, MIDDLE).await;
    proxy.set(Mode::Silent);
    going.end().await.tell("network to Vault black-holed", &["did not answer within 5 s"]);
    proxy.set(Mode::Through);
    mended(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn the_clock_is_ten_minutes_off() {
    let library = Path::new("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1");
    assert!(library.exists(), "{} is missing: install the package faketime", library.display());
    for off in ["-10m", "+10m"] {
        let mut scene = Scene::start().await;
        let preload = ("LD_PRELOAD", library.display().to_string());
        let faked = [preload, ("FAKETIME", off.to_owned()), ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned())];
        scene.repository.environment.extend(faked);
        let output = scene.repository.sealstrap(&["bootstrap", "--json"]).await;
        ended(&output).tell(&format!("clock off by {off}"), &["clock"]);
        mended(&scene).await;
    }
}

fn ended(output: &Output) -> Ended {
    Ended { code: output.status.code(), said: text(output), after: Duration::ZERO }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the rig: tests/rig/build"]
async fn two_bootstraps_are_started_together() {
    let scene = Scene::start().await;
    let (one, two) =
        tokio::join!(scene.repository.sealstrap(&["bootstrap"]), scene.repository.sealstrap(&["bootstrap"]));
    for output in [&one, &two] {
        ended(output).tell("two bootstraps together", &["another run is at work on this cluster"]);
    }
    assert!(
        one.status.success() || two.status.success(),
        "one of them comes through:\n{}{}",
        text(&one),
        text(&two)
    );
    mended(&scene).await;
}
