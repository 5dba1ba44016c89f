//! The end of a run: refusals together, or files put in their places and told.

use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::input::Input;
use super::job::{Done, Job, Written};
use super::kustomization;
use crate::error::{Error, Exit};
use crate::file::{self, Staged};
use crate::report::{Event, Outcome};

/// What has come in so far.
pub(super) struct Finish<'j> {
    job: &'j Job<'j>,
    staged: Vec<Staged>,
    written: Vec<Written>,
    plain: Vec<PathBuf>,
    texts: Vec<String>,
    errors: Vec<Error>,
    refused: usize,
}

impl<'j> Finish<'j> {
    pub(super) fn new(job: &'j Job<'j>) -> Self {
        let (staged, written, plain, texts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { job, staged, written, plain, texts, errors: Vec::new(), refused: 0 }
    }

    /// Takes what was made of an input.
    pub(super) fn take(&mut self, input: &Input, made: Result<Done, Vec<Error>>) {
        match made {
            Ok(done) => {
                for doubt in done.doubts {
                    self.job.sealing.caller.warn(&doubt);
                }
                if !done.written.is_empty() {
                    self.plain.extend(input.file.clone());
                }
                self.staged.extend(done.staged);
                self.written.extend(done.written);
                self.texts.extend(done.text);
            }
            Err(errors) => {
                self.refused += 1;
                self.errors.extend(errors);
            }
        }
    }

    /// Writes, unless something was refused.
    pub(super) fn end(mut self) -> Result<Exit, Error> {
        let typed = &self.job.typed;
        self.errors.extend(self.clashes());
        if !self.errors.is_empty() && (!typed.keep_going || self.written.is_empty()) {
            let what = if self.refused > 1 {
                format!("{} files cannot be sealed", self.refused)
            } else {
                "it cannot be sealed".into()
            };
            return Err(Error::several(format!("{what}; nothing was written"), self.errors));
        }
        if let (Some(file), true) = (&typed.add_to, typed.writes()) {
            let added = kustomization::add(file, self.written.iter().map(|written| written.file.as_path()))?;
            self.staged.extend(added);
        }
        let caller = self.job.sealing.caller;
        let failed = |(file, error): (PathBuf, _)| Error::system(format!("write {}", file.display()))(error);
        file::commit(std::mem::take(&mut self.staged)).map_err(failed)?;
        if typed.writes() {
            self.job.memory.save(caller);
        }
        for text in &self.texts {
            caller.printer.data(text);
        }
        for written in &self.written {
            caller.printer.event(&written.event);
        }
        let shredded = if typed.shred && typed.writes() { self.shred() } else { Ok(()) };
        self.sum();
        shredded?;
        self.exit()
    }

    fn exit(self) -> Result<Exit, Error> {
        if !self.errors.is_empty() {
            let what = format!("{} of the files cannot be sealed; the others were", self.refused);
            return Err(Error::several(what, self.errors));
        }
        let is_new =
            |written: &Written| !matches!(written.event, Event::Sealed { outcome: Outcome::Held, .. });
        let differs = !self.texts.is_empty() || self.written.iter().any(is_new);
        Ok(if self.job.typed.check && differs { Exit::No } else { Exit::Done })
    }

    /// Files that two inputs would be written to.
    fn clashes(&self) -> Vec<Error> {
        let mut files: Vec<&PathBuf> = self.written.iter().map(|written| &written.file).collect();
        files.sort_unstable();
        let mut twice: Vec<&PathBuf> =
            files.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        twice.dedup();
        let clash = |file: &&PathBuf| Error::Usage {
            complaint: format!("two Secrets would be written to `{}`", file.display()),
            hint: "write {file}, {namespace} or {name} into `--out` to tell them apart".into(),
        };
        twice.iter().map(clash).collect()
    }

    /// Removes the inputs whose sealed files can be read back.
    fn shred(&self) -> Result<(), Error> {
        for written in &self.written {
            let read = std::fs::read(&written.file)
                .map_err(Error::system(format!("read {} back", written.file.display())))?;
            if <[u8; 32]>::from(Sha256::digest(read)) != written.digest {
                return Err(Error::Usage {
                    complaint: format!("`{}` holds something else than was written", written.file.display()),
                    hint: "nothing was shredded: see who else writes there".into(),
                });
            }
        }
        for file in &self.plain {
            file::shred(file).map_err(Error::system(format!("shred {}", file.display())))?;
            self.job.sealing.caller.printer.talk(&format!("shredded {}", file.display()));
        }
        Ok(())
    }

    /// The whole in one line, where it is more than one.
    fn sum(&self) {
        let (mut new, mut kept) = (0, 0);
        for written in &self.written {
            if let Event::Sealed { sealed: more, kept: same, .. } = &written.event {
                new += more;
                kept += same;
            }
        }
        let all = self.written.len();
        if all > 1 {
            self.job
                .sealing
                .caller
                .printer
                .talk(&format!("{all} files: {new} values sealed, {kept} unchanged"));
        }
        let nothing = all == 0 && self.texts.is_empty();
        if nothing {
            self.job.sealing.caller.printer.talk("no Secret was found: nothing to seal");
        }
    }
}
