//! The text of the settings file: what was found with where, what is missing with what to set.

use std::fmt::Write;

use serde_json::Value;

use super::sync::Install;
use super::webhook::Webhook;
use super::{Found, Seen};
use crate::settings::{GitHostKind, KubernetesRole, SecretPlace, StoreKind};
use crate::yaml;

/// The settings file, with comments that say where each value was found.
#[must_use]
pub fn render(found: &Found) -> String {
    let mut page = Page::default();
    head(&mut page, found);
    cluster(&mut page, found);
    git(&mut page, found);
    vault(&mut page, found);
    secrets(&mut page, found);
    webhook(&mut page, found.webhook.as_ref());
    external_secrets(&mut page, found);
    flux(&mut page, found);
    substitute(&mut page, found);
    page.text
}

/// Text by lines, at a level of indentation.
#[derive(Default)]
struct Page {
    text: String,
    level: usize,
}

impl Page {
    fn line(&mut self, line: &str) {
        let indent = if line.is_empty() { 0 } else { self.level * 2 };
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{:indent$}{line}", "");
    }

    fn comment(&mut self, comment: &str) {
        self.line(format!("# {comment}").trim_end());
    }

    /// A section of its own, with what is in it one level deeper.
    fn section(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        if self.level == 0 {
            self.line("");
        }
        self.line(&format!("{name}:"));
        self.level += 1;
        inside(self);
        self.level -= 1;
    }

    fn value(&mut self, key: &str, value: &str) {
        self.line(&format!("{key}: {}", scalar(value)));
    }

    fn list<'i>(&mut self, key: &str, items: impl IntoIterator<Item = &'i str>) {
        let items: Vec<_> = items.into_iter().map(scalar).collect();
        self.line(&format!("{key}: [{}]", items.join(", ")));
    }

    /// A value with a comment on where it was found.
    fn seen(&mut self, key: &str, seen: Option<&Seen<String>>) {
        if let Some(seen) = seen {
            self.comment(&format!("from {}", seen.place));
            self.value(key, &seen.value);
        }
    }

    fn name(&mut self, key: &str, place: &SecretPlace) {
        let [namespace, name] = [&place.namespace, &place.name].map(|text| scalar(text));
        self.line(&format!("{key}: {{namespace: {namespace}, name: {name}}}"));
    }

    fn place(&mut self, key: &str, place: &SecretPlace) {
        let [namespace, name, at] = [&place.namespace, &place.name, &place.key].map(|text| scalar(text));
        self.line(&format!("{key}: {{namespace: {namespace}, name: {name}, key: {at}}}"));
    }
}

/// A text as a YAML scalar that stays a text, in a list or mapping on one line as well.
fn scalar(text: &str) -> String {
    let written = yaml::to_string(&Value::from(text));
    let written = written.trim_end();
    if written.contains('\n')
        || written.contains(['{', '}', '[', ']', ',']) && !written.starts_with(['"', '\''])
    {
        // JSON's form of a text is YAML's double-quoted one.
        return Value::from(text).to_string();
    }
    written.to_owned()
}

fn head(page: &mut Page, found: &Found) {
    page.comment(
        "Settings of sealstrap, begun by `sealstrap init`. They hold names and places, never a secret value.",
    );
    page.comment(
        "Comments say where each value was found; what is not set has its default. Flags stand over the",
    );
    page.comment("environment, and the environment over this file.");
    for note in &found.notes {
        page.comment("");
        page.comment(&format!("Note: {note}"));
    }
    if !found.tasks.is_empty() {
        page.comment("");
        page.comment("Tasks of this repository, and the one of `sealstrap run` that does their work:");
        for (theirs, ours) in &found.tasks {
            page.comment(&format!("  task {theirs} -> {ours}"));
        }
    }
    page.line("");
    page.line("runbook: flux-vault");
}

fn cluster(page: &mut Page, found: &Found) {
    page.section("cluster", |page| {
        page.comment("A name for titles and marks of ownership.");
        if let Some(name) = &found.cluster {
            page.seen("name", Some(name));
        } else {
            page.value("name", "home");
        }
        page.seen("context", found.context.as_ref());
        if let Some(namespaces) = &found.namespaces {
            page.comment(&format!("from {}", namespaces.place));
            page.list("namespaces", namespaces.value.iter().map(String::as_str));
        }
    });
}

fn git(page: &mut Page, found: &Found) {
    let git = &found.git;
    page.section("git", |page| {
        match git.host {
            Some(GitHostKind::Github) => page.value("host", "github"),
            Some(GitHostKind::Gitea) => page.value("host", "gitea"),
            None if git.repository.is_some() => {
                page.comment(&format!(
                    "Set this: which API `{}` speaks, `github` or `gitea` (Forgejo too).",
                    git.name
                ));
                page.comment("host: gitea");
                page.comment(&format!("api: https://{}", git.name));
            }
            None => {}
        }
        if let Some(api) = &git.api {
            page.value("api", api);
        }
        if let Some(ssh) = &git.ssh {
            page.value("ssh", ssh);
        }
        page.seen("repository", git.repository.as_ref());
        if git.repository.is_none() {
            page.comment("Set this: no Git remote was found.");
            page.comment("repository: owner/name");
        }
        page.seen("branch", git.branch.as_ref());
        page.seen("path", found.path.as_ref());
        deploy_key(page, found);
    });
}

fn deploy_key(page: &mut Page, found: &Found) {
    if found.deploy_key.is_none() && found.deploy_key_title.is_none() {
        return;
    }
    page.section("deployKey", |page| {
        page.seen("title", found.deploy_key_title.as_ref());
        if let Some(key) = &found.deploy_key {
            page.comment(&format!("from {}", key.place));
            page.value("vault", &key.value.vault);
            page.name("secret", &key.value.secret);
        }
    });
}

fn vault(page: &mut Page, found: &Found) {
    let vault = &found.vault;
    page.section("vault", |page| {
        match (&vault.address, &vault.unresolved) {
            (Some(address), _) => page.seen("address", Some(address)),
            (None, Some(unresolved)) => {
                page.comment(&format!("Set this: {} has `{}`.", unresolved.place, unresolved.value));
                page.comment("address: https://vault.example.com:8200");
            }
            (None, None) => {
                page.comment("Set this, or `VAULT_ADDR`: no address of Vault was found.");
                page.comment("address: https://vault.example.com:8200");
            }
        }
        if let Some(ca) = &vault.ca {
            page.comment(&format!("from {}", ca.place));
            page.value("ca", &ca.value.display().to_string());
        }
        page.seen("mount", vault.mount.as_ref());
        page.seen("kv", vault.kv.as_ref());
        page.seen("prefix", vault.prefix.as_ref());
        if let Some(readable) = &vault.readable {
            page.comment(&format!("What the cluster may read; from {}", readable.place));
            page.list("readable", readable.value.iter().map(String::as_str));
        }
        page.seen("policy", vault.policy.as_ref());
        for (key, place) in [("tokenSecret", &vault.token_secret), ("caSecret", &vault.ca_secret)] {
            if let Some(place) = place {
                page.comment(&format!("from {}", place.place));
                page.place(key, &place.value);
            }
        }
    });
}

fn secrets(page: &mut Page, found: &Found) {
    let Some(cloudflare) = &found.cloudflare else { return };
    page.section("secrets", |page| {
        page.comment(&format!("What `store-cf-api-token` stores; from {}", cloudflare.place));
        let [vault, key] = [&cloudflare.value.0, &cloudflare.value.1].map(|text| scalar(text));
        page.line(&format!("cloudflare: {{vault: {vault}, key: {key}, from: {{env: CF_API_TOKEN}}}}"));
    });
}

fn webhook(page: &mut Page, webhook: Option<&Webhook>) {
    let Some(webhook) = webhook else { return };
    let Some(url) = &webhook.url else {
        page.line("");
        page.comment(&format!(
            "Set this to register a webhook for the Receiver `{}`:",
            webhook.receiver.value
        ));
        page.comment("no route to Flux's Service `webhook-receiver` names a host.");
        page.comment("webhook:");
        page.comment("  url: https://flux-webhook.example.com");
        page.comment(&format!("  receiver: {}", scalar(&webhook.receiver.value)));
        return;
    };
    page.section("webhook", |page| {
        page.seen("url", Some(url));
        page.seen("receiver", Some(&webhook.receiver));
        page.value("namespace", &webhook.namespace);
        if !webhook.events.is_empty() {
            page.list("events", webhook.events.iter().map(String::as_str));
        }
        if let Some(token) = &webhook.token {
            page.comment(&format!("from {}", token.place));
            page.value("vault", &token.value.vault);
            page.value("key", &token.value.key);
            page.place("secret", &token.value.secret);
        }
    });
}

fn external_secrets(page: &mut Page, found: &Found) {
    let Some(store) = &found.store else { return };
    page.section("externalSecrets", |page| {
        page.comment(&format!("from {}", store.place));
        let kind = match store.value.kind {
            StoreKind::SecretStore => "SecretStore",
            StoreKind::ClusterSecretStore => "ClusterSecretStore",
        };
        page.line(&format!("store: {{kind: {kind}, name: {}}}", scalar(&store.value.name)));
        match &store.value.login {
            Some(role) => kubernetes(page, role),
            None => page.value("login", "token"),
        }
        if !found.manifests.is_empty() {
            page.comment("Applied as they stand here, in this order.");
            page.section("manifests", |page| {
                found
                    .manifests
                    .iter()
                    .for_each(|file| page.line(&format!("- {}", scalar(&file.display().to_string()))));
            });
        }
    });
}

fn kubernetes(page: &mut Page, role: &KubernetesRole) {
    page.section("login", |page| {
        page.section("kubernetes", |page| {
            page.value("mount", &role.mount);
            page.value("role", &role.role);
            page.value("serviceAccount", &role.service_account);
            page.value("namespace", &role.namespace);
        });
    });
}

fn flux(page: &mut Page, found: &Found) {
    if found.install.is_empty() && found.instance_brought.is_none() {
        return;
    }
    page.section("flux", |page| {
        page.section("install", |page| {
            for install in &found.install {
                page.comment(&format!("from {}", install.place));
                page.line(&match &install.value {
                    Install::Helmfile(file) => {
                        format!(
                            "- {{name: helmfile, from: {{helmfile: {}}}}}",
                            scalar(&file.display().to_string())
                        )
                    }
                    Install::Manifests(file) => {
                        format!(
                            "- {{name: flux-instance, from: {{manifests: [{}]}}}}",
                            scalar(&file.display().to_string())
                        )
                    }
                });
            }
        });
        if let Some(brought) = &found.instance_brought {
            page.comment(&format!("The FluxInstance comes with the {brought}."));
            page.line("instance: {apply: false}");
        }
    });
}

fn substitute(page: &mut Page, found: &Found) {
    if found.substitute.is_empty() {
        return;
    }
    page.line("");
    page.comment(
        "For the manifests above, which Flux would complete later. What stays unresolved is not applied.",
    );
    let known = found.substitute.values().any(Option::is_some);
    page.line(if known { "substitute:" } else { "# substitute:" });
    page.level += 1;
    for (name, value) in &found.substitute {
        match value {
            Some(value) => page.seen(name, Some(value)),
            None => page.comment(&format!("{name}: set this: nothing in the repository gives it a value")),
        }
    }
    page.level -= 1;
}
