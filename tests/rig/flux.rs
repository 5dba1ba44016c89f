//! Flux: its operator, and its source-, kustomize- and notification-controller as processes.

use std::path::Path;

use super::Kubernetes;
use super::kubernetes::condition;
use super::port::free_address;
use super::process::Process;

/// Where Flux lives in the cluster.
pub(crate) const NAMESPACE: &str = "flux-system";

/// Flux's controllers.
pub(crate) struct Flux {
    /// source-controller.
    pub(crate) source: Process,
    /// kustomize-controller.
    pub(crate) kustomize: Process,
    /// notification-controller.
    pub(crate) notification: Process,
    /// Where the notification-controller takes webhooks: `http://host:port`.
    pub(crate) receiver: String,
}

impl Flux {
    /// Installs the controllers' CRDs, starts them and waits until they are ready.
    pub(crate) async fn start(kubernetes: &Kubernetes, dir: &Path) -> Self {
        let kinds = ["source-controller", "kustomize-controller", "notification-controller"];
        for (kind, peer) in kinds.into_iter().zip(["flux", "flux", "external-secrets"]) {
            kubernetes.install_crds(peer, &format!("github.com/fluxcd/{kind}"), "config/crd/bases").await;
        }
        kubernetes.namespace(NAMESPACE).await;
        let (events, receiver, storage) = (free_address(), free_address(), free_address());
        let artifacts = dir.join("artifacts");
        std::fs::create_dir_all(&artifacts).expect("a folder");
        let artifacts = artifacts.display().to_string();
        let telling = format!("http://{events}/");
        let told = ["--events-addr", &telling];
        let sourcing =
            ["--storage-path", &artifacts, "--storage-addr", &storage, "--storage-adv-addr", &storage];
        let notifying = ["--events-addr", &events, "--receiverAddr", &receiver];
        Self {
            notification: controller("notification-controller", &notifying, kubernetes, dir).await,
            source: controller("source-controller", &[&sourcing[..], &told].concat(), kubernetes, dir).await,
            kustomize: controller("kustomize-controller", &told, kubernetes, dir).await,
            receiver: format!("http://{receiver}"),
        }
    }
}

async fn controller(name: &'static str, flags: &[&str], kubernetes: &Kubernetes, dir: &Path) -> Process {
    let health = free_address();
    let mut command = Process::command(name);
    command.env("KUBECONFIG", &kubernetes.kubeconfig).env("RUNTIME_NAMESPACE", NAMESPACE).args(flags);
    command.args([
        "--enable-leader-election=false",
        "--metrics-addr",
        &free_address(),
        "--health-addr",
        &health,
    ]);
    let mut process = Process::start(name, command, dir);
    process.wait_for(&format!("http://{health}/readyz")).await;
    process
}

/// Installs the CRDs of helm-controller, from a distribution that flux-operator brings.
pub(crate) async fn helm_crds(kubernetes: &Kubernetes) {
    let module = super::module("flux", "github.com/controlplaneio-fluxcd/flux-operator");
    let file = module.join("config/data/flux/v2.9.4/helm-controller.yaml");
    let text = std::fs::read_to_string(&file).expect("a distribution");
    let all = sealstrap::yaml::documents(&file, &text).expect("YAML");
    for crd in all.into_iter().filter(|document| document["kind"] == "CustomResourceDefinition") {
        let name = crd["metadata"]["name"].as_str().expect("a name");
        let path = format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}");
        kubernetes.apply(&path, crd.to_string()).await;
        kubernetes.wait_for(&path, |found| condition(found, "Established")).await;
    }
}

/// Installs the CRDs of flux-operator, starts it with its module's own distributions and waits until it is ready.
pub(crate) async fn operator(kubernetes: &Kubernetes, dir: &Path) -> Process {
    let module = "github.com/controlplaneio-fluxcd/flux-operator";
    kubernetes.install_crds("flux", module, "config/crd/bases").await;
    kubernetes.namespace(NAMESPACE).await;
    let health = free_address();
    let mut command = Process::command("flux-operator");
    // It refuses to start otherwise.
    command.env("GODEBUG", "fips140=on");
    command.env("KUBECONFIG", &kubernetes.kubeconfig).env("RUNTIME_NAMESPACE", NAMESPACE);
    command.arg("--storage-path").arg(super::module("flux", module).join("config/data"));
    command.args([
        "--enable-leader-election=false",
        "--web-server-port",
        "0",
        "--metrics-addr",
        &free_address(),
        "--health-addr",
        &health,
    ]);
    let mut process = Process::start("flux-operator", command, dir);
    process.wait_for(&format!("http://{health}/readyz")).await;
    process
}
