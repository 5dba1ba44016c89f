//! `sealstrap seal`: Secrets in files become SealedSecrets.

mod destination;
mod finish;
mod input;
mod job;
pub(super) mod kustomization;
mod unit;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::caller::Caller;
use super::keyring::Backups;
use super::sealing::TypedScope;
use super::sealing::memory::Memory;
use super::sealing::recipient::{Recipients, Sealing};
use crate::error::{Error, Exit};
use destination::Destination;
use job::Job;

/// Seal the Secrets in files, so that only the cluster can read them
///
/// Reads YAML and JSON: several documents, Lists, Secrets between other objects. All else in a file stays as it is,
/// comments between documents included. Of one input the result goes to standard output.
///
/// Values that have not changed keep their ciphertext, so sealing again makes no diff. That they have not is known from
/// a ledger in `${XDG_STATE_HOME:-~/.local/state}/sealstrap`, which holds keyed digests and no values, or by
/// `--private-key`. With `--in-place` the file's version in Git's HEAD counts as what was there before.
///
/// All or nothing: where one Secret is refused, no file is written; all refusals are told together. In a folder, files
/// without Secrets are passed over. What is refused: files that cannot be read and speak of Secrets, unquoted values
/// that YAML turns into something else, keys that stand twice, base64 of base64, names that Kubernetes refuses, a
/// Secret without the namespace that its scope binds it to.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags")]
#[command(after_help = "\
Examples:
  sealstrap seal db.yaml > db-sealed.yaml
  sealstrap seal --in-place k8s/                       # every Secret below k8s
  sealstrap seal db.yaml --out db-sealed.yaml --add-to kustomization.yaml --shred
  sealstrap seal secrets/ --out 'clusters/{cluster}/{file}' --cluster home --cluster cloud
  kubectl create secret generic db -n shop --from-file=password --dry-run=client -o yaml | sealstrap seal -
  sealstrap seal --check --in-place k8s/               # in CI: 1 where a Secret lies in clear

Exit codes: 0 done, or nothing to do; 1 with --check where something would change; 2 something was refused.")]
pub(super) struct Seal {
    /// Files and folders; `-` for standard input, which is the default
    #[arg(value_name = "FILE|FOLDER")]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) recipients: Recipients,
    /// Write each file over itself
    #[arg(short, long, conflicts_with_all = ["out", "shred", "add_to"])]
    pub(super) in_place: bool,
    /// Where to write: a file, a folder, or a pattern with {name}, {namespace}, {cluster} and {file}, which is the path
    /// of the input below the folder that was named. A file that is there is edited: its comments and all else stay
    #[arg(short, long, value_name = "FILE|FOLDER|PATTERN")]
    pub(super) out: Option<String>,
    /// How far the values may travel, over what the Secrets' annotations and the settings say
    #[arg(long, value_enum, value_name = "SCOPE")]
    pub(super) scope: Option<TypedScope>,
    /// The namespace of Secrets that name none; those of another one are refused
    #[arg(short, long, value_name = "NAME")]
    pub(super) namespace: Option<String>,
    /// The name of the Secret, over its own
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,
    /// Add the files that are written to the resources of this kustomization
    #[arg(long, value_name = "FILE", requires = "out")]
    pub(super) add_to: Option<PathBuf>,
    /// Remove each input once its sealed file is written and read back. Its bytes are overwritten first; file systems
    /// that copy on write or keep a journal, SSDs and backups may still hold them, so change what matters
    #[arg(long, requires = "out")]
    pub(super) shred: bool,
    /// Write nothing, and end with 1 where something would change
    #[arg(long, conflicts_with = "plan")]
    pub(super) check: bool,
    /// Write nothing, and say what would change
    #[arg(long)]
    pub(super) plan: bool,
    /// Write what can be sealed, although something else is refused
    #[arg(long)]
    pub(super) keep_going: bool,
    /// Let through what is refused otherwise
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(super) allow: Vec<Allowed>,
    /// Seal every value anew, unchanged or not
    #[arg(long, conflicts_with = "private_key")]
    pub(super) fresh: bool,
    /// Keys of the recipients show which values have not changed
    #[command(flatten)]
    pub(super) backups: Backups,
}

/// What can be let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Allowed {
    /// Values of `data` that are base64 of base64
    DoubleBase64,
}

impl Seal {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let sealing = Sealing::of(caller)?;
        let inputs = input::all(&self.paths, caller)?;
        let destination = Destination::of(&self, &inputs, caller)?;
        let mut targets = sealing.targets(&self.recipients)?;
        targets.extend(destination.recovery(&sealing)?);
        destination.fits(&targets)?;
        let job = Job {
            memory: Memory::with(self.backups.open()?),
            heads: super::sealing::head::Heads::default(),
            typed: self,
            sealing,
            targets,
            destination,
        };
        job.perform(&inputs)
    }

    /// Whether files are written.
    pub(super) fn writes(&self) -> bool {
        !self.check && !self.plan
    }
}
