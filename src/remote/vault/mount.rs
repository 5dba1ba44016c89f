//! Mounts: which version of KV an engine speaks, and how the API names a path in it.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use serde::Deserialize;
use tokio::sync::OnceCell;

use super::failure::Asked;
use super::wire::Call;
use super::{KvVersion, Vault};
use crate::remote::{Cause, Error};

#[derive(Deserialize)]
struct Mount {
    path: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    options: Option<Options>,
}

#[derive(Deserialize)]
struct Options {
    #[serde(default)]
    version: Option<String>,
}

impl Vault {
    /// Takes a mount to be of this version where Vault tells of none: `sys/internal/ui/mounts` may be closed on the way, and
    /// values are read and written without it. Nothing is assumed of other mounts.
    pub fn assume(&self, mount: &str, version: KvVersion) {
        let _ = self.usual.set((mount.to_owned(), version));
    }

    /// Whether the version of a mount is that which was assumed.
    #[must_use]
    pub fn is_assumed(&self, mount: &str) -> bool {
        self.assumed.load(Ordering::Relaxed) && self.usual.get().is_some_and(|(usual, _)| usual == mount)
    }

    /// The engine's version at a mount, asked once per mount.
    ///
    /// # Errors
    /// A mount that does not exist, is no KV engine, or is not ours to see.
    pub async fn kv_version(&self, mount: &str) -> Result<KvVersion, Error> {
        let cell: Arc<OnceCell<KvVersion>> = {
            let mut mounts = self.mounts.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(mounts.entry(mount.to_owned()).or_default())
        };
        cell.get_or_try_init(|| self.ask_kv_version(mount)).await.copied()
    }

    async fn ask_kv_version(&self, mount: &str) -> Result<KvVersion, Error> {
        let action = format!("find the KV engine at `{mount}` in Vault");
        if let Some(why) = unsound(mount) {
            return Err(Error::new(action, Cause::Local(why)));
        }
        let at = format!("sys/internal/ui/mounts/{mount}");
        let found = self.wire.ask(&Call::get(&at)).await.and_then(|answer| answer.data::<Mount>());
        match found {
            Ok(found) if found.path.trim_end_matches('/') != mount => Err(Error::new(
                action,
                Cause::Local(format!("the mount there is `{}`", found.path.trim_end_matches('/'))),
            )
            .hint("name that as the mount, and the rest as part of the path")),
            Ok(found) => match version_of(&found) {
                Some(version) => Ok(version),
                None => Err(self.no_kv(action, mount, &found.kind).await),
            },
            // By design Vault answers 403 for a mount that does not exist, even to root.
            Err(failure) if failure.is_denied() => self.untold(action, mount).await,
            Err(failure) => Err(failure.told(action, Asked::open(&at, "read"))),
        }
    }

    async fn no_kv(&self, action: String, mount: &str, kind: &str) -> Error {
        let why = format!("`{mount}` is an engine of type `{kind}`, not `kv`");
        let hint = format!("name a KV engine as the mount{}", others(&self.kv_mounts().await));
        Error::new(action, Cause::Invalid(why)).hint(hint)
    }

    /// The version of a mount that Vault does not tell of: the one that is assumed, where it tells of none at all.
    async fn untold(&self, action: String, mount: &str) -> Result<KvVersion, Error> {
        let usual = self.usual.get().filter(|(usual, _)| usual == mount);
        let is_closed = || async {
            let answer = self.wire.ask(&Call::get("sys/internal/ui/mounts")).await;
            answer.is_err_and(|failure| failure.is_denied())
        };
        match usual {
            Some((_, version)) if is_closed().await => {
                self.assumed.store(true, Ordering::Relaxed);
                Ok(*version)
            }
            _ => Err(self.not_reached(action, mount).await),
        }
    }

    async fn not_reached(&self, action: String, mount: &str) -> Error {
        let why =
            format!("no engine is mounted at `{mount}`, or no policy of the token reaches into it (403)");
        Error::new(action, Cause::Forbidden(why)).hint(format!(
            "mount one with `vault secrets enable -path={mount} -version=2 kv`, or give the token a policy on paths \
             below `{mount}/`{}",
            others(&self.kv_mounts().await)
        ))
    }

    /// The KV engines that the token reaches; none where Vault does not tell.
    async fn kv_mounts(&self) -> Vec<String> {
        #[derive(Deserialize)]
        struct Reached {
            secret: BTreeMap<String, Kind>,
        }
        #[derive(Deserialize)]
        struct Kind {
            #[serde(rename = "type")]
            kind: String,
        }
        let answer = self.wire.ask(&Call::get("sys/internal/ui/mounts")).await;
        let all = answer.and_then(|answer| answer.data::<Reached>()).map(|reached| reached.secret);
        let kv = all.unwrap_or_default().into_iter().filter(|(_, found)| is_kv(&found.kind));
        kv.map(|(path, _)| path.trim_end_matches('/').to_owned()).collect()
    }

    /// The path by which the API (and policies) name a KV path: with `data/` on v2.
    ///
    /// # Errors
    /// As [`Vault::kv_version`]; a path that no API path can be made of.
    pub async fn api_path(&self, mount: &str, path: &str) -> Result<String, Error> {
        if let Some(why) = unsound(path) {
            return Err(Error::new(format!("use the path `{mount}/{path}` in Vault"), Cause::Local(why)));
        }
        Ok(match self.kv_version(mount).await? {
            KvVersion::V1 => format!("{mount}/{path}"),
            KvVersion::V2 => format!("{mount}/data/{path}"),
        })
    }

    /// The path of a KV secret's metadata; nothing on v1, which has none.
    ///
    /// # Errors
    /// As [`Vault::api_path`].
    pub async fn metadata_path(&self, mount: &str, path: &str) -> Result<Option<String>, Error> {
        self.api_path(mount, path).await?;
        let version = self.kv_version(mount).await?;
        Ok((version == KvVersion::V2).then(|| format!("{mount}/metadata/{path}")))
    }
}

fn version_of(mount: &Mount) -> Option<KvVersion> {
    if !is_kv(&mount.kind) {
        return None;
    }
    match mount.options.as_ref().and_then(|options| options.version.as_deref()) {
        Some("2") => Some(KvVersion::V2),
        _ => Some(KvVersion::V1),
    }
}

fn is_kv(kind: &str) -> bool {
    matches!(kind, "kv" | "generic")
}

/// The mounts that may be meant, to be read after what to do.
fn others(mounts: &[String]) -> String {
    match mounts {
        [] => String::new(),
        all => format!("; the token reaches the KV engines `{}`", all.join("`, `")),
    }
}

/// Why no API path can be made of it: an address would silently lose such segments.
pub(super) fn unsound(path: &str) -> Option<String> {
    if path.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
        return Some("write it without slashes at its ends, and without empty, `.` and `..` parts".into());
    }
    path.chars().any(char::is_control).then(|| "it holds a control character".into())
}
