//! GitHub's description of its REST API (`OpenAPI` 3.0), taken from the npm package `@octokit/openapi` into the
//! rig's cache; never part of this repository.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::Exchange;

const VERSION: &str = "23.0.2";
/// SHA-256 of the package.
const DIGEST: &str = "71a18407dd5e8464f4e0525daf03deabbe65abd9287d6adc7b5d98f516cd0d0c";
const MEMBER: &str = "package/generated/api.github.com.json";

/// Refusals that the description leaves out of most operations and that GitHub gives everywhere: its page
/// "Troubleshooting the REST API" has them (bad credentials, missing rights, what is hidden, rate limits).
const EVERYWHERE: [&str; 4] = ["401", "403", "404", "429"];

/// The description.
pub(super) struct Description(Value);

impl Description {
    /// Reads it from the cache, or fetches it by npm.
    pub(super) fn fetch() -> Self {
        let folder = cache();
        let package = folder.join(format!("octokit-openapi-{VERSION}.tgz"));
        if !package.exists() {
            std::fs::create_dir_all(&folder).unwrap();
            let name = format!("@octokit/openapi@{VERSION}");
            let npm = Command::new("npm")
                .args(["pack", &name, "--pack-destination"])
                .arg(&folder)
                .output()
                .unwrap();
            assert!(npm.status.success(), "npm pack: {}", String::from_utf8_lossy(&npm.stderr));
        }
        Self(serde_json::from_slice(&member(&package)).unwrap())
    }

    /// `as described: …`, or what is not.
    pub(super) fn judge(&self, exchange: &Exchange) -> String {
        let Exchange { method, path, status, .. } = exchange;
        let Some((template, operation)) = self.operation(&method.to_lowercase(), path) else {
            return format!("not described: {method} {path}");
        };
        let about = format!("{method} {template} {status}");
        let mut wrong = self.request(exchange, operation);
        wrong.extend(self.reply(exchange, operation));
        if wrong.is_empty() {
            format!("as described: {about}")
        } else {
            format!("{about}: {}", wrong.join("; "))
        }
    }

    /// The operation whose path fits with the fewest parameters.
    fn operation(&self, method: &str, path: &str) -> Option<(&String, &Value)> {
        let wanted: Vec<&str> = path.split('/').collect();
        let is_parameter = |segment: &str| segment.starts_with('{');
        let fits = |template: &str| {
            let segments: Vec<&str> = template.split('/').collect();
            let pairs = || segments.iter().zip(&wanted);
            segments.len() == wanted.len() && pairs().all(|(one, other)| is_parameter(one) || one == other)
        };
        let paths = self.0["paths"]
            .as_object()?
            .iter()
            .filter(|(template, path)| fits(template) && path.get(method).is_some());
        let best =
            paths.min_by_key(|(template, _)| template.split('/').filter(|one| is_parameter(one)).count());
        best.map(|(template, path)| (template, &path[method]))
    }

    fn request(&self, exchange: &Exchange, operation: &Value) -> Vec<String> {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let known: BTreeSet<&str> = parameters
            .map(|parameter| self.resolve(parameter))
            .filter(|parameter| parameter["in"] == "query")
            .filter_map(|parameter| parameter["name"].as_str())
            .collect();
        let unknown = exchange.query.iter().filter(|name| !known.contains(name.as_str()));
        let mut wrong: Vec<String> =
            unknown.map(|name| format!("the parameter `{name}` is not described")).collect();
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        match (schema.is_null(), exchange.request.is_null()) {
            (true, false) => wrong.push("no body is described".into()),
            (false, false) => {
                wrong.extend(self.check("request", schema, &exchange.request));
                let known = &schema["properties"];
                let sent = exchange.request.as_object().into_iter().flatten().map(|(name, _)| name);
                let unknown = sent.filter(|name| known.is_object() && known.get(name.as_str()).is_none());
                wrong.extend(unknown.map(|name| format!("the field `{name}` is not described")));
            }
            (_, true) if operation["requestBody"]["required"] == true => {
                wrong.push("a body is missing".into());
            }
            _ => {}
        }
        wrong
    }

    fn reply(&self, exchange: &Exchange, operation: &Value) -> Vec<String> {
        let status = exchange.status.to_string();
        let response = match operation["responses"].get(&status) {
            Some(response) => self.resolve(response).clone(),
            None if EVERYWHERE.contains(&status.as_str()) => {
                json!({"content": {"application/json": {"schema": {"$ref": "#/components/schemas/basic-error"}}}})
            }
            None => return vec!["the status is not described".into()],
        };
        let schema = &response["content"]["application/json"]["schema"];
        match (schema.is_null(), exchange.reply.is_null()) {
            (true, true) => Vec::new(),
            (true, false) => vec!["the reply has a body, and none is described".into()],
            _ => self.check("reply", schema, &exchange.reply),
        }
    }

    fn check(&self, what: &str, schema: &Value, value: &Value) -> Vec<String> {
        let root = self.self_contained(schema);
        let validator =
            jsonschema::draft202012::options().should_validate_formats(true).build(&root).unwrap();
        let told = |error: jsonschema::ValidationError<'_>| {
            format!("{what} at `{}`: {error}", error.instance_path())
        };
        validator.iter_errors(value).map(told).collect()
    }

    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        let Some(reference) = value["$ref"].as_str() else { return value };
        self.0.pointer(reference.trim_start_matches('#')).unwrap()
    }

    /// A schema with all that it refers to, in the terms of JSON Schema 2020-12.
    fn self_contained(&self, schema: &Value) -> Value {
        let mut root = translated(schema);
        let mut schemas = Map::new();
        let mut wanted = references(&root);
        while let Some(name) = wanted.pop() {
            if !schemas.contains_key(&name) {
                let found = translated(&self.0["components"]["schemas"][&name]);
                wanted.extend(references(&found));
                schemas.insert(name, found);
            }
        }
        root["components"] = json!({ "schemas": schemas });
        root
    }
}

fn references(schema: &Value) -> Vec<String> {
    match schema {
        Value::Object(map) => map
            .iter()
            .flat_map(|(name, value)| match value.as_str() {
                Some(text) if name == "$ref" => {
                    text.rsplit('/').next().map(str::to_owned).into_iter().collect()
                }
                _ => references(value),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// `OpenAPI` 3.0 says `nullable` where JSON Schema has a type of its own for null; examples are left out.
fn translated(schema: &Value) -> Value {
    let Value::Object(map) = schema else {
        return match schema {
            Value::Array(items) => items.iter().map(translated).collect(),
            other => other.clone(),
        };
    };
    let kept = map.iter().filter(|(name, _)| !matches!(name.as_str(), "nullable" | "example" | "examples"));
    let plain: Map<String, Value> = kept.map(|(name, value)| (name.clone(), translated(value))).collect();
    if map.get("nullable") == Some(&Value::Bool(true)) {
        return json!({"anyOf": [plain, {"type": "null"}]});
    }
    Value::Object(plain)
}

fn cache() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").expect("a home")).join(".cache");
    std::env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from).join("sealstrap-rig/npm")
}

/// The description's bytes, once the package is the one that is meant.
fn member(package: &Path) -> Vec<u8> {
    let bytes = std::fs::read(package).unwrap();
    let digest = base16ct::lower::encode_string(&Sha256::digest(&bytes));
    assert_eq!(digest, DIGEST, "{} is another package", package.display());
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(bytes.as_slice()));
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        if entry.path().unwrap() == Path::new(MEMBER) {
            let mut text = Vec::new();
            entry.read_to_end(&mut text).unwrap();
            return text;
        }
    }
    panic!("{} has no {MEMBER}", package.display())
}
