//! The environment variables that settings are read from, all of them. Variables that hold secret values
//! (`VAULT_TOKEN`, and those that a source names) are read by [`crate::source`] only.

use std::path::PathBuf;

/// The settings file, instead of the one found by walking up.
pub const CONFIG: &str = "SEALSTRAP_CONFIG";
/// The kubeconfig context, over `cluster.context`.
pub const CONTEXT: &str = "SEALSTRAP_CONTEXT";
/// The runbook, over `runbook`.
pub const RUNBOOK: &str = "SEALSTRAP_RUNBOOK";
/// Vault's address, over `vault.address`; the variable of the vault CLI.
pub const VAULT_ADDR: &str = "VAULT_ADDR";
/// Vault's namespace, over `vault.namespace`; the variable of the vault CLI.
pub const VAULT_NAMESPACE: &str = "VAULT_NAMESPACE";
/// The file with Vault's authority, over `vault.ca`; the variable of the vault CLI.
pub const VAULT_CACERT: &str = "VAULT_CACERT";
/// The address of GitHub's API, where `git.api` is absent; GitHub Actions sets it.
pub const GITHUB_API_URL: &str = "GITHUB_API_URL";
/// The kubeconfig files. Reading them is left to the Kubernetes client; `init` looks for the current context.
pub const KUBECONFIG: &str = "KUBECONFIG";
/// The key that fingerprints of findings are made with, for baselines.
pub const BASELINE_KEY: &str = "SEALSTRAP_BASELINE_KEY";
/// The home folder, for `~/.kube/config`.
pub const HOME: &str = "HOME";

/// What the environment says about settings. Empty variables count as absent.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// [`CONFIG`]
    pub config: Option<PathBuf>,
    /// [`CONTEXT`]
    pub context: Option<String>,
    /// [`RUNBOOK`]
    pub runbook: Option<String>,
    /// [`VAULT_ADDR`]
    pub vault_address: Option<String>,
    /// [`VAULT_NAMESPACE`]
    pub vault_namespace: Option<String>,
    /// [`VAULT_CACERT`]
    pub vault_ca: Option<PathBuf>,
    /// [`GITHUB_API_URL`]
    pub github_api: Option<String>,
    /// The first file of [`KUBECONFIG`], or else `~/.kube/config`.
    pub kubeconfig: Option<PathBuf>,
}

impl Environment {
    /// The environment of this process.
    #[must_use]
    pub fn read() -> Self {
        let path = |name| variable(name).map(PathBuf::from);
        Self {
            config: path(CONFIG),
            context: variable(CONTEXT),
            runbook: variable(RUNBOOK),
            vault_address: variable(VAULT_ADDR),
            vault_namespace: variable(VAULT_NAMESPACE),
            vault_ca: path(VAULT_CACERT),
            github_api: variable(GITHUB_API_URL),
            kubeconfig: variable(KUBECONFIG)
                .and_then(|list| std::env::split_paths(&list).find(|file| !file.as_os_str().is_empty()))
                .or_else(|| path(HOME).map(|home| home.join(".kube/config"))),
        }
    }
}

/// The folder in which programs keep their state, by the XDG Base Directory Specification; nothing without a home.
#[must_use]
pub fn state_folder() -> Option<PathBuf> {
    // A relative one is to be ignored, says the specification.
    let named = variable("XDG_STATE_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    named.or_else(|| variable(HOME).map(|home| PathBuf::from(home).join(".local/state")))
}

/// The folder in which the command of Git was typed that runs this one as a hook, from the top of the working tree on;
/// nothing where that is the top, or no Git runs it.
#[must_use]
pub fn git_prefix() -> Option<PathBuf> {
    variable("GIT_PREFIX").map(PathBuf::from)
}

/// What the environment says for a flag of kubeseal: `SEALED_SECRETS_CONTROLLER_NAME` for `controller-name`. An empty
/// variable is an empty value.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "settings: kubeseal's flags may stand in the environment")]
pub fn of_kubeseal(flag: &str) -> Option<String> {
    let name = format!("SEALED_SECRETS_{}", flag.to_ascii_uppercase().replace('-', "_"));
    std::env::var(name).ok()
}

#[expect(clippy::disallowed_methods, reason = "settings: the one place that reads the environment for them")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
