//! What lies in the cluster, with a version for each change, and who is told of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::broadcast;

use super::kinds::{self, Kind};
use crate::remote::cluster::ObjectRef;

/// What happened to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// It was created.
    Added,
    /// It was changed.
    Modified,
    /// It is gone.
    Deleted,
}

impl Event {
    /// As a watch names it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "ADDED",
            Self::Modified => "MODIFIED",
            Self::Deleted => "DELETED",
        }
    }
}

/// A change of an object.
#[derive(Clone)]
pub struct Change {
    /// What happened.
    pub event: Event,
    /// The object after it, or as it last was.
    pub object: Value,
    /// The version that the cluster has since.
    pub revision: u64,
}

/// Where an object lies: group, plural, namespace (empty for none), name.
pub(super) type Key = (String, String, String, String);

/// All of it.
pub(super) struct State {
    pub(super) kinds: Vec<Kind>,
    pub(super) objects: BTreeMap<Key, Value>,
    pub(super) log: Vec<Change>,
    pub(super) changes: broadcast::Sender<Change>,
    pub(super) revision: u64,
    births: u64,
}

impl State {
    /// A cluster with the namespaces that each has.
    pub(super) fn new(changes: broadcast::Sender<Change>) -> Self {
        let (objects, log) = (BTreeMap::new(), Vec::new());
        let mut state = Self { kinds: kinds::built_in(), objects, log, changes, revision: 0, births: 0 };
        for name in ["default", "kube-system", "kube-public", "kube-node-lease"] {
            let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
            // These names are always taken.
            drop(super::write::upsert(&mut state, "kube-apiserver", namespace));
        }
        state
    }

    pub(super) fn kind(&self, api_version: &str, kind: &str) -> Option<Kind> {
        let fits = |known: &&Kind| known.kind == kind && known.api_version() == api_version;
        self.kinds.iter().find(fits).cloned()
    }

    pub(super) fn resource(&self, group: &str, version: &str, plural: &str) -> Option<Kind> {
        let fits = |kind: &&Kind| kind.plural == plural && kind.group == group && kind.version == version;
        self.kinds.iter().find(fits).cloned()
    }

    pub(super) fn find(&self, object: &ObjectRef) -> Option<Value> {
        let kind = self.kind(&object.api_version, &object.kind)?;
        self.objects.get(&key(&kind, object.namespace.as_deref(), &object.name)).cloned()
    }

    pub(super) fn of_kind(&self, kind: &str) -> Vec<Value> {
        self.objects.values().filter(|object| object["kind"] == kind).cloned().collect()
    }

    /// Puts an object in place, unless it is already so, and tells of it. Returns what is there now.
    pub(super) fn commit(&mut self, key: Key, mut object: Value) -> Value {
        let old = self.objects.get(&key);
        if let Some(old) = old.filter(|old| same(old, &object)) {
            return old.clone();
        }
        let event = if old.is_some() { Event::Modified } else { Event::Added };
        self.revision += 1;
        if old.is_none() {
            self.births += 1;
            be_born(&mut object, self.births);
        }
        object["metadata"]["resourceVersion"] = self.revision.to_string().into();
        self.objects.insert(key, object.clone());
        self.tell(event, object.clone());
        self.learn(&object);
        object
    }

    /// Deletes an object and what it owns or holds; says whether there was one.
    pub(super) fn delete(&mut self, object: &ObjectRef) -> bool {
        let Some(kind) = self.kind(&object.api_version, &object.kind) else { return false };
        self.remove(&key(&kind, object.namespace.as_deref(), &object.name)).is_some()
    }

    pub(super) fn remove(&mut self, key: &Key) -> Option<Value> {
        let object = self.objects.remove(key)?;
        self.revision += 1;
        self.tell(Event::Deleted, object.clone());
        self.unlearn(&object);
        for key in self.dependents(&object) {
            self.remove(&key);
        }
        Some(object)
    }

    /// What goes with an object: what it owns, what lies in it, objects of the kind that it defines.
    fn dependents(&self, gone: &Value) -> Vec<Key> {
        let uid = &gone["metadata"]["uid"];
        let name = gone["metadata"]["name"].as_str().unwrap_or_default();
        let (is_namespace, is_definition) =
            (gone["kind"] == "Namespace", gone["kind"] == "CustomResourceDefinition");
        let goes = |key: &Key, object: &Value| {
            let mut owners = object["metadata"]["ownerReferences"].as_array().into_iter().flatten();
            owners.any(|owner| owner["uid"] == *uid)
                || (is_namespace && key.2 == name)
                || (is_definition && name == format!("{}.{}", key.1, key.0))
        };
        self.objects.iter().filter(|(key, object)| goes(key, object)).map(|(key, _)| key.clone()).collect()
    }

    fn tell(&mut self, event: Event, object: Value) {
        let change = Change { event, object, revision: self.revision };
        self.log.push(change.clone());
        // Nobody may be listening.
        drop(self.changes.send(change));
    }

    fn learn(&mut self, object: &Value) {
        if object["kind"] == "CustomResourceDefinition" {
            self.unlearn(object);
            self.kinds.extend(Kind::defined_by(object));
        }
    }

    fn unlearn(&mut self, object: &Value) {
        if object["kind"] == "CustomResourceDefinition" {
            let (group, plural) = (&object["spec"]["group"], &object["spec"]["names"]["plural"]);
            self.kinds.retain(|kind| !(kind.custom && *group == *kind.group && *plural == *kind.plural));
        }
    }
}

/// Gives an object its identity, as a dry run does too.
pub(super) fn be_born(object: &mut Value, number: u64) {
    object["metadata"]["uid"] = format!("5ea15742-0000-4000-8000-{number:012x}").into();
    object["metadata"]["creationTimestamp"] = now().into();
}

/// Whether nothing but times of field managers differs.
fn same(old: &Value, new: &Value) -> bool {
    let bare = |object: &Value| {
        let mut object = object.clone();
        if let Some(entries) = object["metadata"]["managedFields"].as_array_mut() {
            for entry in entries.iter_mut() {
                entry["time"] = Value::Null;
            }
            entries.sort_by_key(ToString::to_string);
        }
        object
    };
    bare(old) == bare(new)
}

pub(super) fn key(kind: &Kind, namespace: Option<&str>, name: &str) -> Key {
    let namespace = namespace.filter(|_| kind.namespaced).unwrap_or_default();
    (kind.group.clone(), kind.plural.clone(), namespace.to_owned(), name.to_owned())
}

/// This second, as `metav1.Time` writes it.
pub(super) fn now() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
