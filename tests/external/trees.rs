//! Whole repositories: what Flux and Helm make of their files is theirs.

use super::support::Stage;
use super::{put, read};

const STORE: &str = "apiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\nmetadata: {name: vault}\nspec: {provider: {vault: {server: x, path: secret, version: v2}}}\n";

fn external_secret(name: &str, key: &str) -> String {
    format!(
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {{name: {name}}}\nspec:\n  refreshInterval: 1h0m0s\n  \
         secretStoreRef: {{kind: ClusterSecretStore, name: vault}}\n  target: {{creationPolicy: Owner, deletionPolicy: Retain}}\n  \
         data:\n  - {{secretKey: a, remoteRef: {{key: {key}, property: a}}}}\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_flux_substitutes_is_no_fault_and_no_line_of_a_policy() {
    let stage = Stage::start().await;
    put(&stage, "k8s/store.yaml", STORE);
    put(&stage, "k8s/volsync.yaml", &external_secret("'${APP}-volsync'", "'volsync/${APP}'"));
    stage.sealstrap(&["external", "check", "k8s"]).await.with_code(0);
    let policy = stage.sealstrap(&["vault", "policy", "k8s"]).await.with_code(0);
    assert_eq!(policy.stdout, "# not known before Flux substitutes it: secret/data/volsync/${APP}\n");
    assert!(policy.stderr.contains("`secret/data/volsync/${APP}`"), "{}", policy.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_of_charts_are_passed_over_and_said_to_be() {
    let stage = Stage::start().await;
    put(&stage, "k8s/store.yaml", STORE);
    put(&stage, "k8s/db.yaml", &external_secret("db", "k8s/db").replace("io/v1\n", "io/v1beta1\n"));
    put(&stage, "charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    let template =
        format!("{{{{- if .Values.secret }}}}\n{}{{{{- end }}}}\n", external_secret("web", "k8s/web"));
    put(&stage, "charts/web/templates/sub/es.yaml", &template);
    let passed =
        "charts/web/templates/sub/es.yaml: passed over, since only Helm can read a template of a chart";
    let moved = stage.sealstrap(&["external", "migrate", "charts", "k8s", "--to", "v1"]).await.with_code(0);
    assert!(moved.stderr.contains(passed), "{}", moved.stderr);
    assert!(read(&stage, "k8s/db.yaml").starts_with("apiVersion: external-secrets.io/v1\n"));
    let checked = stage.sealstrap(&["external", "check", "charts", "k8s"]).await.with_code(0);
    assert!(checked.stderr.contains(passed), "{}", checked.stderr);
    let policy = stage.sealstrap(&["vault", "policy", "charts", "k8s"]).await.with_code(0);
    assert_eq!(policy.stdout, "path \"secret/data/k8s/db\" { capabilities = [\"read\"] }\n");
    assert!(policy.stderr.contains(passed), "{}", policy.stderr);
    // The same elsewhere is a file that cannot be read.
    put(&stage, "k8s/web.yaml", &template);
    stage.sealstrap(&["external", "check", "k8s"]).await.with_code(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_keeps_files_from_v1_is_told_at_once_and_what_is_left_out_is_not_looked_at() {
    let stage = Stage::start().await;
    let old = external_secret("db", "k8s/db").replace("io/v1\n", "io/v1beta1\n");
    let template = old.replace("target: {", "target: {template: {engineVersion: v1}, ");
    for file in ["k8s/a.yaml", "k8s/old/b.yaml"] {
        put(&stage, file, &template);
    }
    put(&stage, "k8s/c.yaml", &old);
    let words = ["external", "migrate", "k8s", "--to", "v1"];
    let told = stage.sealstrap(&words).await.with_code(2).stderr;
    assert!(told.contains("k8s/a.yaml:") && told.contains("k8s/old/b.yaml:"), "{told}");
    assert_eq!(read(&stage, "k8s/c.yaml"), old);
    let out = ["--exclude", "./k8s/old", "--exclude", "k8s/a.yaml"];
    stage.sealstrap(&[&words[..], &out].concat()).await.with_code(0);
    assert_ne!(read(&stage, "k8s/c.yaml"), old);
    let told = stage.sealstrap(&[&words[..], &["--exclude", "other"]].concat()).await.with_code(2).stderr;
    assert!(told.contains("leaves out none of these files"), "{told}");
}
