//! What the API server must answer. Statements leave nothing behind that another one would stumble over.

mod apply;
mod kinds;
mod lease;
mod object;
mod proxy;
mod refusal;
mod rights;
mod secret;
mod service_account;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sealstrap::plain::Plain;
use sealstrap::remote::cluster::{Access, Apply, Cluster, ObjectRef, Overrides, SecretWrite};
use sealstrap::sandbox::kubernetes::{Kubernetes, kubeconfig};
use sealstrap::sandbox::server::{Ledger, Remote, serve};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::json::mask;
use crate::rig::Rig;
use crate::statement::{self, Seen, Statement, sentences};

pub(crate) const OURS: Apply<'static> = Apply { manager: "sealstrap", force: false, dry_run: false };
pub(crate) const THEIRS: Apply<'static> =
    Apply { manager: "kustomize-controller", force: false, dry_run: false };

pub(crate) const JSON: &str = "application/json";
pub(crate) const MERGE: &str = "application/merge-patch+json";
pub(crate) const APPLY: &str = "application/apply-patch+yaml";

/// What each server decides by itself.
const OWN: &[&str] =
    &["uid", "resourceVersion", "creationTimestamp", "time", "lastTransitionTime", "continue", "hash"];

pub(crate) fn statements() -> Vec<Statement<Side>> {
    let mut all = apply::statements();
    all.extend(object::statements());
    all.extend(refusal::statements());
    all.extend(kinds::statements());
    all.extend(secret::statements());
    all.extend(lease::statements());
    all.extend(rights::statements());
    all.extend(service_account::statements());
    all.extend(proxy::statements());
    all
}

/// An API server, by our client and by raw requests.
pub(crate) struct Side {
    pub(crate) admin: Cluster,
    http: reqwest::Client,
    address: String,
    token: &'static str,
    version: String,
    /// The server in this process, where it is the sandbox's.
    sandbox: Option<Arc<Kubernetes>>,
    seen: Seen,
    _folder: TempDir,
}

impl statement::Side for Side {
    fn seen(&self) -> &Seen {
        &self.seen
    }

    fn version(&self) -> String {
        self.version.clone()
    }
}

/// A raw answer.
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Side {
    pub(crate) async fn sandbox() -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let server = Arc::new(Kubernetes::new("admintoken"));
        let handler = Arc::clone(&server).handler();
        let address = serve(Remote::Kubernetes, Arc::new(Ledger::default()), handler).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config");
        std::fs::write(&file, kubeconfig(address, "admintoken")).unwrap();
        Self::new(file, format!("http://{address}"), Some(server), folder).await
    }

    pub(crate) async fn rig(rig: &Rig) -> Self {
        let (file, address) = (rig.kubernetes.kubeconfig.clone(), rig.kubernetes.address.clone());
        Self::new(file, address, None, tempfile::tempdir().unwrap()).await
    }

    async fn new(file: PathBuf, address: String, sandbox: Option<Arc<Kubernetes>>, folder: TempDir) -> Self {
        let admin = connect(file).await;
        let version = admin.version().await.unwrap();
        let http = reqwest::Client::builder().tls_danger_accept_invalid_certs(true).build().unwrap();
        let token = "admintoken";
        Self { admin, http, address, token, version, sandbox, seen: Seen::default(), _folder: folder }
    }

    /// A raw request as the administrator; what it is answered is compared with the other side.
    pub(crate) async fn ask(&self, method: &str, path: &str, media: &str, body: &Value) -> Told {
        self.ask_as(self.token, method, path, media, body).await
    }

    pub(crate) async fn read(&self, path: &str) -> Told {
        self.ask("GET", path, JSON, &Value::Null).await
    }

    pub(crate) async fn ask_as(
        &self,
        token: &str,
        method: &str,
        path: &str,
        media: &str,
        body: &Value,
    ) -> Told {
        let told = self.quietly(token, method, path, media, body).await;
        let mut seen = json!({"asked": format!("{method} {path}"), "status": told.status, "body": told.body});
        let words = [
            ("system:serviceaccount:default:seal-nobody".to_owned(), "USER"),
            ("\"sandbox\"".to_owned(), "\"USER\""),
        ];
        mask(&mut seen["body"], OWN, &words);
        // Their order is that of a map.
        if let Some(causes) = seen.pointer_mut("/body/details/causes").and_then(Value::as_array_mut) {
            causes.sort_by_key(ToString::to_string);
        }
        self.seen.note(seen);
        told
    }

    /// The same without comparison.
    pub(crate) async fn quietly(
        &self,
        token: &str,
        method: &str,
        path: &str,
        media: &str,
        body: &Value,
    ) -> Told {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.http.request(method, format!("{}{path}", self.address));
        request = request.bearer_auth(token).header("accept", JSON).header("user-agent", "contract/1");
        if !body.is_null() {
            request = request.header("content-type", media).body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or_else(|_| Value::from(text.trim()));
        Told { status, body }
    }

    /// Makes a raw write that is not looked at, but has to succeed.
    pub(crate) async fn make(&self, method: &str, path: &str, media: &str, body: &Value) -> Value {
        let told = self.quietly(self.token, method, path, media, body).await;
        assert!(told.status < 300, "{method} {path}: {} {}", told.status, told.body);
        told.body
    }

    /// Notes what our client made of an answer, to be compared with the other side.
    pub(crate) fn note_error(&self, error: &sealstrap::remote::Error) {
        self.seen.note(json!({"asked": error.to_string(), "error": format!("{:?}", error.cause)}));
    }
}

pub(crate) async fn connect(file: PathBuf) -> Cluster {
    let access = Access {
        kubeconfig: Some(file),
        context: None,
        overrides: Overrides::default(),
        timeout: Duration::from_secs(30),
    };
    Cluster::connect(&access).await.unwrap()
}

pub(crate) fn reference(object: &Value) -> ObjectRef {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    ObjectRef {
        api_version: text(&object["apiVersion"]),
        kind: text(&object["kind"]),
        namespace: object["metadata"]["namespace"].as_str().map(str::to_owned),
        name: text(&object["metadata"]["name"]),
    }
}

pub(crate) fn settings(name: &str, data: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "default"}, "data": data})
}

pub(crate) fn secret(name: &str, values: &[(&str, &str)]) -> SecretWrite {
    let plain = |(key, value): &(&str, &str)| ((*key).to_owned(), Plain::from((*value).to_owned()));
    SecretWrite {
        namespace: "default".into(),
        name: name.into(),
        kind: "Opaque".into(),
        labels: [("of".to_owned(), "sealstrap".to_owned())].into(),
        annotations: BTreeMap::new(),
        data: values.iter().map(plain).collect(),
    }
}

pub(crate) fn in_default(api_version: &str, kind: &str, name: &str) -> ObjectRef {
    let namespace = Some("default".to_owned());
    ObjectRef { api_version: api_version.into(), kind: kind.into(), namespace, name: name.into() }
}
