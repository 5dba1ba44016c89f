//! Manifests are applied in stages: CRDs and namespaces, classes, the rest, webhooks last.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Needs;
use crate::bootstrap::{Error, Look, World};
use crate::settings::{HttpManifest, Period};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Manifests are applied in stages: CRDs and namespaces, classes, the rest, webhooks last.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifests {
    /// Where they come from.
    pub from: Vec<ManifestSource>,
    /// The namespace of objects that name none.
    #[serde(default)]
    pub namespace: Option<String>,
    /// Values for `${NAME}`; the settings' are used beside them. What stays unresolved is refused.
    #[serde(default)]
    pub substitute: BTreeMap<String, String>,
    /// The field manager; a name that Flux takes over from by itself when absent.
    #[serde(default)]
    pub manager: Option<String>,
    /// Whether it holds only once the objects are ready.
    #[serde(default)]
    pub wait: bool,
    /// The deadline of that wait.
    #[serde(default)]
    pub timeout: Option<Period>,
}

/// Where manifests come from.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum ManifestSource {
    /// A file, or a folder with all `.yaml`, `.yml` and `.json` files below it.
    Path(PathBuf),
    /// A file behind http(s).
    Http(HttpManifest),
    /// An OCI artifact, `registry/repository@sha256:…`.
    Oci(String),
    /// An object written in the task itself.
    Inline(Value),
}

#[expect(unused_variables, clippy::todo, clippy::unused_async, clippy::unused_self, reason = "skeleton")]
impl Manifests {
    pub(super) async fn look(&self, world: &World) -> Result<Look, Error> {
        todo!()
    }

    pub(super) async fn change(&self, world: &World) -> Result<(), Error> {
        todo!()
    }

    pub(super) fn needs(&self, world: &World) -> Needs {
        todo!()
    }
}
