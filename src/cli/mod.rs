//! What was typed, and which verb it starts. Reading the command line touches neither disk nor net.

mod bootstrap;
mod caller;
mod cert;
mod completions;
mod diff;
mod doctor;
mod external;
mod files;
mod going;
mod hook;
mod init;
mod input;
mod keyring;
mod keys;
mod kubeseal;
mod kustomizations;
mod man;
mod new;
mod rehearsal;
mod rename;
mod reseal;
mod run;
mod sandbox;
mod scan;
mod schema;
mod seal;
mod sealed_files;
mod sealing;
mod select;
mod set;
mod sops;
mod status;
mod stop;
mod tally;
mod tasks;
mod unseal;
mod unset;
mod vault;
mod verify;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::error::{Error, Exit};
use caller::{Caller, Flags};

/// Takes a Kubernetes cluster from empty to GitOps with no plaintext secret anywhere.
///
/// Settings are read from `sealstrap.yaml`, found by walking up from the current folder. Each step first
/// looks, then changes only what differs: a second run writes nothing.
#[derive(Debug, Parser)]
#[command(
    name = "sealstrap",
    version,
    max_term_width = 100,
    after_help = "\
Examples:
  sealstrap bootstrap --sandbox      # rehearse everything, with nothing installed
  sealstrap init                     # write a first sealstrap.yaml
  sealstrap doctor                   # what is missing before the first run
  sealstrap bootstrap --plan         # what would be written, writing nothing
  sealstrap bootstrap                # do it

Exit codes: 0 done, or nothing to do; 1 the answer is no (drift, not converged); 2 it could not."
)]
pub struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Bootstrap(bootstrap::Bootstrap),
    Run(run::Run),
    Status(status::Status),
    Doctor(doctor::Doctor),
    Tasks(tasks::Tasks),
    Sandbox(sandbox::Sandbox),
    Init(init::Init),
    New(new::New),
    Seal(seal::Seal),
    Set(set::Set),
    Unset(unset::Unset),
    Rename(rename::Rename),
    Reseal(reseal::Reseal),
    Verify(verify::Verify),
    Unseal(unseal::Unseal),
    Cert(cert::Cert),
    Keys(keys::Keys),
    External(external::External),
    Vault(vault::Vault),
    Scan(scan::Scan),
    Hook(hook::Hook),
    Kubeseal(kubeseal::Kubeseal),
    Schema(schema::Schema),
    Completions(completions::Completions),
    Man(man::Man),
}

/// The verb of hooks by itself. To make all the others takes longer than to look at what is staged.
#[derive(Debug, Parser)]
#[command(name = "sealstrap", version, max_term_width = 100)]
struct Hooked {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    verb: HookedVerb,
}

#[derive(Debug, Subcommand)]
enum HookedVerb {
    Scan(scan::Scan),
}

impl From<Hooked> for Cli {
    fn from(Hooked { flags, verb: HookedVerb::Scan(scan) }: Hooked) -> Self {
        Self { flags, verb: Verb::Scan(scan) }
    }
}

impl Cli {
    /// Reads a command line. Help and version are printed here, and so are mistakes in what was typed.
    ///
    /// # Errors
    /// The code to end with, where nothing is left to do.
    pub fn read(words: impl IntoIterator<Item = OsString>) -> Result<Self, ExitCode> {
        let words: Vec<OsString> = words.into_iter().collect();
        // Before all else: kubeseal's flags are not ours, and some have the same names.
        if let Some(words) = kubeseal::words_of(&words) {
            let verb = Verb::Kubeseal(kubeseal::Kubeseal { words });
            return Ok(Self { flags: Flags::default(), verb });
        }
        let is_hooked = words.get(1).is_some_and(|word| word == "scan");
        let read = if is_hooked {
            Hooked::try_parse_from(words).map(Self::from)
        } else {
            Self::try_parse_from(words)
        };
        read.map_err(|said| {
            // Where the streams are gone there is nobody to tell.
            drop(said.print());
            if said.use_stderr() { Exit::CouldNot.into() } else { Exit::Done.into() }
        })
    }

    /// The whole command line as data, for help, completions and manual pages.
    #[must_use]
    pub fn command() -> clap::Command {
        <Self as CommandFactory>::command()
    }

    /// Performs the verb, tells how it ended, and gives the code to end with.
    #[must_use]
    pub fn perform(self) -> ExitCode {
        let caller = Caller::new(self.flags);
        let done = caller.start_log().and_then(|()| self.verb.perform(&caller));
        let closed = |exit| {
            let written = caller.printer.close().map_err(Error::system("write to standard output"));
            written.map(|()| exit)
        };
        done.and_then(closed).unwrap_or_else(|error| caller.tell(&error)).into()
    }
}

impl Verb {
    fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        match self {
            Self::Bootstrap(verb) => verb.perform(caller),
            Self::Run(verb) => verb.perform(caller),
            Self::Status(verb) => verb.perform(caller),
            Self::Doctor(verb) => verb.perform(caller),
            Self::Tasks(verb) => verb.perform(caller),
            Self::Sandbox(verb) => verb.perform(caller),
            Self::Init(verb) => verb.perform(caller),
            Self::New(verb) => verb.perform(caller),
            Self::Seal(verb) => verb.perform(caller),
            Self::Set(verb) => verb.perform(caller),
            Self::Unset(verb) => verb.perform(caller),
            Self::Rename(verb) => verb.perform(caller),
            Self::Reseal(verb) => verb.perform(caller),
            Self::Verify(verb) => verb.perform(caller),
            Self::Unseal(verb) => verb.perform(caller),
            Self::Cert(verb) => verb.perform(caller),
            Self::Keys(verb) => verb.perform(caller),
            Self::External(verb) => verb.perform(caller),
            Self::Vault(verb) => verb.perform(caller),
            Self::Scan(verb) => verb.perform(caller),
            Self::Hook(verb) => verb.perform(caller),
            Self::Kubeseal(verb) => verb.perform(caller),
            Self::Schema(verb) => verb.perform(caller),
            Self::Completions(verb) => Ok(verb.perform(caller)),
            Self::Man(verb) => verb.perform(caller),
        }
    }
}

#[cfg(test)]
mod tests;
