//! Comments of files that `external` changes: they stay, once, unless one keeps a value in clear.

use super::support::Stage;
use super::{put, read};

const CERTIFICATE: &str = include_str!("../sealing/certificates/home.pem");
const KEY: &str = include_str!("../seal/certificate.key");

#[tokio::test(flavor = "multi_thread")]
async fn no_comment_keeps_a_value_wherever_it_stands_and_the_others_stay() {
    let stage = Stage::start().await;
    let text = "# old password: hunter2-top\n# rotate in May, ask Ann\napiVersion: v1\nkind: Secret\nmetadata: {name: cc, namespace: shop}\nstringData:\n  # the port is 5432\n  port: \"5432\"\n  # hunter2-top, in short aHVudGVyMi10b3A=\n  token: hunter2-top # of the app\n  x: db\n# tail hunter2-top\n---\n# also keep, of db and x\nkind: ConfigMap # hunter2-top\napiVersion: v1\nmetadata: {name: cc}\n";
    put(&stage, "in.yaml", text);
    put(&stage, "c.yaml", text);
    let told = stage.sealstrap(&["external", "migrate", "c.yaml"]).await.with_code(0);
    assert!(told.stderr.contains("c.yaml: 4 comments hold a value, and are left out"), "{}", told.all());
    let migrated = read(&stage, "c.yaml");
    for part in [
        "# rotate in May, ask Ann\n",
        "# the port is 5432\n",
        " # of the app\n",
        "# also keep, of db and x\n",
    ] {
        assert_eq!(migrated.matches(part).count(), 1, "{part}\n{migrated}");
    }
    assert!(!migrated.contains("hunter2") && !migrated.contains("aHVud"), "{migrated}");

    let told = stage.sealstrap(&["external", "generate", "in.yaml"]).await.with_code(0);
    assert!(told.stderr.contains("in.yaml: 3 comments hold a value, and are left out"), "{}", told.all());
    assert!(told.stdout.starts_with("# rotate in May, ask Ann\napiVersion: external"), "{}", told.stdout);
    assert!(!told.stdout.contains("hunter2"), "{}", told.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_above_an_object_is_there_once_after_every_change() {
    let stage = Stage::start().await;
    put(&stage, "home.pem", CERTIFICATE);
    put(&stage, "home.key", KEY);
    let body = "# top of the file\napiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: shop\nstringData:\n  password: tr0ub4dor-Kx9v\n";
    for line_break in ["\n", "\r\n"] {
        for lead in ["", "---\n"] {
            put(&stage, "db.yaml", &format!("{lead}{body}").replace('\n', line_break));
            for words in [
                &["external", "migrate", "db.yaml"][..],
                &["external", "migrate", "db.yaml", "--to", "sealed", "--cert", "home.pem"],
                &["external", "migrate", "db.yaml", "--private-key", "home.key"],
            ] {
                stage.sealstrap(words).await.with_code(0);
                let text = read(&stage, "db.yaml");
                let top = format!("{lead}# top of the file\napiVersion: ").replace('\n', line_break);
                assert!(text.starts_with(&top), "{text}");
                assert_eq!(text.matches("# top of the file").count(), 1, "{text}");
                assert_eq!(text.matches('\n').count(), text.matches(line_break).count(), "{text:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_list_only_the_secrets_change() {
    let stage = Stage::start().await;
    let secret = "- apiVersion: v1\n  kind: Secret\n  metadata: {name: db, namespace: shop}\n  stringData:\n    # of the app\n    password: tr0ub4dor-Kx9v # now\n";
    let around = |item: &str| {
        format!(
            "apiVersion: v1\nkind: List # all\nitems:\n# first\n- {{apiVersion: v1, kind: ConfigMap, metadata: {{name: a}}}} # flow\n\n# second\n{item}# third\n- apiVersion: v1\n  kind: ConfigMap\n  metadata:   {{name: b}}\n"
        )
    };
    for line_break in ["\n", "\r\n"] {
        let text = around(secret).replace('\n', line_break);
        put(&stage, "list.yaml", &text);
        stage.sealstrap(&["external", "migrate", "list.yaml"]).await.with_code(0);
        let made = read(&stage, "list.yaml");
        let (head, tail) = (around("|")).split_once('|').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        let (head, tail) = (head.replace('\n', line_break), tail.replace('\n', line_break));
        assert!(made.starts_with(&head) && made.ends_with(&tail), "{made}");
        assert!(made.contains("kind: ExternalSecret") && !made.contains("tr0ub4dor"), "{made}");
        let entry = format!("    # of the app{line_break}    - secretKey: password # now{line_break}");
        assert!(made.contains(&entry), "{made}");
        assert_eq!(made.matches('\n').count(), made.matches(line_break).count(), "{made:?}");
    }
    let named = secret.replace("tr0ub4dor", "&it tr0ub4dor");
    let text = around(&named).replace("metadata:   {name: b}", "metadata: {name: b}\n  data: {it: *it}");
    put(&stage, "list.yaml", &text);
    let told = stage.sealstrap(&["external", "migrate", "list.yaml"]).await.with_code(2);
    assert!(told.stderr.contains("cannot be replaced within this file"), "{}", told.all());
    assert_eq!(read(&stage, "list.yaml"), text);
}
