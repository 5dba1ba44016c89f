//! OCI artifacts, pulled without a login and by digest only.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::StreamExt;
use oci_client::client::{ClientConfig, ClientProtocol};
use oci_client::errors::OciDistributionError;
use oci_client::manifest::{OciDescriptor, OciImageManifest};
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference};

use super::{Cause, Error, LIMIT, archive, invalid, refused};

/// The kind of configuration that marks an artifact as a Helm chart.
const HELM: &str = "application/vnd.cncf.helm.config.v1+json";

/// The most layers that are read.
const LAYERS: usize = 64;

/// The YAML files of an OCI artifact (`registry/repository@sha256:…`), by their path in it, sorted. The layers are
/// gzipped tars.
///
/// # Errors
/// A reference without a digest; a registry that cannot be reached, is not trusted or refuses; content with another
/// digest; a Helm chart; layers that are too large or hold no manifest.
pub async fn pull(reference: &str, timeout: Duration) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let text = reference.trim_start_matches("oci://");
    let action = format!("pull `{text}`");
    let parsed = pinned(text, &action)?;
    super::install_provider();
    let client = Client::new(config(&parsed, timeout));
    let failed = |error: &OciDistributionError| Error::new(&action, cause(&parsed, timeout, error));
    let pulled = client.pull_image_manifest(&parsed, &RegistryAuth::Anonymous).await;
    let (manifest, _) = pulled.map_err(|error| failed(&error))?;
    let layers = layers(&manifest).map_err(|reason| invalid(&action, reason))?;
    let mut files = BTreeMap::new();
    for layer in layers {
        let blob = blob(&client, &parsed, layer).await.map_err(|problem| match problem {
            Problem::Oci(error) => failed(&error),
            Problem::Words(reason) => invalid(&action, reason),
        })?;
        archive::unpack(&blob, &mut files).map_err(|reason| invalid(&action, reason))?;
    }
    if files.is_empty() {
        return Err(invalid(&action, "no layer holds a `.yaml`, `.yml` or `.json` file".into()));
    }
    Ok(files.into_iter().collect())
}

fn pinned(text: &str, action: &str) -> Result<Reference, Error> {
    let parsed: Reference =
        text.parse().map_err(|_| invalid(action, "it is no reference of an artifact".into()))?;
    if parsed.digest().is_some_and(|digest| digest.starts_with("sha256:")) {
        return Ok(parsed);
    }
    let reason = "it is named by a tag, which can be moved to other content";
    let place = format!("{}/{}", parsed.registry(), parsed.repository());
    Err(invalid(action, reason.into()).hint(format!(
        "resolve the tag with `crane digest {text}` or `oras resolve {text}`, and write `{place}@sha256:…`"
    )))
}

/// Plain http for registries on this machine, https for all others.
fn config(reference: &Reference, timeout: Duration) -> ClientConfig {
    let registry = reference.resolve_registry().to_owned();
    let host = registry.rsplit_once(':').map_or(registry.as_str(), |(host, _)| host);
    let local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    ClientConfig {
        protocol: if local { ClientProtocol::HttpsExcept(vec![registry]) } else { ClientProtocol::Https },
        read_timeout: Some(timeout),
        connect_timeout: Some(timeout),
        user_agent: concat!("sealstrap/", env!("CARGO_PKG_VERSION")),
        ..ClientConfig::default()
    }
}

/// The layers that hold files.
fn layers(manifest: &OciImageManifest) -> Result<Vec<&OciDescriptor>, String> {
    if manifest.config.media_type == HELM {
        return Err("it is a Helm chart; install it with a `helm` step".into());
    }
    if manifest.layers.len() > LAYERS {
        return Err(format!("it has more than {LAYERS} layers"));
    }
    Ok(manifest.layers.iter().filter(|layer| layer.media_type.contains("tar")).collect())
}

/// Why a layer could not be had.
enum Problem {
    Oci(OciDistributionError),
    Words(String),
}

/// A layer's bytes; their digest is checked on the way.
async fn blob(client: &Client, reference: &Reference, layer: &OciDescriptor) -> Result<Vec<u8>, Problem> {
    let mut stream = client.pull_blob_stream(reference, layer).await.map_err(Problem::Oci)?.stream;
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| Problem::Oci(OciDistributionError::IoError(error)))?;
        if bytes.len() + chunk.len() > LIMIT {
            return Err(Problem::Words(format!("a layer is larger than {} MiB", LIMIT >> 20)));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// What the registry's refusal means; its own words are left out.
fn cause(reference: &Reference, timeout: Duration, error: &OciDistributionError) -> Cause {
    let place = reference.resolve_registry();
    match error {
        OciDistributionError::RequestError(error) => super::cause(place, timeout, error),
        OciDistributionError::IoError(error) => Cause::Unreachable {
            address: place.to_owned(),
            reason: format!("the connection broke off, or the content has another digest ({})", error.kind()),
        },
        OciDistributionError::ServerError { code, .. } => refused(place, *code)
            .unwrap_or_else(|| Cause::Malformed(format!("`{place}` answered with status {code}"))),
        OciDistributionError::UnauthorizedError { .. } | OciDistributionError::AuthenticationFailure(_) => {
            Cause::Unauthenticated(format!(
                "`{place}` wants a login, and only public artifacts can be pulled"
            ))
        }
        OciDistributionError::ImageManifestNotFoundError(_) | OciDistributionError::RegistryError { .. } => {
            Cause::NotFound(format!("`{place}` has no such artifact, or it is not public"))
        }
        OciDistributionError::DigestError(_) => {
            Cause::Invalid(format!("what `{place}` sent has another digest than the one asked for"))
        }
        _ => Cause::Malformed(format!("`{place}` answered with what is no OCI artifact")),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use http_body_util::Full;
    use hyper::body::{Bytes, Incoming};
    use hyper::service::service_fn;
    use hyper_util::rt::TokioIo;
    use serde_json::json;
    use sha2::{Digest, Sha256};

    use super::super::archive::tests::layer;
    use super::{Cause, pull};

    const TIMEOUT: Duration = Duration::from_secs(5);

    fn digest(bytes: &[u8]) -> String {
        format!("sha256:{}", base16ct::lower::encode_string(&Sha256::digest(bytes)))
    }

    /// A registry that has these blobs and manifests by the end of their path.
    async fn registry(content: Vec<(String, Vec<u8>)>) -> String {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let content = Arc::new(content);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let content = Arc::clone(&content);
                tokio::spawn(async move {
                    let service = service_fn(move |request: hyper::Request<Incoming>| {
                        let found =
                            content.iter().find(|(end, _)| request.uri().path().ends_with(end.as_str()));
                        let (status, body) = match found {
                            Some((_, body)) => (200, body.clone()),
                            None if request.uri().path() == "/v2/" => (200, Vec::new()),
                            None => {
                                (404, br#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"x"}]}"#.to_vec())
                            }
                        };
                        let reply =
                            hyper::Response::builder().status(status).body(Full::new(Bytes::from(body)));
                        async move { reply }
                    });
                    let serving = hyper::server::conn::http1::Builder::new();
                    drop(serving.serve_connection(TokioIo::new(stream), service).await);
                });
            }
        });
        format!("127.0.0.1:{}/a/b", address.port())
    }

    fn manifest(config: &str, layer: &[u8]) -> Vec<u8> {
        json!({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {"mediaType": config, "digest": digest(b"{}"), "size": 2},
            "layers": [{"mediaType": "application/vnd.cncf.flux.content.v1.tar+gzip",
                "digest": digest(layer), "size": layer.len()}]})
        .to_string()
        .into_bytes()
    }

    #[tokio::test]
    async fn an_artifact_is_pulled_by_its_digest() {
        let layer = layer(&[("b.yaml", "b: 1"), ("a.yaml", "a: 1")]);
        let manifest = manifest("application/vnd.cncf.flux.config.v1+json", &layer);
        let pin = digest(&manifest);
        let place = registry(vec![(pin.clone(), manifest), (digest(&layer), layer)]).await;
        let files = pull(&format!("oci://{place}@{pin}"), TIMEOUT).await.unwrap();
        assert_eq!(files, [("a.yaml".to_owned(), b"a: 1".to_vec()), ("b.yaml".to_owned(), b"b: 1".to_vec())]);
    }

    #[tokio::test]
    async fn a_manifest_with_another_digest_is_refused() {
        let layer = layer(&[("a.yaml", "a: 1")]);
        let pin = digest(b"other");
        let place = registry(vec![(pin.clone(), manifest("x", &layer)), (digest(&layer), layer)]).await;
        let error = pull(&format!("{place}@{pin}"), TIMEOUT).await.unwrap_err();
        assert!(matches!(error.cause, Cause::Invalid(reason) if reason.contains("another digest")));
    }

    #[tokio::test]
    async fn a_layer_with_another_digest_is_refused() {
        let layer = layer(&[("a.yaml", "a: 1")]);
        let manifest = manifest("x", &layer);
        let pin = digest(&manifest);
        let place = registry(vec![(pin.clone(), manifest), (digest(&layer), b"other".to_vec())]).await;
        let error = pull(&format!("{place}@{pin}"), TIMEOUT).await.unwrap_err();
        assert!(error.cause.to_string().contains("another digest"), "{}", error.cause);
    }

    #[tokio::test]
    async fn a_chart_is_refused_with_the_way_to_install_it() {
        let manifest = manifest(super::HELM, b"");
        let pin = digest(&manifest);
        let place = registry(vec![(pin.clone(), manifest)]).await;
        let error = pull(&format!("{place}@{pin}"), TIMEOUT).await.unwrap_err();
        assert!(matches!(error.cause, Cause::Invalid(reason) if reason.contains("`helm` step")));
    }

    #[tokio::test]
    async fn a_tag_is_refused_with_the_way_to_a_digest() {
        let error = pull("registry.example/a/b:v1", TIMEOUT).await.unwrap_err();
        assert!(error.hint.is_some_and(|hint| hint.contains("crane digest registry.example/a/b:v1")));
    }

    #[tokio::test]
    async fn what_is_not_there_and_who_does_not_answer_are_told_apart() {
        let pin = digest(b"x");
        let place = registry(Vec::new()).await;
        let missing = pull(&format!("{place}@{pin}"), TIMEOUT).await.unwrap_err();
        assert!(matches!(missing.cause, Cause::NotFound(_)), "{}", missing.cause);
        let dead = pull(&format!("127.0.0.1:1/a/b@{pin}"), TIMEOUT).await.unwrap_err();
        assert!(matches!(dead.cause, Cause::Unreachable { .. }), "{}", dead.cause);
    }
}
