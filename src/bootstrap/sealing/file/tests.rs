//! A sealed file against the Secret that it is to hold.

use std::collections::BTreeMap;
use std::path::Path;

use super::{SealedFile, Secret};
use crate::bootstrap::World;
use crate::bootstrap::testing::world_in;
use crate::plain::Plain;
use crate::seal::{Certificate, PrivateKeys, Recipient, Scope};

const CERTIFICATE: &[u8] = include_bytes!("../../../../tests/seal/certificate.pem");
const KEY: &str = include_str!("../../../../tests/seal/certificate.key");
const OTHER: &str = include_str!("../../../../tests/seal/3072.key");

fn recipient() -> Recipient {
    Certificate::from_pem(CERTIFICATE).unwrap().recipient
}

fn keys(pem: &str) -> PrivateKeys {
    let mut keys = PrivateKeys::new();
    keys.add(Path::new("key"), &Plain::from(pem.to_owned())).unwrap();
    keys
}

fn live(values: &[(&str, &str)]) -> Secret {
    let plain = |(key, value): &(&str, &str)| ((*key).to_owned(), Plain::from((*value).to_owned()));
    Secret {
        data: values.iter().map(plain).collect(),
        kind: "Opaque".into(),
        labels: [("of".to_owned(), "ours".to_owned())].into(),
        annotations: BTreeMap::new(),
        has_last_applied: false,
        owner: None,
        managers: BTreeMap::new(),
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn read(world: &World) -> SealedFile {
    SealedFile::read(world, Path::new("sealed/a.yaml"), "n", "s").unwrap()
}

/// Makes the file hold these keys of the Secret, and says what had to be written.
fn bring(world: &World, secret: &Secret, wanted: &[&str]) -> Vec<String> {
    let mut file = read(world);
    let differences = file.differences(secret, &names(wanted), &keys(KEY), None);
    if differences.any() {
        file.write(secret, &differences, &recipient(), Scope::Strict).unwrap();
        assert!(!file.differences(secret, &names(wanted), &keys(KEY), None).any());
    }
    differences.details()
}

fn text(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("sealed/a.yaml")).unwrap()
}

#[test]
fn a_new_file_is_made_with_its_folder_and_then_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let world = world_in(folder.path());
    let secret = live(&[("a", "1"), ("b", "2"), ("c", "3")]);
    assert_eq!(bring(&world, &secret, &["a", "b"]), ["a", "b"]);
    let made = text(folder.path());
    assert!(made.contains("of: ours") && made.contains("type: Opaque") && !made.contains("c: Ag"), "{made}");
    assert!(bring(&world, &secret, &["a", "b"]).is_empty());
    assert_eq!(text(folder.path()), made);
}

#[test]
fn only_what_differs_is_sealed_anew_and_comments_and_other_items_stay() {
    let folder = tempfile::tempdir().unwrap();
    let world = world_in(folder.path());
    bring(&world, &live(&[("a", "1"), ("b", "2")]), &["a", "b"]);
    let before = format!(
        "# kept\n{}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\n",
        text(folder.path())
    );
    std::fs::write(folder.path().join("sealed/a.yaml"), &before).unwrap();
    let mut secret = live(&[("a", "1"), ("b", "new")]);
    assert_eq!(bring(&world, &secret, &["a", "b"]), ["b: the Secret has another value"]);
    let after = text(folder.path());
    let differing: Vec<_> = before.lines().zip(after.lines()).filter(|(old, new)| old != new).collect();
    assert_eq!(differing.len(), 1, "{after}");
    secret.labels = [("of".to_owned(), "others".to_owned()), ("more".to_owned(), "1".to_owned())].into();
    assert_eq!(bring(&world, &secret, &["a", "b"]), ["labels"]);
    assert!(text(folder.path()).starts_with("# kept\n"));
    assert!(text(folder.path()).ends_with("metadata: {name: c}\n"));
}

#[test]
fn a_file_of_others_gets_one_more_document() {
    let folder = tempfile::tempdir().unwrap();
    let world = world_in(folder.path());
    std::fs::create_dir(folder.path().join("sealed")).unwrap();
    let others = "# theirs\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n";
    std::fs::write(folder.path().join("sealed/a.yaml"), others).unwrap();
    bring(&world, &live(&[("a", "1")]), &["a"]);
    let after = text(folder.path());
    assert!(after.starts_with(others) && after.contains("kind: SealedSecret"), "{after}");
}

#[test]
fn what_no_key_opens_is_sealed_anew() {
    let folder = tempfile::tempdir().unwrap();
    let world = world_in(folder.path());
    let secret = live(&[("a", "1")]);
    bring(&world, &secret, &["a"]);
    let differences = read(&world).differences(&secret, &names(&["a"]), &keys(OTHER), None);
    assert_eq!(differences.details(), ["a: no key of the controller opens it"]);
}

#[test]
fn once_handed_over_the_file_leads() {
    let folder = tempfile::tempdir().unwrap();
    let world = world_in(folder.path());
    bring(&world, &live(&[("a", "new")]), &["a"]);
    let mut secret = live(&[("a", "old")]);
    secret.labels.clear();
    let older = tempfile::tempdir().unwrap();
    bring(&world_in(older.path()), &live(&[("a", "old")]), &["a"]);
    let applied = read(&world_in(older.path())).found.unwrap().sealed;
    let differences = read(&world).differences(&secret, &names(&["a"]), &keys(KEY), Some(&applied));
    assert!(!differences.any());
    assert_eq!(differences.ahead, ["a"]);
}

#[test]
fn what_sealstrap_wrote_since_the_hand_over_is_sealed_anew_and_what_others_wrote_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let world = world_in(folder.path());
    bring(&world, &live(&[("a", "old")]), &["a"]);
    let applied = read(&world).found.unwrap().sealed;
    let mut secret = live(&[("a", "new")]);
    for (manager, ours) in [("controller, sealstrap", true), ("sealstrap", true), ("kubectl-edit", false)] {
        secret.managers.insert("a".into(), manager.into());
        let differences = read(&world).differences(&secret, &names(&["a"]), &keys(KEY), Some(&applied));
        assert_eq!(differences.any(), ours, "{manager}");
    }
}

#[test]
fn a_file_that_somebody_else_changed_meanwhile_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let world = world_in(folder.path());
    bring(&world, &live(&[("a", "1")]), &["a"]);
    let mut file = read(&world);
    let theirs = format!("{}# theirs\n", text(folder.path()));
    std::fs::write(folder.path().join("sealed/a.yaml"), &theirs).unwrap();
    let secret = live(&[("a", "2")]);
    let differences = file.differences(&secret, &names(&["a"]), &keys(KEY), None);
    let error = file.write(&secret, &differences, &recipient(), Scope::Strict).unwrap_err();
    assert_eq!(error.to_string(), "cannot write sealed/a.yaml");
    assert_eq!(text(folder.path()), theirs);
}
