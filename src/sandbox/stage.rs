//! The stage: the three stand-ins and the reactors, with everything a run needs to use them.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use super::git_host::GitHost;
use super::kubernetes::{self, Kubernetes};
use super::reactors::Reactors;
use super::server::{self, Ledger, Remote};
use super::vault::{self, Vault};
use crate::plain::Plain;
use crate::settings::{
    FluxInstance, GitHostKind, GitLogin, Install, InstallFrom, KvEngine, Overrides, SealingController,
    Settings, StoreKind, VaultLogin,
};
use crate::source::{Encoding, Generate, Source};
use crate::yaml;

/// The tokens of the stand-ins. No secrets: they open nothing but a sandbox.
const CLUSTER_TOKEN: &str = "sandbox-cluster-admin";
const GIT_TOKEN: &str = "sandbox-git-admin";

/// What stands in for the operators' own manifests: their kinds, and a Deployment each.
const OPERATORS: [(&str, &str); 4] = [
    (STORE, include_str!("crds/external-secrets.yaml")),
    (STORE_DEPLOYMENT, include_str!("crds/external-secrets-deployment.yaml")),
    (FLUX, concat!(include_str!("crds/flux.yaml"), include_str!("crds/flux-deployment.yaml"))),
    (SEALING, include_str!("crds/sealed-secrets.yaml")),
];
const STORE: &str = "operators/external-secrets.yaml";
const STORE_DEPLOYMENT: &str = "operators/external-secrets-deployment.yaml";
const FLUX: &str = "operators/flux.yaml";
const SEALING: &str = "sealing/controller.yaml";

/// The settings and files of the examples that are rehearsed where there are no settings.
pub struct Example;

impl Example {
    /// `examples/homelab/sealstrap.yaml`.
    pub const SETTINGS: &str = include_str!("../../examples/homelab/sealstrap.yaml");
    /// `examples/sealed/sealstrap.yaml`: neither Vault nor External Secrets.
    pub const SEALED: &str = include_str!("../../examples/sealed/sealstrap.yaml");
    const AUTHORITY: &str = include_str!("../../examples/homelab/certs/vault-ca.crt");

    /// The file and the text of the example for a runbook.
    #[must_use]
    pub fn of(runbook: Option<&str>) -> (&'static str, &'static str) {
        match runbook {
            Some("flux-sealed") => ("examples/sealed/sealstrap.yaml", Self::SEALED),
            _ => ("examples/homelab/sealstrap.yaml", Self::SETTINGS),
        }
    }
}

/// A running sandbox; it ends with the runtime it was started on, its files when it is dropped.
pub struct Sandbox {
    /// The Kubernetes API.
    pub kubernetes: Arc<Kubernetes>,
    /// Vault.
    pub vault: Arc<Vault>,
    /// GitHub.
    pub git_host: Arc<GitHost>,
    ledger: Arc<Ledger>,
    addresses: [SocketAddr; 3],
    folder: TempDir,
}

impl Sandbox {
    /// Starts the servers on free loopback ports, for one repository (`owner/name`).
    ///
    /// # Errors
    /// No port, or no temporary folder, can be had.
    pub async fn start(repository: &str) -> io::Result<Self> {
        let ledger = Arc::new(Ledger::default());
        let kubernetes = Arc::new(Kubernetes::new(CLUSTER_TOKEN));
        let vault = Arc::new(Vault::new());
        let git_host = Arc::new(GitHost::new(Plain::from(GIT_TOKEN.to_owned()), repository));
        let addresses = [
            server::serve(Remote::Kubernetes, Arc::clone(&ledger), Arc::clone(&kubernetes).handler()).await?,
            server::serve(Remote::Vault, Arc::clone(&ledger), Arc::clone(&vault).handler()).await?,
            server::serve(Remote::GitHost, Arc::clone(&ledger), Arc::clone(&git_host).handler()).await?,
        ];
        let reader = Arc::clone(&vault);
        // They end with the runtime, as the servers do.
        drop(
            Reactors::new(Arc::clone(&kubernetes), Arc::new(move |mount, path| reader.kv(mount, path)))
                .start(),
        );
        let sandbox = Self { kubernetes, vault, git_host, ledger, addresses, folder: tempfile::tempdir()? };
        sandbox.write_files()?;
        Ok(sandbox)
    }

    /// What was asked of the servers, and the faults they show.
    #[must_use]
    pub fn ledger(&self) -> Arc<Ledger> {
        Arc::clone(&self.ledger)
    }

    /// The folder with the kubeconfig, the example's settings and the manifests of the stand-in operators.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The environment in which sealstrap and `vault` use the sandbox.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        [
            ("KUBECONFIG", self.file("kubeconfig").display().to_string()),
            ("VAULT_ADDR", self.address(1)),
            ("VAULT_TOKEN", vault::ROOT_TOKEN.to_owned()),
            ("GITHUB_API_URL", self.address(2)),
            ("GITHUB_TOKEN", GIT_TOKEN.to_owned()),
            ("CF_API_TOKEN", "sandbox-cloudflare-token".to_owned()),
            ("SEALSTRAP_CONFIG", self.file("sealstrap.yaml").display().to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// The same for a shell: `kubectl` sends no token without TLS, so its kubeconfig has it in the address.
    #[must_use]
    pub fn shell_environment(&self) -> Vec<(String, String)> {
        let mut environment = self.environment();
        environment[0].1 = self.file("kubectl.yaml").display().to_string();
        environment
    }

    /// The settings with the sandbox in place of their remotes and operators, and generated values in place of
    /// the user's own, so that a rehearsal asks nobody and touches nothing outside.
    #[must_use]
    pub fn stand_in(&self, mut settings: Settings) -> Settings {
        self.stand_in_for_operators(&mut settings);
        settings.scratch = Some(self.file("repository"));
        settings.cluster.context = None;
        settings.cluster.kubeconfig = Some(self.file("kubeconfig"));
        settings.vault.address = self.address(1);
        settings.vault.cluster_address = None;
        settings.vault.namespace = None;
        settings.vault.login = VaultLogin::Token(Source::File(self.file("vault-token")));
        settings.vault.ca = settings.vault.ca.map(|_| self.file("certs/vault-ca.crt"));
        "secret".clone_into(&mut settings.vault.mount);
        settings.vault.kv = KvEngine::V2;
        settings.git.host = GitHostKind::Github;
        settings.git.ssh = Some(settings.git.ssh_host());
        settings.git.api = Some(self.address(2));
        settings.git.ca = None;
        settings.git.login = GitLogin::Token(Source::File(self.file("git-token")));
        let generated = || Source::Generate(Generate { bytes: 32, encoding: Encoding::Hex });
        settings.secrets.values_mut().for_each(|secret| secret.from = generated());
        settings.vault.token = None;
        if let Some(webhook) = &mut settings.webhook {
            webhook.token = None;
            webhook.ping = false;
        }
        if !settings.external_secrets.manifests.is_empty() {
            // The repository's own store may lie elsewhere than the Secrets of these settings.
            settings.external_secrets.manifests.clear();
            settings.external_secrets.store.kind = StoreKind::ClusterSecretStore;
        }
        settings.external_secrets.login = crate::settings::Login::Token;
        settings
    }

    /// Puts the stand-in operators in the place of those that the settings install.
    fn stand_in_for_operators(&self, settings: &mut Settings) {
        let mut operators = Vec::new();
        if settings.cluster.namespaces.contains_key("external-secrets") {
            operators.extend([self.file(STORE), self.file(STORE_DEPLOYMENT)]);
        } else if !settings.vault.address.is_empty() {
            operators.push(self.file(STORE));
        }
        operators.push(self.file(FLUX));
        let from = InstallFrom::Manifests(operators);
        settings.flux.install = vec![Install { name: "the sandbox's operators".into(), from }];
        let instance = std::mem::take(&mut settings.flux.instance);
        settings.flux.instance = FluxInstance { apply: true, wait: true, ..instance };
        let sealing = &mut settings.sealing;
        sealing.install = Some(InstallFrom::Manifests(vec![self.file(SEALING)]));
        sealing.controller = SealingController::default();
        (sealing.certificate, sealing.fingerprint) = (None, None);
    }

    /// Settings for the example's repository that name the sandbox in every place, as YAML.
    ///
    /// # Errors
    /// Settings that cannot be written down.
    pub fn settings_text(&self) -> Result<String, crate::settings::Error> {
        let file = self.file("sealstrap.yaml");
        let example = Settings::from_text(&file, Example::SETTINGS, &Overrides::default())?;
        Ok(yaml::to_string(&serde_json::to_value(self.stand_in(example)).unwrap_or_default()))
    }

    /// The names of everything that a bootstrap has made in the sandbox; never a value.
    #[must_use]
    pub fn inventory(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for kind in [
            "Namespace",
            "Secret",
            "SealedSecret",
            "ClusterSecretStore",
            "ExternalSecret",
            "FluxInstance",
            "GitRepository",
            "Kustomization",
        ] {
            for object in self.kubernetes.objects(kind) {
                let name = object["metadata"]["name"].as_str().unwrap_or_default();
                let keys: Vec<&str> =
                    object["data"].as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
                let keys = if keys.is_empty() { String::new() } else { format!(" ({})", keys.join(", ")) };
                match object["metadata"]["namespace"].as_str() {
                    Some(namespace) => lines.push(format!("cluster  {kind} {namespace}/{name}{keys}")),
                    None if is_given(name) => {}
                    None => lines.push(format!("cluster  {kind} {name}{keys}")),
                }
            }
        }
        for (path, keys) in self.vault.paths() {
            lines.push(format!("vault    {path} ({})", keys.join(", ")));
        }
        for key in self.git_host.deploy_keys() {
            let rights = if key.read_only { "read only" } else { "may push" };
            lines.push(format!("github   deploy key `{}` ({rights})", key.title));
        }
        for hook in self.git_host.hooks() {
            let base = hook.url.split("/hook/").next().unwrap_or_default();
            lines.push(format!("github   webhook to {base}/hook/… ({})", hook.events.join(", ")));
        }
        lines
    }

    fn address(&self, server: usize) -> String {
        format!("http://{}", self.addresses[server])
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write_files(&self) -> io::Result<()> {
        std::fs::create_dir_all(self.file("certs"))?;
        std::fs::create_dir_all(self.file("operators"))?;
        std::fs::create_dir_all(self.file("sealing"))?;
        let kubeconfig = kubernetes::kubeconfig(self.addresses[0], CLUSTER_TOKEN);
        let settings = Example::SETTINGS.replace("https://vault.example.com:8200", &self.address(1));
        let kubectl = kubernetes::kubectl_config(self.addresses[0], CLUSTER_TOKEN);
        for (name, text) in [
            ("kubeconfig", kubeconfig.as_str()),
            ("kubectl.yaml", kubectl.as_str()),
            ("sealstrap.yaml", settings.as_str()),
            ("vault-token", vault::ROOT_TOKEN),
            ("git-token", GIT_TOKEN),
            ("certs/vault-ca.crt", Example::AUTHORITY),
        ] {
            std::fs::write(self.file(name), text)?;
        }
        for (name, text) in OPERATORS {
            std::fs::write(self.file(name), text)?;
        }
        Ok(())
    }
}

/// Whether a namespace is there in every cluster.
fn is_given(name: &str) -> bool {
    matches!(name, "default" | "kube-system" | "kube-public" | "kube-node-lease")
}
