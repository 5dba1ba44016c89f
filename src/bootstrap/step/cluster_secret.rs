//! A Secret in the cluster holds these keys, and leaves no value in an annotation.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::Needs;
use crate::bootstrap::apply::{Stance, named_in, stance};
use crate::bootstrap::{Error, Look, World, rights, sealing};
use crate::plain::Plain;
use crate::remote::cluster::{Apply, Secret, SecretWrite};
use crate::remote::{self, Cause};
use crate::report::{Change, Verb};
use crate::source::{self, Source};

/// The field manager of Secrets that stay ours.
const MANAGER: &str = "sealstrap";

/// Where client-side apply leaves all values of a Secret.
const LAST_APPLIED: &str = "values in the annotation `kubectl.kubernetes.io/last-applied-configuration`";

/// The way on where somebody else manages what is to be written.
const GIVE_UP: &str = "let its owner give up these keys, or choose another name";

/// A Secret in the cluster holds these keys, and leaves no value in an annotation.
///
/// A value that is generated or typed in is asked for only where the key has none yet; a variable that is not set
/// leaves the key as it is. Keys that are not named are kept.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClusterSecret {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(default = "opaque", rename = "type")]
    pub kind: String,
    /// Its labels.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// The keys, and where their values come from.
    pub keys: BTreeMap<String, Source>,
}

fn opaque() -> String {
    "Opaque".into()
}

/// What the sources give for the keys.
#[derive(Debug, Default)]
struct Wanted {
    /// Values that differ from those in the cluster, by key.
    values: BTreeMap<String, Plain>,
    /// Keys whose value is asked for or made only when it is written.
    later: Vec<String>,
    /// A place in Vault or the cluster that holds no value yet.
    awaited: Option<String>,
}

impl ClusterSecret {
    pub(super) async fn look(&self, world: &World) -> Result<Look, Error> {
        let live = world.cluster().await?.secret(&self.namespace, &self.name).await?;
        let wanted = self.wanted(world, live.as_ref()).await?;
        self.compare(&wanted, live.as_ref())
    }

    pub(super) async fn change(&self, world: &World) -> Result<(), Error> {
        match self.apply(world, false).await {
            Err(Error::Remote(remote::Error { cause: Cause::Conflict(text), .. })) => {
                match stance(&named_in(&text)) {
                    Stance::Force => self.apply(world, true).await,
                    Stance::Leave(owner) | Stance::Refuse(owner) => Err(self.foreign(owner, GIVE_UP)),
                }
            }
            done => done,
        }
    }

    /// Looks again and writes; `force` where people are known to own what is written.
    async fn apply(&self, world: &World, force: bool) -> Result<(), Error> {
        let cluster = world.cluster().await?;
        let live = cluster.secret(&self.namespace, &self.name).await?;
        let mut wanted = self.wanted(world, live.as_ref()).await?;
        match self.compare(&wanted, live.as_ref())? {
            Look::Holds => return Ok(()),
            Look::Awaits { input, .. } => {
                let action = format!("write {}", self.label());
                return Err(Error::InputMissing { action, input, makers: Vec::new() });
            }
            Look::Differs(_) => {}
        }
        for key in std::mem::take(&mut wanted.later) {
            let value = world.read(&self.keys[&key]).await?;
            let value = value.ok_or_else(|| source::Error::Empty(self.keys[&key].describe()))?;
            wanted.values.insert(key, value);
        }
        let force = force || matches!(others(&wanted, live.as_ref()), Some(Stance::Force));
        let write = self.write(wanted.values, live);
        Ok(cluster.apply_secret(write, Apply { manager: MANAGER, force, dry_run: false }).await?)
    }

    pub(super) fn needs(&self, world: &World) -> Needs {
        let mut needs = Needs { cluster: rights::secret(&self.namespace), ..Needs::default() };
        self.keys.values().for_each(|source| rights::of_source(&mut needs, source, world));
        needs
    }

    fn label(&self) -> String {
        format!("Secret `{}/{}`", self.namespace, self.name)
    }

    /// Reads the sources, and keeps what differs from the cluster.
    async fn wanted(&self, world: &World, live: Option<&Secret>) -> Result<Wanted, Error> {
        let mut wanted = Wanted::default();
        for (key, source) in &self.keys {
            let there = live.and_then(|live| live.data.get(key)).filter(|value| !value.is_empty());
            if source.is_new_each_time() {
                if there.is_none() {
                    wanted.later.push(key.clone());
                }
                continue;
            }
            match world.read(source).await {
                Ok(Some(value)) => {
                    self.check(key, &value)?;
                    if !there.is_some_and(|there| there.same_as(&value)) {
                        wanted.values.insert(key.clone(), value);
                    }
                }
                Ok(None) => wanted.awaited = Some(source.describe()),
                Err(Error::Source(source::Error::NotSet(_))) if there.is_some() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(wanted)
    }

    fn check(&self, key: &str, value: &Plain) -> Result<(), Error> {
        if key != "ca.crt" || is_certificate(value) {
            return Ok(());
        }
        Err(Error::Unfit {
            what: self.keys[key].describe(),
            reason: format!("key `{key}` of {} must hold certificates in PEM", self.label()),
            hint: Some("name the file that begins with `-----BEGIN CERTIFICATE-----`".into()),
        })
    }

    fn compare(&self, wanted: &Wanted, live: Option<&Secret>) -> Result<Look, Error> {
        if let Some(live) = live {
            self.refuse(wanted, live)?;
            if sealing::is_handed_over(live, &self.name) {
                return self.compare_handed_over(wanted, live);
            }
        }
        let mut keys: Vec<_> = wanted.values.keys().chain(&wanted.later).cloned().collect();
        keys.sort();
        let verb = if live.is_some() { Verb::Update } else { Verb::Create };
        let mut change = Change { details: keys, ..Change::new(verb, self.label()) };
        if let Some(input) = wanted.awaited.clone() {
            return Ok(Look::Awaits { change, input });
        }
        let Some(live) = live else { return Ok(change.into()) };
        let differs = |(name, value): &(&String, &String)| live.labels.get(*name) != Some(value);
        let labels = self.labels.iter().filter(differs).map(|(name, _)| format!("label `{name}`"));
        change.details.extend(labels);
        if live.has_last_applied {
            change.details.push(LAST_APPLIED.into());
        }
        Ok(if change.details.is_empty() { Look::Holds } else { change.into() })
    }

    /// A Secret that was sealed into the repository and taken over by the controller holds as long as its values are the
    /// wanted ones. Others belong into its sealed file.
    fn compare_handed_over(&self, wanted: &Wanted, live: &Secret) -> Result<Look, Error> {
        if wanted.values.is_empty() && wanted.later.is_empty() && wanted.awaited.is_none() {
            return Ok(Look::Holds);
        }
        let owner = live.owner.as_deref().unwrap_or_default();
        Err(self.foreign(format!("`{owner}`"), sealing::FILE_LEADS))
    }

    /// Refuses a Secret that is somebody else's, or that cannot become what is wanted.
    fn refuse(&self, wanted: &Wanted, live: &Secret) -> Result<(), Error> {
        if let Some(owner) = live.owner.as_ref().filter(|_| !sealing::is_handed_over(live, &self.name)) {
            return Err(self.foreign(format!("`{owner}`"), "write to the place that it reads from instead"));
        }
        if live.kind != self.kind {
            return Err(Error::Unfit {
                what: self.label(),
                reason: format!(
                    "its type is `{}`, and the type of a Secret cannot be changed to `{}`",
                    live.kind, self.kind
                ),
                hint: Some("delete it by hand if nothing uses it any more, and run again".into()),
            });
        }
        if sealing::is_handed_over(live, &self.name) {
            return Ok(());
        }
        match others(wanted, Some(live)) {
            Some(Stance::Refuse(owner) | Stance::Leave(owner)) => Err(self.foreign(owner, GIVE_UP)),
            Some(Stance::Force) | None => Ok(()),
        }
    }

    fn foreign(&self, owner: String, hint: &str) -> Error {
        Error::Foreign { object: self.label(), owner, hint: hint.into() }
    }

    /// The Secret as it is applied: new values, and beside them all that was applied under our name before, which
    /// server-side apply would else remove.
    fn write(&self, values: BTreeMap<String, Plain>, live: Option<Secret>) -> SecretWrite {
        let mut data = BTreeMap::new();
        if let Some(live) = live {
            let managers = live.managers;
            let ours = |key: &String| managers.get(key).is_some_and(|manager| manager == MANAGER);
            data.extend(live.data.into_iter().filter(|(key, _)| ours(key) || self.keys.contains_key(key)));
        }
        data.extend(values);
        SecretWrite {
            namespace: self.namespace.clone(),
            name: self.name.clone(),
            kind: self.kind.clone(),
            labels: self.labels.clone(),
            annotations: BTreeMap::new(),
            data,
        }
    }
}

/// What other managers of the keys to be written mean; nothing where there are none.
fn others(wanted: &Wanted, live: Option<&Secret>) -> Option<Stance> {
    let mut disputes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for key in wanted.values.keys().chain(&wanted.later) {
        if let Some(manager) = live?.managers.get(key).filter(|manager| *manager != MANAGER) {
            disputes.entry(manager.clone()).or_default().push(key.clone());
        }
    }
    if disputes.is_empty() { None } else { Some(stance(&disputes)) }
}

/// Whether a value has the shape of PEM certificates (RFC 7468): headers, footers, and base64 between them.
#[expect(
    clippy::disallowed_methods,
    reason = "sink: a look at the shape of a public certificate, kept nowhere"
)]
fn is_certificate(value: &Plain) -> bool {
    let Some(text) = value.expose_text() else { return false };
    let is_base64 = |line: &str| line.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b));
    let (mut inside, mut lines, mut found) = (false, 0_usize, 0_usize);
    for line in text.lines().map(str::trim) {
        match line {
            "-----BEGIN CERTIFICATE-----" if !inside => (inside, lines) = (true, 0),
            "-----END CERTIFICATE-----" if inside && lines > 0 => (inside, found) = (false, found + 1),
            _ if inside && !line.is_empty() && is_base64(line) => lines += 1,
            _ if inside || line.starts_with("-----") => return false,
            _ => {}
        }
    }
    found > 0 && !inside
}

#[cfg(test)]
mod tests;
