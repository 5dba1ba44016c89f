//! The certificates that values may be sealed for: those named, or those that the settings and `keys/` hold.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::Error;
use crate::seal::Certificate;
use crate::seal::verify::Pinned;
use crate::settings::SealingSettings;

/// The pinned certificates. Those at an address are left out: no request is made for this.
pub(super) fn of(settings: &SealingSettings, typed: &[PathBuf]) -> Result<Arc<[Pinned]>, Error> {
    if !typed.is_empty() {
        return typed.iter().map(|file| read(file, file.display().to_string(), "")).collect();
    }
    let sealing = &settings.sealing;
    let own = ("", sealing.certificate.as_deref(), "keys/sealing.pem".to_owned());
    let others = sealing.clusters.iter().map(|(name, cluster)| {
        (name.as_str(), cluster.certificate.as_deref(), format!("keys/sealing-{name}.pem"))
    });
    let recovery = sealing.recovery.iter().map(|to| ("", Some(to.certificate.as_str()), String::new()));
    let mut pinned = Vec::new();
    for (cluster, named, default) in std::iter::once(own).chain(others).chain(recovery) {
        let shown = named.unwrap_or(&default);
        let file = settings.root.join(shown);
        if !shown.contains("://") && (named.is_some() || file.is_file()) {
            pinned.push(read(&file, shown.to_owned(), cluster)?);
        }
    }
    Ok(pinned.into())
}

fn read(file: &Path, shown: String, cluster: &str) -> Result<Pinned, Error> {
    let pem =
        std::fs::read(file).map_err(Error::system(format!("read the certificate {}", file.display())))?;
    let recipient = Certificate::from_pem_or_key(&pem)?.recipient;
    Ok(Pinned {
        cluster: cluster.to_owned(),
        file: shown,
        size: recipient.size(),
        fingerprint: recipient.fingerprint().to_owned(),
    })
}
