//! What is refused, in which words, and that nothing is written then.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::scene::{CLOUD, DB, Scene, assert_holds, ended};

fn secret(rest: &str) -> String {
    format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: db, namespace: shop}}\n{rest}\n")
}

/// Inputs, and what is said of them.
fn sentences() -> Vec<(String, &'static str)> {
    vec![
        (secret("stringData: {a: canary, a: b}"), "a.yaml:4:25: the key `a` stands here a second time"),
        (
            r#"{"kind": "Secret", "stringData": {"a": "canary", "a": "b"}}"#.into(),
            "the key `a` stands here a second time",
        ),
        (secret("stringData: {port: 0755}"), "a.yaml:4: what is written as `stringData.port` is a number"),
        (secret("stringData: {k: yes}"), "is a boolean to YAML"),
        (secret("stringData: {on: text}"), "the key that is written `on` in `stringData` is `true` to YAML"),
        (secret("stringData: {a: [canary]}"), "a.yaml:4: `stringData.a` must be a text"),
        (secret("data: {a: canary-}"), "a.yaml:4: `data.a` is not base64"),
        (secret("data: {a: Y0dGemMzZHZjbVF4TWpNMA==}"), "a.yaml:2: `data.a` is base64 of base64"),
        (secret("stringData: {a: canary"), "not valid YAML"),
        (secret("stringdata: {a: canary}"), "a Secret has no field `stringdata`"),
        (secret("stringData: {a/b: canary}"), "the key `a/b` is not one"),
        (secret("stringData: {a: canary}").replace("name: db", "name: D_B"), "the name `D_B` is not one"),
        (secret("stringData: {a: canary}").replace("shop", "a.b"), "the namespace `a.b` is not one"),
        (
            secret("stringData: {a: canary}").replace(", namespace: shop", ""),
            "names no namespace, to which strict",
        ),
        (secret("stringData: {a: canary}").replace("name: db, ", ""), "this Secret has no name"),
        (secret("stringData: {a: ENC}\nsops: {}"), "is encrypted by SOPS"),
        (secret("stringData: {a: 'ENC[AES256_GCM,data:a]'}"), "the value of `a` is encrypted by SOPS"),
        ("kind: ConfigMap\napiVersion: v1\n".into(), "a.yaml holds no Secret with values"),
        ("apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\n".into(), "it is sealed already"),
        (String::new(), "a.yaml holds no Secret with values"),
        (
            format!("a: 1\n---\n{}", secret("stringData: {a: {}}")),
            "a.yaml:6 (document 2): `stringData.a` must be a text",
        ),
    ]
}

#[test]
fn each_bad_input_has_its_sentence_with_file_and_line() {
    let scene = Scene::set();
    let utf_16 = "\u{feff}kind: Secret\n".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    scene.put("utf16.yaml", utf_16);
    scene
        .run(&["seal", "utf16.yaml"])
        .with(2)
        .says(&["utf16.yaml: the file is UTF-16", "save the file as UTF-8"]);
    scene.put("latin.yaml", b"kind: Secret\nx: \xe4\n");
    scene.run(&["seal", "latin.yaml"]).with(2).says(&["latin.yaml:2: the file is not UTF-8"]);
    for (text, words) in sentences() {
        scene.put("a.yaml", &text);
        let ended = scene.run(&["seal", "-i", "a.yaml"]).with(2).says(&[words]);
        assert!(!ended.stderr.contains("canary"), "{}", ended.stderr);
        assert_eq!(scene.read("a.yaml"), text);
    }
}

#[test]
fn what_is_only_doubted_is_sealed_and_said() {
    let scene = Scene::set();
    let line = secret("stringData:\n  a: |\n    one line\n  pem: |\n    two\n    lines");
    scene.run_with(&["seal"], line.as_bytes()).with(0).says(&["`a` is one line with a line end behind it"]);
    let twice = secret("data: {a: Y0dGemMzZHZjbVF4TWpNMA==}");
    scene.run_with(&["seal", "--allow", "double-base64"], twice.as_bytes()).with(0);
    for token in
        ["cGFzc3dvcmQ=", "NWY0ZGNjM2I1YWE3NjVkNjFkODMyN2RlYjg4MmNmOTk=", "Z2hwX2FiY2RlZmdoaWprbG1ub3A="]
    {
        scene.run_with(&["seal"], secret(&format!("data: {{a: {token}}}")).as_bytes()).with(0);
    }
}

#[test]
fn all_refusals_are_told_together_and_nothing_is_written() {
    let scene = Scene::set();
    scene.put("k8s/good.yaml", DB);
    scene.put("k8s/odd.yaml", secret("stringData: {a/b: c}\n---\n") + &secret("stringData: {d: 0x1}"));
    scene.put("k8s/template.yaml", "{{ if }}\nkind: Secret\nstringData: {a: b}\n");
    let ended = scene.run(&["seal", "-i", "k8s"]).with(2);
    let ended =
        ended.says(&["2 files cannot be sealed; nothing was written", "odd.yaml", "template.yaml", "  2. "]);
    assert!(!ended.stderr.contains("good.yaml"), "{}", ended.stderr);
    assert_eq!(scene.read("k8s/good.yaml"), DB);
    scene.run(&["seal", "-i", "--keep-going", "k8s"]).with(2).says(&["good.yaml: 2 values sealed"]);
    assert_holds(&scene.read("k8s/good.yaml"), &[("user", "admin"), ("password", "s3cret")]);
}

#[test]
fn certificates_that_are_not_to_be_used_are_named() {
    let scene = Scene::set();
    scene.put("db.yaml", DB);
    scene.put("early.pem", include_str!("certificates/early.pem"));
    for (file, text) in [
        ("expired.pem", include_str!("certificates/expired.pem")),
        ("ec.pem", include_str!("../seal/ec.pem")),
        ("public.pem", include_str!("../seal/public.pem")),
        ("small.pem", include_str!("../seal/1024.pem")),
        ("junk.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        ("empty.pem", ""),
        ("chain.pem", &format!("Bag Attributes\n{}\njunk\n{CLOUD}", include_str!("certificates/home.pem"))),
    ] {
        scene.put(file, text);
    }
    let with = |file: &str| scene.run(&["seal", "db.yaml", "--cert", file]);
    with("expired.pem").with(2).says(&[
        "cannot seal with the certificate `expired.pem`",
        "expired certificate on",
        "cert pin",
    ]);
    with("early.pem").with(2).says(&["is not valid before January 1, 2125", "check the clock"]);
    with("ec.pem").with(2).says(&["expected RSA public key but found an ECDSA key"]);
    with("public.pem").with(2).says(&["does not contain any valid RSA"]);
    with("small.pem").with(2).says(&["the RSA key has 1024 bits"]);
    with("junk.pem").with(2).says(&["the certificate cannot be read"]);
    with("empty.pem").with(2).says(&["does not contain any valid RSA"]);
    with("none.pem").with(2).says(&["cannot read", "none.pem"]);
    with("chain.pem").with(0);
}

#[test]
fn a_pin_that_does_not_fit_names_both_fingerprints() {
    let scene = Scene::set();
    scene.put("db.yaml", DB);
    let pin = "0".repeat(64);
    scene.put("sealstrap.yaml", format!("sealing: {{warnAfter: 8760000h, fingerprint: '{pin}'}}\n"));
    let ended = scene.run(&["seal", "db.yaml"]).with(2);
    ended.says(&[
        "keys/sealing.pem) has the SHA-256 ",
        &format!("but the settings pin {pin}"),
        "cert pin --replace",
    ]);
    scene.put("sealstrap.yaml", "cluster: {name: home}\nsealing: {warnAfter: 24h}\n");
    scene.run(&["seal", "db.yaml"]).with(0).says(&["warning: the certificate of cluster `home`", "days old"]);
}

#[test]
fn a_full_disk_leaves_the_old_file() {
    let scene = Scene::set();
    scene.put("db.yaml", DB);
    let mut command = Command::new("sh");
    scene.dress(&mut command);
    command
        .args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" seal -i db.yaml"])
        .arg(env!("CARGO_BIN_EXE_sealstrap"));
    ended(&command.output().unwrap()).with(2).says(&["cannot write db.yaml", "make room there"]);
    assert_eq!(scene.read("db.yaml"), DB);
    let names = std::fs::read_dir(scene.0.path()).unwrap().flatten().map(|entry| entry.file_name());
    assert!(
        names.into_iter().all(|name| !name.to_string_lossy().starts_with(".db")),
        "nothing is left beside it"
    );
}

#[test]
fn links_stay_and_read_only_files_are_refused() {
    let scene = Scene::set();
    scene.put("real.yaml", DB);
    std::os::unix::fs::symlink("real.yaml", scene.path("link.yaml")).unwrap();
    scene.run(&["seal", "-i", "link.yaml"]).with(0);
    assert!(std::fs::symlink_metadata(scene.path("link.yaml")).unwrap().is_symlink());
    assert_holds(&scene.read("real.yaml"), &[("user", "admin"), ("password", "s3cret")]);
    scene.put("fixed.yaml", DB);
    std::fs::set_permissions(scene.path("fixed.yaml"), std::fs::Permissions::from_mode(0o444)).unwrap();
    scene.run(&["seal", "-i", "fixed.yaml"]).with(2).says(&["cannot write fixed.yaml", "permission"]);
    assert_eq!(scene.read("fixed.yaml"), DB);
}

#[test]
fn what_does_not_fit_together_is_refused_before_anything_is_read() {
    let scene = Scene::set();
    scene.put("a.yaml", DB);
    scene.put("b.yaml", DB);
    for (arguments, words) in [
        (&["seal", "a.yaml", "b.yaml"][..], "it is not said where"),
        (&["seal", "a.yaml", "b.yaml", "--out", "c.yaml"], "several files would be written to `c.yaml`"),
        (&["seal", "a.yaml", "b.yaml", "--out", "{name}.yaml"], "two Secrets would be written to `db.yaml`"),
        (&["seal", "a.yaml", "--out", "{nam}.yaml"], "knows no placeholder {nam}"),
        (&["seal", "a.yaml", "--out", "a.yaml"], "would be written over itself"),
        (&["seal", "a.yaml", "--namespace", "other"], "is in namespace `shop`, not in `other`"),
        (&["seal", "-", "-i"], "standard input cannot be sealed in place"),
        (&["seal", "none.yaml"], "cannot read none.yaml"),
    ] {
        scene.run(arguments).with(2).says(&[words]);
    }
    assert!(!scene.path("db.yaml").exists() && scene.read("a.yaml") == DB);
}
