//! The drop-in beside the real kubeseal: a table of flags, environment, inputs and mistakes, run by ours alone and,
//! where the rig has built it, by both in the same folder.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "a test fails where something is missing; the rig passes PATH on and shows logs of what failed; a table is long"
)]

mod matrix;
mod normal;
mod online;
#[allow(dead_code, reason = "a rig offers more than these tests use")]
#[path = "../rig/mod.rs"]
mod rig;
mod rows;
mod scene;
mod upstream;
mod with_the_controller;

use rows::{Row, Same, rows};
use scene::{Scene, ours};

#[test]
fn every_row_ends_as_it_says() {
    let mut wrong = Vec::new();
    for row in rows() {
        let scene = Scene::set(&row);
        let before = scene.files();
        let ended = scene.run(&ours(), &row);
        let said = ended.stderr.lines().next().unwrap_or_default();
        if ended.code != row.code || !row.stderr.is_empty() && said != row.stderr {
            wrong.push(format!("{row}\n  ended with {}, said:\n{}", ended.code, ended.stderr));
        }
        if ended.code != 0 && !ended.stdout.is_empty() {
            wrong.push(format!("{row}\n  failed, and wrote {:?}", ended.stdout));
        }
        if ended.code != 0 && scene.files() != before {
            let names = scene.files().into_keys().collect::<Vec<_>>().join(" ");
            wrong.push(format!("{row}\n  failed, and changed files; there are {names}"));
        }
        wrong.extend(unsaid(&row, &scene, &ended));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a row promises of the output and is not in it. Where both succeed and differ, garbage would do without.
fn unsaid(row: &Row, scene: &Scene, ended: &scene::Ended) -> Option<String> {
    if row.says.is_empty() {
        let needed = row.code == 0 && matches!(row.same, Same::Differs(_));
        return needed.then(|| format!("{row}\n  differs, and says nothing of how"));
    }
    let mut text = normal::text(&ended.stdout);
    row.files.iter().for_each(|file| text += &normal::text(&scene.read(file)));
    let missing: Vec<_> = row.says.iter().filter(|said| !text.contains(**said)).collect();
    (!missing.is_empty()).then(|| format!("{row}\n  has no {missing:?} in\n{text}"))
}

#[test]
#[ignore = "needs the rig: tests/rig/build"]
fn both_do_the_same_with_every_row_but_those_listed() {
    let theirs = rig::bin("kubeseal");
    let mut wrong = Vec::new();
    for row in rows().into_iter().filter(|row| !matches!(row.same, Same::Endless)) {
        let (ours, real) = (Scene::set(&row), Scene::set(&row));
        let (mine, real_ended) = (ours.run(&scene::ours(), &row), real.run(&theirs, &row));
        wrong.extend(differences(&row, (&ours, &mine), (&real, &real_ended)));
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

type Side<'s> = (&'s Scene, &'s scene::Ended);

/// What differs and should not; or a difference that is listed and is none any more.
fn differences(row: &Row, (ours, mine): Side<'_>, (real, theirs): Side<'_>) -> Option<String> {
    let mut found = Vec::new();
    let mut note = |what: &str, ours: &str, theirs: &str| {
        if ours != theirs {
            found.push(format!("  {what}\n    ours:   {ours}\n    theirs: {theirs}"));
        }
    };
    note("code", &mine.code.to_string(), &theirs.code.to_string());
    note("stdout", &normal::text(&mine.stdout), &normal::text(&theirs.stdout));
    for file in row.files {
        note(file, &normal::text(&ours.read(file)), &normal::text(&real.read(file)));
    }
    if !row.stderr.is_empty() {
        let first = |text: &str| text.lines().next().unwrap_or_default().to_owned();
        note("stderr", &first(&mine.stderr), &first(&theirs.stderr));
    }
    match (row.same, found.is_empty()) {
        (Same::Yes, false) => Some(format!("{row}\n{}", found.join("\n"))),
        (Same::Differs(why), true) => Some(format!("{row}\n  is listed as differing ({why}) and does not")),
        _ => None,
    }
}
