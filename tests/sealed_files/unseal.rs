//! `sealstrap unseal`.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sealstrap::seal::Scope;

use crate::scene::{CANARY, Scene, sealed};

fn value() -> String {
    format!("password: {}", STANDARD.encode(CANARY))
}

#[test]
fn it_goes_to_standard_output_with_all_other_documents() {
    let scene = Scene::new();
    let text = format!("# mine\nkind: ConfigMap\n{}", sealed(Scope::Strict, "shop", "db"));
    scene.put("a.yaml", &text);
    let ended = scene.run(&["unseal", "a.yaml", "--private-key", "key.pem"]).with_code(0);
    assert!(
        ended.stdout.starts_with("# mine\nkind: ConfigMap\n---\n") && ended.stdout.contains(&value()),
        "{ended:?}"
    );
    assert_eq!((ended.stderr.as_str(), scene.read("a.yaml")), ("", text));
    let ended =
        scene.run_with(&["unseal", "-", "--private-key", "key.pem"], &sealed(Scope::Strict, "shop", "db"));
    assert!(ended.stdout.contains(&value()), "{ended:?}");
}

#[test]
fn in_place_it_warns_of_plaintext_and_says_what_git_makes_of_it() {
    let scene = Scene::new();
    let git = Command::new("git").args(["init", "--quiet"]).current_dir(scene.folder()).status().unwrap();
    assert!(git.success());
    scene.put(".gitignore", "*.plain.yaml\n");
    for (file, said) in
        [("a.yaml", "which Git does not ignore: do not commit it"), ("b.plain.yaml", "which Git ignores")]
    {
        scene.put(file, &sealed(Scope::Strict, "shop", "db"));
        let ended = scene.run(&["unseal", file, "--private-key", "key.pem", "--in-place"]).with_code(0);
        assert!(scene.read(file).contains(&value()));
        assert!(
            ended.stderr.contains(&format!("warning: plaintext lies in {file} now, {said}")),
            "{ended:?}"
        );
        assert!(!ended.all().contains(&STANDARD.encode(CANARY)));
    }
}

#[test]
fn new_files_are_their_owners_and_old_ones_are_not_overwritten() {
    let scene = Scene::new();
    scene.put("apps/db.yaml", &sealed(Scope::Strict, "shop", "db"));
    scene.put("apps/web/x.yaml", &sealed(Scope::Strict, "web", "x"));
    scene.run(&["unseal", "apps", "--private-key", "key.pem", "--out", "plain"]).with_code(0);
    for file in ["plain/db.yaml", "plain/web/x.yaml"] {
        assert!(scene.read(file).contains(&value()));
        assert_eq!(
            std::fs::metadata(scene.path(file)).unwrap().permissions().mode() & 0o777,
            0o600,
            "{file}"
        );
    }
    let ended = scene.run(&["unseal", "apps", "--private-key", "key.pem", "--out", "plain"]).with_code(2);
    assert!(ended.stderr.contains("error: plain/db.yaml exists, and would be overwritten"), "{ended:?}");
    scene.run(&["unseal", "apps", "--private-key", "key.pem", "--out", "plain", "--force"]).with_code(0);
    scene.run(&["unseal", "apps/db.yaml", "--private-key", "key.pem", "--out", "one.yaml"]).with_code(0);
    assert!(scene.read("one.yaml").contains(&value()));
}

#[test]
fn where_one_item_does_not_open_nothing_is_written() {
    let scene = Scene::new();
    let good = sealed(Scope::Strict, "shop", "db");
    scene.put("apps/a.yaml", &good);
    scene.put("apps/b.yaml", &good.replace("name: db", "name: cache"));
    let ended = scene.run(&["unseal", "apps", "--private-key", "key.pem", "--in-place"]).with_code(1);
    assert!(
        ended.stdout.contains("[cannot-unseal]") && ended.stderr.contains("nothing was written"),
        "{ended:?}"
    );
    assert_eq!(scene.read("apps/a.yaml"), good);
}

#[test]
fn what_was_typed_must_fit_together() {
    let scene = Scene::new();
    scene.put("a.yaml", &sealed(Scope::Strict, "shop", "db"));
    scene.put("b.yaml", "kind: ConfigMap\n");
    for (arguments, said) in [
        (&["a.yaml"][..], "no private key is named"),
        (&["a.yaml", "--private-key", "key.pem", "--json"], "with `--json` standard output is for events"),
        (&["-", "--private-key", "key.pem", "--in-place"], "standard input cannot be written in place"),
        (&["b.yaml", "--private-key", "key.pem"], "there is no SealedSecret in `b.yaml`"),
    ] {
        let ended = scene.run(&[&["unseal"], arguments].concat()).with_code(2);
        assert!(ended.stderr.contains(said), "{said}\n{ended:?}");
    }
}
