//! Whether an object is ready, by the rules of kstatus (`sigs.k8s.io/cli-utils/pkg/kstatus`), made stricter in
//! two places: a Job is ready when it is complete, and a custom resource only once it says Ready itself.

mod pod;
mod workload;

pub(crate) use pod::{pods_of, trouble};

use serde_json::Value;

/// What an object's status says, with the remote's own words where it is not ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Readiness {
    /// It is as its spec says.
    Ready,
    /// It is on its way.
    InProgress(String),
    /// Waiting cannot mend it.
    Failed(String),
}

use Readiness::{Failed, InProgress, Ready};

/// Groups of custom resources whose kinds never carry a Ready condition.
const WITHOUT_READY: [&str; 3] = ["cilium.io", "monitoring.coreos.com", "snapshot.storage.k8s.io"];

/// By the rules for the object's kind.
#[must_use]
pub(crate) fn readiness(object: &Value) -> Readiness {
    underway(object).unwrap_or_else(|| by_kind(object))
}

/// By one named condition: it must be there, be True, and speak of the object's present generation.
#[must_use]
pub(crate) fn named_condition(object: &Value, name: &str) -> Readiness {
    underway(object).unwrap_or_else(|| must_be_true(object, name))
}

/// What holds for all kinds: deletion, a spec that was not observed yet, Reconciling and Stalled.
fn underway(object: &Value) -> Option<Readiness> {
    if object["metadata"]["deletionTimestamp"].is_string() {
        return Some(InProgress("it is being deleted".into()));
    }
    if is_older(object, &object["status"]["observedGeneration"]) {
        return Some(InProgress("its controller has not seen the newest spec yet".into()));
    }
    if let Some(condition) = condition(object, "Stalled").filter(|found| is(found, "True")) {
        return Some(Failed(words(condition)));
    }
    condition(object, "Reconciling").filter(|found| is(found, "True")).map(|found| InProgress(words(found)))
}

fn by_kind(object: &Value) -> Readiness {
    let kind = object["kind"].as_str().unwrap_or_default();
    match (group(object), kind) {
        ("apiextensions.k8s.io", "CustomResourceDefinition") => established(object),
        ("apps", "Deployment") => workload::deployment(object),
        ("apps", "StatefulSet") => workload::stateful_set(object),
        ("apps", "DaemonSet") => workload::daemon_set(object),
        ("apps", "ReplicaSet") => workload::replica_set(object),
        ("batch", "Job") => workload::job(object),
        ("", "Pod") => pod::pod(object),
        ("", "PersistentVolumeClaim") => phase(object, "Bound"),
        ("", "Namespace") => phase(object, "Active"),
        ("apiregistration.k8s.io", "APIService") => must_be_true(object, "Available"),
        ("gateway.networking.k8s.io", "Gateway") => must_be_true(object, "Programmed"),
        ("gateway.networking.k8s.io", "GatewayClass") => must_be_true(object, "Accepted"),
        (group, _) if is_built_in(group) || WITHOUT_READY.contains(&group) => not_contradicted(object),
        _ => must_be_true(object, "Ready"),
    }
}

fn established(object: &Value) -> Readiness {
    if let Some(refused) = condition(object, "NamesAccepted").filter(|found| is(found, "False")) {
        return Failed(words(refused));
    }
    match condition(object, "Established") {
        Some(found) if is(found, "True") => Ready,
        Some(found) if is(found, "False") && found["reason"] != "Installing" => Failed(words(found)),
        Some(found) => InProgress(words(found)),
        None => InProgress("it is not established yet".into()),
    }
}

fn phase(object: &Value, wanted: &str) -> Readiness {
    match object["status"]["phase"].as_str() {
        Some(phase) if phase == wanted => Ready,
        Some(phase) => InProgress(format!("its phase is {phase}")),
        None => InProgress(format!("its phase is not {wanted} yet")),
    }
}

fn must_be_true(object: &Value, name: &str) -> Readiness {
    match condition(object, name) {
        None => InProgress(format!("it has no condition {name} yet")),
        Some(found) if is_older(object, &found["observedGeneration"]) => {
            InProgress(format!("its condition {name} speaks of an older spec"))
        }
        Some(found) if is(found, "True") => Ready,
        Some(found) => InProgress(words(found)),
    }
}

/// Kinds without a status of their own: ready unless a Ready condition says otherwise.
fn not_contradicted(object: &Value) -> Readiness {
    match condition(object, "Ready") {
        Some(found) if !is(found, "True") => InProgress(words(found)),
        _ => Ready,
    }
}

/// The API group of an object; empty for the core group.
pub(crate) fn group(object: &Value) -> &str {
    object["apiVersion"].as_str().and_then(|version| version.split_once('/')).map_or("", |(group, _)| group)
}

/// Groups that the API server itself serves: without a dot, or under `k8s.io` (but for those of add-ons).
fn is_built_in(group: &str) -> bool {
    const ADD_ONS: [&str; 3] =
        ["gateway.networking.k8s.io", "metrics.k8s.io", "infrastructure.cluster.x-k8s.io"];
    !group.contains('.') || (group.ends_with(".k8s.io") && !ADD_ONS.contains(&group))
}

fn is_older(object: &Value, observed: &Value) -> bool {
    match (object["metadata"]["generation"].as_i64(), observed.as_i64()) {
        (Some(generation), Some(observed)) => observed != generation,
        _ => false,
    }
}

/// The condition of a type.
fn condition<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    object["status"]["conditions"].as_array()?.iter().find(|found| found["type"] == name)
}

fn is(condition: &Value, status: &str) -> bool {
    condition["status"] == status
}

/// A condition's reason and message.
fn words(condition: &Value) -> String {
    let part = |name: &str| condition[name].as_str().unwrap_or_default().trim().to_owned();
    match (part("reason"), part("message")) {
        (reason, message) if reason.is_empty() && message.is_empty() => {
            format!("condition {} is {}", part("type"), part("status"))
        }
        (reason, message) if message.is_empty() => reason,
        (reason, message) if reason.is_empty() => message,
        (reason, message) => format!("{reason}: {message}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Failed, InProgress, Readiness, Ready, named_condition, readiness};

    fn object(api_version: &str, kind: &str, status: &Value) -> Value {
        json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "x", "generation": 2}, "status": status})
    }

    fn conditions(list: &[(&str, &str, &str)]) -> Value {
        let list: Vec<_> =
            list.iter().map(|(t, s, r)| json!({"type": t, "status": s, "reason": r})).collect();
        json!({"conditions": list})
    }

    fn said(readiness: &Readiness) -> &'static str {
        match readiness {
            Ready => "ready",
            InProgress(_) => "in progress",
            Failed(_) => "failed",
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "one table")]
    fn each_kind_has_its_rule() {
        let crd = "apiextensions.k8s.io/v1";
        let definition = "CustomResourceDefinition";
        let table = [
            (crd, definition, conditions(&[("Established", "True", "")]), "ready"),
            (crd, definition, conditions(&[("Established", "False", "Installing")]), "in progress"),
            (crd, definition, conditions(&[("Established", "False", "NotAccepted")]), "failed"),
            (crd, definition, conditions(&[("NamesAccepted", "False", "ListKindConflict")]), "failed"),
            (crd, definition, json!({}), "in progress"),
            ("v1", "PersistentVolumeClaim", json!({"phase": "Pending"}), "in progress"),
            ("v1", "PersistentVolumeClaim", json!({"phase": "Bound"}), "ready"),
            ("v1", "Namespace", json!({"phase": "Active"}), "ready"),
            ("v1", "Namespace", json!({"phase": "Terminating"}), "in progress"),
            ("v1", "ConfigMap", Value::Null, "ready"),
            ("v1", "Secret", Value::Null, "ready"),
            ("rbac.authorization.k8s.io/v1", "ClusterRole", Value::Null, "ready"),
            ("monitoring.coreos.com/v1", "PrometheusRule", Value::Null, "ready"),
            (
                "apiregistration.k8s.io/v1",
                "APIService",
                conditions(&[("Available", "False", "x")]),
                "in progress",
            ),
            ("external-secrets.io/v1", "ClusterSecretStore", Value::Null, "in progress"),
            (
                "external-secrets.io/v1",
                "ClusterSecretStore",
                conditions(&[("Ready", "True", "Valid")]),
                "ready",
            ),
            (
                "external-secrets.io/v1",
                "ClusterSecretStore",
                conditions(&[("Ready", "False", "InvalidProviderConfig")]),
                "in progress",
            ),
            (
                "source.toolkit.fluxcd.io/v1",
                "GitRepository",
                conditions(&[("Stalled", "True", "URLInvalid")]),
                "failed",
            ),
            (
                "source.toolkit.fluxcd.io/v1",
                "GitRepository",
                conditions(&[("Reconciling", "True", "Progressing"), ("Ready", "True", "old")]),
                "in progress",
            ),
        ];
        for (api_version, kind, status, expected) in table {
            let found = readiness(&object(api_version, kind, &status));
            assert_eq!(said(&found), expected, "{kind} with {status}");
        }
    }

    #[test]
    fn a_status_of_an_older_generation_does_not_count() {
        let mut store =
            object("external-secrets.io/v1", "SecretStore", &conditions(&[("Ready", "True", "Valid")]));
        store["status"]["observedGeneration"] = json!(1);
        assert_eq!(said(&readiness(&store)), "in progress");
        assert_eq!(said(&named_condition(&store, "Ready")), "in progress");
    }

    #[test]
    fn a_condition_of_an_older_generation_does_not_count() {
        let mut instance =
            object("fluxcd.controlplane.io/v1", "FluxInstance", &conditions(&[("Ready", "True", "ok")]));
        instance["status"]["conditions"][0]["observedGeneration"] = json!(1);
        assert_eq!(said(&readiness(&instance)), "in progress");
        instance["status"]["conditions"][0]["observedGeneration"] = json!(2);
        assert_eq!(readiness(&instance), Ready);
    }

    #[test]
    fn an_object_that_is_being_deleted_is_not_ready() {
        let mut map = object("v1", "ConfigMap", &Value::Null);
        map["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        assert_eq!(readiness(&map), InProgress("it is being deleted".into()));
    }

    #[test]
    fn a_missing_named_condition_is_not_met() {
        let crd = object("apiextensions.k8s.io/v1", "CustomResourceDefinition", &json!({}));
        assert_eq!(
            named_condition(&crd, "Established"),
            InProgress("it has no condition Established yet".into())
        );
    }

    #[test]
    fn reason_and_message_are_told() {
        let store = object(
            "external-secrets.io/v1",
            "SecretStore",
            &json!({"conditions": [{"type": "Ready", "status": "False", "reason": "ValidationFailed", "message": "no login"}]}),
        );
        assert_eq!(readiness(&store), InProgress("ValidationFailed: no login".into()));
    }
}
