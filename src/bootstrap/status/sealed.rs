//! The cross-checks of a bootstrap whose secrets are sealed in the repository: the Git host, the cluster and the sealed
//! file hold the same key and the same token.

use super::{Checked, in_cluster, receiver_path, settled, verdict};
use crate::bootstrap::key_pair::KeyPair;
use crate::bootstrap::sealing::{SealedFile, controller};
use crate::bootstrap::step::{SealedSecret, Step};
use crate::bootstrap::{Error, Finding, Task, World};
use crate::settings::SecretPlace;

/// Makes the checks, where a task seals what they are about.
pub(super) async fn examine(world: &World, tasks: &[Task]) -> Vec<Finding> {
    let steps = tasks.iter().flat_map(|task| &task.steps).filter_map(|step| match step {
        Step::SealedSecret(step) => Some(step),
        _ => None,
    });
    let steps: Vec<&SealedSecret> = steps.collect();
    let (key, token) = tokio::join!(deploy_key(world, &steps), webhook_token(world, &steps));
    [key, token].into_iter().flatten().collect()
}

/// The step that seals a Secret.
fn step<'s>(steps: &[&'s SealedSecret], namespace: &str, name: &str) -> Option<&'s SealedSecret> {
    steps.iter().find(|step| step.namespace == namespace && step.name == name).copied()
}

/// The public key at the Git host, the private key in the Secret and the one in the sealed file are one key.
async fn deploy_key(world: &World, steps: &[&SealedSecret]) -> Checked {
    const CHECK: &str = "one deploy key everywhere";
    let check = async {
        let settings = &world.settings.git;
        let place = settings.deploy_key.secret.key("identity");
        let Some(step) = step(steps, &place.namespace, &place.name) else { return Ok(None) };
        let Some(private) = in_cluster(world, &place).await? else { return Ok(None) };
        let pair = KeyPair::parse(&private).map_err(|why| why.at(&label(&place)))?;
        let listed = world.git_host().await?.deploy_keys().await?;
        let mut defects = Vec::new();
        if !listed.iter().any(|key| KeyPair::same_public(&key.key, &pair.public_line())) {
            defects.push(format!("`{}` does not list the key of {}", settings.repository, label(&place)));
        }
        defects.extend(other_in_file(world, step, &place).await?);
        let sound = "Git host, cluster and sealed file hold the same key";
        Ok(Some(verdict(CHECK, &defects, sound, "sealstrap bootstrap")))
    };
    settled(CHECK, check.await)
}

/// The token in the Secret and in the sealed file, the Receiver's path and the registered webhook belong together.
async fn webhook_token(world: &World, steps: &[&SealedSecret]) -> Checked {
    const CHECK: &str = "one webhook token everywhere";
    let check = async {
        let Some(webhook) = &world.settings.webhook else { return Ok(None) };
        let place = &webhook.secret;
        let Some(step) = step(steps, &place.namespace, &place.name) else { return Ok(None) };
        let Some(token) = in_cluster(world, place).await? else { return Ok(None) };
        let path = format!("/hook/{}", token.sha256_with(&[&webhook.receiver, &webhook.namespace]));
        let url = format!("{}{path}", webhook.url.trim_end_matches('/'));
        let mut defects = Vec::new();
        if !world.git_host().await?.webhooks().await?.iter().any(|hook| hook.url == url) {
            let repository = &world.settings.git.repository;
            defects.push(format!("`{repository}` has no webhook to the path of this token"));
        }
        let listens = receiver_path(world, &webhook.namespace, &webhook.receiver).await?;
        if listens.is_some_and(|real| real != path) {
            let (namespace, name) = (&webhook.namespace, &webhook.receiver);
            defects.push(format!("Receiver `{namespace}/{name}` listens on another path"));
        }
        defects.extend(other_in_file(world, step, place).await?);
        let sound = "cluster, sealed file and webhook belong to the same token";
        Ok(Some(verdict(CHECK, &defects, sound, "sealstrap bootstrap")))
    };
    settled(CHECK, check.await)
}

/// What is wrong with the sealed file of a Secret's key, if anything.
async fn other_in_file(
    world: &World,
    step: &SealedSecret,
    place: &SecretPlace,
) -> Result<Option<String>, Error> {
    let file = SealedFile::read(world, &step.file, &place.namespace, &place.name)?;
    let keys = controller::keys(world, &step.controller).await?;
    let Some(live) = world.cluster().await?.secret(&place.namespace, &place.name).await? else {
        return Ok(None);
    };
    Ok(match file.holds(&place.key, &live, &keys) {
        Some(true) => None,
        Some(false) => Some(format!("{} holds another value than {}", file.label(), label(place))),
        None => Some(format!("{} does not hold it, or no key of the controller opens it", file.label())),
    })
}

fn label(place: &SecretPlace) -> String {
    format!("Secret `{}/{}`", place.namespace, place.name)
}
