//! A cluster in which things do not become ready, belong to others, or may not be done.

use http::Method;
use sealstrap::remote::cluster::ObjectRef;
use sealstrap::sandbox::server::{Fault, Harm, Remote};
use serde_json::{Value, json};

use super::support::Stage;
use super::{Says, always, assert_repaired, assert_untouched, stage};

fn reference(api_version: &str, kind: &str, namespace: Option<&str>, name: &str) -> ObjectRef {
    let (api_version, kind, name) = (api_version.into(), kind.into(), name.into());
    ObjectRef { api_version, kind, namespace: namespace.map(Into::into), name }
}

/// Shows an object with another status than it has.
fn show(stage: &Stage, object: &ObjectRef, path: &str, status: Value) {
    let mut shown = stage.sandbox.kubernetes.object(object).expect("the object is there");
    shown["status"] = status;
    let fault = always(Remote::Kubernetes, path, Harm::Answer(200, shown));
    stage.sandbox.ledger().harm(Fault { method: Some(Method::GET), ..fault });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_definition_that_never_establishes_ends_the_wait_with_its_reason() {
    let stage = stage().await;
    stage.sealstrap(&["bootstrap"]).await.with_code(0);
    let name = "fluxinstances.fluxcd.controlplane.io";
    let object = reference("apiextensions.k8s.io/v1", "CustomResourceDefinition", None, name);
    let conditions = json!([{"type": "Established", "status": "False", "reason": "Installing", "message": "the initial names have been accepted"}]);
    show(&stage, &object, &format!("/customresourcedefinitions/{name}"), json!({"conditions": conditions}));
    let ended = stage.sealstrap(&["run", "helmfile"]).await;
    ended.says(&[
        "did not become ready within 1 s",
        "CustomResourceDefinition `fluxinstances.fluxcd.controlplane.io`: Installing",
        "hint: mend what it waits for",
        "`timeouts.wait`",
    ]);
    assert_repaired(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_definition_whose_names_are_taken_ends_the_wait_at_once() {
    let stage = stage().await;
    stage.sealstrap(&["bootstrap"]).await.with_code(0);
    let name = "fluxinstances.fluxcd.controlplane.io";
    let object = reference("apiextensions.k8s.io/v1", "CustomResourceDefinition", None, name);
    let conditions = json!([{"type": "NamesAccepted", "status": "False", "reason": "ListKindConflict", "message": "\"FluxInstanceList\" is already in use"}]);
    show(&stage, &object, &format!("/customresourcedefinitions/{name}"), json!({"conditions": conditions}));
    let ended = stage.sealstrap(&["run", "helmfile"]).await;
    ended.says(&[
        "CustomResourceDefinition `fluxinstances.fluxcd.controlplane.io` failed",
        "ListKindConflict",
        "hint: mend",
    ]);
    assert_repaired(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_that_crash_loops_is_named_with_what_its_pod_says() {
    let stage = stage().await;
    stage.sealstrap(&["bootstrap"]).await.with_code(0);
    let object = reference("apps/v1", "Deployment", Some("flux-system"), "flux-operator");
    let status = json!({
        "observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "unavailableReplicas": 1,
        "conditions": [{"type": "Available", "status": "False", "reason": "MinimumReplicasUnavailable", "message": "Deployment does not have minimum availability."}],
    });
    show(&stage, &object, "/deployments/flux-operator", status);
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "flux-operator-1", "namespace": "flux-system", "labels": {"app.kubernetes.io/name": "flux-operator"}},
        "spec": {"containers": [{"name": "manager", "image": "x"}]},
        "status": {"phase": "Running", "containerStatuses": [{
            "name": "manager", "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}},
            "lastState": {"terminated": {"reason": "Error", "exitCode": 1}},
        }]},
    });
    assert!(stage.sandbox.kubernetes.upsert(pod), "the Pod is taken");
    let ended = stage.sealstrap(&["run", "helmfile"]).await;
    ended.says(&[
        "task `helmfile` failed",
        "did not become ready within 1 s",
        "Deployment `flux-system/flux-operator`",
        "Pod `flux-operator-1`: container `manager`: CrashLoopBackOff",
        "exit code 1",
        "hint: mend what it waits for",
    ]);
    assert_repaired(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_cannot_log_in_is_told_with_its_reason() {
    let stage = stage().await;
    stage.sealstrap(&["bootstrap"]).await.with_code(0);
    let object = reference("external-secrets.io/v1", "ClusterSecretStore", None, "vault-backend");
    let conditions = json!([{"type": "Ready", "status": "False", "reason": "InvalidProviderConfig", "message": "unable to log in to auth method"}]);
    show(&stage, &object, "/clustersecretstores/vault-backend", json!({"conditions": conditions}));
    let ended = stage.sealstrap(&["run", "apply-external-secrets-config"]).await;
    ended.says(&[
        "ClusterSecretStore `vault-backend` did not become ready within 1 s",
        "InvalidProviderConfig: unable to log in to auth method",
        "hint: ",
    ]);
    assert_repaired(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_a_controller_owns_is_refused_by_its_owner() {
    let stage = stage().await;
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "data": {"token": "dGhlaXJz"},
        "metadata": {"name": "vault-token", "namespace": "kube-system", "ownerReferences": [
            {"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "name": "theirs", "uid": "1", "controller": true}]},
    });
    assert!(stage.sandbox.kubernetes.upsert(secret), "the Secret is taken");
    let ended = stage.sealstrap(&["bootstrap"]).await;
    ended.says(&[
        "Secret `kube-system/vault-token` belongs to ExternalSecret/theirs",
        "hint: name another Secret",
    ]);
    assert_untouched(&stage);
    stage.sandbox.kubernetes.delete(&reference("v1", "Secret", Some("kube-system"), "vault-token"));
    assert_repaired(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_that_are_missing_are_all_named_before_the_first_write() {
    let stage = stage().await;
    stage.sandbox.kubernetes.deny("create", "namespaces");
    stage.sandbox.kubernetes.deny("patch", "secrets");
    let ended = stage.sealstrap(&["bootstrap"]).await;
    ended.says(&[
        "cannot create namespaces in the whole cluster",
        "cannot patch secrets in namespace `kube-system`",
        "hint: give it the verb `create` on `namespaces` by a Role or ClusterRole",
    ]);
    assert_untouched(&stage);
    stage.sandbox.kubernetes.allow_all();
    assert_repaired(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admission_webhook_that_starts_is_waited_for_and_one_that_never_does_is_named() {
    let message = "Internal error occurred: failed calling webhook \"validate.externalsecret.external-secrets.io\": failed to call webhook: Post \"https://x\": no endpoints available for service \"external-secrets-webhook\"";
    let status = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "InternalError", "code": 500, "message": message});
    let fault = always(Remote::Kubernetes, "/externalsecrets/github-deploy-key", Harm::Answer(500, status));
    let fault = Fault { method: Some(Method::PATCH), ..fault };
    let late = stage().await;
    late.sandbox.ledger().harm(Fault { times: 2, ..fault.clone() });
    late.sealstrap(&["bootstrap"]).await.with_code(0);
    let never = stage().await;
    never.sandbox.ledger().harm(fault);
    let ended = never.sealstrap(&["bootstrap"]).await;
    ended.says(&[
        "ExternalSecret `flux-system/github-deploy-key` did not become accepted within 1 s",
        "the admission webhook `validate.externalsecret.external-secrets.io` is not ready: it has no endpoints yet",
        "hint: mend what it waits for",
    ]);
    assert_repaired(&never).await;
}
