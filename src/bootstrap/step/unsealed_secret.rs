//! A Secret whose sealed file is in the repository is in the cluster: what a cluster that is set up again begins with.

use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use super::Needs;
use crate::bootstrap::sealing::{SealedFile, hand_over};
use crate::bootstrap::{Error, Look, World, rights};
use crate::remote::cluster::ObjectRef;
use crate::report::{Change, Verb};
use crate::settings::Period;

/// A Secret whose sealed file is in the repository is in the cluster.
///
/// It is for a cluster that is set up again with its old sealing keys: without it, new values would be made, and the old
/// ones would come back over them with the first sync. Where there is no such file, or the Secret is there, it holds.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UnsealedSecret {
    /// The Secret's namespace.
    pub namespace: String,
    /// The Secret's name.
    pub name: String,
    /// The file.
    pub file: PathBuf,
    /// The deadline for the controller to unseal it; the settings' when absent.
    #[serde(default)]
    pub timeout: Option<Period>,
}

impl UnsealedSecret {
    pub(super) async fn look(&self, world: &World) -> Result<Look, Error> {
        let Some(file) = self.missing(world).await? else { return Ok(Look::Holds) };
        let object = file.object().cloned().unwrap_or_default();
        let mut changes =
            match hand_over::set(file.shown(), object, self.deadline(world))?.look(world).await? {
                Look::Holds => Vec::new(),
                Look::Differs(changes) => changes,
                awaits @ Look::Awaits { .. } => return Ok(awaits),
            };
        changes.push(Change::new(Verb::Wait, self.secret().to_string()).with("it is not there yet"));
        Ok(Look::of(changes))
    }

    pub(super) async fn change(&self, world: &World) -> Result<(), Error> {
        let Some(file) = self.missing(world).await? else { return Ok(()) };
        let object = file.object().cloned().unwrap_or_default();
        hand_over::set(file.shown(), object, self.deadline(world))?.change(world).await?;
        let at = hand_over::reference(&self.namespace, &self.name);
        hand_over::wait(world, &at, &file.shown(), self.deadline(world)).await
    }

    pub(super) fn needs(&self, _: &World) -> Needs {
        let mut cluster = rights::rights(&["get"], "", "secrets", Some(&self.namespace));
        cluster.extend(hand_over::rights_to_apply(&self.namespace, &self.name));
        Needs { cluster, ..Needs::default() }
    }

    /// The file, where it holds the Secret and the cluster does not.
    async fn missing(&self, world: &World) -> Result<Option<SealedFile>, Error> {
        let file = SealedFile::read(world, &self.file, &self.namespace, &self.name)?;
        if file.object().is_none() || world.cluster().await?.exists(&self.secret()).await? {
            return Ok(None);
        }
        Ok(Some(file))
    }

    fn secret(&self) -> ObjectRef {
        ObjectRef {
            api_version: "v1".into(),
            kind: "Secret".into(),
            namespace: Some(self.namespace.clone()),
            name: self.name.clone(),
        }
    }

    fn deadline(&self, world: &World) -> Duration {
        self.timeout.unwrap_or(world.settings.timeouts.wait).get()
    }
}
