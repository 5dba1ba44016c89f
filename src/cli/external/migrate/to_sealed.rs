//! ExternalSecrets become SealedSecrets.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rand_core::OsRng;

use super::{Changed, Migrate, read, sops, text, to_external};
use crate::bootstrap::World;
use crate::cli::caller::{Caller, in_runtime};
use crate::cli::external::documents;
use crate::cli::kustomizations::Kustomizations;
use crate::cli::sealing::recipient::{Sealing, Target};
use crate::error::Error;
use crate::external::{self, Item};
use crate::mend;
use crate::plain::Plain;
use crate::remote::vault::{KvSecret, Vault};
use crate::seal::{Allow, Form, Manifest, Scope, Sealed, SealedSecret, Secret};
use crate::yaml::splice::Edit;
use crate::yaml::{self, Document};

const WRITE_IT: &str = "write it with `external push`, or name the mount with `--mount`";

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
    mount: String,
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
        let (mut all, mut others) = (Vec::new(), Vec::new());
        for file in files {
            let before = read(file)?;
            match sops::opened(file, &before)? {
                Some(text) => all.push(sealer.of_sops(file, before, &text)?),
                None if mentions_external_secrets(&before) => others.push((file, before)),
                None => {}
            }
        }
        if others.is_empty() {
            return Ok(all);
        }
        let look = self.layout.over(&caller.external()?)?;
        let settings = caller.settings(None)?;
        settings.check_vault()?;
        let world = World::new(Arc::new(settings), caller.printer.events());
        in_runtime(async {
            let bench = Bench { vault: world.vault().await?, mount: look.mount.clone(), sealer: &sealer };
            for (file, before) in others {
                all.extend(bench.file(file, before).await?);
            }
            Ok(all)
        })
    }
}

fn mentions_external_secrets(bytes: &Plain) -> bool {
    text(bytes).is_some_and(|text| text.contains("ExternalSecret"))
}

impl Sealer<'_> {
    /// A file of SOPS with SealedSecrets in the place of its Secrets.
    fn of_sops(&self, file: &Path, before: Plain, text: &Plain) -> Result<Changed, Error> {
        let mut manifest = Manifest::read(file, text)?;
        let given = self.kustomizations.namespace(file);
        to_external::place(&mut manifest, given.as_deref(), self.namespace);
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
        Ok(Changed { file: file.to_owned(), before, after, secrets: all.len(), values })
    }
}

impl Bench<'_> {
    /// A file with SealedSecrets in the place of its ExternalSecrets; nothing where it has none.
    async fn file(&self, file: &Path, before: Plain) -> Result<Option<Changed>, Error> {
        let Some(text) = text(&before) else { return Ok(None) };
        let (mut edit, mut secrets, mut values) = (Edit::open(file, &text)?, 0, 0);
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
            secrets += 1;
            values += secret.items.len();
        }
        if secrets == 0 {
            return Ok(None);
        }
        let after = mend::carried(&text, &edit.text());
        Ok(Some(Changed { file: file.to_owned(), before, after, secrets, values }))
    }

    /// The Secret that an ExternalSecret stands for.
    async fn secret(&self, document: &Document) -> Result<Secret, Error> {
        let needs = external::needs(document)?;
        let mut read: BTreeMap<String, KvSecret> = BTreeMap::new();
        for item in needs.wholes.iter().chain(needs.items.values()) {
            if let Some(version) = &item.version {
                return Err(self.of_version(document, item, version));
            }
            if !read.contains_key(&item.path) {
                read.insert(item.path.clone(), self.vault.read(&self.mount, &item.path).await?);
            }
        }
        let mut values: BTreeMap<String, Plain> = BTreeMap::new();
        for whole in &needs.wholes {
            let held = read.get_mut(&whole.path).map(|found| std::mem::take(&mut found.data));
            let held = match held.filter(|held| !held.is_empty()) {
                None => self.again(document, whole).await?.data,
                Some(held) => held,
            };
            for (key, value) in held {
                values.insert(key, self.decoded(document, whole, value)?);
            }
        }
        for (key, item) in &needs.items {
            let property = item.property.as_deref().unwrap_or_default();
            let held = read.get_mut(&item.path).and_then(|found| found.data.remove(property));
            let value = match held {
                // Values are not copied: another entry may have taken this one.
                None => self.again(document, item).await?.data.remove(property),
                held => held,
            };
            let value = value.ok_or_else(|| self.missing(document, item))?;
            values.insert(key.clone(), self.decoded(document, item, value)?);
        }
        let mut secret = external::to_secret(document, values)?;
        if let (true, Some(namespace)) = (secret.namespace.is_empty(), self.sealer.namespace) {
            namespace.clone_into(&mut secret.namespace);
        }
        Ok(secret)
    }

    /// What lies at a path now, where something does.
    async fn again(&self, document: &Document, item: &Item) -> Result<KvSecret, Error> {
        let found = self.vault.read(&self.mount, &item.path).await?;
        if found.data.is_empty() { Err(self.nothing(document, item, &found)) } else { Ok(found) }
    }

    fn decoded(&self, document: &Document, item: &Item, value: Plain) -> Result<Plain, Error> {
        item.decoding.decode(value).ok_or_else(|| Error::Usage {
            complaint: format!(
                "{}: what lies at `{}/{}` is not base64, as the entry says",
                document.place(&["spec".into()]),
                self.mount,
                item.path
            ),
            hint: "correct `decodingStrategy`, or write the value anew with `external push`".into(),
        })
    }

    fn of_version(&self, document: &Document, item: &Item, version: &str) -> Error {
        Error::Usage {
            complaint: format!(
                "{}: version {version} of `{}/{}` is named, and only the newest is read",
                document.place(&["spec".into()]),
                self.mount,
                item.path
            ),
            hint: "remove `version` where the newest is meant".into(),
        }
    }

    fn nothing(&self, document: &Document, item: &Item, found: &KvSecret) -> Error {
        let (place, path) = (document.place(&["spec".into()]), format!("{}/{}", self.mount, item.path));
        if found.deleted {
            return Error::Usage {
                complaint: format!(
                    "{place}: version {} of `{path}` in Vault, the newest, is deleted",
                    found.version
                ),
                hint: "bring it back with `vault kv undelete`, or write it anew with `external push`".into(),
            };
        }
        Error::Usage {
            complaint: format!("{place}: there is nothing at `{path}` in Vault"),
            hint: WRITE_IT.into(),
        }
    }

    fn missing(&self, document: &Document, item: &Item) -> Error {
        let property = item.property.as_deref().unwrap_or_default();
        Error::Usage {
            complaint: format!(
                "{}: there is no `{property}` at `{}/{}` in Vault",
                document.place(&["spec".into()]),
                self.mount,
                item.path
            ),
            hint: WRITE_IT.into(),
        }
    }
}

/// A manifest without the mark at its beginning, and without its last line end.
fn bare(text: &str) -> &str {
    text.strip_prefix("---\n").unwrap_or(text).trim_end()
}
