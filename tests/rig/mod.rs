//! The rig: real servers on loopback, in a temporary folder, for one test. `tests/rig/build` makes the binaries.
//!
//! [`Rig::start`] brings up what every test needs; further servers come by the methods `start_…`. A server is stopped
//! by its process id when the rig is dropped.

pub(crate) mod flux;
mod git;
pub(crate) mod kubernetes;
pub(crate) mod port;
mod process;
mod registry;
pub(crate) mod repository;
mod scheduling;
mod sealed_secrets;
pub(crate) mod standby;
pub(crate) mod vault;
pub(crate) mod webhook;

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

pub(crate) use flux::Flux;
pub(crate) use git::Git;
pub(crate) use kubernetes::Kubernetes;
pub(crate) use process::Process;
pub(crate) use registry::Registry;
pub(crate) use scheduling::Scheduling;
pub(crate) use sealed_secrets::SealedSecrets;
pub(crate) use vault::Vault;

/// Real servers, stopped when dropped.
pub(crate) struct Rig {
    /// The controllers go before the API server they watch.
    pub(crate) others: Others,
    /// etcd and kube-apiserver.
    pub(crate) kubernetes: Kubernetes,
    /// Vault with storage, TLS and an audit device.
    pub(crate) vault: Vault,
    /// Gitea with a repository.
    pub(crate) git: Git,
    dir: TempDir,
}

/// Servers that a test starts where it needs them.
#[derive(Default)]
pub(crate) struct Others {
    /// kube-controller-manager, kube-scheduler and kwok.
    pub(crate) scheduling: Option<Scheduling>,
    /// The controller of External Secrets.
    pub(crate) external_secrets: Option<Process>,
    /// The controller of sealed-secrets.
    pub(crate) sealed_secrets: Option<SealedSecrets>,
    /// Flux's controllers.
    pub(crate) flux: Option<Flux>,
    /// flux-operator.
    pub(crate) flux_operator: Option<Process>,
    /// An OCI registry.
    pub(crate) registry: Option<Registry>,
    /// Vault in dev mode, over plain HTTP.
    pub(crate) dev_vault: Option<Vault>,
}

impl Rig {
    /// Starts the servers side by side and waits until each answers.
    pub(crate) async fn start() -> Self {
        install_tls();
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (kubernetes, vault, git) = tokio::join!(
            Kubernetes::start(dir.path().join("kubernetes")),
            Vault::start(dir.path().join("vault")),
            Git::start(dir.path().join("git")),
        );
        Self { others: Others::default(), kubernetes, vault, git, dir }
    }

    /// The rig's temporary folder.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Starts kube-controller-manager, kube-scheduler and kwok: from then on pods turn Ready.
    pub(crate) async fn start_scheduling(&mut self) -> &mut Scheduling {
        let started = Scheduling::start(&self.kubernetes, self.dir.path()).await;
        self.others.scheduling.insert(started)
    }

    /// Starts the controller of External Secrets; its CRDs must be in the cluster.
    pub(crate) fn start_external_secrets(&mut self) {
        let mut command = Process::command("external-secrets");
        command.env("KUBECONFIG", &self.kubernetes.kubeconfig).arg("--metrics-addr=127.0.0.1:0");
        let started = Process::start("external-secrets", command, self.dir.path());
        self.others.external_secrets = Some(started);
    }

    /// Installs the CRDs of External Secrets.
    pub(crate) async fn install_external_secrets(&self) {
        let module = "github.com/external-secrets/external-secrets";
        self.kubernetes.install_crds("external-secrets", module, "config/crds/bases").await;
    }

    /// Starts the controller of sealed-secrets, where kubeseal finds it.
    pub(crate) async fn start_sealed_secrets(&mut self) -> &mut SealedSecrets {
        let started = SealedSecrets::start(&self.kubernetes, self.dir.path()).await;
        self.others.sealed_secrets.insert(started)
    }

    /// Starts Flux's source-, kustomize- and notification-controller.
    pub(crate) async fn start_flux(&mut self) -> &mut Flux {
        let started = Flux::start(&self.kubernetes, self.dir.path()).await;
        self.others.flux.insert(started)
    }

    /// Starts flux-operator; a `FluxInstance` needs [`Self::start_scheduling`] to become Ready.
    pub(crate) async fn start_flux_operator(&mut self) -> &mut Process {
        let started = flux::operator(&self.kubernetes, self.dir.path()).await;
        self.others.flux_operator.insert(started)
    }

    /// Starts an OCI registry.
    pub(crate) async fn start_registry(&mut self) -> &mut Registry {
        let started = Registry::start(self.dir.path()).await;
        self.others.registry.insert(started)
    }

    /// Starts a Vault in dev mode beside the other.
    pub(crate) async fn start_dev_vault(&mut self) -> &mut Vault {
        let started = Vault::start_dev(self.dir.path().join("vault-dev")).await;
        self.others.dev_vault.insert(started)
    }

    /// The environment in which `sealstrap` reaches the servers.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("KUBECONFIG", self.kubernetes.kubeconfig.display().to_string()),
            ("VAULT_ADDR", self.vault.address.clone()),
            ("VAULT_TOKEN", self.vault.token.clone()),
            ("GITEA_TOKEN", self.git.token.clone()),
        ]
    }

    /// A program of the rig, such as `helm` or `kubeseal`, that reaches the cluster.
    pub(crate) fn tool(&self, name: &str) -> Command {
        let mut command = Process::command(name);
        command
            .env("KUBECONFIG", &self.kubernetes.kubeconfig)
            .env("HOME", self.dir())
            .current_dir(self.dir());
        command
    }

    /// How many requests have written so far: to the API server, to Vault, to the Git host.
    pub(crate) fn writes(&self) -> [usize; 3] {
        [self.kubernetes.writes(), self.vault.writes(), self.git.writes()]
    }

    /// How many requests there were so far, the servers' own aside.
    pub(crate) fn requests(&self) -> [usize; 3] {
        [self.kubernetes.requests(), self.vault.requests(), self.git.requests()]
    }
}

/// The folder with the built binaries.
pub(crate) fn bin(name: &str) -> PathBuf {
    let build = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rig/build");
    let output = Command::new(build).arg("--path").output().expect("tests/rig/build runs");
    let folder = PathBuf::from(String::from_utf8(output.stdout).expect("a path").trim());
    let file = folder.join(name);
    assert!(file.exists(), "{} is missing: run tests/rig/build", file.display());
    file
}

/// The folder of a Go module as one of the rig's peers pins it.
pub(crate) fn module(peer: &str, module: &str) -> PathBuf {
    let peer = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rig/peers").join(peer);
    let download = ["mod", "download", "-json", module];
    let output = Command::new("go").args(download).current_dir(peer).output().expect("go runs");
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON of go");
    PathBuf::from(found["Dir"].as_str().unwrap_or_else(|| panic!("{module}: {found}")))
}

/// A client that trusts whoever answers: the servers are ours.
fn http() -> reqwest::Client {
    reqwest::Client::builder().tls_danger_accept_invalid_certs(true).build().expect("a client")
}

/// Chooses who does TLS in this process.
pub(crate) fn install_tls() {
    // A second test of the same process finds it installed.
    drop(rustls::crypto::ring::default_provider().install_default());
}
