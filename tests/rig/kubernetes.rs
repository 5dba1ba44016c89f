//! etcd and kube-apiserver with an audit log.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::process::{Process, free_port};

/// A real API server.
pub(crate) struct Kubernetes {
    /// A kubeconfig with cluster-admin.
    pub(crate) kubeconfig: PathBuf,
    /// Its address.
    pub(crate) address: String,
    audit: PathBuf,
    _apiserver: Process,
    _etcd: Process,
}

const AUDIT_POLICY: &str = r#"{"apiVersion": "audit.k8s.io/v1", "kind": "Policy",
    "omitStages": ["RequestReceived"], "rules": [{"level": "Metadata"}]}"#;

impl Kubernetes {
    /// Starts both and waits until the API server is ready.
    pub(crate) async fn start(dir: PathBuf) -> Self {
        std::fs::create_dir_all(&dir).expect("a folder");
        let (client, peer, secure) = (free_port(), free_port(), free_port());
        let mut etcd = Process::command("etcd");
        etcd.arg("--data-dir").arg(dir.join("etcd")).args(["--log-level", "error", "--unsafe-no-fsync"]);
        for (flag, port) in [
            ("--listen-client-urls", client),
            ("--advertise-client-urls", client),
            ("--listen-peer-urls", peer),
        ] {
            etcd.args([flag, &format!("http://127.0.0.1:{port}")]);
        }
        etcd.args(["--initial-advertise-peer-urls", &format!("http://127.0.0.1:{peer}")]);
        etcd.args(["--initial-cluster", &format!("default=http://127.0.0.1:{peer}")]);
        let etcd = Process::start("etcd", etcd, &dir);
        let address = format!("https://127.0.0.1:{secure}");
        let mut apiserver = Process::start("kube-apiserver", apiserver(&dir, client, secure), &dir);
        let http =
            reqwest::Client::builder().tls_danger_accept_invalid_certs(true).build().expect("a client");
        let ready = async || match http.get(format!("{address}/readyz")).send().await {
            Ok(reply) => reply.status().is_success(),
            Err(_) => false,
        };
        apiserver.wait_until(ready).await;
        let kubeconfig = kubeconfig(&dir, &address);
        Self { kubeconfig, address, audit: dir.join("audit.log"), _apiserver: apiserver, _etcd: etcd }
    }

    /// Requests that changed something, from the audit log: dry runs and reviews aside, and the server's own.
    pub(crate) fn writes(&self) -> usize {
        let log = std::fs::read_to_string(&self.audit).unwrap_or_default();
        log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).filter(is_write).count()
    }

    /// Runs `kubectl`-like requests: GET of a path with the admin's token.
    pub(crate) async fn get(&self, path: &str) -> Value {
        self.request(reqwest::Method::GET, path, None).await
    }

    /// Any request with the admin's token, as another tool would make it.
    pub(crate) async fn request(&self, method: reqwest::Method, path: &str, body: Option<Value>) -> Value {
        let http =
            reqwest::Client::builder().tls_danger_accept_invalid_certs(true).build().expect("a client");
        let url = format!("{}{path}?fieldManager=kubectl-edit", self.address);
        let mut request = http.request(method.clone(), url).bearer_auth("admintoken");
        if let Some(body) = body {
            let kind = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
            request = request.header("content-type", kind).body(body.to_string());
        }
        request.send().await.expect("an answer").json().await.expect("JSON")
    }
}

fn is_write(event: &Value) -> bool {
    let verb = event["verb"].as_str().unwrap_or_default();
    let uri = event["requestURI"].as_str().unwrap_or_default();
    let agent = event["userAgent"].as_str().unwrap_or_default();
    matches!(verb, "create" | "update" | "patch" | "delete" | "deletecollection")
        && !uri.contains("dryRun=All")
        && !uri.contains("accessreviews")
        && !agent.starts_with("kube-apiserver")
        && !agent.starts_with("external-secrets")
}

fn apiserver(dir: &Path, etcd: u16, secure: u16) -> Command {
    let pki = dir.join("pki");
    std::fs::create_dir_all(&pki).expect("a folder");
    let key = rcgen::KeyPair::generate().expect("a key");
    std::fs::write(pki.join("sa.key"), key.serialize_pem()).expect("written");
    std::fs::write(pki.join("sa.pub"), key.public_key_pem()).expect("written");
    std::fs::write(dir.join("tokens.csv"), "admintoken,admin,admin,system:masters\n").expect("written");
    std::fs::write(dir.join("audit.yaml"), AUDIT_POLICY).expect("written");
    let mut command = Process::command("kube-apiserver");
    command
        .args(["--etcd-servers", &format!("http://127.0.0.1:{etcd}"), "--secure-port", &secure.to_string()])
        .args(["--bind-address", "127.0.0.1", "--authorization-mode", "Node,RBAC"])
        .args([
            "--service-account-issuer",
            "https://kubernetes.default.svc",
            "--service-cluster-ip-range",
            "10.96.0.0/16",
        ]);
    for (flag, file) in [
        ("--cert-dir", pki.clone()),
        ("--service-account-key-file", pki.join("sa.pub")),
        ("--service-account-signing-key-file", pki.join("sa.key")),
        ("--token-auth-file", dir.join("tokens.csv")),
        ("--audit-policy-file", dir.join("audit.yaml")),
        ("--audit-log-path", dir.join("audit.log")),
    ] {
        command.arg(flag).arg(file);
    }
    command
}

fn kubeconfig(dir: &Path, address: &str) -> PathBuf {
    let ca = dir.join("pki/apiserver.crt");
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: rig\n\
         clusters: [{{name: rig, cluster: {{server: \"{address}\", certificate-authority: \"{}\"}}}}]\n\
         users: [{{name: admin, user: {{token: admintoken}}}}]\n\
         contexts: [{{name: rig, context: {{cluster: rig, user: admin}}}}]\n",
        ca.display()
    );
    let file = dir.join("kubeconfig");
    std::fs::write(&file, text).expect("written");
    file
}
