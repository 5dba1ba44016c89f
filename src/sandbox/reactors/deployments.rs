//! Deployments whose pods are there as soon as they are wanted.

use serde_json::{Value, json};

use super::status::{Verdict, condition, reference};
use crate::sandbox::kubernetes::Kubernetes;

/// Makes every Deployment available, as kstatus wants to see it.
pub(super) fn react(cluster: &Kubernetes) {
    for object in cluster.objects("Deployment") {
        cluster.set_status("kube-controller-manager", &reference(&object), &status(&object));
    }
}

fn status(object: &Value) -> Value {
    let replicas = &object["spec"]["replicas"];
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    let available = Verdict::ready("MinimumReplicasAvailable", "Deployment has minimum availability.");
    let message = format!("ReplicaSet \"{name}\" has successfully progressed.");
    let progressing = Verdict::ready("NewReplicaSetAvailable", message);
    json!({
        "observedGeneration": object["metadata"]["generation"],
        "replicas": replicas, "updatedReplicas": replicas, "readyReplicas": replicas, "availableReplicas": replicas,
        "conditions": [
            condition(object, "Available", &available),
            condition(object, "Progressing", &progressing),
        ],
    })
}
