//! How ExternalSecrets are to look: what was typed over what the settings say.

use clap::Args;

use crate::error::Error;
use crate::external::{Interval, Layout, Operator, Pattern, StoreKind, StoreRef};
use crate::seal::names;
use crate::settings::{self, ExternalSettings};

/// How ExternalSecrets are to look.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "How ExternalSecrets look")]
pub(in crate::cli) struct LayoutFlags {
    /// Where the values of a Secret are kept, below the mount: {prefix} is `vault.prefix` of the settings, {namespace} and
    /// {name} are those of the Secret [settings: externalSecrets.path, else {prefix}/{name}]
    #[arg(long, value_name = "PATTERN")]
    path: Option<String>,
    /// The store that reads them: NAME of a ClusterSecretStore, or SecretStore/NAME [settings: externalSecrets.store]
    #[arg(long, value_name = "STORE")]
    store: Option<String>,
    /// The mount in Vault [settings: vault.mount]
    #[arg(long, value_name = "NAME")]
    pub(super) mount: Option<String>,
    /// How often values are read again; 0s for once [settings: externalSecrets.refreshInterval]
    #[arg(long, value_name = "TIME")]
    refresh: Option<String>,
    /// The version of External Secrets in the cluster, such as 0.19: which defaults are written, so that nothing drifts
    /// [settings: externalSecrets.version]
    #[arg(long, value_name = "VERSION")]
    operator: Option<String>,
    /// Read all keys of a path at once where that gives the same Secret, instead of one by one
    #[arg(long)]
    extract: bool,
}

/// How they look, with nothing left to guess.
pub(in crate::cli) struct Look {
    pattern: Pattern,
    pub(super) store: StoreRef,
    pub(in crate::cli) mount: String,
    refresh: Interval,
    pub(super) operator: Operator,
    extract: bool,
}

impl LayoutFlags {
    /// What was typed over what the settings say.
    pub(in crate::cli) fn over(&self, settings: &ExternalSettings) -> Result<Look, Error> {
        let said = &settings.external_secrets;
        let path = self.path.as_ref().unwrap_or(&said.path);
        let version = self.operator.as_ref().or(said.version.as_ref());
        Ok(Look {
            pattern: pattern(path, &settings.vault.prefix)?,
            store: self.store(settings)?,
            mount: self.mount.as_ref().unwrap_or(&settings.vault.mount).trim_matches('/').to_owned(),
            refresh: self.refresh.as_ref().unwrap_or(&said.refresh_interval).parse()?,
            operator: version.map_or(Ok(Operator::NEWEST), |version| version.parse())?,
            extract: self.extract,
        })
    }

    fn store(&self, settings: &ExternalSettings) -> Result<StoreRef, Error> {
        let store = self.named(settings)?;
        names::object(&store.name).map(|()| store.clone()).map_err(|why| Error::Usage {
            complaint: format!("the name `{}` of the store {why}", store.name),
            hint: "name it with `--store`, or as `externalSecrets.store.name` of the settings".into(),
        })
    }

    fn named(&self, settings: &ExternalSettings) -> Result<StoreRef, Error> {
        let said = &settings.external_secrets.store;
        let Some(typed) = &self.store else {
            return Ok(StoreRef { kind: kind(said.kind), name: said.name.clone() });
        };
        let Some((word, name)) = typed.split_once('/') else {
            return Ok(StoreRef { kind: StoreKind::ClusterSecretStore, name: typed.clone() });
        };
        let kind = StoreKind::of_word(word).ok_or_else(|| Error::Usage {
            complaint: format!("`{word}` is no kind of store"),
            hint: "write `SecretStore/NAME` or `ClusterSecretStore/NAME`".into(),
        })?;
        Ok(StoreRef { kind, name: name.to_owned() })
    }
}

/// How paths are made, the prefix filled in.
pub(in crate::cli) fn pattern(path: &str, prefix: &str) -> Result<Pattern, Error> {
    let prefix = prefix.trim_matches('/');
    let path = if prefix.is_empty() {
        path.replace("{prefix}/", "").replace("{prefix}", "")
    } else {
        path.replace("{prefix}", prefix)
    };
    Ok(Pattern::new(&path)?)
}

/// A kind of store, as the settings name it.
pub(in crate::cli) fn kind(said: settings::StoreKind) -> StoreKind {
    match said {
        settings::StoreKind::SecretStore => StoreKind::SecretStore,
        settings::StoreKind::ClusterSecretStore => StoreKind::ClusterSecretStore,
    }
}

impl Look {
    /// Does something with it as the library takes it.
    pub(in crate::cli) fn with<T>(&self, work: impl FnOnce(&Layout) -> T) -> T {
        let path = |namespace: &str, name: &str| Ok(self.pattern.fill(namespace, name));
        let mut layout = Layout::new(&path, self.store.clone(), &self.mount);
        layout.refresh_interval = self.refresh;
        layout.operator = self.operator;
        layout.extract = self.extract;
        work(&layout)
    }
}
