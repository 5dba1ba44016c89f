//! Objects of any kind: read, listed, applied, patched, deleted.

use std::fmt;

use http::Method;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::discovery::Resource;
use super::wire::{Ask, Deed};
use super::{Cluster, Error};
use crate::remote::Cause;

/// JSON is YAML, so the body of an apply may be JSON under this name.
pub(super) const APPLY: &str = "application/apply-patch+yaml";
/// RFC 7386.
pub(super) const MERGE: &str = "application/merge-patch+json";
/// An object without its content, `PartialObjectMetadata`.
const META: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
/// How many objects one page of a list holds.
pub(super) const PAGE: &str = "500";

/// Names one object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectRef {
    /// For example `v1` or `apps/v1`.
    pub api_version: String,
    /// For example `Namespace`.
    pub kind: String,
    /// Absent for objects of the whole cluster.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

impl fmt::Display for ObjectRef {
    /// ``Secret `flux-system/github-deploy-key` ``.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{} `{namespace}/{}`", self.kind, self.name),
            None => write!(f, "{} `{}`", self.kind, self.name),
        }
    }
}

/// How to apply.
#[derive(Debug, Clone, Copy)]
pub struct Apply<'a> {
    /// The field manager.
    pub manager: &'a str,
    /// Whether fields of other managers are taken over.
    pub force: bool,
    /// Whether the API server only says what would be.
    pub dry_run: bool,
}

impl Apply<'_> {
    pub(super) fn query(&self) -> Vec<(&str, &str)> {
        let mut query =
            vec![("fieldManager", self.manager), ("force", if self.force { "true" } else { "false" })];
        if self.dry_run {
            query.push(("dryRun", "All"));
        }
        query
    }
}

/// A page of a list.
#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    metadata: PageMeta,
    items: Vec<Value>,
}

#[derive(Deserialize, Default)]
pub(super) struct PageMeta {
    #[serde(default, rename = "continue")]
    pub(super) next: Option<String>,
}

impl Cluster {
    /// The object, or nothing where it or its kind does not exist.
    ///
    /// # Errors
    /// A refusal, or an API server that cannot be reached.
    pub async fn get(&self, object: &ObjectRef) -> Result<Option<Value>, Error> {
        let Some((path, deed)) = self.find(object, "read", "get").await? else { return Ok(None) };
        self.json_if_found(Ask::new(Method::GET, path), &deed).await
    }

    /// Whether the object exists. Its content stays where it is: right for Secrets.
    ///
    /// # Errors
    /// A refusal, or an API server that cannot be reached.
    pub async fn exists(&self, object: &ObjectRef) -> Result<bool, Error> {
        let Some((path, deed)) = self.find(object, "look for", "get").await? else { return Ok(false) };
        let found: Option<IgnoredAny> =
            self.json_if_found(Ask::new(Method::GET, path).accept(META), &deed).await?;
        Ok(found.is_some())
    }

    /// The objects of a kind in a namespace, or in all; nothing where the kind does not exist.
    ///
    /// # Errors
    /// A refusal, or an API server that cannot be reached.
    pub async fn list(
        &self,
        api_version: &str,
        kind: &str,
        namespace: Option<&str>,
    ) -> Result<Vec<Value>, Error> {
        let Some(resource) = self.resource(api_version, kind).await? else { return Ok(Vec::new()) };
        let deed = Deed::new(format!("list objects of kind {kind}"), "list", &resource.plural, namespace);
        let path = resource.path(namespace, "");
        let (mut objects, mut next) = (Vec::new(), String::new());
        loop {
            let mut query = vec![("limit", PAGE)];
            query.extend((!next.is_empty()).then_some(("continue", next.as_str())));
            let ask = Ask::new(Method::GET, &path).query(&query);
            let Some(page) = self.json_if_found::<Page>(ask, &deed).await? else { return Ok(objects) };
            // The API leaves out in a list what is the same for all.
            objects.extend(page.items.into_iter().map(|mut object| {
                object["apiVersion"] = api_version.into();
                object["kind"] = kind.into();
                object
            }));
            match page.metadata.next.filter(|next| !next.is_empty()) {
                Some(more) => next = more,
                None => return Ok(objects),
            }
        }
    }

    /// Server-side apply of one object; the namespace is dropped or defaulted by the kind's scope.
    ///
    /// # Errors
    /// [`Cause::NotFound`] where the kind or the namespace does not exist, [`Cause::Conflict`] with managers
    /// and fields where others own them and `how` does not force, other refusals.
    pub async fn apply(&self, object: &Value, how: Apply<'_>) -> Result<Value, Error> {
        let mut object = object.clone();
        let mut named = reference(&object)?;
        let resource = self.known(&named, "apply").await?;
        named.namespace = self.settle(&resource, named.namespace);
        if let Some(metadata) = object["metadata"].as_object_mut() {
            metadata.shift_remove("managedFields");
            match &named.namespace {
                Some(namespace) => drop(metadata.insert("namespace".into(), json!(namespace))),
                None => drop(metadata.shift_remove("namespace")),
            }
        }
        let deed = deed(&named, &resource, "apply", "patch");
        let ask = Ask::new(Method::PATCH, path_of(&resource, &named, &deed)?);
        self.json(ask.query(&how.query()).json(APPLY, &object), &deed).await
    }

    /// Changes an object by a JSON merge patch (RFC 7386), in the name of `sealstrap`.
    ///
    /// # Errors
    /// [`Cause::NotFound`] where it does not exist, [`Cause::Conflict`] where the patch names another
    /// `resourceVersion`, other refusals.
    pub async fn merge_patch(&self, object: &ObjectRef, patch: &Value) -> Result<Value, Error> {
        let resource = self.known(object, "patch").await?;
        let deed = deed(object, &resource, "patch", "patch");
        let ask = Ask::new(Method::PATCH, path_of(&resource, object, &deed)?);
        self.json(ask.query(&[("fieldManager", "sealstrap")]).json(MERGE, patch), &deed).await
    }

    /// Deletes an object, and in the background what it owns; absent is fine.
    ///
    /// # Errors
    /// A refusal, or an API server that cannot be reached.
    pub async fn delete(&self, object: &ObjectRef) -> Result<(), Error> {
        let Some((path, deed)) = self.find(object, "delete", "delete").await? else { return Ok(()) };
        let options = json!({"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"});
        let ask = Ask::new(Method::DELETE, path).json("application/json", &options);
        self.json_if_found::<IgnoredAny>(ask, &deed).await.map(drop)
    }

    /// The path of an object and the words for what is done to it; nothing where its kind is unknown.
    async fn find(
        &self,
        object: &ObjectRef,
        action: &str,
        verb: &'static str,
    ) -> Result<Option<(String, Deed)>, Error> {
        let Some(resource) = self.resource(&object.api_version, &object.kind).await? else { return Ok(None) };
        let deed = deed(object, &resource, action, verb);
        let mut object = object.clone();
        object.namespace = self.settle(&resource, object.namespace);
        Ok(Some((path_of(&resource, &object, &deed)?, deed)))
    }

    async fn known(&self, object: &ObjectRef, action: &str) -> Result<Resource, Error> {
        let ObjectRef { api_version, kind, .. } = object;
        self.resource(api_version, kind).await?.ok_or_else(|| {
            let why = format!("the API server does not know the kind {kind} of `{api_version}`");
            Error::new(format!("{action} {object}"), Cause::NotFound(why))
                .hint("apply its CustomResourceDefinition first")
        })
    }

    fn settle(&self, resource: &Resource, namespace: Option<String>) -> Option<String> {
        let namespace = namespace.filter(|namespace| !namespace.is_empty());
        resource.namespaced.then(|| namespace.unwrap_or_else(|| self.default_namespace.clone()))
    }
}

fn deed(object: &ObjectRef, resource: &Resource, action: &str, verb: &'static str) -> Deed {
    let namespace = object.namespace.as_deref().filter(|_| resource.namespaced);
    Deed::new(format!("{action} {object}"), verb, &resource.plural, namespace)
}

/// The path of an object.
fn path_of(resource: &Resource, object: &ObjectRef, deed: &Deed) -> Result<String, Error> {
    check_names(object.namespace.as_deref(), &object.name, deed)?;
    Ok(resource.path(object.namespace.as_deref(), &object.name))
}

/// Refuses names that would make a path another one, before they are sent.
pub(super) fn check_names(namespace: Option<&str>, name: &str, deed: &Deed) -> Result<(), Error> {
    let plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.contains(|c: char| !c.is_ascii_graphic() || "/%?#\\".contains(c))
    };
    if plain(name) && namespace.is_none_or(plain) {
        return Ok(());
    }
    Err(deed.error(Cause::Invalid("its name or namespace is none that Kubernetes would take".into())))
}

fn reference(object: &Value) -> Result<ObjectRef, Error> {
    let text = |pointer: &str| {
        object.pointer(pointer).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| {
            let why = format!("it has no `{}`", pointer[1..].replace('/', "."));
            Error::new("apply an object", Cause::Invalid(why))
        })
    };
    Ok(ObjectRef {
        api_version: text("/apiVersion")?,
        kind: text("/kind")?,
        namespace: text("/metadata/namespace").ok(),
        name: text("/metadata/name")?,
    })
}
