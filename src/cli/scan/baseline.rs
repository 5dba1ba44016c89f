//! The baseline of a scan: what it knows is not told again.

use std::io;
use std::path::{Path, PathBuf};

use jiff::Zoned;
use rand_core::{OsRng, RngCore};

use super::rules::top;
use crate::cli::caller::Caller;
use crate::error::Error;
use crate::file::{self, Audience};
use crate::plain::Plain;
use crate::report::Event;
use crate::scan::{self, BASELINE, Baseline, FingerprintKey, Found, PolicyError, Standing, Words};
use crate::settings::environment::BASELINE_KEY;
use crate::source::Source;

/// The baseline that is there, and the key for it.
pub(super) struct Known {
    /// The folder of the repository.
    top: PathBuf,
    file: PathBuf,
    baseline: Baseline,
    key: Option<FingerprintKey>,
}

impl Known {
    /// Opens the file that is named, or else the one in the top folder where it is there. With `is_written` it need not
    /// be there, nor its key.
    pub(super) fn open(folder: &Path, named: Option<&Path>, is_written: bool) -> Result<Self, Error> {
        let top = top(folder).to_owned();
        let file = named.map_or_else(|| top.join(BASELINE), Path::to_owned);
        let shown = file.strip_prefix(folder).unwrap_or(&file).to_owned();
        let baseline = match std::fs::read_to_string(&file) {
            Ok(text) => Baseline::read(&shown, &text).map_err(PolicyError::from)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound && (named.is_none() || is_written) => {
                Baseline::default()
            }
            Err(source) => return Err(PolicyError::File { file: shown, source }.into()),
        };
        let mut known = Self { top, file, baseline, key: None };
        if is_written || !known.baseline.is_empty() {
            known.key = key(folder, is_written)?;
            let Some(key) = &known.key else { return Err(PolicyError::NoKey { file: shown }.into()) };
            known.baseline.check(&shown, key).map_err(PolicyError::from)?;
        }
        Ok(known)
    }

    /// The key for the fingerprints of what was found, where there is one.
    pub(super) fn key(&self, found: &[Found]) -> Result<Option<FingerprintKey>, Error> {
        // To look for it takes a process: where nothing was found, that is not worth it.
        if found.is_empty() { Ok(None) } else { key(&self.top, false) }
    }

    /// What it says of findings. What is not known any more is told.
    pub(super) fn standings(&self, caller: &Caller, found: &[Found]) -> Vec<Standing> {
        let Some(key) = &self.key else { return vec![Standing::New; found.len()] };
        let standings = self.baseline.standings(key, found, Zoned::now().date());
        for (found, standing) in found.iter().zip(&standings) {
            if let Standing::Ended(day) = standing {
                let (rule, path) = (&found.finding.rule, found.path.display());
                caller.warn(&format!("`{rule}` in {path} was known up to {day}, by {}", self.shown()));
            }
        }
        standings
    }

    /// Tells which of its entries nothing was found for.
    pub(super) fn tell_stale(&self, caller: &Caller, found: &[Found]) {
        let Some(key) = &self.key else { return };
        for entry in self.baseline.stale(key, found) {
            caller.warn(&format!(
                "{} knows {entry}, which is not there any more; `sealstrap scan --write-baseline` takes it out",
                self.shown()
            ));
        }
    }

    /// Writes it anew with all that was found. With `all`, where everything was looked at, what is stale goes.
    pub(super) fn write(
        &self,
        caller: &Caller,
        found: &[Found],
        words: &Words,
        all: bool,
    ) -> Result<(), Error> {
        let Some(key) = &self.key else { return Ok(()) };
        let text = self.baseline.renewed(key, found, words, all).to_string();
        let file = self.shown();
        file::write(&self.file, text.as_bytes(), Audience::Anybody)
            .map_err(Error::system(format!("write {file}")))?;
        caller.printer.event(&Event::Written { file });
        Ok(())
    }

    fn shown(&self) -> String {
        self.file.strip_prefix(&self.top).unwrap_or(&self.file).display().to_string()
    }
}

/// The key of the repository: what the environment says, or the file among those that Git keeps for itself, which is
/// made where that is asked for.
fn key(folder: &Path, is_made: bool) -> Result<Option<FingerprintKey>, Error> {
    const FILE: &str = "sealstrap/baseline.key";
    let given = Source::Env(BASELINE_KEY.into()).read_at_once(folder).and_then(Result::ok);
    if let Some(given) = given.filter(|given| !given.is_empty()) {
        let key = FingerprintKey::of(&given.without_line_end());
        return key.map(Some).ok_or_else(|| PolicyError::ShortKey(BASELINE_KEY.into()).into());
    }
    let Ok(git) = scan::git_folder(folder) else { return Ok(None) };
    let file = git.join(FILE);
    if is_made && !file.exists() {
        make(&file).map_err(Error::system(format!("write {}", file.display())))?;
    }
    let Some(Ok(read)) = Source::File(file.clone()).read_at_once(folder) else { return Ok(None) };
    let key = FingerprintKey::of(&read.without_line_end());
    key.map(Some).ok_or_else(|| PolicyError::ShortKey(file.display().to_string()).into())
}

/// Makes a key of 256 bits.
fn make(file: &Path) -> io::Result<()> {
    let mut bytes = [0_u8; 32];
    OsRng.fill_bytes(&mut bytes);
    let text = Plain::from(base16ct::lower::encode_string(&bytes) + "\n");
    std::fs::create_dir_all(file.parent().unwrap_or(file))?;
    write(file, &text)
}

#[expect(clippy::disallowed_methods, reason = "sink: the file of the key, readable by its owner only")]
fn write(file: &Path, text: &Plain) -> io::Result<()> {
    file::create(file, text.expose(), Audience::Owner)
}
