//! Secrets and SealedSecrets become ExternalSecrets.

use std::path::{Path, PathBuf};

use super::live::Secrets;
use super::{Changed, Migrate, read, sops, text};
use crate::cli::caller::Caller;
use crate::cli::external::generate::values_of;
use crate::cli::external::input::place;
use crate::cli::external::layout::Look;
use crate::cli::external::pushing;
use crate::cli::kustomizations::Kustomizations;
use crate::cli::sealed_files;
use crate::cli::tally::Tally;
use crate::cli::unseal::text::{Outcome, unsealed, with_keys};
use crate::error::Error;
use crate::external::{self, Generated, Push, one_path_each};
use crate::mend;
use crate::plain::Plain;
use crate::seal::diagnose::Places;
use crate::seal::verify::Finding;
use crate::seal::{Manifest, PrivateKeys};

/// What opens SealedSecrets.
enum Opener {
    Keys(PrivateKeys, Places),
    Live(Secrets),
}

impl Migrate {
    /// Makes ExternalSecrets, and writes their values to Vault.
    pub(super) fn to_external(&self, caller: &Caller, files: &[PathBuf]) -> Result<Vec<Changed>, Error> {
        let look = self.layout.over(&caller.external()?)?;
        let kustomizations = Kustomizations::default();
        let mut opener = self.opener(caller, files, &kustomizations)?;
        let (mut all, mut pushes, mut errors) = (Vec::new(), Vec::new(), Vec::new());
        for file in files {
            let (before, namespace) = (read(file)?, kustomizations.namespace(file));
            let made = opener
                .opened(caller, file, &before, namespace.as_deref())
                .and_then(|text| self.one(file, before, text.as_ref(), namespace.as_deref(), &look));
            match made {
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
        opener.warn_of_closed(caller, all.is_empty())?;
        if !pushes.is_empty() {
            pushing::perform(caller, &look.mount, pushes, &self.manner)?;
        }
        Ok(all)
    }

    fn opener(
        &self,
        caller: &Caller,
        files: &[PathBuf],
        kustomizations: &Kustomizations,
    ) -> Result<Opener, Error> {
        if self.live {
            return Secrets::read(caller, files, kustomizations, self.namespace.as_deref()).map(Opener::Live);
        }
        Ok(Opener::Keys(self.keys.open(caller, &self.controller)?, sealed_files::places(files)))
    }

    /// A file, and the values of its Secrets; nothing where it has none. A kustomization decides on their namespace, where
    /// it gives one.
    fn one(
        &self,
        file: &Path,
        before: Plain,
        opened: Option<&Plain>,
        namespace: Option<&str>,
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
        place(&mut manifest, namespace, self.namespace.as_deref());
        if manifest.secrets.is_empty() {
            return Ok(None);
        }
        let Generated { text, objects, pushes } =
            look.with(|layout| external::generate(&mut manifest, layout))?;
        let values = pushes.iter().map(|push| push.values.len()).sum();
        let (after, untold) = with_comments(file, &before, &pushes, &text)?;
        let changed =
            Changed { file: file.to_owned(), before, after, secrets: objects.len(), values, untold };
        Ok(Some((changed, pushes)))
    }
}

/// What a file becomes, with its comments, and how many of those are left out since they would keep a value in clear.
fn with_comments(
    file: &Path,
    before: &Plain,
    pushes: &[Push],
    after: &str,
) -> Result<(String, usize), Error> {
    let made = match text(before) {
        None => after.to_owned(),
        Some(written) if crate::cli::sops::is_sops(file, &written) => {
            sops::without_encrypted_comments(file, &written, after)?
        }
        Some(written) => mend::carried(&written, after),
    };
    Ok(mend::untold(file, &made, values_of(pushes))?)
}

impl Opener {
    /// A file with what is encrypted in it in clear; nothing where that is nothing.
    fn opened(
        &mut self,
        caller: &Caller,
        file: &Path,
        before: &Plain,
        namespace: Option<&str>,
    ) -> Result<Option<Plain>, Error> {
        if let Some(text) = sops::opened(file, before)? {
            return Ok(Some(text));
        }
        let outcome = match self {
            Self::Keys(keys, _) if keys.is_empty() => Outcome::Nothing,
            Self::Keys(keys, places) => unsealed(file, before, &mut with_keys(keys, places, namespace))?,
            Self::Live(secrets) => unsealed(file, before, &mut |document| secrets.open(document, namespace))?,
        };
        match outcome {
            Outcome::Nothing => Ok(None),
            Outcome::Unsealed(text) => Ok(Some(Plain::from(text.to_string()))),
            Outcome::Closed(findings) => Err(closed(caller, file, findings)),
        }
    }

    /// Says that SealedSecrets are left as they are, where nothing opens them.
    fn warn_of_closed(&self, caller: &Caller, is_all: bool) -> Result<(), Error> {
        let Self::Keys(keys, places) = self else { return Ok(()) };
        if !keys.is_empty() || places.names.is_empty() {
            return Ok(());
        }
        let complaint = "SealedSecrets open with private keys only, and none is named".to_owned();
        if is_all {
            let hint = "name a backup with `--private-key FILE`, read the controller's own with `--from-cluster`, or take \
                        the values from the Secrets in the cluster with `--live`";
            return Err(Error::Usage { complaint, hint: hint.into() });
        }
        caller.warn(&format!("{complaint}: they stay as they are"));
        Ok(())
    }
}

/// Tells why items do not open.
fn closed(caller: &Caller, file: &Path, findings: Vec<Finding>) -> Error {
    for finding in findings {
        Tally::new(caller).tell(file, finding);
    }
    let complaint = format!("{} does not open with these keys", file.display());
    Error::Usage { complaint, hint: "name the keys that it was sealed for".into() }
}
