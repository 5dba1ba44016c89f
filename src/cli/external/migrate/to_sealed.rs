//! ExternalSecrets become SealedSecrets.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rand_core::OsRng;

use super::asked::Asked;
use super::stores::Stores;
use super::{Changed, Migrate, read, sops, text};
use crate::bootstrap::World;
use crate::cli::caller::{Caller, in_runtime};
use crate::cli::external::input::place;
use crate::cli::external::{documents, pushing};
use crate::cli::kustomizations::Kustomizations;
use crate::cli::sealing::recipient::{Sealing, Target};
use crate::error::Error;
use crate::external::{self, KvMount, KvVersion};
use crate::mend;
use crate::plain::Plain;
use crate::remote::vault::{self, KvSecret, Vault};
use crate::seal::{Allow, Form, Manifest, Scope, Sealed, SealedSecret, Secret};
use crate::yaml::splice::Edit;
use crate::yaml::{self, Document};

/// What sealing takes.
struct Sealer<'s> {
    target: &'s Target,
    namespace: Option<&'s str>,
    kustomizations: Kustomizations,
    scope: Scope,
}

/// Where values are read.
struct Bench<'b> {
    vault: &'b Vault,
    /// The mount of the store of the settings, or that was typed.
    mount: &'b str,
    stores: Stores<'b>,
    sealer: &'b Sealer<'b>,
}

impl Migrate {
    /// Reads the values from Vault, and seals them in the place of their ExternalSecrets; those of files of SOPS are in them.
    pub(super) fn to_sealed(&self, caller: &Caller, files: &[PathBuf]) -> Result<Vec<Changed>, Error> {
        let sealing = Sealing::of(caller)?;
        let target = &sealing.target_of(&self.recipients)?;
        let scope = crate::cli::sealing::scope_of(sealing.settings.sealing.scope);
        let (namespace, kustomizations) = (self.namespace.as_deref(), Kustomizations::default());
        let sealer = Sealer { target, namespace, kustomizations, scope };
        let (mut all, mut others, mut templates) = (Vec::new(), Vec::new(), Vec::new());
        for file in files {
            let before = read(file)?;
            match sops::opened(file, &before)? {
                Some(text) => all.push(sealer.of_sops(file, before, &text)?),
                None if is_template(file, &before) => templates.push(file.clone()),
                None if mentions_external_secrets(&before) => others.push((file, before)),
                None => {}
            }
        }
        documents::warn_of_templates(caller, &templates);
        if others.is_empty() {
            return Ok(all);
        }
        let look = self.layout.over(&caller.external()?)?;
        let settings = caller.settings(None)?;
        settings.check_vault()?;
        let vault = settings.vault.clone();
        let stores = Stores::find(files, &look, self.layout.mount.as_deref(), &vault);
        let world = World::new(Arc::new(settings), caller.printer.events());
        in_runtime(async {
            let bench = Bench { vault: world.vault().await?, mount: &look.mount, stores, sealer: &sealer };
            for (file, before) in others {
                all.extend(bench.file(file, before).await?);
            }
            pushing::warn_of_assumed(caller, bench.vault, bench.mount);
            Ok(all)
        })
    }
}

fn is_template(file: &Path, bytes: &Plain) -> bool {
    mentions_external_secrets(bytes)
        && text(bytes).is_some_and(|text| external::is_chart_template(file, &text))
}

fn mentions_external_secrets(bytes: &Plain) -> bool {
    text(bytes).is_some_and(|text| text.contains("ExternalSecret"))
}

impl Sealer<'_> {
    /// A file of SOPS with SealedSecrets in the place of its Secrets.
    fn of_sops(&self, file: &Path, before: Plain, text: &Plain) -> Result<Changed, Error> {
        let mut manifest = Manifest::read(file, text)?;
        let given = self.kustomizations.namespace(file);
        place(&mut manifest, given.as_deref(), self.namespace);
        let (mut all, mut values) = (Vec::new(), 0);
        for found in &manifest.secrets {
            found.secret.check(self.scope, Allow::default(), &found.place)?;
            let recipient = &self.target.certificate.recipient;
            let object = SealedSecret::seal(&found.secret, self.scope, recipient, &mut OsRng)?;
            values += found.secret.items.len();
            all.push(Sealed { object, text: None });
        }
        let after = manifest.with(&all)?;
        let written = super::text(&before).unwrap_or_default();
        let after = sops::without_encrypted_comments(file, &written, &after)?;
        let items = manifest.secrets.iter().flat_map(|found| found.secret.items.values());
        let (after, untold) = mend::untold(file, &after, items)?;
        Ok(Changed { file: file.to_owned(), before, after, secrets: all.len(), values, untold })
    }
}

impl Bench<'_> {
    /// A file with SealedSecrets in the place of its ExternalSecrets; nothing where it has none.
    async fn file(&self, file: &Path, before: Plain) -> Result<Option<Changed>, Error> {
        let Some(text) = text(&before) else { return Ok(None) };
        let (mut edit, mut secrets) = (Edit::open(file, &text)?, Vec::new());
        let namespace = self.sealer.kustomizations.namespace(file);
        for mut document in yaml::each(file, &text)? {
            if !external::is_external_secret(&document) {
                continue;
            }
            if let Some(namespace) = &namespace {
                documents::place(&mut document, namespace);
            }
            let index = document.number - 1;
            let secret = self.secret(&document).await?;
            secret.check(self.sealer.scope, Allow::default(), &document.place(&[]))?;
            let recipient = &self.sealer.target.certificate.recipient;
            let sealed = SealedSecret::seal(&secret, self.sealer.scope, recipient, &mut OsRng)?;
            edit.replace_document(index, bare(&sealed.write(Form::Yaml)))?;
            secrets.push(secret);
        }
        if secrets.is_empty() {
            return Ok(None);
        }
        let values = || secrets.iter().flat_map(|secret| secret.items.values());
        let (after, untold) = mend::untold(file, &mend::carried(&text, &edit.text()), values())?;
        let (count, values) = (secrets.len(), values().count());
        Ok(Some(Changed { file: file.to_owned(), before, after, secrets: count, values, untold }))
    }

    /// The Secret that an ExternalSecret stands for.
    async fn secret(&self, document: &Document) -> Result<Secret, Error> {
        let needs = external::certain(document)?;
        let mount = self.mount_of(document).await?;
        let mut values: BTreeMap<String, Plain> = BTreeMap::new();
        for whole in &needs.wholes {
            let asked = Asked::of(document, whole, &mount);
            let mut found = self.read(&asked).await?;
            for (key, value) in std::mem::take(&mut found.data) {
                if !found.is_exact_in_floats(&key) {
                    return Err(asked.inexact(&key));
                }
                values.insert(key, asked.decoded(value)?);
            }
        }
        let mut read: BTreeMap<String, KvSecret> = BTreeMap::new();
        for (key, item) in &needs.items {
            let asked = Asked::of(document, item, &mount);
            let property = item.property.as_deref().unwrap_or_default();
            // Values are not copied: another entry may have taken this one.
            if !read.get(&asked.at).is_some_and(|found| found.data.contains_key(property)) {
                read.insert(asked.at.clone(), self.read(&asked).await?);
            }
            let value = read.get_mut(&asked.at).and_then(|found| found.data.remove(property));
            values.insert(key.clone(), asked.decoded(value.ok_or_else(|| asked.missing(property))?)?);
        }
        let mut secret = external::to_secret(document, values)?;
        if let (true, Some(namespace)) = (secret.namespace.is_empty(), self.sealer.namespace) {
            namespace.clone_into(&mut secret.namespace);
        }
        Ok(secret)
    }

    /// The mount that the store of an ExternalSecret reads. Of that of the settings its version is asked for.
    async fn mount_of(&self, document: &Document) -> Result<KvMount, Error> {
        if let Some(mount) = self.stores.mount_of(document, self.sealer.namespace)? {
            return Ok(mount.clone());
        }
        let version = match self.vault.kv_version(self.mount).await? {
            vault::KvVersion::V1 => KvVersion::V1,
            vault::KvVersion::V2 => KvVersion::V2,
        };
        Ok(KvMount { server: String::new(), namespace: None, path: self.mount.to_owned(), version })
    }

    /// What lies now where an entry reads, where something does.
    async fn read(&self, asked: &Asked<'_>) -> Result<KvSecret, Error> {
        if let Some(version) = &asked.item.version {
            return Err(asked.of_version(version));
        }
        match self.vault.secret_at(&asked.at, asked.engine, None).await {
            Ok(Some(found)) if !found.data.is_empty() => Ok(found),
            Ok(found) => Err(asked.nothing(found.as_ref())),
            Err(error) => Err(asked.failed(error)),
        }
    }
}

/// A manifest without the mark at its beginning, and without its last line end.
fn bare(text: &str) -> &str {
    text.strip_prefix("---\n").unwrap_or(text).trim_end()
}
