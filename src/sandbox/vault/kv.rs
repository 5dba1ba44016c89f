//! KV engines of both versions.

use std::collections::BTreeMap;

use http::Method;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::server::{Reply, Request};
use super::access::Operation;
use super::{State, absent, data, done, envelope, refusal};

/// A KV engine.
pub(super) struct Engine {
    version: u8,
    /// Whether it was mounted with its version named.
    named: bool,
    secrets: BTreeMap<String, Entry>,
}

struct Entry {
    made: String,
    versions: BTreeMap<u64, Version>,
    current: u64,
    custom: BTreeMap<String, String>,
    cas_required: bool,
}

impl Default for Entry {
    fn default() -> Self {
        Self {
            made: Timestamp::now().to_string(),
            versions: BTreeMap::new(),
            current: 0,
            custom: BTreeMap::new(),
            cas_required: false,
        }
    }
}

struct Version {
    values: Map<String, Value>,
    created: String,
    deleted: String,
    destroyed: bool,
}

impl Version {
    fn metadata(&self, number: u64, custom: &BTreeMap<String, String>) -> Value {
        json!({
            "version": number, "created_time": self.created, "deletion_time": self.deleted,
            "destroyed": self.destroyed, "custom_metadata": if custom.is_empty() { Value::Null } else { json!(custom) },
        })
    }

    fn is_gone(&self) -> bool {
        self.destroyed || !self.deleted.is_empty()
    }
}

impl Engine {
    pub(super) fn new(version: u8) -> Self {
        Self { version, named: version == 2, secrets: BTreeMap::new() }
    }

    pub(super) fn mounted_with(self, version_named: bool) -> Self {
        Self { named: version_named || self.named, ..self }
    }

    /// The options of its mount; a version 1 engine that was mounted without any has none.
    pub(super) fn options(&self) -> Value {
        if self.named { json!({ "version": self.version.to_string() }) } else { Value::Null }
    }

    pub(super) fn newest(&self, path: &str) -> Option<&Map<String, Value>> {
        let entry = self.secrets.get(path)?;
        entry.versions.get(&entry.current).filter(|version| !version.is_gone()).map(|version| &version.values)
    }

    /// The newest values of all secrets that have some.
    pub(super) fn all(&self) -> impl Iterator<Item = (&String, &Map<String, Value>)> {
        self.secrets.keys().filter_map(|path| Some((path, self.newest(path)?)))
    }

    pub(super) fn current(&self, path: &str) -> u64 {
        self.secrets.get(path).map_or(0, |entry| entry.current)
    }

    pub(super) fn metadata(&mut self, path: &str) -> &mut BTreeMap<String, String> {
        &mut self.secrets.entry(path.to_owned()).or_default().custom
    }

    pub(super) fn put(&mut self, path: &str, values: Map<String, Value>) {
        let entry = self.secrets.entry(path.to_owned()).or_default();
        entry.current += 1;
        let created = Timestamp::now().to_string();
        let version = Version { values, created, deleted: String::new(), destroyed: false };
        entry.versions.insert(entry.current, version);
    }

    pub(super) fn delete(&mut self, path: &str) {
        let Some(entry) = self.secrets.get_mut(path) else { return };
        if let Some(version) = entry.versions.get_mut(&entry.current) {
            version.deleted = Timestamp::now().to_string();
        }
    }

    /// Whether a write there would create; `rest` is the path below the mount, as the API names it.
    pub(super) fn is_new(&self, rest: &str) -> bool {
        let path = rest.strip_prefix("data/").or_else(|| rest.strip_prefix("metadata/"));
        match self.version {
            1 => !self.secrets.contains_key(rest),
            _ => path.is_some_and(|path| !self.secrets.contains_key(path)),
        }
    }

    fn names(&self, folder: &str) -> Reply {
        let folder =
            if folder.is_empty() { String::new() } else { format!("{}/", folder.trim_end_matches('/')) };
        let name = |path: &String| {
            let rest = path.strip_prefix(&folder)?;
            Some(rest.split_once('/').map_or_else(|| rest.to_owned(), |(first, _)| format!("{first}/")))
        };
        let names: std::collections::BTreeSet<_> = self.secrets.keys().filter_map(name).collect();
        if names.is_empty() { absent() } else { data(&json!({ "keys": names })) }
    }

    fn read(&self, path: &str, version: Option<u64>) -> Reply {
        let Some(entry) = self.secrets.get(path) else { return absent() };
        let number = version.filter(|number| *number > 0).unwrap_or(entry.current);
        let Some(version) = entry.versions.get(&number) else { return absent() };
        let metadata = version.metadata(number, &entry.custom);
        if version.is_gone() {
            let body = json!({ "data": null, "metadata": metadata });
            return Reply::json(404, envelope(&body, &Value::Null));
        }
        data(&json!({ "data": version.values, "metadata": metadata }))
    }

    fn write(&mut self, path: &str, body: &Value) -> Reply {
        if body["data"].is_string() {
            let why = "error converting input text for field \"data\": '' expected a map, got 'string'";
            return refusal(400, why);
        }
        let Some(values) = body["data"].as_object() else { return refusal(400, "no data provided") };
        let entry = self.secrets.get(path);
        let required = entry.is_some_and(|entry| entry.cas_required);
        match body["options"].get("cas") {
            Some(cas) if cas.as_u64().is_none() => {
                return refusal(400, "error parsing check-and-set parameter");
            }
            Some(cas) if cas.as_u64() != Some(entry.map_or(0, |entry| entry.current)) => {
                return refusal(400, "check-and-set parameter did not match the current version");
            }
            None if required => return refusal(400, "check-and-set parameter required for this call"),
            _ => {}
        }
        self.put(path, values.clone());
        let entry = &self.secrets[path];
        data(&entry.versions[&entry.current].metadata(entry.current, &entry.custom))
    }

    fn metadata_request(&mut self, path: &str, operation: Operation, body: &Value) -> Reply {
        let custom = || strings(&body["custom_metadata"]);
        match (operation, self.secrets.contains_key(path)) {
            (Operation::Read, false) => return absent(),
            (Operation::Patch, false) => return Reply::empty(404),
            (Operation::Read, true) => return data(&self.secrets[path].describe()),
            (Operation::Patch, true) => {
                let gone = body["custom_metadata"].as_object().into_iter().flatten();
                let gone: Vec<&String> =
                    gone.filter(|(_, value)| value.is_null()).map(|(key, _)| key).collect();
                self.metadata(path).extend(custom());
                self.metadata(path).retain(|key, _| !gone.contains(&key));
            }
            (Operation::Delete, _) => _ = self.secrets.remove(path),
            _ if body.get("custom_metadata").is_some() => *self.metadata(path) = custom(),
            _ => {}
        }
        if let Some(required) = body["cas_required"].as_bool() {
            self.secrets.entry(path.to_owned()).or_default().cas_required = required;
        }
        done()
    }

    fn destroy(&mut self, path: &str, body: &Value, then: impl Fn(&mut Version)) -> Reply {
        let numbers = body["versions"].as_array().cloned().unwrap_or_default();
        if let Some(entry) = self.secrets.get_mut(path) {
            for number in numbers.iter().filter_map(Value::as_u64) {
                entry.versions.get_mut(&number).into_iter().for_each(&then);
            }
        }
        done()
    }

    fn v1(&mut self, path: &str, operation: Operation, body: &Value) -> Reply {
        match operation {
            Operation::List => return self.names(path),
            Operation::Read => {
                let Some(values) = self.newest(path) else { return absent() };
                let mut body = envelope(&json!(values), &Value::Null);
                // 32 days: how long a reader may keep it, by the mount's default.
                body["lease_duration"] = json!(2_764_800);
                return Reply::json(200, body);
            }
            Operation::Delete => _ = self.secrets.remove(path),
            _ => match body.as_object() {
                Some(values) if !values.is_empty() => self.put(path, values.clone()),
                _ => return refusal(400, "missing data fields"),
            },
        }
        done()
    }

    fn v2(&mut self, request: &Request, rest: &str, operation: Operation, body: &Value) -> Reply {
        let (part, path) = rest.split_once('/').unwrap_or((rest, ""));
        match (part, operation) {
            ("data", Operation::Read) => {
                self.read(path, request.query.get("version").and_then(|number| number.parse().ok()))
            }
            ("data", Operation::Create | Operation::Update) => self.write(path, body),
            ("data", Operation::Delete) => {
                self.delete(path);
                done()
            }
            ("metadata", Operation::List) => self.names(path),
            ("metadata", Operation::Patch) if !is_merge_patch(request) => {
                refusal(415, "unsupported content type")
            }
            ("metadata", operation) => self.metadata_request(path, operation, body),
            ("destroy", Operation::Update) => self.destroy(path, body, |version| {
                version.destroyed = true;
                version.values = Map::new();
            }),
            ("delete", Operation::Update) => {
                self.destroy(path, body, |version| version.deleted = Timestamp::now().to_string())
            }
            ("undelete", Operation::Update) => self.destroy(path, body, |version| version.deleted.clear()),
            _ => unversioned(operation),
        }
    }
}

/// What a version 1 call on a version 2 engine gets.
fn unversioned(operation: Operation) -> Reply {
    let command = match operation {
        Operation::Read => "get",
        Operation::List => "list",
        Operation::Delete => "delete",
        Operation::Create | Operation::Update | Operation::Patch => "put",
    };
    let warning = format!(
        "Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints to use. If using the Vault CLI, use 'vault kv {command}' for this operation."
    );
    let mut body = envelope(&Value::Null, &Value::Null);
    body["warnings"] = json!([warning]);
    Reply::json(404, body)
}

fn is_merge_patch(request: &Request) -> bool {
    request.method != Method::PATCH
        || request.headers.get("content-type").is_some_and(|value| value == "application/merge-patch+json")
}

impl Entry {
    fn describe(&self) -> Value {
        let versions: Map<_, _> = self
            .versions
            .iter()
            .map(|(number, version)| {
                let one = json!({
                    "created_time": version.created, "deletion_time": version.deleted, "destroyed": version.destroyed,
                });
                (number.to_string(), one)
            })
            .collect();
        let newest =
            self.versions.values().last().map_or_else(|| self.made.clone(), |one| one.created.clone());
        json!({
            "created_time": self.made, "updated_time": newest,
            "versions": versions, "current_version": self.current, "oldest_version": 0, "max_versions": 0,
            "cas_required": self.cas_required, "delete_version_after": "0s",
            "custom_metadata": if self.custom.is_empty() { Value::Null } else { json!(self.custom) },
        })
    }
}

fn strings(value: &Value) -> BTreeMap<String, String> {
    let all = value.as_object().into_iter().flatten();
    all.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

impl State {
    pub(super) fn secrets(
        &mut self,
        request: &Request,
        path: &str,
        operation: Operation,
        body: &Value,
    ) -> Reply {
        let Some((_, rest, engine)) = self.engine(path) else {
            return refusal(404, &format!("no handler for route \"{path}\". route entry not found."));
        };
        match engine.version {
            1 => engine.v1(&rest, operation, body),
            _ => engine.v2(request, &rest, operation, body),
        }
    }
}
