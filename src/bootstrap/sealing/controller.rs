//! The controller of sealed-secrets, asked through the Kubernetes API and nothing else: so its certificate is as
//! genuine as the API server.

use std::path::Path;

use crate::bootstrap::step::Needs;
use crate::bootstrap::{Error, World, rights};
use crate::remote::{self, Cause};
use crate::seal::{ACTIVE, Certificate, KEY_LABEL, PrivateKeys, UNLABELLED};
use crate::settings::SealingController;

/// Where a key pair has its private half.
const PRIVATE: &str = "tls.key";

/// What came of asking for the certificate.
pub(crate) enum Asked {
    /// There is no such Service.
    Missing,
    /// It does not answer yet, and why.
    NotYet(String),
    /// It serves one.
    Serves(Box<Served>),
}

/// A certificate as it is served.
pub(crate) struct Served {
    /// What it says.
    pub(crate) certificate: Certificate,
    /// Its bytes.
    pub(crate) pem: Vec<u8>,
}

/// Asks the controller for the certificate that it wants to be used.
///
/// # Errors
/// An API server that cannot be reached or refuses; an answer that is no certificate to seal with.
pub(crate) async fn ask(world: &World, at: &SealingController) -> Result<Asked, Error> {
    let cluster = world.cluster().await?;
    let service = match cluster.service(&at.namespace, &at.name).await {
        Err(remote::Error { cause: Cause::NotFound(_), .. }) => return Ok(Asked::Missing),
        found => found?,
    };
    let answer = cluster.sealing_certificate(&service).await?;
    match answer.status {
        200 => {
            let pem = answer.body.to_vec();
            Ok(Asked::Serves(Box::new(Served { certificate: Certificate::from_pem(&pem)?, pem })))
        }
        status @ (401 | 403) => {
            let action = format!("read the certificate of the controller `{}/{}`", at.namespace, at.name);
            Err(remote::Error::new(action, Cause::Forbidden(service.refusal(status))).into())
        }
        other => Ok(Asked::NotYet(service.refusal(other))),
    }
}

/// The controller's private keys, those that are out of use left out. They stay in memory, and what is done with them
/// is done here and now: nobody else can ask for it.
///
/// # Errors
/// An API server that cannot be reached, or refuses.
pub(crate) async fn keys(world: &World, at: &SealingController) -> Result<PrivateKeys, Error> {
    let cluster = world.cluster().await?;
    let in_use = format!("{KEY_LABEL}={ACTIVE}");
    let (active, legacy) =
        tokio::try_join!(cluster.secrets(&at.namespace, &in_use), cluster.secret(&at.namespace, UNLABELLED))?;
    let place = format!("the sealing keys of namespace `{}`", at.namespace);
    let mut keys = PrivateKeys::new();
    for secret in active.iter().map(|(_, secret)| secret).chain(&legacy) {
        let Some(key) = secret.data.get(PRIVATE) else { continue };
        // The controller passes over what it cannot use as well.
        if let Err(unusable) = keys.add(Path::new(&place), key) {
            world.warn(format!("one of {place} cannot be used: {unusable}"));
        }
    }
    Ok(keys)
}

/// Whether a certificate belongs to one of the keys.
pub(crate) fn is_of(certificate: &Certificate, keys: &PrivateKeys) -> bool {
    let wanted = certificate.recipient.fingerprint();
    keys.iter().any(|key| key.recipient().fingerprint() == wanted)
}

/// What asking for the certificate takes.
pub(crate) fn needs_to_ask(at: &SealingController) -> Needs {
    let mut cluster = rights::rights(&["get"], "", "services", Some(&at.namespace));
    cluster.extend(rights::rights(&["get"], "", "services/proxy", Some(&at.namespace)));
    Needs { cluster, ..Needs::default() }
}

/// What reading the keys takes.
pub(crate) fn needs_to_open(at: &SealingController) -> Needs {
    Needs {
        cluster: rights::rights(&["get", "list"], "", "secrets", Some(&at.namespace)),
        ..Needs::default()
    }
}
