//! `sealstrap reseal`: the values of SealedSecrets for a new certificate.

mod offline;
mod online;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::Args;

use super::caller::Caller;
use super::files::{self, side_by_side};
use super::keyring::Backups;
use super::sealing::memory::Memory;
use super::sealing::recipient::{Recipients, Sealing, Target};
use super::sealing::single;
use crate::error::{Error, Exit};
use crate::file::{self, Audience, Expected, Staged};
use crate::report::{Event, Outcome};
use crate::seal::{PrivateKeys, SealedFile};

/// Seal the values of SealedSecrets anew, for a new certificate
///
/// Only the sealed values change. Templates, labels, annotations, comments and all other documents stay as they are, and
/// so does the scope, which is that of the SealedSecret's own annotations.
///
/// With `--private-key` it is done on this machine: values are unsealed with old keys and sealed for the certificate of
/// the settings, or of `--cert` or `--cluster`. With `--online` the controller does it, with its newest key. Values that
/// are known to be sealed for the new certificate already are left alone: because one of the keys opens them, or because
/// the ledger of this machine knows them.
///
/// All or nothing: where one value cannot be unsealed, no file is written.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap reseal --private-key backup.yaml k8s/
  sealstrap reseal --private-key old.pem --private-key new.pem --cluster cloud clusters/cloud/
  sealstrap reseal --online k8s/
  sealstrap reseal --check --private-key new.pem k8s/   # 1 where something is sealed for an older key")]
pub(super) struct Reseal {
    /// Files and folders
    #[arg(value_name = "FILE|FOLDER", required = true)]
    paths: Vec<PathBuf>,
    /// Have the controller do it
    #[arg(long, conflicts_with_all = ["private_key", "cert"])]
    online: bool,
    #[command(flatten)]
    recipients: Recipients,
    /// Write nothing, and end with 1 where something would change
    #[arg(long)]
    check: bool,
    /// Write what can be sealed anew, although something else cannot
    #[arg(long)]
    keep_going: bool,
    /// They open what is there
    #[command(flatten)]
    backups: Backups,
}

/// A file with its SealedSecrets.
struct Opened {
    path: PathBuf,
    text: String,
    file: SealedFile,
}

/// What was made of a file.
struct Done {
    staged: Option<Staged>,
    event: Event,
}

/// What comes of all files.
#[derive(Default)]
struct Sum {
    staged: Vec<Staged>,
    events: Vec<Event>,
    errors: Vec<Error>,
}

impl Reseal {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        if self.backups.is_empty() && !self.online {
            return Err(Error::Usage {
                complaint: "no private key is named that opens what is there".into(),
                hint: "name it with `--private-key FILE`, or have the controller do it: `--online`".into(),
            });
        }
        let sealing = Sealing::of(caller)?;
        let paths = files::found(&self.paths)?;
        let mut sum = Sum::default();
        let memory = Memory::with(PrivateKeys::new());
        if self.online {
            sum = online::all(&self, &sealing, &memory, &paths)?;
        } else {
            let target = sealing.target_of(&self.recipients)?;
            let work = offline::Work { keys: self.backups.open()?, target: &target, memory: &memory };
            caller.printer.busy();
            let mut count = 0;
            side_by_side(
                &paths,
                |(path, _, named)| self.one(path, *named, &target, |opened| work.reseal(opened)),
                |_, done| {
                    count += 1;
                    caller.printer.counted(count, paths.len());
                    sum.take(done);
                    ControlFlow::Continue(())
                },
            );
            caller.printer.idle();
        }
        self.end(caller, sum, &memory)
    }

    /// Seals one file anew; nothing where it holds no SealedSecret.
    fn one(
        &self,
        path: &Path,
        named: bool,
        target: &Target,
        reseal: impl FnOnce(&mut SealedFile) -> Result<(usize, usize), Vec<Error>>,
    ) -> Result<Option<Done>, Vec<Error>> {
        let Some(mut opened) = open(path, named)? else { return Ok(None) };
        let (sealed, kept) = reseal(&mut opened.file)?;
        self.lay(&opened, target, sealed, kept).map(Some).map_err(|error| vec![error])
    }

    /// Lays the new text beside the file.
    fn lay(&self, opened: &Opened, target: &Target, sealed: usize, kept: usize) -> Result<Done, Error> {
        let (file, text) = (opened.path.display().to_string(), opened.file.text());
        let outcome = match (text == opened.text, self.check) {
            (true, _) => Outcome::Held,
            (false, true) => Outcome::Differs,
            (false, false) => Outcome::Changed,
        };
        let stage = || {
            let expected = Expected::read(opened.text.as_bytes());
            file::stage(&opened.path, text.as_bytes(), Audience::Anybody, expected)
        };
        let staged = (outcome == Outcome::Changed).then(stage).transpose();
        let staged = staged.map_err(Error::system(format!("write {file}")))?;
        let cluster = target.cluster.clone();
        Ok(Done { staged, event: Event::Sealed { from: file.clone(), file, cluster, outcome, sealed, kept } })
    }

    fn end(&self, caller: &Caller, sum: Sum, memory: &Memory) -> Result<Exit, Error> {
        let Sum { staged, events, errors } = sum;
        if !errors.is_empty() && (!self.keep_going || events.is_empty()) {
            return Err(Error::several(
                "not everything can be sealed anew; nothing was written".into(),
                errors,
            ));
        }
        let failed = |(file, error): (PathBuf, _)| Error::system(format!("write {}", file.display()))(error);
        file::commit(staged).map_err(failed)?;
        if !self.check {
            memory.save(caller);
        }
        let differs =
            events.iter().any(|event| matches!(event, Event::Sealed { outcome: Outcome::Differs, .. }));
        if events.is_empty() {
            caller.printer.talk("no SealedSecret was found: nothing to seal anew");
        }
        for event in &events {
            caller.printer.event(event);
        }
        if !errors.is_empty() {
            return Err(Error::several("not everything can be sealed anew; the rest was".into(), errors));
        }
        Ok(if differs { Exit::No } else { Exit::Done })
    }
}

impl Sum {
    fn take(&mut self, done: Result<Option<Done>, Vec<Error>>) {
        match done {
            Ok(Some(done)) => {
                self.staged.extend(done.staged);
                self.events.push(done.event);
            }
            Ok(None) => {}
            Err(errors) => self.errors.extend(errors),
        }
    }
}

/// Opens a file; nothing where it is no file of SealedSecrets and was not named itself.
fn open(path: &Path, named: bool) -> Result<Option<Opened>, Vec<Error>> {
    let shown = path.display();
    let bytes =
        std::fs::read(path).map_err(Error::system(format!("read {shown}"))).map_err(|error| vec![error])?;
    let nothing = |complaint: String| {
        let hint = "name files with SealedSecrets, or the folder they are in".into();
        if named { Err(vec![Error::Usage { complaint, hint }]) } else { Ok(None) }
    };
    let Ok(text) = String::from_utf8(bytes) else { return nothing(format!("{shown} is not UTF-8")) };
    let none = format!("{shown} holds no SealedSecret");
    if !text.contains("SealedSecret") {
        return nothing(none);
    }
    let file = SealedFile::read(path, &text).map_err(single)?;
    if file.entries().is_empty() {
        return nothing(none);
    }
    Ok(Some(Opened { path: path.to_owned(), text, file }))
}
