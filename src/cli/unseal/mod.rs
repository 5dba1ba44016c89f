//! `sealstrap unseal`: sealed files as Secrets again, with the private keys at hand.

mod git;
pub(super) mod text;

use std::path::{Path, PathBuf};

use clap::Args;
use zeroize::Zeroizing;

use super::caller::Caller;
use super::input;
use super::keyring::KeyFlags;
use super::sealed_files;
use super::sealing::controller::ControllerFlags;
use super::tally::Tally;
use crate::error::{Error, Exit};
use crate::file::{self, Audience};
use crate::plain::Plain;
use crate::report::Event;
use crate::seal::PrivateKeys;
use text::{Outcome, unsealed, with_keys};

/// Turn sealed files into Secrets again, with backups of the private keys
///
/// Writes to standard output unless told otherwise. Other documents of a file stay as they are. Where one item does
/// not open, nothing is written at all, and it is said for which place or key it was sealed. Plaintext on disk is
/// warned of: remove it when you are done.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap unseal apps/db.yaml --private-key keys.age --identity ~/.age/key.txt
  sealstrap unseal apps --from-cluster --out /dev/shm/apps
  sealstrap unseal apps/db.yaml --private-key keys.pem --in-place     # then edit, then seal again
  kubectl get sealedsecret db -o yaml | sealstrap unseal - --from-cluster")]
pub(super) struct Unseal {
    /// Files, folders, or `-` for standard input
    #[arg(value_name = "FILE|FOLDER", required = true)]
    paths: Vec<PathBuf>,
    /// Write each file over itself
    #[arg(long, conflicts_with = "out")]
    in_place: bool,
    /// Write to a file, or below a folder where there are several; new files are their owner's only
    #[arg(long, value_name = "FILE|FOLDER")]
    out: Option<PathBuf>,
    /// Write over files that are there
    #[arg(long, requires = "out")]
    force: bool,
    #[command(flatten)]
    keys: KeyFlags,
    #[command(flatten)]
    controller: ControllerFlags,
}

/// A file, what stood in it and what it holds unsealed.
struct Opened {
    file: PathBuf,
    before: Plain,
    after: Zeroizing<String>,
}

impl Unseal {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        self.check(caller)?;
        let keys = self.keys.open(caller, &self.controller)?;
        caller.printer.busy();
        let files = input::files(&self.paths)?;
        let opened = open_all(&files, &keys, caller);
        caller.printer.idle();
        let Some(opened) = opened? else { return Ok(Exit::No) };
        if opened.is_empty() {
            return Err(Error::Usage {
                complaint: format!("there is no SealedSecret in {}", named(&files)),
                hint: "a SealedSecret begins with `apiVersion: bitnami.com/v1alpha1`".into(),
            });
        }
        if self.in_place {
            for Opened { file, before, after } in &opened {
                replace(file, before, after)?;
                told(caller, file);
            }
        } else if let Some(out) = &self.out {
            self.write_to(out, &opened, caller)?;
        } else {
            let texts: Vec<&str> = opened.iter().map(|opened| opened.after.as_str()).collect();
            caller.printer.bytes(text::joined(&texts).as_bytes());
        }
        Ok(Exit::Done)
    }

    fn check(&self, caller: &Caller) -> Result<(), Error> {
        let refuse = |complaint: &str, hint: &str| {
            Err(Error::Usage { complaint: complaint.into(), hint: hint.into() })
        };
        if self.keys.is_empty() {
            return refuse(
                "no private key is named",
                "name a backup with `--private-key FILE`, or read the controller's own with `--from-cluster`",
            );
        }
        if caller.tells_json() && !self.in_place && self.out.is_none() {
            return refuse(
                "with `--json` standard output is for events, not for Secrets",
                "name a place for them with `--out`, or leave `--json` out",
            );
        }
        if self.in_place && self.paths.iter().any(|path| input::is_stdin(path)) {
            return refuse("standard input cannot be written in place", "leave `--in-place` out");
        }
        Ok(())
    }

    /// Writes all below a folder, or the only one to a file. Checks first that nothing is there.
    fn write_to(&self, out: &Path, opened: &[Opened], caller: &Caller) -> Result<(), Error> {
        let is_folder = out.is_dir() || out.as_os_str().to_string_lossy().ends_with('/') || opened.len() > 1;
        let target = |opened: &Opened| {
            if is_folder { out.join(below(&opened.file, &self.paths)) } else { out.to_owned() }
        };
        let targets: Vec<PathBuf> = opened.iter().map(target).collect();
        if let Some(there) = targets.iter().find(|target| target.is_file() && !self.force) {
            return Err(Error::Usage {
                complaint: format!("{} exists, and would be overwritten", there.display()),
                hint: "name another place, or write over it with `--force`".into(),
            });
        }
        for (opened, target) in opened.iter().zip(&targets) {
            if let Some(folder) = target.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                std::fs::create_dir_all(folder)
                    .map_err(Error::system(format!("make {}", folder.display())))?;
            }
            file::write(target, opened.after.as_bytes(), Audience::Owner)
                .map_err(Error::system(format!("write {}", target.display())))?;
            told(caller, target);
        }
        Ok(())
    }
}

/// The path of a file below the folder that was typed, or its name.
fn below(file: &Path, typed: &[PathBuf]) -> PathBuf {
    if input::is_stdin(file) {
        return "stdin.yaml".into();
    }
    let inner = typed.iter().filter(|path| path.is_dir()).find_map(|path| file.strip_prefix(path).ok());
    let name = || file.file_name().map(PathBuf::from).unwrap_or_default();
    inner.filter(|inner| !inner.as_os_str().is_empty()).map_or_else(name, Path::to_owned)
}

/// Opens all files that hold SealedSecrets; nothing where one of them does not open, which is told.
fn open_all(files: &[PathBuf], keys: &PrivateKeys, caller: &Caller) -> Result<Option<Vec<Opened>>, Error> {
    let (mut all, mut failed) = (Vec::new(), false);
    let places = sealed_files::places(files);
    for file in files {
        let before = input::read(file).map_err(Error::system(format!("read {}", file.display())))?;
        match unsealed(file, &before, &mut with_keys(keys, &places, None))? {
            Outcome::Nothing => {}
            Outcome::Unsealed(after) => all.push(Opened { file: file.clone(), before, after }),
            Outcome::Closed(findings) => {
                failed = true;
                for finding in findings {
                    Tally::new(caller).tell(file, finding);
                }
            }
        }
    }
    if failed {
        caller.printer.talk("nothing was written");
        return Ok(None);
    }
    Ok(Some(all))
}

#[expect(
    clippy::disallowed_methods,
    reason = "compared with what the file holds now: it is the file's own text"
)]
fn replace(path: &Path, before: &Plain, after: &str) -> Result<(), Error> {
    let written = file::replace(path, before.expose(), after.as_bytes());
    written.map_err(Error::system(format!("write {}", path.display())))
}

/// Says that a file holds plaintext now, and whether Git would take it.
fn told(caller: &Caller, file: &Path) {
    caller.printer.event(&Event::Written { file: file.display().to_string() });
    let git = match git::ignores(file) {
        Some(true) => ", which Git ignores",
        Some(false) => ", which Git does not ignore: do not commit it",
        None => "",
    };
    let message = format!("plaintext lies in {} now{git}", file.display());
    caller.printer.event(&Event::Warning { message });
}

fn named(files: &[PathBuf]) -> String {
    match files {
        [one] => format!("`{}`", one.display()),
        many => format!("{} files", many.len()),
    }
}
