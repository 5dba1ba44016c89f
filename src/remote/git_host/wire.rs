//! What GitHub's and Gitea's clients share: one HTTP client, answers read to their end, and what a failed
//! connection means.

use std::error::Error as StdError;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use reqwest::redirect::Policy;
use serde_json::Value;
use url::{Host, Url};

use super::Access;
use crate::plain::Plain;
use crate::remote::{Cause, Error};

/// An answer, read to its end.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Reply {
    /// The body as JSON; null where it is none.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// A header as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Reads an answer to its end, within the deadline of its request.
pub(super) async fn read(response: reqwest::Response) -> Result<Reply, reqwest::Error> {
    let (status, headers) = (response.status(), response.headers().clone());
    Ok(Reply { status, headers, body: response.bytes().await? })
}

/// The address as a URL: http or https, with a host, without a login in it.
pub(super) fn base(api: &str) -> Result<Url, Error> {
    let wrong = |why: &str| {
        Error::new("use the setting `git.api`", Cause::Local(format!("`{api}` {why}")))
            .hint("write an address such as `https://git.example.com`")
    };
    let url = Url::parse(api.trim_end_matches('/')).map_err(|_| wrong("is not an address"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(wrong("is not an http(s) address"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::new(
            "use the setting `git.api`",
            Cause::Local("it holds a login; the token has a setting of its own, `git.login`".into()),
        ));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(wrong("would send the token unencrypted").hint("use https"));
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// A client with the deadline and the authorities of `access`. It follows no redirect: a token must not
/// travel to another place than the one that was named.
pub(super) fn client(access: &Access, base: &Url) -> Result<reqwest::Client, Error> {
    // The provider may be there already: `main` installs it. reqwest panics without one.
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("sealstrap/", env!("CARGO_PKG_VERSION")))
        .timeout(access.timeout)
        .redirect(Policy::none());
    if is_loopback(base) {
        builder = builder.no_proxy();
    }
    if let Some(file) = &access.ca {
        builder = builder.tls_certs_merge(authorities(file)?);
    } else if base.scheme() == "http" {
        builder = builder.tls_certs_only([]);
    }
    builder.build().map_err(|error| {
        Error::new(format!("open `{base}`"), Cause::Local(innermost(&error)))
            .hint("install the system's certificate authorities, or name one in `git.ca`")
    })
}

fn authorities(file: &std::path::Path) -> Result<Vec<reqwest::Certificate>, Error> {
    let action = || format!("use the authority in {} (`git.ca`)", file.display());
    let pem = std::fs::read(file).map_err(|error| Error::new(action(), Cause::Local(error.to_string())))?;
    match reqwest::Certificate::from_pem_bundle(&pem) {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(Error::new(action(), Cause::Local("it holds no certificate in PEM".into()))),
    }
}

/// Why there was no answer.
pub(super) fn silence(error: &(dyn StdError + 'static), address: &str, timeout: Duration) -> Cause {
    let address = address.to_owned();
    let timed_out = |error: &&(dyn StdError + 'static)| {
        error.downcast_ref::<reqwest::Error>().is_some_and(reqwest::Error::is_timeout)
    };
    if chain(error).any(|error| timed_out(&error)) {
        return Cause::TimedOut { address, seconds: timeout.as_secs() };
    }
    match chain(error).find_map(untrusted) {
        Some(reason) => Cause::Untrusted { address, reason },
        None => Cause::Unreachable { address, reason: innermost(error) },
    }
}

fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}

/// The last error of the chain: the system's own word.
fn innermost(error: &(dyn StdError + 'static)) -> String {
    chain(error).last().map_or_else(String::new, ToString::to_string)
}

/// The complaint about a certificate; an `io::Error` hides what it holds from the chain, perhaps another such.
fn untrusted(error: &(dyn StdError + 'static)) -> Option<String> {
    let Some(tls) = error.downcast_ref::<rustls::Error>() else {
        return untrusted(error.downcast_ref::<std::io::Error>()?.get_ref()?);
    };
    match tls {
        rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer) => {
            Some("no authority that this system knows has signed it; name its own as `git.ca`".into())
        }
        rustls::Error::InvalidCertificate(reason) => Some(reason.to_string()),
        _ => None,
    }
}

/// The token as text that a header can carry.
#[expect(clippy::disallowed_methods, reason = "sink: the Authorization header of the Git host's API")]
pub(super) fn token_text(token: &Plain) -> Result<zeroize::Zeroizing<String>, Error> {
    match token.expose_text() {
        Some(text) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(text),
        _ => Err(Error::new(
            "use the token of the Git host",
            Cause::Local("it is empty or holds a space, a line end or another character no token has".into()),
        )
        .hint("check the source that `git.login` names")),
    }
}

#[cfg(test)]
mod tests {
    use super::base;

    #[test]
    fn a_token_is_sent_in_the_clear_to_this_machine_only() {
        for fine in
            ["https://git.example.com/", "http://127.0.0.1:3000", "http://localhost", "http://[::1]:1"]
        {
            assert!(base(fine).is_ok(), "{fine}");
        }
        for wrong in ["http://git.example.com", "git.example.com", "ssh://git.example.com", "https://a:b@c"] {
            assert!(base(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_address_with_a_login_is_not_repeated() {
        let error = base("https://me:canary@git.example.com").unwrap_err();
        assert!(!format!("{error:?}").contains("canary"));
    }
}
