//! A kustomization is built by the installed `kustomize` or `kubectl` and applied as manifests are.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::Needs;
use crate::bootstrap::apply::{How, MANAGER, Origin, Set};
use crate::bootstrap::program::{NOT_INSTALLED, Program};
use crate::bootstrap::{Error, Look, World};
use crate::settings::Period;
use crate::yaml;

/// A kustomization is built by the installed `kustomize` or `kubectl` and applied as manifests are.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Kustomize {
    /// The folder.
    pub folder: PathBuf,
    /// Values for `${NAME}`; the settings' are used beside them.
    #[serde(default)]
    pub substitute: BTreeMap<String, String>,
    /// Whether it holds only once the objects are ready.
    #[serde(default)]
    pub wait: bool,
    /// The deadline of that wait.
    #[serde(default)]
    pub timeout: Option<Period>,
}

impl Kustomize {
    pub(super) async fn look(&self, world: &World) -> Result<Look, Error> {
        self.set(world).await?.look(world).await
    }

    pub(super) async fn change(&self, world: &World) -> Result<(), Error> {
        self.set(world).await?.change(world).await
    }

    #[expect(clippy::unused_self, reason = "all kinds of steps have the same signature")]
    pub(super) fn needs(&self, _: &World) -> Needs {
        Needs { programs: ["kustomize"].into(), ..Needs::default() }
    }

    async fn set(&self, world: &World) -> Result<Set<'static>, Error> {
        let file = self.folder.join("kustomization.yaml");
        let built = self.build(world).await?;
        let text = String::from_utf8_lossy(&built);
        let objects = yaml::manifests(&file, &text)?;
        let file = self.folder.display().to_string();
        let objects = objects.into_iter().map(|object| Origin { file: file.clone(), object }).collect();
        let mut values = world.settings.substitute.clone();
        values.extend(self.substitute.clone());
        let deadline = self.timeout.unwrap_or(world.settings.timeouts.wait).get();
        Set::new(objects, &How { manager: MANAGER, namespace: None, values, wait: self.wait, deadline })
    }

    /// By `kustomize`, or by `kubectl` where that one is not installed.
    async fn build(&self, world: &World) -> Result<zeroize::Zeroizing<Vec<u8>>, Error> {
        let folder = self.folder.display().to_string();
        let built =
            Program::new("kustomize", vec!["build".into(), folder.clone()], world).output(world).await;
        match built {
            Err(Error::Program { reason, hint, .. }) if reason == NOT_INSTALLED => {
                let kubectl = Program::new("kubectl", vec!["kustomize".into(), folder], world);
                kubectl.output(world).await.map_err(|error| neither(error, hint))
            }
            built => built,
        }
    }
}

/// Where both are missing, `kustomize` is the one that is asked for.
fn neither(error: Error, hint: Option<String>) -> Error {
    match error {
        Error::Program { reason, .. } if reason == NOT_INSTALLED => Error::Program {
            program: "kustomize".into(),
            reason: "neither it nor `kubectl` is installed".into(),
            hint,
        },
        error => error,
    }
}

#[cfg(test)]
mod tests {
    use super::{NOT_INSTALLED, neither};
    use crate::bootstrap::Error;

    fn program(reason: &str) -> Error {
        Error::Program { program: "kubectl".into(), reason: reason.into(), hint: None }
    }

    #[test]
    fn where_neither_program_is_installed_kustomize_is_asked_for() {
        let error = neither(program(NOT_INSTALLED), Some("install it".into()));
        assert_eq!(error.to_string(), "cannot run `kustomize`");
        assert_eq!(error.hint().as_deref(), Some("install it"));
    }

    #[test]
    fn a_failed_build_is_told_as_it_is() {
        assert_eq!(neither(program("it ended with status 1"), None).reason(), Some("it ended with status 1"));
    }
}
