//! The kinds of steps: each says what must be true, looks whether it is, and makes it so.
//!
//! One kind a file; a step never uses another step.

mod cluster_secret;
mod command;
mod deploy_key;
mod git_deploy_key;
mod git_webhook;
mod helm;
mod helmfile;
mod kustomize;
mod manifests;
mod namespace;
mod sealed_secret;
mod sealing_certificate;
mod unsealed_secret;
mod vault_kubernetes_auth;
mod vault_policy;
mod vault_secret;
mod vault_token;
mod wait;

pub use cluster_secret::ClusterSecret;
pub use command::Command;
pub use deploy_key::DeployKey;
pub use git_deploy_key::GitDeployKey;
pub use git_webhook::GitWebhook;
pub use helm::Helm;
pub use helmfile::Helmfile;
pub use kustomize::Kustomize;
pub use manifests::{ManifestSource, Manifests};
pub use namespace::Namespace;
pub use sealed_secret::SealedSecret;
pub use sealing_certificate::SealingCertificate;
pub use unsealed_secret::UnsealedSecret;
pub use vault_kubernetes_auth::VaultKubernetesAuth;
pub use vault_policy::VaultPolicy;
pub use vault_secret::VaultSecret;
pub use vault_token::VaultToken;
pub use wait::Wait;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Error, Look, World};
use crate::remote::cluster;

/// Something that must be true. `look` looks; `change` makes it so; after `change`, `look` finds nothing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// A namespace exists, with labels, annotations and a Pod Security level.
    Namespace(Namespace),
    /// An SSH key pair is kept in Vault or in a cluster Secret.
    DeployKey(DeployKey),
    /// The Git host lists the public half of a deploy key.
    GitDeployKey(GitDeployKey),
    /// The Git host delivers pushes to the Receiver.
    GitWebhook(GitWebhook),
    /// A KV secret holds these keys.
    VaultSecret(VaultSecret),
    /// An ACL policy exists.
    VaultPolicy(VaultPolicy),
    /// A periodic orphan token is kept in a cluster Secret.
    VaultToken(VaultToken),
    /// Vault lets a service account of the cluster log in.
    VaultKubernetesAuth(VaultKubernetesAuth),
    /// A Secret in the cluster holds these keys.
    ClusterSecret(ClusterSecret),
    /// The certificate of a sealed-secrets controller is pinned in a file of the repository.
    SealingCertificate(SealingCertificate),
    /// A Secret whose sealed file is in the repository is in the cluster.
    UnsealedSecret(UnsealedSecret),
    /// A file of the repository holds a Secret, sealed, and the controller has it from there.
    SealedSecret(SealedSecret),
    /// Manifests are applied, in stages.
    Manifests(Manifests),
    /// A kustomization is applied.
    Kustomize(Kustomize),
    /// A Helm release is installed.
    Helm(Helm),
    /// The releases of a helmfile are installed.
    Helmfile(Helmfile),
    /// An object has reached a state.
    Wait(Wait),
    /// A program has done its part.
    Command(Command),
}

/// What a step needs to be allowed, so that all rights are checked before the first write.
#[derive(Debug, Clone, Default)]
pub struct Needs {
    /// Rights in the cluster.
    pub cluster: Vec<cluster::Right>,
    /// Capabilities in Vault, by path below a mount: `(mount, path, is a KV path)` to capabilities.
    pub vault: BTreeMap<VaultPath, BTreeSet<&'static str>>,
    /// Whether the repository at the Git host is administered.
    pub git_host: bool,
    /// Programs that must be installed.
    pub programs: BTreeSet<&'static str>,
}

/// A path in Vault whose capabilities are asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum VaultPath {
    /// A path of a KV engine, to be named as its version wants.
    Kv {
        /// The engine's mount.
        mount: String,
        /// The path below it.
        path: String,
    },
    /// A path of the API.
    Api(String),
}

/// Hands a call to whichever kind of step it is.
macro_rules! each {
    ($step:expr, $kind:ident => $call:expr) => {
        match $step {
            Step::Namespace($kind) => $call,
            Step::DeployKey($kind) => $call,
            Step::GitDeployKey($kind) => $call,
            Step::GitWebhook($kind) => $call,
            Step::VaultSecret($kind) => $call,
            Step::VaultPolicy($kind) => $call,
            Step::VaultToken($kind) => $call,
            Step::VaultKubernetesAuth($kind) => $call,
            Step::ClusterSecret($kind) => $call,
            Step::SealingCertificate($kind) => $call,
            Step::UnsealedSecret($kind) => $call,
            Step::SealedSecret($kind) => $call,
            Step::Manifests($kind) => $call,
            Step::Kustomize($kind) => $call,
            Step::Helm($kind) => $call,
            Step::Helmfile($kind) => $call,
            Step::Wait($kind) => $call,
            Step::Command($kind) => $call,
        }
    };
}

impl Step {
    /// Looks, and writes nothing.
    ///
    /// # Errors
    /// A remote that refuses, an unfit value, an object that belongs to somebody else.
    pub async fn look(&self, world: &World) -> Result<Look, Error> {
        each!(self, kind => Box::pin(kind.look(world)).await)
    }

    /// Makes it so, having looked again.
    ///
    /// # Errors
    /// As [`Step::look`]; further a write that was refused, or a wait that ended.
    pub async fn change(&self, world: &World) -> Result<(), Error> {
        each!(self, kind => Box::pin(kind.change(world)).await)
    }

    /// What it needs to be allowed.
    #[must_use]
    pub fn needs(&self, world: &World) -> Needs {
        each!(self, kind => kind.needs(world))
    }
}
