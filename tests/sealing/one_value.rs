//! One value of a sealed file: set, unset, renamed; every other byte stays.

use crate::scene::{DB, Scene, assert_holds};

/// A sealed file with a comment above each item and another document behind it.
fn sealed() -> Scene {
    let scene = Scene::set();
    scene.put("db.yaml", DB);
    scene.run(&["seal", "db.yaml", "--out", "s.yaml", "--scope", "namespace-wide"]).with(0);
    let text = scene
        .read("s.yaml")
        .replace("    password:", "    # secret\n    password:")
        .replace("    user:", "    # who\n    user:");
    scene.put(
        "s.yaml",
        format!("# ours\n{text}---\nkind: ConfigMap # theirs\napiVersion: v1\nmetadata: {{name: c}}\n"),
    );
    scene
}

/// The lines that differ: those that went, and those that came.
fn changed<'t>(old: &'t str, new: &'t str) -> (Vec<&'t str>, Vec<&'t str>) {
    let only =
        |of: &'t str, other: &str| of.lines().filter(|line| !other.lines().any(|l| l == *line)).collect();
    (only(old, new), only(new, old))
}

#[test]
fn a_value_is_set_and_one_line_changes() {
    let scene = sealed();
    let before = scene.read("s.yaml");
    scene
        .run(&["set", "s.yaml", "password", "--from", "env:DB_PASSWORD"])
        .with(0)
        .says(&["s.yaml: 1 value sealed"]);
    let after = scene.read("s.yaml");
    assert_holds(&after, &[("user", "admin"), ("password", "from the environment")]);
    let (gone, come) = changed(&before, &after);
    assert_eq!((gone.len(), come.len()), (1, 1), "{before}\n{after}");
    scene.run(&["set", "s.yaml", "password", "--from", "env:DB_PASSWORD"]).with(0).says(&["unchanged"]);
    assert_eq!(scene.read("s.yaml"), after);
    scene.run(&["set", "s.yaml", "token", "--from", "generate"]).with(0);
    let with_token = scene.read("s.yaml");
    let (gone, come) = changed(&after, &with_token);
    assert_eq!((gone.len(), come.len()), (0, 1));
}

#[test]
fn values_come_from_files_input_and_commands_without_a_stray_line_end() {
    let scene = sealed();
    scene.put("line", "one line\n");
    scene.put("pem", "two\nlines\n");
    scene.put("bytes", [0xff, b'\n', 0xfe, b'\n']);
    for (key, source) in
        [("a", "file:line"), ("b", "file:pem"), ("c", "command:echo from a command"), ("d", "file:bytes")]
    {
        scene.run(&["set", "s.yaml", key, "--from", source]).with(0);
    }
    scene.run(&["set", "s.yaml", "e", "--from", "file:line", "--exact"]).with(0);
    scene.run_with(&["set", "s.yaml", "f", "--from", "-"], b"typed\n").with(0);
    let secret = &crate::scene::opened(&scene.read("s.yaml"))[0];
    let held =
        |key: &str, text: &str| secret.items[key].same_as(&sealstrap::plain::Plain::from(text.to_owned()));
    assert!(held("a", "one line") && held("b", "two\nlines\n") && held("c", "from a command"));
    assert!(held("e", "one line\n") && held("f", "typed") && secret.items["d"].size() == 4);
}

#[test]
fn an_item_goes_with_its_comment_and_another_gets_a_new_key() {
    let scene = sealed();
    let before = scene.read("s.yaml");
    scene.run(&["rename", "s.yaml", "user", "login"]).with(0);
    assert_eq!(scene.read("s.yaml"), before.replace("    user:", "    login:"));
    scene.run(&["unset", "s.yaml", "password"]).with(0);
    let after = scene.read("s.yaml");
    assert_holds(&after, &[("login", "admin")]);
    assert!(!after.contains("# secret") && after.contains("# who") && after.contains("# theirs"), "{after}");
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let scene = sealed();
    let other = scene.read("s.yaml");
    scene.put(
        "two.yaml",
        format!("{other}---\n{}", other.replace("name: db", "name: api").replace("# ours\n---\n", "")),
    );
    scene.put("none.yaml", DB);
    for (arguments, words) in [
        (&["unset", "s.yaml", "pasword"][..], &["no item `pasword`", "did you mean `password`?"][..]),
        (&["rename", "s.yaml", "user", "password"], &["`password` is there already"]),
        (&["rename", "s.yaml", "user", "a b"], &["the key `a b` is not one"]),
        (&["set", "s.yaml", "..x", "--from", "-"], &["begins with two dots"]),
        (&["set", "s.yaml", "a", "--from", "env:NONE"], &["`NONE` is not set"]),
        (&["set", "s.yaml", "a", "--from", "file:none"], &["cannot read", "none"]),
        (&["set", "s.yaml", "a", "--from", "command:false"], &["the command `false` ended with"]),
        (&["set", "s.yaml", "a", "--from", "s3cret"], &["env:NAME, file:PATH"]),
        (&["set", "two.yaml", "a", "--from", "-"], &["holds 2 SealedSecrets", "`shop/db`, `shop/api`"]),
        (&["unset", "none.yaml", "a"], &["holds no SealedSecret", "sealstrap seal"]),
        (&["unset", "two.yaml", "user", "--name", "x"], &["no SealedSecret of that name"]),
    ] {
        let ended = scene.run(arguments).with(2).says(words);
        assert!(arguments.get(3) != Some(&"--from") || !ended.stderr.contains("s3cret"), "{}", ended.stderr);
    }
    assert_eq!(scene.read("s.yaml"), other);
    scene.run(&["unset", "two.yaml", "user", "--name", "api"]).with(0);
    scene
        .run(&["set", "s.yaml", "a", "--from", "generate", "--cluster", "cloud"])
        .with(0)
        .says(&["another cluster's"]);
}

#[test]
fn a_changed_template_is_thought_of() {
    let scene = sealed();
    let text =
        scene.read("s.yaml").replace("  template:\n", "  template:\n    data: {dsn: 'x{{ .user }}'}\n");
    scene.put("s.yaml", text);
    scene
        .run(&["rename", "s.yaml", "user", "login"])
        .with(0)
        .says(&["a template of the SealedSecret names `user`"]);
}
