//! What is refused, with everything as it was.

use crate::repository::{CHART, Repository};

#[track_caller]
fn refused(repository: &Repository, words: &[&str], says: &[&str]) {
    let before = repository.everything();
    let mut ended = repository.new_app(words).with_code(2);
    for said in says {
        ended = ended.says(said);
    }
    assert_eq!(repository.everything(), before);
}

#[test]
fn what_says_something_else_is_named_by_its_fields_and_never_by_its_values() {
    let repository = Repository::plain();
    repository.new_app(&[&["a"][..], &CHART].concat()).with_code(0);
    let release = "k8s/apps/a/a/app/helmrelease.yaml";
    repository.write(release, &repository.read(release).replace("6.9.0", "canary-1f2e"));
    let words = ["a", "--repo", "podinfo", "--version", "7.0.0", "--secret", "x"];
    refused(&repository, &words, &["helmrelease.yaml says something else in `spec.chart.spec.version`"]);
    let ended = repository.new_app(&words);
    assert!(!format!("{ended:?}").contains("canary"), "{ended:?}");
    repository.write("k8s/apps/a/a/ks.yaml", "kind: Deployment\n");
    refused(&repository, &words, &["2 files are there", "1. k8s/apps/a/a/ks.yaml holds something else"]);
}

#[test]
fn manifests_without_a_kustomization_would_fall_out_of_what_flux_applies() {
    let repository = Repository::homelab();
    let words = [&["web", "-n", "media"][..], &CHART].concat();
    refused(
        &repository,
        &words,
        &["k8s/apps/media holds manifests and no kustomization.yaml", "kustomize create"],
    );
}

#[test]
fn a_kustomization_of_another_namespace_is_refused() {
    let repository = Repository::plain();
    repository.write("k8s/apps/shop/kustomization.yaml", "namespace: web\nresources: []\n");
    refused(
        &repository,
        &[&["a", "-n", "shop"][..], &CHART].concat(),
        &["into the namespace `web`, not `shop`"],
    );
}

/// The `mkdir` of the reference makes one.
#[test]
fn a_folder_in_the_place_of_a_file_is_named() {
    let repository = Repository::plain();
    std::fs::create_dir_all(repository.at("k8s/apps/a/a/ks.yaml")).unwrap();
    refused(&repository, &[&["a"][..], &CHART].concat(), &["is a folder", "rmdir k8s/apps/a/a/ks.yaml"]);
}

#[test]
fn words_that_cannot_be_are_refused_before_anything_is_read_of_them() {
    let repository = Repository::plain();
    let with = |words: &[&'static str]| [words, &CHART].concat();
    refused(&repository, &with(&["My_App"]), &["`My_App` is not a DNS label", "for example `my-app`"]);
    refused(&repository, &with(&["../a"]), &["is not a DNS label"]);
    refused(&repository, &with(&["a", "-n", "a.b"]), &["the namespace: `a.b` is not"]);
    refused(&repository, &with(&["a", "--secret", "a b"]), &["`a b` cannot be a key"]);
    refused(
        &repository,
        &with(&["a", "--secret", "a", "--store", "Vault/x"]),
        &["`Vault` is no kind of store"],
    );
    refused(&repository, &with(&["a", "--apps", "../elsewhere"]), &["is outside of the repository"]);
    let long = "a".repeat(54);
    refused(&repository, &[&[&*long][..], &CHART].concat(), &["has 54 characters"]);
    refused(&repository, &["a", "--repo", "r", "--version", ""], &["the version: `` is none"]);
    refused(&repository, &["a", "--oci", "oci://ghcr.io/a/b:1", "--version", "1"], &["without a tag"]);
    refused(&repository, &["a", "--version", "1"], &["--repo"]);
    refused(&repository, &["a", "--repo", "r"], &["--version"]);
    refused(&repository, &with(&["a", "--store", "x"]), &["--secret"]);
}

#[test]
fn a_folder_of_applications_is_not_guessed_where_there_is_none() {
    let repository = Repository::empty();
    let words = [&["a"][..], &CHART].concat();
    refused(
        &repository,
        &words,
        &["neither k8s/flux/cluster/apps nor k8s/flux/apps nor k8s/apps", "`--apps`"],
    );
    repository.new_app(&[&words[..], &["--apps", "clusters/home/apps"]].concat()).with_code(0);
    let path = &repository.document("clusters/home/apps/a/a/ks.yaml")["spec"]["path"];
    assert_eq!(path, "./clusters/home/apps/a/a/app");
}

#[test]
fn a_list_that_cannot_be_edited_is_refused_with_its_place() {
    let repository = Repository::plain();
    repository.write("k8s/apps/a/kustomization.yaml", "resources: {{ template }}\n");
    refused(&repository, &[&["a"][..], &CHART].concat(), &["k8s/apps/a/kustomization.yaml"]);
}

/// Of the lines around a change, what is secret is not shown.
#[test]
fn a_plan_does_not_show_secrets_of_the_list() {
    let repository = Repository::plain();
    let text = "namespace: a\nsecretGenerator:\n  - name: db\n    literals: [password=canary-9d8c7b6a]\nresources:\n  - ./b/ks.yaml\n";
    repository.write("k8s/apps/a/kustomization.yaml", text);
    let plan = repository.new_app(&[&["a"][..], &CHART, &["--plan"]].concat()).with_code(0);
    assert!(plan.stdout.contains("./a/ks.yaml") && !plan.stdout.contains("canary"), "{}", plan.stdout);
}
