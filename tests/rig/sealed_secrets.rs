//! The sealed-secrets controller, behind the API server's service proxy as in a cluster.

use std::net::UdpSocket;
use std::path::Path;
use std::process::Command;

use reqwest::Method;
use serde_json::{Value, json};

use super::Kubernetes;
use super::kubernetes::TOKEN;
use super::port::{free_address, free_port_on};
use super::process::Process;

/// A real sealed-secrets controller.
pub(crate) struct SealedSecrets {
    /// The controller.
    pub(crate) process: Process,
}

/// Where kubeseal looks for the controller by default.
const NAMESPACE: &str = "kube-system";
const NAME: &str = "sealed-secrets-controller";

/// An address for tests of networks (RFC 2544); the service proxy refuses those of the loopback net.
const ADDRESS: &str = "198.18.0.1";

/// The controller reads nothing but the folder of a pod's service account, so it gets a `/run` of its own.
const IN_A_POD: &str = "mount -t tmpfs rig /run && mkdir -p /run/secrets/kubernetes.io && \
    cp -r \"$0\" /run/secrets/kubernetes.io/serviceaccount && exec \"$@\"";

impl SealedSecrets {
    /// Installs the CRD, starts the controller, waits until it answers and lets the service proxy find it.
    pub(crate) async fn start(kubernetes: &Kubernetes, dir: &Path) -> Self {
        let module = "github.com/bitnami-labs/sealed-secrets";
        kubernetes.install_crds("helm", module, "helm/sealed-secrets/crds").await;
        let (host, port) = reachable();
        let account = dir.join("serviceaccount");
        std::fs::create_dir_all(&account).expect("a folder");
        std::fs::write(account.join("token"), TOKEN).expect("written");
        std::fs::write(account.join("namespace"), NAMESPACE).expect("written");
        std::fs::copy(kubernetes.pki.join("apiserver.crt"), account.join("ca.crt")).expect("copied");
        let mut command = Command::new("unshare");
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.args(["--mount", "--map-root-user", "sh", "-c", IN_A_POD]).arg(account);
        command.arg(super::bin(NAME)).args(["--listen-addr", &format!("{host}:{port}")]);
        command.args(["--listen-metrics-addr", &free_address()]);
        let server = kubernetes.address.rsplit(':').next().unwrap_or_default();
        command.env("KUBERNETES_SERVICE_HOST", "127.0.0.1").env("KUBERNETES_SERVICE_PORT", server);
        command.env("POD_NAMESPACE", NAMESPACE);
        let mut process = Process::start(NAME, command, dir);
        process.wait_for(&format!("http://{host}:{port}/v1/cert.pem")).await;
        publish(kubernetes, &host, port).await;
        Self { process }
    }
}

/// An address of this machine that is not on the loopback net, and a free port on it.
fn reachable() -> (String, u16) {
    let bind = |host: &str| Some((host.to_owned(), free_port_on(host)?));
    let add = || {
        drop(Command::new("ip").args(["addr", "add", &format!("{ADDRESS}/32"), "dev", "lo"]).output());
        bind(ADDRESS)
    };
    let own = || {
        // Nothing is sent: connecting a datagram socket only picks the address that would be used.
        let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
        socket.connect((ADDRESS, 9)).ok()?;
        bind(&socket.local_addr().ok()?.ip().to_string())
    };
    bind(ADDRESS).or_else(add).or_else(own).expect("an address besides 127.0.0.1")
}

/// A Service whose Endpoints lead to a Pod with that address: what the service proxy asks for.
async fn publish(kubernetes: &Kubernetes, host: &str, port: u16) {
    let core = |kind: &str| format!("/api/v1/namespaces/{NAMESPACE}/{kind}/{NAME}");
    let document = |kind: &str, rest: Value| {
        let mut document = json!({
            "apiVersion": "v1", "kind": kind, "metadata": {"name": NAME, "namespace": NAMESPACE},
        });
        document.as_object_mut().expect("an object").extend(rest.as_object().cloned().unwrap_or_default());
        document.to_string()
    };
    let ports = json!({"spec": {"ports": [{"name": "http", "port": 8080, "targetPort": port}]}});
    kubernetes.apply(&core("services"), document("Service", ports)).await;
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}});
    let default = format!("/api/v1/namespaces/{NAMESPACE}/serviceaccounts/default");
    kubernetes.apply(&default, account.to_string()).await;
    let pod = json!({"spec": {
        "nodeName": "outside", "automountServiceAccountToken": false,
        "containers": [{"name": "controller", "image": "outside"}],
    }});
    kubernetes.apply(&core("pods"), document("Pod", pod)).await;
    let status = json!({"status": {"phase": "Running", "podIP": host, "podIPs": [{"ip": host}]}});
    kubernetes.request(Method::PATCH, &format!("{}/status", core("pods")), Some(status)).await;
    let target = json!({"kind": "Pod", "namespace": NAMESPACE, "name": NAME});
    let endpoints = json!({"subsets": [{
        "addresses": [{"ip": host, "targetRef": target}], "ports": [{"name": "http", "port": port}],
    }]});
    kubernetes.apply(&core("endpoints"), document("Endpoints", endpoints)).await;
}
