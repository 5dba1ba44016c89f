//! A GitOps repository whose settings name the rig's servers, and the real binary run in it.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use super::Rig;

/// A value that must turn up nowhere but in Vault and the cluster.
pub(crate) const CANARY: &str = "canary-5b1f0c3a-of-the-rig";

/// A folder with `sealstrap.yaml` and what it names.
pub(crate) struct Repository {
    /// The folder.
    pub(crate) folder: PathBuf,
    /// What the binary sees beside `PATH`.
    pub(crate) environment: Vec<(&'static str, String)>,
    binary: &'static str,
}

impl Repository {
    /// One for the binary at this path, with the CRDs of External Secrets in `crds`, to be installed by the task `helmfile`.
    pub(crate) fn new(rig: &Rig, binary: &'static str) -> Self {
        let folder = rig.dir().join("repository");
        copy_crds(&folder.join("crds"));
        std::fs::copy(&rig.vault.ca, folder.join("vault-ca.crt")).expect("copied");
        std::fs::copy(&rig.git.known_hosts, folder.join("known_hosts")).expect("copied");
        let mut environment = rig.environment();
        environment.push(("CF_API_TOKEN", CANARY.to_owned()));
        environment.push(("HOME", folder.display().to_string()));
        let repository = Self { folder, environment, binary };
        repository.set(&Self::settings(rig));
        repository
    }

    /// The settings that it begins with.
    pub(crate) fn settings(rig: &Rig) -> String {
        format!(
            "cluster: {{name: rig}}\n\
             git: {{host: gitea, api: \"{}\", repository: {}, ssh: \"{}\", knownHosts: known_hosts, login: {{token: {{env: GITEA_TOKEN}}}}}}\n\
             vault: {{address: \"{}\", ca: vault-ca.crt}}\n\
             secrets: {{cloudflare: {{vault: cloudflare-api-token, key: api-token, from: {{env: CF_API_TOKEN}}}}}}\n\
             webhook: {{url: \"http://127.0.0.1:9292\"}}\n\
             flux: {{install: [{{name: crds, from: {{manifests: [crds]}}}}], instance: {{apply: false, wait: false}}}}\n",
            rig.git.address, rig.git.repository, rig.git.ssh, rig.vault.address
        )
    }

    /// Writes other settings.
    pub(crate) fn set(&self, settings: &str) {
        std::fs::write(self.folder.join("sealstrap.yaml"), settings).expect("written");
    }

    /// The binary with these arguments.
    pub(crate) fn command(&self, arguments: &[&str]) -> tokio::process::Command {
        let mut command = tokio::process::Command::new(self.binary);
        command.args(arguments).current_dir(&self.folder).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(self.environment.iter().map(|(name, value)| (*name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// Runs it to its end.
    pub(crate) async fn sealstrap(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().await.expect("the binary runs")
    }

    /// Fails with everything that was written where it ended with an error.
    #[track_caller]
    pub(crate) fn succeeded(output: &Output) {
        assert!(output.status.success(), "{}", text(output));
    }
}

/// Both streams.
pub(crate) fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The CRDs of External Secrets, from the module that the rig's controller is built of.
fn copy_crds(folder: &Path) {
    std::fs::create_dir_all(folder).expect("a folder");
    let bases = super::module("external-secrets", "github.com/external-secrets/external-secrets")
        .join("config/crds/bases");
    for entry in std::fs::read_dir(bases).expect("the CRDs").flatten() {
        if !entry.file_name().to_string_lossy().starts_with("kustomization") {
            std::fs::copy(entry.path(), folder.join(entry.file_name())).expect("copied");
        }
    }
}
