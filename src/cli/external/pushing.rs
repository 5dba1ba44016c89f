//! Values on their way to Vault: looked for, written, read back.

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::Args;
use futures::{StreamExt, stream};
use rand_core::{OsRng, RngCore};

use crate::bootstrap::{self, OBJECT, World};
use crate::cli::caller::{Caller, in_runtime};
use crate::error::Error;
use crate::external::Push;
use crate::plain::Plain;
use crate::remote::vault::{KvSecret, KvVersion, Vault};
use crate::report::{Event, Outcome};
use crate::settings::KvEngine;

/// How values are written.
#[derive(Debug, Args)]
pub(in crate::cli) struct Manner {
    /// Write nothing, and say what would be written
    #[arg(long)]
    pub(super) plan: bool,
    /// Write over values at paths that nobody has marked, or that are those of another Secret
    #[arg(long)]
    adopt: bool,
    /// Requests to Vault under way at once
    #[arg(long, value_name = "NUMBER", default_value_t = AT_ONCE)]
    at_once: usize,
}

const AT_ONCE: usize = 8;

impl Default for Manner {
    fn default() -> Self {
        Self { plan: false, adopt: false, at_once: AT_ONCE }
    }
}

/// What came of a path.
struct Done {
    outcome: Outcome,
    keys: Vec<String>,
}

/// Writes values, all paths side by side, and tells what came of each. It is an error where one was not
/// written.
pub(in crate::cli) fn perform(
    caller: &Caller,
    mount: &str,
    pushes: Vec<Push>,
    manner: &Manner,
) -> Result<(), Error> {
    let settings = caller.settings(None)?;
    settings.check_vault()?;
    let said = settings.vault.kv;
    let world = World::new(Arc::new(settings), caller.printer.events());
    let total = pushes.len();
    caller.printer.busy();
    let failed = in_runtime(async {
        // One login, and one look at the mount, before anything is asked side by side.
        look(caller, world.vault().await?, mount, said).await?;
        let work = |push: Push| async {
            let (path, from) = (format!("{mount}/{}", push.path), push.place.clone());
            (path, from, one(&world, mount, push, manner).await)
        };
        let mut all = stream::iter(pushes).map(work).buffered(manner.at_once.max(1));
        let (mut errors, mut count) = (Vec::new(), 0);
        while let Some((path, from, done)) = all.next().await {
            count += 1;
            caller.printer.counted(count, total);
            let Done { outcome, keys } = done.unwrap_or_else(|error| {
                errors.push(error.into());
                Done { outcome: Outcome::Failed, keys: Vec::new() }
            });
            caller.printer.event(&Event::Pushed { from, path, outcome, keys });
        }
        Ok(errors)
    });
    caller.printer.idle();
    let failed: Vec<Error> = failed?;
    if failed.is_empty() {
        return Ok(());
    }
    Err(Error::several(format!("{} of {total} paths were not written", failed.len()), failed))
}

/// Says where Vault did not tell which version a mount is of.
pub(super) fn warn_of_assumed(caller: &Caller, vault: &Vault, mount: &str) {
    if vault.is_assumed(mount) {
        caller.warn(&format!(
            "Vault does not tell which version of KV `{mount}` is (403 at `sys/internal/ui/mounts`): the settings' \
             `vault.kv` counts"
        ));
    }
}

/// Looks which version a mount is of, and says what to beware of there.
async fn look(caller: &Caller, vault: &Vault, mount: &str, said: KvEngine) -> Result<(), Error> {
    let version = vault.kv_version(mount).await?;
    warn_of_assumed(caller, vault, mount);
    for warning in warnings(mount, version, said) {
        caller.warn(&warning);
    }
    Ok(())
}

/// What a mount does not do for who writes there, and whether the settings know its version.
fn warnings(mount: &str, version: KvVersion, said: KvEngine) -> Vec<String> {
    let mut all = Vec::new();
    if version == KvVersion::V1 {
        all.push(format!(
            "`{mount}` is KV version 1, which keeps neither versions nor marks: writes are not checked against what was \
             read, and what is ours there is not known for ours"
        ));
    }
    let (is, says) = match (version, said) {
        (KvVersion::V1, KvEngine::V2) => ("v1", "v2"),
        (KvVersion::V2, KvEngine::V1) => ("v2", "v1"),
        (KvVersion::V1, KvEngine::V1) | (KvVersion::V2, KvEngine::V2) => return all,
    };
    all.push(format!(
        "the settings say `vault.kv: {says}`, and `{mount}` is {is}: a store made of them would read other paths"
    ));
    all
}

/// One path.
async fn one(world: &World, mount: &str, push: Push, manner: &Manner) -> Result<Done, bootstrap::Error> {
    let read = world.own_secret(mount, &push.path).await?;
    let place = format!("the secret `{mount}/{}` in Vault", push.path);
    let set = missing(&push, &read);
    let keys: Vec<String> = set.iter().map(|key| (*key).to_owned()).collect();
    if !manner.adopt {
        // The same values at a path of another Secret are not ours either: they change with that.
        not_of_others(world, &push, &place, &read, &keys)?;
    }
    if keys.is_empty() {
        if !manner.plan && another(&push, &read).is_some() {
            world.mark_own_of(mount, &push.path, &read, Some(&push.object)).await?;
        }
        return Ok(Done { outcome: Outcome::Held, keys });
    }
    if manner.plan {
        return Ok(Done { outcome: Outcome::Differs, keys });
    }
    // Before the values: what dies in between leaves nothing that nobody knows for ours.
    world.mark_own_of(mount, &push.path, &read, Some(&push.object)).await?;
    let (vault, path, key) = (world.vault().await?, push.path, rand_key());
    let digest = |value: &Plain| value.mac(&key, path.as_bytes());
    let digests: BTreeMap<String, [u8; 32]> =
        push.values.iter().map(|(key, value)| (key.clone(), digest(value))).collect();
    let set = push.values.into_iter().filter(|(key, _)| keys.contains(key)).collect();
    vault.write(mount, &path, set, &read).await?;
    let after = vault.read(mount, &path).await?;
    let is_there =
        |key: &String, wanted: &[u8; 32]| after.data.get(key).is_some_and(|held| digest(held) == *wanted);
    if digests.iter().all(|(key, wanted)| is_there(key, wanted)) {
        return Ok(Done { outcome: Outcome::Changed, keys });
    }
    Err(bootstrap::Error::Unfit {
        what: place,
        reason: "what was read back is not what was written".into(),
        hint: Some("somebody else writes there too: run it again when they are done".into()),
    })
}

/// Refuses a path that another Secret has, and one that nobody has marked and that holds other values for these keys.
fn not_of_others(
    world: &World,
    push: &Push,
    place: &str,
    read: &KvSecret,
    keys: &[String],
) -> Result<(), bootstrap::Error> {
    let refused = |owner: String, hint: &str| bootstrap::Error::Foreign {
        object: place.to_owned(),
        owner,
        hint: hint.into(),
    };
    if let Some(other) = another(push, read) {
        let hint = "give them different paths: `{namespace}/{name}` in `externalSecrets.path`; or take it over with `--adopt`";
        return Err(refused(format!("the Secret `{other}`, and not `{}`", push.object), hint));
    }
    let others: Vec<String> =
        keys.iter().filter(|key| read.data.contains_key(*key)).map(|key| format!("`{key}`")).collect();
    if others.is_empty() || world.is_own(read) {
        return Ok(());
    }
    let owner = format!("somebody who left no mark, with other values for {}", others.join(", "));
    Err(refused(owner, "name another path with `--path`, or write over them with `--adopt`"))
}

/// The other Secret that has marked a path as its own.
fn another<'r>(push: &Push, read: &'r KvSecret) -> Option<&'r String> {
    read.metadata.get(OBJECT).filter(|other| **other != push.object)
}

/// A key for digests that nobody else can compute.
fn rand_key() -> [u8; 32] {
    let mut key = [0; 32];
    OsRng.fill_bytes(&mut key);
    key
}

/// The keys whose values are not there.
fn missing<'p>(push: &'p Push, read: &KvSecret) -> Vec<&'p str> {
    let is_there = |key: &String, value: &Plain| read.data.get(key).is_some_and(|held| held.same_as(value));
    push.values.iter().filter(|(key, value)| !is_there(key, value)).map(|(key, _)| key.as_str()).collect()
}
