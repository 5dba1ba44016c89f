//! The rig with all controllers running, and a repository at the Git host that Flux is to sync.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::rig::Rig;
use crate::rig::kubernetes::condition;
use crate::rig::repository::{Repository, text};

/// Where the things of Flux lie.
pub(crate) const GIT_REPOSITORY: &str =
    "/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories/flux-system";
pub(crate) const KUSTOMIZATION: &str =
    "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/flux-system";
pub(crate) const RECEIVER: &str =
    "/apis/notification.toolkit.fluxcd.io/v1/namespaces/flux-system/receivers/github-webhook";
/// What the repository puts into the cluster.
pub(crate) const CONFIG: &str = "/api/v1/namespaces/default/configmaps/from-git";

/// The folder that is synced.
const FOLDER: &str = "k8s/flux/cluster";

/// A rig on which a bootstrap can go through to the first sync.
pub(crate) struct Scene {
    pub(crate) rig: Rig,
    pub(crate) repository: Repository,
}

impl Scene {
    /// Starts everything; the cluster holds nothing but the operators' CRDs.
    pub(crate) async fn start() -> Self {
        let mut rig = Rig::start().await;
        let repository = Repository::new(&rig, env!("CARGO_BIN_EXE_sealstrap"));
        rig.start_scheduling().await;
        rig.install_external_secrets().await;
        rig.start_external_secrets();
        rig.start_flux_operator().await;
        let receiver = rig.start_flux().await.receiver.clone();
        let scene = Self { rig, repository };
        scene.repository.set(&scene.settings(&receiver));
        scene.push("config.yaml", &config("1")).await;
        scene.push("receiver.yaml", &receiver_manifest()).await;
        scene
    }

    /// The same without Vault and External Secrets, with the controller of sealed-secrets instead.
    pub(crate) async fn sealed() -> Self {
        let mut rig = Rig::start().await;
        let mut repository = Repository::new(&rig, env!("CARGO_BIN_EXE_sealstrap"));
        repository.environment.retain(|(name, _)| !name.starts_with("VAULT_"));
        // The controller's pod is said to be on a node, without which the garbage collector would take it away.
        let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "outside"}});
        rig.kubernetes.apply("/api/v1/nodes/outside", node.to_string()).await;
        rig.start_sealed_secrets().await;
        rig.start_scheduling().await;
        rig.start_flux_operator().await;
        let receiver = rig.start_flux().await.receiver.clone();
        let scene = Self { rig, repository };
        scene.repository.set(&crate::sealed::settings(&scene, &receiver));
        scene.push("config.yaml", &config("1")).await;
        scene.push("receiver.yaml", &receiver_manifest()).await;
        scene
    }

    fn settings(&self, receiver: &str) -> String {
        let flux = "flux: {install: [{name: crds, from: {manifests: [crds]}}], \
                    instance: {spec: {cluster: {networkPolicy: false}}}}";
        let base = Repository::settings(&self.rig).replace("http://127.0.0.1:9292", receiver);
        let without_flux: Vec<&str> = base.lines().filter(|line| !line.starts_with("flux:")).collect();
        format!("{}\n{flux}\n", without_flux.join("\n"))
    }

    /// Commits a file to the synced folder, as a person would; gives the commit.
    pub(crate) async fn push(&self, name: &str, text: &str) -> String {
        self.push_at(&format!("{FOLDER}/{name}"), text).await
    }

    /// Commits a file anywhere in the repository.
    pub(crate) async fn push_at(&self, name: &str, text: &str) -> String {
        let path = format!("repos/{}/contents/{name}", self.rig.git.repository);
        let there = self.rig.git.request("GET", &path, None).await;
        let mut body =
            json!({"content": STANDARD.encode(text), "message": format!("change {name}"), "branch": "main"});
        let method = match there["sha"].as_str() {
            Some(sha) => {
                body["sha"] = sha.into();
                "PUT"
            }
            None => "POST",
        };
        let answer = self.rig.git.request(method, &path, Some(body)).await;
        answer["commit"]["sha"].as_str().unwrap_or_else(|| panic!("pushed: {answer}")).to_owned()
    }

    /// Asks source-controller to fetch now.
    pub(crate) async fn fetch_now(&self) -> String {
        let now = jiff::Timestamp::now().to_string();
        let body = json!({"metadata": {"annotations": {"reconcile.fluxcd.io/requestedAt": now}}});
        self.rig.kubernetes.request(Method::PATCH, GIT_REPOSITORY, Some(body)).await;
        now
    }

    /// Waits until what a commit holds is applied.
    pub(crate) async fn wait_applied(&self, commit: &str) {
        self.fetch_now().await;
        let applied = |found: &Value| {
            found["status"]["lastAppliedRevision"].as_str().is_some_and(|revision| revision.ends_with(commit))
        };
        self.rig.kubernetes.wait_for(KUSTOMIZATION, applied).await;
    }

    /// Waits until Flux is through with what it knows: both are ready, of the same revision, and stay so for a while. A
    /// push is told by a webhook too, and may be looked at twice.
    async fn come_to_rest(&self) {
        /// A second.
        const LOOKS: usize = 5;
        let mut calm = 0;
        for _ in 0..600 {
            let source = self.rig.kubernetes.get(GIT_REPOSITORY).await;
            let applied = self.rig.kubernetes.get(KUSTOMIZATION).await;
            let at_rest = |found: &Value| condition(found, "Ready") && !condition(found, "Reconciling");
            let same = source["status"]["artifact"]["revision"] == applied["status"]["lastAppliedRevision"];
            calm = if at_rest(&source) && at_rest(&applied) && same { calm + 1 } else { 0 };
            if calm == LOOKS {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("Flux does not come to rest");
    }

    /// The deploy keys at the Git host.
    pub(crate) async fn deploy_keys(&self) -> Vec<Value> {
        let path = format!("repos/{}/keys", self.rig.git.repository);
        self.rig.git.request("GET", &path, None).await.as_array().cloned().unwrap_or_default()
    }

    /// The webhooks at the Git host.
    pub(crate) async fn hooks(&self) -> Vec<Value> {
        let path = format!("repos/{}/hooks", self.rig.git.repository);
        self.rig.git.request("GET", &path, None).await.as_array().cloned().unwrap_or_default()
    }

    /// Fails unless the cluster is synced, one deploy key and one webhook stand at the Git host, and another run
    /// writes nothing.
    pub(crate) async fn assert_converged(&self) {
        self.come_to_rest().await;
        let before = self.rig.writes();
        let again = self.repository.sealstrap(&["bootstrap"]).await;
        Repository::succeeded(&again);
        assert_eq!(self.rig.writes(), before, "the run after it writes nothing: {}", text(&again));
        assert_eq!((self.deploy_keys().await.len(), self.hooks().await.len()), (1, 1), "no orphan");
    }
}

/// What is synced, in a version.
pub(crate) fn config(version: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: from-git, namespace: default}}\ndata: {{version: \"{version}\"}}\n"
    )
}

fn receiver_manifest() -> String {
    "apiVersion: notification.toolkit.fluxcd.io/v1\nkind: Receiver\n\
     metadata: {name: github-webhook, namespace: flux-system}\n\
     spec:\n  type: github\n  events: [push, ping]\n  secretRef: {name: github-webhook-token-secret}\n  \
     resources: [{apiVersion: source.toolkit.fluxcd.io/v1, kind: GitRepository, name: flux-system}]\n"
        .to_owned()
}
