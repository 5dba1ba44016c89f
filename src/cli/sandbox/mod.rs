//! `sealstrap sandbox`: stand-ins for the remotes that serve until stopped.

mod fault;

use std::path::PathBuf;

use clap::Args;

use super::caller::{Caller, in_runtime};
use super::stop::Signals;
use super::tasks::write_new;
use crate::error::{Error, Exit};
use crate::report::Event;
use crate::sandbox;
use fault::Fault;

/// Serve stand-ins for the cluster, Vault and the Git host until stopped
///
/// Prints the environment to use them with, kubectl included, and serves on loopback until Ctrl-C. Nothing
/// is kept after that.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap sandbox --settings sealstrap.yaml    # in one terminal; then, with its environment, in another:
  sealstrap bootstrap --yes")]
pub(super) struct Sandbox {
    /// Write settings that name the sandbox into this new file
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Die, unanswered, after this many writes
    #[arg(long, value_name = "N", hide = true)]
    die_after_write: Option<usize>,
    /// Harm requests: REMOTE:METHOD:PATH:HARM with kubernetes|vault|git, * or a method, a part of the path,
    /// a status or stall or close, and perhaps xTIMES
    #[arg(long, value_name = "FAULT", hide = true)]
    fault: Vec<Fault>,
}

impl Sandbox {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        in_runtime(self.serve(caller))
    }

    async fn serve(self, caller: &Caller) -> Result<Exit, Error> {
        let Self { settings, die_after_write, fault } = self;
        let mut signals = Signals::listen()?;
        let start = sandbox::Sandbox::start("example/homelab");
        let sandbox = start.await.map_err(Error::system("start the sandbox"))?;
        let ledger = sandbox.ledger();
        for Fault(fault) in fault {
            ledger.harm(fault);
        }
        if let Some(last) = die_after_write {
            ledger.on_write(move |number| {
                if number >= last {
                    std::process::abort();
                }
            });
        }
        if let Some(file) = settings {
            write_new(&file, &sandbox.settings_text()?)?;
            caller.printer.event(&Event::Written { file: file.display().to_string() });
        }
        caller
            .printer
            .event(&Event::Serving { environment: sandbox.shell_environment().into_iter().collect() });
        caller.printer.talk("serving until Ctrl-C");
        signals.next().await;
        Ok(Exit::Done)
    }
}
