//! `sealstrap hook`: hooks of Git that refuse commits and pushes with secrets in clear.

use clap::{Args, Subcommand, ValueEnum};

use super::caller::Caller;
use crate::error::{Error, Exit};
use crate::hook::{self, Home, Installed, Kind, Removed};
use crate::report::Event;

/// Have Git refuse commits and pushes with secrets in clear
///
/// The hook runs `sealstrap scan` on what is about to be committed or pushed, and refuses that where a secret is found or
/// it cannot look.
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
    /// Put a hook in its place
    ///
    /// A hook that is there already is kept beside it and runs first. With `core.hooksPath` the hook goes where that
    /// leads. Where it is in its place, nothing is written.
    #[command(after_help = "\
Examples:
  sealstrap hook install
  sealstrap hook install --type pre-commit --type pre-push
  sealstrap hook install --type pre-receive      # in the bare repository on a server")]
    Install {
        /// Which hook; several are named one by one
        #[arg(long = "type", value_name = "HOOK", default_value = "pre-commit")]
        types: Vec<Type>,
        /// Write into a folder of hooks that is outside of this repository, which others may use too
        #[arg(long)]
        force: bool,
    },
    /// Take the hooks away
    ///
    /// Those that were there before are in their places again. Hooks of others stay.
    #[command(after_help = "\
Examples:
  sealstrap hook uninstall")]
    Uninstall,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Type {
    /// Before each commit: what is staged
    #[value(name = "pre-commit")]
    Commit,
    /// Before each push: the commits that the remote does not have
    #[value(name = "pre-push")]
    Push,
    /// On a server, before a push is taken: the commits that it brings
    #[value(name = "pre-receive")]
    Receive,
}

impl From<Type> for Kind {
    fn from(kind: Type) -> Self {
        match kind {
            Type::Commit => Self::PreCommit,
            Type::Push => Self::PrePush,
            Type::Receive => Self::PreReceive,
        }
    }
}

impl Hook {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let folder = Caller::folder()?;
        match self.verb {
            Verb::Install { types, force } => {
                let program = std::env::current_exe().map_err(Error::system("find this program"))?;
                for kind in types.into_iter().map(Kind::from) {
                    installed(caller, kind, &hook::install(&folder, kind, &program, force)?);
                }
            }
            Verb::Uninstall => {
                let removed = Kind::ALL.map(|kind| hook::uninstall(&folder, kind));
                told(caller, &removed.into_iter().collect::<Result<Vec<_>, _>>()?);
            }
        }
        Ok(Exit::Done)
    }
}

fn installed(caller: &Caller, kind: Kind, done: &Installed) {
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
        caller.printer.talk(&format!("{} wrote that one; or {}", manager.name(), manager.hint(kind)));
    }
    match done.home {
        Home::Own => {}
        Home::Tree => caller.printer.talk("it is part of the working tree: commit it, and it is everybody's"),
        Home::Elsewhere { .. } => caller.warn("it runs in all repositories that use this folder of hooks"),
    }
}

fn told(caller: &Caller, removed: &[Removed]) {
    for removed in removed {
        match removed {
            Removed::Hook(hook) => caller.printer.talk(&format!("removed {}", hook.display())),
            Removed::Restored(hook) => {
                caller.printer.talk(&format!("{} is the one from before again", hook.display()));
            }
            Removed::Nothing => {}
        }
    }
    if removed.iter().all(|removed| matches!(removed, Removed::Nothing)) {
        caller.printer.talk("there is no hook of sealstrap's: nothing to take away");
    }
}
