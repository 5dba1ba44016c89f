//! What is made where nothing is there yet.

use serde_json::json;

use crate::repository::{CHART, Repository};

/// The documents of the reference, for an application of these names.
#[test]
fn an_application_is_made_as_the_reference_writes_it() {
    let repository = Repository::plain();
    let words = ["my-app", "--namespace", "my-namespace", "--chart", "my-chart", "--repo", "my-repo"];
    let words = [&words[..], &["--version", "1.0.0", "--secret", "username,password"]].concat();
    repository.new_app(&words).with_code(0).says("no HelmRepository `my-repo`").says("secret/k8s/my-app");
    let own = "k8s/apps/my-namespace/my-app";
    assert_eq!(
        repository.document(&format!("{own}/ks.yaml")),
        json!({
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
            "metadata": {"name": "my-app", "namespace": "my-namespace"},
            "spec": {
                "interval": "1h", "path": "./k8s/apps/my-namespace/my-app/app", "prune": true,
                "sourceRef": {"kind": "GitRepository", "name": "flux-system", "namespace": "flux-system"},
                "targetNamespace": "my-namespace", "timeout": "5m",
                "healthChecks": [{
                    "apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease",
                    "name": "my-app", "namespace": "my-namespace",
                }],
            },
        })
    );
    assert_eq!(
        repository.document(&format!("{own}/app/helmrelease.yaml")),
        json!({
            "apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": "my-app"},
            "spec": {
                "interval": "1h", "values": {},
                "chart": {"spec": {
                    "chart": "my-chart", "version": "1.0.0",
                    "sourceRef": {"kind": "HelmRepository", "name": "my-repo", "namespace": "flux-system"},
                }},
            },
        })
    );
    it_is_listed(&repository);
}

fn it_is_listed(repository: &Repository) {
    assert_eq!(
        repository.read("k8s/apps/my-namespace/kustomization.yaml"),
        "---\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: my-namespace\n\
         components:\n  - ../../components/common\nresources:\n  - ./namespace.yaml\n  - ./my-app/ks.yaml\n"
    );
    assert_eq!(
        repository.document("k8s/apps/my-namespace/namespace.yaml")["metadata"]["name"],
        "my-namespace"
    );
    let listed = repository.document("k8s/apps/my-namespace/my-app/app/kustomization.yaml");
    assert_eq!(listed["resources"], json!(["./externalsecret.yaml", "./helmrelease.yaml"]));
}

/// All that the API server or the operator of any version would fill in stands in the file.
#[test]
fn an_external_secret_says_its_defaults() {
    let repository = Repository::plain();
    repository.new_app(&[&["a"][..], &CHART, &["--secret", "k", "--secret", "k"]].concat()).with_code(0);
    assert_eq!(
        repository.document("k8s/apps/a/a/app/externalsecret.yaml"),
        json!({
            "apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "metadata": {"name": "a-secret"},
            "spec": {
                "refreshInterval": "1h0m0s",
                "secretStoreRef": {"kind": "ClusterSecretStore", "name": "vault-backend"},
                "target": {"name": "a-secret", "creationPolicy": "Owner", "deletionPolicy": "Retain"},
                "data": [{
                    "secretKey": "k",
                    "remoteRef": {
                        "key": "k8s/a", "property": "k", "conversionStrategy": "Default",
                        "decodingStrategy": "None", "metadataPolicy": "None",
                    },
                }],
            },
        })
    );
}

#[test]
fn an_external_secret_is_as_the_settings_say() {
    let repository = Repository::plain();
    let said = |said: &str| {
        let settings = "cluster: {name: home}\ngit: {repository: example/homelab}\n";
        repository.write("sealstrap.yaml", &format!("{settings}externalSecrets: {said}\n"));
    };
    said("{version: '2.5', path: '{prefix}/{namespace}/{name}', refreshInterval: 15m, store: {name: mine}}");
    repository.new_app(&[&["a", "-n", "b"][..], &CHART, &["--secret", "k"]].concat()).with_code(0);
    let made = repository.document("k8s/apps/b/a/app/externalsecret.yaml");
    assert_eq!(
        (&made["spec"]["refreshInterval"], &made["spec"]["secretStoreRef"]["name"]),
        (&json!("15m0s"), &json!("mine"))
    );
    assert_eq!(
        made["spec"]["data"][0]["remoteRef"],
        json!({
            "key": "k8s/b/a", "property": "k", "conversionStrategy": "Default", "decodingStrategy": "None",
            "metadataPolicy": "None", "nullBytePolicy": "Ignore",
        })
    );
    said("{version: '2.9'}");
    repository.new_app(&[&["c", "-n", "b"][..], &CHART, &["--secret", "k"]].concat()).with_code(0);
    let made = repository.document("k8s/apps/b/c/app/externalsecret.yaml");
    assert_eq!(made["spec"]["data"][0]["remoteRef"], json!({"key": "k8s/c", "property": "k"}));
    for (wrong, words) in [
        ("{version: '1'}", "is no version of External Secrets"),
        ("{path: '{cluster}'}", "stands for nothing"),
        ("{path: 'secret/{name}'}", "begins with the mount"),
        ("{refreshInterval: soon}", "is no duration"),
    ] {
        said(wrong);
        repository.new_app(&[&["d"][..], &CHART, &["--secret", "k"]].concat()).with_code(2).says(words);
    }
}

/// The namespace is said by the Kustomization of Flux alone.
#[test]
fn one_application_in_two_namespaces_has_two_secrets() {
    let repository = Repository::plain();
    let store = "apiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\nmetadata: {name: vault-backend}\nspec:\n  \
                 conditions: [{namespaces: [a]}]\n  provider: {vault: {server: x, path: secret, version: v2}}\n";
    repository.write("k8s/store.yaml", store);
    for namespace in ["a", "b"] {
        repository
            .new_app(&[&["redis", "-n", namespace][..], &CHART, &["--secret", "password"]].concat())
            .with_code(0);
    }
    let told = repository.run_in("", &["external", "check", "k8s", "--json"]).with_code(1).stdout.clone();
    assert!(!told.contains("same-target"), "{told}");
    let denied: Vec<&str> = told.lines().filter(|line| line.contains("store-denies")).collect();
    assert!(denied.len() == 1 && denied[0].contains("k8s/apps/b/redis/app/externalsecret.yaml"), "{told}");
}

#[test]
fn an_artifact_has_a_source_of_its_own_and_a_name_that_yaml_takes_for_something_else_stays_one() {
    let repository = Repository::plain();
    let words = ["on", "-n", "123", "--oci", "oci://ghcr.io/example/charts/web", "--version", "1.10"];
    repository.new_app(&words).with_code(0);
    let own = "k8s/apps/123/on";
    let release = repository.document(&format!("{own}/app/helmrelease.yaml"));
    assert_eq!(release["metadata"]["name"], "on");
    assert_eq!(release["spec"]["chartRef"], json!({"kind": "OCIRepository", "name": "on"}));
    let source = repository.document(&format!("{own}/app/ocirepository.yaml"));
    assert_eq!(source["spec"]["url"], "oci://ghcr.io/example/charts/web");
    assert_eq!(source["spec"]["ref"]["tag"], "1.10");
    assert_eq!(repository.document(&format!("{own}/ks.yaml"))["spec"]["targetNamespace"], "123");
    let listed = repository.document(&format!("{own}/app/kustomization.yaml"));
    assert_eq!(listed["resources"], json!(["./helmrelease.yaml", "./ocirepository.yaml"]));
}

#[test]
fn without_settings_the_repository_shows_store_prefix_and_source() {
    let repository = Repository::homelab();
    // The root is that of the Git repository, wherever the command is typed.
    std::fs::create_dir(repository.at(".git")).unwrap();
    let ended = repository.new_app_in("k8s/flux", &[&["web"][..], &CHART, &["--secret", "token"]].concat());
    ended.with_code(0).says("applications are in k8s/apps").says("there is no sealstrap.yaml");
    let secret = repository.document("k8s/apps/web/web/app/externalsecret.yaml");
    assert_eq!(secret["spec"]["secretStoreRef"], json!({"kind": "ClusterSecretStore", "name": "lab-vault"}));
    assert_eq!(secret["spec"]["data"][0]["remoteRef"]["key"], "core/web");
}

#[test]
fn what_flux_applies_all_applications_from_is_their_source() {
    let repository = Repository::plain();
    repository.write(
        "k8s/flux/cluster/apps.yaml",
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux}\n\
         spec: {path: ./k8s/apps, sourceRef: {kind: GitRepository, name: lab}}\n",
    );
    repository.new_app(&[&["a"][..], &CHART].concat()).with_code(0);
    let source = &repository.document("k8s/apps/a/a/ks.yaml")["spec"]["sourceRef"];
    assert_eq!(*source, json!({"kind": "GitRepository", "name": "lab", "namespace": "flux"}));
}

#[test]
fn a_namespace_is_made_only_where_nothing_else_makes_it() {
    let made = |repository: &Repository, namespace: &str| {
        repository.new_app(&[&["a", "-n", namespace][..], &CHART].concat()).with_code(0);
        repository.at(&format!("k8s/apps/{namespace}/namespace.yaml")).exists()
    };
    let repository = Repository::plain();
    repository.write("k8s/core/ns.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n");
    assert!(made(&repository, "other"));
    assert!(!made(&repository, "shop"), "a manifest makes it");
    assert!(!made(&repository, "network"), "a bootstrap makes it");
    assert!(!made(&repository, "kube-system"), "it is there in every cluster");
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: not-used}\n";
    repository.write("k8s/components/common/namespace.yaml", namespace);
    assert!(!made(&repository, "third"), "the component makes it");
}

#[test]
fn the_repository_of_a_chart_is_looked_up() {
    let repository = Repository::plain();
    let source = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: lab, namespace: charts}\n";
    repository.write("k8s/flux/repos/lab.yaml", source);
    let namespace = |app: &str, repo: &str| {
        let ended = repository.new_app(&[app, "--repo", repo, "--version", "1"]).with_code(0);
        assert!(!ended.stderr.contains("warning"), "{}", ended.stderr);
        let release = repository.document(&format!("k8s/apps/{app}/{app}/app/helmrelease.yaml"));
        release["spec"]["chart"]["spec"]["sourceRef"]["namespace"].as_str().unwrap().to_owned()
    };
    assert_eq!(namespace("a", "lab"), "charts");
    assert_eq!(namespace("b", "podinfo"), "b", "the component puts it into each namespace");
    assert_eq!(namespace("c", "podinfo/b"), "b");
    repository.write("k8s/apps/d/kustomization.yaml", "namespace: d\nresources: []\n");
    assert_eq!(namespace("d", "podinfo"), "flux-system", "this one does not have the component");
    let flux = "components:\n  - ../../components/common\nresources: []\n";
    repository.write("k8s/apps/flux-system/kustomization.yaml", flux);
    assert_eq!(namespace("e", "podinfo"), "flux-system", "where Flux has it, it is that one");
}

#[test]
fn a_plan_shows_all_and_writes_nothing() {
    let repository = Repository::plain();
    let before = repository.everything();
    let plan = repository.new_app(&[&["a"][..], &CHART, &["--plan"]].concat()).with_code(0);
    assert_eq!(repository.everything(), before);
    assert!(plan.stdout.contains("+++ b/k8s/apps/a/a/ks.yaml\n@@ -0,0 +1,"), "{}", plan.stdout);
    assert!(plan.stderr.contains("5 files would be written"), "{}", plan.stderr);
    let told = repository.new_app(&[&["a"][..], &CHART, &["--json"]].concat()).with_code(0);
    let events: Vec<serde_json::Value> =
        told.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let files: Vec<&str> = events.iter().filter_map(|event| event["file"].as_str()).collect();
    assert_eq!(
        files,
        [
            "k8s/apps/a/a/ks.yaml",
            "k8s/apps/a/a/app/helmrelease.yaml",
            "k8s/apps/a/a/app/kustomization.yaml",
            "k8s/apps/a/namespace.yaml",
            "k8s/apps/a/kustomization.yaml",
        ]
    );
    assert!(
        events.iter().all(|event| event["event"] == "appFile" && event["outcome"] == "changed"),
        "{events:?}"
    );
}
