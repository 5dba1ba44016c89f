//! What one object of a set looks like in the cluster, and whether applying would change it.

use serde_json::Value;

use super::object::Item;
use super::owner::{Stance, gitops_owner, stance};
use super::{compare, owner};
use crate::bootstrap::Error;
use crate::remote::cluster::{Apply, Cluster};
use crate::remote::{self, Cause};

/// What an object looks like in the cluster.
#[derive(Debug)]
pub(super) enum State {
    /// It is as it should be. The object is left out for Secrets.
    Same(Option<Value>),
    /// It is not there.
    Absent,
    /// Applying would change these fields; `force` where people own them.
    Differs { force: bool, fields: Vec<String> },
    /// Somebody who keeps it up to date owns it.
    Left { owner: String, live: Option<Value> },
    /// The API server does not know its kind.
    UnknownKind,
}

/// The annotation or label by which Flux is told not to touch what exists.
const SSA: &str = "kustomize.toolkit.fluxcd.io/ssa";

/// The live object; absent where the object or its kind is.
pub(super) async fn live(cluster: &Cluster, item: &Item) -> Result<Option<Value>, Error> {
    Ok(cluster.get(&item.reference()).await?)
}

/// Looks; at most one request where the object is as it was applied before.
pub(super) async fn of(cluster: &Cluster, item: &Item, manager: &str) -> Result<State, Error> {
    if !cluster.knows(item.text("apiVersion"), item.text("kind")).await? {
        return Ok(State::UnknownKind);
    }
    let name = item.reference();
    if item.is_secret() {
        // Its values come from elsewhere: it only has to exist.
        return Ok(if cluster.exists(&name).await? { State::Same(None) } else { State::Absent });
    }
    for looks in 1.. {
        let Some(live) = cluster.get(&name).await? else { return Ok(State::Absent) };
        if live["metadata"]["deletionTimestamp"].is_string() {
            return Err(being_deleted(item, &live));
        }
        if is_kept(&item.object) || is_kept(&live) || compare::is_applied(&live, &item.object, manager) {
            return Ok(State::Same(Some(live)));
        }
        if let Some(state) = tried(cluster, item, live, manager, looks < LOOKS).await? {
            return Ok(state);
        }
    }
    unreachable!("the last look is an answer")
}

/// How often an object is looked at that its controller keeps writing to.
const LOOKS: usize = 4;

/// What a dry run says. Nothing where somebody wrote to the object between the read and it, and it `may_be_again`: what
/// they wrote, such as a finalizer, would look like a difference of ours.
async fn tried(
    cluster: &Cluster,
    item: &Item,
    live: Value,
    manager: &str,
    may_be_again: bool,
) -> Result<Option<State>, Error> {
    let mut how = Apply { manager, force: false, dry_run: true };
    let would = match cluster.apply(&item.object, how).await {
        Err(remote::Error { cause: Cause::Conflict(text), .. }) => {
            match disputed(&live, item, manager, &text) {
                Stance::Leave(owner) => return Ok(Some(State::Left { owner, live: Some(live) })),
                Stance::Refuse(owner) => return Err(foreign(item, owner)),
                Stance::Force => how.force = true,
            }
            cluster.apply(&item.object, how).await
        }
        answered => answered,
    };
    let fields = match would {
        Ok(would) if may_be_again && is_overtaken(&live, &would) => return Ok(None),
        Ok(would) => compare::differences(&compare::settled(&live), &compare::settled(&would)),
        Err(error) if matches!(error.cause, Cause::Unavailable(_)) => vec![error.cause.to_string()],
        Err(error) => return Err(error.into()),
    };
    Ok(Some(match gitops_owner(&live) {
        _ if fields.is_empty() => State::Same(Some(live)),
        Some(owner) => State::Left { owner, live: Some(live) },
        None => State::Differs { force: how.force, fields },
    }))
}

/// Whether a dry run was of a newer object than the one that was read: it keeps the version of what it is tried on.
fn is_overtaken(live: &Value, would: &Value) -> bool {
    live["metadata"]["resourceVersion"] != would["metadata"]["resourceVersion"]
}

fn disputed(live: &Value, item: &Item, manager: &str, conflict: &str) -> Stance {
    let found = compare::disputes(live, &item.object, manager);
    stance(&if found.is_empty() { owner::named_in(conflict) } else { found })
}

/// Whether an object that exists is not to be applied again: `IfNotPresent` and `Ignore`.
fn is_kept(object: &Value) -> bool {
    ["labels", "annotations"]
        .iter()
        .any(|place| matches!(object["metadata"][place][SSA].as_str(), Some("IfNotPresent" | "Ignore")))
}

fn foreign(item: &Item, owner: String) -> Error {
    Error::Foreign {
        object: item.label.clone(),
        owner,
        hint: "take these fields out of the manifest, or let their owner give them up".into(),
    }
}

fn being_deleted(item: &Item, live: &Value) -> Error {
    let finalizers = live["metadata"]["finalizers"].as_array().into_iter().flatten();
    let names: Vec<_> = finalizers.filter_map(Value::as_str).map(|name| format!("`{name}`")).collect();
    let kept =
        if item.object["kind"] == "Namespace" { "its contents".to_owned() } else { "nothing".to_owned() };
    Error::Failed {
        object: item.label.clone(),
        reason: format!(
            "it is being deleted; it is kept by {}",
            if names.is_empty() { kept } else { names.join(", ") }
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{is_kept, is_overtaken};

    #[test]
    fn what_a_controller_wrote_meanwhile_is_no_difference_of_ours() {
        let read = json!({"metadata": {"resourceVersion": "7"}});
        let finalized = json!({"metadata": {"resourceVersion": "8", "finalizers": ["example.com/keep"]}});
        assert!(is_overtaken(&read, &finalized));
        assert!(!is_overtaken(&read, &json!({"metadata": {"resourceVersion": "7"}, "spec": {"a": 1}})));
    }

    #[test]
    fn objects_that_are_only_to_exist_are_not_applied_again() {
        assert!(is_kept(&json!({"metadata": {"annotations": {super::SSA: "IfNotPresent"}}})));
        assert!(is_kept(&json!({"metadata": {"labels": {super::SSA: "Ignore"}}})));
        assert!(!is_kept(&json!({"metadata": {"annotations": {super::SSA: "Merge"}}})));
    }
}
