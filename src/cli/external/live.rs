//! Secrets of a cluster, as the API server has them.

use serde_json::Value;

use crate::cli::caller::Caller;
use crate::error::Error;
use crate::external;
use crate::remote::cluster::{Access, Cluster, ObjectRef, Overrides};
use crate::seal::Secret;

/// A Secret, and the kind and name of its owner.
pub(super) struct Live {
    pub(super) secret: Secret,
    pub(super) owner: Option<String>,
}

/// Reads the kubeconfig; no request is made.
pub(super) async fn connect(caller: &Caller) -> Result<Cluster, Error> {
    let (sealing, external) = (caller.sealing()?, caller.external()?);
    let access = Access {
        kubeconfig: sealing.kubeconfig,
        context: sealing.context,
        timeout: external.timeouts.request.get(),
        overrides: Overrides::default(),
    };
    Ok(Cluster::connect(&access).await?)
}

/// A Secret without what only the cluster says of it, immutability and all.
pub(super) async fn secret(cluster: &Cluster, namespace: &str, name: &str) -> Result<Option<Live>, Error> {
    let object = ObjectRef {
        api_version: "v1".into(),
        kind: "Secret".into(),
        namespace: Some(namespace.to_owned()),
        name: name.to_owned(),
    };
    let Some(found) = cluster.get(&object).await? else { return Ok(None) };
    let owner = owner(&found);
    let secret = external::from_live(found, &format!("cluster:{namespace}/{name}"))?;
    Ok(Some(Live { secret, owner }))
}

fn owner(found: &Value) -> Option<String> {
    let all = found.pointer("/metadata/ownerReferences").and_then(Value::as_array)?;
    let owner = all.iter().find(|owner| owner["controller"] == true)?;
    Some(format!("{}/{}", owner["kind"].as_str()?, owner["name"].as_str()?))
}
