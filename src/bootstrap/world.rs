//! The world of a run: the remotes, the clock and the source of randomness; the only way a step touches
//! anything.

use std::sync::Arc;
use std::time::Duration;

use rand_core::{OsRng, RngCore};
use tokio::sync::{Mutex, OnceCell};
use tokio_util::sync::CancellationToken;

use super::{Error, Task, current, preflight};
use crate::plain::Plain;
use crate::remote::cluster;
use crate::remote::cluster::Cluster;
use crate::remote::git_host::{self, GitHost};
use crate::remote::vault::{self, Vault};
use crate::report::{Event, Events};
use crate::settings::{GitHostKind, GitLogin, KvEngine, Settings, VaultLogin};
use crate::source::{self, Source};

/// The remotes, opened on first use, with the settings they are opened by.
pub struct World {
    /// The settings of the run.
    pub settings: Arc<Settings>,
    /// Where events go.
    pub events: Events,
    /// Ended by Ctrl-C or the deadline of the run: waits stop, writes finish.
    pub stop: CancellationToken,
    cluster: OnceCell<Cluster>,
    vault: OnceCell<Vault>,
    git_host: OnceCell<GitHost>,
    /// Values that can be had only once: look, change and look again each need them.
    had: Mutex<Vec<(Source, Plain)>>,
}

impl World {
    /// A world in which nothing has been opened yet.
    #[must_use]
    pub fn new(settings: Arc<Settings>, events: Events) -> Self {
        Self {
            settings,
            events,
            stop: CancellationToken::new(),
            cluster: OnceCell::new(),
            vault: OnceCell::new(),
            git_host: OnceCell::new(),
            had: Mutex::new(Vec::new()),
        }
    }

    /// The cluster.
    ///
    /// # Errors
    /// A kubeconfig that cannot be read.
    pub async fn cluster(&self) -> Result<&Cluster, Error> {
        let settings = &self.settings;
        let open = || async {
            let access = cluster::Access {
                kubeconfig: settings.cluster.kubeconfig.as_ref().map(|path| settings.root.join(path)),
                context: settings.cluster.context.clone(),
                timeout: settings.timeouts.request.get(),
                overrides: cluster::Overrides::default(),
            };
            Ok(Cluster::connect(&access).await?)
        };
        self.cluster.get_or_try_init(open).await
    }

    /// Vault, logged in to.
    ///
    /// # Errors
    /// A Vault that is unreachable, sealed or refuses the login.
    pub async fn vault(&self) -> Result<&Vault, Error> {
        let open = || async { self.vault_as(self.vault_login().await?).await };
        self.vault.get_or_try_init(open).await
    }

    /// The same Vault, logged in to as somebody else.
    pub(super) async fn vault_as(&self, login: vault::Login) -> Result<Vault, Error> {
        let settings = &self.settings;
        let access = vault::Access {
            address: settings.vault.address.clone(),
            namespace: settings.vault.namespace.clone(),
            trust: match &settings.vault.ca {
                Some(file) => vault::Trust::File(settings.root.join(file)),
                None => vault::Trust::System,
            },
            timeout: settings.timeouts.request.get(),
            login,
        };
        let vault = Vault::connect(access).await?;
        let version = match settings.vault.kv {
            KvEngine::V1 => vault::KvVersion::V1,
            KvEngine::V2 => vault::KvVersion::V2,
        };
        vault.assume(&settings.vault.mount, version);
        Ok(vault)
    }

    /// The Git host, logged in to.
    ///
    /// # Errors
    /// A missing token, an authority that cannot be read.
    pub async fn git_host(&self) -> Result<&GitHost, Error> {
        let git = &self.settings.git;
        let open = || async {
            let access = git_host::Access {
                api: git.api.clone(),
                kind: match git.host {
                    GitHostKind::Github => git_host::Kind::GitHub,
                    GitHostKind::Gitea => git_host::Kind::Gitea,
                },
                ca: git.ca.as_ref().map(|path| self.settings.root.join(path)),
                repository: git.repository.clone(),
                login: match &git.login {
                    GitLogin::Token(source) => git_host::Login::Token(self.read_known(source).await?),
                    GitLogin::App(app) => git_host::Login::App {
                        id: app.id,
                        installation: app.installation,
                        private_key: self.read_known(&app.private_key).await?,
                    },
                },
                timeout: self.settings.timeouts.request.get(),
            };
            Ok(GitHost::connect(access).await?)
        };
        self.git_host.get_or_try_init(open).await
    }

    async fn vault_login(&self) -> Result<vault::Login, Error> {
        Ok(match &self.settings.vault.login {
            VaultLogin::Environment => vault::Login::Token(source::vault_token()?),
            VaultLogin::Token(source) => vault::Login::Token(self.read_known(source).await?),
            VaultLogin::AppRole(role) => vault::Login::AppRole {
                mount: role.mount.clone(),
                role_id: self.read_known(&role.role_id).await?,
                secret_id: self.read_known(&role.secret_id).await?,
            },
            VaultLogin::Kubernetes(login) => vault::Login::Kubernetes {
                mount: login.mount.clone(),
                role: login.role.clone(),
                token: match &login.token {
                    Some(source) => self.read_known(source).await?,
                    None => source::service_account_token()?,
                },
            },
        })
    }

    /// The value of a source that must have one and must not be generated.
    async fn read_known(&self, source: &Source) -> Result<Plain, Error> {
        if let Source::Vault(_) | Source::Secret(_) | Source::Generate(_) = source {
            return Err(Error::Unfit {
                what: source.describe(),
                reason: "a login's own value must come from the environment, a file, a command or a prompt"
                    .into(),
                hint: None,
            });
        }
        Ok(Box::pin(self.read(source)).await?.ok_or_else(|| source::Error::Empty(source.describe()))?)
    }

    /// The value of a source without line ends at its end; nothing where a place in Vault or the cluster
    /// holds none. A `generate` source makes a new value at each call.
    ///
    /// # Errors
    /// A source that cannot be read, or an empty value.
    pub async fn read(&self, source: &Source) -> Result<Option<Plain>, Error> {
        let value = match source {
            Source::Vault(at) => {
                let mount = at.mount.as_deref().unwrap_or(&self.settings.vault.mount);
                return Ok(self.vault().await?.read(mount, &at.path).await?.data.remove(&at.key));
            }
            Source::Secret(at) => {
                let secret = self.cluster().await?.secret(&at.namespace, &at.name).await?;
                return Ok(secret.and_then(|mut secret| secret.data.remove(&at.key)));
            }
            Source::Generate(wish) => wish.make(|bytes| self.fill_random(bytes)),
            Source::Stdin {} | Source::Prompt(_) | Source::Command(_) => self.read_once(source).await?,
            local => local.read_local(&self.settings.root).await?,
        };
        if value.is_empty() {
            return Err(source::Error::Empty(source.describe()).into());
        }
        Ok(Some(value))
    }

    /// The value of a source that is asked, run or read to its end once per run.
    async fn read_once(&self, source: &Source) -> Result<Plain, Error> {
        let mut had = self.had.lock().await;
        if let Some((_, value)) = had.iter().find(|(known, _)| known == source) {
            return Ok(value.duplicate());
        }
        let value = source.read_local(&self.settings.root).await?;
        had.push((source.clone(), value.duplicate()));
        Ok(value)
    }

    /// Fills with random bytes of the operating system.
    pub fn fill_random(&self, bytes: &mut [u8]) {
        OsRng.fill_bytes(bytes);
    }

    /// Whether any of the tasks reads or writes in Vault.
    #[must_use]
    pub fn uses_vault(&self, tasks: &[Task]) -> bool {
        !preflight::all_needs(self, tasks).vault.is_empty()
    }

    /// Waits, or ends early when the run is to stop.
    ///
    /// # Errors
    /// [`Error::Stopped`] when the run is to stop.
    pub async fn pause(&self, length: Duration) -> Result<(), Error> {
        tokio::select! {
            () = tokio::time::sleep(length) => Ok(()),
            () = self.stop.cancelled() => Err(Self::stopped()),
        }
    }

    /// The error of a run that was stopped; whoever stopped it knows why.
    #[must_use]
    pub fn stopped() -> Error {
        Error::Stopped { why: "on request".into(), done: 0, next: None }
    }

    /// Tells what is waited for, since when, and why it is not so yet.
    pub(crate) fn waits(&self, object: &str, reason: &str, since: Duration) {
        let (object, reason) = (object.to_owned(), reason.to_owned());
        self.events.send(Event::Waiting { task: current::task(), object, reason, seconds: since.as_secs() });
    }

    /// Says something worth knowing that stops nothing.
    pub fn warn(&self, message: impl Into<String>) {
        self.events.send(Event::Warning { message: message.into() });
    }

    /// The marks that objects of this cluster carry, so that ours are told from others'.
    #[must_use]
    pub fn marks(&self) -> std::collections::BTreeMap<String, String> {
        [("managed-by", "sealstrap"), ("cluster", &self.settings.cluster.name)]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into()
    }
}
