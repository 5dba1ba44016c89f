//! Secrets and SealedSecrets become ExternalSecrets.

use std::path::{Path, PathBuf};

use super::live::Secrets;
use super::{Changed, Migrate, read, sops, text};
use crate::cli::caller::Caller;
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
        let after = with_comments(file, &before, &pushes, &text)?;
        let changed = Changed { file: file.to_owned(), before, after, secrets: objects.len(), values };
        Ok(Some((changed, pushes)))
    }
}

/// Puts Secrets into the namespace that a kustomization gives, or where they name none into the one that was typed.
pub(super) fn place(manifest: &mut Manifest, given: Option<&str>, typed: Option<&str>) {
    for found in &mut manifest.secrets {
        let typed = typed.filter(|_| found.secret.namespace.is_empty());
        if let Some(namespace) = given.or(typed) {
            namespace.clone_into(&mut found.secret.namespace);
        }
    }
}

/// What a file becomes, with its comments; without any where one would keep a value in clear.
#[expect(
    clippy::disallowed_methods,
    reason = "sink: looked for in comments that are to be written, and wiped"
)]
fn with_comments(file: &Path, before: &Plain, pushes: &[Push], after: &str) -> Result<String, Error> {
    let Some(written) = text(before) else { return Ok(after.to_owned()) };
    if crate::cli::sops::is_sops(file, &written) {
        return sops::without_encrypted_comments(file, &written, after);
    }
    let carried = mend::carried(&written, after);
    let values = pushes.iter().flat_map(|push| push.values.values()).filter_map(Plain::expose_text);
    let is_told = |value: &str| !value.is_empty() && carried.contains(value) && !after.contains(value);
    Ok(if { values }.any(|value| is_told(value.trim())) { after.to_owned() } else { carried })
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
