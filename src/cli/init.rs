//! `sealstrap init`: a first `sealstrap.yaml`.

use clap::Args;

use super::caller::Caller;
use crate::error::{Error, Exit};
use crate::init::{self, Found};
use crate::report::Event;

/// Write a first sealstrap.yaml from what the repository shows
///
/// Looks at the Git remote and branch, a Flux or Argo CD layout, the kubeconfig context and `VAULT_ADDR`,
/// and writes a commented file. Never overwrites one.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap init
  sealstrap init --print | less")]
pub(super) struct Init {
    /// Print the file instead of writing it
    #[arg(long)]
    print: bool,
}

impl Init {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let folder = Caller::folder()?;
        let found = Found::look(&folder);
        let text = init::render(&found);
        if self.print {
            caller.printer.data(&text);
            return Ok(Exit::Done);
        }
        let file = init::write(&folder, &text)?;
        caller.printer.event(&Event::Written { file: file.display().to_string() });
        let missing = found.missing();
        if !missing.is_empty() {
            caller.printer.talk(&format!("not found, to be set in it: {}", missing.join(", ")));
        }
        caller.printer.talk("read it through, then: sealstrap doctor");
        Ok(Exit::Done)
    }
}
