//! What has no cure is taken out, where that is asked for.

use super::*;
use crate::scan::place::LEAKS;

#[test]
fn of_each_sample_of_a_leak_nothing_is_left() {
    for (_, sample) in LEAKS {
        take_out_in(&[(sample.file, &sample.document())], Some("default")).clean();
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
        "apiVersion: x/v1\nkind: Database\nmetadata: {name: a, namespace: shop}\nspec:\n  adminPassword: sealstrap://shop/db-db-yaml-taken-out#adminPassword # ours\n  env: [{name: API_PASSWORD, value: \"sealstrap://shop/db-db-yaml-taken-out#API_PASSWORD\"}]\n"
    );
    assert_eq!(
        ended.file("notes.md"),
        "# How to\n\nsee `sealstrap://default/notes-md-taken-out#gitlab-personal-access-token`: it is old\n"
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
    let words: Vec<&str> = ended.mended.taken_out.iter().map(|taken| taken.reference.as_str()).collect();
    assert_eq!(
        words,
        [
            "sealstrap://shop/db-db-yaml-taken-out#API_PASSWORD",
            "sealstrap://shop/db-db-yaml-taken-out#adminPassword",
            "sealstrap://default/notes-md-taken-out#gitlab-personal-access-token"
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
    assert!(ended.files["k/db.yaml"].ends_with("spec: {password: sealstrap://shop/a-taken-out#password}\n"));
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
        "DB_PASSWORD=sealstrap://default/tests-a-env-taken-out#DB_PASSWORD\n"
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
        "apiVersion: x/v1\nkind: X\nspec:\n  one: &x sealstrap://default/a-yaml-taken-out#one\n  password: *x\n"
    );
}

#[test]
fn what_lies_where_values_are_kept_is_not_taken_out() {
    let secret = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: a, namespace: b}\nspec: {encryptedData: {}}\n---\nspec:\n  password: hunter·2hunter\n";
    let ended = take_out(&[("taken-out.sealed.yaml", secret)]);
    assert!(
        ended.changed().is_empty()
            && ended.reasons()[0].contains("would be kept in taken-out.sealed.yaml itself")
    );
}

#[test]
fn blocks_in_texts_keep_their_ends() {
    let template = "{{- if .Values.on }}\napiVersion: v1\nkind: Secret\nstringData:\n  cfg: |\n    hunter·2hunter\n    l2\ntype: Opaque\n{{- end }}\n";
    let nested = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\ndata:\n  a.yaml: |\n    token_password: |\n      hunter·3hunter\n      l2\n    z: 1\n";
    let ended = take_out(&[("t/s.yaml", template), ("n.yaml", nested)]).clean();
    assert_eq!(
        ended.files["t/s.yaml"],
        "{{- if .Values.on }}\napiVersion: v1\nkind: Secret\nstringData:\n  cfg: |\n    sealstrap://default/t-s-yaml-taken-out#cfg\ntype: Opaque\n{{- end }}\n"
    );
    assert!(
        ended.files["n.yaml"].ends_with(
            "    token_password: |\n      sealstrap://b/n-yaml-taken-out#token_password\n    z: 1\n"
        ),
        "{}",
        ended.files["n.yaml"]
    );
    let opened = ended.opened("taken-out.sealed.yaml");
    assert!(
        opened.contains(&"b/n-yaml-taken-out token_password=hunter3hunter\nl2\n".to_owned()),
        "{opened:?}"
    );
}

#[test]
fn a_block_stays_one() {
    let text = "spec:\n  dbPassword: |\n    hunter·2hunter\n  password: |- # why\n    hunter·3hunter\n  # after\n  adminPassword: >+\n    hunter·4hunter\n\n    x\n\n  x: 1\n";
    let ended = take_out(&[("a.yaml", text)]).clean();
    assert_eq!(
        ended.files["a.yaml"],
        "spec:\n  dbPassword: |\n    sealstrap://default/a-yaml-taken-out#dbPassword\n  password: |- # why\n    sealstrap://default/a-yaml-taken-out#password\n  # after\n  adminPassword: >+\n    sealstrap://default/a-yaml-taken-out#adminPassword\n\n  x: 1\n"
    );
}

#[test]
fn a_value_whose_end_is_not_sure_is_left_whole() {
    for (file, text) in [
        ("a.toml", "password = \"a\\\"Tr0ub4dor-·Kx9vQ7z\\\\x\"\n"),
        ("tests/a.env", "B_PASSWORD='a'\"'\"'Tr0ub4dor-·Kx9vQ7z'\n"),
        ("tests/b.env", "A_PASSWORD=\"Tr0ub4dor-·Kx9vQ7z\nsecond-Tr0ub4dor\"\n"),
        ("a.properties", "db.password=Tr0ub4dor\\\n    -·Kx9vQ7z\n"),
    ] {
        let ended = take_out(&[(file, text)]);
        let text = text.replace('·', "");
        let is_whole = ended.files[file] == text || !ended.files[file].contains("Kx9vQ7z");
        assert!(is_whole, "{file}: {}", ended.files[file]);
    }
}

#[test]
fn copies_in_the_same_file_go_too() {
    let text = "# it was hunter·2hunter\ndb:\n  password: hunter·2hunter # hunter·2hunter\n  note: hunter·2hunter\n  b64: aHVudGVy·Mmh1bnRlcg==\n  other: xhunter·2hunterx\n";
    let ended = take_out(&[("values.yaml", text)]).clean();
    let reference = "sealstrap://default/values-yaml-taken-out#password";
    assert_eq!(
        ended.files["values.yaml"],
        format!(
            "# it was {reference}\ndb:\n  password: {reference} # {reference}\n  note: {reference}\n  b64: {}\n  other: xhunter2hunterx\n",
            base64::Engine::encode(&base64::engine::general_purpose::STANDARD, reference)
        )
    );
}

#[test]
fn a_flag_that_would_mend_it_comes_first() {
    let secret =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {password: hunter·2hunter}\n";
    let ended = take_out(&[("a.yaml", secret)]);
    assert!(ended.changed().is_empty() && ended.mended.refused[0].hint.contains("--namespace"));
}

#[test]
fn numbers_become_texts_as_the_file_writes_them() {
    let ended = take_out(&[
        ("a.json", "{\"password\": 84729104·73829, \"b\": 1}\n"),
        ("e.toml", "password = 84729104·73829\n"),
    ])
    .clean();
    assert_eq!(
        ended.files["a.json"],
        "{\"password\": \"sealstrap://default/a-json-taken-out#password\", \"b\": 1}\n"
    );
    assert_eq!(ended.files["e.toml"], "password = \"sealstrap://default/e-toml-taken-out#password\"\n");
}

#[test]
fn what_is_kept_is_what_the_file_means() {
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\ndata:\n  b.json: '{\"password\": \"it''s·Tr0ub4dor\"}'\n";
    let ended = take_out(&[("a.yaml", text)]).clean();
    assert_eq!(ended.opened("taken-out.sealed.yaml"), ["b/a-yaml-taken-out password=it'sTr0ub4dor"]);
}

#[test]
fn files_whose_paths_look_alike_share_a_secret() {
    let ended = take_out(&[
        ("a-b.ini", "password=hunter·2hunter\n"),
        ("a/b.ini", "password=hunter·3hunter\n"),
        ("ключ.ini", "password=hunter·4hunter\n"),
    ])
    .clean();
    assert_eq!(
        ended.opened("taken-out.sealed.yaml"),
        [
            "default/a-b-ini-taken-out password=hunter2hunter",
            "default/a-b-ini-taken-out password-2=hunter3hunter",
            "default/ini-taken-out password=hunter4hunter"
        ]
    );
}

#[test]
fn what_is_known_already_does_not_keep_others_from_being_mended() {
    let text = "spec: {password: hunter·2hunter}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: b, namespace: c}\nstringData: {password: hunter·3hunter}\n".replace('·', "");
    let recipient = Certificate::from_pem(CERTIFICATE.as_bytes()).unwrap().recipient;
    let mut findings = scan(&Policy::default(), "s.yaml", text.as_bytes()).findings;
    findings.remove(0);
    let mut means = Means {
        keep: Keep::Sealed { recipient: &recipient, scope: Scope::Strict },
        namespace: None,
        policy: &Policy::default(),
        root: Path::new("/repository"),
        read: &|_| None,
        files: &Vec::new,
        untrack: false,
        take_out: false,
        sops: &of_sops::Missing,
        rng: &mut OsRng,
    };
    let mended = mend(&[Wound { path: Path::new("s.yaml"), text: &text, findings: &findings }], &mut means);
    assert_eq!((mended.mended.len(), mended.refused.len()), (1, 0));
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
        let reference = &ended.mended.taken_out[0].reference;
        assert_eq!(ended.files[file].replace(reference.as_str(), "<>"), left, "{text}");
        let opened = ended.opened("taken-out.sealed.yaml");
        let (_, value) = opened[0].split_once(' ').unwrap();
        let key_and_value = kept.replace('·', "");
        assert!(value == key_and_value || value.ends_with(&format!(".{key_and_value}")), "{value}: {text}");
    }
}
