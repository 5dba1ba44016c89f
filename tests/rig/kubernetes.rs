//! etcd and kube-apiserver with an audit log.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use super::port::free_port;
use super::process::Process;

/// A real API server.
pub(crate) struct Kubernetes {
    /// A kubeconfig with cluster-admin.
    pub(crate) kubeconfig: PathBuf,
    /// Its address.
    pub(crate) address: String,
    /// The folder with the server's certificate and the key pair of the service accounts.
    pub(crate) pki: PathBuf,
    audit: PathBuf,
    apiserver: Process,
    etcd: Process,
}

/// The token of the kubeconfig's user.
pub(crate) const TOKEN: &str = "admintoken";

/// Who writes by itself, as user agents begin: the servers of the rig.
const SERVERS: [&str; 10] = [
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kwok",
    "external-secrets",
    "source-controller",
    "kustomize-controller",
    "notification-controller",
    "flux-operator",
    "sealed-secrets-controller",
];

const AUDIT_POLICY: &str = r#"{"apiVersion": "audit.k8s.io/v1", "kind": "Policy",
    "omitStages": ["RequestReceived"], "rules": [{"level": "Metadata"}]}"#;

impl Kubernetes {
    /// Starts both and waits until the API server is ready.
    pub(crate) async fn start(dir: PathBuf) -> Self {
        let pki = dir.join("pki");
        std::fs::create_dir_all(&pki).expect("a folder");
        let (client, secure) = (free_port(), free_port());
        let etcd = Process::start("etcd", etcd(&dir, client), &dir);
        let address = format!("https://127.0.0.1:{secure}");
        let apiserver = Process::start("kube-apiserver", apiserver(&dir, client, secure), &dir);
        let kubeconfig = kubeconfig(&dir, &address);
        let mut kubernetes = Self { kubeconfig, address, pki, audit: dir.join("audit.log"), apiserver, etcd };
        kubernetes.ready().await;
        kubernetes
    }

    async fn ready(&mut self) {
        self.apiserver.wait_for(&format!("{}/readyz", self.address)).await;
    }

    /// Kills the API server; etcd stays.
    pub(crate) fn kill_api_server(&mut self) {
        self.apiserver.kill();
    }

    /// Starts the API server again on the same port with the same etcd, and waits until it is ready.
    pub(crate) async fn start_api_server(&mut self) {
        self.apiserver.start_again();
        self.ready().await;
    }

    /// Stops etcd in its tracks: the API server answers reads of its caches and nothing else.
    pub(crate) fn pause_etcd(&self) {
        self.etcd.pause();
    }

    /// Lets etcd go on, and waits until the API server is ready.
    pub(crate) async fn resume_etcd(&mut self) {
        self.etcd.go_on();
        self.ready().await;
    }

    /// Requests that changed something, from the audit log: dry runs and reviews aside, and the servers' own.
    pub(crate) fn writes(&self) -> usize {
        self.count(is_write)
    }

    /// All requests, the servers' own aside.
    pub(crate) fn requests(&self) -> usize {
        self.count(|event| !is_of_a_server(event))
    }

    fn count(&self, wanted: impl Fn(&Value) -> bool) -> usize {
        let log = std::fs::read_to_string(&self.audit).unwrap_or_default();
        log.lines().filter_map(|line| serde_json::from_str(line).ok()).filter(|event| wanted(event)).count()
    }

    /// Runs `kubectl`-like requests: GET of a path with the admin's token.
    pub(crate) async fn get(&self, path: &str) -> Value {
        self.request(Method::GET, path, None).await
    }

    /// Any request with the admin's token, as another tool would make it.
    pub(crate) async fn request(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let joint = if path.contains('?') { '&' } else { '?' };
        let url = format!("{}{path}{joint}fieldManager=kubectl-edit", self.address);
        let mut request = super::http().request(method.clone(), url).bearer_auth(TOKEN);
        if let Some(body) = body {
            let kind = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
            request = request.header("content-type", kind).body(body.to_string());
        }
        request.send().await.expect("an answer").json().await.expect("JSON")
    }

    /// Server-side apply of one document, JSON or YAML, as the rig itself.
    pub(crate) async fn apply(&self, path: &str, document: impl Into<String>) -> Value {
        let url = format!("{}{path}?fieldManager=rig&force=true", self.address);
        let request = super::http().patch(url).bearer_auth(TOKEN);
        let request = request.header("content-type", "application/apply-patch+yaml").body(document.into());
        let reply = request.send().await.expect("an answer");
        let (status, body) = (reply.status(), reply.json::<Value>().await.expect("JSON"));
        assert!(status.is_success(), "{path}: {body}");
        body
    }

    /// Whether it would take a document, JSON or YAML: what it would keep, or why not. Unknown fields are refused, as kubectl
    /// asks for.
    pub(crate) async fn dry_run(&self, path: &str, document: &str) -> Result<Value, String> {
        let query = "fieldManager=rig&force=true&dryRun=All&fieldValidation=Strict";
        let request = super::http().patch(format!("{}{path}?{query}", self.address)).bearer_auth(TOKEN);
        let request = request.header("content-type", "application/apply-patch+yaml");
        let reply = request.body(document.to_owned()).send().await.expect("an answer");
        let (status, body) = (reply.status(), reply.text().await.expect("text"));
        let told: Value = serde_json::from_str(&body).unwrap_or(Value::Null);
        if status.is_success() { Ok(told) } else { Err(told["message"].as_str().unwrap_or(&body).to_owned()) }
    }

    /// Makes a namespace, where it is not there.
    pub(crate) async fn namespace(&self, name: &str) {
        let document =
            serde_json::json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        self.apply(&format!("/api/v1/namespaces/{name}"), document.to_string()).await;
    }

    /// Installs the CRDs in a folder of a peer's module, and waits until they are established.
    pub(crate) async fn install_crds(&self, peer: &str, module: &str, folder: &str) {
        let folder = super::module(peer, module).join(folder);
        for entry in std::fs::read_dir(&folder).expect("a folder of CRDs").flatten() {
            let file = entry.path();
            let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            let Some((group, plural)) = stem.split_once('_') else { continue };
            let path = format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{plural}.{group}");
            self.apply(&path, std::fs::read_to_string(&file).expect("a CRD")).await;
            self.wait_for(&path, |found| condition(found, "Established")).await;
        }
    }

    /// Waits until the object at a path is as it should be.
    pub(crate) async fn wait_for(&self, path: &str, wish: impl Fn(&Value) -> bool) -> Value {
        let mut found = Value::Null;
        for _ in 0..600 {
            found = self.get(path).await;
            if wish(&found) {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("{path} is after two minutes: {found:#}");
    }

    /// Waits until the object at a path has the condition `Ready`.
    pub(crate) async fn wait_ready(&self, path: &str) -> Value {
        self.wait_for(path, |found| condition(found, "Ready")).await
    }
}

/// Whether a condition is true of the object as it is now.
pub(crate) fn condition(object: &Value, kind: &str) -> bool {
    let conditions = object["status"]["conditions"].as_array();
    conditions.into_iter().flatten().any(|found| found["type"] == kind && found["status"] == "True")
}

fn is_write(event: &Value) -> bool {
    let verb = event["verb"].as_str().unwrap_or_default();
    let uri = event["requestURI"].as_str().unwrap_or_default();
    matches!(verb, "create" | "update" | "patch" | "delete" | "deletecollection")
        && !uri.contains("dryRun=All")
        && !uri.contains("accessreviews")
        && !is_of_a_server(event)
}

fn is_of_a_server(event: &Value) -> bool {
    let agent = event["userAgent"].as_str().unwrap_or_default();
    SERVERS.iter().any(|server| agent.starts_with(server))
}

fn etcd(dir: &Path, client: u16) -> Command {
    let peer = free_port();
    let mut etcd = Process::command("etcd");
    etcd.arg("--data-dir").arg(dir.join("etcd")).args(["--log-level", "error", "--unsafe-no-fsync"]);
    for (flag, port) in
        [("--listen-client-urls", client), ("--advertise-client-urls", client), ("--listen-peer-urls", peer)]
    {
        etcd.args([flag, &format!("http://127.0.0.1:{port}")]);
    }
    etcd.args(["--initial-advertise-peer-urls", &format!("http://127.0.0.1:{peer}")]);
    etcd.args(["--initial-cluster", &format!("default=http://127.0.0.1:{peer}")]);
    etcd
}

fn apiserver(dir: &Path, etcd: u16, secure: u16) -> Command {
    let pki = dir.join("pki");
    let key = rcgen::KeyPair::generate().expect("a key");
    std::fs::write(pki.join("sa.key"), key.serialize_pem()).expect("written");
    std::fs::write(pki.join("sa.pub"), key.public_key_pem()).expect("written");
    std::fs::write(dir.join("tokens.csv"), format!("{TOKEN},admin,admin,system:masters\n")).expect("written");
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
         users: [{{name: admin, user: {{token: {TOKEN}}}}}]\n\
         contexts: [{{name: rig, context: {{cluster: rig, user: admin}}}}]\n",
        ca.display()
    );
    let file = dir.join("kubeconfig");
    std::fs::write(&file, text).expect("written");
    file
}
