//! The Receiver of Flux, the Secret with its token, and the address under which it is reached.

use serde_json::Value;

use super::folder::{Document, Folder};
use super::{Found, Kept, Seen, external, substitute};
use crate::settings::SecretPlace;

/// The Receiver and what belongs to it.
#[derive(Debug)]
pub(super) struct Webhook {
    /// The address; not known where no route names a host.
    pub(super) url: Option<Seen<String>>,
    pub(super) receiver: Seen<String>,
    pub(super) namespace: String,
    pub(super) events: Vec<String>,
    /// Where the token is kept, where an ExternalSecret says it.
    pub(super) token: Option<Seen<Kept>>,
}

pub(super) fn look(folder: &Folder, found: &mut Found) {
    let Some(receiver) = folder.all("notification.toolkit.fluxcd.io", "Receiver").next() else { return };
    let Some(name) = receiver.name() else { return };
    let namespace = folder.namespace_of(receiver).unwrap_or_else(|| "flux-system".into());
    // A ping is sent at registration whatever the list says.
    let events =
        receiver.list("/spec/events").iter().filter_map(Value::as_str).filter(|event| *event != "ping");
    let token = token(folder, receiver, &namespace, found);
    found.webhook = Some(Webhook {
        url: url(folder),
        receiver: Seen::in_file(name.to_owned(), &receiver.file),
        namespace,
        events: events.map(str::to_owned).collect(),
        token,
    });
}

fn token(folder: &Folder, receiver: &Document, namespace: &str, found: &mut Found) -> Option<Seen<Kept>> {
    let (external, path, key) = kept(folder, receiver)?;
    let mount = found.vault.mount.as_ref().map(|mount| mount.value.as_str());
    let path = external::below_mount(&path, mount);
    let prefix = found.vault.prefix.as_ref().map_or("k8s", |prefix| prefix.value.as_str());
    let Some(rest) = external::below_folder(path, prefix) else {
        found
            .notes
            .push(format!("the webhook's token is kept at `{path}`, outside `{prefix}`: set it by hand."));
        return None;
    };
    let secret = SecretPlace::new(namespace, receiver.text("/spec/secretRef/name")?, "token");
    Some(Seen::in_file(Kept { vault: rest.to_owned(), key, secret }, &external.file))
}

/// The path at which the token of the first Receiver is kept, as its ExternalSecret names it.
pub(super) fn token_path(folder: &Folder) -> Option<String> {
    let receiver = folder.all("notification.toolkit.fluxcd.io", "Receiver").next()?;
    kept(folder, receiver).map(|(_, path, _)| path)
}

/// The ExternalSecret that makes a Receiver's Secret, the path it reads and the key there.
fn kept<'f>(folder: &'f Folder, receiver: &Document) -> Option<(&'f Document, String, String)> {
    let secret = receiver.text("/spec/secretRef/name")?;
    let external = folder
        .all("external-secrets.io", "ExternalSecret")
        .find(|document| external::target(document) == Some(secret))?;
    let reads = external::reads(external);
    // The Receiver reads `token`; what names no key of the Secret takes over all of them.
    let (_, path, key) = reads.iter().find(|(name, ..)| name == "token").or_else(|| reads.first())?.clone();
    Some((external, path, if key.is_empty() { "token".into() } else { key }))
}

/// The host of a route or an ingress to notification-controller's Service.
fn url(folder: &Folder) -> Option<Seen<String>> {
    let known = substitute::known(folder);
    folder.documents.iter().find_map(|document| {
        let host = host(document)?;
        let host = substitute::fill(host, &known)?;
        Some(Seen::in_file(format!("https://{host}"), &document.file))
    })
}

fn host(document: &Document) -> Option<&str> {
    /// Flux's Service in front of the Receivers.
    const SERVICE: &str = "webhook-receiver";
    let rules = document.list("/spec/rules");
    if document.is("gateway.networking.k8s.io", "HTTPRoute") {
        let leads = rules.iter().flat_map(|rule| items(rule, "backendRefs")).any(|to| to["name"] == SERVICE);
        return leads.then(|| document.list("/spec/hostnames").first().and_then(Value::as_str)).flatten();
    }
    if document.is("networking.k8s.io", "Ingress") {
        return rules.iter().find_map(|rule| {
            let paths = rule.pointer("/http/paths").and_then(Value::as_array).into_iter().flatten();
            let leads = paths
                .into_iter()
                .any(|path| path.pointer("/backend/service/name").is_some_and(|n| n == SERVICE));
            leads.then(|| rule["host"].as_str()).flatten()
        });
    }
    None
}

fn items<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value[key].as_array().into_iter().flatten()
}
