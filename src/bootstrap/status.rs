//! `status`: is the bootstrap still sound, end to end? Every step's look, and beside them the cross-checks
//! that no single step can make: the same key, token and authority in all the places that hold them.

mod sealed;

use futures::stream::{self, StreamExt};

use super::key_pair::KeyPair;
use super::{Error, Finding, Look, Task, World};
use crate::plain::Plain;
use crate::remote::vault;
use crate::report::Change;
use crate::settings::{Login, SecretPlace};

/// Looks at every task and makes the cross-checks; writes nothing.
///
/// # Errors
/// None of its own: what cannot be found out is a finding.
pub async fn examine(world: &World, tasks: &[Task]) -> Result<Vec<Finding>, Error> {
    let looks = stream::iter(tasks.iter().map(|task| look(world, task))).buffered(16).collect::<Vec<_>>();
    let of_vault = async {
        if !world.uses_vault(tasks) {
            return Vec::new();
        }
        let (key, token, authority, life) =
            tokio::join!(deploy_key(world), webhook_token(world), authority(world), token_life(world));
        [key, token, authority, life].into_iter().flatten().collect::<Vec<_>>()
    };
    let (mut findings, of_vault, of_files) = tokio::join!(looks, of_vault, sealed::examine(world, tasks));
    findings.extend(of_vault);
    findings.extend(of_files);
    Ok(findings)
}

/// What one task sees, as a finding.
async fn look(world: &World, task: &Task) -> Finding {
    let mut changes = Vec::new();
    for step in &task.steps {
        match step.look(world).await {
            Ok(Look::Holds) => {}
            Ok(Look::Differs(differing)) => changes.extend(differing.iter().map(say)),
            Ok(Look::Awaits { input, .. }) => changes.push(format!("{input} is missing")),
            Err(error) => return Finding::unknown(task.short_name(), &error),
        }
    }
    if changes.is_empty() {
        Finding::sound(task.short_name(), task.summary.clone())
    } else {
        Finding::unsound(task.short_name(), changes.join("; "))
            .hint(format!("sealstrap run {}", task.short_name()))
    }
}

fn say(change: &Change) -> String {
    let details =
        if change.details.is_empty() { String::new() } else { format!(": {}", change.details.join(", ")) };
    format!("would {} {}{details}", change.verb.infinitive(), change.object)
}

/// A finding where the check could be made, nothing where it has no subject.
type Checked = Option<Finding>;

fn settled(check: &str, result: Result<Checked, Error>) -> Checked {
    result.unwrap_or_else(|error| Some(Finding::unknown(check, &error)))
}

/// The public key at the Git host, the private key in Vault and the Secret that Flux reads are one key.
async fn deploy_key(world: &World) -> Checked {
    const CHECK: &str = "one deploy key everywhere";
    let check = async {
        let settings = &world.settings;
        let Some(kept) = kept(world, &settings.git.deploy_key.vault, "identity").await? else {
            return Ok(None);
        };
        let public = KeyPair::parse(&kept).map_err(|why| why.at("`identity` in Vault"))?.public_line();
        let listed = world.git_host().await?.deploy_keys().await?;
        let mut defects = Vec::new();
        if !listed.iter().any(|key| KeyPair::same_public(&key.key, &public)) {
            defects.push(format!("`{}` does not list the key that is in Vault", settings.git.repository));
        }
        let place = &settings.git.deploy_key.secret;
        match in_cluster(world, &place.key("identity")).await? {
            Some(flux)
                if KeyPair::parse(&flux)
                    .is_ok_and(|pair| KeyPair::same_public(&pair.public_line(), &public)) => {}
            Some(_) => defects
                .push(format!("Secret `{}/{}` holds another key than Vault", place.namespace, place.name)),
            None => defects.push(format!(
                "Secret `{}/{}` does not exist, or has no key `identity`",
                place.namespace, place.name
            )),
        }
        let sound = "Git host, Vault and cluster hold the same key";
        Ok(Some(verdict(
            CHECK,
            &defects,
            sound,
            "sealstrap bootstrap; then let External Secrets refresh the Secret",
        )))
    };
    settled(CHECK, check.await)
}

/// The token in Vault, the Secret of the Receiver, the Receiver's path and the registered webhook belong together.
async fn webhook_token(world: &World) -> Checked {
    const CHECK: &str = "one webhook token everywhere";
    let check = async {
        let Some(webhook) = &world.settings.webhook else { return Ok(None) };
        let Some(token) = kept(world, &webhook.vault, &webhook.key).await? else { return Ok(None) };
        let path = format!("/hook/{}", token.sha256_with(&[&webhook.receiver, &webhook.namespace]));
        let mut defects = Vec::new();
        let SecretPlace { namespace, name, .. } = &webhook.secret;
        if in_cluster(world, &webhook.secret).await?.is_some_and(|held| !held.same_as(&token)) {
            defects.push(format!("Secret `{namespace}/{name}` holds another token than Vault"));
        }
        let url = format!("{}{path}", webhook.url.trim_end_matches('/'));
        if !world.git_host().await?.webhooks().await?.iter().any(|hook| hook.url == url) {
            defects.push(format!(
                "`{}` has no webhook to the path of this token",
                world.settings.git.repository
            ));
        }
        if receiver_path(world, &webhook.namespace, &webhook.receiver).await?.is_some_and(|real| real != path)
        {
            defects.push(format!(
                "Receiver `{}/{}` listens on another path",
                webhook.namespace, webhook.receiver
            ));
        }
        let sound = "Vault, cluster and webhook belong to the same token";
        Ok(Some(verdict(
            CHECK,
            &defects,
            sound,
            "sealstrap run add-github-webhook; then let External Secrets refresh the Secret",
        )))
    };
    settled(CHECK, check.await)
}

/// The authority in the cluster really vouches for the Vault server.
async fn authority(world: &World) -> Checked {
    const CHECK: &str = "the CA Secret vouches for Vault";
    let check = async {
        let settings = &world.settings.vault;
        if settings.ca.is_none() {
            return Ok(None);
        }
        let SecretPlace { namespace, name, .. } = &settings.ca_secret;
        let Some(held) = in_cluster(world, &settings.ca_secret).await? else {
            return Ok(Some(
                Finding::unsound(CHECK, format!("Secret `{namespace}/{name}` does not exist"))
                    .hint("sealstrap run create-vault-ca-secret"),
            ));
        };
        let timeout = world.settings.timeouts.request.get();
        let address = settings.cluster_address.as_ref().unwrap_or(&settings.address);
        Ok(vault::validates(address, held, timeout).await.map(|verdict| match verdict {
            Ok(()) => Finding::sound(CHECK, format!("the certificate of `{address}` is signed by it")),
            Err(reason) => Finding::unsound(
                CHECK,
                format!("Secret `{namespace}/{name}` does not vouch for `{address}`: {reason}"),
            )
            .hint("put the right authority into the file that `vault.ca` names, then: sealstrap run create-vault-ca-secret"),
        }))
    };
    settled(CHECK, check.await)
}

/// The cluster's token lives, and for how long.
async fn token_life(world: &World) -> Checked {
    const CHECK: &str = "the cluster's Vault token lives";
    const LOW: u64 = 7 * 24 * 3600;
    let check = async {
        if !matches!(world.settings.external_secrets.login, Login::Token) {
            return Ok(None);
        }
        let place = &world.settings.vault.token_secret;
        let Some(token) = in_cluster(world, place).await? else { return Ok(None) };
        let finding = match world.vault().await?.look_up(token).await? {
            None => Finding::unsound(CHECK, "Vault does not know it (any more)"),
            Some(info) if info.policies.contains("root") => Finding::unsound(CHECK, "it is a root token"),
            Some(info) => match info.ttl.map(|ttl| ttl.as_secs()) {
                None => Finding::unsound(CHECK, "it never ends, so a copy of it never does either"),
                Some(left) if left < LOW => Finding::unsound(CHECK, format!("it ends in {}", days(left))),
                Some(left) if info.period.is_none() => Finding::unsound(
                    CHECK,
                    format!("it ends in {} and cannot be renewed beyond: it has no period", days(left)),
                ),
                Some(left) => {
                    Finding::sound(CHECK, format!("it ends in {} unless it is renewed", days(left)))
                }
            },
        };
        let hint = "sealstrap run create-vault-token-secret";
        Ok(Some(if finding.sound { finding } else { finding.hint(hint) }))
    };
    settled(CHECK, check.await)
}

fn verdict(check: &str, defects: &[String], sound: &str, hint: &str) -> Finding {
    if defects.is_empty() {
        Finding::sound(check, sound)
    } else {
        Finding::unsound(check, defects.join("; ")).hint(hint)
    }
}

fn days(seconds: u64) -> String {
    match seconds {
        0..=7_199 => format!("{} minutes", seconds / 60),
        7_200..=172_799 => format!("{} hours", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// A value below the settings' mount and prefix.
async fn kept(world: &World, path: &str, key: &str) -> Result<Option<Plain>, Error> {
    let settings = &world.settings.vault;
    let path =
        if settings.prefix.is_empty() { path.to_owned() } else { format!("{}/{path}", settings.prefix) };
    Ok(world.vault().await?.read(&settings.mount, &path).await?.data.remove(key))
}

async fn in_cluster(world: &World, place: &SecretPlace) -> Result<Option<Plain>, Error> {
    let secret = world.cluster().await?.secret(&place.namespace, &place.name).await?;
    Ok(secret.and_then(|mut secret| secret.data.remove(&place.key)))
}

async fn receiver_path(world: &World, namespace: &str, name: &str) -> Result<Option<String>, Error> {
    let receiver = crate::remote::cluster::ObjectRef {
        api_version: "notification.toolkit.fluxcd.io/v1".into(),
        kind: "Receiver".into(),
        namespace: Some(namespace.to_owned()),
        name: name.to_owned(),
    };
    let receiver = world.cluster().await?.get(&receiver).await?;
    Ok(receiver.and_then(|receiver| Some(receiver["status"]["webhookPath"].as_str()?.to_owned())))
}
