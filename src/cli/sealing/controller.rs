//! The controller of a cluster, through the API server: what it serves, and what its refusals mean.

use std::time::Duration;

use crate::error::Error;
use crate::remote::cluster::{Access, Cluster, Overrides, Service, ServiceAnswer};
use crate::remote::{self, Cause};
use crate::settings::SealingController;

/// The deadline of one request.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How to reach a controller.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Way {
    /// The kubeconfig file and context.
    pub(in crate::cli) kubeconfig: Option<std::path::PathBuf>,
    pub(in crate::cli) context: Option<String>,
    /// Its Service.
    pub(in crate::cli) controller: SealingController,
}

impl Way {
    /// Its cluster and its Service.
    pub(in crate::cli) async fn open(&self) -> Result<(Cluster, Service), Error> {
        let access = Access {
            kubeconfig: self.kubeconfig.clone(),
            context: self.context.clone(),
            timeout: TIMEOUT,
            overrides: Overrides::default(),
        };
        let cluster = Cluster::connect(&access).await?;
        let SealingController { namespace, name } = &self.controller;
        let service = cluster.service(namespace, name).await.map_err(|error| match &error.cause {
            Cause::NotFound(_) => error.hint(
                "name the controller's Service in `sealing.controller` of `sealstrap.yaml`; the Helm chart calls it \
                 `sealed-secrets` unless told otherwise",
            ),
            _ => error,
        })?;
        Ok((cluster, service))
    }

    /// The certificate that it serves, as bytes.
    pub(in crate::cli) async fn served(&self) -> Result<Vec<u8>, Error> {
        let (cluster, service) = self.open().await?;
        let answer = certificate(&cluster, &service).await?;
        if answer.status == 200 {
            return Ok(answer.body.to_vec());
        }
        let action = format!("fetch the certificate of Service `{}/{}`", service.namespace, service.name);
        Err(remote::Error::new(action, cause(answer.status, refused(answer.status, &service))).into())
    }
}

/// Asks for the certificate.
pub(in crate::cli) async fn certificate(
    cluster: &Cluster,
    service: &Service,
) -> Result<ServiceAnswer, remote::Error> {
    cluster.get_from(service, "/v1/cert.pem", "application/x-pem-file, */*").await
}

/// The kind of a refusal.
pub(in crate::cli) fn cause(status: u16, text: String) -> Cause {
    match status {
        401 => Cause::Unauthenticated(text),
        403 => Cause::Forbidden(text),
        404 => Cause::NotFound(text),
        429 => Cause::RateLimited(text),
        _ => Cause::Unavailable(text),
    }
}

/// What a refusal through the proxy means. Its body is not looked at.
pub(in crate::cli) fn refused(status: u16, service: &Service) -> String {
    let Service { namespace, name, port } = service;
    match status {
        401 => "the API server does not accept the credentials (401)".into(),
        403 => format!(
            "the user may not reach it (403): grant `get` and `create` on `services/proxy` `http:{name}:{port}` in \
             namespace {namespace:?}"
        ),
        404 => "the controller does not know this path (404)".into(),
        429 => "the controller asks for fewer requests (429): try again later".into(),
        503 => format!(
            "the API server does not reach service {name:?} (503): it has no ready pod, or a network policy is in the way"
        ),
        other => format!("an error on the server has prevented the request from succeeding ({other})"),
    }
}
