//! `sealstrap verify`: whether sealed files will unseal, and whether something stands in them in clear.

mod file;
mod online;
mod pinned;
mod tally;

use std::ops::ControlFlow;
use std::path::PathBuf;

use clap::Args;

use super::caller::Caller;
use super::files::side_by_side;
use super::input;
use super::keyring::KeyFlags;
use super::sealing::controller::ControllerFlags;
use crate::error::{Error, Exit};
use crate::seal::diagnose::Places;
use file::Examiner;
use tally::Tally;

/// Tell whether sealed files will unseal, before they are merged
///
/// Without keys it looks at the form of each SealedSecret: base64, lengths, the size of the key against the pinned
/// certificate, scopes, names and namespaces, what a kustomization does to them, and values left in clear. With keys
/// it opens each item, shows none, and says of those that do not open for which place or key they were sealed.
/// Ends with 1 where something is wrong (notes aside), with 2 where there was nothing to verify.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap verify                                   # all manifests below the current folder
  sealstrap verify apps/db.yaml --cert keys/sealing.pem
  sealstrap verify --private-key keys.age --identity ~/.age/key.txt
  sealstrap verify --online                          # ask the controller
  kustomize build apps | sealstrap verify -
  sealstrap verify --json | jq 'select(.event == \"found\" and .severity == \"error\")'")]
pub(super) struct Verify {
    /// Files, folders, or `-` for standard input
    #[arg(value_name = "FILE|FOLDER", default_value = ".")]
    paths: Vec<PathBuf>,
    /// A certificate that values may be sealed for, instead of those of the settings and `keys/sealing.pem`
    #[arg(long, value_name = "FILE")]
    cert: Vec<PathBuf>,
    /// Another place that items may have been sealed for, to be tried with the keys at hand
    #[arg(long = "try", value_name = "NAMESPACE/NAME")]
    tried: Vec<String>,
    /// Ask the controller of the cluster whether it can unseal each file
    #[arg(long)]
    online: bool,
    #[command(flatten)]
    keys: KeyFlags,
    #[command(flatten)]
    controller: ControllerFlags,
}

impl Verify {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let settings = caller.sealing()?;
        let keys = self.keys.open(caller, &self.controller)?;
        caller.printer.busy();
        let files = input::files(&self.paths)?;
        let examiner = Examiner::new(pinned::of(&settings, &self.cert)?, keys, &self.paths, self.places());
        let examiner = if examiner.has_keys() { examiner.knowing(&files) } else { examiner };
        let mut tally = Tally::new(caller);
        side_by_side(
            &files,
            |file| examiner.look(file),
            |file, looked| {
                tally.take(file, looked);
                ControlFlow::Continue(())
            },
        );
        if self.online {
            online::ask(&settings, &self.controller, &files, &mut tally)?;
        }
        tally.end(examiner.has_keys() || self.online)
    }

    fn places(&self) -> Places {
        let mut places = Places::default();
        for tried in &self.tried {
            let (namespace, name) = tried.split_once('/').unwrap_or(("", tried));
            places.names.insert(name.to_owned());
            places.namespaces.insert(namespace.to_owned());
        }
        places
    }
}
