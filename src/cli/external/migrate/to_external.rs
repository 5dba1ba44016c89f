//! Secrets and SealedSecrets become ExternalSecrets.

use std::path::{Path, PathBuf};

use super::{Changed, Migrate, read};
use crate::cli::caller::Caller;
use crate::cli::external::layout::Look;
use crate::cli::external::pushing;
use crate::cli::sealed_files;
use crate::cli::unseal::text::{Outcome, unsealed};
use crate::error::Error;
use crate::external::{self, Generated, Push, one_path_each};
use crate::plain::Plain;
use crate::report::{self, Event};
use crate::seal::diagnose::Places;
use crate::seal::verify::Finding;
use crate::seal::{Manifest, PrivateKeys};

impl Migrate {
    /// Makes ExternalSecrets, and writes their values to Vault.
    pub(super) fn to_external(&self, caller: &Caller, files: &[PathBuf]) -> Result<Vec<Changed>, Error> {
        let look = self.layout.over(&caller.external()?)?;
        let keys = self.keys.open(caller, &self.controller)?;
        let (mut all, mut pushes, mut errors) = (Vec::new(), Vec::new(), Vec::new());
        let places = sealed_files::places(files);
        for file in files {
            let before = read(file)?;
            let opened =
                if keys.is_empty() { Outcome::Nothing } else { unsealed(file, &before, &keys, &places)? };
            let text = match opened {
                Outcome::Nothing => None,
                Outcome::Unsealed(text) => Some(Plain::from(text.to_string())),
                Outcome::Closed(findings) => {
                    errors.push(closed(caller, file, findings));
                    continue;
                }
            };
            match self.one(file, before, text.as_ref(), &look) {
                Ok(made) => {
                    let (changed, more): (Vec<_>, Vec<_>) = made.into_iter().unzip();
                    all.extend(changed);
                    pushes.extend(more.into_iter().flatten());
                }
                Err(error) => errors.push(error),
            }
        }
        errors.extend(one_path_each(&pushes).err().map(Into::into));
        if !errors.is_empty() {
            return Err(Error::several("nothing was written".into(), errors));
        }
        warn_of_sealed(caller, &places, &keys, all.is_empty())?;
        if !pushes.is_empty() {
            pushing::perform(caller, &look.mount, pushes, &self.manner)?;
        }
        Ok(all)
    }

    /// A file, and the values of its Secrets; nothing where it has none.
    fn one(
        &self,
        file: &Path,
        before: Plain,
        opened: Option<&Plain>,
        look: &Look,
    ) -> Result<Option<(Changed, Vec<Push>)>, Error> {
        let text = opened.unwrap_or(&before);
        if Manifest::is_clear_of_secrets(text) {
            return Ok(None);
        }
        let mut manifest = match Manifest::read(file, text) {
            Err(_) if !Manifest::may_hold_secrets(text) => return Ok(None),
            read => read?,
        };
        for found in &mut manifest.secrets {
            if let (true, Some(namespace)) = (found.secret.namespace.is_empty(), &self.namespace) {
                found.secret.namespace.clone_from(namespace);
            }
        }
        if manifest.secrets.is_empty() {
            return Ok(None);
        }
        let Generated { text, objects, pushes } =
            look.with(|layout| external::generate(&mut manifest, layout))?;
        let values = pushes.iter().map(|push| push.values.len()).sum();
        let changed = Changed { file: file.to_owned(), before, after: text, secrets: objects.len(), values };
        Ok(Some((changed, pushes)))
    }
}

/// Tells why items do not open.
fn closed(caller: &Caller, file: &Path, findings: Vec<Finding>) -> Error {
    for finding in findings {
        caller.printer.event(&Event::Found {
            rule: finding.rule.word().to_owned(),
            severity: report::Severity::Error,
            file: file.display().to_string(),
            line: finding.line,
            object: Some(finding.object),
            message: finding.message,
            hint: finding.hint,
        });
    }
    let complaint = format!("{} does not open with these keys", file.display());
    Error::Usage { complaint, hint: "name the keys that it was sealed for".into() }
}

/// Says that SealedSecrets are left as they are, where no keys are named.
fn warn_of_sealed(caller: &Caller, places: &Places, keys: &PrivateKeys, is_all: bool) -> Result<(), Error> {
    if !keys.is_empty() || places.names.is_empty() {
        return Ok(());
    }
    let complaint = "SealedSecrets open with private keys only, and none is named".to_owned();
    if is_all {
        let hint =
            "name a backup with `--private-key FILE`, or read the controller's own with `--from-cluster`";
        return Err(Error::Usage { complaint, hint: hint.into() });
    }
    caller.warn(&format!("{complaint}: they stay as they are"));
    Ok(())
}
