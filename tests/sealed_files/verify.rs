//! `sealstrap verify`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sealstrap::seal::Scope;
use serde_json::Value;

use crate::scene::{CANARY, CERTIFICATE, LARGE_CERTIFICATE, Scene, key_secret, sealed, sealed_for};

#[test]
fn good_files_are_good_and_counted() {
    let scene = Scene::new();
    scene.put("apps/db.yaml", &sealed(Scope::Strict, "shop", "db"));
    scene.put("apps/all.yaml", &sealed(Scope::ClusterWide, "shop", "all"));
    scene.put("apps/notes.yaml", "a: 1\n");
    let ended = scene.run(&["verify"]).with_code(0);
    assert_eq!(ended.stdout, "");
    assert_eq!(ended.stderr, "✔ 3 files, 2 SealedSecrets, 2 items: nothing found\n");
}

#[test]
fn nothing_verified_never_looks_like_clean() {
    let scene = Scene::new();
    scene.put("a.yaml", "kind: ConfigMap\n");
    let ended = scene.run(&["verify", "a.yaml"]).with_code(2);
    assert!(
        ended.stderr.contains("error: nothing was verified: there is no SealedSecret in 1 file\nhint: "),
        "{ended:?}"
    );
    std::fs::create_dir(scene.path("empty")).unwrap();
    let ended = scene.run(&["verify", "empty"]).with_code(2);
    assert!(ended.stderr.contains("error: there is no manifest in `empty`"), "{ended:?}");
    let ended = scene.run(&["verify", "gone.yaml"]).with_code(2);
    assert!(ended.stderr.contains("error: cannot read gone.yaml"), "{ended:?}");
}

#[test]
fn findings_stand_under_their_file_with_line_and_rule() {
    let scene = Scene::new();
    scene.put("a.yaml", &sealed(Scope::Strict, "shop", "db").replace("name: db", "name: My_Db"));
    let ended = scene.run(&["verify", "a.yaml"]).with_code(1);
    let mut lines = ended.stdout.lines();
    assert_eq!(lines.next(), Some("a.yaml"));
    let finding = lines.next().unwrap();
    assert!(finding.ends_with("error: shop/My_Db: Kubernetes takes no name `My_Db` [bad-name]"), "{finding}");
    assert!(ended.stderr.contains("1 file, 1 SealedSecret, 1 item: 1 error"), "{ended:?}");
}

#[test]
fn json_has_an_event_a_finding_and_one_for_what_was_covered() {
    let scene = Scene::new();
    scene.put(
        "a.yaml",
        &sealed(Scope::Strict, "shop", "db").replace("namespace: shop\nspec", "namespace: web\nspec"),
    );
    let ended = scene.run(&["verify", "a.yaml", "--json"]).with_code(1);
    let events: Vec<Value> = ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events[0]["event"], "found");
    assert_eq!(events[0]["rule"], "template-namespace");
    assert_eq!((&events[0]["severity"], &events[0]["file"]), (&"warning".into(), &"a.yaml".into()));
    assert_eq!(events[1]["event"], "verified");
    assert_eq!((&events[1]["sealedSecrets"], &events[1]["warnings"]), (&1.into(), &1.into()));
}

#[test]
fn the_pinned_certificate_is_that_of_the_repository() {
    let scene = Scene::new();
    scene.put("a.yaml", &sealed(Scope::Strict, "shop", "db"));
    scene.put("keys/sealing.pem", LARGE_CERTIFICATE);
    let ended = scene.run(&["verify", "a.yaml"]).with_code(1);
    assert!(
        ended
            .stdout
            .contains("sealed for a key of 2048 bits; `keys/sealing.pem` has 4096 [other-certificate]"),
        "{ended:?}"
    );
    scene.run(&["verify", "a.yaml", "--cert", "certificate.pem"]).with_code(0);
    scene.put("keys/sealing.pem", "junk");
    scene.run(&["verify", "a.yaml"]).with_code(2);
}

#[test]
fn with_keys_it_is_said_whether_it_opens_and_what_would_have_fitted() {
    let scene = Scene::new();
    scene.put("db.yaml", &sealed(Scope::Strict, "shop", "db"));
    let ended = scene.run(&["verify", "--private-key", "key.pem"]).with_code(0);
    assert!(ended.stderr.contains("1 item, 1 opened: nothing found"), "{ended:?}");

    scene.put(
        "moved.yaml",
        &sealed(Scope::Strict, "shop", "db").replace("shop", "web").replace("name: db", "name: cache"),
    );
    let ended = scene.run(&["verify", "--private-key", "key.pem"]).with_code(1);
    let said = "`password`: sealed for `shop/db` (strict) and not for `web/cache`: it was moved and renamed, or its value was copied [cannot-unseal]";
    assert!(ended.stdout.contains(said), "{ended:?}");
    std::fs::remove_file(scene.path("db.yaml")).unwrap();
    let ended = scene.run(&["verify", "--private-key", "key.pem"]).with_code(1);
    assert!(ended.stdout.contains("but it is sealed for another place than `web/cache`"), "{ended:?}");
    let ended = scene.run(&["verify", "--private-key", "key.pem", "--try", "shop/db"]).with_code(1);
    assert!(ended.stdout.contains(said), "{ended:?}");
    let ended = scene.run(&["verify", "--private-key", "other.pem"]).with_code(1);
    assert!(ended.stdout.contains("sealed for a key of 2048 bits; those at hand have 4096"), "{ended:?}");
    assert!(!ended.all().contains(CANARY));
}

#[test]
fn an_old_key_is_told_from_the_pinned_one() {
    let scene = Scene::new();
    scene.put("keys/sealing.pem", LARGE_CERTIFICATE);
    scene.put(
        "keys.yaml",
        &format!(
            "{}{}",
            key_secret("a", CERTIFICATE, crate::scene::KEY, "active"),
            key_secret("b", LARGE_CERTIFICATE, crate::scene::LARGE_KEY, "active")
        ),
    );
    scene.put("new/a.yaml", &sealed_for(LARGE_CERTIFICATE, Scope::Strict, "shop", "db"));
    let ended = scene.run(&["verify", "new", "--private-key", "keys.yaml"]).with_code(0);
    assert!(ended.stderr.contains("1 opened: nothing found"), "{ended:?}");
    scene.put("old/a.yaml", &sealed(Scope::Strict, "shop", "db"));
    let ended = scene
        .run(&[
            "verify",
            "old",
            "--private-key",
            "keys.yaml",
            "--cert",
            "certificate.pem",
            "--cert",
            "keys/sealing.pem",
        ])
        .with_code(0);
    assert_eq!(ended.stdout, "");
}

#[test]
fn kustomizations_and_doubles_are_seen() {
    let scene = Scene::new();
    scene.put("apps/kustomization.yaml", "namespace: web\nresources: [db.yaml]\n");
    scene.put("apps/db.yaml", &sealed(Scope::Strict, "shop", "db"));
    scene.put("apps/lost.yaml", &sealed(Scope::Strict, "shop", "db"));
    let ended = scene.run(&["verify", "apps"]).with_code(1);
    for part in [
        "`apps/kustomization.yaml` moves it to namespace `web`; it is sealed strict for `shop` [kustomize-namespace]",
        "note: shop/db: `apps/kustomization.yaml` does not list this file [not-listed]",
    ] {
        assert!(ended.stdout.contains(part), "{part}\n{ended:?}");
    }
    scene.put(
        "twice.yaml",
        &format!("{}{}", sealed(Scope::Strict, "shop", "db"), sealed(Scope::Strict, "shop", "db")),
    );
    let ended = scene.run(&["verify", "twice.yaml"]).with_code(1);
    assert!(
        ended.stdout.contains("warning: shop/db: it stands in twice.yaml:2 too [listed-twice]"),
        "{ended:?}"
    );
}

#[test]
fn what_cannot_be_read_is_said() {
    let scene = Scene::new();
    let good = sealed(Scope::Strict, "shop", "db");
    scene.put("good.yaml", &good);
    scene.put("charts/sealed.yaml", &format!("{{{{- if .Values.on }}}}\n{good}{{{{ end }}}}\n"));
    let ended = scene.run(&["verify"]).with_code(0);
    assert!(
        ended
            .stdout
            .contains("note: this is a template and no YAML, so nothing in it was verified [unreadable]"),
        "{ended:?}"
    );
    assert!(ended.stderr.contains("1 file not read"), "{ended:?}");
    let ended = scene.run(&["verify", "charts/sealed.yaml"]).with_code(1);
    assert!(ended.stdout.contains("error: this is a template"), "{ended:?}");
    std::fs::remove_file(scene.path("charts/sealed.yaml")).unwrap();

    let wide: Vec<u8> =
        std::iter::once(0xfeff).chain(good.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    std::fs::write(scene.path("wide.yaml"), wide).unwrap();
    scene.put("twice.yaml", &good.replace("  encryptedData:\n", "  encryptedData:\n    password: a\n"));
    let ended = scene.run(&["verify"]).with_code(1);
    for part in
        ["the file is UTF-16 [unreadable]", "the key `password` stands here a second time [unreadable]"]
    {
        assert!(ended.stdout.contains(part), "{part}\n{ended:?}");
    }
}

#[test]
fn standard_input_is_verified_too() {
    let scene = Scene::new();
    let text = sealed(Scope::Strict, "shop", "db");
    let ended = scene.run_with(&["verify", "-", "--private-key", "key.pem"], &text).with_code(0);
    assert!(ended.stderr.contains("1 file, 1 SealedSecret, 1 item, 1 opened"), "{ended:?}");
    let ended = scene.run_with(&["verify", "-"], &text.replace(": A", ": ?A"));
    assert_eq!(ended.code, 1, "{ended:?}");
}

#[test]
fn keys_that_cannot_be_used_are_said_to_be_so() {
    let scene = Scene::new();
    scene.put("a.yaml", &sealed(Scope::Strict, "shop", "db"));
    let pem = |label: &str, body: &str| {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(body))
    };
    scene.put("ec.pem", &pem("EC PRIVATE KEY", "x"));
    scene.put("locked.pem", &pem("ENCRYPTED PRIVATE KEY", "x"));
    scene.put("none.pem", "nothing\n");
    let recipient = scene.identity("me.txt");
    scene.identity("other.txt");
    scene.put("holders.txt", &recipient);
    let lock = sealstrap::seal::backup::Lock::Holders(sealstrap::seal::backup::holders(&recipient).unwrap());
    let key = sealstrap::plain::Plain::from(crate::scene::KEY.to_owned());
    let backup = sealstrap::seal::backup::encrypt(&key, &lock).unwrap();
    scene.put("keys.age", &backup);
    scene.put("cut.age", &backup[..backup.len() / 2]);
    for (arguments, said) in [
        (&["--private-key", "ec.pem"][..], "a private key in ec.pem cannot be used: it is not an RSA key"),
        (&["--private-key", "locked.pem"], "a private key in locked.pem cannot be used: it is encrypted"),
        (&["--private-key", "none.pem"], "none.pem holds no private key"),
        (&["--private-key", "gone.pem"], "cannot read gone.pem"),
        (&["--private-key", "keys.age"], "cannot open the backup keys.age: it is encrypted"),
        (&["--private-key", "keys.age", "--identity", "other.txt"], "none of the identities opens it"),
        (
            &["--private-key", "keys.age", "--identity", "key.pem"],
            "cannot use the identity key.pem: line 1 is no private key of age",
        ),
        (
            &["--private-key", "cut.age", "--identity", "me.txt"],
            "cannot open the backup cut.age: it is cut or damaged",
        ),
        (&["--identity", "me.txt"], "`--identity` opens a backup, and none is named"),
    ] {
        let ended = scene.run(&[&["verify", "a.yaml"], arguments].concat()).with_code(2);
        assert!(ended.stderr.contains(said) && ended.stderr.contains("hint: "), "{said}\n{ended:?}");
    }
    scene.run(&["verify", "a.yaml", "--private-key", "keys.age", "--identity", "me.txt"]).with_code(0);
}
