//! Flux: an instance that sets up its sync, sources that are Ready once their Secret is there, Receivers that
//! get their path.

use serde_json::{Value, json};

use super::status::{Verdict, find_condition, is_ready, named, secret_key, tell, text};
use crate::plain::Plain;
use crate::sandbox::kubernetes::Kubernetes;

const SOURCE: &str = "source.toolkit.fluxcd.io/v1";
const KUSTOMIZE: &str = "kustomize.toolkit.fluxcd.io/v1";
/// The revision that every source has.
const REVISION: &str = "refs/heads/main@sha1:5ea1574205ea1574205ea1574205ea1574205ea1";

/// Makes instances, sources, Kustomizations and Receivers Ready where they have what they need.
pub(super) fn react(cluster: &Kubernetes) {
    for object in cluster.objects("FluxInstance") {
        set_up_sync(cluster, &object);
    }
    for object in cluster.objects("GitRepository") {
        tell(cluster, "source-controller", &object, &source(cluster, &object), &artifact(&object));
    }
    let kustomizations = cluster.objects("Kustomization");
    for object in kustomizations.iter().filter(|object| object["apiVersion"] == KUSTOMIZE) {
        let more =
            observed(object, json!({"lastAppliedRevision": REVISION, "lastAttemptedRevision": REVISION}));
        tell(cluster, "kustomize-controller", object, &kustomization(cluster, object), &more);
    }
    for object in cluster.objects("FluxInstance") {
        let more = observed(&object, json!({"lastAppliedRevision": REVISION}));
        tell(cluster, "flux-operator", &object, &instance(cluster, &object), &more);
    }
    for object in cluster.objects("Receiver") {
        receiver(cluster, &object);
    }
}

/// With what every Flux controller says: the generation, and the request to act now, that it has seen.
fn observed(object: &Value, mut more: Value) -> Value {
    more["observedGeneration"] = object["metadata"]["generation"].clone();
    let asked = &object["metadata"]["annotations"]["reconcile.fluxcd.io/requestedAt"];
    if !asked.is_null() {
        more["lastHandledReconcileAt"] = asked.clone();
    }
    more
}

/// The source and the Kustomization that an instance's `sync` asks for, where their kinds are known.
fn set_up_sync(cluster: &Kubernetes, object: &Value) {
    let sync = &object["spec"]["sync"];
    if sync.is_null() {
        return;
    }
    let namespace = text(&object["metadata"]["namespace"]);
    let name = sync["name"].as_str().unwrap_or(&namespace);
    let meta = json!({"name": name, "namespace": namespace});
    let interval = sync["interval"].as_str().unwrap_or("1m");
    let mut source = json!({
        "apiVersion": SOURCE, "kind": "GitRepository", "metadata": meta,
        "spec": {"interval": interval, "url": sync["url"], "ref": {"name": sync["ref"]}},
    });
    if let Some(secret) = sync["pullSecret"].as_str() {
        source["spec"]["secretRef"] = json!({ "name": secret });
    }
    let kustomization = json!({
        "apiVersion": KUSTOMIZE, "kind": "Kustomization", "metadata": meta,
        "spec": {
            "interval": "10m", "path": sync["path"], "prune": true,
            "sourceRef": {"kind": "GitRepository", "name": name},
        },
    });
    for wanted in [source, kustomization] {
        adopt(cluster, &wanted);
    }
}

/// Writes what is wanted over what is there, keeping annotations and labels of others.
fn adopt(cluster: &Kubernetes, wanted: &Value) {
    let there = cluster.object(&super::status::reference(wanted));
    let object = there.map_or(wanted.clone(), |mut there| {
        there["spec"] = wanted["spec"].clone();
        there
    });
    cluster.upsert_as("flux-operator", object);
}

fn instance(cluster: &Kubernetes, object: &Value) -> Verdict {
    let sync = &object["spec"]["sync"];
    let namespace = text(&object["metadata"]["namespace"]);
    let name = sync["name"].as_str().unwrap_or(&namespace);
    let waits = |message: String| Verdict { status: "Unknown", reason: "Progressing", message };
    if sync.is_null() {
        return Verdict::ready("ReconciliationSucceeded", "Reconciliation finished");
    }
    for (version, kind) in [(SOURCE, "GitRepository"), (KUSTOMIZE, "Kustomization")] {
        let Some(part) = cluster.object(&named(version, kind, &namespace, name)) else {
            return waits(format!("{kind}/{namespace}/{name} not found"));
        };
        if !is_ready(&part) {
            let message =
                find_condition(&part, "Ready").map(|ready| text(&ready["message"])).unwrap_or_default();
            return waits(format!("{kind}/{namespace}/{name} is not ready: {message}"));
        }
    }
    Verdict::ready("ReconciliationSucceeded", "Reconciliation finished")
}

fn source(cluster: &Kubernetes, object: &Value) -> Verdict {
    let namespace = text(&object["metadata"]["namespace"]);
    let ssh = object["spec"]["url"].as_str().is_some_and(|url| url.starts_with("ssh://"));
    let wanted: &[&str] = if ssh { &["identity", "known_hosts"] } else { &[] };
    if let Some(secret) = object["spec"]["secretRef"]["name"].as_str() {
        if cluster.object(&named("v1", "Secret", &namespace, secret)).is_none() {
            let message =
                format!("failed to get secret '{namespace}/{secret}': secrets \"{secret}\" not found");
            return Verdict::failed("AuthenticationFailed", message);
        }
        for key in wanted {
            if secret_key(cluster, &namespace, secret, key).is_none_or(|value| value.is_empty()) {
                let message = format!("invalid '{key}' option: secret '{namespace}/{secret}' has no '{key}'");
                return Verdict::failed("AuthenticationFailed", message);
            }
        }
    } else if ssh {
        return Verdict::failed("AuthenticationFailed", "invalid 'ssh' auth option: 'identity' is required");
    }
    Verdict::ready("Succeeded", format!("stored artifact for revision '{REVISION}'"))
}

fn artifact(object: &Value) -> Value {
    observed(object, json!({"artifact": {"revision": REVISION}}))
}

fn kustomization(cluster: &Kubernetes, object: &Value) -> Verdict {
    let wanted = &object["spec"]["sourceRef"];
    let own = text(&object["metadata"]["namespace"]);
    let namespace = wanted["namespace"].as_str().unwrap_or(&own);
    let source = cluster.object(&named(SOURCE, &text(&wanted["kind"]), namespace, &text(&wanted["name"])));
    if source.is_some_and(|source| is_ready(&source)) {
        return Verdict::ready("ReconciliationSucceeded", format!("Applied revision: {REVISION}"));
    }
    Verdict::failed("ArtifactFailed", "Source artifact not found, retrying in 30s")
}

/// A Receiver's path is made of its token, its name and its namespace.
fn receiver(cluster: &Kubernetes, object: &Value) {
    let (namespace, name) = (text(&object["metadata"]["namespace"]), text(&object["metadata"]["name"]));
    let secret = text(&object["spec"]["secretRef"]["name"]);
    let (verdict, more) = if let Some(token) = secret_key(cluster, &namespace, &secret, "token") {
        let path = format!("/hook/{}", Plain::from(token).sha256_with(&[&name, &namespace]));
        let message = format!("Receiver initialized for path: {path}");
        (Verdict::ready("Succeeded", message), json!({ "webhookPath": path }))
    } else {
        let message = format!("unable to read token from secret '{namespace}/{secret}'");
        (Verdict::failed("TokenNotFound", message), json!({}))
    };
    tell(cluster, "notification-controller", object, &verdict, &observed(object, more));
}
