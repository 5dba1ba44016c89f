//! Vault with TLS, its own authority and an audit device.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::process::{Process, free_port};

/// A real Vault.
pub(crate) struct Vault {
    /// Its address.
    pub(crate) address: String,
    /// A token that may do everything.
    pub(crate) token: String,
    /// The authority of its certificate.
    pub(crate) ca: PathBuf,
    audit: PathBuf,
    _process: Process,
}

impl Vault {
    /// Starts it and waits until it is unsealed.
    pub(crate) async fn start(dir: PathBuf) -> Self {
        let tls = dir.join("tls");
        std::fs::create_dir_all(&tls).expect("a folder");
        let port = free_port();
        let mut command = Process::command("vault");
        command
            .args(["server", "-dev", "-dev-tls", "-dev-root-token-id=root-of-the-rig", "-dev-no-store-token"])
            .arg(format!("-dev-listen-address=127.0.0.1:{port}"))
            .arg(format!("-dev-tls-cert-dir={}", tls.display()));
        let mut process = Process::start("vault", command, &dir);
        let address = format!("https://127.0.0.1:{port}");
        let ready = async || match client().get(format!("{address}/v1/sys/health")).send().await {
            Ok(reply) => reply.status().is_success(),
            Err(_) => false,
        };
        process.wait_until(ready).await;
        let (ca, audit) = (tls.join("vault-ca.pem"), dir.join("audit.log"));
        let vault = Self { address, token: "root-of-the-rig".into(), ca, audit, _process: process };
        let device = json!({"type": "file", "options": {"file_path": vault.audit}});
        vault.request("PUT", "sys/audit/file", Some(device)).await;
        vault
    }

    /// Requests that changed something, from the audit device: logins and look-ups aside.
    pub(crate) fn writes(&self) -> usize {
        let log = std::fs::read_to_string(&self.audit).unwrap_or_default();
        log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).filter(is_write).count()
    }

    /// Any request with the admin's token, as another tool would make it.
    pub(crate) async fn request(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = client()
            .request(method, format!("{}/v1/{path}", self.address))
            .header("X-Vault-Token", &self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let text = request.send().await.expect("an answer").text().await.expect("text");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().tls_danger_accept_invalid_certs(true).build().expect("a client")
}

fn is_write(event: &Value) -> bool {
    let path = event["request"]["path"].as_str().unwrap_or_default();
    let operation = event["request"]["operation"].as_str().unwrap_or_default();
    let looks = [
        "sys/capabilities-self",
        "auth/token/lookup",
        "auth/token/lookup-self",
        "auth/token/lookup-accessor",
    ];
    event["type"] == "request"
        && matches!(operation, "create" | "update" | "patch" | "delete")
        && !looks.contains(&path)
        && !path.ends_with("/login")
}
