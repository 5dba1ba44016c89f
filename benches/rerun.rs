//! What speed is promised: a re-run that finds nothing to change, the start of the process, the binary's size.
//!
//! The re-run is measured against the sandbox with a delay on each request, so that what counts is how many
//! requests wait for one another. A read is necessary for a task when the task, run alone, cannot do without it:
//! asking the same thing again is not. The bars are those of the project; the bench fails above one.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a bench reports, and ends where it cannot")]

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sealstrap::bootstrap::{Library, Run, Task, World};
use sealstrap::report::Events;
use sealstrap::sandbox::server::Span;
use sealstrap::sandbox::{Example, Sandbox};
use sealstrap::settings::{Overrides, Settings};

/// What each request takes, about as long as a remote in another town.
const DELAY: Duration = Duration::from_millis(20);
/// How often the whole runbook is looked at; the median counts.
const RUNS: usize = 5;
/// How often the process is started; the median counts.
const STARTS: usize = 50;

/// The whole runbook at most this many times its slowest chain of necessary reads.
const RATIO_BAR: f64 = 2.0;
/// From the start of the process to the first byte of `--help`.
const START_BAR: Duration = Duration::from_millis(10);
/// The binary, in bytes.
const SIZE_BAR: u64 = 30_000_000;

#[tokio::main]
async fn main() -> ExitCode {
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let stage = Stage::start().await;
    println!("\n| figure | measured | bar |\n| --- | --- | --- |");
    let kept = [stage.rerun().await, start(), size()];
    if kept.into_iter().all(|kept| kept) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A sandbox in which the whole runbook holds.
struct Stage {
    sandbox: Sandbox,
    settings: Arc<Settings>,
    tasks: Vec<Task>,
}

/// Requests of which each began after the one before it had been answered.
struct Chain {
    /// What they asked for, in order.
    requests: Vec<String>,
    /// The sum of their times.
    time: Duration,
}

impl Stage {
    async fn start() -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/homelab/sealstrap.yaml");
        let settings = Settings::from_text(&file, Example::SETTINGS, &Overrides::default()).unwrap();
        let sandbox = Sandbox::start(&settings.git.repository).await.unwrap();
        let settings = sandbox.stand_in(settings);
        let tasks = Library::open(&settings.root).unwrap().of_runbook(&settings.runbook, &settings).unwrap();
        let stage = Self { sandbox, settings: Arc::new(settings), tasks };
        let world = stage.world();
        Run { name: "bench", tasks: &stage.tasks, world: &world }.apply().await.unwrap();
        stage
    }

    fn world(&self) -> World {
        World::new(Arc::clone(&self.settings), Events::silent())
    }

    /// Looks at tasks in a new world, as a new process would; gives the time, and when requests were answered.
    async fn look_at(&self, tasks: &[Task]) -> (Duration, Vec<Span>) {
        self.sandbox.ledger().clear();
        let started = Instant::now();
        let world = self.world();
        let summary = Run { name: "bench", tasks, world: &world }.plan().await.unwrap();
        let took = started.elapsed();
        assert_eq!(summary.changes, 0, "a re-run finds nothing to change");
        (took, self.sandbox.ledger().spans())
    }

    /// The task whose own necessary reads take longest one after the other, and that chain.
    async fn slowest_task(&self) -> (&str, Chain) {
        let mut slowest = ("", Chain { requests: Vec::new(), time: Duration::ZERO });
        for task in &self.tasks {
            let (_, spans) = self.look_at(std::slice::from_ref(task)).await;
            let chain = longest(necessary(spans));
            if chain.time > slowest.1.time {
                slowest = (task.short_name(), chain);
            }
        }
        slowest
    }

    /// The run in the middle of several.
    async fn median(&self) -> (Duration, Vec<Span>) {
        let mut runs = Vec::new();
        for _ in 0..RUNS {
            runs.push(self.look_at(&self.tasks).await);
        }
        runs.sort_by_key(|(took, _)| *took);
        runs.swap_remove(RUNS / 2)
    }

    async fn rerun(&self) -> bool {
        let tasks = self.tasks.len();
        let (at_once, _) = self.median().await;
        self.sandbox.ledger().delay(DELAY);
        let (task, needed) = self.slowest_task().await;
        let (took, spans) = self.median().await;
        let (requests, seen) = (spans.len(), longest(spans));
        let ratio = took.as_secs_f64() / needed.time.as_secs_f64();
        println!("| re-run of {tasks} tasks that finds nothing to change, no delay | {} | |", ms(at_once));
        println!("| the same, {} per request | {}, {requests} requests | |", ms(DELAY), ms(took));
        println!("| longest chain of requests in it | {} in {} | |", seen.requests.len(), ms(seen.time));
        let (reads, time) = (needed.requests.len(), ms(needed.time));
        println!("| slowest chain of necessary reads (`{task}` alone) | {reads} in {time} | |");
        println!("| re-run : that chain | {ratio:.2} | {RATIO_BAR} |");
        if std::env::args().any(|argument| argument == "--chains") {
            println!("\nnecessary: {:#?}\nseen: {:#?}\n", needed.requests, seen.requests);
        }
        ratio <= RATIO_BAR
    }
}

/// The first of those requests that ask the same.
fn necessary(mut spans: Vec<Span>) -> Vec<Span> {
    let mut asked = BTreeSet::new();
    spans.sort_by_key(|span| span.began);
    spans.retain(|span| asked.insert(span.what.clone()));
    spans
}

/// The chain of requests that takes longest: none of them overlaps another.
fn longest(mut spans: Vec<Span>) -> Chain {
    spans.sort_by_key(|span| span.ended);
    let mut best: Vec<(Duration, Option<usize>)> = Vec::new();
    for (at, span) in spans.iter().enumerate() {
        let before = (0..at).filter(|&earlier| spans[earlier].ended <= span.began);
        let before = before.max_by_key(|&earlier| best[earlier].0);
        let sum = before.map_or(Duration::ZERO, |earlier| best[earlier].0);
        best.push((sum + (span.ended - span.began), before));
    }
    let mut next = (0..spans.len()).max_by_key(|&at| best[at].0);
    let time = next.map_or(Duration::ZERO, |at| best[at].0);
    let mut requests = Vec::new();
    while let Some(at) = next {
        requests.push(spans[at].what.clone());
        next = best[at].1;
    }
    requests.reverse();
    Chain { requests, time }
}

fn start() -> bool {
    let mut times: Vec<Duration> = (0..STARTS).map(|_| first_byte()).collect();
    times.sort();
    let median = times[STARTS / 2];
    println!(
        "| process start to the first byte of `--help`, median of {STARTS} | {} (fastest {}) | {} |",
        ms(median),
        ms(times[0]),
        ms(START_BAR)
    );
    median <= START_BAR
}

fn first_byte() -> Duration {
    let mut help = Command::new(env!("CARGO_BIN_EXE_sealstrap"));
    help.arg("--help").stdin(Stdio::null()).stdout(Stdio::piped());
    let started = Instant::now();
    let mut child = help.spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut [0]).unwrap();
    let took = started.elapsed();
    std::io::copy(&mut out, &mut std::io::sink()).unwrap();
    child.wait().unwrap();
    took
}

fn size() -> bool {
    let bytes = std::fs::metadata(env!("CARGO_BIN_EXE_sealstrap")).unwrap().len();
    println!("| size of the binary | {} MB | {} MB |\n", megabytes(bytes), megabytes(SIZE_BAR));
    bytes <= SIZE_BAR
}

/// Tenths of megabytes.
fn megabytes(bytes: u64) -> String {
    format!("{}.{}", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}
