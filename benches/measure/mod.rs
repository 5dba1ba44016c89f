//! What benches share: rows of a table, times of whole processes, peers of the rig.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    dead_code,
    unreachable_pub,
    reason = "a bench reports, and ends where it cannot; no bench needs all of it"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::thread;
use std::time::{Duration, Instant};

/// Measures, tells, and says whether the bars were kept.
pub type Row = fn() -> bool;

/// Measures the rows that are named on the command line, or all. All of those are measured, whatever one of them says.
pub fn rows(rows: &[(&str, Row)]) -> ExitCode {
    let chosen: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    println!("\n| figure | measured | bar |\n| --- | --- | --- |");
    let chosen = rows.iter().filter(|(name, _)| chosen.is_empty() || chosen.iter().any(|word| word == name));
    let kept: Vec<bool> = chosen.map(|(_, row)| row()).collect();
    if kept.into_iter().all(|kept| kept) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints a row.
pub fn row(figure: &str, measured: &str, bar: &str) {
    println!("| {figure} | {measured} | {bar} |");
}

/// Our program.
pub fn ours() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_sealstrap"))
}

/// A program of the rig.
pub fn peer(name: &str) -> PathBuf {
    let build = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rig/build");
    let folder = Command::new(build).arg("--path").output().unwrap();
    let program = Path::new(String::from_utf8(folder.stdout).unwrap().trim()).join(name);
    assert!(program.exists(), "needs the rig: tests/rig/build");
    program
}

/// The folder with a package of `PyPI` and what it needs, in the rig's cache: the `PYTHONPATH` to run it with.
pub fn python(package: &str, version: &str) -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache");
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from).join("sealstrap-rig/pip");
    let folder = cache.join(format!("{package}-{version}"));
    if !folder.exists() {
        std::fs::create_dir_all(&cache).unwrap();
        let beside = tempfile::TempDir::new_in(&cache).unwrap();
        let whole = beside.path().join("whole");
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--target"]).arg(&whole);
        assert!(pip.arg(format!("{package}=={version}")).status().unwrap().success());
        std::fs::rename(whole, &folder).unwrap();
    }
    folder
}

/// How long a process takes that ends well.
pub fn timed(command: &mut Command) -> Duration {
    ending(command, &[0])
}

/// How long a process takes that ends with one of these codes.
pub fn ending(command: &mut Command, codes: &[i32]) -> Duration {
    let started = Instant::now();
    let status = command.status().unwrap();
    let took = started.elapsed();
    assert!(status.code().is_some_and(|code| codes.contains(&code)), "{command:?} ends with {status}");
    took
}

/// The most memory that a process held at any time, in kB. Linux keeps count; it is asked until the process ends.
pub fn peak(command: &mut Command) -> u32 {
    let mut child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        most = most.max(now.unwrap_or(0));
        thread::sleep(Duration::from_micros(500));
    }
    assert!(child.wait().unwrap().code().is_some(), "{command:?}");
    most
}

pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

pub fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}

pub fn us(time: Duration) -> String {
    format!("{:.1} µs", time.as_secs_f64() * 1e6)
}

pub fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

pub fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}
