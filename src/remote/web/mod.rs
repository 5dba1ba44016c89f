//! Manifests behind http(s) and in OCI registries, each by its digest.

mod archive;
mod oci;

pub use oci::pull;

use std::path::PathBuf;
use std::time::Duration;

use sha2::{Digest, Sha256};
use url::Url;

use super::{Cause, Error};

/// The most bytes that are taken for one file or layer.
const LIMIT: usize = 32 << 20;

/// The text behind an address, refused where its SHA-256 is another one.
///
/// # Errors
/// An address or digest that is none; an address that cannot be reached, is not trusted or does not have it; more
/// than 32 MiB; another digest.
pub async fn download(url: &str, sha256: &str, timeout: Duration) -> Result<Vec<u8>, Error> {
    let wanted = sha256.trim_start_matches("sha256:").to_ascii_lowercase();
    let parsed = parsed("download a manifest", url)?;
    let place = shown(&parsed);
    let action = format!("download `{place}`");
    if wanted.len() != 64 || !wanted.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let hint = format!("print it with `curl -fsSL {place} | sha256sum`");
        return Err(invalid(&action, "its `sha256` is not 64 hexadecimal digits".into()).hint(hint));
    }
    let bytes = take(&parsed, &action, timeout).await?;
    let found = base16ct::lower::encode_string(&Sha256::digest(&bytes));
    if found == wanted { Ok(bytes) } else { Err(other_digest(&action, &found, &wanted)) }
}

/// The bytes behind an address, whatever they are: for what is public and checked by other means. Proxies of the
/// environment are honoured.
///
/// # Errors
/// As [`download`], but for the digest.
pub async fn read(url: &str, timeout: Duration) -> Result<Vec<u8>, Error> {
    let parsed = parsed("read from the web", url)?;
    take(&parsed, &format!("read `{}`", shown(&parsed)), timeout).await
}

/// At most [`LIMIT`] bytes.
async fn take(url: &Url, action: &str, timeout: Duration) -> Result<Vec<u8>, Error> {
    let place = shown(url);
    let failed = |error: &reqwest::Error| Error::new(action, cause(&place, timeout, error));
    let client = client(timeout).map_err(|error| failed(&error))?;
    let mut response = client.get(url.clone()).send().await.map_err(|error| failed(&error))?;
    if let Some(cause) = refused(&place, response.status().as_u16()) {
        return Err(Error::new(action, cause));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failed(&error))? {
        if bytes.len() + chunk.len() > LIMIT {
            return Err(invalid(action, format!("it is larger than {} MiB", LIMIT >> 20)));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn other_digest(action: &str, found: &str, wanted: &str) -> Error {
    invalid(action, format!("its SHA-256 is {found}, and {wanted} is wanted"))
        .hint("compare both with what its publisher says; write the new digest only if that is the one")
}

fn client(timeout: Duration) -> Result<reqwest::Client, reqwest::Error> {
    install_provider();
    reqwest::Client::builder()
        .timeout(timeout)
        .user_agent(concat!("sealstrap/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// `main` has done so already; as a library this is the first chance. A provider that is there stays.
fn install_provider() {
    drop(rustls::crypto::ring::default_provider().install_default());
}

fn invalid(action: &str, reason: String) -> Error {
    Error::new(action, Cause::Invalid(reason))
}

fn parsed(action: &str, url: &str) -> Result<Url, Error> {
    Url::parse(url).map_err(|why| invalid(action, format!("`{}` is no address: {why}", told(url))))
}

/// The file of this machine that an address names; nothing where it names no file.
///
/// # Errors
/// An address of a file on another machine.
#[must_use]
pub fn file_of(address: &str) -> Option<Result<PathBuf, Error>> {
    let url = Url::parse(address).ok().filter(|url| url.scheme() == "file")?;
    let elsewhere = || {
        let reason = format!("`{}` names a file on another machine", shown(&url));
        invalid("read a file", reason).hint("write `file:///PATH`, or the path alone")
    };
    Some(url.to_file_path().map_err(|()| elsewhere()))
}

/// A text without what may be secret in it, where it is an address: user, password, query. Of what only resembles an
/// address nothing is told but its scheme.
#[must_use]
pub fn told(named: &str) -> String {
    match (Url::parse(named), named.split_once("://")) {
        (Ok(url), _) if url.has_host() => shown(&url),
        (Err(_), Some((scheme, _))) => format!("{scheme}://…"),
        _ => named.to_owned(),
    }
}

/// The address without what may be secret in it: user, password, query, fragment.
fn shown(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{host}{port}{}", url.scheme(), url.path())
}

/// Why a reply with this status is no answer.
fn refused(place: &str, status: u16) -> Option<Cause> {
    Some(match status {
        200..=299 => return None,
        401 => Cause::Unauthenticated(format!("401: `{place}` wants a login, and none is supported here")),
        403 => Cause::Forbidden(format!("403: `{place}` may not be read by everybody")),
        404 | 410 => Cause::NotFound(format!("{status}: there is nothing at `{place}`")),
        429 => Cause::RateLimited(format!("429: `{place}` has been asked too often")),
        500..=599 => Cause::Unavailable(format!("{status}: `{place}` cannot answer now")),
        _ => Cause::Malformed(format!("`{place}` answered with status {status}")),
    })
}

/// Why there was no reply: too late, not trusted, or no connection.
fn cause(place: &str, timeout: Duration, error: &reqwest::Error) -> Cause {
    let address = place.to_owned();
    if error.is_timeout() {
        return Cause::TimedOut { address, seconds: timeout.as_secs() };
    }
    if let Some(reason) = untrusted(error) {
        return Cause::Untrusted { address, reason };
    }
    let mut deepest: &dyn std::error::Error = error;
    while let Some(next) = deepest.source() {
        deepest = next;
    }
    Cause::Unreachable { address, reason: deepest.to_string() }
}

/// What TLS says, where it is the certificate that was refused.
fn untrusted(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(rustls::Error::InvalidCertificate(reason)) = error.downcast_ref() {
            return Some(reason.to_string());
        }
        // An `io::Error` hides what it holds from the chain, perhaps another such.
        let within = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = within.map_or_else(|| error.source(), |within| Some(within));
    }
    None
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use serde_json::json;
    use sha2::{Digest, Sha256};

    use super::{Cause, download, read, refused, shown, told};
    use crate::sandbox::server::{Fault, Harm, Ledger, Remote, Reply, serve};

    const SECOND: Duration = Duration::from_secs(5);

    /// A server that answers `{}` to everything, the ledger that can harm it, and the digest of its answer.
    async fn server() -> (String, Arc<Ledger>, String) {
        let ledger = Arc::new(Ledger::default());
        let handler = Arc::new(|_| -> futures::future::BoxFuture<'static, Reply> {
            Box::pin(async { Reply::json(200, json!({})) })
        });
        let address = serve(Remote::GitHost, Arc::clone(&ledger), handler).await.unwrap();
        let digest = base16ct::lower::encode_string(&Sha256::digest(b"{}"));
        (format!("http://{address}/a.yaml"), ledger, digest)
    }

    #[tokio::test]
    async fn what_has_the_digest_is_taken() {
        let (url, _, digest) = server().await;
        assert_eq!(download(&url, &digest, SECOND).await.unwrap(), b"{}");
        assert_eq!(download(&url, &format!("sha256:{digest}"), SECOND).await.unwrap(), b"{}");
    }

    #[tokio::test]
    async fn another_digest_is_refused_with_both() {
        let (url, _, digest) = server().await;
        let wanted = "0".repeat(64);
        let error = download(&url, &wanted, SECOND).await.unwrap_err();
        let Cause::Invalid(reason) = &error.cause else { panic!("{error}") };
        assert!(reason.contains(&digest) && reason.contains(&wanted));
        assert!(error.hint.is_some());
    }

    #[tokio::test]
    async fn a_digest_that_is_none_is_refused_before_anything_is_asked() {
        let (url, ledger, _) = server().await;
        assert!(matches!(download(&url, "abc", SECOND).await.unwrap_err().cause, Cause::Invalid(_)));
        assert!(ledger.asked().is_empty());
    }

    #[tokio::test]
    async fn a_missing_file_a_dead_server_and_a_silent_one_are_told_apart() {
        let (url, ledger, digest) = server().await;
        let harm = |harm| Fault { remote: Remote::GitHost, method: None, path: "/".into(), times: 1, harm };
        ledger.harm(harm(Harm::Answer(404, json!({}))));
        assert!(matches!(download(&url, &digest, SECOND).await.unwrap_err().cause, Cause::NotFound(_)));
        ledger.harm(harm(Harm::Stall));
        let silent = download(&url, &digest, Duration::from_millis(50)).await.unwrap_err();
        assert!(matches!(silent.cause, Cause::TimedOut { .. }));
        let dead = download("http://127.0.0.1:1/x", &digest, SECOND).await.unwrap_err();
        assert!(matches!(dead.cause, Cause::Unreachable { .. }));
    }

    #[test]
    fn statuses_are_different_causes() {
        assert!(matches!(refused("x", 401), Some(Cause::Unauthenticated(_))));
        assert!(matches!(refused("x", 403), Some(Cause::Forbidden(_))));
        assert!(matches!(refused("x", 429), Some(Cause::RateLimited(_))));
        assert!(matches!(refused("x", 503), Some(Cause::Unavailable(_))));
        assert!(refused("x", 200).is_none());
    }

    #[test]
    fn what_may_be_secret_in_an_address_is_not_shown() {
        let url = url::Url::parse("https://user:canary@host:8443/a/b.yaml?token=canary").unwrap();
        assert_eq!(shown(&url), "https://host:8443/a/b.yaml");
        assert_eq!(told("ftp://user:canary@host/a#canary"), "ftp://host/a");
        assert_eq!(told("certs/a b.pem"), "certs/a b.pem");
    }

    #[tokio::test]
    async fn what_only_resembles_an_address_is_not_shown_either() {
        let error = read("http://user:canary@host:port/a?token=canary", SECOND).await.unwrap_err();
        assert_eq!(error.cause.to_string(), "`http://…` is no address: invalid port number");
    }
}
