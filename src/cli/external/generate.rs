//! `sealstrap external generate`: ExternalSecrets of Secrets.

use std::path::{Path, PathBuf};

use clap::Args;

use super::input::{Input, Secrets};
use super::layout::{LayoutFlags, Look};
use super::output::{Made, Output, warn_of_untold};
use super::pushing::{self, Manner};
use crate::cli::caller::Caller;
use crate::error::{Error, Exit};
use crate::external::{self, Generated, Push, one_path_each};
use crate::mend;
use crate::plain::Plain;

/// Make ExternalSecrets of Secrets
///
/// What else stands in a file stays as it is. Each value is read by an entry of its own; what is no text is kept as base64
/// and decoded by the operator. Types, labels, annotations and immutability are kept. The values themselves are not
/// written anywhere unless `--push` says so.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap external generate db.yaml                                   # on standard output
  sealstrap external generate db.yaml --out k8s/db.yaml --add-to k8s/kustomization.yaml --push
  sealstrap external generate app.env --name app-env --namespace shop
  sealstrap external generate cluster:shop/db --path '{prefix}/{namespace}/{name}'
  kubectl create secret generic db --from-file=password --dry-run=client -o yaml | sealstrap external generate -")]
pub(super) struct Generate {
    #[command(flatten)]
    secrets: Secrets,
    #[command(flatten)]
    layout: LayoutFlags,
    /// Where to write: a file, or a folder
    #[arg(short, long, value_name = "FILE|FOLDER")]
    out: Option<PathBuf>,
    /// Add the files that are written to the resources of this kustomization
    #[arg(long, value_name = "FILE", requires = "out")]
    add_to: Option<PathBuf>,
    /// Write over files that are there
    #[arg(long, requires = "out")]
    force: bool,
    /// Write the values to Vault first, as `external push` does
    #[arg(long)]
    push: bool,
    #[command(flatten)]
    manner: Manner,
}

impl Generate {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let look = self.layout.over(&caller.external()?)?;
        let (made, pushes) = made(self.secrets.read(caller)?, &look)?;
        let output = Output {
            out: self.out.as_deref(),
            add_to: self.add_to.as_deref(),
            force: self.force,
            plan: self.manner.plan,
        };
        output.check(&made)?;
        if self.push {
            pushing::perform(caller, &look.mount, pushes, &self.manner)?;
        }
        for made in &made {
            warn_of_untold(caller, &made.from, made.untold);
        }
        output.write(caller, &made)?;
        Ok(Exit::Done)
    }
}

/// The values that are to lie in Vault.
pub(super) fn values_of(pushes: &[Push]) -> impl Iterator<Item = &Plain> {
    pushes.iter().flat_map(|push| push.values.values())
}

/// What inputs become, and what has to lie in Vault for it. All that is wrong is told at once.
pub(super) fn made(inputs: Vec<Input>, look: &Look) -> Result<(Vec<Made>, Vec<Push>), Error> {
    let (mut all, mut pushes, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for Input { shown, below, mut manifest } in inputs {
        match look.with(|layout| external::generate(&mut manifest, layout)) {
            Ok(Generated { text, objects, pushes: more }) => {
                let (count, values) = (objects.len(), more.iter().map(|push| push.values.len()).sum());
                let (text, untold) = mend::untold(Path::new(&shown), &text, values_of(&more))?;
                all.push(Made { from: shown, below, text, secrets: count, values, untold });
                pushes.extend(more);
            }
            Err(external::Error::Several(several)) => errors.extend(several),
            Err(error) => errors.push(error),
        }
    }
    errors.extend(one_path_each(&pushes).err());
    match errors.len() {
        0 => Ok((all, pushes)),
        1 => Err(errors.remove(0).into()),
        _ => Err(external::Error::Several(errors).into()),
    }
}
