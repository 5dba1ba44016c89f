//! One file to be written: some Secrets of an input, sealed for one recipient.

use std::path::{Path, PathBuf};

use rand_core::OsRng;

use super::destination::{Destination, usage};
use super::input::Input;
use super::job::Job;
use crate::cli::sealing::recipient::Target;
use crate::cli::sealing::single;
use crate::error::Error;
use crate::file::Expected;
use crate::seal::{Form, Manifest, Scope, Sealed, SealedFile, SealedSecret, Secret};

/// What is to be made of an input for one recipient, or of a part of it.
pub(super) struct Unit<'j> {
    pub(super) job: &'j Job<'j>,
    pub(super) input: &'j Input,
    pub(super) manifest: &'j Manifest,
    pub(super) target: &'j Target,
    /// The Secret, where it has a file of its own.
    pub(super) only: Option<usize>,
}

/// A text that was made.
pub(super) struct Made {
    /// The file that it goes to; nothing for standard output.
    pub(super) file: Option<PathBuf>,
    pub(super) text: String,
    /// What must stand in its place until it is put there.
    pub(super) expected: Expected,
    /// Whether it is there already.
    pub(super) held: bool,
    /// How many values were sealed, and how many kept their ciphertext.
    pub(super) sealed: usize,
    pub(super) kept: usize,
}

/// A file as it was before.
struct Before {
    text: String,
    file: SealedFile,
}

impl Unit<'_> {
    /// Seals, and keeps what has not changed.
    pub(super) fn make(&self, plain: &[u8; 32]) -> Result<Made, Vec<Error>> {
        let secret = self.only.map(|index| &self.manifest.secrets[index].secret);
        let file = self.job.destination.file(self.input, self.target, secret);
        let before = self.before(file.as_deref())?;
        let mut all = Vec::new();
        let (mut sealed, mut kept) = (0, 0);
        for secret in self.secrets() {
            let (object, anew) = self.seal(secret, before.as_ref()).map_err(|error| vec![error])?;
            sealed += anew;
            kept += secret.items.len() - anew;
            all.push(object);
        }
        let in_place = matches!(self.job.destination, Destination::InPlace);
        let (text, expected, held) = match before {
            Some(before) if !in_place => {
                let expected = Expected::read(before.text.as_bytes());
                let text = self.edited(before.file, &all).map_err(single)?;
                let held = text == before.text;
                (text, expected, held)
            }
            before => {
                let text = self.fresh(all, before, file.as_deref()).map_err(single)?;
                let expected = if in_place { Expected::Read(*plain) } else { Expected::Nothing };
                (text, expected, false)
            }
        };
        Ok(Made { file, text, expected, held, sealed, kept })
    }

    fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let all = self.manifest.secrets.iter().enumerate();
        all.filter(|(index, _)| self.only.is_none_or(|only| only == *index)).map(|(_, found)| &found.secret)
    }

    /// What is in the place of the new file, or was there in HEAD.
    fn before(&self, file: Option<&Path>) -> Result<Option<Before>, Vec<Error>> {
        let Some(file) = file else { return Ok(None) };
        if matches!(self.job.destination, Destination::InPlace) {
            let text = self.job.heads.text(file);
            return Ok(text.and_then(|text| Some(Before { file: SealedFile::read(file, &text).ok()?, text })));
        }
        let is_input = || {
            let (input, file) = (self.input.file.as_ref()?.canonicalize().ok()?, file.canonicalize().ok()?);
            Some(input == file)
        };
        if is_input() == Some(true) {
            let complaint = format!("`{}` would be written over itself", file.display());
            return Err(vec![usage(&complaint, "write `--in-place` where that is meant")]);
        }
        let bytes = match std::fs::read(file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(vec![Error::system(format!("read {}", file.display()))(error)]),
        };
        let odd = || {
            let complaint = format!("`{}` is there and is not UTF-8", file.display());
            vec![usage(&complaint, "move it away, or name another file")]
        };
        let text = String::from_utf8(bytes).map_err(|_| odd())?;
        let opened = SealedFile::read(file, &text).map_err(single)?;
        Ok(Some(Before { text, file: opened }))
    }

    /// Seals a Secret; gives how many of its values were sealed anew.
    fn seal(&self, secret: &Secret, before: Option<&Before>) -> Result<(SealedSecret, usize), Error> {
        let (scope, recipient) = (self.job.scope(secret), &self.target.certificate.recipient);
        let known = before.filter(|_| !self.job.typed.fresh).and_then(|before| {
            let at = before.file.find(&secret.namespace, &secret.name)?;
            Some(&before.file.entries()[at].sealed)
        });
        let known: Vec<&SealedSecret> = known.into_iter().collect();
        let (sealed, anew) =
            SealedSecret::seal_keeping(secret, scope, recipient, &known, &self.job.memory, &mut OsRng)?;
        let values = secret.items.iter().filter(|(key, _)| anew.contains(key));
        self.job.memory.note(recipient, &sealed, values);
        Ok((sealed, anew.len()))
    }

    /// The file that is there, with what is new in it.
    fn edited(&self, mut file: SealedFile, all: &[SealedSecret]) -> Result<String, crate::seal::Error> {
        for sealed in all {
            match file.find(sealed.namespace(), sealed.name()) {
                Some(at) => file.make(at, sealed)?,
                None => file.add(sealed)?,
            }
        }
        if self.only.is_none() {
            for other in &self.manifest.others {
                file.put(&other.value, self.manifest.text_of(other))?;
            }
        }
        Ok(file.text())
    }

    /// The input with SealedSecrets in the place of its Secrets. What was sealed in HEAD keeps its form.
    fn fresh(
        &self,
        all: Vec<SealedSecret>,
        before: Option<Before>,
        file: Option<&Path>,
    ) -> Result<String, crate::seal::Error> {
        if let (Some(_), [one]) = (self.only, &all[..]) {
            let is_json = file.is_some_and(|file| file.extension().is_some_and(|ending| ending == "json"));
            return Ok(one.write(if is_json { Form::Json } else { Form::Yaml }));
        }
        let mut head = before.map(|before| before.file);
        let written = |object: SealedSecret| {
            let text = head.as_mut().and_then(|head| {
                let at = head.find(object.namespace(), object.name())?;
                head.make(at, &object).ok()?;
                head.text_of(at).map(str::to_owned)
            });
            Sealed { object, text }
        };
        self.manifest.with(&all.into_iter().map(written).collect::<Vec<_>>())
    }
}

impl Job<'_> {
    /// The scope of a Secret: as typed, else as its annotations say, else that of the settings.
    pub(super) fn scope(&self, secret: &Secret) -> Scope {
        let settings = crate::cli::sealing::scope_of(self.sealing.settings.sealing.scope);
        match (self.typed.scope, secret.scope()) {
            (Some(typed), _) => typed.into(),
            (None, Scope::Strict) => settings,
            (None, said) => said,
        }
    }
}
