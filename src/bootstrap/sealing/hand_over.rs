//! How the controller comes to have a Secret from its sealed file: the Secret says that it may be taken over, the
//! SealedSecret is applied, and the controller says that it is in sync.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::bootstrap::apply::{How, MANAGER, Origin, Set};
use crate::bootstrap::ready::{Readiness, named_condition};
use crate::bootstrap::watch::Watch;
use crate::bootstrap::{Error, World, rights};
use crate::remote::cluster::{ObjectRef, Right, Secret};
use crate::seal::SealedSecret;
use crate::yaml;

/// With it on a Secret that it did not make, the controller takes that over; without it, it refuses to.
pub(crate) const MANAGED: &str = "sealedsecrets.bitnami.com/managed";

/// What the controller says of values that it has no key for.
const NO_KEY: &str = "no key could decrypt";

/// The names of a SealedSecret in the cluster.
pub(crate) fn reference(namespace: &str, name: &str) -> ObjectRef {
    ObjectRef {
        api_version: "bitnami.com/v1alpha1".into(),
        kind: "SealedSecret".into(),
        namespace: Some(namespace.to_owned()),
        name: name.to_owned(),
    }
}

/// The SealedSecret as it lies in the cluster.
///
/// # Errors
/// A refusal, or an API server that cannot be reached; one that is not formed like a SealedSecret.
pub(crate) async fn applied(world: &World, at: &ObjectRef) -> Result<Option<SealedSecret>, Error> {
    let Some(live) = world.cluster().await?.get(at).await? else { return Ok(None) };
    let mut documents = yaml::each(Path::new(&at.to_string()), &live.to_string())?;
    Ok(documents.pop().map(SealedSecret::read).transpose()?)
}

/// Whether the controller may take a Secret over that it did not make.
pub(crate) fn may_be_taken(live: &Secret) -> bool {
    live.annotations.get(MANAGED).is_some_and(|value| value == "true")
}

/// A SealedSecret of a file, to be applied. Flux takes it over once the file is committed.
///
/// # Errors
/// An object that cannot be applied as it is.
pub(crate) fn set(file: String, object: Value, deadline: Duration) -> Result<Set<'static>, Error> {
    let how = How { manager: MANAGER, namespace: None, values: BTreeMap::new(), wait: false, deadline };
    Set::new(vec![Origin { file, object }], &how)
}

/// Whether the controller has unsealed it as it is now.
///
/// # Errors
/// A refusal, or an API server that cannot be reached.
pub(crate) async fn readiness(world: &World, at: &ObjectRef) -> Result<Readiness, Error> {
    let Some(live) = world.cluster().await?.get(at).await? else {
        return Ok(Readiness::InProgress("it is not there yet".into()));
    };
    Ok(match named_condition(&live, "Synced") {
        Readiness::InProgress(reason) if reason.contains(NO_KEY) => Readiness::Failed(reason),
        other => other,
    })
}

/// Waits until the controller has unsealed it.
///
/// # Errors
/// The deadline, with the controller's reason; values that it has no key for.
pub(crate) async fn wait(world: &World, at: &ObjectRef, file: &str, deadline: Duration) -> Result<(), Error> {
    let mut watch = Watch::new(world, at.to_string(), deadline);
    loop {
        let reason = match readiness(world, at).await? {
            Readiness::Ready => return Ok(()),
            Readiness::InProgress(reason) => reason,
            Readiness::Failed(reason) => {
                return Err(Error::Unfit {
                    what: format!("`{file}`"),
                    reason: format!("the controller cannot unseal it: {reason}"),
                    hint: Some(
                        "restore the sealing keys that it was sealed for, or delete the file: it is then made anew"
                            .into(),
                    ),
                });
            }
        };
        if !watch.pause(&reason).await? {
            return Err(watch.too_long("unsealed", &reason));
        }
    }
}

/// The rights to apply it.
pub(crate) fn rights_to_apply(namespace: &str, name: &str) -> Vec<Right> {
    let object = serde_json::json!({
        "apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret",
        "metadata": {"namespace": namespace, "name": name},
    });
    rights::apply([&object].into_iter(), None)
}
