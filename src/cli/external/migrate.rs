//! `sealstrap external migrate`: files change over, with their values proven to be where they should be.

mod asked;
mod live;
mod sops;
mod stores;
mod to_external;
mod to_sealed;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::documents::warn_of_templates;
use super::layout::LayoutFlags;
use super::output::warn_of_untold;
use super::pushing::Manner;
use crate::cli::caller::Caller;
use crate::cli::input;
use crate::cli::keyring::KeyFlags;
use crate::cli::sealing::controller::ControllerFlags;
use crate::cli::sealing::recipient::Recipients;
use crate::error::{Error, Exit};
use crate::external;
use crate::file::{self, Audience, Expected};
use crate::plain::Plain;
use crate::report::{Event, Outcome};

/// Change files over: Secrets and SealedSecrets to ExternalSecrets, those to SealedSecrets, old versions to new ones
///
/// To ExternalSecrets: the values are written to Vault as `external push` does, and read back; only then are the files
/// changed, in place. SealedSecrets are opened with private keys, or with --live their values are taken from the Secrets that
/// the controller made of them. To SealedSecrets: the values are read from Vault, where they stay. Secrets in files of SOPS
/// are opened by `sops`, and become either. What else stands in a file stays as it is. All files are changed or none.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap external migrate k8s/ --plan                             # Secrets in clear
  sealstrap external migrate k8s/ --private-key keys.age             # SealedSecrets too
  sealstrap external migrate k8s/ --live                             # the same, without keys
  sealstrap external migrate k8s/db.yaml --to sealed
  SOPS_AGE_KEY_FILE=age.key sealstrap external migrate k8s/db.sops.yaml
  sealstrap external migrate k8s/ --to v1                            # v1beta1, which operators from 0.17 on do not serve")]
pub(super) struct Migrate {
    /// Files and folders
    #[arg(value_name = "FILE|FOLDER", required = true)]
    paths: Vec<PathBuf>,
    /// Files and folders to leave out; several one by one
    #[arg(long, value_name = "FILE|FOLDER")]
    exclude: Vec<PathBuf>,
    /// What they become
    #[arg(long, value_enum, value_name = "FORM", default_value = "external")]
    to: Form,
    /// The namespace of objects that name none, and that no kustomization gives one
    #[arg(short, long, value_name = "NAME")]
    namespace: Option<String>,
    /// Take the values of SealedSecrets from the Secrets that the controller made of them in the cluster
    #[arg(long, conflicts_with_all = ["private_key", "from_cluster"])]
    live: bool,
    #[command(flatten)]
    layout: LayoutFlags,
    #[command(flatten)]
    manner: Manner,
    #[command(flatten)]
    keys: KeyFlags,
    #[command(flatten)]
    controller: ControllerFlags,
    #[command(flatten)]
    recipients: Recipients,
}

/// What files become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// ExternalSecrets
    External,
    /// SealedSecrets
    Sealed,
    /// The same in the version that operators serve
    V1,
}

/// A file that changes.
struct Changed {
    file: PathBuf,
    before: Plain,
    after: String,
    secrets: usize,
    values: usize,
    /// The comments that would have kept a value in clear.
    untold: usize,
}

impl Migrate {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        if self.paths.iter().any(|path| input::is_stdin(path)) {
            return Err(Error::Usage {
                complaint: "standard input cannot be changed in place".into(),
                hint: "use `external generate -` or `seal -`".into(),
            });
        }
        if self.live && self.to != Form::External {
            return Err(Error::Usage {
                complaint: "`--live` takes values for ExternalSecrets only".into(),
                hint: "leave out `--live`, or `--to`".into(),
            });
        }
        let files = without(input::files(&self.paths)?, &self.exclude)?;
        let changed = match self.to {
            Form::External => self.to_external(caller, &files)?,
            Form::Sealed => self.to_sealed(caller, &files)?,
            Form::V1 => upgraded(caller, &files)?,
        };
        if changed.is_empty() {
            caller.printer.talk("nothing to change");
        }
        self.write(caller, changed)?;
        Ok(Exit::Done)
    }

    /// Puts all files in their places, or tells what would change.
    fn write(&self, caller: &Caller, all: Vec<Changed>) -> Result<(), Error> {
        if !self.manner.plan {
            let staged = all.iter().map(stage).collect::<Result<Vec<_>, _>>()?;
            file::commit(staged)
                .map_err(|(path, error)| Error::system(format!("write {}", path.display()))(error))?;
        }
        for Changed { file, secrets, values, untold, .. } in all {
            let file = file.display().to_string();
            warn_of_untold(caller, &file, untold);
            let outcome = if self.manner.plan { Outcome::Differs } else { Outcome::Changed };
            let event = match self.to {
                Form::Sealed => {
                    let cluster = self.recipients.cluster.first().cloned().unwrap_or_default();
                    Event::Sealed { from: file.clone(), file, cluster, outcome, sealed: values, kept: 0 }
                }
                Form::External => Event::Generated { from: file.clone(), file, outcome, secrets, values },
                Form::V1 => Event::Upgraded { file, outcome, objects: secrets },
            };
            caller.printer.event(&event);
        }
        Ok(())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "compared with what the file holds now: it is the file's own text"
)]
fn stage(changed: &Changed) -> Result<file::Staged, Error> {
    let expected = Expected::read(changed.before.expose());
    file::stage(&changed.file, changed.after.as_bytes(), Audience::Anybody, expected)
        .map_err(Error::system(format!("write {}", changed.file.display())))
}

/// The files that are not left out. What leaves out nothing is a mistake in its name.
fn without(mut files: Vec<PathBuf>, excluded: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let whole =
        |path: &Path| std::path::absolute(path).map_err(Error::system(format!("find {}", path.display())));
    for out in excluded {
        let (before, out_of) = (files.len(), whole(out)?);
        let mut kept = Vec::new();
        for file in files {
            if !whole(&file)?.starts_with(&out_of) {
                kept.push(file);
            }
        }
        files = kept;
        if files.len() == before {
            return Err(Error::Usage {
                complaint: format!("`--exclude {}` leaves out none of these files", out.display()),
                hint: "name a file or folder among them".into(),
            });
        }
    }
    Ok(files)
}

/// Files with objects of v1beta1, in v1; all that keeps any of them from it is told together.
fn upgraded(caller: &Caller, files: &[PathBuf]) -> Result<Vec<Changed>, Error> {
    let (mut all, mut templates, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for file in files {
        let before = read(file)?;
        let Some(text) = text(&before) else { continue };
        if text.contains("external-secrets.io/") && external::is_chart_template(file, &text) {
            templates.push(file.clone());
            continue;
        }
        let upgraded = match external::upgrade(file, &text) {
            Ok(upgraded) => upgraded,
            Err(error) => {
                errors.push(error.into());
                continue;
            }
        };
        if !upgraded.places.is_empty() {
            let (after, secrets) = (upgraded.text, upgraded.places.len());
            all.push(Changed { file: file.clone(), before, after, secrets, values: 0, untold: 0 });
        }
    }
    warn_of_templates(caller, &templates);
    if errors.is_empty() { Ok(all) } else { Err(Error::several("nothing was changed".into(), errors)) }
}

fn read(file: &Path) -> Result<Plain, Error> {
    input::read(file).map_err(Error::system(format!("read {}", file.display())))
}

#[expect(
    clippy::disallowed_methods,
    reason = "sink: the reader of manifests, whose errors show no line of them"
)]
fn text(bytes: &Plain) -> Option<zeroize::Zeroizing<String>> {
    bytes.expose_text()
}
