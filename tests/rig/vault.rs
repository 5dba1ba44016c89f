//! Vault: one with storage, TLS of its own authority, a seal and an audit device; and one in dev mode.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use reqwest::Method;
use serde_json::{Value, json};

use super::port::free_address;
use super::process::Process;

/// A real Vault.
pub(crate) struct Vault {
    /// Its address.
    pub(crate) address: String,
    /// A token that may do everything.
    pub(crate) token: String,
    /// The authority of its certificate; an empty path where it speaks plain HTTP.
    pub(crate) ca: PathBuf,
    /// The server.
    pub(crate) process: Process,
    pub(super) unseal_key: String,
    audit: PathBuf,
}

impl Vault {
    /// Starts one that keeps its data in files, makes it ready as an operator would, and waits until it is.
    pub(crate) async fn start(dir: PathBuf) -> Self {
        std::fs::create_dir_all(&dir).expect("a folder");
        let ca = certificates(&dir);
        let storage = format!("storage \"file\" {{ path = \"{}/data\" }}\n", dir.display());
        let mut vault = Self::launch(&dir, ca, "", &storage).await;
        vault.initialize().await;
        vault
    }

    /// Starts a server with the certificates beside `ca`, and waits until it answers. `listener` are further lines of its
    /// listener.
    pub(super) async fn launch(dir: &Path, ca: PathBuf, listener: &str, rest: &str) -> Self {
        let listen = free_address();
        let file = dir.join("vault.hcl");
        let certificates = ca.parent().expect("a folder").display();
        let configuration = format!(
            "{rest}listener \"tcp\" {{\n  address = \"{listen}\"\n  tls_cert_file = \"{certificates}/vault.crt\"\n  \
             tls_key_file = \"{certificates}/vault.key\"\n{listener}}}\n\
             api_addr = \"https://{listen}\"\ndisable_mlock = true\n"
        );
        std::fs::write(&file, configuration).expect("written");
        let mut command = Process::command("vault");
        command.arg("server").arg("-config").arg(&file);
        let process = Process::start("vault", command, dir);
        let (address, audit) = (format!("https://{listen}"), dir.join("audit.log"));
        let mut vault = Self { address, token: String::new(), ca, process, unseal_key: String::new(), audit };
        vault.answers().await;
        vault
    }

    /// Starts one in dev mode: in memory, over plain HTTP, unsealed.
    pub(crate) async fn start_dev(dir: PathBuf) -> Self {
        let listen = free_address();
        let mut command = Process::command("vault");
        command.args(["server", "-dev", "-dev-root-token-id=root-of-the-rig", "-dev-no-store-token"]);
        command.arg(format!("-dev-listen-address={listen}"));
        let process = Process::start("vault-dev", command, &dir);
        let (address, token) = (format!("http://{listen}"), "root-of-the-rig".to_owned());
        let (ca, unseal_key) = (PathBuf::new(), String::new());
        let mut vault = Self { address, token, ca, process, unseal_key, audit: dir.join("audit.log") };
        vault.active().await;
        vault.finish().await;
        vault
    }

    pub(super) async fn initialize(&mut self) {
        let wish = json!({"secret_shares": 1, "secret_threshold": 1});
        let made = self.request("PUT", "sys/init", Some(wish)).await;
        let text = |value: &Value| value.as_str().expect("Vault gives keys").to_owned();
        (self.token, self.unseal_key) = (text(&made["root_token"]), text(&made["keys_base64"][0]));
        self.unseal().await;
        let engine = json!({"type": "kv", "options": {"version": "2"}});
        self.request("POST", "sys/mounts/secret", Some(engine)).await;
        self.finish().await;
    }

    /// Switches the audit device on, and waits until the engine at `secret` is version 2 in earnest.
    async fn finish(&mut self) {
        let device = json!({"type": "file", "options": {"file_path": self.audit}});
        self.request("PUT", "sys/audit/file", Some(device)).await;
        let (url, token) = (format!("{}/v1/secret/config", self.address), self.token.clone());
        let http = super::http();
        let ready = async || match http.get(&url).header("X-Vault-Token", &token).send().await {
            Ok(reply) => reply.status().is_success(),
            Err(_) => false,
        };
        self.process.wait_until(ready).await;
    }

    /// Seals it: it answers 503 and forgets its key.
    pub(crate) async fn seal(&self) {
        self.request("PUT", "sys/seal", None).await;
    }

    /// Unseals it, and waits until it is active.
    pub(crate) async fn unseal(&mut self) {
        self.request("PUT", "sys/unseal", Some(json!({"key": self.unseal_key}))).await;
        self.active().await;
    }

    /// Starts it again after a kill: it comes up sealed, as it does in life.
    pub(crate) async fn start_again(&mut self) {
        self.process.start_again();
        self.answers().await;
    }

    async fn answers(&mut self) {
        self.process.wait_for(&format!("{}/v1/sys/seal-status", self.address)).await;
    }

    async fn active(&mut self) {
        self.process.wait_for(&format!("{}/v1/sys/health", self.address)).await;
    }

    /// Requests that changed something, from the audit device: logins and look-ups aside.
    pub(crate) fn writes(&self) -> usize {
        self.count(is_write)
    }

    /// All requests with the admin's token; External Secrets has its own.
    pub(crate) fn requests(&self) -> usize {
        self.count(|event| event["type"] == "request" && event["auth"]["display_name"] == "root")
    }

    fn count(&self, wanted: impl Fn(&Value) -> bool) -> usize {
        let log = std::fs::read_to_string(&self.audit).unwrap_or_default();
        log.lines().filter_map(|line| serde_json::from_str(line).ok()).filter(|event| wanted(event)).count()
    }

    /// Any request with the admin's token, as another tool would make it.
    pub(crate) async fn request(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = super::http()
            .request(method, format!("{}/v1/{path}", self.address))
            .header("X-Vault-Token", &self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let text = request.send().await.expect("an answer").text().await.expect("text");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }
}

/// An authority and a certificate for the server; gives the file of the authority's.
pub(crate) fn certificates(dir: &Path) -> PathBuf {
    let (ca_key, key) = (KeyPair::generate().expect("a key"), KeyPair::generate().expect("a key"));
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "authority of the rig's Vault");
    let ca = params.self_signed(&ca_key).expect("a certificate");
    let mut server =
        CertificateParams::new(vec!["127.0.0.1".into(), "localhost".into()]).expect("parameters");
    server.distinguished_name.push(DnType::CommonName, "the rig's Vault");
    server.use_authority_key_identifier_extension = true;
    let issuer = Issuer::new(params, ca_key);
    let server = server.signed_by(&key, &issuer).expect("a certificate");
    let file = dir.join("vault-ca.pem");
    for (file, text) in [
        (file.clone(), ca.pem()),
        (dir.join("vault.crt"), server.pem()),
        (dir.join("vault.key"), key.serialize_pem()),
    ] {
        std::fs::write(file, text).expect("written");
    }
    file
}

fn is_write(event: &Value) -> bool {
    let path = event["request"]["path"].as_str().unwrap_or_default();
    let operation = event["request"]["operation"].as_str().unwrap_or_default();
    let looks = [
        "auth/token/revoke-self",
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
