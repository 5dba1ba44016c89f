//! Applying a set of objects in stages, each only where it differs; shared by all steps that apply manifests.

mod compare;
mod object;
mod owner;
mod stage;
mod state;
mod substitute;

pub(crate) use owner::{Stance, named_in, stance};

use std::collections::BTreeMap;
use std::time::Duration;

use futures::stream::{self, StreamExt};
use serde_json::Value;

use self::object::Item;
use self::stage::Stage;
use self::state::State;
use super::ready::{Readiness, readiness};
use super::watch::{Watch, with_pods};
use super::{Error, Look, World};
use crate::remote;
use crate::remote::cluster::{self, Cluster};
use crate::report::{Change, Verb};

/// The field manager of objects that Flux is to own later: it takes over from names that begin with `kubectl`.
pub(crate) const MANAGER: &str = "kubectl-sealstrap";

/// How many objects are looked at or applied at the same time.
const SIDE_BY_SIDE: usize = 16;

/// How long a definition of a kind may take until it is established; it takes moments.
const ESTABLISHED: Duration = Duration::from_secs(60);

/// An object and the file it stands in.
#[derive(Debug)]
pub(crate) struct Origin {
    /// The file's name, for messages.
    pub(crate) file: String,
    /// The object.
    pub(crate) object: Value,
}

/// How a set is applied.
#[derive(Debug)]
pub(crate) struct How<'a> {
    /// The field manager.
    pub(crate) manager: &'a str,
    /// The namespace of objects that name none.
    pub(crate) namespace: Option<&'a str>,
    /// Values for `${NAME}`.
    pub(crate) values: BTreeMap<String, String>,
    /// Whether the set holds only once its objects are ready.
    pub(crate) wait: bool,
    /// How long to wait for webhooks that do not answer yet, and for the objects.
    pub(crate) deadline: Duration,
}

/// Objects that are applied together.
pub(crate) struct Set<'a> {
    items: Vec<Item>,
    manager: &'a str,
    wait: bool,
    deadline: Duration,
}

impl<'a> Set<'a> {
    /// Prepares the objects; nothing is asked of the cluster.
    ///
    /// # Errors
    /// Unresolved variables, Secrets with values, documents that are no objects, an object defined twice.
    pub(crate) fn new(objects: Vec<Origin>, how: &How<'a>) -> Result<Self, Error> {
        let items = object::prepare(objects, how.namespace, &how.values)?;
        Ok(Self { items, manager: how.manager, wait: how.wait, deadline: how.deadline })
    }

    /// What would be written, or waited for.
    pub(crate) async fn look(&self, world: &World) -> Result<Look, Error> {
        let cluster = world.cluster().await?;
        let states = side_by_side(self.items.iter().map(|item| self.state(cluster, item))).await?;
        let (mut changes, mut unknown) = (Vec::new(), Vec::new());
        for (item, state) in self.items.iter().zip(states) {
            match state {
                State::Absent => changes.push(Change::new(Verb::Create, &item.label)),
                State::Differs { fields, .. } => changes.push(update(item, fields)),
                State::UnknownKind if self.defines(item) => {
                    changes.push(Change::new(Verb::Create, &item.label));
                }
                State::UnknownKind => unknown.push(item),
                State::Same(live) | State::Left { live, .. } => {
                    changes.extend(live.and_then(|live| self.unready(item, &live)));
                }
            }
        }
        Ok(match unknown.first() {
            Some(first) => awaits(first, unknown.len() - 1 + changes.len()),
            None => Look::of(changes),
        })
    }

    /// Applies what differs, stage by stage, and waits where that is asked for.
    pub(crate) async fn change(&self, world: &World) -> Result<(), Error> {
        let cluster = world.cluster().await?;
        for stage in self.items.chunk_by(|one, next| one.stage == next.stage) {
            side_by_side(stage.iter().map(|item| self.settle(world, cluster, item))).await?;
            if stage.iter().any(|item| item.stage == Stage::First) {
                let definitions: Vec<_> = stage.iter().filter(|item| is_definition(item)).collect();
                self.until_ready(world, cluster, &definitions, ESTABLISHED.min(self.deadline)).await?;
            }
        }
        if self.wait {
            let all: Vec<_> = self.items.iter().filter(|item| !item.is_secret()).collect();
            self.until_ready(world, cluster, &all, self.deadline).await?;
        }
        Ok(())
    }

    async fn state(&self, cluster: &Cluster, item: &Item) -> Result<State, Error> {
        state::of(cluster, item, self.manager).await
    }

    fn unready(&self, item: &Item, live: &Value) -> Option<Change> {
        match readiness(live) {
            Readiness::InProgress(reason) | Readiness::Failed(reason) if self.wait => {
                Some(Change::new(Verb::Wait, &item.label).with(reason))
            }
            _ => None,
        }
    }

    /// Whether a definition in this set makes the item's kind known.
    fn defines(&self, item: &Item) -> bool {
        self.items.iter().filter(|other| is_definition(other)).any(|definition| {
            let spec = &definition.object["spec"];
            spec["group"] == super::ready::group(&item.object) && spec["names"]["kind"] == item.object["kind"]
        })
    }

    /// Brings one object into its state, as often as what stands in the way may pass.
    async fn settle(&self, world: &World, cluster: &Cluster, item: &Item) -> Result<(), Error> {
        let mut watch = Watch::new(world, &item.label, self.deadline);
        loop {
            let reason = match self.write(world, cluster, item).await {
                Ok(None) => return Ok(()),
                Ok(Some(reason)) => reason,
                Err(Error::Remote(error)) => match passing(&error) {
                    Some(reason) => reason,
                    None => return Err(error.into()),
                },
                Err(error) => return Err(error),
            };
            if !watch.pause(&reason).await? {
                return Err(watch.too_long("accepted", &reason));
            }
        }
    }

    /// Applies one object where it differs; says what to wait for where it cannot be applied yet.
    async fn write(&self, world: &World, cluster: &Cluster, item: &Item) -> Result<Option<String>, Error> {
        let force = match self.state(cluster, item).await? {
            State::Same(_) => return Ok(None),
            State::Left { owner, .. } => {
                world.warn(format!("{} is left as it is: it belongs to {owner}", item.label));
                return Ok(None);
            }
            State::UnknownKind => return self.unknown_kind(cluster, item).await,
            State::Absent => false,
            State::Differs { force, .. } => force,
        };
        let how = cluster::Apply { manager: self.manager, force, dry_run: false };
        cluster.apply(&item.object, how).await?;
        Ok(None)
    }

    async fn unknown_kind(&self, cluster: &Cluster, item: &Item) -> Result<Option<String>, Error> {
        let (api_version, kind) = (item.text("apiVersion"), item.text("kind"));
        if self.defines(item) || cluster.knows(api_version, kind).await? {
            return Ok(Some(format!("the API server does not serve {kind} of {api_version} yet")));
        }
        Err(Error::InputMissing {
            action: format!("apply {}", item.label),
            input: kind_of(item),
            makers: Vec::new(),
        })
    }

    /// Waits until all items are ready; a failure that waiting cannot mend ends it early.
    async fn until_ready(
        &self,
        world: &World,
        cluster: &Cluster,
        items: &[&Item],
        deadline: Duration,
    ) -> Result<(), Error> {
        let name = match items {
            [] => return Ok(()),
            [one] => one.label.clone(),
            many => format!("{} objects", many.len()),
        };
        let mut watch = Watch::new(world, name, deadline);
        let mut left = items.to_vec();
        loop {
            let reasons = side_by_side(left.iter().map(|item| unready_reason(cluster, item))).await?;
            let waiting = left.iter().zip(reasons).filter_map(|(item, reason)| Some((*item, reason?)));
            let waiting: Vec<(&Item, String)> = waiting.collect();
            let Some((first, reason)) = waiting.first() else { return Ok(()) };
            let more =
                if waiting.len() > 1 { format!(" (and {} more)", waiting.len() - 1) } else { String::new() };
            if !watch.pause(&format!("{}: {reason}{more}", first.label)).await? {
                return Err(watch.too_long("ready", &explained(cluster, &waiting).await));
            }
            left = waiting.into_iter().map(|(item, _)| item).collect();
        }
    }
}

/// Runs all, some side by side, and gives their results in order; the first error after all have ended, so that no
/// write is broken off by another one's failure.
async fn side_by_side<T, F: Future<Output = Result<T, Error>>>(
    all: impl Iterator<Item = F>,
) -> Result<Vec<T>, Error> {
    let all: Vec<F> = all.collect();
    stream::iter(all).buffered(SIDE_BY_SIDE).collect::<Vec<_>>().await.into_iter().collect()
}

fn is_definition(item: &Item) -> bool {
    item.object["kind"] == "CustomResourceDefinition"
}

/// The kind in words, for what is missing.
fn kind_of(item: &Item) -> String {
    format!("the kind {} of {}", item.text("kind"), item.text("apiVersion"))
}

fn awaits(first: &Item, more: usize) -> Look {
    let change = Change::new(Verb::Create, &first.label);
    let change = if more == 0 { change } else { change.with(format!("and {more} more objects")) };
    Look::Awaits { change, input: kind_of(first) }
}

fn update(item: &Item, mut fields: Vec<String>) -> Change {
    const SHOWN: usize = 8;
    if fields.len() > SHOWN {
        let more = fields.len() - SHOWN;
        fields.truncate(SHOWN);
        fields.push(format!("and {more} more fields"));
    }
    Change { verb: Verb::Update, object: item.label.clone(), details: fields }
}

/// An admission webhook whose server has not started yet shows as an API server that cannot serve.
fn passing(error: &remote::Error) -> Option<String> {
    match &error.cause {
        remote::Cause::Unavailable(reason) => Some(reason.clone()),
        _ => None,
    }
}

/// Why an item is not ready; nothing where it is.
async fn unready_reason(cluster: &Cluster, item: &Item) -> Result<Option<String>, Error> {
    let Some(live) = state::live(cluster, item).await? else {
        return Ok(Some("it is not there yet".into()));
    };
    match readiness(&live) {
        Readiness::Ready => Ok(None),
        Readiness::InProgress(reason) => Ok(Some(reason)),
        Readiness::Failed(reason) => {
            Err(Error::Failed { object: item.label.clone(), reason: with_pods(cluster, &live, reason).await })
        }
    }
}

/// All reasons, with what the Pods say.
async fn explained(cluster: &Cluster, waiting: &[(&Item, String)]) -> String {
    let mut lines = Vec::new();
    for (item, reason) in waiting {
        let reason = match state::live(cluster, item).await {
            Ok(Some(live)) => with_pods(cluster, &live, reason.clone()).await,
            _ => reason.clone(),
        };
        lines.push(format!("{}: {reason}", item.label));
    }
    lines.join("; ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::{How, MANAGER, Origin, Set, awaits, passing, update};
    use crate::bootstrap::Look;
    use crate::remote::{Cause, Error};

    fn set(objects: &[Value], wait: bool) -> Set<'static> {
        let how = How {
            manager: MANAGER,
            namespace: None,
            values: BTreeMap::new(),
            wait,
            deadline: Duration::from_secs(1),
        };
        let origins = objects.iter().map(|object| Origin { file: "x.yaml".into(), object: object.clone() });
        Set::new(origins.collect(), &how).unwrap()
    }

    fn objects() -> [Value; 3] {
        [
            json!({"apiVersion": "a.example/v1", "kind": "Thing", "metadata": {"name": "t"}}),
            json!({"apiVersion": "a.example/v1", "kind": "Other", "metadata": {"name": "o"}}),
            json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                "metadata": {"name": "things.a.example"}, "spec": {"group": "a.example", "names": {"kind": "Thing"}}}),
        ]
    }

    #[test]
    fn definitions_come_first_and_make_their_kinds_known() {
        let set = set(&objects(), false);
        let labels: Vec<_> = set.items.iter().map(|item| item.label.as_str()).collect();
        assert_eq!(labels, ["CustomResourceDefinition `things.a.example`", "Thing `t`", "Other `o`"]);
        assert!(set.defines(&set.items[1]));
        assert!(!set.defines(&set.items[2]));
    }

    #[test]
    fn an_unknown_kind_is_awaited_by_its_name() {
        let set = set(&objects(), false);
        let Look::Awaits { change, input } = awaits(&set.items[2], 2) else { panic!("not awaited") };
        assert_eq!(input, "the kind Other of a.example/v1");
        assert_eq!(change.details, ["and 2 more objects"]);
    }

    #[test]
    fn readiness_counts_only_where_it_is_asked_for() {
        let live = json!({"apiVersion": "a.example/v1", "kind": "Thing"});
        let waiting = set(&objects(), true);
        assert!(waiting.unready(&waiting.items[1], &live).is_some());
        let other = set(&objects(), false);
        assert!(other.unready(&other.items[1], &live).is_none());
    }

    #[test]
    fn many_differing_fields_are_cut_short() {
        let set = set(&objects(), false);
        let change = update(&set.items[1], (0..10).map(|at| format!("spec.f{at}")).collect());
        assert_eq!(change.details.len(), 9);
        assert_eq!(change.details[8], "and 2 more fields");
    }

    #[test]
    fn only_a_server_that_cannot_serve_yet_is_asked_again() {
        assert_eq!(
            passing(&Error::new("x", Cause::Unavailable("no endpoints".into()))),
            Some("no endpoints".into())
        );
        assert_eq!(passing(&Error::new("x", Cause::Forbidden("no".into()))), None);
    }
}
