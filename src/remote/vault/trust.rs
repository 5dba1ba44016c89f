//! Which certificates and redirects are trusted, and what a failed connection means.

use std::error::Error as StdError;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::redirect::{Attempt, Policy};
use rustls::CertificateError;
use url::Url;

use crate::plain::Plain;
use crate::remote::{Cause, Error};

/// The deepest chain of redirects that is followed: a standby names the active node, and that is all.
const REDIRECTS: usize = 3;

/// Who vouches for the certificate.
#[derive(Debug, Default)]
pub enum Trust {
    /// The system's authorities.
    #[default]
    System,
    /// Only those in a PEM file.
    File(PathBuf),
    /// Only those in a PEM text.
    Pem(Plain),
}

impl Trust {
    /// The HTTP client that trusts so.
    pub(super) fn client(&self, address: &Url, timeout: Duration) -> Result<reqwest::Client, Error> {
        let mut builder = reqwest::Client::builder()
            .timeout(timeout)
            .redirect(Policy::custom(follow))
            .user_agent(concat!("sealstrap/", env!("CARGO_PKG_VERSION")));
        if is_loopback(address) {
            builder = builder.no_proxy();
        }
        if address.scheme() == "http" {
            // Without TLS there is nobody to trust; loading the system's authorities would only cost time.
            builder = builder.tls_certs_only([]);
        } else if let Some(authorities) = self.authorities()? {
            builder = builder.tls_certs_only(authorities);
        }
        builder
            .build()
            .map_err(|error| unfit(address.as_str(), format!("no client can be made: {}", last(&error))))
    }

    fn authorities(&self) -> Result<Option<Vec<reqwest::Certificate>>, Error> {
        let (name, pem) = match self {
            Self::System => return Ok(None),
            Self::Pem(pem) => ("the authority".to_owned(), certificate(pem).to_vec()),
            Self::File(file) => {
                let name = format!("`{}`", file.display());
                let pem = std::fs::read(file).map_err(|error| bad_file(&name, error.to_string()))?;
                (name, pem)
            }
        };
        let all = reqwest::Certificate::from_pem_bundle(&pem)
            .map_err(|_| bad_file(&name, "it is not PEM".into()))?;
        if all.is_empty() {
            return Err(bad_file(&name, "it holds no certificate (`-----BEGIN CERTIFICATE-----`)".into()));
        }
        Ok(Some(all))
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "sink: a certificate, which is public, becomes what is trusted"
)]
fn certificate(pem: &Plain) -> &[u8] {
    pem.expose()
}

fn bad_file(name: &str, reason: String) -> Error {
    Error::new(format!("read the authority of Vault's certificate from {name}"), Cause::Local(reason)).hint(
        "set `vault.ca` (or VAULT_CACERT) to the PEM file of the authority that signed Vault's certificate",
    )
}

pub(super) fn unfit(address: &str, reason: String) -> Error {
    Error::new(format!("use `{address}` as the address of Vault"), Cause::Local(reason))
}

/// The address, if it is one of http or https.
pub(super) fn address(text: &str) -> Result<Url, Error> {
    let hint = "set `vault.address` or VAULT_ADDR, for example to https://vault.example.com:8200";
    match Url::parse(text) {
        _ if text.is_empty() => Err(unfit(text, "it is empty".into()).hint(hint)),
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        Ok(_) => Err(unfit(text, "it must begin with https:// or http://".into()).hint(hint)),
        Err(error) => Err(unfit(text, error.to_string()).hint(hint)),
    }
}

fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        host == "localhost"
            || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    })
}

/// A redirect that would carry the token where it does not belong.
#[derive(Debug, thiserror::Error)]
#[error("redirected to {to}")]
struct Strayed {
    to: String,
}

/// A standby answers 307 with the address of the active node. The token's header goes along, so only the same
/// origin, or another one whose certificate the same authorities vouch for, is followed.
fn follow(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let fine = attempt.previous().last().is_some_and(|from| {
        from.origin() == attempt.url().origin()
            || (from.scheme() == "https" && attempt.url().scheme() == "https")
    });
    if fine && attempt.previous().len() <= REDIRECTS {
        return attempt.follow();
    }
    let to = attempt.url().origin().ascii_serialization();
    attempt.error(Strayed { to })
}

/// What a failed connection means. Reads types, not texts, wherever there is a type.
pub(super) fn cause(error: &(dyn StdError + 'static), address: &str, timeout: Duration) -> Cause {
    let mut link = Some(error);
    while let Some(current) = link {
        if let Some(found) = known(current, address, timeout) {
            return found;
        }
        link = current.source();
    }
    Cause::Unreachable { address: address.into(), reason: last(error) }
}

fn known(error: &(dyn StdError + 'static), address: &str, timeout: Duration) -> Option<Cause> {
    if let Some(strayed) = error.downcast_ref::<Strayed>() {
        return Some(Cause::Unavailable(format!(
            "`{address}` redirects to `{}`, where the token is not sent: only https to https, or the same host and \
             port, is followed; use the active node's address",
            strayed.to
        )));
    }
    if error.downcast_ref::<reqwest::Error>().is_some_and(reqwest::Error::is_timeout) {
        return Some(Cause::TimedOut { address: address.into(), seconds: timeout.as_secs() });
    }
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(of_tls(tls, address));
    }
    let inner = error.downcast_ref::<io::Error>()?.get_ref()?;
    known(inner, address, timeout)
}

fn of_tls(error: &rustls::Error, address: &str) -> Cause {
    let address = address.to_owned();
    match error {
        rustls::Error::InvalidCertificate(why) => Cause::Untrusted { address, reason: of_certificate(why) },
        rustls::Error::InvalidMessage(_) => {
            Cause::Unreachable { address, reason: "it does not speak TLS; is it an http:// address?".into() }
        }
        other => Cause::Unreachable { address, reason: other.to_string() },
    }
}

fn of_certificate(why: &CertificateError) -> String {
    match why {
        CertificateError::UnknownIssuer => {
            "no trusted authority signed it; name its authority as `vault.ca`".into()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired".into(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet".into()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is for another host name".into()
        }
        CertificateError::BadSignature => "its signature is not by the trusted authority of that name".into(),
        other => other.to_string(),
    }
}

/// The innermost reason: the outer ones only say that a request failed.
fn last(error: &(dyn StdError + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// Whether the certificate of `address` is vouched for by `authority` (PEM) alone; the reason where not.
/// A plain-http address gives `None`.
pub async fn validates(address: &str, authority: Plain, timeout: Duration) -> Option<Result<(), String>> {
    let url = match self::address(address) {
        Ok(url) if url.scheme() == "http" => return None,
        Ok(url) => url,
        Err(error) => return Some(Err(error.cause.to_string())),
    };
    let client = match Trust::Pem(authority).client(&url, timeout) {
        Ok(client) => client,
        Err(error) => return Some(Err(error.cause.to_string())),
    };
    let health = format!("{}/v1/sys/health", address.trim_end_matches('/'));
    // Any answer will do: it came through a handshake that the authority vouched for.
    let answer = client.get(health).send().await;
    Some(answer.map(drop).map_err(|error| cause(&error, address, timeout).to_string()))
}
