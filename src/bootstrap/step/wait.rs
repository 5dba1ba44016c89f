//! An object has reached a state.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::Needs;
use crate::bootstrap::ready::{Readiness, named_condition, readiness};
use crate::bootstrap::watch::{Watch, with_pods};
use crate::bootstrap::{Error, Look, World, rights};
use crate::remote::cluster::{Cluster, ObjectRef, Secret};
use crate::report::{Change, Verb};
use crate::settings::Period;

/// An object has reached a state.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Wait {
    /// The object's API version.
    pub api_version: String,
    /// The object's kind.
    pub kind: String,
    /// Its namespace.
    #[serde(default)]
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// A condition type that must be True; the rules of kstatus for the kind when absent.
    #[serde(default)]
    pub condition: Option<String>,
    /// Keys that a Secret must have.
    #[serde(default)]
    pub keys: Vec<String>,
    /// The deadline; the settings' when absent.
    #[serde(default)]
    pub timeout: Option<Period>,
}

/// What is said of an object that does not exist.
const ABSENT: &str = "it is not there yet";

/// What was seen: the verdict, and the object for its Pods.
type Seen = (Readiness, Option<Value>);

impl Wait {
    pub(super) async fn look(&self, world: &World) -> Result<Look, Error> {
        let (readiness, _) = self.see(world.cluster().await?).await?;
        Ok(match readiness {
            Readiness::Ready => Look::Holds,
            Readiness::InProgress(reason) | Readiness::Failed(reason) => {
                Change::new(Verb::Wait, self.label()).with(reason).into()
            }
        })
    }

    pub(super) async fn change(&self, world: &World) -> Result<(), Error> {
        let cluster = world.cluster().await?;
        let deadline = self.timeout.unwrap_or(world.settings.timeouts.wait).get();
        let mut watch = Watch::new(world, self.label(), deadline);
        loop {
            let (reason, live) = match self.see(cluster).await? {
                (Readiness::Ready, _) => return Ok(()),
                (Readiness::InProgress(reason), live) => (reason, live.unwrap_or_default()),
                (Readiness::Failed(reason), live) => {
                    let reason = with_pods(cluster, &live.unwrap_or_default(), reason).await;
                    return Err(Error::Failed { object: self.label(), reason });
                }
            };
            if !watch.pause(&reason).await? {
                return Err(watch.too_long(&self.wanted(), &with_pods(cluster, &live, reason).await));
            }
        }
    }

    pub(super) fn needs(&self, _: &World) -> Needs {
        let cluster = rights::read(&self.api_version, &self.kind, self.namespace.as_deref());
        Needs { cluster, ..Needs::default() }
    }

    async fn see(&self, cluster: &Cluster) -> Result<Seen, Error> {
        if self.kind == "Secret" && self.api_version == "v1" {
            let namespace = self.namespace.as_deref().unwrap_or("default");
            return Ok((self.judge_secret(cluster.secret(namespace, &self.name).await?.as_ref()), None));
        }
        let live = cluster.get(&self.reference()).await?;
        Ok((self.judge(live.as_ref()), live))
    }

    fn judge(&self, live: Option<&Value>) -> Readiness {
        match (live, &self.condition) {
            (None, _) => Readiness::InProgress(ABSENT.into()),
            (Some(live), Some(name)) => named_condition(live, name),
            (Some(live), None) => readiness(live),
        }
    }

    fn judge_secret(&self, live: Option<&Secret>) -> Readiness {
        let Some(live) = live else { return Readiness::InProgress(ABSENT.into()) };
        let lacks = |key: &&String| live.data.get(*key).is_none_or(crate::plain::Plain::is_empty);
        let missing: Vec<_> = self.keys.iter().filter(lacks).map(|key| format!("`{key}`")).collect();
        match missing.as_slice() {
            [] => Readiness::Ready,
            missing => Readiness::InProgress(format!("it has no value under {}", missing.join(", "))),
        }
    }

    fn reference(&self) -> ObjectRef {
        ObjectRef {
            api_version: self.api_version.clone(),
            kind: self.kind.clone(),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
        }
    }

    fn label(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{} `{namespace}/{}`", self.kind, self.name),
            None => format!("{} `{}`", self.kind, self.name),
        }
    }

    /// The state in words, to be read after "did not become".
    fn wanted(&self) -> String {
        match (&self.condition, self.keys.as_slice()) {
            (Some(condition), _) => condition.clone(),
            (None, []) => "ready".into(),
            (None, _) => "complete".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::{Readiness, Secret, Wait};
    use crate::plain::Plain;

    fn wait(fields: serde_json::Value) -> Wait {
        serde_json::from_value(fields).unwrap()
    }

    #[test]
    fn an_absent_object_is_not_there_yet() {
        let wait =
            wait(json!({"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "n", "name": "d"}));
        assert_eq!(wait.judge(None), Readiness::InProgress("it is not there yet".into()));
        assert_eq!(wait.label(), "Deployment `n/d`");
    }

    #[test]
    fn a_named_condition_is_judged_instead_of_the_kinds_rule() {
        let wait = wait(json!({"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "condition": "Seen"}));
        let mut object = json!({"apiVersion": "v1", "kind": "ConfigMap"});
        assert!(matches!(wait.judge(Some(&object)), Readiness::InProgress(_)));
        object["status"] = json!({"conditions": [{"type": "Seen", "status": "True"}]});
        assert_eq!(wait.judge(Some(&object)), Readiness::Ready);
        assert_eq!(wait.wanted(), "Seen");
    }

    #[test]
    fn missing_and_empty_keys_of_a_secret_are_named() {
        let wait = wait(json!({"apiVersion": "v1", "kind": "Secret", "name": "s", "keys": ["a", "b", "c"]}));
        let data =
            [("a", "x"), ("b", "")].map(|(key, value)| (key.to_owned(), Plain::from(value.to_owned())));
        let secret = Secret {
            data: data.into(),
            kind: "Opaque".into(),
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
            has_last_applied: false,
            owner: None,
            managers: BTreeMap::new(),
        };
        assert_eq!(
            wait.judge_secret(Some(&secret)),
            Readiness::InProgress("it has no value under `b`, `c`".into())
        );
        assert!(matches!(wait.judge_secret(None), Readiness::InProgress(_)));
    }
}
