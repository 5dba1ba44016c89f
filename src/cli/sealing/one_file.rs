//! One SealedSecret in a file, to be changed there: every other byte stays.

use std::path::PathBuf;

use clap::Args;

use crate::cli::caller::Caller;
use crate::error::{Error, Exit};
use crate::file;
use crate::report::{Event, Outcome};
use crate::seal::{Entry, SealedFile};

/// Which SealedSecret, as it is typed.
#[derive(Debug, Args)]
pub(in crate::cli) struct Which {
    /// The file with the SealedSecret
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The namespace of the SealedSecret, where the file holds several
    #[arg(short, long, value_name = "NAME")]
    namespace: Option<String>,
    /// The name of the SealedSecret, where the file holds several
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

/// A SealedSecret in its file.
pub(in crate::cli) struct OneFile {
    path: PathBuf,
    text: String,
    pub(in crate::cli) file: SealedFile,
    pub(in crate::cli) entry: usize,
}

impl Which {
    /// Opens the file, and finds the SealedSecret in it.
    pub(in crate::cli) fn open(&self) -> Result<OneFile, Error> {
        let shown = self.file.display();
        let bytes = std::fs::read(&self.file).map_err(Error::system(format!("read {shown}")))?;
        let text = String::from_utf8(bytes).map_err(|_| Error::Usage {
            complaint: format!("{shown} is not UTF-8"),
            hint: "save the file as UTF-8".into(),
        })?;
        let file = SealedFile::read(&self.file, &text)?;
        let entry = self.entry(&file)?;
        Ok(OneFile { path: self.file.clone(), text, file, entry })
    }

    fn entry(&self, file: &SealedFile) -> Result<usize, Error> {
        let fits = |typed: &Option<String>, is: &str| typed.as_deref().is_none_or(|typed| typed == is);
        let fitting = file.entries().iter().enumerate().filter(|(_, entry)| {
            fits(&self.name, entry.sealed.name()) && fits(&self.namespace, entry.sealed.namespace())
        });
        let fitting: Vec<usize> = fitting.map(|(index, _)| index).collect();
        let shown = self.file.display();
        let hint = |of: &[usize]| {
            let name = |entry: &Entry| format!("`{}/{}`", entry.sealed.namespace(), entry.sealed.name());
            of.iter().map(|index| name(&file.entries()[*index])).collect::<Vec<_>>().join(", ")
        };
        match fitting[..] {
            [one] => Ok(one),
            [] if file.entries().is_empty() => Err(Error::Usage {
                complaint: format!("{shown} holds no SealedSecret"),
                hint: "`sealstrap seal` makes one of a Secret".into(),
            }),
            [] => Err(Error::Usage {
                complaint: format!("{shown} holds no SealedSecret of that name"),
                hint: format!("it holds {}", hint(&(0..file.entries().len()).collect::<Vec<_>>())),
            }),
            _ => Err(Error::Usage {
                complaint: format!("{shown} holds {} SealedSecrets: which one is meant?", fitting.len()),
                hint: format!("name one with `--namespace` and `--name`: {}", hint(&fitting)),
            }),
        }
    }
}

impl OneFile {
    /// What the file says of it now.
    pub(in crate::cli) fn now(&self) -> &Entry {
        &self.file.entries()[self.entry]
    }

    /// Refuses a key that the SealedSecret does not have, and names those that it has.
    pub(in crate::cli) fn check_key(&self, key: &str) -> Result<(), Error> {
        let Entry { sealed, place, .. } = self.now();
        if sealed.item(key).is_some() {
            return Ok(());
        }
        let keys: Vec<&str> = sealed.keys().collect();
        let near = crate::yaml::nearest(key, keys.iter().copied());
        let hint = near
            .map_or_else(|| format!("it has {}", keys.join(", ")), |near| format!("did you mean `{near}`?"));
        Err(Error::Usage { complaint: format!("{place}: the SealedSecret has no item `{key}`"), hint })
    }

    /// Writes the file, unless nothing has changed in it.
    pub(in crate::cli) fn write(self, caller: &Caller, cluster: &str, sealed: usize) -> Result<Exit, Error> {
        let text = self.file.text();
        let held = text == self.text;
        if !held {
            file::replace(&self.path, self.text.as_bytes(), text.as_bytes())
                .map_err(Error::system(format!("write {}", self.path.display())))?;
        }
        let file = self.path.display().to_string();
        caller.printer.event(&Event::Sealed {
            from: file.clone(),
            file,
            cluster: cluster.to_owned(),
            outcome: if held { Outcome::Held } else { Outcome::Changed },
            sealed,
            kept: 0,
        });
        Ok(Exit::Done)
    }
}
