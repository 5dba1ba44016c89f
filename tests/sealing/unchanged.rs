//! Values that have not changed keep their ciphertext.

use std::os::unix::fs::MetadataExt;

use crate::scene::{DB, HOME, Scene, assert_holds};

/// A repository in which `db.yaml` is sealed in place and committed.
fn committed() -> Scene {
    let scene = Scene::set();
    scene.git(&["init", "-q"]);
    scene.put(".gitignore", ".home\n");
    scene.put("db.yaml", DB);
    scene.run(&["seal", "-i", "db.yaml"]).with(0);
    scene.git(&["add", "."]);
    scene.git(&["commit", "-qm", "sealed"]);
    scene
}

#[test]
fn sealing_the_same_plaintext_in_place_again_gives_an_empty_diff() {
    let scene = committed();
    scene.put("db.yaml", DB);
    scene.run(&["seal", "-i", "db.yaml"]).with(0).says(&["0 values sealed, 2 unchanged"]);
    scene.git(&["diff", "--exit-code"]);
}

#[test]
fn sealing_the_same_plaintext_to_a_file_again_gives_an_empty_diff() {
    let scene = Scene::set();
    scene.git(&["init", "-q"]);
    scene.put("db.yaml", DB);
    let arguments = ["seal", "db.yaml", "--out", "sealed.yaml"];
    scene.run(&arguments).with(0);
    scene.git(&["add", "sealed.yaml"]);
    scene.git(&["commit", "-qm", "sealed"]);
    scene.run(&arguments).with(0);
    scene.git(&["diff", "--exit-code"]);
    // A diff would have been seen.
    scene.run(&[&arguments[..], &["--fresh"]].concat()).with(0);
    assert_ne!(scene.git(&["diff"]), "");
}

#[test]
fn one_changed_value_is_one_changed_line() {
    let scene = committed();
    scene.put("db.yaml", DB.replace("s3cret", "other"));
    scene.run(&["seal", "-i", "db.yaml"]).with(0).says(&["1 value sealed, 1 unchanged"]);
    let stat = scene.git(&["diff", "--numstat"]);
    assert!(stat.starts_with("1\t1\t"), "{stat}");
    assert_holds(&scene.read("db.yaml"), &[("user", "admin"), ("password", "other")]);
}

#[test]
fn the_form_of_what_was_committed_stays_comments_included() {
    let scene = committed();
    let text = scene.read("db.yaml");
    let styled = text.replace("    password:", "    # of the year 2026\n    password:");
    assert_ne!(text, styled);
    scene.put("db.yaml", &styled);
    scene.git(&["commit", "-qam", "a comment"]);
    scene.put("db.yaml", DB);
    scene.run(&["seal", "-i", "db.yaml"]).with(0);
    assert_eq!(scene.git(&["diff"]), "");
}

#[test]
fn a_file_that_holds_it_already_is_not_written() {
    let scene = Scene::set();
    scene.put("db.yaml", DB);
    let arguments = ["seal", "db.yaml", "--out", "sealed.yaml"];
    scene.run(&arguments).with(0);
    let before = std::fs::metadata(scene.path("sealed.yaml")).unwrap();
    scene.run(&arguments).with(0).says(&["sealed.yaml: unchanged"]);
    let after = std::fs::metadata(scene.path("sealed.yaml")).unwrap();
    assert_eq!((before.ino(), before.mtime_nsec()), (after.ino(), after.mtime_nsec()));
}

#[test]
fn an_output_is_edited_and_nothing_of_it_is_lost() {
    let scene = Scene::set();
    scene.put("db.yaml", DB);
    let arguments = ["seal", "db.yaml", "--out", "sealed.yaml"];
    scene.run(&arguments).with(0);
    let text = scene.read("sealed.yaml").replace("    user:", "    # who\n    user:");
    let more = format!("# kept\n{text}---\nkind: ConfigMap\napiVersion: v1\nmetadata: {{name: mine}}\n");
    scene.put("sealed.yaml", &more);
    scene.put(
        "db.yaml",
        DB.replace("password: s3cret", "token: new").replace("name: db,", "name: db, labels: {a: b},"),
    );
    scene.run(&arguments).with(0).says(&["1 value sealed, 1 unchanged"]);
    let text = scene.read("sealed.yaml");
    assert_holds(&text, &[("user", "admin"), ("token", "new")]);
    for kept in ["# kept\n", "    # who\n", "metadata: {name: mine}\n"] {
        assert!(text.contains(kept), "{text}");
    }
    assert!(text.contains("labels:") && !text.contains("password"), "{text}");
    scene.put("db.yaml", DB.replace("name: db", "name: api"));
    scene.run(&arguments).with(0);
    assert_eq!(crate::scene::opened(&scene.read("sealed.yaml")).len(), 2, "the one of another name stays");
}

#[test]
fn another_certificate_seals_everything_anew() {
    let scene = Scene::set();
    scene.put("db.yaml", DB);
    let arguments = ["seal", "db.yaml", "--out", "sealed.yaml"];
    scene.run(&arguments).with(0);
    let before = scene.read("sealed.yaml");
    scene
        .run(&["seal", "db.yaml", "--out", "sealed.yaml", "--cluster", "cloud"])
        .with(0)
        .says(&["2 values sealed"]);
    assert_ne!(scene.read("sealed.yaml"), before);
    scene
        .run(&["seal", "db.yaml", "--out", "sealed.yaml", "--scope", "cluster-wide"])
        .with(0)
        .says(&["2 values sealed"]);
    assert_holds(&scene.read("sealed.yaml"), &[("user", "admin"), ("password", "s3cret")]);
}

#[test]
fn without_the_ledger_a_private_key_tells_it() {
    let scene = Scene::set();
    scene.put("db.yaml", DB);
    scene.run(&["seal", "db.yaml", "--out", "sealed.yaml"]).with(0);
    std::fs::remove_dir_all(scene.path(".home")).unwrap();
    let arguments = ["seal", "db.yaml", "--out", "sealed.yaml", "--private-key", "home.key"];
    scene.run(&arguments).with(0).says(&["unchanged"]);
    scene.run(&arguments[..4]).with(0).says(&["2 values sealed"]);
    scene.run(&["seal", "db.yaml", "--out", "sealed.yaml", "--fresh"]).with(0).says(&["2 values sealed"]);
}

#[test]
fn the_ledger_holds_neither_values_nor_names() {
    let scene = Scene::set();
    scene.put("db.yaml", DB);
    scene.run(&["seal", "db.yaml", "--out", "sealed.yaml"]).with(0);
    let ledger = scene.read(".home/.local/state/sealstrap/ledger");
    assert_eq!(ledger.lines().count(), 2);
    assert!(ledger.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b' ' || byte == b'\n'));
}

#[test]
fn a_home_that_cannot_be_written_is_no_reason_to_fail() {
    let scene = Scene::set();
    scene.put(".home", "a file");
    scene.put("db.yaml", DB);
    scene.run(&["seal", "db.yaml", "--out", "sealed.yaml"]).with(0);
    assert!(!HOME.is_empty());
}
