//! A kill at each system call that writes, one after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use crate::edit::{CANARY, EDITS, Edit};
use crate::scene::{Scene, TRACE, signal};

/// Calls that change a file, its name or what is known of it. Creating one is not among them: its effect is what the
/// next call begins with.
const WRITES: &str = "write,pwrite64,writev,pwritev,pwritev2,sendfile,copy_file_range,rename,renameat,renameat2,\
    link,linkat,unlink,unlinkat,symlink,symlinkat,truncate,ftruncate,fallocate,fsync,fdatasync,sync,syncfs,\
    chmod,fchmod,fchmodat,chown,fchown,fchownat,mkdir,mkdirat";
/// A write beside, the mode, to the disk, in its place.
const AT_LEAST: usize = 4;
const SIGKILL: i32 = 9;

/// Whose calls are looked at: strace counts those of each thread for itself. On one core there is one worker beside the
/// main thread, so that no call is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Threads {
    /// The first one's.
    Main,
    /// Those of all; the kill comes with the first that makes a call so many times. The worker is done before the main
    /// thread writes anything, so it is the worker.
    All,
}

#[test]
#[ignore = "needs strace"]
fn killed_at_any_call_that_writes_a_file_is_the_old_or_the_new_one() {
    for edit in &EDITS {
        let mut kills = 0;
        for (threads, call, times) in places(edit) {
            // Behind the last call of the worker come those of the main thread.
            let last = if threads == Threads::Main { times + 1 } else { times };
            let killed = (1..=last).take_while(|number| killed_at(edit, threads, &call, *number)).count();
            assert_eq!(killed, times, "{}: {call} of {threads:?}", edit.name);
            kills += killed;
        }
        eprintln!("{}: {kills} kills", edit.name);
        assert!(kills >= AT_LEAST * edit.files.len(), "{}: {kills}", edit.name);
    }
}

/// Kills before the effect of a call, at its so-many-th time; says whether there was one.
fn killed_at(edit: &Edit, threads: Threads, call: &str, number: usize) -> bool {
    let scene = Scene::of(edit);
    let inject = format!("inject={call}:signal=SIGKILL:when={number}");
    let ended = edit.run(&scene, &strace(threads, "/dev/null", &format!("trace={call}"), Some(&inject)));
    let context = format!("{}, {call} {number} of {threads:?}: {ended:?}", edit.name);
    let texts = scene.texts();
    let is_old = |text: &String| scene.is_untouched(text);
    assert!(texts.iter().all(|text| is_old(text) || edit.is_done(text)), "{context}\n{texts:?}");
    let left = scene.left();
    assert!(left.len() <= edit.files.len(), "{context}: {left:?}");
    for path in left {
        assert!(
            path.file_name().unwrap().to_string_lossy().starts_with('.'),
            "{context}: {}",
            path.display()
        );
        let bytes = std::fs::read(path).unwrap();
        assert!(edit.writes_plaintext() || !String::from_utf8_lossy(&bytes).contains(CANARY), "{context}");
    }
    // What is left behind stands in nobody's way.
    let killed = signal(&ended) == Some(SIGKILL);
    assert!(killed || ended.status.success(), "{context}");
    if texts.iter().any(is_old) {
        assert!(edit.run(&scene, &[]).status.success(), "{context}");
        assert!(scene.texts().iter().all(|text| edit.is_done(text)), "{context}");
    }
    killed
}

/// The calls that write: whose they are, which, and how often they are made.
fn places(edit: &Edit) -> Vec<(Threads, String, usize)> {
    let mut counts = BTreeMap::new();
    let mut is_main_at_work = false;
    for (threads, call) in calls(edit) {
        // Otherwise a kill meant for a worker could come with a call of the main thread.
        assert!(threads == Threads::Main || !is_main_at_work, "{}: {call}", edit.name);
        is_main_at_work |= threads == Threads::Main;
        *counts.entry((threads, call)).or_default() += 1;
    }
    counts.into_iter().map(|((threads, call), times)| (threads, call, times)).collect()
}

/// The calls that write, in their order.
fn calls(edit: &Edit) -> Vec<(Threads, String)> {
    let scene = Scene::of(edit);
    // The first one is the main thread's: it starts the program.
    let ended = edit.run(&scene, &strace(Threads::All, TRACE, &format!("trace=execve,{WRITES}"), None));
    assert!(ended.status.success(), "{}: {ended:?}", edit.name);
    let text = std::fs::read_to_string(scene.path().join(TRACE)).unwrap();
    // 4711  write(9, …
    let called = text.lines().filter_map(|line| {
        let (thread, rest) = line.split_once(' ')?;
        Some((thread, rest.trim_start().split_once('(')?.0))
    });
    let called: Vec<_> = called.collect();
    let (main, _) = called[0];
    let threads: BTreeSet<_> = called.iter().map(|(thread, _)| thread).collect();
    assert!(threads.len() <= 2, "{}: one core has one worker: {text}", edit.name);
    let whose = |thread| if thread == main { Threads::Main } else { Threads::All };
    let writing = called.iter().filter(|(_, call)| *call != "execve");
    writing.map(|(thread, call)| (whose(*thread), (*call).to_owned())).collect()
}

/// strace on one core.
fn strace<'a>(threads: Threads, trace: &'a str, calls: &'a str, inject: Option<&'a str>) -> Vec<&'a str> {
    let mut line = vec!["taskset", "-c", core(), "strace", "-qq", "-o", trace, "-e", calls];
    line.extend((threads == Threads::All).then_some("-f"));
    line.extend(inject.into_iter().flat_map(|inject| ["-e", inject]));
    line
}

/// A core that this process may use.
fn core() -> &'static str {
    static CORE: OnceLock<String> = OnceLock::new();
    CORE.get_or_init(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let (_, list) = status.split_once("Cpus_allowed_list:").unwrap();
        list.trim_start().chars().take_while(char::is_ascii_digit).collect()
    })
}
