//! Services behind the proxy of the API server. One kind of service is there: a controller of sealed-secrets.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::Kubernetes;
use super::failure::{self, Refusal};
use crate::remote::cluster::ObjectRef;
use crate::sandbox::server::{Body, Reply, Request};
use crate::seal::{ACTIVE, KEY_LABEL};

/// What Deployments of the controller run.
const IMAGE: &str = "sealed-secrets";

/// Answers what is asked of a service: `http:NAME:PORT` in a namespace.
pub(super) fn answer(
    cluster: &Kubernetes,
    request: &Request,
    namespace: &str,
    target: &str,
    path: &[&str],
) -> Result<Reply, Refusal> {
    let (name, port) = match target.split(':').collect::<Vec<_>>().as_slice() {
        [name] => (*name, ""),
        [_, name, port] => (*name, *port),
        _ => return Err(failure::bad_request(&format!("invalid service request {target:?}"))),
    };
    let services = cluster
        .state()
        .resource("", "v1", "services")
        .unwrap_or_else(|| unreachable!("services are always served"));
    let verb = if request.method == http::Method::GET { "get" } else { "create" };
    if cluster.is_denied(verb, "services/proxy") {
        return Err(failure::forbidden(&services, verb, Some(namespace), name));
    }
    let reference = ObjectRef {
        api_version: "v1".into(),
        kind: "Service".into(),
        namespace: Some(namespace.to_owned()),
        name: name.to_owned(),
    };
    let service = cluster.object(&reference).ok_or_else(|| failure::not_found(&services, name))?;
    let nobody = |name: &str| failure::unavailable(format!("no endpoints available for service {name:?}"));
    if !is_controller(cluster, &service) {
        return Err(nobody(name));
    }
    let mut ports = service["spec"]["ports"].as_array().into_iter().flatten();
    if !ports.any(|found| found["name"].as_str().unwrap_or_default() == port) {
        return Err(nobody(target));
    }
    match (path, certificate(cluster, namespace)) {
        (["v1", "cert.pem"], Some(pem)) => Ok(Reply { body: Body::Text(pem.into()), ..Reply::empty(200) }),
        (["v1", "cert.pem"], None) => Err(nobody(name)),
        (["healthz"], _) => Ok(Reply { body: Body::Text("ok\n".into()), ..Reply::empty(200) }),
        _ => Err(failure::nowhere()),
    }
}

/// Whether a Deployment of the controller stands behind a Service.
fn is_controller(cluster: &Kubernetes, service: &Value) -> bool {
    let selector = service["spec"]["selector"].as_object();
    let fits = |deployment: &Value| {
        let labels = &deployment["spec"]["template"]["metadata"]["labels"];
        deployment["metadata"]["namespace"] == service["metadata"]["namespace"]
            && selector.is_some_and(|wanted| wanted.iter().all(|(key, value)| labels[key] == *value))
    };
    controllers(cluster).iter().any(fits)
}

/// The Deployments of the controller.
pub(in crate::sandbox) fn controllers(cluster: &Kubernetes) -> Vec<Value> {
    let runs = |deployment: &Value| {
        let containers = deployment["spec"]["template"]["spec"]["containers"].as_array();
        let image = |container: &Value| container["image"].as_str().unwrap_or_default().contains(IMAGE);
        containers.into_iter().flatten().any(image)
    };
    cluster.objects("Deployment").into_iter().filter(runs).collect()
}

/// The Secrets with sealing keys of a namespace.
pub(in crate::sandbox) fn keys(cluster: &Kubernetes, namespace: &str) -> Vec<Value> {
    let is_key = |secret: &Value| {
        secret["metadata"]["namespace"] == namespace && secret["metadata"]["labels"][KEY_LABEL] == ACTIVE
    };
    cluster.objects("Secret").into_iter().filter(is_key).collect()
}

/// The certificate of the newest key.
fn certificate(cluster: &Kubernetes, namespace: &str) -> Option<String> {
    let keys = keys(cluster, namespace);
    let newest = keys.iter().max_by_key(|key| key["metadata"]["creationTimestamp"].as_str())?;
    let pem = STANDARD.decode(newest["data"]["tls.crt"].as_str()?).ok()?;
    String::from_utf8(pem).ok()
}
