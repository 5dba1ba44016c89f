//! `sealstrap hook`: the hook of Git that refuses commits with secrets in clear.

use clap::{Args, Subcommand};

use super::caller::Caller;
use crate::error::{Error, Exit};
use crate::hook::{self, Home, Installed, Removed};
use crate::report::Event;

/// Have Git refuse commits with secrets in clear
///
/// The hook runs `sealstrap scan --staged` before each commit, and refuses it where that finds a secret or cannot look.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap hook install
  sealstrap hook uninstall")]
pub(super) struct Hook {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Put the hook in its place
    ///
    /// A hook that is there already is kept beside it and runs first. With `core.hooksPath` the hook goes where that
    /// leads. Where the hook is in its place, nothing is written.
    #[command(after_help = "\
Examples:
  sealstrap hook install
  sealstrap hook install --force       # also where core.hooksPath leads out of the repository")]
    Install {
        /// Write into a folder of hooks that is outside of this repository, which others may use too
        #[arg(long)]
        force: bool,
    },
    /// Take the hook away
    ///
    /// The one that was there before is in its place again. Hooks of others stay.
    #[command(after_help = "\
Examples:
  sealstrap hook uninstall")]
    Uninstall,
}

impl Hook {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let folder = Caller::folder()?;
        match self.verb {
            Verb::Install { force } => {
                let program = std::env::current_exe().map_err(Error::system("find this program"))?;
                installed(caller, &hook::install(&folder, &program, force)?);
            }
            Verb::Uninstall => removed(caller, &hook::uninstall(&folder)?),
        }
        Ok(Exit::Done)
    }
}

fn installed(caller: &Caller, done: &Installed) {
    let hook = done.hook.display();
    if done.is_new {
        caller.printer.event(&Event::Written { file: hook.to_string() });
    } else {
        caller.printer.talk(&format!("{hook} is there already"));
    }
    if let Some(before) = &done.before {
        caller.printer.talk(&format!("the hook from before is run first: {}", before.display()));
    }
    if let Some(manager) = done.manager {
        caller.printer.talk(&format!("{} wrote that one; or {}", manager.name(), manager.hint()));
    }
    match done.home {
        Home::Own => {}
        Home::Tree => caller.printer.talk("it is part of the working tree: commit it, and it is everybody's"),
        Home::Elsewhere { .. } => caller.warn("it runs in all repositories that use this folder of hooks"),
    }
}

fn removed(caller: &Caller, done: &Removed) {
    caller.printer.talk(&match done {
        Removed::Hook(hook) => format!("removed {}", hook.display()),
        Removed::Restored(hook) => format!("{} is the one from before again", hook.display()),
        Removed::Nothing(hook) => {
            format!("{} is no hook of sealstrap's: nothing to take away", hook.display())
        }
    });
}
