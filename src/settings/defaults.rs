//! The values where the file is silent: the names of the reference flow.

use std::collections::BTreeMap;

use super::{
    DeployKeySettings, GitLogin, KeyAlgorithm, NamespaceSettings, Period, SecretName, SecretPlace, Timeouts,
};
use crate::source::Source;

pub(super) fn runbook() -> String {
    "flux-vault".into()
}
pub(super) fn namespaces() -> BTreeMap<String, NamespaceSettings> {
    ["cert-manager", "external-secrets", "flux-system", "network"]
        .map(|name| (name.to_owned(), NamespaceSettings::default()))
        .into()
}
pub(super) fn branch() -> String {
    "main".into()
}
pub(super) fn path() -> String {
    "k8s/flux/cluster".into()
}
pub(super) fn mount() -> String {
    "secret".into()
}
pub(super) fn prefix() -> String {
    "k8s".into()
}
pub(super) fn policy() -> String {
    "external-secrets".into()
}
pub(super) fn token_secret() -> SecretPlace {
    SecretPlace::new("kube-system", "vault-token", "token")
}
pub(super) fn ca_secret() -> SecretPlace {
    SecretPlace::new("flux-system", "vault-ca-cert", "ca.crt")
}
/// Vault's default maximum lifetime of a token, 32 days.
pub(super) fn token_period() -> Period {
    Period::hours(768)
}
pub(super) fn approle_mount() -> String {
    "approle".into()
}
pub(super) fn kubernetes_mount() -> String {
    "kubernetes".into()
}
pub(super) fn receiver() -> String {
    "github-webhook".into()
}
pub(super) fn flux_namespace() -> String {
    "flux-system".into()
}
pub(super) fn events() -> Vec<String> {
    vec!["push".into()]
}
pub(super) fn webhook_path() -> String {
    "github-webhook-token".into()
}
pub(super) fn webhook_key() -> String {
    "token".into()
}
pub(super) fn webhook_secret() -> SecretPlace {
    SecretPlace::new("flux-system", "github-webhook-token-secret", "token")
}

impl Default for GitLogin {
    fn default() -> Self {
        Self::Token(Source::Env("GITHUB_TOKEN".into()))
    }
}

impl Default for DeployKeySettings {
    fn default() -> Self {
        Self {
            algorithm: KeyAlgorithm::default(),
            title: None,
            write: false,
            vault: "github-deploy".into(),
            secret: SecretName::new("flux-system", "github-deploy-key"),
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { run: Period::minutes(30), wait: Period::minutes(5), request: Period::seconds(30) }
    }
}
