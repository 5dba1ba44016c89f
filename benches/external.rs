//! What speed is promised of ExternalSecrets: made of many Secrets, checked by the thousand, their values written to a
//! Vault of the rig no later than its own answers allow.
//!
//! The bars are those of the project; the bench fails above one. Arguments pick rows: `-- generate check push`.

#![expect(clippy::unwrap_used, reason = "a bench ends where it cannot")]

mod measure;

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use measure::{median, ms, ours, peer, ratio, row, seconds, timed};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Secrets, and the keys of each.
const SECRETS: usize = 1000;
const KEYS: usize = 5;
/// Manifests that are checked.
const MANIFESTS: usize = 10_000;
/// Requests under way at once, as `push` has them.
const AT_ONCE: usize = 8;
/// How often a process is run; the median counts.
const RUNS: usize = 5;

const GENERATE_BAR: Duration = Duration::from_millis(500);
const CHECK_BAR: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    drop(rustls::crypto::ring::default_provider().install_default());
    measure::rows(&[("generate", generate), ("check", check), ("push", push)])
}

fn secret(number: usize) -> String {
    let head = format!(
        "# of app {number}\napiVersion: v1\nkind: Secret\nmetadata:\n  name: app-{number}\n  namespace: shop\nstringData:\n"
    );
    let items = (0..KEYS).map(|key| format!("  key-{key}: value-{number}-{key}-Kx9v\n"));
    std::iter::once(head).chain(items).collect()
}

/// A folder with Secrets, each in its file.
fn secrets(folder: &Path, named: &str) {
    for number in 0..SECRETS {
        std::fs::write(folder.join(format!("app-{number}.yaml")), secret(number).replace("app-", named))
            .unwrap();
    }
}

fn sealstrap(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(ours());
    command.args(words).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Manifests from Secrets: as one stream, and as a file each on the disk.
fn generate() -> bool {
    let folder = TempDir::new().unwrap();
    let plain = folder.path().join("plain");
    std::fs::create_dir(&plain).unwrap();
    secrets(&plain, "app-");
    let what = format!("{SECRETS} Secrets of {KEYS} keys to ExternalSecrets");
    let stream = || timed(&mut sealstrap(folder.path(), &["external", "generate", "plain"]));
    let took = median((0..RUNS).map(|_| stream()).collect());
    row(&format!("{what}, one stream"), &ms(took), &ms(GENERATE_BAR));
    let files = |run: usize| {
        let out = format!("out-{run}");
        let mut command = sealstrap(folder.path(), &["external", "generate", "plain", "--out", &out]);
        // What was written before is the disk's to keep before the clock starts.
        assert!(Command::new("sync").status().unwrap().success());
        timed(&mut command)
    };
    let on_disk = median((0..RUNS).map(files).collect());
    row(&format!("{what}, a file each, on the disk when it ends"), &ms(on_disk), "");
    took <= GENERATE_BAR
}

/// Manifests as `generate` makes them, and the rules of the API server and the operator.
fn check() -> bool {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("secret.yaml"), secret(0)).unwrap();
    let mut command = Command::new(ours());
    command.args(["external", "generate", "secret.yaml"]).current_dir(folder.path()).stdin(Stdio::null());
    let made = String::from_utf8(command.output().unwrap().stdout).unwrap();
    for number in 0..MANIFESTS {
        let below = folder.path().join(format!("apps/{}", number % 100));
        std::fs::create_dir_all(&below).unwrap();
        let text = made.replace("app-0", &format!("app-{number}"));
        std::fs::write(below.join(format!("app-{number}.yaml")), text).unwrap();
    }
    let took = median(
        (0..RUNS).map(|_| timed(&mut sealstrap(folder.path(), &["external", "check", "apps"]))).collect(),
    );
    row(&format!("{MANIFESTS} ExternalSecrets checked"), &ms(took), &ms(CHECK_BAR));
    took <= CHECK_BAR
}

/// Values to Vault, and the same requests without us: read, mark, write, read back.
fn push() -> bool {
    let vault = Vault::start();
    let folder = TempDir::new().unwrap();
    std::fs::write(
        folder.path().join("sealstrap.yaml"),
        format!(
            "cluster: {{name: bench}}\ngit: {{repository: example/homelab}}\nvault: {{address: \"{}\"}}\n",
            vault.address
        ),
    )
    .unwrap();
    let pushed = |named: String| {
        let plain = folder.path().join(&named);
        std::fs::create_dir(&plain).unwrap();
        secrets(&plain, &named);
        let mut command = sealstrap(folder.path(), &["external", "push", &named]);
        timed(command.env("VAULT_TOKEN", Vault::TOKEN))
    };
    // In turn: what Vault holds grows, and slows down both alike.
    let both = (0..3).map(|run| (vault.bare(&format!("bare-{run}-")), pushed(format!("ours-{run}-"))));
    let (bare, took): (Vec<_>, Vec<_>) = both.unzip();
    let (bare, took) = (median(bare), median(took));
    row(&format!("{SECRETS} paths, bare requests, {AT_ONCE} at once"), &seconds(bare), "");
    let measured = format!("{}, {:.2} times as long", seconds(took), ratio(took, bare));
    row("`external push`: the same", &measured, "");
    true
}

/// The rig's Vault in dev mode.
struct Vault {
    process: Child,
    address: String,
    runtime: tokio::runtime::Runtime,
    http: Client,
}

impl Vault {
    const TOKEN: &str = "root-of-the-bench";

    fn start() -> Self {
        let listen = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = Command::new(peer("vault"));
        command.args(["server", "-dev", "-dev-no-store-token"]);
        command.arg(format!("-dev-root-token-id={}", Self::TOKEN));
        command.arg(format!("-dev-listen-address={listen}"));
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let vault = Self { process, address: format!("http://{listen}"), runtime, http: Client::new() };
        let deadline = Instant::now() + Duration::from_secs(30);
        while !vault.runtime.block_on(vault.is_ready()) {
            assert!(Instant::now() < deadline, "Vault does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        vault
    }

    async fn is_ready(&self) -> bool {
        let asked = self.http.get(format!("{}/v1/secret/config", self.address));
        asked.header("X-Vault-Token", Self::TOKEN).send().await.is_ok_and(|reply| reply.status().is_success())
    }

    async fn request(&self, method: Method, path: &str, body: Option<Value>) {
        let asked = self.http.request(method, format!("{}/v1/secret/{path}", self.address));
        let asked =
            body.iter().fold(asked.header("X-Vault-Token", Self::TOKEN), reqwest::RequestBuilder::json);
        asked.send().await.unwrap().bytes().await.unwrap();
    }

    /// How long Vault itself takes for what a push asks of it.
    fn bare(&self, named: &str) -> Duration {
        let one = |number: usize| async move {
            let path = format!("k8s/{named}{number}");
            let values: Value =
                (0..KEYS).map(|key| (format!("key-{key}"), format!("value-{number}-{key}-Kx9v"))).collect();
            let (data, metadata) = (format!("data/{path}"), format!("metadata/{path}"));
            self.request(Method::GET, &data, None).await;
            let mark = json!({"custom_metadata": {"managed-by": "bench"}});
            self.request(Method::POST, &metadata, Some(mark)).await;
            self.request(Method::POST, &data, Some(json!({"options": {"cas": 0}, "data": values}))).await;
            self.request(Method::GET, &data, None).await;
        };
        let started = Instant::now();
        self.runtime.block_on(stream::iter(0..SECRETS).map(one).buffered(AT_ONCE).for_each(|()| async {}));
        started.elapsed()
    }
}

impl Drop for Vault {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
