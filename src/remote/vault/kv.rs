//! KV secrets, versions 1 and 2: reading, writing by check-and-set, marks of ownership.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

use super::document::{Document, member};
use super::failure::{Asked, Failure};
use super::property::Property;
use super::wire::Call;
use super::{KvVersion, Vault, mount};
use crate::plain::Plain;
use crate::remote::{Cause, Error};

/// A KV secret as it was read.
pub struct KvSecret {
    /// Its values; JSON values that are no strings appear as their JSON text.
    pub data: BTreeMap<String, Plain>,
    /// The version to check against when writing: 0 where nothing was ever there, and on KV v1.
    pub version: u64,
    /// Whether the newest version is deleted (soft) or destroyed, so that `data` is empty.
    pub deleted: bool,
    /// Custom metadata (v2).
    pub metadata: BTreeMap<String, String>,
    /// The values as they stood in JSON, for what is written back.
    document: Document,
}

impl KvSecret {
    /// Whether a value stays the same where its numbers are read as floating-point ones: External Secrets does so with a whole
    /// path. Texts do.
    #[must_use]
    pub fn is_exact_in_floats(&self, key: &str) -> bool {
        self.document.is_exact_in_floats(key)
    }

    /// What lies under a property, as External Secrets looks for it: the key of that name, else a path through what is no
    /// text.
    #[must_use]
    pub fn property(&self, name: &str) -> Property<'_> {
        match self.data.get(name) {
            Some(value) => Property::Key(value),
            None => self.document.nested(name),
        }
    }
}

impl fmt::Debug for KvSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.data.keys().collect();
        f.debug_struct("KvSecret")
            .field("keys", &keys)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// `data.metadata` of a read.
#[derive(Default, Deserialize)]
struct Version {
    version: u64,
    #[serde(default)]
    custom_metadata: Option<BTreeMap<String, String>>,
}

/// `data` of a metadata read.
#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    custom_metadata: Option<BTreeMap<String, String>>,
    current_version: u64,
}

impl Vault {
    /// The secret at a path; a path where nothing was ever written gives version 0 and no data.
    ///
    /// # Errors
    /// A mount that does not exist or is no KV engine, a missing capability, an answer that is none of KV's.
    pub async fn read(&self, mount: &str, path: &str) -> Result<KvSecret, Error> {
        let at = self.api_path(mount, path).await?;
        let engine = self.kv_version(mount).await?;
        match self.ask_secret(&Call::get(&at), &at, engine, format!("read `{mount}/{path}` in Vault")).await?
        {
            Some(secret) => Ok(secret),
            None => self.absent(mount, path, engine).await,
        }
    }

    /// The secret at a path of the API, such as `secret/data/app`, in its newest version or a named one; nothing where
    /// there is none. Nothing else is asked, so that this takes no right but the one to read it.
    ///
    /// # Errors
    /// A missing capability, an engine of another version, a path that no API path can be made of.
    pub async fn secret_at(
        &self,
        at: &str,
        engine: KvVersion,
        version: Option<&str>,
    ) -> Result<Option<KvSecret>, Error> {
        let action = format!("read `{at}` in Vault");
        if let Some(why) = mount::unsound(at) {
            return Err(Error::new(action, Cause::Local(why)));
        }
        let call = version.map_or_else(|| Call::get(at), |version| Call::version(at, version));
        self.ask_secret(&call, at, engine, action).await
    }

    async fn ask_secret(
        &self,
        call: &Call,
        at: &str,
        engine: KvVersion,
        action: String,
    ) -> Result<Option<KvSecret>, Error> {
        let read = match (self.wire.ask(call).await, engine) {
            (Ok(answer), KvVersion::V1) => of_v1(answer.text()),
            (Ok(answer), KvVersion::V2) => of_v2(answer.text(), false),
            (Err(Failure::Status { code: 404, body, .. }), KvVersion::V2) if has_metadata(&body) => {
                of_v2(&body, true)
            }
            (Err(failure), _) if failure.is_absence() => return Ok(None),
            (Err(failure), _) => Err(failure),
        };
        match read {
            Ok(secret) => Ok(Some(secret)),
            Err(failure) => Err(self.told(failure, action, Asked::open(at, "read")).await),
        }
    }

    /// Nothing was written there yet; metadata may be there all the same, with somebody's mark.
    async fn absent(&self, mount: &str, path: &str, version: KvVersion) -> Result<KvSecret, Error> {
        let mut secret = KvSecret {
            data: BTreeMap::new(),
            version: 0,
            deleted: false,
            metadata: BTreeMap::new(),
            document: Document::default(),
        };
        if version == KvVersion::V1 {
            return Ok(secret);
        }
        let at = format!("{mount}/metadata/{path}");
        match self.wire.ask(&Call::get(&at)).await.and_then(|answer| answer.data::<Metadata>()) {
            Ok(found) => {
                secret.metadata = found.custom_metadata.unwrap_or_default();
                secret.version = found.current_version;
                Ok(secret)
            }
            // Reading metadata is a right of its own, which a run must not depend on.
            Err(failure) if failure.is_denied() || failure.code() == Some(404) => Ok(secret),
            Err(failure) => {
                let action = format!("read the metadata of `{mount}/{path}` in Vault");
                Err(failure.told(action, Asked::open(&at, "read")))
            }
        }
    }

    /// Writes these keys over the secret that was read; its other keys stay as they are. On v2 the write is
    /// checked against the version that was read.
    ///
    /// # Errors
    /// `Cause::Conflict` where it was changed meanwhile; a missing capability; a value that is no text.
    pub async fn write(
        &self,
        mount: &str,
        path: &str,
        set: BTreeMap<String, Plain>,
        read: &KvSecret,
    ) -> Result<(), Error> {
        let at = self.api_path(mount, path).await?;
        let action = || format!("write `{mount}/{path}` in Vault");
        let document = read.document.with(&set).map_err(|key| {
            let why = format!("the value of `{key}` is not UTF-8 text, and Vault keeps only text");
            Error::new(action(), Cause::Local(why)).hint("encode it, for example as base64")
        })?;
        let body = match self.kv_version(mount).await? {
            KvVersion::V1 => document,
            KvVersion::V2 => versioned(&document, read.version),
        };
        // Vault asks for `update` where there is metadata already, and for `create` where there is not.
        let capability = if read.version == 0 { "create and update" } else { "update" };
        let call = Call::post(&at, Zeroizing::new(body.as_bytes().to_vec()));
        let Err(failure) = self.wire.ask(&call).await else { return Ok(()) };
        let error = self.told(failure, action(), Asked::secret(&at, capability)).await;
        Err(match error.cause {
            Cause::Conflict(_) => error.hint("run again: it is looked at anew, and the other change is kept"),
            Cause::Unreachable { .. } | Cause::TimedOut { .. } => error.hint(LOST),
            _ => error,
        })
    }

    /// Adds custom metadata, keeping what is there (v2; nothing happens on v1). Makes the metadata where there
    /// is none yet.
    ///
    /// # Errors
    /// A missing capability (`patch`, or `read` and `update`, on the metadata path).
    pub async fn mark(&self, mount: &str, path: &str, marks: &BTreeMap<String, String>) -> Result<(), Error> {
        let Some(at) = self.metadata_path(mount, path).await? else { return Ok(()) };
        let told = |failure: Failure, capability| {
            failure.told(format!("mark `{mount}/{path}` in Vault as ours"), Asked::open(&at, capability))
        };
        match self.wire.ask(&Call::merge(&at, &json!({ "custom_metadata": marks }))).await {
            // 404: no metadata yet. 403, 405: no right to patch, or a server that cannot (Vault before 1.9).
            Err(failure) if matches!(failure.code(), Some(403..=405)) => {}
            answer => return answer.map(drop).map_err(|failure| told(failure, "patch")),
        }
        let all = match self.wire.ask(&Call::get(&at)).await.and_then(|answer| answer.data::<Metadata>()) {
            Ok(found) => found.custom_metadata.unwrap_or_default(),
            Err(failure) if failure.code() == Some(404) => BTreeMap::new(),
            Err(failure) => return Err(told(failure, "patch")),
        };
        let all: BTreeMap<_, _> = all.iter().chain(marks).collect();
        let call = Call::post_json(&at, &json!({ "custom_metadata": all }));
        self.wire.ask(&call).await.map(drop).map_err(|failure| told(failure, "update"))
    }
}

const LOST: &str = "check that Vault runs, then run the same command again: this may have been written all the same, and is \
                    looked for first";

fn versioned(document: &str, version: u64) -> Zeroizing<String> {
    Zeroizing::new(format!(r#"{{"options":{{"cas":{version}}},"data":{document}}}"#))
}

/// A deleted or destroyed version is answered by 404 with its metadata; an absent secret by 404 without.
fn has_metadata(body: &str) -> bool {
    member(body, "data").and_then(|data| member(data, "metadata")).is_some()
}

fn of_v1(body: &str) -> Result<KvSecret, Failure> {
    let document = member(body, "data").and_then(Document::read).ok_or(Failure::Malformed)?;
    let metadata = BTreeMap::new();
    Ok(KvSecret { data: document.values(), version: 0, deleted: false, metadata, document })
}

fn of_v2(body: &str, deleted: bool) -> Result<KvSecret, Failure> {
    let data = member(body, "data").ok_or(Failure::Malformed)?;
    let document = member(data, "data").and_then(Document::read).ok_or(Failure::Malformed)?;
    let version = member(data, "metadata").ok_or(Failure::Malformed)?;
    let version: Version = serde_json::from_str(version).map_err(|_| Failure::Malformed)?;
    Ok(KvSecret {
        data: document.values(),
        version: version.version,
        deleted,
        metadata: version.custom_metadata.unwrap_or_default(),
        document,
    })
}
