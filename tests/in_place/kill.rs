//! A kill at each system call that writes, one after the other.

use std::collections::{BTreeMap, BTreeSet};

use crate::edit::{CANARY, EDITS, Edit, signal};

/// Calls that change a file, its name or what is known of it. Creating one is not among them: its effect is what the
/// next call begins with.
const WRITES: &str = "write,pwrite64,writev,pwritev,pwritev2,sendfile,copy_file_range,rename,renameat,renameat2,\
    link,linkat,unlink,unlinkat,symlink,symlinkat,truncate,ftruncate,fallocate,fsync,fdatasync,sync,syncfs,\
    chmod,fchmod,fchmodat,chown,fchown,fchownat,mkdir,mkdirat";
/// A write beside, the mode, to the disk, in its place.
const AT_LEAST: usize = 4;
const SIGKILL: i32 = 9;

#[test]
#[ignore = "needs strace"]
fn killed_at_any_call_that_writes_the_file_is_the_old_or_the_new_one() {
    for edit in &EDITS {
        let mut kills = 0;
        for (call, times) in calls(edit) {
            let killed = (1..=times + 1).take_while(|number| killed_at(edit, &call, *number)).count();
            assert_eq!(killed, times, "{}: {call}", edit.name);
            kills += killed;
        }
        assert!(kills >= AT_LEAST, "{}: {kills}", edit.name);
    }
}

/// Kills before the effect of a call, at its so-many-th time; says whether there was one.
fn killed_at(edit: &Edit, call: &str, number: usize) -> bool {
    let scene = edit.scene();
    let (trace, inject) = (format!("trace={call}"), format!("inject={call}:signal=SIGKILL:when={number}"));
    let ended = edit.run(&scene, &["strace", "-f", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject]);
    let context = format!("{}, {call} {number}: {ended:?}", edit.name);
    let text = scene.text();
    assert!(text == scene.before || edit.is_done(&text), "{context}\n{text}");
    let left = scene.left();
    assert!(left.len() <= 1 && left.iter().all(|name| name.starts_with('.')), "{context}: {left:?}");
    for name in left {
        let bytes = std::fs::read(scene.path().join(name)).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains(CANARY), "{context}");
    }
    // What is left behind stands in nobody's way.
    let killed = signal(&ended) == Some(SIGKILL);
    assert!(killed || ended.status.success(), "{context}");
    if text == scene.before {
        assert!(edit.run(&scene, &["env"]).status.success(), "{context}");
        assert!(edit.is_done(&scene.text()), "{context}");
    }
    killed
}

/// The calls that write, with how often they are made. strace counts those of each thread for itself: so all must be
/// of one thread, or counting would pass over some.
fn calls(edit: &Edit) -> BTreeMap<String, usize> {
    let scene = edit.scene();
    let trace = format!("trace={WRITES}");
    let ended = edit.run(&scene, &["strace", "-f", "-qq", "-o", ".trace", "-e", &trace]);
    assert!(ended.status.success(), "{}: {ended:?}", edit.name);
    let text = std::fs::read_to_string(scene.path().join(".trace")).unwrap();
    let (mut calls, mut threads) = (BTreeMap::new(), BTreeSet::new());
    for line in text.lines() {
        // 4711  write(9, …
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let Some((call, _)) = rest.trim_start().split_once('(') else { continue };
        threads.insert(thread);
        *calls.entry(call.to_owned()).or_default() += 1;
    }
    assert_eq!(threads.len(), 1, "{}: {text}", edit.name);
    calls
}
