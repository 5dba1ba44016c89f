//! Why there was no reply at all: no connection, or a certificate that nobody vouches for.

use std::error::Error as StdError;
use std::io;

use rustls::CertificateError;

use super::Cluster;
use super::wire::Deed;
use crate::remote::{Cause, Error};

/// The error of a request that got no reply.
pub(super) fn error(error: &(dyn StdError + 'static), cluster: &Cluster, deed: &Deed) -> Error {
    let address = cluster.address.clone();
    if let Some(tls) = find::<rustls::Error>(error) {
        return match tls {
            rustls::Error::InvalidCertificate(reason) => deed
                .error(Cause::Untrusted { address, reason: certificate(reason) })
                .hint("check `certificate-authority` of this cluster in the kubeconfig"),
            rustls::Error::InvalidMessage(_) => {
                deed.error(Cause::Unreachable { address, reason: "it does not speak TLS".into() })
            }
            other => deed.error(Cause::Unreachable { address, reason: format!("TLS failed: {other}") }),
        };
    }
    if find::<io::Error>(error).is_some_and(|error| error.kind() == io::ErrorKind::TimedOut) {
        return cluster.late(deed);
    }
    if let Some(kube::Error::Auth(_)) = find::<kube::Error>(error) {
        let cause = "the credentials of the kubeconfig could not be renewed";
        return deed.error(Cause::Local(cause.into()));
    }
    let reason = find::<io::Error>(error).map_or_else(|| "the connection broke".into(), word);
    deed.error(Cause::Unreachable { address, reason })
        .hint("check that the cluster runs and that the context of the kubeconfig is the one you mean")
}

/// The first error of a kind in the chain of sources; those inside an `io::Error` count.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(found) = inner.and_then(|inner| find(inner as &(dyn StdError + 'static))) {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// The system's word, without the number that it adds.
fn word(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

fn certificate(error: &CertificateError) -> String {
    match error {
        CertificateError::UnknownIssuer => "it is signed by an unknown authority".into(),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired".into(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet; check the clock of this machine".into()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it was made for another name".into()
        }
        other => other.to_string(),
    }
}
