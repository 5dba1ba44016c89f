//! The lock: a Lease (`coordination.k8s.io/v1`) that one run holds at a time. Each write names the version it
//! was based on, so that of two runs that reach for it together one loses.

use std::path::Path;
use std::time::Duration;

use http::Method;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::object::MERGE;
use super::wire::{Ask, Deed};
use super::{Cluster, Error};
use crate::remote::Cause;

/// How often a Lease is read again that changed before it was written.
const TRIES: usize = 5;

/// The answer to taking a Lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lease {
    /// It is ours.
    Taken,
    /// Somebody else has it, for so long at most.
    HeldBy {
        /// Their identity.
        holder: String,
        /// When it ends if they do not renew it.
        left: Duration,
    },
}

/// A Lease as it lies in the cluster.
#[derive(Deserialize)]
struct Found {
    metadata: FoundMeta,
    #[serde(default)]
    spec: FoundSpec,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FoundMeta {
    resource_version: String,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct FoundSpec {
    holder_identity: Option<String>,
    lease_duration_seconds: Option<i64>,
    renew_time: Option<Timestamp>,
}

impl FoundSpec {
    /// Who has it and for how long, if anybody but `us` does.
    fn other(&self, us: &str, now: Timestamp) -> Option<Lease> {
        let holder = self.holder_identity.as_deref().filter(|holder| !holder.is_empty() && *holder != us)?;
        let length = SignedDuration::from_secs(self.lease_duration_seconds.unwrap_or_default());
        let left = length - now.duration_since(self.renew_time?);
        let left = Duration::try_from(left).ok().filter(|left| !left.is_zero())?;
        (!is_dead(holder, us)).then(|| Lease::HeldBy { holder: holder.to_owned(), left })
    }
}

/// Whether a holder `host/pid/nonce` was a process of this machine that is no more.
fn is_dead(holder: &str, us: &str) -> bool {
    let host = |identity: &str| identity.split('/').next().map(str::to_owned);
    let pid = holder.split('/').nth(1).and_then(|pid| pid.parse::<u32>().ok());
    let (true, Some(pid)) = (host(holder) == host(us), pid) else { return false };
    // Where there is no /proc nothing is known of other processes.
    Path::new("/proc/self").exists() && !Path::new(&format!("/proc/{pid}")).exists()
}

impl Cluster {
    /// Tries to take the Lease `namespace/name` for `holder` (`host/pid/nonce`); says who holds it where
    /// somebody else does. One that ended, or whose holder was a process of this machine that is dead, is
    /// taken over.
    ///
    /// # Errors
    /// A namespace that does not exist, a refusal, an API server that cannot be reached.
    pub async fn take_lease(
        &self,
        namespace: &str,
        name: &str,
        holder: &str,
        length: Duration,
    ) -> Result<Lease, Error> {
        let deed = deed("take", namespace, name);
        for _ in 0..TRIES {
            let written = match self.find_lease(namespace, name, &deed).await? {
                None => self.create_lease(namespace, name, holder, length, &deed).await,
                Some(found) => {
                    if let Some(held) = found.spec.other(holder, Timestamp::now()) {
                        return Ok(held);
                    }
                    let spec = spec(holder, length, Timestamp::now());
                    self.write_lease(namespace, name, &found, spec, &deed).await
                }
            };
            match written {
                Err(Error { cause: Cause::Conflict(_), .. }) => {}
                other => return other.map(|()| Lease::Taken),
            }
        }
        Err(deed.error(Cause::Conflict("others keep changing it".into())))
    }

    /// Renews a Lease that is held.
    ///
    /// # Errors
    /// [`Cause::Conflict`] where somebody else holds it by now; a refusal.
    pub async fn renew_lease(&self, namespace: &str, name: &str, holder: &str) -> Result<(), Error> {
        let deed = deed("renew", namespace, name);
        let found = self.find_lease(namespace, name, &deed).await?;
        let owner = found.as_ref().and_then(|found| found.spec.holder_identity.as_deref());
        let Some(found) = found.as_ref().filter(|_| owner == Some(holder)) else {
            let owner = owner.filter(|owner| !owner.is_empty()).unwrap_or("nobody");
            return Err(deed.error(Cause::Conflict(format!("it is held by {owner}"))));
        };
        let spec = json!({"renewTime": micro_time(Timestamp::now())});
        self.write_lease(namespace, name, found, spec, &deed).await
    }

    /// Gives a Lease back, if `holder` still has it.
    ///
    /// # Errors
    /// A refusal, an API server that cannot be reached.
    pub async fn release_lease(&self, namespace: &str, name: &str, holder: &str) -> Result<(), Error> {
        let deed = deed("give back", namespace, name);
        let Some(found) = self.find_lease(namespace, name, &deed).await? else { return Ok(()) };
        if found.spec.holder_identity.as_deref() != Some(holder) {
            return Ok(());
        }
        let spec = json!({"holderIdentity": null, "renewTime": null, "acquireTime": null});
        match self.write_lease(namespace, name, &found, spec, &deed).await {
            // Somebody took it meanwhile: then it is not ours any more either.
            Err(Error { cause: Cause::Conflict(_) | Cause::NotFound(_), .. }) => Ok(()),
            other => other,
        }
    }

    async fn find_lease(&self, namespace: &str, name: &str, deed: &Deed) -> Result<Option<Found>, Error> {
        self.json_if_found(Ask::new(Method::GET, format!("{}/{name}", leases(namespace))), deed).await
    }

    async fn create_lease(
        &self,
        namespace: &str,
        name: &str,
        holder: &str,
        length: Duration,
        deed: &Deed,
    ) -> Result<(), Error> {
        let lease = json!({
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"name": name, "namespace": namespace},
            "spec": spec(holder, length, Timestamp::now()),
        });
        let ask = Ask::new(Method::POST, leases(namespace)).query(&[("fieldManager", "sealstrap")]);
        self.accepted(ask.json("application/json", &lease), deed).await.map(drop)
    }

    async fn write_lease(
        &self,
        namespace: &str,
        name: &str,
        found: &Found,
        spec: Value,
        deed: &Deed,
    ) -> Result<(), Error> {
        let patch = json!({"metadata": {"resourceVersion": found.metadata.resource_version}, "spec": spec});
        let ask = Ask::new(Method::PATCH, format!("{}/{name}", leases(namespace)));
        let ask = ask.query(&[("fieldManager", "sealstrap")]).json(MERGE, &patch);
        self.accepted(ask, deed).await.map(drop)
    }
}

fn leases(namespace: &str) -> String {
    format!("/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases")
}

fn deed(action: &str, namespace: &str, name: &str) -> Deed {
    Deed::new(format!("{action} the lock, Lease `{namespace}/{name}`"), "patch", "leases", Some(namespace))
}

fn spec(holder: &str, length: Duration, now: Timestamp) -> Value {
    let (seconds, now) = (length.as_secs().max(1), micro_time(now));
    json!({"holderIdentity": holder, "leaseDurationSeconds": seconds, "acquireTime": now, "renewTime": now})
}

/// `MicroTime` of the API: RFC 3339 with six digits after the point.
fn micro_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}
