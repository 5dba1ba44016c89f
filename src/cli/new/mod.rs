//! `sealstrap new`: what is new in a GitOps repository.

mod app;
mod ground;

use clap::{Args, Subcommand};

use super::caller::Caller;
use crate::error::{Error, Exit};

/// Add an application to the repository
///
/// Nothing is asked of anybody over the net: files are made, to be committed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap new app podinfo --repo podinfo --version 6.9.0")]
pub(super) struct New {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    App(app::App),
}

impl New {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        match self.what {
            What::App(app) => app.perform(caller),
        }
    }
}
