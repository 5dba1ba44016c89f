//! The lock.

use std::sync::Arc;
use std::time::Duration;

use sealstrap::remote::Cause;
use sealstrap::remote::cluster::Lease;
use serde_json::json;

use super::{JSON, Side, Statement, in_default, sentences};

const LEASES: &str = "/apis/coordination.k8s.io/v1/namespaces/default/leases";

pub(super) fn statements() -> Vec<Statement<Side>> {
    sentences![
        "A Lease is held by one at a time" => held_by_one,
        "A Lease of a dead process of this machine is taken over" => a_dead_holder,
        "A Lease with a negative length, or a time of the wrong form, is refused" => a_wrong_lease,
    ]
}

async fn held_by_one(side: Arc<Side>) {
    let cluster = &side.admin;
    let minute = Duration::from_secs(60);
    let take = |holder: &'static str| cluster.take_lease("default", "seal-lock", holder, minute);
    assert_eq!(take("a/1/x").await.unwrap(), Lease::Taken);
    assert_eq!(take("a/1/x").await.unwrap(), Lease::Taken);
    let Lease::HeldBy { holder, left } = take("b/1/y").await.unwrap() else { panic!("it is held") };
    assert!(holder == "a/1/x" && left <= minute);
    cluster.renew_lease("default", "seal-lock", "a/1/x").await.unwrap();
    side.read(&format!("{LEASES}/seal-lock")).await;
    let error = cluster.renew_lease("default", "seal-lock", "b/1/y").await.unwrap_err();
    assert_eq!(error.cause, Cause::Conflict("it is held by a/1/x".into()));
    cluster.release_lease("default", "seal-lock", "b/1/y").await.unwrap();
    assert!(matches!(take("b/1/y").await.unwrap(), Lease::HeldBy { .. }), "only the holder can give it back");
    cluster.release_lease("default", "seal-lock", "a/1/x").await.unwrap();
    assert_eq!(take("b/1/y").await.unwrap(), Lease::Taken);
    cluster.delete(&in_default("coordination.k8s.io/v1", "Lease", "seal-lock")).await.unwrap();
}

async fn a_dead_holder(side: Arc<Side>) {
    // No process has this number: it is above the kernel's limit of 2^22.
    let (dead, ours) = ("here/99999999/x", "here/1/y");
    let cluster = &side.admin;
    let hour = Duration::from_secs(3600);
    assert_eq!(cluster.take_lease("default", "seal-dead", dead, hour).await.unwrap(), Lease::Taken);
    let other = cluster.take_lease("default", "seal-dead", "there/1/y", hour).await.unwrap();
    assert!(matches!(other, Lease::HeldBy { .. }), "another machine cannot know that it is dead");
    assert_eq!(cluster.take_lease("default", "seal-dead", ours, hour).await.unwrap(), Lease::Taken);
    cluster.delete(&in_default("coordination.k8s.io/v1", "Lease", "seal-dead")).await.unwrap();
}

async fn a_wrong_lease(side: Arc<Side>) {
    let lease = |spec| {
        json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": {"name": "seal-wrong", "namespace": "default"}, "spec": spec})
    };
    let path = format!("{LEASES}?fieldManager=sealstrap");
    let told = side.ask("POST", &path, JSON, &lease(json!({"leaseDurationSeconds": -1}))).await;
    assert_eq!(told.status, 422);
    let told = side.ask("POST", &path, JSON, &lease(json!({"renewTime": "yesterday"}))).await;
    assert_eq!(told.status, 400);
}
