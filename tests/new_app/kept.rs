//! What is there stays as it is.

use crate::repository::{CHART, Repository};

#[test]
fn a_second_run_writes_nothing() {
    let repository = Repository::plain();
    let words = [&["a"][..], &CHART, &["--secret", "x,y"]].concat();
    repository.new_app(&words).with_code(0);
    let before = repository.everything();
    repository.new_app(&words).with_code(0).says("already so: 5 files; nothing was written");
    repository.new_app(&[&words[..], &["--plan"]].concat()).with_code(0).says("already so");
    assert_eq!(repository.everything(), before);
}

/// Values, a comment, a dependency, another order: none of it contradicts what is asked for.
#[test]
fn a_file_that_was_worked_on_is_left_as_it_is() {
    let repository = Repository::plain();
    let words = [&["a"][..], &CHART].concat();
    repository.new_app(&words).with_code(0);
    let release = "k8s/apps/a/a/app/helmrelease.yaml";
    let text = repository.read(release).replace("values: {}", "values:\n    replicas: 2 # for now");
    repository.write(release, &format!("# the best of all\n{text}"));
    let ks = "k8s/apps/a/a/ks.yaml";
    repository.write(ks, &format!("{}  dependsOn:\n    - name: b\n", repository.read(ks)));
    let before = repository.everything();
    repository.new_app(&words).with_code(0).says("already so");
    assert_eq!(repository.everything(), before);
}

#[test]
fn an_application_is_added_to_a_namespace_and_all_else_stays() {
    let repository = Repository::plain();
    let kustomization = "k8s/apps/shop/kustomization.yaml";
    let text = "# The shop\nkind: Kustomization\nnamespace: shop # ours\nresources:\n  - ./api/ks.yaml\n  \
                # of the old one\n  - ./web/ks.yaml\n";
    repository.write(kustomization, text);
    repository.new_app(&[&["db", "-n", "shop"][..], &CHART].concat()).with_code(0).says("added it to");
    let wanted = text.replace("  # of the old one", "  - ./db/ks.yaml\n  # of the old one");
    assert_eq!(repository.read(kustomization), wanted);
    repository.new_app(&[&["zoo", "-n", "shop"][..], &CHART].concat()).with_code(0);
    assert_eq!(repository.read(kustomization), format!("{wanted}  - ./zoo/ks.yaml\n"));
    assert!(!repository.at("k8s/apps/shop/namespace.yaml").exists());
}

/// The list of the fixture is in flow style and without `./`.
#[test]
fn an_entry_is_written_as_its_neighbours_are() {
    let repository = Repository::homelab();
    repository.new_app(&[&["trust", "-n", "cert-manager"][..], &CHART].concat()).with_code(0);
    let text = repository.read("k8s/apps/cert-manager/kustomization.yaml");
    assert!(text.contains("resources: [cert-manager/ks.yaml, trust/ks.yaml]"), "{text}");
}

#[test]
fn a_list_of_all_namespaces_is_added_to() {
    let repository = Repository::plain();
    repository.write("k8s/apps/kustomization.yaml", "resources:\n  - ./shop # first\n");
    repository.new_app(&[&["a"][..], &CHART].concat()).with_code(0);
    assert_eq!(repository.read("k8s/apps/kustomization.yaml"), "resources:\n  - ./shop # first\n  - ./a\n");
}

#[test]
fn a_secret_comes_to_an_application_that_is_there() {
    let repository = Repository::plain();
    let words = [&["a"][..], &CHART].concat();
    repository.new_app(&words).with_code(0);
    repository.new_app(&[&words[..], &["--secret", "x"]].concat()).with_code(0);
    let listed = repository.document("k8s/apps/a/a/app/kustomization.yaml");
    let wanted = serde_json::json!(["./helmrelease.yaml", "./externalsecret.yaml"]);
    assert_eq!(listed["resources"], wanted);
}

/// What a run leaves that was killed between two files: the next one makes the rest.
#[test]
fn a_run_that_was_killed_anywhere_is_completed_by_the_next() {
    let whole = Repository::plain();
    let words = [&["a"][..], &CHART, &["--secret", "x"]].concat();
    whole.new_app(&words).with_code(0);
    let strip = |repository: &Repository| {
        let all = repository.everything();
        let root = repository.at("");
        all.into_iter()
            .map(|(path, bytes)| (path.strip_prefix(&root).unwrap().to_owned(), bytes))
            .collect::<Vec<_>>()
    };
    let files =
        ["a/ks.yaml", "a/app/externalsecret.yaml", "a/app/helmrelease.yaml", "a/app/kustomization.yaml"];
    let files = [&files[..], &["namespace.yaml", "kustomization.yaml"]].concat();
    for written in 0..1_u32 << files.len() {
        let repository = Repository::plain();
        for (_, file) in files.iter().enumerate().filter(|(bit, _)| written & 1 << bit != 0) {
            let path = format!("k8s/apps/a/{file}");
            repository.write(&path, &whole.read(&path));
        }
        repository.new_app(&words).with_code(0);
        assert_eq!(strip(&repository), strip(&whole), "{written:b}");
    }
}
