//! `external generate`, `check`, `store`, and `vault policy`: manifests, without a remote.

use super::support::Stage;
use super::{DB, put, read};

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_becomes_a_reference_and_its_neighbours_stay() {
    let stage = Stage::start().await;
    put(&stage, "db.yaml", DB);
    let made = stage.sealstrap(&["external", "generate", "db.yaml"]).await.with_code(0).stdout;
    assert!(
        made.starts_with("# of the shop\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n")
    );
    assert!(
        made.trim_end()
            .ends_with("--- # behind it\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: db} # stays")
    );
    for part in [
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\n",
        "refreshInterval: 1h0m0s",
        "name: vault-backend",
        "key: k8s/db",
        "property: key.bin",
        "decodingStrategy: Base64",
    ] {
        assert!(made.contains(part), "{part}\n{made}");
    }
    assert!(!made.contains("tr0ub4dor") && !made.contains("AAH/"), "{made}");
    assert_eq!(stage.writes_since(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_written_below_a_folder_listed_and_not_written_over() {
    let stage = Stage::start().await;
    put(&stage, "in/a.yaml", DB);
    put(&stage, "in/deep/b.yaml", &DB.replace("name: db\n", "name: other\n"));
    put(&stage, "in/none.yaml", "a: b\n");
    put(&stage, "out/kustomization.yaml", "# all\nresources: []\n");
    let words = ["external", "generate", "in", "--out", "out/", "--add-to", "out/kustomization.yaml"];
    let planned = stage.sealstrap(&[&words[..], &["--plan"]].concat()).await.with_code(0).stdout;
    assert!(planned.contains("+++ b/out/kustomization.yaml") && planned.contains("deep/b.yaml"), "{planned}");
    assert!(!stage.folder().join("out/a.yaml").exists());
    let told = stage.sealstrap(&words).await.with_code(0);
    assert!(told.stderr.contains("added it to out/kustomization.yaml"), "{}", told.stderr);
    assert!(
        told.stderr.contains("out/deep/b.yaml: 1 ExternalSecret, 3 values, from in/deep/b.yaml"),
        "{}",
        told.stderr
    );
    let list = read(&stage, "out/kustomization.yaml");
    assert!(list.starts_with("# all\n") && list.contains("a.yaml") && list.contains("deep/b.yaml"), "{list}");
    let again = stage.sealstrap(&words).await.with_code(0);
    assert!(again.stderr.contains("out/a.yaml: unchanged"), "{}", again.stderr);
    put(&stage, "out/a.yaml", "mine: 1\n");
    let refused = stage.sealstrap(&words).await.with_code(2);
    assert!(refused.stderr.contains("out/a.yaml is there and holds something else"), "{}", refused.stderr);
    assert_eq!(read(&stage, "out/a.yaml"), "mine: 1\n");
    stage.sealstrap(&[&words[..], &["--force"]].concat()).await.with_code(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_of_a_file_and_what_was_typed_count() {
    let stage = Stage::start().await;
    put(&stage, "app.env", "# of the app\nexport TOKEN='tr0ub4dor $1'\nEMPTY=\n");
    let words = ["external", "generate", "app.env", "-n", "shop", "--path", "{prefix}/{namespace}/{name}"];
    let more = ["--store", "SecretStore/vault", "--operator", "0.19", "--refresh", "15m"];
    let made = stage.sealstrap(&[&words[..], &more].concat()).await.with_code(0).stdout;
    for part in [
        "name: app\n",
        "namespace: shop\n",
        "key: k8s/shop/app",
        "kind: SecretStore",
        "refreshInterval: 15m0s",
        "conversionStrategy: Default",
        "secretKey: EMPTY",
    ] {
        assert!(made.contains(part), "{part}\n{made}");
    }
    let refused =
        stage.sealstrap(&["external", "generate", "app.env", "--store", "Shop/x"]).await.with_code(2);
    assert!(refused.stderr.contains("`Shop` is no kind of store"), "{}", refused.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_wrongly_is_refused_with_what_it_is() {
    let stage = Stage::start().await;
    put(&stage, "a.yaml", &DB.replace("  namespace: shop\n", ""));
    put(&stage, "b.yaml", &DB.replace("name: db\n", "name: other\n"));
    put(&stage, "none.env", "# nothing\n");
    put(&stage, "hash.env", "A=1\nPASSWORD=pw #1x\nCOLOR=#fff\n");
    put(&stage, "wrong.env", "A=ENC[AES256_GCM,data:a,iv:b,tag:c,type:str]\n");
    put(&stage, "empty.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: e}\ndata: {}\n");
    for (words, said) in [
        (&["b.yaml", "--store", "Foo_Bar"][..], "the name `Foo_Bar` of the store"),
        (&["b.yaml", "--store", "SecretStore/"], "the name `` of the store"),
        (
            &["a.yaml", "b.yaml", "--out", "out.yaml"],
            "out.yaml is the name of a file, and there are 2 to write",
        ),
        (&["none.env"], "none.env holds no value"),
        (&["hash.env"], "hash.env:2: some readers take `#` for the beginning of a comment"),
        (&["hash.env"], "hash.env:3: some readers take `#`"),
        (&["wrong.env"], "wrong.env: the value of `A` is encrypted by SOPS"),
        (&["empty.yaml"], "no Secret in empty.yaml has values"),
        (&["a.yaml", "--path", "/k8s/{name}"], "begins with a slash"),
        (&["a.yaml", "--path", "k8s/{namespace}/{name}"], "write `metadata.namespace`"),
    ] {
        let told = stage.sealstrap(&[&["external", "generate"], words].concat()).await.with_code(2);
        assert!(told.stderr.contains(said), "{said}\n{}", told.all());
        let is_lacking = said.contains("metadata.namespace");
        assert_eq!(told.stderr.contains("write `metadata.namespace`"), is_lacking, "{}", told.stderr);
    }
    assert!(!stage.folder().join("out.yaml").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_of_a_kustomization_is_that_of_the_secret_in_every_verb() {
    let stage = Stage::start().await;
    put(&stage, "q/s.yaml", &DB.replace("  namespace: shop\n", ""));
    put(&stage, "q/kustomization.yaml", "namespace: prod\nresources: [s.yaml]\n");
    let made = stage.sealstrap(&["external", "generate", "q"]).await.with_code(0).stdout;
    assert!(made.contains("namespace: prod"), "{made}");
    stage.sealstrap(&["external", "push", "q/s.yaml"]).await.with_code(0);
    let marks = stage.sandbox.vault.with_metadata("secret", "k8s/db", |all| all.clone()).unwrap();
    assert_eq!(marks["secret"], "prod/db");
    stage.sealstrap(&["external", "migrate", "q"]).await.with_code(0);
    assert!(read(&stage, "q/s.yaml").contains("namespace: prod"), "{}", read(&stage, "q/s.yaml"));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_cannot_be_is_told_at_once_and_nothing_written() {
    let stage = Stage::start().await;
    put(&stage, "in/a.yaml", DB);
    put(&stage, "in/b.yaml", DB);
    put(
        &stage,
        "in/token.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: t, namespace: x}\ntype: kubernetes.io/service-account-token\nstringData: {token: tr0ub4dor-Kx9v}\n",
    );
    let refused = stage.sealstrap(&["external", "generate", "in", "--out", "out/"]).await.with_code(2);
    for part in ["in/b.yaml:7", "`k8s/db`", "in/token.yaml:2", "service-account-token"] {
        assert!(refused.stderr.contains(part), "{part}\n{}", refused.stderr);
    }
    assert!(!refused.all().contains("tr0ub4dor"));
    assert!(!stage.folder().join("out").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_generated_is_checked_and_what_is_wrong_is_placed() {
    let stage = Stage::start().await;
    put(&stage, "db.yaml", DB);
    stage.sealstrap(&["external", "generate", "db.yaml", "--out", "k8s/db.yaml"]).await.with_code(0);
    let store = stage.sealstrap(&["external", "store"]).await.with_code(0).stdout;
    put(&stage, "k8s/store.yaml", &store);
    let told = stage.sealstrap(&["external", "check", "k8s"]).await.with_code(0);
    assert!(told.stderr.contains("2 files, 2 objects: nothing found"), "{}", told.all());
    let text = read(&stage, "k8s/db.yaml");
    put(&stage, "k8s/db.yaml", &text.replace("name: vault-backend", "name: lost").replace("1h0m0s", "soon"));
    let told = stage.sealstrap(&["external", "check", "k8s"]).await.with_code(1);
    assert!(told.stdout.contains("bad-interval") && told.stdout.contains("unknown-store"), "{}", told.stdout);
    let none = stage.sealstrap(&["external", "check", "db.yaml"]).await.with_code(2);
    assert!(none.stderr.contains("nothing was checked"), "{}", none.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_least_policy_names_each_path_once() {
    let stage = Stage::start().await;
    put(&stage, "in/a.yaml", DB);
    put(&stage, "in/b.yaml", &DB.replace("name: db\n", "name: api\n"));
    stage.sealstrap(&["external", "generate", "in", "--out", "k8s/"]).await.with_code(0);
    let policy = stage.sealstrap(&["vault", "policy", "k8s"]).await.with_code(0).stdout;
    assert_eq!(
        policy,
        "path \"secret/data/k8s/api\" { capabilities = [\"read\"] }\npath \"secret/data/k8s/db\" { capabilities = [\"read\"] }\n"
    );
    put(&stage, "policy.hcl", policy.lines().next().unwrap());
    let told = stage.sealstrap(&["external", "check", "k8s", "--policy", "policy.hcl"]).await.with_code(1);
    assert!(told.stdout.contains("not-in-policy") && told.stdout.contains("k8s/db"), "{}", told.stdout);
    stage.sandbox.vault.set_policy("mine", "path \"secret/data/k8s/*\" { capabilities = [\"read\"] }");
    let told = stage.sealstrap(&["vault", "policy", "k8s", "--check", "mine"]).await.with_code(0);
    assert_eq!(told.stdout, "+ secret/data/k8s/*\n");
    stage.sandbox.vault.set_policy("mine", "path \"secret/data/k8s/api\" { capabilities = [\"read\"] }");
    let told = stage.sealstrap(&["vault", "policy", "k8s", "--check", "mine"]).await.with_code(1);
    assert_eq!(told.stdout, "- secret/data/k8s/db\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_logs_in_as_it_is_told() {
    let stage = Stage::start().await;
    for (words, part) in [
        (&["--login", "token", "--secret", "t/k", "-n", "a"][..], "tokenSecretRef"),
        (&["--login", "kubernetes", "--role", "r", "--account", "a/b"], "serviceAccountRef"),
        (&["--login", "app-role", "--role", "r", "--secret", "t/k", "-n", "a"], "roleId: r"),
        (&["--login", "userpass", "--username", "u", "--secret", "t/k", "-n", "a"], "username: u"),
        (&["--login", "cert", "--secret", "t/c", "--key", "t/k", "-n", "a"], "clientCert"),
        (&["--login", "jwt", "--role", "r", "--account", "a/b"], "kubernetesServiceAccountToken"),
    ] {
        let made = stage.sealstrap(&[&["external", "store"], words].concat()).await.with_code(0).stdout;
        assert!(made.contains(part) && made.contains("kind: ClusterSecretStore"), "{made}");
        put(&stage, "store.yaml", &made);
        stage.sealstrap(&["external", "check", "store.yaml"]).await.with_code(0);
    }
    let refused = stage.sealstrap(&["external", "store", "--login", "kubernetes"]).await.with_code(2);
    assert!(refused.stderr.contains("the role is not known"), "{}", refused.stderr);
    let file = stage.sandbox.folder().join("sealstrap.yaml");
    let settings = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{settings}externalSecrets: {{version: \"0.19\"}}\n")).unwrap();
    let words = ["external", "store", "--login", "cert", "--secret", "t/c", "--key", "t/k", "-n", "a"];
    // That operator knows no other path than the usual one, and no field for it.
    let made = stage.sealstrap(&words).await.with_code(0).stdout;
    assert!(made.contains("clientCert") && !made.contains("path: cert"), "{made}");
    let refused = stage.sealstrap(&[&words[..], &["--at", "cert"]].concat()).await.with_code(2);
    assert!(refused.stderr.contains("came with 0.20; the operator is 0.19"), "{}", refused.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_would_be_refused_is_not_written() {
    let stage = Stage::start().await;
    put(&stage, "bad.pem", "-----BEGIN CERTIFICATE-----\nhello\n");
    put(&stage, "good.pem", include_str!("../sealing/certificates/home.pem"));
    let own = ["--kind", "SecretStore", "-n", "shop", "--login"];
    for (words, said) in [
        (
            &["kubernetes", "--role", "r", "--account", "external-secrets/es"][..],
            "namespace `external-secrets`",
        ),
        (&["userpass", "--username", "u", "--secret", "Bad_X/k"], "`Bad_X`"),
        (&["token", "--secret", "t/k", "--ca", "bad.pem"], "no certificate in PEM"),
        (
            &["cert", "--secret", "t/c", "--key", "t/k", "--operator", "0.19", "--at", "cert"],
            "came with 0.20",
        ),
    ] {
        let told = stage.sealstrap(&[&["external", "store"], &own[..], words].concat()).await.with_code(2);
        assert!(told.stderr.contains(said), "{said}\n{}", told.all());
        assert_eq!(told.stdout, "");
    }
    for (words, parts) in [
        (&["kubernetes", "--role", "r", "--account", "shop/es"][..], &["serviceAccountRef:"][..]),
        (&["token", "--secret", "t/k", "--ca", "good.pem"], &["caBundle: "]),
        (&["token", "--secret", "t/k", "--ca-secret", "ca/ca.crt"], &["caProvider:", "key: ca.crt"]),
        (
            &["token", "--secret", "t/k", "--kv", "v1", "--vault-namespace", "ours"],
            &["version: v1", "namespace: ours"],
        ),
        (&["app-role", "--role-secret", "r/id", "--secret", "t/k"], &["roleRef:", "key: id"]),
    ] {
        let made =
            stage.sealstrap(&[&["external", "store"], &own[..], words].concat()).await.with_code(0).stdout;
        assert!(parts.iter().all(|part| made.contains(part)), "{parts:?}\n{made}");
    }
}
