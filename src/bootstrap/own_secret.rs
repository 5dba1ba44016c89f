//! Secrets in Vault that carry our marks: read unless they are somebody else's, and marked before they are written.

use super::{Error, World};
use crate::remote::Cause;
use crate::remote::vault::KvSecret;

/// The mark that names the Secret which is made of a secret of Vault, as `NAMESPACE/NAME`.
pub const OBJECT: &str = "secret";

impl World {
    /// A secret of Vault.
    ///
    /// # Errors
    /// [`Error::Foreign`] where it carries somebody else's mark; what Vault refuses.
    pub async fn own_secret(&self, mount: &str, path: &str) -> Result<KvSecret, Error> {
        let read = self.vault().await?.read(mount, path).await?;
        let foreign = self.marks().into_iter().find_map(|(key, ours)| {
            let theirs = read.metadata.get(&key).filter(|theirs| **theirs != ours)?;
            Some(format!("{}{theirs}", if key == "cluster" { "the cluster " } else { "" }))
        });
        match foreign {
            None => Ok(read),
            Some(owner) => Err(Error::Foreign {
                object: format!("the secret `{mount}/{path}` in Vault"),
                owner,
                hint: "name another path or prefix, or remove its custom metadata `managed-by` and `cluster`"
                    .into(),
            }),
        }
    }

    /// Whether a secret of Vault carries our marks.
    #[must_use]
    pub fn is_own(&self, read: &KvSecret) -> bool {
        self.marks().iter().all(|(key, value)| read.metadata.get(key) == Some(value))
    }

    /// Marks a secret of Vault as ours. Where that is not allowed, it is said, and no error: the value is what counts, the
    /// mark only tells who wrote it.
    ///
    /// # Errors
    /// What Vault refuses otherwise.
    pub async fn mark_own(&self, mount: &str, path: &str, read: &KvSecret) -> Result<(), Error> {
        self.mark_own_of(mount, path, read, None).await
    }

    /// Marks a secret of Vault as ours, and as what a Secret is made of, if it is known.
    ///
    /// # Errors
    /// As [`World::mark_own`].
    pub async fn mark_own_of(
        &self,
        mount: &str,
        path: &str,
        read: &KvSecret,
        object: Option<&str>,
    ) -> Result<(), Error> {
        let mut marks = self.marks();
        marks.extend(object.map(|object| (OBJECT.to_owned(), object.to_owned())));
        if marks.iter().all(|(key, value)| read.metadata.get(key) == Some(value)) {
            return Ok(());
        }
        match self.vault().await?.mark(mount, path, &marks).await {
            Err(error) if matches!(error.cause, Cause::Forbidden(_)) => {
                self.warn(format!("{error}: {}", error.cause));
                Ok(())
            }
            answer => Ok(answer?),
        }
    }
}
