//! From a request to what answers it.

use http::Method;
use serde_json::Value;

use super::apply::Writer;
use super::failure::{self, Refusal};
use super::kinds::Kind;
use super::write::{PatchKind, Write};
use super::{Kubernetes, discovery, openapi, protobuf, proxy, read};
use crate::sandbox::server::{Reply, Request};

/// What a path names.
struct Target<'a> {
    kind: Kind,
    namespace: Option<&'a str>,
    name: &'a str,
    subresource: &'a str,
}

/// Answers a request of somebody who was let in.
pub(super) fn answer(cluster: &Kubernetes, request: &Request) -> Result<Reply, Refusal> {
    let segments = request.segments();
    let ok = |body: Value| Ok(Reply::json(200, body));
    match segments.as_slice() {
        ["healthz" | "livez" | "readyz"] => ok("ok".into()),
        ["version"] => ok(discovery::version()),
        ["api"] => ok(discovery::core_versions()),
        ["apis"] => ok(discovery::groups(&cluster.state())),
        ["apis", group] => ok(discovery::group(&cluster.state(), group)?),
        ["api", version] => ok(discovery::resources(&cluster.state(), "", version)?),
        ["apis", group, version] => ok(discovery::resources(&cluster.state(), group, version)?),
        ["openapi", "v3"] => ok(openapi::index(&cluster.state())),
        ["openapi", "v3", rest @ ..] => ok(openapi::document(&cluster.state(), &rest.join("/"))),
        ["api", "v1", "namespaces", namespace, "services", target, "proxy", rest @ ..] => {
            proxy::answer(cluster, request, namespace, target, rest)
        }
        ["api", "v1", "namespaces", namespace, "serviceaccounts", name, "token"] => {
            account_token(cluster, request, namespace, name)
        }
        ["api", version, rest @ ..] => resource(cluster, request, "", version, rest),
        ["apis", group, version, rest @ ..] => resource(cluster, request, group, version, rest),
        _ => Err(failure::nowhere()),
    }
}

fn resource(
    cluster: &Kubernetes,
    request: &Request,
    group: &str,
    version: &str,
    rest: &[&str],
) -> Result<Reply, Refusal> {
    let target =
        target(cluster, group, version, rest).ok_or_else(|| discovery::missing(&cluster.state(), group))?;
    if target.kind.kind.ends_with("SubjectAccessReview") {
        return review(cluster, request);
    }
    let verb = verb(request, &target).ok_or_else(failure::no_method)?;
    // An apply of what is not there needs the right to create it too.
    if cluster.is_denied(verb, &target.kind.plural) {
        return Err(failure::forbidden(&target.kind, verb, target.namespace, target.name));
    }
    match verb {
        "get" => read::get(&cluster.state(), &target.kind, target.namespace, target.name, request),
        "list" | "watch" => read::list(&cluster.state(), &target.kind, target.namespace, request),
        "create" => create(cluster, request, &target),
        _ => change(cluster, request, &target, verb),
    }
}

fn target<'a>(cluster: &Kubernetes, group: &str, version: &str, rest: &[&'a str]) -> Option<Target<'a>> {
    let (namespace, rest) = match rest {
        // `namespaces/NAME/status` is about the namespace, `namespaces/NAME/secrets` about what lies in it.
        ["namespaces", _, "status" | "finalize"] => (None, rest),
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (Some(*namespace), rest),
        rest => (None, rest),
    };
    let (plural, name, subresource) = match rest {
        [plural] => (*plural, "", ""),
        [plural, name] => (*plural, *name, ""),
        [plural, name, subresource] => (*plural, *name, *subresource),
        _ => return None,
    };
    let kind = cluster.state().resource(group, version, plural)?;
    let fits = subresource.is_empty() || (subresource == "status" && kind.status);
    (fits && (kind.namespaced || namespace.is_none())).then_some(Target {
        kind,
        namespace,
        name,
        subresource,
    })
}

fn verb(request: &Request, target: &Target<'_>) -> Option<&'static str> {
    let watch = request.query.contains_key("watch");
    Some(match (&request.method, target.name.is_empty()) {
        (&Method::GET, true) if watch => "watch",
        (&Method::GET, true) => "list",
        (&Method::GET, false) => "get",
        (&Method::POST, true) if target.namespace.is_some() == target.kind.namespaced => "create",
        (&Method::PUT, false) => "update",
        (&Method::PATCH, false) => "patch",
        (&Method::DELETE, false) => "delete",
        (&Method::DELETE, true) => "deletecollection",
        _ => return None,
    })
}

/// A token of a service account (`TokenRequest`).
fn account_token(
    cluster: &Kubernetes,
    request: &Request,
    namespace: &str,
    name: &str,
) -> Result<Reply, Refusal> {
    if request.method != Method::POST {
        return Err(failure::no_method());
    }
    let state = cluster.state();
    let kind = state.resource("", "v1", "serviceaccounts").ok_or_else(failure::nowhere)?;
    if cluster.is_denied("create", "serviceaccounts/token") {
        return Err(failure::forbidden(&kind, "create", Some(namespace), name));
    }
    let account = super::super::account::Account::new(namespace, name, audiences(&request.json()));
    let is_there = state
        .of_kind("ServiceAccount")
        .iter()
        .any(|object| object["metadata"]["namespace"] == *namespace && object["metadata"]["name"] == *name);
    if !is_there {
        return Err(failure::not_found(&kind, name));
    }
    let mut answer = request.json();
    answer["status"] = serde_json::json!({"token": account.token()});
    Ok(Reply::json(201, answer))
}

fn audiences(wish: &Value) -> Vec<String> {
    let all = wish["spec"]["audiences"].as_array().into_iter().flatten();
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn review(cluster: &Kubernetes, request: &Request) -> Result<Reply, Refusal> {
    if request.method != Method::POST {
        return Err(failure::no_method());
    }
    let mut review = request.json();
    let attributes = &review["spec"]["resourceAttributes"];
    let text = |name: &str| attributes[name].as_str().unwrap_or("*").to_owned();
    let resource = match attributes["subresource"].as_str() {
        Some(subresource) => format!("{}/{subresource}", text("resource")),
        None => text("resource"),
    };
    let denied = cluster.is_denied(&text("verb"), &resource);
    review["status"] = serde_json::json!({"allowed": !denied, "reason": ""});
    Ok(Reply::json(201, review))
}

/// Who writes: the manager that the request names, or the program that sends it.
fn manager(request: &Request) -> String {
    let agent = request.headers.get("user-agent").and_then(|value| value.to_str().ok()).unwrap_or("unknown");
    let named = request.query.get("fieldManager").map(String::as_str);
    named.unwrap_or_else(|| agent.split('/').next().unwrap_or(agent)).to_owned()
}

/// The object in a body. Truncated or unknown protobuf is refused as a media type.
fn body(request: &Request) -> Result<Value, Refusal> {
    let is_protobuf = media(request) == protobuf::MEDIA;
    let decoded = if is_protobuf { protobuf::decode(&request.body) } else { Some(request.json()) };
    decoded.ok_or_else(|| failure::no_media(protobuf::MEDIA))
}

fn media(request: &Request) -> &str {
    let media = request.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    media.split(';').next().unwrap_or_default().trim()
}

fn create(cluster: &Kubernetes, request: &Request, target: &Target<'_>) -> Result<Reply, Refusal> {
    let object = body(request)?;
    let mut state = cluster.state();
    let name = match (object["metadata"]["name"].as_str(), object["metadata"]["generateName"].as_str()) {
        (Some(name), _) => name.to_owned(),
        (None, Some(start)) => format!("{start}{:05x}", state.revision + 1),
        (None, None) => {
            let why = "Required value: name or generateName is required";
            return Err(failure::invalid(&target.kind, "", "metadata.name", "FieldValueRequired", why));
        }
    };
    let manager = manager(request);
    let write = Write {
        kind: &target.kind,
        namespace: target.namespace,
        name: &name,
        writer: Writer { manager: &manager, subresource: "" },
        dry_run: request.query.contains_key("dryRun"),
    };
    Ok(Reply::json(201, write.create(&mut state, object)?))
}

fn change(
    cluster: &Kubernetes,
    request: &Request,
    target: &Target<'_>,
    verb: &str,
) -> Result<Reply, Refusal> {
    let manager = manager(request);
    let mut state = cluster.state();
    let write = |name| Write {
        kind: &target.kind,
        namespace: target.namespace,
        name,
        writer: Writer { manager: &manager, subresource: target.subresource },
        dry_run: request.query.contains_key("dryRun"),
    };
    let one = write(target.name);
    match verb {
        "update" => Ok(Reply::json(200, one.replace(&mut state, body(request)?)?)),
        "delete" => Ok(Reply::json(200, one.delete(&mut state, &request.json())?)),
        "patch" => {
            let created = one.old(&state).is_none();
            let patched = one.patch(&mut state, &request.json(), patch_kind(request)?)?;
            Ok(Reply::json(if created { 201 } else { 200 }, patched))
        }
        _ => {
            let fits = |object: &&Value| {
                object["kind"] == *target.kind.kind
                    && target.namespace.is_none_or(|namespace| object["metadata"]["namespace"] == namespace)
            };
            let name = |object: &Value| object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
            let names: Vec<String> = state.objects.values().filter(fits).map(name).collect();
            for name in &names {
                write(name).delete(&mut state, &Value::Null)?;
            }
            Ok(Reply::json(
                200,
                serde_json::json!({"kind": "Status", "apiVersion": "v1", "status": "Success"}),
            ))
        }
    }
}

fn patch_kind(request: &Request) -> Result<PatchKind, Refusal> {
    let force = request.query.get("force").is_some_and(|force| force == "true");
    Ok(match media(request) {
        "application/merge-patch+json" => PatchKind::Merge,
        "application/json-patch+json" => PatchKind::Json,
        "application/strategic-merge-patch+json" => PatchKind::Strategic,
        "application/apply-patch+yaml" if request.query.contains_key("fieldManager") => {
            PatchKind::Apply { force }
        }
        "application/apply-patch+yaml" => return Err(failure::no_manager()),
        _ => return Err(failure::no_media("415")),
    })
}
