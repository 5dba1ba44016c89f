//! `sealstrap vault`: what External Secrets needs of Vault.

mod login_check;
mod policy;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::caller::Caller;
use super::external::documents;
use super::input;
use crate::error::{Error, Exit};
use crate::yaml::Document;

/// See to what External Secrets needs of Vault
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap vault policy k8s/ > policy.hcl
  sealstrap vault policy k8s/ --check external-secrets
  sealstrap vault login-check k8s/")]
pub(super) struct Vault {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Policy(policy::ForPolicy),
    LoginCheck(login_check::LoginCheck),
}

impl Vault {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        match self.verb {
            Verb::Policy(verb) => verb.perform(caller),
            Verb::LoginCheck(verb) => verb.perform(caller),
        }
    }
}

/// The documents of all files that mention External Secrets.
fn documents(caller: &Caller, paths: &[PathBuf]) -> Result<Vec<Document>, Error> {
    let (mut all, mut templates, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    documents::each(&input::files(paths)?, |file, read| match read {
        Ok(Some(documents)) => all.extend(documents),
        Ok(None) => templates.push(file.to_owned()),
        Err(error) => errors.push(error),
    });
    documents::warn_of_templates(caller, &templates);
    if errors.is_empty() { Ok(all) } else { Err(Error::several("not all files can be read".into(), errors)) }
}
