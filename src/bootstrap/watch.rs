//! Waiting: asks again at growing intervals until a deadline, and tells the reason whenever it changes.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::ready::{pods_of, trouble};
use super::{Error, World};
use crate::remote::cluster::Cluster;

/// The first pauses, in milliseconds; the last one stays.
const PAUSES: [u64; 5] = [100, 250, 500, 1000, 2000];

/// One wait for one thing.
pub(crate) struct Watch<'a> {
    world: &'a World,
    object: String,
    began: Instant,
    length: Duration,
    pauses: usize,
    said: String,
}

impl<'a> Watch<'a> {
    /// Begins now.
    pub(crate) fn new(world: &'a World, object: impl Into<String>, length: Duration) -> Self {
        let (began, said) = (Instant::now(), String::new());
        Self { world, object: object.into(), began, length, pauses: 0, said }
    }

    /// Tells `reason` where it is a new one, then pauses; `false` once the deadline has passed.
    ///
    /// # Errors
    /// [`Error::Stopped`] when the run is to stop.
    pub(crate) async fn pause(&mut self, reason: &str) -> Result<bool, Error> {
        let past = self.began.elapsed();
        if past >= self.length {
            return Ok(false);
        }
        self.tell(reason, past);
        let pause = Duration::from_millis(PAUSES[self.pauses.min(PAUSES.len() - 1)]);
        self.pauses += 1;
        self.world.pause(pause.min(self.length.saturating_sub(past))).await?;
        Ok(true)
    }

    fn tell(&mut self, reason: &str, past: Duration) {
        if self.said == reason {
            return;
        }
        reason.clone_into(&mut self.said);
        self.world.waits(&self.object, reason, past);
    }

    /// The error of a wait that ended without its condition.
    pub(crate) fn too_long(&self, wanted: &str, reason: &str) -> Error {
        Error::WaitedTooLong {
            object: self.object.clone(),
            wanted: wanted.to_owned(),
            seconds: self.length.as_secs(),
            reason: reason.to_owned(),
        }
    }
}

/// `reason`, and what the Pods of a workload complain of. Pods that cannot be listed add nothing: the reason
/// stands without them.
pub(crate) async fn with_pods(cluster: &Cluster, workload: &Value, reason: String) -> String {
    let namespace = workload["metadata"]["namespace"].as_str();
    if namespace.is_none() || !workload["spec"]["selector"]["matchLabels"].is_object() {
        return reason;
    }
    let pods = cluster.list("v1", "Pod", namespace).await.unwrap_or_default();
    let found = pods_of(workload, &pods).into_iter().find_map(|pod| Some((pod, trouble(pod)?)));
    match found {
        Some((pod, trouble)) => {
            let name = pod["metadata"]["name"].as_str().unwrap_or_default();
            format!("{reason}; Pod `{name}`: {trouble}")
        }
        None => reason,
    }
}
