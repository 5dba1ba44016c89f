//! Sealing anew for another certificate, on this machine and through the controller.

use std::sync::atomic::Ordering;

use crate::controller::serve;
use crate::scene::{CLOUD, DB, Scene, assert_holds, opened};

/// A folder of two sealed files, one with comments and with what only a template knows.
fn sealed() -> Scene {
    let scene = Scene::set();
    scene.put("db.yaml", DB.replace("name: db,", "name: db, labels: {a: b},"));
    scene.run(&["seal", "db.yaml", "--out", "k8s/db.yaml"]).with(0);
    scene.run(&["seal", "db.yaml", "--out", "k8s/wide.yaml", "--scope", "cluster-wide"]).with(0);
    let text = scene.read("k8s/db.yaml").replace("    user:", "    # who\n    user:");
    scene.put("k8s/db.yaml", text.replace("  template:\n", "  template:\n    data: {dsn: 'x'} # rendered\n"));
    scene.put("k8s/other.yaml", "kind: ConfigMap\napiVersion: v1\n");
    scene
}

/// Whether two texts differ in the values of these items only.
#[track_caller]
fn assert_only_values_differ(old: &str, new: &str) {
    let strip = |text: &str| {
        let value =
            |line: &str| ["user: ", "password: "].iter().any(|key| line.trim_start().starts_with(key));
        text.lines()
            .map(|line| if value(line) { line.split(':').next().unwrap() } else { line }.to_owned())
            .collect::<Vec<_>>()
    };
    assert_ne!(old, new);
    assert_eq!(strip(old), strip(new));
}

fn sizes(text: &str) -> Vec<usize> {
    let file = sealstrap::seal::SealedFile::read("a".as_ref(), text).unwrap();
    let sealed = &file.entries()[0].sealed;
    sealed.keys().map(|key| sealed.modulus(key).unwrap()).collect()
}

#[test]
fn only_the_values_change_and_they_open_with_the_new_key() {
    let scene = sealed();
    let before = scene.read("k8s/db.yaml");
    let arguments = ["reseal", "k8s", "--private-key", "home.key", "--cluster", "cloud"];
    scene
        .run(&arguments)
        .with(0)
        .says(&["k8s/db.yaml: 2 values sealed, for cloud", "k8s/wide.yaml: 2 values sealed"]);
    let after = scene.read("k8s/db.yaml");
    assert_only_values_differ(&before, &after);
    assert_eq!(sizes(&after), [384, 384]);
    assert!(opened(&scene.read("k8s/wide.yaml"))[0].items.len() == 2);
    scene.run(&arguments).with(0).says(&["k8s/db.yaml: unchanged"]);
    assert_eq!(scene.read("k8s/db.yaml"), after, "the ledger knows that it is done");
}

#[test]
fn the_new_key_proves_it_where_there_is_no_ledger() {
    let scene = sealed();
    std::fs::remove_dir_all(scene.path(".home")).unwrap();
    let check = ["reseal", "k8s", "--check", "--private-key", "home.key", "--private-key", "cloud.key"];
    scene.run(&check).with(0).says(&["unchanged"]);
    let other = [&check[..], &["--cluster", "cloud"]].concat();
    scene.run(&other).with(1).says(&["would change: 2 values sealed"]);
}

#[test]
fn where_one_value_cannot_be_opened_no_file_is_written() {
    let scene = sealed();
    let (one, two) = (scene.read("k8s/db.yaml"), scene.read("k8s/wide.yaml"));
    scene.put("k8s/db.yaml", one.replace("name: db", "name: renamed"));
    let arguments = ["reseal", "k8s", "--private-key", "home.key", "--cluster", "cloud"];
    let ended = scene.run(&arguments).with(2);
    ended.says(&["k8s/db.yaml:", "none of the private keys opens `password`, `user`", "renamed or moved"]);
    assert_eq!(scene.read("k8s/wide.yaml"), two);
    let keep = [&arguments[..], &["--keep-going"]].concat();
    scene.run(&keep).with(2).says(&["k8s/wide.yaml: 2 values sealed"]);
    assert_ne!(scene.read("k8s/wide.yaml"), two);
    scene.run(&["reseal", "db.yaml", "--private-key", "home.key"]).with(2).says(&["holds no SealedSecret"]);
    scene.run(&["reseal", "k8s"]).with(2).says(&["--private-key"]);
}

#[test]
fn a_template_cannot_widen_the_scope() {
    let scene = sealed();
    let text = scene.read("k8s/wide.yaml");
    // The annotation of the SealedSecret itself goes; the one of the template stays.
    let narrow = text
        .replacen("  annotations:\n    sealedsecrets.bitnami.com/cluster-wide: 'true'\n", "", 1)
        .replacen("  annotations:\n    sealedsecrets.bitnami.com/cluster-wide: \"true\"\n", "", 1);
    assert_ne!(text, narrow);
    scene.put("k8s/wide.yaml", narrow);
    let arguments = ["reseal", "k8s/wide.yaml", "--private-key", "home.key", "--cluster", "cloud"];
    scene.run(&arguments).with(2).says(&["none of the private keys opens"]);
}

#[test]
fn the_controller_seals_anew_and_all_else_stays() {
    let scene = sealed();
    let asked = serve(&scene, CLOUD, 1);
    let before = scene.read("k8s/db.yaml").replace("    data: {dsn: 'x'} # rendered\n", "");
    scene.put("k8s/db.yaml", &before);
    scene.run(&["reseal", "--online", "k8s"]).with(0).says(&["k8s/db.yaml: 2 values sealed, for home"]);
    let after = scene.read("k8s/db.yaml");
    assert_only_values_differ(&before, &after);
    assert_holds(&after, &[("user", "admin"), ("password", "s3cret")]);
    assert_eq!(asked.load(Ordering::SeqCst), 3, "one request was put off and made again");
    scene.run(&["reseal", "--online", "k8s"]).with(0).says(&["unchanged"]);
    assert_eq!(asked.load(Ordering::SeqCst), 3);
    scene.put("k8s/db.yaml", after.replace("name: db", "name: renamed"));
    scene.run(&["reseal", "--online", "k8s"]).with(2).says(&["k8s/db.yaml:", "it cannot unseal it"]);
}
