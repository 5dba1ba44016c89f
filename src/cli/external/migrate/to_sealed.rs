//! ExternalSecrets become SealedSecrets.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rand_core::OsRng;

use super::{Changed, Migrate, read, text};
use crate::bootstrap::World;
use crate::cli::caller::{Caller, in_runtime};
use crate::cli::external::documents;
use crate::cli::kustomizations::Kustomizations;
use crate::cli::sealing::recipient::{Sealing, Target};
use crate::error::Error;
use crate::external::{self, Item};
use crate::plain::Plain;
use crate::remote::vault::{KvSecret, Vault};
use crate::seal::{Allow, Form, Scope, SealedSecret, Secret};
use crate::yaml::splice::Edit;
use crate::yaml::{self, Document};

/// What sealing takes.
struct Bench<'b> {
    vault: &'b Vault,
    mount: String,
    target: &'b Target,
    namespace: Option<&'b str>,
    kustomizations: Kustomizations,
    scope: Scope,
}

impl Migrate {
    /// Reads the values from Vault, and seals them in the place of their ExternalSecrets.
    pub(super) fn to_sealed(&self, caller: &Caller, files: &[PathBuf]) -> Result<Vec<Changed>, Error> {
        let look = self.layout.over(&caller.external()?)?;
        let sealing = Sealing::of(caller)?;
        let target = sealing.target_of(&self.recipients)?;
        let scope = crate::cli::sealing::scope_of(sealing.settings.sealing.scope);
        let settings = caller.settings(None)?;
        settings.check_vault()?;
        let world = World::new(Arc::new(settings), caller.printer.events());
        in_runtime(async {
            let vault = world.vault().await?;
            let (mount, namespace) = (look.mount.clone(), self.namespace.as_deref());
            let kustomizations = Kustomizations::default();
            let bench = Bench { vault, mount, target: &target, namespace, kustomizations, scope };
            let mut all = Vec::new();
            for file in files {
                all.extend(bench.file(file).await?);
            }
            Ok(all)
        })
    }
}

impl Bench<'_> {
    /// A file with SealedSecrets in the place of its ExternalSecrets; nothing where it has none.
    async fn file(&self, file: &Path) -> Result<Option<Changed>, Error> {
        let before = read(file)?;
        let Some(text) = text(&before).filter(|text| text.contains("ExternalSecret")) else {
            return Ok(None);
        };
        let (mut edit, mut secrets, mut values) = (Edit::open(file, &text)?, 0, 0);
        let namespace = self.kustomizations.namespace(file);
        for mut document in yaml::each(file, &text)? {
            if !external::is_external_secret(&document) {
                continue;
            }
            if let Some(namespace) = &namespace {
                documents::place(&mut document, namespace);
            }
            let index = document.number - 1;
            let secret = self.secret(&document).await?;
            secret.check(self.scope, Allow::default(), &document.place(&[]))?;
            let recipient = &self.target.certificate.recipient;
            let sealed = SealedSecret::seal(&secret, self.scope, recipient, &mut OsRng)?;
            edit.replace_document(index, bare(&sealed.write(Form::Yaml)))?;
            secrets += 1;
            values += secret.items.len();
        }
        if secrets == 0 {
            return Ok(None);
        }
        Ok(Some(Changed { file: file.to_owned(), before, after: edit.text(), secrets, values }))
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
            let found = read.get_mut(&whole.path).map(|found| std::mem::take(&mut found.data));
            for (key, value) in found.unwrap_or_default() {
                values.insert(key, self.decoded(document, whole, value)?);
            }
        }
        for (key, item) in &needs.items {
            let property = item.property.as_deref().unwrap_or_default();
            let held = read.get_mut(&item.path).and_then(|found| found.data.remove(property));
            // Values are not copied: another entry may have taken this one.
            let held = match held {
                None => self.vault.read(&self.mount, &item.path).await?.data.remove(property),
                held => held,
            };
            let value = held.ok_or_else(|| self.missing(document, item))?;
            values.insert(key.clone(), self.decoded(document, item, value)?);
        }
        let mut secret = external::to_secret(document, values)?;
        if let (true, Some(namespace)) = (secret.namespace.is_empty(), self.namespace) {
            namespace.clone_into(&mut secret.namespace);
        }
        Ok(secret)
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

    fn missing(&self, document: &Document, item: &Item) -> Error {
        let property = item.property.as_deref().unwrap_or_default();
        Error::Usage {
            complaint: format!(
                "{}: there is no `{property}` at `{}/{}` in Vault",
                document.place(&["spec".into()]),
                self.mount,
                item.path
            ),
            hint: "write it with `external push`, or name the mount with `--mount`".into(),
        }
    }
}

/// A manifest without the mark at its beginning, and without its last line end.
fn bare(text: &str) -> &str {
    text.strip_prefix("---\n").unwrap_or(text).trim_end()
}
