//! Where the values of what is mended are kept: in Git, sealed, or in Vault.

use serde_json::Value;

use super::refusal::No;
use super::work::Work;
use crate::external::{Layout, Push, of_secret};
use crate::seal::{Recipient, Scope, Secret};

/// Where values are kept.
#[derive(Clone, Copy)]
pub enum Keep<'a> {
    /// In Git: Secrets become SealedSecrets.
    Sealed {
        /// Whom to seal for.
        recipient: &'a Recipient,
        /// The scope of what says none itself.
        scope: Scope,
    },
    /// In Vault: Secrets become ExternalSecrets, and what has to lie there before they are of use is handed on.
    Vault(&'a Layout<'a>),
}

impl Keep<'_> {
    /// The scope of what says none itself. A path in Vault is made of namespace and name, as a strict scope is.
    pub(super) fn scope(&self) -> Scope {
        match self {
            Self::Sealed { scope, .. } => *scope,
            Self::Vault(_) => Scope::Strict,
        }
    }

    /// The ending of files that are made, before that of YAML.
    pub(super) fn ending(&self) -> &'static str {
        match self {
            Self::Sealed { .. } => "sealed",
            Self::Vault(_) => "external",
        }
    }
}

/// Makes an ExternalSecret of a Secret, and notes what has to lie in Vault.
///
/// # Errors
/// Nothing of the kind can be made, or another Secret of this run would lie at the same path.
pub(super) fn in_vault(work: &mut Work, secret: Secret, place: &str, layout: &Layout) -> Result<Value, No> {
    let (object, push) = of_secret(secret, place, layout)?;
    let is_other = |other: &&Push| other.path == push.path && other.object != push.object;
    if let Some(other) = work.pushes.iter().find(is_other) {
        let reason = format!(
            "its values would lie at `{}` in Vault, where those of `{}` lie",
            push.path, other.object
        );
        let hint = "write `{namespace}/{name}` in `externalSecrets.path` of the settings";
        return Err(No::new(reason, hint));
    }
    work.pushes.push(push);
    Ok(object)
}

impl std::fmt::Debug for Keep<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.ending())
    }
}
