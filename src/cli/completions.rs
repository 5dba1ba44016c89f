//! `sealstrap completions`: what a shell needs to complete our words.

use clap::Args;
use clap_complete::Shell;

use super::Cli;
use super::caller::Caller;
use crate::error::Exit;

/// Print the completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap completions bash > ~/.local/share/bash-completion/completions/sealstrap
  sealstrap completions zsh > ~/.zfunc/_sealstrap
  sealstrap completions fish > ~/.config/fish/completions/sealstrap.fish")]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn perform(self, caller: &Caller) -> Exit {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "sealstrap", &mut script);
        caller.printer.data(&String::from_utf8_lossy(&script));
        Exit::Done
    }
}
