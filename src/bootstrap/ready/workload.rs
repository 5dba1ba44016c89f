//! Workloads: counts of replicas, revisions, and the conditions that end a roll-out.

use serde_json::Value;

use super::Readiness::{self, Failed, InProgress, Ready};
use super::{condition, is, words};

fn count(object: &Value, name: &str) -> i64 {
    object["status"][name].as_i64().unwrap_or(0)
}

fn wanted(object: &Value) -> i64 {
    object["spec"]["replicas"].as_i64().unwrap_or(1)
}

/// The first of the counts that is short of `wanted`, in words.
fn short(object: &Value, wanted: i64, counts: &[(&str, &str)]) -> Option<Readiness> {
    let (name, word) = counts.iter().find(|(name, _)| count(object, name) < wanted)?;
    Some(InProgress(format!("{} of {wanted} replicas are {word}", count(object, name))))
}

pub(super) fn deployment(object: &Value) -> Readiness {
    let progressing = condition(object, "Progressing");
    if let Some(found) = progressing.filter(|found| found["reason"] == "ProgressDeadlineExceeded") {
        return Failed(words(found));
    }
    let counts = [("replicas", "created"), ("updatedReplicas", "updated")];
    if let Some(short) = short(object, wanted(object), &counts) {
        return short;
    }
    let old = count(object, "replicas") - count(object, "updatedReplicas");
    if old > 0 {
        return InProgress(format!("{old} old replicas are still to end"));
    }
    let counts = [("availableReplicas", "available"), ("readyReplicas", "ready")];
    if let Some(short) = short(object, wanted(object), &counts) {
        return short;
    }
    if let Some(found) = progressing.filter(|found| found["reason"] != "NewReplicaSetAvailable") {
        return InProgress(words(found));
    }
    match condition(object, "Available") {
        Some(found) if is(found, "True") => Ready,
        Some(found) => InProgress(words(found)),
        None => InProgress("it has no condition Available yet".into()),
    }
}

pub(super) fn stateful_set(object: &Value) -> Readiness {
    if object["spec"]["updateStrategy"]["type"] == "OnDelete" {
        return Ready;
    }
    let counts = [("replicas", "created"), ("readyReplicas", "ready")];
    if let Some(short) = short(object, wanted(object), &counts) {
        return short;
    }
    let kept = object["spec"]["updateStrategy"]["rollingUpdate"]["partition"].as_i64().unwrap_or(0);
    if kept > 0 {
        let counts = [("updatedReplicas", "updated")];
        return short(object, (wanted(object) - kept).max(0), &counts).unwrap_or(Ready);
    }
    let status = &object["status"];
    if status["currentRevision"] == status["updateRevision"] {
        Ready
    } else {
        InProgress("its pods are being replaced by the newest revision".into())
    }
}

pub(super) fn daemon_set(object: &Value) -> Readiness {
    let Some(wanted) = object["status"]["desiredNumberScheduled"].as_i64() else {
        return InProgress("its controller has not counted the nodes yet".into());
    };
    let counts = [
        ("currentNumberScheduled", "created"),
        ("updatedNumberScheduled", "updated"),
        ("numberAvailable", "available"),
        ("numberReady", "ready"),
    ];
    short(object, wanted, &counts).unwrap_or(Ready)
}

pub(super) fn replica_set(object: &Value) -> Readiness {
    if let Some(found) = condition(object, "ReplicaFailure").filter(|found| is(found, "True")) {
        return InProgress(words(found));
    }
    let counts = [("replicas", "created"), ("availableReplicas", "available"), ("readyReplicas", "ready")];
    short(object, wanted(object), &counts).unwrap_or(Ready)
}

/// Unlike kstatus, which calls a running Job current: what is waited for is its work.
pub(super) fn job(object: &Value) -> Readiness {
    if let Some(found) = condition(object, "Failed").filter(|found| is(found, "True")) {
        return Failed(words(found));
    }
    if condition(object, "Complete").is_some_and(|found| is(found, "True")) {
        return Ready;
    }
    InProgress(match condition(object, "Suspended").filter(|found| is(found, "True")) {
        Some(found) => words(found),
        None => {
            format!("{} pods run, {} have succeeded", count(object, "active"), count(object, "succeeded"))
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::Readiness::{Failed, InProgress, Ready};
    use super::{daemon_set, deployment, job, replica_set, stateful_set};

    fn rolled_out() -> Value {
        json!({"spec": {"replicas": 2}, "status": {
            "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2, "readyReplicas": 2,
            "conditions": [
                {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"},
                {"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable"}]}})
    }

    #[test]
    fn a_deployment_is_ready_when_all_counts_agree() {
        assert_eq!(deployment(&rolled_out()), Ready);
        for (name, reason) in [
            ("replicas", "1 of 2 replicas are created"),
            ("updatedReplicas", "1 of 2 replicas are updated"),
            ("availableReplicas", "1 of 2 replicas are available"),
            ("readyReplicas", "1 of 2 replicas are ready"),
        ] {
            let mut object = rolled_out();
            object["status"][name] = json!(1);
            assert_eq!(deployment(&object), InProgress(reason.into()));
        }
    }

    #[test]
    fn a_deployment_with_old_replicas_is_not_ready() {
        let mut object = rolled_out();
        object["status"]["replicas"] = json!(3);
        assert_eq!(deployment(&object), InProgress("1 old replicas are still to end".into()));
    }

    #[test]
    fn a_deployment_past_its_progress_deadline_has_failed() {
        let mut object = rolled_out();
        object["status"]["conditions"][0]["reason"] = json!("ProgressDeadlineExceeded");
        object["status"]["conditions"][0]["message"] = json!("timed out");
        assert_eq!(deployment(&object), Failed("ProgressDeadlineExceeded: timed out".into()));
    }

    #[test]
    fn a_deployment_of_no_replicas_needs_only_its_conditions() {
        let mut object = rolled_out();
        object["spec"]["replicas"] = json!(0);
        for name in ["replicas", "updatedReplicas", "availableReplicas", "readyReplicas"] {
            object["status"][name] = json!(0);
        }
        assert_eq!(deployment(&object), Ready);
    }

    #[test]
    fn a_stateful_set_waits_for_its_newest_revision() {
        let mut object = json!({"spec": {"replicas": 1}, "status": {
            "replicas": 1, "readyReplicas": 1, "currentRevision": "a", "updateRevision": "b"}});
        assert!(matches!(stateful_set(&object), InProgress(_)));
        object["status"]["currentRevision"] = json!("b");
        assert_eq!(stateful_set(&object), Ready);
        object["status"]["readyReplicas"] = json!(0);
        assert_eq!(stateful_set(&object), InProgress("0 of 1 replicas are ready".into()));
    }

    #[test]
    fn a_partition_keeps_old_replicas_of_a_stateful_set() {
        let object = json!({
            "spec": {"replicas": 3, "updateStrategy": {"rollingUpdate": {"partition": 2}}},
            "status": {"replicas": 3, "readyReplicas": 3, "updatedReplicas": 1, "currentRevision": "a", "updateRevision": "b"}});
        assert_eq!(stateful_set(&object), Ready);
    }

    #[test]
    fn a_daemon_set_counts_nodes() {
        assert!(matches!(daemon_set(&json!({"status": {}})), InProgress(_)));
        let mut object = json!({"status": {"desiredNumberScheduled": 2, "currentNumberScheduled": 2,
            "updatedNumberScheduled": 2, "numberAvailable": 2, "numberReady": 2}});
        assert_eq!(daemon_set(&object), Ready);
        object["status"]["numberAvailable"] = json!(0);
        assert_eq!(daemon_set(&object), InProgress("0 of 2 replicas are available".into()));
    }

    #[test]
    fn a_running_job_is_not_ready() {
        assert_eq!(job(&json!({"status": {"active": 1}})), InProgress("1 pods run, 0 have succeeded".into()));
        let complete = json!({"status": {"conditions": [{"type": "Complete", "status": "True"}]}});
        assert_eq!(job(&complete), Ready);
        let failed = json!({"status": {"conditions": [
            {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}]}});
        assert_eq!(job(&failed), Failed("BackoffLimitExceeded".into()));
    }

    #[test]
    fn a_replica_set_says_why_it_cannot_make_pods() {
        let object = json!({"spec": {"replicas": 1}, "status": {"conditions": [
            {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "quota exceeded"}]}});
        assert_eq!(replica_set(&object), InProgress("FailedCreate: quota exceeded".into()));
    }
}
