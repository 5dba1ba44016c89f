//! The lock against two runs at once: a Lease in the cluster, taken only once there is something to change.

use std::time::Duration;

use super::{Error, World};
use crate::remote::cluster::{Cluster, Lease};

/// Where the Lease lies: a namespace that every cluster has.
pub(super) const NAMESPACE: &str = "kube-system";
const NAME: &str = "sealstrap";
/// How long a dead run's lock outlives it.
const LENGTH: Duration = Duration::from_secs(15);
const RENEWED_EVERY: Duration = Duration::from_secs(5);
/// A holder that is alive renews within [`LENGTH`], so whoever still holds it after this is alive.
const PATIENCE: u64 = 20;

/// A lock that is held; give it back with [`Lock::release`].
pub(super) struct Lock<'a> {
    cluster: &'a Cluster,
    holder: String,
}

impl<'a> Lock<'a> {
    /// Takes the lock, waiting for a dead run's to end.
    ///
    /// # Errors
    /// [`Error::Locked`] where somebody alive holds it; a cluster that refuses.
    pub(super) async fn take(world: &'a World) -> Result<Lock<'a>, Error> {
        let cluster = world.cluster().await?;
        let holder = identity(world);
        for seconds in 0.. {
            match cluster.take_lease(NAMESPACE, NAME, &holder, LENGTH).await? {
                Lease::Taken => break,
                Lease::HeldBy { holder, .. } if seconds >= PATIENCE => return Err(Error::Locked { holder }),
                Lease::HeldBy { holder, left } => {
                    let reason = format!("held by {holder}, for {} s if it is dead", left.as_secs());
                    world.waits(
                        &format!("the lock `{NAMESPACE}/{NAME}`"),
                        &reason,
                        Duration::from_secs(seconds),
                    );
                    world.pause(Duration::from_secs(1)).await?;
                }
            }
        }
        Ok(Self { cluster, holder })
    }

    /// Keeps the lock for as long as it is polled; ends only where the lock was lost.
    pub(super) async fn keep(&self) -> Error {
        loop {
            tokio::time::sleep(RENEWED_EVERY).await;
            match self.cluster.renew_lease(NAMESPACE, NAME, &self.holder).await {
                Ok(()) => {}
                // The API server may be away for a moment; somebody else's lease is not a matter of time.
                Err(error) if error.passes() => {}
                Err(error) => return error.into(),
            }
        }
    }

    /// Gives it back. A failure is no harm: the Lease ends by itself.
    pub(super) async fn release(self, world: &World) {
        if let Err(error) = self.cluster.release_lease(NAMESPACE, NAME, &self.holder).await {
            world.warn(format!(
                "the lock `{NAMESPACE}/{NAME}` was not given back and ends by itself: {}",
                error.cause
            ));
        }
    }
}

/// `host/pid/nonce`: whose lock it is, so that a run on the same host can tell that its holder is dead.
fn identity(world: &World) -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_else(|_| "unknown".into());
    let mut nonce = [0_u8; 4];
    world.fill_random(&mut nonce);
    format!("{}/{}/{}", host.trim(), std::process::id(), base16ct::lower::encode_string(&nonce))
}
