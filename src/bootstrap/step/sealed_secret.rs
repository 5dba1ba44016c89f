//! A file of the repository holds a Secret, sealed, and the controller has the Secret from there.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use super::Needs;
use crate::bootstrap::ready::Readiness;
use crate::bootstrap::sealing::{self, Differences, SealedFile, controller, hand_over};
use crate::bootstrap::{Error, Look, World, rights};
use crate::plain::Plain;
use crate::remote::cluster::Secret;
use crate::report::{Change, Verb};
use crate::seal::{Certificate, PrivateKeys, Scope};
use crate::settings::{Period, SealingController, SealingScope};

/// A file of the repository holds a Secret of the cluster, sealed, and the controller has the Secret from there.
///
/// Only items that differ are sealed anew; comments, other items and other documents stay. Nothing is committed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SealedSecret {
    /// The Secret's namespace.
    pub namespace: String,
    /// The Secret's name.
    pub name: String,
    /// The keys that are sealed; all of them when empty.
    #[serde(default)]
    pub keys: Vec<String>,
    /// The file.
    pub file: PathBuf,
    /// The file with the certificate to seal with.
    #[serde(default = "pinned")]
    pub certificate: PathBuf,
    /// How far the values may travel; a file that exists keeps its own scope.
    #[serde(default)]
    pub scope: SealingScope,
    /// The controller.
    #[serde(default)]
    pub controller: SealingController,
    /// The deadline for the controller to unseal it; the settings' when absent.
    #[serde(default)]
    pub timeout: Option<Period>,
}

fn pinned() -> PathBuf {
    sealing::PINNED.into()
}

/// What was seen: the Secret, the file, and how they differ.
struct Seen {
    live: Secret,
    file: SealedFile,
    differences: Differences,
    certificate: Option<Certificate>,
}

impl SealedSecret {
    pub(super) async fn look(&self, world: &World) -> Result<Look, Error> {
        let seen = match self.see(world).await? {
            Ok(seen) => seen,
            Err(input) => {
                let change = Change::new(Verb::Create, format!("file `{}`", self.file.display()));
                return Ok(Look::Awaits { change: change.with("to be committed"), input });
            }
        };
        let Seen { live, file, differences, .. } = &seen;
        let mut changes = Vec::new();
        if differences.any() {
            let verb = if file.object().is_some() { Verb::Update } else { Verb::Create };
            let change = Change::new(verb, file.label()).with_all(differences.details());
            changes.push(change.with("to be committed"));
        }
        if self.is_to_be_marked(live) {
            let mark = format!("annotation `{}`: the controller may take it over", hand_over::MANAGED);
            changes.push(Change::new(Verb::Update, self.secret()).with(mark));
        }
        match self.look_at_cluster(world, &seen).await? {
            Look::Holds => {}
            Look::Differs(more) => changes.extend(more),
            awaits @ Look::Awaits { .. } => return Ok(awaits),
        }
        Ok(Look::of(changes))
    }

    pub(super) async fn change(&self, world: &World) -> Result<(), Error> {
        let Seen { live, mut file, differences, certificate } = match self.see(world).await? {
            Ok(seen) => seen,
            Err(input) => {
                let action = format!("seal {}", self.secret());
                return Err(Error::InputMissing { action, input, makers: Vec::new() });
            }
        };
        if let Some(certificate) = certificate.filter(|_| differences.any()) {
            certificate.check(Timestamp::now())?;
            file.write(&live, &differences, &certificate.recipient, scope(self.scope))?;
        }
        if self.is_to_be_marked(&live) {
            let cluster = world.cluster().await?;
            cluster.annotate_secret(&self.namespace, &self.name, hand_over::MANAGED, "true").await?;
        }
        let object = file.object().cloned().unwrap_or_default();
        hand_over::set(file.shown(), object, self.deadline(world))?.change(world).await?;
        let at = hand_over::reference(&self.namespace, &self.name);
        hand_over::wait(world, &at, &file.shown(), self.deadline(world)).await
    }

    pub(super) fn needs(&self, _: &World) -> Needs {
        let mut needs = controller::needs_to_open(&self.controller);
        needs.cluster.extend(rights::rights(&["get", "patch"], "", "secrets", Some(&self.namespace)));
        needs.cluster.extend(hand_over::rights_to_apply(&self.namespace, &self.name));
        needs
    }

    /// What is there, or else what is missing.
    async fn see(&self, world: &World) -> Result<Result<Seen, String>, Error> {
        let Some(live) = world.cluster().await?.secret(&self.namespace, &self.name).await? else {
            return Ok(Err(self.secret()));
        };
        let handed_over = sealing::is_handed_over(&live, &self.name);
        if let Some(owner) = live.owner.as_ref().filter(|_| !handed_over) {
            let hint = "take it out of this step: its owner makes it from elsewhere".to_owned();
            return Err(Error::Foreign { object: self.secret(), owner: format!("`{owner}`"), hint });
        }
        let wanted =
            if self.keys.is_empty() { live.data.keys().cloned().collect() } else { self.keys.clone() };
        if let Some(key) = wanted.iter().find(|key| live.data.get(*key).is_none_or(Plain::is_empty)) {
            return Ok(Err(format!("`{key}` in {}", self.secret())));
        }
        let file = SealedFile::read(world, &self.file, &self.namespace, &self.name)?;
        let keys = match file.object() {
            Some(_) => controller::keys(world, &self.controller).await?,
            None => PrivateKeys::new(),
        };
        let at = hand_over::reference(&self.namespace, &self.name);
        let applied = if handed_over { hand_over::applied(world, &at).await? } else { None };
        let differences = file.differences(&live, &wanted, &keys, applied.as_ref());
        let certificate = sealing::pinned(world, &self.certificate)?;
        if certificate.is_none() && differences.any() {
            return Ok(Err(format!("the certificate in `{}`", self.certificate.display())));
        }
        Ok(Ok(Seen { live, file, differences, certificate }))
    }

    /// Whether the Secret does not say yet that the controller may take it over.
    fn is_to_be_marked(&self, live: &Secret) -> bool {
        !sealing::is_handed_over(live, &self.name) && !hand_over::may_be_taken(live)
    }

    /// The SealedSecret in the cluster: as the file says, and in sync.
    async fn look_at_cluster(&self, world: &World, seen: &Seen) -> Result<Look, Error> {
        let Seen { file, differences, .. } = seen;
        let at = hand_over::reference(&self.namespace, &self.name);
        if let Some(object) = file.object().filter(|_| !differences.any()) {
            let set = hand_over::set(file.shown(), object.clone(), self.deadline(world))?;
            let look = set.look(world).await?;
            if look != Look::Holds {
                return Ok(look);
            }
            // What the file is ahead of, the controller gets once it is committed and synced.
            self.tell_ahead(world, differences);
            return Ok(match hand_over::readiness(world, &at).await? {
                Readiness::Ready => Look::Holds,
                Readiness::InProgress(reason) | Readiness::Failed(reason) => {
                    Change::new(Verb::Wait, at.to_string()).with(reason).into()
                }
            });
        }
        let there = world.cluster().await?.get(&at).await?.is_some();
        let verb = if there { Verb::Update } else { Verb::Create };
        Ok(Change::new(verb, at.to_string()).into())
    }

    fn tell_ahead(&self, world: &World, differences: &Differences) {
        if differences.ahead.is_empty() {
            return;
        }
        world.warn(format!(
            "`{}` holds another value of {} than {}, and leads: commit it, and the controller follows once it is synced",
            self.file.display(),
            differences.ahead.join(", "),
            self.secret()
        ));
    }

    fn deadline(&self, world: &World) -> Duration {
        self.timeout.unwrap_or(world.settings.timeouts.wait).get()
    }

    fn secret(&self) -> String {
        format!("Secret `{}/{}`", self.namespace, self.name)
    }
}

fn scope(scope: SealingScope) -> Scope {
    match scope {
        SealingScope::Strict => Scope::Strict,
        SealingScope::NamespaceWide => Scope::NamespaceWide,
        SealingScope::ClusterWide => Scope::ClusterWide,
    }
}
