//! What the types alone cannot say: names that Kubernetes takes, addresses, paths in Vault.
//! Each complaint stands at its place in the file.

mod sources;
mod words;

pub(crate) use words::as_label as nearest_label;
pub(super) use words::{address, folder, guarded_address, vault_path};
pub(crate) use words::{label, secret_key, subdomain};

use super::{
    Error, ExternalSecrets, GitHostKind, InstallFrom, Login, Period, Sealing, SealingController, SecretPlace,
    Settings, StoreKind, WebhookSettings,
};
use crate::settings::RemoteUrl;
use crate::yaml::{self, Segment, Tree};

/// The way to a setting.
type Path = Vec<Segment>;

/// A path of keys.
fn at(keys: &[&str]) -> Path {
    keys.iter().copied().map(Segment::from).collect()
}

/// A path with one more step.
fn below(path: &[Segment], next: impl Into<Segment>) -> Path {
    path.iter().cloned().chain([next.into()]).collect()
}

type Checked = Result<(), yaml::Error>;

/// Checks what the file says.
pub(super) fn file(tree: &Tree, settings: &Settings) -> Checked {
    let check = Check { tree };
    check.cluster(settings)?;
    check.git(settings)?;
    check.vault(settings)?;
    check.secrets(settings)?;
    if let Some(webhook) = &settings.webhook {
        check.webhook(webhook)?;
    }
    check.flux(settings)?;
    check.store(settings)?;
    check.substitute(settings)?;
    check.sealing(&settings.sealing)?;
    sources::check(tree, settings)
}

/// Checks the part about sealing alone.
pub(super) fn sealing(tree: &Tree, sealing: &Sealing) -> Checked {
    Check { tree }.sealing(sealing)
}

/// Checks the part about External Secrets alone.
pub(super) fn external(tree: &Tree, external: &ExternalSecrets) -> Checked {
    Check { tree }.external(external)
}

/// Checks what must be given by the file or by the environment.
pub(super) fn whole(settings: &Settings) -> Result<(), Error> {
    if settings.git.host == GitHostKind::Gitea && settings.git.api.is_none() {
        let hint = "set `git.api` to the address of the Gitea or Forgejo server, for example `https://git.example.com`";
        return Err(Error::Needed { setting: "git.api", hint: hint.into() });
    }
    Ok(())
}

struct Check<'t> {
    tree: &'t Tree,
}

impl Check<'_> {
    /// Refuses a value for a reason, unless there is none.
    fn value(&self, path: &[Segment], complaint: Result<(), String>) -> Checked {
        complaint.map_err(|complaint| self.tree.error(path, complaint))
    }

    fn with_hint(&self, path: &[Segment], complaint: Result<(), String>, hint: impl Into<String>) -> Checked {
        complaint.map_err(|complaint| self.tree.error_with_hint(path, complaint, hint))
    }

    fn cluster(&self, settings: &Settings) -> Checked {
        let name = &settings.cluster.name;
        let better = words::as_label(name);
        self.with_hint(&at(&["cluster", "name"]), words::label(name), format!("for example `{better}`"))?;
        let list = at(&["cluster", "namespaces"]);
        let names = self.tree.value.pointer("/cluster/namespaces");
        for name in settings.cluster.namespaces.keys() {
            let index = names
                .and_then(serde_json::Value::as_array)
                .and_then(|names| names.iter().position(|other| other == name));
            let path = index.map_or_else(|| below(&list, name.as_str()), |index| below(&list, index));
            words::label(name).map_err(|complaint| self.tree.error_at_key(&path, complaint))?;
        }
        Ok(())
    }

    fn git(&self, settings: &Settings) -> Checked {
        let git = &settings.git;
        let hint = RemoteUrl::parse(&git.repository).map_or_else(
            || "for example `owner/name`".to_owned(),
            |url| format!("write `{}`", url.repository),
        );
        self.with_hint(&at(&["git", "repository"]), words::repository(&git.repository), hint)?;
        self.value(&at(&["git", "branch"]), words::branch(&git.branch))?;
        self.value(&at(&["git", "path"]), words::folder(&git.path))?;
        if let Some(api) = &git.api {
            self.value(&at(&["git", "api"]), words::guarded_address(api))?;
        }
        if let Some(ssh) = &git.ssh {
            self.value(&at(&["git", "ssh"]), words::host_and_port(ssh))?;
        }
        let key = at(&["git", "deployKey"]);
        self.vault_path(&below(&key, "vault"), &git.deploy_key.vault)?;
        let secret = &git.deploy_key.secret;
        self.value(&below(&below(&key, "secret"), "namespace"), words::label(&secret.namespace))?;
        self.value(&below(&below(&key, "secret"), "name"), words::subdomain(&secret.name))
    }

    fn vault(&self, settings: &Settings) -> Checked {
        let vault = &settings.vault;
        if !vault.address.is_empty() {
            self.value(&at(&["vault", "address"]), words::address(&vault.address))?;
        }
        if let Some(address) = &vault.cluster_address {
            self.value(&at(&["vault", "clusterAddress"]), words::address(address))?;
        }
        self.vault_path(&at(&["vault", "mount"]), &vault.mount)?;
        // An empty folder is the mount itself.
        if !vault.prefix.is_empty() {
            self.vault_path(&at(&["vault", "prefix"]), &vault.prefix)?;
        }
        for (index, path) in vault.readable.iter().enumerate() {
            self.vault_path(&below(&at(&["vault", "readable"]), index), path)?;
        }
        let shortest = Period::hours(1);
        if vault.token_period < shortest {
            let complaint = format!("a token that lives {} is not renewed in time", vault.token_period);
            return Err(self.tree.error_with_hint(
                &at(&["vault", "tokenPeriod"]),
                complaint,
                "an hour or more",
            ));
        }
        self.place(&at(&["vault", "tokenSecret"]), &vault.token_secret)?;
        self.place(&at(&["vault", "caSecret"]), &vault.ca_secret)
    }

    fn secrets(&self, settings: &Settings) -> Checked {
        for (name, secret) in &settings.secrets {
            let path = at(&["secrets", name]);
            if secret.vault.is_none() && secret.secret.is_none() {
                let hint = "write `vault: PATH`, or `secret: {namespace: …, name: …}`";
                return Err(self.tree.error_with_hint(&path, "it names no place to be kept in", hint));
            }
            if let Some(vault) = &secret.vault {
                self.vault_path(&below(&path, "vault"), vault)?;
            }
            if let Some(place) = &secret.secret {
                let path = below(&path, "secret");
                self.value(&below(&path, "namespace"), words::label(&place.namespace))?;
                self.value(&below(&path, "name"), words::subdomain(&place.name))?;
                self.value(&below(&at(&["secrets", name]), "key"), words::secret_key(&secret.key))?;
            }
            self.value(&below(&path, "key"), words::vault_key(&secret.key))?;
        }
        Ok(())
    }

    fn webhook(&self, webhook: &WebhookSettings) -> Checked {
        self.value(&at(&["webhook", "url"]), words::guarded_address(&webhook.url))?;
        self.value(&at(&["webhook", "receiver"]), words::subdomain(&webhook.receiver))?;
        self.value(&at(&["webhook", "namespace"]), words::label(&webhook.namespace))?;
        self.vault_path(&at(&["webhook", "vault"]), &webhook.vault)?;
        self.value(&at(&["webhook", "key"]), words::vault_key(&webhook.key))?;
        if webhook.events.is_empty() {
            return Err(self.tree.error_with_hint(
                &at(&["webhook", "events"]),
                "no event is sent",
                "for example `[push]`",
            ));
        }
        self.place(&at(&["webhook", "secret"]), &webhook.secret)
    }

    fn flux(&self, settings: &Settings) -> Checked {
        for (index, install) in settings.flux.install.iter().enumerate() {
            self.install(&below(&below(&at(&["flux", "install"]), index), "from"), &install.from)?;
        }
        Ok(())
    }

    fn install(&self, path: &[Segment], from: &InstallFrom) -> Checked {
        match from {
            InstallFrom::Oci(image) => self.value(&below(path, "oci"), words::image(image)),
            InstallFrom::Http(manifest) => {
                let path = below(path, "http");
                self.value(&below(&path, "url"), words::address(&manifest.url))?;
                self.value(&below(&path, "sha256"), words::sha256(&manifest.sha256))
            }
            InstallFrom::Manifests(_)
            | InstallFrom::Kustomize(_)
            | InstallFrom::Helm(_)
            | InstallFrom::Helmfile(_) => Ok(()),
        }
    }

    fn external(&self, external: &ExternalSecrets) -> Checked {
        let path = at(&["externalSecrets"]);
        self.value(&below(&below(&path, "store"), "name"), words::subdomain(&external.store.name))?;
        if let Some(version) = &external.version {
            self.with_hint(&below(&path, "version"), words::operator(version), "write it as `2.9`")?;
        }
        Ok(())
    }

    /// A `SecretStore` reads Secrets of its own namespace only, and is read from there only.
    fn store(&self, settings: &Settings) -> Checked {
        let Settings { external_secrets: external, vault, webhook, git, .. } = settings;
        self.external(external)?;
        let path = at(&["externalSecrets", "store"]);
        if external.store.kind == StoreKind::ClusterSecretStore || !external.manifests.is_empty() {
            return Ok(());
        }
        let token = (external.login == Login::Token).then_some(&vault.token_secret);
        let places = [
            ("vault.tokenSecret", token),
            ("vault.caSecret", vault.ca.as_ref().map(|_| &vault.ca_secret)),
            ("webhook.secret", webhook.as_ref().map(|webhook| &webhook.secret)),
        ];
        let own = &git.deploy_key.secret.namespace;
        for (setting, place) in places {
            let Some(SecretPlace { namespace, .. }) = place.filter(|place| place.namespace != *own) else {
                continue;
            };
            let complaint = format!(
                "a `SecretStore` serves its own namespace `{own}` only, and `{setting}` is in `{namespace}`"
            );
            let hint = format!("set `namespace: {own}` there, or the kind to `ClusterSecretStore`");
            return Err(self.tree.error_with_hint(&below(&path, "kind"), complaint, hint));
        }
        Ok(())
    }

    fn substitute(&self, settings: &Settings) -> Checked {
        for name in settings.substitute.keys() {
            words::variable(name)
                .map_err(|complaint| self.tree.error_at_key(&at(&["substitute", name]), complaint))?;
        }
        Ok(())
    }

    fn sealing(&self, sealing: &Sealing) -> Checked {
        let top = at(&["sealing"]);
        self.sealing_target(&top, sealing.fingerprint.as_deref(), &sealing.controller)?;
        if let Some(install) = &sealing.install {
            self.install(&below(&top, "install"), install)?;
        }
        for (name, cluster) in &sealing.clusters {
            let path = below(&below(&top, "clusters"), name.as_str());
            words::label(name).map_err(|complaint| self.tree.error_at_key(&path, complaint))?;
            self.sealing_target(&path, cluster.fingerprint.as_deref(), &cluster.controller)?;
        }
        let recovery = sealing.recovery.as_ref().and_then(|recovery| recovery.fingerprint.as_deref());
        let path = below(&below(&top, "recovery"), "fingerprint");
        recovery.map_or(Ok(()), |fingerprint| self.value(&path, words::sha256(fingerprint)))
    }

    fn sealing_target(
        &self,
        path: &[Segment],
        fingerprint: Option<&str>,
        controller: &SealingController,
    ) -> Checked {
        if let Some(fingerprint) = fingerprint {
            self.value(&below(path, "fingerprint"), words::sha256(fingerprint))?;
        }
        let path = below(path, "controller");
        self.value(&below(&path, "namespace"), words::label(&controller.namespace))?;
        self.value(&below(&path, "name"), words::label(&controller.name))
    }

    fn vault_path(&self, path: &[Segment], value: &str) -> Checked {
        let hint = format!("write `{}`", words::as_vault_path(value));
        self.with_hint(path, words::vault_path(value), hint)
    }

    fn place(&self, path: &[Segment], place: &SecretPlace) -> Checked {
        self.value(&below(path, "namespace"), words::label(&place.namespace))?;
        self.value(&below(path, "name"), words::subdomain(&place.name))?;
        self.value(&below(path, "key"), words::secret_key(&place.key))
    }
}
