//! `sealstrap external`: Secrets become ExternalSecrets, and their values go to Vault.

mod check;
pub(super) mod documents;
mod generate;
mod input;
mod layout;
mod live;
mod migrate;
mod online;
mod output;
mod push;
mod pushing;
mod store;

use clap::{Args, Subcommand};

use super::caller::Caller;
use crate::error::{Error, Exit};

/// Keep values in Vault, and ExternalSecrets in Git
///
/// External Secrets makes a Secret of an ExternalSecret, with the values that it reads from Vault. Where they are kept,
/// and by which store they are read, is said by `externalSecrets` and `vault` in the settings.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap external generate db.yaml --out k8s/db.yaml --push
  sealstrap external migrate k8s/ --plan
  sealstrap external check k8s/
  sealstrap external check k8s/ --online")]
pub(super) struct External {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Generate(generate::Generate),
    Push(push::Push),
    Migrate(migrate::Migrate),
    Check(check::Check),
    Store(store::Store),
}

impl External {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        match self.verb {
            Verb::Generate(verb) => verb.perform(caller),
            Verb::Push(verb) => verb.perform(caller),
            Verb::Migrate(verb) => verb.perform(caller),
            Verb::Check(verb) => verb.perform(caller),
            Verb::Store(verb) => verb.perform(caller),
        }
    }
}
