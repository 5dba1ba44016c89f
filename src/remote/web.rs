//! Manifests behind http(s) and in OCI registries, each by its digest.

use std::time::Duration;

use super::Error;

/// The text behind an address, refused where its SHA-256 is another one.
#[expect(unused_variables, clippy::todo, clippy::unused_async, reason = "skeleton")]
pub async fn download(url: &str, sha256: &str, timeout: Duration) -> Result<Vec<u8>, Error> {
    todo!()
}

/// The YAML files of an OCI artifact (`registry/repository@sha256:…`), by their path in it, sorted. The layers are gzipped tars.
#[expect(unused_variables, clippy::todo, clippy::unused_async, reason = "skeleton")]
pub async fn pull(reference: &str, timeout: Duration) -> Result<Vec<(String, Vec<u8>)>, Error> {
    todo!()
}
