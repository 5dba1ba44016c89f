//! The rig: real servers on loopback, in a temporary folder, for one test. `tests/rig/build` makes the binaries.

mod git;
mod kubernetes;
mod process;
pub(crate) mod repository;
mod vault;

use std::path::{Path, PathBuf};

use tempfile::TempDir;

pub(crate) use git::Git;
pub(crate) use kubernetes::Kubernetes;
pub(crate) use process::Process;
pub(crate) use vault::Vault;

/// Real servers, stopped when dropped.
pub(crate) struct Rig {
    /// etcd and kube-apiserver.
    pub(crate) kubernetes: Kubernetes,
    /// Vault with TLS and an audit device.
    pub(crate) vault: Vault,
    /// Gitea with a repository.
    pub(crate) git: Git,
    /// The controller of External Secrets, once started.
    controller: Option<Process>,
    dir: TempDir,
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
        Self { kubernetes, vault, git, controller: None, dir }
    }

    /// The rig's temporary folder.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Starts the controller of External Secrets; its CRDs must be in the cluster.
    pub(crate) fn start_external_secrets(&mut self) {
        let mut command = Process::command("external-secrets");
        command.env("KUBECONFIG", &self.kubernetes.kubeconfig).arg("--metrics-addr=127.0.0.1:0");
        self.controller = Some(Process::start("external-secrets", command, self.dir.path()));
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

    /// How many requests have written so far: to the API server, to Vault, to the Git host.
    pub(crate) fn writes(&self) -> [usize; 3] {
        [self.kubernetes.writes(), self.vault.writes(), self.git.writes()]
    }
}

/// The folder with the built binaries.
pub(crate) fn bin(name: &str) -> PathBuf {
    let build = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rig/build");
    let output = std::process::Command::new(build).arg("--path").output().expect("tests/rig/build runs");
    let folder = PathBuf::from(String::from_utf8(output.stdout).expect("a path").trim());
    let file = folder.join(name);
    assert!(file.exists(), "{} is missing: run tests/rig/build", file.display());
    file
}

/// The folder of a Go module as one of the rig's peers pins it.
pub(crate) fn module(peer: &str, module: &str) -> PathBuf {
    let peer = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rig/peers").join(peer);
    let list = ["list", "-mod=readonly", "-m", "-f", "{{.Dir}}", module];
    let output = std::process::Command::new("go").args(list).current_dir(peer).output().expect("go runs");
    PathBuf::from(String::from_utf8(output.stdout).expect("a path").trim())
}

fn install_tls() {
    // A second test of the same process finds it installed.
    drop(rustls::crypto::ring::default_provider().install_default());
}
