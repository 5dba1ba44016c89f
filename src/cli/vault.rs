//! `sealstrap vault`: what External Secrets needs of Vault.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};

use super::caller::{Caller, in_runtime};
use super::files::side_by_side;
use super::input;
use crate::bootstrap::World;
use crate::error::{Error, Exit};
use crate::external::Policy;
use crate::external::check::Around;
use crate::yaml::{self, Document};

/// See to what External Secrets needs of Vault
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap vault policy k8s/ > policy.hcl
  sealstrap vault policy k8s/ --check external-secrets")]
pub(super) struct Vault {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Policy(ForPolicy),
}

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
struct ForPolicy {
    /// Files, folders, or `-` for standard input
    #[arg(value_name = "FILE|FOLDER", default_value = ".")]
    paths: Vec<PathBuf>,
    /// Compare with a policy of Vault: what it does not allow, and what it allows beyond that
    #[arg(long, value_name = "NAME")]
    check: Option<String>,
}

impl Vault {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let Verb::Policy(verb) = self.verb;
        verb.perform(caller)
    }
}

impl ForPolicy {
    fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let settings = caller.external()?;
        let documents = documents(&input::files(&self.paths)?)?;
        let around = Around { mount: Some(settings.vault.mount), ..Around::default() };
        let least = Policy::least(&documents, &around);
        if least.paths().next().is_none() {
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

/// The documents of all files that mention External Secrets.
fn documents(files: &[PathBuf]) -> Result<Vec<Document>, Error> {
    let (mut all, mut errors) = (Vec::new(), Vec::new());
    side_by_side(
        files,
        |file| read(file),
        |_, read| {
            match read {
                Ok(documents) => all.extend(documents),
                Err(error) => errors.push(error),
            }
            ControlFlow::Continue(())
        },
    );
    if errors.is_empty() { Ok(all) } else { Err(Error::several("not all files can be read".into(), errors)) }
}

#[expect(
    clippy::disallowed_methods,
    reason = "sink: the reader of manifests, whose errors show no line of them"
)]
fn read(file: &std::path::Path) -> Result<Vec<Document>, Error> {
    let bytes = input::read(file).map_err(Error::system(format!("read {}", file.display())))?;
    let Some(text) = bytes.expose_text().filter(|text| text.contains("external-secrets.io")) else {
        return Ok(Vec::new());
    };
    Ok(yaml::each(file, &text)?.into_iter().flat_map(Document::taken_apart).collect())
}
