//! `external migrate --to sealed`: the values are those that the operator reads.

use serde_json::json;

use super::support::{Ended, Stage};
use super::{put, read};

const CERTIFICATE: &str = include_str!("../sealing/certificates/home.pem");
const KEY: &str = include_str!("../seal/certificate.key");

/// An ExternalSecret of a store, with these lines behind its head.
fn of_store(store: &str, lines: &str) -> String {
    format!(
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {{name: db, namespace: shop}}\nspec:\n  secretStoreRef: {{kind: ClusterSecretStore, name: {store}}}\n{lines}"
    )
}

fn entry(key: &str) -> String {
    format!("  data:\n  - {{secretKey: password, remoteRef: {{key: {key}, property: password}}}}\n")
}

/// A stage with a mount of a team beside the usual one, other values at the same path, and the store of that mount.
async fn with_two_mounts() -> Stage {
    let stage = Stage::start().await;
    put(&stage, "home.pem", CERTIFICATE);
    put(&stage, "home.key", KEY);
    stage.sandbox.vault.mount("team-kv", 2);
    stage.sandbox.vault.set_kv("secret", "shop/db", &json!({"password": "of-the-others"}));
    stage.sandbox.vault.set_kv("team-kv", "shop/db", &json!({"password": "of-the-team"}));
    let store = ["external", "store", "--name", "team", "--mount", "team-kv"];
    let store = stage.sealstrap(&store).await.with_code(0).stdout;
    put(&stage, "k8s/store.yaml", &store);
    stage
}

async fn migrate(stage: &Stage, more: &[&str]) -> Ended {
    let words = ["external", "migrate", "k8s", "--to", "sealed", "--cert", "home.pem"];
    stage.sealstrap(&[&words[..], more].concat()).await
}

/// What a file in `k8s` holds once it is sealed, in base64.
async fn unsealed(stage: &Stage) -> String {
    let words = ["unseal", "k8s/db.yaml", "--private-key", "home.key"];
    stage.sealstrap(&words).await.with_code(0).stdout
}

const OF_THE_TEAM: &str = "password: b2YtdGhlLXRlYW0=";
const OF_THE_OTHERS: &str = "password: b2YtdGhlLW90aGVycw==";

#[tokio::test(flavor = "multi_thread")]
async fn the_mount_is_that_of_the_store_and_keys_are_read_as_the_operator_reads_them() {
    let stage = with_two_mounts().await;
    for key in ["shop/db", "team-kv/shop/db", "team-kv/data/shop/db", "/shop/db"] {
        put(&stage, "k8s/db.yaml", &of_store("team", &entry(key)));
        migrate(&stage, &[]).await.with_code(0);
        let values = unsealed(&stage).await;
        assert!(values.contains(OF_THE_TEAM), "{key}\n{values}");
    }
    for key in ["shop/db", "secret/data/shop/db"] {
        put(&stage, "k8s/db.yaml", &of_store("vault-backend", &entry(key)));
        migrate(&stage, &[]).await.with_code(0);
        let values = unsealed(&stage).await;
        assert!(values.contains(OF_THE_OTHERS), "{key}\n{values}");
    }
    stage.sandbox.vault.mount("old", 1);
    stage.sandbox.vault.set_kv("old", "shop/db", &json!({"password": "of-the-team"}));
    let store = read(&stage, "k8s/store.yaml");
    let store = store.replace("path: team-kv", "path: old").replace("version: v2", "version: v1");
    put(&stage, "k8s/store.yaml", &store);
    put(&stage, "k8s/db.yaml", &of_store("team", &entry("shop/db")));
    migrate(&stage, &[]).await.with_code(0);
    assert!(unsealed(&stage).await.contains(OF_THE_TEAM));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_reads_elsewhere_or_is_nowhere_is_refused() {
    let stage = with_two_mounts().await;
    let store = read(&stage, "k8s/store.yaml");
    let server = store.lines().find(|line| line.contains("server: ")).unwrap();
    let (of_team, lost) = (of_store("team", &entry("shop/db")), of_store("lost", &entry("shop/db")));
    let twice = format!("{store}---\n{}", store.replace("path: team-kv", "path: other"));
    let rows = [
        (&store, &lost, &[][..], "`lost` is in none of these files, and not that of the settings"),
        (&store, &of_team, &["--mount", "secret"], "reads from the mount `team-kv`, and `secret` was typed"),
        (
            &store.replace(server, "      server: https://other:8200"),
            &of_team,
            &[],
            "is of the Vault at https://other:8200",
        ),
        (
            &store.replace(server, &format!("{server}\n      namespace: ours")),
            &of_team,
            &[],
            "in the namespace `ours`",
        ),
        (&twice, &of_team, &[], "stands twice in these files and reads from different mounts"),
        (&store.replace("vault:", "fake:"), &of_team, &[], "reads from neither Vault nor OpenBao"),
        (&format!("{store}  a: *none\n"), &of_team, &[], "may be in a file that cannot be read"),
        (&store, &of_team.replace("  secretStoreRef", "  other"), &[], "names no store to read from"),
    ];
    for (store, external, more, said) in rows {
        put(&stage, "k8s/store.yaml", store);
        put(&stage, "k8s/db.yaml", external);
        let told = migrate(&stage, more).await.with_code(2);
        assert!(told.stderr.contains(said) && told.stderr.contains("k8s/db.yaml:"), "{said}\n{}", told.all());
        assert_eq!(&read(&stage, "k8s/db.yaml"), external);
    }
    put(&stage, "k8s/store.yaml", "a: b\n");
    put(&stage, "k8s/db.yaml", &lost);
    migrate(&stage, &["--store", "lost", "--mount", "team-kv"]).await.with_code(0);
    assert!(unsealed(&stage).await.contains(OF_THE_TEAM));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_the_operator_changes_has_no_exact_secret() {
    let stage = with_two_mounts().await;
    stage.sandbox.vault.set_kv(
        "team-kv",
        "shop/db",
        &json!({"port": 5432, "id": 12_345_678_901_234_567_890_u64}),
    );
    let whole = of_store("team", "  dataFrom:\n  - extract: {key: shop/db}\n");
    put(&stage, "k8s/db.yaml", &whole);
    let told = migrate(&stage, &[]).await.with_code(2);
    assert!(told.stderr.contains("`id` at `team-kv/shop/db` holds a number"), "{}", told.all());
    assert_eq!(read(&stage, "k8s/db.yaml"), whole);
    let one = entry("shop/db").replace("property: password", "property: id");
    put(&stage, "k8s/db.yaml", &of_store("team", &one));
    migrate(&stage, &[]).await.with_code(0);
    assert!(unsealed(&stage).await.contains("password: MTIzNDU2Nzg5MDEyMzQ1Njc4OTA="));
    stage.sandbox.vault.set_kv("team-kv", "shop/db", &json!({"port": 5432}));
    put(&stage, "k8s/db.yaml", &whole);
    migrate(&stage, &[]).await.with_code(0);
    assert!(unsealed(&stage).await.contains("port: NTQzMg=="));
}
