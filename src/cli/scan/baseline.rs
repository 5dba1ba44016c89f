//! The baseline of a scan: what it knows is not told again.

use std::io;
use std::path::{Path, PathBuf};

use jiff::Zoned;
use jiff::civil::Date;
use rand_core::{OsRng, RngCore};

use crate::cli::caller::Caller;
use crate::error::Error;
use crate::file::{self, Audience};
use crate::plain::Plain;
use crate::report::Event;
use crate::scan::{self, BASELINE, Baseline, FingerprintKey, Found, PolicyError, Renewal, Standing, Words};
use crate::settings::environment::BASELINE_KEY;
use crate::source::Source;

/// The baseline that is there, and the key for it.
pub(super) struct Known {
    /// The folder of the repository.
    top: PathBuf,
    file: PathBuf,
    baseline: Baseline,
    key: Option<FingerprintKey>,
    /// Whether all is looked at that it may know, but for archives.
    is_whole: bool,
    /// Whether archives are opened.
    archives: bool,
}

impl Known {
    /// Opens the file that is named, or else the one in the top folder where it is there. With `is_written` it need not
    /// be there.
    pub(super) fn open(
        top: &Path,
        named: Option<&Path>,
        is_written: bool,
        is_whole: bool,
        archives: bool,
    ) -> Result<Self, Error> {
        let file = named.map_or_else(|| top.join(BASELINE), Path::to_owned);
        let baseline = match std::fs::read_to_string(&file) {
            Ok(text) => Baseline::read(&shown(top, &file), &text).map_err(PolicyError::from)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound && (named.is_none() || is_written) => {
                Baseline::default()
            }
            Err(source) => return Err(PolicyError::File { file: shown(top, &file), source }.into()),
        };
        Ok(Self { top: top.to_owned(), file, baseline, key: None, is_whole, archives })
    }

    /// Finds the key, where it is needed: a hook that finds nothing may take no longer for it. With `is_written` it is
    /// made where it is missing.
    pub(super) fn find_key(&mut self, found: &[Found], is_written: bool) -> Result<(), Error> {
        let is_asked = is_written || !self.baseline.is_empty() && (self.is_whole || !found.is_empty());
        if !is_asked && found.is_empty() {
            return Ok(());
        }
        self.key = key(&self.top, is_written)?;
        match &self.key {
            Some(key) => {
                Ok(self.baseline.check(&shown(&self.top, &self.file), key).map_err(PolicyError::from)?)
            }
            None if is_asked => Err(PolicyError::NoKey { file: shown(&self.top, &self.file) }.into()),
            None => Ok(()),
        }
    }

    /// What fingerprints are made with, where a key was found.
    pub(super) fn key(&self) -> Option<&FingerprintKey> {
        self.key.as_ref()
    }

    /// What it says of findings. What is not known any more is told, and what is not there any more.
    pub(super) fn standings(&self, caller: &Caller, found: &[Found]) -> Vec<Standing> {
        let Some(key) = &self.key else { return vec![Standing::New; found.len()] };
        let name = shown(&self.top, &self.file);
        let name = name.display();
        let standings = self.baseline.standings(key, found, &|path| self.is_free(path), today());
        for (found, standing) in found.iter().zip(&standings) {
            if let Standing::Ended(day) = standing {
                let (rule, path) = (&found.finding.rule, found.path.display());
                caller.warn(&format!("`{rule}` in {path} was known up to {day}, by {name}"));
            }
        }
        for entry in self.baseline.stale(key, found, self.archives).into_iter().filter(|_| self.is_whole) {
            caller.warn(&format!(
                "{name} knows {entry}, which is not there any more; `sealstrap scan --write-baseline` takes it out"
            ));
        }
        standings
    }

    /// Writes it anew with all that was found; where everything was looked at, what is stale goes.
    pub(super) fn write(&mut self, caller: &Caller, found: &[Found], words: &Words) -> Result<(), Error> {
        let Some(key) = &self.key else { return Ok(()) };
        let (all, archives) = (self.is_whole, self.archives);
        let how = Renewal { all, archives, is_free: &|path| self.is_free(path), today: today() };
        self.baseline = self.baseline.renewed(key, found, words, how);
        let file = shown(&self.top, &self.file).display().to_string();
        file::write(&self.file, self.baseline.to_string().as_bytes(), Audience::Anybody)
            .map_err(Error::system(format!("write {file}")))?;
        caller.printer.event(&Event::Written { file });
        Ok(())
    }

    /// Whether an entry of a file may stand for another one: the file was moved, or nothing was found in it.
    fn is_free(&self, path: &str) -> bool {
        self.is_whole || !self.top.join(path).exists()
    }
}

pub(super) fn today() -> Date {
    Zoned::now().date()
}

/// The file as it is named from the top of the repository on.
fn shown(top: &Path, file: &Path) -> PathBuf {
    file.strip_prefix(top).unwrap_or(file).to_owned()
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
