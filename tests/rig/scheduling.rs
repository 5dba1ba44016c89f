//! kube-controller-manager, kube-scheduler and kwok with one fake node: pods turn Ready, and nothing runs.

use std::path::Path;
use std::process::Command;

use reqwest::Method;
use serde_json::json;

use super::Kubernetes;
use super::port::{free_address, free_port};
use super::process::Process;

/// What makes pods Ready.
pub(crate) struct Scheduling {
    /// kube-controller-manager.
    pub(crate) controller_manager: Process,
    /// kube-scheduler.
    pub(crate) scheduler: Process,
    /// kwok, which plays the kubelet of the node.
    pub(crate) kwok: Process,
}

impl Scheduling {
    /// Starts the three, makes the node and waits until it is Ready.
    pub(crate) async fn start(kubernetes: &Kubernetes, dir: &Path) -> Self {
        let (manager, scheduler, kwok) = (free_port(), free_port(), free_address());
        let mut managing = component("kube-controller-manager", kubernetes, manager);
        managing.arg("--service-account-private-key-file").arg(kubernetes.pki.join("sa.key"));
        managing.arg("--root-ca-file").arg(kubernetes.pki.join("apiserver.crt"));
        // kwok tells of its node more seldom than a kubelet does, and its pods would be taken for lost.
        managing.arg("--node-monitor-grace-period=1h");
        // Pods whose node is not there are kept: the sealed-secrets controller is one of those.
        managing
            .arg("--use-service-account-credentials")
            .arg("--controllers=*,-pod-garbage-collector-controller");
        let scheduling = component("kube-scheduler", kubernetes, scheduler);
        let mut faking = Process::command("kwok");
        faking.arg("--kubeconfig").arg(&kubernetes.kubeconfig);
        faking.arg("--manage-all-nodes=true").args(["--server-address", &kwok]);
        let mut started = Self {
            controller_manager: Process::start("kube-controller-manager", managing, dir),
            scheduler: Process::start("kube-scheduler", scheduling, dir),
            kwok: Process::start("kwok", faking, dir),
        };
        started.controller_manager.wait_for(&format!("https://127.0.0.1:{manager}/healthz")).await;
        started.scheduler.wait_for(&format!("https://127.0.0.1:{scheduler}/healthz")).await;
        started.kwok.wait_for(&format!("http://{kwok}/healthz")).await;
        node(kubernetes).await;
        started
    }
}

fn component(name: &str, kubernetes: &Kubernetes, port: u16) -> Command {
    let mut command = Process::command(name);
    for flag in ["--kubeconfig", "--authentication-kubeconfig", "--authorization-kubeconfig"] {
        command.arg(flag).arg(&kubernetes.kubeconfig);
    }
    command.args(["--bind-address=127.0.0.1", "--leader-elect=false", &format!("--secure-port={port}")]);
    command
}

async fn node(kubernetes: &Kubernetes) {
    let room = json!({"cpu": "32", "memory": "256Gi", "pods": "500"});
    let node = json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {
            "name": "fake",
            "annotations": {"kwok.x-k8s.io/node": "fake"},
            "labels": {"kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux", "kubernetes.io/hostname": "fake"},
        },
        "status": {"allocatable": room, "capacity": room},
    });
    kubernetes.request(Method::POST, "/api/v1/nodes", Some(node)).await;
    kubernetes.wait_ready("/api/v1/nodes/fake").await;
}
