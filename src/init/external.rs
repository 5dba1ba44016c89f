//! The Vault store of External Secrets, and the ExternalSecrets that a bootstrap fills: what they read decides
//! where things are kept.

use std::collections::BTreeSet;

use serde_json::Value;

use super::folder::{Document, Folder};
use super::{Found, Kept, Seen, Store, substitute, sync, webhook};
use crate::settings::{KubernetesRole, SecretPlace, StoreKind};

const GROUP: &str = "external-secrets.io";

pub(super) fn look(folder: &Folder, found: &mut Found) {
    let key = deploy_key(folder);
    let store = store(folder, key);
    if let Some(store) = store {
        take_store(folder, store, found);
        found.manifests.push(store.file.clone());
    }
    let mount = found.vault.mount.as_ref().map(|mount| mount.value.clone());
    if let Some(key) = key {
        take_deploy_key(folder, key, mount.as_deref(), found);
        found.manifests.extend((store.is_none_or(|store| store.file != key.file)).then(|| key.file.clone()));
    }
    readable(folder, mount.as_deref(), found);
    cloudflare(folder, mount.as_deref(), found);
}

/// The path below the mount that a remote key means (External Secrets drops the mount and `data/`).
pub(super) fn below_mount<'k>(key: &'k str, mount: Option<&str>) -> &'k str {
    let key = key.trim_matches('/');
    let own = mount.and_then(|mount| key.strip_prefix(mount)?.strip_prefix('/')).unwrap_or(key);
    own.strip_prefix("data/").unwrap_or(own)
}

/// What an ExternalSecret reads: `(key in the Secret, path, key at the path)`.
pub(super) fn reads(document: &Document) -> Vec<(String, String, String)> {
    let single = document.list("/spec/data").iter().filter_map(|entry| {
        let text = |pointer: &str| entry.pointer(pointer).and_then(Value::as_str);
        let (name, path) = (text("/secretKey")?, text("/remoteRef/key")?);
        Some((name.to_owned(), path.to_owned(), text("/remoteRef/property").unwrap_or(name).to_owned()))
    });
    let paths =
        document.list("/spec/dataFrom").iter().filter_map(|entry| entry.pointer("/extract/key")?.as_str());
    let template = document.value.pointer("/spec/target/template/data").and_then(Value::as_object);
    let whole = paths.flat_map(|path| {
        let all = vec![(String::new(), path.to_owned(), String::new())];
        let named = template.into_iter().flatten().filter_map(|(name, text)| {
            Some((name.clone(), path.to_owned(), variable_of(text.as_str()?)?.to_owned()))
        });
        all.into_iter().chain(named).collect::<Vec<_>>()
    });
    single.chain(whole).collect()
}

/// The name in `{{ .name }}`.
fn variable_of(text: &str) -> Option<&str> {
    let inner = text.split_once("{{")?.1.split_once("}}")?.0.trim();
    let name = inner.strip_prefix('.')?;
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_').then_some(name)
}

/// The Secret that an ExternalSecret makes.
pub(super) fn target(document: &Document) -> Option<&str> {
    document.text("/spec/target/name").or_else(|| document.name())
}

fn deploy_key(folder: &Folder) -> Option<&Document> {
    let wanted = sync::pull_secret(folder);
    let holds_identity = |document: &Document| {
        reads(document).iter().any(|(name, _, key)| name == "identity" || key == "identity")
    };
    folder
        .all(GROUP, "ExternalSecret")
        .find(|document| wanted.is_some() && target(document) == wanted)
        .or_else(|| folder.all(GROUP, "ExternalSecret").find(|document| holds_identity(document)))
}

fn store<'f>(folder: &'f Folder, key: Option<&Document>) -> Option<&'f Document> {
    let wanted = key.and_then(|key| key.text("/spec/secretStoreRef/name"));
    let all = || {
        ["ClusterSecretStore", "SecretStore"]
            .into_iter()
            .flat_map(|kind| folder.all(GROUP, kind))
            .filter(|store| store.value.pointer("/spec/provider/vault").is_some())
    };
    all().find(|store| wanted.is_some() && store.name() == wanted).or_else(|| all().next())
}

fn take_store(folder: &Folder, document: &Document, found: &mut Found) {
    let vault = |pointer: &str| document.text(&format!("/spec/provider/vault{pointer}"));
    let file = &document.file;
    let kind = if document.is(GROUP, "SecretStore") {
        StoreKind::SecretStore
    } else {
        StoreKind::ClusterSecretStore
    };
    if let Some(name) = document.name() {
        let store = Store { kind, name: name.to_owned(), login: login(document) };
        found.store = Some(Seen::in_file(store, file));
    }
    found.vault.mount = vault("/path").map(|path| Seen::in_file(path.trim_matches('/').to_owned(), file));
    found.vault.kv =
        vault("/version").filter(|version| *version == "v1").map(|v1| Seen::in_file(v1.into(), file));
    let namespace = folder.namespace_of(document).unwrap_or_else(|| "external-secrets".into());
    let place = |at: &str, fallback: &str| {
        let text = |key: &str| vault(&format!("{at}/{key}"));
        let namespace = text("namespace").unwrap_or(&namespace);
        Some(Seen::in_file(SecretPlace::new(namespace, text("name")?, text("key").unwrap_or(fallback)), file))
    };
    found.vault.token_secret = place("/auth/tokenSecretRef", "token");
    found.vault.ca_secret = place("/caProvider", "ca.crt");
    if let Some(server) = vault("/server") {
        let filled = substitute::fill(server, &substitute::known(folder));
        match filled {
            Some(address) => found.vault.address = Some(Seen::in_file(address, file)),
            None => found.vault.unresolved = Some(Seen::in_file(server.to_owned(), file)),
        }
    }
}

fn login(document: &Document) -> Option<KubernetesRole> {
    let text = |key: &str| document.text(&format!("/spec/provider/vault/auth/kubernetes/{key}"));
    Some(KubernetesRole {
        mount: text("mountPath").unwrap_or("kubernetes").to_owned(),
        role: text("role")?.to_owned(),
        service_account: text("serviceAccountRef/name").unwrap_or("external-secrets").to_owned(),
        namespace: text("serviceAccountRef/namespace").unwrap_or("external-secrets").to_owned(),
    })
}

fn take_deploy_key(folder: &Folder, document: &Document, mount: Option<&str>, found: &mut Found) {
    let Some((_, key, _)) = reads(document).into_iter().next() else { return };
    let path = below_mount(&key, mount);
    let token = webhook::token_path(folder);
    let prefix = common_folder(path, token.as_deref().map(|token| below_mount(token, mount)));
    found.vault.prefix = Some(Seen::in_file(prefix.to_owned(), &document.file));
    let namespace = folder.namespace_of(document).unwrap_or_else(|| "flux-system".into());
    let secret = SecretPlace::new(&namespace, target(document).unwrap_or_default(), "identity");
    let vault = below_folder(path, prefix).unwrap_or(path).to_owned();
    found.deploy_key = Some(Seen::in_file(Kept { vault, key: "identity".into(), secret }, &document.file));
}

/// The folder that two paths share, or that of the one; empty for the mount itself.
fn common_folder<'p>(path: &'p str, other: Option<&str>) -> &'p str {
    let mut folder = path;
    while let Some((outer, _)) = folder.rsplit_once('/') {
        folder = outer;
        if other.is_none_or(|other| below_folder(other, folder).is_some()) {
            return folder;
        }
    }
    ""
}

/// The rest of a path below a folder.
pub(super) fn below_folder<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix('/') }
}

/// The folders that all ExternalSecrets of the store read: a policy for less would break the others.
fn readable(folder: &Folder, mount: Option<&str>, found: &mut Found) {
    let Some(store) = &found.store else { return };
    let folders: BTreeSet<String> = folder
        .all(GROUP, "ExternalSecret")
        .filter(|document| document.text("/spec/secretStoreRef/name") == Some(&store.value.name))
        .flat_map(reads)
        .filter_map(|(_, path, _)| {
            below_mount(&path, mount).rsplit_once('/').map(|(folder, _)| folder.to_owned())
        })
        .filter(|folder| !folder.contains(['$', '{']))
        .collect();
    let prefix = found.vault.prefix.as_ref().map(|prefix| prefix.value.as_str());
    if folders.iter().any(|folder| Some(folder.as_str()) != prefix) {
        found.vault.readable =
            Some(Seen::new(folders.into_iter().collect(), "the keys of all ExternalSecrets"));
    }
}

/// The token with which cert-manager answers DNS challenges.
fn cloudflare(folder: &Folder, mount: Option<&str>, found: &mut Found) {
    let prefix = found.vault.prefix.as_ref().map_or("", |prefix| prefix.value.as_str());
    let candidates = folder
        .all(GROUP, "ExternalSecret")
        .flat_map(|document| reads(document).into_iter().map(move |(_, path, key)| (document, path, key)));
    let mut fitting: Vec<_> = candidates
        .filter(|(_, path, key)| {
            path.contains("cloudflare") && !path.contains("tunnel") && key.contains("token")
        })
        .collect();
    fitting.sort_by_key(|(document, ..)| folder.namespace_of(document).as_deref() != Some("cert-manager"));
    let Some((document, path, key)) = fitting.into_iter().next() else { return };
    match below_folder(below_mount(&path, mount), prefix) {
        Some(rest) => found.cloudflare = Some(Seen::in_file((rest.to_owned(), key), &document.file)),
        None => found.notes.push(format!("the Cloudflare token is kept at `{path}`, outside `{prefix}`.")),
    }
}
