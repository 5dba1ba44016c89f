//! Creating, replacing, patching, deleting.

use serde_json::{Value, json};

use super::apply::{self, Writer};
use super::failure::{self, Refusal};
use super::kinds::Kind;
use super::store::{Key, State, be_born, key};
use super::{admit, merge, schema};
use crate::remote::cluster::ObjectRef;

/// Where and how a request writes.
pub(super) struct Write<'a> {
    pub(super) kind: &'a Kind,
    pub(super) namespace: Option<&'a str>,
    pub(super) name: &'a str,
    pub(super) writer: Writer<'a>,
    pub(super) dry_run: bool,
}

/// How a patch is to be read.
#[derive(Clone, Copy)]
pub(super) enum PatchKind {
    /// RFC 7386.
    Merge,
    /// RFC 6902.
    Json,
    /// Strategic merge.
    Strategic,
    /// Server-side apply, with force or without.
    Apply { force: bool },
}

impl Write<'_> {
    fn key(&self) -> Key {
        key(self.kind, self.namespace, self.name)
    }

    /// Creates the object.
    pub(super) fn create(&self, state: &mut State, mut object: Value) -> Result<Value, Refusal> {
        self.check_namespace(state)?;
        self.clean(&mut object, None)?;
        if self.kind.status {
            object.as_object_mut().map(|map| map.shift_remove("status"));
        }
        admit::admit(self.kind, &mut object, None)?;
        if state.objects.contains_key(&self.key()) {
            return Err(failure::exists(self.kind, self.name));
        }
        apply::track(&Value::Null, &mut object, self.writer, self.kind);
        Ok(self.store(state, object, None))
    }

    /// Replaces the object, or its status.
    pub(super) fn replace(&self, state: &mut State, object: Value) -> Result<Value, Refusal> {
        let old = self.old(state).ok_or_else(|| failure::not_found(self.kind, self.name))?;
        self.update(state, &old, object)
    }

    /// Patches the object, or its status; an apply creates what is not there.
    pub(super) fn patch(&self, state: &mut State, patch: &Value, how: PatchKind) -> Result<Value, Refusal> {
        let old = self.old(state);
        let (mut object, none) = match (how, old) {
            (PatchKind::Apply { force }, old) => return self.apply(state, old.as_ref(), patch, force),
            (_, Some(old)) => (old.clone(), old),
            (_, None) => return Err(failure::not_found(self.kind, self.name)),
        };
        match how {
            PatchKind::Merge => merge::merge_patch(&mut object, patch),
            PatchKind::Strategic => merge::strategic(&mut object, patch, ""),
            PatchKind::Json => merge::json_patch(&mut object, patch).ok_or_else(|| {
                let why = "the server rejected our request due to an error in our request";
                failure::invalid(self.kind, self.name, "patch", "FieldValueInvalid", why)
            })?,
            PatchKind::Apply { .. } => {}
        }
        self.update(state, &none, object)
    }

    /// Replaces the status, unless it is so already: controllers say the same again and again.
    fn replace_status(&self, state: &mut State, status: &Value) -> Result<Value, Refusal> {
        match self.old(state) {
            Some(old) if old["status"] == *status => Ok(old),
            _ => self.replace(state, json!({"metadata": {}, "status": status})),
        }
    }

    fn update(&self, state: &mut State, old: &Value, mut object: Value) -> Result<Value, Refusal> {
        self.clean(&mut object, Some(old))?;
        self.keep_other_half(&mut object, old);
        admit::admit(self.kind, &mut object, Some(old))?;
        apply::track(old, &mut object, self.writer, self.kind);
        Ok(self.store(state, object, Some(old)))
    }

    fn apply(
        &self,
        state: &mut State,
        old: Option<&Value>,
        patch: &Value,
        force: bool,
    ) -> Result<Value, Refusal> {
        self.check_address(patch)?;
        schema::typed(self.kind, self.namespace, patch)?;
        self.check_base64(patch)?;
        if patch["metadata"].get("managedFields").is_some_and(|fields| !fields.is_null()) {
            return Err(failure::bad_request("metadata.managedFields must be nil"));
        }
        self.check_namespace(state)?;
        let mut wanted = patch.clone();
        admit::empty_maps(self.kind, &mut wanted);
        if self.kind.status && self.writer.subresource.is_empty() {
            wanted.as_object_mut().map(|map| map.shift_remove("status"));
        }
        let live = old.cloned().unwrap_or_else(|| json!({"metadata": {}}));
        let merged = apply::apply(&live, &wanted, self.writer, force, self.kind);
        let mut object = merged.map_err(|conflicts| failure::owned(&conflicts))?;
        let fields = object["metadata"]["managedFields"].clone();
        self.clean(&mut object, old)?;
        if !fields.is_null() {
            object["metadata"]["managedFields"] = fields;
        }
        admit::admit(self.kind, &mut object, old)?;
        Ok(self.store(state, object, old))
    }

    /// The typed merge cannot read such a Secret at all, which is no fault of the client's to a real server.
    fn check_base64(&self, patch: &Value) -> Result<(), Refusal> {
        let values = patch["data"].as_object().into_iter().flatten().filter(|_| self.kind.kind == "Secret");
        let Some(at) = values.map(|(_, value)| value).find_map(admit::broken_at) else { return Ok(()) };
        let about = format!("{}/{}; /v1, Kind=Secret", self.namespace.unwrap_or_default(), self.name);
        Err(failure::internal(format!(
            "failed to convert new object ({about}) to proper version: unable to convert unstructured object to /v1, Kind=Secret: error decoding from json: illegal base64 data at input byte {at}"
        )))
    }

    /// An applied object must be the one that the path names.
    fn check_address(&self, patch: &Value) -> Result<(), Refusal> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (version, kind) = (text(&patch["apiVersion"]), text(&patch["kind"]));
        if version.is_empty() || kind.is_empty() {
            return Err(failure::bad_request("invalid object type: /, Kind="));
        }
        let meta = &patch["metadata"];
        let (name, namespace) = (text(&meta["name"]), text(&meta["namespace"]));
        let is = |found: &str, wanted: &str| found.is_empty() || found == wanted;
        if kind != self.kind.kind {
            let slash = if version.contains('/') { "" } else { "/" };
            let why = format!("invalid object type: {slash}{version}, Kind={kind}");
            return Err(failure::bad_request(&why));
        }
        if !is(&namespace, self.namespace.unwrap_or(&namespace)) {
            let why = "the namespace of the provided object does not match the namespace sent on the request";
            return Err(failure::bad_request(why));
        }
        if !is(&name, self.name) {
            let why =
                format!("the name of the object ({name}) does not match the name on the URL ({})", self.name);
            return Err(failure::bad_request(&why));
        }
        Ok(())
    }

    /// Deletes the object.
    pub(super) fn delete(&self, state: &mut State, options: &Value) -> Result<Value, Refusal> {
        let old = self.old(state).ok_or_else(|| failure::not_found(self.kind, self.name))?;
        let wanted = &options["preconditions"];
        for field in ["uid", "resourceVersion"] {
            if !wanted[field].is_null() && wanted[field] != old["metadata"][field] {
                return Err(failure::outdated(self.kind, self.name));
            }
        }
        if !self.dry_run {
            state.remove(&self.key());
        }
        let mut details = json!({"name": self.name, "kind": self.kind.plural, "uid": old["metadata"]["uid"]});
        if !self.kind.group.is_empty() {
            details["group"] = self.kind.group.as_str().into();
        }
        Ok(
            json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}),
        )
    }

    pub(super) fn old(&self, state: &State) -> Option<Value> {
        state.objects.get(&self.key()).cloned()
    }

    fn check_namespace(&self, state: &State) -> Result<(), Refusal> {
        let Some(namespace) = self.namespace.filter(|_| self.kind.namespaced) else { return Ok(()) };
        let kind = state.kind("v1", "Namespace");
        match kind.filter(|kind| !state.objects.contains_key(&key(kind, None, namespace))) {
            Some(kind) => Err(failure::not_found(&kind, namespace)),
            None => Ok(()),
        }
    }

    /// Puts what the server alone decides back to what it was.
    fn clean(&self, object: &mut Value, old: Option<&Value>) -> Result<(), Refusal> {
        if !object["metadata"].is_object() {
            return Err(failure::bad_request("the object provided is unrecognized (must be of type Object)"));
        }
        let meta = old.map(|old| &old["metadata"]);
        let version = &object["metadata"]["resourceVersion"];
        if meta.is_some_and(|meta| !version.is_null() && version != "" && *version != meta["resourceVersion"])
        {
            return Err(failure::outdated(self.kind, self.name));
        }
        object["apiVersion"] = self.kind.api_version().into();
        object["kind"] = self.kind.kind.as_str().into();
        object["metadata"]["name"] = self.name.into();
        if let (true, Some(namespace)) = (self.kind.namespaced, self.namespace) {
            object["metadata"]["namespace"] = namespace.into();
        }
        let Some(fields) = object["metadata"].as_object_mut() else { return Ok(()) };
        for field in
            ["uid", "creationTimestamp", "resourceVersion", "generation", "managedFields", "selfLink"]
        {
            match meta.and_then(|meta| meta.get(field)) {
                Some(kept) => drop(fields.insert(field.into(), kept.clone())),
                None => drop(fields.shift_remove(field)),
            }
        }
        Ok(())
    }

    /// A write of the object leaves its status alone, and one of the status leaves all else.
    fn keep_other_half(&self, object: &mut Value, old: &Value) {
        let status =
            if self.writer.subresource == "status" { object["status"].take() } else { old["status"].clone() };
        if self.writer.subresource == "status" {
            *object = old.clone();
        } else if !self.kind.status {
            return;
        }
        if status.is_null() {
            object.as_object_mut().map(|map| map.shift_remove("status"));
        } else {
            object["status"] = status;
        }
    }

    fn store(&self, state: &mut State, mut object: Value, old: Option<&Value>) -> Value {
        if self.kind.group == "apiextensions.k8s.io" {
            apply::own_status(&mut object, self.kind);
        }
        if let Some(generation) = generation(self.kind, &object, old) {
            object["metadata"]["generation"] = generation.into();
        }
        match (self.dry_run, old) {
            (true, None) => be_born(&mut object, 0),
            (true, Some(_)) => {}
            (false, _) => return state.commit(self.key(), object),
        }
        object
    }
}

/// The count of changes of what is wanted, for kinds that keep it.
fn generation(kind: &Kind, object: &Value, old: Option<&Value>) -> Option<i64> {
    let counted = [
        "apps",
        "batch",
        "apiextensions.k8s.io",
        "networking.k8s.io",
        "policy",
        "admissionregistration.k8s.io",
    ];
    if !kind.custom && !counted.contains(&kind.group.as_str()) {
        return None;
    }
    let Some(old) = old else { return Some(1) };
    let wish = |object: &Value| {
        let mut object = object.clone();
        for other in ["metadata", "status"] {
            object.as_object_mut().map(|map| map.shift_remove(other));
        }
        object
    };
    let before = old["metadata"]["generation"].as_i64().unwrap_or(1);
    Some(if wish(object) == wish(old) { before } else { before + 1 })
}

/// What a controller in this process writes: object and status at once.
pub(super) fn upsert(state: &mut State, manager: &str, object: Value) -> Result<Value, Refusal> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let kind =
        state.kind(&text(&object["apiVersion"]), &text(&object["kind"])).ok_or_else(failure::unknown)?;
    let (namespace, name) = (text(&object["metadata"]["namespace"]), text(&object["metadata"]["name"]));
    let namespace = Some(namespace.as_str()).filter(|namespace| !namespace.is_empty());
    let writer = Writer { manager, subresource: "" };
    let write = Write { kind: &kind, namespace, name: &name, writer, dry_run: false };
    let status = object["status"].clone();
    let there = write.old(state).is_some();
    let stored = if there { write.replace(state, object)? } else { write.create(state, object)? };
    if status.is_null() || !kind.status {
        return Ok(stored);
    }
    let write = Write { writer: Writer { manager, subresource: "status" }, ..write };
    write.replace_status(state, &status)
}

/// The status alone.
pub(super) fn set_status(
    state: &mut State,
    manager: &str,
    object: &ObjectRef,
    status: &Value,
) -> Result<Value, Refusal> {
    let kind = state.kind(&object.api_version, &object.kind).ok_or_else(failure::unknown)?;
    let writer = Writer { manager, subresource: "status" };
    let write = Write {
        kind: &kind,
        namespace: object.namespace.as_deref(),
        name: &object.name,
        writer,
        dry_run: false,
    };
    write.replace_status(state, status)
}
