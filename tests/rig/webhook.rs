//! The validating webhook of External Secrets, and the API server told to ask it.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::kubernetes::Kubernetes;
use super::port::{free_address, free_port};
use super::process::Process;
use super::vault::certificates;

/// The kinds that it judges.
const KINDS: [&str; 3] = ["externalsecret", "secretstore", "clustersecretstore"];

/// The webhook, a process of its own.
pub(crate) struct Webhook {
    /// The server.
    pub(crate) process: Process,
}

impl Webhook {
    /// Starts it, and waits until the API server asks it. The CRDs must be in the cluster.
    pub(crate) async fn start(kubernetes: &Kubernetes, dir: &Path) -> Self {
        let dir = dir.join("webhook");
        std::fs::create_dir_all(&dir).expect("a folder");
        let ca = certificates(&dir);
        for (from, to) in [("vault-ca.pem", "ca.crt"), ("vault.crt", "tls.crt"), ("vault.key", "tls.key")] {
            std::fs::copy(dir.join(from), dir.join(to)).expect("copied");
        }
        let (port, health) = (free_port(), free_address());
        let mut command = Process::command("external-secrets");
        command.env("KUBECONFIG", &kubernetes.kubeconfig).arg("webhook").arg("--dns-name=localhost");
        command.arg(format!("--port={port}")).arg(format!("--healthz-addr={health}"));
        command.arg("--metrics-addr=127.0.0.1:0").arg(format!("--cert-dir={}", dir.display()));
        let mut process = Process::start("external-secrets-webhook", command, &dir);
        process.wait_for(&format!("http://{health}/readyz")).await;
        let (http, url) = (super::http(), format!("https://127.0.0.1:{port}/"));
        process.wait_until(async || http.get(&url).send().await.is_ok()).await;
        let authority = STANDARD.encode(std::fs::read(ca).expect("an authority"));
        register(kubernetes, port, &authority).await;
        Self { process }
    }
}

async fn register(kubernetes: &Kubernetes, port: u16, authority: &str) {
    let hooks = KINDS.map(|kind| {
        json!({
            "name": format!("validate.{kind}.external-secrets.io"),
            "rules": [{
                "apiGroups": ["external-secrets.io"], "apiVersions": ["v1"], "resources": [format!("{kind}s")],
                "operations": ["CREATE", "UPDATE", "DELETE"],
            }],
            "clientConfig": {
                "url": format!("https://127.0.0.1:{port}/validate-external-secrets-io-v1-{kind}"), "caBundle": authority,
            },
            "admissionReviewVersions": ["v1"], "sideEffects": "None", "timeoutSeconds": 10, "failurePolicy": "Fail",
        })
    });
    let api = "admissionregistration.k8s.io/v1";
    let object = json!({
        "apiVersion": api, "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "external-secrets"}, "webhooks": hooks,
    });
    let path = format!("/apis/{api}/validatingwebhookconfigurations/external-secrets");
    kubernetes.apply(&path, object.to_string()).await;
    for kind in KINDS {
        asked(kubernetes, kind).await;
    }
}

/// Waits until the API server has heard of it: what only the webhook refuses is refused.
async fn asked(kubernetes: &Kubernetes, kind: &str) {
    let of_default = kind != "clustersecretstore";
    let (api, namespace) = ("external-secrets.io/v1", if of_default { "namespaces/default/" } else { "" });
    let (kind_name, spec) = match kind {
        "externalsecret" => ("ExternalSecret", json!({"secretStoreRef": {"name": "a"}})),
        "secretstore" => ("SecretStore", bad_store()),
        _ => ("ClusterSecretStore", bad_store()),
    };
    let object = json!({"apiVersion": api, "kind": kind_name, "metadata": {"name": "probe"}, "spec": spec});
    let path = format!("/apis/{api}/{namespace}{kind}s/probe");
    for _ in 0..100 {
        if kubernetes.dry_run(&path, &object.to_string()).await.is_err_and(|told| told.contains("webhook")) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the API server does not ask the webhook for {kind}");
}

fn bad_store() -> Value {
    json!({"provider": {"fake": {"data": []}}, "conditions": [{"namespaceRegexes": ["("]}]})
}
