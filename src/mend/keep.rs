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
    /// Nowhere else: only that is mended which is encrypted where it stands, as SOPS does, or goes.
    Nowhere,
}

impl Keep<'_> {
    /// The scope of what says none itself. A path in Vault is made of namespace and name, as a strict scope is.
    pub(super) fn scope(&self) -> Scope {
        match self {
            Self::Sealed { scope, .. } => *scope,
            Self::Vault(_) | Self::Nowhere => Scope::Strict,
        }
    }

    /// The ending of files that are made, before that of YAML.
    pub(super) fn ending(&self) -> &'static str {
        match self {
            Self::Sealed { .. } | Self::Nowhere => "sealed",
            Self::Vault(_) => "external",
        }
    }
}

/// Makes an ExternalSecret of a Secret, and notes what has to lie in Vault.
///
/// # Errors
/// Nothing of the kind can be made, or another Secret of this run would lie at the same path, be it of the same name.
pub(super) fn in_vault(work: &mut Work, secret: Secret, place: &str, layout: &Layout) -> Result<Value, No> {
    let (object, push) = of_secret(secret, place, layout)?;
    let is_other =
        |other: &&Push| other.path == push.path && (other.object != push.object || other.place != push.place);
    if let Some(other) = work.pushes.iter().find(is_other) {
        return Err(not_at_one_path(&push, other));
    }
    work.pushes.push(push);
    Ok(object)
}

/// Two Secrets of one name are of two clusters, which read one Vault.
fn not_at_one_path(push: &Push, other: &Push) -> No {
    let is_same = other.object == push.object;
    let (of_it, hint) = if is_same {
        let of_it = format!("those of `{}` in {} lie", other.object, other.place);
        (of_it, "mend the files of each cluster by themselves, with a `vault.prefix` of its own")
    } else {
        let hint = "write `{namespace}/{name}` in `externalSecrets.path` of the settings";
        (format!("those of `{}` lie", other.object), hint)
    };
    No::new(format!("its values would lie at `{}` in Vault, where {of_it}", push.path), hint)
}

impl std::fmt::Debug for Keep<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.ending())
    }
}
