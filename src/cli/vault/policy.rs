//! `sealstrap vault policy`: the least policy that reads what a repository names.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::documents;
use crate::bootstrap::{World, policy};
use crate::cli::caller::{Caller, in_runtime};
use crate::error::{Error, Exit};
use crate::external::Policy;

/// Make the least policy with which the ExternalSecrets of a repository can be read
///
/// A line a path, sorted, so that two of them can be compared.
#[derive(Debug, Args)]
#[command(
    name = "policy",
    after_help = "\
Examples:
  sealstrap vault policy k8s/ > policy.hcl
  sealstrap vault policy k8s/ | vault policy write external-secrets -
  sealstrap vault policy k8s/ --check external-secrets     # 1 where that one of Vault does not suffice"
)]
pub(super) struct ForPolicy {
    /// Files, folders, or `-` for standard input
    #[arg(value_name = "FILE|FOLDER", default_value = ".")]
    paths: Vec<PathBuf>,
    /// Compare with a policy of Vault: what it does not allow, and what it allows beyond that
    #[arg(long, value_name = "NAME")]
    check: Option<String>,
}

impl ForPolicy {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let settings = caller.external()?;
        let least =
            policy::least(&documents(caller, &self.paths)?, &settings.vault, &settings.external_secrets);
        warn_of_unknown(caller, &least);
        if least.paths().next().is_none() && least.unknown().next().is_none() {
            return Err(Error::Usage {
                complaint: "no ExternalSecret in these files reads anything".into(),
                hint: "name the files or folders that hold some".into(),
            });
        }
        match &self.check {
            None => caller.printer.data(&least.to_hcl()),
            Some(name) => return compare(caller, name, &least),
        }
        Ok(Exit::Done)
    }
}

/// Says of which paths there is no line.
fn warn_of_unknown(caller: &Caller, least: &Policy) {
    let all: Vec<String> = least.unknown().map(|path| format!("`{path}`")).collect();
    if !all.is_empty() {
        let what = "not known before Flux substitutes them, and not allowed by this policy";
        caller.warn(&format!("{what}: {}", all.join(", ")));
    }
}

/// Compares with a policy of Vault.
fn compare(caller: &Caller, name: &str, least: &Policy) -> Result<Exit, Error> {
    let settings = caller.settings(None)?;
    settings.check_vault()?;
    let world = World::new(Arc::new(settings), caller.printer.events());
    let found = in_runtime(async { Ok(world.vault().await?.policy(name).await?) })?;
    let found = found.ok_or_else(|| Error::Usage {
        complaint: format!("there is no policy `{name}` in Vault"),
        hint: "see `vault policy list`".into(),
    })?;
    let found = Policy::read(&found)?;
    if found.says_more() {
        caller.warn(&format!(
            "policy `{name}` says more than paths and capabilities, which is passed over here"
        ));
    }
    let missing: Vec<&str> = least
        .paths()
        .filter(|(path, capabilities)| capabilities.iter().any(|one| !found.covers(path, one)))
        .map(|(path, _)| path)
        .collect();
    for path in &missing {
        caller.printer.data(&format!("- {path}\n"));
    }
    let beyond = found.paths().filter(|(path, _)| !least.paths().any(|(other, _)| other == *path));
    for (path, _) in beyond {
        caller.printer.data(&format!("+ {path}\n"));
    }
    if missing.is_empty() {
        caller.printer.talk(&format!("policy `{name}` allows what is needed; + is what it allows beyond"));
        return Ok(Exit::Done);
    }
    caller.printer.talk(&format!("policy `{name}` does not allow what stands behind -"));
    Ok(Exit::No)
}
