//! Getting, listing, watching.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::failure::{self, Refusal};
use super::kinds::Kind;
use super::store::{Change, Event, State, key};
use super::table;
use crate::sandbox::server::{Body, Reply, Request};

/// How a client wants objects to be shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum View {
    Whole,
    Meta,
    Table,
}

impl View {
    fn wanted(request: &Request) -> Self {
        let accept = request.headers.get("accept").and_then(|value| value.to_str().ok()).unwrap_or_default();
        // The first form that a client names is the one that it likes best.
        match accept.split(',').next().unwrap_or_default() {
            first if first.contains("as=Table") => Self::Table,
            first if first.contains("as=PartialObjectMetadata") => Self::Meta,
            _ => Self::Whole,
        }
    }

    fn one(self, kind: &Kind, object: &Value) -> Value {
        match self {
            Self::Whole => {
                let mut object = object.clone();
                object["apiVersion"] = kind.api_version().into();
                object
            }
            Self::Meta => json!({
                "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"],
            }),
            Self::Table => {
                table::of(kind, std::slice::from_ref(object), &object["metadata"]["resourceVersion"])
            }
        }
    }

    fn list(self, kind: &Kind, objects: &[Value], revision: u64) -> Value {
        let revision = Value::from(revision.to_string());
        let bare = |object: &Value| {
            let mut object = self.one(kind, object);
            if let (Self::Whole, Some(map)) = (self, object.as_object_mut()) {
                map.shift_remove("apiVersion");
                map.shift_remove("kind");
            }
            object
        };
        let (name, version) = match self {
            Self::Table => return table::of(kind, objects, &revision),
            Self::Meta => ("PartialObjectMetadataList".to_owned(), "meta.k8s.io/v1".to_owned()),
            Self::Whole => (format!("{}List", kind.kind), kind.api_version()),
        };
        let items: Vec<Value> = objects.iter().map(bare).collect();
        json!({"kind": name, "apiVersion": version, "metadata": {"resourceVersion": revision}, "items": items})
    }
}

/// Which objects are meant.
#[derive(Clone)]
struct Filter {
    kind: Kind,
    namespace: Option<String>,
    fields: Vec<(String, String)>,
    labels: Vec<(String, String)>,
}

impl Filter {
    fn new(kind: &Kind, namespace: Option<&str>, request: &Request) -> Self {
        let pairs = |name: &str| {
            let text = request.query.get(name).map(String::as_str).unwrap_or_default();
            let parts = text.split(',').filter_map(|part| part.split_once('='));
            parts.map(|(key, value)| (key.to_owned(), value.trim_start_matches('=').to_owned())).collect()
        };
        let namespace = namespace.map(str::to_owned);
        Self { kind: kind.clone(), namespace, fields: pairs("fieldSelector"), labels: pairs("labelSelector") }
    }

    fn fits(&self, object: &Value) -> bool {
        let meta = &object["metadata"];
        let group = object["apiVersion"]
            .as_str()
            .and_then(|version| version.split_once('/'))
            .map_or("", |(group, _)| group);
        let named = |(field, value): &(String, String)| {
            let found = object.pointer(&format!("/{}", field.replace('.', "/")));
            found.and_then(Value::as_str).unwrap_or_default() == value
        };
        object["kind"] == *self.kind.kind
            && group == self.kind.group
            && self.namespace.as_ref().is_none_or(|namespace| meta["namespace"] == **namespace)
            && self.fields.iter().all(named)
            && self.labels.iter().all(|(label, value)| meta["labels"][label.as_str()] == **value)
    }
}

/// One object.
pub(super) fn get(
    state: &State,
    kind: &Kind,
    namespace: Option<&str>,
    name: &str,
    request: &Request,
) -> Result<Reply, Refusal> {
    let object = state.objects.get(&key(kind, namespace, name));
    let object = object.ok_or_else(|| failure::not_found(kind, name))?;
    Ok(Reply::json(200, View::wanted(request).one(kind, object)))
}

/// All objects, or a watch over them.
pub(super) fn list(
    state: &State,
    kind: &Kind,
    namespace: Option<&str>,
    request: &Request,
) -> Result<Reply, Refusal> {
    let filter = Filter::new(kind, namespace, request);
    if request.query.get("watch").is_some_and(|watch| watch == "true" || watch == "1") {
        return Ok(watch(state, filter, request));
    }
    let objects: Vec<Value> = state.objects.values().filter(|object| filter.fits(object)).cloned().collect();
    let from = begin(request)?;
    let limit = request.query.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(0_usize);
    let rest = objects.get(from..).unwrap_or_default();
    let page = if limit == 0 { rest } else { &rest[..limit.min(rest.len())] };
    let mut list = View::wanted(request).list(kind, page, state.revision);
    let left = rest.len() - page.len();
    if left > 0 {
        let token =
            json!({"v": "meta.k8s.io/v1", "rv": state.revision, "start": (from + page.len()).to_string()});
        list["metadata"]["continue"] = URL_SAFE_NO_PAD.encode(token.to_string()).into();
        if filter.fields.is_empty() && filter.labels.is_empty() {
            list["metadata"]["remainingItemCount"] = left.into();
        }
    }
    Ok(Reply::json(200, list))
}

/// The number of the first object of a page. Real tokens name the key to go on from; clients see neither.
fn begin(request: &Request) -> Result<usize, Refusal> {
    let Some(token) = request.query.get("continue").filter(|token| !token.is_empty()) else { return Ok(0) };
    let bytes = URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
    let read = serde_json::from_slice::<Value>(&bytes).ok();
    let number = read.and_then(|token| token["start"].as_str()?.parse().ok());
    number.ok_or_else(|| {
        let first = bytes.first().copied().unwrap_or_default();
        let why = "invalid continue token: continue key is not valid: invalid character";
        failure::bad_request(&format!("{why} '\\u{first:04x}' looking for beginning of value"))
    })
}

fn watch(state: &State, filter: Filter, request: &Request) -> Reply {
    let view = View::wanted(request);
    let line = move |event: Event, object: &Value, kind: &Kind| json!({"type": event.word(), "object": view.one(kind, object)});
    let (sender, lines) = mpsc::unbounded_channel();
    let since =
        request.query.get("resourceVersion").and_then(|version| version.parse().ok()).unwrap_or(0_u64);
    let missed: Vec<Value> = if since == 0 {
        let there = state.objects.values().filter(|object| filter.fits(object));
        there.map(|object| line(Event::Added, object, &filter.kind)).collect()
    } else {
        let later = state.log.iter().filter(|change| change.revision > since && filter.fits(&change.object));
        later.map(|change| line(change.event, &change.object, &filter.kind)).collect()
    };
    for line in missed {
        drop(sender.send(line));
    }
    let mut changes = state.changes.subscribe();
    let seconds =
        request.query.get("timeoutSeconds").and_then(|seconds| seconds.parse().ok()).unwrap_or(1800);
    tokio::spawn(tokio::time::timeout(Duration::from_secs(seconds), async move {
        // A watcher that lags loses its stream, and lists anew.
        while let Ok(Change { event, object, .. }) = changes.recv().await {
            if filter.fits(&object) && sender.send(line(event, &object, &filter.kind)).is_err() {
                break;
            }
        }
    }));
    Reply { body: Body::Lines(lines), ..Reply::empty(200) }
}
