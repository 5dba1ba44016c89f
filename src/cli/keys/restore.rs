//! The way back of sealing keys into a cluster: looked at first, then only what is missing is written.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use serde_json::Value;

use crate::cli::caller::{Caller, in_runtime};
use crate::cli::keyring;
use crate::cli::sealing::controller::{Controller, ControllerFlags};
use crate::error::{Error, Exit};
use crate::plain::Plain;
use crate::remote::cluster::{Apply, ObjectRef, SecretWrite};
use crate::report::{Change, Event, Outcome, Verb};
use crate::seal::{ACTIVE, KEY_LABEL, PrivateKeys, Secret};
use crate::yaml;

/// The name under which events tell of it.
const TASK: &str = "keys restore";

/// Put the sealing keys of a backup into a cluster
///
/// Writes the Secrets that are missing, with their labels and types, into the namespace of the controller. One that is
/// there and holds the same key is left alone; one of that name with other content is never overwritten. A second run
/// writes nothing. Says whether the controller has to be restarted to see them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealstrap keys restore keys.age --identity ~/.age/key.txt --plan
  sealstrap keys restore keys.age --identity ~/.age/key.txt --context new-cluster")]
pub(super) struct Restore {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The private key of age that opens it; without one a passphrase is asked for
    #[arg(long, value_name = "FILE")]
    identity: Vec<PathBuf>,
    /// Tell what would be written, and write nothing
    #[arg(long)]
    plan: bool,
    #[command(flatten)]
    controller: ControllerFlags,
}

impl Restore {
    pub(super) fn perform(self, caller: &Caller) -> Result<Exit, Error> {
        let settings = caller.sealing()?;
        let backup = keyring::opened(&self.file, &mut keyring::identities(&self.identity)?)?;
        let secrets = self.secrets(&backup)?;
        drop(backup);
        caller.printer.busy();
        in_runtime(async {
            let controller = Controller::connect(&settings, &self.controller).await?;
            let missing = missing(&controller, secrets, caller).await?;
            if self.plan {
                planned(&controller, &missing, caller);
            } else {
                write(&controller, missing, caller).await?;
            }
            Ok(Exit::Done)
        })
    }

    /// The Secrets of the backup, each with a key that can be used.
    #[expect(
        clippy::disallowed_methods,
        reason = "sink: the reader of manifests, whose errors show no line of them"
    )]
    fn secrets(&self, backup: &Plain) -> Result<Vec<Secret>, Error> {
        PrivateKeys::new().add(&self.file, backup)?;
        let text = backup.expose_text();
        let documents = text.and_then(|text| yaml::each(&self.file, &text).ok());
        let secrets = documents.and_then(|documents| Secret::of_list(documents).ok());
        let named = |secrets: &Vec<Secret>| {
            !secrets.is_empty() && secrets.iter().all(|secret| !secret.name.is_empty())
        };
        secrets.filter(named).ok_or_else(|| Error::Usage {
            complaint: format!("{} holds keys, but not as Secrets with names", self.file.display()),
            hint: "`kubectl create secret tls NAME --cert … --key …` makes one of a PEM file; give it the label \
                   `sealedsecrets.bitnami.com/sealed-secrets-key=active`"
                .into(),
        })
    }
}

/// The Secrets that are not there. Those that are there and differ are an error before anything is written.
async fn missing(
    controller: &Controller,
    secrets: Vec<Secret>,
    caller: &Caller,
) -> Result<Vec<Secret>, Error> {
    let (mut missing, mut foreign) = (Vec::new(), Vec::new());
    for secret in secrets {
        let Some(there) = controller.cluster.secret(&controller.namespace, &secret.name).await? else {
            missing.push(secret);
            continue;
        };
        let same = there.data.len() == secret.items.len()
            && secret
                .items
                .iter()
                .all(|(key, value)| there.data.get(key).is_some_and(|held| held.same_as(value)));
        if !same {
            foreign.push(format!("`{}`", secret.name));
        } else if there.labels.get(KEY_LABEL) != secret.labels.get(KEY_LABEL) {
            let message = format!(
                "the key `{}` is there and labelled otherwise than in the backup; it is left as it is",
                secret.name
            );
            caller.printer.event(&Event::Warning { message });
        }
    }
    if foreign.is_empty() {
        return Ok(missing);
    }
    let (some, namespace) = (foreign.join(", "), &controller.namespace);
    Err(Error::Usage {
        complaint: format!(
            "Secrets of these names hold something else in `{namespace}`: {some}; nothing was written"
        ),
        hint: "rename or remove them, if they are not needed; they are not overwritten".into(),
    })
}

fn change(controller: &Controller, secret: &Secret) -> Change {
    Change::new(Verb::Create, format!("Secret `{}/{}`", controller.namespace, secret.name))
}

fn planned(controller: &Controller, missing: &[Secret], caller: &Caller) {
    caller.printer.idle();
    caller.printer.event(&Event::TaskPlanned {
        task: TASK.into(),
        summary: "Put the sealing keys of a backup into the cluster".into(),
        changes: missing.iter().map(|secret| change(controller, secret)).collect(),
        after: Vec::new(),
    });
}

async fn write(controller: &Controller, missing: Vec<Secret>, caller: &Caller) -> Result<(), Error> {
    let begun = Instant::now();
    let told = |outcome| {
        let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        caller.printer.event(&Event::TaskFinished { task: TASK.into(), outcome, millis });
    };
    caller.printer.idle();
    if missing.is_empty() {
        told(Outcome::Held);
        return Ok(());
    }
    let mut is_active = false;
    for secret in missing {
        let change = change(controller, &secret);
        is_active |= secret.labels.get(KEY_LABEL).is_none_or(|value| value == ACTIVE);
        if let Err(error) = controller.cluster.apply_secret(to_write(controller, secret), HOW).await {
            told(Outcome::Failed);
            return Err(error.into());
        }
        caller.printer.event(&Event::Changed { task: TASK.into(), change });
    }
    told(Outcome::Changed);
    if is_active {
        say_when_seen(controller, caller).await;
    }
    Ok(())
}

/// Not forced: a Secret that somebody makes meanwhile is theirs.
const HOW: Apply<'static> = Apply { manager: "sealstrap", force: false, dry_run: false };

fn to_write(controller: &Controller, secret: Secret) -> SecretWrite {
    let Secret { name, labels, annotations, kind, items, .. } = secret;
    SecretWrite {
        namespace: controller.namespace.clone(),
        name,
        kind: kind.unwrap_or_else(|| "kubernetes.io/tls".into()),
        labels,
        annotations,
        data: items,
    }
}

/// Says when the controller sees the keys: at once where it watches, else after a restart.
async fn say_when_seen(controller: &Controller, caller: &Caller) {
    let Controller { cluster, namespace, name } = controller;
    let deployment = ObjectRef {
        api_version: "apps/v1".into(),
        kind: "Deployment".into(),
        namespace: Some(namespace.clone()),
        name: name.clone(),
    };
    // Where it cannot be read, the restart does no harm.
    let found = cluster.get(&deployment).await.ok().flatten();
    let watches = found.is_some_and(|found| watches(&found));
    caller.printer.talk(&if watches {
        format!("the controller `{namespace}/{name}` watches for keys, and takes them up by itself")
    } else {
        format!(
            "restart the controller so that it sees them: kubectl -n {namespace} rollout restart deployment/{name}"
        )
    });
}

/// Whether a Deployment runs the controller with `--watch-for-secrets`.
fn watches(deployment: &Value) -> bool {
    let containers = deployment.pointer("/spec/template/spec/containers").and_then(Value::as_array);
    let words = |container: &Value| {
        ["command", "args"]
            .iter()
            .filter_map(|key| container[*key].as_array().cloned())
            .flatten()
            .collect::<Vec<_>>()
    };
    containers.into_iter().flatten().flat_map(words).any(|word| {
        matches!(
            word.as_str(),
            Some("--watch-for-secrets" | "--watch-for-secrets=true" | "-watch-for-secrets")
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_controller_that_watches_is_known_by_its_flag() {
        let of =
            |args: Value| watches(&json!({"spec": {"template": {"spec": {"containers": [{"args": args}]}}}}));
        assert!(of(json!(["--update-status", "--watch-for-secrets"])));
        assert!(!of(json!(["--watch-for-secrets=false"])) && !of(json!(null)) && !watches(&json!({})));
    }
}
