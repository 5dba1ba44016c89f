//! What has no cure is taken out, where that is asked for.

use super::*;
use crate::scan::place::LEAKS;

#[test]
fn of_each_sample_of_a_leak_nothing_is_left() {
    for (_, sample) in LEAKS {
        take_out(&[(sample.file, &sample.document())]).clean();
    }
}

#[test]
fn a_word_says_where_the_value_is() {
    let ended = take_out(&[
        (
            "db/db.yaml",
            "apiVersion: x/v1\nkind: Database\nmetadata: {name: a, namespace: shop}\nspec:\n  adminPassword: hunter·2hunter # ours\n  env: [{name: API_PASSWORD, value: \"hunter·3hunter\"}]\n",
        ),
        ("notes.md", "# How to\n\nsee `glpat-·Zx93kdQpW0x1y2Lm4Rt7`: it is old\n"),
    ])
    .clean();
    assert_eq!(
        ended.file("db/db.yaml"),
        "apiVersion: x/v1\nkind: Database\nmetadata: {name: a, namespace: shop}\nspec:\n  adminPassword: <secret:shop/db-db-yaml-taken-out#adminPassword> # ours\n  env: [{name: API_PASSWORD, value: \"<secret:shop/db-db-yaml-taken-out#API_PASSWORD>\"}]\n"
    );
    assert_eq!(
        ended.file("notes.md"),
        "# How to\n\nsee `<secret:default/notes-md-taken-out#gitlab-personal-access-token>`: it is old\n"
    );
    assert_eq!(
        ended.opened("taken-out.sealed.yaml"),
        [
            "shop/db-db-yaml-taken-out API_PASSWORD=hunter3hunter",
            "shop/db-db-yaml-taken-out adminPassword=hunter2hunter",
            "default/notes-md-taken-out gitlab-personal-access-token=glpat-·Zx93kdQpW0x1y2Lm4Rt7"
                .replace('·', "")
                .as_str(),
        ]
    );
    let words: Vec<&str> = ended.mended.taken_out.iter().map(|(_, word)| word.as_str()).collect();
    assert_eq!(
        words,
        [
            "<secret:shop/db-db-yaml-taken-out#API_PASSWORD>",
            "<secret:shop/db-db-yaml-taken-out#adminPassword>",
            "<secret:default/notes-md-taken-out#gitlab-personal-access-token>"
        ]
    );
}

#[test]
fn what_a_kustomization_applies_is_kept_beside_and_applied_with_it() {
    let ended = take_out(&[
        ("k/kustomization.yaml", "namespace: shop\nresources:\n- db.yaml\n"),
        (
            "k/db.yaml",
            "apiVersion: x/v1\nkind: Database\nmetadata: {name: a}\nspec: {password: hunter·2hunter}\n",
        ),
    ])
    .clean();
    assert_eq!(
        ended.files["k/kustomization.yaml"],
        "namespace: shop\nresources:\n- db.yaml\n- db-taken-out.sealed.yaml\n"
    );
    assert_eq!(ended.opened("k/db-taken-out.sealed.yaml"), ["shop/a-taken-out password=hunter2hunter"]);
    assert!(ended.files["k/db.yaml"].ends_with("spec: {password: <secret:shop/a-taken-out#password>}\n"));
}

#[test]
fn what_has_a_cure_is_mended_by_that() {
    let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: b, namespace: c}\nstringData: {password: hunter·2hunter}\n---\nspec: {password: hunter·3hunter}\n";
    let ended = take_out(&[("a.yaml", text)]).clean();
    assert!(ended.files["a.yaml"].contains("kind: SealedSecret"));
    assert_eq!(ended.mended.taken_out.len(), 1);
    assert_eq!(ended.opened("taken-out.sealed.yaml"), ["default/a-yaml-taken-out password=hunter3hunter"]);
}

#[test]
fn a_file_that_git_could_forget_is_not_touched_unless_it_has_to_stay() {
    let recipient = Certificate::from_pem(CERTIFICATE.as_bytes()).unwrap().recipient;
    let keep = Keep::Sealed { recipient: &recipient, scope: Scope::Strict };
    let only = Asked { untrack: false, take_out: true };
    let ended = mend_but(&[("a.env", "DB_PASSWORD=hunter·2hunter\n")], keep, None, only, "");
    assert!(ended.changed().is_empty() && ended.mended.refused[0].hint.contains("--untrack"));
    let ended = take_out(&[("tests/a.env", "DB_PASSWORD=hunter·2hunter\n")]).clean();
    assert_eq!(
        ended.files["tests/a.env"],
        "DB_PASSWORD=<secret:default/tests-a-env-taken-out#DB_PASSWORD>\n"
    );
}

#[test]
fn a_value_that_is_written_in_several_ways_is_kept_once() {
    let text =
        "a:\n  password: hunter·2hunter\nb:\n  password: \"hunter·2hunter\"\nc:\n  password: other·3hunter\n";
    let ended = take_out(&[("values.yaml", text)]).clean();
    assert_eq!(
        ended.opened("taken-out.sealed.yaml"),
        [
            "default/values-yaml-taken-out password=other3hunter",
            "default/values-yaml-taken-out password-2=hunter2hunter"
        ]
    );
}

#[test]
fn what_an_alias_uses_is_taken_out_for_all_who_use_it() {
    let text = "apiVersion: x/v1\nkind: X\nspec:\n  one: &x hunter·2hunter\n  password: *x\n";
    let ended = take_out(&[("a.yaml", text)]);
    assert_eq!(ended.reasons(), [""; 0]);
    assert_eq!(
        ended.files["a.yaml"],
        "apiVersion: x/v1\nkind: X\nspec:\n  one: &x <secret:default/a-yaml-taken-out#one>\n  password: *x\n"
    );
}

/// A file, what is left of it, and what is kept.
const WRITTEN: &[(&str, &str, &str, &str)] = &[
    (
        "tests/app.env",
        "# ours\nexport DB_PASSWORD=\"hunt\\\"er·2hunter\" # now\nA=b\n",
        "# ours\nexport DB_PASSWORD=\"<>\" # now\nA=b\n",
        "DB_PASSWORD=hunt\"er·2hunter",
    ),
    (
        "tests/app.env",
        "DB_PASSWORD='hunt'\"'\"'er·2hunter'\nA=b\n",
        "DB_PASSWORD='<>'\nA=b\n",
        "DB_PASSWORD=hunt'er·2hunter",
    ),
    (
        "tests/app.env",
        "\u{feff}DB_PASSWORD=\"hunter·2\nhunter\"\nA=b\n",
        "\u{feff}DB_PASSWORD=\"<>\"\nA=b\n",
        "DB_PASSWORD=hunter2\nhunter",
    ),
    (
        "a.properties",
        "db.password = hunter·2\\\n  hunter\nA=b\n",
        "db.password = <>\nA=b\n",
        "password=hunter2hunter",
    ),
    (
        "a.toml",
        "a = { password = \"\\u0068unter·2\", b = 1 }\nc = 1\n",
        "a = { password = \"<>\", b = 1 }\nc = 1\n",
        "password=hunter2",
    ),
    (
        "a.toml",
        "password = \"\"\"\nhunter·2\\\n  hunter\"\"\"\nc = 1\n",
        "password = \"\"\"\n<>\"\"\"\nc = 1\n",
        "password=hunter2hunter",
    ),
    (
        "a.tf",
        "variable \"db_password\" {\n  default = \"hunter·2hunter\"\n}\n",
        "variable \"db_password\" {\n  default = \"<>\"\n}\n",
        "db_password=hunter2hunter",
    ),
    (
        "compose.yaml",
        "services:\n  db:\n    environment:\n    - \"DB_PASSWORD=hunter·2hunter\"\n",
        "services:\n  db:\n    environment:\n    - \"DB_PASSWORD=<>\"\n",
        "DB_PASSWORD=hunter2hunter",
    ),
    (
        "a.jsonc",
        "{\n  // ours\n  \"password\": \"hunter·2hunter\",\n}\n",
        "{\n  // ours\n  \"password\": \"<>\",\n}\n",
        "password=hunter2hunter",
    ),
];

#[test]
fn of_a_value_nothing_is_left_however_it_is_written() {
    for (file, text, left, kept) in WRITTEN.iter().copied() {
        let ended = take_out(&[(file, text)]).clean();
        let (_, reference) = &ended.mended.taken_out[0];
        assert_eq!(ended.files[file].replace(reference.as_str(), "<>"), left, "{text}");
        let opened = ended.opened("taken-out.sealed.yaml");
        let (_, value) = opened[0].split_once(' ').unwrap();
        let key_and_value = kept.replace('·', "");
        assert!(value == key_and_value || value.ends_with(&format!(".{key_and_value}")), "{value}: {text}");
    }
}
