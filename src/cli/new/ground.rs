//! What an application is made on: the repository, and what its settings say.

use std::path::{Path, PathBuf};

use crate::cli::caller::Caller;
use crate::error::Error;
use crate::init::{self, Found};
use crate::new::{AppsFolder, Repository};
use crate::settings::{AppSettings, FILE_NAME, Store, StoreKind};

/// The repository, and what its settings say.
pub(super) struct Ground {
    pub(super) repository: Repository,
    pub(super) apps: AppsFolder,
    pub(super) settings: AppSettings,
    /// Whether there is a settings file; else its place is taken by what `sealstrap init` would write.
    pub(super) has_settings: bool,
}

impl Ground {
    pub(super) fn look(caller: &Caller, apps: Option<&Path>) -> Result<Self, Error> {
        let here = Caller::folder()?;
        let set = AppSettings::load(&here, &caller.overrides(None)?)?;
        let has_settings = set.is_some();
        let root = set.as_ref().map_or_else(|| root(&here), |settings| settings.root.clone());
        let settings = match set {
            Some(AppSettings { store: None, .. }) | None => seen(&root, set)?,
            Some(settings) => settings,
        };
        let apps = apps.map(|apps| here.join(apps));
        let apps = AppsFolder::find(&root, apps.as_deref(), &settings.path)?;
        let namespaces = settings.namespaces.keys().cloned();
        let repository = Repository::read_at(&root, &apps.path, namespaces);
        Ok(Self { repository, apps, settings, has_settings })
    }

    /// The store that a secret comes from: the one that was named, that of the settings, or the one that bootstrap makes.
    pub(super) fn store(&self, named: Option<&str>, namespace: &str) -> Result<Store, Error> {
        /// The namespace that a SecretStore of the settings is for.
        const FLUX: &str = "flux-system";
        if let Some(named) = named {
            return of_words(named);
        }
        let store = self.settings.store.clone().unwrap_or_default();
        if store.kind == StoreKind::SecretStore && namespace != FLUX {
            return Err(Error::Usage {
                complaint: format!(
                    "the SecretStore `{}` is for the namespace `{FLUX}` alone, and the application runs in `{namespace}`",
                    store.name
                ),
                hint: "name another one: `--store NAME` for a ClusterSecretStore, `--store SecretStore/NAME` for one of \
                       that namespace"
                    .into(),
            });
        }
        Ok(store)
    }
}

/// What `sealstrap init` would write, in place of settings that are not there or name no store.
fn seen(root: &Path, set: Option<AppSettings>) -> Result<AppSettings, Error> {
    let file = root.join(FILE_NAME);
    let seen = AppSettings::of_text(&file, &init::render(&Found::look(root)))?;
    Ok(match set {
        Some(set) => AppSettings { store: seen.store, ..set },
        None => seen,
    })
}

/// The root of the repository that a folder is in, which is where a settings file would be: paths in a Kustomization of
/// Flux begin there.
fn root(folder: &Path) -> PathBuf {
    folder.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(folder).to_owned()
}

/// `NAME`, or `KIND/NAME`.
fn of_words(named: &str) -> Result<Store, Error> {
    let (kind, name) = match named.split_once('/') {
        None => (StoreKind::ClusterSecretStore, named),
        Some(("ClusterSecretStore", name)) => (StoreKind::ClusterSecretStore, name),
        Some(("SecretStore", name)) => (StoreKind::SecretStore, name),
        Some((kind, _)) => {
            return Err(Error::Usage {
                complaint: format!("`{kind}` is no kind of store"),
                hint: "write `--store NAME`, `--store ClusterSecretStore/NAME` or `--store SecretStore/NAME`"
                    .into(),
            });
        }
    };
    Ok(Store { kind, name: name.to_owned() })
}
