//! Pods: their own readiness, and what their containers complain of.

use serde_json::Value;

use super::Readiness::{self, Failed, InProgress, Ready};
use super::{condition, is, words};

/// Reasons of waiting containers that do not pass by themselves.
const STUCK: [&str; 7] = [
    "CrashLoopBackOff",
    "ImagePullBackOff",
    "ErrImagePull",
    "InvalidImageName",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
];

pub(super) fn pod(object: &Value) -> Readiness {
    match object["status"]["phase"].as_str().unwrap_or("Pending") {
        "Succeeded" => Ready,
        "Failed" => Failed(words(&object["status"])),
        "Running" if condition(object, "Ready").is_some_and(|found| is(found, "True")) => Ready,
        phase => match trouble(object) {
            Some(reason) if reason.contains("CrashLoopBackOff") => Failed(reason),
            Some(reason) => InProgress(reason),
            None => InProgress(format!("its phase is {phase}")),
        },
    }
}

/// What keeps a Pod from running: a container that cannot start or keeps ending, or no node for it. The
/// termination message of a container is left out: the program itself wrote it.
#[must_use]
pub(crate) fn trouble(pod: &Value) -> Option<String> {
    let mut statuses = ["initContainerStatuses", "containerStatuses"]
        .iter()
        .filter_map(|list| pod["status"][list].as_array())
        .flatten();
    statuses.find_map(stuck).or_else(|| {
        condition(pod, "PodScheduled")
            .filter(|found| is(found, "False") && found["reason"] == "Unschedulable")
            .map(words)
    })
}

fn stuck(container: &Value) -> Option<String> {
    let waiting = &container["state"]["waiting"];
    let reason = waiting["reason"].as_str().filter(|reason| STUCK.contains(reason))?;
    let name = container["name"].as_str().unwrap_or_default();
    let message = waiting["message"].as_str().map(|message| format!(": {message}")).unwrap_or_default();
    let last = &container["lastState"]["terminated"];
    let why = last["reason"].as_str().unwrap_or("it ended");
    let ended = last["exitCode"].as_i64().map(|code| format!(" (last time: {why}, exit code {code})"));
    Some(format!("container `{name}`: {reason}{message}{}", ended.unwrap_or_default()))
}

/// The labels by which a workload selects its Pods, where it does.
#[must_use]
pub(crate) fn pods_of<'a>(workload: &Value, pods: &'a [Value]) -> Vec<&'a Value> {
    let Some(labels) = workload["spec"]["selector"]["matchLabels"].as_object() else {
        return Vec::new();
    };
    let selected =
        |pod: &&Value| labels.iter().all(|(name, value)| pod["metadata"]["labels"][name] == *value);
    if labels.is_empty() { Vec::new() } else { pods.iter().filter(selected).collect() }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::Readiness::{Failed, InProgress, Ready};
    use super::{pod, pods_of, trouble};

    fn waiting(reason: &str) -> Value {
        json!({"status": {"phase": "Running", "containerStatuses": [{
            "name": "manager",
            "state": {"waiting": {"reason": reason, "message": "back-off 10s"}},
            "lastState": {"terminated": {"reason": "Error", "exitCode": 1, "message": "canary"}}}]}})
    }

    #[test]
    fn a_crash_loop_is_told_with_its_exit_code_and_without_the_programs_words() {
        let Failed(reason) = pod(&waiting("CrashLoopBackOff")) else { panic!("not failed") };
        assert_eq!(
            reason,
            "container `manager`: CrashLoopBackOff: back-off 10s (last time: Error, exit code 1)"
        );
    }

    #[test]
    fn an_image_that_cannot_be_pulled_is_told() {
        assert!(trouble(&waiting("ImagePullBackOff")).is_some_and(|text| text.contains("ImagePullBackOff")));
        assert_eq!(trouble(&waiting("ContainerCreating")), None);
    }

    #[test]
    fn a_pod_without_a_node_says_so() {
        let pending = json!({"status": {"phase": "Pending", "conditions": [
            {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes"}]}});
        assert_eq!(pod(&pending), InProgress("Unschedulable: 0/1 nodes".into()));
    }

    #[test]
    fn phases_are_told_apart() {
        assert_eq!(pod(&json!({"status": {"phase": "Succeeded"}})), Ready);
        assert_eq!(
            pod(&json!({"status": {"phase": "Failed", "reason": "Evicted"}})),
            Failed("Evicted".into())
        );
        assert!(matches!(pod(&json!({})), InProgress(_)));
    }

    #[test]
    fn pods_are_found_by_all_labels_of_the_selector() {
        let workload = json!({"spec": {"selector": {"matchLabels": {"app": "a", "tier": "x"}}}});
        let pods = [
            json!({"metadata": {"labels": {"app": "a", "tier": "x", "more": "1"}}}),
            json!({"metadata": {"labels": {"app": "a"}}}),
        ];
        assert_eq!(pods_of(&workload, &pods).len(), 1);
        assert!(pods_of(&json!({}), &pods).is_empty());
    }
}
