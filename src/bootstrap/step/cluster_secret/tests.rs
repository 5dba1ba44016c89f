//! The step, against Secrets as they may lie in a cluster.

use std::collections::BTreeMap;

use serde_json::json;

use super::{ClusterSecret, LAST_APPLIED, Look, Secret, Wanted, is_certificate};
use crate::bootstrap::Error;
use crate::bootstrap::testing::world;
use crate::plain::Plain;
use crate::report::Verb;

fn plain(text: &str) -> Plain {
    Plain::from(text.to_owned())
}

fn step(keys: &serde_json::Value) -> ClusterSecret {
    serde_json::from_value(json!({"namespace": "n", "name": "s", "labels": {"a": "b"}, "keys": keys}))
        .unwrap()
}

fn live(manager: &str) -> Secret {
    Secret {
        data: [("token", "old"), ("other", "x")].map(|(key, value)| (key.to_owned(), plain(value))).into(),
        kind: "Opaque".into(),
        labels: [("a".to_owned(), "b".to_owned())].into(),
        annotations: BTreeMap::new(),
        has_last_applied: false,
        owner: None,
        managers: ["token", "other"].map(|key| (key.to_owned(), manager.to_owned())).into(),
    }
}

/// A step whose value is the output of `echo`.
fn echo(value: &str) -> ClusterSecret {
    step(&json!({"token": {"command": ["echo", value]}}))
}

async fn looked(step: &ClusterSecret, live: Option<&Secret>) -> Result<Look, Error> {
    let wanted = step.wanted(&world(), live).await?;
    step.compare(&wanted, live)
}

#[tokio::test]
async fn a_secret_that_is_not_there_is_made_with_its_keys_named() {
    let Ok(Look::Differs(changes)) = looked(&echo("new"), None).await else { panic!("it holds") };
    assert_eq!((changes[0].verb, changes[0].details.as_slice()), (Verb::Create, &["token".to_owned()][..]));
}

#[tokio::test]
async fn an_equal_value_holds_and_another_differs() {
    assert_eq!(looked(&echo("old"), Some(&live("sealstrap"))).await.unwrap(), Look::Holds);
    let Ok(Look::Differs(changes)) = looked(&echo("new"), Some(&live("sealstrap"))).await else {
        panic!("it holds")
    };
    assert_eq!(changes[0].details, ["token"]);
}

#[tokio::test]
async fn a_variable_that_is_not_set_leaves_the_key_as_it_is() {
    let step = step(&json!({"token": {"env": "SEALSTRAP_TEST_NOT_SET"}}));
    assert_eq!(looked(&step, Some(&live("sealstrap"))).await.unwrap(), Look::Holds);
    assert!(matches!(looked(&step, None).await, Err(Error::Source(_))));
}

#[tokio::test]
async fn a_generated_value_is_made_once() {
    let step = step(&json!({"token": {"generate": {}}}));
    assert_eq!(looked(&step, Some(&live("sealstrap"))).await.unwrap(), Look::Holds);
    let wanted = step.wanted(&world(), None).await.unwrap();
    assert_eq!(wanted.later, ["token"]);
}

#[test]
fn a_place_without_a_value_is_awaited() {
    let wanted = Wanted { awaited: Some("the key".into()), ..Wanted::default() };
    let look = echo("x").compare(&wanted, None).unwrap();
    assert!(matches!(look, Look::Awaits { input, .. } if input == "the key"));
}

#[test]
fn values_left_in_an_annotation_and_labels_are_differences() {
    let mut live = live("sealstrap");
    live.has_last_applied = true;
    live.labels.clear();
    let Ok(Look::Differs(changes)) = echo("x").compare(&Wanted::default(), Some(&live)) else {
        panic!("it holds")
    };
    assert_eq!(changes[0].details, ["label `a`", LAST_APPLIED]);
}

#[test]
fn a_secret_of_a_controller_is_refused_by_its_name() {
    let mut live = live("external-secrets");
    live.owner = Some("ExternalSecret/s".into());
    let refused = echo("x").compare(&Wanted::default(), Some(&live));
    assert!(matches!(refused, Err(Error::Foreign { owner, .. }) if owner == "`ExternalSecret/s`"));
}

#[tokio::test]
async fn a_secret_that_its_sealed_file_leads_holds_until_another_value_is_wanted() {
    let mut live = live("controller");
    live.owner = Some("SealedSecret/s".into());
    live.labels.clear();
    assert_eq!(looked(&echo("old"), Some(&live)).await.unwrap(), Look::Holds);
    let refused = looked(&echo("new"), Some(&live)).await;
    assert!(matches!(refused, Err(Error::Foreign { hint, .. }) if hint.contains("its sealed file leads")));
    live.owner = Some("SealedSecret/other".into());
    assert!(matches!(looked(&echo("old"), Some(&live)).await, Err(Error::Foreign { .. })));
}

#[test]
fn another_type_is_refused_by_both_names() {
    let mut live = live("sealstrap");
    live.kind = "kubernetes.io/tls".into();
    let Err(Error::Unfit { reason, .. }) = echo("x").compare(&Wanted::default(), Some(&live)) else {
        panic!("not refused")
    };
    assert!(reason.contains("`kubernetes.io/tls`") && reason.contains("`Opaque`"));
}

#[tokio::test]
async fn keys_of_people_are_taken_over_and_keys_of_others_are_not() {
    assert!(matches!(looked(&echo("new"), Some(&live("kubectl-create"))).await, Ok(Look::Differs(_))));
    assert!(matches!(looked(&echo("new"), Some(&live("terraform"))).await, Err(Error::Foreign { .. })));
    assert!(matches!(
        looked(&echo("new"), Some(&live("external-secrets"))).await,
        Err(Error::Foreign { .. })
    ));
    assert_eq!(looked(&echo("old"), Some(&live("terraform"))).await.unwrap(), Look::Holds);
}

#[test]
fn keys_that_were_ours_before_are_applied_again() {
    let write = echo("x").write([("token".to_owned(), plain("new"))].into(), Some(live("sealstrap")));
    assert_eq!(write.data.keys().collect::<Vec<_>>(), ["other", "token"]);
    assert!(write.data["token"].same_as(&plain("new")));
    let write = echo("x").write([("token".to_owned(), plain("new"))].into(), Some(live("kubectl")));
    assert_eq!(write.data.keys().collect::<Vec<_>>(), ["token"]);
}

#[test]
fn only_certificates_pass_for_certificates() {
    let pem = "-----BEGIN CERTIFICATE-----\nMIIB+/Q=\n-----END CERTIFICATE-----";
    for (text, fits) in [
        (pem.to_owned(), true),
        (format!("Subject: CN=x\n{pem}\n{pem}\n"), true),
        (pem.replace('\n', "\r\n"), true),
        (String::new(), false),
        ("MIIB".to_owned(), false),
        (pem.replace("MIIB+/Q=\n", ""), false),
        (pem.replace("MIIB", "M!IB"), false),
        (pem.replace("-----END CERTIFICATE-----", ""), false),
        (pem.replace("CERTIFICATE", "PRIVATE KEY"), false),
    ] {
        assert_eq!(is_certificate(&plain(&text)), fits, "{text}");
    }
}
